"""Networks run by torch, and written as ONNX graphs. Imported only where one is made: it imports torch."""

import contextlib
import copy
import logging
import warnings
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from fashion_search.encoders.networks import best_device, fold_batch_norm
from fashion_search.encoders.running import Network, Running

_SAME = 1e-4  # of the largest value: what folding may change by rounding


class Prepared(nn.Module):
    """A network that takes pixels as they are kept: 0 to 255, shape (n, height, width, 3)."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, network: Network, module: nn.Module, dtype: torch.dtype):
        super().__init__()
        self.module = module
        self.dtype = dtype
        self.register_buffer("mean", _of_channels(network.mean))
        self.register_buffer("deviation", _of_channels(network.deviation))

    def forward(self, pixels: Tensor) -> Tensor:
        values = (pixels.permute(0, 3, 1, 2).float() - self.mean) / self.deviation
        found: Tensor = self.module(values.to(self.dtype))
        return found.float()


def _of_channels(values: tuple[float, float, float]) -> Tensor:
    return torch.tensor(values, dtype=torch.float32).view(1, 3, 1, 1) * 255


class TorchRunning(Running):
    """Batch norm folded where that is the same function, channels last: twice as fast as torch alone on a CPU.

    ``bfloat16``: numbers of 16 bits; batch norm that could not be folded stays at 32.
    """

    def __init__(self, network: Network, bfloat16: bool = False):
        self.device = best_device()
        module = folded(network.make(), network).eval()
        self.parameters = sum(parameter.numel() for parameter in module.parameters())
        if bfloat16:
            _round(module)
        dtype = torch.bfloat16 if bfloat16 else torch.float32
        self.module = Prepared(network, module, dtype).to(self.device).to(memory_format=torch.channels_last)

    def __call__(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        # TF32 would move a GPU's vectors away from those of a CPU by more than rounding.
        with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
            given = torch.from_numpy(np.ascontiguousarray(pixels)).to(self.device)
            found: NDArray[np.float32] = self.module(given).cpu().contiguous().numpy()
        return found


def _round(module: nn.Module) -> None:
    """Make the numbers of a network bfloat16, but for batch norm's."""
    for part in module.modules():
        if not isinstance(part, nn.modules.batchnorm._BatchNorm):
            for value in (*part.parameters(recurse=False), *part.buffers(recurse=False)):
                if value.is_floating_point():
                    value.data = value.data.to(torch.bfloat16)


def folded(module: nn.Module, network: Network) -> nn.Module:
    """A network with each batch norm in the convolution before it, where two that are listed so are also run so."""
    if not any(type(part) is nn.BatchNorm2d for part in module.modules()):
        return module
    other = fold_batch_norm(copy.deepcopy(module))
    sample = torch.randn(1, 3, network.height, network.width, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        one, two = module(sample), other(sample)
    is_same = bool((one - two).abs().max() <= _SAME * one.abs().max())
    return other if is_same else module


def export(network: Network, module: nn.Module) -> bytes:
    """A network as an ONNX graph, for batches of any size; raises whatever torch and ONNX do."""
    sample = torch.zeros(2, network.height, network.width, 3, dtype=torch.uint8)
    with _quiet():
        program = torch.onnx.export(
            module,
            (sample,),
            dynamo=True,
            dynamic_shapes=({0: torch.export.Dim("n")},),
            input_names=["pixels"],
            output_names=["found"],
            verbose=False,
        )
    if program is None:
        raise ValueError("torch exported nothing")
    made: bytes = program.model_proto.SerializeToString()
    return made


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The exporter tells of its steps and of packages that it would use; none of it is for the user."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)
