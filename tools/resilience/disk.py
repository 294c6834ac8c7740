"""``disk``: works on a disk that becomes full; a sentence says so, what was there opens, and with room they go on.

The disk is a small tmpfs, so that the trial must be root on Linux; elsewhere it says that nothing was tried.
"""

import os
import random
import re
import shutil
import subprocess
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tools.resilience import content
from tools.resilience.kills import _is_done
from tools.resilience.trial import Outcome
from tools.resilience.works import WORKS, Homes, Work, broken_state, differences, run

_LARGE = 256 * 2**20  # bytes
_PAGE = 4096


def trial(count: int, seed: int, works: Sequence[Work] = WORKS) -> Outcome:
    """Fill the disk ``count`` times, the works taking turns."""
    outcome = Outcome()
    if not can_mount():
        outcome.figures["not tried"] = "mounting a small disk takes root on Linux"
        return outcome
    works = [work for work in works if not work.removes]  # those need no room
    drawn = random.Random(seed)
    tried: Counter[str] = Counter()
    refused = 0
    with tempfile.TemporaryDirectory(prefix="disk-") as folder:
        homes = Homes(Path(folder))
        needs: dict[str, int] = {}
        for turn in range(count):
            work = works[turn % len(works)]
            end, before = homes.end(work), content.content_of(homes.beginning(work.begins))
            if work.name not in needs:
                needs[work.name] = _needed(work, homes)
            tried[work.name] += 1
            with _disk(Path(folder) / "disk", _LARGE) as disk:
                home = Path(shutil.copytree(homes.beginning(work.begins), disk / "home"))
                room = int(drawn.uniform(0.0, 0.9) * needs[work.name])
                _resize(disk, _used(disk) + room)
                ended = run(work, homes.data, home)
                refused += bool(ended.returncode)
                if ended.returncode and not _is_sentence(ended.stderr):
                    outcome.broken.append(f"{work.name}, {room:,} bytes free: {ended.stderr.strip()[-400:]}")
                outcome.broken += broken_state(work, home, before, end)
                _resize(disk, _LARGE)
                ended = run(work, homes.data, home)
                if ended.returncode and not _is_done(work, ended.stderr):
                    outcome.broken.append(f"{work.name} does not go on: {ended.stderr.strip()[-300:]}")
                elif differing := differences(content.content_of(home), end):
                    outcome.broken.append(f"{work.name} ends otherwise: {', '.join(differing)}")
        outcome.figures = {
            "full disks": tried.total(),
            **{f"full in {name}": n for name, n in tried.items()},
            "ended with a sentence": refused,
            "done without what can be made again": tried.total() - refused,
        }
    return outcome


def can_mount() -> bool:
    """Whether a small disk can be had."""
    with tempfile.TemporaryDirectory(prefix="disk-") as folder:
        if not hasattr(os, "geteuid") or os.geteuid() or shutil.which("mount") is None:
            return False
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], check=False).returncode:
            return False
        subprocess.run(["umount", folder], check=True)
        return True


@contextmanager
def _disk(place: Path, size: int) -> Iterator[Path]:
    place.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def _resize(disk: Path, size: int) -> None:
    rounded = max(size, _PAGE) // _PAGE * _PAGE
    subprocess.run(["mount", "-o", f"remount,size={rounded}", str(disk)], check=True)


def _used(disk: Path) -> int:
    told = os.statvfs(disk)
    return (told.f_blocks - told.f_bfree) * told.f_frsize


def _needed(work: Work, homes: Homes) -> int:
    """The most bytes that a work has on the disk at once, beside what was there."""
    with _disk(homes.folder / "disk", _LARGE) as disk:
        home = Path(shutil.copytree(homes.beginning(work.begins), disk / "home"))
        first = most = _used(disk)
        over = threading.Event()

        def watch() -> None:
            nonlocal most
            while not over.wait(0.01):
                most = max(most, _used(disk))

        watcher = threading.Thread(target=watch)
        watcher.start()
        run(work, homes.data, home)
        over.set()
        watcher.join()
        return max(most, _used(disk)) - first


def _is_sentence(said: str) -> bool:
    """Whether a command, or what stands for a page, ended with what is wrong and what to do, and not with a trace."""
    return "Traceback" not in said and re.search("fashion_search: .*(room|space)", said) is not None
