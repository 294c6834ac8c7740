"""Cancelling a build of its own process, and starting the same one twice."""

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fashion_search.build import status
from fashion_search.build.status import (
    Status,
    can_be_cancelled,
    cancel_build,
    obeying_switch,
    read_status,
    start_build,
    write_status,
)
from fashion_search.catalog.request import Request
from fashion_search.errors import StoreError
from fashion_search.store import open_store

REQUEST = Request("/data/shop.zip", "shop", ("histogram",))
SLOW = """
import sys, time
from fashion_search.build import run
from fashion_search.build import __main__ as main
make = run.make_batches
def slowly(*arguments):
    for one in make(*arguments):
        yield one
        time.sleep(60)
run.make_batches = slowly
sys.exit(main.main())
"""


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[list[str]]]:
    """Processes that would be started are written down; others, which never begin to build, are in their places."""
    commands: list[list[str]] = []
    processes: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def note(command: list[str], **options: object) -> "subprocess.Popen[bytes]":
        commands.append(command)
        processes.append(popen([sys.executable, "-c", "import time; time.sleep(60)"], **options))
        return processes[-1]

    monkeypatch.setattr(subprocess, "Popen", note)
    yield commands
    for process in processes:
        process.kill()
        process.wait()


def until(state: str) -> Status:
    end = time.monotonic() + 60
    while (now := read_status("shop")) is None or now.state != state:
        assert time.monotonic() < end, now
        time.sleep(0.05)
    return now


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no groups of processes")
def test_a_cancelled_build_ends_and_goes_on_from_what_it_did(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    popen = subprocess.Popen
    begun: list[subprocess.Popen[bytes]] = []

    def slow(command: list[str], **options: object) -> "subprocess.Popen[bytes]":
        begun.append(popen([sys.executable, "-c", SLOW], **options))
        return begun[-1]

    request = Request(str(shop), "shop", ("histogram",), quick=True)
    with monkeypatch.context() as patch:
        patch.setattr(subprocess, "Popen", slow)
        start_build(request)
    journal = status.home() / "shop/unfinished/histogram-"
    end = time.monotonic() + 60
    while not list(journal.parent.glob("histogram-*.bin")):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert can_be_cancelled("shop")
    cancel_build("shop")
    until("cancelled")
    assert begun[0].wait(20) != 0
    assert list(journal.parent.glob("histogram-*.bin"))

    start_build(request)
    until("done")
    assert open_store("shop").manifest.n_items == 15
    assert not can_be_cancelled("shop")


def test_the_same_build_is_started_once(home: Path, started: list[list[str]]) -> None:
    start_build(REQUEST)
    start_build(REQUEST)
    assert len(started) == 1
    with pytest.raises(StoreError, match="is being built"):
        start_build(replace(REQUEST, robustness=True))
    assert len(started) == 1


def test_one_that_was_cancelled_before_it_began(home: Path, started: list[list[str]]) -> None:
    start_build(REQUEST)
    cancel_build("shop")
    assert read_status("shop").state == "cancelled"
    start_build(REQUEST)
    assert read_status("shop").state == "starting"
    assert len(started) == 2


def test_a_build_in_a_terminal_is_not_cancelled_from_elsewhere(home: Path) -> None:
    write_status(home / "shop", Status("running", REQUEST))
    assert not can_be_cancelled("shop")
    cancel_build("shop")
    assert read_status("shop").state == "interrupted"
    (home / "shop/build.switch").write_bytes(b"")  # of a build that was killed
    status.with_status(home / "shop", REQUEST, lambda progress: None)
    assert not can_be_cancelled("shop")


def test_a_switch_that_nobody_turns_is_gone_with_its_build(home: Path) -> None:
    (home / "shop").mkdir(parents=True)
    (home / "shop/build.switch").write_bytes(b"")
    with obeying_switch("shop"):
        status.with_status(home / "shop", REQUEST, lambda progress: None)
        assert can_be_cancelled("shop")
    assert not can_be_cancelled("shop")
