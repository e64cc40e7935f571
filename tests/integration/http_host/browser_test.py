# SPDX-License-Identifier: Apache-2.0
"""A page of another origin in a real browser: what it may ask and what it may read."""

import http.server
import json
import os
import shutil
import signal
import subprocess
import threading

from host import HostTest, eventually, main

BROWSER = shutil.which("chromium-headless-shell") or shutil.which("chromium")
PASSWORD = "correct horse battery"

PAGE = """<!doctype html><meta charset="utf-8"><script>
const api = %s, mail = "owner@example.com", word = %s;
async function attempt(path, options) {
  try {
    const answer = await fetch(api + path, options);
    const shown = Object.fromEntries(["ETag", "X-Request-Id", "WWW-Authenticate"].map(n => [n, answer.headers.get(n)]));
    const text = await answer.text();
    return {status: answer.status, shown, body: text ? JSON.parse(text) : null};
  } catch (error) {
    return {failed: error.name};
  }
}
(async () => {
  const json = {"Content-Type": "application/json"};
  const seen = {};
  seen.login = await attempt("/auth/login",
    {method: "POST", headers: json, body: JSON.stringify({email: mail, password: word})});
  const bearer = {"Authorization": "Bearer " + seen.login.body?.access_token, "X-Request-Id": "page-1"};
  seen.me = await attempt("/users/me", {headers: bearer});
  const own = "/users/" + seen.me.body?.id;
  seen.change = await attempt(own, {method: "PATCH", body: '{"name":"Page"}',
    headers: {...json, ...bearer, "If-Match": seen.me.shown?.ETag, "Idempotency-Key": "page-key"}});
  seen.stale = await attempt(own, {method: "PATCH", body: '{"name":"Late"}',
    headers: {...json, ...bearer, "If-Match": seen.me.shown?.ETag}});
  seen.nobody = await attempt("/users/me", {});
  seen.document = await attempt("/openapi.json", {});
  seen.cookies = await attempt("/health/live", {credentials: "include"});
  seen.header = await attempt("/health/live", {headers: {"X-Unheard-Of": "1"}});
  seen.method = await attempt("/health/live", {method: "PUT"});
  await fetch("/seen", {method: "POST", body: JSON.stringify(seen)});
})();
</script>"""


class PageServer(http.server.ThreadingHTTPServer):
    """Serves the page and takes what it saw."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), PageHandler)
        self.origin = f"http://127.0.0.1:{self.server_address[1]}"
        self.page = ""
        self.seen = None
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def stop(self):
        self.shutdown()
        self.server_close()


class PageHandler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.server.page.encode() if self.path == "/" else b""
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.server.seen = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


class Browser(HostTest):
    def page_server(self):
        server = PageServer()
        self.addCleanup(server.stop)
        return server

    def visit(self, server, host):
        """What the page saw when it was opened in a browser."""
        server.page = PAGE % (json.dumps(host.url), json.dumps(PASSWORD))
        profile = os.path.join(self.folder, f"profile-{server.server_address[1]}")
        with open(os.path.join(self.folder, "browser.log"), "w", encoding="utf-8") as log:
            browser = subprocess.Popen(
                [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                 "--disable-background-networking", "--remote-debugging-port=0", f"--user-data-dir={profile}",
                 server.origin + "/"], stdout=log, stderr=log, env=os.environ | {"HOME": self.folder},
                start_new_session=True)
            try:
                return eventually(lambda: server.seen, "what the page saw")
            finally:
                os.killpg(browser.pid, signal.SIGKILL)  # the program is a script that starts others
                browser.wait()

    def test_pages_of_an_allowed_origin_read_what_they_need(self):
        server = self.page_server()
        host = self.start("--gateway.cors_origins=https://other.example," + server.origin,
                          environment={"NEXPO_ADMIN_PASSWORD": PASSWORD})
        seen = self.visit(server, host)
        self.assertEqual(seen["login"]["status"], 200)
        self.assertEqual(seen["me"]["status"], 200)
        self.assertEqual(seen["me"]["shown"]["X-Request-Id"], "page-1")
        self.assertEqual(seen["me"]["shown"]["ETag"], f'"v{seen["me"]["body"]["version"]}"')
        self.assertEqual((seen["change"]["status"], seen["change"]["body"]["name"]), (200, "Page"))
        self.assertEqual((seen["stale"]["status"], seen["stale"]["body"]["reason"]), (412, "version_mismatch"))
        self.assertEqual(seen["nobody"]["status"], 401)
        self.assertEqual(seen["nobody"]["shown"]["WWW-Authenticate"], 'Bearer realm="nexpo"')
        self.assertEqual(seen["document"]["body"]["openapi"], "3.1.0")
        self.assertRegex(seen["document"]["shown"]["ETag"], r'^"[\w-]+-gzip"$')
        for refused in ("cookies", "header", "method"):
            self.assertEqual(seen[refused], {"failed": "TypeError"}, refused)

    def test_pages_of_other_origins_read_nothing(self):
        server = self.page_server()
        host = self.start("--gateway.cors_origins=https://other.example",
                          environment={"NEXPO_ADMIN_PASSWORD": PASSWORD})
        for what, saw in self.visit(server, host).items():
            self.assertEqual(saw, {"failed": "TypeError"}, what)
        # Requests that need no preflight are answered all the same; the others are not even sent.
        eventually(lambda: [line for line in host.access() if line["method"] == "GET" and line["status"] == 401],
                   "the access line of a request without preflight")
        self.assertEqual({line["method"] for line in host.access()}, {"GET", "OPTIONS"})


if __name__ == "__main__":
    if not BROWSER:
        raise SystemExit("this test needs chromium")
    main()
