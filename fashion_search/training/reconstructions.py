"""What an autoencoder makes of held-out pictures: drawn by a run for the Training page. Reading them needs no torch."""

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fashion_search.errors import StoreError, TrainingError
from fashion_search.files import verified, write_named_by_checksum

if TYPE_CHECKING:
    from torch import nn

SHOWN = 8
"""Pictures that are drawn, or all where there are fewer."""

_STEM, _SUFFIX = "reconstructions", ".png"
_AT_ONCE = 64


def keep(folder: Path, pixels: NDArray[np.uint8], network: "nn.Module", decoder: "nn.Module | None") -> dict[str, Any]:
    """Draw some pictures above their reconstructions into a run's folder, where those before them stay, and no older.

    Args:
        folder: of the run.
        pixels: held-out pictures, shape (n, h, w, 3), n at least 1.
        network: pictures to latent vectors.
        decoder: of those vectors; None: nothing is drawn.

    Returns:
        For the run's record: ``file`` and ``sha256``, ``count`` of the pictures drawn, and ``error``, the root of the
        mean squared difference of values (0 to 255) over all ``pixels``. Nothing without a decoder.
    """
    if decoder is None:
        return {}
    places = np.unique(np.linspace(0, len(pixels) - 1, SHOWN).round().astype(int))
    total = 0.0
    drawn: dict[int, NDArray[np.float32]] = {}
    for start in range(0, len(pixels), _AT_ONCE):
        batch = np.asarray(pixels[start : start + _AT_ONCE])
        told = _told(batch, network, decoder)
        total += float(np.square(told - batch.astype(np.float32), dtype=np.float64).sum())
        drawn |= {place: told[place - start] for place in places if start <= place < start + len(batch)}
    above = np.concatenate(list(pixels[places]), axis=1)
    below = np.concatenate([np.rint(drawn[place]).clip(0, 255).astype(np.uint8) for place in places], axis=1)
    image = Image.fromarray(np.concatenate([above, below]))
    entry = write_named_by_checksum(folder, _STEM, _SUFFIX, lambda file: image.save(file, "PNG"))
    ended = sorted(folder.glob(f"*{_STEM}*{_SUFFIX}*"), key=lambda path: path.stat().st_mtime)
    for path in ended[:-2]:  # the record names the one before until it is written anew
        if path.name != entry["file"]:
            path.unlink(missing_ok=True)
    return entry | {"count": len(places), "error": round((total / pixels.size) ** 0.5, 2)}


def _told(pixels: NDArray[np.uint8], network: "nn.Module", decoder: "nn.Module") -> NDArray[np.float32]:
    """Reconstructions, of the shape and values of the pictures, by modules in evaluation."""
    import torch

    from fashion_search.encoders.networks import normalised

    network.eval()
    decoder.eval()
    with torch.inference_mode():
        seen = torch.tensor(pixels, device=next(network.parameters()).device).permute(0, 3, 1, 2).float()
        latent, _ = network(normalised(seen))
        told: NDArray[np.float32] = (255 * decoder(latent)).permute(0, 2, 3, 1).cpu().numpy()
    return told


def read(folder: Path, entry: dict[str, Any]) -> list[tuple[Image.Image, Image.Image]]:
    """The pictures that a run drew, each with its reconstruction.

    Raises:
        TrainingError: they are gone or damaged.
    """
    try:
        count = int(entry["count"])
        image = Image.open(io.BytesIO(verified(folder, entry).read_bytes()), formats=["PNG"]).convert("RGB")
        width, height = image.width // count, image.height // 2
    except (StoreError, OSError, KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise TrainingError(
            f"The reconstructions in {folder} are gone or damaged. Train the run again with --restart to draw them."
        ) from error

    def cut(left: int, top: int) -> Image.Image:
        return image.crop((left, top, left + width, top + height))

    return [(cut(place * width, 0), cut(place * width, height)) for place in range(count)]
