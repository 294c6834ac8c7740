"""The filter of the catalog: before the ranking, in the sidebar, in links, and on every page that ranks."""

import csv
import io
from pathlib import Path

import pytest

from fashion_search.catalog import EVERYTHING, PROTOCOLS, Filter, Protocol
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.measures import MEASURES
from fashion_search.evaluation.words import rounded
from fashion_search.store import Store
from tests.app import screen, shops, steps, truth
from tests.app.steps import uploaded

QUERY = "1030"
METHODS = ("histogram", "resnet18")
CAPS = EVERYTHING.where("article_type", ["Caps"])


def passing(folder: Path, method: str, *types: str) -> list[str]:
    """The whole ranking of the query without the items of other types."""
    labels = truth.labels(folder)
    return [one for one in truth.ranking(folder, method, QUERY) if labels[one][0] in types]


def shown(app: screen.AppTest, method: str) -> list[str]:
    return [card.item_id for card in screen.results(app, method)]


def unfolded(app: screen.AppTest) -> screen.AppTest:
    """With the section of the filter open, as a click on it does."""
    app.session_state["where"] = True
    return screen.ran(app.run())


def chosen(app: screen.AppTest, column: str, *values: str) -> screen.AppTest:
    if not any(box.key == f"where-{column}" for box in app.multiselect):
        unfolded(app)
    return screen.ran(app.multiselect(key=f"where-{column}").set_value(list(values)).run())


def test_values_are_chosen_in_the_sidebar_and_what_does_not_pass_is_not_ranked(trial: Path) -> None:
    app = chosen(screen.opened(catalog=shops.CATALOG, query=QUERY), "article_type", "Ties", "Kurtas")

    assert screen.url(app) == {"catalog": shops.CATALOG, "query": QUERY, "where": "article_type=Ties,Kurtas"}
    for method in METHODS:
        assert shown(app, method) == passing(trial, method, "Ties", "Kurtas")[:5]
    n_left = len(passing(trial, "histogram", "Ties", "Kurtas"))
    assert f"Only items whose **article type is Ties or Kurtas**: {n_left} of " in screen.text(app)
    assert "Telling examples" not in screen.text(app)

    screen.chosen(app, "where-sign-article_type", "is-not")
    assert screen.url(app)["where"] == "article_type!=Ties,Kurtas"
    for method in METHODS:
        assert shown(app, method) == passing(trial, method, "Shirts", "Caps", "Scarves", "Socks")[:5]

    screen.ran(app.button(key="where-close").click().run())
    assert screen.url(app) == {"catalog": shops.CATALOG, "query": QUERY}
    assert app.multiselect(key="where-article_type").value == []
    assert shown(app, "histogram") == truth.ranking(trial, "histogram", QUERY)[:5]
    assert "Only items" not in screen.text(app)


def test_counts_stand_beside_the_values_and_follow_the_other_columns(trial: Path) -> None:
    labels = truth.labels(trial).values()
    app = screen.opened(catalog=shops.CATALOG, query=QUERY)
    assert "Usage" not in [box.label for box in app.multiselect]  # only what is open is drawn
    unfolded(app)
    assert f"Caps ({sum(one[0] == 'Caps' for one in labels)})" in app.multiselect(key="where-article_type").options

    chosen(app, "base_colour", "Red")
    options = app.multiselect(key="where-article_type").options
    assert options == [
        f"{kind} ({sum(one[:2] == (kind, 'Red') for one in labels)})" for kind in ("Caps", "Shirts", "Ties")
    ]


def test_a_link_opens_the_filtered_view_and_every_way_on_keeps_it(trial: Path) -> None:
    app = screen.opened(catalog=shops.CATALOG, where="TYPE=caps")

    assert screen.complaints(app) == []
    labels = truth.labels(trial)
    assert labels[screen.query_id(app)][0] == "Caps", "a query that has right answers there"
    assert app.multiselect(key="where-article_type").value == ["Caps"]
    steps.searched_with(app, "histogram", 0)
    assert screen.url(app)["where"] == "article_type=Caps"
    screen.ran(app.button(key="random").click().run())
    assert screen.url(app)["where"] == "article_type=Caps"
    assert labels[screen.query_id(app)][0] == "Caps"
    screen.ran(app.slider(key="k").set_value(4).run())
    assert screen.url(app)["where"] == "article_type=Caps"
    for method in METHODS:
        assert {labels[one][0] for one in shown(app, method)} == {"Caps"}
        assert len(shown(app, method)) == 4


@pytest.mark.parametrize("page", ["", "Metrics", "Failures"])
@pytest.mark.parametrize(
    ("where", "sentence", "kept"),
    [
        ("type=Caps,Cap", "has no article type “Cap”; near ones: “Caps”. It is left out of the filter.", "Caps"),
        ("size=L;type=Caps", "has no column “size”; it has article_type, base_colour, usage. It is", "Caps"),
        ("Caps", "“Caps” is no condition; write column=value, such as type=Jackets,Coats. Everything is shown.", ""),
        ("type=![x](https://example.org/x.png)", "has no article type “![x](https://example.org/x.png)”", ""),
    ],
)
@pytest.mark.usefixtures("trial")
def test_what_a_catalog_lacks_is_one_sentence(page: str, where: str, sentence: str, kept: str) -> None:
    app = screen.opened(page, catalog=shops.CATALOG, where=where)

    [said] = screen.complaints(app)
    assert sentence in said
    assert "https://" not in app.warning[0].value
    assert app.session_state["where"] is bool(kept)  # whether the section is open
    assert unfolded(app).multiselect(key="where-article_type").value == [kept] * bool(kept)
    assert not app.error


@pytest.mark.usefixtures("trial")
def test_another_catalog_takes_over_what_it_has_of_the_filter() -> None:
    app = screen.opened(catalog=shops.CATALOG, where="type=Caps,Kurtas,Socks;base_colour=Pink")
    screen.ran(app.selectbox(key="catalog").set_value("demo").run())

    assert screen.url(app)["catalog"] == "demo"
    assert app.multiselect(key="where-article_type").value == ["Caps", "Kurtas", "Socks"]
    app = screen.opened("Metrics", catalog="demo", where="type=Belts;base_colour!=Tan")
    screen.ran(app.selectbox(key="catalog").set_value(shops.CATALOG).run())
    assert len(screen.complaints(app)) == 2
    assert unfolded(app).multiselect(key="where-article_type").value == []


@pytest.mark.parametrize("page", ["", "Metrics", "Failures"])
@pytest.mark.usefixtures("trial")
def test_that_nothing_is_left_is_said_with_what_to_do(page: str) -> None:
    app = screen.opened(
        page, catalog=shops.CATALOG, where="type=Caps;usage=Ethnic", **({} if page else {"query": QUERY})
    )

    assert "article type is Caps** and **usage is Ethnic**: 0 of " in screen.text(app)
    [said] = [one.value for one in app.info]
    assert "Choose other values in the sidebar, or show everything." in said
    assert not screen.methods_shown(app)
    screen.ran(app.button(key="where-close").click().run())
    assert "where" not in screen.url(app)
    assert not app.info
    assert screen.methods_shown(app) if page == "" else app.get("plotly_chart")


@pytest.mark.usefixtures("weights")
def test_an_uploaded_picture_is_searched_among_what_passes(trial: Path, shop_folder: Path) -> None:
    picture = (shop_folder / "images" / f"{QUERY}.png").read_bytes()
    app = uploaded(screen.opened(catalog=shops.CATALOG, where="type=Scarves"), picture)

    assert screen.url(app)["where"] == "article_type=Scarves"
    for method in METHODS:
        assert shown(app, method) == passing(trial, method, "Scarves")[:5]


# Metrics and Failures --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", list(PROTOCOLS))
def test_table_1_is_of_the_filtered_gallery_and_never_taken_for_the_whole(trial: Path, protocol: Protocol) -> None:
    app = screen.opened("Metrics", catalog=shops.CATALOG, protocol=protocol)
    for where, chosen_filter in (("", EVERYTHING), ("article_type=Caps", CAPS), ("", EVERYTHING)):
        app.query_params["where"] = where
        screen.ran(app.run())
        evaluation = Evaluation.of(Store(trial), ["histogram"], protocol, filter=chosen_filter)
        figures = evaluation.figures_of("histogram")
        rows = {row["Method"]: row for row in screen.table(app, "table-1")}
        for name, measure in MEASURES.items():
            assert rows["RGB histogram"][measure.label(5)] == rounded(figures[name].macro)
            assert float(rows["Chance"][measure.label(5)]) == pytest.approx(figures[name].chance, abs=5.1e-5)
        assert f"{len(evaluation.any_rankings.queries)} queries" in screen.text(app)
        left_out = len(evaluation.any_rankings.left_out)
        assert (f"{left_out} queries left out" in screen.text(app)) == (left_out > 0) == bool(where)


def test_links_between_the_pages_keep_the_filter(trial: Path) -> None:
    app = screen.opened("Metrics", catalog=shops.CATALOG, where="article_type=Caps", cell="histogram.hit")

    for label in ("Search", "Compare"):
        links = screen.linked(app, label)
        assert links
        assert {link["where"] for link in links} == {"article_type=Caps"}
    case = screen.linked(app, "Compare")[0]
    app = screen.opened("Failures", **case)
    assert screen.complaints(app) == []
    query = screen.query_id(app)
    labels = truth.labels(trial)
    expected = [one for one in truth.ranking(trial, "histogram", query) if labels[one][0] == "Caps"][:5]
    assert shown(app, "histogram") == expected
    assert screen.linked(app, "Open in Search")[0]["where"] == "article_type=Caps"
    screen.ran(app.button(key="why-histogram-0").click().run())
    assert [link["where"] for link in screen.linked(app, "Search with this")] == ["article_type=Caps"]
    for view, params in (("confusion", {"cell": "Caps→Caps"}), ("breakdown", {"at": "caps_red_casual"})):
        app = screen.opened("Metrics", catalog=shops.CATALOG, where="article_type=Caps", view=view, **params)
        assert {link["where"] for link in screen.linked(app, "Search")} == {"article_type=Caps"}


def test_a_case_that_the_filter_left_out_is_said(trial: Path) -> None:
    shirt = next(one for one, labels in truth.labels(trial).items() if labels[0] == "Shirts")
    app = screen.opened("Failures", catalog=shops.CATALOG, where="type=Caps", case=shirt)

    assert screen.complaints(app) == [
        f"Item {shirt} has nothing relevant in the filtered catalog; another case is shown."
    ]
    chosen(app, "base_colour", "Red")
    assert screen.complaints(app) == []


def test_the_map_rings_only_what_passes(trial: Path) -> None:
    app = screen.opened("Metrics", catalog=shops.CATALOG, view="map", where="type=Scarves", at=QUERY)

    assert "among all others that pass the filter" in screen.text(app)
    found = [html.value for html in app.get_by_key("cards-near-histogram").get("html")]
    assert len(found) == 5
    assert all("Scarves" in html for html in found)


@pytest.mark.usefixtures("trial")
def test_what_is_taken_away_names_the_filter(downloads: dict[str, str]) -> None:
    screen.opened("Metrics", catalog=shops.CATALOG, where="type=Caps;usage=Casual")
    lines = list(csv.DictReader(io.StringIO(downloads[f"{shops.CATALOG}-table-1.csv"])))
    assert {line["filter"] for line in lines} == {"article_type=Caps;usage=Casual"}
    screen.opened("Metrics", catalog=shops.CATALOG)
    lines = list(csv.DictReader(io.StringIO(downloads[f"{shops.CATALOG}-table-1.csv"])))
    assert {line["filter"] for line in lines} == {"none"}
    app = screen.opened("Metrics", catalog=shops.CATALOG, view="report", where="type=Caps;usage=Casual")
    assert "--where 'article_type=Caps;usage=Casual'" in app.code[0].value
    screen.ran(app.button(key="report-make").click().run())
    assert "<code>article_type=Caps;usage=Casual</code>" in downloads[f"{shops.CATALOG}-report.html"]
    chosen(app, "usage")
    assert app.button(key="report-make"), "the report made before is of another gallery"
    app = screen.opened("Metrics", catalog=shops.CATALOG, view="report", where="type=Caps;usage=Casual")
    assert "under leave-one-out, only items whose article type is Caps and usage is Casual, at k" in screen.text(app)


@pytest.mark.parametrize("page", ["", "Metrics", "Failures"])
@pytest.mark.usefixtures("trial")
def test_markup_in_a_value_is_shown_as_text(page: str) -> None:
    app = screen.opened(page, catalog=shops.CATALOG, where=str(EVERYTHING.where("usage", [shops.HOSTILE_USAGE])))

    assert screen.complaints(app) == []
    assert f"usage is {shops.HOSTILE_USAGE}" in screen.text(app)
    for one in (*app.markdown, *app.caption):
        assert "<i>Smart</i>" not in one.value
        assert "& *loud*" not in one.value


def test_a_filter_is_read_from_the_address_as_it_was_written(trial: Path) -> None:
    chosen_filter = EVERYTHING.where("usage", [shops.HOSTILE_USAGE, "Ethnic"]).where("article_type", ["Caps"], True)
    app = screen.opened(catalog=shops.CATALOG, where=str(chosen_filter))
    screen.ran(app.slider(key="k").set_value(4).run())
    assert Filter.parse(screen.url(app)["where"]) == chosen_filter
