"""Data from JSON and TOML as checked, frozen values: msgspec's types, and its complaints in words that name the key."""

import math
import re
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from fashion_search.errors import FashionSearchError

_WORDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
}
_BOUNDS = {">=": "at least", ">": "above", "<=": "at most", "<": "below"}
_EXPECTED = re.compile(r"Expected `(\w+)(?: \| null)?`(?: ([<>]=?) ([^ ,]+))?")
_FIELD = re.compile(r"Object (contains unknown|missing required) field `(.*)`")

T = TypeVar("T")


class Checked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of what is read from files. A subclass may refuse more in ``__post_init__``, by a ``ValueError`` whose
    message begins with the name of a field.
    """

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, float) and not math.isfinite(value):  # TOML has nan and inf
                raise ValueError(f"{name} must be a number, not {value!r}.")


def read(data: Any, kind: type[T], error: type[FashionSearchError]) -> T:
    """Plain data as a value of a type.

    Raises:
        FashionSearchError: of the given kind; it names the key, what stands there and what may.
    """
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as refused:
        raise error(_explained(str(refused), data, kind)) from refused


def _explained(message: str, data: Any, kind: type[Any]) -> str:
    """Msgspec's message in words; it ends with the path to what it refused."""
    said, _, path = message.partition(" - at `$")
    keys = re.findall(r"[^.\[\]`]+", path)  # of a table's values it does not tell which
    value, node = data, inspect.type_info(kind)
    for key in keys:
        value, node = _inner(value, node, key)
    field, expected = _FIELD.match(said), _EXPECTED.match(said)
    if path.endswith("[...]`") and expected:
        keys.append(next(key for key, one in value.items() if not _is_number(one)))
        value = value[keys[-1]]
    prefix = "".join(f"{key}." for key in keys if not key.isdigit())
    where = prefix.rstrip(".") or "The content"
    if field and field[1] == "missing required":
        return f"{prefix}{field[2]} is missing."
    if field:
        assert isinstance(node, inspect.StructType)
        return f"There is no {prefix}{field[2]}; known are {', '.join(one.name for one in node.fields)}."
    if expected and expected[2] and math.isfinite(value):
        return f"{where} must be {_BOUNDS[expected[2]]} {float(expected[3]):g}, not {value:g}."
    if expected:
        return f"{where} must be {_WORDS[expected[1]]}, not {value!r}."
    if isinstance(node, inspect.LiteralType):
        return f"{where} is {value!r}; known are {', '.join(map(str, node.values))}."
    return prefix + said  # of a ``__post_init__``


def _inner(value: Any, node: inspect.Type, key: str) -> tuple[Any, inspect.Type]:
    """What lies under a key, and its type."""
    if key.isdigit():
        assert isinstance(node, inspect.VarTupleType)
        return value[int(key)], node.item_type
    assert isinstance(node, inspect.StructType)
    found = next(field.type for field in node.fields if field.name == key)
    if isinstance(found, inspect.UnionType):  # a section, or nothing
        found = next(one for one in found.types if not isinstance(one, inspect.NoneType))
    return value[key], found


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
