"""What is measured of a method, once, and what is said of methods made of others."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from fashion_search.build.progress import Progress
from fashion_search.catalog.demo import DEMO
from fashion_search.costs import Encoding, Machine, cost, costs, encoding, measure, measuring, this_machine
from fashion_search.costs.cost_file import FILE, Measured, read_measured, write_measured
from fashion_search.costs.encoding import added, measured_alone, parameters_of, pictures
from fashion_search.costs.memory import memory_now, peak_memory
from fashion_search.encoders import ENCODERS, Fingerprint, encoder_spec
from fashion_search.errors import WeightsError
from fashion_search.manifest import IndexEntry
from fashion_search.store import Store, open_store
from tests.builds import build
from tests.conftest import FakeMethod
from tests.samples import write_folder

HERE = Machine("A processor", 4, "Some system")


def taken(milliseconds: float, **more: object) -> Encoding:
    made = Encoding("made", HERE, "now", milliseconds=milliseconds, per_second=1000 / milliseconds, batch=32, peak=10.0)
    return replace(made, **more)  # type: ignore[arg-type]


def test_encoding_is_measured_alone_in_a_process_that_knows_the_catalog(built: Store) -> None:
    digest = built.library("histogram").fingerprint.digest
    found = measured_alone("shop", "histogram", digest)
    assert found.problem == ""
    assert found.fingerprint == digest
    assert found.machine == this_machine()
    assert found.milliseconds is not None
    assert 0 < found.milliseconds < 1000
    assert found.per_second is not None
    assert found.per_second > 1
    assert found.batch == encoding.BATCH
    assert found.parameters is None  # it has no network
    assert found.versions == {}


def test_a_method_that_cannot_be_loaded_says_why_and_keeps_its_search_time(shop: Path, fake: FakeMethod) -> None:
    """The process that measures does not know what was registered in this one."""
    build(shop, methods=["fake"])
    store = open_store("shop")
    measure(store)
    known = costs(store, ["fake"])["fake"]
    assert "fake" in known.problem
    assert known.encode is None
    assert known.query is None
    assert known.search is not None
    assert known.search > 0
    assert known.is_measured


def test_what_is_known_is_not_measured_again(built: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[str] = []

    def record(catalog: str, method: str, fingerprint: str) -> Encoding:
        measured.append(method)
        return replace(taken(3.0), fingerprint=fingerprint, machine=this_machine())

    timed: list[list[str]] = []
    time_searches = measuring.time_searches

    def watched(store: Store, methods: list[str]) -> object:
        timed.append(methods)
        return time_searches(store, methods)

    monkeypatch.setattr(measuring, "measured_alone", record)
    monkeypatch.setattr(measuring, "time_searches", watched)
    seen: list[tuple[int, int, str]] = []
    measure(built, lambda *progress: seen.append(progress))
    assert measured == ["histogram"]
    assert timed == [["histogram", "histogram~balanced", "histogram~style", "histogram~varied"]]
    assert seen == [(0, 2, "RGB histogram"), (1, 2, "searches")]
    measure(built)
    assert measured == ["histogram"]
    assert len(timed) == 1
    monkeypatch.setattr(measuring, "this_machine", lambda: HERE)
    measure(built)
    assert measured == ["histogram", "histogram"]
    assert len(timed) == 2


def test_what_could_not_be_measured_is_tried_again(built: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def refuse(catalog: str, method: str, fingerprint: str) -> Encoding:
        tried.append(method)
        return Encoding(fingerprint, this_machine(), "now", "No weights.")

    monkeypatch.setattr(measuring, "measured_alone", refuse)
    measure(built)
    measure(built)
    assert tried == ["histogram", "histogram"]


def test_a_cost_of_other_vectors_is_none(built: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        measuring, "measured_alone", lambda catalog, method, digest: replace(taken(3.0), fingerprint=digest)
    )
    measure(built)
    assert costs(built, ["histogram"])["histogram"].encode == 3.0
    kept = read_measured(built.folder)
    other = {name: replace(one, fingerprint="another") for name, one in kept.encodings.items()}
    elsewhere = {name: replace(one, catalog="another") for name, one in kept.searches.items()}
    write_measured(built.folder, Measured(other, elsewhere))
    known = costs(built, ["histogram"])["histogram"]
    assert not known.is_measured
    assert known.machine == ""


def test_a_method_made_of_others_takes_what_its_parts_take(fused: str, shop: Path) -> None:
    build(shop, methods=[fused])
    store = open_store("shop")
    digests = {name: store.library(name).fingerprint.digest for name in ("fake", "histogram")}
    of_parts = {
        "fake": taken(4.0, fingerprint=digests["fake"], parameters=7, versions={"torch": "2"}),
        "histogram": taken(1.0, fingerprint=digests["histogram"], parameters=0),
    }
    write_measured(store.folder, Measured(of_parts))
    known = costs(store, [fused])[fused]
    assert known.encode == 5.0
    assert known.encoding is not None
    assert known.encoding.per_second == pytest.approx(1 / (0.004 + 0.001))
    assert known.encoding.peak == 20.0
    assert known.encoding.parameters == 7
    assert known.encoding.versions == {"torch": "2"}


def test_a_part_without_figures_leaves_the_whole_without() -> None:
    whole = added([taken(4.0), Encoding("other", HERE, "now", "No weights.")])
    assert whole.problem == "No weights."
    assert whole.milliseconds is None
    assert added([taken(4.0), taken(1.0, peak=None)]).peak is None


def test_times_are_medians_without_the_first(built: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    later = [
        (1000 * count, 1000 * count + 2 + 2 * (count % 2)) for count in range(measuring.MOST)
    ]  # 13 × 2 s, 12 × 4 s
    clock = iter([0, 100, *(second for pair in later for second in pair)])
    monkeypatch.setattr(measuring.time, "perf_counter", lambda: float(next(clock)))
    monkeypatch.setattr(measuring, "_ENOUGH", 1e9)
    assert measuring.time_searches(built, ["histogram"])["histogram"].milliseconds == 2000


def test_slow_searches_are_timed_five_times_after_the_first(built: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    searched = []
    search = type(built.library("histogram")).search

    def counted(self: object, rows: object, *rest: object) -> object:
        searched.append(rows)
        return search(self, rows, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(type(built.library("histogram")), "search", counted)
    monkeypatch.setattr(measuring, "_ENOUGH", 0.0)
    found = measuring.time_searches(built, ["histogram"])["histogram"]
    assert len(searched) == measuring.FEWEST + 1
    assert (found.dimensions, found.bytes_per_item) == (512, 2048)


def test_a_damaged_file_counts_as_none(built: Store) -> None:
    write_measured(built.folder, Measured({"histogram": taken(3.0)}))
    assert read_measured(built.folder).encodings["histogram"].milliseconds == 3.0
    path = built.folder / FILE
    outer = json.loads(path.read_text("utf-8"))
    outer["content"]["encodings"]["histogram"]["milliseconds"] = 1.0
    path.write_text(json.dumps(outer), "utf-8")
    assert read_measured(built.folder) == Measured()


def test_pictures_of_a_catalog_whose_source_is_gone_are_those_it_kept(built: Store, shop: Path) -> None:
    originals = pictures(built, 4)
    shop.rename(shop.with_name("moved"))
    kept = pictures(built, 40)
    assert len(originals) == 4
    assert len(kept) == 40
    assert len({image.tobytes() for image in kept}) == len(built.catalog.items)


def test_parameters_are_counted_once_in_every_network() -> None:
    from torch import nn

    layer = nn.Linear(3, 2)
    encoder = type("Holder", (), {})()
    encoder.one, encoder.other, encoder.name = nn.Sequential(layer), nn.Sequential(layer, nn.Linear(2, 1)), "x"
    assert parameters_of(encoder) == 3 * 2 + 2 + 2 + 1
    assert parameters_of(encoder_spec("histogram").load()) is None


def test_the_peak_counts_from_when_it_is_asked() -> None:
    if memory_now() is None or peak_memory() is None:
        pytest.skip("this system does not tell")
    code = (  # in a process without memory that was freed and is taken again
        "import numpy as np; from fashion_search.costs.memory import memory_now, peak_memory; before = memory_now(); "
        "held = np.ones(40_000_000, dtype=np.uint8); print(peak_memory() - before)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stdout) > 36


def test_a_build_measures_at_its_end_and_a_quick_one_does_not(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        measuring, "measured_alone", lambda catalog, method, digest: replace(taken(3.0), fingerprint=digest)
    )
    build(shop, methods=["histogram"])
    assert not costs(open_store("shop"), ["histogram"])["histogram"].is_measured
    said: list[Progress] = []
    build(shop, methods=["histogram"], quick=False, report=said.append)
    assert [progress.stage for progress in said][-2:] == ["costs", "costs"]
    assert said[-2].sentence == "Measuring the cost of RGB histogram · 0%"
    assert costs(open_store("shop"), ["histogram"])["histogram"].encode == 3.0


def test_a_catalog_without_labels_is_measured_too(tmp_path: Path, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        measuring, "measured_alone", lambda catalog, method, digest: replace(taken(3.0), fingerprint=digest)
    )
    pictures_alone = {path.name: path.read_bytes() for path in (shop / "images").iterdir()}
    build(write_folder(tmp_path / "loose", pictures_alone), methods=["histogram"], quick=False)
    store = open_store("loose")
    assert not store.catalog.columns
    assert measuring.searchable(store) == ["histogram"]
    assert costs(store, ["histogram"])["histogram"].search is not None


def test_the_demo_has_the_costs_that_it_is_shipped_with_until_it_is_measured_here(home: Path, tmp_path: Path) -> None:
    store = open_store(DEMO)
    shipped, own = tmp_path / "shipped", home / DEMO
    digest = store.methods["histogram"].digest
    write_measured(shipped, Measured({"histogram": taken(3.0, fingerprint=digest)}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cost, "DEMO_STORE", shipped)
        assert costs(store, ["histogram"])["histogram"].encode == 3.0
        write_measured(own, Measured({"histogram": taken(5.0, fingerprint=digest)}))
        assert costs(store, ["histogram"])["histogram"].encode == 5.0


def test_a_method_that_cannot_encode_here_starts_no_process(built: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: str) -> Encoding:
        raise AssertionError("a process was started")

    def unavailable() -> Fingerprint:
        raise WeightsError("The weights are not here.")

    monkeypatch.setattr(measuring, "measured_alone", refuse)
    monkeypatch.setitem(ENCODERS, "histogram", replace(ENCODERS["histogram"], fingerprint=unavailable))
    measuring.measure(built)
    cost = costs(built, ["histogram"])["histogram"]
    assert cost.problem == "The weights are not here."
    assert cost.search is not None


def test_under_an_index_a_method_encodes_as_it_does_and_searches_as_the_index_was_measured(
    built: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = IndexEntry("key", None, "settings", 0.97, 0.2, 1.5, 1500, 1.0, "Another machine")
    monkeypatch.setattr(Store, "indexed", {"histogram@hnsw": entry})
    monkeypatch.setattr(
        measuring, "measured_alone", lambda catalog, method, digest: replace(taken(3.0), fingerprint=digest)
    )
    measure(built)
    exact, found = costs(built, ["histogram", "histogram@hnsw"]).values()
    assert (exact.encode, found.encode) == (3.0, 3.0)
    assert exact.recall == 1.0
    assert (found.search, found.recall) == (0.2, 0.97)
    assert found.query == pytest.approx(3.2)
    assert found.bytes_per_item == 2048 + 100
    assert found.machine == f"{HERE.title}; Another machine"
