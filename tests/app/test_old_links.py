"""Links that people may have kept: each opens the view that it opened when it was made.

``old_links.json`` holds, per link, what version 0.1.0 showed: the widgets' values, the results by method, other rows of
cards, and how many charts. New links are added; an old one is never changed.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.app import screen

LINKS = json.loads(Path(__file__).with_name("old_links.json").read_text("utf-8"))
_WIDGETS = ("selectbox", "radio", "slider", "number_input", "multiselect", "toggle", "segmented_control")


def view_of(app: AppTest) -> dict[str, Any]:
    """What a link opened, apart from its wording."""
    widgets = {}
    for kind in _WIDGETS:
        for widget in app.get(kind):
            if widget.key and widget.key.startswith("where-") and not widget.value:
                continue  # the filter's boxes came later; an old link filters nothing
            if widget.key and not widget.key.startswith(("report", "missed-", "fuse-")):  # no link has ever held these
                value = getattr(widget, "value", None)
                widgets[widget.key] = list(value) if isinstance(value, list | tuple) else value
    methods = screen.methods_shown(app)
    return {
        "complaints": len(screen.complaints(app)),
        "widgets": dict(sorted(widgets.items())),
        "results": {
            method: [card.item_id for card in screen.results(app, method)]
            for method in methods
            if method in ("histogram", "resnet18", "fusion", "fashion")
        },
        "cards": [method for method in methods if method not in ("histogram", "resnet18", "fusion", "fashion")],
        "charts": len(app.get("plotly_chart")),
    }


@pytest.mark.parametrize(
    "link", LINKS, ids=lambda link: f"{link['page']}?{'&'.join(map('='.join, link['params'].items()))}"
)
def test_an_old_link_opens_the_same_view(link: dict[str, Any]) -> None:
    app = screen.opened(link["page"], **link["params"])
    assert not app.error
    assert view_of(app) == link["view"]
