# SPDX-License-Identifier: Apache-2.0
"""What stands for a value that is not given."""

from __future__ import annotations

from enum import Enum
from typing import Final, Literal

__all__ = ["UNSET", "Unset"]


class _Unset(Enum):
    UNSET = "UNSET"

    def __repr__(self) -> str:
        return "nexpo.UNSET"

    def __bool__(self) -> bool:
        return False


Unset = Literal[_Unset.UNSET]
"""The type of `UNSET`."""

UNSET: Final = _Unset.UNSET
"""A value that is not given: what is stored stays as it is. `None` clears it."""
