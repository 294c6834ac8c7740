"""A build's products made by Ray: the same batches as on one machine, each made by one of several workers.

The journal and all files stay this process's. Pictures are read on this machine and travel with their batch.
"""

import contextlib
import logging
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

from fashion_search.build.making import Made, Wanted
from fashion_search.build.products import Maker, VectorMaker
from fashion_search.build.ray_worker import Reader, Setup, Worker, decoded, encoded, setup_here
from fashion_search.encoders.carrying import kept_files
from fashion_search.errors import ClusterError, FashionSearchError, MissingPackageError, in_a_line

LOCAL = "local"
"""Instead of an address: workers on this machine, started for one build and ended with it."""

_AT_ONCE = 4  # batches that a worker is given: pictures are decoded while others are encoded
_RETRIES = 3  # of what a killed worker was given, and of the worker
_OBJECT_STORE = 512 * 2**20  # bytes of memory for what is on its way between local processes
_CONNECT_SECONDS = 10
_ANSWER_SECONDS = 30
_ASK_SECONDS = 120  # a machine may have to start a process, and to read its weights
_NODE = "ray.io/node-id"
_DEEPEST = 8  # causes of an error that are looked at
_ADDRESS = re.compile(r"[A-Za-z0-9._-]+:\d{1,5}|\[[0-9A-Fa-f:.]+\]:\d{1,5}")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_KEPT = "What was done so far is kept; start the same build again."
_QUIET = {  # read when Ray is imported or started
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_enable_metrics_collection": "0",
    "RAY_DATA_DISABLE_PROGRESS_BARS": "1",
}
_ON_LOOPBACK = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}  # as Ray has it there: nothing listens beyond 127.0.0.1


def check_ray(address: str) -> None:
    """Refuse what cannot be an address of a cluster.

    Raises:
        ClusterError: it is none.
        MissingPackageError: Ray is not installed.
    """
    if find_spec("ray") is None or find_spec("pyarrow") is None:
        raise MissingPackageError("Builds by Ray need the package ray: pip install 'ray[data]'")
    if address.startswith("ray://"):
        raise ClusterError(
            f"{address} is Ray Client's address. Build on a machine of the cluster and give the address of its head, "
            "such as 10.0.0.1:6379."
        )
    if address != LOCAL and not _ADDRESS.fullmatch(address):
        raise ClusterError(f"{address!r} is no address of a Ray cluster, such as 10.0.0.1:6379. Put --ray at the end.")


@dataclass(frozen=True)
class Pictures:
    """Where pictures are read: the kind and path of their source."""

    kind: str
    path: str


def make_by_ray(
    address: str, batches: Sequence[Sequence[Wanted]], pictures: Pictures, makers: Mapping[str, Maker]
) -> Iterator[Made]:
    """Make what is wanted of batches by Ray's workers, in any order. At the end, Ray is left or stopped.

    Args:
        address: ``LOCAL``, or the head of a cluster that this machine belongs to, as HOST:PORT.
        batches: what is to be made.
        pictures: where they are read.
        makers: what makes the products here, by name: how they would, workers do.

    Raises:
        ClusterError: the cluster cannot be used, or workers were killed again and again.
        FashionSearchError: as a worker raised it.
    """
    encoders = {name: maker.encoder for name, maker in makers.items() if isinstance(maker, VectorMaker)}
    setup = setup_here({name: encoder.fingerprint.digest for name, encoder in encoders.items()})
    given = (list(makers), setup, kept_files(encoders.values()))
    with _connected(address) as ray:
        try:
            _refuse_other_machines(ray, setup)
            yield from _made(ray, batches, pictures, given)
        except (ray.exceptions.RayError, OSError, RuntimeError) as error:
            raise _in_words(ray, error) from error


@contextlib.contextmanager
def _connected(address: str) -> Iterator[Any]:
    """Ray, connected to a cluster or started here; it writes nothing to the terminal and keeps nothing on disk."""
    os.environ.update(_QUIET)
    settings: dict[str, Any] = {"address": address}
    folder = ""
    if address == LOCAL or _host(address) in _LOOPBACK:
        os.environ.update(_ON_LOOPBACK)
    if address == LOCAL:
        short = "/tmp" if Path("/tmp").is_dir() else None  # paths of sockets have at most 103 characters
        folder = tempfile.mkdtemp(prefix=f"fashion-search-{os.getpid()}-", dir=short)
        settings |= {"include_dashboard": False, "object_store_memory": _OBJECT_STORE, "_temp_dir": folder}
    else:
        _refuse_absent(address)
    with _terminal_kept(), _signals_kept():
        import ray

        try:
            try:
                ray.init(log_to_driver=False, logging_level=logging.CRITICAL, **settings)
            except (RuntimeError, ConnectionError, ValueError, OSError) as error:
                raise _not_connected(address, error) from error
            yield ray
        finally:
            ray.shutdown()
            shutil.rmtree(folder, ignore_errors=True)


def _host(address: str) -> str:
    return address.rpartition(":")[0].strip("[]")


def _refuse_absent(address: str) -> None:
    """Refuse where no cluster answers; Ray itself would wait for minutes, and end this process."""
    place = _host(address), int(address.rpartition(":")[2])
    try:
        socket.create_connection(place, timeout=_CONNECT_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise ClusterError(
            f"No Ray cluster answers at {address} ({in_a_line(error)}). Start it, or check the address."
        ) from error
    asking = [sys.executable, "-m", "ray.scripts.scripts", "health-check", "--skip-version-check", "--address", address]
    try:
        answer = subprocess.run(asking, capture_output=True, text=True, check=False, timeout=_ANSWER_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise _no_cluster(address) from error
    if "AuthenticationError" in answer.stderr:
        raise ClusterError(
            f"The Ray cluster at {address} takes only who has its token. Set RAY_AUTH_MODE to token, and "
            "RAY_AUTH_TOKEN or RAY_AUTH_TOKEN_PATH to that of the cluster."
        )
    if answer.returncode:
        raise _no_cluster(address)


def _no_cluster(address: str) -> ClusterError:
    return ClusterError(f"What answers at {address} is no Ray cluster that is up. Start it, or check the address.")


def _not_connected(address: str, error: Exception) -> ClusterError:
    said = str(error)
    if "Version mismatch" in said:
        versions = re.findall(r"Ray: (\S+)\s+Python: (\S+)", said)
        both = [f"Ray {ray} on Python {python}" for ray, python in versions]
        if len(both) == 2:
            return ClusterError(f"The cluster at {address} runs {both[0]}, this machine {both[1]}. Install the same.")
    if address != LOCAL and "node" in said.lower():
        return ClusterError(
            f"This machine is no part of the Ray cluster at {address}: {in_a_line(error)} Join it with "
            f"ray start --address={address}"
        )
    return ClusterError(f"Ray could not be started: {in_a_line(error)}")


@contextlib.contextmanager
def _terminal_kept() -> Iterator[None]:
    """Keep Ray from the terminal: its messages would stand among the progress and the result.

    What Python writes to stderr, as the progress, still arrives there.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    with contextlib.ExitStack() as stack:
        nowhere = stack.enter_context(open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123
        stack.callback(logging.disable, logging.root.manager.disable)
        logging.disable(logging.CRITICAL)
        stack.enter_context(warnings.catch_warnings())
        stack.enter_context(contextlib.redirect_stdout(nowhere))
        with contextlib.suppress(OSError, ValueError):  # a test's stderr is no file
            if sys.stderr.fileno() == 2:
                errors = open(os.dup(kept), "w", buffering=1, encoding="utf-8", errors="replace")  # noqa: PTH123, SIM115
                stack.enter_context(contextlib.redirect_stderr(errors))  # left open: a progress bar may still hold it
        os.dup2(nowhere.fileno(), 2)
        stack.callback(os.close, kept)
        stack.callback(os.dup2, kept, 2)
        yield


@contextlib.contextmanager
def _signals_kept() -> Iterator[None]:
    """Ray ends the process on SIGTERM in its own way, and would go on to when it is over."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _refuse_other_machines(ray: Any, setup: Setup) -> None:
    """Refuse a cluster of which a machine lacks the program, or would make other products.

    Raises:
        ClusterError: it names the first such machine.
    """

    def ask(data: bytes) -> str:  # sent by value: a machine without the package could not import it
        try:
            from fashion_search.build.ray_worker import refusal_of
        except ImportError as error:
            return f"lacks the package fashion_search or a part of it ({error}). Install it there."
        return refusal_of(data)

    data = msgspec.json.encode(setup)
    asked = {
        node["NodeManagerAddress"]: ray.remote(ask)
        .options(num_cpus=0, label_selector={_NODE: node["NodeID"]})
        .remote(data)
        for node in ray.nodes()
        if node["Alive"]
    }
    for machine, answer in asked.items():
        if reason := ray.get(answer, timeout=_ASK_SECONDS):
            raise ClusterError(f"The machine {machine} of the Ray cluster {reason}")


def _made(
    ray: Any,
    batches: Sequence[Sequence[Wanted]],
    pictures: Pictures,
    given: tuple[Sequence[str], Setup, Mapping[str, bytes]],
) -> Iterator[Made]:
    """``given``: to each worker."""
    from ray.data import ActorPoolStrategy, DataContext, from_arrow

    warnings.filterwarnings("ignore", module=__name__)  # max_restarts is to be given otherwise from Ray 2.64 on
    DataContext.get_current().enable_progress_bars = False
    cpus, gpus, workers = _workers(ray, given[1].threads)
    at_once = max(1, min(_AT_ONCE, len(batches) // (2 * workers)))
    tables = [encoded(batches[start : start + at_once]) for start in range(0, len(batches), at_once)]
    here = {_NODE: ray.get_runtime_context().get_node_id()}
    kept_alive: dict[str, Any] = {"max_restarts": _RETRIES, "max_task_retries": _RETRIES}
    rows = (
        from_arrow(tables)
        .map_batches(
            Reader,
            fn_constructor_args=(pictures.kind, pictures.path),
            compute=ActorPoolStrategy(size=1),
            num_cpus=0,
            label_selector=here,
            batch_format="pyarrow",
            **kept_alive,
        )
        .map_batches(
            Worker,
            fn_constructor_args=given,
            compute=ActorPoolStrategy(min_size=1, max_size=min(workers, len(tables))),
            num_cpus=cpus,
            num_gpus=gpus,
            batch_size=at_once,
            batch_format="pyarrow",
            **kept_alive,
        )
    )
    for table in rows.iter_batches(batch_size=None, batch_format="pyarrow"):
        yield from decoded(table, Made)


def _workers(ray: Any, threads: int | None) -> tuple[float, float, int]:
    """Processors and GPUs of a worker, and how many workers there is room for.

    Each has as many processors as its networks have threads here, and a GPU where there are any.
    """
    machines = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    if gpus := sum(int(machine.get("GPU", 0)) for machine in machines):
        return 1, 1, gpus
    most = max(machine.get("CPU", 0) for machine in machines)
    cpus = max(1, min(threads or 1, int(most)))
    return cpus, 0, max(1, sum(int(machine.get("CPU", 0) // cpus) for machine in machines))


def _in_words(ray: Any, error: BaseException) -> FashionSearchError:
    """What a person can do about what Ray raised; an error of this program as a worker raised it."""
    kinds = ray.exceptions
    chain = [error]
    while len(chain) < _DEEPEST and (cause := getattr(chain[-1], "cause", None) or chain[-1].__cause__) is not None:
        chain.append(cause)
    own = next((one for one in chain if isinstance(one, FashionSearchError)), None)
    if own is not None:
        return own
    if any(isinstance(one, (MemoryError, kinds.OutOfMemoryError)) for one in chain):
        return ClusterError(f"A Ray worker ran out of memory. {_KEPT.replace(';', ' with fewer methods at once, or')}")
    killed = (kinds.WorkerCrashedError, kinds.ActorDiedError, kinds.ActorUnavailableError, kinds.NodeDiedError)
    if any(isinstance(one, killed) for one in chain):
        return ClusterError(
            f"A Ray worker was killed {_RETRIES + 1} times, the last time with the same pictures; most often its "
            f"machine is out of memory. {_KEPT}"
        )
    return ClusterError(f"Ray failed: {in_a_line(chain[-1])}. {_KEPT}")  # type: ignore[arg-type]
