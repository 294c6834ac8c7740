"""What the Search page needs first, made ready while the browser still loads Streamlit's own files."""

import ast
from contextlib import suppress
from importlib import import_module

from fashion_search.errors import FashionSearchError
from fashion_search.home import shipped


def import_page() -> None:
    """Import what the Search page imports."""
    for statement in ast.parse(shipped("app.py").read_text("utf-8")).body:
        if isinstance(statement, ast.ImportFrom) and statement.module:
            package = import_module(statement.module)
            for name in statement.names:
                if not hasattr(package, name.name):
                    import_module(f"{statement.module}.{name.name}")


def search() -> None:
    """Open the demo and search it as the page does at first; the first session finds it done, or waits for it."""
    with suppress(FashionSearchError):  # the page comes to it too, and says what is wrong
        _search()


def _search() -> None:
    from fashion_search.search import Query, nearest
    from fashion_search.ui import data
    from fashion_search.ui.search import first
    from fashion_search.ui.url import View

    store = data.store(View.catalog)
    view, _ = View().fit(store)
    split = data.split(store, view.protocol, view.seed, view.filter)
    libraries = {method: data.library(store, method) for method in view.methods}
    _, item_id = first.query(view, store, split, libraries)
    query = Query.of_item(store.catalog, store.catalog.row(item_id))
    for library in libraries.values():
        store.confidence(nearest(query, library, split.gallery), split.gallery, view.k)
