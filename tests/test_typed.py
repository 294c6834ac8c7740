"""Data from files as checked values, and what is said of data that does not fit."""

import math
from typing import Annotated, Any, Literal

import pytest
from msgspec import Meta

from fashion_search.errors import StoreError
from fashion_search.typed import Checked, read


class Part(Checked, frozen=True):
    size: Annotated[int, Meta(ge=2)] = 2
    share: Annotated[float, Meta(ge=0, lt=1)] = 0.5
    kind: Literal["one", "other"] = "one"
    sides: tuple[int, ...] = ()
    weights: dict[str, float] = {}  # noqa: RUF012 - msgspec copies it

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.size == 13:
            raise ValueError("size is not lucky.")


class Whole(Checked, frozen=True):
    name: str
    part: Part = Part()
    more: Part | None = None
    free: float = 0.0


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "name is missing."),
        ([], "The content must be a table, not []."),
        ({"name": "x", "parts": {}}, "There is no parts; known are name, part, more, free."),
        ({"name": "x", "part": {"sizes": 1}}, "There is no part.sizes; known are size, share, kind, sides, weights."),
        ({"name": 3}, "name must be text, not 3."),
        ({"name": "x", "part": []}, "part must be a table, not []."),
        ({"name": "x", "part": {"size": 1}}, "part.size must be at least 2, not 1."),
        ({"name": "x", "part": {"size": True}}, "part.size must be a whole number, not True."),
        ({"name": "x", "more": {"share": 1}}, "more.share must be below 1, not 1."),
        ({"name": "x", "more": "x"}, "more must be a table, not 'x'."),
        ({"name": "x", "part": {"share": math.nan}}, "part.share must be a number, not nan."),
        ({"name": "x", "free": math.inf}, "free must be a number, not inf."),
        ({"name": "x", "part": {"kind": "none"}}, "part.kind is 'none'; known are one, other."),
        ({"name": "x", "part": {"sides": [1, "x"]}}, "part.sides must be a whole number, not 'x'."),
        ({"name": "x", "part": {"weights": {"a": 1, "b": "much"}}}, "part.weights.b must be a number, not 'much'."),
        ({"name": "x", "part": {"size": 13}}, "part.size is not lucky."),
    ],
)
def test_what_does_not_fit_is_named(data: Any, said: str) -> None:
    with pytest.raises(StoreError) as refused:
        read(data, Whole, StoreError)
    assert str(refused.value) == said


def test_what_fits() -> None:
    data = {"name": "x", "more": {"size": 4, "sides": [1, 2], "weights": {"a": 1}}}
    assert read(data, Whole, StoreError) == Whole("x", Part(), Part(4, sides=(1, 2), weights={"a": 1.0}))
