# SPDX-License-Identifier: Apache-2.0
"""For tests of programs that use Nexpo."""

from __future__ import annotations

from nexpo._core import ManualClock

__all__ = ["ManualClock"]
