"""The rules of the architecture, read from the sources."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "fashion_search"
LAYERS = [  # each part may import those of the lines above it, and its own
    {"__init__", "errors", "home", "metadata", "spreadsheets"},
    {"settings", "logs"},
    {"image_limits"},
    {"images", "ground", "files", "typed", "machine", "archives", "turns", "work"},
    {"proposals", "decoding"},
    {"catalog"},
    {"encoders"},
    {"scored"},
    {"library"},
    {"labels", "index", "matching"},
    {"search"},
    {"manifest", "store_files"},
    {"store"},
    {"joined_store"},
    {"query_store", "whole_store"},
    {"evaluation"},
    {"cases", "costs"},
    {"build"},
    {"training", "removal", "importing"},
    {"doctor"},
    {"charts"},
    {"report"},
    {"ui"},
    {"cli"},
    {"__main__"},
]
WITH_TORCH = {  # modules that are nothing without torch: they may import it at their top, and are imported late
    "encoders.autoencoder",
    "encoders.classifying",
    "encoders.model_networks",
    "encoders.networks",
    "encoders.torch_running",
    "encoders.transformer",
    "training.augment",
    "training.checkpoint",
    "training.grounds",
    "training.heads",
    "training.loop",
    "training.losses",
    "training.optimisation",
    "training.targets",
    "training.teaching",
}
HEIGHT = {part: height for height, parts in enumerate(LAYERS) for part in parts}


def imports(path: Path, only_at_top: bool = False) -> Iterator[str]:
    """Full names of what a file imports; ``from a import b`` counts as ``a.b``."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in tree.body if only_at_top else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute here"
            yield from (f"{node.module}.{name.name}" for name in node.names)


def part_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in HEIGHT else "__init__"


SOURCES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_point_one_way(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    used = {part_of(name) for name in imports(path) if name.split(".")[0] == PACKAGE.name}
    wrong = {part for part in used - {own} if HEIGHT[part] >= HEIGHT[own]}
    assert not wrong


def test_streamlit_is_imported_by_pages_and_their_components_alone() -> None:
    core = [path for path in SOURCES if PACKAGE / "ui" not in path.parents]
    assert core
    assert not [path for path in core if any(name.split(".")[0] == "streamlit" for name in imports(path))]


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def test_heavy_packages_are_imported_where_they_are_needed() -> None:
    heavy = {
        "torch",
        "torchvision",
        "kagglehub",
        "tqdm",
        "pandas",
        "sklearn",
        "openTSNE",
        "scipy",
        "plotly",
        "jinja2",
        "cv2",
        "pytorch_metric_learning",
        "pptx",
        "timm",
        "open_clip",
        "onnxruntime",
        "onnx",
        "onnxscript",
        "faiss",
        "mahotas",
        "pyarrow",
        "ray",
    }
    core = [path for path in SOURCES if PACKAGE / "ui" not in path.parents]
    found = {name_of(path): heavy & {name.split(".")[0] for name in imports(path, only_at_top=True)} for path in core}
    assert {name for name, packages in found.items() if packages} == WITH_TORCH
    assert all(found[name] == {"torch"} for name in WITH_TORCH)


def test_modules_with_torch_are_imported_late() -> None:
    def knows_one(path: Path) -> bool:
        top = set(imports(path, only_at_top=True))
        return any(f"{PACKAGE.name}.{name}" in {used, used.rpartition(".")[0]} for used in top for name in WITH_TORCH)

    assert not [path for path in SOURCES if name_of(path) not in WITH_TORCH and knows_one(path)]


def test_torch_is_known_to_encoders_and_training_alone() -> None:
    known = (PACKAGE / "encoders", PACKAGE / "training")
    others = [path for path in SOURCES if not set(known) & set(path.parents)]
    assert others
    assert not [path for path in others if {"torch", "torchvision"} & {name.split(".")[0] for name in imports(path)}]


def test_one_module_reads_and_writes_the_url() -> None:
    pages = [ROOT / "app.py", *(ROOT / "pages").glob("*.py"), *(PACKAGE / "ui").rglob("*.py")]
    used = {path.name for path in pages if re.search(r"\bst\.query_params\b", path.read_text("utf-8"))}
    assert used == {"url.py"}


def test_every_chart_is_described_in_words() -> None:
    def calls(path: Path) -> Iterator[ast.Call]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "plotly_chart":
                yield node

    pages = [ROOT / "app.py", *(ROOT / "pages").glob("*.py"), *(PACKAGE / "ui").rglob("*.py")]
    found = [(path.name, call.lineno, {word.arg for word in call.keywords}) for path in pages for call in calls(path)]
    assert len(found) > 5
    assert not [(name, line) for name, line, words in found if "alt" not in words]


def test_no_file_is_long() -> None:
    lines = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in SOURCES}
    assert not {name: count for name, count in lines.items() if count > 400}
