"""From a trained network to a model folder that ``engine.encoder`` runs without torch.

What is written is one ONNX file: pixels go in, unit rows come out, everything between folded into
the graph. ``image`` is for search by likeness: the trunk's levels, turned and scaled by a
discriminant (:mod:`train.postprocess`), with the projection into the text tower's space beside them where that helps. ``text`` is the projection alone, for
search by words. Knows nothing of losses, corpora or checkpoints' files.
"""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine import encoder as encoders
from engine.encoder import ModelFolder, Preprocessing, Squares, file_sha256, onnx_session
from engine.errors import ModelError, UsageError
from engine.plan import Vector
from train.config import Corpus
from train.designs import Designs
from train.designs import squares as squares_of
from train.postprocess import Levels, fit_discriminant, within

NETWORK, CARD, LICENCE = "model.onnx", "README.md", "LICENSE"
OPSET = 17
PARITY = (
    1e-4  # largest difference allowed between a unit row's entries in torch and in ONNX Runtime
)
FIT_VIEWS = 4  # pictures of one design that the exported rows are fitted on
CHECKED = 4  # squares that parity is checked on
BATCH = 8  # squares encoded at once to fit the discriminant

_CARD = Template("""# $name

$card

| | |
|---|---|
| input | `pixels`: ink-cropped grey square, $size × $size px, as three equal channels, mean $mean, std $std |
| output | `image`: (n, $dim) float32 unit rows; `text`: (n, $text) unit rows in the space of `$text_model` |
| `image` | $components of $width numbers of $levels, whitened within designs on $fitted training drawings, ridge $ridge$beside |
| size | $parameters parameters, $megabytes MB |
| revision | $revision |
| licence | $licence |

ONNX Runtime agrees with torch to $parity.
""")


@dataclass(frozen=True, slots=True)
class Fit:
    """Training drawings of one corpus that the image rows are fitted on.

    Attributes:
        squares: (n, size, size) uint8, as the exported network will see them.
        designs: (n,) of which design each is; several of one tell how views differ.
        searched: they are such as will be searched, so their mean and axes count.
    """

    squares: Squares
    designs: tuple[str, ...]
    searched: bool = True


class Plain(nn.Module):
    """A trunk as it was trained, where no earlier maps are wanted: its features, twice."""

    def __init__(self, trunk: nn.Module) -> None:
        super().__init__()
        self.trunk = trunk

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Pixels (n, 3, size, size) → features (n, width), for the image rows and the projector."""
        features = self.trunk(pixels)
        return features, features


class Exported(nn.Module):
    """The network of a model folder: pixels (n, 3, size, size) → image, text, both unit rows.

    ``image`` is [discriminant of the levels, text_weight · text], made unit: its cosine is
    (cos levels + text_weight² · cos text) / (1 + text_weight²).
    """

    def __init__(
        self, levels: nn.Module, projector: nn.Module, discriminant: nn.Module, text_weight: float
    ) -> None:
        super().__init__()
        self.levels, self.projector, self.discriminant = levels, projector, discriminant
        self.text_weight = text_weight

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Pixels (n, 3, size, size) → image (n, dim), text (n, text dimension)."""
        rows, features = self.levels(pixels)
        text = F.normalize(self.projector(features), dim=1)
        image: Tensor = self.discriminant(rows)
        if self.text_weight:
            image = F.normalize(torch.cat([image, self.text_weight * text], dim=1), dim=1)
        return image, text


def export(
    trunk: nn.Module,
    projector: nn.Module,
    folder: Path,
    *,
    name: str,
    revision: str,
    size: int,
    fit: Sequence[Fit],
    dim: int,
    earlier: int,
    ridge: float,
    text_weight: float,
    licence: str,
    card: str,
    text_model: str = "minilm-l6",
    mean: tuple[float, float, float] = (0.5, 0.5, 0.5),
    std: tuple[float, float, float] = (0.5, 0.5, 0.5),
    licence_file: Path | None = None,
) -> None:
    """Write a model folder: network, ``encoder.json``, model card and licence, whole or not at all.

    Args:
        trunk: pixels (n, 3, size, size) → features (n, width).
        projector: features → (n, text dimension), in the text tower's space.
        folder: where to; an older model of that name there is replaced.
        name: of the model, as collections record it.
        revision: of the weights, as collections record it.
        size: side of the square the network sees, px.
        fit: training drawings, corpus by corpus.
        dim: of ``image`` as a whole: with a text weight, dim − text dimension directions of it are
            of the discriminant, else all.
        earlier: maps read beside the last features (:class:`train.postprocess.Levels`); 0 takes the
            trunk's own features alone, however it pools.
        ridge: of the discriminant (:func:`train.postprocess.fit_discriminant`).
        text_weight: of the projection in ``image``; 0 leaves it out.
        licence: SPDX name, of the weights.
        card: Markdown for the model card: data, command, figures, limits.
        text_model: name of the text tower that ``text`` is compared in.
        mean: per RGB channel, of pixels scaled to 0 … 1.
        std: likewise.
        licence_file: the licence's text; only Apache-2.0 is known without.

    Raises: UsageError where size, dim or licence cannot be meant; ModelError where the written
        network does not give what torch gives, and nothing is written then.
    """
    squares = [np.asarray(one.squares) for one in fit]
    for made_of in squares:
        if made_of.ndim != 3 or made_of.shape[1:] != (size, size) or made_of.dtype != np.uint8:
            raise UsageError(
                f"The image rows must be fitted on (n, {size}, {size}) uint8 squares, as the "
                f"exported network will see them; these are {made_of.shape} {made_of.dtype}."
            )
    if not any(map(len, squares)):
        raise UsageError("The image rows need training drawings to be fitted on, and got none.")
    licence_file = licence_file or _known_licence(licence)
    preprocessing = Preprocessing(size, mean, std)
    levels, projector = (
        (Levels(trunk, earlier) if earlier else Plain(trunk)).eval(),
        projector.eval(),
    )
    some = next(one for one in squares if len(one))[:CHECKED]
    pixels = torch.from_numpy(preprocessing.pixels(some))
    with torch.inference_mode():
        text = projector(levels(pixels)[1])
    components = dim - (text.shape[1] if text_weight else 0)
    if components < 1:
        raise UsageError(
            f"dim is {dim}, but the text part alone has {text.shape[1]}. Ask for more, or set "
            "text_weight 0."
        )
    rows = [_rows(levels, preprocessing, one) for one in squares]
    discriminant = fit_discriminant(
        scatters(rows, fit), searched(rows, fit), directions=components, ridge=ridge
    )
    network = Exported(levels, projector, discriminant, text_weight)
    network.eval()

    folder = folder.absolute()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as temporary:
        made = Path(temporary) / folder.name
        made.mkdir()
        write_onnx(network, pixels, made / NETWORK)
        difference = parity(network, pixels, made / NETWORK)
        if not difference < PARITY:
            raise ModelError(
                f"The exported network differs from torch by {difference:.1e} (at most {PARITY:.0e} "
                f"is allowed). {folder} was not written."
            )
        ModelFolder(
            name=name, revision=revision, dimension=dim, input_size=size, mean=mean, std=std,
            onnx=NETWORK, licence=licence, sha256={NETWORK: file_sha256(made / NETWORK)},
            margin=preprocessing.margin, text_dimension=text.shape[1], text_model=text_model,
        ).write(made)  # fmt: skip
        parameters = sum(weight.numel() for weight in network.parameters())
        values = dict(
            name=name, revision=revision, licence=licence, card=card.strip(), size=size, dim=dim,
            mean=_triple(mean), std=_triple(std), text=text.shape[1], text_model=text_model,
            components=components, width=rows[0].shape[1], fitted=f"{sum(map(len, squares)):,}",
            levels=f"the last features and {earlier} earlier maps" if earlier else "the features",
            ridge=ridge,
            beside=f"; beside them `text`, weighted {text_weight}" if text_weight else "",
            parameters=f"{parameters / 1e6:.2f} M", parity=f"{difference:.0e}",
            megabytes=f"{(made / NETWORK).stat().st_size / 1e6:.1f}",
        )  # fmt: skip
        (made / CARD).write_text(_CARD.substitute(values), "utf-8")
        shutil.copyfile(licence_file, made / LICENCE)
        if folder.exists():
            folder.replace(Path(temporary) / "older")
        made.replace(folder)


def write_onnx(network: nn.Module, pixels: Tensor, path: Path) -> None:
    """Write the network as ONNX: input ``pixels``, outputs ``image`` and ``text``, any n."""
    with warnings.catch_warnings():
        # The exporter by tracing is deprecated, but folds BatchNorm and needs no onnxscript. Its
        # trace warnings are about shapes, which are fixed but for n; parity is checked after.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network, (pixels,), str(path), dynamo=False, opset_version=OPSET,
            input_names=["pixels"], output_names=["image", "text"],
            dynamic_axes={key: {0: "n"} for key in ("pixels", "image", "text")},
        )  # fmt: skip


def parity(network: nn.Module, pixels: Tensor, path: Path) -> float:
    """The largest difference between torch and ONNX Runtime, as one batch and one by one."""
    with torch.inference_mode():
        expected = [rows.numpy() for rows in network(pixels)]
    session = onnx_session(path)
    batch = pixels.numpy()
    together = session.run(["image", "text"], {"pixels": batch})
    alone = [session.run(["image", "text"], {"pixels": one[None]}) for one in batch]
    singly = [np.concatenate(rows) for rows in zip(*alone, strict=True)]
    pairs = [*zip(expected, together, strict=True), *zip(expected, singly, strict=True)]
    return max(float(np.abs(one - other).max()) for one, other in pairs)


def _rows(levels: nn.Module, preprocessing: Preprocessing, squares: Squares) -> Vector:
    """(n, width) levels of all squares."""
    found = []
    with torch.inference_mode():
        for start in range(0, len(squares), BATCH):
            pixels = preprocessing.pixels(squares[start : start + BATCH])
            found.append(levels(torch.from_numpy(pixels))[0].float().numpy())
    if not found:
        return np.zeros((0, 0), dtype=np.float32)
    rows = np.concatenate(found)
    if not np.isfinite(rows).all():
        raise ModelError("The trunk gives values that are no numbers: its weights are damaged.")
    return rows


def choose(
    held: Designs, corpus: Sequence[Corpus], *, size: int, most: int, seed: int
) -> list[Fit]:
    """Training drawings of each corpus, a few of each design, chosen by the seed.

    Where some corpora are watched, they are such as will be searched.
    """
    rng, made = np.random.default_rng(seed), []
    watched = any(one.held_out for one in corpus)
    for number, one in enumerate(corpus):
        chosen: list[tuple[bytes, str]] = []
        for row in rng.permutation(np.flatnonzero(held.corpus == number)):
            figures = held.figures[row]
            few = rng.permutation(len(figures))[:FIT_VIEWS]
            chosen += [(figures[i], held.ids[row]) for i in few]
            if len(chosen) >= most:
                break
        if chosen:
            pictures, names = zip(*chosen, strict=True)
            made.append(Fit(squares_of(pictures, size), names, bool(one.held_out) or not watched))
    return made


def scatters(rows: Sequence[Vector], fit: Sequence[Fit]) -> list[npt.NDArray[np.float64]]:
    """The scatter within designs of each corpus that has designs of two views; else the identity."""
    pairs = zip(rows, fit, strict=True)
    several = [(some, one.designs) for some, one in pairs if len(set(one.designs)) < len(some)]
    if not several:
        return [np.eye(next(some.shape[1] for some in rows if len(some)))]
    return [within(some, designs) for some, designs in several]


def searched(rows: Sequence[Vector], fit: Sequence[Fit]) -> Vector:
    """The rows of the corpora such as will be searched; of all, where none is marked."""
    chosen = [some for some, one in zip(rows, fit, strict=True) if one.searched and len(some)]
    return np.concatenate(chosen or [some for some in rows if len(some)])


def _known_licence(licence: str) -> Path:
    for folder in encoders.shipped().values():
        if ModelFolder.read(folder).licence == licence:
            return folder / LICENCE
    raise UsageError(f"The text of {licence} is not known here: give licence_file.")


def _triple(values: tuple[float, float, float]) -> str:
    return str(values[0]) if len(set(values)) == 1 else ", ".join(map(str, values))
