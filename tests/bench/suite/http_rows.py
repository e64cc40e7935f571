# SPDX-License-Identifier: Apache-2.0
"""Rows over HTTP: nexpo-http on the server's processor, the load generator on its own."""

import json
import shutil

from context import CannotMeasure, Measured, say
from servers import BeastConstant, EMAIL, Fastify, NexpoHttp, PASSWORD

CONNECTIONS = 64
NEW_USER = '{"email":"{random}@example.com","name":"Ada Lovelace"}'
#: Of `GET /users/me` while sign-ins come: what a busy but not a full server gets. Per second.
CALM_RATE = 1000


class Site:
    """A database with users, made by nexpo-http itself; rows start servers on copies of it."""

    def __init__(self, context):
        self.context = context
        self.folder = context.folder / "site"
        users = 200 if context.smoke else 10_000
        with NexpoHttp(context, self.folder) as server:
            self.token = server.log_in()
            self.bearer = ("--header", f"Authorization: Bearer {self.token}")
            server.load(*self.bearer, method="POST", target="/users", body=NEW_USER, requests=users, seconds=120)
            self.me = server.ask("GET", "/users/me", token=self.token)[1]
            self.jwk = server.ask("GET", "/.well-known/jwks.json")[1]["keys"][0]
            self.body_bytes = len(json.dumps(self.me, separators=(",", ":")).encode())

    def copy(self, name):
        folder = self.context.folder / name
        if folder.exists():
            shutil.rmtree(folder)
        shutil.copytree(self.folder, folder)
        return folder


def site_of(context):
    context.need_two_processors()
    return context.shared("site", lambda: Site(context))


def checked(report, status):
    """The report, if every answer had this status."""
    if set(report["statuses"]) != {str(status)}:
        raise CannotMeasure(f"answers other than {status}: {json.dumps(report['statuses'])}")
    return report


def me_rate(context, server, headers=()):
    """GET /users/me per second."""
    report = server.load(*headers, target="/users/me", connections=CONNECTIONS, seconds=context.seconds,
                         warm=context.seconds / 4)
    if report["busy"] > 0.95 and not context.smoke:
        say(f"    the load generator was {report['busy']:.0%} busy: the server may be faster than this")
    return checked(report, 200)["per_second"]


def me_vs_beast(context):
    site = site_of(context)
    with NexpoHttp(context, site.copy("ours")) as ours, \
            BeastConstant(context, context.folder / "beast", site.body_bytes) as beast:
        return Measured(*context.rounds_of(lambda: me_rate(context, ours, site.bearer), lambda: me_rate(context, beast)))


def me_vs_fastify(context):
    site = site_of(context)
    folder = site.copy("fastify")
    with NexpoHttp(context, site.copy("ours")) as ours, \
            Fastify(context, folder, folder / "data/nexpo.db", site.jwk) as fastify:
        answer = fastify.ask("GET", "/users/me", token=site.token)
        if answer != (200, site.me):
            raise CannotMeasure(f"fastify answers something else: {answer}")
        if fastify.ask("GET", "/users/me", token=site.token[:-8] + "AAAAAAAA")[0] != 401:
            raise CannotMeasure("fastify takes any token")
        return Measured(*context.rounds_of(lambda: me_rate(context, ours, site.bearer),
                                           lambda: me_rate(context, fastify, site.bearer)))


def users_create_grouped_http(context):
    site = site_of(context)
    with NexpoHttp(context, site.copy("ours")) as server:
        def rate(connections):
            report = server.load(*site.bearer, method="POST", target="/users", body=NEW_USER, connections=connections,
                                 seconds=context.seconds, warm=context.seconds / 4)
            return checked(report, 201)["per_second"]
        return Measured(*context.rounds_of(lambda: rate(64), lambda: rate(1)))


class Flood:
    """The calm rate of `GET /users/me`, alone and with twice the sign-ins that the server can hash."""

    def __init__(self, context):
        site = site_of(context)
        self.calm_p99, self.flooded_p99, self.refusal_p99 = [], [], []
        login = ("--method", "POST", "--target", "/auth/login",
                 "--body", json.dumps({"email": EMAIL, "password": PASSWORD}))
        seconds = max(2 * context.seconds, 1)
        with NexpoHttp(context, site.copy("flood")) as server:
            def measure_me():
                report = server.load(*site.bearer, target="/users/me", connections=CONNECTIONS, rate=CALM_RATE,
                                     seconds=seconds, warm=seconds / 4)
                return checked(report, 200)["statuses"]["200"]["p99_ms"]
            self.capacity = checked(server.load(*login, connections=4, seconds=seconds, warm=seconds / 4), 200)["per_second"]
            for _ in range(context.rounds):
                self.calm_p99.append(measure_me())
                # Sign-ins begin before and end after what they are to disturb.
                flood = server.begin_load(*login, connections=256, rate=2 * self.capacity, seconds=1.5 * seconds + 0.5)
                try:
                    self.flooded_p99.append(measure_me())
                finally:
                    report = flood.report()
                refused = report["statuses"].get("429")
                if refused is None or set(report["statuses"]) != {"200", "429"}:
                    raise CannotMeasure(f"sign-ins were not refused but: {json.dumps(report['statuses'])}")
                self.refusal_p99.append(refused["p99_ms"])
        say(f"    the server hashes {self.capacity:.1f} passwords per second; {2 * self.capacity:.1f} were offered")


def me_under_login_flood(context):
    flood = context.shared("flood", lambda: Flood(context))
    return Measured(flood.flooded_p99, flood.calm_p99, {"hashes_per_second": flood.capacity, "calm_rate": CALM_RATE})


def login_refusal_ms(context):
    return Measured(context.shared("flood", lambda: Flood(context)).refusal_p99)
