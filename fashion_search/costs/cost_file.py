"""The file of a catalog's costs: what was measured, on which machine, and when."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from fashion_search.files import write_atomically
from fashion_search.machine import Machine

FILE = "costs.json"
_FORMAT = 1


@dataclass(frozen=True)
class Encoding:
    """What encoding a picture takes under a method, measured in a process of its own; ``problem`` says why it was not.

    Attributes:
        fingerprint: the digest of what made the vectors.
        machine: what it was measured on.
        measured: when, ISO 8601, UTC.
        problem: why there are no figures; empty where there are.
        milliseconds: from an opened picture to its vector, median.
        per_second: pictures a second, encoded ``batch`` at once, median.
        batch: pictures encoded at once.
        peak: MB of memory above those of the bare process, at most; None where the system does not tell.
        parameters: numbers that the network holds; None where it does not tell.
        versions: of the packages that encode, by name.
    """

    fingerprint: str
    machine: Machine
    measured: str
    problem: str = ""
    milliseconds: float | None = None
    per_second: float | None = None
    batch: int = 0
    peak: float | None = None
    parameters: int | None = None
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Searching:
    """What a search takes under a method: the first ten of all other items, for one item at a time.

    Attributes:
        fingerprint: the digest of what made the vectors.
        catalog: the fingerprint of what was searched.
        machine: what it was measured on; a search uses one core of it.
        measured: when, ISO 8601, UTC.
        milliseconds: of one search, median.
        dimensions: of a vector.
        bytes_per_item: of the vectors as they are stored and searched.
    """

    fingerprint: str
    catalog: str
    machine: Machine
    measured: str
    milliseconds: float
    dimensions: int
    bytes_per_item: float


@dataclass(frozen=True)
class Measured:
    """All that was measured for a catalog: by method with a library of its own, and by method that is searched."""

    encodings: dict[str, Encoding] = field(default_factory=dict)
    searches: dict[str, Searching] = field(default_factory=dict)

    def beside(self, other: "Measured") -> "Measured":
        """These, and of what is not here those of ``other``."""
        return Measured(other.encodings | self.encodings, other.searches | self.searches)


def read_measured(folder: Path) -> Measured:
    """What a catalog's folder keeps; nothing where its file is not there or damaged, since it can be measured again."""
    try:
        outer = json.loads((folder / FILE).read_bytes())
        if outer["format"] != _FORMAT or outer["checksum"] != _checksum(outer["content"]):
            return Measured()
        return msgspec.convert(outer["content"], Measured)
    except (OSError, ValueError, KeyError, TypeError):
        return Measured()


def write_measured(folder: Path, measured: Measured) -> None:
    """Replace the file in one step.

    Raises:
        OSError: the folder cannot be written.
    """
    content = asdict(measured)
    outer = {"format": _FORMAT, "checksum": _checksum(content), "content": content}
    text = json.dumps(outer, indent=1, ensure_ascii=False) + "\n"
    write_atomically(folder / FILE, lambda file: file.write(text.encode()))


def _checksum(content: dict[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
