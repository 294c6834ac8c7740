"""The real data set, which lies outside the repository, built once for all tests that need it."""

import functools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fashion_search.catalog import Protocol, draw_split
from fashion_search.encoders.weights import FOLDER_VARIABLE
from fashion_search.evaluation.rankings import Rankings, rank
from fashion_search.store import Store
from tests.builds import build

SHARED = Path(__file__).resolve().parents[3] / "shared"
ARCHIVE = SHARED / "data/fashion-product-images-small.zip"
WEIGHTS = SHARED / "weights/resnet18.pth"
REQUIRED = os.environ.get("FASHION_SEARCH_REQUIRE_REAL_DATA") == "1"
BUILT = os.environ.get("FASHION_SEARCH_TEST_STORE")  # a built catalog's folder, to save the build while developing

Ranked = Callable[[str, Protocol], Rankings]


@pytest.fixture(scope="session", autouse=True)
def _at_hand() -> None:
    missing = [path.relative_to(SHARED).as_posix() for path in (ARCHIVE, WEIGHTS) if not path.is_file()]
    if missing:
        reason = f"the real data is not at hand: no {' and no '.join(missing)} in ../shared"
        if REQUIRED:
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    if BUILT:
        yield Store(Path(BUILT))
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER_VARIABLE, str(WEIGHTS.parent))
        summary = build(ARCHIVE, folder=tmp_path_factory.mktemp("real"), name="real")
    assert summary.problems == {}
    yield Store(summary.folder)


@pytest.fixture(scope="session")
def rankings(store: Store) -> Callable[[str, Protocol], Rankings]:
    """A method's rankings under a protocol; the split is that of seed 0."""

    @functools.cache
    def made(method: str, protocol: Protocol) -> Rankings:
        return rank(store.library(method), draw_split(store.catalog, protocol))

    return made
