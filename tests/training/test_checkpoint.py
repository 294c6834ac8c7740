import json
from pathlib import Path
from typing import Any

import pytest
import torch

from fashion_search.errors import TrainingError
from fashion_search.training import checkpoint
from fashion_search.training.checkpoint import POINTER

PLAIN = {"epoch": 3, "rows": [{"loss": 0.1}], "text": "Größe"}


def tensors() -> dict[str, torch.Tensor]:
    return {
        "a.weight": torch.arange(6.0).reshape(2, 3),
        "turned": torch.arange(6.0).reshape(2, 3).T,
        "count": torch.tensor(7),
        "random": torch.get_rng_state(),
        "half": torch.ones(2, dtype=torch.float16),
    }


def file_of(folder: Path) -> Path:
    (found,) = folder.glob("checkpoint-*.safetensors")
    return found


def test_round_trip(tmp_path: Path) -> None:
    assert checkpoint.read(tmp_path) is None
    checkpoint.write(tmp_path, tensors(), PLAIN)
    found = checkpoint.read(tmp_path)
    assert found is not None
    assert found[1] == PLAIN
    assert found[0].keys() == tensors().keys()
    for name, value in tensors().items():
        assert torch.equal(found[0][name], value)
        assert found[0][name].dtype == value.dtype


def test_the_latest_replaces_the_one_before(tmp_path: Path) -> None:
    for leftover in (".checkpoint.safetensors.123", "..checkpoint.safetensors.123.ab"):  # of writes that were killed
        (tmp_path / leftover).write_bytes(b"half")
    for value in range(3):
        checkpoint.write(tmp_path, {"a": torch.full((2,), value)}, {"epoch": value})
        found = checkpoint.read(tmp_path)
        assert found is not None
        assert (found[0]["a"].tolist(), found[1]) == ([value, value], {"epoch": value})
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([POINTER, file_of(tmp_path).name])


def test_a_crash_while_it_is_written_leaves_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint.write(tmp_path, tensors(), PLAIN)

    def crash(*arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "write_atomically", crash)  # the new tensors are there, the pointer to them is not
        with pytest.raises(OSError, match="No space left"):
            checkpoint.write(tmp_path, {"a": torch.zeros(9)}, {})
    found = checkpoint.read(tmp_path)
    assert found is not None
    assert found[1] == PLAIN
    checkpoint.write(tmp_path, {"a": torch.ones(9)}, {})
    assert len(list(tmp_path.iterdir())) == 2


def test_a_flipped_bit(tmp_path: Path) -> None:
    checkpoint.write(tmp_path, tensors(), PLAIN)
    path = file_of(tmp_path)
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)
    with pytest.raises(TrainingError, match=r"checkpoint is incomplete: .* is damaged.*--restart") as caught:
        checkpoint.read(tmp_path)
    assert "catalog" not in str(caught.value)


@pytest.mark.parametrize("left", [0, 5, 100])
def test_a_truncated_file(tmp_path: Path, left: int) -> None:
    checkpoint.write(tmp_path, tensors(), PLAIN)
    path = file_of(tmp_path)
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(TrainingError, match=r"checkpoint is incomplete: .*--restart"):
        checkpoint.read(tmp_path)


def test_a_missing_file(tmp_path: Path) -> None:
    checkpoint.write(tmp_path, tensors(), PLAIN)
    file_of(tmp_path).unlink()
    with pytest.raises(TrainingError, match=r"checkpoint is incomplete: .*--restart"):
        checkpoint.read(tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"{}", b"null", b"\xff", b'{"format": 3, "tensors": {}, "plain": {}}', b'{"format": 3}'],
)
def test_a_damaged_pointer(tmp_path: Path, content: bytes) -> None:
    (tmp_path / POINTER).write_bytes(content)
    with pytest.raises(TrainingError, match=r"checkpoint\.json is damaged \(\w+\)\. .*--restart"):
        checkpoint.read(tmp_path)


def test_another_version(tmp_path: Path) -> None:
    checkpoint.write(tmp_path, tensors(), PLAIN)
    outer = json.loads((tmp_path / POINTER).read_bytes())
    (tmp_path / POINTER).write_text(json.dumps(outer | {"format": 2}))
    with pytest.raises(
        TrainingError, match=r"is of another version of fashion_search \(format 2, not 3\)\. .*--restart"
    ):
        checkpoint.read(tmp_path)


def test_a_digit_that_changed_beside_the_tensors(tmp_path: Path) -> None:
    checkpoint.write(tmp_path, tensors(), PLAIN)
    path = tmp_path / POINTER
    path.write_bytes(path.read_bytes().replace(b'"epoch": 3', b'"epoch": 7'))
    with pytest.raises(TrainingError, match=r"checkpoint\.json is damaged: its checksum does not match.*--restart"):
        checkpoint.read(tmp_path)


def test_a_pointer_out_of_the_folder(tmp_path: Path) -> None:
    checkpoint.write(tmp_path / "run", tensors(), PLAIN)
    path = tmp_path / "run" / POINTER
    outer = json.loads(path.read_bytes())
    outer["tensors"]["file"] = f"../run/{outer['tensors']['file']}"
    path.write_text(json.dumps(outer))
    with pytest.raises(TrainingError, match="outside its own folder"):
        checkpoint.read(tmp_path / "run")


@pytest.mark.parametrize("kind", [torch.optim.Adam, torch.optim.AdamW])
@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("layout", [torch.channels_last, torch.contiguous_format], ids=["channels last", "contiguous"])
def test_an_optimiser_goes_on_as_if_it_had_not_been_stopped(
    kind: type[torch.optim.Optimizer], fused: bool, layout: torch.memory_format, tmp_path: Path
) -> None:
    def made() -> tuple[torch.nn.Module, torch.optim.Optimizer]:
        torch.manual_seed(0)
        network = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4)).to(memory_format=layout)
        return network, kind(network.parameters(), lr=0.01, weight_decay=0.1, fused=fused)

    def steps(network: torch.nn.Module, optimiser: torch.optim.Optimizer, which: range) -> None:
        for step in which:
            torch.manual_seed(step)
            optimiser.zero_grad()
            network(torch.randn(2, 3, 6, 6)).pow(3).sum().backward()
            optimiser.step()

    network, optimiser = made()
    steps(network, optimiser, range(3))
    values, groups = checkpoint.optimiser_tensors(optimiser)
    weights = {f"network.{name}": value for name, value in network.state_dict().items()}
    checkpoint.write(tmp_path, values | weights, {"groups": groups})
    steps(network, optimiser, range(3, 6))

    found = checkpoint.read(tmp_path)
    assert found is not None
    again, other = made()
    again.load_state_dict({name.removeprefix("network."): found[0][name] for name in weights})
    checkpoint.restore_optimiser(other, found[0], found[1]["groups"])
    steps(again, other, range(3, 6))
    for name, value in network.state_dict().items():
        assert torch.equal(again.state_dict()[name], value)
