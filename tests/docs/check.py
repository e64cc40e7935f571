#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles and runs what a page of the guides shows.

check.py PAGE COMPILER INCLUDE_FOLDER LIBRARY_FOLDER HOST

How a page says what its blocks are is told in docs/contributing.md. The lines of one page are run in one new folder.
"""

import contextlib
import os
import pathlib
import re
import shlex
import socket
import subprocess
import sys
import tempfile

TIME_LIMIT = 100

# Statements stand in a function that has these; the standard headers are those that the pages use.
SNIPPETS_BEGIN = """#include <nexpo/nexpo.hpp>
#include <chrono>
#include <cstdio>
#include <stop_token>
#include <string>
"""
SNIPPET = "void snippet_{0}(nexpo::Backend const& backend, nexpo::Config& config);\n" \
          "void snippet_{0}([[maybe_unused]] nexpo::Backend const& backend, [[maybe_unused]] nexpo::Config& config) {{\n"

# What the shell lines of a page find: the host as `nexpo-http`, and two functions for the lines that nobody sees.
SHELL_BEGIN = """set -euo pipefail
start() {  # ends when the host has printed its first line: it serves by then
    exec 3< <(exec nexpo-http "$@" 2>>host.log)
    host=$!
    read -r <&3
}
stop() {
    kill $host
    wait $host
    host=
}
host=
trap 'status=$?; [[ -z $host ]] || kill $host; ((!status)) || cat host.log; exit $status' EXIT
set -x
"""


class Broken(Exception):
    """The page is not right; the text says why."""


class Page:
    """The blocks of a page, by what they are for."""

    def __init__(self, path):
        self.path = path
        self.files, self.prints, self.snippets, self.shell = {}, {}, [], []
        mark, line = "", 1
        # Comments and fenced blocks in turn, with what stands between them.
        parts = re.split(r"^(<!--.*?-->|```.*?^```)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        for part in parts:
            if part.startswith("<!--"):
                mark = self._comment(part[4:-3], line) or mark
            elif part.startswith("```"):
                language, text = part[3:-3].split("\n", 1)
                self._block(language, text, mark, line + 1)
                mark = ""
            elif part.strip():
                if mark:
                    raise Broken(f"{path}:{line}: '{mark}' stands before no block")
            line += part.count("\n")

    def _comment(self, text, line):
        """The mark for the next block; lines of shell that nobody sees are taken at once."""
        first, _, rest = text.partition("\n")
        if first.strip() == "test" and rest:
            self.shell.append((line + 1, rest))
            return ""
        return text.strip()

    def _block(self, language, text, mark, line):
        word, _, name = mark.partition(" ")
        if language == "cpp" and word == "file":
            self.files[name] = self.files.get(name, "") + f'#line {line} "{self.path}"\n' + text
        elif language == "cpp" and not mark:
            self.snippets.append((line, text))
        elif language == "text" and word == "prints":
            self.prints[name] = text
        elif language == "sh" and mark == "test":
            self.shell.append((line, text))
        elif mark or language == "cpp":
            raise Broken(f"{self.path}:{line}: nobody knows what '{mark}' is for {language or 'such'} blocks")

    def programs(self):
        return [name for name in self.files if name.endswith(".cpp")]

    def snippet_file(self):
        text = SNIPPETS_BEGIN
        text += "".join(f'#include "{name}"\n' for name in self.files if name.endswith(".hpp"))
        for number, (line, snippet) in enumerate(self.snippets):
            text += SNIPPET.format(number) + f'#line {line} "{self.path}"\n' + snippet + "}\n"
        return text

    def script(self, url):
        text = SHELL_BEGIN
        for line, lines in self.shell:
            text += f": {shlex.quote(f'{self.path.name}:{line}')}\n" + lines
        return re.sub(r"http://(127\.0\.0\.1|localhost):8080", url, text)


def run(command, folder, what, **options):
    """What the command printed; it must succeed."""
    try:
        done = subprocess.run(command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=TIME_LIMIT, check=False, **options)
    except subprocess.TimeoutExpired as late:
        raise Broken(f"{what} took more than {TIME_LIMIT} s:\n{(late.stdout or b'').decode()}") from None
    if done.returncode:
        raise Broken(f"{what} answered {done.returncode}:\n{done.stdout}")
    return done.stdout


def compile_all(page, compiler, folder):
    """Every program, and the statements that stand alone, beside each other."""
    (folder / "snippets.cpp").write_text(page.snippet_file(), encoding="utf-8")
    command, includes, library = compiler
    flags = ["-std=c++20", "-Wall", "-Wextra", "-Werror", "-Wno-unused", f"-I{includes}", f"-I{folder}"]
    link = [f"-L{library}", "-lnexpo", f"-Wl,-rpath,{library}"]
    jobs = []
    for name in page.programs():
        suites = ["-lgtest_main", "-lgtest"] if "_conformance.hpp" in page.files[name] else []
        jobs.append([command, *flags, name, "-o", name.removesuffix(".cpp"), *link, *suites])
    if page.snippets:
        jobs.append([command, *flags, "-fsyntax-only", "snippets.cpp"])
    running = [subprocess.Popen(job, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
               for job in jobs]
    faults = [output for output in (job.communicate(timeout=TIME_LIMIT)[0] for job in running) if output]
    if faults:
        raise Broken("\n".join(faults))


def check_output(page, name, output):
    """`…` in what the page shows stands for anything within a line."""
    expected = page.prints.get(name)
    pattern = re.escape(expected or "").replace("…", "[^\n]*")
    if expected is not None and not re.fullmatch(pattern, output):
        raise Broken(f"{page.path}: {name} printed\n{output}\nand the page says\n{expected}")


def free_port():
    with contextlib.closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def run_shell(page, folder, host):
    programs = folder / "programs"
    programs.mkdir()
    (programs / "nexpo-http").symlink_to(host)
    port = free_port()
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NEXPO_")}
    environment = clean | {"PATH": f"{programs}:{clean['PATH']}", "NEXPO_HTTP_PORT": str(port)}
    run(["bash", "-c", page.script(f"http://127.0.0.1:{port}")], folder, page.path, env=environment)


def check(path, compiler, includes, library, host):
    page = Page(pathlib.Path(path))
    if not (page.files or page.snippets or page.shell):
        raise Broken(f"{path} shows nothing that could be tested")
    unknown = page.prints.keys() - set(page.programs())
    if unknown:
        raise Broken(f"{path}: there is no program {unknown}")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for file, text in page.files.items():
            (folder / file).write_text(text, encoding="utf-8")
        compile_all(page, (compiler, includes, library), folder)
        shell = "".join(lines for _, lines in page.shell)
        for program in page.programs():
            command = "./" + program.removesuffix(".cpp")
            if command not in shell:  # else the shell lines run it
                check_output(page, program, run([command], folder, command))
        if page.shell:
            run_shell(page, folder, host)


def main(*arguments):
    try:
        check(*arguments)
    except Broken as broken:
        return str(broken)
    return None


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
