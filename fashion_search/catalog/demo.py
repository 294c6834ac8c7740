"""The embedded demo catalog: synthetic pictures that this project drew itself (see ``tools/demo_catalog``)."""

from pathlib import Path

DEMO = "demo"
DEMO_TITLE = "Demo shop (synthetic)"
_ASSETS = Path(__file__).resolve().parents[2] / "assets"
DEMO_SOURCE = _ASSETS / "demo"  # in the layout of Kaggle's data set
DEMO_STORE = _ASSETS / "demo_libraries"  # built from it and shipped, so that the first search needs no weights
