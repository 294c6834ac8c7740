"""The Metrics page's third view: which values are returned for which, and the results behind a cell."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from fashion_search.catalog import title
from fashion_search.charts import confusion as charts
from fashion_search.evaluation.breakdown import Confusion, confused, confusion
from fashion_search.ui import behind, cards, page, selection, url
from fashion_search.ui.metrics import export
from fashion_search.ui.shown import Shown
from fashion_search.ui.text import as_option, plain, title_of
from fashion_search.ui.url import asked, choose, go

if TYPE_CHECKING:
    import pandas as pd

_MOST = 20  # values on a side that can still be read


def show(evaluation: Shown) -> None:
    """The heat map of one method and column, and examples of a cell."""
    catalog = evaluation.store.catalog
    column = asked("of", catalog.columns, catalog.columns[0])
    left, right = st.columns(2)
    with left:
        choose(
            "Column",
            "of",
            column,
            catalog.columns,
            catalog.columns[0],
            st.segmented_control,
            ("cell", "page"),
            required=True,
            format_func=title,
        )
    with right:
        method = evaluation.choose_method()
    whole = confusion(catalog, column, evaluation.rankings_of(method), evaluation.k)
    shown = whole.largest(_MOST)
    finding = headline(whole, column, method)
    st.header(plain(finding))
    selection.chart(
        charts.heat_map(shown),
        "confusion",
        f"What was asked for, against what was returned. {finding}",
        list(_asked_for(whole) or ()) or None,
        lambda chosen: go(cell="→".join(chosen[:2]) if chosen else None, page=None),
    )
    fewer = (
        f" The {len(shown.values)} of {len(whole.values)} values with most mistakes."
        if len(shown.values) < len(whole.values)
        else ""
    )
    st.caption(
        f"{plain(evaluation.split.label)}, first {evaluation.k} results. Each line is what was asked for; the stronger "
        f"a square, the larger its share of that line’s results.{fewer} Select a square or its name to see its results."
    )
    _cell_box(shown, whole)
    export.csv_button(
        "All counts as CSV", counts_table(whole), f"{evaluation.store.name}-{column}-{method}", "confusion-csv"
    )
    _examples(evaluation, column, method, whole)


def headline(found: Confusion, column: str, method: str) -> str:
    """The most frequent mistake, as the title."""
    if not found.wrong.any():
        return f"{title_of(method)} never returns another {title(column).lower()}"
    cell = found.wrong.argmax()
    share = found.shares[cell]
    asked_for, given = (found.values[places[cell]] or "(blank)" for places in (found.wanted, found.returned))
    return f"{title_of(method)} most often mistakes {asked_for} for {given}: {share:.0%} of its results for {asked_for}"


def _cell_box(shown: Confusion, whole: Confusion) -> None:
    """The chart's cells in words, the most frequent mistakes first; for people who use no pointer."""
    names = {"": "none"}
    for cell in np.argsort(-shown.wrong, kind="stable").tolist():
        pair = shown.values[shown.wanted[cell]], shown.values[shown.returned[cell]]
        wanted, returned = map(as_option, pair)
        names["→".join(pair)] = f"Asked for {wanted}, returned {returned} ({shown.counts[cell]:,})"
    selected = _asked_for(whole) or ()
    current = "→".join(selected)
    names.setdefault(current, "Asked for {}, returned {}".format(*map(as_option, selected or ("", ""))))
    choose("Results of a cell", "cell", current, list(names), "", clears=["page"], format_func=names.__getitem__)


def counts_table(found: Confusion) -> "pd.DataFrame":
    """One line per pair of values that occurs."""
    import pandas as pd

    return pd.DataFrame(
        {
            "asked for": [found.values[place] for place in found.wanted],
            "returned": [found.values[place] for place in found.returned],
            "results": found.counts,
            "share": found.shares.round(4),
        }
    )


def _asked_for(whole: Confusion) -> tuple[str, str] | None:
    """The cell that the address names: what was asked for, and what was returned."""
    cell = url.given("cell", "")
    splits = [(cell[:place], cell[place + 1 :]) for place, sign in enumerate(cell) if sign == "→"]  # labels may hold it
    return next((pair for pair in splits if set(pair) <= set(whole.values)), None)


def _examples(evaluation: Shown, column: str, method: str, whole: Confusion) -> None:
    cell = url.given("cell", "")
    asked_for = _asked_for(whole)
    if not cell:
        return
    if asked_for is None:
        st.warning(plain(f"There is no cell {cell!r} here."), icon=":material/info:")
        return
    wanted, returned = asked_for
    rankings = evaluation.rankings_of(method)
    catalog = evaluation.store.catalog
    found = confused(catalog, column, rankings, evaluation.k, wanted, returned)
    with st.container(border=True):
        st.markdown(
            f"**Asked for {plain(wanted or '(blank)')}, returned {plain(returned or '(blank)')}: "
            f"{len(found):,} results**"
        )
        shown, row = behind.one_page(found, "confused")
        for place, rank in shown:
            query, result = int(rankings.queries[place]), int(rankings.rows[place, rank])
            with row, cards.card(f"confused-{place}-{rank}"):
                st.html(
                    f'<div class="fs-two">{cards.picture(evaluation.store.thumbnail(query), "query")}'
                    + cards.picture(evaluation.store.thumbnail(result), "result", rank + 1)
                    + "</div>"
                    + cards.labels(catalog.columns, catalog.items[result].labels, catalog.items[query].labels)
                )
                link = evaluation.search_link(catalog.items[query].id, [method])
                st.page_link(page.SEARCH_PAGE, label="Search", query_params=link)
        closed = {"cell": None, "page": None}
        st.button("Close", icon=":material/close:", key="confused-close", on_click=go, kwargs=closed)
