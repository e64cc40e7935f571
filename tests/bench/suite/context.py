# SPDX-License-Identifier: Apache-2.0
"""What every row needs: where the programs are, which processor each side gets, and how long is measured."""

import contextlib
import dataclasses
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[1]


class CannotMeasure(Exception):
    """A row has no result; the message says why."""


@dataclasses.dataclass(frozen=True)
class Measured:
    """What the rounds gave. `theirs` is empty when a row has a fixed limit."""

    ours: list
    theirs: list = dataclasses.field(default_factory=list)
    notes: dict = dataclasses.field(default_factory=dict)


class Context:
    """One run of the suite. Everything that it starts ends with `close`."""

    def __init__(self, binaries, rounds, seconds, smoke):
        self.binaries = pathlib.Path(binaries).resolve()
        self.rounds = rounds
        self.seconds = seconds
        self.smoke = smoke
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="nexpo-bench-"))
        self.folder.chmod(0o755)  # PostgreSQL runs as a user of its own
        self.stack = contextlib.ExitStack()
        self._shared = {}
        processors = sorted(os.sched_getaffinity(0))
        self.server_cpu, self.load_cpu = processors[0], processors[-1]
        self.apart = len(processors) > 1

    def close(self):
        self.stack.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def shared(self, name, make):
        """What several rows use is made once, by the first; what failed for one fails for the others."""
        if name not in self._shared:
            try:
                self._shared[name] = make()
            except CannotMeasure as error:
                self._shared[name] = error
        if isinstance(self._shared[name], CannotMeasure):
            raise self._shared[name]
        return self._shared[name]

    def program(self, name):
        folder = {"nexpo-http": "hosts/http", "nexpo-grpc": "hosts/grpc"}.get(name, "tests/bench")
        path = self.binaries / folder / name
        if not path.exists():
            raise CannotMeasure(f"{path} is not built")
        return str(path)

    def on_server_cpu(self, command):
        return ["taskset", "--cpu-list", str(self.server_cpu), *command]

    def on_load_cpu(self, command):
        return ["taskset", "--cpu-list", str(self.load_cpu), *command]

    def need_two_processors(self):
        if not self.apart:
            raise CannotMeasure("load and server need a processor each")

    def rounds_of(self, *sides):
        """Samples of each side, in turns and each round in the other direction, so that drift meets all."""
        samples = [[] for _ in sides]
        for number in range(self.rounds):
            order = range(len(sides)) if number % 2 == 0 else reversed(range(len(sides)))
            for side in order:
                samples[side].append(sides[side]())
        return samples


def run(command, **options):
    """Runs a program to its end and answers its output."""
    timeout = options.pop("timeout", 300)
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=timeout, **options)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotMeasure(str(error)) from error
    if done.returncode != 0:
        raise CannotMeasure(f"{' '.join(command[:6])}: {(done.stderr or done.stdout).strip()[-600:]}")
    return done.stdout


def run_json(command, **options):
    """Runs a program whose last line is JSON."""
    return json.loads(run(command, **options).strip().splitlines()[-1])


def wait_until(condition, what, seconds=30):
    """Polls; answers what the condition answered."""
    end = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise CannotMeasure(f"waited in vain for {what}")
        time.sleep(0.01)


def spread(samples):
    """For people: the median, and how far the samples lie apart."""
    middle = statistics.median(samples)
    return f"{middle:.6g} ({min(samples):.6g} to {max(samples):.6g}, {len(samples)} rounds)"


def say(text):
    print(text, file=sys.stderr, flush=True)
