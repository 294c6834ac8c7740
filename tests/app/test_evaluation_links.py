"""Links to Metrics and Failures that anyone may have typed: a plain sentence each, and the page works."""

import re
from pathlib import Path

import pytest

from tests import samples
from tests.app import screen, shops
from tests.builds import build

pytestmark = pytest.mark.usefixtures("trial")

MARKUP = "![x](https://example.org/x.png)<b>"
NONSENSE = ("", "-1", "9" * 5000, "é\x00\n")
METRICS = {  # view → what only that view reads
    "scores": ("cell", "order"),
    "breakdown": ("by", "sort", "at"),
    "confusion": ("of", "method", "cell"),
    "map": ("kind", "colour", "at"),
    "report": (),
}
FAILURES = {
    "cases": ("outcome", "is_article_type", "is_base_colour", "is_usage", "kind", "gap", "group", "case"),
    "suspects": ("threshold", "method"),
    "verdicts": (),
}
EVERYWHERE = ("protocol", "seed", "k", "measure", "a", "b", "verdicts")
ALL = sorted({"view", "page", "words", *EVERYWHERE, *sum((*METRICS.values(), *FAILURES.values()), ())})


def works(app: screen.AppTest, page: str, view: str) -> None:
    """The view is drawn, and its settings can be used."""
    if (page, view) == ("Metrics", "scores"):
        assert screen.table(app, "table-1")
    elif view == "breakdown":
        assert screen.table(app, "parts")
    elif view in ("confusion", "map"):
        assert app.get("plotly_chart")
    elif view == "cases":
        assert screen.results(app, "histogram")
    elif view == "suspects":
        assert app.slider(key="threshold")
    assert app.button_group(key="view").value == view


CASES = [
    (page, view, name)
    for page, views in (("Metrics", METRICS), ("Failures", FAILURES))
    for view, names in views.items()
    for name in names
] + [(page, view, name) for page, view in (("Metrics", "scores"), ("Failures", "cases")) for name in EVERYWHERE]


@pytest.mark.parametrize(("page", "view", "name"), CASES)
def test_a_value_that_makes_no_sense_is_one_plain_sentence(page: str, view: str, name: str) -> None:
    needed = {"protocol": "one-per-group"} if name == "seed" else {"cell": "histogram.hit"} if name == "order" else {}
    app = screen.opened(page, catalog=shops.CATALOG, view=view, **needed, **{name: MARKUP})

    assert len(screen.complaints(app)) == 1
    said = app.warning[0].value
    assert not re.search(r"(?<!\\)\]\(", said), "would be drawn as a picture from another host"
    assert "https://" not in said
    assert not app.error
    works(app, page, view)


@pytest.mark.parametrize("value", NONSENSE, ids=lambda value: ascii(value[:9]))
@pytest.mark.parametrize(
    ("page", "view"), [("Metrics", view) for view in METRICS] + [("Failures", view) for view in FAILURES]
)
def test_nonsense_in_every_parameter_at_once_leaves_the_page_in_use(page: str, view: str, value: str) -> None:
    params = dict.fromkeys(ALL, value) | {"view": view, "words": ""}
    if view == "map":
        params["kind"] = "pca"
    app = screen.opened(page, catalog=shops.CATALOG, **params)

    works(app, page, view)
    assert not app.error
    screen.chosen(app, "k", "10")
    assert screen.url(app)["k"] == "10"


@pytest.mark.parametrize("page", ["Metrics", "Failures"])
def test_a_view_that_is_not_there_gives_the_first(page: str) -> None:
    app = screen.opened(page, catalog=shops.CATALOG, view="pictures")

    assert len(screen.complaints(app)) == 1
    works(app, page, "scores" if page == "Metrics" else "cases")


@pytest.mark.parametrize("words", ["", MARKUP, "(", "[a-z]+", "\\", "'; DROP TABLE", "é\x00"])
def test_any_words_may_be_typed_as_a_filter(words: str) -> None:
    app = screen.opened("Metrics", catalog=shops.CATALOG, view="breakdown", words=words)

    assert screen.complaints(app) == []
    assert app.text_input(key="words")


@pytest.mark.parametrize("page", ["0", "99999999", "100000", "-1", "x"])
def test_a_page_of_cards_that_is_not_there_gives_one_that_is(page: str) -> None:
    app = screen.opened("Metrics", catalog=shops.CATALOG, cell="histogram.hit", page=page)

    assert screen.linked(app, "Search")
    assert len(screen.complaints(app)) == (page != "100000")


def test_no_verdicts_but_nonsense_is_shown_as_no_verdicts() -> None:
    app = screen.opened("Metrics", catalog=shops.CATALOG, verdicts="maybe")

    assert len(screen.complaints(app)) == 1
    assert not app.toggle(key="verdicts").value


def test_another_catalog_forgets_what_only_the_first_has() -> None:
    app = screen.opened(
        "Failures", catalog=shops.CATALOG, case="1030", group="caps_blue_casual", k="10", protocol="one-per-group"
    )
    screen.ran(app.selectbox(key="catalog").set_value("demo").run())

    assert screen.url(app) == {"catalog": "demo", "k": "10", "protocol": "one-per-group"}
    assert screen.complaints(app) == []


@pytest.mark.parametrize(
    ("page", "params"),
    [
        ("Failures", {"is_usage": shops.HOSTILE_USAGE, "outcome": "neither", "group": "socks_grey_i_smart_i_loud"}),
        ("Failures", {"view": "suspects", "page": "2"}),
        ("Failures", {"kind": "article_type+usage"}),
        ("Failures", {"view": "suspects", "method": "fusion"}),
        ("Metrics", {"view": "breakdown", "by": "article_type", "at": "Caps", "words": "a"}),
        ("Metrics", {"view": "confusion", "of": "usage", "cell": "Casual→Casual", "method": "fusion"}),
        ("Metrics", {"cell": "histogram.hit"}),
        ("Metrics", {"view": "map", "at": "1030", "colour": "usage"}),
    ],
)
def test_a_view_of_one_catalog_can_be_left_for_another_without_complaint(
    tmp_path: Path, page: str, params: dict[str, str]
) -> None:
    for number in range(4):  # another catalog, with another column and another method
        picture = samples.encoded(samples.noise(number))
        samples.write_folder(tmp_path / "other" / "ab"[number % 2], {f"{number}.png": picture})
    build(tmp_path / "other", methods=["histogram"])
    app = screen.opened(page, catalog=shops.CATALOG, **params)
    assert screen.complaints(app) == []
    screen.ran(app.selectbox(key="catalog").set_value("other").run())

    assert screen.complaints(app) == []
    assert app.selectbox(key="catalog").value == "other"


def test_pages_with_settings_of_the_same_name_can_be_visited_in_turn() -> None:
    app = screen.opened(catalog=shops.CATALOG, k="7")
    for page in ("pages/Metrics.py", "pages/Catalog.py", "pages/Failures.py", "app.py"):
        app.switch_page(page)
        app.query_params.update({"catalog": shops.CATALOG, "k": "10"})
        screen.ran(app.run())
        assert screen.complaints(app) == []
