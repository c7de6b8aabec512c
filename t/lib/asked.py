"""What annexctl answers about an archive."""
import json
import subprocess

from annex import program


def command(stage, *words):
    return [program("annexctl"), "-f", stage.folder, "--json", "archive",
            *words]


def run(stage, *words):
    return subprocess.run(command(stage, *words), capture_output=True,
                          text=True, timeout=60)


def ask(stage, *words, says=""):
    """The rows of a command's answer; says ends what is said besides."""
    done = run(stage, *words)
    assert done.returncode == 0, done.stderr
    assert done.stderr.endswith(says), done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()
            if line.startswith("{")]


def noted(stage):
    """The latest entry of the audit log, but for those who have listed it."""
    return next(row for row in ask(stage, "audit", "list")
                if row["action"] != "audit")
