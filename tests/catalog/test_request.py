import shlex
from dataclasses import replace

import pytest

from fashion_search.catalog.request import Request, catalog_name
from fashion_search.catalog.source import Options
from fashion_search.cli import parse
from fashion_search.cli.build import request_from
from fashion_search.errors import SourceError

REQUEST = Request("/data/my shop.zip", "shop", ("histogram", "resnet18"))


@pytest.mark.parametrize(
    "request_",
    [
        REQUEST,
        replace(REQUEST, options=Options(("usage", "article_type"), 3, 0, "photo"), replace=True),
        replace(REQUEST, robustness=True, quick=True),
        replace(REQUEST, options=Options(boxes=True)),
    ],
)
def test_a_request_says_the_same_on_the_command_line(request_: Request) -> None:
    words = shlex.split(request_.command)
    assert words[:3] == ["python", "-m", "fashion_search"]
    assert request_from(parse(words[3:])) == request_


def test_requests_that_cannot_be() -> None:
    with pytest.raises(SourceError, match="needs a name with letters or digits"):
        Request("/data/shop.zip", "..", ("histogram",))
    with pytest.raises(SourceError, match="'My Shop' cannot name a catalog; 'my-shop' can"):
        Request("/data/shop.zip", "My Shop", ("histogram",))
    with pytest.raises(SourceError, match="“demo” belongs to the embedded catalog"):
        Request("/data/shop.zip", "demo", ("histogram",))
    assert Request("demo", "demo", ("histogram",)).name == "demo"


def test_a_long_name_that_is_cut_between_words() -> None:
    source = f"/data/{'a' * 79} shop.zip"
    name = catalog_name(source)
    assert Request(source, name, ("histogram",)).name == name == f"{'a' * 79}-"


@pytest.mark.parametrize("name", ["methods", "Training", "verdicts"])
def test_a_folder_of_the_programs_own_is_no_catalog(name: str) -> None:
    with pytest.raises(SourceError, match=rf"The name “{name.lower()}” is taken"):
        catalog_name("/data/shop", name)
    with pytest.raises(SourceError, match="is taken"):
        catalog_name(f"/data/{name}")


def test_a_catalog_that_was_built_under_such_a_name_can_be_built_again() -> None:
    assert Request("/data/shop", "training", ("histogram",)).name == "training"
