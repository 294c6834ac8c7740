"""Indexes in commands, and what commands do not import."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fashion_search.cli import main
from fashion_search.store import Store, open_store
from tests.cli.command import Captured, fail, succeed

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def indexed(built: Store, shop: Path) -> Store:
    assert main(["build", str(shop), "--method", "histogram", "--index", "hnsw", "--index", "kd-tree", "--quick"]) == 0
    return open_store("shop")


def test_build_and_list_say_recall_beside_time(indexed: Store, shop: Path, capsys: Captured) -> None:
    line = "histogram@hnsw: recall@10 against exact 1.000, "
    assert main(["build", str(shop), "--method", "histogram", "--quick"]) == 0
    assert line in capsys.readouterr().out
    result = succeed(capsys, "build", str(shop), "--method", "histogram", "--quick")
    assert result["indexes"]["histogram@hnsw"]["recall"] == 1
    assert main(["list"]) == 0
    assert line in capsys.readouterr().out
    [found] = [one for one in succeed(capsys, "list")["catalogs"] if one["name"] == "shop"]
    assert list(found["indexes"]) == ["histogram@kd-tree", "histogram@hnsw"]


def test_search_and_evaluate_take_it_as_a_method(indexed: Store, capsys: Captured) -> None:
    here = ["--catalog", "shop", "--method", "histogram@hnsw"]
    found = succeed(capsys, "search", "7", *here)["methods"]["histogram@hnsw"]
    assert found["recall"] == 1
    exact = indexed.library("histogram").search(np.array([indexed.catalog.row("7")]), 5, np.ones(15, bool)).rows[0]
    assert [hit["id"] for hit in found["hits"]] == [indexed.catalog.items[row].id for row in exact]
    assert main(["search", "7", *here]) == 0
    assert "approximate (recall 1.00)" in capsys.readouterr().out
    scores = succeed(capsys, "evaluate", *here)["scores"]
    assert {row["method"] for row in scores} == {"histogram@hnsw"}
    assert main(["evaluate", *here, "--method", "histogram"]) == 0
    assert "approximate (recall 1.00): recall@10 against exact 1.000" in capsys.readouterr().out


def test_results_of_an_index_are_not_reranked(indexed: Store, capsys: Captured) -> None:
    for command in (["search", "7"], ["evaluate"], ["report"]):
        reason = fail(capsys, *command, "--catalog", "shop", "--method", "histogram@hnsw", "--rerank", "style")
        assert "asks for an index and for re-ranking" in reason


@pytest.mark.parametrize(
    "code",
    [
        "from fashion_search.cli import main; assert main(['list']) == 0",
        "from fashion_search.store import open_store; import numpy as np; s = open_store('shop'); s.indexed;"
        "s.library('histogram').search(np.array([0]), 5, np.ones(15, bool))",
    ],
    ids=["list", "an exact search"],
)
def test_nothing_large_is_imported(indexed: Store, code: str) -> None:
    large = "{'faiss', 'sklearn', 'torch', 'timm', 'cv2'}"
    command = [sys.executable, "-c", f"import sys; {code}; assert not {large} & set(sys.modules)"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
