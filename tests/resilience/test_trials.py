"""The trials of files, with small counts; and that each says so where its promise is broken."""

from dataclasses import replace
from pathlib import Path

import pytest

from fashion_search.cases import open_cases
from fashion_search.encoders import imported
from fashion_search.evaluation import verdict_file
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.verdict_file import open_verdicts
from fashion_search.store import Store
from tests.cases import made
from tools.resilience import content, disk, flips, kills, readers, works

SAID = replace(works.VERDICTS, begins="quick")


def test_killed_verdicts_are_kept() -> None:
    outcome = kills.trial(2, 1, [SAID, replace(works.CASES, begins="quick")])
    assert outcome.broken == []
    assert outcome.figures["killed"] == 2


def test_what_a_kill_loses_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kills, "_kept", lambda work: -1)
    monkeypatch.setattr(kills, "_GOES_ON", 0.0)
    monkeypatch.setattr(kills, "differences", lambda now, end: ["shop: verdicts"])
    broken = kills.trial(1, 1, [SAID]).broken
    assert "verdicts ends otherwise: shop: verdicts" in broken
    assert any("that were said to be kept are lost" in one for one in broken)


@pytest.mark.skipif(not disk.can_mount(), reason="mounting a small disk takes root on Linux")
def test_a_full_disk_is_said_and_nothing_is_lost() -> None:
    outcome = disk.trial(1, 0, [SAID])
    assert outcome.broken == []
    assert outcome.figures["ended with a sentence"] == 1


def test_an_end_of_a_full_disk_that_is_no_sentence_is_told() -> None:
    assert disk._is_sentence("100%\nfashion_search: a cannot be written: No space left on device. Make room.")
    for said in ("", "Traceback\nOSError: No space left on device", "fashion_search: a is damaged.", "Killed"):
        assert not disk._is_sentence(said)


@pytest.fixture
def filled(built: Store, home: Path) -> Path:
    """A home with a catalog, a case, verdicts, an imported method and an evaluation."""
    Evaluation.of(built, ["histogram"]).rankings_of("histogram")
    for number in range(60):
        open_verdicts("shop").accept(f"{number}", f"{number + 1}", "histogram")
    open_cases("shop").add(made.figures())
    imported.write(imported.ImportedMethod("mine", "Mine", "mine.npy", "2026-01-31T09:30:00+00:00"))
    return home


KINDS = [
    kind
    for kind in flips.KINDS
    if kind.name in ("manifest", "table", "array", "cases", "verdicts", "evaluation", "status", "imported method")
]


def test_altered_bytes_are_noticed(filled: Path) -> None:
    outcome = flips.trial(40, 0, filled, KINDS)
    assert outcome.broken == []
    assert outcome.figures["in all, noticed"] > 200
    assert outcome.figures["in all, not used, and made again"] > 40


def test_an_altered_byte_that_is_not_noticed_is_said(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    verdicts = [kind for kind in KINDS if kind.name == "verdicts"]
    (filled / "verdicts/shop.sqlite").unlink()
    monkeypatch.setattr(verdict_file, "checksum_of", lambda fields: "")
    for number in range(60):
        open_verdicts("shop").accept(f"{number}", f"{number + 1}", "histogram")
    broken = flips.trial(400, 0, filled, verdicts).broken
    assert any("says something else, and nothing is noticed" in one for one in broken)


def test_readers_beside_builders_see_whole_states(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "READERS", 1)
    outcome = readers.trial(1, 0)
    assert outcome.broken == []
    assert outcome.figures["builds"] == 2
    monkeypatch.setattr(content, "of_store", lambda store: "what no reader sees")
    assert any("A reader saw what is no state" in one for one in readers.trial(1, 0).broken)
