# SPDX-License-Identifier: Apache-2.0
"""A client that shares no code with gRPC's own: @grpc/grpc-js."""

import json
import os
import subprocess

from host import DEADLINE, OWNER, PASSWORD, SOURCE, TOOLS, HostTest, main


class Peers(HostTest):
    def test_javascript_calls_streams_and_follows(self):
        host = self.start()
        done = subprocess.run(["node", os.path.join(TOOLS, "grpc", "npm", "peer.mjs"), host.address,
                               os.path.join(SOURCE, "hosts", "grpc", "proto"), OWNER, PASSWORD], capture_output=True,
                              text=True, timeout=DEADLINE, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        seen = json.loads(done.stdout)
        self.assertEqual((seen["me"]["email"], seen["me"]["role"]), (OWNER, "ROLE_OWNER"))
        self.assertEqual((seen["created"]["role"], seen["event"]), ("ROLE_VIEWER", "js@example.com"))
        self.assertEqual(seen["refused"], {"code": 3, "details": 1})
        bulk = seen["bulk"]
        self.assertEqual((bulk["succeeded"], bulk["failed"], bulk["failures"][0]["index"]), ("49", "1", "3"))
        self.assertEqual(seen["listed"], 51)


if __name__ == "__main__":
    main()
