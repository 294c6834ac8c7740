"""Evaluations on disk: computed at build time or on first need, and only read after that.

A file is named by the method, the protocol, what decides its content (the fingerprints of library and
catalog, the split, the verdicts) and its own checksum. One that is damaged or of another state is not
there, and is made anew; where the folder cannot be written, the result is used and not kept.
"""

import contextlib
import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping, Set
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fashion_search.catalog import EVERYTHING, Filter, Protocol, Split
from fashion_search.catalog.demo import DEMO, DEMO_STORE
from fashion_search.catalog.relevance import NO_VERDICTS, Applied
from fashion_search.evaluation.measures import KS, MEASURES
from fashion_search.evaluation.rankings import DEPTH, Rankings, rank
from fashion_search.evaluation.scores import SEEDS, SeedScores, seed_scores
from fashion_search.files import sha256, stem_of, write_named_by_checksum
from fashion_search.home import home
from fashion_search.library import Library

_VERSION = 1  # of the computation: another one does not read this one's files
_KEY = 16  # hexadecimal digits
_NARROW = {"rows": np.int32, "queries": np.int32, "left_out": np.int32, "first": np.int32}  # as they are stored
_WIDE = dict.fromkeys(_NARROW, np.intp)

_NO_ARRAYS = (OSError, ValueError, KeyError, EOFError, TypeError, SyntaxError, zipfile.BadZipFile, zlib.error)
"""What reading a file raises that is no archive of plain arrays, whatever its name says."""

Arrays = Mapping[str, NDArray[Any]]


def folder_of(catalog_name: str) -> Path:
    """Where a catalog's evaluations lie; building the catalog again leaves them alone."""
    return home() / catalog_name / "evaluations"


def shipped_with(catalog_name: str) -> tuple[Path, ...]:
    """Where else to look: what takes long to make is shipped with the demo catalog."""
    return (DEMO_STORE / "evaluations",) if catalog_name == DEMO else ()


def in_names(protocol: Protocol) -> str:
    """A protocol as it stands in the names of files."""
    return protocol.replace(":", "-")


def forget(folder: Path, protocol: Protocol) -> None:
    """Remove what is stored of a query set, as far as the folder can be written."""
    digits = f"[0-9a-f]{{{_KEY}}}"
    of_set = rf".+-{re.escape(in_names(protocol))}(-0(-products)?(-judged)?)?-{digits}-{digits}\.npz"
    for path in folder.glob("*.npz"):
        if re.fullmatch(of_set, path.name):
            with contextlib.suppress(OSError):  # nothing reads it any longer
                path.unlink()


def rankings(
    folder: Path, library: Library, split: Split, verdicts: Applied = NO_VERDICTS, per_product: bool = False
) -> Rankings:
    """A method's rankings under a split, from ``folder`` if they are stored there, else made and stored.

    Splits of a seed from ``SEEDS`` on, and those with a filter, are made each time: anyone may ask for thousands, which
    must not fill the disk.
    """
    seed = split.seed if split.protocol == Protocol.ONE_PER_GROUP else 0  # the others draw nothing
    if seed >= SEEDS or split.filter:
        return rank(library, split, verdicts, per_product=per_product)

    def make() -> Arrays:
        made = rank(library, split, verdicts, per_product=per_product)
        return {field.name: getattr(made, field.name) for field in fields(Rankings)}

    counted = "-products" if per_product else ""
    stem = f"rankings-{stem_of(library.method)}-{in_names(split.protocol)}-{seed}{counted}"
    key = _key(library, verdicts, [split.protocol + counted, seed, DEPTH])
    arrays = _stored(folder, stem, key, verdicts, {field.name for field in fields(Rankings)}, make)
    return Rankings(**arrays)


def spread(folder: Path, library: Library, verdicts: Applied = NO_VERDICTS, filter: Filter = EVERYTHING) -> SeedScores:
    """A method's means over the ``SEEDS`` splits of one query per group, stored in the same way."""
    if filter:
        return seed_scores(library, verdicts, filter=filter)
    key = _key(library, verdicts, [SEEDS, KS, list(MEASURES)])
    arrays = _stored(
        folder,
        f"spread-{stem_of(library.method)}",
        key,
        verdicts,
        {"values"},
        lambda: {"values": seed_scores(library, verdicts).values},
    )
    return SeedScores(arrays["values"], KS)


def _key(library: Library, verdicts: Applied, rest: list[Any]) -> str:
    decides = [_VERSION, library.fingerprint.digest, library.catalog.fingerprint, verdicts.digest, rest]
    return hashlib.sha256(json.dumps(decides).encode()).hexdigest()[:_KEY]


def _stored(
    folder: Path, stem: str, key: str, verdicts: Applied, names: Set[str], make: Callable[[], Arrays]
) -> dict[str, Any]:
    """What ``make`` gives, ``names``, from a file if one has it under this key; older ones of the stem are removed."""
    stem = f"{stem}-judged" if verdicts.digest else stem
    found = read(folder, stem, key)
    if found is not None and found.keys() == names:
        return found
    arrays = make()
    with contextlib.suppress(OSError):  # the result is good without being kept
        write(folder, stem, key, arrays)
    return _widened(arrays)


def write(folder: Path, stem: str, key: str, arrays: Arrays, compressed: bool = False) -> None:
    """Store arrays under the key of what decides them; older ones of the same stem are removed.

    Raises:
        OSError: the folder cannot be written.
    """
    narrow: dict[str, Any] = {name: values.astype(_NARROW.get(name, values.dtype)) for name, values in arrays.items()}
    save = np.savez_compressed if compressed else np.savez
    entry = write_named_by_checksum(folder, f"{stem}-{key}", ".npz", lambda file: save(file, **narrow))
    digits = "[0-9a-f]" * _KEY
    for path in folder.glob(f"{stem}-{digits}-{digits}.npz"):
        if path.name != entry["file"]:
            path.unlink(missing_ok=True)  # another process may have been quicker


def read(folder: Path, stem: str, key: str) -> dict[str, Any] | None:
    """Arrays that are stored under this key, whole; None where there are none."""
    stem = f"{stem}-{key}"
    for path in folder.glob(f"{stem}-{'[0-9a-f]' * _KEY}.npz"):
        with contextlib.suppress(*_NO_ARRAYS):
            if sha256(path)[:_KEY] == path.stem.removeprefix(f"{stem}-"):
                with np.load(path, allow_pickle=False) as arrays:
                    return _widened({name: arrays[name] for name in arrays.files})
    return None


def _widened(arrays: Arrays) -> dict[str, Any]:
    wide = {name: values.astype(_WIDE.get(name, values.dtype)) for name, values in arrays.items()}
    for values in wide.values():
        values.flags.writeable = False  # shared by all pages
    return wide
