"""``fetch``: Kaggle's data set, downloaded."""

import argparse
from typing import Any

from fashion_search.catalog.fetch import DATASETS, fetch


def declare(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("--size", choices=list(DATASETS), default="small", help="small: 60 x 80 px; full: about 25 GB")


def run(options: argparse.Namespace) -> tuple[Any, str]:
    """Download the data set; where it lies, and how it is built."""
    path = fetch(options.size)
    name = f"fashion-product-images-{options.size}"  # the folder is called by a version's number
    return {"path": str(path)}, f"Downloaded to {path}\nNow run: python -m fashion_search build {path} --name {name}"
