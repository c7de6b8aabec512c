"""What policy.yaml says of what annex-archive asks, and takes for an answer."""
import os

import jsonschema
import yaml

PATH = os.path.join(os.path.dirname(__file__),
                    "../../components/archive/policy.yaml")

with open(PATH, encoding="utf-8") as file:
    COMPONENTS = yaml.safe_load(file)["components"]


# What OpenAPI 3.0 has is of this draft.
CHECKERS = {
    name: jsonschema.Draft4Validator(
        {"$ref": f"#/components/schemas/{name}", "components": COMPONENTS})
    for name in COMPONENTS["schemas"]}


def faults(name, value):
    """What of that is not as the schema of that name says."""
    return [error.message for error in CHECKERS[name].iter_errors(value)]


def question_faults(question):
    """The same of a question, which has nothing that is not described."""
    known = COMPONENTS["schemas"]["Question"]["properties"]
    return faults("Question", question) + [
        f"{name} is not described" for name in question if name not in known]
