"""What a measurement holds for: machine, versions, threads, load, date and commit."""

import importlib.metadata
import os
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.browser import ROOT
from fashion_search.costs import this_machine

PACKAGES = ("numpy", "torch", "onnxruntime", "faiss-cpu", "streamlit", "plotly", "scikit-learn", "pillow")
"""Those that times depend on, where they are installed."""

_EXTENSIONS = {  # what /proc/cpuinfo calls them
    "avx2": "AVX2",
    "avx512f": "AVX-512",
    "avx512_vnni": "VNNI",
    "avx512_bf16": "bf16",
    "amx_tile": "AMX",
    "asimd": "NEON",
    "bf16": "bf16",
}

_NOT_COUNTED = (
    ".",
    *(f":(exclude)benchmarks/{name}" for name in ("results.json", "growth.json", "scale.json", "RESULTS.md")),
)


@dataclass(frozen=True)
class Conditions:
    """Where and when something was measured.

    Attributes:
        machine: the processor, its cores and the system, in words.
        extensions: what the processor has for vectors and matrices; empty where the system does not tell.
        memory: GB.
        versions: of Python and of packages, by name.
        threads: that a matrix product uses.
        load: how many processes ran or waited, averaged over the minute before; none of them is wanted.
        date: when, ISO 8601, UTC, to the minute.
        commit: of the checkout; ``+`` where files differ from it.
    """

    machine: str
    extensions: tuple[str, ...]
    memory: int
    versions: Mapping[str, str]
    threads: int
    load: float
    date: str
    commit: str

    def __str__(self) -> str:
        """Three lines for people."""
        extensions = f" ({', '.join(self.extensions)})" if self.extensions else ""
        versions = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        threads = f"{self.threads} {'thread' if self.threads == 1 else 'threads'}"
        return (
            f"{self.machine}{extensions}, {self.memory} GB\n{versions}\n"
            f"{threads}, load {self.load:.1f}, {self.date}, commit {self.commit}"
        )


def conditions() -> Conditions:
    """Those of this moment."""
    return Conditions(
        machine=this_machine().title,
        extensions=extensions_in(_text_of(Path("/proc/cpuinfo"))),
        memory=round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
        versions={"Python": platform.python_version()} | _versions(),
        threads=_threads(),
        load=round(os.getloadavg()[0], 2),
        date=f"{datetime.now(UTC):%Y-%m-%dT%H:%MZ}",
        commit=_commit(),
    )


def extensions_in(cpuinfo: str) -> tuple[str, ...]:
    """What ``/proc/cpuinfo`` says that matters here, in the order of the table above.

    >>> extensions_in("flags : fpu avx2 avx512f avx512_bf16")
    ('AVX2', 'AVX-512', 'bf16')
    """
    lines = [line for line in cpuinfo.splitlines() if line.startswith(("flags", "Features"))]
    flags = set(lines[0].split()) if lines else set()
    return tuple(dict.fromkeys(title for flag, title in _EXTENSIONS.items() if flag in flags))


def _versions() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # an optional one
    return found


def _threads() -> int:
    import numpy as np
    from threadpoolctl import threadpool_info

    np.ones((2, 2)) @ np.ones((2, 2))  # its library is there once it was used
    return max((int(pool["num_threads"]) for pool in threadpool_info()), default=1)


def _commit() -> str:
    def git(*arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
        return done.stdout.strip()

    commit = git("rev-parse", "--short", "HEAD")
    return (
        f"{commit}{'+' if git('status', '--porcelain', '--untracked-files=no', *_NOT_COUNTED) else ''}"
        if commit
        else "unknown"
    )


def _text_of(path: Path) -> str:
    return path.read_text("utf-8", errors="replace") if path.exists() else ""
