"""What moves the weights of a run."""

import os
import subprocess
import sys

NARROW = """
import torch
from fashion_search.training.optimisation import backward

torch.manual_seed(0)
torch.set_num_threads(1)
layer = torch.nn.Conv2d(4, 8, 1, stride=2, bias=False).to(memory_format=torch.channels_last)
for _ in range(30):
    pictures = torch.randn(8, 4, 12, 8, requires_grad=True)
    backward(layer(pictures.contiguous(memory_format=torch.channels_last)).square().sum(), (4, 8))
expected = torch.einsum("oihw,nohw->nihw", layer.weight, 2 * layer(pictures))
assert torch.allclose(pictures.grad[:, :, ::2, ::2], expected.detach(), atol=1e-5)
"""


def test_gradients_of_narrow_networks_are_right_and_leave_memory_alone() -> None:
    checked = {"MALLOC_CHECK_": "3", "LD_PRELOAD": "libc_malloc_debug.so.0"}  # where glibc has it: it ends the process
    done = subprocess.run([sys.executable, "-c", NARROW], env=os.environ | checked, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
