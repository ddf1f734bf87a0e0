"""Encoders that need torch: open_clip, timm and sentence-transformers models by name or folder.

They take the same squares as the shipped encoder, with the size and the normalisation each model
was trained with. Imported only when such a name is asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.encoder import Encoder, Preprocessing, file_sha256
from engine.errors import MissingExtra, ModelError
from engine.plan import EncoderCard, Vector

CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)


def load(kind: str, name: str, device: str = "auto") -> Encoder:
    """Load ``kind`` ("open_clip", "timm" or "st") and ``name``, in evaluation mode.

    Raises: MissingExtra without torch; ModelError when the weights cannot be had.
    """
    try:
        import torch
    except ImportError as error:
        raise MissingExtra("torch", "train") from error
    device = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
    loaders = {"open_clip": _open_clip, "timm": _timm, "st": _sentence_transformers}
    try:
        run, preprocessing, revision, licence = loaders[kind](name, device)
        with torch.inference_mode():
            blank = np.zeros((1, 3, preprocessing.size, preprocessing.size), np.float32)
            dimension = int(run(torch.from_numpy(blank).to(device)).shape[-1])
    except ImportError as error:
        raise MissingExtra(kind, "train") from error
    except ModelError:
        raise
    except Exception as error:  # each library raises its own kinds for a name, a file, a network
        raise ModelError(
            f"Encoder {kind}:{name} cannot be loaded ({type(error).__name__}: {error}). Check the "
            "name; weights that are not on this machine are fetched once from the model hub."
        ) from error

    def tower(pixels: Vector) -> tuple[npt.NDArray[Any], None]:
        with torch.inference_mode():
            rows = run(torch.from_numpy(pixels).to(device))
        return rows.float().cpu().numpy(), None

    card = EncoderCard(f"{kind}:{name}", revision, dimension, preprocessing.digest)
    return Encoder(card, preprocessing, tower, licence, device, batch=64 if "cuda" in device else 8)


Loaded = tuple[Callable[[Any], Any], Preprocessing, str, str]


def _open_clip(name: str, device: str) -> Loaded:
    import open_clip

    if name.startswith(("hf-hub:", "local-dir:")):
        model, _ = open_clip.create_model_from_pretrained(name, device=device)
        revision = _revision(name)
    else:
        architecture, _, tag = name.partition("/")
        if not tag:
            tags = ", ".join(open_clip.list_pretrained_tags_by_model(architecture)) or "none known"
            raise ModelError(f"open_clip:{name} names no weights: add /TAG (tags: {tags}).")
        model, _ = open_clip.create_model_from_pretrained(
            architecture, pretrained=tag, device=device
        )
        revision = tag
    model.eval()
    visual = model.visual
    size = visual.image_size
    size = size[0] if isinstance(size, tuple | list) else size
    mean = tuple(getattr(visual, "image_mean", None) or CLIP_MEAN)
    std = tuple(getattr(visual, "image_std", None) or CLIP_STD)
    return model.encode_image, Preprocessing(int(size), mean, std), revision, "see the model's card"


def _timm(name: str, device: str) -> Loaded:
    import timm

    model = timm.create_model(name, pretrained=True, num_classes=0).to(device).eval()
    config = timm.data.resolve_data_config({}, model=model)
    cfg = model.pretrained_cfg
    revision = str(cfg.get("tag") or cfg.get("hf_hub_id") or "default")
    preprocessing = Preprocessing(
        int(config["input_size"][1]), tuple(config["mean"]), tuple(config["std"])
    )
    return model, preprocessing, revision, str(cfg.get("license") or "see the model's card")


def _sentence_transformers(name: str, device: str) -> Loaded:
    from PIL import Image
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(name, device=device)
    # Its own processor normalises, so it gets plain grey pictures back from 0 … 1.
    preprocessing = Preprocessing(_st_size(model), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))

    def run(pixels: Any) -> Any:
        grey = (pixels[:, 0].cpu().numpy() * 255).round().astype(np.uint8)
        pictures = [Image.fromarray(square).convert("RGB") for square in grey]
        return model.encode(pictures, convert_to_tensor=True, show_progress_bar=False)

    return run, preprocessing, _revision(name), "see the model's card"


def _st_size(model: Any) -> int:
    processor = getattr(model[0], "processor", None)
    size = getattr(getattr(processor, "image_processor", None), "crop_size", None) or {}
    return int(size.get("height", 224))


def _revision(name: str) -> str:
    """A digest of a local folder's weights, or "main" for a model on a hub."""
    folder = Path(name.removeprefix("local-dir:"))
    if not folder.is_dir():
        return "main"
    weights = sorted(folder.rglob("*.safetensors")) + sorted(folder.rglob("*.bin"))
    joined = "".join(file_sha256(path) for path in weights)
    return hashlib.sha256(joined.encode()).hexdigest()[:12]
