import hashlib
import json
import zipfile
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fashion_search.catalog import EVERYTHING, Protocol, Split, draw_split
from fashion_search.catalog.relevance import NO_VERDICTS, Applied
from fashion_search.encoders import Fingerprint
from fashion_search.evaluation import saved
from fashion_search.evaluation.measures import MEASURES
from fashion_search.evaluation.rankings import Rankings, rank
from fashion_search.evaluation.scores import SEEDS, SeedScores, seed_scores
from fashion_search.library import Library
from tests import samples

LIBRARY = samples.library_of(samples.mixed_catalog(60))
SPLIT = draw_split(LIBRARY.catalog, Protocol.ONE_PER_GROUP)
WITH_VERDICTS = Applied(np.array([[0, 50]]), np.array([3]))

Make = Callable[..., Rankings | SeedScores]


def ranked(folder: Path, library: Library = LIBRARY, verdicts: Applied = NO_VERDICTS, split: Split = SPLIT) -> Rankings:
    return saved.rankings(folder, library, split, verdicts)


def spread(folder: Path, library: Library = LIBRARY, verdicts: Applied = NO_VERDICTS) -> SeedScores:
    return saved.spread(folder, library, verdicts)


BOTH = pytest.mark.parametrize("evaluate", [ranked, spread])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where evaluations are kept; it is not there yet."""
    return tmp_path / "store" / "evaluations"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was computed, not read, since the test began."""
    calls: list[str] = []

    def watched(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            calls.append(name)
            return function(*args, **options)

        return call

    monkeypatch.setattr(saved, "rank", watched("rankings", rank))
    monkeypatch.setattr(saved, "seed_scores", watched("spread", seed_scores))
    return calls


def arrays_of(found: Rankings | SeedScores) -> dict[str, np.ndarray]:
    values = {field.name: getattr(found, field.name) for field in fields(found)}
    return {name: array for name, array in values.items() if isinstance(array, np.ndarray)}


def assert_same(found: Rankings | SeedScores, expected: Rankings | SeedScores) -> None:
    assert type(found) is type(expected)
    for name, array in arrays_of(expected).items():
        np.testing.assert_array_equal(getattr(found, name), array, err_msg=name)
        assert getattr(found, name).dtype == array.dtype, name


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@BOTH
def test_what_is_read_is_what_was_computed(evaluate: Make, folder: Path, made: list[str]) -> None:
    first = evaluate(folder)
    second = evaluate(folder)
    assert len(made) == 1
    assert_same(second, first)
    assert_same(first, rank(LIBRARY, SPLIT) if evaluate is ranked else seed_scores(LIBRARY))
    assert len(names(folder)) == 1


@BOTH
def test_arrays_cannot_be_written_to_whether_computed_or_read(evaluate: Make, folder: Path) -> None:
    for _ in range(2):
        for array in arrays_of(evaluate(folder)).values():
            assert not array.flags.writeable


def other_catalog() -> Library:
    item = replace(LIBRARY.catalog.items[5], digest="another picture")
    items = (*LIBRARY.catalog.items[:5], item, *LIBRARY.catalog.items[6:])
    return replace(LIBRARY, catalog=replace(LIBRARY.catalog, items=items))


STATES: dict[str, dict[str, Any]] = {
    "another encoder": {"library": replace(LIBRARY, fingerprint=Fingerprint("sample", "seed 1"))},
    "other weights": {"library": replace(LIBRARY, fingerprint=Fingerprint("sample", "seed 0", "abc"))},
    "another catalog": {"library": other_catalog()},
    "a verdict": {"verdicts": WITH_VERDICTS},
    "another method": {"library": replace(LIBRARY, fingerprint=Fingerprint("other", "seed 0"))},
}
SPLITS = {
    "another protocol": {"split": draw_split(LIBRARY.catalog, Protocol.LEAVE_ONE_OUT)},
    "another seed": {"split": draw_split(LIBRARY.catalog, Protocol.ONE_PER_GROUP, 1)},
}


@pytest.mark.parametrize(
    ("evaluate", "state"),
    [(evaluate, state) for evaluate in (ranked, spread) for state in STATES.values()]
    + [(ranked, state) for state in SPLITS.values()],
    ids=[f"{what}, {name}" for what in ("rankings", "spread") for name in STATES] + list(SPLITS),
)
def test_another_state_is_evaluated_anew(evaluate: Make, state: dict[str, Any], folder: Path, made: list[str]) -> None:
    evaluate(folder)
    evaluate(folder, **state)
    assert len(made) == 2
    evaluate(folder, **state)
    assert len(made) == 2


@BOTH
def test_another_verdict_is_evaluated_anew(evaluate: Make, folder: Path, made: list[str]) -> None:
    for number, removed in enumerate((3, 4), start=1):
        evaluate(folder, verdicts=Applied(np.array([[0, 50]]), np.array([removed])))
        assert len(made) == number
    assert len(names(folder)) == 1


def test_what_is_filtered_is_not_kept_and_not_taken_for_the_whole(folder: Path, made: list[str]) -> None:
    chosen = EVERYTHING.where("base_colour", ["Blue"], is_negated=True)
    split = draw_split(LIBRARY.catalog, Protocol.ONE_PER_GROUP, filter=chosen)
    ranked(folder)
    saved.spread(folder, LIBRARY)
    kept = names(folder)
    for _ in range(2):
        assert_same(saved.rankings(folder, LIBRARY, split), rank(LIBRARY, split))
        assert_same(saved.spread(folder, LIBRARY, filter=chosen), seed_scores(LIBRARY, filter=chosen))
    assert names(folder) == kept
    assert_same(ranked(folder), rank(LIBRARY, SPLIT))
    assert (seed_scores(LIBRARY, filter=chosen).values != seed_scores(LIBRARY).values).any()


def test_another_depth_or_version_is_evaluated_anew(
    folder: Path, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ranked(folder)
    for number, name in enumerate(("DEPTH", "_VERSION"), start=2):
        monkeypatch.setattr(saved, name, getattr(saved, name) + 1)
        ranked(folder)
        assert len(made) == number


@pytest.mark.parametrize("verdicts", [NO_VERDICTS, WITH_VERDICTS], ids=["as it is", "with verdicts"])
def test_verdicts_have_their_effect(verdicts: Applied, folder: Path) -> None:
    for _ in range(2):
        assert_same(ranked(folder, verdicts=verdicts), rank(LIBRARY, SPLIT, verdicts))
        assert_same(spread(folder, verdicts=verdicts), seed_scores(LIBRARY, verdicts))


def stem(name: str) -> str:
    """The file's name without key and checksum."""
    return name.rsplit("-", 2)[0]


def test_files_of_an_older_state_are_removed_and_no_others(folder: Path, made: list[str]) -> None:
    seeds = [{"split": draw_split(LIBRARY.catalog, Protocol.ONE_PER_GROUP, seed)} for seed in (1, 10)]
    others: list[dict[str, Any]] = [
        {"verdicts": WITH_VERDICTS},
        STATES["another method"],
        SPLITS["another protocol"],
        *seeds,
    ]
    for state in ({}, *others):
        ranked(folder, **state)
    spread(folder)
    (folder / "manifest.json").write_text("{}")
    (folder / "rankings-sample-one-per-group-0-of-mine.npz").write_text("mine")
    before = set(names(folder))
    ranked(folder, **STATES["another encoder"])
    assert [stem(name) for name in before - set(names(folder))] == ["rankings-sample-one-per-group-0"]
    assert len(names(folder)) == len(before) == 9
    made.clear()
    for state in (STATES["another encoder"], *others):
        ranked(folder, **state)
    spread(folder)
    assert made == []


def flip_a_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


DAMAGE: dict[str, Callable[[Path], object]] = {
    "a bit": flip_a_bit,
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:-100]),
    "empty": lambda path: path.write_bytes(b""),
    "other content": lambda path: path.write_bytes(b"hello"),
    "a longer name": lambda path: path.rename(path.with_name(f"x{path.name}")),
    "another checksum": lambda path: path.rename(path.with_name(f"{path.stem[:-16]}{'0' * 16}.npz")),
    "another key": lambda path: path.rename(path.with_name(f"{stem(path.name)}-{'0' * 16}-{path.stem[-16:]}.npz")),
    "deleted": lambda path: path.unlink(),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


@BOTH
@pytest.mark.parametrize("damage", DAMAGE)
def test_what_is_damaged_is_made_anew_and_replaced(evaluate: Make, damage: str, folder: Path, made: list[str]) -> None:
    first = evaluate(folder)
    (before,) = names(folder)
    DAMAGE[damage](folder / before)
    assert_same(evaluate(folder), first)
    assert len(made) == 2
    if damage == "a folder":
        return  # nobody's file: it is left, and the result is used without being kept
    assert set(names(folder)) - {f"x{before}"} == {before}
    assert_same(evaluate(folder), first)
    assert len(made) == 2


@BOTH
@pytest.mark.parametrize("place", ["below a file", "a file"])
def test_where_nothing_can_be_written_the_result_is_used_all_the_same(
    evaluate: Make, place: str, tmp_path: Path, made: list[str]
) -> None:
    file = tmp_path / "file"
    file.write_text("in the way")
    folder = file / "evaluations" if place == "below a file" else file
    first = evaluate(folder)
    assert_same(evaluate(folder), first)
    assert len(made) == 2
    assert file.read_text() == "in the way"


def test_a_full_disk_leaves_nothing_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: Any, **arrays: Any) -> None:
        file.write(b"some")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    assert_same(ranked(folder), rank(LIBRARY, SPLIT))
    assert names(folder) == []


@BOTH
def test_nothing_is_pickled(evaluate: Make, folder: Path) -> None:
    evaluate(folder)
    (path,) = folder.iterdir()
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            with archive.open(name) as member:
                np.lib.format.read_magic(member)
                assert not np.lib.format.read_array_header_1_0(member)[2].hasobject
    with np.load(path, allow_pickle=False) as arrays:
        assert all(arrays[name].dtype.kind in "ifub" for name in arrays.files)


def test_an_error_of_the_evaluation_is_not_swallowed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **options: object) -> Rankings:
        raise OSError("the vectors are gone")

    monkeypatch.setattr(saved, "rank", broken)
    with pytest.raises(OSError, match="the vectors are gone"):
        ranked(folder)


def test_a_catalog_without_any_right_answer_is_kept_too(folder: Path, made: list[str]) -> None:
    library = samples.library([1, 1])
    split = draw_split(library.catalog, Protocol.LEAVE_ONE_OUT)
    for _ in range(2):
        found = saved.rankings(folder, library, split)
        assert (len(found.queries), found.left_out.tolist()) == (0, [0, 1])
        assert np.isnan(saved.spread(folder, library).values).all()
    assert made == ["rankings", "spread"]


def test_splits_of_unusual_seeds_do_not_fill_the_disk(tmp_path: Path) -> None:
    library = samples.library([4, 5])
    for seed in (SEEDS - 1, SEEDS):
        split = draw_split(library.catalog, Protocol.ONE_PER_GROUP, seed)
        made = saved.rankings(tmp_path, library, split)
        np.testing.assert_array_equal(made.rows, rank(library, split).rows)
    assert [path.name.split("-")[5] for path in tmp_path.iterdir()] == [str(SEEDS - 1)]


def test_files_of_the_first_version_are_found(folder: Path) -> None:
    """Their names are put together here as that version did: who has such files need not wait for them again."""
    decides = [
        [1, LIBRARY.fingerprint.digest, LIBRARY.catalog.fingerprint, "", ["one-per-group", 0, 50]],
        [1, LIBRARY.fingerprint.digest, LIBRARY.catalog.fingerprint, "", [20, [1, 5, 10, 20, 50], list(MEASURES)]],
    ]
    keys = [hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16] for parts in decides]
    ranked(folder)
    spread(folder)
    for name, key in zip(names(folder), keys, strict=True):
        checksum = hashlib.sha256((folder / name).read_bytes()).hexdigest()[:16]
        stems = {f"rankings-sample-one-per-group-0-{key}-{checksum}.npz", f"spread-sample-{key}-{checksum}.npz"}
        assert name in stems


def test_what_is_stored_of_a_query_set_is_forgotten_and_of_no_other(tmp_path: Path) -> None:
    end = f"{'0' * 16}-{'f' * 16}.npz"
    own = ("rankings-a-query-set-p-0", "rankings-a-query-set-p-0-products-judged", "classes-a-query-set-p")
    others = (
        "rankings-a-query-set-p-2-0",
        "rankings-a-leave-one-out-0",
        "classes-a-query-set-pp",
        "classes-p",
        "spread-p",
    )
    for name in (*own, *others):
        (tmp_path / f"{name}-{end}").touch()
    saved.forget(tmp_path, Protocol.of_queries("p"))
    assert {path.name for path in tmp_path.iterdir()} == {f"{name}-{end}" for name in others}
