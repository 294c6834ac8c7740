"""Whether a trained encoder's file says what was written, also without reading its numbers.

A second checksum is of the numbers too; comparing it takes what reading 10 MB takes, and pages list many files.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fashion_search.files import checksum_of

KEY = "account"
"""Of the file's metadata: the checksum. Files of earlier versions have none."""

_TYPES = {
    "float16": "F16",
    "float32": "F32",
    "int64": "I64",
    "int32": "I32",
    "int8": "I8",
    "uint8": "U8",
    "bool": "BOOL",
}
_EARLIER_TYPES = {"F16", "I64"}  # of arrays in files without the checksum; their other one is of bytes alone

Kinds = Mapping[str, str]
"""The type and shape of each array, by name, such as ``F16 [64, 3, 3, 3]``."""


def kinds_of(arrays: Mapping[str, NDArray[Any]]) -> dict[str, str]:
    """Those of arrays that are to be written."""
    return {name: f"{_TYPES[array.dtype.name]} {list(array.shape)}" for name, array in arrays.items()}


def kinds_in(file: Any) -> dict[str, str]:
    """Those in a file that ``safetensors.safe_open`` opened."""
    parts = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    return {name: f"{part.get_dtype()} {list(part.get_shape())}" for name, part in parts.items()}


def checksum(about: Mapping[str, str], kinds: Kinds) -> str:
    """SHA-256 over metadata, but for both checksums, and what the arrays are besides their numbers."""
    own = {key: text for key, text in about.items() if key not in ("checksum", KEY)}
    return checksum_of([own, dict(kinds)])


def checksum_with_numbers(about: Mapping[str, str], arrays: Mapping[str, NDArray[Any]]) -> str:
    """SHA-256 over metadata, but for itself, and all numbers, so that a flipped bit is noticed."""
    digest = hashlib.sha256(json.dumps({key: about[key] for key in sorted(about) if key != "checksum"}).encode())
    for name in sorted(arrays):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(arrays[name]).tobytes())
    return digest.hexdigest()


def is_whole(about: Mapping[str, str], kinds: Kinds) -> bool:
    """Whether both are as they were written; of an earlier version's file, only whether its types can be."""
    if KEY in about:
        return about[KEY] == checksum(about, kinds)
    return {kind.partition(" ")[0] for kind in kinds.values()} <= _EARLIER_TYPES
