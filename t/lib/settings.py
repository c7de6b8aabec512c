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
    def __init__(self, section, within, name, default, comment):
        self.section = section
        self.within = within        # the titled section in it, or None
        self.name = name
        self.default = default      # as in the file; None: must be given
        self.comment = comment


TITLED = re.compile(r'#(\w+) "NAME" \{')


def declared(program):
    """All settings, in the order of --settings, which is also returned.  A
    titled section is one, of which its own follow."""
    text = subprocess.run([program, "--settings"], check=True, text=True,
                          capture_output=True).stdout
    settings, section, within, comment = [], None, None, []
    for line in text.splitlines():
        line = line.strip().removeprefix("#\t")
        head = re.fullmatch(r"(\w+) \{", line)
        titled = TITLED.fullmatch(line)
        value = re.fullmatch(r"(#?)(\w+) = (.*)", line)
        if head:
            section = head.group(1)
        elif line == "#}":
            within = None
        elif titled or value:
            name = titled.group(1) if titled else value.group(2)
            given = None if titled or value.group(1) else re.sub(
                r'^".*(?=/schema"$)', '"@pkgdatadir@', value.group(3))
            settings.append(Setting(section, within, name, given,
                                    " ".join(comment)))
            comment = []
            within = name if titled else within
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


def is_titled(settings, number):
    """Whether it is a section of those that follow."""
    after = settings[number + 1:number + 2]
    return bool(after and after[0].within == settings[number].name
                and settings[number].within is None)


def table(settings):
    out, section = [], None
    for number, setting in enumerate(settings):
        titled = is_titled(settings, number)
        if setting.section != section or titled:
            if section is not None:
                out.append(".El")
            section = setting.section
            out.append(f".Ss Section {section}" if not titled else
                       f".Ss Sections {setting.name} within {section}")
            if titled:
                out += sentences(setting.comment)
            out.append(".Bl -tag -width Ds")
        if titled:
            continue
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
