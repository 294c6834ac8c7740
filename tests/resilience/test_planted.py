"""Files of strangers in every place that the program reads: they run no code, and lead nowhere else."""

import io
import json
import os
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fashion_search import files
from fashion_search.build.journal import Journal
from fashion_search.build.status import Status, read_status
from fashion_search.cases import open_cases
from fashion_search.catalog.request import Request
from fashion_search.costs.cost_file import read_measured
from fashion_search.encoders import encoder_spec, imported, local, running, trained
from fashion_search.encoders.onnx_model import OnnxEncoder
from fashion_search.encoders.weights import FOLDER_VARIABLE, SUFFIXES
from fashion_search.errors import FashionSearchError, SourceError, StoreError, TrainingError, VectorsError, WeightsError
from fashion_search.evaluation import saved
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.verdict_file import open_verdicts
from fashion_search.importing import reading
from fashion_search.manifest import MANIFEST, read_manifest, write_manifest
from fashion_search.store import Store, open_store
from fashion_search.training import checkpoint, record
from fashion_search.ui import builds
from tests.cases import made

ROOT = Path(__file__).resolve().parents[2]


class _Writes:
    """Unpickling it writes a file."""

    def __init__(self, path: Path):
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (open, (str(self.path), "w"))


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """The file that would be written; it must never be."""
    return tmp_path / "ran"


def pickled(mark: Path) -> bytes:
    return pickle.dumps(_Writes(mark))


def object_array(mark: Path, archive: bool = False, name: str = "values") -> bytes:
    """An array of objects, which NumPy keeps as a pickle."""
    out = io.BytesIO()
    array = np.array([_Writes(mark)], dtype=object)
    _ = np.savez(out, **{name: array}) if archive else np.save(out, array, allow_pickle=True)
    return out.getvalue()


def test_the_plants_would_run(mark: Path) -> None:
    np.load(io.BytesIO(object_array(mark)), allow_pickle=True)
    assert mark.exists()


@pytest.mark.parametrize("what", ["pickle", "array", "archive"])
def test_in_each_file_of_a_home(built: Store, home: Path, mark: Path, what: str) -> None:
    plant = {"pickle": pickled(mark), "array": object_array(mark), "archive": object_array(mark, True)}[what]
    Evaluation.of(built, ["histogram"]).rankings_of("histogram")
    open_verdicts("shop").accept("1", "2")
    open_cases("shop").add(made.figures())
    imported.write(imported.ImportedMethod("mine", "Mine", "mine.npy", "2026-01-31T09:30:00+00:00"))
    for other in ("methods/trained.safetensors", "networks/0123456789abcdef.json", "networks/0123456789abcdef.onnx"):
        (home / other).parent.mkdir(exist_ok=True)
        (home / other).write_bytes(plant)
    for other in ("run.json", "losses.csv", "validation.csv", "checkpoint.json", "checkpoint-0.safetensors"):
        (home / "training/mine").mkdir(parents=True, exist_ok=True)
        (home / "training/mine" / other).write_bytes(plant)
    (home / "shop/costs.json").write_bytes(plant)
    whole = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    assert len(whole) > 16
    for path, before in whole.items():
        path.write_bytes(plant)
        files._verified.clear()
        complaints = _read_all(home)
        path.write_bytes(before)
        assert not mark.exists(), path
        assert all(isinstance(error, FashionSearchError) for error in complaints), (path, complaints)


def _read_all(home: Path) -> list[Exception]:
    """What all readers complain of."""

    def evaluated() -> object:
        return Evaluation.of(open_store("shop"), ["histogram"]).rankings_of("histogram")

    uses = [
        lambda: open_store("shop").catalog,
        lambda: open_store("shop").excluded,
        lambda: open_store("shop").library("histogram"),
        lambda: open_store("shop").thumbnail(3),
        evaluated,
        lambda: read_measured(home / "shop"),
        lambda: read_status("shop"),
        lambda: open_cases("shop").all(),
        lambda: open_verdicts("shop").all(),
        imported.found,
        trained.found,
        lambda: running.kept("0123456789abcdef" * 4),
        lambda: record.read_run(home / "training/mine"),
        lambda: record.losses_of("mine"),
        lambda: record.validations_of("mine"),
        lambda: checkpoint.read(home / "training/mine"),
    ]
    complaints = []
    for use in uses:
        try:
            use()
        except Exception as error:
            complaints.append(error)
    return complaints


def test_in_files_whose_checksums_are_right(built: Store, mark: Path) -> None:
    plain = built.manifest
    for entry, use in (
        (plain.libraries["histogram"].vectors, lambda store: store.library("histogram")),
        (plain.thumbnails, lambda store: store.thumbnail(0)),
        (plain.items, lambda store: store.catalog),
        (plain.excluded, lambda store: store.excluded),
    ):
        for plant in (pickled(mark), object_array(mark), object_array(mark, True)):
            path = built.folder / entry["file"]
            before = path.read_bytes()
            path.write_bytes(plant)
            text = json.dumps(json.loads((built.folder / MANIFEST).read_text())["content"])
            content = json.loads(text.replace(entry["sha256"], files.sha256(path)))
            outer = {"format": 2, "checksum": files.checksum_of(content), "content": content}
            kept = (built.folder / MANIFEST).read_bytes()
            (built.folder / MANIFEST).write_text(json.dumps(outer))
            with pytest.raises(StoreError, match="Build the catalog again"):
                use(Store(built.folder))
            path.write_bytes(before)
            (built.folder / MANIFEST).write_bytes(kept)
    assert not mark.exists()


def test_in_an_evaluation_of_the_right_name(built: Store, mark: Path) -> None:
    whole = Evaluation.of(built, ["histogram"]).rankings_of("histogram")
    [path] = saved.folder_of("shop").glob("rankings-*.npz")
    path.unlink()
    stem = path.stem.rsplit("-", 1)[0]
    for plant in (pickled(mark), object_array(mark, True, "rows"), object_array(mark)):
        files.write_named_by_checksum(path.parent, stem, ".npz", lambda file, plant=plant: file.write(plant))
        again = Evaluation.of(built, ["histogram"]).rankings_of("histogram")
        np.testing.assert_array_equal(again.rows, whole.rows)
    assert not mark.exists()


@pytest.mark.parametrize(
    ("method", "suffix"),
    [
        *(("resnet18", suffix) for suffix in SUFFIXES),
        ("timm:resnet18.a1_in1k", ".safetensors"),
        ("timm:resnet18.a1_in1k", ".pth"),
        ("open_clip:ViT-B-32/openai", ".bin"),
    ],
)
def test_in_weights(tmp_path: Path, mark: Path, monkeypatch: pytest.MonkeyPatch, method: str, suffix: str) -> None:
    import torch

    for package in ("timm", "open_clip"):
        if method.startswith(package):
            pytest.importorskip(package)
    folder = tmp_path / "weights"
    folder.mkdir()
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    name = method.partition(":")[2].replace("/", "_") or method
    path = folder / f"{name}{suffix}"
    for plant in ({"state_dict": _Writes(mark)}, _Writes(mark)):
        torch.save(plant, path)
        with pytest.raises(WeightsError, match=f"{name}{suffix} is not a plain state dict"):
            encoder_spec(method).load()
    path.write_bytes(pickled(mark))
    with pytest.raises(WeightsError, match="is not a plain state dict"):
        encoder_spec(method).load()
    assert not mark.exists()


def test_in_a_codebook(tmp_path: Path, mark: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "codebooks.npz").write_bytes(object_array(mark, True, "sift.mean"))
    monkeypatch.setattr(local, "CODEBOOKS", tmp_path / "codebooks.npz")
    local.codebook_of.cache_clear()
    with pytest.raises(WeightsError, match="damaged or missing"):
        local.codebook_of(local.FEATURES[0])
    local.codebook_of.cache_clear()
    assert not mark.exists()


@pytest.mark.parametrize("name", ["mine.npy", "mine.npz", "mine.parquet", "mine.csv"])
def test_in_vectors_that_are_imported(mark: Path, name: str) -> None:
    for plant in (pickled(mark), object_array(mark), object_array(mark, True, "vectors")):
        with pytest.raises(VectorsError):
            reading.read(reading.Source(name, io.BytesIO(plant)))
        vectors = io.BytesIO()
        np.save(vectors, np.eye(4))
        with pytest.raises(VectorsError):
            reading.read(reading.Source("mine.npy", vectors), reading.Source("ids.npy", io.BytesIO(plant)))
    assert not mark.exists()


def test_in_a_checkpoint_whose_checksum_is_right(tmp_path: Path, mark: Path) -> None:
    for plant in (pickled(mark), object_array(mark)):
        write = lambda file, plant=plant: file.write(plant)  # noqa: E731
        entry = files.write_named_by_checksum(tmp_path, "checkpoint", ".safetensors", write)
        outer = {"format": 3, "checksum": checkpoint._checksum({}), "tensors": entry, "plain": {}}
        (tmp_path / checkpoint.POINTER).write_text(json.dumps(outer))
        with pytest.raises(TrainingError, match="is damaged"):
            checkpoint.read(tmp_path)
    assert not mark.exists()


def test_in_a_journal(tmp_path: Path, mark: Path) -> None:
    (tmp_path / "histogram.bin").write_bytes(pickled(mark) * 100)
    assert Journal(tmp_path / "histogram.bin").entries == {}
    assert not mark.exists()


def test_modules_in_the_working_folder_are_not_ours(tmp_path: Path, mark: Path, home: Path) -> None:
    for name in ("numpy", "msgspec", "PIL", "streamlit", "sitecustomize", "json", "fashion_search"):
        (tmp_path / f"{name}.py").write_text(f"open({str(mark)!r}, 'w')")
    script = tmp_path / "bin/fashion-search"
    script.parent.mkdir()
    script.write_text("import sys\nfrom fashion_search.cli import main\nsys.exit(main())\n")
    found = subprocess.run(
        [sys.executable, str(script), "list"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    assert not mark.exists()


def test_a_page_joins_no_cluster_that_a_status_names() -> None:
    request = Request("/data/shop", "shop", ("histogram",), ray="evil.example:6379")
    assert builds._here(Status("interrupted", request)) == replace(request, ray="")


# -- paths that lead elsewhere ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"name": "../outside"},
        {"part_of": "/etc"},
        {"queries_of": ".."},
        {"rest_of": "a\\b"},
        {"items": {"file": "../../etc/passwd", "sha256": "0" * 64}},
        {"items": {"file": "/etc/passwd", "sha256": "0" * 64}},
        {"items": {}},
    ],
)
def test_a_manifest_names_nothing_outside(built: Store, change: dict[str, Any]) -> None:
    write_manifest(built.folder, replace(built.manifest, **change))
    with pytest.raises(StoreError, match=r"manifest\.json is damaged .* Build the catalog again\."):
        read_manifest(built.folder)


def test_an_item_names_no_picture_outside(built: Store) -> None:
    (Path(built.manifest.source_path).parent / "secret.jpg").write_bytes(b"secret")
    item = replace(built.catalog.items[0], image="../secret.jpg")
    built.catalog = replace(built.catalog, items=(item, *built.catalog.items[1:]))  # type: ignore[misc]
    with pytest.raises(SourceError, match="no longer in"):
        built.original(0, built.tree())
    with pytest.raises(SourceError, match="leads out of"):
        built.tree().read("../secret.jpg")


@pytest.mark.parametrize("location", ["../secret.bin", "{outside}/secret.bin", "link.bin", "own.bin"])
def test_an_onnx_network_reads_no_weights_outside_of_its_folder(tmp_path: Path, location: str) -> None:
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    folder = tmp_path / "model"
    folder.mkdir()
    for path in (tmp_path / "secret.bin", folder / "own.bin"):
        path.write_bytes(np.ones((3, 4), np.float32).tobytes())
    (folder / "link.bin").symlink_to(tmp_path / "secret.bin")
    tensor = onnx.TensorProto(name="w", data_type=1, dims=[3, 4], data_location=onnx.TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value=location.format(outside=tmp_path))
    tensor.external_data.add(key="length", value="48")
    nodes = [
        onnx.helper.make_node("GlobalAveragePool", ["x"], ["mean"]),
        onnx.helper.make_node("Flatten", ["mean"], ["flat"]),
        onnx.helper.make_node("MatMul", ["flat", "w"], ["y"]),
    ]
    ends = [onnx.helper.make_tensor_value_info(*one) for one in (("x", 1, ["n", 3, 8, 8]), ("y", 1, ["n", 4]))]
    graph = onnx.helper.make_graph(nodes, "g", ends[:1], ends[1:], [tensor])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
    (folder / "net.onnx").write_bytes(model.SerializeToString())
    declared = {"size": {"height": 8, "width": 8}, "image_mean": [0, 0, 0], "image_std": [1, 1, 1], "resample": 2}
    (folder / "net.json").write_text(json.dumps(declared))
    name = f"onnx:{folder / 'net.onnx'}"
    if location == "own.bin":
        assert OnnxEncoder(name).fingerprint.weights
        return
    with pytest.raises(WeightsError, match="is not an ONNX network that runs here"):
        OnnxEncoder(name)
