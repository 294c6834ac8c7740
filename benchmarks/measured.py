"""What was measured, kept as JSON: each benchmark's rows with the conditions that they hold for."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec

from benchmarks.conditions import Conditions
from benchmarks.measuring import Row
from fashion_search.errors import FashionSearchError
from fashion_search.files import write_atomically


class KeptFiguresError(FashionSearchError):
    """A file of measurements is not one."""


@dataclass(frozen=True)
class Measured:
    """A benchmark's rows. ``seconds``: how long it took in all."""

    name: str
    about: str
    is_full: bool
    seconds: float
    conditions: Conditions
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class _Document:
    measured: tuple[Measured, ...]


def as_json(measured: Iterable[Measured]) -> str:
    """One document, numbers to six digits."""
    document = _Document(tuple(measured))
    return json.dumps(_rounded(asdict(document)), indent=1, ensure_ascii=False) + "\n"


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, (list, tuple)) else value


def write(path: Path, measured: Iterable[Measured]) -> None:
    """Write a file of measurements, in one step."""
    text = as_json(measured)
    write_atomically(path, lambda file: file.write(text.encode()))


def read(path: Path) -> tuple[Measured, ...]:
    """The measurements of a file; none where it does not exist.

    Raises:
        KeptFiguresError: it is something else.
    """
    if not path.exists():
        return ()
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Document).measured
    except msgspec.DecodeError as error:
        raise KeptFiguresError(f"{path} holds no measurements ({error}). Remove it and measure again.") from error


def with_new(known: Sequence[Measured], new: Measured) -> tuple[Measured, ...]:
    """Measurements, of which that of the same benchmark is replaced."""
    others = tuple(one for one in known if one.name != new.name)
    return (*others, new)
