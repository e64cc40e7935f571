# SPDX-License-Identifier: Apache-2.0
"""Changing keys with the flags of nexpo-http."""

import contextlib
import os
import pathlib
import sqlite3

import host

FIRST = "A" * 43
SECOND = "B" * 42 + "A"


class Keys(host.HostTest):
    def act(self, *flags, **environment):
        return host.run(flags, {f"NEXPO_{name}": value for name, value in environment.items()}, self.folder)

    def test_rotating_and_revoking_while_the_host_serves(self):
        server = self.start()
        before = self.ask(server, host.request("/.well-known/jwks.json")).json()["keys"]
        self.assertEqual(len(before), 1)
        done = self.act("--rotate-keys")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("signs access tokens from", done.stdout)
        self.assertNotIn(before[0]["kid"], done.stdout)
        done = self.act("--revoke-keys")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("are refused", done.stdout)

    def test_changing_the_sealing_key(self):
        self.assertEqual(self.act("--migrate-only", SEALING_KEY=FIRST).returncode, 0)
        made = self.act("--reseal", SEALING_KEY=FIRST)
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertIn("re-sealed 0 values", made.stdout)
        first_id = made.stdout.split("under the key ")[1][:8]
        refused = self.act("--reseal", SEALING_KEY=SECOND)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn(first_id, refused.stderr)
        pathlib.Path(self.folder, "old").write_text(FIRST + "\n", encoding="utf-8")
        done = self.act("--reseal", SEALING_KEY=SECOND, SEALING_KEYS_OLD_FILE=os.path.join(self.folder, "old"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("re-sealed 4 values", done.stdout)
        self.assertIn("sealing_keys_old may be removed", done.stdout)
        self.assertEqual(self.act("--reseal", SEALING_KEY=SECOND).returncode, 0)
        self.assertNotEqual(self.act("--reseal", SEALING_KEY=FIRST).returncode, 0)

    def test_a_key_that_somebody_put_into_the_database_is_ignored_and_removed(self):
        self.assertEqual(self.act("--migrate-only", SEALING_KEY=FIRST).returncode, 0)
        with contextlib.closing(sqlite3.connect(os.path.join(self.folder, "data", "nexpo.db"))) as database, database:
            database.execute("INSERT INTO installation_facts (name, value) VALUES ('sealing_key', ?)", [SECOND])
            database.commit()
            self.assertNotEqual(self.act("--reseal", SEALING_KEY=SECOND).returncode, 0)
            done = self.act("--reseal", SEALING_KEY=FIRST)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("re-sealed 0 values", done.stdout)
            self.assertIn("was ignored; it is removed", done.stdout)
            left = database.execute("SELECT count(*) FROM installation_facts WHERE name = 'sealing_key'")
            self.assertEqual(left.fetchone()[0], 0)

    def test_no_key_is_in_the_output_or_the_database(self):
        self.assertEqual(self.act("--migrate-only", SEALING_KEY=FIRST).returncode, 0)
        done = self.act("--reseal", SEALING_KEY=FIRST, SEALING_KEYS_OLD=SECOND)
        self.assertEqual(done.returncode, 0, done.stderr)
        with sqlite3.connect(os.path.join(self.folder, "data", "nexpo.db")) as database:
            text = "\n".join(database.iterdump())
        for key in (FIRST, SECOND):
            self.assertNotIn(key, done.stdout + done.stderr)
            self.assertNotIn(key, text)


if __name__ == "__main__":
    host.main()
