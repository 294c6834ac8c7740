"""Where built catalogs live on this machine."""

import os
from pathlib import Path

import platformdirs

HOME_VARIABLE = "FASHION_SEARCH_HOME"


def home() -> Path:
    """The folder of built catalogs: ``FASHION_SEARCH_HOME``, else the user's data folder."""
    chosen = os.environ.get(HOME_VARIABLE)
    return user_path(chosen) if chosen else platformdirs.user_data_path("fashion_search", appauthor=False).absolute()


def user_path(text: str | Path) -> Path:
    """A path as a person types it, absolute; a ``~name`` that is nobody's home is taken as it stands."""
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError:
        return Path(text).absolute()
