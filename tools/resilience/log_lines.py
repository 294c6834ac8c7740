"""The log under hostile names: one line each, with its fields, and nothing that a terminal obeys."""

import io
import json
import random

from fashion_search import logs
from tools.resilience.trial import Outcome

_SIGNS = "\n\r\t\x00\x1b\x07\x7f\x85\u2028\u2029\u202e\ud800 \"'\\=|{}[];<>aé漢😀"
_WORDS = (
    "\n2026-01-01T00:00:00.000Z search outcome=done",
    "\x1b[2J\x1b]0;title\x07",
    "\r\n\r\n<script>",
    '"}\n{"time": ',
)
_LONGEST = 400  # signs of a name


def logged(count: int, seed: int) -> Outcome:
    """So many lines, in both forms, of made-up names; every tenth a defect whose message is one of them."""
    chance = random.Random(seed)
    kept = logs.LOGGER.handlers[:], logs.LOGGER.level, logs.LOGGER.propagate
    streams = {"JSON": io.StringIO(), "text": io.StringIO()}
    found = Outcome({"lines of each form": count})
    try:
        for form, stream in streams.items():
            logs.configure(form == "JSON", stream)
            for number in range(count):
                _write(chance, number)
    finally:
        logs.LOGGER.handlers[:], logs.LOGGER.level, logs.LOGGER.propagate = kept
    judge(found, streams["JSON"].getvalue(), streams["text"].getvalue(), count)
    return found


def _write(chance: random.Random, number: int) -> None:
    if number % 10 == 9:
        logs.defect(ValueError(hostile(chance)), hostile(chance), catalog=hostile(chance))
    else:
        event, outcome, catalog, method = (hostile(chance) for _ in range(4))
        logs.log(event, outcome, catalog=catalog, method=method, ms=chance.random())


def hostile(chance: random.Random) -> str:
    """A name that tries to end a line, to forge one, or to move the cursor."""
    signs = "".join(chance.choices(_SIGNS, k=chance.randrange(_LONGEST)))
    return signs + chance.choice(_WORDS) if chance.random() < 0.3 else signs


def judge(found: Outcome, as_json: str, as_text: str, count: int) -> None:
    """Whether both logs are made of so many lines, each with its fields."""
    lines = as_json.splitlines()
    whole = 0
    for line in lines:
        try:
            whole += tuple(json.loads(line))[: len(logs.FIELDS)] == logs.FIELDS
        except ValueError:
            continue
    if len(lines) != count or whole != count:
        found.broken.append(f"{count:,} records are {len(lines):,} lines of JSON, {whole:,} of them whole.")
    told = as_text.splitlines()
    begun = [line for line in told if not line.startswith("  | ")]
    if len(begun) != count:
        found.broken.append(f"{count:,} records are {len(begun):,} lines.")
    acting = sum(not line.isprintable() for line in (*told, *lines))
    if acting:
        found.broken.append(f"{acting:,} lines hold signs that a terminal obeys.")
