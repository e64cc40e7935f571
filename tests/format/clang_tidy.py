#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs clang-tidy over the library, the hosts, the bindings and the examples. What passed is not looked at again until it, something
that it includes, its flags or .clang-tidy change: build/tidy/passed/ remembers the hash of the preprocessed text."""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/tidy"
PASSED = BUILD / "passed"
FOLDERS = ("src", "hosts", "bindings", "examples")


def run(command, **options):
    return subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, **options)


def fingerprint(entry):
    command = shlex.split(entry["command"])
    while pathlib.Path(command[0]).name != "clang++-16":  # compiler launchers
        command.pop(0)
    output = command.index("-o")
    done = run([*command[:output], *command[output + 2:], "-E", "-o", "-"], cwd=entry["directory"])
    if done.returncode:
        return None, done.stderr
    text = "\0".join([done.stdout, entry["command"], (ROOT / ".clang-tidy").read_text(encoding="utf-8")])
    return hashlib.sha256(text.encode()).hexdigest(), ""


def check(entry):
    """What is wrong with one file; empty when nothing is."""
    digest, error = fingerprint(entry)
    if digest is None:
        return error
    if (PASSED / digest).exists():
        return ""
    done = run(["clang-tidy-16", "--quiet", f"-p={BUILD}", entry["file"]])
    if done.returncode:
        return done.stdout or done.stderr
    (PASSED / digest).touch()
    return ""


def main():
    BUILD.mkdir(parents=True, exist_ok=True)
    configured = run(["cmake", "--preset", "tidy"], cwd=ROOT)
    if configured.returncode:
        print(configured.stdout, configured.stderr)
        return 1
    PASSED.mkdir(exist_ok=True)
    entries = [
        entry for entry in json.loads((BUILD / "compile_commands.json").read_text(encoding="utf-8"))
        if pathlib.Path(entry["file"]).is_relative_to(ROOT)
        and pathlib.Path(entry["file"]).relative_to(ROOT).parts[0] in FOLDERS
    ]
    if not entries:
        print("No source to look at")
        return 1
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        problems = [problem for problem in pool.map(check, entries) if problem]
    # A header's finding comes up in every source that includes it.
    for problem in dict.fromkeys(problems):
        print(problem)
    print(f"{len(entries)} files, {len(problems)} with findings")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
