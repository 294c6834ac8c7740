"""Settings by environment variables."""

from pathlib import Path

import pytest

from fashion_search.errors import SettingError
from fashion_search.settings import Setting, all_settings, settings

WHOLE = Setting("image_mb", 100, "largest file", 1, 2000)
SECONDS = Setting("image_seconds", 5.0, "longest", 0.1, 60)


def test_every_default_is_in_its_range_and_is_said() -> None:
    for one in all_settings():
        assert one.about
        assert one.read(str(one.default)) == one.default


@pytest.mark.parametrize(("text", "value"), [("1", True), ("on", True), ("No", False), ("false", False)])
def test_a_switch_takes_the_usual_words(monkeypatch: pytest.MonkeyPatch, text: str, value: bool) -> None:
    monkeypatch.setenv("FASHION_SEARCH_PUBLIC", text)
    assert settings().public is value


def test_numbers_are_of_the_kind_of_their_default() -> None:
    assert WHOLE.read("20") == 20
    assert SECONDS.read("2.5") == 2.5


@pytest.mark.parametrize("text", ["", "many", "0", "2001", "2.5", "nan"])
def test_a_number_that_cannot_be_is_refused_by_name_value_and_range(text: str) -> None:
    with pytest.raises(SettingError, match=r"FASHION_SEARCH_IMAGE_MB is .*: set it to a whole number from 1 to 2,000"):
        WHOLE.read(text)


def test_a_switch_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_SEARCH_PUBLIC", "maybe")
    with pytest.raises(SettingError, match="FASHION_SEARCH_PUBLIC is 'maybe'"):
        settings()


def test_the_document_lists_every_setting_with_its_default_range_and_meaning() -> None:
    document = (Path(__file__).resolve().parents[1] / "docs/settings.md").read_text("utf-8")
    listed = [line for line in document.splitlines() if line.startswith("| `FASHION_SEARCH_")]
    assert listed == [row_of(one) for one in all_settings()]


def row_of(one: Setting) -> str:
    if isinstance(one.default, bool):
        return f"| `{one.variable}` | {int(one.default)} | 0 or 1 | {one.about} |"
    return f"| `{one.variable}` | {one.default:,} | {one.least:,} to {one.most:,} | {one.about} |"


if __name__ == "__main__":  # the rows, to be put into docs/settings.md
    print("\n".join(map(row_of, all_settings())))
