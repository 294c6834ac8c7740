"""The teachers' vectors of a run's pictures, in the dimensions of its network. It imports torch."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from fashion_search.encoders import trained
from fashion_search.errors import TrainingError
from fashion_search.training.data import Report
from fashion_search.training.lineage import TrainedEncoder

_ENCODE = 256  # pictures at once


def taught_vectors(
    teachers: Sequence[TrainedEncoder],
    pixels: NDArray[np.uint8],
    dimensions: int,
    like: NDArray[np.float32] | None = None,
    report: Report = lambda done, total: None,
) -> Tensor:
    """Unit vectors whose products are nearly the means of those of the teachers' vectors, shape (n, dimensions).

    A teacher's vector is the mean of those of a picture and of its mirror image. Teachers' vectors are concatenated;
    where that makes more than ``dimensions`` numbers, they are projected onto their leading principal axes.

    Args:
        teachers: at least one.
        pixels: RGB pictures, shape (n, h, w, 3).
        dimensions: of the network that learns them.
        like: that network's vectors of the pictures now, shape (n, dimensions): the result is rotated as close to them
            as it can be (orthogonal Procrustes), so that the network need not learn another basis.
        report: called with the pictures that were encoded, of all teachers together, and how many there are.

    Raises:
        TrainingError: a teacher's file is no longer the one that was found.
        WeightsError: it is gone or damaged.
    """
    total = len(teachers) * len(pixels)
    encoded = []
    for place, teacher in enumerate(teachers):

        def told(done: int, before: int = place * len(pixels)) -> None:
            report(before + done, total)

        vectors = _encode(teacher, pixels, told)
        encoded.append(torch.from_numpy(vectors).double())
    joined = torch.cat(encoded, 1)  # (n, d)
    if joined.shape[1] > dimensions:
        axes = torch.linalg.eigh(joined.T @ joined)[1][:, -dimensions:]  # ascending: the last hold most
        joined = joined @ axes
    elif joined.shape[1] < dimensions:
        joined = torch.nn.functional.pad(joined, (0, dimensions - joined.shape[1]))
    if like is not None:
        left, _, right = torch.linalg.svd(joined.T @ torch.from_numpy(like).double())
        joined = joined @ (left @ right)
    return torch.nn.functional.normalize(joined, dim=1).float()


def _encode(teacher: TrainedEncoder, pixels: NDArray[np.uint8], report: Callable[[int], None]) -> NDArray[np.float32]:
    encoder = trained.load(teacher.path)
    if encoder.fingerprint.weights != teacher.weights:
        raise TrainingError(f"{teacher.path} was replaced while the run began. Start the run again.")
    sides = [pixels] if encoder.architecture.mirrored else [pixels, pixels[:, :, ::-1]]
    vectors = []
    for start in range(0, len(pixels), _ENCODE):
        batches = [side[start : start + _ENCODE] for side in sides]
        vectors.append(sum(encoder.encode([Image.fromarray(one) for one in batch]) for batch in batches))
        report(start + len(batches[0]))
    joined = np.concatenate(vectors)
    unit: NDArray[np.float32] = joined / np.linalg.norm(joined, axis=1, keepdims=True)
    return unit
