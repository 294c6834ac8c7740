"""The second paper's tables: means by method, class and parent class, and what it prints."""

from pathlib import Path

import pytest

from fashion_search.errors import SourceError
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.second_paper import PRINTED, SHOWN, of_classes, of_methods, read_parents
from fashion_search.store import Store
from tests import samples

CLASSES = ["Caps", "Shirts"]


@pytest.fixture
def evaluation(built: Store) -> Evaluation:
    return Evaluation.of(built, ["histogram"])


def test_the_line_of_a_method_is_its_figures(evaluation: Evaluation) -> None:
    [line] = of_methods(evaluation).values()
    figures = evaluation.figures_of("histogram")
    assert line.figures == pytest.approx({name: figures[name].macro.value for name in SHOWN})
    assert line.queries == 15


def test_classes_and_parents_add_up_to_the_whole(evaluation: Evaluation) -> None:
    [whole] = of_methods(evaluation).values()
    classes = of_classes(evaluation, "histogram", "article_type", {})
    assert [(line.title, line.queries) for line in classes] == [("Caps", 6), ("Shirts", 9)]
    for name in SHOWN:
        mean = sum(line.figures[name] * line.queries for line in classes) / 15
        assert mean == pytest.approx(whole.figures[name])
    [everything] = of_classes(evaluation, "histogram", "article_type", dict.fromkeys(CLASSES, "Clothes"))
    assert everything.figures == pytest.approx(whole.figures)
    some = of_classes(evaluation, "histogram", "article_type", {"Caps": "Headwear"})
    assert [(line.title, line.queries) for line in some] == [("Headwear", 6), ("no parent", 9)]
    assert some[0].figures == classes[0].figures


def test_parents_are_read_by_class_or_from_a_table_of_items(shop: Path) -> None:
    assert read_parents(b"class,parent\nCaps,Headwear\nTies,Other\n", "article_type", CLASSES) == {"Caps": "Headwear"}
    table = (shop / "styles.csv").read_bytes()
    found = read_parents(table, "article_type", CLASSES, "masterCategory")
    assert found == {"Caps": "Apparel", "Shirts": "Apparel"}
    assert read_parents(table, "article_type", CLASSES, "subCategory")["Caps"] == "Topwear"
    most = samples.table([["Caps", "A"], ["Caps", "B"], ["Caps", "B"]], ("class", "parent"))
    assert read_parents(most, "article_type", CLASSES) == {"Caps": "B"}


def test_parent_classes_of_folders() -> None:
    data = b"class,parent\nceiling_fan,Appliances\nFaces,Nature\nFaces_easy,Animals\n"
    classes = ["Faces", "Faces easy", "ceiling fan"]
    assert read_parents(data, "category", classes) == {
        "Faces": "Nature",
        "Faces easy": "Animals",
        "ceiling fan": "Appliances",
    }
    both = data + b"ceiling fan,Furniture\n"
    assert read_parents(both, "category", classes)["ceiling fan"] == "Furniture"


@pytest.mark.parametrize(
    ("data", "of", "said"),
    [
        (b"class,parent\n", "", "needs a header and lines of two columns"),
        (b"class\nCaps\n", "", "needs a header and lines of two columns"),
        (b"class,parent\nHats,A\n", "", "names none of the 2 values of article_type, such as 'Caps', 'Shirts'"),
        (b"class,parent\nCaps,A\n", "above", "has no column 'above'; it has class, parent"),
        (b"class,parent\nCaps,\xff\n", "", "cannot be read as CSV in UTF-8"),
    ],
)
def test_a_file_that_is_of_no_use_is_refused(data: bytes, of: str, said: str) -> None:
    with pytest.raises(SourceError, match=said):
        read_parents(data, "article_type", CLASSES, of)


def test_what_is_printed_is_what_the_paper_says_of_itself() -> None:
    """Recall is 1 everywhere; Table 2 equals Table 1; Table 6 differs from it in one line."""
    assert {float(figures[1]) for _, lines in PRINTED.values() for figures in lines.values()} == {1.0}
    assert PRINTED[1][1] == PRINTED[2][1]
    assert [name for name, figures in PRINTED[6][1].items() if figures != PRINTED[1][1][name]] == ["ResNet"]
    assert [len(lines) for _, lines in PRINTED.values()] == [6, 6, 8, 8, 8, 6]
