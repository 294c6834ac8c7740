"""A result enlarged, and why the method finds it alike."""

import re
from pathlib import Path

import pytest

from tests.app import screen, shops, truth


def asked(app: screen.AppTest, method: str, place: int = 0) -> screen.AppTest:
    """Open a result and ask why."""
    app.button(key=f"why-{method}-{place}").click().run()
    app.toggle(key="why-asked").set_value(True)
    return screen.ran(app.button(key=f"why-{method}-{place}").click().run())


@pytest.mark.usefixtures("trial")
def test_a_result_is_enlarged_beside_the_query() -> None:
    app = screen.opened(catalog=shops.CATALOG, query="1030")
    first = screen.results(app, "histogram")[0]
    screen.ran(app.button(key="why-histogram-0").click().run())

    captions = [caption.value for caption in app.caption]
    assert any(re.fullmatch(rf"Result · similarity {first.score:.3f}\d under RGB histogram", text) for text in captions)
    assert "Query" in captions


def test_a_result_says_where_the_first_method_has_it_and_what_its_method_is(trial: Path) -> None:
    app = screen.opened(catalog=shops.CATALOG, query="1030")
    [then] = re.findall(r'title="rank (\d+) under ResNet-18">', screen.results(app, "histogram")[2].html)
    screen.ran(app.button(key="why-histogram-2").click().run())

    captions = [screen.read(caption.value) for caption in app.caption]
    assert f"Rank 3 of {len(truth.labels(trial)) - 1} · rank {then} under ResNet-18" in captions
    assert any(text.startswith("RGB histogram: Compares") and text.endswith("Weights: none.") for text in captions)


@pytest.mark.usefixtures("trial", "weights")
def test_the_regions_of_both_pictures_add_up_to_the_similarity() -> None:
    app = screen.opened(catalog=shops.CATALOG, query="1030")
    score = screen.results(app, "resnet18")[1].score
    app = asked(app, "resnet18", place=1)

    said = "\n".join(caption.value for caption in app.caption)
    sums = [float(number) for number in re.findall(r"its 49 regions add up to (\d\.\d+)", said)]
    in_library = float(re.search(r"Similarity in the library: (\d\.\d+)", said)[1])  # type: ignore[index]
    assert len(sums) == 2
    assert all(abs(one - in_library) <= 1e-4 for one in sums)
    assert round(in_library, 3) == pytest.approx(score, abs=1.1e-3)
    assert "The sums agree with it to within 1e-04." in said


@pytest.mark.usefixtures("trial")
def test_shared_colours_are_swatches_whose_shares_and_rest_make_the_whole() -> None:
    app = asked(screen.opened(catalog=shops.CATALOG, query="1072"), "histogram")

    swatches = next(html.value for html in app.get("html") if "fs-swatch" in html.value and "<style" not in html.value)
    shares = [float(share) for share in re.findall(r"([\d.]+)%<", swatches)]
    rest = float(re.search(r"together: ([\d.]+)%", "".join(c.value for c in app.caption))[1])  # type: ignore[index]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) + rest == pytest.approx(100, abs=0.1 * (len(shares) + 1))


@pytest.mark.usefixtures("trial")
def test_without_the_librarys_weights_that_is_said_and_the_pictures_are_shown() -> None:
    app = asked(screen.opened(catalog=shops.CATALOG, query="1030"), "resnet18")

    assert len(app.info) == 1
    assert "not on this machine" in screen.read(app.info[0].value)
    assert app.button(key="download-resnet18").label == "Download the weights"
    assert "Query" in [caption.value for caption in app.caption]


def test_an_original_that_is_gone_is_said_and_the_small_picture_is_shown(
    trial: Path, shop_folder: Path, tmp_path: Path
) -> None:
    moved = shop_folder.rename(tmp_path / "moved")
    try:
        app = screen.opened(catalog=shops.CATALOG, query="1030")
        screen.ran(app.button(key="why-histogram-0").click().run())
    finally:
        moved.rename(shop_folder)

    assert len(app.warning) == 1
    assert "Only the small picture can be shown" in screen.read(app.warning[0].value)
    assert app.toggle(key="why-asked").disabled
    assert len(screen.results(app, "histogram")) == 5


@pytest.mark.usefixtures("no_network")
def test_fashion_explains_itself_by_the_regions_of_both_pictures() -> None:
    app = asked(screen.opened(methods="fashion"), "fashion")

    said = "\n".join(caption.value for caption in app.caption)
    sums = [float(number) for number in re.findall(r"its \d+ regions add up to (\d\.\d+)", said)]
    in_library = float(re.search(r"Similarity in the library: (\d\.\d+)", said)[1])  # type: ignore[index]
    assert sums == pytest.approx([in_library] * 2, abs=1.01e-4)
    assert "The sums agree with it to within 1e-04." in said


@pytest.mark.usefixtures("trial", "weights")
def test_a_fusion_is_explained_by_both_its_parts_whose_shares_make_the_whole() -> None:
    app = screen.opened(catalog=shops.CATALOG, query="1030", methods="fusion")
    score = screen.results(app, "fusion")[0].score
    app = asked(app, "fusion")

    said = "\n".join(text.value for text in app.markdown)
    parts = re.findall(r"\*\*(.+?): ([\d.]+)% of the similarity\*\* \((\d\.\d+)\)", said)
    assert [title for title, _, _ in parts] == ["ResNet-18", "Colours other than white"]
    assert sum(float(share) for _, share, _ in parts) == pytest.approx(100, abs=0.11)
    assert sum(float(part) for _, _, part in parts) == pytest.approx(score, abs=1.1e-3)
    captions = "\n".join(caption.value for caption in app.caption)
    sums = [float(number) for number in re.findall(r"its 49 regions add up to (\d\.\d+)", captions)]
    assert sums == pytest.approx([float(parts[0][2])] * 2, abs=2e-4)
    assert f"share of this part {parts[1][2]}" in said
    assert "The sums agree with it to within 1e-04." in captions
