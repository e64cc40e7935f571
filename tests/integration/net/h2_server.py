#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An HTTP/2 server over TLS for tests: h2_server.py DIRECTORY [tls1.1].

Makes a certificate for localhost in DIRECTORY/cert.pem, then prints its port. `/hold/N` is answered when N requests
stand open on one connection, anything else at once. Ends with its standard input.
"""

import os
import socket
import ssl
import subprocess
import sys
import threading

import h2.config
import h2.connection
import h2.events


def serve(connection):
    state = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
    state.initiate_connection()
    connection.sendall(state.data_to_send())
    held = []

    def answer(stream, body):
        state.send_headers(stream, [(":status", "200"), ("x-h2", "yes")])
        state.send_data(stream, body, end_stream=True)

    while data := connection.recv(65536):
        for event in state.receive_data(data):
            if isinstance(event, h2.events.RequestReceived):
                path = dict(event.headers)[":path"]
                if not path.startswith("/hold/"):
                    answer(event.stream_id, path.encode())
                    continue
                held.append(event.stream_id)
                if len(held) == int(path.rsplit("/", 1)[1]):
                    while held:
                        answer(held.pop(), b"together")
        connection.sendall(state.data_to_send())


def handle(context, client):
    try:
        with context.wrap_socket(client, server_side=True) as connection:
            if connection.selected_alpn_protocol() == "h2":
                serve(connection)
    except OSError:
        pass  # the client has gone, or did not like us


def main():
    directory = sys.argv[1]
    key, certificate = os.path.join(directory, "key.pem"), os.path.join(directory, "cert.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
                    "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out",
                    certificate], check=True, stderr=subprocess.DEVNULL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["h2"])
    if "tls1.1" in sys.argv:
        context.set_ciphers("DEFAULT@SECLEVEL=0")
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    while True:
        client, _ = listener.accept()
        threading.Thread(target=handle, args=(context, client), daemon=True).start()


if __name__ == "__main__":
    main()
