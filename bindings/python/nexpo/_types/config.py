# SPDX-License-Identifier: Apache-2.0
# Written by bindings/python/generate/generate.py; not for editing.

"""The settings."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Literal, TypeAlias

from nexpo._struct import Struct

__all__ = [
    "AuthConfig",
    "Config",
    "GatewayConfig",
    "LimitsConfig",
    "NotificationConfig",
    "OutboundConfig",
    "SigningAlgorithm",
    "SigningAlgorithmLike",
    "ThreadsConfig",
    "WorkConfig",
]


class SigningAlgorithm(StrEnum):
    """The words of `SigningAlgorithm`."""

    ES256 = "es256"
    EDDSA = "eddsa"


SigningAlgorithmLike: TypeAlias = SigningAlgorithm | Literal["es256", "eddsa"]
"""A `SigningAlgorithm`, or its word."""


class AuthConfig(Struct):
    """Settings; each may be left out."""

    open_registration: bool = False
    """Anybody may sign up and gets an organization of their own."""
    issuer: str = "nexpo"
    """The `iss` and `aud` of access tokens."""
    access_token_seconds: int = 900
    """Life of an access token."""
    session_seconds: int = 2592000
    """Life of a session without a refresh."""
    hash_memory_mib: int = 76
    """Memory for hashing passwords at the same time; one hash takes 19 MiB."""
    hash_queue: int = 16
    """Sign-ins that may wait for a hash; more are refused at once."""
    signing_algorithm: SigningAlgorithmLike = SigningAlgorithm.ES256
    """What access tokens are signed with; another one than before makes a new key."""
    signing_key_days: int = 90
    """Age at which a new signing key takes over; 0 = never by itself."""
    signing_key_publish_seconds: int = 600
    """How long a new signing key is published before it signs."""


class LimitsConfig(Struct):
    """Settings; each may be left out."""

    address_per_minute: int = 20
    """Credential calls per client address and minute; 0 = no limit."""
    account_per_minute: int = 10
    """Credential calls per account and minute; 0 = no limit."""
    caller_per_minute: int = 600
    """Other calls per caller and minute; 0 = no limit."""
    failed_identity_per_minute: int = 60
    """Refused tokens and API keys per client address and minute; beyond it those that are not known already are
    refused without a look. 0 = no limit.
    """
    call_seconds: int = 30
    """Longest time for one call."""
    streams_per_caller: int = 20
    """Live subscriptions (streams of events) that one caller may have open; 0 = no limit."""
    streams: int = 10000
    """Live subscriptions of all callers that may be open; 0 = no limit."""


class GatewayConfig(Struct):
    """Settings; each may be left out."""

    cors_origins: Sequence[str] = ()
    """Origins whose pages may read answers in a browser (CORS): https://app.example.com, https://*.example.com for
    all with one more label, or only * for every one.
    """
    cors_credentials: bool = False
    """Pages of these origins may send cookies and certificates. Access tokens do not need it."""
    cors_max_age_seconds: int = 600
    """How long a browser may rely on what these settings allowed."""
    hsts_seconds: int = 0
    """How long browsers shall use nothing but TLS for this host, told in answers over TLS; 0 = not told."""
    compress: bool = True
    """Answers are compressed (gzip) for clients that accept it, never those with credentials."""
    compress_min_bytes: int = 1024
    """Shorter answers are sent as they are."""
    operations: bool = True
    """The operations are served. Off: only health and metrics, for a process that works."""
    body_bytes: int = 1048576
    """Longest request body, as sent and after decompression; longer ones are answered 413."""


class ThreadsConfig(Struct):
    """Settings; each may be left out."""

    hash: int = 0
    """Threads that hash passwords; 0 = one per core, as far as auth.hash_memory_mib allows."""
    readers: int = 8
    """Database connections for reading, used on the callers' threads."""
    writers: int = 16
    """Connections for writing, each with a thread; PostgreSQL only."""
    jobs: int = 4
    """Threads that run background jobs, beside one that finds them; 0 = none."""
    events: bool = True
    """One thread that follows new events while there are live subscriptions."""
    queue: bool = True
    """With work.queue, one thread that sends to it, and where jobs run one that receives."""


class WorkConfig(Struct):
    """Settings; each may be left out."""

    _secrets = frozenset({"queue", "signals"})

    lease_seconds: int = 30
    """How long a background job stays with a worker that is not heard of any more."""
    housekeeping: bool = True
    """The library's own schedules run: they seal the audit every minute and remove what has expired."""
    queue: str = ""
    """URL of a queue that wakes workers of other processes at once, such as redis://host?queue=jobs. Empty: none;
    they look into the database once a second, and PostgreSQL wakes them too.
    """
    signals: str = ""
    """Redis over which processes tell each other of jobs and events where the database cannot, such as
    redis://host?queue=nexpo.
    """


class OutboundConfig(Struct):
    """Settings; each may be left out."""

    _secrets = frozenset({"proxy"})

    proxy: str = ""
    """The one proxy for HTTP requests to others, http://user:password@host:port; empty: none."""
    ca_file: str = ""
    """PEM of the trusted roots; empty: the system's."""
    allowed_networks: Sequence[str] = ()
    """Networks (10.0.0.0/8) that URLs given by users may lead to, beside the public Internet."""
    allowed_hosts: Sequence[str] = ()
    """Names of hosts that URLs given by users may lead to, whatever their addresses."""


class NotificationConfig(Struct):
    """Settings; each may be left out."""

    allow_http: bool = False
    """URLs of webhooks may be http://; for development."""
    webhooks_per_organization: int = 20
    """How many webhooks an organization may have."""
    webhook_concurrency: int = 20
    """How many messages are under way to one webhook at a time."""
    webhook_timeout_seconds: int = 15
    """How long one attempt to deliver a message may take."""


class Config(Struct):
    """Settings; each may be left out."""

    _secrets = frozenset({"database_owner", "sealing_key", "sealing_keys_old"})

    database: str = ""
    """`sqlite:<file>` or `postgresql://user:password@host:port/database`."""
    database_owner: str = ""
    """PostgreSQL: the same database with the role that owns the tables. It migrates and lets the role of `database`
    use them. Empty: the role of `database` does it.
    """
    database_replicas: Sequence[str] = ()
    """PostgreSQL: URLs of standby servers to read from."""
    database_replica_lag_seconds: int = 5
    """A replica that is further behind is not read from."""
    migrate: bool = True
    """The database and its tables are made and brought up to date. Else one that is missing or of another version is
    refused.
    """
    sealing_key: str = ""
    """32 bytes as base64, base64url or hex. Empty: a key kept in the database, which protects nothing from whoever
    has the file.
    """
    sealing_keys_old: str = ""
    """Keys that only open what they sealed, with commas or white space between them. For changing the key."""
    create_organizations: bool = True
    """The application's own calls create a missing organization on their first write."""
    auth: AuthConfig = AuthConfig()
    limits: LimitsConfig = LimitsConfig()
    gateway: GatewayConfig = GatewayConfig()
    threads: ThreadsConfig = ThreadsConfig()
    work: WorkConfig = WorkConfig()
    outbound: OutboundConfig = OutboundConfig()
    notification: NotificationConfig = NotificationConfig()
