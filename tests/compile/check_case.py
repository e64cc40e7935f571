#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles one file of refused/ without and with NEXPO_REFUSED.

check_case.py good|bad FILE COMPILER ARGUMENT...

`good` must compile. `bad` must not, and for the reason in the file's line `// refused: <regular expression>`.
"""

import re
import subprocess
import sys


def main(branch, path, *command):
    reason = re.search(r"^// refused: (.+)$", open(path, encoding="utf-8").read(), re.MULTILINE)
    if not reason:
        return f"{path} has no line `// refused: <regular expression>`"
    define = ["-DNEXPO_REFUSED"] if branch == "bad" else []
    done = subprocess.run([*command, *define, path], capture_output=True, text=True, errors="replace", check=False)
    # Compilers quote with typographic marks where the locale has them.
    output = done.stderr.translate(str.maketrans("‘’", "''"))
    if branch == "good":
        return f"should compile:\n{output}" if done.returncode else None
    if not done.returncode:
        return "should not compile, but does"
    if not re.search(reason[1], output):
        return f"is refused, but not with '{reason[1]}':\n{output}"
    return None


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
