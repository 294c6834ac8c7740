"""The state of a run that was stopped: tensors in ``safetensors``, the rest as JSON; nothing is unpickled."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from fashion_search.encoders.networks import Embedder
from fashion_search.errors import StoreError, TrainingError
from fashion_search.files import verified, write_atomically, write_named_by_checksum
from fashion_search.home import home
from fashion_search.training.recipe import Recipe

POINTER = "checkpoint.json"
_FORMAT = 3


def write(folder: Path, tensors: dict[str, Tensor], plain: dict[str, Any]) -> None:
    """Replace a folder's checkpoint; the previous one is there until the new one is complete."""
    data = save({name: value.detach().cpu().contiguous() for name, value in tensors.items()})
    entry = write_named_by_checksum(folder, "checkpoint", ".safetensors", lambda file: file.write(data))
    outer = {"format": _FORMAT, "checksum": _checksum(plain), "tensors": entry, "plain": plain}
    content = json.dumps(outer).encode()
    write_atomically(folder / POINTER, lambda file: file.write(content))
    for path in folder.glob("*checkpoint*.safetensors*"):
        if path.name != entry["file"]:
            path.unlink(missing_ok=True)


def read(folder: Path) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
    """The tensors and the rest; None where there is no checkpoint yet.

    Raises:
        TrainingError: it is truncated, damaged, or of another version.
    """
    path = folder / POINTER
    again = "Start the run again with --restart."
    try:
        outer = json.loads(path.read_bytes())
        if outer["format"] != _FORMAT:
            raise TrainingError(
                f"{path} is of another version of fashion_search (format {outer['format']}, not {_FORMAT}). {again}"
            )
        entry, plain = outer["tensors"], outer["plain"]
        if outer["checksum"] != _checksum(plain):
            raise TrainingError(f"{path} is damaged: its checksum does not match its content. {again}")
        with safe_open(verified(folder, entry, again), framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, plain  # noqa: SIM118 - not a dict
    except FileNotFoundError:
        return None
    except StoreError as error:
        raise TrainingError(f"The checkpoint is incomplete: {error}") from error
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise TrainingError(f"{path} is damaged ({type(error).__name__}). {again}") from error


def _checksum(plain: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def optimiser_tensors(optimiser: torch.optim.Optimizer) -> tuple[dict[str, Tensor], list[dict[str, Any]]]:
    """An optimiser's state: its tensors by parameter and name, and its plain settings."""
    state = optimiser.state_dict()
    tensors = {
        f"optimiser.{place}.{name}": value
        for place, values in state["state"].items()
        for name, value in values.items()
        if isinstance(value, Tensor)
    }
    return tensors, state["param_groups"]


def restore_optimiser(
    optimiser: torch.optim.Optimizer, tensors: dict[str, Tensor], groups: list[dict[str, Any]]
) -> None:
    """The inverse of ``optimiser_tensors``."""
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        if name.startswith("optimiser."):
            _, place, field = name.split(".", 2)
            state.setdefault(int(place), {})[field] = value
    optimiser.load_state_dict({"state": state, "param_groups": groups})
    # A fused step goes through a parameter and its moments as they lie in memory: they must lie alike.
    for parameter, values in optimiser.state.items():
        for name, value in values.items():
            if value.shape == parameter.shape:
                values[name] = torch.empty_like(parameter, dtype=value.dtype).copy_(value)


def without_prefix(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors whose names begin with a part of the run, such as ``network``, by the rest of their names."""
    start = f"{prefix}."
    return {name.removeprefix(start): value for name, value in tensors.items() if name.startswith(start)}


def refuse_full_disk(recipe: Recipe) -> None:
    """See to it that a run can keep its state: a checkpoint, the next one beside it, and the encoder.

    Raises:
        TrainingError: the disk has not the room.
    """
    with torch.device("meta"):  # shapes alone
        network = Embedder(recipe.network.architecture)
    size = sum(4 * value.numel() for value in network.state_dict().values())
    of_checkpoint = size * (5 if recipe.optimisation.average else 4)  # current, best, mean, and two moments
    needed = 2 * of_checkpoint + size // 2
    free = shutil.disk_usage(home()).free
    if free < needed:
        raise TrainingError(
            f"{home()} has no room for the state of a run: it takes {needed / 1e9:.2f} GB, and {free / 1e9:.2f} GB are "
            "free. Make room, or use a smaller network."
        )
