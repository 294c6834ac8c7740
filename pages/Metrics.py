"""The Metrics page: Table 1 of this catalog beside the paper's, under both protocols."""

import streamlit as st

from fashion_search.catalog import Protocol, title
from fashion_search.encoders import ENCODERS
from fashion_search.evaluation.scores import Scores, is_papers_data
from fashion_search.store import Store
from fashion_search.ui import data, figures, page
from fashion_search.ui.text import plain

K = 5  # the paper's


def conditions(store: Store, with_paper: bool) -> None:
    """What the figures were measured on."""
    manifest = store.manifest
    columns = ", ".join(title(column).lower() for column in manifest.columns)
    st.markdown(
        f"**{manifest.n_items:,} images in {manifest.n_groups:,} style groups** (by {columns}). "
        "A result is relevant if it belongs to the query's style group."
    )
    if not with_paper:
        st.caption("The paper’s figures are for other data (697 groups, 6,217 images) and stand here for orientation.")


def show(store: Store) -> None:
    """The table, what it says of the paper, and the chart."""
    with_paper = is_papers_data(store.manifest.columns, store.manifest.n_groups, store.manifest.n_items)
    conditions(store, with_paper)
    methods = [method for method in ENCODERS if method in store.methods]
    label = {method: store.methods[method].weights_label for method in methods}
    one = {
        protocol: {method: data.scores(store, store.state, method, protocol, 0, K) for method in methods}
        for protocol in Protocol
    }
    spreads = {method: data.spread(store, store.state, method, K) for method in methods}
    lines = [
        figures.Line(Protocol.LEAVE_ONE_OUT.label, method, scores, None, label[method])
        for method, scores in one[Protocol.LEAVE_ONE_OUT].items()
    ]
    lines += [
        figures.Line(f"{Protocol.ONE_PER_GROUP.label}, seed 0", method, scores, None, label[method])
        for method, scores in one[Protocol.ONE_PER_GROUP].items()
    ]
    lines += [
        figures.Line(
            f"{Protocol.ONE_PER_GROUP.label}, mean ± deviation of {spread.seeds} splits",
            method,
            spread.mean,
            spread.deviation,
            label[method],
        )
        for method, spread in spreads.items()
    ]
    st.subheader("Table 1: how often each method is right")
    table = figures.table(lines + figures.paper_lines())
    numbers = {name: st.column_config.TextColumn(alignment="right") for name in table.columns[2:6]}
    st.dataframe(table, hide_index=True, width="stretch", height="content", column_config=numbers)
    st.download_button(
        "Table as CSV", table.to_csv(index=False), f"{store.name}-table-1.csv", icon=":material/download:"
    )
    if with_paper and set(methods) >= {"histogram", "resnet18"}:
        paper_methods = ("histogram", "resnet18")
        agreement = figures.agreement(
            {method: one[Protocol.LEAVE_ONE_OUT][method] for method in paper_methods},
            {method: spreads[method] for method in paper_methods},
        )
        st.info(agreement, icon=":material/fact_check:")
        st.caption(
            "The paper used the full-size images and torchvision’s weights; ours were made from the archive "
            f"{plain(store.manifest.title)} with the weights named in the table. The paper does not state its number "
            "of histogram bins; 8 per channel agrees best."
        )
    panels: dict[str, dict[str, Scores]] = {
        Protocol.LEAVE_ONE_OUT.label: one[Protocol.LEAVE_ONE_OUT],
        f"{Protocol.ONE_PER_GROUP.label}, mean of 20 splits": {
            method: spread.mean for method, spread in spreads.items()
        },
    }
    st.subheader(headline(one[Protocol.LEAVE_ONE_OUT]))
    st.plotly_chart(figures.bar_chart(panels, with_paper), width="stretch", config={"displayModeBar": False})
    with st.expander("What the figures mean", icon=":material/help:"):
        st.markdown(
            f"- **Precision@{K}**: the share of the first {K} results that are relevant.\n"
            f"- **Recall@{K}**: the share of all relevant items that are among the first {K} results.\n"
            f"- **Hit@{K}**: the share of queries with at least one relevant item among the first {K} results.\n"
            + "".join(f"- **{protocol.label}**: {protocol.summary}\n" for protocol in Protocol)
        )


def headline(scores: dict[str, Scores]) -> str:
    """The finding, as the chart's title."""
    best = max(scores, key=lambda method: scores[method].precision)
    if len(scores) < 2:
        return f"{ENCODERS[best].title}: {scores[best].precision:.0%} of the first {K} results are right"
    worst = min(scores, key=lambda method: scores[method].precision)
    return (
        f"{ENCODERS[best].title} is right in {scores[best].precision:.0%} of its first {K} results, "
        f"{ENCODERS[worst].title} in {scores[worst].precision:.0%}"
    )


def main() -> None:
    """Read the URL, draw the page."""
    page.begin("Metrics")
    catalog = page.chosen_catalog()
    with st.sidebar:
        page.sidebar(catalog)
    st.title("How often is each method right?")
    page.show(catalog, show)


main()
