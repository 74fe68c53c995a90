#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The build itself: what configure says of things that are missing, what `make install` puts where
and `make uninstall` takes away, and how what was built is hardened."""
import filecmp
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from tap import case, contains, equal, lacks, main, note, ok, skip  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.abspath(os.environ.get("top_srcdir", os.path.join(HERE, "..")))
BUILD = os.path.abspath(os.environ.get("top_builddir", os.path.join(TOP, "build")))
PROGRAMS = ("flatc", "msgfmt", "brotli", "apxs", "apxs2")


def run(command, cwd, **more):
    environment = {**os.environ, **more}
    for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "DESTDIR"):
        environment.pop(name, None)
    done = subprocess.run(command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.returncode, done.stdout.decode("utf-8", "replace")


def make(*arguments):
    status, output = run(["make", "-s", *arguments], BUILD)
    if status != 0:
        raise AssertionError("make %s:\n%s" % (" ".join(arguments), output[-3000:]))
    return output


def variable(name):
    """A variable of the makefile, expanded."""
    with open(os.path.join(BUILD, "Makefile"), encoding="utf-8") as source:
        for line in source:
            if line.startswith(name + " ="):
                return line.split("=", 1)[1].strip()
    raise AssertionError("the makefile has no " + name)


class Scratch:
    """A folder of its own for configure runs, with a PATH that leaves some programs out."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="alphamail-build-")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def programs_without(self, *hidden):
        folder = tempfile.mkdtemp(dir=self.path)
        for source in ("/usr/bin", "/bin"):
            for name in os.listdir(source):
                target = os.path.join(folder, name)
                if name not in hidden and not os.path.lexists(target):
                    os.symlink(os.path.join(source, name), target)
        return folder

    def configure(self, *arguments, **environment):
        folder = tempfile.mkdtemp(dir=self.path)
        return run([os.path.join(TOP, "configure"), "-q", *arguments], folder, **environment)


def rows(output):
    """The table's first words: what is missing."""
    lines = output.split("missing or too old:", 1)[1].splitlines()
    return [line.split("  ")[1].strip() for line in lines if line.startswith("  ")][1:]


@case("configure names all that is missing in one table, and only then fails")
def _(scratch):
    # APXS is set where httpd's own is not installed but unpacked.
    status, output = scratch.configure(PATH=scratch.programs_without(*PROGRAMS), APXS="",
                                       PKG_CONFIG_LIBDIR="/nonexistent")
    equal(status, 1)
    wanted = {"APR", "apr-util", "OpenSSL", "libetpan", "ctemplate", "ICU", "libmagic", "FlatBuffers", "gumbo", "libpsl", "libarchive",
              "flatc", "msgfmt", "brotli (the program)", "Apache httpd 2.4 (apxs)"}
    equal(set(rows(output)), wanted)
    equal(output.count("missing or too old"), 1)
    for package in ("libssl-dev", "openssl-devel", "apache2-dev", "httpd-devel"):
        contains(output, package)


@case("what is too old is told with both versions, and the commands name only what is wanted")
def _(scratch):
    folder = os.path.join(scratch.path, "pc")
    os.mkdir(folder)
    with open(os.path.join(folder, "openssl.pc"), "w", encoding="ascii") as out:
        out.write("Name: OpenSSL\nDescription: old\nVersion: 1.1.1\n")
    status, output = scratch.configure(PATH=scratch.programs_without("brotli"),
                                       PKG_CONFIG_PATH=folder)
    equal(status, 1)
    equal(rows(output), ["OpenSSL", "brotli (the program)"])
    (line,) = [line for line in output.splitlines() if line.startswith("  OpenSSL")]
    equal(line.split()[:3], ["OpenSSL", "3.0", "1.1.1"])
    contains(output, "Debian:  apt-get install --no-install-recommends brotli libssl-dev \n")
    contains(output, "RHEL:    dnf install brotli openssl-devel \n")


@case("without a compiler the rest is still looked for")
def _(scratch):
    compilers = [name for name in os.listdir("/usr/bin")
                 if name.startswith(("g++", "c++", "clang")) or "linux-gnu-g++" in name]
    status, output = scratch.configure(PATH=scratch.programs_without("flatc", *compilers),
                                       CXX="", CC="")
    equal(status, 1)
    equal(rows(output), ["C++20 compiler", "flatc", "Boost"])


@case("--enable-sanitizers takes its own words only")
def _(scratch):
    status, output = scratch.configure("--enable-sanitizers=memory")
    ok(status != 0)
    contains(output, "--enable-sanitizers takes address,undefined or thread, not memory")


def installed_files(root):
    return sorted(os.path.relpath(os.path.join(folder, name), root)
                  for folder, _, names in os.walk(root) for name in names)


@case("make install puts everything below DESTDIR, make uninstall takes all of it away")
def _(scratch):
    root = os.path.join(scratch.path, "root")
    make("install", "DESTDIR=" + root)
    files = installed_files(root)
    text = "\n".join(files)
    for part in ("sbin/webcache", "sbin/webcache-status", "mod_alphamail.so", "alphamail/alphamail_config",
                 "alphamail/alphamail.conf", "alphamail/templates/login.tpl",
                 "man8/webcache.8", "man8/webcache-status.8", "man5/alphamail_config.5", "webcache.service"):
        contains(text, part)
    make("uninstall", "DESTDIR=" + root)
    equal(installed_files(root), [])
    folders = [folder for folder, _, _ in os.walk(root) if "alphamail" in os.path.basename(folder)]
    equal(folders, [])


@case("installing again leaves an administrator's own configuration alone, and so does uninstalling")
def _(scratch):
    root = os.path.join(scratch.path, "own")
    make("install", "DESTDIR=" + root)
    (path,) = [os.path.join(root, name) for name in installed_files(root)
               if name.endswith("etc/alphamail/alphamail_config")]
    with open(path, "a", encoding="ascii") as out:
        out.write("# mine\n")
    make("install", "DESTDIR=" + root)
    ok(not filecmp.cmp(path, os.path.join(BUILD, "conf", "alphamail_config"), shallow=False))
    make("uninstall", "DESTDIR=" + root)
    equal(installed_files(root), [os.path.relpath(path, root)])


def binaries():
    """The module and the daemon as built; libtool keeps real files in .libs."""
    found = []
    for folder, name in (("mod_alphamail", "mod_alphamail.so"), ("webcache", "webcache")):
        for path in (os.path.join(BUILD, folder, ".libs", name), os.path.join(BUILD, folder, name)):
            if os.path.exists(path):
                with open(path, "rb") as source:
                    if source.read(4) == b"\x7fELF":
                        found.append(path)
                        break
        else:
            raise AssertionError(name + " is not built")
    return found


def readelf(path, *options):
    status, output = run(["readelf", "-W", *options, path], BUILD, LC_ALL="C")
    equal(status, 0)
    return output


@case("module and daemon have full RELRO, no executable stack and no text relocations")
def _():
    for path in binaries():
        segments = readelf(path, "-l")
        contains(segments, "GNU_RELRO", path)
        (stack,) = [line for line in segments.splitlines() if "GNU_STACK" in line]
        lacks(stack.split()[6], "E", path)
        dynamic = readelf(path, "-d")
        contains(dynamic, "BIND_NOW", path)
        lacks(dynamic, "TEXTREL", path)
        lacks(dynamic, "RPATH", path)
        lacks(dynamic, "RUNPATH", path)


@case("module and daemon are position-independent")
def _():
    for path in binaries():
        contains(readelf(path, "-h"), "DYN (", path)
    contains(readelf(binaries()[1], "-d"), "Flags: NOW PIE")


@case("they are built with stack protector, fortified calls and control-flow protection")
def _():
    if "-fsanitize" in variable("SANITIZE_CXXFLAGS"):
        skip("built with sanitizers")
    for path in binaries():
        symbols = readelf(path, "--dyn-syms")
        contains(symbols, "__stack_chk_fail", path)
        contains(symbols, "_chk@", path)
    # A linked file is marked for control-flow protection only where the system's own start-up code
    # is too; Debian 12's is not, so the objects are asked.
    if os.uname().machine == "x86_64":
        contains(readelf(os.path.join(BUILD, "webcache", "main.o"), "-n"), "IBT, SHSTK")
    contains(variable("HARDEN_CXXFLAGS"), "-D_FORTIFY_SOURCE=3")
    contains(variable("HARDEN_CXXFLAGS"), "-fstack-clash-protection")


@case("the module exports its record and nothing else")
def _():
    exported = [line.split() for line in readelf(binaries()[0], "--dyn-syms").splitlines()
                if line.split()[4:5] in (["GLOBAL"], ["WEAK"], ["UNIQUE"])
                and line.split()[6] != "UND"]
    equal([words[7].split("@")[0] for words in exported], ["alphamail_module"])


@case("building out of the tree writes nothing into the source")
def _():
    if BUILD == TOP:
        skip("built in the tree")
    for folder, suffixes in (("common", (".o", ".lo", "_generated.h")), ("webcache", (".o", ".lo")),
                             ("conf", ("alphamail_config", ".conf", ".service"))):
        left = [name for name in os.listdir(os.path.join(TOP, folder)) if name.endswith(suffixes)]
        equal(left, [])


def main_or_skip():
    if not os.path.exists(os.path.join(TOP, "configure")):
        note("no configure in " + TOP)
        print("1..0 # SKIP the source has no configure")
        return
    main(Scratch)


main_or_skip()
