import re

import pytest

from fashion_search.encoders import (
    ENCODERS,
    ORDERS,
    RERANKED,
    base_method,
    encoder_spec,
    order_name,
    order_of,
    reranked,
)
from fashion_search.encoders.orders import SLIDER
from fashion_search.errors import UnknownNameError


@pytest.mark.parametrize("method", ENCODERS)
@pytest.mark.parametrize("order", [*ORDERS, "varied-3"])
def test_a_reranked_method_is_a_method_of_its_own(method: str, order: str) -> None:
    name = reranked(method, order)
    spec, plain = encoder_spec(name), ENCODERS[method]
    assert (spec.name, base_method(name), order_name(name)) == (name, method, order)
    assert spec.title.startswith(f"{plain.title}, re-ranked (")
    assert re.search(r"Labels count \d+%, similarity \d+%\.$", spec.summary)
    assert spec.parts == plain.parts
    assert spec.fingerprint is plain.fingerprint
    assert spec.colour != plain.colour
    assert re.fullmatch("#[0-9a-f]{6}", spec.colour)


def test_titles_and_colours_differ() -> None:
    every = [encoder_spec(reranked(method, order)) for method in ENCODERS for order in ("", *ORDERS)]
    assert len({spec.title for spec in every}) == len({spec.colour for spec in every}) == len(every)


@pytest.mark.parametrize("name", ["fashion~", "fashion~best", "fashion~varied-1", "fashion~varied-10", "fashion~a~b"])
def test_an_order_that_there_is_not(name: str) -> None:
    with pytest.raises(UnknownNameError, match=r"names no order of results\. The orders are light, balanced, strong"):
        encoder_spec(name)


def test_a_method_that_there_is_not_has_no_orders() -> None:
    with pytest.raises(UnknownNameError, match="no method 'gist'"):
        encoder_spec("gist~style")


def test_the_slider_goes_from_similar_to_same_style() -> None:
    stops = [ORDERS[name] for name in SLIDER]
    assert [one.share for one in stops] == sorted(one.share for one in stops)
    firsts = [one.first for one in stops[1:]]
    assert firsts == sorted(firsts, reverse=True)
    assert set(RERANKED) <= set(ORDERS)


def test_varied_takes_a_number() -> None:
    assert [order_of(f"fashion~{name}").most for name in ("varied", "varied-2", "varied-9")] == [1, 2, 9]
