"""Builds by Ray's workers: what is refused, and that what comes out is what one machine makes."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from benchmarks.ports import free_port
from fashion_search.build import on_ray, ray_worker
from fashion_search.build.making import Made, Wanted
from fashion_search.build.on_ray import check_ray, make_by_ray
from fashion_search.build.ray_worker import Reader, Setup, Worker, decoded, encoded, refusal, setup_here
from fashion_search.catalog.sources import open_source
from fashion_search.encoders import ENCODERS
from fashion_search.errors import ClusterError, ImageError, MissingPackageError, SourceError, StoreError
from fashion_search.home import HOME_VARIABLE
from fashion_search.store import Store
from tests import samples

ROOT = Path(__file__).resolve().parents[2]
MANY = {("Shirts", "Blue", "Casual"): 0, **{("Caps", colour, "Casual"): 20 for colour in "abcdefgh"}}


# -- what is refused ----------------------------------------------------------------------------------------


def test_without_ray_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_ray, "find_spec", lambda name: None)
    with pytest.raises(MissingPackageError, match=r"pip install 'ray\[data\]'"):
        check_ray("local")


@pytest.mark.parametrize("address", ["local", "10.0.0.1:6379", "head.example:1", "[::1]:6379"])
def test_addresses_of_clusters(address: str) -> None:
    check_ray(address)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("ray://10.0.0.1:10001", "is Ray Client's address"),
        ("shop.zip", "no address of a Ray cluster"),
        ("h:", "no addr"),
    ],
)
def test_what_is_no_address_is_refused(address: str, said: str) -> None:
    with pytest.raises(ClusterError, match=said):
        check_ray(address)


@pytest.fixture
def port() -> Iterator[int]:
    """Of something that listens and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def made_at(address: str) -> None:
    list(make_by_ray(address, [[Wanted("a", "a.jpg", ("fake",))]], on_ray.Pictures("folder", "/"), {}))


def test_a_cluster_that_is_away_is_said_at_once() -> None:
    free = free_port()
    with pytest.raises(ClusterError, match=rf"No Ray cluster answers at 127.0.0.1:{free} .*Connection refused"):
        made_at(f"127.0.0.1:{free}")


def test_what_does_not_answer_in_time_is_no_cluster(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_ray, "_ANSWER_SECONDS", 0.2)
    with pytest.raises(ClusterError, match=f"answers at 127.0.0.1:{port} is no Ray cluster that is up"):
        made_at(f"127.0.0.1:{port}")


def test_another_version_of_ray_is_named() -> None:
    utils = pytest.importorskip("ray._private.utils")
    with pytest.raises(RuntimeError) as raised:
        utils.check_version_info({"ray_version": "2.9.3", "python_version": "3.8.1"}, "process", raise_on_mismatch=True)
    said = str(on_ray._not_connected("10.0.0.1:6379", raised.value))
    assert "10.0.0.1:6379 runs Ray 2.9.3 on Python 3.8.1, this machine Ray " in said


def setup(**methods: str) -> Setup:
    return setup_here({name: ENCODERS[name].fingerprint().digest for name in methods or {"histogram": ""}})


def test_an_equal_machine_is_not_refused() -> None:
    assert refusal(setup()) == ""
    assert ray_worker.refusal_of(b'{"version":"0","versions":{},"methods":{},"threads":1}').startswith(
        "has fashion_search"
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": "9.9"}, r"has fashion_search .*, this machine 9\.9\. Install the same version there\."),
        ({"versions": {"numpy": "1.0"}}, r"has numpy .*, this machine 1\.0; vectors could differ"),
        ({"versions": {"no_such_package": "1.0"}}, "lacks the package no_such_package. Install no_such_package 1.0"),
        ({"methods": {"resnet18": "0"}}, "cannot encode by resnet18: The weights .* are not on this machine yet"),
        ({"methods": {"histogram": "0"}}, "has other weights of histogram"),
        ({"methods": {"nobodys": "0"}}, "cannot encode by nobodys: There is no method"),
    ],
)
def test_a_machine_that_would_make_something_else_is_refused(change: dict[str, object], said: str) -> None:
    other = replace(setup(), **change)  # type: ignore[arg-type]
    assert re.search(said, refusal(other))
    with pytest.raises(ClusterError, match=said):
        Worker(["thumbnails"], other, {})


def test_what_ray_raises_is_put_in_words() -> None:
    ray = pytest.importorskip("ray")
    own = StoreError("not numbers")
    task = ray.exceptions.RayTaskError("make", "trace", own)
    assert on_ray._in_words(ray, task) is own
    for error in (ray.exceptions.OutOfMemoryError("node"), ray.exceptions.RayTaskError("make", "trace", MemoryError())):
        assert "ran out of memory" in str(on_ray._in_words(ray, error))
    assert "was killed 4 times" in str(on_ray._in_words(ray, ray.exceptions.ActorDiedError()))
    said = str(on_ray._in_words(ray, ray.exceptions.RayTaskError("make", "trace", ValueError("a\n b"))))
    assert said.startswith("Ray failed: a b. What was done so far is kept")


# -- a reader and a worker, in this process -------------------------------------------------------------------


def test_a_worker_makes_what_is_wanted_of_the_pictures_that_were_read(shop: Path) -> None:
    source = open_source(shop)
    first, second = (f"images/{number}.jpg" for number in (1, 2))
    batches = [[Wanted("a", first, ("thumbnails", "histogram"))], [Wanted("b", second, ("histogram",))]]
    rows = list(Reader(source.kind, str(shop))(encoded(batches)))
    assert [table.num_rows for table in rows] == [1, 1]
    worker = Worker(["thumbnails", "histogram"], setup(), {})
    made = [one for table in rows for result in worker(table) for one in decoded(result, Made)]
    assert [{name: list(found) for name, found in one.payloads.items()} for one in made] == [
        {"thumbnails": ["a"], "histogram": ["a"]},
        {"histogram": ["b"]},
    ]
    assert made[0].payloads["thumbnails"]["a"][:4] == b"RIFF"
    assert len(made[1].payloads["histogram"]["b"]) == 4 * ENCODERS["histogram"].dim


def test_a_picture_that_cannot_be_read_there_is_not_left_out_silently(shop: Path) -> None:
    source = open_source(shop)
    with pytest.raises((SourceError, ImageError), match="cannot be read"):
        list(Reader(source.kind, str(shop))(encoded([[Wanted("a", "images/999.jpg", ("histogram",))]])))


# -- whole builds ---------------------------------------------------------------------------------------------

PLUGGED = """
import os, signal, time
from pathlib import Path
import numpy as np
from fashion_search.encoders import Encoder, EncoderSpec, Fingerprint

signs = Path(__file__).parent
batches = []


class Plugged(Encoder):
    fingerprint = Fingerprint("plugged", "mean colour, version " + os.environ.get("PLUGGED", "1"))

    def prepare(self, image):
        return np.asarray(image, dtype=np.float32).reshape(-1, 3).mean(axis=0) + 1

    def embed(self, prepared):
        batches.append(len(prepared))
        if len(batches) == 2 and (signs / "kill-one").exists():
            (signs / "kill-one").unlink(missing_ok=True)
            os.kill(os.getpid(), signal.SIGKILL)
        if (signs / "kill-all").exists():
            os.kill(os.getpid(), signal.SIGKILL)
        while len(batches) > 1 and (signs / "wait").exists():
            time.sleep(0.02)
        return (prepared / np.linalg.norm(prepared, axis=1, keepdims=True)).astype(np.float32)


SPEC = EncoderSpec("plugged", "Plugged", "Mean colours.", 3, lambda: Plugged.fingerprint, Plugged)
"""


@dataclass
class Program:
    """The program with the method ``plugged``, in a folder whose files tell that method what to do."""

    folder: Path
    shop: Path
    environment: dict[str, str]

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [
                sys.executable,
                "-m",
                "fashion_search",
                "build",
                str(self.shop),
                "--method",
                "plugged",
                "--quick",
                *arguments,
            ],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # which tests in the background ignore
        )

    def build(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, what it said, and its complaints."""
        process = self.start(*arguments)
        said, complained = process.communicate(timeout=280)
        return process.returncode, said, complained

    def made(self, name: str) -> dict[str, bytes]:
        """The files of a built catalog, of which each is named by its content or differs in times alone."""
        folder = Path(self.environment[HOME_VARIABLE]) / name
        return {file: (folder / file).read_bytes() for file in Store(folder).manifest.files()}

    def processes(self) -> dict[int, str]:
        """Those that are alive and were started by it, however far down, with their command lines."""
        mark = f"{HOME_VARIABLE}={self.environment[HOME_VARIABLE]}".encode()
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                is_alive = folder.joinpath("stat").read_text().rpartition(")")[2].split()[0] != "Z"
                if is_alive and mark in folder.joinpath("environ").read_bytes().split(b"\0"):
                    found[int(folder.name)] = folder.joinpath("cmdline").read_text().replace("\0", " ")
            except OSError:  # over, or another user's
                continue
        return found

    def listens_beyond(self) -> set[str]:
        """Local addresses other than the loopback that its processes listen at, as the kernel writes them."""
        sockets = set()
        for process in self.processes():
            for handle in Path(f"/proc/{process}/fd").iterdir():
                try:
                    sockets.add(str(handle.readlink()))
                except OSError:
                    continue
        open_to = set()
        for table in ("/proc/net/tcp", "/proc/net/tcp6"):
            for line in Path(table).read_text().splitlines()[1:]:
                fields = line.split()
                address, state, inode = fields[1].partition(":")[0], fields[3], fields[9]
                if state == "0A" and f"socket:[{inode}]" in sockets and not address.endswith("0100007F"):
                    open_to.add(address)
        return open_to


@pytest.fixture
def program(tmp_path: Path, home: Path) -> Program:
    pytest.importorskip("ray")
    if sys.platform != "linux":
        pytest.skip("looks for processes in /proc")
    folder = tmp_path / "plugin"
    samples.write_folder(
        folder,
        {
            "plugged.py": PLUGGED.encode(),
            "plugged-1.dist-info/METADATA": b"Metadata-Version: 2.1\nName: plugged\nVersion: 1\n",
            "plugged-1.dist-info/entry_points.txt": b"[fashion_search.encoders]\nplugged = plugged:SPEC\n",
        },
    )
    shop = samples.write_folder(tmp_path / "shop", samples.shop_files(samples.lines(MANY)))
    environment = os.environ | {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", "OMP_NUM_THREADS": "1"}
    return Program(folder, shop, environment | {HOME_VARIABLE: str(home)})


def wait_for(condition: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.slow
def test_a_killed_worker_loses_nothing_and_doubles_nothing(program: Program) -> None:
    assert program.build("--name", "plain")[0] == 0
    (program.folder / "kill-one").touch()
    code, said, complained = program.build("--name", "by-ray", "--ray")
    assert code == 0, complained
    assert not (program.folder / "kill-one").exists()  # a worker was
    assert "plugged: 160 images encoded" in said
    assert program.made("by-ray") == program.made("plain")
    assert not [line for line in complained.splitlines() if line and "images/s" not in line]
    assert "(raylet)" not in said
    assert not program.processes()


@pytest.mark.slow
@pytest.mark.parametrize("stopped_by", [signal.SIGINT, signal.SIGKILL])
def test_a_stopped_build_goes_on_from_its_journal(program: Program, home: Path, stopped_by: signal.Signals) -> None:
    (program.folder / "wait").touch()
    process = program.start("--name", "shop", "--ray")
    journals = (home / "shop/unfinished").glob
    wait_for(lambda: process.poll() is not None or any(path.stat().st_size for path in journals("plugged-*.bin")))
    assert process.poll() is None, process.communicate()
    assert not program.listens_beyond()
    if stopped_by == signal.SIGINT:
        os.killpg(process.pid, stopped_by)  # as a terminal does
    else:
        process.kill()
    _, complained = process.communicate(timeout=120)
    if stopped_by == signal.SIGINT:
        wait_for(lambda: not program.processes(), 20)  # those of a killed one end by themselves, some a minute later
        assert process.returncode == 1
        assert "stopped. What was done so far is kept" in complained
        assert not list(Path("/tmp").glob(f"fashion-search-{process.pid}-*"))
    (program.folder / "wait").unlink()
    code, said, complained = program.build("--name", "shop")
    assert code == 0, complained
    rest = int(said.partition("plugged: ")[2].partition(" ")[0])
    assert 0 < rest < 160
    assert program.build("--name", "plain")[0] == 0
    assert program.made("shop") == program.made("plain")


@pytest.mark.slow
def test_workers_that_are_killed_again_and_again_end_the_build(program: Program) -> None:
    (program.folder / "kill-all").touch()
    code, _, complained = program.build("--name", "shop", "--ray")
    assert code == 1
    assert "A Ray worker was killed 4 times" in complained
    assert "start the same build again" in complained
    assert not program.processes()
