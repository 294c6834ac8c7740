import sys
from pathlib import Path

import pytest

from fashion_search.cases import open_cases
from fashion_search.cli import main
from fashion_search.store import Store
from tests.cases import made
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


def test_cases_are_written_as_slides_with_or_without_the_report(built: Store, tmp_path: Path, capsys: Captured) -> None:
    out, slides = tmp_path / "report.html", tmp_path / "new" / "cases.pptx"
    said = fail(capsys, "report", *ONE, "--pptx", str(slides))
    assert "The report on “shop” has no cases yet. Add some in the app: “Add to the report” on Search" in said
    assert not slides.exists()
    open_cases("shop").add(made.of_item(built, "7", "histogram", comment="Look here."))

    result = succeed(capsys, "report", *ONE, "--pptx", str(slides))
    assert result == {"pptx": str(slides), "pptx_bytes": slides.stat().st_size}
    assert slides.read_bytes().startswith(b"PK")
    result = succeed(capsys, "report", *ONE, "--pptx", str(slides), "--out", str(out))
    assert set(result) == {"report", "bytes", "pptx", "pptx_bytes"}
    assert "Look here." in out.read_text("utf-8")
    (tmp_path / "folder").mkdir()
    assert "is a folder" in fail(capsys, "report", *ONE, "--pptx", str(tmp_path / "folder"))


def test_without_python_pptx_one_sentence_says_how_to_install_it(
    built: Store, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_cases("shop").add(made.of_item(built, "7", "histogram"))
    monkeypatch.setitem(sys.modules, "pptx", None)
    said = fail(capsys, "report", *ONE, "--pptx", str(tmp_path / "cases.pptx"))
    assert "pip install python-pptx" in said
    assert list(tmp_path.glob("*.pptx")) == []
