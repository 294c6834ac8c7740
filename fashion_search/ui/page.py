"""What every page begins with: its title, the style, the logo, and the way to the other pages."""

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from fashion_search import logs
from fashion_search.catalog.demo import DEMO
from fashion_search.errors import BusyError, EngineError, FashionSearchError, SettingError, UnlabelledError
from fashion_search.home import shipped
from fashion_search.store import Store, catalog_names
from fashion_search.ui import builds, data, defects, open_mode, process, url
from fashion_search.ui.text import plain
from fashion_search.ui.url import parse

_LAST_SEARCH = "last search"  # session state: the parameters of the Search page when it was left
_LAST_EVALUATION = "last evaluation"  # the same of the Metrics, the Methods and the Failures page, by page
_OWN_LINK = "own link"  # session state: where the page's link to itself stands, which its parts bring up to date
SEARCH_PAGE = "app.py"
METRICS_PAGE = "pages/Metrics.py"
METHODS_PAGE = "pages/Methods.py"
FAILURES_PAGE = "pages/Failures.py"
TRAINING_PAGE = "pages/Training.py"
PAGES = {
    SEARCH_PAGE: ("Search", ":material/image_search:"),
    METRICS_PAGE: ("Metrics", ":material/bar_chart:"),
    METHODS_PAGE: ("Methods", ":material/speed:"),
    FAILURES_PAGE: ("Failures", ":material/compare:"),
    "pages/Catalog.py": ("Catalog", ":material/grid_view:"),
    TRAINING_PAGE: ("Training", ":material/model_training:"),
}
"""What the sidebar links to: file → label and icon, in their order."""
LAST_TRAINING = "last training"  # what the Training page had of its own when it was left
_EVALUATION = (  # what Metrics, Methods and Failures share
    *("catalog", "protocol", "seed", "k", "measure", "a", "b", "verdicts", "where", "rerank", "index"),
)
_OF_ANY_CATALOG = (  # others mean nothing elsewhere
    *("view", "protocol", "seed", "k", "measure", "verdicts", "methods", "where", "rerank", "index"),
    *("runs", "run", "axis", "loss", "linear"),
)


def run(title: str, draw: Callable[[], None]) -> None:
    """Draw a page when its turn comes: what all pages share, then what ``draw`` draws."""
    try:
        _begin(title)
        open_mode.prepare()
        with process.page_turn():
            draw()
    except FashionSearchError as error:  # what no part of a page has an answer to
        if not isinstance(error, BusyError):  # which is logged where it is raised
            logs.refusal(error)
        st.error(plain(str(error)), icon=":material/error:")
        st.button("Try again", key="try-again", icon=":material/refresh:")


def _begin(title: str) -> None:
    icon = str(shipped("assets/icon.svg"))
    st.set_page_config(page_title=f"{title} · fashion_search", page_icon=icon, layout="wide")
    open_mode.require_password()
    st.html(Path(__file__).with_name("style.css"))
    defects.watch()
    process.prepare()
    st.logo(str(shipped("assets/logo.svg")), size="large")


def sidebar(catalog: str, search: Mapping[str, str] | None = None, evaluation_page: str = "") -> None:
    """Links to all pages, which keep the catalog, and the box to choose another.

    ``search`` are the parameters of the Search page, if this is it, and ``evaluation_page`` is this page, if it is the
    Metrics, the Methods or the Failures page; links back to those bring their parameters again. A query set that is
    searched with is the one that they evaluate.
    """
    state = st.session_state
    if search is not None:
        state[_LAST_SEARCH] = dict(search)
        _evaluate_next(search, catalog)
    if evaluation_page:
        _keep_evaluation(evaluation_page)
    for page in PAGES:
        if page == evaluation_page:
            state[_OWN_LINK] = st.empty()
            _draw_link(page, catalog, state[_OWN_LINK])
        else:
            _draw_link(page, catalog, st)
    st.space("xsmall")
    _catalog_box(catalog)


def remember(evaluation_page: str) -> None:
    """Links back to this page bring the parameters that it has now; for a part that is drawn without the sidebar."""
    _keep_evaluation(evaluation_page)
    _draw_link(evaluation_page, _asked_catalog()[0], st.session_state[_OWN_LINK])


def _keep_evaluation(evaluation_page: str) -> None:
    state = st.session_state
    own = {name: value for name, value in url.params().items() if name not in _EVALUATION}
    state[_LAST_EVALUATION] = state.get(_LAST_EVALUATION, {}) | {"": evaluation_params(), evaluation_page: own}


def _draw_link(page: str, catalog: str, place: Any) -> None:
    label, icon = PAGES[page]
    place.page_link(page, label=label, icon=icon, query_params=_params_of(page, catalog))


def _evaluate_next(search: Mapping[str, str], catalog: str) -> None:
    protocol = parse(search)[0].protocol
    if not protocol.queries:
        return
    last: dict[str, dict[str, str]] = st.session_state.get(_LAST_EVALUATION, {})
    if last.get("", {}).get("catalog", DEMO) != catalog:
        last = {}
    st.session_state[_LAST_EVALUATION] = last | {"": last.get("", {}) | {"catalog": catalog, "protocol": str(protocol)}}


def _params_of(page: str, catalog: str) -> dict[str, str]:
    """How a link leads back to where a page was left."""
    state = st.session_state
    if page == SEARCH_PAGE:
        return _of_catalog(state.get(_LAST_SEARCH, {}), catalog)
    if page in (METRICS_PAGE, METHODS_PAGE, FAILURES_PAGE):  # each under the settings that one of them had last
        last: dict[str, dict[str, str]] = state.get(_LAST_EVALUATION, {})
        shared = last.get("", {})
        return _of_catalog(last.get(page, {}) | shared, catalog)
    of_page = state.get(LAST_TRAINING, {}) if page == TRAINING_PAGE else {}
    return {**of_page, "catalog": catalog}


def _of_catalog(params: dict[str, str], catalog: str) -> dict[str, str]:
    return params if params.get("catalog", DEMO) == catalog else {"catalog": catalog}


def evaluation_params() -> dict[str, str]:
    """On Metrics, Methods and Failures: the parameters that all have, so that links between them keep those."""
    return {name: value for name, value in url.params().items() if name in _EVALUATION}


def chosen_catalog() -> str:
    """The catalog that the URL names; the demo, and a sentence, where there is no such catalog."""
    catalog, complaints = _asked_catalog()
    for complaint in complaints:
        st.warning(plain(complaint), icon=":material/info:")
    return catalog


def _asked_catalog() -> tuple[str, list[str]]:
    """The catalog of the URL, or the demo, and why it is not another one."""
    view, complaints = parse({"catalog": url.given("catalog", DEMO)})
    return view.catalog, complaints


def _catalog_box(current: str) -> None:
    """Choose among the built catalogs; the choice goes into the URL, where the settings stay."""

    def choose() -> None:
        kept = {name: value for name, value in url.params().items() if name in _OF_ANY_CATALOG}
        url.open_with(kept | {"catalog": st.session_state["catalog"]})

    names = catalog_names()
    titles = {name: data.title(name) for name in names}
    taken = Counter(titles.values())

    def label(name: str) -> str:
        title = titles[name]
        return title if taken[title] == 1 else f"{title} ({name})"  # equal labels would be taken for each other

    st.session_state["catalog"] = current
    st.selectbox("Catalog", names, key="catalog", format_func=label, on_change=choose)


def show(catalog: str, draw: Callable[[Store], None]) -> None:
    """Open a catalog and draw the page; what is damaged is said, with a way to mend it."""
    builds.own_build(catalog)
    try:
        store = data.store(catalog)
        if store.name == DEMO:
            st.caption(
                ":material/draw: **Demo shop.** Its pictures are synthetic: a program drew them; "
                "no such products exist."
            )
        draw(store)
    except UnlabelledError as error:
        st.info(plain(str(error)), icon=":material/label_off:")
        st.page_link(SEARCH_PAGE, label="Search it", icon=":material/image_search:", query_params={"catalog": catalog})
    except EngineError:  # went away meanwhile: what asks it again at once is told so, and shows all others
        st.rerun()
    except (BusyError, SettingError):
        raise
    except FashionSearchError as error:
        builds.mend(catalog, error)
