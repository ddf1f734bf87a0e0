"""What training pulls together and pushes apart: images among images, and images beside texts.

Embeddings and texts are unit rows; a temperature divides cosines. Labels are (batch, level) int64,
coarse to fine (Locarno class, subclass, design), −1 where unknown: unknown shares nothing, not even
with unknown. A loss with nothing to learn from in a batch is 0, with zero gradients. The grades are
[known] from the paper or its authors' code, [reported] by others, [ours] a reconstruction.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.errors import MissingExtra, UsageError

Normaliser = Literal["sum", "count", "none"]
Balance = Literal["none", "effective", "adjust"]
Method = Literal["hierarchical", "infonce", "supcon", "triplet", "arcface", "himulcone"]
UNKNOWN = -1


# --- images among images ------------------------------------------------------------------------


def shared_level(labels: Tensor) -> Tensor:
    """(batch, level) → (batch, batch) int64: finest level that two rows share, −1 none or oneself."""
    same = (labels[:, None] == labels[None]) & (labels != UNKNOWN)[:, None]
    number = torch.arange(labels.shape[1], device=labels.device)
    finest = torch.where(same, number, -1).amax(dim=2)
    return finest.fill_diagonal_(-1)


def hierarchical_contrastive(
    embeddings: Tensor,
    labels: Tensor,
    scores: Sequence[float],
    *,
    temperature: float = 0.1,
    normaliser: Normaliser = "sum",
) -> Tensor:
    """Every row that shares a level is a positive, the finer the stronger (Kavimandan et al. 2025).

    −1/|A| · Σ_i∈A Σ_j≠i (s_ij / N_i) · log( exp(z_i·z_j/τ) / Σ_k≠i exp(z_i·z_k/τ) ), with s_ij the
    score of the finest level that i and j share, 0 where they share none, and A the rows with a
    positive. That there are several positives with falling scores is [reported] (arXiv:2506.13496);
    the equation is [ours]. One pair a design and scores 0, …, 0, 1 make it InfoNCE; equal scores
    make it SupCon (Khosla et al., NeurIPS 2020 [known]).

    Args:
        embeddings: (batch, dim) unit rows.
        labels: (batch, level), coarse to fine.
        scores: one a level, coarse to fine, ≥ 0.
        temperature: divides cosines, > 0.
        normaliser: N_i: "sum" of the scores of i's positives, their "count", or "none" (1).

    Raises: UsageError where scores and levels differ in number.
    """
    if len(scores) != labels.shape[1]:
        raise UsageError(f"{len(scores)} scores for {labels.shape[1]} levels: give one a level.")
    finest = shared_level(labels)
    table = embeddings.new_tensor([*scores, 0.0])  # index −1 is the last: no level, no score
    weight = table[finest]
    log_share = _log_share(embeddings, temperature)
    if normaliser == "sum":
        weight = weight / weight.sum(1, keepdim=True).clamp(min=torch.finfo(weight.dtype).tiny)
    elif normaliser == "count":
        weight = weight / (weight > 0).sum(1, keepdim=True).clamp(min=1)
    anchors = (weight > 0).any(1)
    return -(weight * log_share).sum() / anchors.sum().clamp(min=1)


def himulcone(embeddings: Tensor, labels: Tensor, *, temperature: float = 0.1) -> Tensor:
    """SupCon at every level, a coarser one never counting less than a finer (HiMulConE).

    1/L · Σ_l 2^(1/l) · max(SupCon_l, SupCon_1 … SupCon_l−1), l = 1 the finest ("Use All the
    Labels", Zhang et al., CVPR 2022; weights and maximum over whole levels [known] from the authors'
    code, which also thins each level to one row a label after it was used; that is left out here).

    Args:
        embeddings: (batch, dim) unit rows.
        labels: (batch, level), coarse to fine.
        temperature: divides cosines, > 0.
    """
    total = embeddings.new_zeros(())
    largest = embeddings.new_full((), -math.inf)
    levels = labels.shape[1]
    for number, level in enumerate(reversed(range(levels)), 1):
        loss = hierarchical_contrastive(
            embeddings, labels[:, level : level + 1], [1.0], temperature=temperature
        )
        largest = torch.maximum(largest, loss)
        total = total + 2 ** (1 / number) * largest
    return total / levels


class OneLevel(nn.Module):
    """A loss of pytorch-metric-learning on the labels of one level; unknown rows take no part."""

    def __init__(self, loss: nn.Module, level: int, miner: nn.Module | None = None) -> None:
        super().__init__()
        self.loss, self.level, self.miner = loss, level, miner

    def forward(self, embeddings: Tensor, labels: Tensor) -> Tensor:
        """(batch, dim) unit rows and (batch, level) labels → a scalar."""
        known = labels[:, self.level] != UNKNOWN
        rows, named = embeddings[known], labels[known, self.level]
        if len(rows) < 2:
            return embeddings.sum() * 0
        found: Tensor = self.loss(rows, named, self.miner(rows, named) if self.miner else None)
        return found


Images = Callable[[Tensor, Tensor], Tensor]


def image_loss(
    method: Method,
    *,
    scores: Sequence[float],
    normaliser: Normaliser,
    temperature: float,
    level: int,
    margin: float,
    dim: int,
    labels: Sequence[int],
) -> nn.Module:
    """The image loss of a run by name: a module from embeddings and labels to a scalar.

    Args:
        method: "hierarchical" and "himulcone" take every level, the others one: "infonce" (NT-Xent),
            "supcon", "triplet" with semi-hard mining, "arcface", all of pytorch-metric-learning.
        scores: one a level, of "hierarchical".
        normaliser: of "hierarchical".
        temperature: of the contrastive ones; ArcFace's scale is 1 / temperature.
        level: the one level, coarse to fine from 0; −1 is the design.
        margin: of "triplet" (cosine distance) and "arcface" (degrees).
        dim: of the embeddings.
        labels: number of labels a level, for the weights of "arcface".

    Raises: UsageError for an unknown method; MissingExtra without pytorch-metric-learning.
    """
    if method == "hierarchical":
        return _Every(
            lambda rows, named: hierarchical_contrastive(
                rows, named, scores, temperature=temperature, normaliser=normaliser
            )
        )
    if method == "himulcone":
        return _Every(lambda rows, named: himulcone(rows, named, temperature=temperature))
    try:
        from pytorch_metric_learning import losses, miners
    except ModuleNotFoundError as error:
        raise MissingExtra("pytorch-metric-learning", "train") from error
    if method == "infonce":
        return OneLevel(losses.NTXentLoss(temperature), level)
    if method == "supcon":
        return OneLevel(losses.SupConLoss(temperature), level)
    if method == "triplet":
        miner = miners.TripletMarginMiner(margin, type_of_triplets="semihard")
        return OneLevel(losses.TripletMarginLoss(margin), level, miner)
    if method == "arcface":
        head = losses.ArcFaceLoss(labels[level], dim, margin=margin, scale=1 / temperature)
        return OneLevel(head, level)
    raise UsageError(f"There is no image loss '{method}'. There are: {', '.join(Method.__args__)}.")


class _Every(nn.Module):
    """A function of embeddings and labels as a module without weights."""

    def __init__(self, function: Images) -> None:
        super().__init__()
        self.function = function

    def forward(self, embeddings: Tensor, labels: Tensor) -> Tensor:
        return self.function(embeddings, labels)


def _log_share(embeddings: Tensor, temperature: float) -> Tensor:
    """(batch, batch): log of each other row's share in the softmax of i's cosines; 0 at oneself."""
    cosines = embeddings @ embeddings.T / temperature
    oneself = torch.eye(len(cosines), dtype=torch.bool, device=cosines.device)
    return cosines.masked_fill(oneself, -math.inf).log_softmax(1).masked_fill(oneself, 0)


# --- images beside texts ------------------------------------------------------------------------


def image_text(
    images: Tensor,
    texts: Tensor,
    bank: Tensor,
    *,
    temperature: float = 0.07,
    target_temperature: float = 0.05,
) -> Tensor:
    """Instance level: an image finds its own description among many (Lo et al. 2024).

    Cross-entropy of softmax(image · candidates / τ) against softmax(text · candidates / τ_t), the
    candidates being the batch's own texts and the bank. That images are pulled to their descriptions
    by contrast is [known] in words (arXiv:2404.19360); soft targets, so that another design's like
    description is no mistake, are [ours]. τ_t = 0 and no bank make it CLIP's image side (Radford et
    al., ICML 2021 [known]).

    Args:
        images: (n, dim) unit rows.
        texts: (n, dim) unit rows: the description of each image.
        bank: (m, dim) unit rows of other descriptions; m may be 0.
        temperature: τ, > 0.
        target_temperature: τ_t, ≥ 0; 0 makes each image's own text its only target.
    """
    if not len(images):
        return images.sum()
    candidates = torch.cat([texts, bank])
    logits = images @ candidates.T / temperature
    if target_temperature == 0:
        return F.cross_entropy(logits, torch.arange(len(images), device=images.device))
    targets = (texts @ candidates.T / target_temperature).softmax(1)
    return F.cross_entropy(logits, targets)


def effective_number_weights(counts: Tensor, beta: float = 0.999) -> Tensor:
    """Class weights (1 − β) / (1 − β^n), scaled to a mean of 1 (Cui et al., CVPR 2019 [known]).

    Args:
        counts: (classes,) number of training examples; a class without any weighs 0.
        beta: 0 weighs all alike, towards 1 by 1 / n.
    """
    seen = counts > 0
    numbers = counts.double()
    weights = torch.where(seen, (1 - beta) / (1 - beta ** numbers.clamp(min=1)), 0.0)
    return (weights * seen.sum() / weights.sum().clamp(min=1e-12)).to(torch.get_default_dtype())


def log_priors(counts: Tensor) -> Tensor:
    """log(n / Σn), what logit adjustment adds (Menon et al., ICLR 2021 [known]); unseen count ½."""
    numbers = counts.double().clamp(min=0.5)
    return (numbers / numbers.sum()).log().to(torch.get_default_dtype())


class ImageClass(nn.Module):
    """Coarse level: an image finds the texts of its Locarno subclass and class (Lo et al. 2024).

    Subclass logits are the cosines to one prototype text each, divided by the temperature; a class's
    logit is the log-sum-exp over its subclasses. The loss is the mean cross-entropy over rows with
    a known subclass plus that over rows with a known class. "Coarse-grained, distribution-aware" is
    [known] in words (arXiv:2404.19360), the equation is [ours]. Tail labels count by ``balance``:
    "effective" weighs each row by :func:`effective_number_weights`, "adjust" adds
    :func:`log_priors` to the logits in training.

    Args:
        prototypes: (subclasses, dim) unit rows: the frozen text tower's.
        parents: (subclasses,) int64 class of each subclass, from 0.
        counts: (subclasses,) training drawings of each, for ``balance``.
        class_counts: (classes,) training drawings of each, more than the sum of its subclasses
            where some are known by class alone.
        temperature: divides cosines, > 0.
        balance: "none", "effective" or "adjust".
        beta: of "effective".
    """

    prototypes: Tensor
    members: Tensor
    weights: Tensor
    class_weights: Tensor
    priors: Tensor
    class_priors: Tensor

    def __init__(
        self,
        prototypes: Tensor,
        parents: Tensor,
        counts: Tensor,
        class_counts: Tensor,
        *,
        temperature: float = 0.07,
        balance: Balance = "none",
        beta: float = 0.999,
    ) -> None:
        super().__init__()
        self.temperature = temperature
        classes = len(class_counts)
        if len(prototypes) != len(parents) or len(parents) != len(counts):
            raise UsageError("prototypes, parents and counts must be of one length.")
        if balance == "effective":
            weights = effective_number_weights(counts, beta)
            class_weights = effective_number_weights(class_counts, beta)
        else:
            weights, class_weights = torch.ones(len(counts)), torch.ones(classes)
        if balance == "adjust":
            priors, class_priors = log_priors(counts), log_priors(class_counts)
        else:
            priors, class_priors = torch.zeros(len(counts)), torch.zeros(classes)
        # 0 for a class's own subclasses, −∞ for others: log-sum-exp over one is a sum over all.
        belongs = parents[None] == torch.arange(classes)[:, None]
        members = torch.zeros(belongs.shape).masked_fill(~belongs, -math.inf)
        for name, value in {
            "prototypes": prototypes, "members": members, "weights": weights,
            "class_weights": class_weights, "priors": priors, "class_priors": class_priors,
        }.items():  # fmt: skip
            # Made anew from the corpus, so a checkpoint need not carry them.
            self.register_buffer(name, value.to(prototypes.dtype), persistent=False)

    def forward(self, images: Tensor, labels: Tensor) -> Tensor:
        """(n, dim) unit rows and (n, 2) int64 class and subclass, −1 unknown → a scalar."""
        logits = images @ self.prototypes.T / self.temperature
        class_logits = (logits[:, None] + self.members).logsumexp(2)
        by_class = _weighted(class_logits + self.class_priors, labels[:, 0], self.class_weights)
        by_subclass = _weighted(logits + self.priors, labels[:, 1], self.weights)
        return by_class + by_subclass


def _weighted(logits: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    """Mean over the known of weight · cross-entropy (a plain mean, as Cui et al. take it)."""
    known = labels != UNKNOWN
    if not known.any():
        return logits.sum() * 0
    each = F.cross_entropy(logits[known], labels[known], reduction="none")
    return (weights[labels[known]] * each).mean()


# --- joined -------------------------------------------------------------------------------------


class UncertaintySum(nn.Module):
    """Σ L_k / (2σ_k²) + log σ_k with log σ_k² learned (Kendall et al., CVPR 2018 [known]).

    Starts at σ² = ½, which weighs every loss by 1. A loss that a batch has not (None) is left out,
    its σ with it.
    """

    def __init__(self, losses: int) -> None:
        super().__init__()
        self.log_variance = nn.Parameter(torch.full((losses,), -math.log(2)))

    def forward(self, losses: Sequence[Tensor | None]) -> Tensor:
        """Scalars, in the same order every time → a scalar."""
        total = self.log_variance.new_zeros(())
        for loss, log_variance in zip(losses, self.log_variance, strict=True):
            if loss is not None:
                total = total + (loss * torch.exp(-log_variance) + log_variance) / 2
        return total


def gathered(rows: Tensor) -> Tensor:
    """The rows of all processes in order of rank, with gradients; as they are in one process.

    Every process then computes the loss of the whole batch, so that the mean of their gradients, as
    DistributedDataParallel takes it, is the gradient of one process with the whole batch.
    """
    import torch.distributed as dist

    if not (dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1):
        return rows
    if not rows.requires_grad:
        parts = [torch.empty_like(rows) for _ in range(dist.get_world_size())]
        dist.all_gather(parts, rows.contiguous())
        return torch.cat(parts)
    from torch.distributed.nn.functional import all_gather

    return torch.cat(all_gather(rows.contiguous()))  # type: ignore[no-untyped-call]
