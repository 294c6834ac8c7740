"""An uploaded picture: from the drop to drawn results, and what many large ones do to memory."""

import io
import itertools
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.browser import SETTLED, Server, browser
from benchmarks.measuring import Row, Setting, paired, timed

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


def upload(setting: Setting) -> Iterator[Row]:
    """From a dropped photo of 12 megapixels to the drawn results of three methods, against their encoders alone."""
    encoders = _encoders()
    with (
        tempfile.TemporaryDirectory() as folder,
        browser() as chromium,
        Server(None, setting.home) as app,
    ):
        app.wait()
        tab = chromium.new_page()
        tab.goto(f"{app.url}/?catalog={setting.catalog}&methods={','.join(METHODS)}")
        tab.wait_for_selector(_UPLOADER, state="attached")
        tab.wait_for_selector(SETTLED)

        numbers = itertools.count()

        def drop() -> float:
            return _drop(tab, _photo(folder, (4_000, 3_000), next(numbers)), METHODS[-1])

        pairs = paired(encoders, drop, setting.n, warm=3)
    yield Row.of("a photo of 12 megapixels", "the three encoders alone", pairs)


def _encoders() -> Callable[[], float]:
    """Seconds that the methods' encoders take for one picture together."""
    from PIL import Image

    from fashion_search.encoders import ENCODERS

    picture = Image.open(io.BytesIO(_jpeg((1_600, 1_200), 0))).convert("RGB")
    encoders = [ENCODERS[method].load() for method in METHODS]
    return lambda: timed(lambda: [encoder.encode([picture]) for encoder in encoders])


def upload_memory(setting: Setting) -> Iterator[Row]:
    """Resident memory of the app after 50 uploads of 48 megapixels, against that after ten."""
    with tempfile.TemporaryDirectory() as folder, browser() as chromium, Server(None, setting.home) as app:
        app.wait()
        tab = chromium.new_page()
        tab.goto(f"{app.url}/?catalog={setting.catalog}&methods=fashion")
        tab.wait_for_selector(_UPLOADER, state="attached")
        tab.wait_for_selector(SETTLED)
        resident = []
        for number in range(MANY):
            _drop(tab, _photo(folder, LARGE, number), "fashion")
            resident.append(app.memory()[0] / 2**20)
        peak = app.memory()[1] / 2**20
    early, late = statistics.median(resident[WARM - 5 : WARM]), statistics.median(resident[-5:])
    facts = {"peak in MB": round(peak)}
    yield Row.of(f"the app after {MANY} uploads", f"after {WARM} uploads", [(early, late)], unit="MB", facts=facts)
