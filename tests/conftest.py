"""Fixtures of all tests. Every test has a home of its own, no weights and no memory of verified files."""

import os
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock
from numpy.typing import NDArray
from PIL import Image

from fashion_search import files
from fashion_search.encoders import ENCODERS, Encoder, EncoderSpec, Fingerprint
from fashion_search.encoders.fusion import combined
from fashion_search.encoders.weights import FOLDER_VARIABLE
from fashion_search.home import HOME_VARIABLE
from fashion_search.index import milvus_server
from fashion_search.index.place import PLACE_VARIABLE
from fashion_search.store import Store
from fashion_search.ui import process
from tests import samples
from tests.builds import build

TESTS = Path(__file__).parent
SLOW = ("real_data", "browser", "training")
"""Folders whose tests take long and are marked so; where several processes run tests, they begin in this order."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark slow tests by their folder; where several processes run tests, the longest begin first."""
    for item in items:
        folder = item.path.relative_to(TESTS).parts[0]
        if folder in SLOW:
            item.add_marker(folder)
    if hasattr(config, "workerinput"):  # one of several processes
        items.sort(key=lambda item: next((n for n, name in enumerate(SLOW) if name in item.keywords), len(SLOW)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """One process runs the tests of a module; all with the browser or the real data, which share what is expensive."""
    from xdist.scheduler import LoadScopeScheduling

    class ByModule(LoadScopeScheduling):  # --dist loadgroup changes node ids, which pytest 9.2 does not let it
        def _split_scope(self, nodeid: str) -> str:
            module = nodeid.split("::")[0]
            return next((name for name in ("real_data", "browser") if f"tests/{name}/" in module), module)

    config.option.loadscopereorder = False
    return ByModule(config, log)


@pytest.fixture(autouse=True, scope="session")
def _collector_as_it_was() -> Iterator[None]:
    """The app hides what stays from the garbage collector; Hypothesis, for one, looks for objects there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "_tame_the_collector", lambda: None)
        yield


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, and an environment in which no weights are at hand."""
    folder = tmp_path / "home"
    monkeypatch.setenv(HOME_VARIABLE, str(folder))
    for variable in (FOLDER_VARIABLE, PLACE_VARIABLE, milvus_server.TOKEN_VARIABLE, milvus_server.TIMEOUT_VARIABLE):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr(files, "_verified", set())
    return folder


@pytest.fixture
def milvus_file(tmp_path: Path) -> Iterator[Path]:
    """Where a file of Milvus Lite can be; what opens it is ended after the test."""
    path = tmp_path / "vectors.db"
    yield path
    milvus_server._failed.clear()
    if "milvus_lite.server_manager" in sys.modules:
        from milvus_lite.server_manager import server_manager_instance

        server_manager_instance.release_server(str(path))


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """No name resolves, as on a machine without a network."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise socket.gaierror("Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def torch_threads() -> Iterator[None]:
    """Runs choose how many threads torch uses; other tests are not to notice."""
    import torch

    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The sample shop as a folder in Kaggle's layout: 15 items in 3 style groups."""
    return samples.write_folder(tmp_path / "shop", samples.shop_files(samples.lines()))


@pytest.fixture
def built(shop: Path) -> Store:
    """The sample shop's histogram library."""
    return Store(build(shop, methods=["histogram"]).folder)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this run see. What lies in it is made once, under a lock, and never changed."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def random_weights(shared: Path) -> Path:
    """A folder with a ResNet-18 that has learned nothing."""
    folder = shared / "weights"
    with FileLock(shared / "weights.lock"):
        if not folder.exists():
            import torch
            from torchvision.models import resnet18

            torch.manual_seed(0)
            folder.mkdir()
            state = {name: value.half() for name, value in resnet18().state_dict().items()}
            torch.save(state, folder / "resnet18.pth")
    return folder


@dataclass
class FakeMethod:
    """A method that can be watched and made to fail.

    ``encoded`` counts pictures; ``before_batch`` is called with the count of each batch that is about to be encoded.
    """

    version: str = "1"
    encoded: int = 0
    before_batch: Callable[[int], None] = field(default=lambda count: None)

    @property
    def fingerprint(self) -> Fingerprint:
        return Fingerprint("fake", f"2x2 pixels, version {self.version}")

    def spec(self) -> EncoderSpec:
        return EncoderSpec("fake", "Fake", "Compares four pixels.", 12, lambda: self.fingerprint, lambda: _Fake(self))


class _Fake(Encoder):
    def __init__(self, method: FakeMethod):
        self.method = method
        self.fingerprint = method.fingerprint

    def prepare(self, image: Image.Image) -> NDArray[Any]:
        return np.asarray(image.resize((2, 2)), dtype=np.float32).reshape(-1) + 1

    def embed(self, prepared: NDArray[Any]) -> NDArray[np.float32]:
        self.method.before_batch(len(prepared))
        self.method.encoded += len(prepared)
        unit: NDArray[np.float32] = prepared / np.linalg.norm(prepared, axis=1, keepdims=True)
        return unit


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeMethod:
    """The method ``fake`` in the registry."""
    method = FakeMethod()
    monkeypatch.setitem(ENCODERS, "fake", method.spec())
    return method


@pytest.fixture
def fused(fake: FakeMethod, monkeypatch: pytest.MonkeyPatch) -> str:
    """A registered method of ``fake`` and the histogram."""
    monkeypatch.setitem(ENCODERS, "fused", combined("fused", "Fused", "Both.", ENCODERS["fake"], 0.5))
    return "fused"
