from pathlib import Path

import pytest

from fashion_search.cli import main
from fashion_search.store import Store
from tests.cli.command import Captured, fail, succeed

ONE = ["--catalog", "shop", "--method", "histogram"]


def test_a_report_is_written(built: Store, tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "report.html"
    result = succeed(capsys, "report", *ONE, "--out", str(path), "-k", "10", "--protocol", "one-per-group")

    html = path.read_text("utf-8")
    assert result == {"report": str(path), "bytes": path.stat().st_size}
    assert "<html" in html
    assert "Precision@10" in html
    assert "One query per group" in html
    assert built.manifest.title in html


def test_a_report_is_called_by_its_catalog(
    built: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["report", "--catalog", "shop"]) == 0
    assert (tmp_path / "shop-report.html").exists()
    assert "shop-report.html (" in capsys.readouterr().out


def test_reports_that_cannot_be(built: Store, tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert "file" in fail(capsys, "report", *ONE, "--out", str(tmp_path / "file" / "report.html"))
    assert str(tmp_path) in fail(capsys, "report", *ONE, "--out", str(tmp_path))
    assert "no library of 'resnet18'" in fail(capsys, "report", "--catalog", "shop", "--method", "resnet18")
    assert "no catalog 'nosuch'" in fail(capsys, "report", "--catalog", "nosuch")
    with pytest.raises(SystemExit):
        main(["report", *ONE, "-k", "51"])


def test_a_report_on_part_of_a_catalog(built: Store, tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "report.html"
    result = succeed(capsys, "report", *ONE, "--out", str(path), "--where", "type!=Caps")

    assert result["where"] == "article_type!=Caps"
    html = path.read_text("utf-8")
    assert "Leave-one-out, only items whose article type is not Caps" in html
    assert "9 of 15 images pass" in html
    assert "<code>article_type!=Caps</code>" in html
    assert "no article type “Cap”" in fail(capsys, "report", *ONE, "--where", "type=Cap")
