# SPDX-License-Identifier: Apache-2.0
"""Measures how fast Nexpo is; tests/bench/run prepares what this needs and starts it."""

import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys
import time

from context import CannotMeasure, Context, say, spread
from rows import ROWS

ROOT = pathlib.Path(__file__).resolve().parents[3]


def arguments():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--binaries", default=ROOT / "build/release")
    parser.add_argument("--output")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--list", action="store_true")
    return parser.parse_args()


def chosen(names):
    unknown = sorted(set(names) - {row.name for row in ROWS})
    if unknown:
        say(f"There is no row {', '.join(unknown)} (see --list)")
        sys.exit(2)
    return [row for row in ROWS if not names or row.name in names]


def number(value):
    """Enough digits to compare, no more."""
    return f"{value:.0f}" if value >= 1000 else f"{value:.3g}" if value < 100 else f"{value:.1f}"


def line(result):
    return "\t".join([result["name"], number(result["ours"]), number(result["theirs"]), result["unit"],
                      f"{result['ratio']:.3g}", result["reach"], result["verdict"]])


def measure(context, row):
    say(f"== {row.name}: {row.about}")
    start = time.monotonic()
    measured = row.measure(context)
    say(f"    ours {spread(measured.ours)}" + (f", theirs {spread(measured.theirs)}" if measured.theirs else "") +
        f"; took {time.monotonic() - start:.0f} s")
    return row.result(measured)


def machine():
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as info:
        model = next((entry.split(":", 1)[1].strip() for entry in info if entry.startswith("model name")), "")
    commit = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    return {"processor": model, "processors": len(os.sched_getaffinity(0)), "kernel": platform.release(),
            "load_average": os.getloadavg(), "commit": commit.stdout.strip()}


def main():
    options = arguments()
    rows = chosen(options.names)
    if options.list:
        print("\n".join(f"{row.name}\t{row.relation}{row.reach:g}\t{row.about}" for row in rows))
        return 0
    context = Context(options.binaries, rounds=options.rounds or (1 if options.smoke else 5),
                      seconds=options.seconds or (0.3 if options.smoke else 3.0), smoke=options.smoke)
    if os.getloadavg()[0] > 0.5 and not options.smoke:
        say(f"The machine is busy (load average {os.getloadavg()[0]:.1f}): do not trust these figures")
    report = {"started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "machine": machine(),
              "rounds": context.rounds, "seconds": context.seconds, "rows": []}
    failures = 0
    try:
        for row in rows:
            try:
                result = measure(context, row)
                print(line(result), flush=True)
            except Exception as error:  # whatever a row meets: the others are measured all the same
                failures += 1
                what = str(error) if isinstance(error, CannotMeasure) else f"{type(error).__name__}: {error}"
                say(f"{row.name}: cannot measure: {what}")
                result = {"name": row.name, "error": what}
            report["rows"].append(result)
    finally:
        context.close()
    output = options.output or ROOT / ("build/bench-smoke.json" if options.smoke else "build/bench.json")
    pathlib.Path(output).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
