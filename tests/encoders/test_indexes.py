import re

import pytest

from fashion_search.encoders import (
    ENCODERS,
    INDEXES,
    base_method,
    encoder_spec,
    index_name,
    index_of,
    indexed,
    is_method,
    order_name,
    reranked,
)
from fashion_search.errors import UnknownNameError
from fashion_search.evaluation.rankings import DEPTH
from fashion_search.index import ENGINES


@pytest.mark.parametrize("method", [*ENCODERS, "fashion+0.5*histogram"])
@pytest.mark.parametrize("index", INDEXES)
def test_a_method_under_an_index_is_a_method_of_its_own(method: str, index: str) -> None:
    name = indexed(method, index)
    spec, plain = encoder_spec(name), encoder_spec(method)
    assert (spec.name, base_method(name), index_name(name), order_name(name)) == (name, method, index, "")
    assert spec.title == f"{plain.title}, {INDEXES[index].title}"
    assert spec.summary.startswith(plain.summary)
    assert spec.parts == plain.parts
    assert re.fullmatch("#[0-9a-f]{6}", spec.colour)
    assert spec.colour != plain.colour


def test_titles_and_colours_differ() -> None:
    every = [encoder_spec(indexed(method, index)) for method in ENCODERS for index in ("", *INDEXES)]
    assert len({spec.title for spec in every}) == len({spec.colour for spec in every}) == len(every)


def test_under_no_index_it_is_the_method_itself() -> None:
    assert indexed("fashion@hnsw", "") == "fashion"
    assert indexed("fashion@hnsw", "lsh") == "fashion@lsh"
    assert index_name("fashion") == ""


@pytest.mark.parametrize("name", ["fashion@", "fashion@flat", "fashion@hnsw@lsh", "fashion@hnsw+0.5*histogram"])
def test_an_index_that_there_is_not(name: str) -> None:
    with pytest.raises(UnknownNameError, match=r"ivf-pq, float16, int8, milvus\.$"):
        encoder_spec(name)


@pytest.mark.parametrize("name", ["fashion@hnsw~style", "fashion~style@hnsw"])
def test_results_of_an_index_are_not_reranked(name: str) -> None:
    with pytest.raises(UnknownNameError, match="re-ranking, which needs the similarity of every item"):
        encoder_spec(name)
    assert not is_method(name)


def test_a_command_that_asks_for_both_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="'fashion@hnsw~style' asks for an index and for re-ranking"):
        reranked("fashion@hnsw", "style")
    assert reranked("fashion@hnsw", "") == "fashion"


def test_each_index_has_an_engine_and_lists_what_evaluations_keep() -> None:
    assert ENGINES.keys() == INDEXES.keys()
    assert all(index.listed >= DEPTH for index in INDEXES.values())
    assert [index.name for index in INDEXES.values() if index.is_exact] == ["kd-tree"]
    assert index_of("fashion@hnsw") is INDEXES["hnsw"]
