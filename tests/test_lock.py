"""The locks: they are of today's pyproject.toml, pin all of it with hashes, and lie below no floor, on each Python."""

from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools import audit, lock

SYSTEMS = {
    "Linux": {"sys_platform": "linux", "platform_machine": "x86_64", "platform_system": "Linux", "os_name": "posix"},
    "macOS": {"sys_platform": "darwin", "platform_machine": "arm64", "platform_system": "Darwin", "os_name": "posix"},
    "Windows": {"sys_platform": "win32", "platform_machine": "AMD64", "platform_system": "Windows", "os_name": "nt"},
}


def environment(python: str, system: str) -> dict[str, str]:
    return {**SYSTEMS[system], "python_version": python, "python_full_version": f"{python}.0", "extra": ""}


def text_of(name: str) -> str:
    return lock.path_of(name).read_text("utf-8")


@pytest.mark.parametrize("name", list(lock.LOCKS))
def test_a_lock_is_of_todays_project(name: str, tmp_path: Path) -> None:
    assert lock.digest_in(text_of(name)) == lock.digest(name), "pyproject.toml changed since: make lock"

    changed = tmp_path / "pyproject.toml"
    declared = (lock.ROOT / "pyproject.toml").read_text("utf-8")
    changed.write_text(declared.replace('"pillow>=', '"pillow>=99.'), "utf-8")
    assert lock.digest(name, changed) != lock.digest(name)


@pytest.mark.parametrize("name", list(lock.LOCKS))
def test_every_line_has_hashes_and_no_host(name: str) -> None:
    text = text_of(name)
    lines = lock.read(text)
    assert len(lines) > 50
    assert all(one.hashes and all(map(is_sha256, one.hashes)) for one in lines)
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text


def is_sha256(said: str) -> bool:
    kind, _, digits = said.partition(":")
    return kind == "sha256" and len(digits) == 64 and set(digits) <= set("0123456789abcdef")


@pytest.mark.parametrize("system", list(SYSTEMS))
@pytest.mark.parametrize("python", lock.PYTHONS)
@pytest.mark.parametrize("name", list(lock.LOCKS))
def test_all_that_is_asked_for_is_there_and_above_its_floor(name: str, python: str, system: str) -> None:
    here = environment(python, system)
    pinned = [one for one in lock.read(text_of(name)) if one.holds(here)]
    by_name = {one.name: one for one in pinned}
    assert len(by_name) == len(pinned)  # one version each

    for line in lock.asked(name):
        wanted = Requirement(line)
        if wanted.marker is None or wanted.marker.evaluate(here):
            found = by_name[canonicalize_name(wanted.name)]
            assert wanted.specifier.contains(found.version), f"{found.requirement} is not {wanted}"


def test_the_projects_own_extras_are_unfolded(tmp_path: Path) -> None:
    project = tmp_path / "pyproject.toml"
    project.write_text(
        '[build-system]\nrequires = ["hatchling"]\n[project]\nname = "a_b"\ndependencies = ["one>=1"]\n'
        '[project.optional-dependencies]\nx = ["two>=2"]\nall = ["A-B[x]"]\ndev = ["a-b[all]", "three>=3"]\n',
        "utf-8",
    )
    assert lock.asked("run", project) == [lock.EDITABLE, "hatchling", "one>=1"]
    assert lock.asked("all", project) == [lock.EDITABLE, "hatchling", "one>=1", "two>=2"]
    assert lock.asked("dev", project) == [lock.EDITABLE, "hatchling", "one>=1", "three>=3", "two>=2"]


def test_what_is_not_pinned_is_no_lock() -> None:
    with pytest.raises(ValueError, match="not pinned: one>=1"):
        lock.read("one>=1 \\\n    --hash=sha256:00\n")


# -- known vulnerabilities ----------------------------------------------------------------------------------

CLEAN = {"name": "one", "version": "1.0", "vulns": []}
BAD = {
    "name": "two",
    "version": "2.0",
    "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["2.1"], "description": ""}],
}
UNKNOWN = {"name": "three", "skip_reason": "not found"}


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """What pip-audit will answer, package by package."""
    said: list[dict[str, object]] = []
    monkeypatch.setattr(audit, "ask", lambda lines: {"dependencies": said})
    return said


def test_a_vulnerability_fails_unless_it_is_accepted(
    answers: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers += [CLEAN, BAD, UNKNOWN]
    assert audit.main() == 1
    said = capsys.readouterr().out
    assert "two 2.0: CVE-1, PYSEC-1, mended in 2.1" in said
    assert "could not look up three" in said

    monkeypatch.setitem(audit.ACCEPTED, "CVE-1", "the part of it is not used")
    assert audit.main() == 0
    assert "accepted: the part of it is not used" in capsys.readouterr().out


def test_where_the_database_is_not_reached_that_is_said(
    answers: list[dict[str, object]], capsys: pytest.CaptureFixture[str]
) -> None:
    answers.append(UNKNOWN)  # it answers that, and not with an error, where packages come from elsewhere
    assert audit.main() == 0
    assert capsys.readouterr().out.strip() == audit.NOT_REACHED
