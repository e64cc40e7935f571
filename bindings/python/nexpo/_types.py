# SPDX-License-Identifier: Apache-2.0
# Written by bindings/python/generate/generate.py; not for editing.

"""What operations take and answer, and the settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final, Literal, TypeAlias

from nexpo._struct import Page, Struct

__all__ = [
    "ApiKey",
    "AuditFault",
    "AuditFaultKind",
    "AuditFaultKindLike",
    "AuditReport",
    "AuthConfig",
    "BootstrapResult",
    "Config",
    "Event",
    "GatewayConfig",
    "Health",
    "HealthCheck",
    "Job",
    "JobState",
    "JobStateLike",
    "JsonWebKey",
    "JsonWebKeySet",
    "LimitsConfig",
    "MissedRuns",
    "MissedRunsLike",
    "NewApiKey",
    "NewWebhook",
    "NotificationConfig",
    "OutboundConfig",
    "RanSchedule",
    "ReplayedJobs",
    "ReplayedWebhook",
    "Role",
    "RoleLike",
    "RotatedKeys",
    "Schedule",
    "SchedulePreview",
    "SigningAlgorithm",
    "SigningAlgorithmLike",
    "ThreadsConfig",
    "TokenInfo",
    "Tokens",
    "User",
    "Webhook",
    "WebhookDelivery",
    "WebhookOff",
    "WebhookOffLike",
    "WebhookScheme",
    "WebhookSchemeLike",
    "WorkConfig",
]


class Role(StrEnum):
    """The words of `Role`."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"


RoleLike: TypeAlias = Role | Literal["owner", "admin", "member", "viewer"]
"""A `Role`, or its word."""


class WebhookScheme(StrEnum):
    """The words of `WebhookScheme`."""

    V1 = "v1"
    V1A = "v1a"


WebhookSchemeLike: TypeAlias = WebhookScheme | Literal["v1", "v1a"]
"""A `WebhookScheme`, or its word."""


class WebhookOff(StrEnum):
    """The words of `WebhookOff`."""

    BY_HAND = "by_hand"
    GONE = "gone"
    FAILING = "failing"


WebhookOffLike: TypeAlias = WebhookOff | Literal["by_hand", "gone", "failing"]
"""A `WebhookOff`, or its word."""


class JobState(StrEnum):
    """The words of `JobState`."""

    SCHEDULED = "scheduled"
    BLOCKED = "blocked"
    READY = "ready"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    DEAD = "dead"
    CANCELLED = "cancelled"


JobStateLike: TypeAlias = JobState | Literal["scheduled", "blocked", "ready", "running", "succeeded", "dead", "cancelled"]
"""A `JobState`, or its word."""


class MissedRuns(StrEnum):
    """The words of `MissedRuns`."""

    SKIP = "skip"
    ONCE = "once"
    ALL = "all"


MissedRunsLike: TypeAlias = MissedRuns | Literal["skip", "once", "all"]
"""A `MissedRuns`, or its word."""


class SigningAlgorithm(StrEnum):
    """The words of `SigningAlgorithm`."""

    ES256 = "es256"
    EDDSA = "eddsa"


SigningAlgorithmLike: TypeAlias = SigningAlgorithm | Literal["es256", "eddsa"]
"""A `SigningAlgorithm`, or its word."""


class AuditFaultKind(StrEnum):
    """The words of `AuditFaultKind`."""

    CHANGED = "changed"
    REMOVED = "removed"
    HEAD_MISSING = "head_missing"
    HEAD_MISMATCH = "head_mismatch"
    HEAD_UNVERIFIED = "head_unverified"
    BEGIN_MISSING = "begin_missing"
    BEGUN_TWICE = "begun_twice"


AuditFaultKindLike: TypeAlias = AuditFaultKind | Literal["changed", "removed", "head_missing", "head_mismatch", "head_unverified", "begin_missing", "begun_twice"]
"""A `AuditFaultKind`, or its word."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Tokens(Struct):
    """What `auth.sign_up`, `auth.login`, `auth.refresh` answer."""

    _secrets: ClassVar[frozenset[str]] = frozenset({"access_token", "refresh_token"})

    access_token: str
    """Send it as `Authorization: Bearer`."""
    refresh_token: str
    """Exchange it once for new tokens."""
    token_type: str
    """Always `Bearer`."""
    expires_in: int
    """Life of the access token in seconds."""
    user_id: str
    organization_id: str


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class TokenInfo(Struct):
    """What `auth.validate` answers."""

    active: bool
    """Genuine, in time, and its session not ended."""
    token_type: str | None
    iss: str | None
    sub: str | None
    """The account."""
    iat: int | None
    exp: int | None
    user_id: str | None
    organization_id: str | None
    session_id: str | None
    role: str | None
    """The role at this moment."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class JsonWebKey(Struct):
    """A `JsonWebKey`."""

    kty: str
    crv: str
    x: str
    y: str | None
    use: str
    alg: str
    kid: str


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class JsonWebKeySet(Struct):
    """What `auth.keys` answers."""

    keys: list[JsonWebKey]


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class RotatedKeys(Struct):
    """What `auth.rotate_keys` answers."""

    kid: str
    active_at: datetime
    """It signs from then on."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class NewApiKey(Struct):
    """What `api_keys.create`, `api_keys.rotate` answer."""

    _secrets: ClassVar[frozenset[str]] = frozenset({"secret"})

    id: str
    organization_id: str
    name: str
    """What it is for."""
    scopes: list[str]
    """The permissions it has."""
    hint: str
    """The last four characters of the secret."""
    created_by: str
    """A user, or `system`."""
    created_at: datetime
    expires_at: datetime | None
    """Absent: never."""
    last_used_at: datetime | None
    """To about ten minutes."""
    old_secret_expires_at: datetime | None
    """Until when the secret before the rotation works."""
    version: int
    """The record's ETag."""
    secret: str
    """Shown this once. Send it as `Authorization: Bearer`."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class ApiKey(Struct):
    """What `api_keys.list`, `api_keys.get` answer."""

    id: str
    organization_id: str
    name: str
    """What it is for."""
    scopes: list[str]
    """The permissions it has."""
    hint: str
    """The last four characters of the secret."""
    created_by: str
    """A user, or `system`."""
    created_at: datetime
    expires_at: datetime | None
    """Absent: never."""
    last_used_at: datetime | None
    """To about ten minutes."""
    old_secret_expires_at: datetime | None
    """Until when the secret before the rotation works."""
    version: int
    """The record's ETag."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class User(Struct):
    """What `users.create`, `users.list`, `users.me`, `users.get`, `users.update` answer."""

    id: str
    organization_id: str
    email: str
    """In lower case; unique in the organization."""
    name: str
    """What to call them; may be empty."""
    role: Role
    """What they may do."""
    created_at: datetime
    updated_at: datetime
    version: int
    """The record's ETag."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class BootstrapResult(Struct):
    """What `organizations.bootstrap` answers."""

    organization_id: str
    owner_created: bool


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class NewWebhook(Struct):
    """What `webhooks.create`, `webhooks.rotate` answer."""

    _secrets: ClassVar[frozenset[str]] = frozenset({"secret"})

    id: str
    organization_id: str
    url: str
    """Where messages are posted to."""
    description: str
    """What it is for."""
    events: list[str]
    """Names of events, or beginnings such as `user.*`; empty: all."""
    ordered: bool
    """Messages come in the order of their events; one that fails holds up the others."""
    scheme: WebhookScheme
    """How messages are signed: `v1` with a shared secret, `v1a` with a key pair (Ed25519)."""
    public_key: str | None
    """`whpk_…`, with `v1a`."""
    enabled: bool
    """Whether anything is delivered."""
    old_secret_expires_at: datetime | None
    """Until when messages carry the signature of before the rotation, too."""
    created_by: str
    """A user, an API key, or `system`."""
    created_at: datetime
    updated_at: datetime
    version: int
    """The record's ETag."""
    secret: str | None
    """`whsec_…`, with `v1`: what receivers verify with. Shown this once."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Webhook(Struct):
    """What `webhooks.list`, `webhooks.get`, `webhooks.update`, `webhooks.enable`, `webhooks.disable` answer."""

    id: str
    organization_id: str
    url: str
    """Where messages are posted to."""
    description: str
    """What it is for."""
    events: list[str]
    """Names of events, or beginnings such as `user.*`; empty: all."""
    ordered: bool
    """Messages come in the order of their events; one that fails holds up the others."""
    scheme: WebhookScheme
    """How messages are signed: `v1` with a shared secret, `v1a` with a key pair (Ed25519)."""
    public_key: str | None
    """`whpk_…`, with `v1a`."""
    enabled: bool
    """Whether anything is delivered."""
    off: WebhookOff | None
    """Why nothing is delivered: it was switched off by hand, it answered 410, or every attempt of five days failed."""
    off_at: datetime | None
    """Since when nothing is delivered."""
    failure: str | None
    """Why the last attempt failed, if it did: a stable word."""
    failing_since: datetime | None
    """Since when no attempt has succeeded."""
    old_secret_expires_at: datetime | None
    """Until when messages carry the signature of before the rotation, too."""
    created_by: str
    """A user, an API key, or `system`."""
    created_at: datetime
    updated_at: datetime
    version: int
    """The record's ETag."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class WebhookDelivery(Struct):
    """What `webhooks.test`, `webhooks.deliveries` answer."""

    id: str
    webhook_id: str
    message_id: str
    """The header `webhook-id`: the same with every attempt and replay."""
    event: str
    """The type of the message."""
    state: JobState
    """Where it stands."""
    attempt: int
    """Attempts so far."""
    max_attempts: int
    """Attempts that it has."""
    status: int | None
    """What the last attempt was answered over HTTP."""
    cause: str | None
    """Why the last attempt failed: a stable word."""
    cause_message: str | None
    """The same for people."""
    created_at: datetime
    """When it was queued."""
    last_attempt_at: datetime | None
    """When its last attempt began."""
    next_attempt_at: datetime | None
    """When its next attempt is due."""
    finished_at: datetime | None
    """When it was delivered or given up."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class ReplayedWebhook(Struct):
    """What `webhooks.replay` answers."""

    count: int
    """How many messages are sent again."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Job(Struct):
    """What `jobs.list`, `jobs.get`, `jobs.cancel`, `jobs.retry` answer."""

    id: str
    organization_id: str | None
    """Absent: the installation's own."""
    kind: str
    """What it does."""
    state: JobState
    """Where it stands."""
    priority: int
    """Each step counts like a minute of waiting."""
    run_at: datetime
    """When it is, or was, due."""
    attempt: int
    """Attempts so far."""
    max_attempts: int
    """Attempts that it has."""
    progress: int
    """In percent."""
    progress_note: str
    """What it is at."""
    cancel_requested: bool
    """It was called off while it ran, and has not ended yet."""
    cause: str | None
    """Why the last attempt failed: a stable word."""
    cause_message: str | None
    """The same for people."""
    idempotency_key: str | None
    """While it is kept, queuing a job of its kind with this key answers this one."""
    unique_key: str | None
    """Until it is over, queuing a job of its kind with this key answers this one."""
    concurrency_key: str | None
    """Jobs that share it run one or a few at a time."""
    payload: Any
    """What the handler gets."""
    result: Any
    """What the handler answered."""
    schedule_id: str | None
    """When a schedule queued it."""
    scheduled_for: datetime | None
    """The time for which a schedule queued it."""
    created_at: datetime
    """When it was queued."""
    started_at: datetime | None
    """When its last attempt began."""
    finished_at: datetime | None
    """When it ended."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class ReplayedJobs(Struct):
    """What `jobs.replay` answers."""

    count: int
    """How many jobs start anew."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Schedule(Struct):
    """What `schedules.list`, `schedules.get`, `schedules.create`, `schedules.update` answer."""

    id: str
    name: str
    """Unique in the organization."""
    kind: str
    """Of the jobs."""
    payload: Any
    """What the jobs' handler gets."""
    rule: str
    """Cron of five or six fields, or an RRULE of RFC 5545."""
    time_zone: str
    """IANA time zone."""
    start_at: datetime
    """Nothing is due before; the DTSTART of an RRULE."""
    missed: MissedRuns
    """What becomes of times at which no worker was there."""
    overlap: bool
    """Jobs may run while one of an earlier time is not finished."""
    paused: bool
    """Nothing is queued."""
    next_at: datetime | None
    """Absent: paused, or there is no next time."""
    last_at: datetime | None
    """The time for which the last job was queued."""
    cause: str | None
    """Why it stopped by itself: a stable word."""
    created_at: datetime
    """When it was made."""
    updated_at: datetime
    """When it was changed last."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class RanSchedule(Struct):
    """What `schedules.run` answers."""

    job_id: str


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class SchedulePreview(Struct):
    """What `schedules.preview` answers."""

    times: list[datetime]
    """The next times."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Event(Struct):
    """What `events.subscribe` answers."""

    id: str
    """Where a subscription goes on, as `after`."""
    name: str
    """For example `user.created`."""
    organization_id: str
    """Where it happened."""
    payload: Any
    """What it says, in the form that its name stands for."""
    created_at: datetime
    """The time of the call that emitted it."""
    request_id: str
    """Of the call that emitted it, or the id of the job."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class HealthCheck(Struct):
    """A `HealthCheck`."""

    name: str
    ok: bool
    latency_ms: float
    message: str


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Health(Struct):
    """A `Health`."""

    ok: bool
    checks: list[HealthCheck]


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class AuditFault(Struct):
    """A `AuditFault`."""

    kind: AuditFaultKind
    """What is wrong."""
    organization_id: str
    """Empty for calls outside any organization."""
    position: int
    """The place in the chain, from 1."""
    entry_id: str
    """The row in question if it is there."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class AuditReport(Struct):
    """A `AuditReport`."""

    organizations: int
    """Chains examined."""
    sealed: int
    """Rows that are sealed."""
    unsealed: int
    """Rows that wait for the next sealing; no fault."""
    oldest_unsealed: datetime | None
    """When the oldest of these was written."""
    faults: list[AuditFault]
    """At most one per chain."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
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


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
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


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
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


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
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


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class WorkConfig(Struct):
    """Settings; each may be left out."""

    _secrets: ClassVar[frozenset[str]] = frozenset({"queue", "signals"})

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


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class OutboundConfig(Struct):
    """Settings; each may be left out."""

    _secrets: ClassVar[frozenset[str]] = frozenset({"proxy"})

    proxy: str = ""
    """The one proxy for HTTP requests to others, http://user:password@host:port; empty: none."""
    ca_file: str = ""
    """PEM of the trusted roots; empty: the system's."""
    allowed_networks: Sequence[str] = ()
    """Networks (10.0.0.0/8) that URLs given by users may lead to, beside the public Internet."""
    allowed_hosts: Sequence[str] = ()
    """Names of hosts that URLs given by users may lead to, whatever their addresses."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
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


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Config(Struct):
    """Settings; each may be left out."""

    _secrets: ClassVar[frozenset[str]] = frozenset({"database_owner", "sealing_key", "sealing_keys_old"})

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
    auth: AuthConfig = field(default_factory=AuthConfig)
    limits: LimitsConfig = field(default_factory=LimitsConfig)
    gateway: GatewayConfig = field(default_factory=GatewayConfig)
    threads: ThreadsConfig = field(default_factory=ThreadsConfig)
    work: WorkConfig = field(default_factory=WorkConfig)
    outbound: OutboundConfig = field(default_factory=OutboundConfig)
    notification: NotificationConfig = field(default_factory=NotificationConfig)


# What the extension makes objects of.
STRUCTS: Final[dict[str, type[Any]]] = {
    "Tokens": Tokens,
    "TokenInfo": TokenInfo,
    "JsonWebKey": JsonWebKey,
    "JsonWebKeySet": JsonWebKeySet,
    "RotatedKeys": RotatedKeys,
    "NewApiKey": NewApiKey,
    "ApiKey": ApiKey,
    "User": User,
    "BootstrapResult": BootstrapResult,
    "NewWebhook": NewWebhook,
    "Webhook": Webhook,
    "WebhookDelivery": WebhookDelivery,
    "ReplayedWebhook": ReplayedWebhook,
    "Job": Job,
    "ReplayedJobs": ReplayedJobs,
    "Schedule": Schedule,
    "RanSchedule": RanSchedule,
    "SchedulePreview": SchedulePreview,
    "Event": Event,
    "HealthCheck": HealthCheck,
    "Health": Health,
    "AuditFault": AuditFault,
    "AuditReport": AuditReport,
    "AuthConfig": AuthConfig,
    "LimitsConfig": LimitsConfig,
    "GatewayConfig": GatewayConfig,
    "ThreadsConfig": ThreadsConfig,
    "WorkConfig": WorkConfig,
    "OutboundConfig": OutboundConfig,
    "NotificationConfig": NotificationConfig,
    "Config": Config,
    "ApiKeyPage": Page,
    "UserPage": Page,
    "WebhookPage": Page,
    "WebhookDeliveryPage": Page,
    "JobPage": Page,
    "SchedulePage": Page,
}
ENUMS: Final[dict[tuple[str, ...], type[StrEnum]]] = {
    ("owner", "admin", "member", "viewer"): Role,
    ("v1", "v1a"): WebhookScheme,
    ("by_hand", "gone", "failing"): WebhookOff,
    ("scheduled", "blocked", "ready", "running", "succeeded", "dead", "cancelled"): JobState,
    ("skip", "once", "all"): MissedRuns,
    ("es256", "eddsa"): SigningAlgorithm,
    ("changed", "removed", "head_missing", "head_mismatch", "head_unverified", "begin_missing", "begun_twice"): AuditFaultKind,
}
