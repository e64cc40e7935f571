# SPDX-License-Identifier: Apache-2.0
# Written by bindings/python/generate/generate.py; not for editing.

"""What the operations `webhooks.…` take and answer."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal, TypeAlias

from nexpo._struct import Struct

__all__ = [
    "JobState",
    "JobStateLike",
    "NewWebhook",
    "ReplayedWebhook",
    "Webhook",
    "WebhookDelivery",
    "WebhookOff",
    "WebhookOffLike",
    "WebhookScheme",
    "WebhookSchemeLike",
]


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


JobStateLike: TypeAlias = JobState | Literal[
    "scheduled",
    "blocked",
    "ready",
    "running",
    "succeeded",
    "dead",
    "cancelled",
]
"""A `JobState`, or its word."""


class NewWebhook(Struct):
    """What `webhooks.create`, `webhooks.rotate` answer."""

    _secrets = frozenset({"secret"})

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


class ReplayedWebhook(Struct):
    """What `webhooks.replay` answers."""

    count: int
    """How many messages are sent again."""
