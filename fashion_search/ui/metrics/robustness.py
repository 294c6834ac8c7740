"""The Metrics page's view of robustness: what each method is worth for queries from outside the studio."""

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from fashion_search.cases import Case, capture
from fashion_search.catalog import Protocol
from fashion_search.catalog.relevance import NO_VERDICTS
from fashion_search.charts import evaluation as charts
from fashion_search.charts.style import NO_BUTTONS
from fashion_search.encoders import RERANKED, base_method, encoder_spec, is_method, order_name, parts_of
from fashion_search.errors import FashionSearchError
from fashion_search.evaluation import robustness
from fashion_search.evaluation.alterations import ALL_TOGETHER, ALTERATIONS, altered
from fashion_search.evaluation.robustness import QUERIES, TITLES, Line, Robustness
from fashion_search.evaluation.words import count
from fashion_search.images import open_image, to_webp
from fashion_search.store import Store
from fashion_search.ui import add_case, builds, cards, data, open_mode
from fashion_search.ui.metrics import drawn, export
from fashion_search.ui.shown import Shown
from fashion_search.ui.text import escape, plain, title_of
from fashion_search.ui.url import asked_number, go

if TYPE_CHECKING:
    import pandas as pd

_PICTURE = (240, 320)  # px, of an example


def show(evaluation: Shown) -> None:
    """Figures under each alteration, what of the clean one is kept, and examples; or how to measure them."""
    evaluation = evaluation.under(Protocol.LEAVE_ONE_OUT)  # its queries are the catalog's, whatever is shown elsewhere
    known = robustness.find_all(evaluation.store, evaluation.methods)
    if known:
        _figures(evaluation, known)
    else:
        st.header("What are the methods worth outside the studio?")
        st.markdown(
            f"Not measured yet. Each of up to {QUERIES:,} items is a query, its picture cropped, turned, blurred, in "
            "another light, on another background, small on a plain colour, and all of that at once. The catalog stays "
            "as it is."
        )
    measured = [method for method in evaluation.methods if order_name(method) in ("", *RERANKED)]
    without = [method for method in measured if not encoder_spec(method).encodes]
    if without:
        titles = ", ".join(dict.fromkeys(title_of(base_method(method)) for method in without))
        st.info(plain(f"{titles}: imported as vectors, so altered pictures cannot be encoded."), icon=":material/info:")
    missing = [method for method in measured if method not in known and method not in without]
    if missing:
        _offer(evaluation, missing, bool(known))
    _examples(evaluation)


def _figures(evaluation: Shown, known: dict[str, Robustness]) -> None:
    store = evaluation.store
    n_queries = len(next(iter(known.values())).queries)
    of_method = {
        method: _lines(store, store.state, method, evaluation.measure, evaluation.k, one)
        for method, one in known.items()
    }
    together = {method: lines[ALL_TOGETHER.name] for method, lines in of_method.items()}
    finding = robustness.headline(together, {method: title_of(method) for method in known}, evaluation.label)
    st.header(plain(finding))
    drawn.say(evaluation)
    shown = {method: of_method[method] for method in drawn.methods(evaluation) if method in of_method}
    table = lines_table(shown)
    export.draw_table(table, pinned=True)
    st.caption(
        f"{_about(evaluation)} {n_queries:,} queries, leave-one-out and without verdicts, whatever is chosen at the "
        "left."
    )
    with st.container(horizontal=True, gap="small"):
        export.csv_button(
            "Robustness as CSV", plain_table(evaluation, of_method), f"{store.name}-robustness", "robustness-csv"
        )
        add_case.button(store, lambda: _as_case(evaluation, finding, n_queries, table))
    figures = {method: {name: line.figure for name, line in lines.items()} for method, lines in shown.items()}
    st.plotly_chart(
        charts.robustness(figures, TITLES),
        key="robustness",
        width="stretch",
        config=dict(NO_BUTTONS),
        alt=f"{evaluation.label} of each method under each alteration, as in the table above",
    )


def _about(evaluation: Shown) -> str:
    """What the figures are."""
    return f"{evaluation.label} with its 95 % interval, and how much of the figure for pictures as they are is kept."


def _as_case(evaluation: Shown, finding: str, n_queries: int, table: "pd.DataFrame") -> Case:
    split = data.split(evaluation.store, Protocol.LEAVE_ONE_OUT, 0)
    conditions = capture.conditions(evaluation.store, split, evaluation.k, NO_VERDICTS)
    sentences = [_about(evaluation), f"{count(n_queries, 'query', 'queries')}; only their pictures are altered."]
    return add_case.of_table(evaluation.store, conditions, finding, sentences, table)


@st.cache_data(max_entries=64, show_spinner="Comparing …")
def _lines(_store: Store, state: str, method: str, measure: str, k: int, _found: Robustness) -> dict[str, Line]:
    return robustness.lines(_found, _store.catalog, measure, k)


def lines_table(of_method: dict[str, dict[str, Line]]) -> "pd.DataFrame":
    """Alterations by methods: the figure with its interval, and the share that is kept."""
    import pandas as pd

    rows = []
    for name, title in TITLES.items():
        row = {"Query pictures": title}
        for method, lines in of_method.items():
            row[title_of(method)] = lines[name].text(name)
        rows.append(row)
    return pd.DataFrame(rows)


def plain_table(evaluation: Shown, of_method: dict[str, dict[str, Line]]) -> "pd.DataFrame":
    """Every figure as plain numbers, with its conditions."""
    import pandas as pd

    return pd.DataFrame(
        {
            "catalog": evaluation.store.name,
            "method": method,
            "weights": evaluation.store.library(method).fingerprint.weights_label,
            "query pictures": name,
            "measure": evaluation.label,
            "mean per query": line.figure.value,
            "95 % low": line.figure.low,
            "95 % high": line.figure.high,
            "kept": line.kept.value,
            "kept, 95 % low": line.kept.low,
            "kept, 95 % high": line.kept.high,
        }
        for method, lines in of_method.items()
        for name, line in lines.items()
    )


def _offer(evaluation: Shown, missing: list[str], is_part: bool) -> None:
    """A button that measures what is missing in the background, and the command for it."""
    request = replace(evaluation.store.manifest.rebuild(*_own(evaluation, missing)), robustness=True)
    if is_part:
        st.info(f"Not measured yet: {plain(', '.join(map(title_of, missing)))}.", icon=":material/info:")
    builds.build_button("Measure robustness", request, key="measure-robustness")
    open_mode.command(request.command)


def _own(evaluation: Shown, methods: list[str]) -> list[str]:
    """The methods whose libraries a build makes: those of the catalog, where some of ``methods`` are combinations."""
    own, bases = evaluation.store.manifest.libraries, {base_method(method) for method in methods}
    libraries = [method for method in own if is_method(method) and encoder_spec(method).encodes]
    if not libraries:  # those of the demo are shipped
        return parts_of(methods)
    return [method for method in libraries if method in bases] or libraries


def _examples(evaluation: Shown) -> None:
    """One item's picture under every alteration."""
    rows = robustness.sampled(evaluation.store.catalog).queries
    if not len(rows):
        return
    number = asked_number("example", 1, len(rows), 1)
    row = int(rows[number - 1])
    st.header("What the alterations do to a picture")
    item = evaluation.store.catalog.items[row]
    summaries = [item.name or item.id, *(one.summary for one in ALTERATIONS)]
    pictures = _altered(evaluation.store, evaluation.store.state, row)
    with cards.cards("altered"):
        for (name, title), summary, webp in zip(TITLES.items(), summaries, pictures, strict=True):
            with cards.card(f"altered-{name}"):
                st.html(
                    cards.picture(webp, title)
                    + f'<div class="fs-query-name">{title}</div><div class="fs-note">{escape(summary)}</div>'
                )
    st.button(
        "Another picture",
        icon=":material/shuffle:",
        key="another-example",
        on_click=lambda: go(example=str(number % len(rows) + 1)),
    )


@st.cache_data(max_entries=32, show_spinner=False)
def _altered(_store: Store, state: str, row: int) -> list[bytes]:
    """An item's picture as it is and under every alteration, in the order of ``TITLES``, as WebP."""
    try:
        picture = data.original(_store, row)
    except FashionSearchError:
        picture = open_image(_store.thumbnail(row))
    every = [picture, *(altered(picture, one, _store.catalog.items[row].checksum) for one in ALTERATIONS)]
    return [to_webp(one, _PICTURE) for one in every]
