"""Each loss again by plain loops in float64, its reductions to known losses, and its gradients."""

from __future__ import annotations

import math
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from engine.errors import UsageError  # noqa: E402
from train import losses  # noqa: E402

F = torch.nn.functional
LABELS = torch.tensor(
    [[0, 0, 0], [0, 0, 0], [0, 0, 1], [0, 0, 1], [0, 1, 2], [0, 1, 2], [1, 2, 3], [1, -1, 4],
     [-1, -1, 5], [-1, -1, 5], [-1, -1, 6]]
)  # fmt: skip
SCORES = [0.1, 0.3, 1.0]


def unit(n: int, dim: int = 6, seed: int = 0) -> Any:
    rows = torch.randn(n, dim, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    return F.normalize(rows, dim=1)


def hierarchical_by_loops(
    z: list[list[float]], labels: list[list[int]], scores: list[float], tau: float, how: str
) -> float:
    n = len(z)

    def cosine(i: int, j: int) -> float:
        return sum(a * b for a, b in zip(z[i], z[j], strict=True))

    def score(i: int, j: int) -> float:
        for level in reversed(range(len(scores))):
            if labels[i][level] == labels[j][level] != -1:
                return scores[level]
        return 0.0

    total, anchors = 0.0, 0
    for i in range(n):
        others = [j for j in range(n) if j != i]
        below = sum(math.exp(cosine(i, k) / tau) for k in others)
        positives = [score(i, k) for k in others if score(i, k) > 0]
        if not positives:
            continue
        anchors += 1
        norm = {"sum": sum(positives), "count": len(positives), "none": 1}[how]
        for j in others:
            total -= score(i, j) / norm * math.log(math.exp(cosine(i, j) / tau) / below)
    return total / anchors


@pytest.mark.parametrize("how", ["sum", "count", "none"])
@pytest.mark.parametrize("scores", [SCORES, [0.0, 0.5, 1.0], [1.0, 1.0, 1.0]])
def test_hierarchical_is_what_loops_give(how: Any, scores: list[float]) -> None:
    z = unit(len(LABELS))
    found = losses.hierarchical_contrastive(z, LABELS, scores, temperature=0.2, normaliser=how)
    expected = hierarchical_by_loops(z.tolist(), LABELS.tolist(), scores, 0.2, how)
    assert found.item() == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("how", ["sum", "count", "none"])
def test_one_pair_a_design_alone_is_infonce(how: Any) -> None:
    from pytorch_metric_learning.losses import NTXentLoss

    z = unit(8)
    designs = torch.arange(4).repeat_interleave(2)
    labels = torch.stack([torch.zeros(8, dtype=torch.int64), designs // 2, designs], 1)
    found = losses.hierarchical_contrastive(z, labels, [0, 0, 1], temperature=0.1, normaliser=how)
    assert found.item() == pytest.approx(NTXentLoss(0.1)(z, designs).item(), rel=1e-8)


def test_equal_scores_are_supcon() -> None:
    from pytorch_metric_learning.losses import SupConLoss

    z = unit(9)
    classes = torch.tensor([0, 0, 0, 1, 1, 2, 2, 2, 2])
    designs = torch.tensor([0, 0, 1, 2, 3, 4, 4, 5, 6])
    labels = torch.stack([classes, designs], 1)
    found = losses.hierarchical_contrastive(z, labels, [0.4, 0.4], temperature=0.1)
    assert found.item() == pytest.approx(SupConLoss(0.1)(z, classes).item(), rel=1e-8)


def test_unknown_shares_nothing_with_unknown() -> None:
    finest = losses.shared_level(LABELS)
    assert finest[0].tolist() == [-1, 2, 1, 1, 0, 0, -1, -1, -1, -1, -1]
    assert finest[8].tolist() == [-1] * 9 + [2, -1]
    assert finest[6].tolist() == [-1] * 7 + [0, -1, -1, -1]
    assert torch.equal(finest, finest.T)


def test_order_in_the_batch_does_not_matter() -> None:
    z = unit(len(LABELS))
    order = torch.randperm(len(LABELS), generator=torch.Generator().manual_seed(3))
    for loss in (
        lambda a, b: losses.hierarchical_contrastive(a, b, SCORES),
        losses.himulcone,
    ):
        assert loss(z, LABELS).item() == pytest.approx(loss(z[order], LABELS[order]).item())


def test_nothing_to_learn_is_zero_with_zero_gradients() -> None:
    z = unit(4).requires_grad_()
    alone = torch.tensor([[-1, 0], [-1, 1], [-1, 2], [-1, 3]])
    prototypes = unit(3)
    of_class = losses.ImageClass(prototypes, torch.tensor([0, 0, 1]), torch.ones(3), torch.ones(2))
    for loss in (
        losses.hierarchical_contrastive(z, alone, [0.1, 1]),
        losses.himulcone(z, alone),
        losses.image_text(z[:0], z[:0], prototypes),
        of_class(z, torch.full((4, 2), -1)),
    ):
        assert loss.item() == 0
        (gradient,) = torch.autograd.grad(loss, z, allow_unused=True, retain_graph=True)
        assert gradient is None or not gradient.any()


@pytest.mark.parametrize("how", ["sum", "count", "none"])
def test_gradients_of_the_hierarchical_loss(how: Any) -> None:
    rows = unit(len(LABELS)).requires_grad_()
    assert torch.autograd.gradcheck(
        lambda x: losses.hierarchical_contrastive(
            F.normalize(x, dim=1), LABELS, SCORES, temperature=0.3, normaliser=how
        ),
        rows,
    )


def test_gradients_beside_texts() -> None:
    rows = unit(5).requires_grad_()
    labels = torch.tensor([[0, 0], [0, 1], [1, 2], [1, -1], [-1, -1]])
    of_class = losses.ImageClass(
        unit(3, seed=5), torch.tensor([0, 0, 1]), torch.tensor([9, 1, 4]),
        torch.tensor([10, 7]), temperature=0.3, balance="adjust",
    )  # fmt: skip
    assert torch.autograd.gradcheck(lambda x: of_class(F.normalize(x, dim=1), labels), rows)
    texts, bank = unit(5, seed=2), unit(7, seed=3)
    assert torch.autograd.gradcheck(
        lambda x: losses.image_text(F.normalize(x, dim=1), texts, bank, temperature=0.3), rows
    )


def test_half_precision_stays_finite_and_near() -> None:
    z = unit(len(LABELS))
    exact = losses.hierarchical_contrastive(z, LABELS, SCORES, temperature=0.05).item()
    rough = losses.hierarchical_contrastive(z.bfloat16(), LABELS, SCORES, temperature=0.05).item()
    assert rough == pytest.approx(exact, rel=0.05)


def test_himulcone_by_hand() -> None:
    from pytorch_metric_learning.losses import SupConLoss

    z = unit(8)
    labels = torch.tensor([[0, 0], [0, 0], [0, 1], [0, 1], [1, 2], [1, 2], [1, 3], [1, 3]])
    for sign in (1, -1):  # designs apart (the finer loss is the larger), then designs as one point
        rows = (
            z if sign == 1 else F.normalize(z.view(4, 2, -1).mean(1), dim=1).repeat_interleave(2, 0)
        )
        fine = SupConLoss(0.1)(rows, labels[:, 1]).item()
        coarse = SupConLoss(0.1)(rows, labels[:, 0]).item()
        expected = (2 * fine + math.sqrt(2) * max(fine, coarse)) / 2
        assert losses.himulcone(rows, labels).item() == pytest.approx(expected, rel=1e-6)


def test_scores_and_levels_must_agree() -> None:
    with pytest.raises(UsageError, match="2 scores for 3 levels"):
        losses.hierarchical_contrastive(unit(11), LABELS, [0.1, 1.0])


def test_image_text_is_what_loops_give() -> None:
    images, texts, bank = unit(3), unit(3, seed=1), unit(4, seed=2)
    candidates = torch.cat([texts, bank]).tolist()

    def softmax(row: list[float], tau: float) -> list[float]:
        exps = [math.exp(sum(a * b for a, b in zip(row, c, strict=True)) / tau) for c in candidates]
        return [value / sum(exps) for value in exps]

    expected = 0.0
    for image, text in zip(images.tolist(), texts.tolist(), strict=True):
        targets, shares = softmax(text, 0.05), softmax(image, 0.07)
        expected -= sum(t * math.log(s) for t, s in zip(targets, shares, strict=True)) / 3
    found = losses.image_text(images, texts, bank, temperature=0.07, target_temperature=0.05)
    assert found.item() == pytest.approx(expected, rel=1e-10)


def test_hard_targets_without_a_bank_are_clips_image_side() -> None:
    images, texts = unit(5), unit(5, seed=1)
    expected = F.cross_entropy(images @ texts.T / 0.07, torch.arange(5))
    for bank in (texts[:0], unit(2, seed=4)):
        logits = images @ torch.cat([texts, bank]).T / 0.07
        expected = F.cross_entropy(logits, torch.arange(5))
        found = losses.image_text(images, texts, bank, target_temperature=0)
        assert found.item() == pytest.approx(expected.item(), rel=1e-10)
        # Ever colder soft targets come to the same.
        cold = losses.image_text(images, texts, bank, target_temperature=1e-4)
        assert cold.item() == pytest.approx(expected.item(), rel=1e-6)


@pytest.mark.parametrize("balance", ["none", "effective", "adjust"])
def test_image_class_is_what_loops_give(balance: Any) -> None:
    images, prototypes = unit(5), unit(4, seed=1)
    parents, counts, class_counts = [0, 0, 1, 1], [50, 2, 7, 0], [60, 9]
    labels = [[0, 0], [0, 1], [1, 2], [1, -1], [-1, -1]]
    beta, tau = 0.9, 0.2

    def effective(numbers: list[int]) -> list[float]:
        raw = [(1 - beta) / (1 - beta**n) if n else 0.0 for n in numbers]
        return [w * sum(n > 0 for n in numbers) / sum(raw) for w in raw]

    def priors(numbers: list[int]) -> list[float]:
        held = [max(n, 0.5) for n in numbers]
        return [math.log(n / sum(held)) for n in held]

    expected = 0.0
    for level, numbers in ((0, class_counts), (1, counts)):
        weights = effective(numbers) if balance == "effective" else [1.0] * len(numbers)
        add = priors(numbers) if balance == "adjust" else [0.0] * len(numbers)
        losses_of = []
        for image, label in zip(images.tolist(), labels, strict=True):
            if label[level] < 0:
                continue
            exps = [
                math.exp(sum(a * b for a, b in zip(image, p, strict=True)) / tau)
                for p in prototypes.tolist()
            ]
            if level == 0:
                exps = [
                    sum(e for e, c in zip(exps, parents, strict=True) if c == k) for k in (0, 1)
                ]
            exps = [e * math.exp(a) for e, a in zip(exps, add, strict=True)]
            losses_of.append(-weights[label[level]] * math.log(exps[label[level]] / sum(exps)))
        expected += sum(losses_of) / len(losses_of)
    loss = losses.ImageClass(
        prototypes, torch.tensor(parents), torch.tensor(counts), torch.tensor(class_counts),
        temperature=tau, balance=balance, beta=beta,
    )  # fmt: skip
    assert loss(images, torch.tensor(labels)).item() == pytest.approx(expected, rel=1e-5)


def test_effective_numbers_end_at_equal_and_at_inverse_weights() -> None:
    counts = torch.tensor([100, 10, 1])
    equal = losses.effective_number_weights(counts, 0.0)
    assert equal.tolist() == pytest.approx([1, 1, 1])
    inverse = losses.effective_number_weights(counts, 1 - 1e-9)
    assert (inverse / inverse[2]).tolist() == pytest.approx([0.01, 0.1, 1], rel=1e-4)


def test_uncertainty_is_kendalls_sum_and_starts_at_one() -> None:
    module = losses.UncertaintySum(3)
    terms = [torch.tensor(2.0), None, torch.tensor(0.5)]
    start = module(terms)
    sigma = math.sqrt(0.5)
    assert start.item() == pytest.approx(2.5 + 2 * math.log(sigma), rel=1e-6)
    start.backward()
    # dL/dv = (1 − L·exp(−v)) / 2 with v = −log 2
    assert module.log_variance.grad.tolist() == pytest.approx([(1 - 4) / 2, 0, (1 - 1) / 2])


@pytest.mark.parametrize("method", ["infonce", "supcon", "triplet", "arcface"])
def test_baselines_learn_from_known_rows_alone(method: Any) -> None:
    torch.manual_seed(0)
    loss = losses.image_loss(
        method, scores=SCORES, normaliser="sum", temperature=0.1, level=1,
        margin=0.2 if method == "triplet" else 28.6, dim=6, labels=[2, 3, 7],
    )  # fmt: skip
    z = unit(len(LABELS)).float().requires_grad_()
    found = loss(z, LABELS)
    known = LABELS[:, 1] >= 0
    assert found.item() == pytest.approx(loss(z[known], LABELS[known]).item(), rel=1e-6)
    (gradient,) = torch.autograd.grad(found, z)
    assert gradient[known].abs().sum() > 0
    assert not gradient[~known].any()
    assert loss(z, torch.full_like(LABELS, -1)).item() == 0


def test_an_unknown_method_lists_those_there_are() -> None:
    with pytest.raises(UsageError, match="himulcone"):
        losses.image_loss(
            "softmax", scores=SCORES, normaliser="sum", temperature=0.1, level=1, margin=0.1,
            dim=6, labels=[2, 3, 7],
        )  # fmt: skip


SHARDED = """
import sys, torch, torch.distributed as dist
sys.path.insert(0, sys.argv[1])
from train.losses import gathered, hierarchical_contrastive
rank = int(sys.argv[2])
dist.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{sys.argv[3]}", rank=rank, world_size=2)
torch.manual_seed(0)
x = torch.randn(8, 5, dtype=torch.float64)
labels = torch.tensor([[0, 0], [0, 0], [0, 1], [1, 2], [0, 1], [1, 2], [1, 3], [1, 3]])
def loss_of(w, x, labels):
    z = torch.nn.functional.normalize(x @ w, dim=1)
    return hierarchical_contrastive(gathered(z), gathered(labels), [0.2, 1.0])
w = torch.eye(5, dtype=torch.float64).requires_grad_()
half = slice(4 * rank, 4 * rank + 4)
loss = loss_of(w, x[half], labels[half])
loss.backward()
dist.all_reduce(w.grad); w.grad /= 2  # as DistributedDataParallel does
sharded, gradient = loss.item(), w.grad.clone()
dist.destroy_process_group()
w = torch.eye(5, dtype=torch.float64).requires_grad_()
whole = loss_of(w, x, labels)
whole.backward()
assert abs(whole.item() - sharded) < 1e-12, (whole, sharded)
assert torch.allclose(w.grad, gradient, atol=1e-12), (w.grad, gradient)
assert gradient.abs().max() > 1e-3
"""


def test_two_processes_equal_one() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    root = str(Path(__file__).parents[2])
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", SHARDED, root, str(rank), str(port)],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        for rank in range(2)
    ]  # fmt: skip
    for process in running:
        said, _ = process.communicate(timeout=120)
        assert process.returncode == 0, said
