#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""get_users.py DATABASE SECONDS: calls per second of users.get, in the organization that nexpo_bench_calls has filled."""

import json
import random
import sys
import time

import nexpo

SLICE = 2_000


def main():
    database, seconds = sys.argv[1], float(sys.argv[2])
    with nexpo.open(database) as backend:
        users = backend.as_system("bench").users
        ids = [user.id for user in users.list(limit=200)]
        engine = random.Random(7)
        count, spent, warm = 0, 0, 3
        while spent < seconds * 1e9 or warm:
            chosen = engine.choices(ids, k=SLICE)
            get = users.get
            begin = time.perf_counter_ns()
            for one in chosen:
                get(id=one)
            if warm:
                warm -= 1
                continue
            spent += time.perf_counter_ns() - begin
            count += SLICE
    print(json.dumps({"ours": count / spent * 1e9}))


if __name__ == "__main__":
    main()
