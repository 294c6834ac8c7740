from pathlib import Path

import numpy as np
import pytest

from fashion_search.catalog import PROTOCOLS, Protocol, Split, draw_split
from fashion_search.catalog.relevance import Applied
from fashion_search.errors import SourceError
from fashion_search.evaluation.mismatches import (
    SHADES,
    Lenience,
    kinds,
    leniences,
    lenient_hit,
    lenient_precision,
    mismatches,
    read_shades,
    shares,
)
from fashion_search.evaluation.rankings import Rankings, rank
from tests import samples

NO_SHADES: tuple[frozenset[str], ...] = ()
LABELS = [
    ("Caps", "Blue", "Casual"),  # the query
    ("Caps", "Blue", "Casual"),
    ("Belts", "Blue", "Casual"),
    ("Caps", "Navy Blue", "Casual"),
    ("Belts", "Red", "Casual"),
    ("Caps", "Blue", "Formal"),
    ("Belts", "Blue", "Formal"),
    ("Caps", "Red", "Formal"),
    ("Belts", "Navy Blue", "Formal"),
]
CATALOG = samples.labelled(LABELS)
LINE = samples.on_a_line(CATALOG, [0.1 * row for row in range(len(LABELS))])


def asked(*rows: int, verdicts: Applied | None = None) -> Rankings:
    """Rankings of these queries, whose galleries are all others; depth 10, one more than there are items."""
    split = Split(Protocol.LEAVE_ONE_OUT, 0, np.array(rows), np.ones(len(LABELS), dtype=bool))
    return rank(LINE, split, verdicts, 10) if verdicts else rank(LINE, split, depth=10)


# Kinds -----------------------------------------------------------------------------------------------------------


def test_three_columns_have_seven_kinds() -> None:
    assert [(kind.code, kind.id, kind.label) for kind in kinds(samples.COLUMNS)] == [
        (1, "article_type", "Article type"),
        (2, "base_colour", "Base colour"),
        (4, "usage", "Usage"),
        (3, "article_type+base_colour", "Article type and base colour"),
        (5, "article_type+usage", "Article type and usage"),
        (6, "base_colour+usage", "Base colour and usage"),
        (7, "article_type+base_colour+usage", "Article type, base colour and usage"),
    ]


def test_one_column_has_one_kind() -> None:
    assert [(kind.code, kind.label) for kind in kinds(["group"])] == [(1, "Group")]


@pytest.mark.parametrize("n", [1, 2, 3, 4, 6])
def test_every_set_of_columns_is_a_kind(n: int) -> None:
    found = kinds([f"column_{place}" for place in range(n)])
    assert sorted(kind.code for kind in found) == list(range(1, 2**n))
    assert all(sum(1 << int(name[-1]) for name in kind.columns) == kind.code for kind in found)


def test_mismatches_by_hand() -> None:
    assert mismatches(CATALOG, asked(0), 10).tolist() == [[0, 1, 2, 3, 4, 5, 6, 7, -1, -1]]
    assert mismatches(CATALOG, asked(0, 1), 3).tolist() == [[0, 1, 2], [0, 1, 2]]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_against_a_naive_version(protocol: Protocol) -> None:
    made = samples.mixed_catalog(60)
    rankings = rank(samples.library_of(made), draw_split(made, protocol))
    for query, rows, codes in zip(rankings.queries, rankings.rows, mismatches(made, rankings, 50), strict=True):
        for row, code in zip(rows, codes, strict=True):
            wanted, found = made.items[query].labels, made.items[row].labels
            expected = sum(1 << place for place in range(3) if wanted[place] != found[place])
            assert code == (expected if row >= 0 else -1)


def test_a_pair_that_was_accepted_is_no_mismatch() -> None:
    accepted = Applied(np.array([[0, 3]]), np.array([], dtype=np.intp))
    assert mismatches(CATALOG, asked(0, verdicts=accepted), 4).tolist() == [[0, 1, 0, 3]]


def test_shares_are_of_the_results_that_there_are() -> None:
    assert shares(CATALOG, asked(0), 10) == dict.fromkeys(range(8), 1 / 8)
    assert shares(CATALOG, asked(0, 1), 2) == {0: 1 / 2, 1: 1 / 2}


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("k", [1, 5, 50])
def test_shares_add_up_to_one(protocol: Protocol, k: int) -> None:
    made = samples.mixed_catalog(60)
    rankings = rank(samples.library_of(made), draw_split(made, protocol))
    found = shares(made, rankings, k)
    assert sum(found.values()) == pytest.approx(1, abs=1e-12)
    assert found[0] == pytest.approx(rankings.relevant[:, :k].sum() / (rankings.rows[:, :k] >= 0).sum())
    assert set(found) <= {0, *(kind.code for kind in kinds(made.columns))}


def test_without_queries_there_are_no_shares() -> None:
    made = samples.catalog([1, 1])
    rankings = rank(samples.library_of(made), draw_split(made, Protocol.LEAVE_ONE_OUT))
    assert shares(made, rankings, 5) == {}


def test_with_one_column_a_result_is_right_or_wrong() -> None:
    made = samples.catalog([4, 5])
    rankings = rank(samples.library_of(made), draw_split(made, Protocol.LEAVE_ONE_OUT))
    precision = rankings.relevant[:, :5].mean()
    assert shares(made, rankings, 5) == pytest.approx({0: precision, 1: 1 - precision})


# Lenience --------------------------------------------------------------------------------------------------------


def right(lenience: Lenience, rankings: Rankings) -> list[int]:
    """Rows of the first query's results that count as right."""
    per_rank = [lenient_precision(lenience, rankings, k)[0] * k for k in range(1, 10)]
    return [int(rankings.rows[0, place]) for place, more in enumerate(np.diff([0, *per_rank])) if more > 0.5]


def test_leniences_of_the_papers_columns_by_hand() -> None:
    found = {one.label: right(one, asked(0)) for one in leniences(CATALOG, read_shades())}
    assert found == {
        "Same style group (strict)": [1],
        "Same style group, neighbouring shades counted as one": [1, 3],
        "Same article type and base colour": [1, 5],
        "Same article type": [1, 3, 5, 7],
    }
    assert next(iter(found)) == "Same style group (strict)"


@pytest.mark.parametrize("k", [1, 3, 5, 9, 10])
def test_strictly_they_are_the_ordinary_scores(k: int) -> None:
    strict = leniences(CATALOG, NO_SHADES)[0]
    rankings = asked(0, 1)
    np.testing.assert_array_equal(lenient_precision(strict, rankings, k), rankings.relevant[:, :k].mean(axis=1))
    np.testing.assert_array_equal(lenient_hit(strict, rankings, k), rankings.relevant[:, :k].any(axis=1))


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_looser_is_never_lower(protocol: Protocol) -> None:
    made = samples.mixed_catalog(60)
    rankings = rank(samples.library_of(made), draw_split(made, protocol))
    strict, *looser = leniences(made, read_shades())
    for score in (lenient_precision, lenient_hit):
        for one in looser:
            assert (score(one, rankings, 5) >= score(strict, rankings, 5)).all()
        assert score(looser[0], rankings, 5).mean() > score(strict, rankings, 5).mean()
    assert (lenient_precision(looser[-1], rankings, 50) <= 1).all()


def test_places_without_a_result_are_never_right() -> None:
    anything = Lenience("Anything", np.zeros((len(LABELS), 1), dtype=np.intp))
    assert lenient_precision(anything, asked(0), 10).tolist() == [8 / 10]


def test_a_pair_that_was_accepted_stays_right() -> None:
    accepted = Applied(np.array([[0, 4]]), np.array([], dtype=np.intp))
    for lenience in leniences(CATALOG, read_shades()):
        assert 4 in right(lenience, asked(0, verdicts=accepted))


@pytest.mark.parametrize(
    ("columns", "labels"),
    [
        (("group",), ["Same style group (strict)"]),
        (("colour",), ["Same style group (strict)", "Same style group, neighbouring shades counted as one"]),
        (("kind", "usage"), ["Same style group (strict)", "Same kind"]),
        (
            ("shade", "brand"),
            ["Same style group (strict)", "Same style group, neighbouring shades counted as one", "Same shade"],
        ),
    ],
)
def test_leniences_of_other_columns(columns: tuple[str, ...], labels: list[str]) -> None:
    made = samples.labelled([("x",) * len(columns)] * 3, columns)
    assert [one.label for one in leniences(made, NO_SHADES)] == labels


@pytest.mark.parametrize("column", ["colour", "base_colour", "color", "main_color", "shade"])
def test_a_colour_column_is_known_by_its_name(column: str) -> None:
    made = samples.labelled(
        [("blue", "x"), ("NAVY BLUE", "x"), ("Red", "x"), ("red", "x"), ("", "x")], (column, "type")
    )
    codes = leniences(made, (frozenset({"blue", "navy blue"}),))[1].codes
    assert codes[0].tolist() == codes[1].tolist()
    assert len({tuple(row) for row in codes.tolist()}) == 4  # only what a family names is merged


# Shades ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Blue", "Navy Blue", True),
        ("Grey", "Charcoal", True),
        ("Off White", "Cream", True),
        ("Blue", "Turquoise Blue", False),
        ("Black", "Charcoal", False),
        ("Green", "Fluorescent Green", False),
    ],
)
def test_shipped_families(one: str, other: str, same: bool) -> None:
    family_of = {name: family for family in read_shades() for name in family}
    assert (other.casefold() in family_of.get(one.casefold(), ())) is same


def test_the_shipped_file_has_families_of_several_colours() -> None:
    assert all(len(family) > 1 for family in read_shades(SHADES))


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "shades.txt"
    path.write_bytes("\ufeffBlue ,  NAVY blue,\n\n# a remark\nGrün, Olive # another\n  ,, \n".encode())
    assert read_shades(path) == (frozenset({"blue", "navy blue"}), frozenset({"grün", "olive"}))


def test_an_empty_file_has_no_families(tmp_path: Path) -> None:
    path = tmp_path / "shades.txt"
    path.write_text("# nothing\n")
    assert read_shades(path) == ()


def test_a_colour_in_two_lines_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "shades.txt"
    path.write_text("# remark\nBlue, Navy\n\nTeal, BLUE\n")
    with pytest.raises(SourceError, match=r"shades\.txt, line 4: “blue” is already in line 2; keep one\."):
        read_shades(path)


@pytest.mark.parametrize("content", [None, b"Blue, Gr\xfcn\n"], ids=["missing", "not UTF-8"])
def test_what_cannot_be_read_is_said(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "shades.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceError, match=r"shades\.txt cannot be read"):
        read_shades(path)
