"""The trials of archives and of tables: each case is read in a process of its own, with nothing written elsewhere."""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from tools.resilience.hostile_archives import Case, archives
from tools.resilience.hostile_tables import tables
from tools.resilience.reading import Found
from tools.resilience.trial import Outcome

SECONDS = 10.0
"""Of a processor, but for archives of very many files."""
_MANY = 200_000  # files from which on time is the files' number
_HANGS = 900  # s


def run_archives(count: int, seed: int) -> Outcome:
    """All cases of archives and folders; ``count``: files of the largest."""
    return tried(archives(count), "archive")


def run_tables(count: int, seed: int) -> Outcome:
    """All cases of tables and vectors; ``count``: MB of the largest."""
    return tried(tables(count), "table")


def tried(cases: Iterable[Case], what: str, read: Callable[[Path], Found] | None = None) -> Outcome:
    """Read each case, in a process of its own unless ``read`` is given, and see what came of it."""
    outcome = Outcome()
    refused, slowest, largest, n_cases = 0, ("", 0.0), ("", 0.0), 0
    for case in cases:
        n_cases += 1
        with tempfile.TemporaryDirectory() as name:
            found, written = _tried(Path(name), case, read or _apart)
            _remove(Path(name) / "in")
        refused += bool(found.refused)
        slowest = max(slowest, (case.name, found.cpu), key=lambda one: one[1])
        largest = max(largest, (case.name, found.memory), key=lambda one: one[1])
        outcome.broken += [f"{what}, {case.name}: {wrong}" for wrong in (*_wrong(case, found), *written)]
    outcome.figures = {
        "cases": n_cases,
        "refused in a sentence": refused,
        "slowest, s of a processor": f"{slowest[1]:.2f} ({slowest[0]})",
        "largest, MB over the process": f"{largest[1]:.0f} ({largest[0]})",
    }
    return outcome


def _tried(root: Path, case: Case, read: Callable[[Path], Found]) -> tuple[Found, list[str]]:
    """What came of it, and what was written besides."""
    inside = root / "in"
    inside.mkdir()
    path = inside / ("vectors.csv" if case.suffix == "-vectors.csv" else f"case{case.suffix}")
    case.write(path)
    before = _listed(root)
    found = read(path)
    return found, [f"{name} was written" for name in sorted(_listed(root) - before)]


def _apart(path: Path) -> Found:
    command = [sys.executable, "-m", "tools.resilience.reading", str(path)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_HANGS, check=False)
    except subprocess.TimeoutExpired:
        return Found(bad=f"took longer than {_HANGS} s")
    if not done.stdout:
        return Found(bad=f"died of {done.returncode}: {done.stderr[-200:]!r}")
    return msgspec.json.decode(done.stdout, type=Found)


def _listed(root: Path) -> set[str]:
    return {str(path) for folder in (root, root / "in") for path in folder.iterdir()}


def _remove(path: Path) -> None:
    """Folders deeper than ``shutil`` can remove."""
    subprocess.run(["rm", "-rf", str(path)], check=True)


def _wrong(case: Case, found: Found) -> list[str]:
    wrong = [found.bad] if found.bad else []
    if found.refused and case.refused is False:
        wrong.append(f"was refused: {found.refused[:200]}")
    if case.refused and not found.refused and not found.bad:
        wrong.append("was not refused")
    if found.refused and ("\n" in found.refused or not found.refused.endswith(".") or len(found.refused) > 1_000):
        wrong.append(f"no sentence: {found.refused[:200]!r}")
    if not found.refused and not found.bad and case.refused is False:
        lacking = [name for name in case.items if name not in found.items]
        silent = [name for name in case.told if name not in found.left_out]
        wrong += [f"{name[:80]!r} is no item" for name in lacking]
        wrong += [f"{name[:80]!r} is left out in silence" for name in silent]
    is_large = int(found.left_out.get("", "0")) >= _MANY
    if found.cpu > SECONDS and not is_large:
        wrong.append(f"{found.cpu:.1f} s")
    if found.memory > case.megabytes:
        wrong.append(f"{found.memory:.0f} MB")
    return wrong
