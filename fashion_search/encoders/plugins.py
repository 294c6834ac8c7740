"""Methods that other packages bring: entry points of the group ``fashion_search.encoders``, each an ``EncoderSpec``."""

import re
import sys
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from fashion_search.encoders.base import EncoderSpec

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "fashion_search.encoders"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@lru_cache(maxsize=1)
def _points() -> "tuple[EntryPoint, ...]":
    """What is installed when the program starts."""
    if not any(_has_some(Path(folder)) for folder in sys.path):  # reading them properly takes ten times as long
        return ()
    from importlib.metadata import entry_points

    return tuple(entry_points(group=GROUP))


def _has_some(folder: Path) -> bool:
    """Whether a package that is installed in a folder of ``sys.path`` has entry points of the group."""
    named = f"[{GROUP}]".encode()
    return any(named in file.read_bytes() for file in folder.glob("*-info/entry_points.txt"))


def found(taken: Collection[str]) -> tuple[dict[str, EncoderSpec], dict[str, str]]:
    """The methods of installed packages by name, and the entry points that give none, with the reason.

    ``taken``: names that they may not have.
    """
    specs: dict[str, EncoderSpec] = {}
    problems: dict[str, str] = {}
    for point in _points():
        where = f"{point.dist.name}: {point.value}" if point.dist else point.value
        spec = _loaded(point)
        if isinstance(spec, str):
            problems[point.name] = f"{where} could not be loaded ({spec})."
        elif not _NAME.fullmatch(spec.name):
            problems[point.name] = f"{where}: {spec.name!r} cannot name a method; letters, digits, . _ and - can."
        elif spec.name in taken or spec.name in specs:
            problems[point.name] = f"{where}: there is a method {spec.name!r} already."
        else:
            specs[spec.name] = spec
    return specs, problems


@lru_cache(maxsize=64)
def _loaded(point: "EntryPoint") -> EncoderSpec | str:
    """What an entry point gives, or what is wrong with it."""
    try:
        spec = point.load()
    except Exception as error:  # of a package that is not ours: anything
        return f"{type(error).__name__}: {error}"
    return spec if isinstance(spec, EncoderSpec) else f"it is {type(spec).__name__}, not an EncoderSpec"
