#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""PubsubDouble: stands in for Google Cloud Pub/Sub, Google's token endpoint and the metadata server.

pubsub_double.py PORT KEY_FILE writes the key file of a service account, as the Cloud console gives it, and serves.
Projects whose names begin with `emulator` take no credentials, as Google's emulator does; all others want a token.
PUT /_double/v1/… creates topics and subscriptions, with the bodies of the vendor's API.
POST /_double/transient {"subscription": path, "times"} lets the first id of so many acknowledgements fail for now.
"""

import base64
import json
import re
import secrets
import sys
import time
import urllib.parse

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from double import Answer, Double, check, members

AUDIENCE = "https://oauth2.googleapis.com/token"
SCOPE = "https://www.googleapis.com/auth/pubsub"
LONGEST_PULL = 1.0


def failure(code, status, message, details=()):
    error = {"code": code, "message": message, "status": status}
    if details:
        error["details"] = list(details)
    return Answer(code, {"error": error})


class Message:
    def __init__(self, data, attributes, key):
        self.data, self.attributes, self.key = data, attributes, key
        self.id = str(secrets.randbelow(10**15))


class Subscription:
    """Messages that wait, in order, and those that somebody holds until a deadline."""

    def __init__(self, settings):
        self.deadline = settings.get("ackDeadlineSeconds", 10)
        self.ordering = settings.get("enableMessageOrdering", False)
        self.exactly_once = settings.get("enableExactlyOnceDelivery", False)
        policy = settings.get("deadLetterPolicy", {})
        self.dead_topic, self.most = policy.get("deadLetterTopic"), policy.get("maxDeliveryAttempts", 5)
        self.messages = []  # with the number of their deliveries
        self.held = {}  # by ackId: the message and when it is anybody's again
        self.done = set()
        self.transient = 0


class PubsubDouble(Double):
    def __init__(self, port, key_file):
        super().__init__(port)
        self.topics, self.subscriptions = {}, {}
        self.key = rsa.generate_private_key(65537, 2048)
        self.key_id = secrets.token_hex(20)
        pem = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        with open(key_file, "w", encoding="utf-8") as file:
            json.dump({"type": "service_account", "project_id": "test", "private_key_id": self.key_id,
                       "private_key": pem.decode(), "client_email": "nexpo@test.iam.gserviceaccount.com",
                       "client_id": "1", "auth_uri": "https://accounts.google.com/o/oauth2/auth",
                       "token_uri": f"http://127.0.0.1:{port}/token"}, file)

    # Tokens

    def token(self, handler):
        """https://developers.google.com/identity/protocols/oauth2/service-account#httprest"""
        check(handler.command == "POST", "method")
        check(handler.one_header("Content-Type") == "application/x-www-form-urlencoded", "Content-Type")
        form = urllib.parse.parse_qs(handler.body.decode(), strict_parsing=True)
        check({name: len(values) for name, values in form.items()} == {"grant_type": 1, "assertion": 1}, "form")
        check(form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"], "grant_type")
        assertion = form["assertion"][0]
        header = jwt.get_unverified_header(assertion)
        check(header == {"alg": "RS256", "typ": "JWT", "kid": self.key_id}, f"header {header}")
        try:
            claims = jwt.decode(assertion, self.key.public_key(), algorithms=["RS256"], audience=AUDIENCE, leeway=300)
        except jwt.PyJWTError as error:
            raise Answer(400, {"error": "invalid_grant", "error_description": str(error)}) from error
        members(claims, ["iss", "scope", "aud", "iat", "exp"])
        check(claims["scope"] == SCOPE, "scope")
        check(claims["exp"] - claims["iat"] <= 3600, "an assertion lives for an hour at most")
        raise Answer(200, {"access_token": self.tokens.give(claims["iss"]), "expires_in": 3599, "token_type": "Bearer"})

    def metadata(self, handler, query):
        """https://cloud.google.com/compute/docs/metadata/querying-metadata"""
        if handler.headers.get("Metadata-Flavor") != "Google":
            raise Answer(403, b"Missing Metadata-Flavor:Google header.")
        check(handler.command == "GET" and query == {"scopes": [SCOPE]}, "method or query")
        check("X-Forwarded-For" not in handler.headers, "X-Forwarded-For")
        raise Answer(200, {"access_token": self.tokens.give("metadata"), "expires_in": 3599, "token_type": "Bearer"},
                     {"Metadata-Flavor": "Google", "Content-Type": "application/json"})

    def authorize(self, handler, project):
        shown = handler.headers.get_all("Authorization", [])
        if project.startswith("emulator"):
            return check(not shown, "an emulator takes no credentials")
        kind, _, token = "".join(shown).partition(" ")
        if len(shown) != 1 or kind != "Bearer" or not self.tokens.is_good(token):
            raise failure(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
        return None

    # https://cloud.google.com/pubsub/docs/reference/rest

    def serve(self, handler):
        path, _, query = handler.path.partition("?")
        query = urllib.parse.parse_qs(query)
        if path == "/token":
            self.token(handler)
        if path == "/computeMetadata/v1/instance/service-accounts/default/token":
            self.metadata(handler, query)
        found = re.fullmatch(r"/v1/(projects/([^/:]+)/(topics|subscriptions)/[^/:]+):(\w+)", path)
        check(found and not query, f"path {handler.path}")
        name, project, kind, method = found.groups()
        self.authorize(handler, project)
        check(handler.command == "POST", "method")
        allowed = {"topics": [self.publish], "subscriptions": [self.pull, self.acknowledge, self.modifyAckDeadline]}
        call = next((one for one in allowed[kind] if one.__name__ == method), None)
        check(call, f"method {method} of {kind}")
        entities = self.topics if kind == "topics" else self.subscriptions
        body = handler.json_body()
        with self.lock:
            if name not in entities:
                raise failure(404, "NOT_FOUND", "Resource not found")
            call(handler, name, body)

    def publish(self, _handler, name, body):
        messages = members(body, ["messages"])["messages"]
        check(isinstance(messages, list) and 1 <= len(messages) <= 1000, "1 to 1,000 messages")
        check(len(_handler.body) <= 10_000_000, "10 MB at most")
        published = []
        for message in messages:
            members(message, [], ["data", "attributes", "orderingKey"])
            data = message.get("data", "")
            check(base64.b64encode(base64.b64decode(data, validate=True)).decode() == data, "data")
            check(data or message.get("attributes"), "data or an attribute is needed")
            check(len(message.get("orderingKey", "").encode()) <= 1024, "orderingKey")
            published.append(Message(data, message.get("attributes", {}), message.get("orderingKey", "")))
        for message in published:
            self.deliver(name, message)
        raise Answer(200, {"messageIds": [message.id for message in published]})

    def deliver(self, topic, message):
        for subscription in self.topics[topic]:
            subscription.messages.append([message, 0])
        self.changed.notify_all()

    def reclaim(self, subscription):
        """What nobody holds any more, or too often was held."""
        now = time.monotonic()
        for ack_id, (entry, end) in list(subscription.held.items()):
            if end > now:
                continue
            del subscription.held[ack_id]
            if subscription.dead_topic and entry[1] >= subscription.most:
                subscription.messages.remove(entry)
                self.deliver(subscription.dead_topic, Message(entry[0].data, entry[0].attributes, ""))

    def pull(self, handler, name, body):
        most = members(body, ["maxMessages"])["maxMessages"]
        check(type(most) is int and most >= 1, "maxMessages")
        subscription = self.subscriptions[name]

        def look():
            self.reclaim(subscription)
            held = {id(entry) for entry, _ in subscription.held.values()}
            taken, keys = [], set()
            for entry in subscription.messages:
                key = entry[0].key if subscription.ordering else ""
                if id(entry) not in held and key not in keys and len(taken) < most:
                    taken.append(entry)
                if key:
                    keys.add(key)
            return taken

        received = []
        for entry in self.wait_for(handler, LONGEST_PULL, look) or []:
            entry[1] += 1
            ack_id = secrets.token_urlsafe(120)
            subscription.held[ack_id] = (entry, time.monotonic() + subscription.deadline)
            message = {"data": entry[0].data, "messageId": entry[0].id, "publishTime": "2026-01-01T00:00:00Z"}
            if entry[0].attributes:
                message["attributes"] = entry[0].attributes
            if entry[0].key:
                message["orderingKey"] = entry[0].key
            received.append({"ackId": ack_id, "message": message})
            if subscription.dead_topic:
                received[-1]["deliveryAttempt"] = entry[1]
        raise Answer(200, {"receivedMessages": received} if received else {})

    def ids(self, handler, body, optional=()):
        ids = members(body, ["ackIds"], optional)["ackIds"]
        check(isinstance(ids, list) and ids and all(isinstance(one, str) and one for one in ids), "ackIds")
        check(len(handler.body) <= 512 * 1024, "512 KiB at most")
        return ids

    def acknowledge(self, handler, name, body):
        subscription = self.subscriptions[name]
        self.reclaim(subscription)
        failed = {}
        for number, ack_id in enumerate(self.ids(handler, body)):
            if subscription.transient and number == 0:
                subscription.transient -= 1
                failed[ack_id] = "TRANSIENT_FAILURE_UNORDERED_ACK_ID"
            elif ack_id in subscription.held:
                subscription.messages.remove(subscription.held.pop(ack_id)[0])
                subscription.done.add(ack_id)
            elif ack_id not in subscription.done:
                failed[ack_id] = "PERMANENT_FAILURE_INVALID_ACK_ID"
        self.changed.notify_all()
        self.tell(subscription, failed)

    def modifyAckDeadline(self, handler, name, body):  # pylint: disable=invalid-name
        seconds = members(body, ["ackIds", "ackDeadlineSeconds"])["ackDeadlineSeconds"]
        check(type(seconds) is int and 0 <= seconds <= 600, "ackDeadlineSeconds")
        subscription = self.subscriptions[name]
        self.reclaim(subscription)
        failed = {}
        for ack_id in self.ids(handler, body, ["ackDeadlineSeconds"]):
            if ack_id in subscription.held:
                subscription.held[ack_id] = (subscription.held[ack_id][0], time.monotonic() + seconds)
            else:
                failed[ack_id] = "PERMANENT_FAILURE_INVALID_ACK_ID"
        self.reclaim(subscription)
        self.changed.notify_all()
        self.tell(subscription, failed)

    @staticmethod
    def tell(subscription, failed):
        """Only subscriptions with exactly-once delivery tell."""
        if failed and subscription.exactly_once:
            raise failure(400, "FAILED_PRECONDITION", "Some acknowledgement ids in the request were invalid.",
                          [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "EXACTLY_ONCE_ACKID_FAILURE",
                            "domain": "pubsub.googleapis.com", "metadata": failed}])
        raise Answer(200, {})

    # What the operator does

    def set_up(self, handler, path):
        body = handler.any_json()
        with self.lock:
            if path == "transient":
                self.subscriptions[body["subscription"]].transient = body["times"]
                return
            found = re.fullmatch(r"v1/(projects/[^/]+/(topics|subscriptions)/[^/]+)", path)
            check(found and handler.command == "PUT", f"path {path}")
            name, kind = found.groups()
            if kind == "topics":
                self.topics.setdefault(name, [])
                return
            members(body, ["topic"], ["ackDeadlineSeconds", "enableMessageOrdering", "enableExactlyOnceDelivery",
                                      "deadLetterPolicy"])
            check(10 <= body.get("ackDeadlineSeconds", 10) <= 600, "ackDeadlineSeconds")
            check(5 <= body.get("deadLetterPolicy", {}).get("maxDeliveryAttempts", 5) <= 100, "maxDeliveryAttempts")
            self.subscriptions[name] = Subscription(body)
            self.topics[body["topic"]].append(self.subscriptions[name])


if __name__ == "__main__":
    PubsubDouble(int(sys.argv[1]), sys.argv[2]).serve_forever()
