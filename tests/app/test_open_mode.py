"""Open mode: what is off, that it is off and not merely hidden, and what strangers may bring."""

import ast
import gc
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import streamlit as st

from fashion_search.catalog.request import Request
from fashion_search.catalog.source import Options
from fashion_search.errors import OpenModeError, PasswordError
from fashion_search.evaluation.verdict_file import open_verdicts
from fashion_search.home import home
from fashion_search.importing.reading import Given
from fashion_search.importing.run import Wanted
from fashion_search.store import open_store
from fashion_search.ui import builds, open_mode, text
from fashion_search.ui.catalog import add, queries, vectors
from tests import samples
from tests.app import screen, shops
from tests.app.steps import dropped, uploaded
from tests.app.test_verdicts import CASE, first_wrong, judged

OFF = "is off: this app is open to the public."
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def public(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_SEARCH_PUBLIC", "1")
    open_mode._pictures.cache_clear()
    open_mode._changes.cache_clear()


# -- what is off --------------------------------------------------------------------------------------------


def controls(app: screen.AppTest) -> set[str]:
    """The labels of what can be typed in, sent or pressed in the page's main part."""
    kinds = (app.main.text_input, app.main.button, app.main.file_uploader, app.main.checkbox, app.main.number_input)
    return {str(one.label) for kind in kinds for one in kind}


def test_the_catalog_page_says_once_what_is_off_and_has_no_dead_buttons(trial: Path) -> None:
    app = screen.opened("Catalog", catalog=shops.CATALOG)
    assert screen.text(app).count(OFF) == 1
    assert f"Changing catalogs and methods {OFF}" in screen.text(app)
    assert controls(app) <= {"List of all rows left out (CSV)"}
    assert "Images per style group" in screen.subheads(app)
    assert "Add a catalog" not in screen.subheads(app)


def test_a_library_that_is_damaged_offers_no_build_and_names_no_place(trial: Path) -> None:
    manifest = trial / "manifest.json"
    manifest.write_text(manifest.read_text("utf-8")[:-50], "utf-8")
    app = screen.opened(catalog=shops.CATALOG)
    assert "Build it again" not in controls(app)
    said = screen.text(app)
    assert "damaged" in said
    assert str(home()) not in said
    assert f"…/{shops.CATALOG}" in said or "…/manifest.json" in said or "…/home" in said


def test_a_home_that_nobody_can_read_is_said_without_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "a home"
    place.touch()
    monkeypatch.setenv("FASHION_SEARCH_HOME", str(place))
    said = [screen.read(error.value) for error in screen.opened().error]
    assert said == ["…/a home cannot be read: Not a directory."]


@pytest.mark.parametrize("page", ["Training", "Methods"])
def test_no_page_shows_a_command(trial: Path, page: str) -> None:
    app = screen.opened(page, catalog=shops.CATALOG)
    assert not app.code
    assert OFF in screen.text(app)


def a_request() -> Request:
    return Request("/nowhere", "nowhere", ("histogram",))


WORK: dict[str, Callable[[], Any]] = {
    "building": lambda: builds.start(a_request()),
    "adding a catalog": lambda: add._check("/nowhere", "x", ("histogram",), Options(), False, ()),
    "adding a query set": lambda: queries._add(open_store("demo"), "/nowhere", "x", Options(), False),
    "importing vectors": lambda: vectors._try(
        lambda: Given("x.npy", ("1",), samples.library([2]).vectors[:1]), Wanted("demo", "mine")
    ),
    "changing cases": open_mode.check_cases,
    "giving verdicts": open_mode.check_verdicts,
}


@pytest.mark.parametrize("work", WORK.values(), ids=WORK)
def test_what_does_the_work_refuses_whoever_asks(
    work: Callable[[], Any], monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    said: list[str] = []
    monkeypatch.setattr(st, "error", lambda sentence, icon: said.append(screen.read(sentence)))
    try:
        work()
    except OpenModeError as error:
        said.append(str(error))
    assert len(said) == 1
    assert "off" in said[0]
    assert not home.exists()


def test_all_that_changes_this_machine_asks_first() -> None:
    """Functions of pages that call what writes, builds, downloads or removes, read from the sources."""
    works = {
        *("start_build", "build", "add_fused", "import_vectors", "evaluate_imported", "dismiss", "remove"),
        *("remove_method", "remove_queries", "open_source", "load", "import_csv"),
    }
    asks = {"check", "check_cases", "check_verdicts", "say"}
    found = {}
    for path in (*(ROOT / "fashion_search/ui").rglob("*.py"), *(ROOT / "pages").glob("*.py")):
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(function, ast.FunctionDef):
                called = {_name(one) for one in ast.walk(function) if isinstance(one, ast.Call)}
                if called & works:
                    found[f"{path.stem}.{function.name}"] = bool(called & asks)
    allowed = {"data._encoder"}  # weights that are at hand
    inner = {"cases._case"}  # whose changes go through cases._change
    assert len(found) >= 9
    assert {name for name, checks in found.items() if not checks} <= allowed | inner


def _name(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


# -- places of this machine ---------------------------------------------------------------------------------


def test_paths_are_shortened_wherever_they_stand(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spaced = home.parent / "a folder of mine"
    monkeypatch.setenv("FASHION_SEARCH_HOME", str(spaced))
    assert (
        text.without_paths(f"{spaced}/trial/cases.json is damaged.")
        == "…/a folder of mine/trial/cases.json is damaged."
    )
    assert text.without_paths("“/data/shops/red.zip” is gone (see ~/x/y.txt)") == "“…/red.zip” is gone (see …/y.txt)"
    assert text.without_paths("C:\\data\\shop.zip is gone") == "…/shop.zip is gone"
    for kept in ("12 images/s", "and/or", "https://example.org/a/b", "Shirts / Blue", "1/2/3", "search: A+B"):
        assert text.without_paths(kept) == kept


# -- verdicts and cases -------------------------------------------------------------------------------------


def test_verdicts_and_cases_are_off_unless_they_are_switched_on(trial: Path) -> None:
    place, _ = first_wrong(trial, "histogram")
    app = screen.opened("Failures", catalog=shops.CATALOG, case=CASE)
    assert not [one for one in app.get("popover") if "Add to the report" in one.proto.popover.label]
    app.button(key=f"why-histogram-{place}").click().run()
    assert not [one for one in app.button if (one.key or "").startswith("verdict-")]


def test_where_they_are_on_only_ones_own_can_be_withdrawn(trial: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_SEARCH_PUBLIC_VERDICTS", "1")
    place, _ = first_wrong(trial, "histogram")
    app = screen.opened("Failures", catalog=shops.CATALOG, case=CASE)
    judged(app, "histogram", place, "verdict-accept")
    assert len(open_verdicts(shops.CATALOG).all()) == 1
    other = screen.opened("Failures", catalog=shops.CATALOG, view="verdicts")
    assert not [one for one in other.button if (one.key or "").startswith("withdraw-")]
    assert not [one for one in other.file_uploader if one.key == "verdicts-file"]
    judged(app, "histogram", place, "verdict-unaccept")
    assert open_verdicts(shops.CATALOG).all() == ()


def test_a_name_is_typed_once_and_shown_with_the_verdict(trial: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FASHION_SEARCH_PUBLIC")
    place, _ = first_wrong(trial, "histogram")
    app = screen.opened("Failures", catalog=shops.CATALOG, case=CASE)
    app.button(key=f"why-histogram-{place}").click().run()
    app.button(key=f"why-histogram-{place}").click()
    app.text_input(key="verdict-name").set_value("  Ada <b>L</b>. ").run()
    judged(app, "histogram", place, "verdict-accept")
    [verdict] = open_verdicts(shops.CATALOG).all()
    assert verdict.by == "Ada <b>L</b>."
    listed = screen.opened("Failures", catalog=shops.CATALOG, view="verdicts")
    assert "by Ada &lt;b&gt;L&lt;/b&gt;." in screen.all_html(listed)


# -- pictures that people bring -----------------------------------------------------------------------------


def test_too_many_pictures_are_refused_with_when_to_try_again(trial: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_SEARCH_UPLOADS_A_MINUTE", "3")
    app = screen.opened(catalog=shops.CATALOG, methods="histogram")
    pictures = [(f"{seed}.png", samples.encoded(samples.noise(seed), "PNG")) for seed in range(5)]
    dropped(app, *pictures)
    assert len(app.session_state["uploads"]) == 3
    assert any("Too many pictures came in within a minute. Try again in" in one for one in screen.complaints(app))


def test_pictures_of_all_sessions_together_fill_no_memory(trial: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each session keeps a few, and anybody can open as many sessions as they like."""
    kept = open_mode._Sum()
    monkeypatch.setattr(open_mode, "_kept", kept)
    picture = samples.encoded(samples.noise(5, (400, 300)), "PNG")
    first = uploaded(screen.opened(catalog=shops.CATALOG, methods="histogram"), picture)
    assert kept.n_bytes == 3 * 400 * 300

    kept.add(2_000 * 2**20)
    second = screen.opened(catalog=shops.CATALOG, methods="histogram")
    dropped(second, ("another.png", picture))
    assert "Many people search with their own pictures just now. Try again in 5 minutes." in screen.complaints(second)
    assert not second.session_state["uploads"]

    kept.add(-2_000 * 2**20)
    del first.session_state["uploads"]
    gc.unfreeze()
    gc.collect()
    assert kept.n_bytes == 0


def test_nothing_but_its_session_holds_a_picture(trial: Path) -> None:
    app = uploaded(screen.opened(catalog=shops.CATALOG, methods="histogram"), samples.encoded(samples.noise(5), "PNG"))
    screen.ran(app.toggle[-1].run())
    [upload] = app.session_state["uploads"].values()
    assert len(upload._made) >= 2
    picture = weakref.ref(upload.image)
    del upload
    del app.session_state["uploads"]  # as Streamlit does when a session ends
    gc.unfreeze()
    gc.collect()
    assert picture() is None


def test_what_is_made_of_a_picture_is_not_found_by_another_session(trial: Path) -> None:
    picture = samples.encoded(samples.noise(6), "PNG")
    first = uploaded(screen.opened(catalog=shops.CATALOG, methods="histogram"), picture)
    second = uploaded(screen.opened(catalog=shops.CATALOG, methods="histogram"), picture)
    [one], [other] = first.session_state["uploads"].values(), second.session_state["uploads"].values()
    assert one.id == other.id
    assert one._made is not other._made


# -- the password -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("found", ["secret", PasswordError("broken")])
def test_streamlit_run_shows_nothing_where_a_password_is_set(
    found: str | PasswordError, monkeypatch: pytest.MonkeyPatch
) -> None:
    def password() -> str:
        if isinstance(found, PasswordError):
            raise found
        return found

    monkeypatch.setattr(open_mode, "password", password)
    for page in ("", "Metrics", "Catalog"):
        app = screen.opened(page)
        assert "start it with `fashion-search app`" in screen.text(app)
        assert not app.title
        assert not app.get("html")
