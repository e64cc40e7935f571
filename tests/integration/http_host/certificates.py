# SPDX-License-Identifier: Apache-2.0
"""Certificates of an authority of the test's own, made with the openssl command."""

import os
import subprocess


def openssl(*arguments, folder, text=None):
    done = subprocess.run(["openssl", *arguments], cwd=folder, input=text, text=True, capture_output=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"openssl {' '.join(arguments)}: {done.stderr}")
    return done.stdout


class Authority:
    """Signs certificates; everything is kept in one folder."""

    def __init__(self, folder, name="authority"):
        self.folder = folder
        self.name = name
        self.file = os.path.join(folder, f"{name}.pem")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
                f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem", folder=folder)

    def issue(self, name, key=("ec", "-pkeyopt", "ec_paramgen_curve:P-256"), days=30, extra=()):
        """The paths of a certificate and its key for 127.0.0.1."""
        openssl("req", "-newkey", *key, "-nodes", "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr",
                folder=self.folder)
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{self.name}.pem", "-CAkey", f"{self.name}.key",
                "-CAcreateserial", "-days", str(days), *extra, "-extfile", "/dev/stdin", "-out", f"{name}.pem",
                folder=self.folder, text="subjectAltName=IP:127.0.0.1,DNS:localhost\n")
        return os.path.join(self.folder, f"{name}.pem"), os.path.join(self.folder, f"{name}.key")
