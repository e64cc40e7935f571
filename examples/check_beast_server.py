#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Starts the beast_server example, signs up through it, and reads a page of its own."""

import json
import pathlib
import subprocess
import sys
import tempfile
import urllib.request


def call(url, body=None, token=None):
    headers = {"Content-Type": "application/json"} if body else {}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = json.dumps(body).encode() if body else None
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=20) as answer:
        return answer.status, answer.read()


with tempfile.TemporaryDirectory() as folder:
    server = subprocess.Popen([sys.argv[1], str(pathlib.Path(folder, "server.db")), "0"], stdout=subprocess.PIPE, text=True)
    try:
        base = server.stdout.readline().strip()
        status, tokens = call(f"{base}/auth/register", {"email": "ada@example.com", "password": "correct horse"})
        assert status in (200, 201), status
        status, me = call(f"{base}/users/me", token=json.loads(tokens)["access_token"])
        assert (status, json.loads(me)["email"]) == (200, "ada@example.com"), me
        status, page = call(base.removesuffix("/api") + "/")
        assert (status, b"the application" in page) == (200, True), page
    finally:
        server.kill()
        server.wait()
