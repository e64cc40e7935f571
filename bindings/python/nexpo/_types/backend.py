# SPDX-License-Identifier: Apache-2.0
# Written by bindings/python/generate/generate.py; not for editing.

"""What a backend says of itself."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal, TypeAlias

from nexpo._struct import Struct

__all__ = ["AuditFault", "AuditFaultKind", "AuditFaultKindLike", "AuditReport", "Health", "HealthCheck"]


class AuditFaultKind(StrEnum):
    """The words of `AuditFaultKind`."""

    CHANGED = "changed"
    REMOVED = "removed"
    HEAD_MISSING = "head_missing"
    HEAD_MISMATCH = "head_mismatch"
    HEAD_UNVERIFIED = "head_unverified"
    BEGIN_MISSING = "begin_missing"
    BEGUN_TWICE = "begun_twice"


AuditFaultKindLike: TypeAlias = AuditFaultKind | Literal[
    "changed",
    "removed",
    "head_missing",
    "head_mismatch",
    "head_unverified",
    "begin_missing",
    "begun_twice",
]
"""A `AuditFaultKind`, or its word."""


class HealthCheck(Struct):
    """A `HealthCheck`."""

    name: str
    ok: bool
    latency_ms: float
    message: str


class Health(Struct):
    """A `Health`."""

    ok: bool
    checks: list[HealthCheck]


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
