"""What the benchmarks measure is the process that they mean."""

import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import processes

MB = 2**20


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_large_parent_does_not_count_as_the_childs_memory(tmp_path: Path) -> None:
    large = np.ones(600 * MB, dtype=np.uint8)
    words, peak = processes.run("import sys; print(sys.argv[1], 7)", "so", home=tmp_path)
    assert large[-1] == 1
    assert words == ["so", "7"]
    assert 5 * MB < peak < 200 * MB


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_the_child_itself_takes_counts_when_it_has_been_given_back(tmp_path: Path) -> None:
    _, peak = processes.run("held = bytearray(300 * 2**20); held[::4096] = bytes(76800); del held", home=tmp_path)
    assert 300 * MB < peak < 500 * MB
