#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_smoke.py BINARIES: every row of tests/bench/run can be measured and prints its line; how fast it is, is no test."""

import json
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
NUMBER = r"[0-9.]+(e[+-]?[0-9]+)?"
LINE = re.compile(rf"([a-z0-9_]+)\t{NUMBER}\t{NUMBER}\t(1/s|ms|us|MB)\t{NUMBER}\t(>=|<=){NUMBER}\t(ok|below)")


def run(*arguments):
    return subprocess.run([HERE / "run", *arguments], stdout=subprocess.PIPE, text=True, check=False)


def problems(binaries):
    rows = [line.split("\t")[0] for line in run("--list").stdout.splitlines()]
    if run("--binaries", binaries, "no_such_row").returncode != 2:
        yield "a row that does not exist is not refused"
    done = run("--smoke", "--binaries", binaries)
    if done.returncode != 0:
        yield f"the run ended with {done.returncode}"
    lines = done.stdout.splitlines()
    for line in lines:
        if not LINE.fullmatch(line):
            yield f"not a line of a row: {line!r}"
    printed = [line.split("\t")[0] for line in lines]
    if printed != rows:
        yield f"rows without a line: {', '.join(row for row in rows if row not in printed) or 'none, but in disorder'}"
    report = json.loads((HERE.parents[1] / "build/bench-smoke.json").read_text(encoding="utf-8"))
    if [row["name"] for row in report["rows"]] != rows:
        yield "bench-smoke.json has other rows"


def main():
    found = list(problems(sys.argv[1]))
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
