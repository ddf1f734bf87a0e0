"""Unlimited seeded designs: products of some Locarno subclass, and free-form assemblies.

A seed and a number make one design, always the same. Half of the worth of such designs is that the
front, the side and the perspective view of one object are known to be one object; the other half,
for the products, that their titles and classes are true. Needs numpy alone.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass

import numpy as np

from train.corpus.chance import PRODUCTS, Chance, Product
from train.corpus.drawing import Part
from train.corpus.mesh import (
    Mesh,
    box,
    corners,
    ellipsoid,
    extrude,
    hollow,
    lathe,
    pair,
    prism,
    radial,
    regular,
    rounded_box,
    row,
    spline,
    superellipsoid,
    torus,
    tube,
)

ROOMS = (
    "animals",
    "building",
    "care",
    "clothing",
    "electronics",
    "food",
    "furniture",
    "instruments",
    "lighting",
    "machines",
    "office",
    "packaging",
    "recreation",
    "sanitary",
    "tableware",
    "tools",
    "vehicles",
)
FREE_FORM_SHARE = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A design to draw: what it is called, where it is classed, what it is made of.

    Attributes:
        id: unique within its corpus.
        locarno: subclass "06-01", or "" where it has none.
        title: what the thing is, in an office's manner; "" where nothing true can be said.
        parts: its solids.
        group: designs of one group stay on one side of a split; the id where empty.
        licence: SPDX name of the model's licence.
        attribution: author and title, where the licence asks for them.
    """

    id: str
    locarno: str
    title: str
    parts: tuple[Part, ...]
    group: str = ""
    licence: str = "CC0-1.0"
    attribution: str = ""


def products() -> list[tuple[str, Product]]:
    """Every generator with its subclass, in an order that does not change."""
    for room in ROOMS:
        importlib.import_module(f"train.corpus.products.{room}")
    return sorted(PRODUCTS, key=lambda entry: (entry[0], entry[1].__name__))


def model(number: int, seed: int = 0) -> Model:
    """The design of this number: every subclass in turn, a fifth of them free-form.

    Within a subclass its generators take turns too, so that no subclass outweighs another by
    having more of them.
    """
    chance = Chance(seed, number)
    if chance.some(FREE_FORM_SHARE):
        return Model(f"free-{seed}-{number:06d}", "", "", tuple(free_form(chance)))
    by_subclass: dict[str, list[Product]] = {}
    for code, make in products():
        by_subclass.setdefault(code, []).append(make)
    # A subclass with many kinds of thing gets more designs, but not in proportion.
    weights = np.sqrt([len(makers) for makers in by_subclass.values()])
    code = list(by_subclass)[int(chance.rng.choice(len(weights), p=weights / weights.sum()))]
    title, parts = chance.one_of(*by_subclass[code])(chance)
    if len(parts) > 2 and chance.some(0.12):
        # As in a claim to a portion: one part is only there to show the surroundings.
        left_out = chance.whole(0, len(parts) - 1)
        parts = [Part(p.mesh, k != left_out, p.closed) for k, p in enumerate(parts)]
    stretch = [float(np.exp(chance.rng.normal(0, 0.08))) for _ in range(3)]
    parts = [Part(p.mesh.scaled(*stretch), p.claimed, p.closed) for p in parts]
    return Model(f"product-{seed}-{number:06d}", code, title, tuple(parts))


def free_form(chance: Chance) -> list[Part]:
    """Two to six random solids, stretched, bent, copied by symmetry and put together."""
    parts = []
    for k in range(chance.whole(2, 6)):
        mesh = _solid(chance)
        low, high = mesh.bounds()
        size = float((high - low).max())
        scale = chance.between(0.35, 1) * (1 if k == 0 else 0.75) / size
        stretch = [scale * chance.one_of(0.3, 0.6, 1.0, 1.0, 1.0, 1.5) for _ in range(3)]
        mesh = mesh.at(*(-(low + high) / 2)).scaled(*stretch)
        if chance.some(0.25):
            mesh = mesh.tapered(chance.between(0.4, 1.3))
        mesh = mesh.turned(*(chance.one_of(0, 0, 0, 90, 90, 45, 30) for _ in range(3)))
        if k:
            reach = chance.between(0.1, 0.6)
            place = chance.rng.normal(size=3)
            place *= reach / np.linalg.norm(place)
            place[chance.whole(0, 2)] *= chance.one_of(0, 1)
            mesh = mesh.at(*place)
        copies = chance.one_of("one", "one", "mirror", "mirror", "four", "radial", "row")
        if copies == "mirror":
            mesh = pair(mesh, chance.whole(0, 1))
        elif copies == "four":
            mesh = corners(mesh)
        elif copies == "radial":
            mesh = radial(mesh, chance.whole(3, 8))
        elif copies == "row":
            step = float(np.ptp(mesh.vertices[:, 0])) * chance.between(0.9, 1.5)
            mesh = row(mesh, chance.whole(2, 5), x=step)
        parts.append(Part(mesh, claimed=k == 0 or not chance.some(0.06)))
    return parts


def _solid(c: Chance) -> Mesh:
    kind = c.whole(0, 10)
    if kind == 0:
        return box(1, c.between(0.3, 1), c.between(0.3, 1))
    if kind == 1:
        return rounded_box(
            1, c.between(0.4, 1), c.between(0.2, 1), c.between(0.05, 0.2), c.between(0, 0.1)
        )
    if kind == 2:
        return prism(c.whole(3, 9), 0.5, c.between(0.2, 1.2))
    if kind == 3:
        n = c.whole(3, 6)
        points = np.column_stack([c.rng.uniform(0.1, 0.5, n), np.sort(c.rng.uniform(0, 1.2, n))])
        curve = spline(points, 20) if c.some(0.6) else points
        curve[:, 0] = np.abs(curve[:, 0]) + 0.02
        return lathe([(0, curve[0, 1]), *curve, (0, curve[-1, 1])], 36)
    if kind == 4:
        n = c.whole(5, 9)
        radius = c.rng.uniform(0.25, 0.6, n)
        outline = regular(n, 1.0) * radius[:, None]
        return extrude(
            spline(outline, 5 * n, closed=True) if c.some() else outline, c.between(0.1, 0.8)
        )
    if kind == 5:
        path = spline(np.cumsum(c.rng.normal(0, 0.3, (c.whole(3, 5), 3)), axis=0), 24)
        return tube(path, c.between(0.03, 0.12), 14)
    if kind == 6:
        return ellipsoid(0.5, c.between(0.2, 0.5), c.between(0.2, 0.6))
    if kind == 7:
        return torus(0.5, c.between(0.04, 0.22))
    if kind == 8:
        return superellipsoid(
            0.5, c.between(0.3, 0.5), c.between(0.2, 0.5), c.between(0.8, 8), c.between(0.8, 8)
        )
    if kind == 9:
        r = c.between(0.3, 0.5)
        return hollow(
            [
                (0, 0),
                (r * c.between(0.3, 1), 0),
                (r, c.between(0.2, 0.6)),
                (r * c.between(0.6, 1.2), 0.8),
            ],
            c.between(0.02, 0.06),
        )
    hole = regular(c.one_of(4, 6, 24), c.between(0.1, 0.25))
    return extrude(regular(c.one_of(4, 5, 6, 8, 32), 0.5), c.between(0.08, 0.5), [hole])
