"""The model of docs/scale.md: its formulas on made-up constants, its page of what was kept."""

from pathlib import Path

import pytest

from benchmarks import scale, scale_page
from benchmarks.measured import KeptFiguresError
from benchmarks.scale import Check, Kept, Line
from benchmarks.scale_model import Cost, Design, Node, fitted, hours, most_within


def test_bytes_of_an_item() -> None:
    assert Design("exact", number_bytes=4).item_bytes(512) == 2048
    assert Design("int8", number_bytes=1).item_bytes(512) == 512
    assert Design("codes", codes=64).item_bytes(512) == 64 + 8
    assert Design("graph", links=16).item_bytes(512) == pytest.approx(2 * 64 + 64 / 15 + 12)


def test_codes_have_centres_and_are_read_in_part() -> None:
    codes = Design("codes", codes=4)
    assert codes.n_bytes(10_000, 8) == 10_000 * 12 + 4 * 8 * (100 + 256)
    assert codes.read_bytes(10_000, 8) == 10_000 * 12 / 4 + 4 * 8 * 100
    assert Design("exact", number_bytes=4).read_bytes(10, 8) == Design("exact", number_bytes=4).n_bytes(10, 8) == 320


def test_the_cache_holds_a_part_and_memory_bounds_the_rest() -> None:
    cost = Cost(fixed=1.0, item=100.0)
    assert cost.ms(10_000, 50, bandwidth=1e6, cache=100) == pytest.approx(1 + 1)
    assert cost.ms(10_000, 4_000, bandwidth=1e6, cache=1_000) == pytest.approx(1 + 0.25 * 1 + 0.75 * 4)
    assert cost.ms(10_000, 4_000, bandwidth=1e9, cache=1_000) == pytest.approx(1 + 1)  # the processor is slower


def test_a_fit_finds_the_cost_that_was_measured() -> None:
    line = Cost(fixed=0.2, item=30.0)
    found = fitted({items: line.ms(items, 0, 1, 1) for items in (10_000, 20_000, 50_000)})
    assert (found.fixed, found.item) == (pytest.approx(0.2), pytest.approx(30))
    assert fitted({1_000_000: 1.0, 2_000_000: 4.0}).fixed == 0  # and not negative


def test_nodes_hours_and_limits() -> None:
    node = Node(cores=1, memory=100, part=0.5)
    assert [node.needed(n) for n in (0, 50, 51, 101)] == [1, 1, 2, 3]
    assert hours(7_200, images_s=2) == 1
    most = most_within(10, Cost(1, 1000), Design("exact", number_bytes=4), 1, bandwidth=1e12, cache=0)
    assert most == 9_000
    assert most_within(0.5, Cost(1, 1000), Design("exact", number_bytes=4), 1, bandwidth=1e12, cache=0) == 0


def test_only_sizes_that_the_cache_holds_are_fitted() -> None:
    fits = int(scale.CACHE / (4 * 128))
    measured = {fits // 4: 1.0, fits // 2: 2.0, fits: 4.0, 2 * fits: 100.0}
    assert Line("exact", 128, measured).cost.item == pytest.approx(4e6 / fits, rel=1e-3)


def test_what_is_a_quarter_wrong_is_named() -> None:
    lines = (Line("exact", 128, {1_000: 1.0, 2_000: 2.0}),)
    right, slow = Check("exact", 4_000, 4_000 * 512, 4.5), Check("exact", 4_000, 4_000 * 512, 6.0)
    large = Check("hnsw", 1_000, 100_000, None)
    kept = Kept(scale.read().conditions, 1e9, lines, (right, slow, large))
    assert scale_page.missed(kept) == [slow, large]


def test_the_page_is_that_of_what_was_kept() -> None:
    assert scale_page.PAGE.read_text("utf-8") == scale_page.page(scale.read())


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "scale.json").write_text("[]", "utf-8")
    with pytest.raises(KeptFiguresError, match="holds no calibration"):
        scale.read(tmp_path / "scale.json")
