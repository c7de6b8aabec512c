"""Runs the tests of a script and prints TAP.

    @test("what is expected")
    def anything(stage): ...

    scene()

The outcome is also written to t/results of the build folder, where
conformance.t finds which tests ran."""
import atexit
import os
import signal
import sys
import traceback

from process import ProcessError
from stage import Stage

tests = []


def test(name):
    def add(function):
        tests.append((name, function))
        return function
    return add


def results_path():
    build = os.environ.get("ANNEX_BUILDDIR", os.getcwd())
    script = os.path.abspath(sys.argv[0])
    folder = os.path.basename(os.path.dirname(script))
    combination = "-".join([os.environ.get("ROUTER", "prosody"),
                            os.environ.get("DB", "sqlite")])
    return os.path.join(build, "t/results", folder, combination,
                        os.path.basename(script))


class Report:
    def __init__(self):
        self.lines = []
        self.failed = False

    def say(self, line):
        self.lines.append(line)
        print(line, flush=True)

    def comment(self, text):
        for line in text.splitlines():
            print("# " + line, flush=True)

    def save(self):
        path = results_path()
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write("\n".join(self.lines) + "\n")


def perform(report, stage, number, name, function):
    since = stage.log_length()
    try:
        function(stage)
        stage.hush()
        stage.verify(since)
        report.say(f"ok {number} - {name}")
    except Exception as problem:
        report.failed = True
        report.say(f"not ok {number} - {name}")
        report.comment(why(problem))
        report.comment(stage.log_since(since))
        recover(stage, report)
    stage.places.clear()


def recover(stage, report):
    """What follows shall not fail because of what has failed."""
    try:
        stage.dismiss()
        stage.revive()
    except Exception as problem:
        report.comment(why(problem))


def why(problem):
    frames = [f"{os.path.basename(frame.filename)}:{frame.lineno} "
              f"{frame.line}" for frame in
              traceback.extract_tb(problem.__traceback__)]
    return "\n".join(frames) + f"\n{type(problem).__name__}: {problem}"


def last_words(report, stage):
    """The component must end well, whatever tests it went through."""
    try:
        if stage.annex is not None:
            stage.annex.stop()
    except ProcessError as problem:
        report.failed = True
        print(problem, file=sys.stderr)


def scene(settings="", stage_class=Stage):
    """settings: lines of the configuration's section muc."""
    report = Report()
    stage = stage_class(settings)
    atexit.register(stage.close)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if os.path.exists(results_path()):
        os.unlink(results_path())
    report.say(f"1..{len(tests)}")
    stage.open()
    only = os.environ.get("ONLY", "")
    for number, (name, function) in enumerate(tests, 1):
        if only in name:
            perform(report, stage, number, name, function)
    last_words(report, stage)
    report.save()
    sys.exit(report.failed)
