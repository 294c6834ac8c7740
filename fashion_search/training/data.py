"""What a run learns from: the pictures of a catalog's source, without all that the catalog is evaluated on."""

import os
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fashion_search.catalog import Catalog
from fashion_search.catalog.source import Source
from fashion_search.encoders.architecture import Architecture
from fashion_search.errors import ImageError, SourceError, TrainingError
from fashion_search.ground import opacity
from fashion_search.home import home
from fashion_search.images import open_image
from fashion_search.training.division import VALIDATION_SHARE, Division, Picture, divide, division_fingerprint

NEAR_EQUAL = 10.0
"""Two pictures of one product name are near-equal below this mean difference of their values (0 to 255), both
reduced to 8 × 10 pixels. Wide on purpose: leaving out too much costs little, and seeing an answer would cost all."""

_REDUCED = (8, 10)  # px, width × height
_READERS = 4  # threads; decoding releases the interpreter lock
_CHUNK = 512  # pictures that are read between two reports


@dataclass(frozen=True)
class Data:
    """A division with its pixels, shape (n, height, width, 3), ``uint8``, in the order of ``division.pictures``.

    ``opacity``: how much of each pixel is the thing and not plain ground, 0 to 255, shape (n, height, width); None
    where it was not asked for.
    """

    division: Division
    columns: tuple[str, ...]
    pixels: NDArray[np.uint8]
    opacity: NDArray[np.uint8] | None = None

    @property
    def n_training(self) -> int:
        return len(self.division.training)


Report = Callable[[int, int], None]


def read_data(
    source: Source,
    evaluated: Catalog,
    architecture: Architecture,
    *,
    seed: int = 0,
    limit: int = 0,
    share: float = VALIDATION_SHARE,
    cut_out: bool = False,
    start: Callable[[Sequence[Picture]], None] = lambda pictures: None,
    report: Report = lambda done, total: None,
) -> Data:
    """Divide a source's pictures and read those that a run needs.

    Nothing that ``divide`` keeps apart is used, such as evaluated style groups, nor a picture that equals or nearly
    equals one of those; the same holds between validation and training.

    Args:
        source: all pictures.
        evaluated: the catalog whose style groups figures are made of.
        architecture: gives the size that pictures are read at.
        seed: of the draw of validation groups, and of the pictures kept under ``limit``.
        limit: most training pictures, 0 for all.
        share: of the usable pictures that are held out for validation.
        cut_out: find what of each picture is the thing on it.
        start: called with the pictures to train on when there is room for them, before the first is read; what it
            raises ends all.
        report: called with pictures read and all that have to be.

    Raises:
        TrainingError: nothing is left to train or validate on, or all pictures are equal.
    """
    candidates = divide(source, evaluated, seed, share)
    of_training, of_validation = candidates.training, candidates.validation
    if not of_training:
        raise TrainingError(
            "After the validation groups were held out no picture is left to train on. Train on a larger source."
        )
    names = {one.name for one in [*of_training, *of_validation]}
    witnesses = [one for one in candidates.shown if one.name in names]
    everything = [*of_training, *of_validation, *witnesses]
    shape = (len(everything), architecture.height, architecture.width, 3)
    pixels, opaque = _scratch(shape), _scratch(shape[:3]) if cut_out else None
    start(of_training)
    readable, reduced = _read(source, everything, architecture, pixels, opaque, report)
    left_out = Counter(candidates.left_out)
    left_out["image cannot be read"] = int((~readable[: len(of_training) + len(of_validation)]).sum())

    def kept(first: int, pictures: Sequence[Picture], others: Iterable[int], reason: str) -> list[int]:
        """Places of pictures that can be read and are no near-duplicate of ``others``."""
        near = _near_duplicates(range(first, first + len(pictures)), list(others), everything, reduced, readable)
        left_out[reason] += len(near)
        return [place for place in range(first, first + len(pictures)) if readable[place] and place not in near]

    first_witness = len(of_training) + len(of_validation)
    shown = [place for place in range(first_witness, len(everything)) if readable[place]]
    validation = kept(len(of_training), of_validation, shown, "near-duplicate of an evaluated picture")
    training = kept(0, of_training, shown, "near-duplicate of an evaluated picture")
    near = _near_duplicates(training, validation, everything, reduced, readable)
    left_out["near-duplicate of a validation picture"] = len(near)
    training = [place for place in training if place not in near]
    if limit and limit < len(training):
        left_out["beyond the limit"] = len(training) - limit
        training = sorted(random.Random(f"{seed}/limit").sample(training, limit))
    _refuse_what_cannot_be_learned(everything, training, validation, pixels, candidates.by_product)
    chosen = tuple(everything[place] for place in training)
    held = tuple(everything[place] for place in validation)
    fingerprint = division_fingerprint(chosen, held, evaluated, architecture)
    division = Division(chosen, held, dict(+left_out), fingerprint, seed, candidates.by_product, candidates.notes)
    places = training + validation
    return Data(
        division,
        evaluated.columns,
        _gather(pixels, places),
        _gather(opaque, places) if opaque is not None else None,
    )


def _read(
    source: Source,
    pictures: Sequence[Picture],
    architecture: Architecture,
    pixels: NDArray[np.uint8],
    opaque: NDArray[np.uint8] | None,
    report: Report,
) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    """Fill in the pixels of all pictures and their opacity; which could be read, and each reduced to a few pixels."""
    readable = np.ones(len(pictures), dtype=bool)
    reduced = np.zeros((len(pictures), _REDUCED[1], _REDUCED[0], 3), dtype=np.float32)

    def read(place: int) -> None:
        try:
            image = open_image(source.tree.read_image(pictures[place].row.image))
        except (ImageError, SourceError):
            readable[place] = False
            return
        pixels[place] = architecture.prepare(image)
        if opaque is not None:
            opaque[place] = np.rint(255 * opacity(pixels[place]))
        reduced[place] = np.asarray(image.resize(_REDUCED, Image.Resampling.BOX), dtype=np.float32)

    with ThreadPoolExecutor(_READERS) as readers:
        for start in range(0, len(pictures), _CHUNK):
            end = min(start + _CHUNK, len(pictures))
            list(readers.map(read, range(start, end)))
            report(end, len(pictures))
    return readable, reduced


def _scratch(shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """An array in a file without a name, which the system removes however the process ends."""
    size = int(np.prod(shape, dtype=np.int64))
    try:
        home().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home()) as file:
            _allocate(file.fileno(), size)
            return np.memmap(file, dtype=np.uint8, mode="r+", shape=shape)
    except OSError as error:
        raise TrainingError(
            f"{home()} has no room for {size / 1e9:.1f} GB of pixels ({error.strerror}). Make room, use --limit, or a "
            "recipe with a smaller input."
        ) from error


def _allocate(descriptor: int, size: int) -> None:
    """Give a file its size and its room: on a full disk a mapped file that has only its size ends the process."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
    else:  # macOS, Windows
        os.truncate(descriptor, size)


def _gather(pixels: NDArray[np.uint8], places: list[int]) -> NDArray[np.uint8]:
    """The rows that are used, moved forward in place: they are in ascending order."""
    for target, place in enumerate(places):
        if target != place:
            pixels[target] = pixels[place]
    return pixels[: len(places)]


def _near_duplicates(
    places: Iterable[int],
    others: Sequence[int],
    pictures: Sequence[Picture],
    reduced: NDArray[np.float32],
    readable: NDArray[np.bool_],
) -> set[int]:
    """Those of ``places`` that show what one of ``others`` shows: same file, or same name and near-equal picture."""
    digests = {pictures[other].digest for other in others}
    by_name: dict[str, list[int]] = {}
    for other in others:
        by_name.setdefault(pictures[other].name, []).append(other)
    near = set()
    for place in places:
        picture = pictures[place]
        namesakes = by_name.get(picture.name, [])
        if picture.digest in digests:
            near.add(place)
        elif namesakes and readable[place]:
            difference = np.abs(reduced[namesakes] - reduced[place]).mean(axis=(1, 2, 3))
            if difference.min() < NEAR_EQUAL:
                near.add(place)
    return near


def _refuse_what_cannot_be_learned(
    pictures: Sequence[Picture],
    training: list[int],
    validation: list[int],
    pixels: NDArray[np.uint8],
    by_product: bool,
) -> None:
    rows = [pictures[place].row for place in validation]
    groups = Counter((row.product,) if by_product else row.labels for row in rows)
    if not any(size > 1 for size in groups.values()):
        raise TrainingError(
            "No validation group has two readable pictures, so nothing could be chosen by its figures. Train on a "
            "larger source, or hold out more."
        )
    if not training:
        raise TrainingError("No picture is left to train on: all are near-duplicates of evaluated ones or unreadable.")
    first = pixels[training[0]]
    if all(np.array_equal(pixels[place], first) for place in training[1:]):
        raise TrainingError(
            f"All {len(training):,} training pictures are equal at {first.shape[1]} × {first.shape[0]} pixels; nothing "
            "can be learned from them. Check the source."
        )
