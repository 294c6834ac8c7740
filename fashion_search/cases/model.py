"""A case as it was seen: frozen, and complete but for the catalog's own pictures, which are looked up by item."""

from datetime import UTC, datetime
from secrets import token_hex
from typing import Literal

import msgspec

from fashion_search.store import Store
from fashion_search.typed import Checked

MOST_COMMENT = 2_000
"""Characters of a comment."""

Page = Literal["Search", "Failures", "Metrics"]
"""Where a case was added."""


class CaseItem(Checked, frozen=True):
    """An item of the catalog, or a picture that a person brought, which has no ``item`` and its own small WebP.

    ``digest`` tells the item's picture from another one that has its id after a rebuild.
    """

    item: str
    name: str
    labels: tuple[str, ...] = ()
    digest: str = ""
    webp: bytes = b""

    def picture(self, store: Store) -> bytes | None:
        """A small WebP; None where the catalog no longer has this picture."""
        if not self.item:
            return self.webp
        if self.item not in store.catalog:
            return None
        row = store.catalog.row(self.item)
        return store.thumbnail(row) if store.catalog.items[row].digest == self.digest else None


class CaseResult(CaseItem, frozen=True, kw_only=True):
    """A result. ``correct``: None where that cannot be known.

    ``moved``: by how many ranks it stands higher than under the first method; None for the first method itself.
    """

    rank: int
    score: float
    correct: bool | None = None
    moved: int | None = None

    @property
    def badge(self) -> str:
        """In words and sign; empty where it cannot be known."""
        return "" if self.correct is None else "✓ correct" if self.correct else "✕ incorrect"

    @property
    def movement(self) -> str:
        """``▲ 3``, ``▼ 12`` or ``=``; empty for the first method."""
        if self.moved is None:
            return ""
        return f"▲ {self.moved:,}" if self.moved > 0 else f"▼ {-self.moved:,}" if self.moved < 0 else "="


class CaseRow(Checked, frozen=True):
    """What one method found.

    ``facts``: short texts such as ``2 of 5 correct``; ``confidence``: how far to trust the row, empty where not said.
    """

    method: str
    title: str
    weights: str
    results: tuple[CaseResult, ...]
    facts: tuple[str, ...] = ()
    confidence: str = ""

    @property
    def n_correct(self) -> int | None:
        """How many of the results are correct; None where that cannot be known."""
        marks = [result.correct for result in self.results]
        return None if None in marks or not marks else sum(mark is True for mark in marks)


class Results(Checked, frozen=True, tag="results"):
    """A query and what each method found for it. ``columns``: what the labels are, as people read them."""

    query: CaseItem
    columns: tuple[str, ...]
    rows: tuple[CaseRow, ...]

    @property
    def headline(self) -> str:
        """What the case shows, in one sentence without its full stop."""
        known = [(row.n_correct, row) for row in self.rows if row.n_correct is not None]
        if not known or len(known) < len(self.rows):
            what = self.rows[0].title if len(self.rows) == 1 else f"{len(self.rows)} methods"
            return f"What {what} {'finds' if len(self.rows) == 1 else 'find'} for {self.query.name or 'this picture'}"
        order = sorted(known, key=lambda one: -one[0])
        n, best = order[0]
        first = f"{best.title} finds {n} of {len(best.results)} correct"
        if len(order) > 3:
            n_worst, worst = order[-1]
            return f"{first}, {worst.title}, the last of {len(order)} methods, {n_worst}"
        return ", ".join([first, *(f"{row.title} {n}" for n, row in order[1:])])


class Findings(Checked, frozen=True, tag="findings"):
    """Figures: a finding, sentences about it, and a small table; the cells of its first column name the lines."""

    headline: str
    sentences: tuple[str, ...]
    columns: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]


class Conditions(Checked, frozen=True):
    """What a case holds under.

    ``catalog``: its title and size. ``protocol``: with the seed where it draws anything, and the filter where there is
    one. ``verdicts``: which were applied, empty for none.
    """

    catalog: str
    protocol: str
    k: int
    verdicts: str = ""

    @property
    def sentence(self) -> str:
        """All of it in one line."""
        return " · ".join([self.catalog, self.protocol, f"k = {self.k}", self.verdicts or "without verdicts"])


class Case(Checked, frozen=True):
    """One thing to show.

    ``link``: the parameters of ``page`` that show it again; empty where none does, as for a picture that was brought.
    ``added``: time, ISO 8601, UTC.
    """

    page: Page
    shown: Results | Findings
    conditions: Conditions
    link: dict[str, str] = msgspec.field(default_factory=dict)
    comment: str = ""
    id: str = msgspec.field(default_factory=lambda: token_hex(8))
    added: str = msgspec.field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.comment) > MOST_COMMENT:
            raise ValueError(f"comment has {len(self.comment):,} characters; {MOST_COMMENT:,} are possible.")

    @property
    def headline(self) -> str:
        """What it shows, in one sentence without its full stop."""
        return self.shown.headline

    @property
    def when(self) -> str:
        """``2026-01-31 09:30 UTC``."""
        return f"{self.added[:16].replace('T', ' ')} UTC"

    def shows_the_same(self, other: "Case") -> bool:
        """Whether both show the same under the same conditions, whatever is said of it."""
        return (self.shown, self.conditions) == (other.shown, other.conditions)
