#!/usr/bin/python3
"""configure names each library that is missing, with its Debian packages, and
./check installs these."""
import glob
import os
import re
import shutil
import subprocess
import tempfile

SRC = os.path.abspath(os.environ.get("ANNEX_SRCDIR", "."))


def read(pattern):
    text = ""
    for path in sorted(glob.glob(f"{SRC}/{pattern}")):
        with open(path, encoding="utf-8") as file:
            text += file.read()
    return text


def needed():
    """Pairs of a module or header and its packages."""
    text = read("configure.ac") + read("components/*/configure.m4")
    return re.findall(r"^ANNEX_NEED\(\[\w+\], \[(.*?)\], \[(.*?)\]\)$", text,
                      re.M) + \
        re.findall(r"^ANNEX_NEED_HEADER\(\[(.*?)\], \[(.*?)\]\)$", text, re.M)


def configure_without(headers):
    """What it says where there are no libraries: in a tree that has only what
    it reads until then, as this one may be configured itself."""
    folder = tempfile.mkdtemp()
    for name in "configure", "build-aux", "shared":
        os.symlink(os.path.join(SRC, name), os.path.join(folder, name))
    hidden = {"ac_cv_header_" + re.sub(r"\W", "_", name): "no"
              for name in headers}
    done = subprocess.run(["./configure", "-q"], cwd=folder, text=True,
                          capture_output=True, timeout=300, check=False,
                          env=os.environ | hidden |
                          {"PKG_CONFIG_LIBDIR": "/nonexistent",
                           "PKG_CONFIG_PATH": ""})
    shutil.rmtree(folder)
    return done.returncode, done.stderr


def main():
    wanted = needed()
    installed = re.findall(r"^build (.*)$", read("shared/packages") +
                           read("components/*/packages"), re.M)
    status, said = configure_without(name for name, _ in wanted
                                     if name.endswith(".h"))
    hint = re.search(r"^On Debian: apt install (.*)$", said, re.M)
    hint = hint.group(1).split() if hint else []

    print(f"1..{len(wanted) + 1}")
    print("ok" if status else "not ok", "- configure fails")
    for name, packages in wanted:
        good = f"\n  {name} (Debian package: {packages})\n" in said and all(
            package in hint and package in " ".join(installed).split()
            for package in packages.split())
        print("ok" if good else "not ok", "-", name)
        if not good:
            print("#", "\n# ".join(said.splitlines()))


main()
