"""Item cards. All text from metadata is escaped here: what a catalog says is shown, never interpreted."""

import base64
from collections.abc import Sequence
from typing import Any

import streamlit as st

from fashion_search.catalog import Item, title
from fashion_search.store import Store
from fashion_search.ui.text import escape, plain

CARD_WIDTH = 172  # px, where the style sheet does not say otherwise


def cards(key: str) -> Any:
    """A row of equal cards: wraps on a wide screen, scrolls sideways on a phone."""
    return st.container(key=f"cards-{key}", horizontal=True, gap="small")


def card(key: str) -> Any:
    """One card of a row."""
    return st.container(key=f"card-{key}", border=True, width=CARD_WIDTH)


def data_uri(webp: bytes) -> str:
    """A WebP as an address that holds it."""
    return f"data:image/webp;base64,{base64.b64encode(webp).decode()}"


def on_button(webp: bytes, name: str) -> str:
    """A WebP as a button's label; ``name`` is said where pictures are not seen."""
    return f"![{plain(name)}]({data_uri(webp)})"


def picture(webp: bytes, name: str, rank: int | None = None, move: str = "") -> str:
    """A picture on white as HTML, with its rank and how that moved in the corners."""
    corners = f'<span class="fs-rank">{rank}</span>' if rank else ""
    return f'<div class="fs-picture"><img alt="{escape(name)}" src="{data_uri(webp)}">{corners}{move}</div>'


def badge(correct: bool | None) -> str:
    """``correct`` or ``incorrect`` in words, sign and colour; nothing where it cannot be known."""
    if correct is None:
        return ""
    word, sign = ("correct", "✓") if correct else ("incorrect", "✕")
    return f'<span class="fs-badge fs-{word}">{sign} {word}</span>'


def labels(columns: Sequence[str], values: Sequence[str], query: Sequence[str] | None = None) -> str:
    """An item's labels, one per line; those that differ from the query's are marked by sign, weight and colour."""
    lines = []
    for place, (column, value) in enumerate(zip(columns, values, strict=True)):
        shown = escape(value or "(blank)")
        if query is None:
            lines.append(f'<div class="fs-label" title="{escape(title(column))}">{shown}</div>')
        elif value == query[place]:
            lines.append(f'<div class="fs-label" title="{escape(title(column))} agrees"><b>=</b>{shown}</div>')
        else:
            tip = escape(f"{title(column)} differs: the query is {query[place] or '(blank)'}")
            lines.append(f'<div class="fs-label fs-differs" title="{tip}"><b>≠</b>{shown}</div>')
    return f'<div class="fs-labels">{"".join(lines)}</div>'


def result(
    store: Store,
    row: int,
    rank: int,
    score: float,
    correct: bool | None,
    query: Sequence[str] | None,
    move: str = "",
    said: Sequence[str] = (),
) -> str:
    """A result as HTML, small: ``move`` is how its rank moved, ``said`` what people said of it."""
    item = store.catalog.items[row]
    chips = "".join(f'<div class="fs-said">{chip}</div>' for chip in said)
    return (
        f'<div class="fs-card"><div class="fs-face">{picture(store.thumbnail(row), item.name, rank, move + chips)}'
        f'<div class="fs-says"><div class="fs-line">{badge(correct)}<span class="fs-score" title="cosine similarity">'
        f"{score:.3f}</span></div>{name(item)}{labels(store.catalog.columns, item.labels, query)}</div></div></div>"
    )


def name(item: Item) -> str:
    """An item's name on two lines."""
    return f'<div class="fs-name" title="{escape(item.name)} ({escape(item.id)})">{escape(item.name or item.id)}</div>'


def item_html(store: Store, row: int, query: Sequence[str] | None = None) -> str:
    """A card without ranking: picture, name and labels."""
    item = store.catalog.items[row]
    return picture(store.thumbnail(row), item.name) + name(item) + labels(store.catalog.columns, item.labels, query)
