"""The trials of archives and tables, in this process, and that they notice what they promise to."""

import os
import sys
from pathlib import Path

import pytest

from tools.resilience.archives import tried
from tools.resilience.hostile_archives import Case, archives
from tools.resilience.hostile_tables import tables
from tools.resilience.reading import Found, read_path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="makes pipes and links")
LARGE = ("1,000,001", "MB", "GB", "10⁶", "of bzip2", "of LZMA")  # what takes seconds to make


def small(cases: list[Case]) -> list[Case]:
    return [case for case in cases if not any(sign in case.name for sign in LARGE)]


def test_archives() -> None:
    cases = small([*archives(1_000)])
    outcome = tried(cases, "archive", read_path)
    assert not outcome.broken
    assert outcome.figures["cases"] == len(cases) > 80


def test_tables() -> None:
    cases = small([*tables(4)])
    outcome = tried(cases, "table", read_path)
    assert not outcome.broken
    assert outcome.figures["cases"] == len(cases) > 10


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Found(bad="KeyError: 1"), "KeyError"),
        (Found(refused="No sentence\nat all"), "no sentence"),
        (Found(refused="It is refused."), "was refused"),
        (Found(items=["a"]), "'b' is no item"),
        (Found(items=["a", "b"]), "'c' is left out in silence"),
        (Found(items=["a", "b"], left_out={"c": "why"}, cpu=60), "60.0 s"),
        (Found(items=["a", "b"], left_out={"c": "why"}, memory=500), "500 MB"),
    ],
)
def test_what_is_wrong_is_said(found: Found, said: str) -> None:
    case = Case("a case", lambda path: None, items=("a", "b"), told=("c",))
    assert said in "; ".join(tried([case], "archive", lambda path: found).broken)
    fine = Found(items=["a", "b"], left_out={"c": "why"})
    assert not tried([case], "archive", lambda path: fine).broken


def test_what_is_written_is_noticed() -> None:
    def write(path: Path) -> Found:
        (path.parent.parent / "slip.png").write_bytes(b"")
        return Found()

    case = Case("a case", lambda path: None, items=())
    assert "slip.png was written" in tried([case], "archive", write).broken[0]
    assert os.path.sep in tried([case], "archive", write).broken[0]
