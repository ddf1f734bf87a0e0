"""VISION DIFFMASK: gates against their closed forms, and a mask that must be found."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from torch import Tensor, nn

from engine.errors import Diverged, UsageError
from train.config import Rates
from train.diffmask import (
    LEFT,
    RIGHT,
    TEMPERATURE,
    Comparison,
    Explainer,
    Gates,
    Hits,
    Patches,
    Training,
    log_open,
    on_grid,
    openness,
    sample,
    staying,
)

SIZE, GRID = 32, 4


class Quarters(nn.Module):
    """An encoder whose row is the mean ink of the upper left quarter in the first two numbers."""

    def forward(self, pixels: Tensor) -> tuple[Tensor, list[Tensor]]:
        ink = (1 - pixels[:, :1]) / 2
        cells = nn.functional.avg_pool2d(ink, SIZE // GRID)
        corner = cells[:, 0, :2, :2].mean((1, 2))
        rows = torch.stack([corner, torch.full_like(corner, 0.05)], dim=1)
        return nn.functional.normalize(rows, dim=1), [cells, torch.cat([cells, 1 - cells], dim=1)]


def subject(temperature: float = 0.1) -> Comparison:
    return Comparison(
        Quarters(), size=SIZE, grid=GRID, paper=torch.ones(3), temperature=temperature
    )


def vit() -> nn.Module:
    from timm.models.vision_transformer import VisionTransformer

    torch.manual_seed(0)
    return VisionTransformer(
        img_size=32, patch_size=8, embed_dim=16, depth=2, num_heads=2, num_classes=3
    )


def test_gates_are_open_as_often_as_their_closed_form_says() -> None:
    torch.manual_seed(0)
    logits = torch.tensor([-3.0, -0.3, 0.0, 0.4, 3.0])
    drawn = sample(logits.expand(20_000, 5))
    assert drawn.min() == 0
    assert drawn.max() <= 1
    assert torch.allclose((drawn > 0).float().mean(0), log_open(logits).exp(), atol=0.01)


def test_a_gates_openness_by_hand() -> None:
    # P(z > 0) = P(sigmoid((logit u + a) / t) > -l / (r - l)) = sigmoid(a - t log(-l / r)).
    logit = 0.7
    expected = 1 / (1 + math.exp(-(logit - TEMPERATURE * math.log(-LEFT / RIGHT))))
    assert float(log_open(torch.tensor(logit)).exp()) == pytest.approx(expected)


def test_everything_stays_at_first() -> None:
    gates = Gates((5, 7), compared=3, scale=15.0, bias=8.0)
    states = [torch.randn(2, 9, 5), torch.randn(2, 9, 7)]
    logits = gates(states, torch.randn(2, 3))
    assert logits.shape == (2, 9, 2)
    assert log_open(logits).exp().mean() > 0.5
    assert torch.all(log_open(torch.tensor(8.0)).exp() > 0.999)


def test_how_long_a_cell_stays_by_hand() -> None:
    logits = torch.tensor([[[2.0, -1.0, 0.5]]])
    first, second, third = (float(log_open(logit).exp()) for logit in logits[0, 0])
    expected = (first + first * second + first * second * third) / 3
    assert float(staying(logits)) == pytest.approx(expected)


def test_blank_cells_cost_nothing() -> None:
    pixels = torch.ones(2, 3, SIZE, SIZE)
    pixels[:, :, 0, 0] = -1
    pixels[1, :, -1, :] = -1
    cost = subject().counted(pixels)
    assert cost[0].nonzero().flatten().tolist() == [0]
    assert cost[1].nonzero().flatten().tolist() == [0, 12, 13, 14, 15]
    assert cost.sum(1).tolist() == [1, pytest.approx(1)]


def test_later_masks_may_diverge_more() -> None:
    asked = subject()
    rates = Rates(epsilon=0.1, epsilon_last=0.4)
    training = Training(asked, Gates(asked.widths, asked.compared), rates, Accelerator(cpu=True))
    assert training.epsilon == pytest.approx([0.1, 0.4])
    assert training.alpha.tolist() == [20, 20]


def test_on_a_grid_maps_are_averaged_and_tokens_lose_their_prefix() -> None:
    fine = torch.arange(16.0).reshape(1, 1, 4, 4)
    assert on_grid(fine, 2)[0, :, 0].tolist() == [2.5, 4.5, 10.5, 12.5]
    tokens = torch.arange(5.0).reshape(1, 5, 1)
    assert on_grid(tokens, 2)[0, :, 0].tolist() == [1, 2, 3, 4]
    assert on_grid(fine, 8).shape == (1, 64, 1)


def test_what_goes_becomes_paper() -> None:
    torch.manual_seed(0)
    pixels = torch.rand(1, 3, SIZE, SIZE) * 2 - 1
    keep = torch.ones(1, GRID * GRID)
    asked = subject()
    assert torch.equal(asked.rows(pixels, keep), asked.encode(pixels)[0])
    keep[0, [0, 1, GRID, GRID + 1]] = 0
    assert torch.allclose(asked.rows(pixels, keep), torch.tensor([[0.0, 1.0]]))


def test_the_answer_is_a_softmax_of_cosines() -> None:
    asked = subject(0.5)
    rows, others = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0], [0.6, 0.8]])
    pixels = -torch.ones(1, 3, SIZE, SIZE)  # all ink: the row is (1, .05) made unit
    found = asked.look(pixels, Hits(rows, others))[1].exp()[0]
    everything = torch.ones(1, GRID * GRID)
    kept = asked.answer(pixels, everything, Hits(rows, others)).exp()[0]
    assert torch.equal(found, kept)
    row = np.array([1, 0.05]) / math.hypot(1, 0.05)
    cosines = np.array([row @ (1, 0), row @ (0, 1), row @ (0.6, 0.8)]) / 0.5
    assert found.numpy() == pytest.approx(np.exp(cosines) / np.exp(cosines).sum(), abs=1e-5)


def test_a_grid_that_does_not_divide_is_refused() -> None:
    with pytest.raises(UsageError, match="does not divide"):
        Comparison(Quarters(), size=SIZE, grid=5, paper=torch.ones(3))


def test_the_mask_finds_the_only_part_that_matters() -> None:
    torch.manual_seed(0)
    asked = subject()
    gates = Gates(asked.widths, asked.compared)
    rates = Rates(gates=2e-3, warmup=10, epsilon=0.05, alpha=2.0)
    training = Training(asked, gates, rates, Accelerator(cpu=True))
    # The gates see no position: that it is darker there is what they can tell by.
    pixels = torch.full((8, 3, SIZE, SIZE), 0.5)
    pixels[:, :, : SIZE // 2, : SIZE // 2] = -1
    pixels[:, :, -SIZE // GRID :] = 1
    hits = Hits(torch.tensor([[1.0, 0.0]]).expand(8, 2), torch.tensor([[0.0, 1.0]]))
    for _ in range(400):
        said = training.step(pixels, hits)
    assert said["divergence"] < 0.5
    found = openness(asked, gates, pixels[:1], Hits(hits.rows[:1], hits.others))
    found = found.reshape(GRID, GRID)
    assert found[:2, :2].min() > 0.4
    assert found[2:3].max() < 0.1
    assert found[:2, 2:].max() < 0.1
    whole = Explainer(asked, gates)(pixels[:1], hits.rows[:1])[0]
    assert torch.all(whole[:2, :2] >= found[:2, :2])  # a mean over masks, the last the smallest
    assert torch.all(whole[3:] == 0)  # blank paper is never kept


def test_a_transformer_answers_as_it_does_by_itself() -> None:
    network = vit().eval()
    asked = Patches(network)
    pixels = torch.rand(2, 3, 32, 32)
    with torch.no_grad():
        expected = network(pixels).log_softmax(1)
        assert torch.allclose(asked.look(pixels)[1], expected, atol=1e-6)
        assert torch.allclose(asked.answer(pixels, torch.ones(2, 16)), expected, atol=1e-6)
    assert [tuple(state.shape) for state in asked.states(pixels)] == [(2, 16, 16)] * 3


def test_a_masked_patch_changes_nothing_any_more() -> None:
    asked = Patches(vit())
    one = torch.rand(1, 3, 32, 32)
    other = one.clone()
    other[:, :, :8, 8:16] = torch.rand(1, 3, 8, 8)
    keep = torch.ones(1, 16)
    keep[0, 1] = 0
    with torch.no_grad():
        assert not torch.allclose(asked.look(one)[1], asked.look(other)[1])
        assert torch.allclose(asked.answer(one, keep), asked.answer(other, keep), atol=1e-6)


def test_only_gates_and_the_baseline_learn() -> None:
    asked = Patches(vit())
    before = {name: p.clone() for name, p in asked.network.state_dict().items()}
    gates = Gates(asked.widths)
    training = Training(asked, gates, Rates(gates=1e-2, warmup=1), Accelerator(cpu=True))
    first = [p.clone() for p in gates.parameters()]
    for _ in range(8):
        training.step(torch.rand(2, 3, 32, 32))
    assert all(torch.equal(before[name], p) for name, p in asked.network.state_dict().items())
    assert any(not torch.equal(a, b) for a, b in zip(first, gates.parameters(), strict=True))
    assert asked.baseline.abs().max() > 0


def test_training_goes_on_where_it_was() -> None:
    def made() -> Training:
        torch.manual_seed(0)
        asked = Patches(vit())
        return Training(asked, Gates(asked.widths), Rates(gates=1e-2), Accelerator(cpu=True))

    def steps(training: Training, of: range) -> dict[str, float]:
        for step in of:
            torch.manual_seed(step)
            said = training.step(torch.rand(2, 3, 32, 32))
        return said

    whole, first, second = made(), made(), made()
    expected = steps(whole, range(9))
    steps(first, range(5))
    second.load_state_dict(first.state_dict())
    assert second.steps == 5
    assert steps(second, range(5, 9)) == pytest.approx(expected)


def test_a_loss_that_is_no_number_ends_it() -> None:
    asked = Patches(vit())
    training = Training(asked, Gates(asked.widths), Rates(), Accelerator(cpu=True))
    with pytest.raises(Diverged, match="step 1"):
        training.step(torch.full((1, 3, 32, 32), math.nan))
