"""``flips``: one byte of a file is altered; it is noticed, or what the file says is the same, or it is made anew.

Files of up to so many bytes are altered at each of them, larger ones at so many places drawn at random; each to a value
drawn at random.
"""

import contextlib
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fashion_search import files
from fashion_search.build.journal import Journal
from fashion_search.build.status import _read
from fashion_search.cases import CaseList
from fashion_search.costs.cost_file import FILE as COSTS
from fashion_search.costs.cost_file import read_measured
from fashion_search.encoders import imported, trained
from fashion_search.errors import FashionSearchError
from fashion_search.evaluation import saved
from fashion_search.evaluation.verdict_file import Verdicts
from fashion_search.store import Store
from fashion_search.training import checkpoint, record
from tools.resilience import content
from tools.resilience.trial import Outcome
from tools.resilience.works import TRAIN, Homes, run


@dataclass(frozen=True)
class Kind:
    """Files of one kind. ``say``: what one says, as the program reads it; ``remade``: nothing of a damaged one is used,
    and what it holds is made again.
    """

    name: str
    pattern: str
    say: Callable[[Path], object]
    remade: bool = False


def _of_store(path: Path) -> object:
    folder = path.parent
    store = Store(folder)
    return content.of_store(store), content.of_indexes(store), store.manifest


def _of_evaluation(path: Path) -> object:
    """Its arrays, found by the key in its name as evaluations find them."""
    stem, key, _ = path.stem.rsplit("-", 2)
    found = saved.read(path.parent, stem, key)
    return None if found is None else {name: values.tobytes() for name, values in found.items()}


def _of_journal(path: Path) -> object:
    return dict(Journal(path).entries)


def _of_encoder(path: Path) -> object:
    for cached in (trained._read_account, trained._heads_of, trained._seen_by):
        cached.cache_clear()
    heads = {column: (head.values, head.weight.tobytes()) for column, head in trained.heads_of(path).items()}
    return trained.read_account(path), heads, trained.seen_by(path).tobytes(), content._of_method(path)


def _of_imported(path: Path) -> object:
    imported._read.cache_clear()
    return imported.read_method(path)


def _of_checkpoint(path: Path) -> object:
    found = checkpoint.read(path.parent)
    return None if found is None else ({name: value.tolist() for name, value in found[0].items()}, found[1])


KINDS = (
    Kind("manifest", "shop/**/manifest.json", _of_store),
    Kind("table", "shop/**/*.csv", _of_store),
    Kind("array", "shop/**/*.npy", _of_store),
    Kind("cases", "shop/cases.json", lambda path: CaseList(path).all()),
    Kind("verdicts", "verdicts/*.sqlite", lambda path: Verdicts(path).all()),
    Kind("evaluation", "shop/evaluations/*.npz", _of_evaluation, remade=True),
    Kind("costs", f"shop/{COSTS}", lambda path: read_measured(path.parent), remade=True),
    Kind("status", "shop/**/build.json", _read, remade=True),
    Kind("journal", "journal/*.bin", _of_journal, remade=True),
    Kind("trained encoder", "methods/*.safetensors", _of_encoder),
    Kind("imported method", "methods/*.json", _of_imported),
    Kind("run", "training/*/run.json", lambda path: record.read_run(path.parent)),
    Kind("losses and validations", "training/*/*.csv", record.read_table),
    Kind("checkpoint", "training/*/checkpoint*", _of_checkpoint),
)


def home_with_all(folder: Path) -> Path:
    """A home with a file of every kind."""
    homes = Homes(folder)
    home = homes.beginning("all")
    ended = run(TRAIN, homes.data, home)
    if ended.returncode:
        raise RuntimeError(f"training fails undisturbed: {ended.stderr}")
    vectors = Store(home / "shop").library("histogram").vectors
    pairs = {item.digest: vectors[row].tobytes() for row, item in enumerate(Store(home / "shop").catalog.items)}
    Journal(home / "journal/histogram.bin").add(pairs)
    return home


def trial(count: int, seed: int, home: Path | None = None, kinds: Sequence[Kind] = KINDS) -> Outcome:
    """Alter up to ``count`` places of each file, in a home of its own or in this one."""
    outcome = Outcome()
    with tempfile.TemporaryDirectory(prefix="flips-") as folder:
        place = home or home_with_all(Path(folder))
        content.use_home(place)
        drawn = random.Random(seed)
        total: Counter[str] = Counter()
        for kind in kinds:
            found = [path for path in sorted(place.glob(kind.pattern)) if not path.name.startswith(".")]
            if not found:
                outcome.broken.append(f"There is no {kind.name} to alter")
            for path in found:
                seen = _alter(kind, path, count, drawn, outcome)
                total += seen
                outcome.figures[f"{kind.name}, altered"] = int(outcome.figures.get(f"{kind.name}, altered", 0)) + sum(
                    seen.values()
                )
        outcome.figures |= {f"in all, {what}": n for what, n in total.items()}
    return outcome


def _alter(kind: Kind, path: Path, count: int, drawn: random.Random, outcome: Outcome) -> "Counter[str]":
    """Alter one file, byte by byte; what came of it."""
    whole = path.read_bytes()
    before = kind.say(path)
    seen: Counter[str] = Counter()
    size = len(whole)
    places = range(size) if size <= count else sorted(drawn.sample(range(size), count))
    for place in places:
        altered = bytearray(whole)
        altered[place] ^= drawn.randint(1, 255)
        path.write_bytes(altered)
        files._verified.clear()
        try:
            said = kind.say(path)
        except FashionSearchError as error:
            seen["noticed"] += 1
            if path.name not in str(error) and path.parent.name not in str(error):
                outcome.broken.append(f"{path.name}, byte {place}: the complaint does not name it: {error}")
        except Exception as error:  # whatever it is, it is not ours
            outcome.broken.append(f"{path.name}, byte {place}: {type(error).__name__}: {error}")
        else:
            if said == before:
                seen["without effect"] += 1
            elif kind.remade and _is_part(said, before):
                seen["not used, and made again"] += 1
            else:
                outcome.broken.append(f"{path.name}, byte {place}: it says something else, and nothing is noticed")
        with contextlib.suppress(OSError):
            for beside in path.parent.glob(f"{path.name}-*"):  # SQLite's
                beside.unlink()
    path.write_bytes(whole)
    files._verified.clear()
    if kind.say(path) != before:
        outcome.broken.append(f"{path.name} was changed by reading it")
    return seen


def _is_part(said: object, before: object) -> bool:
    """Whether nothing is said, or less than before and nothing else."""
    if isinstance(said, dict) and isinstance(before, dict):
        return all(before.get(key) == value for key, value in said.items())
    return said is None or said == type(before)()
