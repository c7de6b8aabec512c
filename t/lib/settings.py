#!/usr/bin/python3
"""settings.py PROGRAM MANUAL: rewrites the manual's table of settings from
what the program says of itself (make manuals)."""
import re
import subprocess
import sys
import textwrap

BEGIN = '.\\" begin settings\n'
END = '.\\" end settings\n'


class Setting:
    def __init__(self, section, name, default, comment):
        self.section = section
        self.name = name
        self.default = default      # as in the file; None: must be given
        self.comment = comment


def declared(program):
    """All settings, in the order of --settings, which is also returned."""
    text = subprocess.run([program, "--settings"], check=True, text=True,
                          capture_output=True).stdout
    settings, section, comment = [], None, []
    for line in text.splitlines():
        line = line.strip()
        head = re.fullmatch(r"(\w+) \{", line)
        value = re.fullmatch(r"(#?)(\w+) = (.*)", line)
        if head:
            section = head.group(1)
        elif value:
            given = None if value.group(1) else re.sub(
                r'^".*(?=/schema"$)', '"@pkgdatadir@', value.group(3))
            settings.append(Setting(section, value.group(2), given,
                                    " ".join(comment)))
            comment = []
        elif line.startswith("# "):
            comment.append(line[2:])
    return settings, text


def escaped(text):
    text = text.replace("\\", "\\e")
    return "\\&" + text if text.startswith((".", "'")) else text


def sentences(comment):
    """Lines of text: mdoc wants sentences to end with their line."""
    return [escaped(line) for part in re.split(r"(?<=\.) ", comment)
            for line in textwrap.wrap(part, 76)]


def table(settings):
    out, section = [], None
    for setting in settings:
        if setting.section != section:
            if section is not None:
                out.append(".El")
            section = setting.section
            out += [f".Ss Section {section}", ".Bl -tag -width Ds"]
        out.append(f".It Sy {setting.name}")
        out += sentences(setting.comment.replace(
            "A change needs a restart.", "(restart)").replace(
            " Must be given.", ""))
        if setting.default is None:
            out.append("Must be given.")
        else:
            default = escaped(setting.default).replace('"', "\\(dq")
            out += ["Default:", f".Li {default}"]
    out.append(".El")
    return "\n".join(out) + "\n"


def split(manual):
    """What stands before the table, the table, and what follows it."""
    head, rest = manual.split(BEGIN)
    middle, tail = rest.split(END)
    return head + BEGIN, middle, END + tail


def main():
    program, path = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        head, _, tail = split(file.read())
    with open(path, "w", encoding="utf-8") as file:
        file.write(head + table(declared(program)[0]) + tail)


if __name__ == "__main__":
    main()
