"""The discriminant against plain loops and its own definition; the levels against hooks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
timm = pytest.importorskip("timm")

from engine.errors import UsageError  # noqa: E402
from train.postprocess import Levels, fit_discriminant, within  # noqa: E402

RNG = np.random.default_rng(0)
DESIGNS = [f"D{i // 3}" for i in range(120)] + ["alone"]
ROWS = (RNG.normal(size=(41, 6))[[i // 3 for i in range(120)] + [40]]
        + RNG.normal(size=(121, 6)) * np.array([3, 1, 1, 0.2, 0.2, 0.2])).astype(np.float32)  # fmt: skip


def test_the_scatter_within_designs_by_loops() -> None:
    expected, count = np.zeros((6, 6)), 0
    for design in sorted(set(DESIGNS)):
        own = [row.astype(float) for row, of in zip(ROWS, DESIGNS, strict=True) if of == design]
        if len(own) < 2:
            continue
        mean = sum(own) / len(own)
        for row in own:
            expected += np.outer(row - mean, row - mean)
            count += 1
    assert np.allclose(within(ROWS, DESIGNS), expected / count)


def test_views_vary_alike_in_every_direction_and_axes_fall_in_variance() -> None:
    linear = fit_discriminant([within(ROWS, DESIGNS)], ROWS, directions=6, ridge=0).linear
    weight = linear.weight.detach().numpy().astype(float)
    made = ROWS @ weight.T + linear.bias.detach().numpy()
    assert np.allclose(within(made.astype(np.float32), DESIGNS), np.eye(6), atol=1e-3)
    covariance = np.cov(made, rowvar=False)
    assert np.allclose(covariance, np.diag(np.diag(covariance)), atol=1e-3)
    assert (np.diff(np.diag(covariance)) < 1e-6).all()
    assert np.allclose(made.mean(axis=0), 0, atol=1e-4)


def test_it_tells_designs_apart_better_than_the_rows_do() -> None:
    def hits(rows: Any) -> float:
        unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        scores = unit @ unit.T
        np.fill_diagonal(scores, -2)
        nearest = scores.argmax(axis=1)
        return float(np.mean([DESIGNS[i] == DESIGNS[j] for i, j in enumerate(nearest)]))

    made = fit_discriminant([within(ROWS, DESIGNS)], ROWS, directions=4, ridge=0.01)
    assert hits(made(torch.from_numpy(ROWS)).detach().numpy()) > hits(ROWS) + 0.1


def test_levels_are_the_maps_of_the_trunk() -> None:
    torch.manual_seed(0)
    trunk = timm.create_model("tf_efficientnet_lite0", pretrained=False, num_classes=0).eval()
    seen: dict[int, Any] = {}
    for number in (2, 4, 6):
        trunk.blocks[number].register_forward_hook(
            lambda _, __, made, number=number: seen.__setitem__(number, made.mean((2, 3)))
        )
    pixels = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        rows, mean = Levels(trunk)(pixels)
        last = trunk.forward_features(pixels)
    power = last.clamp(min=1e-6).pow(3).mean((2, 3)).pow(1 / 3)
    assert torch.allclose(rows, torch.cat([power, seen[2], seen[4], seen[6]], dim=1), atol=1e-5)
    assert torch.allclose(mean, last.mean((2, 3)), atol=1e-6)


def test_what_cannot_be_fitted_is_said() -> None:
    with pytest.raises(UsageError, match="No design has two figures"):
        within(ROWS[:3], ["a", "b", "c"])
    with pytest.raises(UsageError, match=r"121 drawings give 1 … 6 directions, not 7"):
        fit_discriminant([np.eye(6)], ROWS, directions=7)
    with pytest.raises(UsageError, match="shows no earlier maps"):
        Levels(torch.nn.Linear(2, 2))
