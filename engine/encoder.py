"""From drawings to unit vectors: the one path that ingest, search, evaluation and the page take.

An encoder is an entry of a catalogue, not a class of its own: a card (name, revision, dimension),
a preprocessing, and a function from pixels to rows. Three kinds of name are understood:

===============================  ==================================================================
``lite0-design``                 a model folder shipped in the package, run by ONNX Runtime
``path/to/folder``               a model folder of the same layout, or one that open_clip saved
``open_clip:ViT-B-32/openai``    any open_clip model and weights (``open_clip:hf-hub:org/model`` too)
``timm:resnet50.a1_in1k``        any timm model
``st:clip-ViT-B-32``             any sentence-transformers model that takes pictures
===============================  ==================================================================

The last three need the ``train`` extra, and run on a GPU where there is one.

A **model folder** holds ``encoder.json`` (:class:`ModelFolder`), the ONNX file it names, a model
card ``README.md``, a licence, and maybe an explainer (:mod:`engine.explain`). The network takes ``(n, 3, size, size)`` float32 and gives an
output ``image`` of shape ``(n, dimension)``, and, where the encoder was trained beside a text
tower, an output ``text`` of shape ``(n, text_dimension)`` that lies in that tower's space.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from engine import drawing
from engine.errors import ModelError
from engine.plan import EncoderCard, Vector, unit_rows
from engine.tint import tint

if TYPE_CHECKING:
    from PIL.Image import Image

DEFAULT = "lite0-design"
BATCH = 16  # drawings in memory at once, as the network takes them
CONFIG_FILE, EXPLAINER = "encoder.json", "explain.onnx"
Squares = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """Everything between a decoded drawing and the network's input.

    Attributes:
        size: side of the square the network sees, px.
        mean, std: per RGB channel, of pixels scaled to 0 … 1.
        margin: paper around the ink, as a share of the ink box's longer side.
        tint: the second and third channels show closed bodies filled (:mod:`engine.tint`).
    """

    size: int
    mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    std: tuple[float, float, float] = (0.5, 0.5, 0.5)
    margin: float = 0.04
    tint: bool = False

    @property
    def digest(self) -> str:
        """Twelve hex digits that change when any pixel the network sees would."""
        # Collections written before there were tints must still be known: no tint, no word of it.
        said = {key: value for key, value in asdict(self).items() if key != "tint" or value}
        described = json.dumps([drawing.VERSION, said], sort_keys=True)
        return hashlib.sha256(described.encode()).hexdigest()[:12]

    def square(self, picture: Image, box: drawing.Box | None = None) -> Squares:
        """An upright grey drawing → (size, size) uint8. Raises: ImageError on blank paper."""
        small, _ = drawing.square(picture, self.size, box=box, margin=self.margin)
        return np.asarray(small)

    def pixels(self, squares: Squares) -> Vector:
        """(n, size, size) uint8 → (n, 3, size, size) float32, normalised by channel."""
        scale = np.array([1 / (255 * std) for std in self.std], dtype=np.float32)
        shift = np.array(
            [-m / s for m, s in zip(self.mean, self.std, strict=True)], dtype=np.float32
        )
        grey = squares[:, None, :, :].astype(np.float32)
        if self.tint:
            tinted = np.stack([tint(square) for square in squares])[:, None].astype(np.float32)
            grey = np.concatenate([grey, tinted, tinted], axis=1)
        return np.asarray(grey * scale[:, None, None] + shift[:, None, None], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Encoded:
    """Unit rows of a batch: ``image`` (n, dimension), and ``text`` (n, text_dimension) or None."""

    image: Vector
    text: Vector | None = None


Tower = Callable[[Vector], tuple[npt.NDArray[Any], npt.NDArray[Any] | None]]


@dataclass(frozen=True, slots=True, eq=False)
class Encoder:
    """Drawings in, unit rows out. Made by :func:`load`.

    ``licence`` is the licence of the weights, shown by ``engine doctor``; ``folder`` the model
    folder it is from, where it is from one.
    """

    card: EncoderCard
    preprocessing: Preprocessing
    tower: Tower = field(repr=False)
    licence: str = "unknown"
    device: str = "cpu"
    batch: int = BATCH
    folder: Path | None = None

    def prepare(self, picture: Image, box: drawing.Box | None = None) -> Squares:
        """An upright grey drawing → (size, size) uint8; threads may share it.

        Raises: ImageError on blank paper.
        """
        return self.preprocessing.square(picture, box)

    def encode_all(self, squares: Squares | Sequence[Squares]) -> Encoded:
        """Squares (n, size, size) uint8 → unit rows in the image space and the text space."""
        images: list[Vector] = []
        texts: list[Vector] = []
        for chunk in _chunks(squares, self.batch):
            image, text = self.tower(self.preprocessing.pixels(chunk))
            if not np.isfinite(image).all():
                raise ModelError(
                    f"Encoder {self.card.name} gave values that are no numbers. "
                    "Its weights are damaged: install the model again."
                )
            images.append(unit_rows(image))
            if text is not None:
                texts.append(unit_rows(text))
        if not images:
            return Encoded(np.empty((0, self.card.dimension), np.float32))
        return Encoded(np.concatenate(images), np.concatenate(texts) if texts else None)

    def encode(self, squares: Squares | Sequence[Squares]) -> Vector:
        """Squares (n, size, size) uint8 → (n, dimension) float32 unit rows."""
        return self.encode_all(squares).image

    def encode_drawings(self, pictures: Iterable[Image]) -> Vector:
        """Upright grey drawings → (n, dimension) unit rows. Raises: ImageError on blank paper."""
        return self.encode([self.prepare(picture) for picture in pictures])


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """``encoder.json``: what a model folder says of itself.

    ``sha256`` maps file names in the folder to hex digests; the ONNX file must be among them.
    """

    name: str
    revision: str
    dimension: int
    input_size: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    onnx: str
    licence: str
    sha256: dict[str, str]
    margin: float = 0.04
    text_dimension: int = 0
    text_model: str = ""
    tint: bool = False

    @classmethod
    def read(cls, folder: Path) -> ModelFolder:
        """Read and check the folder's ``encoder.json``. Raises: ModelError."""
        path = folder / CONFIG_FILE
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            known = {name: raw[name] for name in cls.__dataclass_fields__ if name in raw}
            known["mean"], known["std"] = tuple(known["mean"]), tuple(known["std"])
            known["text_dimension"] = known.get("text_dimension") or 0
            config = cls(**known)
        except FileNotFoundError as error:
            raise ModelError(f"{folder} is no model folder: it has no {CONFIG_FILE}.") from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"{path} cannot be read ({error}). Export the model again with engine train."
            ) from error
        if Path(config.onnx).name != config.onnx or config.onnx not in config.sha256:
            raise ModelError(f"{path}: 'onnx' must name a file of the folder listed in 'sha256'.")
        return config

    def write(self, folder: Path) -> None:
        """Write ``encoder.json``."""
        (folder / CONFIG_FILE).write_text(json.dumps(asdict(self), indent=2) + "\n", "utf-8")

    @property
    def preprocessing(self) -> Preprocessing:
        """The folder's preprocessing."""
        return Preprocessing(self.input_size, self.mean, self.std, self.margin, self.tint)

    @property
    def card(self) -> EncoderCard:
        """What a collection records of this model."""
        return EncoderCard(
            self.name, self.revision, self.dimension, self.preprocessing.digest, self.text_dimension
        )


def shipped() -> dict[str, Path]:
    """The model folders that lie in the package, by name."""
    root = Path(str(files("engine") / "models"))
    return {path.parent.name: path.parent for path in sorted(root.glob(f"*/{CONFIG_FILE}"))}


def load(name: str = "", *, device: str = "auto", threads: int = 0) -> Encoder:
    """The encoder of this name, ready to run (see the module's table of names).

    Args:
        name: "" for the shipped default.
        device: "auto" (a GPU where torch finds one), "cpu", "cuda", "cuda:1".
        threads: CPU threads; 0 lets the runtime choose.

    Raises: ModelError when there is no such model or it is damaged; MissingExtra without torch.
    """
    name = name or DEFAULT
    models = shipped()
    if name in models:
        return _from_folder(models[name], threads)
    if (Path(name) / CONFIG_FILE).is_file():
        return _from_folder(Path(name), threads)
    if (Path(name) / "open_clip_config.json").is_file():
        name = f"open_clip:local-dir:{name}"
    kind, _, rest = name.partition(":")
    if kind in ("open_clip", "timm", "st") and rest:
        from engine import towers

        return towers.load(kind, rest, device)
    raise ModelError(
        f"There is no encoder '{name}'. Shipped: {', '.join(models) or 'none'}. Otherwise give a "
        "model folder, or open_clip:NAME/WEIGHTS, timm:NAME, st:NAME."
    )


def card(name: str = "") -> EncoderCard | None:
    """The card of a model folder without loading it, or None where that needs the model."""
    name = name or DEFAULT
    folder = shipped().get(name, Path(name))
    return ModelFolder.read(folder).card if (folder / CONFIG_FILE).is_file() else None


def file_sha256(path: Path) -> str:
    """Hex digest of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _from_folder(folder: Path, threads: int) -> Encoder:
    config = ModelFolder.read(folder)
    path = folder / config.onnx
    if not path.is_file():
        raise ModelError(f"{path} is missing. Install or export the model again.")
    if file_sha256(path) != config.sha256[config.onnx]:
        raise ModelError(
            f"{path} is not the file its {CONFIG_FILE} describes (sha256 differs). "
            "It is damaged or was changed: install or export the model again."
        )
    threads = threads or _cores()
    session = onnx_session(path)
    outputs = [output.name for output in session.get_outputs()]
    entry = session.get_inputs()[0].name
    if "image" not in outputs:
        raise ModelError(f"{path} has no output 'image' (it has {', '.join(outputs)}).")
    wanted = ["image", "text"] if config.text_dimension and "text" in outputs else ["image"]
    pool = ThreadPoolExecutor(threads)

    def tower(pixels: Vector) -> tuple[npt.NDArray[Any], npt.NDArray[Any] | None]:
        # One drawing a run, one thread a run: a batch of 16 costs three times as much a drawing,
        # because its activations leave the cache; and threads inside a run wait for each other.
        runs = list(pool.map(lambda one: session.run(wanted, {entry: one[None]}), pixels))
        columns = [np.concatenate(column) for column in zip(*runs, strict=True)]
        return columns[0], columns[1] if len(columns) > 1 else None

    return Encoder(config.card, config.preprocessing, tower, config.licence, folder=folder)


def onnx_session(path: Path, threads: int = 1) -> Any:
    """An ONNX Runtime session on the CPU, which threads may share. Raises: ModelError when the file is no model."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    try:
        return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's errors share no public base
        raise ModelError(f"{path} cannot be run by ONNX Runtime ({error}).") from error


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _chunks(squares: Squares | Sequence[Squares], size: int) -> Iterator[Squares]:
    for start in range(0, len(squares), size):
        yield np.stack(list(squares[start : start + size]))
