"""What is it? What the program takes a picture for, by the catalog's labels, and what a person says instead."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from fashion_search.catalog import EVERYTHING, Group, title
from fashion_search.encoders import base_method
from fashion_search.labels.prediction import Predicted, predicted
from fashion_search.search import Ranking
from fashion_search.store import Store
from fashion_search.ui import data
from fashion_search.ui.search import upload
from fashion_search.ui.search.upload import Upload
from fashion_search.ui.text import plain
from fashion_search.ui.url import View, open_view

_SHOWN = 2  # values of a column, one click away
_LEAST = 0.05  # of what is worth a click


def tell(rankings: Sequence[Ranking], view: View, store: Store) -> None:
    """The same for the picture that is searched with, in a catalog with labels.

    It is told by the first method whose encoder knows labels itself, else by the first one.
    """
    brought = upload.current()
    if brought is None:
        return
    posteriors = [store.posterior(base_method(one.library.method)) for one in rankings]
    place = next((place for place, one in enumerate(posteriors) if one.by_heads), 0)
    everything = data.split(store, view.protocol, view.seed).gallery  # not the filtered one: that would echo the filter
    said = brought.said_of(store.catalog)
    shares = posteriors[place].of_query(rankings[place].vector, -1, everything, said)
    if told := predicted(store.catalog, shares):
        question = "Is it fashion at all? If so:" if posteriors[place].doubts(rankings[place].vector) else "What is it?"
        show(question, told, store.catalog.groups[int(shares.argmax())], brought, view, store)


def show(question: str, told: Sequence[Predicted], likely: Group, brought: Upload, view: View, store: Store) -> None:
    """One line: by column the most probable values, which a click makes known; all at once; and the filter.

    ``likely`` is the most probable style group, whose items the filter leaves: the most probable value of each column
    may go with none of the others.
    """
    catalog = store.catalog
    said = brought.said_of(catalog)
    with st.container(key="what", horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{question}**", width="content")
        for place, one in enumerate(told):
            _values(place, one, said, brought.id, catalog.name)
        with st.popover("Other", icon=":material/edit:", help="Say what it is in other words of the catalog"):
            for place, column in enumerate(catalog.columns):
                _box(place, column, catalog.values(column), said, brought.id, catalog.name)
        best = tuple(known if known is not None else one.best for known, one in zip(said, told, strict=True))
        st.button(
            "That’s right",
            icon=":material/check:",
            key="what-right",
            help="Take all of it for true: results are then marked correct or incorrect",
            disabled=None not in said,
            on_click=upload.say,
            args=[brought.id, catalog.name, best],
        )
        wanted = EVERYTHING
        for column, value in zip(catalog.columns, likely.labels, strict=True):
            wanted = wanted.where(column, [value])
        st.button(
            "Only such items",
            icon=":material/filter_alt:",
            key="what-filter",
            help=plain(f"Search only items whose {wanted.label}"),
            disabled=view.filter == wanted,
            on_click=open_view,
            args=[replace(view, filter=wanted)],
        )


def _values(place: int, one: Predicted, said: tuple[str | None, ...], upload_id: str, catalog: str) -> None:
    """The most probable values of a column; the one that is known is marked."""
    probable = {value: share for value, share in one.values[:_SHOWN] if share >= _LEAST} or dict(one.values[:1])
    known = said[place]
    shown = list(probable) if known is None or known in probable else [known, *list(probable)[:-1]]
    key = f"what-{upload_id}-{catalog}-{one.column}"
    st.session_state[key] = known

    def change() -> None:
        changed = (*said[:place], st.session_state[key], *said[place + 1 :])
        upload.say(upload_id, catalog, changed)

    st.pills(
        title(one.column),
        shown,
        key=key,
        format_func=lambda value: _label(value, probable, known),
        on_change=change,
        label_visibility="collapsed",
        width="content",
    )


def _label(value: str, probable: dict[str, float], known: str | None) -> str:
    name = plain(value) or "(blank)"
    return name if known is not None or value not in probable else f"{name} {probable[value]:.0%}"


def _box(
    place: int, column: str, values: list[str], said: tuple[str | None, ...], upload_id: str, catalog: str
) -> None:
    known = said[place]
    key = f"said-{upload_id}-{catalog}-{column}"
    st.session_state[key] = known

    def change() -> None:
        upload.say(upload_id, catalog, (*said[:place], st.session_state[key], *said[place + 1 :]))

    st.selectbox(
        title(column),
        [None, *values],
        key=key,
        format_func=lambda one: "not said" if one is None else one or "(blank)",
        on_change=change,
    )
