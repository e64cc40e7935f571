# SPDX-License-Identifier: Apache-2.0
"""`nexpo-http --verify-audit` on the database of a host, before and after somebody changed it behind the host's back."""

import os
import sqlite3

from host import HostTest, Host, main, run


class Audit(HostTest):
    def setUp(self):
        super().setUp()
        host = Host(self.folder)
        # The start has created the owner; what no job has sealed is sealed at the end.
        self.database = os.path.join(self.folder, "data", "nexpo.db")
        host.signal()
        self.assertEqual(host.wait(), 0)
        self.assertEqual(self.rows("SELECT count(*) FROM audit_heads")[0][0], 2)
        self.assertEqual(self.rows("SELECT count(*) FROM audit_entries WHERE position IS NULL")[0][0], 0)

    def rows(self, sql):
        connection = sqlite3.connect(self.database)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.commit()
            connection.close()

    def verify(self):
        return run(["--verify-audit"], folder=self.folder)

    def test_an_untouched_audit_is_ok(self):
        done = self.verify()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"^\d+ sealed rows in 2 chains, 0 not sealed yet\naudit ok\n$")

    def test_an_edited_row_is_named(self):
        [(entry, organization)] = self.rows(
            "SELECT id, organization_id FROM audit_entries WHERE operation = 'organizations.bootstrap'")
        self.rows(f"UPDATE audit_entries SET actor_id = 'acc_mallory' WHERE id = '{entry}'")
        done = self.verify()
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{organization}: row 1 ({entry}) is not what was sealed\n", done.stdout)
        self.assertIn("AUDIT CHANGED\n", done.stdout)

    def test_a_removed_row_is_missed(self):
        self.rows("DELETE FROM audit_entries WHERE operation = 'organizations.bootstrap'")
        done = self.verify()
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"org_\w+: row 1 is missing\n")

    def test_a_mistyped_path_is_no_database(self):
        done = run(["--database=sqlite:date/nexpo.db", "--verify-audit"], folder=self.folder)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(done.stderr, "nexpo-http: cannot verify the audit: there is no database date/nexpo.db\n")
        self.assertEqual(os.listdir(self.folder), ["data"])

    def test_rows_that_wait_are_told_apart(self):
        self.rows("INSERT INTO audit_entries (id, at, actor_kind, actor_id, operation, target, outcome, request_id, address)"
                  " VALUES ('aud_x', 1700000000000000, 'system', '', 'x.y', '', 'ok', '', '')")
        done = self.verify()
        self.assertEqual(done.returncode, 0)
        self.assertIn("1 not sealed yet (since 2023-11-14T22:13:20Z)\naudit ok\n", done.stdout)


if __name__ == "__main__":
    main()
