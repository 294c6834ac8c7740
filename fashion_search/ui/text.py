"""Text between people and the program: what comes from outside is shown as text, numbers are read strictly."""

import html
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from fashion_search.catalog import Protocol
from fashion_search.catalog.protocol import ABOUT_QUERY_SETS
from fashion_search.catalog.text import in_order
from fashion_search.encoders import encoder_spec
from fashion_search.errors import FashionSearchError, SettingError
from fashion_search.home import home, shipped
from fashion_search.manifest import read_manifest
from fashion_search.settings import settings
from fashion_search.spreadsheets import as_cell
from fashion_search.store import catalog_names

if TYPE_CHECKING:
    import pandas as pd

_MARKDOWN = re.compile(r"[\\`*_\[\]<>~$&#]")
_OWN_LINKS = ("download.pytorch.org/", "www.kaggle.com/")
_WOULD_ACT = re.compile(  # addresses become links, and :name: becomes an icon, whatever is escaped
    rf":(?=//)(?!//(?:{'|'.join(map(re.escape, _OWN_LINKS))}))|:(?=\w)|(?<=ww)(?=w\.)|(?<=\w)@(?=\w)", re.IGNORECASE
)
_PATH = re.compile(r"(?<![\w.…/\\:-])(?:~|[A-Za-z]:)?(?:[\\/][^\s\\/,;\"'“”‘’()<>]+){2,}[\\/]?")
_WORD_JOINER = "\u2060"  # invisible, and enough for no address or icon to be seen in the text


def plain(text: str) -> str:
    """Text for Streamlit's Markdown that is read as it stands: no link, picture, icon or formula comes of it.

    In open mode it names no place of this machine either.
    """
    is_cut = bool(_PATH.search(text)) and _is_public()  # in this order: nearly no text has a path in it
    one_line = " ".join(in_order(without_paths(text) if is_cut else text).split())
    return _MARKDOWN.sub(r"\\\g<0>", _WOULD_ACT.sub(rf"\g<0>{_WORD_JOINER}", one_line))


def _is_public() -> bool:
    try:
        return settings().public
    except SettingError:  # of which the page says a sentence, by ``plain``
        return True


def as_cells(table: "pd.DataFrame") -> "pd.DataFrame":
    """The same table, no cell of which a spreadsheet program computes: any table on a page can be saved as CSV."""
    return table.map(lambda cell: as_cell(cell) if isinstance(cell, str) else cell)


def escape(text: str) -> str:
    """Text for HTML that is read as it stands."""
    return html.escape(in_order(text))


def without_paths(text: str) -> str:
    """Text in which paths of this machine are shortened to their last part, such as ``…/cases.json``."""
    if not _PATH.search(text):
        return text
    roots = {home(), shipped(""), Path.home(), Path.cwd(), Path(tempfile.gettempdir()), *_sources()}
    for root in sorted(map(str, roots), key=len, reverse=True):  # they may hold spaces, where a pattern would end
        if len(root) > 1:
            text = text.replace(root, f"…/{Path(root).name}")
    return _PATH.sub(lambda found: "…/" + re.split(r"[\\/]", found[0].rstrip("/"))[-1], text)


def _sources() -> Iterator[Path]:
    names: list[str] = []
    with suppress(FashionSearchError):  # which may be what is to be said
        names = catalog_names()
    for name in names:
        with suppress(FashionSearchError):
            yield Path(read_manifest(home() / name).source_path).absolute()


def whole_number(text: str, low: int, high: int) -> int | None:
    """A number in plain digits from ``low`` to ``high``; None for anything else that people type."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        return None
    return int(text) if low <= int(text) <= high else None


def title_of(method: str) -> str:
    """A method's name on screen."""
    return encoder_spec(method).title


def about_protocols(protocols: Sequence[Protocol]) -> str:
    """What each protocol compares with what, as Markdown; query sets once."""
    told = [(protocol.label, protocol.summary) for protocol in protocols if not protocol.queries]
    told += [("Query set", ABOUT_QUERY_SETS)] if any(protocol.queries for protocol in protocols) else []
    return "\n\n".join(f"**{label}.** {summary}" for label, summary in told)


def as_option(label: str) -> str:
    """A label in a box, never the same as the words of the box itself."""
    return f"“{label}”" if label in ("any", "(blank)") else label or "(blank)"


def as_list(sentences: Sequence[str]) -> str:
    """Sentences as Markdown: one alone as it is, several as a list."""
    if len(sentences) == 1:
        return plain(sentences[0])
    return "\n".join(f"- {plain(sentence)}" for sentence in sentences)
