# SPDX-License-Identifier: Apache-2.0
"""Dataclasses of an application as described structs: JSON, rules, schemas and rows follow from the annotations."""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from nexpo import _core
from nexpo._types import STRUCTS
from nexpo._unset import UNSET, Unset

__all__ = ["Rule", "describe", "type_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """What a field must be, besides of its type: `email: Annotated[str, nexpo.Rule(format="email", max=254)]`."""

    min: int | None = None
    """Least value of a number, least number of characters of a text, least number of elements."""
    max: int | None = None
    """Greatest value of a number, most characters of a text, most elements."""
    format: Literal["email", "uri", "slug", "phone", "currency", "line"] | None = None
    """What the text must look like."""
    id: str | None = None
    """The text is an id with this prefix."""
    required: bool | None = None
    """Must be given, and a text or list must not be empty. Absent: as long as the field has no default."""
    secret: bool = False
    """A text that is never printed in logs."""
    read_only: bool = False
    """Appears in answers only; refused in inputs."""
    deprecated: bool = False
    """Still works; the schema says to stop using it."""
    doc: str = ""
    """A sentence for the schema."""


_SCALARS: dict[Any, _core.Type] = {
    bool: _core.Type.boolean(),
    int: _core.Type.integer(),
    float: _core.Type.number(),
    Decimal: _core.Type.decimal(),
    str: _core.Type.text(),
    bytes: _core.Type.bytes(),
    datetime: _core.Type.timestamp(),
    Any: _core.Type.json(),
    object: _core.Type.json(),
    dict: _core.Type.json(),
    list: _core.Type.json(),
}

_known: dict[Any, _core.Type] = {}
"""What has been described; a type lives as long as the process."""

_under_way: dict[type, _core.StructMaker] = {}
"""Dataclasses that are just being described, which may hold themselves."""


class Empty:
    """Stands for no input, or no answer."""


def describe(python_class: type) -> _core.Type:
    """The described struct of a dataclass.

    Raises:
        TypeError: something in it cannot be described.
    """
    known = _known.get(python_class)
    if known is not None:
        return known
    if python_class is Empty:
        known = _core.Type.empty()
    elif not dataclasses.is_dataclass(python_class):
        raise TypeError(f"{_name(python_class)} is no dataclass")
    elif python_class.__name__ in STRUCTS and STRUCTS[python_class.__name__] is python_class:
        raise TypeError(f"nexpo.{python_class.__name__} is the library's own; make a dataclass with what you need of it")
    else:
        known = _describe(python_class)
    _known[python_class] = known
    return known


def type_of(annotation: Any) -> _core.Type:
    """The described type of a value: of a member, or of a row of the database."""
    try:
        known = _known.get(annotation)
    except TypeError:  # some annotations cannot be hashed
        return _type_of(annotation)
    if known is None:
        known = _type_of(annotation)
        if not _under_way:
            _known[annotation] = known
    return known


def _name(annotation: Any) -> str:
    return getattr(annotation, "__qualname__", None) or str(annotation)


def _describe(python_class: type) -> _core.Type:
    hints = typing.get_type_hints(python_class, include_extras=True)
    maker = _core.StructMaker(python_class.__name__)
    _under_way[python_class] = maker
    try:
        for field in dataclasses.fields(python_class):
            try:
                _add(maker, field, hints[field.name])
            except (TypeError, ValueError) as error:
                raise TypeError(f"{_name(python_class)}.{field.name}: {error}") from error
    finally:
        del _under_way[python_class]
    return maker.build(python_class)


def _add(maker: _core.StructMaker, field: dataclasses.Field[Any], annotation: Any) -> None:
    rule = Rule()
    if typing.get_origin(annotation) is typing.Annotated:
        annotation, *extras = typing.get_args(annotation)
        rule = next((extra for extra in extras if isinstance(extra, Rule)), rule)
    default: Any = field.default
    if field.default_factory is not dataclasses.MISSING:
        default = field.default_factory()
    has_default = default is not dataclasses.MISSING
    kind = _secret(annotation) if rule.secret else type_of(annotation)
    may_be_left_out = has_default or _is_optional(annotation)
    rules: dict[str, Any] = {
        "required": not may_be_left_out if rule.required is None else rule.required,
        "secret": rule.secret,
        "read_only": rule.read_only,
        "deprecated": rule.deprecated,
    }
    for name in ("min", "max", "format", "id"):
        if getattr(rule, name) is not None:
            rules[name] = getattr(rule, name)
    if rule.doc:
        rules["doc"] = rule.doc
    maker.add(field.name, kind, rules)
    if has_default and default is not None and default is not UNSET:
        maker.initial(field.name, _to_json(default))


def _type_of(annotation: Any) -> _core.Type:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return type_of(arguments[0])
    if origin in (typing.Union, types.UnionType):
        return _union(annotation, arguments)
    if origin is Literal:
        if not all(isinstance(word, str) for word in arguments):
            raise TypeError("the words of a Literal are texts")
        return _core.Type.enumeration(list(arguments), list(arguments))
    if origin is list:
        return _core.Type.list(type_of(arguments[0]))
    if origin is dict:
        if arguments[0] is not str:
            raise TypeError("the keys of a dict are texts")
        return _core.Type.json() if arguments[1] is Any else _core.Type.map(type_of(arguments[1]))
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        words = [member.value for member in annotation]
        if not words or not all(isinstance(word, str) for word in words):
            raise TypeError(f"the values of {_name(annotation)} are texts")
        return _core.Type.enumeration(words, list(annotation))
    if isinstance(annotation, type) and annotation in _under_way:
        return _under_way[annotation].itself()
    if isinstance(annotation, type) and dataclasses.is_dataclass(annotation):
        return describe(annotation)
    raise TypeError(f"{_name(annotation)} cannot be described")


def _union(annotation: Any, arguments: tuple[Any, ...]) -> _core.Type:
    is_patch = any(argument == Unset for argument in arguments)
    inside = [argument for argument in arguments if argument is not types.NoneType and argument != Unset]
    if len(inside) != 1:
        raise TypeError(f"{_name(annotation)} cannot be described: only Optional values, or `T | None | nexpo.Unset`")
    if is_patch:
        return _core.Type.patch(type_of(inside[0]))
    return _core.Type.optional(type_of(inside[0]))


def _is_optional(annotation: Any) -> bool:
    if typing.get_origin(annotation) not in (typing.Union, types.UnionType):
        return False
    return types.NoneType in typing.get_args(annotation)


def _secret(annotation: Any) -> _core.Type:
    if annotation is str:
        return _core.Type.secret()
    if _is_optional(annotation) and set(typing.get_args(annotation)) == {str, types.NoneType}:
        return _core.Type.optional(_core.Type.secret())
    raise TypeError("only texts are secrets")


def _to_json(value: Any) -> Any:
    """A default as JSON has it."""
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a default time needs a time zone")
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes):
        import base64

        return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _to_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, list):
        return [_to_json(item) for item in value]
    if isinstance(value, dict):
        return {name: _to_json(item) for name, item in value.items()}
    return value
