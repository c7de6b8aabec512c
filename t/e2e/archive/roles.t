#!/usr/bin/python3
"""Who may do what with the archive by XMPP (XEP-0050)."""
import sys
sys.path.append(sys.path[0] + "/../../lib")
from adhoc import Commander, Refused
from guest import equal
from record import scene, test
from stage import DOMAIN

ROLES = {
    "nurse": ("admins", {"status", "estimate", "retention", "erase",
                         "journal", "hold-add", "hold-list", "hold-remove"}),
    "escalus": ("auditors", {"search", "events", "audit"}),
    "laurence": ("reviewers", {"held", "release", "reject"}),
    "romeo": (None, set()),
}
ALL = set().union(*(nodes for _, nodes in ROLES.values()))
# What each wants to know, so that nothing but the role is missing.
FIELDS = {
    "estimate": {"users": "10"}, "erase": {"user": f"juliet@{DOMAIN}"},
    "hold-add": {"matter": "m", "whose": f"juliet@{DOMAIN}"},
    "hold-remove": {"matter": "m"}, "journal": {"what": "list"},
    "audit": {"what": "list"}, "release": {"id": "x"}, "reject": {"id": "x"},
}


def commander(stage, name):
    one = Commander(stage, name)
    one.to = f"archive.{DOMAIN}"
    return one


def refused(who, node):
    """Whether he may not, with all that is asked for."""
    try:
        who.send(node, "complete", fields=FIELDS.get(node, {}))
    except Refused as problem:
        return "forbidden" in problem.conditions
    return False


@test("lists to each what is for the role, and nothing else")
def listed(stage):
    for name, (_, nodes) in ROLES.items():
        who = commander(stage, name)
        equal(set(who.nodes()) & ALL, nodes)
        who.close()


@test("refuses to all others what is for a role, and does nothing of it")
def others(stage):
    for name, (_, nodes) in ROLES.items():
        who = commander(stage, name)
        equal({node for node in ALL if not refused(who, node)} - nodes,
              set())
        who.close()

    for name, (_, nodes) in ROLES.items():
        done = {action for action, in stage.ask(
            "SELECT action FROM audit_entry WHERE who LIKE "
            f"'{name}@{DOMAIN}%'")}
        equal(done - nodes, set())


@test("does what an administrator asks for")
def asked(stage):
    who = commander(stage, "nurse")

    who.run("hold-add", matter="m", whose=f"juliet@{DOMAIN}")
    equal([row["whose"] for row in who.run("hold-list").rows],
          [f"juliet@{DOMAIN}"])
    who.run("hold-remove", matter="m")
    who.run("erase", user=f"juliet@{DOMAIN}")
    who.run("retention")
    who.run("journal", what="list")

    equal([action for action, in stage.ask(
        "SELECT action FROM audit_entry WHERE who LIKE "
        f"'nurse@{DOMAIN}%' ORDER BY number")][-6:],
        ["hold-add", "hold-list", "hold-remove", "erase", "retention",
         "journal"])
    who.close()


scene("\n".join(f'{role} = {{ "{name}@{DOMAIN}" }}'
                for name, (role, _) in ROLES.items() if role))
