"""The Training page's part on one run: what it used, what came of it, how it goes on, and its files."""

import json
from collections.abc import Mapping, Sequence
from shlex import quote
from typing import Any

import streamlit as st
from msgspec import Struct
from msgspec.structs import asdict

from fashion_search.catalog import title
from fashion_search.catalog.text import in_order
from fashion_search.errors import RecipeError, TrainingError
from fashion_search.evaluation.words import count
from fashion_search.images import to_webp
from fashion_search.store import catalog_names
from fashion_search.training import reconstructions, record
from fashion_search.training.recipe import Recipe, open_recipe, recipe_names
from fashion_search.training.record import Run
from fashion_search.ui import cards, open_mode, page
from fashion_search.ui.text import escape, plain
from fashion_search.ui.training import runs
from fashion_search.ui.url import asked, choose

COMMAND = "python -m fashion_search train"
_TABLES = {record.LOSSES: ("Losses (CSV)", "text/csv"), record.VALIDATION: ("Validation (CSV)", "text/csv")}
_OF_COMMANDS = {
    "running": "Its command:",
    "done": "Its command; with --restart it trains again:",
    "stopped": "The same command goes on from the last state that was kept:",
    "failed": "Its command, for when the cause is gone:",
}
_OF_DATA = {"seed": "Drawn with seed", "training": "Training pictures", "validation": "Validation pictures"}
_FOR_PEOPLE = ("title", "summary", "note")  # of a recipe; no options, since they decide nothing


def show(found: runs.Found, shown: Sequence[str]) -> None:
    """What one run used, what came of it, and its files."""
    name = asked("run", found.runs, shown[0])
    run = found.runs[name]
    st.header("One run in detail")
    choose("Run", "run", name, list(found.runs), shown[0], width=420)
    _outcome(run)

    def draw() -> None:
        now = runs.find().runs.get(name)
        if now is None or now.state != run.state:
            st.rerun()
        with st.container(key="live-run"):
            _account(now)

    st.fragment(draw, run_every=runs.REFRESH if run.state == "running" else None)()
    if run.reconstructions:
        with st.container(key="reconstructions"):
            _reconstructions(name, run)
    if run.final and run.catalog in catalog_names():
        with st.container(horizontal=True):
            of_method = {"catalog": run.catalog, "methods": name}
            st.page_link(page.SEARCH_PAGE, label="Search with it", icon=":material/search:", query_params=of_method)
            compared = {"catalog": run.catalog, "a": name}
            st.page_link(page.METRICS_PAGE, label="Its metrics", icon=":material/bar_chart:", query_params=compared)
    command, remark = command_of(name, run)
    open_mode.command(command, _OF_COMMANDS.get(run.state, "Its command:"))
    if remark and not open_mode.is_on():
        st.caption(plain(remark))
    with st.expander("Its recipe, as a file", icon=":material/description:"):
        st.code(in_order(toml(run.recipe)), language="toml", wrap_lines=True)
    _downloads(name)


def _account(run: Run) -> None:
    """Figures, notes and all that the run used."""
    with st.container(key="ways-figures", horizontal=True):
        st.metric("Validation P@5", runs.figure(run.best, "precision"), border=True)
        if "photos" in run.best:
            st.metric("P@5 of photos", runs.figure(run.best, "photos"), border=True)
        for measure, label in runs.SHORT.items():
            st.metric(f"Final {label}", runs.figure(run.final, measure), border=True)
    st.caption(_of_final(run))
    for note in run.notes:
        st.markdown(f":material/sticky_note_2: {plain(str(note))}")
    for column, (heading, facts) in zip(st.columns(3, gap="large"), _used(run).items(), strict=True):
        with column:
            st.markdown(f"**{heading}**")
            st.html(_facts(facts))


def _reconstructions(name: str, run: Run) -> None:
    """Held-out pictures of an autoencoder, each above what its decoder makes of its vector."""
    try:
        pairs = reconstructions.read(record.runs_folder() / name, run.reconstructions)
    except TrainingError as error:
        st.warning(plain(str(error)), icon=":material/broken_image:")
        return
    st.markdown("**Held-out pictures and their reconstructions**")
    drawn = [
        cards.picture(to_webp(one), f"{what} {place}")
        for place, pair in enumerate(pairs, 1)
        for what, one in zip(("Picture", "Reconstruction"), pair, strict=True)
    ]
    columns = "".join(f"<div>{above}{below}</div>" for above, below in zip(drawn[::2], drawn[1::2], strict=True))
    st.html(f'<div class="fs-reconstructions">{columns}</div>')
    st.caption(_of_reconstructions(run))


def _of_reconstructions(run: Run) -> str:
    said = (
        f"Above, pictures that the run did not learn from; below, what its decoder draws from their "
        f"{run.recipe.network.dimensions:,} numbers alone, as of the best validation. What is blurred below, the "
        "method cannot compare."
    )
    error = run.reconstructions.get("error")
    if isinstance(error, (int, float)):
        said += f" Over all held-out pictures, values from 0 to 255 differ by {error:.0f} (root mean square)."
    return said


def _outcome(run: Run) -> None:
    message = plain(run.message)
    if run.state == "failed":
        st.error(f"The run failed. {message}", icon=":material/error:")
    elif run.state == "stopped":
        st.warning(f"The run was stopped. {message}", icon=":material/pause_circle:")
    elif message:
        st.info(message, icon=":material/info:")


def _of_final(run: Run) -> str:
    if not run.looks:
        return "Final: this run does not look at the evaluated style groups (--no-final)."
    if not run.final and run.state == "done":
        return "Final: the catalog has nothing to evaluate by leave-one-out."
    if not run.final:
        return "Final: the evaluated style groups are looked at once, when a run is done."
    queries, protocol = run.final.get("queries"), str(run.final.get("protocol", ""))
    how = [count(queries, "query", "queries")] if isinstance(queries, int) else []
    how += [plain(protocol)] if protocol else []
    return "Final: the evaluated style groups, looked at once, at the end" + "".join(f" · {one}" for one in how) + "."


def _used(run: Run) -> dict[str, dict[str, str]]:
    """Facts on the run itself, its data, and the versions, by their headings."""
    itself = {
        "State": runs.STATES.get(run.state, run.state),
        "Recipe": run.recipe.title,
        **({"Started from": _encoder(run.start)} if run.start else {}),
        **({"Taught by": ", ".join(map(_encoder, run.teachers))} if run.teachers else {}),
        "Seed": str(run.seed),
        "Device": run.device,
        "Precision": run.precision,
        "Threads": str(run.threads),
        "Pictures at most": f"{run.limit:,}" if run.limit else "all",
        "Started": run.started[:16].replace("T", " ") + " UTC",
        "Epochs": f"{round(run.epoch, 1):g} of {run.recipe.optimisation.epochs}",
        "Steps": f"{run.step:,}",
        "Minutes": f"{run.seconds / 60:,.1f}",
        "Images/s": f"{run.rate:,.0f}",
    }
    learned = {"Catalog": runs.title_of(run)}
    for name, value in run.data.items():
        if isinstance(value, dict):
            learned |= {f"{title(name)}: {what}": _short(str(what), number_of) for what, number_of in value.items()}
        elif name != "title":
            learned[_OF_DATA.get(name, title(name))] = _short(name, value)
    versions = {name: str(version) for name, version in run.versions.items()}
    return {"The run": itself, "What it learned from": learned, "Versions": versions}


def _encoder(known: Mapping[str, Any]) -> str:
    return f"{known['method']} ({str(known['weights'])[:8]}…)"


def _short(name: str, value: Any) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return str(value)[:12] if name == "fingerprint" else str(value)


def _facts(facts: Mapping[str, str]) -> str:
    """Lines of a name and a value, for ``st.html``."""
    return "".join(
        f'<div class="fs-pair" style="font-size:.86rem;line-height:1.6rem"><span title="{escape(name)}">{escape(name)}'
        f'</span><b style="font-weight:600;text-align:right">{escape(value)}</b></div>'
        for name, value in facts.items()
    )


def command_of(name: str, run: Run) -> tuple[str, str]:
    """The command that started a run, and what has to be said with it."""
    recipe, remark = run.recipe.name, ""
    settings = _settings(run.recipe)
    if settings is None:
        recipe, settings = f"{recipe}.toml", []
        remark = "The recipe is not one that comes with the program: give the path of its file (below)."
    if run.data.get("seed", run.seed) != run.seed:
        remark = "It shared its pictures with runs of another seed; this command draws pictures of its own."
    words = [f"{COMMAND} {quote(run.catalog)} --recipe {quote(recipe)} --name {quote(name)} --seed {run.seed}"]
    words += [f"--limit {run.limit}"] if run.limit else []
    words += [*settings, f"--precision {quote(run.precision)}", *([] if run.looks else ["--no-final"])]
    return " ".join(words), remark


def _settings(recipe: Recipe) -> list[str] | None:
    """The options that make a recipe of the one that comes with the program; None if there are none that do."""
    if recipe.name not in recipe_names():
        return None
    try:
        now, then = recipe.to_json(), open_recipe(recipe.name).to_json()
    except RecipeError:
        return None
    changed: dict[str, Any] = {}
    for name, value in now.items():
        if value == then[name] or name in _FOR_PEOPLE:
            continue
        if isinstance(value, dict) and then[name] is None:
            return None
        if isinstance(value, dict):
            changed |= {f"{name}.{field}": one for field, one in value.items() if one != then[name][field]}
        else:
            changed[name] = value
    epochs = changed.pop("optimisation.epochs", None)
    options = [f"--epochs {epochs}"] if epochs is not None else []
    return options + [f"--set {quote(f'{place}={_value(value)}')}" for place, value in changed.items()]


def _downloads(name: str) -> None:
    if open_mode.is_on():  # they name places of this machine
        return
    folder = record.runs_folder() / name
    with st.container(horizontal=True):
        for file, (label, kind) in (_TABLES | {record.RUN: ("Everything it used (JSON)", "application/json")}).items():
            path = folder / file
            if path.is_file():
                st.download_button(
                    label,
                    path.read_bytes,
                    f"{name}-{file}",
                    kind,
                    icon=":material/download:",
                    key=f"download-{file}",
                    on_click="ignore",
                )


def toml(recipe: Recipe) -> str:
    """A recipe as its file would say it, with every default."""
    return _section(recipe, "").strip() + "\n"


def _section(table: Any, heading: str) -> str:
    values = asdict(table)
    own = [
        f"{name} = {_value(value)}"
        for name, value in values.items()
        if value is not None and not isinstance(value, Struct)
    ]
    inner = [_section(value, name) for name, value in values.items() if isinstance(value, Struct)]
    return "\n".join([*([f"\n[{heading}]"] if heading else []), *own, *inner])


def _value(value: Any) -> str:
    """A value as TOML spells it; ``none`` is what ``--set`` takes for a section that is left out."""
    if value is None:
        return "none"
    if isinstance(value, dict):
        inner = ", ".join(f"{json.dumps(str(name))} = {_value(one)}" for name, one in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(value, ensure_ascii=False)
