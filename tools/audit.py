"""Asks for the known vulnerabilities of what the locks pin, by pip-audit: ``python -m tools.audit``.

A vulnerability fails, unless ``ACCEPTED`` says why it does no harm here. Where the database is not reached nothing was
checked; that is said, and does not fail, so that work without a network is possible.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools import lock

ACCEPTED: dict[str, str] = {}
"""Vulnerability, by any of its ids → why it does no harm here."""

NOT_REACHED = "pip-audit: the database of vulnerabilities is not reached from here; nothing was checked."
_UNREACHABLE = ("ConnectionError", "ConnectTimeout", "ReadTimeout", "ServiceError", "NameResolutionError")


class NotReachedError(Exception):
    """No answer came from the database."""


@dataclass(frozen=True)
class Found:
    """A vulnerability of a pinned package."""

    package: str
    ids: frozenset[str]
    fixed_in: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What is wrong, and what mends it."""
        mended = f"mended in {', '.join(self.fixed_in)}" if self.fixed_in else "not mended yet"
        return f"{self.package}: {', '.join(sorted(self.ids))}, {mended}"


def read(report: dict[str, Any]) -> tuple[list[Found], list[str]]:
    """What pip-audit's JSON says: the vulnerabilities, and the packages that it could not look up.

    Raises:
        NotReachedError: it could look up none.
    """
    packages = report["dependencies"]
    skipped = [one["name"] for one in packages if "skip_reason" in one]
    if len(skipped) == len(packages):
        raise NotReachedError
    found = [
        Found(f"{one['name']} {one['version']}", frozenset([bad["id"], *bad["aliases"]]), tuple(bad["fix_versions"]))
        for one in packages
        for bad in one.get("vulns", ())
    ]
    return found, skipped


def ask(lines: Sequence[str]) -> dict[str, Any]:
    """pip-audit's answer on these lines of a lock.

    Raises:
        NotReachedError: its database is not reached.
        RuntimeError: it failed otherwise.
    """
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder, "lock.txt")
        wanted.write_text("\n".join(lines), "utf-8")
        how = ("--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off")
        command = [sys.executable, "-m", "pip_audit", *how, "--requirement", str(wanted)]
        done = subprocess.run(command, capture_output=True, text=True)
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except json.JSONDecodeError:
        if any(word in done.stderr for word in _UNREACHABLE):
            raise NotReachedError from None
        raise RuntimeError(f"pip-audit failed:\n{done.stderr}") from None
    return answer


def main() -> int:
    """Say what was found; 1 where something was that is not accepted."""
    pinned = sorted({str(one.requirement) for name in lock.LOCKS for one in lock.read(lock.path_of(name).read_text())})
    try:
        read(ask(pinned[:1]))  # whether it is reached at all, by one question
        found, skipped = read(ask(pinned))
    except NotReachedError:
        print(NOT_REACHED)
        return 0
    open_ones = [one for one in found if not one.ids & set(ACCEPTED)]
    for one in found:
        reasons = [ACCEPTED[name] for name in sorted(one.ids & set(ACCEPTED))]
        print(one.sentence + "".join(f" (accepted: {reason})" for reason in reasons))
    if skipped:
        print(f"pip-audit could not look up {', '.join(skipped)}")
    print(f"pip-audit: {len(pinned) - len(skipped)} packages, {len(open_ones)} vulnerabilities that are not accepted")
    return int(bool(open_ones))


if __name__ == "__main__":
    sys.exit(main())
