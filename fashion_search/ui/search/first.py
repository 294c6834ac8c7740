"""What is searched with before anyone has chosen."""

from collections.abc import Iterable

from fashion_search.catalog import Split
from fashion_search.evaluation.failures import PAPERS_METHODS
from fashion_search.store import Store
from fashion_search.ui import data
from fashion_search.ui.search.query import answerable
from fashion_search.ui.url import View


def query(view: View, store: Store, split: Split, methods: Iterable[str]) -> tuple[list[data.Example], str]:
    """Telling examples of the paper's methods, else of the first two, and the item that the page opens with."""
    searched = tuple(methods)
    papers = tuple(method for method in PAPERS_METHODS if method in searched)
    compared = papers if len(papers) == len(PAPERS_METHODS) else searched[:2]
    examples = data.examples(store, compared, view.protocol, view.seed) if not view.filter else []
    return examples, examples[0].item_id if examples else store.catalog.items[answerable(store, split)[0]].id
