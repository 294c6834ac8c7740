import numpy as np
import pytest

from fashion_search.labels.prediction import Predicted, predicted, sentence
from tests.labels.shop import COLUMNS, shop

CATALOG = shop().catalog


def test_a_value_is_as_probable_as_its_style_groups_together() -> None:
    shares = np.arange(1, len(CATALOG.groups) + 1, dtype=np.float64)
    shares /= shares.sum()
    found = predicted(CATALOG, shares)
    assert [one.column for one in found] == list(COLUMNS)
    for place, one in enumerate(found):
        of_values = dict(one.values)
        for value, probability in of_values.items():
            pairs = zip(CATALOG.groups, shares, strict=True)
            assert probability == pytest.approx(sum(share for group, share in pairs if group.labels[place] == value))
        assert list(of_values.values()) == sorted(of_values.values(), reverse=True)
        assert sum(of_values.values()) == pytest.approx(1)


def test_where_nothing_is_probable_nothing_is_said() -> None:
    assert predicted(CATALOG, np.zeros(len(CATALOG.groups))) == ()


def test_the_sentence_names_a_second_value_only_where_the_first_is_unsure() -> None:
    told = [
        Predicted("article_type", (("Jackets", 0.92), ("Coats", 0.08))),
        Predicted("base_colour", (("Navy Blue", 0.64), ("Black", 0.21), ("", 0.15))),
        Predicted("usage", (("", 0.71), ("Sports", 0.1))),
    ]
    assert sentence(told) == "Jackets 92% · Navy Blue 64% (Black 21%) · (blank) 71%"
