"""A query set on the pages: wherever the other protocols stand, with what its figures mean."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fashion_search.catalog import Protocol
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.verdict_file import open_verdicts
from fashion_search.images import open_image
from fashion_search.manifest import MANIFEST
from fashion_search.query_store import StoreWithQueries, under
from fashion_search.store import open_queries, open_store, query_sets
from fashion_search.ui.catalog import queries
from tests.app import screen, shops
from tests.app.steps import uploaded
from tests.builds import add_queries
from tests.samples import encoded, noise, table, write_folder

PHOTOS = Protocol.of_queries("photos")
HERE = {"catalog": shops.CATALOG, "protocol": str(PHOTOS)}
GROUPS = (("Shirts", "Red", "Casual"), ("Caps", "Blue", "Casual"), ("Ties", "Green", "Casual"))
COLUMNS = ["image", "name", "article_type", "base_colour", "usage"]
HOSTILE = "<b>bold</b> [x](https://example.org)"


@pytest.fixture
def photos(trial: Path, tmp_path: Path) -> Path:
    """Three dark copies of items, and a picture of a style group that the trial shop lacks."""
    catalog = open_store(shops.CATALOG).catalog
    shown, rows = {}, []
    for place, labels in enumerate(GROUPS):
        row = next(row for row, item in enumerate(catalog.items) if item.labels == labels)
        picture = open_image(open_store(shops.CATALOG).thumbnail(row))
        name = f"{place}.png"
        shown[name] = encoded(Image.fromarray((np.asarray(picture) * 0.7).astype(np.uint8)))
        rows.append([name, HOSTILE if place == 0 else f"photo {place}", *labels])
    rows.append(["3.png", "none", "Gloves", "Red", "Casual"])
    shown["3.png"] = encoded(noise(3))
    text = table(rows, COLUMNS)
    source = write_folder(tmp_path / "street", shown | {"photos.csv": text}) / "photos.csv"
    add_queries(shops.CATALOG, source, methods=["histogram"])
    return source


@pytest.mark.usefixtures("photos")
def test_a_query_is_picked_from_it_and_found_in_the_catalog() -> None:
    app = screen.opened(**HERE)
    assert screen.complaints(app) == []
    assert app.radio(key="protocol").options[-1] == "Query set photos"
    assert screen.methods_shown(app) == ["histogram"]
    app = screen.opened(**HERE, query="photos/1.png")
    assert "Query photos/1.png" in screen.all_html(app)
    cards = screen.results(app, "histogram")
    assert not any(card.item_id.startswith("photos/") for card in cards)
    together = under(open_store(shops.CATALOG), PHOTOS)
    rankings = Evaluation.of(together, ["histogram"], PHOTOS).rankings_of("histogram")
    assert [card.item_id for card in cards] == [together.catalog.items[row].id for row in rankings.rows[1, :5]]
    assert [card.badge == "correct" for card in cards] == rankings.relevant[1, :5].tolist()


@pytest.mark.usefixtures("photos")
def test_a_click_on_the_first_page_leads_to_it() -> None:
    app = screen.opened(catalog=shops.CATALOG)
    screen.ran(app.button(key="outside-photos").click().run())
    assert screen.url(app)["protocol"] == PHOTOS
    assert "Query photos/" in screen.all_html(app)
    assert not [button for button in app.button if button.key == "outside-photos"]


@pytest.mark.usefixtures("photos")
def test_another_protocol_has_other_queries_and_an_upload_stays() -> None:
    app = screen.opened(**HERE, query="photos/1.png")
    screen.ran(app.radio(key="protocol").set_value(Protocol.LEAVE_ONE_OUT).run())
    assert screen.complaints(app) == []
    assert screen.query_id(app) in open_store(shops.CATALOG).catalog
    screen.ran(app.radio(key="protocol").set_value(PHOTOS).run())
    assert screen.complaints(app) == []
    assert screen.url(app)["protocol"] == PHOTOS
    app = uploaded(screen.opened(**HERE), encoded(noise(5, (60, 80))))
    screen.ran(app.radio(key="protocol").set_value(Protocol.LEAVE_ONE_OUT).run())
    assert screen.url(app)["query"] == "upload"


@pytest.mark.usefixtures("photos")
def test_earlier_queries_are_offered_where_they_can_be_asked() -> None:
    app = screen.opened(catalog=shops.CATALOG, query="1001")
    for protocol, query in ((PHOTOS, "photos/1.png"), (PHOTOS, "photos/0.png"), (Protocol.LEAVE_ONE_OUT, "1002")):
        app.query_params.update({**HERE, "protocol": str(protocol), "query": query})
        screen.ran(app.run())
        offered = [button.label for button in app.button if (button.key or "").startswith("earlier-")]
        expected = ["photos/1.png"] if query == "photos/0.png" else ["1001"] if query == "1002" else []
        assert [label.partition("]")[0] for label in offered] == [f"![Item {one}" for one in expected]


@pytest.mark.usefixtures("photos")
def test_what_is_searched_with_is_evaluated_next() -> None:
    def links(app: screen.AppTest) -> list[str]:
        return [link.proto.query_string for link in app.sidebar.get("page_link") if link.proto.label == "Metrics"]

    app = screen.opened(**HERE)
    assert links(app) == [f"catalog={shops.CATALOG}&protocol=query-set%3Aphotos"]
    app = screen.opened(catalog=shops.CATALOG, protocol="one-per-group", seed="3")
    assert links(app) == [f"catalog={shops.CATALOG}"]  # each of the pages has its own otherwise


def test_what_a_query_set_leaves_out_is_counted_and_listed_on_the_catalog_page(photos: Path) -> None:
    (photos.parent / "0.png").unlink()
    add_queries(shops.CATALOG, photos, methods=["histogram"])
    app = screen.opened("Catalog", catalog=shops.CATALOG)
    told = screen.read(" ".join(caption.value for caption in app.caption))
    assert "2 pictures left out: 1 × no image, 1 × style group that the catalog lacks" in told
    together = under(open_store(shops.CATALOG), PHOTOS)
    assert isinstance(together, StoreWithQueries)
    lines = queries.left_out_csv(together).splitlines()
    assert lines[0] == "id,name,reason"
    assert [(line.split(",")[0], line.rsplit(",", 1)[1]) for line in lines[1:]] == [
        ("0.png", "no image"),
        ("3.png", "style group that the catalog lacks"),
    ]


def test_the_pictures_column_of_a_table_is_named_on_the_catalog_page(photos: Path) -> None:
    photos.write_text(photos.read_text("utf-8").replace("image,", "shot,", 1), "utf-8")
    app = screen.opened("Catalog", catalog=shops.CATALOG)
    app.text_input(key="queries-path").set_value(str(photos))
    app.text_input(key="queries-name").set_value("again")
    app.text_input(key="queries-image-column").set_value("shot")
    next(button for button in app.button if button.label == "Add query set").click()
    screen.ran(app.run())
    assert [screen.read(one.value) for one in app.error] == []
    assert "again" in query_sets(open_store(shops.CATALOG))


@pytest.mark.usefixtures("photos")
@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"protocol": "query-set:nosuch"}, "has no query set 'nosuch'. Its query sets: photos. Leave-one-out is used."),
        ({"protocol": "query-set:"}, "There is no protocol 'query-set:'; leave-one-out is used."),
        ({**HERE, "query": "1001"}, "'1001' is an item of the catalog; a query of the query set is shown."),
        ({**HERE, "query": "photos/9"}, "has no item 'photos/9'; another is shown."),
        ({**HERE, "methods": "histogram,resnet18"}, "ResNet-18 has not encoded this query set yet."),
        ({"query": "photos/1.png"}, "has no item 'photos/1.png'; another is shown."),
    ],
)
def test_links_that_mean_nothing_here_say_so(params: dict[str, str], sentence: str) -> None:
    app = screen.opened(**{"catalog": shops.CATALOG} | params)
    [said] = screen.complaints(app)
    assert sentence in said
    assert screen.results(app, "histogram")


@pytest.mark.usefixtures("photos")
def test_table_1_says_what_is_relevant_and_what_was_left_out() -> None:
    app = screen.opened("Metrics", **HERE)
    evaluation = Evaluation.of(open_store(shops.CATALOG), ["histogram"], PHOTOS)
    [row, *_] = screen.table(app, "table-1")
    precision = evaluation.figures_of("histogram")["precision"].macro.value
    assert row["Method"] == "RGB histogram"
    assert row["Precision@5"].startswith(f"{precision:.2f}".lstrip("0"))
    told = screen.read(" ".join(caption.value for caption in app.caption))
    assert "Query set photos, relevant: same style group" in told
    assert "3 queries" in told
    assert "1 picture left out: 1 × style group that the catalog lacks" in told
    assert any("Not encoded by ResNet-18" in screen.read(info.value) for info in app.info)
    assert "The paper" not in str(screen.table(app, "table-1"))
    assert any("What do pictures from outside cost?" in one.value for one in app.header)
    assert any("for the catalog’s own pictures" in screen.read(one.value) for one in app.markdown)


@pytest.mark.usefixtures("photos")
@pytest.mark.parametrize(
    ("page", "view"),
    [
        *(("Metrics", view) for view in ("breakdown", "confusion", "robustness", "reliability", "map", "report")),
        ("Methods", ""),
        ("Methods", "tables"),
        ("Failures", ""),
        ("Failures", "suspects"),
        ("Failures", "verdicts"),
        ("Catalog", ""),
    ],
)
def test_every_view_opens_under_it(page: str, view: str) -> None:
    app = screen.opened(page, **HERE | ({"view": view} if view else {}))
    assert [one.value for one in app.error] == []
    assert screen.complaints(app) == []


@pytest.mark.usefixtures("photos")
def test_breakdowns_are_of_its_queries() -> None:
    app = screen.opened("Metrics", **HERE, view="breakdown")
    rows = screen.table(app, "parts")
    assert {row["Style group"]: row["Queries"] for row in rows} == {" · ".join(labels): 1 for labels in GROUPS}
    catalog = open_store(shops.CATALOG).catalog
    sizes = {group.title: len(group.rows) for group in catalog.groups}
    assert all(row["Images"] == sizes[row["Style group"]] for row in rows)


@pytest.mark.usefixtures("photos")
def test_a_verdict_counts_for_it_and_for_nothing_else() -> None:
    together = under(open_store(shops.CATALOG), PHOTOS)
    n, items = together.catalog.n_items, together.catalog.items
    other = next(row for row in range(n) if items[row].labels != items[n].labels)
    before = Evaluation.of(together, ["histogram"], PHOTOS).rankings_of("histogram")
    open_verdicts(shops.CATALOG).accept(items[n].id, items[other].id, "histogram")
    app = screen.opened("Metrics", **HERE, verdicts="1")
    told = " ".join(caption.value for caption in app.caption)
    assert "1 pair accepted" in told.replace("(", "")
    own = screen.opened("Metrics", catalog=shops.CATALOG, verdicts="1")
    assert "accepted" not in " ".join(caption.value for caption in own.caption)
    assert before.totals.tolist() == [
        len(g.rows) for g in open_store(shops.CATALOG).catalog.groups if g.labels in GROUPS
    ]


@pytest.mark.usefixtures("trial")
def test_one_is_added_and_removed_on_the_catalog_page(tmp_path: Path) -> None:
    names = [f"caps_blue_casual/{HOSTILE.replace('/', ' ')} {n}.png" for n in range(3)]
    source = write_folder(tmp_path / "mine", {name: encoded(noise(n)) for n, name in enumerate(names)})
    app = screen.opened("Catalog", catalog=shops.CATALOG)

    def add(path: str, name: str = "") -> screen.AppTest:
        app.text_input(key="queries-path").set_value(path)
        app.text_input(key="queries-name").set_value(name)
        next(button for button in app.button if button.label == "Add query set").click()
        return screen.ran(app.run())

    add("")
    assert [screen.read(one.value) for one in app.error] == ["Enter a path."]
    add(str(tmp_path / "nowhere"))
    assert "nowhere" in screen.read(app.error[0].value)
    add(str(source), "mine")
    assert [screen.read(one.value) for one in app.error] == []
    assert screen.read(app.success[0].value).startswith("“mine”: 3 queries of 3 rows.")
    assert list(query_sets(open_store(shops.CATALOG))) == ["mine"]
    assert screen.linked(app, "Search") == [{"catalog": shops.CATALOG, "protocol": "query-set:mine"}]
    assert "its vectors and evaluations, not its pictures" in " ".join(one.value for one in app.markdown)
    screen.ran(app.button(key="remove-queries-mine").click().run())
    assert query_sets(open_store(shops.CATALOG)) == {}
    assert len(list(source.rglob("*.png"))) == 3


def test_one_that_cannot_be_asked_leaves_the_other_protocols(photos: Path) -> None:
    """It is damaged, or the catalog, built again, has none of its style groups."""
    folder = open_queries(open_store(shops.CATALOG), "photos").folder
    sound = (folder / MANIFEST).read_bytes()
    (folder / MANIFEST).write_text("{")
    for page in ("", "Metrics"):
        app = screen.opened(page, **HERE)
        assert any("is damaged" in told and "Leave-one-out is used." in told for told in screen.complaints(app))
        assert app.radio(key="protocol").value == Protocol.LEAVE_ONE_OUT
    (folder / MANIFEST).write_bytes(sound)
    photos.write_bytes(table([["3.png", "none", "Gloves", "Red", "Casual"]], COLUMNS))
    add_queries(shops.CATALOG, photos, methods=["histogram"])
    for page in ("", "Metrics"):
        [told] = screen.complaints(screen.opened(page, **HERE))
        assert told.endswith("answers the query set “photos” now. Leave-one-out is used.")
