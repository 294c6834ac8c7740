import io
from pathlib import Path

import pytest

from fashion_search.cli import main
from fashion_search.importing.run import Wanted, import_vectors
from fashion_search.store import Store, open_store
from tests.cli.command import Captured, fail, succeed
from tests.importing.made import given
from tests.importing.test_fitting import ids_of, rows_of


@pytest.mark.parametrize(
    ("answer", "goes"), [("y\n", True), ("YES\n", True), ("n\n", False), ("\n", False), ("", False)]
)
def test_it_asks_first(
    built: Store, answer: str, goes: bool, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    assert main(["remove", "shop"]) == (0 if goes else 1)
    assert built.folder.exists() is not goes
    out, err = capsys.readouterr()
    assert "“shop” will be removed from this machine" in err
    assert err.count("Remove it? [y/N]") == 1
    assert out == ("“shop” was removed.\n" if goes else "“shop” was not removed.\n")


def test_it_does_not_ask_if_told_so(built: Store, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    result = succeed(capsys, "remove", "shop", "--yes")
    assert (result["catalog"], result["removed"]) == ("shop", True)
    assert not built.folder.exists()


def test_what_cannot_be_removed(home: Path, capsys: Captured) -> None:
    assert "There is no catalog 'nowhere'" in fail(capsys, "remove", "nowhere", "--yes")
    assert "The demo comes with the program" in fail(capsys, "remove", "demo", "--yes")


def test_a_method_alone_is_removed(built: Store, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    import_vectors(given(ids_of(built), rows_of(built)), Wanted("shop", "mine", "My model"))
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert main(["remove", "shop", "--method", "mine"]) == 1
    assert "My model will be removed from “shop”: its vectors and evaluations." in capsys.readouterr().err
    assert "mine" in open_store("shop").methods
    result = succeed(capsys, "remove", "shop", "--method", "mine", "--yes")
    assert result == {"catalog": "shop", "method": "mine", "removed": True}
    assert list(open_store("shop").methods) == ["histogram"]


def test_methods_that_stay(built: Store, capsys: Captured) -> None:
    assert "“shop” has no method 'mine'" in fail(capsys, "remove", "shop", "--method", "mine", "--yes")
    for catalog in ("shop", "demo"):
        assert "it stays" in fail(capsys, "remove", catalog, "--method", "histogram", "--yes")
