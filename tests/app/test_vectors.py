"""Methods without an encoder on the pages: importing them by upload, fusing, removing, and what they cannot do."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fashion_search.importing.run import Wanted, import_vectors
from fashion_search.store import open_store
from tests.app import screen, shops
from tests.app.steps import uploaded
from tests.importing.made import archive, array, given, lines
from tests.importing.test_fitting import ids_of, rows_of

TITLE = "Mine <b>*bold*</b>"
SHOWN = "Mine ‹b›∗bold∗‹/b›"  # as the title of a method, wherever it stands


def said(elements: Any) -> list[str]:
    return [screen.read(one.value) for one in elements]


def imported(app: screen.AppTest, vectors: bytes, ids: bytes = b"", *, file: str, name: str) -> screen.AppTest:
    app.file_uploader(key="vectors-file").upload(file, vectors, "application/octet-stream")
    if ids:
        app.file_uploader(key="ids-file").upload("ids.txt", ids, "text/plain")
    next(one for one in app.text_input if one.label == "Method name").set_value(name)
    next(one for one in app.text_input if one.label == "Title (optional)").set_value(TITLE)
    next(button for button in app.button if button.label == "Import").click()
    return screen.ran(app.run())


@pytest.fixture
def mine(trial: Path) -> str:
    """An imported method of the trial shop."""
    store = open_store(shops.CATALOG)
    import_vectors(given(ids_of(store), rows_of(store)), Wanted(shops.CATALOG, "mine", TITLE))
    return "mine"


@pytest.mark.usefixtures("trial")
def test_vectors_are_imported_by_upload_and_lead_to_their_metrics() -> None:
    store = open_store(shops.CATALOG)
    app = screen.opened("Catalog", catalog=shops.CATALOG)
    imported(app, array(rows_of(store)), lines(ids_of(store)), file="mine.npy", name="mine")

    assert said(app.error) == []
    [success] = said(app.success)
    assert success.startswith(f"{TITLE}: {len(store.catalog.items)} vectors of 4 dimensions")
    assert "Its metrics" in [link.proto.label for link in app.get("page_link")]
    assert "mine" in open_store(shops.CATALOG).methods
    assert list((store.folder / "evaluations").glob("rankings-mine-*"))
    metrics = screen.opened("Metrics", catalog=shops.CATALOG)
    assert any("Mine" in str(table.value) for table in metrics.dataframe)


@pytest.mark.usefixtures("trial")
def test_what_does_not_fit_is_said_and_nothing_is_imported() -> None:
    store = open_store(shops.CATALOG)
    rows, ids = rows_of(store), ids_of(store)
    app = screen.opened("Catalog", catalog=shops.CATALOG)
    next(button for button in app.button if button.label == "Import").click()
    assert said(screen.ran(app.run()).error) == ["Choose a file of vectors."]
    imported(app, array(rows), file="mine.npy", name="mine")
    assert said(app.error) == [
        "mine.npy does not say which item each vector is of. Give the ids in a file of their own (.txt, .csv, .npy), "
        "one for each vector, in the same order."
    ]
    rows[0] = np.nan
    imported(app, array(rows), lines(ids), file="mine.npy", name="mine")
    assert said(app.error) == [
        "mine.npy: 1 vector is not a number or infinite: of 1000. Such a vector has no similarity."
    ]
    assert "mine" not in open_store(shops.CATALOG).methods


@pytest.mark.usefixtures("trial")
def test_where_only_some_items_have_vectors_a_part_is_offered_and_made() -> None:
    store = open_store(shops.CATALOG)
    few = archive(vectors=rows_of(store)[:40], ids=np.array(ids_of(store)[:40]))
    app = screen.opened("Catalog", catalog=shops.CATALOG)
    imported(app, few, file="few.npz", name="mine")

    n = len(store.catalog.items)
    assert any(one.startswith(f"few.npz: 40 of the {n} items") for one in said(app.warning))
    screen.ran(app.button(key="make-part").click().run())
    assert said(app.error) == []
    assert "a new catalog of the 40 items" in said(app.success)[0]
    part = open_store(f"{shops.CATALOG}-mine")
    assert set(part.methods) == {*store.methods, "mine"}
    for page in ("", "Metrics", "Failures", "Catalog"):
        shown = screen.opened(page, catalog=part.name)
        assert said(shown.error) == []


@pytest.mark.usefixtures("weights")
def test_an_upload_is_not_searched_by_it_and_the_page_says_why(mine: str, shop_folder: Path) -> None:
    app = screen.opened(catalog=shops.CATALOG, methods="mine,histogram,histogram+0.5*mine")
    assert screen.methods_shown(app) == ["mine", "histogram"]  # what was not asked for is not there
    uploaded(app, (shop_folder / "images/1030.png").read_bytes())

    assert screen.methods_shown(app) == ["histogram"]
    sentence = (
        f"“{TITLE}” was imported as vectors (mine.npy): there is no encoder for it, so pictures from outside cannot be "
        "searched by it."
    )
    assert said(app.info) == [sentence]
    assert not [button for button in app.button if "uild" in button.label or "ownload" in button.label]
    assert "<b>" not in app.info[0].value.replace(r"\<b\>", "")


def test_the_methods_page_has_it(mine: str) -> None:
    app = screen.opened("Methods", catalog=shops.CATALOG)
    assert said(app.error) == []
    assert any("Mine" in str(table.value) for table in app.dataframe)


def test_two_methods_are_fused_and_listed(mine: str) -> None:
    app = screen.opened("Catalog", catalog=shops.CATALOG)
    app.selectbox(key="fuse-first").set_value("histogram")
    app.selectbox(key="fuse-second").set_value("mine")
    next(button for button in app.button if button.label == "Fuse").click()
    screen.ran(app.run())

    assert said(app.success) == [f"RGB histogram + 0.5 × {SHOWN} is a method of this catalog."]
    assert "histogram+0.5*mine" in open_store(shops.CATALOG).methods
    shown = screen.opened(catalog=shops.CATALOG, methods="histogram+0.5*mine")
    assert screen.methods_shown(shown) == ["histogram+0.5*mine"]
    app.selectbox(key="fuse-second").set_value("histogram")
    next(button for button in app.button if button.label == "Fuse").click()
    assert "fuses a method with itself" in said(screen.ran(app.run()).error)[0]


def test_it_is_removed_after_saying_what_that_means(mine: str) -> None:
    app = screen.opened("Catalog", catalog=shops.CATALOG)
    app.selectbox(key="remove-which").set_value("mine")
    screen.ran(app.run())
    assert any("must be imported again" in text for text in said(app.markdown))
    screen.ran(app.button(key="remove-method").click().run())
    assert said(app.success) == [f"{SHOWN} was removed from “{shops.CATALOG}”."]
    assert "mine" not in open_store(shops.CATALOG).methods


def test_it_is_left_out_where_pictures_are_encoded(mine: str) -> None:
    app = screen.opened("Catalog", catalog=shops.CATALOG)
    [methods] = [box for box in app.multiselect if box.label == "Methods"]
    assert not any("Mine" in option for option in methods.options)
    robustness = screen.opened("Metrics", catalog=shops.CATALOG, view="robustness")
    assert f"{SHOWN}: imported as vectors, so altered pictures cannot be encoded." in said(robustness.info)
    assert not any("method mine" in code.value for code in robustness.code)
