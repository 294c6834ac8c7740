"""Where built catalogs live on this machine."""

import os
from pathlib import Path

import platformdirs

HOME_VARIABLE = "FASHION_SEARCH_HOME"


def home() -> Path:
    """The folder of built catalogs: ``FASHION_SEARCH_HOME``, else the user's data folder."""
    chosen = os.environ.get(HOME_VARIABLE)
    folder = Path(chosen).expanduser() if chosen else platformdirs.user_data_path("fashion_search", appauthor=False)
    return folder.absolute()
