# SPDX-License-Identifier: Apache-2.0
# Written by bindings/python/generate/generate.py; not for editing.

"""What operations take and answer, and the settings."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

from nexpo._struct import Page
from nexpo._types.api_keys import ApiKey, NewApiKey
from nexpo._types.auth import JsonWebKey, JsonWebKeySet, RotatedKeys, TokenInfo, Tokens
from nexpo._types.backend import AuditFault, AuditFaultKind, AuditFaultKindLike, AuditReport, Health, HealthCheck
from nexpo._types.config import (
    AuthConfig,
    Config,
    GatewayConfig,
    LimitsConfig,
    NotificationConfig,
    OutboundConfig,
    SigningAlgorithm,
    SigningAlgorithmLike,
    ThreadsConfig,
    WorkConfig,
)
from nexpo._types.events import Event
from nexpo._types.jobs import Job, ReplayedJobs
from nexpo._types.organizations import BootstrapResult
from nexpo._types.schedules import MissedRuns, MissedRunsLike, RanSchedule, Schedule, SchedulePreview
from nexpo._types.users import Role, RoleLike, User
from nexpo._types.webhooks import (
    JobState,
    JobStateLike,
    NewWebhook,
    ReplayedWebhook,
    Webhook,
    WebhookDelivery,
    WebhookOff,
    WebhookOffLike,
    WebhookScheme,
    WebhookSchemeLike,
)

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
    (
        "changed",
        "removed",
        "head_missing",
        "head_mismatch",
        "head_unverified",
        "begin_missing",
        "begun_twice",
    ): AuditFaultKind,
}
