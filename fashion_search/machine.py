"""The machine that this process runs on, as far as times depend on it."""

import os
import platform
import re
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Machine:
    """What a time was measured on. ``cores``: those that the process may use."""

    processor: str
    cores: int
    system: str

    @property
    def title(self) -> str:
        """For people: ``Intel Xeon, 2 cores, Linux x86_64``."""
        return f"{self.processor}, {self.cores} {'core' if self.cores == 1 else 'cores'}, {self.system}"


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
        found = re.search(r"^model name\s*: (.*)$", text_of(Path("/proc/cpuinfo")), re.MULTILINE)
        name = found[1] if found else ""
    elif sys.platform == "darwin":
        asked = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
        name = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    return " ".join((name or platform.processor() or platform.machine()).split())


def text_of(path: Path) -> str:
    """What a file of the system says; nothing where it cannot be read."""
    try:
        return path.read_text("utf-8", errors="replace")
    except OSError:
        return ""
