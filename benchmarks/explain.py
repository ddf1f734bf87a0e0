"""Are explanations faithful? On a task whose truth is known, and on real drawings.

    python -m benchmarks.explain counting              # cells that matter, known exactly
    python -m benchmarks.explain drawings FOLDERS…     # deletion and insertion of real matches

**counting** is the acceptance task of VISION DIFFMASK (arXiv:2304.06391): pictures of 3×3 coloured
cells, a vision transformer counts one colour, and a faithful explanation keeps exactly the cells of
that colour. **drawings** takes pairs of sheets of one design that search finds first, removes (or
brings back) the ink of the query cell by cell in the order an explanation gives, and reads the
cosine with the hit: the area under that curve is small (large) where the order is right.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from accelerate import Accelerator
from PIL import Image
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn

from benchmarks.machine import machine
from engine import drawing, explain
from engine import encoder as encoders
from engine.encoder import ModelFolder
from ingest.sources import Problem, read
from train.config import Rates
from train.diffmask import Gates, Patches, Training, openness
from train.explainer import Network

# --- counting -------------------------------------------------------------------------------------

CELLS, CELL_PX, PATCH_PX = 3, 16, 8
SIDE = CELLS * CELL_PX // PATCH_PX  # patches a side
COLOURS = torch.tensor(
    [[0.9, 0.1, 0.1], [0.1, 0.6, 0.2], [0.2, 0.3, 0.9], [0.9, 0.8, 0.1], [0.6, 0.2, 0.7], [0.1, 0.7, 0.7]]
)  # fmt: skip
COUNTED = 0


def pictures(count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Pictures (n, 3, 48, 48) in −1 … 1, and which cells have the colour that is counted (n, 3, 3)."""
    share = torch.rand(count, 1, 1, generator=generator)  # so that every count is as common
    wanted = torch.rand(count, CELLS, CELLS, generator=generator) < share
    other = torch.randint(1, len(COLOURS), wanted.shape, generator=generator)
    colours = COLOURS[torch.where(wanted, COUNTED, other)].permute(0, 3, 1, 2)
    large = F.interpolate(colours, scale_factor=CELL_PX, mode="nearest")
    noise = 0.08 * torch.randn(large.shape, generator=generator)
    return (large + noise).clamp(0, 1) * 2 - 1, wanted


def counter(steps: int, seed: int) -> tuple[Any, float]:
    """A small vision transformer that has learned to count, and how often it is right."""
    from timm.models.vision_transformer import VisionTransformer

    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    network = VisionTransformer(
        img_size=CELLS * CELL_PX, patch_size=PATCH_PX, embed_dim=64, depth=4, num_heads=4,
        num_classes=CELLS * CELLS + 1,
    )  # fmt: skip
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 2e-3, steps)
    for _ in range(steps):
        seen, wanted = pictures(64, generator)
        loss = F.cross_entropy(network(seen), wanted.sum((1, 2)))
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
    network.eval()
    seen, wanted = pictures(2000, torch.Generator().manual_seed(seed + 1))
    with torch.no_grad():
        right = (network(seen).argmax(1) == wanted.sum((1, 2))).float().mean()
    return network, float(right)


def rollout(network: Any, seen: Tensor) -> Tensor:
    """Attention rollout (Abnar and Zuidema 2020): how the class token looks at each patch."""
    flow = torch.eye(SIDE * SIDE + 1).expand(len(seen), -1, -1)
    with torch.no_grad(), _attentions(network) as kept:
        network(seen)
        for attention in kept:
            mixed = 0.5 * attention.mean(1) + 0.5 * torch.eye(attention.shape[-1])
            flow = mixed @ flow
    return flow[:, 0, 1:]


def attribution(network: Any, seen: Tensor) -> Tensor:
    """Transformer attribution by attention and its gradient (Chefer et al. 2021, arXiv:2103.15679)."""
    with _attentions(network) as kept:
        answer = network(seen)
        answer.gather(1, answer.argmax(1, keepdim=True)).sum().backward()
        flow = torch.eye(SIDE * SIDE + 1).expand(len(seen), -1, -1)
        for attention in kept:
            assert attention.grad is not None
            felt = (attention.grad * attention).clamp(min=0).mean(1).detach()
            flow = flow + felt @ flow
    return flow[:, 0, 1:]


class _attentions:
    """While open, gathers every block's attention (n, heads, tokens, tokens), with its gradient."""

    def __init__(self, network: Any) -> None:
        self.network = network

    def __enter__(self) -> list[Tensor]:
        kept: list[Tensor] = []

        def keep(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            if output.requires_grad:
                output.retain_grad()
            kept.append(output)

        self.handles = []
        for block in self.network.blocks:
            block.attn.fused_attn = False
            self.handles.append(block.attn.attn_drop.register_forward_hook(keep))
        self.network.requires_grad_(True)
        return kept

    def __exit__(self, *error: object) -> None:
        self.network.requires_grad_(False)
        for handle in self.handles:
            handle.remove()


def grad_cam(network: Any, seen: Tensor) -> Tensor:
    """Grad-CAM (Selvaraju et al. 2017) at the input of the last attention, by captum."""
    from captum.attr import LayerGradCam

    class AsMap(nn.Module):
        """Tokens as a map and back: captum takes the second axis for channels."""

        def forward(self, tokens: Tensor) -> Tensor:
            return tokens.transpose(1, 2)

    network.requires_grad_(True)
    with torch.no_grad():
        chosen = network(seen).argmax(1)
    before = network.blocks[-1].norm1
    mapped = AsMap()
    network.blocks[-1].norm1 = nn.Sequential(before, mapped, AsMap())
    found = LayerGradCam(network, mapped).attribute(seen, target=chosen, relu_attributions=True)
    network.blocks[-1].norm1 = before
    network.requires_grad_(False)
    tokens: Tensor = found[:, 0, 1:].detach()
    return tokens


def integrated(network: Any, seen: Tensor) -> Tensor:
    """Integrated gradients (Sundararajan et al. 2017) from grey, by captum, summed over a patch."""
    from captum.attr import IntegratedGradients

    chosen = network(seen).argmax(1)
    found = IntegratedGradients(network).attribute(seen, target=chosen, n_steps=32)
    return F.avg_pool2d(found.sum(1, keepdim=True), PATCH_PX).abs().flatten(1)


def iou(kept: Tensor, truth: Tensor) -> float:
    """Mean over pictures of |kept ∧ truth| / |kept ∨ truth|; both (n, patches) of truth values."""
    both, either = (kept & truth).sum(1), (kept | truth).sum(1)
    return float((both / either.clamp(min=1)).mean())


def strongest(maps: Tensor, truth: Tensor) -> Tensor:
    """As many patches of each picture as matter, the strongest of its map."""
    order = maps.argsort(1, descending=True).argsort(1)
    return order < truth.sum(1, keepdim=True)


def counting(arguments: argparse.Namespace) -> dict[str, Any]:
    """Train the counter and the gates; compare what explanations keep with the truth."""
    started = time.monotonic()
    network, accuracy = counter(arguments.counter_steps, arguments.seed)
    learned = time.monotonic() - started
    subject = Patches(network)
    gates = Gates(subject.widths)
    rates = Rates(gates=arguments.rate, epsilon=arguments.epsilon, warmup=arguments.warmup)
    training = Training(subject, gates, rates, Accelerator(cpu=True))
    generator = torch.Generator().manual_seed(arguments.seed + 2)
    for step in range(arguments.steps):
        said = training.step(pictures(32, generator)[0])
        if step % 250 == 249:
            print(step + 1, {k: round(v, 3) for k, v in said.items()}, file=sys.stderr, flush=True)
    seen, wanted = pictures(500, torch.Generator().manual_seed(arguments.seed + 3))
    some = (wanted.sum((1, 2)) > 0) & (wanted.sum((1, 2)) < CELLS * CELLS)
    seen, wanted = seen[some], wanted[some]
    truth = wanted.repeat_interleave(2, 1).repeat_interleave(2, 2).flatten(1)
    with torch.no_grad():
        ours = openness(subject, gates, seen)
        after = subject.answer(seen, (ours > 0.5).float())
        still = (after.argmax(1) == network(seen).argmax(1)).float().mean()
    maps: dict[str, Callable[[], Tensor]] = {
        "VISION DIFFMASK": lambda: ours,
        "attention rollout": lambda: rollout(network, seen),
        "Grad-CAM": lambda: grad_cam(network, seen),
        "transformer attribution": lambda: attribution(network, seen),
        "integrated gradients": lambda: integrated(network, seen),
        "random": lambda: torch.rand(truth.shape, generator=generator),
    }
    rows = [
        {"method": name, "iou_strongest": iou(strongest(make(), truth), truth)}
        for name, make in maps.items()
    ]
    rows[0]["iou_half"] = iou(ours > 0.5, truth)
    return {
        "task": "counting", "pictures": len(seen), "accuracy": accuracy, "counter_s": learned,
        "gates_s": time.monotonic() - started - learned, "same_answer": float(still), "rows": rows,
    }  # fmt: skip


# --- drawings -------------------------------------------------------------------------------------

STEPS = 20  # of a curve


def drawings(arguments: argparse.Namespace) -> dict[str, Any]:
    """Deletion and insertion of the query's ink, over real pairs of one design."""
    encoder = encoders.load(arguments.model, threads=1)
    if encoder.folder is None:
        raise SystemExit("Name a model folder: torch reads its ONNX file.")
    size, grid = encoder.preprocessing.size, arguments.grid
    squares, designs = [], []
    for item in read(arguments.folders):
        if isinstance(item, Problem):
            continue
        for figure in item.figures:
            page = drawing.decode(figure.content, page=figure.page, turn=figure.turn)
            squares.append(encoder.prepare(page))
            designs.append(item.id)
    rows, names = encoder.encode(squares), np.array(designs)
    pairs = matches(rows, names, arguments.pairs, arguments.seed)
    network = Network(encoder.folder / ModelFolder.read(encoder.folder).onnx, size)
    rng = np.random.default_rng(arguments.seed)
    makers: dict[str, Callable[[Any, Any], Any]] = {
        "VISION DIFFMASK": lambda one, row: learned(encoder, one, row),
        "occlusion": lambda one, row: explain.occlusion(encoder, one, row, grid),
        "Grad-CAM": lambda one, row: cam(network, encoder, one, row),
        "input × gradient": lambda one, row: by_input(network, encoder, one, row, grid, False),
        "integrated gradients": lambda one, row: by_input(network, encoder, one, row, grid, True),
        "ink": lambda one, row: cells_of(255.0 - one, grid),
        "random": lambda one, row: rng.random((grid, grid)),
    }
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in makers}
    kept, still, seconds = [], [], dict.fromkeys(makers, 0.0)
    for ours, theirs in pairs:
        for name, make in makers.items():
            began = time.process_time()
            grid_map = np.asarray(make(squares[ours], rows[theirs]), dtype=np.float32)
            seconds[name] += time.process_time() - began
            found[name].append(curves(encoder, squares[ours], rows[theirs], grid_map, grid))
            if name == "VISION DIFFMASK":
                inked = cells_of(255.0 - squares[ours], grid) > 0
                kept.append(float((grid_map[inked] > 0.5).mean()))
                left = masked(squares[ours], grid_map > 0.5)
                cosines = rows @ encoder.encode([left])[0]
                cosines[ours] = -2
                still.append(bool(names[np.argmax(cosines)] == names[theirs]))
    first = np.array(found["VISION DIFFMASK"])
    table = []
    for name, values in found.items():
        both = np.array(values)
        row: dict[str, Any] = {"method": name}
        for column, what in enumerate(("deletion", "insertion")):
            low, high = interval(both[:, column], arguments.seed)
            row[what] = f"{both[:, column].mean():.3f} ({low:.2f}–{high:.2f})"
            low, high = interval(both[:, column] - first[:, column], arguments.seed)
            row[f"{what} − ours"] = f"{low:+.3f} … {high:+.3f}"
        row["ms"] = round(seconds[name] / len(pairs) * 1000)
        table.append(row)
    return {
        "task": "drawings", "pairs": len(pairs), "model": encoder.card.name,
        "kept_of_inked_cells": float(np.mean(kept)), "hit_still_first": float(np.mean(still)),
        "rows": table,
    }  # fmt: skip


def matches(rows: Any, names: Any, most: int, seed: int) -> list[tuple[int, int]]:
    """Drawings whose nearest other drawing is of the same design, and that drawing."""
    cosines = rows @ rows.T
    np.fill_diagonal(cosines, -2)
    nearest = cosines.argmax(1)
    right = np.flatnonzero(names[nearest] == names)
    chosen = np.random.default_rng(seed).permutation(right)[:most]
    return [(int(one), int(nearest[one])) for one in sorted(chosen)]


def learned(encoder: encoders.Encoder, square: Any, row: Any) -> Any:
    """The shipped explainer's map."""
    assert encoder.folder is not None
    fed = {"pixels": encoder.preprocessing.pixels(square[None]), "compared": row[None]}
    return explain._explainer(encoder.folder).run(["keep"], fed)[0][0]


class Cosine(nn.Module):
    """Pixels → the cosine with one row, as a single "class" that captum can explain."""

    def __init__(self, network: nn.Module, row: Any) -> None:
        super().__init__()
        self.network, self.row = network, torch.from_numpy(row)

    def forward(self, pixels: Tensor) -> Tensor:
        """(n, 1) cosines."""
        cosines: Tensor = self.network(pixels)[0] @ self.row
        return cosines[:, None]


def cam(network: Network, encoder: encoders.Encoder, square: Any, row: Any) -> Any:
    """Grad-CAM at the last map (LayerGradCam's formula; the maps are outputs of the network here)."""
    pixels = torch.from_numpy(encoder.preprocessing.pixels(square[None])).requires_grad_()
    rows, states = network(pixels)
    gradient = torch.autograd.grad((rows @ torch.from_numpy(row)).sum(), states[-1])[0]
    found = (gradient.mean((2, 3), keepdim=True) * states[-1]).sum(1, keepdim=True).clamp(min=0)
    large = F.interpolate(found, size=(18, 18), mode="bilinear", align_corners=False)
    return large[0, 0].detach().numpy()


def by_input(
    network: Network, encoder: encoders.Encoder, square: Any, row: Any, grid: int, path: bool
) -> Any:
    """Input × gradient, or integrated gradients from blank paper, summed over cells (captum)."""
    from captum.attr import IntegratedGradients, Saliency

    pixels = torch.from_numpy(encoder.preprocessing.pixels(square[None]))
    paper = torch.from_numpy(encoder.preprocessing.pixels(np.full_like(square[None], 255)))
    asked = Cosine(network, row)
    if path:
        found = IntegratedGradients(asked).attribute(
            pixels, baselines=paper, target=0, n_steps=16, internal_batch_size=4
        )
    else:
        slope = Saliency(asked).attribute(pixels.requires_grad_(), target=0, abs=False)
        found = slope * (pixels - paper)  # from paper: as it is, blank cells would count the most
    return cells_of(found.detach().sum(1)[0].numpy(), grid)


def cells_of(picture: Any, grid: int) -> Any:
    """(size, size) → sums over (grid, grid) cells."""
    side = len(picture) // grid
    return np.asarray(picture, dtype=np.float64).reshape(grid, side, grid, side).sum((1, 3))


def masked(square: Any, keep: Any) -> Any:
    """The drawing of which only some cells are kept."""
    side = len(square) // len(keep)
    large = np.kron(keep, np.ones((side, side), dtype=bool)).astype(bool)
    return np.where(large, square, drawing.PAPER).astype(np.uint8)


def curves(
    encoder: encoders.Encoder, square: Any, row: Any, importance: Any, grid: int
) -> tuple[float, float]:
    """Areas under deletion and insertion: 1 is the whole drawing's cosine, 0 blank paper's."""
    if importance.shape != (grid, grid):
        large = Image.fromarray(importance).resize((grid, grid), Image.Resampling.BICUBIC)
        importance = np.asarray(large)
    inked = np.flatnonzero(cells_of(255.0 - square, grid).ravel() > 0)
    order = inked[np.argsort(-importance.ravel()[inked], kind="stable")]
    made = []
    for step in range(STEPS + 1):
        gone = order[: round(step / STEPS * len(order))]
        keep = np.ones(grid * grid, dtype=bool)
        keep[gone] = False
        made.append(masked(square, keep.reshape(grid, grid)))
        keep[:] = False
        keep[gone] = True
        made.append(masked(square, keep.reshape(grid, grid)))
    cosines = encoder.encode(made) @ row
    deletion, insertion = cosines[0::2], cosines[1::2]
    blank, whole = insertion[0], deletion[0]
    scaled = [(curve - blank) / (whole - blank) for curve in (deletion, insertion)]
    return float(np.trapezoid(scaled[0]) / STEPS), float(np.trapezoid(scaled[1]) / STEPS)


def interval(values: Any, seed: int) -> tuple[float, float]:
    """95 % bootstrap interval of the mean."""
    rng = np.random.default_rng(seed)
    drawn = values[rng.integers(len(values), size=(2000, len(values)))].mean(1)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)


def main() -> None:
    """Run what is asked; JSON on stdout, a table on stderr."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parts = parser.add_subparsers(required=True)
    part = parts.add_parser("counting")
    part.set_defaults(run=counting)
    part.add_argument("--counter-steps", type=int, default=600)
    part.add_argument("--steps", type=int, default=2500)
    part.add_argument("--rate", type=float, default=3e-4)
    part.add_argument("--epsilon", type=float, default=Rates().epsilon)
    part.add_argument("--warmup", type=int, default=200)
    part.add_argument("--seed", type=int, default=0)
    part = parts.add_parser("drawings")
    part.set_defaults(run=drawings)
    part.add_argument("folders", type=Path, nargs="+")
    part.add_argument("--model", default="")
    part.add_argument("--grid", type=int, default=18)
    part.add_argument("--pairs", type=int, default=60)
    part.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    found = arguments.run(arguments)
    print(json.dumps({"machine": machine(), **found}, indent=2))
    table = Table(*found["rows"][0])
    for row in found["rows"]:
        cells = (row.get(name, "") for name in found["rows"][0])
        table.add_row(*(f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in cells))
    Console(stderr=True).print(table)


if __name__ == "__main__":
    main()
