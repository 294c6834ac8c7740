"""What all charts have in common."""

from collections.abc import Mapping
from typing import Any

from fashion_search.encoders import encoder_spec
from fashion_search.encoders.base import GREY
from fashion_search.errors import UnknownNameError

CORRECT = "#1a7f4b"  # as the badges
GRID = "rgba(140, 134, 126, .22)"
NO_BUTTONS: Mapping[str, Any] = {"displayModeBar": False, "responsive": True}
"""For ``config``: charts are looked at and hovered over, not zoomed."""


def colour_of(method: str) -> str:
    """A method's colour, the same everywhere; grey for one that is not known."""
    try:
        return encoder_spec(method).colour
    except UnknownNameError:
        return GREY
