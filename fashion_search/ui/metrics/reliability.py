"""The Metrics page's view of trust: whether what is said without looking at labels holds, and what it is worth."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from fashion_search.cases import Case, capture
from fashion_search.charts import reliability as charts
from fashion_search.charts.style import NO_BUTTONS
from fashion_search.evaluation import reliability as evaluated
from fashion_search.evaluation.reliability import Reliability, Said
from fashion_search.evaluation.words import count, number
from fashion_search.labels.confidence import LIKELY
from fashion_search.ui import add_case, behind
from fashion_search.ui.metrics import drawn, export
from fashion_search.ui.shown import Shown
from fashion_search.ui.text import plain, title_of
from fashion_search.ui.url import asked, choose

if TYPE_CHECKING:
    import pandas as pd


_ABOUT = (
    "Said: the mean probability. Calibration error: how far that is from what is right, over ten bins. AUROC: how "
    "often the right one of a right and a wrong case is trusted more; .5 is chance."
)


def show(evaluation: Shown) -> None:
    """Calibration, risk and coverage, the figures, and the rows that were trusted wrongly."""
    found = evaluation.worked_out(
        ("reliability",), lambda: {method: evaluation.reliability_of(method) for method in evaluation.methods}
    )
    finding = evaluated.headline(found[evaluation.best], title_of(evaluation.best), evaluation.k)
    st.header(plain(finding))
    every = evaluated.subjects(evaluation.store.catalog, evaluation.k)
    subject = asked("said", {"first", *every}, "any")
    if subject not in every:  # with k = 1 the first is any
        subject = "any"
    choose(
        "What is said",
        "said",
        subject,
        list(every),
        "any",
        st.segmented_control,
        ["page"],
        required=True,
        format_func=every.__getitem__,
    )
    drawn.say(evaluation)
    said = {method: found[method].of(subject) for method in drawn.methods(evaluation)}
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Does it hold?**")
        st.plotly_chart(
            charts.calibration(said),
            key="calibration",
            width="stretch",
            config=dict(NO_BUTTONS),
            alt="How often each method is right, over the probability that it was said to be right with",
        )
        st.caption(
            "Of what was said to be right with a probability of 80%, 80% should be: on the dotted line. Larger marks "
            "are more queries."
        )
    with right:
        st.markdown("**What is gained by answering only what is trusted?**")
        is_row = subject == "any"  # what “likely right” is said of
        st.plotly_chart(
            charts.risk(said, is_row),
            key="risk",
            width="stretch",
            config=dict(NO_BUTTONS),
            alt="The share of each method’s answers that is wrong, over the share of queries that is answered",
        )
        st.caption(
            f"The diamond is where a probability of {LIKELY:.0%} ends, which is called “likely right”."
            if is_row
            else "To the right more is answered, and more of it is wrong."
        )
    table = figures(found, subject)
    export.draw_table(table, pinned=True)
    st.caption(
        f"{_ABOUT} All of it is told without the queries’ own labels, by numbers that were fitted on other style "
        "groups of Kaggle’s data set; a catalog of another kind may be right more or less often than is said."
    )
    with st.container(horizontal=True, gap="small"):
        export.csv_button(
            "All of it as CSV", all_figures(evaluation, found), f"{evaluation.store.name}-reliability", "trust-csv"
        )
        add_case.button(evaluation.store, lambda: _as_case(evaluation, finding, every[subject], table))
    _trusted_wrongly(evaluation, found)


def _as_case(evaluation: Shown, finding: str, subject: str, table: "pd.DataFrame") -> Case:
    store = evaluation.store
    conditions = capture.conditions(store, evaluation.split, evaluation.k, evaluation.verdicts)
    return add_case.of_table(store, conditions, finding, [f"{subject}.", _ABOUT], table)


def figures(found: Mapping[str, Reliability], subject: str) -> "pd.DataFrame":
    """What is said and what is right of one subject, a method in a line."""
    import pandas as pd

    lines = []
    for method, one in found.items():
        shown = {name: number(value) for name, value in _values(one.of(subject)).items()}
        lines.append({"Method": title_of(method), **shown})
    return pd.DataFrame(lines)


def all_figures(evaluation: Shown, found: Mapping[str, Reliability]) -> "pd.DataFrame":
    """The same of every subject as plain numbers, with their conditions."""
    import pandas as pd

    subjects = evaluated.subjects(evaluation.store.catalog, evaluation.k)
    return pd.DataFrame(
        {
            "catalog": evaluation.store.name,
            "conditions": evaluation.split.label,
            "method": method,
            "weights": evaluation.store.library(method).fingerprint.weights_label,
            "verdicts": "applied" if evaluation.verdicts.digest else "none",
            "k": evaluation.k,
            "what is said": label,
            **_values(one.of(name)),
        }
        for method, one in found.items()
        for name, label in subjects.items()
    )


def _values(said: Said) -> dict[str, float]:
    return {"Said": said.mean, "Right": said.share, "Calibration error": said.error, "AUROC": said.auroc}


def _trusted_wrongly(evaluation: Shown, found: Mapping[str, Reliability]) -> None:
    """Queries whose row was called likely right, and has no right result."""
    st.header("Likely right, but wrong")
    method = evaluation.choose_method()
    said = found[method].any
    wrong = np.flatnonzero((said.probability >= LIKELY) & ~said.is_right)
    if not len(wrong):
        st.markdown(f"No row of {plain(title_of(method))} was called likely right and has no right result.")
        return
    places = wrong[np.argsort(-said.probability[wrong], kind="stable")].tolist()
    title = plain(title_of(method))
    st.markdown(f"**{count(len(places), 'query', 'queries')}** under {title}, the most trusted first.")
    behind.queries(evaluation, places, behind.scores(evaluation, [method], "hit"), "trusted", evaluation.pair)
