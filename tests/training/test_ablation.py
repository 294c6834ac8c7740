"""The comparison of recipes' variants: what it trains, keeps and writes down."""

import functools
import re
from pathlib import Path

import pytest

from fashion_search.encoders.trained import methods_folder
from fashion_search.store import Store
from fashion_search.training import train as training
from fashion_search.training.data import read_data
from fashion_search.training.recipe import Recipe
from fashion_search.training.record import read_run, runs_folder
from tools import ablation
from tools.ablation import Variant

VARIANTS = [
    Variant("all", "all parts", "tiny", {}),
    Variant("shift", "with shifts", "tiny", {"augmentation.shift": "0.1"}),
]
PAPERS = [Variant("theirs", "theirs", "tiny", {"network.dimensions": "4"})]


@pytest.fixture(autouse=True)
def variants(tiny: Recipe, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Variants whose runs take a moment, with enough pictures to validate on."""
    monkeypatch.setattr(training, "read_data", functools.partial(read_data, share=0.3))
    monkeypatch.setattr(ablation, "OURS", VARIANTS)
    monkeypatch.setattr(ablation, "THEIRS", PAPERS)
    monkeypatch.setattr(ablation, "open_recipe", lambda name: tiny)


def compare(report: Path, *options: str) -> int:
    return ablation.main(["shop", "--limit", "60", "--epochs", "1", "--seeds", "2", "--report", str(report), *options])


def rows_of(report: Path) -> list[list[str]]:
    """The cells of the table's lines."""
    table = re.findall(r"^\| (.*) \|$", report.read_text("utf-8"), re.MULTILINE)[1:]
    return [[cell.strip() for cell in row.split(" | ")] for row in table]


def precision(key: str, seed: int) -> float:
    best: float = read_run(runs_folder() / f"ablation-{key}-{seed}").best["precision"]
    return best


def test_every_variant_is_trained_with_its_seeds_and_written_down(tmp_path: Path) -> None:
    assert compare(tmp_path / "report.md") == 0
    runs = {path.name for path in runs_folder().iterdir() if path.is_dir()}
    assert runs == {f"ablation-{key}" for key in ("all-0", "all-1", "shift-0", "shift-1", "theirs-0")}
    assert not list(methods_folder().glob("ablation-*"))  # nobody searches with them
    whole, shift, theirs = rows_of(tmp_path / "report.md")
    assert [row[0] for row in (whole, shift, theirs)] == ["all parts", "with shifts", "theirs"]
    first, second = precision("all", 0), precision("all", 1)
    assert first != second  # else nothing would tell seeds apart
    assert whole[1].split(" ± ")[0] == f"{(first + second) / 2:.4f}"
    assert whole[4] == ""
    changes = [precision("shift", 0) - first, precision("shift", 1) - second]
    assert shift[4].split(" ± ")[0] == f"{sum(changes) / 2:+.4f}"
    assert theirs[4] == f"{precision('theirs', 0) - first:+.4f}"


def test_a_second_call_trains_only_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert compare(tmp_path / "report.md", "--only", "all") == 0
    trained: list[str] = []
    really = ablation.train_on
    monkeypatch.setattr(
        ablation, "train_on", lambda data, plan, store: trained.append(plan.name) or really(data, plan, store)
    )
    assert compare(tmp_path / "report.md", "--only", "all", "theirs") == 0
    assert trained == ["ablation-theirs-0"]
    assert [row[0] for row in rows_of(tmp_path / "report.md")] == ["all parts", "theirs"]


def test_runs_of_another_length_are_not_taken_for_these(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compare(tmp_path / "report.md", "--only", "all") == 0
    before = (tmp_path / "report.md").read_bytes()
    assert compare(tmp_path / "report.md", "--only", "all", "--epochs", "2") == 1
    assert "is of another recipe or of other data" in capsys.readouterr().err
    assert (tmp_path / "report.md").read_bytes() == before
