import json
import os
import sys
import time
from dataclasses import replace
from io import BytesIO, TextIOWrapper
from pathlib import Path

import msgspec
import pytest
from filelock import FileLock

from fashion_search.build import __main__ as build_main
from fashion_search.build import status as status_module
from fashion_search.build.progress import Progress
from fashion_search.build.status import LOCK, Status, read_status, start_build, write_status
from fashion_search.catalog.request import Request
from fashion_search.catalog.source import Options
from fashion_search.errors import SourceError, StoreError
from fashion_search.store import open_store
from tests.builds import build
from tests.conftest import FakeMethod

REQUEST = Request(
    "/data/shop.zip", "shop", ("histogram", "resnet18"), Options(("usage", "article_type"), 3, 0, "photo"), True
)


def write(home: Path, state: str, age: float = 0) -> None:
    write_status(home / "shop", Status(state, REQUEST, Progress(32, 80, 16.0, 3.0), "words"))
    when = time.time() - age
    os.utime(home / "shop/build.json", (when, when))


def test_progress_in_words() -> None:
    assert Progress(1200, 6217, 58.4, 86.2).sentence == "1,200 of 6,217 images · 58 images/s · 1:26 left"
    assert Progress(32, 80, 16.0, 3.0).sentence.endswith(" · 0:03 left")
    assert Progress(32, 80).sentence == "32 of 80 images · 0 images/s"
    evaluating = Progress(1, 4, 0.0, 62.0, "evaluation", "ResNet-18")
    assert evaluating.sentence == "Evaluating ResNet-18 · 25% · 1:02 left"
    assert replace(evaluating, seconds_left=0).sentence == "Evaluating ResNet-18 · 25%"
    assert Progress(32, 80, 16.0, 3.0, "robustness").sentence.startswith("Measuring robustness · 32 of 80 images · ")
    assert Progress(0, 0).sentence == "Reading the catalog."


def test_round_trip(home: Path) -> None:
    write(home, "done")
    assert read_status("shop") == Status("done", REQUEST, Progress(32, 80, 16.0, 3.0), "words")


def test_the_status_of_an_earlier_version_is_read(home: Path) -> None:
    write(home, "done")
    path = home / "shop/build.json"
    data = json.loads(path.read_bytes())
    del data["checksum"]
    for name in ("robustness", "quick"):
        del data["request"][name]
    data["request"]["options"] = {"smallest": 3}  # those that were given
    data["progress"] = {"done": 32, "total": 80, "rate": 16.0, "seconds_left": 3.0, "waiting": False}
    path.write_text(json.dumps(data))
    status = read_status("shop")
    assert status.request == replace(REQUEST, options=Options(smallest=3))
    assert status.progress == Progress(32, 80, 16.0, 3.0)


def test_none_where_there_never_was_a_build(home: Path) -> None:
    assert read_status("shop") is None
    assert not home.exists()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"state": "done"}', b"\xff", b'{"state": "odd"}'])
def test_a_damaged_status_is_none(home: Path, content: bytes) -> None:
    write(home, "done")
    (home / "shop/build.json").write_bytes(content)
    assert read_status("shop") is None


def test_running_means_that_a_process_holds_the_lock(home: Path) -> None:
    write(home, "running")
    with FileLock(home / "shop" / LOCK):
        assert read_status("shop").state == "running"
        assert read_status("shop").is_under_way
    status = read_status("shop")
    assert (status.state, status.is_under_way, status.progress.done) == ("interrupted", False, 32)


def test_a_build_that_never_began_has_failed_after_a_while(home: Path) -> None:
    write(home, "starting")
    assert read_status("shop").is_under_way
    write(home, "starting", age=700)
    assert read_status("shop").message == "The build did not start."
    (home / "shop/build.log").write_text("Traceback\nModuleNotFoundError: No module named 'numpy'\n")
    status = read_status("shop")
    assert (status.state, status.message) == ("failed", "ModuleNotFoundError: No module named 'numpy'")


def test_a_build_that_is_refused_says_so_at_once(home: Path, tmp_path: Path) -> None:
    write(home, "starting")
    with pytest.raises(SourceError):
        build(tmp_path / "gone.zip", name="shop", methods=["histogram"])
    assert "There is no file or folder" in read_status("shop").message
    assert read_status("shop").state == "failed"


def test_the_status_of_a_build(shop: Path, fake: FakeMethod) -> None:
    seen = []
    fake.before_batch = lambda count: seen.append(read_status("shop"))
    build(shop, methods=["fake"])
    assert [status.state for status in seen] == ["running"]
    assert seen[0].request == Request(str(shop), "shop", ("fake",), quick=True)
    assert read_status("shop").state == "done"


def wait_for_the_end(name: str) -> Status:
    until = time.monotonic() + 60
    while (status := read_status(name)).is_under_way:
        assert time.monotonic() < until
        time.sleep(0.05)
    return status


def test_a_build_of_its_own_process(shop: Path) -> None:
    start_build(Request(str(shop), "mine", ("histogram",), Options(smallest=5), quick=True))
    assert wait_for_the_end("mine").state == "done"
    assert open_store("mine").manifest.n_groups == 2


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import os; os.kill(os.getpid(), 9)", "The build did not start."),
        ("raise SystemExit('there is no memory')", "there is no memory"),
    ],
)
def test_a_build_whose_process_ends_at_once_has_failed(
    home: Path, monkeypatch: pytest.MonkeyPatch, program: str, said: str
) -> None:
    monkeypatch.setattr(status_module, "own_process", lambda module: ([sys.executable, "-c", program], None))
    start_build(REQUEST)
    status = wait_for_the_end("shop")
    assert (status.state, status.message) == ("failed", said)


def test_a_path_means_in_its_process_what_it_means_here(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop.parent)
    (shop.parent / "json.py").write_text("raise ImportError")  # which is no part of the program
    start_build(Request(shop.name, "mine", ("histogram",), Options(smallest=5), quick=True))
    assert wait_for_the_end("mine").state == "done"
    assert open_store("mine").manifest.source_path == str(shop)


def test_a_request_goes_to_its_process_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """No word is lost on the way, as one that begins with a dash would be on a command line."""
    got = []
    monkeypatch.setattr(build_main, "build", got.append)
    odd = replace(REQUEST, source="--name", options=Options(("a b", "--replace"), 3, 0, 'pho"to'), robustness=True)
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(msgspec.json.encode(odd))))
    assert build_main.main() == 0
    assert got == [odd]


def test_a_build_of_its_own_process_that_fails(tmp_path: Path) -> None:
    start_build(Request(str(tmp_path / "gone.zip"), "mine", ("histogram",)))
    status = wait_for_the_end("mine")
    assert (status.state, "There is no file or folder" in status.message) == ("failed", True)


def test_a_home_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("FASHION_SEARCH_HOME", str(tmp_path / "file"))
    with pytest.raises(StoreError, match="cannot be written"):
        start_build(REQUEST)


def test_a_status_that_is_dismissed_while_it_is_read(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(home, "done")
    stat = Path.stat

    def dismissed(path: Path, **options: bool) -> os.stat_result:
        if path.name == "build.json":
            path.unlink()
        return stat(path, **options)

    monkeypatch.setattr(Path, "stat", dismissed)
    assert read_status("shop") is None
