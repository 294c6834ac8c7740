"""Licences: each package of the locks is listed with one that is allowed, as its metadata says it."""

from importlib.metadata import PackageNotFoundError

import pytest

from tools import licences

LISTED = licences.listed(licences.PAGE.read_text("utf-8"))


def test_every_package_of_the_locks_is_listed() -> None:
    assert list(LISTED) == list(licences.locked()), "make lock writes the page anew"


@pytest.mark.parametrize("package", sorted(LISTED))
def test_the_licence_of_a_package_is_allowed_and_what_it_says_itself(package: str) -> None:
    assert set(licences.parts(LISTED[package])) <= set(licences.ALLOWED)
    try:
        assert licences.said(package) == LISTED[package]
    except PackageNotFoundError:
        assert LISTED[package] != "unknown"


def test_the_page_is_what_the_tool_writes() -> None:
    assert licences.page(LISTED) == licences.PAGE.read_text("utf-8")


def test_an_expression_is_taken_apart() -> None:
    assert licences.parts("MPL-2.0 AND (Apache-2.0 OR MIT)") == ["MPL-2.0", "Apache-2.0", "MIT"]
    assert not set(licences.parts("MIT AND GPL-3.0-only")) <= set(licences.ALLOWED)
