"""Links that anyone may have typed: each thing that makes no sense is one sentence, and the page works."""

import re

import pytest

from tests.app import screen, shops

pytestmark = pytest.mark.usefixtures("trial")

MARKUP = "![x](https://example.org/x.png)"


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"methods": "gist"}, "There is no method 'gist'."),
        ({"methods": "gist,histogram"}, "There is no method 'gist'."),
        ({"query": "999999"}, "“trial-shop” has no item '999999'; another is shown."),
        ({"query": "../../etc/passwd"}, "“trial-shop” has no item '../../etc/passwd'; another is shown."),
        ({"k": "0"}, "k must be a whole number from 1 to 20; 5 is used."),
        ({"k": "21"}, "k must be a whole number from 1 to 20; 5 is used."),
        ({"k": "-3"}, "k must be a whole number from 1 to 20; 5 is used."),
        ({"k": "five"}, "k must be a whole number from 1 to 20; 5 is used."),
        ({"k": "9" * 5000}, "k must be a whole number from 1 to 20; 5 is used."),
        ({"seed": "1.5", "protocol": "one-per-group"}, "The seed must be a whole number from 0 to 9999; 0 is used."),
        ({"seed": "10000", "protocol": "one-per-group"}, "The seed must be a whole number from 0 to 9999; 0 is used."),
        ({"protocol": "fair"}, "There is no protocol 'fair'; leave-one-out is used."),
        ({"query": MARKUP}, f"“trial-shop” has no item '{MARKUP}'; another is shown."),
        ({"methods": MARKUP}, f"There is no method '{MARKUP}'."),
        ({"protocol": MARKUP}, f"There is no protocol '{MARKUP}'; leave-one-out is used."),
    ],
    ids=lambda value: None if isinstance(value, str) else "&".join(f"{k}={v[:12]}" for k, v in value.items()),
)
def test_what_makes_no_sense_is_one_sentence(params: dict[str, str], sentence: str) -> None:
    app = screen.opened(catalog=shops.CATALOG, **params)

    assert screen.complaints(app) == [sentence]
    assert all(screen.results(app, method) for method in screen.methods_shown(app))
    assert screen.methods_shown(app)
    screen.ran(app.slider(key="k").set_value(4).run())
    assert screen.complaints(app) == []
    assert screen.url(app)["k"] == "4"


@pytest.mark.parametrize("name", ["query", "methods", "protocol", "group", "catalog"])
def test_markup_in_a_link_is_shown_as_text(name: str) -> None:
    page = "Catalog" if name in ("group", "catalog") else ""
    app = screen.opened(page, **({"catalog": shops.CATALOG} | {name: MARKUP}))

    said = [warning.value for warning in app.warning]
    assert len(said) == 1
    assert not re.search(r"(?<!\\)\]\(", said[0]), "would be drawn as a picture from another host"
    assert "https://" not in said[0], "would be drawn as a link to another host"
    assert MARKUP in screen.read(said[0])


def test_several_mistakes_are_a_sentence_each() -> None:
    app = screen.opened(catalog=shops.CATALOG, query="nobody", k="x", methods="gist", protocol="fair", seed="y")

    assert len(screen.complaints(app)) == 5
    assert screen.methods_shown(app) == ["resnet18", "histogram"]


def test_a_link_from_an_upload_says_that_the_picture_is_not_part_of_it() -> None:
    app = screen.opened(catalog=shops.CATALOG, query="upload")

    assert screen.complaints(app) == [
        "This link was made from an uploaded picture, which is not part of it. Upload the picture."
    ]
    assert screen.query_id(app)
    assert len(screen.results(app, "histogram")) == 5


def test_an_unknown_style_group_gives_another() -> None:
    app = screen.opened("Catalog", catalog=shops.CATALOG, group="spaceships_silver_formal")

    assert screen.complaints(app) == ["This catalog has no style group 'spaceships_silver_formal'; another is shown."]
    assert "fs-name" in screen.all_html(app)


def test_a_parameter_given_twice_or_unknown_does_no_harm() -> None:
    app = screen.opened(catalog=shops.CATALOG, query="1030", colour="blue")
    assert screen.complaints(app) == []

    app.query_params["k"] = ["3", "4"]
    screen.ran(app.run())
    assert len(screen.results(app, "histogram")) in (3, 4)
