# SPDX-License-Identifier: Apache-2.0
# Written by bindings/python/generate/generate.py; not for editing.

"""Opening a backend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nexpo._backend import Backend, open_backend
from nexpo._types.config import (
    AuthConfig,
    Config,
    GatewayConfig,
    LimitsConfig,
    NotificationConfig,
    OutboundConfig,
    ThreadsConfig,
    WorkConfig,
)
from nexpo._unset import UNSET, Unset

__all__ = ["open"]


def open(
    database: str | Config,
    *,
    database_owner: str | Unset = UNSET,
    database_replicas: Sequence[str] | Unset = UNSET,
    database_replica_lag_seconds: int | Unset = UNSET,
    migrate: bool | Unset = UNSET,
    sealing_key: str | Unset = UNSET,
    sealing_keys_old: str | Unset = UNSET,
    create_organizations: bool | Unset = UNSET,
    auth: AuthConfig | Mapping[str, Any] | Unset = UNSET,
    limits: LimitsConfig | Mapping[str, Any] | Unset = UNSET,
    gateway: GatewayConfig | Mapping[str, Any] | Unset = UNSET,
    threads: ThreadsConfig | Mapping[str, Any] | Unset = UNSET,
    work: WorkConfig | Mapping[str, Any] | Unset = UNSET,
    outbound: OutboundConfig | Mapping[str, Any] | Unset = UNSET,
    notification: NotificationConfig | Mapping[str, Any] | Unset = UNSET,
    **extras: Any,
) -> Backend:
    """Open a backend.

    The database is made, or brought up to date, and the threads of the settings are started. Close it, or use it
    in a `with` statement.

    Args:
        database: `sqlite:<file>` or `postgresql://user:password@host:port/database`, or a whole `Config`.
        database_owner: PostgreSQL: the same database with the role that owns the tables. It migrates and lets the
            role of `database` use them. Empty: the role of `database` does it.
        database_replicas: PostgreSQL: URLs of standby servers to read from.
        database_replica_lag_seconds: A replica that is further behind is not read from.
        migrate: The database and its tables are made and brought up to date. Else one that is missing or of
            another version is refused.
        sealing_key: 32 bytes as base64, base64url or hex. Empty: a key kept in the database, which protects
            nothing from whoever has the file.
        sealing_keys_old: Keys that only open what they sealed, with commas or white space between them. For
            changing the key.
        create_organizations: The application's own calls create a missing organization on their first write.

    Raises:
        InvalidArgument: a setting; `violations` name it.
        FailedPrecondition: `database_newer`, `sealing_key_wrong`.
        Unavailable: the database cannot be opened.
    """
    settings = {
        "database_owner": database_owner,
        "database_replicas": database_replicas,
        "database_replica_lag_seconds": database_replica_lag_seconds,
        "migrate": migrate,
        "sealing_key": sealing_key,
        "sealing_keys_old": sealing_keys_old,
        "create_organizations": create_organizations,
        "auth": auth,
        "limits": limits,
        "gateway": gateway,
        "threads": threads,
        "work": work,
        "outbound": outbound,
        "notification": notification,
    }
    return open_backend(database, settings, extras)
