"""What runs in Ray's processes: a reader beside the pictures, and workers that each make products with encoders.

Nothing here imports Ray. Rows are batches as MessagePack, so that what comes from another process is checked.
"""

import importlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from fashion_search import __version__
from fashion_search.build.making import Made, Wanted, make_batches
from fashion_search.build.products import THUMBNAILS, Maker, ThumbnailMaker, VectorMaker
from fashion_search.catalog.sources import open_pictures
from fashion_search.catalog.tree import FileTree
from fashion_search.encoders import encoder_spec
from fashion_search.encoders.carrying import keep_files
from fashion_search.encoders.threads import network_threads, use_network_threads
from fashion_search.errors import ClusterError, FashionSearchError

COLUMN = "batch"
_PACKAGES = ("numpy", "PIL", "torch", "torchvision", "timm", "open_clip", "onnxruntime", "cv2", "mahotas")


@dataclass(frozen=True)
class Setup:
    """What decides the products, and has to be equal in every process that makes them.

    ``versions``: of the packages that the encoders use. ``methods``: method → digest of its fingerprint.
    ``threads``: of networks.
    """

    version: str
    versions: Mapping[str, str]
    methods: Mapping[str, str]
    threads: int | None


def setup_here(methods: Mapping[str, str]) -> Setup:
    """The setup of this process, in which the encoders of the methods are loaded."""
    versions = {name: str(sys.modules[name].__version__) for name in _PACKAGES if name in sys.modules}
    return Setup(__version__, versions, methods, network_threads())


def refusal(setup: Setup) -> str:
    """Why this process would make other products than the one with that setup; empty where it would not."""
    if __version__ != setup.version:
        return f"has fashion_search {__version__}, this machine {setup.version}. Install the same version there."
    for name, version in setup.versions.items():
        try:
            found = str(importlib.import_module(name).__version__)
        except ImportError:
            return f"lacks the package {name}. Install {name} {version} there."
        if found != version:
            return f"has {name} {found}, this machine {version}; vectors could differ. Install the same version there."
    for method, digest in setup.methods.items():
        try:
            fingerprint = encoder_spec(method).fingerprint()
        except FashionSearchError as error:
            return f"cannot encode by {method}: {error}"
        if fingerprint.digest != digest:
            return f"has other weights of {method} ({fingerprint.weights_label}). Put the same file there."
    return ""


def refusal_of(data: bytes) -> str:
    """``refusal`` of a setup as JSON: what is sent to a machine that may lack this package is bytes."""
    return refusal(msgspec.json.decode(data, type=Setup))


@dataclass(frozen=True)
class _Work:
    """A batch with the contents of its pictures, in the same order."""

    wanted: Sequence[Wanted]
    pictures: Sequence[bytes]


class Reader:
    """Reads the pictures of batches on the machine where they are, so that others need not see its disk."""

    def __init__(self, kind: str, path: str):
        self._kind = kind
        self._path = path

    @cached_property
    def _tree(self) -> FileTree:
        return open_pictures(self._kind, self._path)

    def __call__(self, rows: Any) -> Iterator[Any]:
        """Batches with their pictures, one after the other.

        Raises:
            SourceError, ImageError: a picture that the build has read cannot be read here.
        """
        for wanted in decoded(rows, list[Wanted]):
            pictures = [self._tree.read_image(one.image) for one in wanted]
            yield encoded([_Work(wanted, pictures)])


class Worker:
    """Makes what is wanted of batches, each as it is made on one machine.

    Args:
        products: the names of all that is made.
        setup: of the build itself.
        networks: how the build found its networks to run fastest (``encoders.carrying``).

    Raises:
        ClusterError: this process would make something else than the build itself.
    """

    def __init__(self, products: Sequence[str], setup: Setup, networks: Mapping[str, bytes]):
        if setup.threads is not None:
            use_network_threads(setup.threads)
        if reason := refusal(setup):
            raise ClusterError(f"A machine of the Ray cluster {reason}")
        keep_files(networks)
        self._makers = {name: _maker(name) for name in products}

    def __call__(self, rows: Any) -> Iterator[Any]:
        """What was made of the batches, one after the other."""
        works = decoded(rows, _Work)
        contents = {one.image: data for work in works for one, data in zip(work.wanted, work.pictures, strict=True)}
        for made in make_batches((work.wanted for work in works), contents.__getitem__, self._makers):
            yield encoded([made])


def _maker(product: str) -> Maker:
    return ThumbnailMaker() if product == THUMBNAILS else VectorMaker(product, encoder_spec(product).load())


def encoded(batches: Sequence[Sequence[Wanted] | _Work | Made]) -> Any:
    """Batches as a table of one row each (``pyarrow.Table``)."""
    import pyarrow

    data = pyarrow.array([msgspec.msgpack.encode(batch) for batch in batches], pyarrow.large_binary())
    return pyarrow.table({COLUMN: data})


def decoded(rows: Any, kind: Any) -> list[Any]:
    """The batches of a table, each of the type ``kind``."""
    return [msgspec.msgpack.decode(row, type=kind) for row in rows[COLUMN].to_pylist()]
