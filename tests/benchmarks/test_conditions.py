"""What a measurement holds for: the machine, versions, load, date and commit."""

import platform
import re

import numpy as np
import pytest

from benchmarks import conditions as asked
from benchmarks.conditions import conditions, extensions_in
from tests.benchmarks.made import CONDITIONS


def test_people_read_machine_versions_and_load() -> None:
    assert str(CONDITIONS).splitlines() == [
        "AMD EPYC, 2 cores, Linux x86_64 (AVX-512, bf16), 25 GB",
        "Python 3.11.7, numpy 2.4.6",
        "2 threads, load 0.2, 2026-01-02T03:04Z, commit abc1234",
    ]


def test_those_of_this_moment() -> None:
    found = conditions()
    assert found.versions["Python"] == platform.python_version()
    assert found.versions["numpy"] == np.__version__
    assert found.memory > 0
    assert found.threads > 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\dZ", found.date)
    assert re.fullmatch(r"[0-9a-f]{7,}\+?|unknown", found.commit)


def test_a_package_that_is_not_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "PACKAGES", ("numpy", "no-such-package"))
    assert set(conditions().versions) == {"Python", "numpy"}


def test_extensions_are_those_of_the_first_core() -> None:
    cpuinfo = "processor : 0\nflags : fpu avx2 avx512f avx512_bf16 avx512vl\n\nprocessor : 1\nflags : fpu amx_tile\n"
    assert extensions_in(cpuinfo) == ("AVX2", "AVX-512", "bf16")
    assert extensions_in("") == ()
