"""Cases that tests are made of."""

from fashion_search.cases import capture
from fashion_search.cases.model import Case, CaseItem, CaseResult, CaseRow, Conditions, Findings, Results
from fashion_search.catalog import Protocol, draw_split
from fashion_search.catalog.relevance import NO_VERDICTS
from fashion_search.search import Query, nearest
from fashion_search.store import Store

CONDITIONS = Conditions("Shop: 15 images in 3 style groups", "Leave-one-out", 5)


def of_item(store: Store, item: str, *methods: str, k: int = 5, comment: str = "") -> Case:
    """What methods find for an item under leave-one-out."""
    split = draw_split(store.catalog, Protocol.LEAVE_ONE_OUT)
    query = Query.of_item(store.catalog, store.catalog.row(item))
    rankings = [nearest(query, store.library(method), split.gallery) for method in methods]
    shown = capture.results(store, query, rankings, k, split.gallery)
    link = {"catalog": store.name, "query": item}
    return Case("Search", shown, capture.conditions(store, split, k, NO_VERDICTS), link, comment)


def row(title: str, correct: str) -> CaseRow:
    """A method's row; ``correct`` has + for each correct result, - for a wrong one and ? for an unknown one."""
    marks = {"+": True, "-": False, "?": None}
    results = tuple(
        CaseResult(str(rank), f"item {rank}", ("Shirts",), rank=rank, score=1 - rank / 100, correct=marks[mark])
        for rank, mark in enumerate(correct, start=1)
    )
    return CaseRow(title.lower(), title, "none", results)


def of_rows(*rows: CaseRow, comment: str = "") -> Case:
    """A case of made-up rows."""
    return Case("Search", Results(CaseItem("0", "item 0", ("Shirts",)), ("Type",), rows), CONDITIONS, comment=comment)


def figures(lines: int = 2, comment: str = "") -> Case:
    """A table as a case."""
    table = tuple((f"Method {line}", f".{line}19 [.205, .234]", ".330") for line in range(lines))
    shown = Findings(
        "Method 1 is right in 22% of its first 5 results", ("One beats two.",), ("Method", "P@5", "H@5"), table
    )
    return Case("Metrics", shown, CONDITIONS, {"catalog": "shop", "k": "10"}, comment)
