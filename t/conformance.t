#!/usr/bin/python3
"""Each component's CONFORMANCE names tests: they exist, and they passed;
and no MUST of any section is forgotten.

The scripts of t/e2e leave what they printed in t/results of the build
folder; those of now are later than the script and the program.  With E2E=no
nothing has run, and only the existence of the tests is looked at."""
import glob
import os
import re
import sys

SOURCE = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
BUILD = os.environ.get("ANNEX_BUILDDIR", SOURCE)


LEVEL = re.compile(r"(?P<strict>(?:MUST|SHALL)(?: NOT)?|REQUIRED)"
                   r"(?P<numbers>(?: \d+)+)"
                   r"|SHOULD(?: NOT)?|(?:NOT )?RECOMMENDED|MAY|OPTIONAL|says")


class Line:
    """A line that names a test, or says why there is none."""

    def __init__(self, number, text):
        parts = [part.strip() for part in text.split("|")]
        section, _, level = parts[0].partition(" ")
        matched = LEVEL.fullmatch(level)
        self.number = number
        self.good = len(parts) == 4 and all(parts) and matched is not None
        if self.good:
            self.section = section
            self.numbers = [int(word) for word in
                            (matched["numbers"] or "").split()]
            self.script, self.test = parts[2:]


def read(path):
    """The lines, and how many MUSTs each section has."""
    lines, has = [], {}
    with open(path) as file:
        for number, text in enumerate(file, 1):
            count = re.fullmatch(r"(\S+) has (\d+)\n", text)
            if count:
                has[count[1]] = int(count[2])
            elif text.strip() and not text.startswith("#"):
                lines.append(Line(number, text))
    return lines, has


def gaps(lines, has):
    """What is wrong with the numbers."""
    total = has.pop("all", None)
    if total != sum(has.values()):
        yield f"all have {total}, but the sections {sum(has.values())}"
    named = {section: set() for section in has}
    for line in lines:
        if line.good and line.numbers:
            named.setdefault(line.section, set()).update(line.numbers)
    for section, numbers in named.items():
        for number in numbers ^ set(range(1, has.get(section, 0) + 1)):
            yield (f"{section} has no MUST {number}" if number in numbers
                   else f"{section}: no line has MUST {number}")


def defined(component):
    """The tests of each script."""
    found = {}
    for path in glob.glob(f"{SOURCE}/t/e2e/{component}/*.t"):
        with open(path) as file:
            found[os.path.basename(path)] = set(
                re.findall(r'^@test\("(.*)"\)$', file.read(), re.M))
    return found


def is_stale(result, script, program):
    made = os.path.getmtime(result)
    return any(os.path.exists(path) and os.path.getmtime(path) > made
               for path in (script, program))


def outcomes(component, script):
    """Whether each test of a script passed wherever it ran."""
    passed = {}
    source = f"{SOURCE}/t/e2e/{component}/{script}"
    program = f"{BUILD}/annex-{component}"
    for path in glob.glob(f"{BUILD}/t/results/{component}/*/{script}"):
        if is_stale(path, source, program):
            continue
        with open(path) as file:
            for line in file:
                found = re.match(r"(not )?ok \d+ - (.*)$", line.rstrip("\n"))
                if found:
                    passed[found[2]] = (passed.get(found[2], True)
                                        and not found[1])
    return passed


def judge(line, tests, passed):
    """What is wrong with a line; None when all is well."""
    if not line.good:
        return "is not SECTION LEVEL | what | script | test"
    script, name = line.script, line.test
    if script == "-":
        return None
    if script not in tests:
        return f"{script} does not exist"
    if name not in tests[script]:
        return f"{script} has no test '{name}'"
    if passed is None:
        return None
    if name not in passed[script]:
        return f"{script}: '{name}' did not run"
    return None if passed[script][name] else f"{script}: '{name}' failed"


def complaints(path, lines, ran):
    component = os.path.basename(os.path.dirname(path))
    tests = defined(component)
    passed = {script: outcomes(component, script)
              for script in tests} if ran else None
    for line in lines:
        what = judge(line, tests, passed)
        if what:
            yield f"line {line.number}: {what}"


def say(number, name, wrong):
    print(f"{'not ' if wrong else ''}ok {number} - {name}")
    for what in wrong:
        print(f"# {what}")
    return not wrong


def main():
    paths = sorted(glob.glob(f"{SOURCE}/components/*/CONFORMANCE"))
    ran = os.environ.get("E2E") != "no"
    verb = "exist and passed" if ran else "exist"
    print(f"1..{2 * len(paths)}")
    results = []
    for number, path in enumerate(paths):
        lines, has = read(path)
        name = os.path.relpath(path, f"{SOURCE}/components")
        results += [
            say(2 * number + 1, f"the tests of {name} {verb}",
                list(complaints(path, lines, ran))),
            say(2 * number + 2, f"every MUST is in {name}",
                list(gaps(lines, has)))]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
