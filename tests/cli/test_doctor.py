import json
from pathlib import Path

from fashion_search.cli import main
from fashion_search.store import Store
from tests.cli.command import Captured, succeed


def test_doctor(built: Store, home: Path, capsys: Captured) -> None:
    result = succeed(capsys, "doctor")
    assert result["complete"] is True
    assert result["packages"]["numpy"]
    assert {one["area"] for one in result["findings"]} == {"versions", "settings", "home", "weights", "catalogs"}
    assert {one["state"] for one in result["findings"]} <= {"fine", "notice"}

    (home / "shop" / built.manifest.items["file"]).write_bytes(b"")
    assert main(["doctor", "--json"]) == 1
    result = json.loads(capsys.readouterr().out)
    assert result["complete"] is False
    assert main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert "  WRONG  " in out
    assert out.endswith("1 thing is wrong.\n")
