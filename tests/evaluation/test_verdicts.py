import numpy as np
import pytest

from fashion_search.catalog import Catalog
from fashion_search.catalog.relevance import NO_VERDICTS
from fashion_search.evaluation.verdicts import Verdict, VerdictKind, accepted_by_method, apply, favours
from tests import samples

TIME = "2026-01-31T09:30:00.000+00:00"


def acceptable(item: str, other: str, method: str = "") -> Verdict:
    return Verdict(VerdictKind.ACCEPTABLE, item, other, method, TIME)


def wrong(item: str) -> Verdict:
    return Verdict(VerdictKind.WRONG_LABEL, item, "", "", TIME)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ((VerdictKind.ACCEPTABLE, "1", "1"), "both are '1'"),
        ((VerdictKind.ACCEPTABLE, "1", ""), "needs a second item"),
        ((VerdictKind.ACCEPTABLE, "", "1"), "there is no item"),
        ((VerdictKind.WRONG_LABEL, "1", "2"), "concerns one item"),
    ],
)
def test_a_verdict_that_contradicts_itself_is_refused(fields: tuple[VerdictKind, str, str], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Verdict(*fields, "", TIME)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-01-31", "2026-01-31T09:30:00", "0001-01-01T00:00:00+23:00"])
def test_a_time_without_its_offset_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time such as"):
        Verdict(VerdictKind.WRONG_LABEL, "1", "", "", text)


def test_times_are_kept_in_utc() -> None:
    assert Verdict(VerdictKind.WRONG_LABEL, "1", "", "", "2026-01-31T10:30:00+01:00").given == TIME


def naive_apply(verdicts: list[Verdict], catalog: Catalog) -> tuple[list[list[int]], list[int]]:
    ids = [item.id for item in catalog.items]
    removed = [
        row
        for row, item in enumerate(ids)
        if any(v.kind is VerdictKind.WRONG_LABEL and v.item == item for v in verdicts)
    ]
    pairs = [
        [first, second]
        for first in range(len(ids))
        for second in range(first + 1, len(ids))
        if catalog.items[first].labels != catalog.items[second].labels
        and not {first, second} & set(removed)
        and any(v.kind is VerdictKind.ACCEPTABLE and {v.item, v.other} == {ids[first], ids[second]} for v in verdicts)
    ]
    return pairs, removed


def test_applied_against_a_naive_version() -> None:
    catalog = samples.catalog([4, 5, 6])
    generator = np.random.default_rng(0)
    drawn = [generator.choice(18, 2, replace=False) for _ in range(60)]  # ids 15 to 17: not in the catalog
    verdicts = [acceptable(str(first), str(second)) for first, second in drawn] + [wrong("12"), wrong("2"), wrong("17")]
    applied = apply([*verdicts, *verdicts], catalog)
    pairs, removed = naive_apply(verdicts, catalog)
    assert len(pairs) > 10
    assert applied.pairs.tolist() == pairs
    assert applied.removed.tolist() == removed == [2, 12]
    assert (applied.pairs.dtype, applied.removed.dtype) == (np.intp, np.intp)


def test_the_digest_tells_what_is_applied() -> None:
    catalog = samples.catalog([1, 1, 1, 1])
    a, b = acceptable("0", "1"), acceptable("2", "3")
    digests = [
        apply(verdicts, catalog).digest
        for verdicts in ([], [wrong("no such")], [a], [a, b], [b, a], [wrong("0")], [wrong("0"), wrong("1")])
    ]
    assert digests[0] == digests[1] == NO_VERDICTS.digest == ""
    assert digests[3] == digests[4]
    assert len(set(digests[2:])) == 4  # that of [a] and that of two removed rows are of the same numbers
    assert all(len(digest) == 64 for digest in digests[2:])
    assert apply([], catalog).pairs.shape == NO_VERDICTS.pairs.shape == (0, 2)


def test_verdicts_on_one_methods_results_favour_it() -> None:
    marked = Verdict(VerdictKind.WRONG_LABEL, "9", "", "histogram", TIME)
    one = [acceptable("1", "2", "resnet18"), acceptable("1", "3", "resnet18"), acceptable("4", "5"), marked]
    assert favours(one) == "resnet18"
    both = [acceptable("6", "7", "histogram"), *one]
    assert favours(both) is None
    assert list(accepted_by_method(both).items()) == [("resnet18", 2), ("histogram", 1)]
    assert favours([acceptable("4", "5"), marked]) is None
    assert favours([]) is None


@pytest.mark.parametrize(("of_resnet", "favoured"), [(3, None), (4, "resnet18")])
def test_four_fifths_under_one_method_favour_it(of_resnet: int, favoured: str | None) -> None:
    under_resnet = [acceptable("1", str(10 + number), "resnet18") for number in range(of_resnet)]
    assert favours([acceptable("1", "2", "histogram"), *under_resnet]) == favoured
