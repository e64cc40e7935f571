#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Feeds check.py good and bad trees: a checker that finds nothing must be shown to be able to."""

import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))
import check  # noqa: E402

LICENCE = "// SPDX-License-Identifier: Apache-2.0\n"
MANY = {f"src/crypto/f{n}.cpp": "#include <openssl/evp.h>" for n in range(30)}

# rule, files, what the only problem says (None: there is none)
CASES = [
    ("downward", {"src/gateway/a.cpp": '#include "operation/b.hpp"\n#include "nexpo/error.hpp"\n#include <vector>'}, None),
    ("downward", {"src/user/a.cpp": '#include "user/b.hpp"\n#include "c.hpp"', "src/user/c.hpp": ""}, None),
    ("downward", {"src/crypto/a.cpp": '#include "gateway/b.hpp"'}, "src/crypto must not include gateway/b.hpp"),
    ("downward", {"src/base/a.cpp": '  #  include "crypto/b.hpp"'}, "src/base must not include crypto/b.hpp"),
    ("downward", {"src/user/a.cpp": '#include "auth/b.hpp"'}, "src/user must not include auth/b.hpp"),
    ("downward", {"src/user/a.cpp": "#include <auth/b.hpp>"}, "src/user must not include auth/b.hpp"),
    ("downward", {"src/store/a.cpp": '#include "crypto/b.hpp"'}, "src/store must not include crypto/b.hpp"),
    ("downward", {"src/user/a.cpp": '#include "../auth/b.hpp"', "src/auth/b.hpp": ""}, "src/user must not include ../auth"),
    ("downward", {"include/nexpo/a.hpp": '#include "base/b.hpp"'}, "include/nexpo must not include base/b.hpp"),
    ("downward", {"src/backend/a.cpp": '#include "gateway/b.hpp"'}, "src/backend must not include gateway/b.hpp"),
    ("downward", {"src/user/a.cpp": '#include "missing.hpp"'}, "leads to nowhere"),
    ("downward", {"src/unheard_of/a.cpp": ""}, "stands on no floor"),
    ("doors", {"hosts/http/a.cpp": '#include "b.hpp"\n#include "nexpo/nexpo.hpp"', "hosts/http/b.hpp": ""}, None),
    ("doors", {"hosts/http/a.cpp": '#include "settings/b.hpp"', "hosts/settings/b.hpp": '#include "nexpo/a.hpp"'}, None),
    ("doors", {"hosts/http/a.cpp": '#include "store/b.hpp"'}, "store/b.hpp is not public"),
    ("doors", {"examples/a.cpp": '#include "../src/user/b.hpp"', "src/user/b.hpp": ""}, "is not public"),
    ("doors", {"hosts/grpc/a.cpp": '#include "../http/b.hpp"', "hosts/http/b.hpp": ""}, "is not public"),
    ("doors", {"hosts/grpc/a.cpp": '#include "http/b.hpp"', "hosts/http/b.hpp": ""}, "is not public"),
    ("public", {"include/nexpo/a.hpp": '#include <string_view>\n#include "nexpo/error.hpp"'}, None),
    ("public", {"include/nexpo/testing/a.hpp": "#include <gtest/gtest.h>"}, None),
    ("public", {"include/nexpo/a.hpp": "#include <gtest/gtest.h>"}, "must not include gtest/gtest.h"),
    ("public", {"include/nexpo/a.hpp": "#include <boost/json.hpp>"}, "must not include boost/json.hpp"),
    ("public", {"include/nexpo/a.hpp": '#include "a.hpp"'}, "must not include a.hpp"),
    ("heavy", {"src/store/a.cpp": "#include <SQLiteCpp/SQLiteCpp.h>\n#include <unistd.h>"}, None),
    ("heavy", {"src/user/a.cpp": "#include <SQLiteCpp/SQLiteCpp.h>"}, "src/user: 1 files include SQLiteCpp"),
    ("heavy", {"src/gateway/a.cpp": "#include <boost/beast/http.hpp>"}, "src/gateway: 1 files include boost/"),
    ("heavy", {"src/gateway/a.cpp": '#include "openssl/evp.h"'}, "src/gateway: 1 files include openssl"),
    ("heavy", {"src/net/a.cpp": "#include <nghttp2/nghttp2.h>"}, "has no room in HEAVY"),
    ("heavy", MANY, "30 files include openssl"),
    ("scopes", {"src/auth/a.cpp": "auto s = Scope::installation();"}, None),
    ("scopes", {"src/user/a.cpp": "// never Scope::installation() here"}, None),
    ("scopes", {"src/user/a.cpp": "auto s = store::Scope::installation ();"}, "takes Scope::installation()"),
    ("manners", {"src/base/a.cpp": "std::snprintf(b, 4, text); // like printf("}, None),
    ("manners", {"src/base/a.cpp": "std::cout << 1;"}, "uses std::cout"),
    ("manners", {"src/base/a.cpp": 'auto home = std::getenv("HOME");'}, "uses getenv"),
    ("manners", {"include/nexpo/a.hpp": "std::abort();"}, "uses abort"),
    ("waiting", {"tests/unit/a.cpp": "std::this_thread::sleep_for(1s);"}, "sleeps"),
    ("size", {"src/base/a.cpp": "x\n" * 600}, None),
    ("size", {"src/base/a.cpp": "x\n" * 601}, "601 lines"),
    ("form", {"src/base/a.hpp": LICENCE + "#pragma once\n", "include/nexpo/b.hpp": LICENCE + "#pragma once\n"
              "namespace nexpo::inline v1 {}\n"}, None),
    ("form", {"src/base/a.cpp": "int a;\n"}, "does not name the licence"),
    ("form", {"src/base/a.hpp": LICENCE}, "no #pragma once"),
    ("form", {"include/nexpo/a.hpp": LICENCE + "#pragma once\nnamespace nexpo {\n}\n"}, "without inline v1"),
    ("listed", {"src/base/CMakeLists.txt": "target_sources(x PRIVATE a.cpp)", "src/base/a.cpp": ""}, None),
    ("listed", {"src/CMakeLists.txt": "add_library(x base/a.cpp)", "src/base/a.cpp": ""}, None),
    ("listed", {"src/base/CMakeLists.txt": "target_sources(x PRIVATE aa.cpp)", "src/base/a.cpp": ""}, "no CMakeLists.txt"),
    ("listed", {"include/CMakeLists.txt": "nexpo/a.hpp", "include/nexpo/b.hpp": ""}, "b.hpp: no CMakeLists.txt"),
]


class Rules(unittest.TestCase):
    def problems(self, rule, files):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text, encoding="utf-8")
            return list(check.RULES[rule](root))

    def test_cases(self):
        for rule, files, expected in CASES:
            with self.subTest(rule=rule, files=dict(list(files.items())[:2])):
                problems = self.problems(rule, files)
                if expected is None:
                    self.assertEqual(problems, [])
                else:
                    self.assertEqual(len(problems), 1, problems)
                    self.assertIn(expected, problems[0])

    def test_every_rule_has_a_bad_case(self):
        self.assertEqual({rule for rule, _, expected in CASES if expected}, set(check.RULES))


if __name__ == "__main__":
    unittest.main()
