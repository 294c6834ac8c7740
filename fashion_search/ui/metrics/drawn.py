"""Which of many methods the charts of the Metrics page draw."""

from collections.abc import Mapping

import streamlit as st

from fashion_search.evaluation import many
from fashion_search.evaluation.scores import Figure
from fashion_search.evaluation.words import count
from fashion_search.ui.shown import Shown
from fashion_search.ui.text import plain, title_of


def methods(evaluation: Shown) -> tuple[str, ...]:
    """All of a few; of many the best by the measure, ours, and methods A and B."""
    return many.few(evaluation.means(evaluation.measure), evaluation.pair or ())


def figures(evaluation: Shown, k: int | None = None) -> Mapping[str, Mapping[str, Figure]]:
    """The figures of these methods, by default at the page's k."""
    at = evaluation if k is None else evaluation.at(k)
    return {method: at.figures_of(method) for method in methods(evaluation)}


def say(evaluation: Shown) -> None:
    """How many are left out, where any are."""
    shown = methods(evaluation)
    left_out = len(evaluation.methods) - len(shown)
    if left_out:
        st.caption(
            f":material/filter_list: Of {len(evaluation.methods)} methods this view shows "
            f"{plain(', '.join(map(title_of, shown)))}: the best, ours, and methods A and B, chosen at the left. "
            f"{count(left_out, 'other is', 'others are')} not drawn."
        )
