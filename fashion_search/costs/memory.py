"""The memory that this process used."""

import contextlib
import re
import sys
from pathlib import Path

from fashion_search.machine import text_of


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
        found = re.search(r"^VmHWM:\s*(\d+) kB$", text_of(Path("/proc/self/status")), re.MULTILINE)
        return int(found[1]) * 1024 / 1e6 if found else None
    try:
        import resource
    except ImportError:  # Windows
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # macOS counts bytes
