"""Networks without what is around them: ResNet-18 against the plain call; and large JPEGs, opened and resized."""

import io
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.measuring import Goal, Row, Setting, paired, timed

_LARGE = (1_800, 2_400)  # px, of a shop's originals
_LARGE_ONES = 6
_GRAIN = 2.0  # standard deviation of a camera's noise, of 255


def running(setting: Setting) -> Iterator[Row]:
    """ResNet-18 as it was found to run fastest here, and in bfloat16, against torchvision's network as it is."""
    import numpy as np
    import torch
    from torchvision.models import resnet18

    from fashion_search.encoders import encoder_spec
    from fashion_search.encoders.architecture import DEVIATION, MEAN, PRETRAINED

    plain = resnet18()
    plain.load_state_dict(PRETRAINED["resnet18"].load()[0])
    plain.fc = torch.nn.Identity()
    plain.eval()
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (32, 28, 28, 3), dtype=np.uint8)
    pixels = coarse.repeat(8, axis=1).repeat(8, axis=2)
    values = torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous().float().div_(255)
    tensors = (values - torch.tensor(MEAN).view(1, 3, 1, 1)) / torch.tensor(DEVIATION).view(1, 3, 1, 1)

    def called(count: int) -> Callable[[], float]:
        def run() -> Any:
            with torch.inference_mode():
                return plain(tensors[:count])

        return lambda: timed(run)

    with torch.inference_mode():
        expected = torch.nn.functional.normalize(plain(tensors)).numpy()
    for method, goals in (("resnet18", {32: 1.5, 1: 1.0}), ("bfloat16:resnet18", {32: 2.2})):
        encoder: Any = encoder_spec(method).load()
        encoder.choose_fastest()
        cosine = float((expected * encoder.embed(pixels)).sum(axis=1).min())
        facts: dict[str, float | str] = {"by": type(encoder.running).__name__, "least cosine": round(cosine, 7)}
        for count, goal in goals.items():
            ours = lambda count=count, encoder=encoder: timed(lambda: encoder.embed(pixels[:count]))  # noqa: E731
            pairs = paired(called(count), ours, setting.n * (1 if count > 1 else 5), warm=2)
            what = f"{encoder_spec(method).title}, {count} {'picture' if count == 1 else 'pictures'} at once"
            yield Row.of(what, "torchvision's call", pairs, is_speed=True, goal=Goal("≥", goal), facts=facts)


def decoding(setting: Setting) -> Iterator[Row]:
    """Large JPEGs to the pixels that ResNet-18 takes, against opening and resizing them whole."""
    import numpy as np
    from PIL import Image

    from fashion_search.catalog.sources import open_source
    from fashion_search.encoders import encoder_spec
    from fashion_search.images import Opened, open_image

    source = open_source("demo")
    catalog, _ = source.catalog("bench", "bench")
    rng = np.random.default_rng(0)
    files = []
    for item in catalog.items[:: len(catalog.items) // _LARGE_ONES][:_LARGE_ONES]:
        large = open_image(source.tree.read_image(item.image)).resize(_LARGE, Image.Resampling.BICUBIC)
        grain = rng.normal(0, _GRAIN, (*large.size[::-1], 1))
        noisy = np.clip(np.asarray(large) + grain, 0, 255).astype(np.uint8)
        out = io.BytesIO()
        Image.fromarray(noisy).save(out, "JPEG", quality=90)
        files.append(out.getvalue())
    encoder: Any = encoder_spec("resnet18").load()

    def plainly(data: bytes) -> Any:
        return np.asarray(Image.open(io.BytesIO(data)).convert("RGB").resize((224, 224), Image.Resampling.BILINEAR))

    def ours(data: bytes) -> Any:
        return encoder.prepare(Opened(data).with_enough(encoder.enough))

    whole, scaled = (np.stack([one(data) for data in files]) for one in (plainly, ours))
    cosines = (encoder.embed(whole) * encoder.embed(scaled)).sum(axis=1)
    facts = {"mean cosine": round(float(cosines.mean()), 5), "least": round(float(cosines.min()), 5)}

    def all_of(one: Callable[[bytes], Any]) -> float:
        return timed(lambda: [one(data) for data in files])

    pairs = paired(lambda: all_of(plainly), lambda: all_of(ours), 3 * setting.n, warm=1)
    what = f"{_LARGE_ONES} JPEGs of {_LARGE[0]:,} × {_LARGE[1]:,}"
    yield Row.of(what, "open and resize", pairs, is_speed=True, goal=Goal("≥", 3), facts=facts)
