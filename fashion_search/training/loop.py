"""The loop: one run from its first step, or from where it was stopped, to an encoder. It imports torch."""

import contextlib
import copy
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from msgspec.structs import replace
from numpy.typing import NDArray
from torch import Tensor

from fashion_search.encoders import trained
from fashion_search.encoders.networks import Embedder, normalised
from fashion_search.encoders.transformer import size_notes
from fashion_search.errors import RecipeError, TrainingError
from fashion_search.evaluation.mismatches import read_shades
from fashion_search.training import checkpoint, reconstructions
from fashion_search.training.augment import augmented
from fashion_search.training.data import Data, Report
from fashion_search.training.grounds import Grounds, read_scenes
from fashion_search.training.lineage import ALONE, Lineage
from fashion_search.training.losses import Batch, Losses
from fashion_search.training.optimisation import backward, make_optimiser, mean_of
from fashion_search.training.recipe import SMALL, Recipe
from fashion_search.training.record import LOSSES, VALIDATION, Metrics, Run, refuse_other_run, write_run, write_table
from fashion_search.training.sampling import batch_size, epoch_order, standing_together
from fashion_search.training.targets import find_targets
from fashion_search.training.teaching import taught_vectors
from fashion_search.training.validation import Validation, score

_LOG_EVERY = 25  # steps that a row of the losses is the mean of
_SAVE_EVERY = 120.0  # s between checkpoints, and one at every validation
_CLIP = 5.0  # largest norm of the gradient
_LEAST_BATCH = 8
_ENCODE = 256  # pictures encoded at once for a validation
_MEMORY_WORDS = ("out of memory", "not enough memory", "can't allocate memory", "alloc_failed")

Watch = Callable[[Run], None]


class Trainer:
    """One run in memory. ``train`` takes it to its end; what is ``best`` is that of the best validation then."""

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
        self.targets, notes = find_targets(data.division.training, data.columns, self.recipe)
        self._note(*notes)
        self.network = Embedder(self.recipe.network.architecture, self.recipe.network.pretrained).to(self.device)
        self.network = self.network.to(memory_format=torch.channels_last)
        self._note(*size_notes(self.network))
        if lineage.start is not None:
            self.network.load_state_dict(trained.read_state(lineage.start.path, lineage.start.weights))
        losses = Losses(self.recipe, self.network.dimensions, self.network.channels, self.targets, read_shades())
        self.losses = losses.to(self.device)
        if self.recipe.network.frozen:
            self.network.trunk.requires_grad_(False)
        self.averaged = mean_of(self.network, self.recipe.optimisation.average)
        self.kept = self.network if self.averaged is None else self.averaged.module  # what is validated
        self.optimiser = make_optimiser((self.network, self.losses), self.recipe.optimisation, self.device.type)
        instances = self.recipe.similarity is not None and self.recipe.similarity.same == "instance"
        self.twice = instances and self.targets.has_no_pairs
        self.batch = batch_size(self.recipe, data.n_training, self.twice)
        self.taught = self._taught(teaching)
        self.opacity = None if data.opacity is None else torch.from_numpy(np.asarray(data.opacity))
        self.grounds = Grounds(read_scenes()) if self.recipe.augmentation.photo else None
        self.validation = Validation(data, self.recipe.network.architecture, self.recipe.augmentation.photo > 0)
        self.epoch, self.position = 0, 0  # pictures of this epoch that were seen
        self.worse = 0  # validations since the best
        self.best_state, self.best_classifier = dict[str, Tensor](), dict[str, Tensor]()  # of the best validation
        self.rows: list[Metrics] = []
        self.validations: list[Metrics] = []
        self.pending: list[dict[str, float]] = []
        self._whole = True  # between steps and validations: what a checkpoint may hold
        self._saved, self._saved_step = time.monotonic(), 0
        self._clock = time.monotonic()

    def _taught(self, report: Report) -> Tensor | None:
        """The teachers' vectors of the training pictures, shape (n, dimensions)."""
        if not self.lineage.teachers:
            return None
        pixels = np.asarray(self.data.pixels[: self.data.n_training])
        like = self.encode(self.network, pixels) if self.lineage.start is not None else None
        return taught_vectors(self.lineage.teachers, pixels, self.network.dimensions, like, report)

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
        if self.twice:
            return np.repeat(epoch_order(np.arange(self.data.n_training), 1, 0, self.run.seed, epoch), 2)
        groups = self.targets.groups if self.targets.positives is None else self.targets.positives
        together, balance = standing_together(self.recipe), self.recipe.optimisation.balance
        return epoch_order(groups.numpy(), together, balance, self.run.seed, epoch)

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
            group["lr"] = self.recipe.optimisation.rate_at(progress)
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
        batch = Batch.of(rows, self.targets, self.taught, self.device, seen)
        found = self.losses(embeddings.float(), maps, batch)
        loss: Tensor = torch.stack(list(found.values())).sum()
        plain = {"loss": loss.item()} | {name: value.item() for name, value in found.items()}
        self._refuse_nan(plain["loss"])
        self.optimiser.zero_grad()
        backward(loss, self.recipe.network.widths)
        trained = [p for group in self.optimiser.param_groups for p in group["params"]]
        self._refuse_nan(float(torch.nn.utils.clip_grad_norm_(trained, _CLIP)))
        self.optimiser.step()
        if self.averaged is not None:
            self.averaged.update_parameters(self.network)
        return plain

    def _precision(self) -> contextlib.AbstractContextManager[Any]:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.run.precision == "half")

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
        row: Metrics = {
            "step": self.run.step,
            "epoch": round(self.run.epoch, 4),
            "seconds": round(self.run.seconds, 2),
            "rate": round(self.run.rate, 1),
            "learning_rate": self.recipe.optimisation.rate_at(progress),
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

    def validate(self) -> Metrics:
        """Measure the network, or the mean of its weights, and keep it if it is the best so far."""
        measured = self.validation.measure(lambda pixels: self.encode(self.kept, pixels))
        self._tick()
        row: Metrics = {
            "step": self.run.step,
            "epoch": self.epoch,
            "seconds": round(self.run.seconds, 2),
            **measured,
        }
        self.validations.append(row)
        self.run = replace(self.run, latest=row)
        write_table(self.folder / VALIDATION, self.validations)
        if not self.run.best or score(row) > score(self.run.best):
            drawn = reconstructions.keep(self.folder, self.validation.pixels, self.kept, self.losses.decoder)
            self.run, self.worse = replace(self.run, best=row, reconstructions=drawn), 0
            self.best_state = _copied(self.kept.state_dict())
            self.best_classifier = _copied(self.losses.classifier())
        else:
            self.worse += 1
        write_run(self.folder, self.run)
        self.watch(self.run)
        return row

    def best_vectors(self) -> NDArray[np.float32]:
        """Unit vectors of the training pictures by the best network so far, shape (n, dimensions)."""
        network = copy.deepcopy(self.network)
        network.load_state_dict(self.best_state)
        return self.encode(network, self.data.pixels[: self.data.n_training])

    # -- checkpoints --------------------------------------------------------------------------------------

    def save(self) -> None:
        """Write a checkpoint: from it the run goes on exactly as if it had not been stopped."""
        self._tick()
        tensors = {f"network.{name}": value for name, value in self.network.state_dict().items()}
        tensors |= {f"losses.{name}": value for name, value in self.losses.state_dict().items()}
        if self.averaged is not None:
            tensors |= {f"averaged.{name}": value for name, value in self.averaged.module.state_dict().items()}
        tensors |= {f"best.{name}": value for name, value in self.best_state.items()}
        tensors |= {f"best_classifier.{name}": value for name, value in self.best_classifier.items()}
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
            self.network.load_state_dict(checkpoint.without_prefix(tensors, "network"))
            self.losses.load_state_dict(checkpoint.without_prefix(tensors, "losses"))
            if self.averaged is not None:
                self.averaged.module.load_state_dict(checkpoint.without_prefix(tensors, "averaged"))
                self.averaged.n_averaged.fill_(then.step + 1)
            self.best_state = checkpoint.without_prefix(tensors, "best")
            self.best_classifier = checkpoint.without_prefix(tensors, "best_classifier")
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
            reconstructions=then.reconstructions,
            notes=then.notes,
            started=then.started,
        )
        self._saved_step = then.step
        return True


def _copied(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: value.detach().cpu().clone() for name, value in state.items()}
