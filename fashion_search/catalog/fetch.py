"""Downloading Kaggle's archive through ``kagglehub``, which is optional."""

import contextlib
import sys
from pathlib import Path

from fashion_search.errors import SourceError

DATASETS = {
    "small": "paramaggarwal/fashion-product-images-small",
    "full": "paramaggarwal/fashion-product-images-dataset",
}


def by_hand(size: str) -> str:
    """How to get the archive without this program, in one sentence."""
    return (
        f"Download it by hand from https://www.kaggle.com/datasets/{DATASETS[size]} (a free account is needed), then "
        "run: python -m fashion_search build PATH-OF-THE-ZIP"
    )


def fetch(size: str = "small") -> Path:
    """Download the data set once and return the folder it was unpacked to, which ``build`` takes as it is.

    Raises:
        SourceError: ``kagglehub`` is not installed, or Kaggle is not reached; the message says how to go on.
    """
    try:
        import kagglehub
    except ImportError as error:
        raise SourceError(f"The package kagglehub is not installed: pip install kagglehub. {by_hand(size)}") from error
    try:
        with contextlib.redirect_stdout(sys.stderr):  # what it prints is no part of our result
            return Path(kagglehub.dataset_download(DATASETS[size]))
    except Exception as error:  # kagglehub raises its own, requests' and urllib3's errors
        raise SourceError(f"Kaggle was not reached ({type(error).__name__}). {by_hand(size)}") from error
