#!/usr/bin/python3
"""Each component's CONFORMANCE names tests: they exist, and they passed.

The scripts of t/e2e leave what they printed in t/results of the build
folder; those of now are later than the script and the program.  With E2E=no
nothing has run, and only the existence of the tests is looked at."""
import glob
import os
import re
import sys

SOURCE = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
BUILD = os.environ.get("ANNEX_BUILDDIR", SOURCE)


def lines(path):
    """(number, script, test) of each line that names a test."""
    with open(path) as file:
        for number, line in enumerate(file, 1):
            if line.startswith("#") or not line.strip():
                continue
            parts = [part.strip() for part in line.split("|")]
            if len(parts) != 4 or not all(parts):
                yield number, None, line.strip()
            elif parts[2] != "-":
                yield number, parts[2], parts[3]


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


def judge(script, name, tests, passed):
    """What is wrong with a line; None when all is well."""
    if script is None:
        return "is not SECTION LEVEL | what | script | test"
    if script not in tests:
        return f"{script} does not exist"
    if name not in tests[script]:
        return f"{script} has no test '{name}'"
    if passed is None:
        return None
    if name not in passed[script]:
        return f"{script}: '{name}' did not run"
    return None if passed[script][name] else f"{script}: '{name}' failed"


def check(path, number, ran):
    component = os.path.basename(os.path.dirname(path))
    tests = defined(component)
    passed = {script: outcomes(component, script)
              for script in tests} if ran else None
    wrong = [f"{line}: {what}" for line, script, name in lines(path)
             for what in [judge(script, name, tests, passed)] if what]
    verb = "exist and passed" if ran else "exist"
    print(f"{'not ' if wrong else ''}ok {number} - "
          f"the tests of {component}/CONFORMANCE {verb}")
    for what in wrong:
        print("# CONFORMANCE:" + what)
    return not wrong


def main():
    paths = sorted(glob.glob(f"{SOURCE}/components/*/CONFORMANCE"))
    ran = os.environ.get("E2E") != "no"
    print(f"1..{len(paths)}")
    results = [check(path, number, ran)
               for number, path in enumerate(paths, 1)]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
