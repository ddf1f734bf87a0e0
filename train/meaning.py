"""What a thing is, put beside what it looks like: a second network reads the tinted drawing.

An encoder trained on drawings tells looks apart and forgets what its first weights knew of things.
So those weights are kept, untrained, as a second network. Photographs taught it the names of a
thousand things; it reads a drawing whose closed bodies are filled (:mod:`engine.tint`), and each
name speaks for Locarno classes by the text tower: P(class | drawing) = Σ P(name | drawing) ·
P(class | name). Its rows stand beside the encoder's, weighted. Nothing is trained: a mean, a
discriminant and two weights are all that drawings decide. [ours]

The class part keeps its length: where the network has no idea what it sees, every class is about
as likely as always, the part is short, and looks decide.
"""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine import encoder as encoders
from engine import locarno
from engine.encoder import EXPLAINER, Encoder, ModelFolder, Preprocessing, Squares, file_sha256
from engine.errors import MissingExtra, ModelError, UsageError
from engine.plan import Vector
from train import designs as corpora
from train.config import Meaning, read_meaning
from train.explainer import halve
from train.export import Fit, choose, scatters, searched
from train.model import embed, first_weights, start, text_tower
from train.postprocess import Levels, fit_discriminant

# Of the thousand ImageNet classes the first 398 are animals, the last 77 food, places and plants.
THINGS = slice(398, 923)
EARLIER = 3
BATCH = 8
AGREE = 0.999  # least cosine of a written row with torch's: weights are kept in half precision


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """What the first weights call things, and the classes each name speaks for.

    Attributes:
        linear: features (n, width) → logits (n, names).
        classes: (names, 32) P(Locarno class | name); rows add up to 1.
    """

    linear: nn.Linear
    classes: Tensor

    @classmethod
    def of(cls, weights: dict[str, Tensor], text: Any, sharpness: float) -> Names:
        """The classifier at the end of ImageNet weights, its names set against Locarno's terms.

        P(class | name) is a softmax over the cosines of the name with all everyday terms of the
        classification, divided by ``sharpness`` and added up by class.

        Raises: ModelError for weights that do not end in a classifier of 1,000.
        """
        matrix, bias = list(weights.values())[-2:]
        if matrix.shape[:1] != (1000,) or bias.shape != (1000,):
            raise ModelError("These weights end in no classifier of the 1,000 ImageNet classes.")
        linear = nn.Linear(matrix.shape[1], len(bias[THINGS]))
        with torch.no_grad():
            linear.weight.copy_(matrix[THINGS])
            linear.bias.copy_(bias[THINGS])
        codes = locarno.classes()
        terms = [
            (term, codes.index(code))
            for code in codes
            for finer in locarno.subclasses(code)
            for term in locarno.entry(finer).terms
        ]
        cosines = embed(text, _things()) @ embed(text, [term for term, _ in terms]).T
        owner = F.one_hot(torch.tensor([row for _, row in terms]), len(codes)).float()
        return cls(linear, (cosines / sharpness).softmax(dim=1) @ owner)


class Beside(nn.Module):
    """Pixels (n, 3, size, size) and an encoder's rows (n, d) → unit rows (n, d + directions + 32).

    Of the pixels only the second channel is read. ``settle`` takes its statistics from drawings.
    """

    classes: Tensor
    usual_logits: Tensor
    usual_classes: Tensor
    length: Tensor

    def __init__(self, trunk: nn.Module, names: Names, config: Meaning) -> None:
        super().__init__()
        self.levels, self.names, self.config = Levels(trunk, EARLIER), names.linear, config
        self.discriminant: nn.Module = nn.Identity()
        self.register_buffer("classes", names.classes)
        self.register_buffer("usual_logits", torch.zeros(names.linear.out_features))
        self.register_buffer("usual_classes", torch.zeros(names.classes.shape[1]))
        self.register_buffer("length", torch.ones(()))

    def read(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Levels (n, width), and the logits of names (n, names)."""
        rows, features = self.levels(pixels[:, [1, 1, 1]])
        return rows, self.names(features)

    def posterior(self, logits: Tensor) -> Tensor:
        """(n, names) → (n, 32) P(class | drawing). Logits count by how far they are from usual."""
        sure = (logits - self.usual_logits) / self.config.temperature
        return sure.softmax(dim=1) @ self.classes

    def forward(self, pixels: Tensor, looks: Tensor) -> Tensor:
        """[looks, levels · discriminant · weight] made unit, then the classes' part beside it."""
        rows, logits = self.read(pixels)
        levels = self.config.levels * self.discriminant(rows)
        both = F.normalize(torch.cat([looks, levels], dim=1), dim=1)
        classes = (self.posterior(logits) - self.usual_classes) / self.length
        return F.normalize(torch.cat([both, self.config.classes * classes], dim=1), dim=1)

    @torch.no_grad()
    def settle(self, preprocessing: Preprocessing, fit: Sequence[Fit]) -> None:
        """Take what is usual, and the discriminant, from training drawings, corpus by corpus."""
        seen = [self._read_all(preprocessing, one.squares) for one in fit]
        rows, logits = ([pair[part] for pair in seen] for part in (0, 1))
        usual = torch.from_numpy(searched(logits, fit))
        self.usual_logits.copy_(usual.mean(0))
        posterior = self.posterior(usual)
        self.usual_classes.copy_(posterior.mean(0))
        self.length.copy_((posterior - posterior.mean(0)).norm(dim=1).mean())
        self.discriminant = fit_discriminant(
            scatters(rows, fit), searched(rows, fit), directions=self.config.directions
        )

    def _read_all(self, preprocessing: Preprocessing, squares: Squares) -> tuple[Vector, Vector]:
        found = []
        for begin in range(0, len(squares), BATCH):
            pixels = torch.from_numpy(preprocessing.pixels(squares[begin : begin + BATCH]))
            found.append([part.numpy() for part in self.read(pixels)])
        rows, logits = (np.concatenate(part) for part in zip(*found, strict=True))
        return rows, logits


def run(path: Path) -> Path:
    """Make an encoder by a TOML file (:class:`train.config.Meaning`); returns the run's folder.

    Raises: UsageError; ModelError.
    """
    return join(read_meaning(path))


def join(config: Meaning) -> Path:
    """Write ``out``/encoder: the encoder ``looks`` with what its first weights know beside it.

    Its explainer, where it has one, goes along, and explains looks.

    Raises: ModelError for an encoder that is no model folder, or weights that do not fit; UsageError.
    """
    looks = encoders.load(config.looks)
    if looks.folder is None:
        raise UsageError(f"'{config.looks}' is no model folder: train or name one.")
    if looks.preprocessing.tint:
        raise UsageError(f"'{config.looks}' has a second network already: name the first alone.")
    preprocessing = replace(looks.preprocessing, tint=True)
    beside = _beside(config)
    held = corpora.load(config.corpus)
    fit = choose(held, config.corpus, size=preprocessing.size, most=config.fit, seed=config.seed)
    beside.settle(preprocessing, fit)
    out = Path(config.out)
    out.mkdir(parents=True, exist_ok=True)
    write(looks, beside, preprocessing, config, out / "encoder")
    return out


def write(
    looks: Encoder, beside: Beside, preprocessing: Preprocessing, config: Meaning, folder: Path
) -> None:
    """Write the joined model folder, whole or not at all.

    Raises: ModelError where the written network does not give what torch gives.
    """
    assert looks.folder is not None
    described = ModelFolder.read(looks.folder)
    beside.eval()
    pixels = torch.rand(2, 3, preprocessing.size, preprocessing.size) * 2 - 1
    theirs = F.normalize(torch.randn(2, looks.card.dimension), dim=1)
    folder = folder.absolute()
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as temporary:
        made = Path(temporary) / folder.name
        shutil.copytree(looks.folder, made)
        part = Path(temporary) / "beside.onnx"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # as in train.export
            torch.onnx.export(
                beside, (pixels, theirs), str(part), dynamo=False, opset_version=17,
                input_names=["pixels", "looks"], output_names=["image"],
                dynamic_axes={name: {0: "n"} for name in ("pixels", "looks", "image")},
            )  # fmt: skip
        _join(made / described.onnx, part, made / described.onnx)
        _check(made / described.onnx, looks, beside, pixels)
        if (made / EXPLAINER).exists():
            _explain(made / EXPLAINER, looks.card.dimension)
        dimension = looks.card.dimension + config.directions + len(locarno.classes())
        files = {name: file_sha256(made / name) for name in described.sha256}
        replace(
            described, name=config.name, revision=config.revision, dimension=dimension,
            tint=True, sha256=files,
        ).write(made)  # fmt: skip
        if folder.exists():
            folder.replace(Path(temporary) / "older")
        made.replace(folder)


def _beside(config: Meaning) -> Beside:
    try:
        import timm
    except ModuleNotFoundError as error:
        raise MissingExtra("timm", "train") from error
    weights = first_weights(config.tower, "package")
    trunk = timm.create_model(config.tower, num_classes=0)
    start(trunk, weights, config.tower, "package")
    names = Names.of(weights, text_tower(config.text), config.sharpness)
    return Beside(trunk, names, config).eval()


def _things() -> list[str]:
    from timm.data import ImageNetInfo

    known = ImageNetInfo()
    return [known.index_to_description(i) for i in range(THINGS.start, THINGS.stop)]


# --- as ONNX --------------------------------------------------------------------------------------

LOOKS, BESIDE = "looks/", "beside/"


def _join(looks: Path, beside: Path, to: Path) -> None:
    """Two networks as one: pixels → image, text; large weights in half precision."""
    import onnx
    from onnx import helper

    first, second = (
        onnx.compose.add_prefix(onnx.load(path), prefix)
        for path, prefix in ((looks, LOOKS), (beside, BESIDE))
    )
    given = [helper.make_tensor_value_info("pixels", onnx.TensorProto.FLOAT, ["n", 3, "s", "s"])]
    shapes = {"image": ["n", "d"]}
    spoken = []
    if any(value.name == f"{LOOKS}text" for value in first.graph.output):
        shapes["text"] = ["n", "t"]
        spoken.append(helper.make_node("Identity", [f"{LOOKS}text"], ["text"]))
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["pixels", "plain"], [f"{LOOKS}pixels"], axis=1),
            *first.graph.node,
            helper.make_node("Identity", ["pixels"], [f"{BESIDE}pixels"]),
            helper.make_node("Identity", [f"{LOOKS}image"], [f"{BESIDE}looks"]),
            *second.graph.node,
            helper.make_node("Identity", [f"{BESIDE}image"], ["image"]),
            *spoken,
        ],
        "joined",
        given,
        [helper.make_tensor_value_info(k, onnx.TensorProto.FLOAT, v) for k, v in shapes.items()],
        [_plain(), *first.graph.initializer, *second.graph.initializer],
    )
    model = helper.make_model(graph, opset_imports=first.opset_import)
    model.ir_version = first.ir_version
    onnx.save(model, to)
    halve(to)


def _explain(path: Path, dimension: int) -> None:
    """Let an explainer of ``dimension`` numbers take the joined pixels and rows: it reads its own."""
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.compose.add_prefix(onnx.load(path), LOOKS)
    graph = model.graph
    constants = {"from": [0], "to": [dimension], "along": [1]}
    nodes = [
        helper.make_node("Gather", ["pixels", "plain"], [f"{LOOKS}pixels"], axis=1),
        helper.make_node("Slice", ["compared", "from", "to", "along"], ["part"]),
        helper.make_node("LpNormalization", ["part"], [f"{LOOKS}compared"], axis=1, p=2),
        *graph.node,
        helper.make_node("Identity", [f"{LOOKS}keep"], ["keep"]),
    ]
    del graph.node[:]
    graph.node.extend(nodes)
    graph.initializer.extend(
        [
            _plain(),
            *(numpy_helper.from_array(np.array(v, np.int64), k) for k, v in constants.items()),
        ]
    )
    for values in (graph.input, graph.output):
        for value in values:
            value.name = value.name.removeprefix(LOOKS)
            if value.name == "compared":
                value.type.tensor_type.shape.dim[1].Clear()
    onnx.save(model, path)


def _plain() -> Any:
    """The first channel, three times: what an encoder without tints was given."""
    from onnx import numpy_helper

    return numpy_helper.from_array(np.zeros(3, np.int64), "plain")


def _check(path: Path, looks: Encoder, beside: Beside, pixels: Tensor) -> None:
    rows, _ = looks.tower(pixels[:, [0, 0, 0]].numpy())
    with torch.inference_mode():
        expected = beside(pixels, torch.from_numpy(rows)).numpy()
    given = encoders.onnx_session(path).run(["image"], {"pixels": pixels.numpy()})[0]
    cosine = float((expected * given).sum(axis=1).min())
    if not cosine > AGREE:
        raise ModelError(
            f"The written network agrees with torch to a cosine of {cosine:.4f} only (at least "
            f"{AGREE} is asked). Nothing was written."
        )
