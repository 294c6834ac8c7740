"""The machine that something is measured on, and the memory that this process used."""

import contextlib
import os
import platform
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

from fashion_search.costs.cost_file import Machine


@cache
def this_machine() -> Machine:
    """The machine that runs this process."""
    own = getattr(os, "sched_getaffinity", None)
    cores = len(own(0)) if own else os.cpu_count() or 1
    return Machine(_processor(), cores, f"{platform.system()} {platform.machine()}")


def _processor() -> str:
    """The processor's name as the system tells it; its architecture where it does not."""
    name = ""
    if sys.platform == "linux":
        found = re.search(r"^model name\s*: (.*)$", _text_of(Path("/proc/cpuinfo")), re.MULTILINE)
        name = found[1] if found else ""
    elif sys.platform == "darwin":
        asked = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
        name = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    return " ".join((name or platform.processor() or platform.machine()).split())


def memory_now() -> float | None:
    """What this process holds, in MB, from which on ``peak_memory`` counts; elsewhere than on Linux its peak so far."""
    if sys.platform != "linux":
        return peak_memory()
    with contextlib.suppress(OSError):  # refused in some containers: the peak so far stays then
        Path("/proc/self/clear_refs").write_text("5", "ascii")
    return peak_memory()


def peak_memory() -> float | None:
    """The most memory that this process held, in MB; None where the system does not tell."""
    if sys.platform == "linux":
        found = re.search(r"^VmHWM:\s*(\d+) kB$", _text_of(Path("/proc/self/status")), re.MULTILINE)
        return int(found[1]) * 1024 / 1e6 if found else None
    try:
        import resource
    except ImportError:  # Windows
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # macOS counts bytes


def _text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8", errors="replace")
    except OSError:
        return ""
