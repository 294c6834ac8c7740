"""Cases as PowerPoint: a slide that says what they are of, then one slide a case, 16:9, its conditions in the notes."""

import io
from datetime import datetime
from importlib.util import find_spec
from itertools import chain
from typing import TYPE_CHECKING

from fashion_search import __version__
from fashion_search.cases.model import Case, CaseItem, CaseResult, CaseRow, Findings, Results
from fashion_search.charts.style import colour_of
from fashion_search.errors import MissingPackageError
from fashion_search.evaluation.words import count
from fashion_search.report.collected import link_of
from fashion_search.report.drawing import (
    ACCENT,
    BAD,
    EMU,
    GOOD,
    GROUND,
    INK,
    RULE,
    SOFT,
    Area,
    Line,
    badge,
    fitted,
    height_of,
    picture,
    rectangle,
    width_of,
    write,
    write_fitting,
    write_title,
)
from fashion_search.store import Store

if TYPE_CHECKING:
    from pptx.presentation import Presentation
    from pptx.slide import Slide

MOST_METHODS, MOST_RESULTS = 5, 10  # of a case on its slide: more would be too small to read
MOST_LINES = 14  # of a table

_WIDTH, _HEIGHT, _EDGE = 13.333, 7.5, 0.5
_INNER = _WIDTH - 2 * _EDGE
_FOOT = 7.0  # where the line with the conditions begins
_QUERY_WIDTH, _METHOD_WIDTH, _GAP = 2.1, 2.4, 0.08
_USUAL = 5  # results of a row; where there are fewer, they are no larger
_BELOW = 0.75  # height of what stands below a picture, at most
_ROOM_FOR_LABELS = (1.0, 1.3)  # width and height of a result from which it says in what it differs


INSTALL = "PowerPoint files need the package python-pptx, which is not installed: pip install python-pptx."


def is_available() -> bool:
    """Whether python-pptx is installed; nothing is imported."""
    try:
        return find_spec("pptx") is not None
    except ValueError:  # something stands in its place
        return False


def presentation_of(store: Store, cases: tuple[Case, ...], made: datetime) -> bytes:
    """The file's content.

    Args:
        store: the catalog, which has the pictures.
        cases: at least one.
        made: the date that the first slide bears.

    Raises:
        MissingPackageError: python-pptx is not installed.
        StoreError: the catalog is damaged.
    """
    try:
        from pptx import Presentation
    except ImportError as error:
        raise MissingPackageError(INSTALL) from error
    deck = Presentation()
    _widen(deck)
    _first_slide(deck, store, cases, made)
    for case in cases:
        _slide(deck, store, case)
    properties = deck.core_properties
    properties.title = f"Cases of {store.manifest.title}"
    properties.author = f"fashion_search {__version__}"
    properties.created = properties.modified = made.replace(tzinfo=None)
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def _widen(deck: "Presentation") -> None:
    """To 16:9, with the places that the layouts give to slides that are added later."""
    before = deck.slide_width or 1
    deck.slide_width, deck.slide_height = round(_WIDTH * EMU), round(_HEIGHT * EMU)
    master = deck.slide_master
    for shape in chain(master.shapes, *(layout.shapes for layout in master.slide_layouts)):
        if shape.left is not None and shape.width is not None:
            shape.left, shape.width = (
                round(shape.left * deck.slide_width / before),
                round(shape.width * deck.slide_width / before),
            )


def _first_slide(deck: "Presentation", store: Store, cases: tuple[Case, ...], made: datetime) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts.get_by_name("Title Only"))
    rectangle(slide, Area(0, 0, 0.22, _HEIGHT), ACCENT)
    write_title(slide, Area(1.2, 2.2, 10.8, 1.5), store.manifest.title, 44, 24)
    what = f"{count(len(cases), 'case', 'cases')} from the search for similar items"
    write(slide, Area(1.2, 3.85, 10.8, 0.5), Line(what, 22, colour=SOFT))
    conditions = list(dict.fromkeys(case.conditions.sentence for case in cases))
    write_fitting(slide, Area(1.2, 4.7, 10.8, 1.4), "\n".join(conditions), 13, 10, colour=SOFT)
    written = f"{made:%Y-%m-%d %H:%M} UTC · fashion_search {__version__}"
    write(slide, Area(1.2, 6.6, 10.8, 0.3), Line(written, 11, colour=SOFT))


def _slide(deck: "Presentation", store: Store, case: Case) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts.get_by_name("Title Only"))
    write_title(slide, Area(_EDGE, 0.38, _INNER, 0.62), case.headline, 26, 13)
    top = 1.12
    if case.comment:
        top += _comment(slide, case.comment, top) + 0.2
    said = ""
    if isinstance(case.shown, Findings):
        said = _findings(slide, case.shown, top)
    else:
        said = _results(slide, store, case.shown, top)
    rectangle(slide, Area(_EDGE, _FOOT, _INNER, 0.01), RULE)
    foot = " · ".join(part for part in (said, case.conditions.sentence) if part)
    write_fitting(slide, Area(_EDGE, _FOOT + 0.08, _INNER - 0.7, 0.34), foot, 10, 8, colour=SOFT)
    number = Line(str(len(deck.slides)), 10, colour=SOFT)
    write(slide, Area(_WIDTH - _EDGE - 0.5, _FOOT + 0.08, 0.5, 0.2), number)
    slide.notes_slide.notes_text_frame.text = _notes(case)


def _comment(slide: "Slide", comment: str, top: float) -> float:
    """What a person says of the case; returns its height."""
    text, size = fitted(comment, _INNER - 0.18, 0.72, 16, 10)
    height = height_of(text, _INNER - 0.18, size)
    rectangle(slide, Area(_EDGE, top + 0.02, 0.05, height), ACCENT)
    write(slide, Area(_EDGE + 0.18, top, _INNER - 0.18, height), *(Line(part, size) for part in text.split("\n")))
    return height


# -- a query and what methods find --------------------------------------------------------------------------


def _results(slide: "Slide", store: Store, shown: Results, top: float) -> str:
    """The query at the left, a row for each method at the right; returns what was left out."""
    _query(slide, store, shown.query, Area(_EDGE, top, _QUERY_WIDTH, _FOOT - 0.15 - top))
    left = _EDGE + _QUERY_WIDTH + 0.35
    rows = shown.rows[:MOST_METHODS]
    height = min((_FOOT - 0.1 - top) / max(len(rows), 1), _most_height(rows, _WIDTH - _EDGE - left))
    for place, row in enumerate(rows):
        area = Area(left, top + place * height, _WIDTH - _EDGE - left, height - 0.1)
        if place:
            rectangle(slide, Area(left, area.top - 0.055, area.width, 0.01), RULE)
        _row(slide, store, shown.query, row, area)
    return _left_out(shown)


def _most_height(rows: tuple[CaseRow, ...], width: float) -> float:
    """The height of a row beyond which its pictures, 3 : 4 as thumbnails are, become no larger."""
    return max((_cell_width(row, width) for row in rows), default=0.0) * 4 / 3 + _BELOW + 0.1


def _cell_width(row: CaseRow, width: float) -> float:
    return (width - _METHOD_WIDTH) / max(len(row.results[:MOST_RESULTS]), _USUAL) - _GAP


def _left_out(shown: Results) -> str:
    n_results = max((len(row.results) for row in shown.rows), default=0)
    parts = []
    if len(shown.rows) > MOST_METHODS:
        parts.append(f"the first {MOST_METHODS} of {len(shown.rows)} methods")
    if n_results > MOST_RESULTS:
        parts.append(f"the first {MOST_RESULTS} of {n_results} results")
    return f"Shown: {', '.join(parts)}" if parts else ""


def _query(slide: "Slide", store: Store, query: CaseItem, area: Area) -> None:
    seen = Area(area.left, area.top, area.width, min(area.width * 4 / 3, area.height - 1.5))
    picture(slide, seen, query.picture(store), f"The query: {query.name}")
    top = seen.top + seen.height + 0.1
    badge(slide, Area(area.left, top, 0.62, 0.22), "query", INK, 10)
    write_fitting(slide, Area(area.left, top + 0.3, area.width, 0.6), query.name, 13, 9, bold=True)
    labels = [Line(_short(value or "(blank)", area.width, 11), 11, colour=SOFT) for value in query.labels]
    lines = [*labels, *([Line(_short(f"Item {query.item}", area.width, 9), 9, colour=SOFT)] if query.item else [])]
    fitting = lines[: max(int((area.top + area.height - top - 0.95) / 0.19), 0)]
    write(slide, Area(area.left, top + 0.95, area.width, 0.19 * len(fitting)), *fitting)


def _row(slide: "Slide", store: Store, query: CaseItem, row: CaseRow, area: Area) -> None:
    rectangle(slide, Area(area.left, area.top + 0.03, 0.07, 0.22), colour_of(row.method).lstrip("#").upper())
    width = _METHOD_WIDTH - 0.3
    write_fitting(slide, Area(area.left + 0.15, area.top, width, 0.31), row.title, 14, 9, bold=True)
    facts = [Line(_short(fact, width, 9), 9, colour=SOFT) for fact in row.facts]
    if row.confidence:
        facts.insert(0, Line(_short(row.confidence, width * 0.93, 9), 9, bold=True))
    write(slide, Area(area.left + 0.15, area.top + 0.32, width, 0.16 * max(len(facts), 1)), *facts)
    cell = _cell_width(row, area.width)
    for place, result in enumerate(row.results[:MOST_RESULTS]):
        left = area.left + _METHOD_WIDTH + place * (cell + _GAP)
        _result(slide, store, query, row, result, Area(left, area.top, cell, area.height))


def _result(slide: "Slide", store: Store, query: CaseItem, row: CaseRow, result: CaseResult, area: Area) -> None:
    wide, high = _ROOM_FOR_LABELS
    with_labels = bool(query.labels) and area.width >= wide and area.height >= high
    badge_height = 0.22 if result.badge else 0.0
    labels_height = 0.3 if with_labels else 0.0
    height = min(area.height - badge_height - 0.19 - labels_height, area.width * 4 / 3)
    described = f"Rank {result.rank} under {row.title}: {result.name}"
    described += f", {result.badge[2:]}" if result.badge else ""
    picture(slide, Area(area.left, area.top, area.width, height), result.picture(store), described)
    top = area.top + height + 0.03
    if result.badge:
        width = min(area.width, 0.95)
        place = Area(area.left + (area.width - width) / 2, top, width, 0.18)
        badge(slide, place, result.badge, GOOD if result.correct else BAD, 8 if width < 0.9 else 9)
        top += badge_height
    write(slide, Area(area.left, top, area.width, 0.16), Line(_rank(result, area.width), 8, colour=SOFT), centred=True)
    differs = _differences(query, result)
    if with_labels and differs:
        text, size = fitted(f"≠ {' · '.join(differs)}", area.width, labels_height, 9, 7)
        write(slide, Area(area.left, top + 0.16, area.width, labels_height), Line(text, size, False, BAD), centred=True)


def _differences(query: CaseItem, result: CaseResult) -> list[str]:
    pairs = zip(result.labels, query.labels, strict=False)
    return [value or "(blank)" for value, wanted in pairs if value != wanted]


def _rank(result: CaseResult, width: float) -> str:
    """Rank, similarity and movement, as much of it as there is room for."""
    parts = [str(result.rank), f"{result.score:.3f}".replace("0.", ".", 1), result.movement]
    while len(parts) > 1 and width_of(" · ".join(filter(None, parts))) * 8 > width * 72:
        parts.pop()
    return " · ".join(filter(None, parts))


def _short(text: str, width: float, size: float) -> str:
    """A text on one line, cut where it is too long."""
    room = width * 72 / size
    if width_of(text) <= room:
        return text
    while text and width_of(f"{text}…") > room:
        text = text[:-1]
    return f"{text.rstrip()}…"


# -- figures ------------------------------------------------------------------------------------------------


def _findings(slide: "Slide", shown: Findings, top: float) -> str:
    """The table, and what is said of it below; returns what was left out."""
    lines = shown.lines[:MOST_LINES]
    height = min(0.34, (_FOOT - 1.2 - top) / (len(lines) + 1))
    _table(slide, shown, lines, Area(_EDGE, top, _INNER, height * (len(lines) + 1)))
    below = top + height * (len(lines) + 1) + 0.2
    text = "\n".join(shown.sentences)
    write_fitting(slide, Area(_EDGE, below, _INNER, max(_FOOT - 0.1 - below, 0.2)), text, 13, 9)
    cut = len(shown.lines) > MOST_LINES
    return f"Shown: the first {MOST_LINES} of {len(shown.lines)} lines" if cut else ""


def _table(slide: "Slide", shown: Findings, lines: tuple[tuple[str, ...], ...], area: Area) -> None:
    first = min(2.6, area.width / 3)
    width = (area.width - first) / max(len(shown.columns) - 1, 1)
    height = area.height / (len(lines) + 1)
    rooms = [first - 0.12, *(width - 0.12 for _ in shown.columns[1:])]
    cells = [(cell, room * 0.93) for line in lines for cell, room in zip(line, rooms, strict=False)]
    size = min((fitted(cell, room, 0.2, 11, 8)[1] for cell, room in cells), default=11)  # one for all but the heading
    for number, line in enumerate((shown.columns, *lines)):
        top = area.top + number * height
        if number % 2 == 0 and number:
            rectangle(slide, Area(area.left, top, area.width, height), GROUND)
        for place, cell in enumerate(line):
            left = area.left if place == 0 else area.left + first + (place - 1) * width
            inner = Area(left + 0.06, top + height / 2 - 0.1, rooms[place], 0.2)
            is_bold, colour = number == 0 or place == 0, SOFT if number == 0 else INK
            write_fitting(slide, inner, cell, size, 8, is_bold, colour)
    rectangle(slide, Area(area.left, area.top + height - 0.01, area.width, 0.015), INK)


# -- notes --------------------------------------------------------------------------------------------------


def _notes(case: Case) -> str:
    """What a speaker may be asked for."""
    parts = [case.headline, case.comment, f"Conditions: {case.conditions.sentence}."]
    if isinstance(case.shown, Results):
        for row in case.shown.rows:
            facts = [row.confidence, *row.facts, f"weights: {row.weights}"]
            parts.append(f"{row.title}: {'; '.join(fact for fact in facts if fact)}.")
    else:
        parts += case.shown.sentences
    parts.append(f"Added on the {case.page} page, {case.when}.")
    if link := link_of(case):
        parts.append(f"Open it again: {link} after the app’s address.")
    return "\n".join(part for part in parts if part)
