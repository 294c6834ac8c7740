"""The loop: one run from its first step, or from where it was stopped, to an encoder. It imports torch."""

import contextlib
import copy
import math
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from fashion_search.catalog import Protocol, draw_split
from fashion_search.encoders import Fingerprint, trained
from fashion_search.encoders.networks import Embedder, normalised
from fashion_search.errors import RecipeError, TrainingError
from fashion_search.evaluation.alterations import ALL_TOGETHER, altered
from fashion_search.evaluation.mismatches import read_shades
from fashion_search.evaluation.rankings import rank
from fashion_search.library import Library
from fashion_search.training import checkpoint
from fashion_search.training.augment import augmented
from fashion_search.training.data import Data, Report
from fashion_search.training.figures import RANK, figures
from fashion_search.training.grounds import Grounds, read_scenes
from fashion_search.training.lineage import ALONE, Lineage
from fashion_search.training.losses import Losses, Targets, encode, encode_words
from fashion_search.training.recipe import SMALL, Recipe
from fashion_search.training.run import LOSSES, VALIDATION, Row, Run, write_run, write_table
from fashion_search.training.sampling import epoch_order
from fashion_search.training.teaching import taught_vectors

_LOG_EVERY = 25  # steps that a row of the losses is the mean of
_SAVE_EVERY = 120.0  # s between checkpoints, and one at every validation
_CLIP = 5.0  # largest norm of the gradient
_LEAST_BATCH = 8
_ENCODE = 256  # pictures encoded at once for a validation
_MEMORY_WORDS = ("out of memory", "not enough memory", "can't allocate memory", "alloc_failed")

Watch = Callable[[Run], None]


class Trainer:
    """One run in memory. ``train`` takes it to its end; ``best_state`` are then the weights of the best validation."""

    def __init__(
        self,
        run: Run,
        data: Data,
        folder: Path,
        watch: Watch = lambda run: None,
        lineage: Lineage = ALONE,
        teaching: Report = lambda done, total: None,
    ):
        self.run, self.data, self.folder, self.watch, self.lineage = run, data, folder, watch, lineage
        self.recipe: Recipe = run.recipe
        self.device = torch.device(run.device)
        torch.set_num_threads(run.threads)
        torch.manual_seed(run.seed)
        self.pixels = torch.from_numpy(np.asarray(data.pixels))
        targets, notes = find_targets(data, self.recipe)
        self._note(*notes)
        self.targets = targets
        self.network = Embedder(self.recipe.network.architecture, self.recipe.network.pretrained).to(self.device)
        self.network = self.network.to(memory_format=torch.channels_last)
        if lineage.start is not None:
            self.network.load_state_dict(trained.read_state(lineage.start.path, lineage.start.weights))
        self.losses = Losses(self.recipe, self.network.dimensions, self.network.channels, targets, read_shades()).to(
            self.device
        )
        if self.recipe.network.frozen:
            self.network.trunk.requires_grad_(False)
        self.current = torch.nn.ModuleDict({"network": self.network, "heads": self.losses.heads})
        self.averaged = copy.deepcopy(self.current).requires_grad_(False) if self.recipe.optimisation.average else None
        self.optimiser = self._optimiser()
        self.batch = self._largest_batch()
        self.taught = self._taught(teaching)
        self.opacity = None if data.opacity is None else torch.from_numpy(np.asarray(data.opacity))
        self.grounds = Grounds(read_scenes()) if self.recipe.augmentation.photo else None
        self.photos = self._validation_photos() if self.recipe.augmentation.photo else None
        self.epoch, self.position = 0, 0  # pictures of this epoch that were seen
        self.worse = 0  # validations since the best
        self.best_state: dict[str, Tensor] = {}
        self.best_heads: dict[str, Tensor] = {}
        self.rows: list[Row] = []
        self.validations: list[Row] = []
        self.pending: list[dict[str, float]] = []
        self._whole = True  # between steps and validations: what a checkpoint may hold
        self._saved, self._saved_step = time.monotonic(), 0
        self._clock = time.monotonic()

    def _optimiser(self) -> torch.optim.Optimizer:
        trained = [p for module in (self.network, self.losses) for p in module.parameters() if p.requires_grad]
        schedule = self.recipe.optimisation
        groups = [
            {"params": [p for p in trained if p.ndim > 1], "weight_decay": schedule.decay},
            {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},  # biases and norms
        ]
        kind = torch.optim.Adam if schedule.optimiser == "adam" else torch.optim.AdamW
        return kind(groups, lr=schedule.rate, fused=self.device.type in ("cpu", "cuda"))

    def _largest_batch(self) -> int:
        """The recipe's, or what there is, without parting pictures that stand together."""
        similarity = self.recipe.similarity
        is_paired = similarity is not None and similarity.same == "instance"
        together = 2 if is_paired else self.recipe.optimisation.together
        most = min(self.recipe.optimisation.batch, self.data.n_training * (2 if is_paired else 1))
        return max(most // together * together, together)

    def _taught(self, report: Report) -> Tensor | None:
        """What the teachers make of the training pictures, shape (n, dimensions)."""
        if not self.lineage.teachers:
            return None
        pixels = np.asarray(self.data.pixels[: self.data.n_training])
        like = self.encode(self.network, pixels) if self.lineage.start is not None else None
        return taught_vectors(self.lineage.teachers, pixels, self.network.dimensions, like, report)

    def _validation_photos(self) -> NDArray[np.uint8]:
        """The validation pictures under all alterations at once, shape (n, height, width, 3)."""
        prepare = self.recipe.network.architecture.prepare
        pixels = self.data.pixels[self.data.n_training :]
        pairs = zip(pixels, self.data.division.validation, strict=True)
        return np.stack([prepare(altered(Image.fromarray(one), ALL_TOGETHER, of.checksum)) for one, of in pairs])

    # -- one run ------------------------------------------------------------------------------------------

    def train(self) -> Run:
        """Go on until the last epoch, or until validations have not become better for ``patience``.

        Raises:
            TrainingError: the loss is no number, or memory does not suffice for the smallest batch.
        """
        schedule = self.recipe.optimisation
        self._clock = time.monotonic()
        try:
            while self.epoch < schedule.epochs and not self._out_of_patience:
                self._train_epoch()
                self._whole = False
                self.epoch, self.position = self.epoch + 1, 0
                if self.epoch % schedule.validate_every == 0 or self.epoch == schedule.epochs:
                    self.validate()
                self._whole = True
                self.save()
        except KeyboardInterrupt:
            if self._whole:  # a half step would be repeated; the last checkpoint is exact
                self.save()
            raise
        if self._out_of_patience and self.epoch < schedule.epochs:
            self._note(f"Stopped after epoch {self.epoch}: {schedule.patience} validations were not better.")
        else:
            self.run = replace(self.run, seen=self.run.total)  # a last, smaller batch was left out
        self._tick()
        write_run(self.folder, self.run)
        return self.run

    @property
    def _out_of_patience(self) -> bool:
        return bool(self.recipe.optimisation.patience) and self.worse >= self.recipe.optimisation.patience

    def order(self, epoch: int) -> NDArray[np.intp]:
        """The pictures of an epoch in the order of its steps."""
        schedule, similarity = self.recipe.optimisation, self.recipe.similarity
        together = schedule.together
        if similarity is not None and similarity.same == "instance":
            return np.repeat(epoch_order(np.arange(self.data.n_training), 1, 0, self.run.seed, epoch), 2)
        groups = self.targets.groups if self.targets.alike is None else self.targets.alike
        return epoch_order(groups.numpy(), together, schedule.balance, self.run.seed, epoch)

    def _train_epoch(self) -> None:
        order = self.order(self.epoch)
        total = len(order) * self.recipe.optimisation.epochs
        while self.position < len(order):
            chosen = order[self.position : self.position + self.batch]
            if len(chosen) < self.batch and self.position:
                break  # a last, smaller batch would have other batch statistics
            progress = (self.epoch * len(order) + self.position) / total
            self._whole = False
            try:
                found = self._step(chosen, progress)
            except (RuntimeError, MemoryError) as error:
                self._halve_batch(error)
                continue
            self.position += len(chosen)
            self.pending.append(found)
            self.run = replace(
                self.run, step=self.run.step + 1, seen=self.epoch * len(order) + self.position, total=total
            )
            self._whole = True
            if len(self.pending) == _LOG_EVERY:
                self._log(progress)
            if time.monotonic() - self._saved > _SAVE_EVERY:
                self.save()

    def _step(self, chosen: NDArray[np.intp], progress: float) -> dict[str, float]:
        """One step; each loss of it as a plain number."""
        self.network.train()
        if self.recipe.network.frozen:
            self.network.trunk.eval()
        self.losses.train()
        for group in self.optimiser.param_groups:
            group["lr"] = rate_at(self.recipe, progress)
        architecture = self.recipe.network.architecture
        small = SMALL if progress < self.recipe.optimisation.small_until else 1.0
        size = round(architecture.height * small), round(architecture.width * small)
        rows = torch.from_numpy(chosen)
        opacity = None if self.opacity is None else self.opacity[rows][:, None].to(self.device).float() / 255
        augmentation = self.recipe.augmentation.at(progress)
        seen = augmented(self._pictures(rows), augmentation, size, opacity, self.grounds)
        pixels = normalised(seen).contiguous(memory_format=torch.channels_last)
        with self._precision():
            embeddings, maps = self.network(pixels)
        codes = {name: values[rows].to(self.device) for name, values in self.targets.codes.items()}
        alike = self.targets.alike[rows].to(self.device) if self.targets.alike is not None else None
        words = self.targets.word_codes[rows].to(self.device) if self.targets.word_codes is not None else None
        taught = self.taught[rows].to(self.device) if self.taught is not None else None
        found = self.losses(embeddings.float(), maps, codes, alike, words, taught)
        loss: Tensor = torch.stack(list(found.values())).sum()
        plain = {"loss": loss.item()} | {name: value.item() for name, value in found.items()}
        self._refuse_nan(plain["loss"])
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        trained = [p for group in self.optimiser.param_groups for p in group["params"]]
        self._refuse_nan(float(torch.nn.utils.clip_grad_norm_(trained, _CLIP)))
        self.optimiser.step()
        if self.averaged is not None:
            self._average(self.averaged)
        return plain

    def _precision(self) -> contextlib.AbstractContextManager[Any]:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.run.precision == "half")

    @torch.no_grad()
    def _average(self, averaged: torch.nn.Module) -> None:
        # Early on the mean of few steps is better than one that still holds the random start.
        decay = min(self.recipe.optimisation.average, (1 + self.run.step) / (10 + self.run.step))
        for mean, value in zip(averaged.state_dict().values(), self.current.state_dict().values(), strict=True):
            if mean.is_floating_point():
                mean.lerp_(value, 1 - decay)
            else:
                mean.copy_(value)

    def _refuse_nan(self, value: float) -> None:
        if math.isfinite(value):
            return
        rate = self.optimiser.param_groups[0]["lr"]
        good = f"The state of step {self._saved_step:,} is kept" if self._saved_step else "No state was kept yet"
        advice = "lower optimisation.rate" + (", or use --precision full" if self.run.precision == "half" else "")
        raise TrainingError(
            f"The loss or its gradient is not a number at step {self.run.step + 1:,} (epoch {self.epoch + 1}, learning "
            f"rate {rate:.2g}). {good}. To get past it, {advice}, and start the run again with --restart."
        )

    def _halve_batch(self, error: BaseException) -> None:
        """Go on with half the pictures at once if memory did not suffice; raises everything else again."""
        if not (isinstance(error, MemoryError) or any(word in str(error).lower() for word in _MEMORY_WORDS)):
            raise error
        together = max(self.recipe.optimisation.together, 2)
        smaller = self.batch // 2 // together * together
        if smaller < _LEAST_BATCH:
            raise TrainingError(
                f"Memory does not suffice for {self.batch} pictures of {self.recipe.network.width} × "
                f"{self.recipe.network.height} pixels at once. Use a smaller backbone or input, or free memory; the "
                "same command goes on from the last state."
            ) from error
        self.optimiser.zero_grad()
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        self._note(f"Memory ran out at step {self.run.step + 1:,}: the batch is {smaller} from here, not {self.batch}.")
        self.batch = smaller

    def _note(self, *notes: str) -> None:
        self.run = replace(self.run, notes=tuple(dict.fromkeys([*self.run.notes, *notes])))

    # -- what it tells ------------------------------------------------------------------------------------

    def _tick(self) -> None:
        now = time.monotonic()
        seconds = self.run.seconds + now - self._clock
        self._clock = now
        left = (self.run.total - self.run.seen) * seconds / self.run.seen if self.run.seen else 0.0
        self.run = replace(self.run, seconds=seconds, seconds_left=left)

    def _log(self, progress: float) -> None:
        self._tick()
        means = {name: float(np.mean([row[name] for row in self.pending])) for name in self.pending[0]}
        self.pending = []
        row: Row = {
            "step": self.run.step,
            "epoch": round(self.run.epoch, 4),
            "seconds": round(self.run.seconds, 2),
            "rate": round(self.run.rate, 1),
            "learning_rate": rate_at(self.recipe, progress),
        }
        self.rows.append(row | {name: round(value, 5) for name, value in means.items()})
        write_table(self.folder / LOSSES, self.rows)
        write_run(self.folder, self.run)
        self.watch(self.run)

    def _pictures(self, rows: Tensor) -> Tensor:
        """Pictures of the data, shape (n, 3, h, w), values 0 to 255."""
        return self._channels_first(self.pixels[rows])

    def _channels_first(self, pixels: Tensor) -> Tensor:
        return pixels.to(self.device).permute(0, 3, 1, 2).float()

    # -- validation ---------------------------------------------------------------------------------------

    def encode(self, network: torch.nn.Module, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Unit vectors, shape (n, dimensions), of pictures, shape (n, height, width, 3).

        The finished encoder's differ a little: it computes in single precision from weights that are rounded to half,
        and may take the mirror image as well.
        """
        network.eval()
        parts = []
        at_once = min(_ENCODE, self.batch)  # what fits for a step, with its gradients, fits here
        with torch.inference_mode():
            for start in range(0, len(pixels), at_once):
                batch = self._channels_first(torch.tensor(pixels[start : start + at_once]))
                with self._precision():
                    embeddings, _ = network(normalised(batch).contiguous(memory_format=torch.channels_last))
                parts.append(torch.nn.functional.normalize(embeddings.float(), dim=1).cpu())
        vectors: NDArray[np.float32] = torch.cat(parts).numpy()
        return vectors

    def validate(self) -> Row:
        """Figures over the validation pictures, leave-one-out among themselves; keeps the network if it is the best.

        The best has the highest Precision, or where photos are learned, the highest mean of that and theirs.
        """
        kept = self.averaged if self.averaged is not None else self.current
        network = kept["network"]
        catalog = self.data.validation_catalog()
        split = draw_split(catalog, Protocol.LEAVE_ONE_OUT)
        vectors = self.encode(network, self.data.pixels[self.data.n_training :])
        library = Library(catalog, Fingerprint(self.run.name, "training"), vectors)
        found = figures(catalog, rank(library, split, depth=RANK))
        if self.photos is not None:
            queries = self.encode(network, self.photos)[split.queries]
            found["photos"] = figures(catalog, rank(library, split, depth=RANK, vectors=queries))["precision"]
        self._tick()
        row: Row = {
            "step": self.run.step,
            "epoch": self.epoch,
            "seconds": round(self.run.seconds, 2),
            **found,
        }
        self.validations.append(row)
        self.run = replace(self.run, latest=row)
        write_table(self.folder / VALIDATION, self.validations)
        if not self.run.best or _goodness(row) > _goodness(self.run.best):
            self.run, self.worse = replace(self.run, best=row), 0
            self.best_state = _copied(network.state_dict())
            self.best_heads = _copied(kept["heads"].state_dict())
        else:
            self.worse += 1
        write_run(self.folder, self.run)
        self.watch(self.run)
        return row

    @property
    def heads(self) -> dict[str, tuple[Tensor, Tensor]]:
        """Of the best validation by column: weight and bias over embeddings; none where classification is relaxed.

        The bias holds again how common each value is, of which logit adjustment relieved it.
        """
        classification = self.recipe.classification
        if classification is None or self.losses.relaxation is not None or not self.best_heads:
            return {}
        found = {}
        for column, key in self.losses.columns.items():
            codes = self.targets.codes[column]
            common = (torch.bincount(codes) / len(codes)).log()
            bias = self.best_heads[f"{key}.bias"] + classification.adjustment * common
            found[column] = self.best_heads[f"{key}.weight"], bias
        return found

    # -- checkpoints --------------------------------------------------------------------------------------

    def save(self) -> None:
        """Write a checkpoint: from it the run goes on exactly as if it had not been stopped."""
        self._tick()
        tensors = {f"network.{name}": value for name, value in self.network.state_dict().items()}
        tensors |= {f"losses.{name}": value for name, value in self.losses.state_dict().items()}
        if self.averaged is not None:
            tensors |= {f"averaged.{name}": value for name, value in self.averaged.state_dict().items()}
        tensors |= {f"best.{name}": value for name, value in self.best_state.items()}
        tensors |= {f"heads.{name}": value for name, value in self.best_heads.items()}
        optimiser, groups = checkpoint.optimiser_tensors(self.optimiser)
        tensors |= optimiser | {"random.cpu": torch.get_rng_state()}
        if self.device.type == "cuda":
            tensors["random.cuda"] = torch.cuda.get_rng_state()
        plain = {
            "run": self.run.to_json(),
            "groups": groups,
            "epoch": self.epoch,
            "position": self.position,
            "batch": self.batch,
            "worse": self.worse,
            "rows": self.rows,
            "validations": self.validations,
            "pending": self.pending,
        }
        checkpoint.write(self.folder, tensors, plain)
        write_run(self.folder, self.run)
        self._saved, self._saved_step = time.monotonic(), self.run.step

    def restore(self) -> bool:
        """Go back to the last checkpoint, if there is one.

        Raises:
            TrainingError: it is damaged, or of another recipe, seed or data.
        """
        found = checkpoint.read(self.folder)
        if found is None:
            return False
        tensors, plain = found
        try:
            then = Run.from_json(plain["run"])
            refuse_other_run(then, self.run)
            for prefix, module in (("network", self.network), ("losses", self.losses), ("averaged", self.averaged)):
                if module is not None:
                    module.load_state_dict(_without_prefix(tensors, prefix))
            self.best_state = _without_prefix(tensors, "best")
            self.best_heads = _without_prefix(tensors, "heads")
            checkpoint.restore_optimiser(self.optimiser, tensors, plain["groups"])
            self.epoch, self.position = int(plain["epoch"]), int(plain["position"])
            self.batch, self.worse = int(plain["batch"]), int(plain["worse"])
            self.rows, self.validations, self.pending = plain["rows"], plain["validations"], plain["pending"]
        except (KeyError, ValueError, RuntimeError, TypeError, RecipeError) as error:
            raise TrainingError(
                f"The checkpoint in {self.folder} does not fit this recipe ({type(error).__name__}). Start the run "
                "again with --restart, or choose another name (--name)."
            ) from error
        torch.set_rng_state(tensors["random.cpu"])
        if self.device.type == "cuda" and "random.cuda" in tensors:
            torch.cuda.set_rng_state(tensors["random.cuda"])
        self.run = replace(
            self.run,
            step=then.step,
            seen=then.seen,
            total=then.total,
            seconds=then.seconds,
            latest=then.latest,
            best=then.best,
            notes=then.notes,
            started=then.started,
        )
        self._saved_step = then.step
        return True


def refuse_other_run(then: Run, now: Run) -> None:
    """Whether a run may go on as another: only if all that decides it is the same.

    Raises:
        TrainingError: recipe, seed, limit, data or precision differ; it says which.
    """
    differing = {
        "recipe": not then.recipe.trains_like(now.recipe),
        "seed": then.seed != now.seed,
        "limit": then.limit != now.limit,
        "choice of --no-final": then.looks != now.looks,
        "precision": then.precision != now.precision,
        "catalog": then.data["fingerprint"] != now.data["fingerprint"],
        "encoder to start from": then.start.get("weights") != now.start.get("weights"),
        "teacher": [one["weights"] for one in then.teachers] != [one["weights"] for one in now.teachers],
    }
    changed = [name for name, differs in differing.items() if differs]
    if changed:
        raise TrainingError(
            f"The run “{now.name}” was begun with another {' and another '.join(changed)}, so it cannot go on with "
            "this. Start it again (--restart), or choose another name (--name)."
        )


def rate_at(recipe: Recipe, progress: float) -> float:
    """The learning rate when a share ``progress``, 0 to 1, of the run is done."""
    schedule = recipe.optimisation
    if schedule.schedule == "steps":
        epoch = progress * schedule.epochs
        return schedule.rate * 0.1 ** sum(epoch >= milestone for milestone in schedule.milestones)
    if schedule.schedule == "constant":
        return schedule.rate
    # One cycle (Smith & Topin, 2019): up from a 25th, then down to nearly nothing, both along a cosine.
    if progress < schedule.warmup:
        return schedule.rate * (1 / 25 + (1 - 1 / 25) * (1 - math.cos(math.pi * progress / schedule.warmup)) / 2)
    done = (progress - schedule.warmup) / (1 - schedule.warmup) if schedule.warmup < 1 else 1.0
    return schedule.rate * max((1 + math.cos(math.pi * done)) / 2, 1e-4)


def find_targets(data: Data, recipe: Recipe) -> tuple[Targets, list[str]]:
    """What each training picture is for a recipe's losses, and what a person should know of it.

    Columns that the catalog does not have, or that have one value, are left out; where it has none of them
    its grouping columns take their place.

    Raises:
        TrainingError: there is nothing to tell pictures apart by.
    """
    notes: list[str] = []
    known = data.attributes
    values: dict[str, list[str]] = {}
    codes: dict[str, Tensor] = {}
    pictures = data.division.training
    groups = [" · ".join(picture.row.labels) for picture in pictures]
    if recipe.classification is not None:
        wanted = [column for column in recipe.classification.attributes if column in known]
        absent = [column for column in recipe.classification.attributes if column not in known]
        columns = {column: data.values(column) for column in wanted}
        if not wanted:
            columns = {name: [p.row.labels[at] for p in pictures] for at, name in enumerate(data.columns)}
        if absent:
            notes.append(f"The catalog has no {', '.join(absent)}; what is classified: {', '.join(columns)}.")
        for column, of_pictures in columns.items():
            found, coded = encode(of_pictures)
            if len(found) > 1:
                values[column], codes[column] = found, coded
            else:
                notes.append(f"All training pictures have the same {column}; it is not classified.")
        if not codes and recipe.similarity is None:
            raise TrainingError(
                f"All {len(pictures):,} training pictures have the same {', '.join(columns)}; there is nothing to "
                "learn. Train on a source with more than one class."
            )
    words: tuple[str, ...] = ()
    word_codes: Tensor | None = None
    if recipe.classification is not None and recipe.classification.words:
        words, word_codes = encode_words([picture.row.name for picture in pictures])
        if not words:
            word_codes = None
            notes.append("No word is in enough product names to be learned.")
    if recipe.classification is not None and recipe.classification.adjustment and recipe.category not in codes:
        notes.append(f"{recipe.category} is not classified; logits are adjusted for what is common in all pictures.")
    alike: Tensor | None = None
    n_alike = 0
    similarity = recipe.similarity
    if similarity is not None:
        if similarity.same == "instance":
            alike, n_alike = torch.arange(len(pictures)), len(pictures)
        else:
            by_category = similarity.same == "category" and recipe.category in known
            labels = data.values(recipe.category) if by_category else groups
            if similarity.same == "category" and not by_category:
                labels = [picture.row.labels[0] for picture in pictures]
                notes.append(f"The catalog has no {recipe.category}; categories are its {data.columns[0]}.")
            found, alike = encode(labels)
            n_alike = len(found)
            if n_alike < 2:
                raise TrainingError(
                    f"All {len(pictures):,} training pictures are of one {similarity.same}; a similarity loss "
                    "needs two."
                )
            single = int((np.bincount(alike.numpy()) == 1).sum())
            if single:
                notes.append(
                    f"{single:,} of {n_alike:,} {'categories' if by_category else 'style groups'} have one picture; it "
                    "is compared with itself, augmented again."
                )
    return Targets(values, codes, encode(groups)[1], alike, n_alike, words, word_codes), notes


def _goodness(row: Row) -> float:
    precision = row["precision"]
    return (precision + row.get("photos", precision)) / 2


def _copied(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: value.detach().cpu().clone() for name, value in state.items()}


def _without_prefix(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    start = f"{prefix}."
    return {name.removeprefix(start): value for name, value in tensors.items() if name.startswith(start)}
