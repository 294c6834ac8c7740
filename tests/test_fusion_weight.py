"""The weight of the colours in ``fusion`` is the one that its tool chose, by its rule, on items of its own."""

import re
from pathlib import Path

import numpy as np
import pytest

from fashion_search.catalog.source import Options
from fashion_search.encoders.fusion import WEIGHT
from fashion_search.encoders.weights import FOLDER_VARIABLE
from fashion_search.store import Store
from tests.builds import build
from tests.samples import lines, shop_files, write_folder
from tools.fusion_weight import REPORT, WEIGHTS, Line, choose, main, measure

ROW = re.compile(r"^\| (\d\.\d)(?: \(chosen\))? \| (\d\.\d{4}) \| (\d\.\d{4}) \| (\d\.\d{4}) \|$", re.MULTILINE)


def read(report: Path) -> tuple[float, list[Line]]:
    """The weight that a report chose, and its table."""
    text = report.read_text("utf-8")
    [chosen] = re.findall(r"Chosen weight: (\d\.\d)\.", text)
    return float(chosen), [Line(*map(float, row)) for row in ROW.findall(text)]


def test_the_constant_is_the_weight_that_was_chosen() -> None:
    chosen, table = read(REPORT)
    assert chosen == WEIGHT
    assert tuple(line.weight for line in table) == WEIGHTS
    assert choose(table) == WEIGHT


def test_the_smallest_of_equal_weights_is_chosen() -> None:
    precisions = {0.3: 0.4689, 0.4: 0.4697, 0.5: 0.4707, 0.6: 0.4707}
    assert choose([Line(weight, precision, 0, 0) for weight, precision in precisions.items()]) == 0.4


def test_style_groups_that_methods_are_judged_on_are_refused(
    built: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["shop", "--report", str(tmp_path / "report.md")]) == 1
    assert "“shop” has style groups of 4 images" in capsys.readouterr().err
    assert not (tmp_path / "report.md").exists()


def test_large_groups_are_measured_leave_one_out_and_written_down(
    tmp_path: Path, random_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(random_weights))
    rows = lines({("Shirts", "Blue", "Casual"): 21, ("Caps", "Red", "Formal"): 22})
    shop = write_folder(tmp_path / "large", shop_files(rows))
    store = Store(build(shop, methods=["fusion"], options=Options(smallest=21, largest=60)).folder)
    assert main(["large", "--report", str(tmp_path / "report.md")]) == 0
    chosen, table = read(tmp_path / "report.md")
    assert (chosen, len(table)) == (choose(table), len(WEIGHTS))
    assert str(tmp_path) not in (tmp_path / "report.md").read_text("utf-8")

    library = store.library("fusion")
    scores = np.asarray(library.vectors, dtype=np.float64) @ library.vectors.T
    np.fill_diagonal(scores, -1)
    group = store.catalog.group_of
    right = [sum(group[row] == group[query] for row in np.argsort(-scores[query])[:5]) for query in range(43)]
    totals = [20 if size == 21 else 21 for size in np.bincount(group)[group]]
    expected = (np.mean(right) / 5, np.mean(np.divide(right, totals)), np.mean(np.array(right) > 0))
    measured = measure(store.library("resnet18"), store.library("histogram").vectors, WEIGHT)
    assert (measured.precision, measured.recall, measured.hit) == pytest.approx(expected, abs=1e-4)
    assert measured in table
