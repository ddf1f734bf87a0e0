"""From a trained network to a model folder that ``engine.encoder`` runs without torch.

What is written is one ONNX file: pixels go in, unit rows come out, everything between folded into
the graph. ``image`` is for search by likeness: the trunk's features, whitened, with the projection
into the text tower's space beside them where that helps. ``text`` is the projection alone, for
search by words. Knows nothing of losses, corpora or checkpoints' files.
"""

from __future__ import annotations

import shutil
import tempfile
import warnings
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

NETWORK, CARD, LICENCE = "model.onnx", "README.md", "LICENSE"
OPSET = 17
PARITY = (
    1e-4  # largest difference allowed between a unit row's entries in torch and in ONNX Runtime
)
CHECKED = 4  # squares that parity is checked on
BATCH = 8  # squares encoded at once to fit the whitening

_CARD = Template("""# $name

$card

| | |
|---|---|
| input | `pixels`: ink-cropped grey square, $size × $size px, as three equal channels, mean $mean, std $std |
| output | `image`: (n, $dim) float32 unit rows; `text`: (n, $text) unit rows in the space of `$text_model` |
| `image` | $components trunk features (of $width), whitened on $fitted training drawings, shrinkage $shrink$beside |
| size | $parameters parameters, $megabytes MB |
| revision | $revision |
| licence | $licence |

ONNX Runtime agrees with torch to $parity.
""")


class Whitening(nn.Module):
    """Unit rows → mean taken off, rotated to principal axes, scaled to equal variance, unit again.

    Attributes:
        linear: (width) → (components); the mean is folded into its bias.
    """

    def __init__(self, weight: npt.NDArray[np.float64], bias: npt.NDArray[np.float64]) -> None:
        super().__init__()
        self.linear = nn.Linear(weight.shape[1], weight.shape[0])
        with torch.no_grad():
            self.linear.weight.copy_(torch.from_numpy(weight))
            self.linear.bias.copy_(torch.from_numpy(bias))

    def forward(self, features: Tensor) -> Tensor:
        """(n, width) of any length → (n, components) unit rows."""
        rows: Tensor = self.linear(F.normalize(features, dim=1))
        return F.normalize(rows, dim=1)


def fit_whitening(rows: Vector, components: int, shrink: float) -> Whitening:
    """PCA-whitening of unit rows (Jégou and Chum, ECCV 2012 [known]), with shrinkage [ours].

    The eigenvalues λ of the covariance become (1 − shrink)·λ + shrink·mean(λ), so that directions
    which few drawings tell apart are not blown up to the weight of the others: 0 whitens fully, 1
    only centres and rotates. The sign of each axis makes its largest entry positive, so the same
    rows give the same matrix on every machine.

    Args:
        rows: (n, width) features of training drawings; made unit here.
        components: axes kept, those of the largest variance.
        shrink: 0 … 1.

    Raises: UsageError where the rows cannot span that many components, or shrink is out of range.
    """
    if not 0 <= shrink <= 1:
        raise UsageError(f"shrink is {shrink}; it must lie between 0 and 1.")
    unit = rows.astype(np.float64)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True).clip(1e-12)
    most = min(unit.shape[1], len(unit) - 1)
    if not 1 <= components <= most:
        raise UsageError(
            f"{len(unit)} drawings with {unit.shape[1]} features can be whitened to 1 … {most} "
            f"components, not {components}. Fit on more drawings, or ask for a smaller dimension."
        )
    mean = unit.mean(axis=0)
    values, axes = np.linalg.eigh(np.cov(unit - mean, rowvar=False, bias=True))
    values = (1 - shrink) * values.clip(0) + shrink * values.clip(0).mean()
    values, axes = values[::-1][:components], axes[:, ::-1][:, :components]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(components)])
    weight = axes.T / np.sqrt(values.clip(1e-12))[:, None]
    return Whitening(weight, -weight @ mean)


class Exported(nn.Module):
    """The network of a model folder: pixels (n, 3, size, size) → image, text, both unit rows.

    ``image`` is [whitened trunk, text_weight · text], made unit: its cosine is
    (cos trunk + text_weight² · cos text) / (1 + text_weight²).
    """

    def __init__(
        self, trunk: nn.Module, projector: nn.Module, whitening: nn.Module, text_weight: float
    ) -> None:
        super().__init__()
        self.trunk, self.projector, self.whitening = trunk, projector, whitening
        self.text_weight = text_weight

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Pixels (n, 3, size, size) → image (n, dim), text (n, text dimension)."""
        features = self.trunk(pixels)
        text = F.normalize(self.projector(features), dim=1)
        image: Tensor = self.whitening(features)
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
    fit: Squares,
    dim: int,
    shrink: float,
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
        fit: (n, size, size) uint8 squares of training drawings, to fit the whitening on.
        dim: of ``image`` as a whole: with a text weight, dim − text dimension components of it are
            whitened trunk features, else all.
        shrink: of the whitening, 0 … 1 (:func:`fit_whitening`).
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
    fit = np.asarray(fit)
    if fit.ndim != 3 or fit.shape[1:] != (size, size) or fit.dtype != np.uint8:
        raise UsageError(
            f"The whitening must be fitted on (n, {size}, {size}) uint8 squares, as the exported "
            f"network will see them; these are {fit.shape} {fit.dtype}."
        )
    licence_file = licence_file or _known_licence(licence)
    preprocessing = Preprocessing(size, mean, std)
    trunk, projector = trunk.eval(), projector.eval()
    features, text = _features(trunk, projector, preprocessing, fit)
    beside = text.shape[1] if text_weight else 0
    components = dim - beside
    if components < 1:
        raise UsageError(
            f"dim is {dim}, but the text part alone has {beside}. Ask for more, or set text_weight 0."
        )
    network = Exported(trunk, projector, fit_whitening(features, components, shrink), text_weight)
    network.eval()

    folder = folder.absolute()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as temporary:
        made = Path(temporary) / folder.name
        made.mkdir()
        pixels = torch.from_numpy(preprocessing.pixels(fit[:CHECKED]))
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
            components=components, width=features.shape[1], fitted=f"{len(fit):,}", shrink=shrink,
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


def _features(
    trunk: nn.Module, projector: nn.Module, preprocessing: Preprocessing, squares: Squares
) -> tuple[Vector, Vector]:
    """(n, width) features of all squares, and the projections of the first batch."""
    found = []
    text = None
    with torch.inference_mode():
        for start in range(0, len(squares), BATCH):
            pixels = preprocessing.pixels(squares[start : start + BATCH])
            found.append(trunk(torch.from_numpy(pixels)))
            text = projector(found[-1]) if text is None else text
    if text is None:
        raise UsageError("The whitening needs training drawings to be fitted on, and got none.")
    features = torch.cat(found).float().numpy()
    if not np.isfinite(features).all():
        raise ModelError("The trunk gives values that are no numbers: its weights are damaged.")
    return features, text.float().numpy()


def _known_licence(licence: str) -> Path:
    for folder in encoders.shipped().values():
        if ModelFolder.read(folder).licence == licence:
            return folder / LICENCE
    raise UsageError(f"The text of {licence} is not known here: give licence_file.")


def _triple(values: tuple[float, float, float]) -> str:
    return str(values[0]) if len(set(values)) == 1 else ", ".join(map(str, values))
