import hashlib
import pickle
import re
from pathlib import Path

import pytest

from fashion_search.encoders import encoder_spec
from fashion_search.encoders.resnet import RESNET18_WEIGHTS
from fashion_search.encoders.weights import FOLDER_VARIABLE, Weights
from fashion_search.errors import WeightsError

BOTH_WAYS = (
    r"put resnet18\.pth .* set FASHION_SEARCH_WEIGHTS to it, or let .* from https://download\.pytorch\.org/models/"
)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Where torchvision keeps its downloads."""
    folder = tmp_path / "torch/hub/checkpoints"
    folder.mkdir(parents=True)
    return folder


def state_dict(path: Path) -> str:
    """Writes a small state dict; returns its SHA-256."""
    import torch

    torch.save({"weight": torch.ones(2)}, path)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_without_any_weights_both_ways_are_named() -> None:
    with pytest.raises(WeightsError, match=rf"not on this machine yet.*{BOTH_WAYS}"):
        encoder_spec("resnet18").fingerprint()


@pytest.mark.usefixtures("no_network")
def test_without_a_network_one_error_names_both_ways() -> None:
    with pytest.raises(WeightsError, match=rf"could not be downloaded.*{BOTH_WAYS}") as caught:
        encoder_spec("resnet18").load()
    assert "\n" not in str(caught.value)


def test_a_download_of_something_else_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cache: Path) -> None:
    monkeypatch.setattr("fashion_search.encoders.weights._HOST", f"{tmp_path.as_uri()}/")
    weights = Weights("net.pth", "net-00000000.pth")
    (tmp_path / weights.published).write_bytes(b"<html>please log in</html>")
    with pytest.raises(WeightsError, match=r"could not be downloaded.*hash"):
        weights.load()
    assert list(cache.iterdir()) == []


def test_the_folder_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    digest = state_dict(tmp_path / "resnet18.pth")
    (cache / RESNET18_WEIGHTS.published).write_bytes(b"never looked at")
    state, found = RESNET18_WEIGHTS.load()
    assert (found.sha256, found.name, list(state)) == (digest, "resnet18.pth", ["weight"])


def test_a_folder_without_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    for act in (RESNET18_WEIGHTS.find, RESNET18_WEIGHTS.load):
        with pytest.raises(WeightsError, match=rf"set to .*, but there is no resnet18\.pth in it.*{BOTH_WAYS}"):
            act()


def test_a_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    state_dict(tmp_path / "resnet18.pth")

    def refuse(path: Path) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("fashion_search.encoders.weights.sha256", refuse)
    with pytest.raises(WeightsError, match=r"resnet18\.pth cannot be read: Permission denied"):
        RESNET18_WEIGHTS.find()


def test_torchvisions_file_is_checked_on_every_load(cache: Path, tmp_path: Path) -> None:
    digest = state_dict(tmp_path / "net")
    path = (tmp_path / "net").rename(cache / f"net-{digest[:8]}.pth")
    weights = Weights("net.pth", path.name)
    _, found = weights.load()
    assert found.name == f"torchvision {path.name}"
    path.write_bytes(path.read_bytes() + b"\0")
    for _ in range(2):
        with pytest.raises(WeightsError, match=rf"is not torchvision's file: .* its name says {digest[:8]}"):
            weights.load()


class Malicious:
    """Creates a file when it is unpickled."""

    def __init__(self, mark: Path):
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (str(self.mark), "w")


@pytest.mark.parametrize("legacy", [True, False])
def test_a_malicious_pickle_is_never_executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, legacy: bool) -> None:
    import torch

    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    path, mark = tmp_path / "resnet18.pth", tmp_path / "executed"
    if legacy:
        path.write_bytes(pickle.dumps({"weight": Malicious(mark)}))
    else:
        torch.save({"weight": Malicious(mark)}, path)
    with pytest.raises(WeightsError, match="is not a plain state dict"):
        encoder_spec("resnet18").load()
    assert not mark.exists()
    pickle.loads(pickle.dumps(Malicious(mark))).close()
    assert mark.exists()  # it would have worked


@pytest.mark.parametrize("content", [b"", b"<html>", b"PK\x03\x04 truncated"])
def test_what_is_no_state_dict_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    (tmp_path / "resnet18.pth").write_bytes(content)
    with pytest.raises(WeightsError, match=re.escape(f"{tmp_path / 'resnet18.pth'} is not a plain state dict")):
        RESNET18_WEIGHTS.load()
