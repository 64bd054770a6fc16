"""Records to plain JSON-able values and back, driven by their type hints.

``from_plain(type(record), to_plain(record)) == record`` for every record of ``siting.model`` that
holds no frame. JSON knows neither NaN nor tuples: in a field of type ``float`` null is NaN; where
the type does not tell (unions, ``object``), ``{"$float": …}``, ``{"$list": …}`` and ``{"$map": …}``
mark the rare values that a plain JSON value cannot stand for.
"""

import json
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from math import isfinite, nan
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import numpy as np

Record = TypeVar("Record")

_ATOMS = (str, int, float, bool)
_TAGS = frozenset({"$float", "$list", "$map"})


def to_plain(record: object) -> Any:
    """Return a record as dicts, lists, text, numbers, booleans and None.

    Parameters
    ----------
    record
        A dataclass whose fields are text, numbers, enums, literals, tuples, mappings with text
        keys, optional values, ``object`` holding the like, or dataclasses again.

    Returns
    -------
    Any
        A dict with the fields in their order; ``json.dumps(…, allow_nan=False)`` accepts it.

    Raises
    ------
    TypeError
        If a value has no plain form; the message names the field.

    Examples
    --------
    >>> from siting.model import Label, NormaliseSpec
    >>> to_plain(Label(zh="港", en="port"))
    {'zh': '港', 'en': 'port'}
    >>> to_plain(NormaliseSpec(kind="linear"))
    {'kind': 'linear', 'low': None, 'high': None, 'points': [], 'breaks': []}
    """
    return _encode(type(record), record, type(record).__name__)


def from_plain(cls: type[Record], value: object) -> Record:
    """Return the record that ``to_plain`` turned into ``value``.

    Parameters
    ----------
    cls
        The record's class.
    value
        What ``to_plain`` gave, perhaps after a trip through JSON. Fields with a default may lack.

    Raises
    ------
    ValueError
        If the value does not fit the class; the message names the field.

    Examples
    --------
    >>> from siting.model import Label
    >>> from_plain(Label, {"zh": "港", "en": "port"})
    Label(zh='港', en='port')
    """
    return cast("Record", _decode(cls, value, cls.__name__))


def to_json(plain: object) -> str:
    """Return plain values as JSON text: UTF-8 readable, one field a line, bare NaN refused."""
    return json.dumps(plain, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


@cache
def _hints(cls: type) -> Mapping[str, Any]:
    return get_type_hints(cls)


def _is_union(hint: Any) -> bool:
    return get_origin(hint) in (Union, UnionType)


def _only_member(hint: Any) -> Any:
    """Return X of ``X | None`` where X is not an atom, else None."""
    members = [member for member in get_args(hint) if member is not NoneType]
    return members[0] if len(members) == 1 and members[0] not in _ATOMS else None


def _encode(hint: Any, value: Any, where: str) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if _is_union(hint):
        member = _only_member(hint)
        return (
            _encode(member, value, where) if member and value is not None else _mark(value, where)
        )
    if hint is float and isinstance(value, float):
        return None if value != value else _mark(value, where)  # noqa: PLR0124 - the NaN test
    if isinstance(hint, type) and is_dataclass(hint) and isinstance(value, hint):
        return {
            field.name: _encode(
                _hints(hint)[field.name], getattr(value, field.name), f"{where}.{field.name}"
            )
            for field in fields(hint)
        }
    return _encode_container(hint, value, where)


def _encode_container(hint: Any, value: Any, where: str) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is tuple and isinstance(value, tuple):
        return [
            _encode(inner, item, f"{where}[{number}]")
            for number, (inner, item) in enumerate(
                zip(_members(arguments, len(value)), value, strict=True)
            )
        ]
    if origin is not None and isinstance(value, Mapping):
        return {
            _key(key, where): _encode(arguments[1], item, f"{where}.{key}")
            for key, item in value.items()
        }
    return _mark(value, where)


def _members(arguments: tuple[Any, ...], length: int) -> tuple[Any, ...]:
    """Return one hint per item of a tuple, of ``tuple[X, ...]`` as of ``tuple[X, Y]``."""
    return (arguments[0],) * length if arguments[-1] is Ellipsis else arguments


def _mark(value: Any, where: str) -> Any:
    """Encode a value whose type is not declared; what JSON would lose gets a tag."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float) and not isfinite(value):
        return {"$float": str(value)}
    if value is None or isinstance(value, _ATOMS):
        return value
    if isinstance(value, tuple | list):
        items = [_mark(item, f"{where}[{number}]") for number, item in enumerate(value)]
        return items if isinstance(value, tuple) else {"$list": items}
    if isinstance(value, Mapping):
        plain = {_key(key, where): _mark(item, f"{where}.{key}") for key, item in value.items()}
        return {"$map": plain} if _TAGS & set(plain) else plain
    message = f"{where}: no plain form for {type(value).__name__}"
    raise TypeError(message)


def _key(key: object, where: str) -> str:
    if isinstance(key, str):
        return str(key)
    message = f"{where}: a mapping's keys must be text, got {key!r}"
    raise TypeError(message)


def _decode(hint: Any, value: Any, where: str) -> Any:
    if hint in (object, Any):
        return _unmark(value)
    if _is_union(hint):
        return _decode_union(hint, value, where)
    if get_origin(hint) is not None:
        return _decode_container(hint, value, where)
    if is_dataclass(hint):
        return _decode_record(cast("type", hint), value, where)
    return _decode_atom(hint, value, where)


def _decode_union(hint: Any, value: Any, where: str) -> Any:
    members = get_args(hint)
    if value is None and NoneType in members:
        return None
    member = _only_member(hint)
    if member is not None:
        return _decode(member, value, where)
    atom = _unmark(value)
    # An int where only floats are declared is a float that JSON wrote without its point.
    fits = type(atom) in members or (type(atom) is int and float in members)
    return atom if fits else _refuse(where, " or ".join(_name(m) for m in members), value)


def _decode_container(hint: Any, value: Any, where: str) -> Any:
    arguments = get_args(hint)
    if get_origin(hint) is Literal:
        return value if value in arguments else _refuse(where, f"one of {arguments}", value)
    if get_origin(hint) is tuple:
        if not isinstance(value, list):
            return _refuse(where, "a list", value)
        hints = _members(arguments, len(value))
        if len(hints) != len(value):
            return _refuse(where, f"{len(hints)} items", value)
        return tuple(
            _decode(inner, item, f"{where}[{number}]")
            for number, (inner, item) in enumerate(zip(hints, value, strict=True))
        )
    if not isinstance(value, dict):
        return _refuse(where, "a table", value)
    return {key: _decode(arguments[1], item, f"{where}.{key}") for key, item in value.items()}


def _decode_record(cls: type, value: Any, where: str) -> Any:
    if not isinstance(value, dict):
        return _refuse(where, "a table", value)
    known = {field.name: field for field in fields(cls)}
    if unknown := sorted(set(value) - set(known)):
        return _refuse(where, f"fields of {cls.__name__}", unknown)
    optional = {
        name
        for name, field in known.items()
        if field.default is not MISSING or field.default_factory is not MISSING
    }
    if missing := sorted(set(known) - set(value) - optional):
        return _refuse(where, f"the fields {missing}", sorted(value))
    return cls(
        **{
            name: _decode(_hints(cls)[name], item, f"{where}.{name}")
            for name, item in value.items()
        }
    )


def _decode_atom(hint: type, value: Any, where: str) -> Any:
    if issubclass(hint, Enum):
        known = [member.value for member in hint]
        return hint(value) if value in known else _refuse(where, f"one of {known}", value)
    if hint is float:
        number = nan if value is None else _unmark(value)
        if isinstance(number, int | float) and not isinstance(number, bool):
            return float(number)
    elif type(value) is hint:
        return value
    return _refuse(where, _name(hint), value)


def _unmark(value: Any) -> Any:
    """Return the value that ``_mark`` encoded."""
    if isinstance(value, list):
        return tuple(_unmark(item) for item in value)
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        (tag, inner), *_ = value.items()
        if tag == "$float":
            return float(inner)
        if tag == "$list":
            return [_unmark(item) for item in inner]
        if tag == "$map":
            value = inner
    return {key: _unmark(item) for key, item in value.items()}


def _name(hint: Any) -> str:
    return str(getattr(hint, "__name__", hint))


def _refuse(where: str, expected: str, got: object) -> Any:
    message = f"{where}: expected {expected}, got {got!r}"
    raise ValueError(message)
