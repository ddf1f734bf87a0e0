"""VISION DIFFMASK: gates that learn how little of a drawing a frozen network needs.

Nalmpantis et al. 2023 (arXiv:2304.06391), after De Cao et al. 2020 (arXiv:2004.14992). For every
hidden state i of the network, the input's embedding (i = 0) included, a small network looks at
[h_0; h_i] of each cell of the picture and says whether the cell can go; a cell stays only if every
state wants it. What goes is replaced, and the network answers again. The gates are trained so that
as few cells as possible stay while the answer stays the same:

    max_{α ≥ 0} min_φ  E[open cells] + α_ℓ · (KL[p(y|x) ‖ p(y|x̂)] − ε_ℓ)

where ℓ, drawn anew each step, says how many states have a say: the cells kept by ℓ states are among
those kept by fewer. The paper's ε is the same for all. Where it grows with ℓ [ours], the states give
nested masks, each smaller and less faithful than the one before, and how long a cell stays says how
much it matters (:func:`staying`).

The paper masks the embeddings of a classifier's patches by a learned vector: :class:`Patches`. For
drawings (:class:`Comparison`), what goes becomes blank paper, the network may be convolutional, and
the answer p(y|x) is the one a searcher sees: how much nearer the drawing is to its hit than to
others, a softmax over cosines. A gate then also sees what it is compared with. Knows nothing of
files or stores.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from engine.errors import Diverged, UsageError
from train.config import Rates

TEMPERATURE = 0.2  # of the hard concrete distribution
LEFT, RIGHT = -0.2, 1.0  # where it is stretched to, before it is clamped to 0 … 1
INKED = 0.3  # of the normalised pixels' range: what differs from paper by more is ink
RANK = 64  # numbers in which a state is set against what it is compared with


# --- gates ----------------------------------------------------------------------------------------


def sample(logits: Tensor) -> Tensor:
    """Hard concrete gates (Louizos et al. 2018): logits of any shape → values in 0 … 1."""
    uniform = torch.rand_like(logits).clamp(1e-6, 1 - 1e-6)
    noisy = torch.sigmoid((uniform.logit() + logits) / TEMPERATURE)
    return (noisy * (RIGHT - LEFT) + LEFT).clamp(0, 1)


def log_open(logits: Tensor) -> Tensor:
    """Log of the probability that a gate is not 0, in closed form."""
    return F.logsigmoid(logits - TEMPERATURE * math.log(-LEFT / RIGHT))


class Gates(nn.Module):
    """Hidden states → a logit for each cell and state.

    Args:
        widths: of the hidden states, the input's embedding first.
        compared: width of the row that the drawing is compared with; 0 where there is none.
        scale: of a gate's bounded logit.
        bias: first one of every gate: at first, everything stays.
    """

    def __init__(
        self, widths: Sequence[int], compared: int = 0, *, scale: float = 15.0, bias: float = 8.0
    ) -> None:
        super().__init__()
        rank = RANK if compared else 0
        self.ours = nn.ModuleList(nn.Linear(width, rank, bias=False) for width in widths if rank)
        self.theirs = nn.ModuleList(nn.Linear(compared, rank, bias=False) for _ in widths if rank)
        self.gates = nn.ModuleList(_gate(widths[0] + width, rank) for width in widths)
        self.bias = nn.Parameter(torch.full((len(widths),), bias))
        self.scale = scale

    def forward(self, states: Sequence[Tensor], compared: Tensor | None = None) -> Tensor:
        """States, each (n, cells, width), and rows (n, compared) → logits (n, cells, states)."""
        first, found = states[0], []
        for place, (gate, state) in enumerate(zip(self.gates, states, strict=True)):
            seen = [first, state]
            if compared is not None:
                match = self.ours[place](state) * self.theirs[place](compared)[:, None]
                seen.append(match)
            found.append(gate(torch.cat(seen, dim=2)) * self.scale)
        return torch.cat(found, dim=2) + self.bias


def _gate(width: int, rank: int) -> nn.Sequential:
    hidden = max(width // 4, 8)
    return nn.Sequential(
        weight_norm(nn.Linear(width + rank, hidden)), nn.Tanh(),
        weight_norm(nn.Linear(hidden, 1)), nn.Tanh(),
    )  # fmt: skip


# --- what is explained ----------------------------------------------------------------------------


class Subject(nn.Module, ABC):
    """A frozen network and a question to it.

    Attributes:
        widths: of its hidden states, the input's embedding first.
        compared: width of the rows that a picture is compared with; 0 for none.
    """

    widths: tuple[int, ...]
    compared: int = 0

    @abstractmethod
    def states(self, pixels: Tensor) -> list[Tensor]:
        """Pixels (n, 3, height, width) → hidden states, each (n, cells, width)."""

    def counted(self, pixels: Tensor) -> Tensor | None:
        """(n, cells): what keeping each cell costs, adding up to 1; None for all the same."""
        return None

    @abstractmethod
    def look(self, pixels: Tensor, question: Any) -> tuple[list[Tensor], Tensor]:
        """The states and the answer of whole pictures, in one run."""

    @abstractmethod
    def answer(self, pixels: Tensor, keep: Tensor, question: Any) -> Tensor:
        """Log-probabilities (n, outcomes) of pictures of which some cells are kept: (n, cells)."""

    def beside(self, question: Any) -> Tensor | None:
        """What of a question the gates may see: (n, compared) or nothing."""
        return None


class Patches(Subject):
    """A timm vision transformer that classifies; masked embeddings become a learned vector.

    Args:
        network: such as ``timm.create_model("vit_base_patch16_224")``; it is frozen.
    """

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network.eval().requires_grad_(False)
        self.widths = (network.embed_dim,) * (len(network.blocks) + 1)
        self.baseline = nn.Parameter(torch.zeros(network.embed_dim))

    def states(self, pixels: Tensor) -> list[Tensor]:
        """The embeddings and the output of every block, without the class token."""
        return self.look(pixels)[0]

    def look(self, pixels: Tensor, question: Any = None) -> tuple[list[Tensor], Tensor]:
        """The states, and log-probabilities of the classes."""
        found = [self._embedded(pixels)]
        for block in self.network.blocks:
            found.append(block(found[-1]))
        states = [state[:, self.network.num_prefix_tokens :] for state in found]
        return states, self._classes(found[-1])

    def answer(self, pixels: Tensor, keep: Tensor, question: Any = None) -> Tensor:
        """Log-probabilities of the classes; a class token always stays."""
        tokens = self._embedded(pixels)
        prefix = tokens.new_ones(len(keep), self.network.num_prefix_tokens)
        share = torch.cat([prefix, keep], dim=1)[:, :, None]
        tokens = share * tokens + (1 - share) * self.baseline
        for block in self.network.blocks:
            tokens = block(tokens)
        return self._classes(tokens)

    def _classes(self, tokens: Tensor) -> Tensor:
        logits: Tensor = self.network.forward_head(self.network.norm(tokens))
        return F.log_softmax(logits, dim=1)

    def _embedded(self, pixels: Tensor) -> Tensor:
        network = self.network
        tokens: Tensor = network.norm_pre(network._pos_embed(network.patch_embed(pixels)))
        return tokens


@dataclass(frozen=True, slots=True)
class Hits:
    """What drawings are compared with.

    Attributes:
        rows: (n, dim) unit rows, one for each drawing: the hits to be explained.
        others: (m, dim) unit rows of other drawings, the same for all.
    """

    rows: Tensor
    others: Tensor


class Comparison(Subject):
    """An encoder of drawings; masked cells become blank paper.

    The outcomes are a drawing's hit and the others: softmax of cosines / ``temperature``.

    Args:
        encode: pixels (n, 3, size, size) → unit rows (n, dim), and hidden states as maps
            (n, width, height, width) or tokens (n, [1 +] cells, width).
        size: side of the pictures, px.
        grid: cells a side; ``size`` is a multiple of it.
        paper: (3,) what a pixel of blank paper is to the network.
        temperature: of the softmax over cosines.
    """

    paper: Tensor

    def __init__(
        self,
        encode: Callable[[Tensor], tuple[Tensor, list[Tensor]]],
        *,
        size: int,
        grid: int,
        paper: Tensor,
        temperature: float = 0.07,
    ) -> None:
        super().__init__()
        if size % grid:
            raise UsageError(f"A grid of {grid} cells does not divide {size} px.")
        self.encode, self.size, self.grid, self.temperature = encode, size, grid, temperature
        if isinstance(encode, nn.Module):
            encode.eval().requires_grad_(False)
        self.register_buffer("paper", paper.reshape(1, 3, 1, 1))
        with torch.no_grad():
            rows, states = encode(self.paper.expand(1, 3, size, size))
        self.widths = tuple(state.shape[1 if state.dim() == 4 else 2] for state in states)
        self.compared = rows.shape[1]
        for i, width in enumerate(self.widths):
            self.register_buffer(f"centre_{i}", torch.zeros(width))
            self.register_buffer(f"spread_{i}", torch.ones(width))

    def standardise(self, pixels: Tensor) -> None:
        """From now on, give states with mean 0 and deviation 1 over the cells of these pictures.

        In feature maps what all cells share is many times what tells them apart, and would drive
        the gates' tanh to its ends.
        """
        with torch.no_grad():
            for i, state in enumerate(self.encode(pixels)[1]):
                cells = on_grid(state, self.grid).flatten(0, 1)
                spread = cells.std(0)
                getattr(self, f"centre_{i}").copy_(cells.mean(0))
                getattr(self, f"spread_{i}").copy_(spread.clamp(min=0.1 * float(spread.mean())))

    def _gated(self, states: Sequence[Tensor]) -> list[Tensor]:
        return [
            (on_grid(state, self.grid) - getattr(self, f"centre_{i}"))
            / getattr(self, f"spread_{i}")
            for i, state in enumerate(states)
        ]

    def states(self, pixels: Tensor) -> list[Tensor]:
        """The network's states, each brought to the grid and standardised."""
        return self._gated(self.encode(pixels)[1])

    def look(self, pixels: Tensor, question: Hits) -> tuple[list[Tensor], Tensor]:
        """The states, and log-probabilities (n, 1 + m) of the hit and of each other."""
        rows, states = self.encode(pixels)
        return self._gated(states), self._outcomes(rows, question)

    def counted(self, pixels: Tensor) -> Tensor:
        """Cells with ink count alike, blank ones nothing: keeping paper is free, and shows nothing."""
        off = (pixels - self.paper).abs().amax(1, keepdim=True)
        inked = (F.max_pool2d(off, self.size // self.grid) > INKED).flatten(1).float()
        return inked / inked.sum(1, keepdim=True).clamp(min=1)

    def rows(self, pixels: Tensor, keep: Tensor) -> Tensor:
        """Unit rows (n, dim) of drawings of which cells (n, grid²) are kept."""
        share = keep.reshape(-1, 1, self.grid, self.grid)
        share = F.interpolate(share, scale_factor=self.size // self.grid, mode="nearest")
        return self.encode(share * pixels + (1 - share) * self.paper)[0]

    def answer(self, pixels: Tensor, keep: Tensor, question: Hits) -> Tensor:
        """Log-probabilities (n, 1 + m) of the hit and of each other."""
        return self._outcomes(self.rows(pixels, keep), question)

    def _outcomes(self, rows: Tensor, question: Hits) -> Tensor:
        hit = (rows * question.rows).sum(1, keepdim=True)
        cosines = torch.cat([hit, rows @ question.others.T], dim=1)
        return F.log_softmax(cosines / self.temperature, dim=1)

    def beside(self, question: Hits) -> Tensor:
        """The rows of the hits."""
        return question.rows


def on_grid(state: Tensor, grid: int) -> Tensor:
    """Maps (n, width, height, width) or tokens (n, [prefix +] cells, width) → (n, grid², width)."""
    if state.dim() == 3:
        side = math.isqrt(state.shape[1])
        tokens = state[:, state.shape[1] - side * side :]
        state = tokens.transpose(1, 2).reshape(len(state), -1, side, side)
    side = int(state.shape[2])
    if side > grid and side % grid == 0:
        state = F.avg_pool2d(state, side // grid)
    elif side != grid:
        state = F.interpolate(state, size=(grid, grid), mode="bilinear", align_corners=False)
    return state.flatten(2).transpose(1, 2)


class Explainer(nn.Module):
    """Pixels and the rows they are compared with → how long each cell stays; blank ones do not."""

    def __init__(self, subject: Comparison, gates: Gates) -> None:
        super().__init__()
        self.subject, self.gates = subject, gates

    def forward(self, pixels: Tensor, compared: Tensor) -> Tensor:
        """(n, 3, size, size) and (n, dim) → (n, grid, grid), 0 … 1."""
        found = staying(self.gates(self.subject.states(pixels), compared))
        found = found * (self.subject.counted(pixels) > 0)
        return found.reshape(-1, self.subject.grid, self.subject.grid)


def staying(logits: Tensor) -> Tensor:
    """Logits (n, cells, states) → (n, cells) share of the nested masks in which a cell stays."""
    shares = [log_open(logits[:, :, : i + 1]).sum(2).exp() for i in range(logits.shape[2])]
    return torch.stack(shares).mean(0)


def openness(subject: Subject, gates: Gates, pixels: Tensor, question: Any = None) -> Tensor:
    """(n, cells) probability that a cell stays, by all states together: the explanation."""
    return log_open(gates(subject.states(pixels), subject.beside(question))).sum(2).exp()


# --- training -------------------------------------------------------------------------------------


class Training:
    """Gates in training on a subject: one :meth:`step` a batch.

    Args:
        accelerator: places the modules and the batches.
    """

    def __init__(self, subject: Subject, gates: Gates, rates: Rates, accelerator: Any) -> None:
        from timm.optim import Lookahead

        self.rates, self.accelerator, self.steps = rates, accelerator, 0
        self.subject = subject.to(accelerator.device)
        self.gates = accelerator.prepare_model(gates)
        states = len(subject.widths)
        self.epsilon = torch.logspace(
            math.log10(rates.epsilon), math.log10(rates.epsilon_last or rates.epsilon), states
        ).tolist()
        self.alpha = torch.full((states,), float(rates.alpha), device=accelerator.device)
        self.alpha.requires_grad_()
        learned = [p for p in subject.parameters() if p.requires_grad]
        groups = [{"params": list(gates.parameters()), "lr": rates.gates}]
        groups += [{"params": learned, "lr": rates.baseline}] if learned else []
        self.optimiser = Lookahead(torch.optim.Adam(groups), k=rates.synchronise)
        self.price = Lookahead(
            torch.optim.Adam([self.alpha], lr=rates.price, maximize=True), k=rates.synchronise
        )
        self.weights = [*gates.parameters(), *learned]
        self.full = [[group["lr"] for group in some.param_groups] for some in self._optimisers]

    @property
    def _optimisers(self) -> tuple[Any, Any]:
        return self.optimiser, self.price

    def step(self, pixels: Tensor, question: Any = None) -> dict[str, float]:
        """One step; pixels (n, 3, height, width).

        Returns: ``states`` that had a say; ``open``, the expected share of cells that stay;
            ``divergence``, nats; ``alpha``.
        Raises: Diverged.
        """
        with torch.no_grad():
            states, before = self.subject.look(pixels, question)
            counted = self.subject.counted(pixels)
        logits = self.gates(states, self.subject.beside(question))
        # The gates of the first ℓ states alone must do as well, or later ones would be never asked.
        last = int(torch.randint(logits.shape[2], ()))
        shown = logits[:, :, : last + 1]
        if self.rates.epsilon_last:  # masks within masks: a later one does not shrink an earlier
            shown = torch.cat([shown[:, :, :-1].detach(), shown[:, :, -1:]], dim=2)
        after = self.subject.answer(pixels, sample(shown).prod(2), question)
        divergence = F.kl_div(after, before, reduction="batchmean", log_target=True)
        stay = log_open(shown).sum(2).exp()
        share = stay.mean() if counted is None else (stay * counted).sum(1).mean()
        loss = share + self.alpha[last] * (divergence - self.epsilon[last])
        if not bool(torch.isfinite(loss)):
            raise Diverged(
                f"The loss became {float(loss.detach())} at step {self.steps + 1} (divergence "
                f"{float(divergence.detach()):.3g}). Lower the rate of the gates and begin anew."
            )
        warm = min(1.0, (self.steps + 1) / max(self.rates.warmup, 1))
        for optimiser, full in zip(self._optimisers, self.full, strict=True):
            optimiser.zero_grad()
            for group, rate in zip(optimiser.param_groups, full, strict=True):
                group["lr"] = rate * warm
        self.accelerator.backward(loss)
        nn.utils.clip_grad_norm_(self.weights, 5.0)
        self.optimiser.step()
        self.price.step()
        with torch.no_grad():
            self.alpha.clamp_(0, self.rates.alpha_most)
        self.steps += 1
        return {
            "states": last + 1, "open": float(share.detach()), "divergence": float(divergence.detach()),
            "alpha": float(self.alpha[last].detach()),
        }  # fmt: skip

    def state_dict(self) -> dict[str, Any]:
        """All that going on needs; the subject itself is frozen."""
        return {
            "steps": self.steps,
            "gates": self.accelerator.unwrap_model(self.gates).state_dict(),
            "learned": [p.detach() for p in self.subject.parameters() if p.requires_grad],
            "buffers": dict(self.subject.named_buffers(recurse=False)),
            "alpha": self.alpha.detach(),
            "optimisers": [some.state_dict() for some in self._optimisers],
        }

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Go on from there. Raises: KeyError, RuntimeError or ValueError where it does not fit."""
        self.accelerator.unwrap_model(self.gates).load_state_dict(saved["gates"])
        learned = [p for p in self.subject.parameters() if p.requires_grad]
        with torch.no_grad():
            for mine, theirs in zip(learned, saved["learned"], strict=True):
                mine.copy_(theirs)
            for name, buffer in self.subject.named_buffers(recurse=False):
                buffer.copy_(saved["buffers"][name])
            self.alpha.copy_(saved["alpha"])
        for some, state in zip(self._optimisers, saved["optimisers"], strict=True):
            some.load_state_dict(state)
        self.steps = int(saved["steps"])
