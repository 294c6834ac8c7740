"""Tables as files, and the report."""

from typing import TYPE_CHECKING

import streamlit as st

from fashion_search.errors import FashionSearchError
from fashion_search.evaluation.report import report
from fashion_search.evaluation.saved import folder_of
from fashion_search.ui.judging import Judging
from fashion_search.ui.text import plain, title_of

if TYPE_CHECKING:
    import pandas as pd


def csv_button(label: str, table: "pd.DataFrame", name: str, key: str) -> None:
    """Download a table; the file is made when it is asked for."""
    st.download_button(
        label,
        lambda: table.to_csv(index=False),
        f"{name}.csv",
        "text/csv",
        icon=":material/download:",
        key=key,
        on_click="ignore",
    )


def show(judging: Judging) -> None:
    """The Metrics page's last view: a report of the evaluation on the page, as a file."""
    store = judging.store
    methods = ", ".join(map(title_of, judging.methods))
    st.subheader("A report to send or print")
    st.markdown(
        f"One HTML file with everything it needs: it opens without a network and prints on A4. It holds the "
        f"definitions, the conditions, Table 1 with intervals, charts, findings, why results are wrong, telling cases "
        f"with pictures, and the time and size of each method: {methods}, "
        f"under {plain(judging.split.label.lower())}, at k = {judging.k}."
    )
    made_key = "report made"  # session state: the report of this state, so that it is made once
    state = (store.state, judging.methods, judging.protocol, judging.seed, judging.k, judging.verdicts.digest)
    if st.session_state.get(made_key, ("",))[0] != state:
        if not st.button("Make the report", type="primary", icon=":material/description:", key="report-make"):
            _command(judging)
            return
        try:
            with st.spinner("Making the report …", show_time=True):
                made = report(
                    store,
                    judging.methods,
                    judging.protocol,
                    judging.seed,
                    judging.k,
                    judging.verdicts,
                    folder_of(store.name),
                )
        except FashionSearchError as error:
            st.error(plain(str(error)), icon=":material/error:")
            return
        st.session_state[made_key] = (state, made)
    st.download_button(
        "Download the report",
        st.session_state[made_key][1],
        f"{store.name}-report.html",
        "text/html",
        type="primary",
        icon=":material/download:",
        key="report-download",
        on_click="ignore",
    )
    _command(judging)


def _command(judging: Judging) -> None:
    st.caption("The same on the command line:")
    words = ["python -m fashion_search report", f"--catalog {judging.store.name}", f"--protocol {judging.protocol}"]
    words += [f"--seed {judging.seed}"] if judging.seed else []
    words += [f"-k {judging.k}", *(["--verdicts"] if judging.verdicts.digest else [])]
    st.code(" ".join(words), language="sh", wrap_lines=True)
