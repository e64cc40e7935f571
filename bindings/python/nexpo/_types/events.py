# SPDX-License-Identifier: Apache-2.0
# Written by bindings/python/generate/generate.py; not for editing.

"""What the operations `events.…` take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from nexpo._struct import Struct

__all__ = ["Event"]


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
