"""Memory of processes, as Linux counts it for each alone."""

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.browser import ROOT, memory_in

_THEN = "\nprint(open('/proc/self/status').read(), end='')"


def run(code: str, *arguments: str, home: Path) -> tuple[list[str], int]:
    """Run Python code in a process of its own: the words that it prints, and its peak resident memory in bytes.

    The peak is not ``ru_maxrss``: a child's begins at that of the process that started it.
    """
    done = subprocess.run(
        [sys.executable, "-c", code + _THEN, *arguments],
        cwd=ROOT,
        env=os.environ | {"FASHION_SEARCH_HOME": str(home)},
        check=True,
        capture_output=True,
        text=True,
    )
    printed, name, status = done.stdout.rpartition("Name:")
    return printed.split(), memory_in(name + status)[1]
