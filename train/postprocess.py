"""What is done to trained features, once, with no more training: levels and a discriminant.

A network's last features tell what a thing is; earlier ones tell how it is drawn and shaped, and
that is much of what two sheets of one design share. :class:`Levels` gives both; a
:func:`fit_discriminant` then turns and scales them so that what differs between the views of one
design counts little. Knows nothing of losses or files.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.errors import UsageError
from engine.plan import Vector

GEM_POWER = 3.0  # Radenović et al. 2018
EARLIER = 3  # maps before the last features, from stride 8 on in networks of five stages
DIRECTIONS = 512  # kept of the discriminant
RIDGE = 3.0  # of the mean variance within designs, added to every variance


class Levels(nn.Module):
    """Pixels → one row: the last features by generalised mean, then earlier maps by plain mean.

    Args:
        trunk: a timm network that has ``forward_intermediates``.
        earlier: how many of its last stages are read besides.

    Raises: UsageError for a trunk without intermediate maps.
    """

    def __init__(self, trunk: nn.Module, earlier: int = EARLIER) -> None:
        super().__init__()
        if not hasattr(trunk, "forward_intermediates"):
            raise UsageError(
                f"{type(trunk).__name__} shows no earlier maps. Take a timm network that has them."
            )
        self.trunk, self.earlier = trunk, earlier

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """(n, 3, size, size) → rows (n, width of all levels), and the plain mean of the last level."""
        last, earlier = self.trunk.forward_intermediates(pixels, indices=self.earlier)  # type: ignore[operator]
        pooled = last.clamp(min=1e-6).pow(GEM_POWER).mean((2, 3)).pow(1 / GEM_POWER)
        rows = torch.cat([pooled, *(level.mean((2, 3)) for level in earlier)], dim=1)
        return rows, last.mean((2, 3))


class Discriminant(nn.Module):
    """(n, width) → (n, directions) unit rows."""

    def __init__(self, weight: npt.NDArray[np.float64], bias: npt.NDArray[np.float64]) -> None:
        super().__init__()
        self.linear = nn.Linear(weight.shape[1], weight.shape[0])
        with torch.no_grad():
            self.linear.weight.copy_(torch.from_numpy(weight))
            self.linear.bias.copy_(torch.from_numpy(bias))

    def forward(self, rows: Tensor) -> Tensor:
        """Turned, scaled, and made unit."""
        return F.normalize(self.linear(rows), dim=1)


def within(rows: Vector, designs: Sequence[object]) -> npt.NDArray[np.float64]:
    """(width, width) covariance of rows about the mean of their own design.

    Raises: UsageError where no design has two rows.
    """
    _, codes, counts = np.unique(
        np.array([str(design) for design in designs]), return_inverse=True, return_counts=True
    )
    kept = counts[codes] > 1
    if not kept.any():
        raise UsageError("No design has two figures, so what its views share cannot be learned.")
    exact, codes = rows[kept].astype(np.float64), codes[kept]
    sums = np.zeros((len(counts), rows.shape[1]))
    np.add.at(sums, codes, exact)
    off = exact - (sums / counts[:, None])[codes]
    return np.asarray(off.T @ off / len(off))


def fit_discriminant(
    scatters: Sequence[npt.NDArray[np.float64]],
    rows: Vector,
    *,
    directions: int = DIRECTIONS,
    ridge: float = RIDGE,
) -> Discriminant:
    """Whitening by what varies within designs, then the principal axes of what is left.

    The learned whitening of Mikolajczyk and Matas (ICCV 2007) as Radenović et al. (TPAMI 2018) use
    it [known]; adding up the scatters of several corpora and the ridge are [ours]: the many made
    designs tell how views differ, the few real ones how draughtsmen do, and directions in which
    neither varies are not blown up.

    Args:
        scatters: (width, width) each, see :func:`within`; added up.
        rows: (n, width) of training drawings such as will be searched: they give the mean and axes.
        directions: kept.
        ridge: of the mean variance within, added to each.

    Raises: UsageError where rows are too few for that many directions.
    """
    most = min(rows.shape[1], len(rows) - 1)
    if not 1 <= directions <= most:
        raise UsageError(f"{len(rows)} drawings give 1 … {most} directions, not {directions}.")
    scatter = np.sum(np.stack(list(scatters)), axis=0)
    scatter = scatter + ridge * np.trace(scatter) / len(scatter) * np.eye(len(scatter))
    values, axes = np.linalg.eigh(scatter)
    flat = axes / np.sqrt(values)
    mean = rows.mean(axis=0, dtype=np.float64)
    _, turned = np.linalg.eigh(np.cov((rows - mean) @ flat, rowvar=False))
    turned = turned[:, ::-1][:, :directions]
    weight = (flat @ turned).T
    # The sign of an axis means nothing: make it the same on every machine.
    weight *= np.sign(weight[np.arange(len(weight)), np.abs(weight).argmax(axis=1)])[:, None]
    return Discriminant(weight, -weight @ mean)
