#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Feeds check.py good and bad pages: a checker that finds nothing must be shown to be able to.

check_test.py COMPILER INCLUDE_FOLDER LIBRARY_FOLDER
"""

import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))
import check  # noqa: E402

PROGRAM = '<!-- file a.cpp -->\n```cpp\n#include <cstdio>\nint main() {\n    std::puts("one %s");\n}\n```\n'
SHELL = "<!-- test -->\n```sh\n%s\n```\n"

# what is on the page, what the problem says (None: there is none)
CASES = [
    (PROGRAM % "x", None),
    (PROGRAM % "x" + "<!-- prints a.cpp -->\n```text\none …\n```\n", None),
    (PROGRAM % "x" + "<!-- prints a.cpp -->\n```text\ntwo …\n```\n", "the page says"),
    ("<!-- file a.cpp -->\n```cpp\nint main() {\n```\n", "page.md:3"),
    ("<!-- file a.cpp -->\n```cpp\nint main() { return 3; }\n```\n", "./a answered 3"),
    ("<!-- file a.cpp -->\n```cpp\nint one();\n```\ntext\n<!-- file a.cpp -->\n```cpp\nint main() {}\n```\n", None),
    ("```cpp\nint unused = 1;\n```\n", None),
    ("```cpp\nbackend.fly();\n```\n", "page.md:2"),
    (SHELL % "true", None),
    (SHELL % "false\ntrue", "page.md answered 1"),
    (SHELL % "true" + "<!-- test\nfalse\n-->\n", "page.md answered 1"),
    (SHELL % "kept=1" + "```sh\nfalse\n```\n<!-- test\n((kept))\n-->\n", None),
    (PROGRAM % "x" + SHELL % "./a | grep x", None),
    ("nothing but words\n", "nothing that could be tested"),
    ("<!-- tset -->\n```sh\ntrue\n```\n", "nobody knows what 'tset'"),
    ("<!-- test -->\nwords\n", "stands before no block"),
    ("<!-- prints b.cpp -->\n```text\none\n```\n" + PROGRAM % "x", "there is no program"),
]


class Pages(unittest.TestCase):
    def test_each_page(self):
        for text, expected in CASES:
            with self.subTest(text=text), tempfile.TemporaryDirectory() as folder:
                page = pathlib.Path(folder) / "page.md"
                page.write_text(text, encoding="utf-8")
                problem = check.main(page, *COMPILER, "/bin/false")
                if expected is None:
                    self.assertIsNone(problem)
                else:
                    self.assertIn(expected, problem or "")


if __name__ == "__main__":
    COMPILER = sys.argv[1:]
    unittest.main(argv=sys.argv[:1])
