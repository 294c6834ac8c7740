"""Measuring what encoding takes, in a process of its own, so that its memory is that of one method alone."""

import datetime
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from statistics import median
from typing import Any

import msgspec
import numpy as np
from PIL import Image

from fashion_search.costs.cost_file import Encoding
from fashion_search.costs.memory import memory_now, peak_memory
from fashion_search.encoders import Encoder, EncoderSpec, encoder_spec
from fashion_search.encoders.running import NetworkEncoder
from fashion_search.errors import FashionSearchError, ImageError, SourceError
from fashion_search.home import own_process
from fashion_search.images import open_image
from fashion_search.machine import this_machine
from fashion_search.store import Store, open_store

TIMED = 7  # of each kind, after a warm-up
BATCH = 32
_SMALL_BATCH = 8  # where a batch takes long, so that a method is measured in seconds
_LONG = 2.0  # s
_PACKAGES = ("torch", "torchvision", "timm", "open_clip", "onnxruntime", "cv2", "mahotas")
_PATIENCE = 600  # s


def measured_alone(catalog: str, method: str, fingerprint: str) -> Encoding:
    """What encoding takes under a method of a catalog, measured in a new process.

    Args:
        catalog: its name.
        method: one with a library of its own there.
        fingerprint: the digest of what made that library.
    """
    command, environment = own_process("costs", catalog, method)
    try:
        ended = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE,
            env=environment,
        )
    except subprocess.TimeoutExpired:
        return not_measured(fingerprint, f"Measuring it took more than {_PATIENCE} s and was stopped.")
    try:
        return msgspec.json.decode(ended.stdout.splitlines()[-1], type=Encoding)
    except (IndexError, msgspec.DecodeError):
        last = (ended.stderr.strip().splitlines() or [f"the process ended with {ended.returncode}"])[-1]
        return not_measured(fingerprint, f"Measuring it failed: {last}")


def print_measured(catalog: str, method: str) -> None:
    """What the new process does: measure, and write the outcome as its last line."""
    store = open_store(catalog)
    fingerprint = store.library(method).made_by.digest
    try:
        found = measure_encoding(encoder_spec(method), pictures(store, BATCH), fingerprint)
    except FashionSearchError as error:
        found = not_measured(fingerprint, str(error))
    print(json.dumps(msgspec.to_builtins(found)))


def not_measured(fingerprint: str, problem: str) -> Encoding:
    """What stands in place of a measurement that could not be made, with the reason."""
    return Encoding(fingerprint, this_machine(), now(), problem)


def now() -> str:
    """The time, ISO 8601, UTC."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def pictures(store: Store, count: int) -> list[Image.Image]:
    """Pictures of a catalog, evenly from its first to its last; what cannot be read stands there as it was kept small.

    Args:
        store: the catalog.
        count: how many, some of them twice in a smaller catalog.
    """
    rows = np.resize(np.unique(np.linspace(0, len(store.catalog.items) - 1, count).astype(int)), count).tolist()
    try:
        tree = store.tree()
    except SourceError:
        return [open_image(store.thumbnail(row)) for row in rows]
    found = []
    for row in rows:
        try:
            found.append(open_image(store.original(row, tree)))
        except (SourceError, ImageError):
            found.append(open_image(store.thumbnail(row)))
    return found


def measure_encoding(spec: EncoderSpec, images: Sequence[Image.Image], fingerprint: str) -> Encoding:
    """Load a method and encode pictures with it, one at a time and ``BATCH`` at once.

    Raises:
        FashionSearchError: it cannot be loaded.
    """
    before = memory_now()
    encoder = spec.load()
    for image in images[:2]:
        encoder.encode([image])
    one = _median([partial(encoder.encode, [image]) for image in images[2 : 2 + TIMED]])
    batch = list(images[:BATCH])
    if _median([partial(encoder.encode, batch)]) > _LONG:
        batch = batch[:_SMALL_BATCH]
    several = _median([partial(encoder.encode, batch)] * 5)
    after = peak_memory()
    return Encoding(
        fingerprint,
        this_machine(),
        now(),
        milliseconds=1000 * one,
        per_second=len(batch) / several,
        batch=len(batch),
        peak=None if before is None or after is None else after - before,
        parameters=parameters_of(encoder),
        versions=_versions(),
    )


def _median(timed: Sequence[Callable[[], Any]]) -> float:
    """The median time of some calls, in seconds."""
    seconds = []
    for call in timed:
        started = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - started)
    return median(seconds)


def parameters_of(encoder: Encoder) -> int | None:
    """The numbers that an encoder's networks hold, each counted once; None where it has no network that tells."""
    if isinstance(encoder, NetworkEncoder):
        return encoder.parameters
    networks = [part for part in vars(encoder).values() if callable(getattr(part, "parameters", None))]
    if not networks:
        return None
    return sum({id(one): int(one.numel()) for network in networks for one in network.parameters()}.values())


def _versions() -> dict[str, str]:
    """Of the packages that this process imported to encode."""
    return {name: str(sys.modules[name].__version__) for name in _PACKAGES if name in sys.modules}


def added(parts: Sequence[Encoding]) -> Encoding:
    """What encoding takes under a method made of others: each of them encodes the picture."""
    problems = [part.problem for part in parts if part.problem]
    first = parts[0]
    if problems:
        return replace(first, problem=problems[0], milliseconds=None, per_second=None, peak=None, parameters=None)

    def total(values: Sequence[float | None]) -> float | None:
        return None if None in values else sum(value for value in values if value is not None)

    seconds = [None if part.per_second is None else 1 / part.per_second for part in parts]
    a_picture = total(seconds)
    counts = [part.parameters for part in parts]
    return replace(
        first,
        milliseconds=total([part.milliseconds for part in parts]),
        per_second=1 / a_picture if a_picture else None,
        batch=min(part.batch for part in parts),
        peak=total([part.peak for part in parts]),
        parameters=None if None in counts else sum(count for count in counts if count is not None),
        versions={name: version for part in parts for name, version in part.versions.items()},
    )
