#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ServiceBusDouble: stands in for Azure Service Bus over REST, and for those that give tokens at Azure.

service_bus_double.py PORT serves. The shared access policy `nexpo` has the key `KEY`; the application `app` of the tenant
`tenant` has the secret `client secret` and the federated assertion `assertion`; managed identities are at the paths that
virtual machines and App Service have (with the header's value `identity header`).
PUT /_double/queues/NAME {"lock": seconds, "max_deliveries": n} creates a queue, or a subscription of a topic.
"""

import base64
import hashlib
import hmac
import json
import re
import secrets
import sys
import time
import urllib.parse

from double import Answer, Double, check, members, refuse

KEY = "c2VydmljZSBidXMga2V5IG9mIHRoZSBkb3VibGU="
RESOURCE = "https://servicebus.azure.net/"
# Whoever sends what it read here to this host sends it somewhere else.
LOCATION = "https://double.servicebus.windows.net"


def failure(code, detail):
    body = f"<Error><Code>{code}</Code><Detail>{detail}. TrackingId:{secrets.token_hex(16)}</Detail></Error>"
    return Answer(code, body.encode(), {"Content-Type": "application/xml; charset=utf-8"})


class Message:
    def __init__(self, number, body, properties):
        self.number, self.body, self.properties = number, body, properties
        self.id = secrets.token_hex(16)
        self.deliveries = 0
        self.token, self.locked_until = None, 0.0


class Entity:
    """A queue, with its dead letters."""

    def __init__(self, lock, max_deliveries):
        self.lock, self.max_deliveries = lock, max_deliveries
        self.messages, self.dead = [], []


class ServiceBusDouble(Double):
    def __init__(self, port):
        super().__init__(port)
        self.entities = {}
        self.numbers = 0

    # Who asks

    def entra(self, handler, tenant):
        """https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow"""
        check(handler.command == "POST", "method")
        check(handler.one_header("Content-Type") == "application/x-www-form-urlencoded", "Content-Type")
        form = dict(urllib.parse.parse_qsl(handler.body.decode(), strict_parsing=True))
        shown = {"client_secret": "client secret"} if "client_secret" in form else {
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": "assertion"}
        expected = {"grant_type": "client_credentials", "client_id": "app", "scope": RESOURCE + ".default"} | shown
        check(set(form) == set(expected), f"form {sorted(form)}")
        check(form["grant_type"] == expected["grant_type"] and form["scope"] == expected["scope"], "form")
        if form != expected or tenant != "tenant":
            raise Answer(401, {"error": "invalid_client", "error_description": "AADSTS7000215"})
        self.give("secret" if "client_secret" in form else "assertion", {"expires_in": 3599})

    def managed(self, handler, query, of_app_service):
        """https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token and
        https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference"""
        check(handler.command == "GET", "method")
        expected = {"api-version": "2019-08-01" if of_app_service else "2018-02-01", "resource": RESOURCE}
        client = query.pop("client_id", "the machine")
        check(query == expected, f"query {query}")
        if of_app_service:
            if handler.headers.get("X-IDENTITY-HEADER") != "identity header":
                raise Answer(401, {"message": "unauthorized"})
            self.give(client, {"expires_on": str(int(time.time()) + 3600)})
        if handler.headers.get("Metadata") != "true":
            raise Answer(400, {"error": "bad_request_102", "error_description": "Required metadata header not specified"})
        self.give(client, {"expires_in": "3599", "expires_on": str(int(time.time()) + 3599)})

    def give(self, whose, times):
        raise Answer(200, {"access_token": self.tokens.give(whose), "token_type": "Bearer"} | times)

    def authorize(self, handler, path):
        shown = handler.one_header("Authorization")
        kind, _, rest = shown.partition(" ")
        good = self.tokens.is_good(rest) if kind == "Bearer" else self.is_signed(handler, path, shown)
        if not good:
            raise failure(401, "Unauthorized access")

    def is_signed(self, handler, path, shown):
        """https://learn.microsoft.com/azure/service-bus-messaging/service-bus-sas#generate-a-shared-access-signature-token"""
        found = re.fullmatch(r"SharedAccessSignature sr=([^&]+)&sig=([^&]+)&se=(\d+)&skn=([^&]+)", shown)
        check(found, "the form of the signature")
        resource, signature, end, name = found.groups()
        wanted = f"http://{handler.one_header('Host')}{path}"
        target = urllib.parse.unquote(resource)
        check(target == target.lower(), "sr is in lower case")
        is_within = (wanted.lower() + "/").startswith(target + "/")
        key = hmac.new(KEY.encode(), f"{resource}\n{end}".encode(), hashlib.sha256).digest()
        is_ours = hmac.compare_digest(base64.b64encode(key), urllib.parse.unquote(signature).encode())
        return is_within and is_ours and name == "nexpo" and time.time() < int(end)

    # https://learn.microsoft.com/rest/api/servicebus/service-bus-runtime-rest

    def serve(self, handler):
        path, _, query = handler.path.partition("?")
        query = dict(urllib.parse.parse_qsl(query, strict_parsing=bool(query)))
        found = re.fullmatch(r"/([^/]+)/oauth2/v2.0/token", path)
        if found:
            self.entra(handler, found[1])
        if path in ("/metadata/identity/oauth2/token", "/msi/token"):
            self.managed(handler, query, path == "/msi/token")
        self.authorize(handler, path)
        found = re.fullmatch(r"/(.+?)(/\$deadletterqueue)?/messages(?:/(head)|/([^/]+)/([^/]+))?", path)
        check(found, f"path {handler.path}")
        name, dead, head, number, token = found.groups()
        call = (handler.command, "head" if head else "lock" if token else "send")
        with self.lock:
            if call == ("POST", "send") and not dead:
                self.send(handler, name, query)
            entity = self.entities.get(name)
            if entity is None:
                raise failure(410, "The messaging entity could not be found")
            check(not handler.body, "a body")
            if call == ("POST", "head"):
                self.lock_one(handler, entity, f"/{name}{dead or ''}", query, entity.dead if dead else entity.messages)
            check(call[1] == "lock" and call[0] in ("POST", "PUT", "DELETE") and not query, f"{call}")
            self.on_lock(handler.command, entity, entity.dead if dead else entity.messages, number, token)

    def send(self, handler, name, query):
        """https://learn.microsoft.com/rest/api/servicebus/send-message-batch"""
        targets = [entity for key, entity in self.entities.items() if key == name or key.startswith(name + "/subscriptions/")]
        if not targets or any("/subscriptions/" in key for key in self.entities if key == name):
            raise failure(410, "The messaging entity could not be found")
        check(not query, "query")
        check(handler.one_header("Content-Type") == "application/vnd.microsoft.servicebus.json", "Content-Type")
        messages = handler.any_json()
        check(isinstance(messages, list) and messages, "a list of messages")
        if len(handler.body) > 256 * 1024:
            raise failure(403, "The message is too large")
        for message in messages:
            members(message, ["Body"], ["BrokerProperties", "UserProperties"])
            check(isinstance(message["Body"], str), "Body")
            for value in members(message.get("UserProperties", {}), [], message.get("UserProperties", {})).values():
                check(isinstance(value, (str, int, float)), "UserProperties")
        for message in messages:
            for entity in targets:
                self.numbers += 1
                entity.messages.append(
                    Message(self.numbers, message["Body"].encode(), message.get("UserProperties", {})))
        self.changed.notify_all()
        raise Answer(201, b"", {"Content-Type": "application/vnd.microsoft.servicebus.json"})

    @staticmethod
    def reclaim(entity):
        now = time.monotonic()
        for message in entity.messages + entity.dead:
            if message.token and message.locked_until <= now:
                message.token = None
        for message in [one for one in entity.messages if not one.token and one.deliveries >= entity.max_deliveries]:
            entity.messages.remove(message)
            entity.dead.append(message)

    def lock_one(self, handler, entity, path, query, messages):
        """https://learn.microsoft.com/rest/api/servicebus/peek-lock-message-non-destructive-read"""
        check(set(query) == {"timeout"} and re.fullmatch(r"\d+", query["timeout"]), f"query {query}")
        check(1 <= int(query["timeout"]) <= 60, "timeout")

        def look():
            self.reclaim(entity)
            return next((message for message in messages if not message.token), None)

        message = self.wait_for(handler, int(query["timeout"]), look)
        if not message:
            raise Answer(204)
        message.token = secrets.token_hex(16)
        message.locked_until = time.monotonic() + entity.lock
        message.deliveries += 1
        properties = {"DeliveryCount": message.deliveries, "EnqueuedSequenceNumber": 0,
                      "EnqueuedTimeUtc": "Sat, 24 Jan 2026 18:23:45 GMT", "LockToken": message.token,
                      "LockedUntilUtc": "Sat, 24 Jan 2026 18:24:45 GMT", "MessageId": message.id,
                      "SequenceNumber": message.number, "State": "Active", "TimeToLive": 922337203685.47754}
        headers = {"BrokerProperties": json.dumps(properties), "Content-Type": "text/plain",
                   "Location": f"{LOCATION}{path}/messages/{message.number}/{message.token}"}
        for name, value in message.properties.items():
            headers[name] = json.dumps(value)
        raise Answer(201, message.body, headers)

    def on_lock(self, method, entity, messages, number, token):
        self.reclaim(entity)
        for message in messages:
            if number not in (str(message.number), message.id) or message.token != token:
                continue
            if method == "DELETE":
                messages.remove(message)
            elif method == "PUT":
                message.token = None
            else:
                message.locked_until = time.monotonic() + entity.lock
            self.reclaim(entity)
            self.changed.notify_all()
            raise Answer(200, b"")
        raise failure(404, "The lock supplied is invalid")

    # What the operator does

    def set_up(self, handler, path):
        if not path.startswith("queues/"):
            refuse(f"path {path}")
        body = members(handler.any_json(), ["lock", "max_deliveries"])
        with self.lock:
            self.entities[path.removeprefix("queues/")] = Entity(body["lock"], body["max_deliveries"])


if __name__ == "__main__":
    ServiceBusDouble(int(sys.argv[1])).serve_forever()
