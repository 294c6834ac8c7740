"""How a network runs on this machine: decided here for all of them, by a short measurement that is kept.

A network is run by torch, or by ONNX Runtime where that is installed and faster here: the same function, up to
rounding. What was found out is kept below ``home()`` with the network's graph, so that later processes run it at
once, those that run the graph without importing torch. Without a measurement torch runs it.
"""

import contextlib
import json
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from fashion_search import __version__
from fashion_search.encoders.base import Encoder
from fashion_search.errors import MissingPackageError, StoreError, WeightsError, in_a_line
from fashion_search.files import FileEntry, checksum_of, sha256, verified, write_atomically
from fashion_search.home import home
from fashion_search.machine import Machine, this_machine

if TYPE_CHECKING:
    from torch import nn

Way = Literal["torch", "onnxruntime"]

WORTHWHILE = 256
"""Pictures: with fewer to encode, measuring takes longer than it saves."""

LEAST_COSINE = 0.999999
"""Of two ways' vectors of a picture, for them to count as the same."""

_CONFINED = (1, 24)  # the first version of ONNX Runtime that reads no weights outside of the model's own folder
_DIGITS = 16  # of a network's key, in the names of its files
_NAME = "[0-9a-f]" * _DIGITS  # of no others: the folder may have been a catalog's, once
_KEPT = 16  # networks
_LARGEST = 2**30  # bytes of a graph; protobuf ends at twice as much
_KEPT_BYTES = 2 * _LARGEST  # of all graphs
_GAIN = 1.05  # times as fast; less is noise, and torch needs no graph
_ROUNDS = 5
_ABANDONED = 3600  # s
_BATCH_SECONDS = 1.0  # at most, of a batch that is timed
_MOST = 32  # pictures of a batch
_DECIDING = ("torch", "torchvision", "timm", "open_clip_torch", "onnxruntime")
_EXPORTING = ("onnxruntime", "onnx", "onnxscript")


@dataclass(frozen=True)
class Network:
    """A network, and what is done to pixels before it; costs nothing until it is made.

    ``key``: a digest of all that decides its function. ``height``, ``width``: of its input, px. ``mean``,
    ``deviation``: of values 0 to 1, per channel: what is taken away, and what the rest is divided by. ``make`` gives
    it in evaluation mode: such pixels (n, 3, height, width) → maps (n, channels, rows, columns) or features (n, dim).
    """

    key: str
    height: int
    width: int
    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]
    make: "Callable[[], nn.Module]"


class Running(ABC):
    """A network that is ready to run. ``parameters``: how many numbers it holds."""

    parameters: int

    @abstractmethod
    def __call__(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Pixels, shape (n, height, width, 3), 0 to 255, as what the network gives for them."""


class OnnxRunning(Running):
    """A network's graph, run by ONNX Runtime.

    Raises:
        WeightsError: ONNX Runtime does not run it.
    """

    def __init__(self, path: Path, parameters: int):
        self.parameters = parameters
        try:
            self._session = session(path)
        except Exception as error:  # its own kinds, which share no base
            raise WeightsError(f"{path} does not run here ({in_a_line(error)}).") from error

    def __call__(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        (found,) = self._session.run(None, {"pixels": np.ascontiguousarray(pixels)})
        made: NDArray[np.float32] = found
        return made


def session(path: Path) -> Any:
    """An ONNX file, ready to run on this process's cores; raises whatever ONNX Runtime does."""
    import onnxruntime

    if tuple(map(int, onnxruntime.__version__.split(".")[:2])) < _CONFINED:
        needed = ".".join(map(str, _CONFINED))
        raise MissingPackageError(
            f"onnxruntime {needed} or newer is needed, which reads no data outside of a model's folder"
        )
    options = onnxruntime.SessionOptions()
    threads = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()  # the first of one for each level
    options.intra_op_num_threads = (int(threads) if threads.isdecimal() else 0) or this_machine().cores
    # Threads that wait for work without sleeping would take the cores from those that read pictures.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


class NetworkEncoder(Encoder):
    """An encoder that is a network; how it runs is decided here."""

    def __init__(self, network: Network, bfloat16: bool = False):
        self.network = network
        self._is_exact = not bfloat16
        self.running = in_bfloat16(network) if bfloat16 else opened(network)

    @property
    def parameters(self) -> int:
        """How many numbers it was made of."""
        return self.running.parameters

    def choose_fastest(self) -> None:
        if self._is_exact:
            self.running = fastest(self.network, self.running)


# -- what is kept -------------------------------------------------------------------------------------------------


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a network runs fastest on a machine with these versions of packages.

    ``rates``: pictures a second, by way. ``graph``: the file with the network, beside this one; None where torch runs
    it. ``problem``: why it cannot be run by ONNX Runtime, for people; empty where it can.
    """

    way: Way
    machine: Machine
    versions: dict[str, str]
    rates: dict[str, float]
    parameters: int
    graph: FileEntry | None = None
    problem: str = ""


class _Outer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    content: dict[str, Any]
    checksum: str


def folder() -> Path:
    """Where what was found out is kept."""
    return home() / "networks"


@cache
def versions() -> dict[str, str]:
    """Of the packages that decide what a network is and how fast it runs."""
    found = {"fashion_search": __version__}
    for package in _DECIDING:
        with contextlib.suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


def kept(key: str) -> Choice | None:
    """What was found out about a network on this machine with these packages; None where nothing was, or is damaged."""
    try:
        outer = msgspec.json.decode(path_of(key).read_bytes(), type=_Outer)
        if outer.checksum != checksum_of(outer.content):
            return None
        choice = msgspec.convert(outer.content, Choice)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    if (choice.machine, choice.versions) != (this_machine(), versions()):
        return None
    return choice if (choice.way == "onnxruntime") == (choice.graph is not None) else None


def path_of(key: str, suffix: str = ".json") -> Path:
    """The file of what is kept about a network, or of its graph (``.onnx``)."""
    return folder() / f"{key[:_DIGITS]}{suffix}"


def _keep(key: str, choice: Choice) -> None:
    content = msgspec.to_builtins(choice)
    data = json.dumps({"content": content, "checksum": checksum_of(content)}, indent=1).encode()
    write_atomically(path_of(key), lambda file: file.write(data))
    _forget_oldest()


def _forget_oldest() -> None:
    """Delete what is kept beyond the bounds, first what was kept first, and what a killed process left half written."""
    total = 0
    records = sorted(folder().glob(f"{_NAME}.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    for place, record in enumerate(records):
        graph = record.with_suffix(".onnx")
        total += graph.stat().st_size if graph.is_file() else 0
        if place and (place >= _KEPT or total > _KEPT_BYTES):
            record.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # Windows refuses while another process runs it
                graph.unlink(missing_ok=True)
    for path in folder().glob(f".{_NAME}.*"):
        if path.suffix != ".lock" and time.time() - path.stat().st_mtime > _ABANDONED:
            path.unlink(missing_ok=True)


# -- running ------------------------------------------------------------------------------------------------------


def opened(network: Network) -> Running:
    """A network as it was found to run fastest here, or by torch where nothing was found out.

    Raises:
        WeightsError, MissingPackageError: as ``network.make``.
    """
    choice = kept(network.key)
    if choice is not None and choice.graph is not None:
        with contextlib.suppress(StoreError, WeightsError):  # damaged: as if it had never been made
            return OnnxRunning(verified(folder(), choice.graph), choice.parameters)
    from fashion_search.encoders.torch_running import TorchRunning

    return TorchRunning(network)


def in_bfloat16(network: Network) -> Running:
    """A network that computes with numbers of 16 bits: other vectors, for another fingerprint.

    Raises:
        WeightsError, MissingPackageError: as ``network.make``.
    """
    from fashion_search.encoders.torch_running import TorchRunning

    return TorchRunning(network, bfloat16=True)


def fastest(network: Network, running: Running) -> Running:
    """Find out how a network runs fastest here, once, and keep it; where that is known already, nothing is measured.

    Args:
        network: whose ways are compared.
        running: as it was opened.
    """
    if isinstance(running, OnnxRunning) or any(find_spec(package) is None for package in _EXPORTING):
        return running
    from fashion_search.encoders.torch_running import TorchRunning

    if not isinstance(running, TorchRunning) or running.device != "cpu":
        return running
    with contextlib.suppress(OSError):  # the disk is full or not to be written: torch runs it, as before
        folder().mkdir(parents=True, exist_ok=True)
        with FileLock(folder() / f".{network.key[:_DIGITS]}.lock"):  # builds at the same time choose the same
            if not _is_usable(kept(network.key)):
                _keep(network.key, _measured(network, running))
        choice = kept(network.key)
        return opened(network) if choice and choice.graph else running
    return running


def _is_usable(choice: Choice | None) -> bool:
    """Whether what is kept can be used as it says."""
    if choice is None or choice.graph is None:
        return choice is not None
    try:
        verified(folder(), choice.graph)
    except StoreError:
        return False
    return True


def _measured(network: Network, running: Any) -> Choice:
    """Compare both ways, in turns, by the same pictures; the graph stays where that is the better one."""
    graph = path_of(network.key, ".onnx")
    problem, is_better = "", False
    rates: dict[str, float] = {}
    if running.parameters * 4 > _LARGEST:
        problem = "It is too large for an ONNX file."
    else:
        try:
            rates, is_better = _compared(network, running, graph)
        except OSError:
            raise
        except Exception as error:  # what cannot be exported or run fails in many ways, of three packages
            problem = in_a_line(error)
    if is_better:
        entry = {"file": graph.name, "sha256": sha256(graph)}
        return Choice("onnxruntime", this_machine(), versions(), rates, running.parameters, graph=entry)
    graph.unlink(missing_ok=True)
    return Choice("torch", this_machine(), versions(), rates, running.parameters, problem=problem)


def _compared(network: Network, running: Any, graph: Path) -> tuple[dict[str, float], bool]:
    """Pictures a second, by way, and whether ONNX Runtime is the better one; writes the graph.

    Raises:
        ValueError: it gives other vectors.
    """
    from fashion_search.encoders.torch_running import export

    data = export(network, running.module)
    write_atomically(graph, lambda file: file.write(data))
    other = OnnxRunning(graph, running.parameters)
    pictures = _pictures(network, running)
    for some in (pictures[:1], pictures[:3]):
        cosine = _least_cosine(running(some), other(some))
        if not cosine >= LEAST_COSINE:
            raise ValueError(f"ONNX Runtime gives other vectors: their cosine with torch's is {cosine:.6f}.")
    ways: dict[str, Running] = {"torch": running, "onnxruntime": other}
    rates = {way: round(len(pictures) / seconds, 2) for way, seconds in _seconds(ways, pictures).items()}
    single = _seconds(ways, pictures[:1])
    is_better = rates["onnxruntime"] > _GAIN * rates["torch"] and single["onnxruntime"] < _GAIN * single["torch"]
    return rates, is_better


def _pictures(network: Network, running: Running) -> NDArray[np.uint8]:
    """Pictures without meaning, as many as are encoded at once, or fewer for a large network; always the same."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (_MOST, network.height // 8 + 1, network.width // 8 + 1, 3), dtype=np.uint8)
    whole = coarse.repeat(8, axis=1).repeat(8, axis=2)[:, : network.height, : network.width]
    running(whole[:1])
    started = time.perf_counter()
    running(whole[:1])
    affordable = int(_BATCH_SECONDS / (time.perf_counter() - started))
    return np.ascontiguousarray(whole[: max(4, affordable)])


def _least_cosine(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Of each picture's features, or of the features at each position of its maps; less where lengths differ, too."""
    if one.shape != other.shape or not (np.isfinite(one).all() and np.isfinite(other).all()):
        return -1.0
    first, second = one.astype(np.float64), other.astype(np.float64)
    squares = ((first**2).sum(axis=1) + (second**2).sum(axis=1)) / 2  # the product of both lengths where they are equal
    products = (first * second).sum(axis=1)
    there = squares > 0
    return float((products[there] / squares[there]).min()) if there.any() else 1.0


def _seconds(ways: Mapping[str, Running], pictures: NDArray[np.uint8]) -> dict[str, float]:
    """How long each way takes, median, after a round that is not counted."""
    taken: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(_ROUNDS + 1):
        for way, running in ways.items():
            started = time.perf_counter()
            running(pictures)
            taken[way].append(time.perf_counter() - started)
    return {way: median(seconds[1:]) for way, seconds in taken.items()}
