"""A trained network as a model folder: what torch gives, ONNX Runtime gives; the algebra of its rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import encoder as encoders
from engine.encoder import ModelFolder
from engine.errors import ModelError, UsageError

torch = pytest.importorskip("torch")

from train.export import Exported, Fit, Plain, export, parity  # noqa: E402
from train.postprocess import Discriminant  # noqa: E402

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


VIEWS = tuple(f"D{i // 2}" for i in range(60))


def write(folder: Path, **change: Any) -> None:
    trunk, projector = modules()
    given: dict[str, Any] = {
        "name": "tiny", "revision": "7", "size": SIZE, "fit": [Fit(squares(), VIEWS)],
        "dim": 8 + TEXT, "earlier": 0, "ridge": 0.5, "text_weight": 0.7, "licence": "Apache-2.0", "card": "Trained on nothing.",
    }  # fmt: skip
    export(trunk, projector, folder, **given | change)


def by_hand(text_weight: float, components: int) -> tuple[Any, Any]:
    """Rows of the first three squares, from the modules' features and plain numpy in float64.

    Whitening within designs by the Cholesky factor of the scatter, then a singular value
    decomposition: another way than the code's, to the same cosines.
    """
    trunk, projector = modules()
    grey = torch.from_numpy(squares()).float()[:, None].repeat(1, 3, 1, 1) / 127.5 - 1
    with torch.no_grad():
        features = trunk.eval()(grey)
        text = projector(features).double().numpy()[:3]
    exact = features.double().numpy()
    halves = (exact[0::2] - exact[1::2]) / 2  # off the mean of a design's two views
    scatter = halves.T @ halves / len(halves)
    scatter += 0.5 * np.trace(scatter) / WIDTH * np.eye(WIDTH)
    centred = (exact - exact.mean(0)) @ np.linalg.inv(np.linalg.cholesky(scatter)).T
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    white = (centred @ axes[:components].T)[:3]
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


def test_earlier_levels_reach_the_folder(tmp_path: Path) -> None:
    timm = pytest.importorskip("timm")
    torch.manual_seed(0)
    trunk = timm.create_model("test_efficientnet", pretrained=False, num_classes=0).eval()
    drawn = np.random.default_rng(1).integers(0, 256, (60, 64, 64)).astype(np.uint8)
    projector = torch.nn.Linear(trunk.num_features, TEXT)
    export(
        trunk, projector, tmp_path / "model", name="x", revision="1", size=64, dim=8, earlier=2,
        fit=[Fit(drawn, VIEWS)], ridge=3.0, text_weight=0.0, licence="Apache-2.0", card="",
    )  # fmt: skip
    found = encoders.load(str(tmp_path / "model")).encode_all(drawn[:3])
    with torch.no_grad():
        text = projector(
            trunk(torch.from_numpy(drawn[:3]).float()[:, None].repeat(1, 3, 1, 1) / 127.5 - 1)
        )
    np.testing.assert_allclose(found.text, torch.nn.functional.normalize(text, dim=1), atol=1e-4)
    card = (tmp_path / "model" / "README.md").read_text("utf-8")
    assert "the last features and 2 earlier maps" in card


def test_designs_of_one_view_only_are_centred_and_turned(tmp_path: Path) -> None:
    write(tmp_path / "m", fit=[Fit(squares(), tuple(map(str, range(60))))], dim=8, text_weight=0)
    trunk, _ = modules()
    grey = torch.from_numpy(squares()).float()[:, None].repeat(1, 3, 1, 1) / 127.5 - 1
    with torch.no_grad():
        exact = trunk.eval()(grey).double().numpy()
    centred = exact - exact.mean(0)
    axes = np.linalg.svd(centred, full_matrices=False)[2][:8]
    rows = (centred @ axes.T)[:3]
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    found = encoders.load(str(tmp_path / "m")).encode_all(squares()[:3]).image
    np.testing.assert_allclose(found @ found.T, rows @ rows.T, atol=1e-4)


def test_the_mean_is_of_drawings_such_as_will_be_searched(tmp_path: Path) -> None:
    """Rows are centred on them: their sum before they are made unit is zero only for those."""
    trunk, _ = modules()
    network = tmp_path / "m"
    dark = squares() // 4
    write(network, fit=[Fit(dark, VIEWS, searched=False), Fit(squares(), VIEWS)], dim=8,
          text_weight=0)  # fmt: skip
    import onnx

    weights = {one.name: onnx.numpy_helper.to_array(one)
               for one in onnx.load(str(network / "model.onnx")).graph.initializer}  # fmt: skip
    weight, bias = weights["discriminant.linear.weight"], weights["discriminant.linear.bias"]
    grey = torch.from_numpy(squares()).float()[:, None].repeat(1, 3, 1, 1) / 127.5 - 1
    with torch.no_grad():
        mean = trunk.eval()(grey).numpy().mean(0)
    np.testing.assert_allclose(weight @ mean + bias, 0, atol=1e-3)


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
        ({"dim": WIDTH + TEXT + 1}, "1 … 12 directions, not 13"),
        ({"fit": [Fit(squares(6), VIEWS[:6])]}, "6 drawings give"),
        ({"fit": []}, "got none"),
        ({"size": SIZE + 1}, "17, 17"),
        ({"earlier": 2}, "no earlier maps"),
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
            trunk, projector, tmp_path / "m", name="x", revision="1", size=SIZE, dim=8, earlier=0,
            fit=[Fit(squares(), VIEWS)], ridge=3.0, text_weight=0, licence="Apache-2.0", card="",
        )  # fmt: skip
    assert not any(tmp_path.iterdir())


def test_parity_sees_another_network(tmp_path: Path) -> None:
    write(tmp_path / "model", text_weight=0, dim=8)
    trunk, projector = modules()
    turned = Discriminant(np.eye(8, WIDTH), np.zeros(8))
    other = Exported(Plain(trunk.eval()), projector, turned, 0.0)
    pixels = torch.from_numpy(squares()[:2]).float()[:, None].repeat(1, 3, 1, 1) / 127.5 - 1
    assert parity(other, pixels, tmp_path / "model" / "model.onnx") > 0.01
