"""An uploaded picture: from the drop to drawn results, and what many large ones do to memory."""

import io
import itertools
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.browser import PAGES, ROOT, SETTLED, BareRerun, Server, browser

Pairs = Callable[[Callable[[], float], Callable[[], float], int], dict[str, float]]

METHODS = ("histogram", "resnet18", "fashion")
LARGE = (8_000, 6_000)  # px; 48 megapixels
MANY, WARM = 50, 10  # uploads in all, and before memory is first read
_NOISE = 40  # of 255
_UPLOADER = ".st-key-upload-ways input[type=file]"


def _jpeg(size: tuple[int, int], seed: int) -> bytes:
    """A photo that no other seed has, with a camera's noise and a colour profile: about 0.35 MB a megapixel."""
    import numpy as np
    from PIL import Image, ImageCms

    random = np.random.default_rng(seed)
    coarse = Image.fromarray(random.integers(0, 215, (48, 64, 3)).astype(np.uint8))
    pixels = np.asarray(coarse.resize(size, Image.Resampling.BILINEAR))
    noisy = pixels + random.integers(0, _NOISE, (size[1], size[0], 1)).astype(np.uint8)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    out = io.BytesIO()
    Image.fromarray(noisy).save(out, "JPEG", quality=85, icc_profile=profile)
    return out.getvalue()


def _photo(folder: str, size: tuple[int, int], number: int) -> Path:
    path = Path(folder, "photo.jpg")
    path.write_bytes(_jpeg(size, number))
    return path


def _drop(tab: Any, path: Path, method: str) -> float:
    """Seconds from a file being dropped to the results of the last method being drawn; waits for all of the page."""
    drawn = f"[class*=st-key-results-{method}]"
    before = tab.locator(drawn).first.inner_text()
    started = time.perf_counter()
    tab.locator(_UPLOADER).set_input_files(path)
    tab.wait_for_function(
        "([drawn, before]) => { const now = document.querySelector(drawn)?.innerText; return now && now !== before; }",
        arg=[drawn, before],
    )
    seconds = time.perf_counter() - started
    tab.wait_for_selector(SETTLED)
    return seconds


def upload(home: Path, n: int, catalog: str, pairs: Pairs) -> dict[str, Any]:
    """A photo of 12 megapixels, results of three methods drawn, against a bare Streamlit rerun; the encoders alone."""
    with (
        tempfile.TemporaryDirectory() as folder,
        browser() as chromium,
        Server(PAGES / "rerun.py", home) as bare,
        Server(ROOT / "app.py", home) as app,
    ):
        bare.wait()
        app.wait()
        rerun, tab = BareRerun(chromium.new_page(), bare.url), chromium.new_page()
        tab.goto(f"{app.url}/?catalog={catalog}&methods={','.join(METHODS)}")
        tab.wait_for_selector(_UPLOADER, state="attached")
        tab.wait_for_selector(SETTLED)

        numbers = itertools.count()

        def drop() -> float:
            return _drop(tab, _photo(folder, (4_000, 3_000), next(numbers)), METHODS[-1])

        for _ in range(3):
            rerun(), drop()
        result: dict[str, Any] = pairs(rerun, drop, n)
    result["encoders_s"] = _encoders(n)
    result["beyond_encoders_s"] = round(result["ours_s"] - result["encoders_s"], 3)
    return result


def _encoders(n: int) -> float:
    """Seconds that the methods' encoders take for one picture together, warm."""
    from PIL import Image

    from fashion_search.encoders import ENCODERS

    picture = Image.open(io.BytesIO(_jpeg((1_600, 1_200), 0))).convert("RGB")
    encoders = [ENCODERS[method].load() for method in METHODS]
    times = []
    for _ in range(n + 2):
        started = time.perf_counter()
        for encoder in encoders:
            encoder.encode([picture])
        times.append(time.perf_counter() - started)
    return round(statistics.median(times[2:]), 4)


def upload_memory(home: Path, catalog: str) -> dict[str, Any]:
    """Resident memory of the app after some and after many uploads of 48 megapixels, MB."""
    with tempfile.TemporaryDirectory() as folder, browser() as chromium, Server(ROOT / "app.py", home) as app:
        app.wait()
        tab = chromium.new_page()
        tab.goto(f"{app.url}/?catalog={catalog}&methods=fashion")
        tab.wait_for_selector(_UPLOADER, state="attached")
        tab.wait_for_selector(SETTLED)
        resident = []
        for number in range(MANY):
            _drop(tab, _photo(folder, LARGE, number), "fashion")
            resident.append(app.memory()[0] / 2**20)
        peak = app.memory()[1] / 2**20
    early, late = statistics.median(resident[WARM - 5 : WARM]), statistics.median(resident[-5:])
    return {
        "uploads": MANY,
        "after_10_mb": round(early),
        f"after_{MANY}_mb": round(late),
        "ratio": round(late / early, 3),
        "peak_mb": round(peak),
    }
