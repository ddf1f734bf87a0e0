"""A trained network as a model folder: what torch gives, ONNX Runtime gives; the algebra of whitening."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import encoder as encoders
from engine.encoder import ModelFolder
from engine.errors import ModelError, UsageError

torch = pytest.importorskip("torch")

from train.export import Whitening, export, fit_whitening, parity  # noqa: E402

SIZE, WIDTH, TEXT = 16, 12, 5


def modules() -> tuple[Any, Any]:
    torch.manual_seed(0)
    trunk = torch.nn.Sequential(
        torch.nn.Conv2d(3, WIDTH, 3, stride=2),
        torch.nn.BatchNorm2d(WIDTH),
        torch.nn.ReLU(),
        torch.nn.AdaptiveAvgPool2d(1),
        torch.nn.Flatten(),
    )
    with torch.no_grad():  # statistics that are not those of an untouched layer
        trunk[1].running_mean.uniform_(-0.2, 0.2)
        trunk[1].running_var.uniform_(0.5, 2)
    return trunk, torch.nn.Linear(WIDTH, TEXT)


def squares(n: int = 60) -> Any:
    return np.random.default_rng(1).integers(0, 256, (n, SIZE, SIZE)).astype(np.uint8)


def write(folder: Path, **change: Any) -> None:
    trunk, projector = modules()
    given: dict[str, Any] = {
        "name": "tiny", "revision": "7", "size": SIZE, "fit": squares(), "dim": 8 + TEXT,
        "shrink": 0.1, "text_weight": 0.7, "licence": "Apache-2.0", "card": "Trained on nothing.",
    }  # fmt: skip
    export(trunk, projector, folder, **given | change)


def by_hand(text_weight: float, components: int) -> tuple[Any, Any]:
    """Rows of the first three squares, from the modules' features and plain numpy in float64."""
    trunk, projector = modules()
    grey = torch.from_numpy(squares()).float()[:, None].repeat(1, 3, 1, 1) / 127.5 - 1
    with torch.no_grad():
        features = trunk.eval()(grey)
        text = projector(features).double().numpy()[:3]
    unit = features.double().numpy()
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    centred = unit - unit.mean(0)
    _, scales, axes = np.linalg.svd(centred, full_matrices=False)
    variances = scales**2 / len(unit)
    variances = 0.9 * variances + 0.1 * variances.sum() / WIDTH
    white = (centred @ axes[:components].T / np.sqrt(variances[:components]))[:3]
    # The sign of an axis is a convention, and no cosine depends on it: compare cosines.
    white /= np.linalg.norm(white, axis=1, keepdims=True)
    text /= np.linalg.norm(text, axis=1, keepdims=True)
    cosines = (white @ white.T + text_weight**2 * text @ text.T) / (1 + text_weight**2)
    return cosines, text


@pytest.mark.parametrize(("weight", "dim"), [(0.7, 8 + TEXT), (0.0, 8)])
def test_the_folder_gives_what_the_algebra_says(tmp_path: Path, weight: float, dim: int) -> None:
    write(tmp_path / "model", text_weight=weight, dim=dim)
    encoder = encoders.load(str(tmp_path / "model"))
    assert (encoder.card.name, encoder.card.revision, encoder.card.dimension) == ("tiny", "7", dim)
    found = encoder.encode_all(squares()[:3])
    cosines, text = by_hand(weight, 8)
    assert found.image.shape == (3, dim)
    np.testing.assert_allclose(found.image @ found.image.T, cosines, atol=1e-4)
    np.testing.assert_allclose(found.text, text, atol=1e-5)


def test_full_whitening_makes_the_covariance_one() -> None:
    rows = np.random.default_rng(0).normal(size=(400, 6)) @ np.diag([9, 5, 3, 2, 1, 0.5])
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    linear = fit_whitening(rows.astype(np.float32), 5, 0.0).linear
    with torch.no_grad():
        white = linear(torch.from_numpy(unit.astype(np.float32))).double().numpy()
    np.testing.assert_allclose(np.cov(white, rowvar=False, bias=True), np.eye(5), atol=1e-3)
    np.testing.assert_allclose(white.mean(0), 0, atol=1e-4)


def test_full_shrinkage_only_centres_and_rotates() -> None:
    rows = np.random.default_rng(0).normal(size=(50, 6)).astype(np.float32)
    weight = fit_whitening(rows, 6, 1.0).linear.weight.detach().double().numpy()
    gram = weight @ weight.T
    np.testing.assert_allclose(gram, gram[0, 0] * np.eye(6), atol=1e-3)


def test_the_files_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "stale.txt").write_text("of the older model")
    write(tmp_path / "model")
    names = {path.name for path in (tmp_path / "model").iterdir()}
    assert names == {"model.onnx", "encoder.json", "README.md", "LICENSE"}
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    config = ModelFolder.read(tmp_path / "model")
    assert (config.text_dimension, config.text_model) == (TEXT, "minilm-l6")
    card = (tmp_path / "model" / "README.md").read_text("utf-8")
    assert "Trained on nothing." in card
    assert "(n, 13)" in card
    assert "$" not in card
    assert "Apache License" in (tmp_path / "model" / "LICENSE").read_text("utf-8")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"dim": TEXT}, "text part alone"),
        ({"dim": WIDTH + TEXT + 1}, "components"),
        ({"fit": squares(6)}, "Fit on more drawings"),
        ({"fit": squares(0)}, "got none"),
        ({"size": SIZE + 1}, "17, 17"),
        ({"shrink": 1.5}, "between 0 and 1"),
        ({"licence": "CC-BY-9.0"}, "licence_file"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        write(tmp_path / "model", **change)
    assert not any(tmp_path.iterdir())


def test_weights_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    trunk, projector = modules()
    with torch.no_grad():
        trunk[0].weight[0] = float("nan")
    with pytest.raises(ModelError, match="no numbers"):
        export(
            trunk, projector, tmp_path / "m", name="x", revision="1", size=SIZE, fit=squares(),
            dim=8, shrink=0.1, text_weight=0, licence="Apache-2.0", card="",
        )  # fmt: skip
    assert not any(tmp_path.iterdir())


def test_parity_sees_another_network(tmp_path: Path) -> None:
    from train.export import Exported

    write(tmp_path / "model", text_weight=0, dim=8)
    trunk, projector = modules()
    other = Exported(trunk.eval(), projector, Whitening(np.eye(8, WIDTH), np.zeros(8)), 0.0)
    pixels = torch.from_numpy(squares()[:2]).float()[:, None].repeat(1, 3, 1, 1) / 127.5 - 1
    assert parity(other, pixels, tmp_path / "model" / "model.onnx") > 0.01
