"""Pretrained weights: found in a folder of the user's, else torchvision's own file, checked on every load."""

import http.client
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fashion_search.errors import WeightsError
from fashion_search.files import sha256
from fashion_search.home import user_path

if TYPE_CHECKING:
    import torch

FOLDER_VARIABLE = "FASHION_SEARCH_WEIGHTS"
_HOST = "https://download.pytorch.org/models/"


@dataclass(frozen=True)
class WeightsFile:
    """A weights file at hand: where, its SHA-256, and the name that figures made with it carry."""

    path: Path
    sha256: str
    name: str


@dataclass(frozen=True)
class Weights:
    """Weights of one network. ``published`` is torchvision's file name; it ends in digits of its SHA-256."""

    file: str
    published: str

    @property
    def how_to_supply(self) -> str:
        """The two ways to bring the weights, in one sentence."""
        return (
            f"Either put {self.file} (a torchvision state dict) in a folder and set {FOLDER_VARIABLE} to it, or let "
            f"{self.published} be downloaded once from {_HOST}{self.published}."
        )

    @property
    def _cached(self) -> Path:
        """Where ``torch.hub`` keeps its downloads; computed here so that no torch is needed to look."""
        cache = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")) / "torch"
        hub = Path(os.environ.get("TORCH_HOME", cache)) / "hub"
        return user_path(hub / "checkpoints" / self.published)

    def find(self) -> WeightsFile:
        """The weights at hand.

        Raises:
            WeightsError: there are none, or torchvision's file is not what its name says.
        """
        folder = os.environ.get(FOLDER_VARIABLE)
        if folder:
            path = user_path(folder) / self.file
            if not path.is_file():
                raise WeightsError(
                    f"{FOLDER_VARIABLE} is set to {folder}, but there is no {self.file} in it. {self.how_to_supply}"
                )
            return WeightsFile(path, sha256_of(path), self.file)
        path = self._cached
        if not path.is_file():
            message = f"The weights {self.file} are not on this machine yet. {self.how_to_supply}"
            raise WeightsError(message, can_download=True)
        digest = sha256_of(path)
        expected = self.published.rsplit("-", 1)[1].split(".")[0]
        if not digest.startswith(expected):
            raise WeightsError(
                f"{path} is not torchvision's file: its SHA-256 starts with {digest[:8]}, its name says {expected}. "
                "Delete it, and it will be downloaded again."
            )
        return WeightsFile(path, digest, f"torchvision {self.published}")

    def download(self) -> None:
        """Download torchvision's file once, with a progress bar on stderr; nothing is done where it is not needed.

        Raises:
            WeightsError: the network does not reach it, or what came is not the file.
        """
        if os.environ.get(FOLDER_VARIABLE) or self._cached.is_file():
            return
        import torch.hub

        expected = self.published.rsplit("-", 1)[1].split(".")[0]
        try:
            self._cached.parent.mkdir(parents=True, exist_ok=True)
            torch.hub.download_url_to_file(_HOST + self.published, str(self._cached), hash_prefix=expected)
        except (OSError, RuntimeError, http.client.HTTPException) as error:  # no network, or another checksum
            raise WeightsError(f"{self.published} could not be downloaded ({error}). {self.how_to_supply}") from error

    def load(self) -> tuple[dict[str, "torch.Tensor"], WeightsFile]:
        """The state dict and the file it came from, which is checked first; downloads where needed.

        Raises:
            WeightsError: not at hand and not to be had, not what its name says, or not a state dict.
        """
        self.download()
        found = self.find()
        import torch

        try:
            state: dict[str, Any] = torch.load(found.path, map_location="cpu", weights_only=True)
        except Exception as error:  # weights_only refuses in many ways what is not plain tensors
            raise WeightsError(f"{found.path} is not a plain state dict ({type(error).__name__}).") from error
        return state, found


def sha256_of(path: Path) -> str:
    """SHA-256 of a weights file.

    Raises:
        WeightsError: it cannot be read.
    """
    try:
        status = path.stat()
        return _sha256_cached(path, status.st_size, status.st_mtime_ns)
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {error.strerror}.") from error


@lru_cache(maxsize=16)
def _sha256_cached(path: Path, size: int, modified: int) -> str:
    """Read a large file once per process, and again when it changed."""
    return sha256(path)
