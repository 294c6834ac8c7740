"""Opening pages without a browser, and reading from them what a person sees."""

import json
import re
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]
_TIME_LIMIT = 90  # s, for a run of a page; the first one imports torch, which takes long on a busy machine


@dataclass(frozen=True)
class Card:
    """One result: ``badge`` is its word, or empty; ``labels`` are signs and values, signs empty where not compared."""

    item_id: str
    rank: int
    score: float
    badge: str
    labels: tuple[tuple[str, str], ...]
    html: str


def opened(page: str = "", /, **params: str) -> AppTest:
    """The Search page, or a page of the folder ``pages``, opened by a link with these parameters."""
    app = AppTest.from_file(ROOT / "app.py", default_timeout=_TIME_LIMIT)
    if page:
        app.switch_page(f"pages/{page}.py")
    app.query_params.update(params)
    return ran(app.run())


def ran(app: AppTest) -> AppTest:
    """The page after a run, which must have raised nothing."""
    assert [error.value for error in app.exception] == []
    return app


def url(app: AppTest) -> dict[str, str]:
    """The parameters in the page's address."""
    return {name: values[0] if isinstance(values, list) else values for name, values in app.query_params.items()}


def complaints(app: AppTest) -> list[str]:
    """The sentences that say what of a link could not be used, as they read once Markdown is drawn."""
    return [sentence for warning in app.warning for sentence in read(warning.value).split("\n\n")]


def read(markdown: str) -> str:
    """A sentence without the backslashes and joiners that keep its characters from being Markdown."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown).replace("\u2060", "")


def methods_shown(app: AppTest) -> list[str]:
    """The methods that have a row of results, from the top; then the names of other rows of cards."""
    keys = [block.key or "" for block in app.main.get("flex_container")]
    rows = [key.removeprefix(kind) for kind in ("results-", "cards-") for key in keys if key.startswith(kind)]
    return [row for row in rows if re.fullmatch(r"(?!missed-|near-)[a-z0-9~@+*.-]+", row)]


def results(app: AppTest, method: str) -> list[Card]:
    """A method's row of results."""
    return _cards(app, f"results-{method}")


def missed(app: AppTest, method: str) -> list[Card]:
    """The cards of correct items behind rank k, in the section that is open."""
    return _cards(app, f"results-missed-{method}")


def _cards(app: AppTest, key: str) -> list[Card]:
    [row] = app.get_by_key(key).get("html")
    return [_card(html) for html in row.value.split('<div class="fs-card">')[1:]]


def _card(html: str) -> Card:
    rank = re.search(r'class="fs-rank">(\d+)<', html)
    badge = re.search(r'class="fs-badge [^"]*">. (\w+)<', html)
    score = re.search(r'class="fs-score"[^>]*>(-?[\d.]+)<', html)
    item_id = re.search(r'class="fs-name" title="[^"]*\(([^()"]*)\)"', html)
    assert rank
    assert score
    assert item_id
    labels = re.findall(r'<div class="fs-label[^"]*"[^>]*>(?:<b>(.)</b>)?([^<]*)</div>', html)
    return Card(
        unescape(item_id[1]),
        int(rank[1]),
        float(score[1]),
        badge[1] if badge else "",
        tuple((sign, unescape(value)) for sign, value in labels),
        html,
    )


def query_id(app: AppTest) -> str:
    """The item that is searched with; empty for an upload."""
    found = re.search(r'class="fs-note">Item ([^<]*)<', query_html(app))
    return unescape(found[1]) if found else ""


def query_html(app: AppTest) -> str:
    """The query's card."""
    html: str = app.get_by_key("query").get("html")[0].value
    return html


def facts(app: AppTest) -> list[str]:
    """The facts in the line above each method's row, as text."""
    lines = [html.value.split("fs-facts")[1] for html in app.main.get("html") if 'class="fs-facts"' in html.value]
    return [re.sub("<[^>]*>", " ", line.split(">", 1)[1]) for line in lines]


def all_html(app: AppTest) -> str:
    """Everything that the page draws as HTML."""
    return "\n".join(html.value for html in app.get("html"))


def table(app: AppTest, key: str) -> list[dict[str, Any]]:
    """A table's rows by its key."""
    [found] = [frame for frame in app.dataframe if _is(frame.key, key)]
    rows: list[dict[str, Any]] = found.value.to_dict("records")
    return rows


def chart(app: AppTest, key: str) -> dict[str, Any]:
    """A chart as Plotly draws it: ``data`` and ``layout``."""
    [found] = [one for one in app.get("plotly_chart") if _is(one.key, key)]
    drawn: dict[str, Any] = json.loads(found.proto.spec)
    return drawn


def _is(name: str | None, key: str) -> bool:
    """Whether an element has this key, or one that begins so because it changes with what is selected."""
    return re.fullmatch(rf"{re.escape(key)}(\W.*)?", name or "", re.DOTALL) is not None


def linked(app: AppTest, label: str) -> list[dict[str, str]]:
    """The parameters that the links with this label lead to, those of the sidebar left out."""
    beside = {id(link.proto) for link in app.sidebar.get("page_link")}
    links = [link.proto for link in app.get("page_link") if link.proto.label == label and id(link.proto) not in beside]
    return [dict(parse_qsl(link.query_string, keep_blank_values=True)) for link in links]


def chosen(app: AppTest, key: str, value: object) -> AppTest:
    """Choose in a row of buttons of which one is pressed."""
    [found] = [one for one in app.get("button_group") if one.key == key]
    return ran(found.set_value(value).run())


def subheads(app: AppTest) -> list[str]:
    """The findings above tables and charts."""
    return [read(heading.value) for heading in app.header]


def text(app: AppTest) -> str:
    """All sentences that the page draws as Markdown."""
    kinds = (app.title, app.header, app.markdown, app.caption, app.info, app.warning, app.error, app.success)
    return "\n".join(read(one.value) for kind in kinds for one in kind)
