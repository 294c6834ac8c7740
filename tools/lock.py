"""Writes and reads the locks: every package that an installation gets, its version, and the hashes of its files.

``make lock`` resolves what ``pyproject.toml`` asks for, for all supported Pythons and systems at once: where they need
different packages, a line has a marker. A lock holds the backend that builds the program as well, so that pip needs
nothing besides: ``pip install --require-hashes -r requirements/run.txt``, then the program itself, ``--no-deps
--no-build-isolation``. Hosts are not part of a lock; hashes say what a file must be, wherever it comes from.
"""

import hashlib
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "requirements"
LOCKS = {"run": (), "all": ("all",), "dev": ("dev",)}
"""A lock's name → the extras that it has besides what the program needs."""

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
"""Those that the locks are for."""

NEWEST = (
    *("torch<=2.14.1", "torchvision<=0.29.1"),  # the figures in the documents were measured with these
    "milvus<2.3.6",  # newer ones are for other systems alone
)
"""What is held back, and why."""

EDITABLE = "editables~=0.3"  # hatchling asks for it where the program is installed from a checkout, as make does
_DIGEST = "# Digest of what was asked for: "


@dataclass(frozen=True)
class Locked:
    """One line of a lock: ``requirement`` is ``name==version``, with a marker where it is not for all."""

    requirement: Requirement
    hashes: frozenset[str]

    @property
    def name(self) -> str:
        """Normalised, as registries do."""
        return canonicalize_name(self.requirement.name)

    @property
    def version(self) -> Version:
        """The one that it pins."""
        (pin,) = self.requirement.specifier
        return Version(pin.version)

    def holds(self, environment: dict[str, str]) -> bool:
        """Whether it is installed in an environment, given as PEP 508's variables; others are this machine's."""
        marker = self.requirement.marker
        return marker is None or marker.evaluate(environment)


def path_of(lock: str) -> Path:
    """Where a lock is kept."""
    return FOLDER / f"{lock}.txt"


def asked(lock: str, project: Path = ROOT / "pyproject.toml") -> list[str]:
    """What a lock is to satisfy, as requirements with their floors; the program's own extras are unfolded."""
    with project.open("rb") as file:
        declared = tomllib.load(file)
    extras = declared["project"]["optional-dependencies"]
    name = canonicalize_name(declared["project"]["name"])

    def unfolded(requirements: Iterable[str]) -> Iterator[str]:
        for one in requirements:
            requirement = Requirement(one)
            if canonicalize_name(requirement.name) != name:
                yield str(requirement)
                continue
            for extra in sorted(requirement.extras):
                yield from unfolded(extras[extra])

    own = [*declared["build-system"]["requires"], EDITABLE, *declared["project"]["dependencies"]]
    return sorted({*unfolded(own), *unfolded(one for extra in LOCKS[lock] for one in extras[extra])})


def digest(lock: str, project: Path = ROOT / "pyproject.toml") -> str:
    """A lock whose first lines do not say this was made before ``pyproject.toml`` changed."""
    return hashlib.sha256("\n".join([*asked(lock, project), *NEWEST]).encode()).hexdigest()


def digest_in(text: str) -> str:
    """The digest that a lock was made for; empty where it says none."""
    return next((line.removeprefix(_DIGEST) for line in text.splitlines() if line.startswith(_DIGEST)), "")


def read(text: str) -> list[Locked]:
    """The lines of a lock.

    Raises:
        ValueError: a line is no requirement that pins one version.
    """
    locked = []
    for entry in re.sub(r"\\\n", " ", text).splitlines():
        if not entry.strip() or entry.lstrip().startswith("#"):
            continue
        requirement, *hashes = re.split(r"\s+--hash=", entry.strip())
        parsed = Requirement(requirement)
        if [pin.operator for pin in parsed.specifier] != ["=="]:
            raise ValueError(f"not pinned: {requirement}")
        locked.append(Locked(parsed, frozenset(hashes)))
    return locked


def resolved(lock: str, *options: str) -> str:
    """The lines of a lock, by uv, for every supported Python and system.

    Raises:
        subprocess.CalledProcessError: uv found no versions that go together, and said why.
    """
    with tempfile.TemporaryDirectory() as folder:
        wanted, capped = Path(folder, "wanted.in"), Path(folder, "newest.txt")
        wanted.write_text("\n".join(asked(lock)), "utf-8")
        capped.write_text("\n".join(NEWEST), "utf-8")
        how = ("--universal", "--python-version", PYTHONS[0], "--no-header", "--no-annotate", "--quiet")
        done = subprocess.run(
            [sys.executable, "-m", "uv", "pip", "compile", *how, *options, "--constraint", str(capped), str(wanted)],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            env={name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "UV_EMIT_INDEX_URL")},
        )
    return done.stdout


def main() -> None:
    """Write every lock."""
    FOLDER.mkdir(exist_ok=True)
    for lock in LOCKS:
        lines = resolved(lock, "--generate-hashes")
        heading = f"# Written by make lock, for Python {PYTHONS[0]} to {PYTHONS[-1]}; pyproject.toml says what for.\n"
        path_of(lock).write_text(f"{heading}{_DIGEST}{digest(lock)}\n{lines}", "utf-8")
        print(f"{path_of(lock).relative_to(ROOT)}: {len(read(lines))} packages")


if __name__ == "__main__":
    main()
