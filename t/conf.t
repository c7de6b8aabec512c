#!/usr/bin/python3
"""What is written about settings, in samples and manuals, is what each
program says of itself; and the samples work."""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

SRC = os.path.abspath(os.environ.get("ANNEX_SRCDIR", "."))
BUILD = os.path.abspath(os.environ.get("ANNEX_BUILDDIR", "."))
sys.path.insert(0, os.path.join(SRC, "t/lib"))
import settings  # noqa: E402

GIVEN = {"domain": '"rooms.example.org"', "secret": '"sesame"'}


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def check(program, path, **variables):
    """Runs --check; what it complained of, or nothing."""
    environ = {name: value for name, value in os.environ.items()
               if name != "CREDENTIALS_DIRECTORY"}
    done = subprocess.run([program, "-c", path, "--check"], text=True,
                          capture_output=True, timeout=60, check=False,
                          env=environ | variables)
    return "" if done.returncode == 0 else done.stderr + done.stdout or "?"


def complaint_about_settings(program, folder):
    """--settings prints what loads, once what must be given is given."""
    path = os.path.join(folder, "all.conf")
    _, text = settings.declared(program)
    for name, value in GIVEN.items():
        text = text.replace(f'#{name} = ""', f"{name} = {value}")
    with open(path, "w", encoding="utf-8") as file:
        file.write(stored_in(folder, text))
    return check(program, path)


def stored_in(folder, text):
    """With a database of its own, as some components need one."""
    text = re.sub(r'^\tschema = .*$', "", text, flags=re.M)
    return re.sub(r'url = "[^"]*"', f'url = "sqlite:{folder}/annex.db"'
                  f'\n\tschema = "{SRC}/schema"', text)


def complaint_about_sample(name, program, folder):
    """Both under systemd and from a shell; the samples of other components
    are there as well."""
    for sample in glob.glob(f"{SRC}/conf/*.conf"):
        with open(os.path.join(folder, os.path.basename(sample)), "w",
                  encoding="utf-8") as file:
            text = stored_in(folder, read(sample))
            file.write(text.replace("/etc/annex", folder))
    with open(os.path.join(folder, f"{name}.secret"), "w",
              encoding="utf-8") as file:
        file.write("sesame\n")
    os.chmod(file.name, 0o600)
    path = os.path.join(folder, "annex.conf")
    return check(program, path) or check(program, path,
                                         CREDENTIALS_DIRECTORY=folder)


def lines_of_section(name, setting):
    """Where a sample has that setting: what the lines begin with, and these.
    One that is titled is shown as a comment."""
    text = read(f"{SRC}/conf/{name}.conf")
    section = re.search(rf"^{setting.section} {{\n(.*?)^}}", text, re.M | re.S)
    lines = section.group(1) if section else ""
    if setting.within is None:
        return "\t", lines
    titled = re.search(rf'^\t#{setting.within} "\w+" {{\n(.*?)^\t#}}', lines,
                       re.M | re.S)
    return "\t#\t", titled.group(1) if titled else ""


def is_default(setting, shown):
    """Whether a sample shows the default, and not an example."""
    return (setting.default not in ("{}", '""') if setting.within
            else shown.group(1))


def complaint_about_completeness(name, declared):
    """Samples show every setting, those not set with their default."""
    missing = []
    for setting in declared:
        if "@pkgdatadir@" in (setting.default or ""):
            continue
        sample = name if setting.section == name else "annex"
        margin, lines = lines_of_section(sample, setting)
        shown = re.search(rf"^{margin}(#?){setting.name}"
                          r'( = | "\w+" \{)(.*)$', lines, re.M)
        if not shown:
            missing.append(f"{sample}.conf: no {setting.name}")
        elif (is_default(setting, shown)
              and setting.default not in (None, shown.group(3))):
            missing.append(f"{sample}.conf: {setting.name} is "
                           f"{setting.default} by default")
    return "\n".join(missing)


def complaint_about_manual(name, declared):
    _, table, _ = settings.split(read(f"{SRC}/components/{name}/{name}.8"))
    if table == settings.table(declared):
        return ""
    return "another table than --settings would make: make manuals"


def main():
    names = [os.path.basename(path)[:-len(".conf")]
             for path in sorted(glob.glob(f"{SRC}/conf/*.conf"))]
    names.remove("annex")
    print(f"1..{4 * len(names)}")
    for name in names:
        program = os.path.join(BUILD, f"annex-{name}")
        declared, _ = settings.declared(program)
        folder = tempfile.mkdtemp()
        for what, complaint in (
            ("--settings loads", complaint_about_settings(program, folder)),
            ("the sample loads",
             complaint_about_sample(name, program, folder)),
            ("the sample is complete",
             complaint_about_completeness(name, declared)),
            ("the manual is up to date",
             complaint_about_manual(name, declared)),
        ):
            print(f"{'not ' if complaint else ''}ok - {name}: {what}")
            for line in complaint.splitlines():
                print(f"# {line}")
        shutil.rmtree(folder)


main()
