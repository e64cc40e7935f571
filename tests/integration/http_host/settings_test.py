# SPDX-License-Identifier: Apache-2.0
"""Settings as a deployment gives them."""

import os
import re

from host import HostTest, main, run

SECRET = "hunter2-and-more"


class Settings(HostTest):
    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def refused(self, arguments, environment, *lines):
        done = run(["--check-config", *arguments], environment, self.folder)
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        self.assertEqual(sorted(done.stderr.splitlines()), sorted("nexpo-http: " + line for line in lines))

    def accepted(self, arguments=(), environment=None):
        done = run(["--check-config", *arguments], environment, self.folder)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "configuration ok\n", ""))

    def test_good_settings_are_told_and_nothing_is_opened(self):
        self.accepted()
        self.accepted(["--http.port", "9000", "--auth.open_registration"], {"NEXPO_HTTP_ADDRESS": "::"})
        self.assertEqual(os.listdir(self.folder), [])

    def test_unknown_settings_are_named_with_a_suggestion(self):
        config = self.write("nexpo.toml", "[http]\nprot = 1\n")
        self.refused(["--config", config, "--http.treads=2", "--xyzzy=1"], {"NEXPO_HTTP_PROT": "1"},
                     f"http.prot in {config} line 2: unknown setting; did you mean http.port?",
                     "--http.treads: unknown setting; did you mean --http.threads?",
                     "--xyzzy: unknown setting",
                     "NEXPO_HTTP_PROT: unknown setting; did you mean NEXPO_HTTP_PORT?")

    def test_mistyped_settings_are_told_all_at_once(self):
        config = self.write("nexpo.toml", "database = 1\n")
        self.refused(["--config=" + config, "--http.port=high", "--log.level=loud"],
                     {"NEXPO_AUTH_OPEN_REGISTRATION": "yes", "NEXPO_HTTP_IDLE_SECONDS": "0",
                      "NEXPO_HTTP_ADDRESS": "localhost"},
                     f"database from {config} line 1: must be text",
                     'http.port from --http.port: must be a whole number from 0 to 65535, not "high"',
                     'log.level from --log.level: must be one of debug, info, warning, error, not "loud"',
                     'auth.open_registration from NEXPO_AUTH_OPEN_REGISTRATION: must be true or false, not "yes"',
                     "http.idle_seconds from NEXPO_HTTP_IDLE_SECONDS: must be at least 1")

    def test_what_descriptions_cannot_say_is_checked_too(self):
        self.refused(["--admin.password=short"],
                     {"NEXPO_HTTP_ADDRESS": "localhost", "NEXPO_SEALING_KEY": SECRET,
                      "NEXPO_GATEWAY_CORS_ORIGINS": "https://app.example.com,app.example.com"},
                     "gateway.cors_origins from NEXPO_GATEWAY_CORS_ORIGINS: element 1 (counted from 0) must be an origin "
                     "as browsers send it, such as https://app.example.com, https://*.example.com or *",
                     "http.address from NEXPO_HTTP_ADDRESS: must be an IP address",
                     "sealing_key from NEXPO_SEALING_KEY: must be 32 bytes as base64, base64url or hex",
                     "admin.password from --admin.password: must have 8 to 1024 bytes")

    def test_key_may_have_any_of_its_forms(self):
        for key in ("0" * 64, "A" * 43, "A" * 43 + "=", "-" * 43, "+" * 43 + "="):
            self.accepted(environment={"NEXPO_SEALING_KEY": key})

    def test_secret_may_come_from_a_file(self):
        self.accepted(environment={"NEXPO_SEALING_KEY_FILE": self.write("key", "A" * 43 + "\n")})
        wrong = self.write("wrong", SECRET)
        self.refused([], {"NEXPO_SEALING_KEY_FILE": wrong},
                     "sealing_key from NEXPO_SEALING_KEY_FILE: must be 32 bytes as base64, base64url or hex")
        self.refused([], {"NEXPO_ADMIN_PASSWORD_FILE": "/nonexistent"},
                     'NEXPO_ADMIN_PASSWORD_FILE: the file "/nonexistent" cannot be read: No such file or directory')

    def test_file_that_is_missing_or_no_toml_is_told(self):
        self.refused(["--config", "/nonexistent.toml"], {},
                     "/nonexistent.toml: cannot be read: No such file or directory")
        config = self.write("bad.toml", f'[admin]\npassword = "{SECRET}\n')
        done = run(["--check-config"], {"NEXPO_CONFIG": config}, self.folder)
        self.assertEqual(done.returncode, 2)
        self.assertIn(f"nexpo-http: {config}: is not valid TOML at line 2", done.stderr)
        self.assertNotIn(SECRET, done.stderr)

    def test_pipes_are_not_waited_for(self):
        pipe = os.path.join(self.folder, "pipe")
        os.mkfifo(pipe)
        self.refused(["--config", pipe], {}, f"{pipe}: is not a regular file")
        self.refused([], {"NEXPO_SEALING_KEY_FILE": pipe},
                     f'NEXPO_SEALING_KEY_FILE: the file "{pipe}" is not a regular file')

    def test_flag_beats_environment_beats_file(self):
        config = self.write("nexpo.toml", "[http]\nport = 70001\n")
        file, flag, environment = ["--config", config], "--http.port=70003", {"NEXPO_HTTP_PORT": "70002"}
        rule = ": must be at most 65535"
        self.refused(file, {}, f"http.port from {config} line 2{rule}")
        self.refused(file, environment, "http.port from NEXPO_HTTP_PORT" + rule)
        self.refused([*file, flag], environment, "http.port from --http.port" + rule)

    def test_help_names_every_setting(self):
        done = run(["--help"])
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for text in ("--database, NEXPO_DATABASE", "--http.port, NEXPO_HTTP_PORT", "Default: 8080.",
                     "NEXPO_SEALING_KEY_FILE", "--auth.open_registration", "--check-config"):
            self.assertIn(text, done.stdout)

    def test_version_is_one_line(self):
        self.assertRegex(run(["--version"]).stdout, r"^nexpo-http \d+\.\d+\.\d+\n$")


class Examples(HostTest):
    """The committed example files are what the program prints; refresh them with its --print-… actions."""

    def committed(self, name):
        with open(os.path.join(os.environ["NEXPO_SOURCE"], "hosts", "http", name), encoding="utf-8") as file:
            return file.read()

    def test_example_toml_is_current_and_loads(self):
        text = self.committed("nexpo.example.toml")
        self.assertEqual(run(["--print-toml"]).stdout, text)
        path = os.path.join(self.folder, "all.toml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(re.sub(r"^#(?! )", "", text, flags=re.MULTILINE))
        self.assertEqual(run(["--check-config", "--config", path]).stdout, "configuration ok\n")

    def test_example_environment_is_current_and_loads(self):
        text = self.committed(".env.example")
        self.assertEqual(run(["--print-env"]).stdout, text)
        given = dict(line[1:].split("=", 1) for line in text.splitlines() if re.match(r"#NEXPO_", line))
        given = {name: value for name, value in given.items() if not name.endswith("_FILE")}
        self.assertGreater(len(given), 20)
        self.assertEqual(run(["--check-config"], given).stdout, "configuration ok\n")


if __name__ == "__main__":
    main()
