"""The Catalog page: what a catalog holds, what it leaves out and why, browsing, and adding another."""

import streamlit as st

from fashion_search.catalog import title
from fashion_search.catalog.source import is_for_size
from fashion_search.charts.catalog import group_sizes
from fashion_search.evaluation import words
from fashion_search.spreadsheets import as_csv
from fashion_search.store import Store, catalog_names, query_sets
from fashion_search.ui import builds, cards, open_mode, page, url, work
from fashion_search.ui.catalog import add, fuse, queries, remove, vectors
from fashion_search.ui.text import as_list, plain
from fashion_search.whole_store import about_rest, how_to_build_whole

_SHOWN = 24  # cards of a group


def numbers(store: Store) -> None:
    """The catalog in a few numbers, and what to know of its source."""
    manifest = store.manifest
    facts = {
        "Images": f"{manifest.n_items:,}",
        "Style groups": f"{manifest.n_groups:,}",
        "Images per group": f"{manifest.n_items / max(manifest.n_groups, 1):.2f}",
        "Rows left out": f"{sum(manifest.excluded_by_reason.values()):,}",
    }
    if not manifest.n_groups:
        del facts["Style groups"], facts["Images per group"]
    if manifest.notes:
        st.info(as_list(manifest.notes), icon=":material/info:")
    with st.container(key="ways-numbers", horizontal=True):
        for name, value in facts.items():
            st.metric(name, value, border=True)
    if sentence := words.copies(store.catalog):
        st.caption(plain(sentence))


def left_out(store: Store) -> None:
    """The reasons, counted, and the whole list as a file."""
    reasons = store.manifest.excluded_by_reason
    rest, damage = about_rest(store)
    if damage:
        how = "" if open_mode.is_on() else f" The command: {how_to_build_whole(store)}"
        st.warning(plain(damage + how), icon=":material/broken_image:")
    if rest is not None:
        st.markdown(f"{rest:,} of them can be searched, though not evaluated: those left out for size.")
        st.page_link(
            page.SEARCH_PAGE,
            label="Search the whole shop",
            icon=":material/storefront:",
            query_params={"catalog": store.name, "whole": "1"},
        )
    elif not damage and any(map(is_for_size, reasons)) and not open_mode.is_on():
        st.caption(f"Those left out for size can be searched, too: `{how_to_build_whole(store)}`")
    if not reasons:
        st.markdown("Nothing: every row of the source is in the catalog.")
        return
    st.dataframe(
        {"Reason": list(reasons), "Rows": list(reasons.values())}, hide_index=True, width="stretch", height="content"
    )
    st.download_button(
        "List of all rows left out (CSV)",
        lambda: excluded_csv(store),
        f"{store.name}-left-out.csv",
        "text/csv",
        icon=":material/download:",
    )


def excluded_csv(store: Store) -> str:
    """Every row left out with its reason."""
    rows = ([row.id, row.name, row.reason, *row.labels] for row in store.excluded)
    return as_csv(["id", "name", "reason", *store.manifest.columns], rows)


def browse(store: Store) -> None:
    """The pictures of one style group, each a query one click away."""
    catalog = store.catalog
    st.header("Browse by style group")
    ids = [group.id for group in catalog.groups]
    asked = url.given("group", ids[0])
    if asked not in ids:
        st.warning(plain(f"This catalog has no style group {asked!r}; another is shown."), icon=":material/info:")
        asked = ids[0]

    def choose() -> None:
        url.open_with({"catalog": store.name, "group": st.session_state["group"]})

    st.session_state["group"] = asked
    titles = {group.id: f"{group.title} ({len(group.rows)})" for group in catalog.groups}
    st.selectbox(
        "Style group: " + " · ".join(title(column) for column in catalog.columns),
        ids,
        key="group",
        format_func=titles.__getitem__,
        on_change=choose,
    )
    pictures(store, catalog.groups[ids.index(asked)].rows.tolist())


def pictures(store: Store, rows: list[int]) -> None:
    """The first of these items as cards."""
    with cards.cards("group"):
        for row in rows[:_SHOWN]:
            item = store.catalog.items[row]
            with cards.card(f"group-{row}"):
                st.html(cards.item_html(store, row))
                link = {"catalog": store.name, "query": item.id}
                st.page_link(page.SEARCH_PAGE, label="Search with this", query_params=link)
    if len(rows) > _SHOWN:
        st.caption(f"The first {_SHOWN} of {len(rows):,}.")


def add_method(store: Store) -> None:
    """The two ways to a further method for which nothing is encoded, and the way back."""
    if open_mode.is_on():
        return
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.header("Import vectors")
        vectors.offer(store)
    with right:
        st.header("Fuse two methods")
        fuse.offer(store)
    remove.offer_methods(store)


def show(store: Store) -> None:
    """The catalog from its numbers to its pictures, and its methods."""
    about(store)
    if query_sets(store) or not open_mode.is_on():
        st.header("Query sets")
        queries.offer(store)
    add_method(store)


def about(store: Store) -> None:
    """What it holds."""
    numbers(store)
    if not store.catalog.columns:
        st.header("What was left out, and why")
        left_out(store)
        st.header("Browse")
        pictures(store, list(range(len(store.catalog.items))))
        return
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.header("Images per style group")
        st.plotly_chart(
            group_sizes(store.catalog),
            width="stretch",
            config={"displayModeBar": False},
            alt="How many style groups have how many images",
        )
    with right:
        st.header("What was left out, and why")
        left_out(store)
    browse(store)


def main() -> None:
    """Read the URL, draw the page."""
    catalog = page.chosen_catalog()
    with st.sidebar:
        page.sidebar(catalog)
    st.title("What is in the catalog?")
    remove.said()
    work.watch_any(catalog, "import", "query set")
    for name in catalog_names(with_unfinished=True):
        if name != catalog:  # that one's build is shown with its catalog
            builds.outcome(name)
    builds.outdated(catalog)
    page.show(catalog, show)
    if not open_mode.say("Changing catalogs and methods"):
        st.header("Add a catalog")
        add.add()
    remove.offer(catalog)


page.run("Catalog", main)
