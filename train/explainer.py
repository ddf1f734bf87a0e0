"""From a finished encoder to its explainer: one run of VISION DIFFMASK on drawings.

Takes any model folder whose network shows maps or tokens: the ONNX file is read back into torch
(onnx2torch), frozen, and gates are trained on its hidden states (:mod:`train.diffmask`). Pairs are
two drawings of one design, or a drawing and one of its nearest. Written is ``out``/encoder, the
same model folder with ``explain.onnx`` beside the network (:mod:`engine.explain` runs it without
torch). A run that was stopped goes on from its checkpoint.
"""

from __future__ import annotations

import copy
import json
import math
import shutil
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine import drawing
from engine import encoder as encoders
from engine.encoder import EXPLAINER, Encoder, ModelFolder, file_sha256, onnx_session
from engine.errors import CheckpointError, MissingExtra, ModelError, UsageError
from engine.plan import Vector

try:
    import torch
    from torch import Tensor, fx, nn
except ModuleNotFoundError as error:
    raise MissingExtra("torch", "train") from error

from train import designs as corpora
from train.config import Explaining, describe, read_explaining
from train.diffmask import Comparison, Explainer, Gates, Hits, Training
from train.loop import read_checkpoint, write_checkpoint

CHECKPOINT, LOG = "checkpoint.pt", "log.jsonl"
NEAREST = 10  # of a drawing that it is paired with, where not with its own design
PARITY = 0.02  # largest difference of a cell between torch and the written explainer
SMALL = 4096  # numbers of a weight that is worth halving
LINES_EVERY = 25
STANDARD = 8  # batches that states are standardised on
Report = Callable[[dict[str, Any]], None]
Ints = npt.NDArray[np.int64]


# --- a model folder in torch ----------------------------------------------------------------------


class Network(nn.Module):
    """A model folder's network in torch: pixels → unit rows and hidden states.

    Hidden states of a convolutional network are the last map of each size; of a transformer, the
    tokens that its blocks are given and give.

    Args:
        path: the ONNX file.
        size: side of the square it sees, px.

    Raises: ModelError for a network that torch cannot run, or that shows no hidden states.
    """

    def __init__(self, path: Path, size: int) -> None:
        super().__init__()
        graph = _converted(path)
        blank = torch.zeros(2, 3, size, size)
        _fold(graph, blank)
        values = _values(graph, blank).items()
        shapes = {node: tuple(v.shape) for node, v in values if v.is_floating_point()}
        states = _tokens(graph, shapes) or _maps(graph, shapes)
        if not states:
            raise ModelError(f"{path} shows neither maps nor tokens that could be gated.")
        output = next(node for node in graph.graph.nodes if node.op == "output")
        image = output.args[0][0] if isinstance(output.args[0], list | tuple) else output.args[0]
        self.graph = graph
        self._give(image, states)

    def _give(self, first: Any, states: list[fx.Node]) -> None:
        output = next(node for node in self.graph.graph.nodes if node.op == "output")
        output.args = ((first, *states),)
        self.graph.graph.eliminate_dead_code()
        self.graph.recompile()

    def without_rows(self) -> Network:
        """A copy that gives the states alone, the first in place of rows: all that gates need."""
        made = copy.deepcopy(self)
        output = next(node for node in made.graph.graph.nodes if node.op == "output")
        states = list(output.args[0][1:])
        made._give(states[0], states)
        return made

    def forward(self, pixels: Tensor) -> tuple[Tensor, list[Tensor]]:
        """(n, 3, size, size) → (n, dim) unit rows, and the states."""
        rows, *states = self.graph(pixels)
        return rows, states


def _converted(path: Path) -> fx.GraphModule:
    try:
        import onnx
        from onnx2torch import convert
    except ModuleNotFoundError as error:
        raise MissingExtra(error.name or "onnx2torch", "train") from error
    try:
        model = onnx.load(path)
        _plain(model)
        graph: fx.GraphModule = convert(model)
    except Exception as error:  # onnx and onnx2torch raise what they like
        raise ModelError(f"{path} cannot be run by torch ({error}).") from error
    return graph.eval().requires_grad_(False)


def _plain(model: Any) -> None:
    """What torch.onnx writes and onnx2torch does not know, in words that it knows."""
    import onnx

    _whole(model)
    most = onnx.numpy_helper.from_array(np.array(np.finfo(np.float32).max), "no_upper_bound")
    model.graph.initializer.append(most)
    weights = {weight.name for weight in model.graph.initializer}
    same: dict[str, str] = {}  # equal weights are written once, and named anew by Identity
    for node in model.graph.node:
        node.input[:] = [same.get(name, name) for name in node.input]
        if node.op_type == "Identity" and node.input[0] in weights:
            same[node.output[0]] = node.input[0]
        elif node.op_type == "Clip":  # without an upper bound
            node.input.extend([""] * (3 - len(node.input)))
            node.input[2] = node.input[2] or most.name


def _whole(model: Any) -> None:
    """Undo :func:`halve`: weights in single precision again, under the names they are used by."""
    import onnx

    half = onnx.TensorProto.FLOAT16
    kept = {w.name: w for w in model.graph.initializer if w.data_type == half}
    casts = [n for n in model.graph.node if n.op_type == "Cast" and n.input[0] in kept]
    for node in casts:
        weight = kept[node.input[0]]
        values = onnx.numpy_helper.to_array(weight).astype(np.float32)
        weight.CopyFrom(onnx.numpy_helper.from_array(values, node.output[0]))
        model.graph.node.remove(node)


def _values(graph: fx.GraphModule, pixels: Tensor) -> dict[fx.Node, Tensor]:
    """What every node gives."""
    found: dict[fx.Node, Tensor] = {}

    class Reader(fx.Interpreter):
        def run_node(self, n: fx.Node) -> Any:
            result = super().run_node(n)
            if isinstance(result, Tensor):
                found[n] = result
            return result

    with torch.no_grad():
        Reader(graph).run(pixels)
    return found


def _fold(graph: fx.GraphModule, pixels: Tensor) -> None:
    """Make constants of whole numbers that the size of the pictures gives, but not how many."""
    two, one = _values(graph, pixels), _values(graph, pixels[:1])
    for number, (node, value) in enumerate(two.items()):
        whole = node.op == "call_module" and not value.is_floating_point()
        if whole and torch.equal(value, one[node]):
            graph.register_buffer(f"folded_{number}", value.clone(), persistent=False)
            with graph.graph.inserting_before(node):
                node.replace_all_uses_with(graph.graph.get_attr(f"folded_{number}"))
    graph.graph.eliminate_dead_code()
    graph.recompile()


def _maps(graph: fx.GraphModule, shapes: dict[fx.Node, tuple[int, ...]]) -> list[fx.Node]:
    """The last map of each size, the largest first; paddings and powers are no states."""
    last: dict[int, fx.Node] = {}
    for node, shape in shapes.items():
        if node.op != "call_module" or len(shape) != 4 or shape[2] != shape[3] or shape[2] < 4:
            continue
        kind = type(graph.get_submodule(str(node.target))).__name__
        if any(word in kind for word in ("Conv", "Clip", "ReLU", "Binary", "Sigmoid", "Hard")):
            last[shape[2]] = node
    return [last[side] for side in sorted(last, reverse=True)]


def _tokens(graph: fx.GraphModule, shapes: dict[fx.Node, tuple[int, ...]]) -> list[fx.Node]:
    """What is added up along a transformer: what its first block is given and what each gives."""
    sums = []
    for node, shape in shapes.items():
        terms = [term for term in node.args if isinstance(term, fx.Node)]
        if (
            node.op == "call_module" and len(shape) == 3 and shape[1] >= 4 and len(terms) == 2
            and "Binary" in type(graph.get_submodule(str(node.target))).__name__
            and all(shapes.get(term) == shape for term in terms)
        ):  # fmt: skip
            sums.append(node)
    # A block adds twice, first its attention, then its layers.
    sums = [node for node in sums if shapes[node] == shapes[sums[0]]]  # not those within layers
    first = sums[0].args[0] if sums else None
    return [first, *sums[1::2]] if isinstance(first, fx.Node) else []


# --- what is learned from -------------------------------------------------------------------------


class Pairs:
    """Drawings in memory, as the encoder sees them, and which to compare with which.

    Args:
        squares: (n, size, size) uint8.
        rows: (n, dim) unit rows.
        designs: (n,) numbers of their designs.
    """

    def __init__(
        self, squares: encoders.Squares, rows: Vector, designs: Ints, config: Explaining
    ) -> None:
        self.squares, self.rows, self.designs, self.config = squares, rows, designs, config
        cosines = rows @ rows.T
        cosines[designs[:, None] == designs] = -2
        self.nearest = np.argsort(-cosines, axis=1)[:, :NEAREST]

    def batch(self, step: int) -> tuple[Ints, Ints, Ints]:
        """Numbers of the drawings, of what they are compared with, and of others; by the step."""
        rng = np.random.default_rng([self.config.seed, step])
        ours = rng.choice(len(self.rows), self.config.batch, replace=False)
        theirs = np.array([self._other(int(one), rng) for one in ours])
        strange = np.flatnonzero(~np.isin(self.designs, self.designs[[*ours, *theirs]]))
        others = rng.choice(strange, min(self.config.others, len(strange)), replace=False)
        return ours, theirs, others

    def _other(self, one: int, rng: np.random.Generator) -> int:
        mates = np.flatnonzero(self.designs == self.designs[one])
        mates = mates[mates != one]
        if len(mates) and rng.random() < self.config.mates:
            return int(rng.choice(mates))
        return int(rng.choice(self.nearest[one]))


def gather(config: Explaining, encoder: Encoder) -> Pairs:
    """Drawings of all corpora, as many of each, and their rows. Raises: UsageError for too few."""
    held = corpora.load(config.corpus)
    rng = np.random.default_rng(config.seed)
    share = config.pictures // len(config.corpus)
    squares, designs = [], []
    for number in range(len(config.corpus)):
        taken = 0
        for row in rng.permutation(np.flatnonzero(held.corpus == number)):
            for picture in held.figures[row]:
                try:
                    squares.append(encoder.prepare(drawing.decode(picture)))
                except Exception:  # a picture that cannot be read teaches nothing
                    continue
                designs.append(int(row))
                taken += 1
            if taken >= share:
                break
    if len(squares) <= config.others:
        raise UsageError(
            f"The corpora hold {len(squares)} drawings; 'others' asks for more than "
            f"{config.others}. Add drawings or lower it."
        )
    order = rng.permutation(len(squares))
    stacked = np.stack(squares)[order]
    return Pairs(stacked, encoder.encode(stacked), np.array(designs)[order], config)


# --- the run --------------------------------------------------------------------------------------


def run(path: Path, *, resume: bool = True) -> Path:
    """Make an explainer by a TOML file (:class:`train.config.Explaining`); returns the run's folder.

    Raises: EngineError.
    """
    from rich.console import Console

    config, console = read_explaining(path), Console(stderr=True)

    def show(line: dict[str, Any]) -> None:
        if line["step"] % LINES_EVERY == 0 or line["step"] == config.steps:
            said = (f"{k} {v:.3f}" if isinstance(v, float) else f"{k} {v}" for k, v in line.items())
            console.print("  ".join(said), markup=False, highlight=False)

    return explain(config, resume=resume, report=show)


def explain(config: Explaining, *, resume: bool = True, report: Report | None = None) -> Path:
    """Train the gates, write ``out``/encoder, return ``out``.

    Raises: ModelError for an encoder that is no model folder; CheckpointError; Diverged; UsageError.
    """
    from accelerate import Accelerator

    encoder = encoders.load(config.encoder)
    if encoder.folder is None:
        raise UsageError(
            f"'{config.encoder}' is no model folder. Only encoders that ONNX Runtime runs can be "
            "given an explainer; any other is explained by occlusion."
        )
    accelerator = Accelerator()
    torch.manual_seed(config.seed)
    subject = _subject(encoder, config)
    gates = Gates(subject.widths, subject.compared, scale=config.scale, bias=config.bias)
    training = Training(subject, gates, config.rates, accelerator)
    out = Path(config.out)
    out.mkdir(parents=True, exist_ok=True)
    if resume and (out / CHECKPOINT).exists():
        _resume(training, config, out / CHECKPOINT)
    elif (out / LOG).exists():
        (out / LOG).unlink()
    pairs = gather(config, encoder) if training.steps < config.steps else None
    device, started = accelerator.device, time.monotonic()
    if pairs is not None and not training.steps:
        few = pairs.squares[: STANDARD * config.batch]
        subject.standardise(torch.from_numpy(encoder.preprocessing.pixels(few)).to(device))
    while pairs is not None and training.steps < config.steps:
        torch.manual_seed(config.seed + training.steps)  # so that a resumed run draws the same
        ours, theirs, others = pairs.batch(training.steps)
        pixels = torch.from_numpy(encoder.preprocessing.pixels(pairs.squares[ours])).to(device)
        hits = Hits(
            torch.from_numpy(pairs.rows[theirs]).to(device),
            torch.from_numpy(pairs.rows[others]).to(device),
        )
        said = training.step(pixels, hits)
        line = {"step": training.steps, **said, "seconds": round(time.monotonic() - started, 1)}
        with (out / LOG).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line) + "\n")
        if report:
            report(line)
        if training.steps % config.every == 0 or training.steps == config.steps:
            content = {"config": describe(config), **training.state_dict()}
            write_checkpoint(out / CHECKPOINT, content)
    write(encoder, subject, gates, out / "encoder")
    return out


def _subject(encoder: Encoder, config: Explaining) -> Comparison:
    preprocessing = encoder.preprocessing
    if preprocessing.size % config.cell:
        raise UsageError(f"'cell' is {config.cell} px, which does not divide {preprocessing.size}.")
    assert encoder.folder is not None
    network = Network(
        encoder.folder / ModelFolder.read(encoder.folder).onnx, preprocessing.size
    )  # fmt: skip
    paper = np.full((1, 1, 1), drawing.PAPER, dtype=np.uint8)
    return Comparison(
        network, size=preprocessing.size, grid=preprocessing.size // config.cell,
        paper=torch.from_numpy(preprocessing.pixels(paper)).flatten(),
        temperature=config.temperature,
    )  # fmt: skip


def _resume(training: Training, config: Explaining, path: Path) -> None:
    saved = read_checkpoint(path)
    before, now = saved.pop("config"), describe(config)
    for key in ("encoder", "cell"):
        if before.get(key) != now[key]:
            raise CheckpointError(
                f"{path} has {key} {before.get(key)!r}, this config says {now[key]!r}. Name another "
                "folder in 'out', or go back to that."
            )
    try:
        training.load_state_dict(saved)
    except (KeyError, RuntimeError, ValueError) as error:
        raise CheckpointError(
            f"{path} does not fit this config ({str(error).splitlines()[0]}). Name another folder "
            "in 'out'."
        ) from error


# --- as a file ------------------------------------------------------------------------------------


def write(encoder: Encoder, subject: Comparison, gates: Gates, folder: Path) -> None:
    """Copy the encoder's model folder to ``folder`` and put the explainer in, whole or not at all.

    Afterwards ``subject`` gives states only.

    Raises: ModelError where the written explainer does not give what torch gives.
    """
    assert encoder.folder is not None and isinstance(subject.encode, Network)
    subject.encode = subject.encode.without_rows()
    explainer = Explainer(subject, gates).cpu().eval()
    made = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(made, ignore_errors=True)
    shutil.copytree(encoder.folder, made)
    size, dim = encoder.preprocessing.size, encoder.card.dimension
    generator = torch.Generator().manual_seed(0)
    pixels = torch.rand(2, 3, size, size, generator=generator) * 2 - 1
    compared = torch.nn.functional.normalize(torch.randn(2, dim, generator=generator))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as in train.export
        torch.onnx.export(
            explainer, (pixels, compared), str(made / EXPLAINER), dynamo=False, opset_version=17,
            input_names=["pixels", "compared"], output_names=["keep"],
            dynamic_axes={name: {0: "n"} for name in ("pixels", "compared", "keep")},
        )  # fmt: skip
    halve(made / EXPLAINER)
    with torch.inference_mode():
        expected = explainer(pixels, compared).numpy()
    given = onnx_session(made / EXPLAINER).run(
        ["keep"], {"pixels": pixels.numpy(), "compared": compared.numpy()}
    )[0]
    difference = float(np.abs(expected - given).max())
    if not difference < PARITY:
        raise ModelError(
            f"The written explainer differs from torch by {difference:.2f} (at most {PARITY} is "
            f"allowed). {folder} was not written."
        )
    config = ModelFolder.read(made)
    digests = {**config.sha256, EXPLAINER: file_sha256(made / EXPLAINER)}
    replace(config, sha256=digests).write(made)
    shutil.rmtree(folder, ignore_errors=True)
    made.replace(folder)


def halve(path: Path) -> None:
    """Keep large weights of an ONNX file in half precision; it still computes in single."""
    import onnx

    model = onnx.load(path)
    casts = []
    for weight in model.graph.initializer:
        if weight.data_type == onnx.TensorProto.FLOAT and math.prod(weight.dims) > SMALL:
            values = onnx.numpy_helper.to_array(weight).astype(np.float16)
            whole = weight.name
            weight.CopyFrom(onnx.numpy_helper.from_array(values, f"{whole}.half"))
            casts.append(
                onnx.helper.make_node("Cast", [weight.name], [whole], to=onnx.TensorProto.FLOAT)
            )
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.save(model, path)
