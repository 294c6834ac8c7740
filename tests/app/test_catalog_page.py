"""The Catalog page: what is in a catalog, what is not and why, browsing, and adding another."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from fashion_search.build.status import LOCK, Status, write_status
from fashion_search.catalog.request import Request
from fashion_search.store import Store
from tests import samples
from tests.app import screen, shops, truth
from tests.app.steps import wait_for_build
from tests.builds import build


def test_its_numbers_are_those_of_the_catalog(trial: Path, shop_folder: Path) -> None:
    app = screen.opened("Catalog", catalog=shops.CATALOG)
    right = truth.labels(trial)
    groups = set(right.values())

    assert {metric.label: metric.value for metric in app.metric} == {
        "Images": str(len(right)),
        "Style groups": str(len(groups)),
        "Images per group": f"{len(right) / len(groups):.2f}",
        "Rows left out": str(len(shops.labels(shop_folder)) - len(right)),
    }
    assert len(app.get("plotly_chart")) == 1


@pytest.mark.usefixtures("trial")
def test_what_was_left_out_is_counted_with_its_reason_and_listed_in_a_file() -> None:
    app = screen.opened("Catalog", catalog=shops.CATALOG)

    assert app.dataframe[0].value.to_dict("records") == [{"Reason": "no image", "Rows": 1}]
    assert app.get("download_button")[0].label == "List of all rows left out (CSV)"


def group_ids(app: screen.AppTest) -> list[str]:
    return [card.split('class="fs-name" title="')[1].split(')"')[0].rsplit("(", 1)[1] for card in group_html(app)]


def group_html(app: screen.AppTest) -> list[str]:
    return [html.value for html in app.get_by_key("cards-group").get("html")]


def test_browsing_shows_the_items_of_a_style_group_and_is_in_the_url(trial: Path) -> None:
    right = truth.labels(trial)
    app = screen.opened("Catalog", catalog=shops.CATALOG)
    screen.ran(app.selectbox(key="group").set_value("caps_blue_casual").run())

    assert group_ids(app) == [item for item, labels in right.items() if labels == ("Caps", "Blue", "Casual")]
    assert screen.url(app) == {"catalog": shops.CATALOG, "group": "caps_blue_casual"}
    assert group_ids(screen.opened("Catalog", **screen.url(app))) == group_ids(app)


@pytest.mark.usefixtures("trial")
def test_each_picture_of_a_group_is_a_query_one_click_away() -> None:
    app = screen.opened("Catalog", catalog=shops.CATALOG, group="caps_blue_casual")
    row = app.get_by_key("cards-group")
    queries = [link.proto.query_string for link in row.get("page_link")]

    assert queries == [f"catalog={shops.CATALOG}&query={item}" for item in group_ids(app)]


def checked(app: screen.AppTest, **fields: str) -> screen.AppTest:
    """Fill in the form's fields and let the path be checked."""
    for label, value in fields.items():
        next(one for one in app.text_input if one.label.startswith(label)).set_value(value)
    next(button for button in app.button if button.label == "Check").click()
    return screen.ran(app.run())


@pytest.mark.usefixtures("trial")
def test_a_path_that_is_no_source_is_refused_in_one_sentence(tmp_path: Path) -> None:
    no_zip = tmp_path / "not-an-archive.zip"
    no_zip.write_bytes(b"hello")
    empty = tmp_path / "empty"
    empty.mkdir()
    app = screen.opened("Catalog", catalog=shops.CATALOG)
    for path, words in (
        ("", "Enter a path."),
        (str(tmp_path / "nowhere"), "nowhere"),
        (str(no_zip), "not-an-archive.zip"),
        (str(empty), "empty"),
    ):
        app = checked(app, Path=path)
        assert len(app.error) == 1
        assert words in screen.read(app.error[0].value)
        assert not app.success


@pytest.mark.parametrize(("field", "value"), [("Images", "many"), ("Images", "1-4"), ("Group", "flavour")])
@pytest.mark.usefixtures("trial")
def test_options_that_make_no_sense_are_refused(shop_folder: Path, field: str, value: str) -> None:
    app = checked(screen.opened("Catalog", catalog=shops.CATALOG), Path=str(shop_folder), **{field: value})

    assert len(app.error) == 1
    assert not app.success


def test_adding_a_folder_builds_it_in_a_process_of_its_own(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "closet"
    for group, seeds in {"coats": (1, 2), "hats": (3, 4, 5)}.items():
        for seed in seeds:
            data = samples.encoded(samples.noise(seed))
            samples.write_folder(folder / group, {f"{group}-{seed}.png": data})
    app = screen.opened("Catalog")
    app.multiselect[0].set_value(["histogram"])
    app = checked(app, Path=str(folder), Name="My closet")

    assert [screen.read(text.value) for text in app.success] == [
        "5 rows: 5 images in 2 style groups by group; 0 rows left out."
    ]
    button = app.button(key="build-source")
    assert button.label == "Build “my-closet”"
    screen.ran(button.click().run())
    wait_for_build("my-closet")

    assert sorted(truth.labels(home / "my-closet").values()) == [("coats",)] * 2 + [("hats",)] * 3
    app = screen.opened("Catalog", catalog="my-closet")
    assert {metric.label: metric.value for metric in app.metric}["Images"] == "5"
    app = screen.opened(catalog="my-closet")
    assert screen.methods_shown(app) == ["histogram"]


@pytest.fixture
def small(home: Path, tmp_path: Path) -> Path:
    """A catalog with one column and one method: two groups of two pictures."""
    folder = tmp_path / "small"
    for seed, name in enumerate(("a/1.png", "a/2.png", "b/3.png", "b/4.png")):
        samples.write_folder(folder, {name: samples.encoded(samples.noise(seed, (40, 40)))})
    build(folder, methods=["histogram"])
    return home / "small"


def test_a_catalog_with_one_column_and_one_method_works_on_every_page(small: Path) -> None:
    app = screen.opened(catalog="small", methods="histogram")
    assert screen.complaints(app) == []
    cards = screen.results(app, "histogram")
    assert [card.item_id for card in cards] == truth.ranking(small, "histogram", screen.query_id(app))
    assert [len(card.labels) for card in cards] == [1, 1, 1]
    app.button(key="pick").click()
    screen.ran(app.run())
    assert [box.label for box in app.selectbox if (box.key or "").startswith("pick-")] == ["Group"]

    rows = screen.table(screen.opened("Metrics", catalog="small"), "table-1")
    assert [row["Method"] for row in rows][:3] == ["RGB histogram", "Chance", "Ceiling"]
    assert screen.opened("Failures", catalog="small").info
    assert len(screen.opened("Catalog", catalog="small").metric) == 4


def test_exact_copies_are_counted(small: Path, tmp_path: Path) -> None:
    captions = [one.value for one in screen.opened("Catalog", catalog="small").caption]
    assert not [one for one in captions if "copy" in one]

    (tmp_path / "small/a/2.png").write_bytes((tmp_path / "small/a/1.png").read_bytes())
    build(tmp_path / "small", methods=["histogram"])
    captions = [one.value for one in screen.opened("Catalog", catalog="small").caption]
    assert "2 images have an exact copy in the same style group." in captions


def test_what_an_earlier_version_built_can_be_brought_up_to_date(small: Path) -> None:
    assert not screen.opened("Catalog", catalog="small").info
    samples.as_earlier_version(Store(small))
    app = screen.opened("Catalog", catalog="small")
    assert "was built by an earlier version" in app.info[0].value
    assert "fashion_search" not in app.info[0].value  # a button, not a command
    assert screen.results(screen.opened(catalog="small", methods="histogram"), "histogram")

    app.button(key="outdated").click()
    app.run()
    wait_for_build("small")
    assert not screen.opened("Catalog", catalog="small").info


def test_a_catalog_is_removed_after_a_question(small: Path) -> None:
    assert not [one for one in screen.opened("Catalog").button if one.key == "remove-catalog"]  # the demo
    app = screen.opened("Catalog", catalog="small")
    assert any("“small” will be removed from this machine" in one.value for one in app.markdown)
    assert small.exists()

    screen.ran(app.button(key="remove-catalog").click().run())
    assert [one.value for one in app.success] == ["“small” was removed."]
    assert screen.complaints(app) == []
    assert app.selectbox(key="catalog").value == "demo"
    assert not small.exists()
    screen.ran(app.run())
    assert not app.success


def test_a_catalog_that_is_being_built_is_not_removed(small: Path) -> None:
    app = screen.opened("Catalog", catalog="small")
    with FileLock(small / LOCK):
        screen.ran(app.button(key="remove-catalog").click().run())
    assert [one.value for one in app.error] == ["“small” is being built. Wait until that is over."]
    assert small.exists()


def test_a_build_that_failed_is_dismissed(small: Path, home: Path) -> None:
    request = Request("/gone", "typo", ("histogram",))
    write_status(home / "typo", Status("failed", request, message="There is no file or folder /gone."))
    write_status(home / "cut", Status("running", replace(request, name="cut")))  # nobody holds its lock
    app = screen.opened("Catalog", catalog="small")
    assert [one.value for one in app.error] == ["The newest build of “typo” failed: There is no file or folder /gone."]
    assert "The build of “cut” was interrupted." in app.warning[0].value
    for name in ("typo", "cut"):
        screen.ran(app.button(key=f"dismiss-{name}").click().run())
    assert screen.complaints(app) == []
    assert sorted(path.name for path in home.iterdir()) == ["small"]


@pytest.mark.usefixtures("small")
def test_a_method_that_is_not_built_is_said() -> None:
    app = screen.opened(catalog="small", methods="histogram,resnet18")

    assert screen.complaints(app) == ["ResNet-18 is not built for “small” yet."]
    assert screen.methods_shown(app) == ["histogram"]


def test_a_catalog_that_was_removed_while_it_was_open_gives_the_demo(small: Path) -> None:
    app = screen.opened(catalog="small")
    shutil.rmtree(small)
    screen.ran(app.run())

    assert screen.complaints(app) == ["There is no catalog 'small' on this machine; the demo is shown."]
    assert app.selectbox(key="catalog").value == "demo"


@pytest.mark.usefixtures("trial")
def test_what_to_know_of_a_source_is_said_before_and_after_it_is_built(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "closet"
    for seed, name in enumerate(("Hats/1", "Hats/2", "hats/3", "hats/4")):
        samples.write_folder(folder, {f"{name}.png": samples.encoded(samples.noise(seed))})
    app = checked(screen.opened("Catalog", catalog=shops.CATALOG), Path=f'"{folder}"', Name="closet")
    told = "differ by upper and lower case alone are different groups: “Hats” and “hats”"
    assert len(app.warning) == 1
    assert told in screen.read(app.warning[0].value)

    build(folder, methods=["histogram"])
    assert told in screen.text(screen.opened("Catalog", catalog="closet"))


@pytest.mark.usefixtures("trial")
def test_a_message_of_the_page_names_no_flag_of_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "items.csv").write_text("photo,kind\n1.png,hat\n")
    app = checked(screen.opened("Catalog", catalog=shops.CATALOG), Path=str(tmp_path / "items.csv"))
    assert "Name the column of the pictures." in screen.read(app.error[0].value)
    assert "--" not in screen.read(app.error[0].value)
