from collections.abc import Iterator
from pathlib import Path

import pytest

from fashion_search.home import HOME_VARIABLE
from fashion_search.store import Store
from tests import samples
from tests.builds import build


@pytest.fixture(scope="module")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The sample shop's histogram library, which no test changes."""
    folder = tmp_path_factory.mktemp("once")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(folder))
        shop = samples.write_folder(folder / "shop", samples.shop_files(samples.lines()))
        yield Store(build(shop, methods=["histogram"], folder=folder / "built").folder)


@pytest.fixture
def shop_with_copies(tmp_path: Path) -> Path:
    """The sample shop, of which items 1 and 2 show the same picture."""
    files = samples.shop_files(samples.lines())
    files["images/2.jpg"] = files["images/1.jpg"]
    return samples.write_folder(tmp_path / "shop", files)
