import io
from pathlib import Path

import pytest

from fashion_search.cli import main
from fashion_search.store import Store
from tests.cli.command import Captured, fail, succeed


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
