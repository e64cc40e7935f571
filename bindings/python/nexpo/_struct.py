# SPDX-License-Identifier: Apache-2.0
"""What all structs have in common.

They are dataclasses in all but how they are made: `dataclasses.dataclass` compiles several methods for each class, which
would be half of the time that importing the package takes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Generic, NoReturn, TypeAlias, TypeVar, Union, dataclass_transform

__all__ = ["JsonValue", "Page", "Struct"]

T = TypeVar("T")

JsonValue: TypeAlias = Union[None, bool, int, float, str, Sequence["JsonValue"], Mapping[str, "JsonValue"]]
"""Whatever JSON can say."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
class _StructType(type):
    """Makes slots of the annotations of a class and keeps their defaults."""

    def __new__(mcs, name: str, bases: tuple[type, ...], members: dict[str, Any]) -> _StructType:
        fields = [field for field in members.get("__annotations__", ()) if not field.startswith("_")]
        members["_defaults"] = {field: members.pop(field) for field in fields if field in members}
        members["__slots__"] = tuple(fields)
        return super().__new__(mcs, name, bases, members)


class _DataclassFields:
    """`__dataclass_fields__`, for `dataclasses.replace`, `asdict` and their like; made when somebody asks."""

    def __get__(self, instance: object, owner: type[Struct]) -> Any:
        import dataclasses

        fields: list[Any] = []
        for name in owner.__slots__:
            kind = owner.__annotations__[name]
            if name in owner._defaults:
                fields.append((name, kind, dataclasses.field(default=owner._defaults[name])))
            else:
                fields.append((name, kind))
        made = dataclasses.make_dataclass(owner.__name__, fields, frozen=True, kw_only=True)
        type.__setattr__(owner, "__dataclass_fields__", made.__dataclass_fields__)  # type: ignore[attr-defined]
        return owner.__dataclass_fields__


class Struct(metaclass=_StructType):
    """A record. Immutable; `dataclasses.replace` makes a changed copy. Secrets are not shown."""

    __slots__: tuple[str, ...] = ()
    _defaults: ClassVar[dict[str, Any]] = {}
    _secrets: ClassVar[frozenset[str]] = frozenset()
    __dataclass_fields__ = _DataclassFields()

    def __init__(self, **values: Any) -> None:
        for name in self.__slots__:
            if name in values:
                object.__setattr__(self, name, values.pop(name))
            elif name in self._defaults:
                object.__setattr__(self, name, self._defaults[name])
            else:
                raise TypeError(f"{type(self).__name__}() needs {name}")
        if values:
            raise TypeError(f"{type(self).__name__}() has no {', '.join(values)}")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} cannot be changed")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} cannot be changed")

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__slots__)

    def __hash__(self) -> int:
        return hash((type(self), *(getattr(self, name) for name in self.__slots__)))

    def __repr__(self) -> str:
        shown = ", ".join(
            f"{name}={'[redacted]' if name in self._secrets else repr(getattr(self, name))}" for name in self.__slots__
        )
        return f"{type(self).__name__}({shown})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), tuple(getattr(self, name) for name in self.__slots__))


def _restore(kind: type[Struct], values: tuple[Any, ...]) -> Struct:
    return kind(**dict(zip(kind.__slots__, values, strict=True)))


class Page(Struct, Generic[T]):
    """Some records and the way to the rest."""

    items: list[T]
    """The records, in the list's order."""
    next: str | None
    """Pass it as `cursor` for the following page; None on the last one."""
