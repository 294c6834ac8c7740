import sys
import types
from pathlib import Path

import pytest

from fashion_search.catalog.fetch import fetch
from fashion_search.errors import SourceError

BY_HAND = r"Download it by hand from https://www.kaggle.com/datasets/paramaggarwal/fashion-product-images-small"


def install(monkeypatch: pytest.MonkeyPatch, download: object) -> None:
    package = types.ModuleType("kagglehub")
    package.dataset_download = download
    monkeypatch.setitem(sys.modules, "kagglehub", package)


def test_without_the_package_one_sentence_says_how_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    with pytest.raises(SourceError, match=rf"kagglehub is not installed: pip install .*{BY_HAND}"):
        fetch()


def test_without_a_network_one_sentence_says_how_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(dataset: str) -> str:
        raise ConnectionError("max retries exceeded\n" * 20)

    install(monkeypatch, fail)
    with pytest.raises(SourceError, match=rf"Kaggle was not reached \(ConnectionError\). {BY_HAND}") as caught:
        fetch()
    assert "\n" not in str(caught.value)


def test_what_the_package_prints_stays_out_of_our_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def download(dataset: str) -> str:
        print(f"Downloading {dataset}")
        return "/cache/versions/1"

    install(monkeypatch, download)
    assert fetch("full") == Path("/cache/versions/1")
    out, err = capsys.readouterr()
    assert (out, err) == ("", "Downloading paramaggarwal/fashion-product-images-dataset\n")
