"""Slides: what is on them, that it lies within them, and that LibreOffice opens and draws them."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from PIL import Image
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE

from fashion_search.cases import Case, capture, open_cases
from fashion_search.cases.model import CaseItem
from fashion_search.catalog import Protocol, draw_split
from fashion_search.catalog.relevance import NO_VERDICTS
from fashion_search.errors import StoreError
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.images import to_webp
from fashion_search.report import slides, write_slides
from fashion_search.report.drawing import fitted, height_of, n_lines, width_of
from fashion_search.report.pptx import MOST_LINES, MOST_METHODS, MOST_RESULTS
from fashion_search.store import Store, open_store
from tests import samples
from tests.cases import made
from tests.office import converted, without

MADE = datetime(2031, 4, 5, 6, 7, tzinfo=UTC)
THREE = ("fashion", "resnet18", "histogram")
LONG = "An endless comment, word after word after word. " * 40


@pytest.fixture
def store() -> Store:
    return open_store("demo")


def opened(store: Store, *cases: Case) -> Any:
    """The presentation of these cases."""
    for case in cases:
        open_cases(store.name).add(case)
    return Presentation(BytesIO(slides(store, MADE)))


def texts(slide: Any) -> list[str]:
    return [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame and shape.text_frame.text]


def descriptions(slide: Any) -> list[str]:
    pictures = (shape for shape in slide.shapes if shape.shape_type == MSO_SHAPE_TYPE.PICTURE)
    return [shape._element._nvXxPr.cNvPr.get("descr") for shape in pictures]


def with_rows(case: Case, n: int) -> Case:
    """The same with so many methods, which have long names."""
    rows = [case.shown.rows[place % len(case.shown.rows)] for place in range(n)]
    named = [
        msgspec.structs.replace(row, title=f"{row.title}, re-ranked: a long name", confidence="unsure") for row in rows
    ]
    return msgspec.structs.replace(case, shown=msgspec.structs.replace(case.shown, rows=tuple(named)))


def figures(store: Store) -> Case:
    evaluation = Evaluation.of(store, list(THREE))
    conditions = capture.conditions(store, evaluation.split, 5, NO_VERDICTS)
    return Case("Metrics", capture.findings(evaluation), conditions, {"catalog": store.name, "k": "5"}, "Look.")


def every_kind(store: Store) -> list[Case]:
    """Cases as small and as large as they come."""
    plain = made.of_item(store, "31180", *THREE, comment="The first two <b>differ</b> & more.\nA second line.")
    wide = made.of_item(store, "21109", *THREE, k=20, comment=LONG[:1_900])
    own = msgspec.structs.replace(
        plain,
        shown=msgspec.structs.replace(
            plain.shown,
            query=CaseItem("", "A picture of one’s own", webp=to_webp(samples.noise(1, (300, 100)))),
            rows=tuple(
                msgspec.structs.replace(
                    row, facts=(), results=tuple(msgspec.structs.replace(one, correct=None) for one in row.results)
                )
                for row in plain.shown.rows[:1]
            ),
        ),
        link={},
    )
    table = figures(store)
    long_table = msgspec.structs.replace(
        table, shown=msgspec.structs.replace(table.shown, lines=table.shown.lines * 6), comment=LONG[:900]
    )
    hostile = made.of_rows(made.row("<i>&\x01\x1b", "+-?"), comment="\x00\x07 \ud7ff 衣服" + "x" * 700)
    return [plain, wide, with_rows(wide, 9), with_rows(plain, 5), own, table, long_table, hostile]


def test_a_slide_shows_query_rows_badges_comment_and_conditions(store: Store) -> None:
    case = made.of_item(store, "31180", *THREE, comment="Mind the second row.")
    deck = opened(store, case)
    assert deck.slide_width / deck.slide_height == pytest.approx(16 / 9, abs=0.001)
    first, slide = deck.slides
    assert first.shapes.title.text_frame.text == store.manifest.title
    assert "1 case from the search for similar items" in texts(first)
    assert any("2031-04-05 06:07 UTC" in text for text in texts(first))
    shown = texts(slide)
    assert slide.shapes.title.text_frame.text == case.headline
    assert "Mind the second row." in shown
    assert case.conditions.sentence in shown
    assert shown.count("✓ correct") == sum(row.n_correct for row in case.shown.rows)
    assert shown.count("✕ incorrect") == 15 - shown.count("✓ correct")
    for row in case.shown.rows:
        assert row.title in shown
        assert row.confidence
        assert "\n".join([row.confidence, *row.facts]) in shown
        for result in row.results:
            score = f"{result.score:.3f}".replace("0.", ".")
            assert any(text.startswith(f"{result.rank} · {score}") for text in shown)
    assert case.shown.query.name in shown
    assert all(label in "\n".join(shown) for label in case.shown.query.labels)
    wrong = [one for row in case.shown.rows for one in row.results if not one.correct]
    assert sum(text.startswith("≠ ") for text in shown) == len(wrong)


def test_pictures_are_described_and_notes_hold_the_conditions(store: Store) -> None:
    case = made.of_item(store, "31180", *THREE, comment="Mind this.")
    _, slide = opened(store, case).slides
    described = descriptions(slide)
    assert len(described) == 16
    assert described[0] == f"The query: {case.shown.query.name}"
    result = case.shown.rows[0].results[0]
    word = "correct" if result.correct else "incorrect"
    assert described[1] == f"Rank 1 under Fashion: {result.name}, {word}"
    notes = slide.notes_slide.notes_text_frame.text
    assert f"Conditions: {case.conditions.sentence}." in notes
    assert "Mind this." in notes
    assert "Open it again: /?catalog=demo&query=31180 after the app’s address." in notes
    for row in case.shown.rows:
        assert f"weights: {row.weights}" in notes


def test_pictures_are_the_catalogs_own(store: Store) -> None:
    case = made.of_item(store, "31180", "fashion")
    _, slide = opened(store, case).slides
    [query, first, *_] = [shape for shape in slide.shapes if shape.shape_type == MSO_SHAPE_TYPE.PICTURE]
    for shape, item in ((query, "31180"), (first, case.shown.rows[0].results[0].item)):
        assert shape.image.content_type == "image/jpeg"
        shown = np.asarray(Image.open(BytesIO(shape.image.blob)), dtype=float)
        kept = np.asarray(Image.open(BytesIO(store.thumbnail(store.catalog.row(item)))).convert("RGB"), dtype=float)
        assert shown.shape == kept.shape
        assert np.abs(shown - kept).mean() < 3
        assert shape.width / shape.height == pytest.approx(kept.shape[1] / kept.shape[0], abs=0.01)


def test_a_picture_that_is_gone_is_said(store: Store) -> None:
    case = made.of_item(store, "31180", "fashion")
    gone = case.shown.rows[0].results[1].item
    items = tuple(replace(item, digest="x") if item.id == gone else item for item in store.catalog.items)
    store.catalog = replace(store.catalog, items=items)
    _, slide = opened(store, case).slides
    assert len(descriptions(slide)) == 5
    assert texts(slide).count("no longer in the catalog") == 1


def test_what_is_too_much_for_a_slide_is_cut_and_said(store: Store) -> None:
    wide = made.of_item(store, "31180", *THREE, k=20)
    table = figures(store)
    long = msgspec.structs.replace(table, shown=msgspec.structs.replace(table.shown, lines=table.shown.lines * 6))
    _, results, many, lines = opened(store, wide, with_rows(wide, 9), long).slides
    assert any(text.startswith(f"Shown: the first {MOST_RESULTS} of 20 results · ") for text in texts(results))
    said = f"Shown: the first {MOST_METHODS} of 9 methods, the first {MOST_RESULTS} of 20 results · "
    assert any(text.startswith(said) for text in texts(many))
    assert len(descriptions(many)) == 1 + MOST_METHODS * MOST_RESULTS
    n = len(long.shown.lines)
    assert any(text.startswith(f"Shown: the first {MOST_LINES} of {n} lines · ") for text in texts(lines))


def test_figures_are_a_table_with_their_sentences(store: Store) -> None:
    case = figures(store)
    _, slide = opened(store, case).slides
    shown = texts(slide)
    assert slide.shapes.title.text_frame.text == case.headline
    for cell in (*case.shown.columns, *(cell for line in case.shown.lines for cell in line)):
        assert cell in shown
    assert "\n".join(case.shown.sentences) in shown
    assert "/Metrics?catalog=demo&k=5" in slide.notes_slide.notes_text_frame.text


def boxes(deck: Any) -> Iterator[Any]:
    for slide in deck.slides:
        yield from slide.shapes


def test_everything_lies_within_its_slide_and_no_text_is_tiny_or_spelled_out(store: Store) -> None:
    deck = opened(store, *every_kind(store))
    for shape in boxes(deck):
        assert shape.left >= 0
        assert shape.top >= 0
        assert shape.left + shape.width <= deck.slide_width
        assert shape.top + shape.height <= deck.slide_height
        for paragraph in shape.text_frame.paragraphs if shape.has_text_frame else ():
            assert all(run.font.size.pt >= 7 for run in paragraph.runs), shape.text_frame.text
            assert "_x0" not in paragraph.text, "a control character, spelled out"


def test_each_text_has_room_for_all_of_it(store: Store) -> None:
    for shape in boxes(opened(store, *every_kind(store))):
        if not shape.has_text_frame or not shape.text_frame.text:
            continue
        runs = [(paragraph.text, paragraph.runs[0].font.size.pt) for paragraph in shape.text_frame.paragraphs]
        needed = sum(height_of(text, shape.width.inches, size) for text, size in runs)
        one_line = sum(size * 1.25 / 72 for _, size in runs)
        assert needed <= max(shape.height.inches, one_line) + 0.17, shape.text_frame.text


def test_without_cases_it_says_where_to_add_some(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"has no cases yet\. Add some in the app"):
        write_slides(tmp_path / "cases.pptx", store)
    assert not (tmp_path / "cases.pptx").exists()


# Text that fits


def test_long_text_is_made_smaller_and_then_cut() -> None:
    assert fitted("short", 3, 0.4, 20, 8) == ("short", 20)
    text, size = fitted("word " * 12, 3, 0.4, 20, 8)
    assert (text, 8 < size < 20) == ("word " * 12, True)
    text, size = fitted("word " * 500, 3, 0.4, 20, 8)
    assert size == 8
    assert text.endswith("…")
    assert n_lines(text, 3 * 72 / 8) * 8 * 1.2 <= 0.4 * 72
    assert n_lines(f"{text[:-1]} word wo", 3 * 72 / 8) * 8 * 1.2 > 0.4 * 72, "no more than need be"


def test_lines_break_between_words_and_inside_those_that_are_too_long() -> None:
    assert n_lines("", 10) == 1
    assert n_lines("a\nb", 10) == 2
    assert n_lines("x" * 100, width_of("x" * 50) + 0.1) == 2
    assert n_lines("aaaa bbbb cccc", width_of("aaaa bbbb") + 0.1) == 2
    assert width_of("衣服") == 2
    assert width_of("e\u0301") == width_of("e")


# LibreOffice


@pytest.mark.slow
def test_libreoffice_opens_and_draws_every_slide(store: Store, tmp_path: Path) -> None:
    cases = every_kind(store)
    for case in cases:
        open_cases("demo").add(case)
    write_slides(tmp_path / "cases.pptx", store, MADE)
    converted(tmp_path / "cases.pptx", "pdf", needs="libreoffice-impress")
    if shutil.which("pdftoppm") is None:
        without("pdftoppm is not on this machine (apt-get install poppler-utils)")
    subprocess.run(["pdftoppm", "-r", "40", "-png", "cases.pdf", "slide"], cwd=tmp_path, check=True, timeout=300)
    pictures = [np.asarray(Image.open(path).convert("RGB")) for path in sorted(tmp_path.glob("slide-*.png"))]
    assert len(pictures) == 1 + len(cases)
    for picture in pictures:
        assert picture.shape[1] / picture.shape[0] == pytest.approx(16 / 9, abs=0.02)
        assert (picture.min(axis=2) > 245).mean() > 0.4, "on white"
        assert (picture.max(axis=2) < 110).any(), "dark text"
    green, red = np.array([26, 127, 75]), np.array([179, 54, 43])
    for colour in (green, red):  # the badges of the first case
        assert (np.abs(pictures[1].astype(int) - colour).max(axis=2) < 12).sum() > 40
    text = subprocess.run(
        ["pdftotext", "cases.pdf", "-"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    for case in cases[:-1]:
        assert case.headline.split(",")[0] in " ".join(text.split())
    assert Protocol.LEAVE_ONE_OUT.label in text
    assert draw_split(store.catalog, Protocol.LEAVE_ONE_OUT).label in text
