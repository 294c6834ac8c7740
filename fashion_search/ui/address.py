"""The page's address: what a person chose on the evaluation pages is a parameter of it, checked when it is read."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

import streamlit as st

from fashion_search.ui.text import plain, whole_number

_NOUNS = {"a": "method", "b": "method", "of": "column", "by": "column", "at": "entry", "kind": "mismatch kind"}
ANY = "\0"  # what no label is: no restriction


def asked(name: str, options: Collection[str], default: str) -> str:
    """A parameter's value; the default, and a sentence, where it is none of the options."""
    value = st.query_params.get(name, default)
    if value == default or value in options:
        return value
    noun = _NOUNS.get(name, name.removeprefix("is_").replace("_", " "))
    st.warning(plain(f"There is no {noun} “{value}” here; the link is shown without it."), icon=":material/info:")
    return default


def asked_number(name: str, low: int, high: int, default: int) -> int:
    """A parameter that is a whole number; the default, and a sentence, where it is not or is out of bounds."""
    number = whole_number(st.query_params.get(name, str(default)), low, high)
    if number is None:
        sentence = f"The {name} must be a whole number from {low} to {high}; {default} is used."
        st.warning(plain(sentence), icon=":material/info:")
    return default if number is None else number


def go(**changes: str | None) -> None:
    """Change parameters; None removes one. The others stay. The browser's Back undoes it."""
    kept = st.query_params.to_dict() | changes
    st.query_params.from_dict({name: value for name, value in kept.items() if value is not None})


def choose(
    label: str,
    name: str,
    value: str,
    options: Sequence[str],
    default: str,
    widget: Callable[..., Any] = st.selectbox,
    clears: Sequence[str] = (),
    **settings: Any,
) -> None:
    """A widget that shows a parameter's value and writes a change into the address.

    Args:
        label: what stands above it.
        name: the parameter.
        value: what ``asked`` gave.
        options: what can be chosen.
        default: left out of the address.
        widget: one that takes options, such as ``st.selectbox`` or ``st.segmented_control``.
        clears: parameters that mean nothing after a change.
        settings: more of the widget's own.
    """

    def change() -> None:
        new = st.session_state[name]
        go(**{name: None if new in (default, None) else new}, **dict.fromkeys(clears))

    st.session_state[name] = value
    widget(label, options, key=name, on_change=change, **settings)


def choose_number(label: str, name: str, value: int, low: int, high: int, clears: Sequence[str] = ()) -> None:
    """The same for a whole number; its default is ``low``."""

    def change() -> None:
        new = st.session_state[name]
        go(**{name: None if new in (low, None) else str(new)}, **dict.fromkeys(clears))

    st.session_state[name] = value
    st.number_input(label, low, high, key=name, on_change=change)


def choose_switch(label: str, name: str, value: bool, clears: Sequence[str] = (), **settings: Any) -> None:
    """The same for a switch that is off by default; on is the value 1."""

    def change() -> None:
        go(**{name: "1" if st.session_state[name] else None}, **dict.fromkeys(clears))

    st.session_state[name] = value
    st.toggle(label, key=name, on_change=change, **settings)
