"""Tables and charts in which a person selects something, kept in step with the address.

Streamlit keeps a selection in the browser. Where the address says something else (after Back, a Close
button, another order), the widget is replaced by a new one, under another key, that shows what the address
says.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import streamlit as st

from fashion_search.ui.text import as_cells

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure

Selection = dict[str, Any]


def table(
    frame: "pd.DataFrame",
    name: str,
    what: str,
    wanted: list[Any],
    on_select: Callable[[Any], None],
    **settings: Any,
) -> None:
    """A table of which one row or cell can be selected.

    Args:
        frame: the table.
        name: tells it from others on the page.
        what: ``row`` or ``cell``.
        wanted: what the address says is selected: a row's number, or (row's number, column), or nothing.
        on_select: called with what a person selected; None where the selection was taken back.
        settings: more of ``st.dataframe``'s own.
    """

    def stored(selection: Selection) -> list[Any]:
        return [tuple(cell) for cell in selection["cells"]] if what == "cell" else list(selection["rows"])

    key = _key(name, lambda selection: stored(selection) != wanted)

    def select() -> None:
        chosen = stored(st.session_state[key]["selection"])
        on_select(chosen[0] if chosen else None)

    selected: Any = {"selection": {f"{what}s": wanted}}
    st.dataframe(
        as_cells(frame),
        key=key,
        hide_index=True,
        width="stretch",
        on_select=select,
        selection_mode="single-row" if what == "row" else "single-cell",
        selection_default=selected,
        **settings,
    )


def chart(
    figure: "Figure",
    name: str,
    alt: str,
    wanted: list[Any] | None,
    on_select: Callable[[list[Any] | None], None],
    zoom: bool = False,
) -> None:
    """A chart whose marks can be selected by a pointer; what is selected must be within reach of the keyboard too.

    Args:
        figure: each mark carries ``customdata``.
        name: tells it from others on the page.
        alt: what the chart shows, in words.
        wanted: the beginning of the ``customdata`` of what the address says is selected.
        on_select: called with the ``customdata`` of what a person selected; None where it was taken back.
        zoom: by the wheel.
    """

    def differs(selection: Selection) -> bool:
        chosen = _customdata(selection)
        return chosen is not None and (wanted is None or chosen[: len(wanted)] != wanted)

    key = _key(name, differs)

    def select() -> None:
        on_select(_customdata(st.session_state[key]["selection"]))

    st.plotly_chart(
        figure,
        key=key,
        width="stretch",
        on_select=select,
        selection_mode="points",
        config={"displayModeBar": False, "scrollZoom": zoom},
        alt=alt,
    )


def _customdata(selection: Selection) -> list[Any] | None:
    points = selection["points"]
    data = points[0].get("customdata") if points else None
    return list(data) if data else None


def _key(name: str, differs: Callable[[Selection], bool]) -> str:
    """The widget's key; a new one where the selection that the old one keeps differs from the address."""
    state = st.session_state
    version: int = state.get(f"{name} version", 0)
    kept = state.get(f"{name}-{version}")
    if kept is not None and differs(kept["selection"]):
        version += 1
        state[f"{name} version"] = version
    return f"{name}-{version}"
