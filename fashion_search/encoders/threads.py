"""How many threads networks run on. Their vectors may differ in the last digits with it."""

import os
import sys

from fashion_search.machine import this_machine

_VARIABLE = "OMP_NUM_THREADS"  # read by torch when it is imported, and by encoders.running for ONNX Runtime


def network_threads() -> int | None:
    """The threads of networks in this process; None where nothing that runs one is loaded: it makes no difference."""
    if (torch := sys.modules.get("torch")) is not None:
        return int(torch.get_num_threads())
    if "onnxruntime" in sys.modules:
        return int(os.environ.get(_VARIABLE) or 0) or this_machine().cores
    return None


def use_network_threads(threads: int) -> None:
    """Have networks that are loaded after this, in this process, run on so many threads."""
    os.environ[_VARIABLE] = str(threads)
    if (torch := sys.modules.get("torch")) is not None:
        torch.set_num_threads(threads)
