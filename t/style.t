#!/usr/bin/python3
"""The hard limits on sources, and how their sizes are spread."""

import functools
import json
import os
import re
import shlex
import subprocess

SRC = os.environ.get("ANNEX_SRCDIR", ".")
FOLDERS = ("shared", "components", "t")
COLUMNS = 80
FUNCTION_MAX, FUNCTION_USUAL = 80, 40
FILE_REVIEW = 500
PARAMETERS = 5
BANNED = re.compile(r"\b(strcpy|strcat|sprintf|vsprintf|gets|strtok"
                    r"|atoi|atol|atoll)\s*\(")


def sources(*suffixes):
    found = []
    for folder in FOLDERS:
        for path, _, names in os.walk(os.path.join(SRC, folder)):
            found += [os.path.relpath(os.path.join(path, name), SRC)
                      for name in names if name.endswith(suffixes)]
    return sorted(found)


def lines_of(path):
    with open(os.path.join(SRC, path), encoding="utf-8") as file:
        return file.read().splitlines()


def code_of(path):
    """The file with comments and the insides of literals blanked."""
    def blank(match):
        text = match.group(0)
        if text[0] in "\"'":
            return text[0] * 2
        return re.sub(r"[^\n]", " ", text)

    with open(os.path.join(SRC, path), encoding="utf-8") as file:
        return re.sub(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\""
                      r"|'(?:\\.|[^'\\\n])*'", blank, file.read(),
                      flags=re.S)


@functools.cache
def tags():
    """What ctags says of every function."""
    out = subprocess.run(
        ["ctags", "--output-format=json", "--fields=+nefS", "--kinds-C=f",
         "--language-force=C", "-f", "-", *sources(".c", ".h")],
        cwd=SRC, check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def functions():
    """(path, name, lines, parameters) of every function."""
    for tag in tags():
        params = re.sub(r"\([^()]*\)", "", tag.get("signature", "()")[1:-1])
        count = 0 if params in ("", "void") else params.count(",") + 1
        yield (tag["path"], tag["name"],
               tag.get("end", tag["line"]) - tag["line"] + 1, count)


def texts():
    """What people read, besides sources."""
    conf = [os.path.join("conf", name)
            for name in os.listdir(os.path.join(SRC, "conf"))]
    return ["README", "ChangeLog", *sources(".8", "PROTOCOL"),
            *(path for path in conf
              if os.path.isfile(os.path.join(SRC, path)))]


def too_long_lines():
    for path in [*texts(), *sources(".c", ".h", ".py", ".t", ".sh", ".pm",
                                    ".mk", ".lua", ".erl", ".hrl")]:
        if path.startswith("t/unit/") and path.endswith(".t"):
            continue    # a program, of a build in place
        for number, line in enumerate(lines_of(path), 1):
            if len(line.expandtabs(8)) > COLUMNS:
                yield f"{path}:{number}"


def banned_calls():
    for path in sources(".c", ".h"):
        for number, line in enumerate(code_of(path).splitlines(), 1):
            match = BANNED.search(line)
            if match:
                yield f"{path}:{number}: {match.group(1)}"


def unguarded_headers():
    seen = {}
    for path in sources(".h"):
        match = re.match(r"\s*#ifndef (\w+)\n#define (\w+)\n", code_of(path))
        stem = re.sub(r"\W", "_", os.path.basename(path)).upper()
        if not match or match.group(1) != match.group(2):
            yield f"{path}: no guard"
        elif not match.group(1).endswith(stem):
            yield f"{path}: {match.group(1)} does not end with {stem}"
        elif match.group(1) in seen:
            yield f"{path}: {match.group(1)} as in {seen[match.group(1)]}"
        else:
            seen[match.group(1)] = path


def headers_wanting_others():
    cc = shlex.split(os.environ.get("ANNEX_CC", "cc"))
    flags = shlex.split(os.environ.get("ANNEX_CFLAGS") or subprocess.run(
        ["pkg-config", "--cflags", "libpq", "libuv", "libstrophe"],
        check=True, capture_output=True, text=True).stdout)
    for path in sources(".h"):
        done = subprocess.run(
            [*cc, *flags, "-std=gnu11", "-D_GNU_SOURCE", "-I.", "-Wall",
             "-Werror", "-fsyntax-only", "-x", "c", "-"], cwd=SRC, text=True,
            input=f'#include "{path}"\n', capture_output=True, check=False)
        if done.returncode:
            why = [x for x in done.stderr.splitlines() if "error:" in x]
            yield f"{path}: {(why or ['?'])[0]}"


def forbidden_includes():
    """shared never mentions a component; they never include each other."""
    for path in sources(".c", ".h"):
        folder = "/".join(path.split("/")[:2])
        for line in lines_of(path):
            match = re.match(r'#include "(components/\w+)/', line)
            if not match or path.startswith("t/"):
                continue
            if match.group(1) != folder:
                yield f"{path}: {line}"


def uses_within(folder):
    """What each file includes, and the files whose functions it names.  A
    source that only includes a header need not use what implements it: the
    header may be there for a struct."""
    paths = [path for path in sources(".c", ".h")
             if path.startswith(folder)]
    home = {tag["name"]: tag["path"] for tag in tags()
            if tag["path"] in paths and "file" not in tag}
    for path in paths:
        included = re.findall(r'^#include "(.*)"', "\n".join(lines_of(path)),
                              re.M)
        named = re.findall(r"\w+", code_of(path)) \
            if path.endswith(".c") else []
        used = set(included) & set(paths) | {
            home[name] for name in named if name in home}
        yield path, used - {path}


def circles_within(folder):
    """What is left when files without users or without uses are taken away,
    again and again."""
    uses = dict(uses_within(folder))
    while True:
        ends = {path for path, used in uses.items() if not used
                or not any(path in others for others in uses.values())}
        if not ends:
            break
        uses = {path: used - ends for path, used in uses.items()
                if path not in ends}
    for path, used in uses.items():
        yield f"{path} uses, and is used by, {' '.join(sorted(used))}"


def circles():
    """In shared, and in each component by itself."""
    names = sorted(os.listdir(os.path.join(SRC, "components")))
    for folder in ("shared/", *(f"components/{name}/" for name in names)):
        yield from circles_within(folder)


def unlisted_sources():
    """Every source is in a local.mk: what is not is neither built nor sent."""
    listed = ""
    for path in sources("local.mk"):
        listed += " ".join(lines_of(path)) + " "
    words = set(listed.split())
    for path in sources(".c", ".h", ".lua", ".erl", ".hrl"):
        wanted = {path}
        if path.startswith("t/unit/"):
            wanted.add(path[:-2] + ".t")
        elif path.startswith(("t/fuzz/", "t/bench/")):
            wanted.add(path[:-2])
        if not wanted & words:
            yield path


RULES = (
    ("no line has more than 80 columns", too_long_lines),
    ("no function has more than 80 lines", lambda: (
        f"{path}: {name}() has {length} lines"
        for path, name, length, _ in functions() if length > FUNCTION_MAX)),
    ("no banned function is called", banned_calls),
    ("every header has its own guard", unguarded_headers),
    ("every header compiles alone", headers_wanting_others),
    ("includes go downwards", forbidden_includes),
    ("no file stands above itself", circles),
    ("every source is in a local.mk", unlisted_sources),
)


def stems_and_prefixes():
    """Public functions named after another file: not always wrong."""
    for path in sources(".h"):
        if path.startswith("t/"):
            continue
        stem = os.path.basename(path)[:-2].replace("-private", "")
        for name in re.findall(r"^(?!typedef)[a-z][\w *]*?\b(\w+)\(",
                               code_of(path), re.M):
            if not name.startswith(stem):
                yield f"{path}: {name}()"


def spread(values):
    values = sorted(values) or [0]
    return (f"median {values[len(values) // 2]}, nine in ten under "
            f"{values[len(values) * 9 // 10] + 1}, most {values[-1]}")


def report():
    found = [f for f in functions() if not f[0].startswith("t/")]
    short = sum(1 for f in found if f[2] < FUNCTION_USUAL)
    sizes = {p: len(lines_of(p)) for p in sources(".c", ".h")}
    print(f"# functions: {len(found)}, {spread(f[2] for f in found)} lines; "
          f"{100 * short // max(1, len(found))} % under {FUNCTION_USUAL}")
    for kind in ".c", ".h":
        print(f"# *{kind}: " + spread(
            n for p, n in sizes.items() if p.endswith(kind)) + " lines")
    for path, size in sizes.items():
        if size > FILE_REVIEW:
            print(f"# review: {path} has {size} lines")
    for path, name, _, params in found:
        if params > PARAMETERS:
            print(f"# review: {path}: {name}() has {params} parameters")
    for what in stems_and_prefixes():
        print(f"# other prefix: {what}")


def main():
    report()
    print(f"1..{len(RULES)}")
    for number, (name, rule) in enumerate(RULES, 1):
        wrong = list(rule())
        print(f"{'not ' if wrong else ''}ok {number} - {name}")
        for what in wrong:
            print(f"# {what}")


main()
