"""What README and docs/ say can be run is run, in their order, as a newcomer would: in a shell, with a new home."""

import csv
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from fashion_search.cli import parse
from fashion_search.encoders.weights import FOLDER_VARIABLE
from fashion_search.home import HOME_VARIABLE
from fashion_search.store import open_store
from tests import samples
from tests.builds import build
from tests.test_architecture import LAYERS

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = {  # by their paths; README first, since what follows takes up what it built
    path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
    for path in (
        ROOT / "README.md",
        *sorted((ROOT / "docs").glob("*.md")),
        *(ROOT / name for name in ("CONTRIBUTING.md", "CHANGELOG.md", "assets/README.md")),
    )
}
README = DOCUMENTS["README.md"]
CONTRIBUTING = DOCUMENTS["CONTRIBUTING.md"]
PROGRAMS = ("fashion-search", "python -m fashion_search")

NOT_RUN = {  # beginning of a command: why it is not run here
    "make run": "runs until it is stopped; .ci/smoke starts it",
    "fashion-search app": "runs until it is stopped; tests/test_wheel.py starts it",
    "make test": "runs these tests",
    "make bench": "measures for many minutes on a quiet machine",
    "pip install": "needs the network; tests/test_wheel.py installs the package",
    "make demo": "draws the demo catalog anew in the checkout; tests/test_demo_catalog.py draws some of it",
    "git clone": "needs the network",
    "fashion-search build pictures --index milvus:http": "needs a server; tests/index/test_milvus.py starts one",
    ". .venv/bin/activate": "make's own environment need not be the one that runs the tests",
}
NOT_RUN_DOCUMENTS = {  # why none of their commands is run here
    "docs/benchmarks.md": "takes data sets that cannot be had here",
    "docs/fashion.md": "written by tools/model_card.py, which takes all methods on the real data",
    "docs/fusion-weight.md": "written by tools/fusion_weight.py, which takes the real data",
    "docs/labels.md": "written by tools/fit_labels.py, which takes all methods on the real data",
    "docs/local-features.md": "builds and fits on the real data",
    "docs/scale.md": "written by benchmarks/scale.py, which searches among a million vectors",
    "docs/training-ablation.md": "written by tools/ablation.py, which trains for many hours",
    "docs/training-inshop.md": "written by tools/in_shop_training.py, which trains for an hour",
    "docs/training-learned.md": "written by tools/learned.py, which trains for an hour",
    "docs/training-short.md": "written by tools/ablation.py, which trains for hours",
    "CONTRIBUTING.md": "make, and tools of the developer's own environment",
}
# what is added to a command, or it would take hours, or minutes
SHORTENED = {"import-vectors": "--quick", "train": "--epochs 1 --limit 24 --threads 1"}
FAILS = {"fetch": "Download it by hand from https://"}  # without a network: command, and what it then says


def commands(text: str) -> list[str]:
    """The lines of a document's shell blocks, without their comments, and the program's commands in its sentences."""
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line.partition("  #")[0].strip() for block in blocks for line in block.splitlines()]
    spans = [" ".join(span.split()) for span in re.findall(r"(?<!`)`([^`]+)`(?!`)", text)]
    started = [span for span in spans if span.startswith(tuple(f"{name} " for name in (*PROGRAMS, "make", "pip")))]
    whole = [span for span in started if "…" not in span and not re.search(r"\b[A-Z]{2,}\b", span)]
    return list(dict.fromkeys(line for line in (*lines, *whole) if line and not line.startswith("#")))


def arguments(command: str) -> list[str]:
    """What follows the program's name; empty for another program."""
    [name] = [name for name in PROGRAMS if command.startswith(f"{name} ")] or [command]
    return shlex.split(command.removeprefix(name), comments=True)


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory, random_weights: Path) -> Mapping[str, str]:
    """The environment of a person who has the pictures that the documents speak of, and no network."""
    folder = tmp_path_factory.mktemp("newcomer")
    shop = samples.training_files()
    samples.write_folder(folder / "trial", shop)
    (folder / "Downloads").mkdir()
    samples.write_zip(folder / "Downloads/fashion-product-images-small.zip", shop)
    rows = list(csv.DictReader(shop["styles.csv"].decode().splitlines()))[:15]
    named = {row["id"]: shop[f"images/{row['id']}.png"] for row in rows}
    groups = {row["id"]: f"{row['articleType']} {row['baseColour']}" for row in rows}
    samples.write_folder(folder / "pictures", {f"{groups[key]}/{key}.png": data for key, data in named.items()})
    table = samples.table(
        [[f"{row['id']}.png", row["articleType"], row["baseColour"]] for row in rows], ["image", "type", "colour"]
    )
    samples.write_folder(folder / "shop", {f"{key}.png": data for key, data in named.items()} | {"items.csv": table})
    shown = {f"{row['articleType']}_{row['baseColour']}_{row['usage']}": row["id"] for row in rows}
    samples.write_folder(folder / "street", {f"{name}/{key}.png": named[key] for name, key in shown.items()})
    for name in ("shoe.jpg", "photo.jpg", "query.jpg"):
        (folder / name).write_bytes(samples.encoded(samples.noise(1), "JPEG"))
    programs = folder / "bin"
    programs.mkdir()
    for name, options in (("python", ""), ("fashion-search", "-m fashion_search ")):
        (programs / name).write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {options}"$@"\n')
        (programs / name).chmod(0o755)
    environment = {
        **os.environ,
        "HOME": str(folder),
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "TORCH_HOME": str(folder / "torch"),
        "HTTP_PROXY": "http://127.0.0.1:9",  # nothing listens there
        "HTTPS_PROXY": "http://127.0.0.1:9",
        HOME_VARIABLE: str(folder / "home"),
        FOLDER_VARIABLE: str(random_weights),
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, environment[HOME_VARIABLE])
        build(folder / "trial", name="my-shop", methods=["histogram"])
        items = open_store("demo").catalog.items
    np.save(folder / "mine.npy", np.random.default_rng(0).normal(size=(len(items), 8)))
    (folder / "ids.txt").write_text("".join(f"{item.id}\n" for item in items))
    return environment


@pytest.mark.training
def test_commands_of_the_documents_run(newcomer: Mapping[str, str]) -> None:
    read = [text for name, text in DOCUMENTS.items() if name not in NOT_RUN_DOCUMENTS]
    for command in dict.fromkeys(command for text in read for command in commands(text)):
        if command.startswith(tuple(NOT_RUN)):
            continue
        kind = (arguments(command) or [""])[0]
        done = subprocess.run(
            ["sh", "-c", f"{command} {SHORTENED.get(kind, '')}"],
            cwd=newcomer["HOME"],
            env=newcomer,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        said = f"{command}\n{done.stderr}"
        if kind in FAILS:
            assert (done.returncode, done.stderr.count("\n")) == (1, 1), said
            assert FAILS[kind] in done.stderr, said
        else:
            assert done.returncode == 0, said


@pytest.mark.parametrize("text", DOCUMENTS.values(), ids=DOCUMENTS)
def test_commands_are_commands(text: str) -> None:
    for command in commands(text):
        if command.startswith(PROGRAMS):
            assert callable(parse(arguments(command)).run), command


def test_there_are_commands_and_targets() -> None:
    found = [command for text in DOCUMENTS.values() for command in commands(text)]
    assert {arguments(command)[0] for command in found if command.startswith(PROGRAMS)} >= {"build", "evaluate"}
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = {command.split()[1] for command in found if command.startswith("make ")}
    assert targets >= {"run", "test"}
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def links(name: str) -> set[str]:
    """What a document links to or shows, without what is in the network: paths from the root."""
    found = re.findall(r"\]\(([^)#]+)[^)]*\)", DOCUMENTS[name])
    return {os.path.normpath(Path(name).parent / link) for link in found if not link.startswith("https://")}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_and_pictures_are_there(name: str) -> None:
    assert not [link for link in links(name) if not (ROOT / link).exists()]


def test_the_readme_is_short_and_leads_to_every_document() -> None:
    assert len(README.split()) <= 1200
    reached = {"README.md"}
    while found := set().union(*map(links, reached & set(DOCUMENTS))) - reached:
        reached |= found
    assert reached >= set(DOCUMENTS)


def test_the_architecture_names_the_layers_and_what_is_there() -> None:
    text = DOCUMENTS["docs/architecture.md"]
    [block] = re.findall(r"^```text\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    layers = [layer - {"__init__", "__main__"} for layer in LAYERS]
    assert [set(line.split(", ")) for line in block.splitlines()] == [layer for layer in layers if layer]
    paths = re.findall(r"`((?:app\.py|fashion_search|tests|pages|tools|benchmarks|assets)/?[^` ]*)`", text)
    assert len(paths) > 12
    assert not [path for path in paths if not (ROOT / path).exists()]


def test_contributors_are_led_to_what_is_there() -> None:
    paths = re.findall(r"`((?:fashion_search|tests|pages|tools|benchmarks|\.ci)/[^` ]*)`", CONTRIBUTING)
    assert len(paths) > 8
    assert not [path for path in paths if not (ROOT / path).exists()]
    for word in ("Encoder", "EncoderSpec", "Fingerprint", "Measure", "Reader", "Source"):
        assert any(
            re.search(rf"^class {word}\b", path.read_text("utf-8"), re.MULTILINE)
            for path in (ROOT / "fashion_search").rglob("*.py")
        ), word
