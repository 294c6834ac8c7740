"""Training against a plain PyTorch loop, and the encoder that is shipped against ResNet-18."""

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import processes
from benchmarks.measuring import Row, Setting, paired, timed

STEPS = 12  # of one measurement
PICTURES = 640


def training(setting: Setting) -> Iterator[Row]:
    """Steps of the recipe ``fashion`` against a plain loop over ready tensors: same network, float32, not augmented;
    and what a whole short run holds in memory.
    """
    import numpy as np
    import torch

    from fashion_search.build.run import build
    from fashion_search.catalog.request import Request
    from fashion_search.catalog.source import Options
    from fashion_search.encoders.networks import Embedder, normalised
    from fashion_search.encoders.trained import SHIPPED, read_account
    from fashion_search.store import open_store
    from fashion_search.training.lineage import find_lineage
    from fashion_search.training.loop import Trainer
    from fashion_search.training.plan import Plan
    from fashion_search.training.recipe import open_recipe
    from fashion_search.training.train import begin, read_plan_data

    recipe = open_recipe("fashion").with_settings({"network.start": "fashion", "distillation.teachers": '["fashion"]'})
    if "bench-training" not in {path.name for path in setting.home.glob("*")}:
        options = Options(
            smallest=4, largest=6 if setting.source == "demo" else 20
        )  # so that the demo has something left
        build(Request(setting.source, "bench-training", ("histogram",), options, quick=True))
    store = open_store("bench-training")
    plan = Plan("bench-training", recipe, "bench", limit=PICTURES)
    data = read_plan_data(plan, store)
    with tempfile.TemporaryDirectory() as folder:
        lineage = find_lineage(recipe, store.catalog)
        trainer = Trainer(begin(plan, store, data.division, lineage), data, Path(folder), lineage=lineage)
        batch = trainer.batch
        steps = trainer.order(0)[: STEPS * batch]
        order = np.resize(steps, STEPS * batch)

        plain = Embedder(recipe.network.architecture).to(trainer.device).train()
        heads = torch.nn.ModuleDict(
            {
                column: torch.nn.Linear(plain.dimensions, len(values))
                for column, values in trainer.targets.values.items()
            }
        ).to(trainer.device)
        targets = {column: codes.to(trainer.device) for column, codes in trainer.targets.codes.items()}
        optimiser = torch.optim.AdamW([*plain.parameters(), *heads.parameters()], lr=1e-3)
        pixels = torch.from_numpy(np.array(data.pixels[: data.n_training])).permute(0, 3, 1, 2).contiguous().float()
        tensors = normalised(pixels).to(trainer.device)

        def loop() -> float:
            started = time.perf_counter()
            for start in range(0, len(order), batch):
                rows = torch.from_numpy(order[start : start + batch]).to(trainer.device)
                embeddings, _ = plain(tensors[rows])
                loss = torch.stack(
                    [
                        torch.nn.functional.cross_entropy(heads[column](embeddings), codes[rows])
                        for column, codes in targets.items()
                    ]
                ).sum()
                optimiser.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                optimiser.step()
            return time.perf_counter() - started

        def ours() -> float:
            """All of a step: augmentation, half precision where the device has it, every loss, clipping."""
            started = time.perf_counter()
            for start in range(0, len(order), batch):
                trainer._step(order[start : start + batch], 0.9)  # 0.9: pictures of full size
            return time.perf_counter() - started

        pairs = paired(loop, ours, setting.n, warm=1)
    shipped = read_account(SHIPPED).training
    facts = {
        "images/s": round(len(order) * len(pairs) / sum(second for _, second in pairs), 1),
        "precision": trainer.run.precision,
        "hours of the shipped encoder": round(shipped["seconds"] / 3600, 1),
    }
    what = f"{STEPS} steps of {batch} pictures"
    yield Row.of(what, "plain loop, ready tensors", pairs, is_speed=True, facts=facts)
    opened = "import torch; from fashion_search.store import open_store; open_store('bench-training')"
    bare = processes.run(opened, home=setting.home)[1] / 2**20
    peak = _peak_memory(setting.home)
    yield Row.of("memory of a run of 2,000 pictures", "torch and the catalog, opened", [(bare, peak)], unit="MB")


def _peak_memory(home: Path) -> float:
    """Peak resident memory of a whole short run, reading included, MB."""
    options = ["--name", "bench-memory", "--limit", "2000", "--epochs", "1", "--restart", "--no-final"]
    recipe = ["--recipe", "tune"]  # it starts from the encoder that comes with the program
    code = "import sys; from fashion_search.cli import main; sys.exit(1) if main(sys.argv[1:]) else None"
    return processes.run(code, "train", "bench-training", *recipe, *options, home=home)[1] / 2**20


def encoding(setting: Setting) -> Iterator[Row]:
    """Pictures to vectors, preparation included: the encoder that is shipped against ResNet-18 at 224 × 224."""
    from fashion_search.catalog.sources import open_source
    from fashion_search.encoders import ENCODERS
    from fashion_search.images import open_image

    opened = open_source(setting.source)
    catalog, _ = opened.catalog("bench", "bench")
    images = [open_image(opened.tree.read_image(item.image)) for item in catalog.items[:PICTURES]]

    def encoded(method: str) -> Callable[[], float]:
        encoder = ENCODERS[method].load()

        def run() -> None:
            for start in range(0, len(images), 32):
                encoder.encode(images[start : start + 32])

        return lambda: timed(run)

    pairs = paired(encoded("resnet18"), encoded("fashion"), setting.n, warm=1)
    facts = {"images/s": round(len(images) * len(pairs) / sum(second for _, second in pairs), 1)}
    yield Row.of(f"Fashion, {len(images)} pictures", "ResNet-18", pairs, is_speed=True, facts=facts)
