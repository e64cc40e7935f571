# SPDX-License-Identifier: Apache-2.0
"""What all structs have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeAlias, TypeVar, Union

__all__ = ["JsonValue", "Page", "Struct"]

T = TypeVar("T")

JsonValue: TypeAlias = Union[None, bool, int, float, str, Sequence["JsonValue"], Mapping[str, "JsonValue"]]
"""Whatever JSON can say."""


class Struct:
    """A record. Immutable; `dataclasses.replace` makes a changed copy. Secrets are not shown."""

    __slots__ = ()
    _secrets: ClassVar[frozenset[str]] = frozenset()

    def __repr__(self) -> str:
        shown = ", ".join(
            f"{name}={'[redacted]' if name in self._secrets else repr(getattr(self, name))}"
            for name in self.__dataclass_fields__  # type: ignore[attr-defined]
        )
        return f"{type(self).__name__}({shown})"


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Page(Struct, Generic[T]):
    """Some records and the way to the rest."""

    items: list[T]
    """The records, in the list's order."""
    next: str | None
    """Pass it as `cursor` for the following page; None on the last one."""
