# SPDX-License-Identifier: Apache-2.0
"""Live events."""

from __future__ import annotations

__all__ = ["AsyncSubscription", "Subscription"]


class Subscription:
    """Events of one organization, pulled one by one."""


class AsyncSubscription:
    """The same for asyncio."""
