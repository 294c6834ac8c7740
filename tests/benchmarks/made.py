"""A row and conditions that tests show and keep."""

from benchmarks.conditions import Conditions
from benchmarks.measuring import Goal, Row

ROW = Row.of("one query", "NumPy", [(0.004, 0.004), (0.004, 0.005), (0.004, 0.006)], goal=Goal("≤", 1.3))
CONDITIONS = Conditions(
    machine="AMD EPYC, 2 cores, Linux x86_64",
    extensions=("AVX-512", "bf16"),
    memory=25,
    versions={"Python": "3.11.7", "numpy": "2.4.6"},
    threads=2,
    load=0.25,
    date="2026-01-02T03:04Z",
    commit="abc1234",
)
