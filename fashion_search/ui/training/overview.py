"""The Training page's parts on all runs: compared and watched, and how to start another."""

from collections.abc import Sequence
from shlex import quote
from typing import Any

import streamlit as st

from fashion_search.catalog import title
from fashion_search.catalog.source import TRAINING, VALIDATION
from fashion_search.catalog.text import in_order
from fashion_search.charts import training as charts
from fashion_search.charts.style import NO_BUTTONS
from fashion_search.charts.training import AGAINST, MEASURES, TOTAL, Line
from fashion_search.errors import FashionSearchError, RecipeError
from fashion_search.training import record
from fashion_search.training.plan import check
from fashion_search.training.recipe import open_recipe, recipe_names
from fashion_search.training.record import Run
from fashion_search.ui import data, open_mode, page, url
from fashion_search.ui.text import plain
from fashion_search.ui.training import runs
from fashion_search.ui.training.details import COMMAND
from fashion_search.ui.url import asked, choose, choose_switch, go

_OWN = ("runs", "run", "measure", "axis", "loss", "linear")
_STEADY = "<style>[class*='st-key-live'] [data-stale] { opacity: 1 !important; transition: none !important; }</style>"
_USUAL = 4  # runs shown unless the address says which
_TALL = 9  # rows of the table before it scrolls
_LEARNED = ("style group has", TRAINING, VALIDATION)  # how reasons begin for which pictures are left to learn from
_DEFAULT_RECIPE = "fashion"


def remember() -> None:
    """Keep what is chosen here for the sidebar's link back."""
    params = url.params()
    st.session_state[page.LAST_TRAINING] = {name: params[name] for name in _OWN if name in params}


def say_damaged(found: runs.Found) -> None:
    """Name each run that cannot be read, and why."""
    for name, reason in found.damaged.items():
        st.warning(plain(f"The run “{name}” cannot be shown. {reason}"), icon=":material/broken_image:")


def say_beginning(found: runs.Found) -> None:
    """Name each run that reads its pictures, until it is among the others."""

    def draw() -> None:
        now = runs.find()
        if now.beginning != found.beginning:
            st.rerun()
        for name in now.beginning:
            st.info(plain(f"“{name}” reads its pictures; the first steps come next."), icon=":material/hourglass_top:")

    if found.beginning:
        st.fragment(draw, run_every=runs.REFRESH)()


# -- comparing runs ---------------------------------------------------------------------------------------


def choose_runs(found: runs.Found) -> list[str]:
    """The runs to compare: those of the address, else the newest few."""
    names = list(found.runs)
    wanted = [name for name in url.given("runs", "").split(",") if name]
    for name in wanted:
        if name not in found.states:
            st.warning(plain(f"There is no run “{name}” on this machine."), icon=":material/info:")
    shown = list(dict.fromkeys(name for name in wanted if name in found.runs)) or names[:_USUAL]

    def change() -> None:
        chosen = st.session_state["runs"]
        go(runs=None if chosen in ([], names[:_USUAL]) else ",".join(chosen), run=None)

    st.session_state["runs"] = shown
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.multiselect("Runs to compare", names, key="runs", on_change=change, wrap=True)
        _refresh_button()
    return shown


def _refresh_button() -> None:
    st.button("Refresh", icon=":material/refresh:", key="refresh", help="Look for new runs")


def compare(found: runs.Found, shown: Sequence[str]) -> None:
    """Progress, charts and table; while a shown run goes on they are drawn again every few seconds."""
    singles = _singles(shown)
    learn_photos = any("photos" in found.runs[name].best for name in shown)
    measures = [measure for measure in MEASURES if measure != "photos" or learn_photos]
    measure = asked("measure", measures, "precision")
    against = asked("axis", AGAINST, "epoch")
    loss = asked("loss", singles, TOTAL)
    segmented: Any = {"widget": st.segmented_control, "required": True}
    left, middle, right = st.columns([2, 1.2, 2])
    with left:
        choose("Validation", "measure", measure, measures, "precision", format_func=MEASURES.get, **segmented)
    with middle:
        choose("Against", "axis", against, list(AGAINST), "epoch", format_func=AGAINST.get, **segmented)
    with right, st.container(horizontal=True, vertical_alignment="bottom"):
        choose("Training loss", "loss", loss, [TOTAL, *singles], TOTAL, format_func=_loss_title, width=220)
        choose_switch("Linear axis", "linear", url.given("linear") == "1")

    def draw() -> None:
        now = runs.find()
        if (now.states, _singles(shown)) != (found.states, singles):  # a run began, ended, went away, or has losses now
            st.rerun()
        with st.container(key="live-runs"):
            _draw(now, shown, measure, against, loss)

    st.html(_STEADY)
    is_live = any(found.runs[name].state == "running" for name in shown)
    st.fragment(draw, run_every=runs.REFRESH if is_live else None)()


def _singles(shown: Sequence[str]) -> list[str]:
    """The single losses of the runs that are shown."""
    return charts.losses_in(runs.rows(name, record.LOSSES, record.losses_of)[0] for name in shown)


def _loss_title(name: str) -> str:
    return "Total" if name == TOTAL else title(name)


def _draw(found: runs.Found, shown: Sequence[str], measure: str, against: str, loss: str) -> None:
    """What changes while runs go on."""
    for name in shown:
        _progress(name, found.runs[name])
    places = found.places
    validations: list[Line] = []
    losses: list[Line] = []
    for name in shown:
        for lines, file, read in (
            (validations, record.VALIDATION, record.validations_of),
            (losses, record.LOSSES, record.losses_of),
        ):
            rows, complaint = runs.rows(name, file, read)
            lines.append(Line(name, places[name], rows))
            if complaint:
                st.warning(plain(complaint), icon=":material/broken_image:")
    left, right = st.columns(2, gap="medium")
    with left:
        st.header(f"Validation {MEASURES[measure]}")
        _chart(charts.validations(validations, measure, against), "validations", "Validation of each run as it goes")
        st.caption("Style groups that were held out of training, each picture a query once. Higher is better.")
        if len({str(found.runs[name].data.get("fingerprint")) for name in shown}) > 1:
            st.caption(
                ":material/warning: These runs did not have the same pictures (another catalog, seed or limit): small "
                "differences between them mean little."
            )
    with right:
        st.header("Training loss" + (f": {plain(_loss_title(loss).lower())}" if loss != TOTAL else ""))
        is_linear = url.given("linear") == "1"
        _chart(charts.losses(losses, loss, against, is_linear), "losses", "Training loss of each run as it goes")
        st.caption("Mean over some steps each. Losses of different recipes are not comparable.")
    _table(found, shown)


def _chart(chart: Any, key: str, alt: str) -> None:
    st.plotly_chart(chart, key=key, width="stretch", config=dict(NO_BUTTONS), alt=alt)


def _progress(name: str, run: Run) -> None:
    if run.state != "running":
        return
    share = min(max(run.seen / run.total, 0.0), 1.0) if run.total > 0 else 0.0
    said = run.sentence if run.seen < run.total else "trained; its last steps follow"
    said = said if run.seen else "its pictures are read; the first steps come next"
    st.progress(share, f"**{plain(name)}** · {plain(said)}")


def _table(found: runs.Found, shown: Sequence[str]) -> None:
    """All runs, one per row; a dot in its colour marks each one that the charts show."""
    import pandas as pd

    st.header("All runs")
    places = found.places
    lines = []
    for name, run in found.runs.items():
        lines.append(
            {
                "Run": name,
                "": "●" if name in shown else "",
                "State": runs.STATES.get(run.state, run.state),
                "Recipe": in_order(run.recipe.title),
                "Epochs": f"{round(run.epoch, 1):g} of {run.recipe.optimisation.epochs}",
                **{
                    f"Validation {runs.SHORT[measure]}": runs.figure(run.best, measure)
                    for measure in ("precision", "hit")
                },
                **{f"Final {label}": runs.figure(run.final, measure) for measure, label in runs.SHORT.items()},
                "Images/s": round(run.rate),
                "Minutes": run.seconds / 60,
                "Pictures": n if isinstance(n := run.data.get("training"), int) else None,
                "Catalog": runs.title_of(run),
            }
        )
    frame = pd.DataFrame(lines)
    frame["Pictures"] = frame["Pictures"].astype("Int64")
    colours = [f"color: {Line(name, places[name], ()).colour}" for name in found.runs]
    config = st.column_config
    settings: dict[str, Any] = {
        name: config.TextColumn(alignment="right") for name in lines[0] if "@5" in name or name == "Epochs"
    }
    settings |= {"": config.TextColumn(width=30), "Run": config.TextColumn(pinned=True)}
    settings |= {name: config.NumberColumn(format="localized") for name in ("Pictures", "Images/s")}
    settings["Minutes"] = config.NumberColumn(format="%.1f")
    st.dataframe(
        frame.style.apply(lambda column: colours, subset=[""]),
        key="all-runs",
        hide_index=True,
        width="stretch",
        height="content" if len(frame) <= _TALL else 35 * (_TALL + 1) + 18,
        column_config=settings,
    )
    st.caption(
        "● is in the charts, in this colour. **Validation**: the best one, the one the encoder was taken from. "
        "**Final**: the style groups on which methods are evaluated. No training and no choice saw them, unless a "
        "run's notes say so; they were looked at once, at the end. The two are of different groups and do not compare."
    )


# -- starting one -----------------------------------------------------------------------------------------


def explain(found: runs.Found, catalog: str) -> None:
    """Without a run: what training is, how it begins, and what it can be."""
    st.markdown(
        "Training teaches a method of your own what “similar” means in a catalog. It learns from the catalog’s "
        "pictures and labels, but never from the style groups on which methods are evaluated, so its figures are "
        "honest. Of a data set with a training part it learns from that. When it is done, it is a method like any "
        "other: you can search with it and compare it."
    )
    if not (found.damaged or found.beginning):
        st.info("There is no run on this machine yet.", icon=":material/model_training:")
    start(catalog)
    _refresh_button()
    st.header("Recipes")
    recipes()


def start(catalog: str) -> None:
    """The command that begins a run with a recipe that is chosen here."""
    if open_mode.say("Training"):
        return
    st.markdown("Start a run in a terminal; this page then shows how it goes. The same command goes on after a stop.")
    names = recipe_names()
    if names:
        usual = _DEFAULT_RECIPE if _DEFAULT_RECIPE in names else names[0]
        recipe = asked("recipe", names, usual)
        choose("Recipe", "recipe", recipe, names, usual, format_func=lambda name: _opened(name)[0], width=420)
    else:
        recipe = "NAME"
    source, remark = _source(catalog)
    st.code(f"{COMMAND} {quote(source)} --recipe {quote(recipe)}", language="sh", wrap_lines=True)
    if remark:
        st.caption(remark)
    if names and (missing := _missing(recipe, catalog)):
        st.caption(f":material/warning: It cannot start yet. {plain(missing)}")


def _missing(recipe: str, catalog: str) -> str:
    """What a run by a recipe lacks on this machine; empty where it can start."""
    try:
        check(open_recipe(recipe), data.store(catalog).catalog)
    except FashionSearchError as error:
        return str(error)
    return ""


def _source(catalog: str) -> tuple[str, str]:
    """What to train on; a word to replace, and why, where the page's catalog leaves nothing to learn from."""
    try:
        manifest = data.store(catalog).manifest
    except FashionSearchError:
        return catalog, ""
    if any(reason.startswith(_LEARNED) for reason in manifest.excluded_by_reason):
        return catalog, ""
    return "CATALOG", plain(
        f"Put a catalog of yours in the place of CATALOG. “{manifest.title}” leaves nothing to learn from: all its "
        "pictures are in style groups that methods are evaluated on. A larger catalog has groups beyond the bounds of "
        "evaluation, or can be built with narrower bounds (--smallest, --largest)."
    )


def recipes() -> None:
    """The recipes that come with the program."""
    for name in recipe_names():
        heading, summary = _opened(name)
        st.markdown(f"**{plain(heading)}** · `{name}`  \n{plain(summary)}")
    st.caption("A recipe is a TOML file; give the path of one of your own to train by it.")


def _opened(name: str) -> tuple[str, str]:
    """A recipe's title and summary; its name and the reason where its file is damaged."""
    try:
        recipe = open_recipe(name)
    except RecipeError as error:
        return name, str(error)
    return recipe.title, recipe.summary
