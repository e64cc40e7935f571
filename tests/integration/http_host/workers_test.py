# SPDX-License-Identifier: Apache-2.0
"""`nexpo-http --workers-only`, beside a process that serves and has no workers."""

import os
import sqlite3

from host import HostTest, eventually, main, request, run


class Workers(HostTest):
    def test_it_works_and_serves_nothing_but_health_and_metrics(self):
        serving = self.start("--threads.jobs=0")
        working = self.start("--workers-only")
        self.assertIn("Nexpo runs background jobs", working.output())
        self.assertEqual(self.ask(working, request("/health/ready")).status, 200)
        self.assertEqual(self.ask(working, request("/metrics")).status, 200)
        self.assertEqual(self.ask(working, request("/openapi.json")).json()["paths"], {})
        self.assertEqual(self.ask(working, request("/users/me")).status, 404)
        self.assertEqual(self.ask(serving, request("/users/me")).status, 401)

        database = sqlite3.connect(os.path.join(self.folder, "data", "nexpo.db"))
        self.addCleanup(database.close)
        # The library's own schedules are there, and go.
        eventually(lambda: database.execute("SELECT count(*) FROM job_schedules WHERE next_at IS NOT NULL").fetchone()
                   [0] >= 3, "the library's own schedules")
        database.execute("UPDATE job_schedules SET next_at = created_at WHERE name = 'nexpo.seal_audit'")
        database.commit()
        eventually(lambda: database.execute("SELECT count(*) FROM jobs WHERE kind = 'nexpo.seal_audit'"
                                            " AND state = 'succeeded'").fetchone()[0] >= 1, "a job that has run")
        working.signal()
        self.assertEqual(working.wait(), 0)

    def test_workers_without_threads_are_refused(self):
        done = run(["--workers-only", "--threads.jobs=0"], folder=self.folder)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--workers-only needs threads.jobs to be 1 or more", done.stderr)


if __name__ == "__main__":
    main()
