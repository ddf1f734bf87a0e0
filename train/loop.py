"""One training run: batches, a step, a measurement, a checkpoint, until it is done.

Everything that decides a run is its config and the step it is at: batches and augmentation are
functions of seed and step, so a run that was stopped, by kill -9 too, goes on from its checkpoint
as if it had not been. The files of a run lie in ``config.out``:

``checkpoint.pt``  all that resuming needs      ``best.pt``    weights that measured best
``log.jsonl``      a line a step and measure    ``encoder/``   the exported model folder
``open_clip/``     both towers for open_clip
"""

from __future__ import annotations

import copy
import io
import json
import math
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine import evaluate, locarno
from engine.encoder import Squares
from engine.errors import CheckpointError, Diverged, MissingExtra, UsageError

try:
    import torch
    import torch.nn.functional as F
    from torch import Tensor, nn
except ModuleNotFoundError as error:
    raise MissingExtra("torch", "train") from error

from train import designs as corpora
from train import losses
from train.augment import view
from train.config import Config, describe, read
from train.designs import CLASS, SUBCLASS, Designs
from train.export import choose, export
from train.model import ImageTower, build, embed, pixels, save_open_clip, text_tower
from train.sampler import Sampler, Source

CHECKPOINT, BEST, LOG = "checkpoint.pt", "best.pt", "log.jsonl"
LEVELS = {"class": 0, "subclass": 1, "design": 2}
EVALUATED_AT_ONCE = 16
LINES_EVERY = 50  # steps between two lines where there is no terminal
Report = Callable[[dict[str, Any]], None]


# --- what a step sees -----------------------------------------------------------------------------


class Batches(torch.utils.data.Dataset[tuple[Tensor, Tensor]]):
    """Step → this process's squares (n, size, size) uint8 and their designs (n,) int64."""

    def __init__(
        self, corpus: Designs, sampler: Sampler, config: Config, process: int, processes: int
    ) -> None:
        self.corpus, self.sampler, self.config = corpus, sampler, config
        self.process, self.processes = process, processes

    def __getitem__(self, step: int) -> tuple[Tensor, Tensor]:
        """A batch by its step, from 0: the same whatever came before."""
        batch = self.sampler.batch(step)
        share = len(batch) // self.processes
        squares, rows = [], []
        for place in range(self.process * share, (self.process + 1) * share):
            drawn = batch[place]
            rng = np.random.default_rng([self.config.seed, step, place])
            pictures = [
                corpora.picture(self.corpus.figures[drawn.design][i]) for i in drawn.figures
            ]
            squares.append(view(pictures, self.config.model.size, self.config.augment, rng))
            rows.append(drawn.design)
        return torch.from_numpy(np.stack(squares)), torch.tensor(rows)


# --- what is made small ---------------------------------------------------------------------------


class Objective(nn.Module):
    """All losses of a config as one number, of a whole batch.

    Args:
        corpus: what is learned from; its titles and codes are embedded once.
        text: the frozen text tower.
        width: of the features.
    """

    labels: Tensor
    titles: Tensor
    titled: Tensor

    def __init__(self, config: Config, corpus: Designs, text: Any, width: int) -> None:
        super().__init__()
        self.config = config.loss
        self.seed = config.seed
        labels = torch.from_numpy(corpus.labels)
        self.register_buffer("labels", labels, persistent=False)
        self.register_buffer("titles", embed(text, corpus.titles), persistent=False)
        titled = torch.tensor([i for i, title in enumerate(corpus.titles) if title])
        self.register_buffer("titled", titled.long(), persistent=False)
        loss = config.loss
        self.images = (
            losses.image_loss(
                loss.kind, scores=loss.scores, normaliser=loss.normaliser,
                temperature=loss.temperature, level=LEVELS[loss.level], margin=loss.margin,
                dim=width, labels=(len(corpus.classes), len(corpus.subclasses), len(corpus)),
            )
            if loss.kind != "none" else None
        )  # fmt: skip
        self.classes = None
        if loss.coarse and corpus.subclasses:
            counts = [
                torch.bincount(labels[labels[:, level] >= 0, level], minlength=len(names))
                for level, names in ((SUBCLASS, corpus.subclasses), (CLASS, corpus.classes))
            ]
            self.classes = losses.ImageClass(
                prototypes(text, corpus.subclasses), torch.from_numpy(corpus.parents), *counts,
                temperature=loss.text_temperature, balance=loss.balance, beta=loss.beta,
            )  # fmt: skip
        self.join = losses.UncertaintySum(4) if loss.uncertainty else None

    def forward(
        self, features: Tensor, texts: Tensor, rows: Tensor, before: Tensor | None, step: int
    ) -> tuple[Tensor, dict[str, float]]:
        """The joined loss, and each part as it was before it was weighted.

        Args:
            features: (batch, width).
            texts: (batch, text dimension).
            rows: (batch,) designs.
            before: (batch, width) features of the first weights, where they are remembered.
            step: decides which other descriptions the batch is set against.
        """
        labels, spoken = self.labels[rows], F.normalize(texts, dim=1)
        parts: dict[str, tuple[float, Tensor | None]] = {
            "images": (1.0, None), "text": (self.config.text, None),
            "coarse": (self.config.coarse, None), "remember": (self.config.remember, None),
        }  # fmt: skip
        if self.images is not None:
            parts["images"] = (1.0, self.images(F.normalize(features, dim=1), labels))
        named = torch.isin(rows, self.titled)
        if self.config.text and named.any():
            others = np.random.default_rng([self.seed, step]).integers(
                len(self.titled), size=self.config.bank
            )
            bank = self.titles[self.titled[torch.from_numpy(others).to(rows.device)]]
            loss = losses.image_text(
                spoken[named], self.titles[rows[named]], bank,
                temperature=self.config.text_temperature,
                target_temperature=self.config.target_temperature,
            )  # fmt: skip
            parts["text"] = (self.config.text, loss)
        if self.classes is not None:
            parts["coarse"] = (self.config.coarse, self.classes(spoken, labels))
        if before is not None:
            kept = 1 - F.cosine_similarity(features, before, dim=1).mean()
            parts["remember"] = (self.config.remember, kept)
        weighted = [None if loss is None else loss * weight for weight, loss in parts.values()]
        if self.join is not None:
            total: Tensor = self.join(weighted)
        else:
            total = torch.stack([loss for loss in weighted if loss is not None]).sum()
        return total, {k: float(v.detach()) for k, (_, v) in parts.items() if v is not None}


def prototypes(text: Any, codes: Sequence[str]) -> Tensor:
    """(codes, dim) unit rows: the mean of a code's embedded heading and everyday terms."""
    words = [_words(code) for code in codes]
    rows = embed(text, [word for some in words for word in some])
    means = [some.mean(0) for some in torch.split(rows, [len(some) for some in words])]
    return F.normalize(torch.stack(means), dim=1)


def _words(code: str) -> list[str]:
    try:
        entry = locarno.entry(code)
    except locarno.UnknownCode:
        return [code]
    return [entry.heading, *entry.terms]


# --- a step ---------------------------------------------------------------------------------------


def backward(
    tower: nn.Module,
    objective: Objective,
    squares: Tensor,
    rows: Tensor,
    step: int,
    *,
    accelerator: Any,
    original: nn.Module | None = None,
    chunk: int = 0,
) -> tuple[float, dict[str, float]]:
    """Gradients of one batch, spread over processes and chunks, as of the whole batch at once.

    Features are made first, gathered from all processes, and the loss's gradient for each feature
    is then sent back through the tower chunk by chunk (GradCache, Gao et al. 2021): memory holds
    the activations of one chunk, and the losses see the whole batch.

    Args:
        tower: the network, as Accelerate prepared it.
        objective: the losses.
        squares: (n, size, size) uint8 of this process.
        rows: (n,) their designs.
        step: number of the batch.
        accelerator: of the run.
        original: the tower before training, where it is remembered.
        chunk: drawings at once; 0 for all.

    Raises: Diverged.
    """
    preprocessing = accelerator.unwrap_model(tower).preprocessing
    chunks = torch.split(squares, chunk or len(squares))
    whole = len(chunks) == 1
    made, states = [], []
    for part in chunks:
        states.append(_randomness(part.device))
        with torch.set_grad_enabled(whole), accelerator.autocast():
            features, texts = tower(pixels(part, preprocessing))
            made.append((features.float(), texts.float()))
    features, texts = (torch.cat(column) for column in zip(*made, strict=True))
    before = None
    if original is not None:
        with torch.no_grad(), accelerator.autocast():
            before = torch.cat([original(pixels(p, preprocessing))[0].float() for p in chunks])
        before = losses.gathered(before)
    leaves = [losses.gathered(rows_.detach()).requires_grad_() for rows_ in (features, texts)]
    loss, parts = objective(*leaves, losses.gathered(rows), before, step)
    if not torch.isfinite(loss):
        raise Diverged(
            f"The loss became {loss.item()} at step {step + 1} ({_said(parts)}). The checkpoint "
            "before it is kept: lower optimiser.rate, or clip more, and start again from there."
        )
    loss.backward()
    # Every process has the gradients of all rows; DistributedDataParallel will take the mean.
    start = accelerator.process_index * len(rows)
    grads = [
        (leaf.grad if leaf.grad is not None else torch.zeros_like(leaf))[start : start + len(rows)]
        * accelerator.num_processes
        for leaf in leaves
    ]
    if whole:
        torch.autograd.backward([features, texts], grads)
        return float(loss.detach()), parts
    place = 0
    for number, (part, state) in enumerate(zip(chunks, states, strict=True)):
        own = [grad[place : place + len(part)] for grad in grads]
        place += len(part)
        last = number == len(chunks) - 1
        with _Replayed(state, part.device):
            if last:
                _again(tower, part, preprocessing, own, accelerator)
            else:
                with accelerator.no_sync(tower):
                    _again(tower, part, preprocessing, own, accelerator)
    return float(loss.detach()), parts


def _again(
    tower: nn.Module, part: Tensor, preprocessing: Any, grads: list[Tensor], accelerator: Any
) -> None:
    with accelerator.autocast():
        features, texts = tower(pixels(part, preprocessing))
    torch.autograd.backward([features.float(), texts.float()], grads)


def _randomness(device: torch.device) -> tuple[Tensor, Tensor | None]:
    cuda = torch.cuda.get_rng_state(device) if device.type == "cuda" else None
    return torch.get_rng_state(), cuda


class _Replayed:
    """Runs a block with an earlier state of randomness, then goes on from where it was."""

    def __init__(self, state: tuple[Tensor, Tensor | None], device: torch.device) -> None:
        self.state, self.device = state, device

    def __enter__(self) -> None:
        self.now = _randomness(self.device)
        self._set(self.state)

    def __exit__(self, *_: object) -> None:
        self._set(self.now)

    def _set(self, state: tuple[Tensor, Tensor | None]) -> None:
        torch.set_rng_state(state[0])
        if state[1] is not None:
            torch.cuda.set_rng_state(state[1], self.device)


def rate(step: int, config: Config, seconds: float) -> float:
    """Factor of the learning rates: linear warm-up, then a cosine to 0 at the last step or minute."""
    limits = config.optimiser
    done = step / limits.steps
    if limits.minutes:
        done = max(done, seconds / (60 * limits.minutes))
    warm = min(1.0, (step + 1) / max(1, limits.warmup))
    return warm * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


# --- measuring ------------------------------------------------------------------------------------


def measure(tower: ImageTower, held: Designs, size: int) -> dict[str, float]:
    """Retrieval of the held-out drawings by trunk features, as ``engine.evaluate`` measures it.

    Returns: "same-design", "subclass" and "class" mAP and "hit@1", only where there are queries;
        "score", the geometric mean of same-design and class mAP, so that neither buys the other.
    """
    squares = corpora.squares([figure for figures in held.figures for figure in figures], size)
    rows = [row for row, figures in enumerate(held.figures) for _ in figures]
    features = encode(tower, squares)
    names = [
        ["" if held.labels[row, level] < 0 else codes[held.labels[row, level]] for row in rows]
        for level, codes in ((SUBCLASS, held.subclasses), (CLASS, held.classes))
    ]
    found = evaluate.evaluate(
        features / np.linalg.norm(features, axis=1, keepdims=True),
        evaluate.Labels(
            tuple(str(i) for i in range(len(rows))), tuple(held.ids[row] for row in rows),
            tuple(names[0]), tuple(names[1]), tuple(str(held.corpus[row]) for row in rows),
        ),
    )["protocols"]  # fmt: skip
    measures = {name: float(values["map"]) for name, values in found.items() if values["queries"]}
    if found["same-design"]["queries"]:
        measures["hit@1"] = float(found["same-design"]["hit@1"])
    both = [measures[name] for name in ("same-design", "class") if name in measures]
    measures["score"] = float(np.prod(both) ** (1 / len(both))) if both else 0.0
    return measures


def encode(tower: ImageTower, squares: Squares) -> Any:
    """(n, size, size) uint8 → (n, width) float32 features, not unit."""
    was, device = tower.training, next(tower.parameters()).device
    tower.eval()
    found = []
    with torch.inference_mode():
        for start in range(0, len(squares), EVALUATED_AT_ONCE):
            batch = torch.from_numpy(squares[start : start + EVALUATED_AT_ONCE]).to(device)
            found.append(tower.trunk(pixels(batch, tower.preprocessing)).float().cpu())
    tower.train(was)
    return torch.cat(found).numpy()


# --- the run --------------------------------------------------------------------------------------


def run(config_path: Path, *, resume: bool = True) -> Path:
    """Train by a TOML file and return the run's folder, shown live on a terminal.

    A run that was stopped goes on from its checkpoint; with ``resume`` off it begins anew. What
    ``engine train CONFIG`` and ``accelerate launch -m train CONFIG`` call.

    Raises: EngineError, as :class:`Run` and its ``train``.
    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    made = Run(read(config_path), resume=resume)
    console = Console(stderr=True)
    steps = made.config.optimiser.steps
    with Progress(
        TextColumn("{task.fields[loss]}"), BarColumn(), MofNCompleteColumn(),
        TimeRemainingColumn(), console=console, disable=not made.accelerator.is_main_process,
    ) as progress:  # fmt: skip
        task = progress.add_task("train", total=steps, completed=made.state.step, loss="starting")

        def show(line: dict[str, Any]) -> None:
            if "loss" in line:
                progress.update(task, completed=line["step"], loss=f"loss {line['loss']:.3f}")
            if "loss" not in line or (not console.is_terminal and line["step"] % LINES_EVERY == 0):
                progress.console.print(_shown(line), markup=False, highlight=False)

        return made.train(show)


def _shown(line: dict[str, Any]) -> str:
    flat = {**line, **line.get("held_out", {})}
    return "  ".join(
        f"{name} {value:.4f}" if isinstance(value, float) else f"{name} {value}"
        for name, value in flat.items()
        if not isinstance(value, dict)
    )


@dataclass(slots=True)
class _State:
    """Where a run is."""

    step: int = 0
    seconds: float = 0.0
    best: float = -1.0
    since_best: int = 0


class Run:
    """A training run from its config: made, resumed where it was, and gone through by ``train``.

    With ``resume`` off, an earlier run in the same folder is begun anew.

    Raises: as :mod:`train.designs` and :mod:`train.model`; UsageError for a batch that the processes
        cannot share evenly; CheckpointError for a checkpoint of another model.
    """

    def __init__(self, config: Config, *, resume: bool = True) -> None:
        from accelerate import Accelerator
        from accelerate.utils import set_seed

        self.config = config
        self.out = Path(config.out)
        self.accelerator = Accelerator(mixed_precision=config.optimiser.precision)
        processes = self.accelerator.num_processes
        set_seed(config.seed)
        self.corpus = corpora.load(config.corpus)
        self.held = corpora.load_held_out(config.corpus)
        batch = config.batch
        self.sampler = Sampler(
            self.corpus.labels[:, SUBCLASS],
            np.array([len(figures) for figures in self.corpus.figures], dtype=np.int64),
            self.corpus.corpus,
            [
                Source(one.weight, one.views or batch.views, config.augment.sheet * one.compose)
                for one in config.corpus
            ],
            designs=batch.designs, kin=batch.kin, tail=batch.tail, seed=config.seed,
        )  # fmt: skip
        if self.sampler.pictures % processes:
            raise UsageError(
                f"A batch of {self.sampler.pictures} pictures cannot be shared by {processes} "
                "processes: change batch.designs."
            )
        text = text_tower(config.model.text)
        tower = build(config.model, embed(text, [""]).shape[1])
        # Depthwise convolutions go twice as fast so, on a CPU too.
        tower = tower.to(memory_format=torch.channels_last)
        self.objective = Objective(config, self.corpus, text, tower.width)
        self.objective.to(self.accelerator.device)
        self.optimiser = torch.optim.AdamW(self._groups(tower), weight_decay=0.0)
        self.average = copy.deepcopy(tower).to(self.accelerator.device).eval()
        self.original = copy.deepcopy(self.average) if config.loss.remember else None
        self.tower, self.optimiser = self.accelerator.prepare(tower, self.optimiser)
        self.state = _State()
        if not resume:
            for name in (CHECKPOINT, BEST, LOG):
                (self.out / name).unlink(missing_ok=True)
        if (self.out / CHECKPOINT).exists():
            self._resume()

    def train(self, report: Report | None = None, *, until: int | None = None) -> Path:
        """Go through the run, or up to a step, and return its folder.

        Args:
            report: called with each line of the log.
            until: stop (with a checkpoint) when this step is done, as a kill would.

        Raises: Diverged; CheckpointError where the disk refuses a checkpoint, the last being kept.
        """
        self._claim()
        limits, watch, state = self.config.optimiser, self.config.watch, self.state
        last = limits.steps if until is None else min(until, limits.steps)
        batches = self._batches(last)
        while state.step < last and not self._over():
            started = time.perf_counter()
            loss, parts, norm = self._step(batches)
            state.step += 1
            state.seconds += time.perf_counter() - started
            self._log(report, {"step": state.step, "loss": loss, **parts, "norm": norm})
            if state.step % watch.every == 0 or state.step == last:
                self._watch(report)
                self._save()
                if watch.patience and state.since_best >= watch.patience:
                    self._log(report, {"step": state.step, "stopped": "no better for long"})
                    break
        if until is None:
            self._finish(report)
        return self.out

    # --- its parts, in the order they happen

    def _groups(self, tower: ImageTower) -> list[dict[str, Any]]:
        limits = self.config.optimiser
        heads = [*tower.projector.parameters(), *self.objective.parameters()]
        made = []
        for rate_, weights in ((limits.rate, list(tower.trunk.parameters())),
                               (limits.head_rate, heads)):  # fmt: skip
            # Biases, norms and temperatures are not pulled to zero.
            for decay, chosen in ((limits.weight_decay, [w for w in weights if w.ndim > 1]),
                                  (0.0, [w for w in weights if w.ndim <= 1])):  # fmt: skip
                if chosen:
                    made.append({"params": chosen, "lr": rate_, "full": rate_,
                                 "weight_decay": decay})  # fmt: skip
        return made

    def _batches(self, last: int) -> Iterator[tuple[Tensor, Tensor]]:
        batch = self.config.batch
        source = Batches(
            self.corpus, self.sampler, self.config, self.accelerator.process_index,
            self.accelerator.num_processes,
        )  # fmt: skip
        steps = range(self.state.step * batch.accumulate, last * batch.accumulate)
        loader = torch.utils.data.DataLoader(
            source, batch_size=None, sampler=list(steps), num_workers=batch.workers
        )
        return iter(loader)

    def _step(
        self, batches: Iterator[tuple[Tensor, Tensor]]
    ) -> tuple[float, dict[str, float], float]:
        config, device = self.config, self.accelerator.device
        factor = rate(self.state.step, config, self.state.seconds)
        for group in self.optimiser.param_groups:
            group["lr"] = group["full"] * factor
        self.tower.train()
        self.optimiser.zero_grad()
        loss = 0.0
        parts: dict[str, float] = {}
        for number in range(config.batch.accumulate):
            squares, rows = next(batches)
            one, parts = backward(
                self.tower, self.objective, squares.to(device), rows.to(device),
                self.state.step * config.batch.accumulate + number,
                accelerator=self.accelerator, original=self.original, chunk=config.batch.chunk,
            )  # fmt: skip
            loss += one / config.batch.accumulate
        weights = [w for group in self.optimiser.param_groups for w in group["params"]]
        if config.batch.accumulate > 1:
            for weight in weights:
                if weight.grad is not None:
                    weight.grad /= config.batch.accumulate
        norm = float(nn.utils.clip_grad_norm_(weights, config.optimiser.clip))
        if not math.isfinite(norm):
            raise Diverged(
                f"A gradient became {norm} at step {self.state.step + 1} ({_said(parts)}). The "
                "checkpoint before it is kept: lower optimiser.rate and start again from there."
            )
        self.optimiser.step()
        self._average()
        return loss, parts, norm

    @torch.no_grad()
    def _average(self) -> None:
        """Move the average towards the weights; faster at first, so that it forgets the start."""
        keep = min(self.config.optimiser.average, (self.state.step + 1) / (self.state.step + 10))
        keep = keep if self.config.optimiser.average else 0.0
        tower = self.accelerator.unwrap_model(self.tower)
        for mean, now in zip(
            self.average.state_dict().values(), tower.state_dict().values(), strict=True
        ):
            if mean.is_floating_point():
                mean.lerp_(now, 1 - keep)
            else:
                mean.copy_(now)

    def _watch(self, report: Report | None) -> None:
        if self.held is None:
            return
        size = self.config.watch.size or self.config.model.size
        measures = measure(self.average, self.held, size)
        self._log(report, {"step": self.state.step, "held_out": measures})
        self.state.since_best += 1
        if measures["score"] > self.state.best:
            self.state.best, self.state.since_best = measures["score"], 0
            self._write(BEST, {"tower": self.average.state_dict(), "step": self.state.step})

    def _over(self) -> bool:
        minutes = self.config.optimiser.minutes
        return bool(minutes) and self.state.seconds >= 60 * minutes

    def _finish(self, report: Report | None) -> None:
        if not self.accelerator.is_main_process:
            return
        if self.held is not None and (self.out / BEST).exists():
            self.average.load_state_dict(read_checkpoint(self.out / BEST)["tower"])
        wanted = self.config.export
        if not wanted.name:
            return
        tower = self.average.cpu()
        fit = choose(
            self.corpus, self.config.corpus, size=wanted.size, most=wanted.fit,
            seed=self.config.seed,
        )  # fmt: skip
        export(
            tower.trunk, tower.projector, self.out / "encoder",
            name=wanted.name, revision=wanted.revision, size=wanted.size, fit=fit,
            dim=wanted.dim, earlier=wanted.earlier, ridge=wanted.ridge,
            text_weight=wanted.text_weight, licence=wanted.licence, card=wanted.card,
            mean=tower.preprocessing.mean, std=tower.preprocessing.std,
        )  # fmt: skip
        try:
            save_open_clip(tower, self.config.model, self.out / "open_clip")
        except UsageError as error:
            self._log(report, {"step": self.state.step, "open_clip": str(error)})
        self._log(report, {"step": self.state.step, "exported": str(self.out / "encoder")})

    # --- files

    def _claim(self) -> None:
        try:
            self.out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CheckpointError(f"{self.out} cannot be made ({error}). Change 'out'.") from error

    def _log(self, report: Report | None, line: dict[str, Any]) -> None:
        if not self.accelerator.is_main_process:
            return
        line["seconds"] = round(self.state.seconds, 1)
        with (self.out / LOG).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line) + "\n")
        if self.config.watch.tensorboard:
            self._events(line)
        if report:
            report(line)

    def _events(self, line: dict[str, Any]) -> None:
        from torch.utils.tensorboard import SummaryWriter

        with SummaryWriter(str(self.out / "events")) as writer:
            for name, value in {**line, **line.get("held_out", {})}.items():
                if isinstance(value, float):
                    writer.add_scalar(name, value, line["step"])

    def _save(self) -> None:
        if not self.accelerator.is_main_process:
            return
        state = self.state
        self.sampler.step = state.step
        self._write(CHECKPOINT, {
            "config": describe(self.config),
            "tower": self.accelerator.unwrap_model(self.tower).state_dict(),
            "average": self.average.state_dict(),
            "objective": self.objective.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "sampler": self.sampler.state_dict(),
            "randomness": _randomness(self.accelerator.device),
            "state": {"step": state.step, "seconds": state.seconds, "best": state.best,
                      "since_best": state.since_best},
        })  # fmt: skip

    def _write(self, name: str, content: dict[str, Any]) -> None:
        if self.accelerator.is_main_process:
            write_checkpoint(self.out / name, content)

    def _resume(self) -> None:
        path = self.out / CHECKPOINT
        saved = read_checkpoint(path)
        before, now = saved["config"]["model"], describe(self.config)["model"]
        if before != now:
            key = next(name for name in now if before.get(name) != now[name])
            raise CheckpointError(
                f"{path} is of another model: its {key} is {before.get(key)!r}, this config says "
                f"{now[key]!r}. Name another folder in 'out', or go back to that model."
            )
        try:
            self.sampler.load_state_dict(saved["sampler"])
            self.accelerator.unwrap_model(self.tower).load_state_dict(saved["tower"])
            self.average.load_state_dict(saved["average"])
            self.objective.load_state_dict(saved["objective"])
            self.optimiser.load_state_dict(saved["optimiser"])
        except (RuntimeError, ValueError) as error:
            raise CheckpointError(
                f"{path} does not fit this config ({str(error).splitlines()[0]}). "
                "Resume with the config it was made with, or name another folder in 'out'."
            ) from error
        torch.set_rng_state(saved["randomness"][0].cpu())
        if saved["randomness"][1] is not None and self.accelerator.device.type == "cuda":
            torch.cuda.set_rng_state(saved["randomness"][1].cpu(), self.accelerator.device)
        self.state = _State(**saved["state"])


def write_checkpoint(path: Path, content: dict[str, Any]) -> None:
    """Whole or not at all. Raises: CheckpointError where the disk refuses."""
    stream = io.BytesIO()
    torch.save(content, stream)
    partial = path.with_name(f"{path.name}.partial")
    try:
        with partial.open("wb") as file:
            file.write(stream.getbuffer())
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        free = shutil.disk_usage(path.parent).free / 1e6
        raise CheckpointError(
            f"{path} cannot be written ({error.strerror}; {free:.0f} MB free, "
            f"{stream.tell() / 1e6:.0f} MB needed). The checkpoint before it is kept: free some "
            "space and start the same command again."
        ) from error


def read_checkpoint(path: Path) -> dict[str, Any]:
    """What :func:`write_checkpoint` wrote; nothing in it is run. Raises: CheckpointError."""
    try:
        return dict(torch.load(path, map_location="cpu", weights_only=True))
    except Exception as error:  # torch.load has no error of its own
        raise CheckpointError(
            f"{path} cannot be read ({type(error).__name__}): it is damaged. Delete it to start the "
            "run again from the beginning."
        ) from error


def _said(parts: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in parts.items())
