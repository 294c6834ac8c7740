"""Building: its speed against the plain loop over ready tensors, and its memory."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import processes
from benchmarks.browser import PAGES, PICTURE, Server, browser
from benchmarks.measuring import Goal, Row, Setting, paired, timed

_MOST, _FEW = 640, 160  # pictures that are built of, in a full run and in a quick one


def build(setting: Setting) -> Iterator[Row]:
    """A whole build with ResNet-18, from files to a verified library, against the plain loop over ready tensors.

    Exact, as it was found to run fastest here, which an earlier build found out; and in bfloat16.
    """
    import numpy as np
    import torch
    from torchvision.models import resnet18

    from fashion_search.build.run import build as build_catalog
    from fashion_search.catalog.request import Request
    from fashion_search.catalog.sources import open_source
    from fashion_search.encoders import ENCODERS, encoder_spec
    from fashion_search.encoders.architecture import DEVIATION, MEAN, PRETRAINED
    from fashion_search.images import open_image

    source = open_source(setting.source)
    catalog, _ = source.catalog("bench", "bench")
    items = catalog.items[: _MOST if setting.is_full else _FEW]
    encoder: Any = ENCODERS["resnet18"].load()
    encoder.choose_fastest()
    plain = resnet18()
    plain.load_state_dict(PRETRAINED["resnet18"].load()[0])
    plain.fc = torch.nn.Identity()
    plain.eval()
    originals = [source.tree.read_image(item.image) for item in items]
    pixels = np.stack([encoder.prepare(open_image(data)) for data in originals])
    tensors = torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous().float().div_(255)
    tensors = (tensors - torch.tensor(MEAN).view(1, 3, 1, 1)) / torch.tensor(DEVIATION).view(1, 3, 1, 1)
    vectors: list[Any] = []

    def loop() -> None:
        with torch.inference_mode():
            vectors[:] = [plain(batch) for batch in tensors.split(32)]  # type: ignore[no-untyped-call]

    with tempfile.TemporaryDirectory() as folder:
        pictures = Path(folder, "pictures", "group")
        pictures.mkdir(parents=True)
        for number, data in enumerate(originals):
            (pictures / f"{number}.jpg").write_bytes(data)
        targets = iter(range(2 * setting.n))
        for method, goal in (("resnet18", 1.6), ("bfloat16:resnet18", 2.2)):
            spec = encoder_spec(method)
            request = Request(str(pictures.parent), "pictures", (method,), quick=True)

            def ours(request: Request = request) -> float:
                """All of a build: reading, thumbnails, encoding, writing, verifying."""
                return timed(lambda: build_catalog(request, folder=Path(folder, f"built-{next(targets)}")))

            pairs = paired(lambda: timed(loop), ours, setting.n)
            unit = torch.nn.functional.normalize(torch.cat(vectors)).numpy()
            made = encoder.embed(pixels) if method == "resnet18" else spec.load().embed(pixels)
            facts = {
                "images/s": round(len(items) * len(pairs) / sum(second for _, second in pairs), 1),
                "least cosine": round(float((unit * made).sum(axis=1).min()), 7),
            }
            what = f"{spec.title}, {len(items)} pictures"
            yield Row.of(what, "plain loop, ready tensors", pairs, is_speed=True, goal=Goal("≥", goal), facts=facts)


def memory(setting: Setting) -> Iterator[Row]:
    """At its peak: of a whole build, against a process that opens the source; of the app, against an empty page."""
    code = (
        "import sys; from fashion_search.build.run import build;"
        "from fashion_search.catalog.request import Request; from fashion_search.encoders import DEFAULT_METHODS;"
        "s = build(Request(sys.argv[1], 'bench', DEFAULT_METHODS, quick=True)); print(s.manifest.n_items)"
    )
    opened = "import sys, torch; from fashion_search.catalog.sources import open_source; open_source(sys.argv[1])"
    with tempfile.TemporaryDirectory() as folder:
        bare = processes.run(opened, setting.source, home=Path(folder))[1]
        (images,), peak = processes.run(code, setting.source, home=Path(folder))
    pair = (bare / 2**20, peak / 2**20)
    yield Row.of(f"build of {int(images):,} images", "torch and the source, opened", [pair], unit="MB")
    app = _page_memory(setting, None, "[class*=st-key-results-resnet18] " + PICTURE)
    empty = _page_memory(setting, PAGES / "empty.py", "text=ready")
    yield Row.of("the app, its first results drawn", "an empty Streamlit page", [(empty, app)], unit="MB")


def _page_memory(setting: Setting, page: Path | None, drawn: str) -> float:
    """Peak memory of a page's server once something is drawn, MB."""
    with browser() as chromium, Server(page, setting.home) as server:
        server.wait()
        tab = chromium.new_page()
        tab.goto(f"{server.url}/?catalog={setting.catalog}")
        tab.wait_for_selector(drawn)
        return server.memory()[1] / 2**20
