"""Encoders that were trained by this program: one ``.safetensors`` file each, which says all about itself.

The file holds the network's weights as ``float16``, ``seen``: marks of the pictures it was trained on, and as
metadata its architecture and an account of its training. Reading what a page lists needs no torch.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fashion_search.encoders.architecture import BACKBONES, Architecture
from fashion_search.encoders.base import Encoder, EncoderSpec, Fingerprint, RegionMatch, region_match
from fashion_search.encoders.weights import sha256_of
from fashion_search.errors import WeightsError
from fashion_search.files import write_atomically
from fashion_search.home import home

if TYPE_CHECKING:
    import torch

SUFFIX = ".safetensors"
_FORMAT = "1"
_ASSETS = Path(__file__).resolve().parents[2] / "assets"
SHIPPED = _ASSETS / f"fashion{SUFFIX}"
_SEEN = "seen"
_WEIGHTS_PREFIX = "network."


def methods_folder() -> Path:
    """Where trained encoders of this machine are."""
    return home() / "methods"


@dataclass(frozen=True)
class Account:
    """What an encoder's file says about itself.

    ``training`` is for people and programs: recipe, data, versions, figures.
    """

    name: str
    title: str
    summary: str
    architecture: Architecture
    dimensions: int
    training: dict[str, Any]

    @property
    def preprocessing(self) -> str:
        size = f"{self.architecture.width}x{self.architecture.height}"
        views = "mean of the picture and its mirror image; " if self.architecture.mirrored else ""
        return f"squash {size} bilinear; ImageNet mean and deviation; {views}global average pool, linear; L2"


def prepare(image: Image.Image, architecture: Architecture) -> NDArray[np.uint8]:
    """An RGB image as pixels, shape (height, width, 3): what networks are trained on, and what they encode."""
    size = (architecture.width, architecture.height)
    return np.asarray(image if image.size == size else image.resize(size, Image.Resampling.BILINEAR))


def mark(digest: str) -> int:
    """A picture's digest as 63 bits."""
    return int.from_bytes(hashlib.sha256(digest.encode()).digest()[:8], "big") >> 1


def write(path: Path, account: Account, state: dict[str, "torch.Tensor"], seen: Iterable[str]) -> None:
    """Write an encoder's file atomically; ``seen`` are the digests of the pictures it was trained on."""
    arrays = {
        _WEIGHTS_PREFIX + name: (value.half() if value.is_floating_point() else value).contiguous().cpu().numpy()
        for name, value in state.items()
    }
    arrays[_SEEN] = np.array(sorted({mark(digest) for digest in seen}), dtype=np.int64)
    _write(path, account, arrays)


def rename(path: Path, target: Path, account: Account) -> None:
    """Write what a file holds to ``target`` under another account, such as another name.

    Raises:
        WeightsError: it is not there, damaged, or not an encoder's file.
    """
    _write(target, account, _read_arrays(path))


def _write(path: Path, account: Account, arrays: dict[str, NDArray[Any]]) -> None:
    from safetensors.numpy import save

    about = {
        "format": _FORMAT,
        "name": account.name,
        "title": account.title,
        "summary": account.summary,
        "architecture": json.dumps(account.architecture.to_json()),
        "dimensions": str(account.dimensions),
        "training": json.dumps(account.training),
    }
    about["checksum"] = _checksum(about, arrays)
    data = save(arrays, about)
    write_atomically(path, lambda file: file.write(data))


def _checksum(about: dict[str, str], arrays: dict[str, NDArray[Any]]) -> str:
    """SHA-256 over all that the file says, so that a flipped bit is noticed."""
    digest = hashlib.sha256(json.dumps({key: about[key] for key in sorted(about) if key != "checksum"}).encode())
    for name in sorted(arrays):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(arrays[name]).tobytes())
    return digest.hexdigest()


def read_account(path: Path) -> Account:
    """What an encoder's file says about itself, without its weights and without torch.

    Raises:
        WeightsError: it is not there, or is not such a file.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {error.strerror}.") from error
    return _read_account(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=64)
def _read_account(path: Path, size: int, modified: int) -> Account:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            about = file.metadata() or {}
        if about.get("format") != _FORMAT:
            raise WeightsError(f"{path} is no encoder that this version of fashion_search reads. Train it again.")
        architecture = Architecture.from_json(json.loads(about["architecture"]))
        if architecture.backbone not in BACKBONES:
            raise WeightsError(f"{path} has a backbone that is not known here: {architecture.backbone!r}.")
        training = json.loads(about["training"])
        dimensions = int(about["dimensions"])
        return Account(about["name"], about["title"], about["summary"], architecture, dimensions, training)
    except (SafetensorError, OSError, KeyError, ValueError, TypeError) as error:
        raise WeightsError(f"{path} is damaged or incomplete ({type(error).__name__}). {_AGAIN}") from error


_AGAIN = "Train it again, or take the file from where it came once more."


def _read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """All that a file holds besides its account, after comparing its checksum; imports no torch.

    Raises:
        WeightsError: it is not there, damaged, or not an encoder's.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            about = file.metadata() or {}
            arrays: dict[str, NDArray[Any]] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, TypeError) as error:  # TypeError: numbers that numpy does not have
        raise WeightsError(f"{path} is damaged or incomplete ({type(error).__name__}). {_AGAIN}") from error
    if about.get("checksum") != _checksum(about, arrays):
        raise WeightsError(f"{path} is damaged: its checksum is not that of its content. {_AGAIN}")
    return arrays


def seen_by(path: Path) -> NDArray[np.int64]:
    """Marks of the pictures that an encoder was trained on, ascending; compare them with ``mark(item.digest)``.

    Raises:
        WeightsError: the file is not there, damaged, or not an encoder's.
    """
    read_account(path)
    status = path.stat()
    return _seen_by(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=16)
def _seen_by(path: Path, size: int, modified: int) -> NDArray[np.int64]:
    marks: NDArray[np.int64] = _read_arrays(path)[_SEEN]
    marks.flags.writeable = False
    return marks


class TrainedEncoder(Encoder):
    """A network from an encoder's file, its output L2-normalised."""

    def __init__(self, path: Path):
        import torch

        from fashion_search.encoders.networks import Embedder, best_device, fold_batch_norm

        account = read_account(path)
        self.fingerprint = fingerprint_of(path)
        self.architecture = account.architecture
        arrays = _read_arrays(path)  # first, as a damaged file may describe any network
        network = Embedder(account.architecture)
        state = {
            name.removeprefix(_WEIGHTS_PREFIX): torch.from_numpy(value)
            for name, value in arrays.items()
            if name.startswith(_WEIGHTS_PREFIX)
        }
        try:
            network.load_state_dict(state)
        except RuntimeError as error:
            raise WeightsError(f"{path} does not hold the network that it describes. {_AGAIN}") from error
        self._device = best_device()
        network = network.float().eval()
        self._trunk = fold_batch_norm(network.trunk).to(self._device).to(memory_format=torch.channels_last)
        self._after = torch.nn.Sequential(network.norm, network.projection)

    def prepare(self, image: Image.Image) -> NDArray[Any]:
        return prepare(image, self.architecture)

    def position_embeddings(self, prepared: NDArray[Any]) -> NDArray[np.float32]:
        """The embedding of each position of the last feature map; their mean is the picture's, shape (n, p, dim)."""
        import torch

        with torch.inference_mode():
            maps = torch.from_numpy(self._maps(prepared)).flatten(2).transpose(1, 2)  # (n, positions, channels)
            found: NDArray[np.float32] = self._after(maps.reshape(-1, maps.shape[2])).numpy()
        return found.reshape(len(prepared), maps.shape[1], -1)

    def _maps(self, prepared: NDArray[Any]) -> NDArray[np.float32]:
        """The last feature maps, shape (n, channels, rows, columns)."""
        import torch

        from fashion_search.encoders.networks import normalised

        # TF32 would move a GPU's vectors away from those of a CPU by more than rounding.
        with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
            pixels = normalised(torch.from_numpy(prepared).to(self._device).permute(0, 3, 1, 2).float())
            maps = self._trunk(pixels)
            if self.architecture.mirrored:
                maps = (maps + self._trunk(pixels.flip(3)).flip(3)) / 2
            found: NDArray[np.float32] = maps.float().cpu().contiguous().numpy()
        return found

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of the last feature map."""
        blank = np.zeros((1, self.architecture.height, self.architecture.width, 3), np.uint8)
        rows, columns = self._maps(blank).shape[2:]
        return int(rows), int(columns)

    def embed(self, prepared: NDArray[Any]) -> NDArray[np.float32]:
        import torch

        with torch.inference_mode():
            pooled = torch.from_numpy(self._maps(prepared)).mean((2, 3))
            vectors: NDArray[np.float32] = self._after(pooled).numpy()
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: NDArray[np.float32] = vectors / lengths
        return unit


def explain(encoder: TrainedEncoder, query: Image.Image, result: Image.Image) -> RegionMatch:
    """Take the cosine apart over the positions of the last feature map: exact, as all after it is affine."""
    prepared = np.stack([encoder.prepare(query), encoder.prepare(result)])
    return region_match(encoder.position_embeddings(prepared), encoder.grid)


def fingerprint_of(path: Path) -> Fingerprint:
    """What decides the vectors of an encoder's file.

    Raises:
        WeightsError: the file is not there, or is not an encoder's.
    """
    account = read_account(path)
    return Fingerprint(account.name, account.preprocessing, sha256_of(path), path.name)


def spec_of(path: Path) -> EncoderSpec:
    """A trained encoder as a method.

    Raises:
        WeightsError: the file is not there, or is not an encoder's.
    """
    account = read_account(path)
    return EncoderSpec(
        name=account.name,
        title=account.title,
        summary=account.summary,
        dim=account.dimensions,
        fingerprint=lambda: fingerprint_of(path),
        load=lambda: TrainedEncoder(path),
        explain=explain,
        seen=lambda: seen_by(path),
    )


def found() -> tuple[dict[str, EncoderSpec], dict[str, str]]:
    """The encoders trained on this machine by name, and the files in their folder that are none, with the reason."""
    specs: dict[str, EncoderSpec] = {}
    problems: dict[str, str] = {}
    for path in sorted(methods_folder().glob(f"*{SUFFIX}")):
        try:
            spec = spec_of(path)
        except WeightsError as error:
            problems[path.name] = str(error)
            continue
        if spec.name == path.stem:
            specs[spec.name] = spec
        else:
            problems[path.name] = f"{path} holds the method “{spec.name}”. Rename it to {spec.name}{SUFFIX}."
    return specs, problems
