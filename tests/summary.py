#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads CTest's JUnit file and prints what failed, a line per kind of test and, last, `N passed, N failed`."""

import collections
import json
import pathlib
import subprocess
import sys
import xml.etree.ElementTree as xml


def kinds_of_tests(build):
    """Each test's first label, the folder that it stands in; CTest leaves labels out of its JUnit files."""
    listing = subprocess.run(["ctest", "--show-only=json-v1"], cwd=build, capture_output=True, text=True, check=True)
    kinds = {}
    for test in json.loads(listing.stdout)["tests"]:
        for entry in test.get("properties", []):
            if entry["name"] == "LABELS":
                kinds[test["name"]] = entry["value"][0]
    return kinds


def main(path, ctest_status):
    kinds = kinds_of_tests(pathlib.Path(path).parent)
    passed, failed, skipped = collections.Counter(), collections.Counter(), []
    for case in xml.parse(path).getroot().iter("testcase"):
        name = case.get("name")
        kind = kinds.get(name, "other")
        if case.get("status") == "run":
            passed[kind] += 1
        elif case.get("status") in ("notrun", "disabled") and case.find("failure") is None:
            skipped.append(name)
        else:
            failed[kind] += 1
            output = (case.findtext("system-out") or "").strip()
            print(f"\n--- FAILED {name}\n{output[-8000:]}", file=sys.stderr)

    if sum(passed.values()) + sum(failed.values()) == 0:
        print("No test ran.", file=sys.stderr)
        failed["none"] = 1
    if ctest_status and not failed:
        print(f"CTest answered {ctest_status}, although no test case failed.", file=sys.stderr)
        failed["ctest"] = 1
    for name in skipped:
        print(f"skipped, counted as neither: {name}", file=sys.stderr)
    for kind in sorted(passed | failed):
        print(f"{kind}: {passed[kind]} passed, {failed[kind]} failed", file=sys.stderr)
    print(f"{sum(passed.values())} passed, {sum(failed.values())} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
