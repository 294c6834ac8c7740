"""Milvus, as a file and as a server: the results of the exact library, filters that are applied there, and all that can
be wrong with a server.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from benchmarks.ports import free_port
from fashion_search.catalog import Catalog, Filter, Item
from fashion_search.encoders import INDEXES, Fingerprint
from fashion_search.errors import EngineError, MissingPackageError
from fashion_search.index import IndexedLibrary, built, drop, milvus_server, opened
from fashion_search.index.milvus import Milvus, _prefix
from fashion_search.library import Library
from tests import milvus_server as servers

MILVUS = INDEXES["milvus"]
NASTY = [
    "plain",
    "",
    'q"uote',
    "it's",
    "back\\slash",
    "new\nline",
    "Ünï – 漢字 🧥",
    "{x} %",
    "a,b]",
    "\\n",
    "\x01",
    " in ",
]


def labelled(n: int = 2_600, dim: int = 16, seed: int = 0) -> Library:
    """Vectors around directions, of items with two columns of labels."""
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(20, dim))[random.integers(0, 20, n)] + 0.5 * random.normal(size=(n, dim))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    labels = [(NASTY[row % len(NASTY)], f"type {row % 7}") for row in range(n)]
    items = tuple(Item(f"{row:05}", "", label, "", f"{seed} {row}", "") for row, label in enumerate(labels))
    catalog = Catalog("shop", "Shop", ("base colour", "in"), items)
    return Library(catalog, Fingerprint("histogram", "clusters"), vectors.astype(np.float32))


EXACT = labelled()
N = len(EXACT.vectors)
EVERYTHING = np.ones(N, dtype=bool)
ROWS = np.arange(0, N, 97)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A Milvus server of this module's own."""
    if why := servers.why_not():
        pytest.skip(why)
    with servers.running(tmp_path_factory.mktemp("milvus")) as way:
        yield way


@pytest.fixture
def relay(server: Path) -> Iterator[servers.Relay]:
    """The way to the server, which can be cut."""
    relay = servers.Relay(server)
    yield relay
    relay.cut()


@pytest.fixture(scope="module", params=["file", pytest.param("server", marks=pytest.mark.slow)])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if request.param == "file":
        path = str(tmp_path_factory.mktemp("lite") / "vectors.db")
        yield path
        from milvus_lite.server_manager import server_manager_instance

        server_manager_instance.release_server(path)
    else:
        relay = servers.Relay(request.getfixturevalue("server"))
        yield relay.url
        relay.cut()


@pytest.fixture(scope="module")
def under(place: str) -> IndexedLibrary:
    return built(EXACT, MILVUS, place)


@pytest.fixture(autouse=True)
def _nothing_failed() -> None:
    milvus_server._failed.clear()


def fresh(under: IndexedLibrary) -> IndexedLibrary:
    """The same as another process opens it."""
    engine = under.engine
    assert isinstance(engine, Milvus)
    return opened(EXACT, MILVUS, None, engine.place)


def client_of(place: str) -> Any:
    return milvus_server.connected(place, milvus_server.Patience.of(30))


def recall(under: Library, exact: Library, gallery: NDArray[np.bool_], k: int = 10) -> float:
    found, right = under.search(ROWS, k, gallery).rows, exact.search(ROWS, k, gallery).rows
    pairs = [(set(one.tolist()) - {-1}, set(other.tolist()) - {-1}) for one, other in zip(found, right, strict=True)]
    total = sum(len(other) for _, other in pairs)
    return sum(len(one & other) for one, other in pairs) / total if total else 1.0


# -- results -----------------------------------------------------------------------------------------------------


def test_it_finds_what_exact_search_finds(under: IndexedLibrary) -> None:
    assert recall(fresh(under), EXACT, EVERYTHING) >= 0.98
    found, right = under.search(ROWS, 10, EVERYTHING), EXACT.search(ROWS, 10, EVERYTHING)
    same = found.rows == right.rows
    np.testing.assert_array_equal(found.scores[same], right.scores[same])


@pytest.fixture(scope="module")
def opening(under: IndexedLibrary) -> Callable[[], IndexedLibrary]:
    """The same, for hypothesis, which would write all of it down."""
    return lambda: under


CHOSEN = st.tuples(st.lists(st.integers(0, 6), max_size=4, unique=True), st.booleans())


@settings(max_examples=25, deadline=None)
@given(CHOSEN, CHOSEN, st.integers(0, 9), st.sampled_from([1.0, 0.99, 0.5, 0.01]))
def test_under_any_mask_it_finds_what_exact_search_finds(
    opening: Callable[[], IndexedLibrary],
    colours: tuple[list[int], bool],
    types: tuple[list[int], bool],
    seed: int,
    share: float,
) -> None:
    """Values of columns, some of them with rows left out or rows alone."""
    under = opening()
    asked = Filter().where("base colour", [NASTY[one] for one in colours[0]], colours[1])
    asked = asked.where("in", [f"type {one}" for one in types[0]], types[1])
    mask = asked.mask(EXACT.catalog) & (np.random.default_rng(seed).random(N) < share)
    found = under.search(ROWS, 10, mask).rows
    assert mask[found[found >= 0]].all()
    expected = np.minimum(10, mask.sum() - mask[ROWS].astype(int))
    np.testing.assert_array_equal((found >= 0).sum(axis=1), expected)
    assert recall(under, EXACT, mask) >= 0.98


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The expressions that are sent from now on, and how many items are asked for."""
    from pymilvus import MilvusClient

    calls: list[tuple[str, int]] = []
    search = MilvusClient.search

    def watched(self: Any, *args: Any, **options: Any) -> Any:
        calls.append((options["filter"], options["limit"]))
        return search(self, *args, **options)

    monkeypatch.setattr(MilvusClient, "search", watched)
    return calls


def test_a_filter_is_sent_as_an_expression(
    under: IndexedLibrary, sent: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    colours = Filter().where("base colour", ['q"uote', "back\\slash"], True)
    monkeypatch.setattr("fashion_search.index.milvus.FEW", 100)
    under.search(ROWS[:1], 10, colours.where("in", ["type 3"]).mask(EXACT.catalog))
    not_two = r'label_0_base_colour not in ["back\\slash", "q\"uote"]'
    assert sent[0] == (f'{not_two} and label_1_in in ["type 3"]', 101)


def test_without_one_nothing_is_sent_and_single_rows_are_named(
    under: IndexedLibrary, sent: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    under.search(ROWS[:1], 10, EVERYTHING)
    mask = EVERYTHING.copy()
    mask[[0, 5]] = False
    under.search(ROWS[:1], 10, mask)
    few = np.random.default_rng(1).random(N) < 0.025
    assert recall(under, EXACT, few) == 1
    assert len(sent) == 2  # so few are compared here
    monkeypatch.setattr("fashion_search.index.milvus.FEW", 10)
    under.search(ROWS[:1], 10, few)
    assert sent == [("", 101), ("id not in [0, 5]", 101), (f"id in {np.flatnonzero(few).tolist()}", few.sum())]


def test_of_a_mask_that_cannot_be_said_more_is_asked_for(
    under: IndexedLibrary, sent: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fashion_search.index.narrowing.FEW", 100)
    mask = np.random.default_rng(0).random(N) < 0.5
    assert recall(under, EXACT, mask) >= 0.98
    assert sent[0][0] == ""
    assert 180 < sent[0][1] < 230


def test_a_search_lists_as_much_as_the_server_allows(under: IndexedLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Milvus, "most", 500)
    found = under.search(ROWS[:1], 900, EVERYTHING).rows[0]
    assert 490 < (found >= 0).sum() <= 500


# -- what is there ---------------------------------------------------------------------------------------------------


def test_what_is_whole_is_kept_and_what_is_of_an_earlier_state_goes(place: str, under: IndexedLibrary) -> None:
    client, began = client_of(place), time.monotonic()
    assert isinstance(under.engine, Milvus)
    description = client.describe_collection(under.engine.collection)["collection_id"]
    assert built(EXACT, MILVUS, place).engine.n_bytes == under.engine.n_bytes
    assert client.describe_collection(under.engine.collection)["collection_id"] == description
    later = labelled(300, seed=4)
    newer = built(later, MILVUS, place).engine
    assert isinstance(newer, Milvus)
    mine = [name for name in client.list_collections() if name.startswith(_prefix("shop", "histogram"))]
    assert mine == [newer.collection]
    with pytest.raises(EngineError, match="of another state, or of another catalog") as refused:
        fresh(under).engine.check()
    assert refused.value.can_build
    milvus_server._failed.clear()
    drop("shop", "histogram", MILVUS, place)
    with pytest.raises(EngineError, match=r"does not hold “shop” under RGB histogram\. Build the index again"):
        fresh(under).engine.check()
    assert recall(built(EXACT, MILVUS, place), EXACT, EVERYTHING) >= 0.98
    assert time.monotonic() > began


def test_a_build_that_was_killed_leaves_nothing_that_looks_whole(
    place: str, under: IndexedLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = labelled(400, seed=5)
    with monkeypatch.context() as patch:
        patch.setattr("fashion_search.index.milvus._BYTES", 4 * 16 * 100)
        sending = milvus_server.tried
        sent: list[int] = []

        def killed(call: Any) -> Any:
            sent.append(1)
            if len(sent) == 3:
                raise KeyboardInterrupt
            return sending(call)

        patch.setattr("fashion_search.index.milvus.tried", killed)
        with pytest.raises(KeyboardInterrupt):
            built(small, MILVUS, place)
    halfway = opened(small, MILVUS, None, place)
    monkeypatch.setenv(milvus_server.TIMEOUT_VARIABLE, "2")
    with pytest.raises(EngineError):
        halfway.engine.check()
    milvus_server._failed.clear()
    monkeypatch.delenv(milvus_server.TIMEOUT_VARIABLE)
    assert fresh(under).search(ROWS[:1], 5, EVERYTHING).rows.min() >= 0  # the earlier state serves meanwhile
    assert built(small, MILVUS, place).search(np.array([0]), 300, np.ones(400, bool)).rows.min() >= 0
    built(EXACT, MILVUS, place)


def test_one_that_lacks_rows_is_refused(place: str, under: IndexedLibrary) -> None:
    client, engine = client_of(place), under.engine
    assert isinstance(engine, Milvus)
    client.delete(engine.collection, ids=[7, 8])
    client.flush(engine.collection)
    told, until = "", time.monotonic() + 60
    while not told:  # a server takes a moment to count without them
        assert time.monotonic() < until
        with contextlib.suppress(EngineError):
            fresh(under).engine.check()
            continue
        with pytest.raises(EngineError) as refused:
            fresh(under).engine.check()
        told = str(refused.value)
    assert f"holds {N - 2:,} rows of “shop” under RGB histogram, which has {N:,} items" in told
    assert refused.value.can_build
    assert recall(built(EXACT, MILVUS, place), EXACT, EVERYTHING) >= 0.98


def test_one_that_is_deleted_while_it_is_searched(place: str, under: IndexedLibrary) -> None:
    using = fresh(under)
    using.engine.check()
    drop("shop", "histogram", MILVUS, place)
    with pytest.raises(EngineError, match=r"Build .* again") as refused:
        using.search(ROWS[:1], 5, EVERYTHING)
    assert refused.value.can_build
    with pytest.raises(EngineError, match=r"Build .* again"):
        using.engine.check()
    built(EXACT, MILVUS, place)
    assert using.search(ROWS[:1], 5, EVERYTHING).rows.min() >= 0


def test_batches_that_fail_are_sent_again_and_no_row_is_doubled(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import grpc
    from pymilvus import MilvusClient
    from pymilvus.exceptions import MilvusException

    monkeypatch.setattr("fashion_search.index.milvus._BYTES", 4 * 16 * 100)
    monkeypatch.setattr(milvus_server, "_PAUSE", 0.01)
    insert, calls = MilvusClient.insert, [0]

    def failing(self: Any, *args: Any, **options: Any) -> Any:
        calls[0] += 1
        insert(self, *args, **options)
        if calls[0] == 2:
            raise MilvusException(grpc.StatusCode.UNAVAILABLE, "went away after it had written")

    monkeypatch.setattr(MilvusClient, "insert", failing)
    small = labelled(400, seed=6)
    assert built(small, MILVUS, place).search(np.array([0]), 399, np.ones(400, bool)).rows.min() >= 0
    assert calls[0] == 4
    built(EXACT, MILVUS, place)


# -- a server in trouble ---------------------------------------------------------------------------------------------


def elsewhere(url: str) -> IndexedLibrary:
    return opened(EXACT, MILVUS, None, url)


def refused(under: IndexedLibrary) -> str:
    with pytest.raises(EngineError) as told:
        under.search(ROWS[:1], 5, EVERYTHING)
    return str(told.value)


def test_opening_asks_nothing_of_a_server_that_is_away() -> None:
    under = elsewhere(f"http://127.0.0.1:{free_port()}")
    assert under.method == "histogram@milvus"
    assert "cannot be reached (Connection refused). Start it, or check the address." in refused(under)


def test_a_server_that_never_answers_is_waited_for_a_bounded_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(milvus_server.TIMEOUT_VARIABLE, "1.5")
    silent = servers.Relay(None)
    told: list[str] = []
    waiting = threading.Thread(target=lambda: told.append(refused(elsewhere(silent.url))))
    waiting.start()
    waiting.join(30)
    silent.cut()
    assert "did not answer within 1.5 seconds" in told[0] or "nothing there answers as Milvus does" in told[0]


def test_what_failed_is_not_asked_again_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    first = refused(elsewhere(f"http://127.0.0.1:{port}"))
    asked: list[Any] = []
    monkeypatch.setattr(milvus_server, "connected", lambda *args: asked.append(args))
    assert refused(elsewhere(f"http://127.0.0.1:{port}")) == first
    assert asked == []


@pytest.mark.slow
def test_a_server_that_stops_answering_and_comes_back(relay: servers.Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    built(EXACT, MILVUS, relay.url)
    using = elsewhere(relay.url)
    assert recall(using, EXACT, EVERYTHING) >= 0.98
    monkeypatch.setenv(milvus_server.TIMEOUT_VARIABLE, "1.5")
    relay.stall()
    assert "did not answer within 1.5 seconds" in refused(using)
    relay.go_on()
    monkeypatch.delenv(milvus_server.TIMEOUT_VARIABLE)
    milvus_server._failed.clear()
    assert recall(using, EXACT, EVERYTHING) >= 0.98
    relay.cut()
    monkeypatch.setenv(milvus_server.TIMEOUT_VARIABLE, "2")
    assert "cannot be reached" in refused(using)
    relay.listen_again()
    monkeypatch.delenv(milvus_server.TIMEOUT_VARIABLE)
    milvus_server._failed.clear()
    deadline = time.monotonic() + 60
    while True:
        try:
            assert recall(using, EXACT, EVERYTHING) >= 0.98
            break
        except EngineError:  # gRPC waits a little before it connects again
            assert time.monotonic() < deadline
            milvus_server._failed.clear()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("version", "is_fine"), [("v2.2.16", False), ("1.1.0", False), ("v2.3.5-lite", True), ("v3.1.0", True)]
)
def test_a_server_that_is_too_old_is_refused(
    relay: servers.Relay, monkeypatch: pytest.MonkeyPatch, version: str, is_fine: bool
) -> None:
    from pymilvus import MilvusClient

    monkeypatch.setattr(MilvusClient, "get_server_version", lambda self, timeout: version)
    if is_fine:
        assert client_of(relay.url) is not None
        return
    with pytest.raises(EngineError, match=rf"is of version {version}; 2\.3 or newer is needed"):
        client_of(relay.url)


def trouble(*arguments: Any) -> Exception:
    from pymilvus.exceptions import MilvusException

    made: Exception = MilvusException(*arguments)
    return made


def status(name: str) -> Any:
    import grpc

    return getattr(grpc.StatusCode, name)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (lambda: trouble(7, "disk quota exceeded"), "is full (.*disk quota exceeded.*). Make room there"),
        (lambda: trouble(3, "memory limit exceeded"), "is full"),
        (lambda: trouble(65535, "no space left on device"), "is full"),
        (lambda: trouble(status("RESOURCE_EXHAUSTED"), "x"), "is full"),
        (
            lambda: trouble(status("UNIMPLEMENTED"), "unknown method"),
            "version that the installed pymilvus does not fit",
        ),
        (lambda: trouble(status("UNAUTHENTICATED"), "who?"), "Set FASHION_SEARCH_MILVUS_TOKEN to USER:PASSWORD"),
        (lambda: trouble(status("UNAVAILABLE"), "x"), "cannot be reached"),
        (lambda: trouble(status("DEADLINE_EXCEEDED"), "x"), "did not answer within 5 seconds"),
        (lambda: trouble(100, "collection not found"), "no longer holds this index. Build it again"),
        (lambda: trouble(1100, "field is odd\nindeed"), "refuses: .*field is odd indeed"),
    ],
)
def test_every_trouble_is_one_sentence(error: Any, said: str) -> None:
    with pytest.raises(EngineError, match=said) as refused, milvus_server.told("http://h:1", "one"):
        raise error()
    assert "\n" not in str(refused.value)
    with pytest.raises(EngineError, match=said), milvus_server.told("http://h:1", "one"):
        raise AssertionError("it was asked again")


@pytest.mark.parametrize(("code", "tries"), [(8, 5), (2, 5), (7, 1), (1100, 1)])
def test_only_what_may_pass_is_tried_again(monkeypatch: pytest.MonkeyPatch, code: int, tries: int) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    calls: list[bool] = []

    def call(again: bool) -> None:
        calls.append(again)
        raise trouble(code, "no")

    with pytest.raises(Exception, match="no"):
        milvus_server.tried(call)
    assert calls == [False, *[True] * (tries - 1)]
    assert pauses == [0.5 * 2**attempt for attempt in range(tries - 1)]


@pytest.mark.parametrize("text", ["soon", "0", "-1", "nan", "inf"])
def test_a_timeout_that_is_no_time_is_said(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(milvus_server.TIMEOUT_VARIABLE, text)
    assert f"{milvus_server.TIMEOUT_VARIABLE} is '{text}'; it is a number of seconds" in refused(
        elsewhere("http://h:1")
    )


@pytest.mark.slow
def test_the_token_is_taken_from_the_environment(relay: servers.Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    import pymilvus

    given_to: list[dict[str, Any]] = []

    class Client:
        def __init__(self, **options: Any):
            given_to.append(options)

        def get_server_version(self, timeout: float) -> str:
            return "v2.6.1"

    monkeypatch.setattr(pymilvus, "MilvusClient", Client)
    monkeypatch.setenv(milvus_server.TOKEN_VARIABLE, "me:secret")
    client_of(f"{relay.url}/shop")
    assert (given_to[0]["token"], given_to[0]["db_name"], given_to[0]["uri"]) == ("me:secret", "shop", relay.url)


# -- a file in trouble -----------------------------------------------------------------------------------------------


def test_a_file_that_another_process_has_open_is_said(tmp_path: Path) -> None:
    import fcntl

    path = tmp_path / "vectors.db"
    path.mkdir()
    with (path / "LOCK").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "another process has it open" in refused(elsewhere(str(path)))


def test_a_file_that_is_none_is_said(tmp_path: Path) -> None:
    path = tmp_path / "vectors.db"
    path.write_bytes(b"SQLite format 3\0")
    assert "is no file of Milvus Lite" in refused(elsewhere(str(path)))
    assert "there is no folder" in refused(elsewhere(str(tmp_path / "nowhere" / "vectors.db")))


def test_without_the_packages_one_sentence_says_how_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib.util

    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "milvus_lite" else real(name))
    with pytest.raises(MissingPackageError, match=r"pip install 'fashion_search\[milvus\]'"):
        elsewhere(str(tmp_path / "vectors.db")).search(ROWS[:1], 5, EVERYTHING)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "pymilvus" else real(name))
    with pytest.raises(MissingPackageError, match=r"needs pymilvus, .* pip install 'fashion_search\[milvus\]'"):
        elsewhere("http://127.0.0.1:1")
