"""Bricks, profiles, windows, doors, houses and ladders."""

from __future__ import annotations

import math

import numpy as np

from train.corpus.chance import Chance, product, solids
from train.corpus.drawing import Part
from train.corpus.mesh import (
    arc,
    box,
    cylinder,
    extrude,
    join,
    mirrored_outline,
    oval,
    pair,
    plate,
    prism,
    radial,
    rectangle,
    regular,
    row,
    side_plate,
    spline,
    tube,
)


@product("25-01")
def building_material(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("brick", "profile", "tile", "paver", "beam", "roof")
    if kind == "brick":
        n = c.whole(1, 4)
        hole = c.one_of(rectangle(0.9 / n * 0.7, 0.25), oval(0.9 / n * 0.33, 0.13, 20))
        return f"Building block with {n} cavit{'y' if n == 1 else 'ies'}", solids(
            extrude(
                rectangle(1, 0.45),
                0.4,
                [hole + [1 / n * (k - (n - 1) / 2) * 0.95, 0] for k in range(n)],
            )
        )
    if kind in ("profile", "beam"):
        t, a, b = c.between(0.06, 0.15), 0.5, c.between(0.3, 0.7)
        shapes = {
            "T": [(-a, b - t), (-t / 2, b - t), (-t / 2, -b), (t / 2, -b), (t / 2, b - t), (a, b - t), (a, b), (-a, b)],
            "I": [(-a, -b), (a, -b), (a, -b + t), (t / 2, -b + t), (t / 2, b - t), (a, b - t), (a, b), (-a, b), (-a, b - t), (-t / 2, b - t), (-t / 2, -b + t), (-a, -b + t)],
            "U": [(-a, -b), (a, -b), (a, b), (a - t, b), (a - t, -b + t), (-a + t, -b + t), (-a + t, b), (-a, b)],
            "Z": [(-a, -b), (t / 2, -b), (t / 2, b - t), (a, b - t), (a, b), (-t / 2, b), (-t / 2, -b + t), (-a, -b + t)],
            "L": [(-a, -b), (a, -b), (a, -b + t), (-a + t, -b + t), (-a + t, b), (-a, b)],
        }  # fmt: skip
        name = c.one_of(*shapes)
        return (
            f"{c.one_of('Profile', 'Extruded profile', 'Structural beam')} of {name}-shaped section",
            solids(plate(shapes[name], c.between(0.8, 2.5))),
        )
    if kind == "tile":
        n = c.whole(2, 5)
        return "Floor tile with relief pattern", solids(
            box(1, 1, 0.05),
            row(
                row(
                    c.one_of(
                        prism(4, 0.35 / n, 0.02),
                        cylinder(0.3 / n, 0.02, 24),
                        prism(6, 0.35 / n, 0.02),
                    ).at(z=0.05),
                    n,
                    x=1 / n,
                ),
                n,
                y=1 / n,
            ),
        )
    if kind == "paver":
        points = c.one_of(
            regular(6, 0.5),
            np.array(
                [
                    (-0.5, -0.25),
                    (-0.25, -0.3),
                    (0, -0.2),
                    (0.25, -0.3),
                    (0.5, -0.25),
                    (0.45, 0),
                    (0.5, 0.25),
                    (0.25, 0.2),
                    (0, 0.3),
                    (-0.25, 0.2),
                    (-0.5, 0.25),
                    (-0.45, 0),
                ]
            ),
            regular(8, 0.5, 22.5),
        )
        return "Paving stone", solids(
            extrude(points, 0.25), extrude(points * 0.94, 0.02).at(z=0.25)
        )
    x = np.linspace(-1, 1, 60)
    n = c.whole(3, 7)
    wave = 0.07 * (
        np.sin(x * math.pi * n)
        if c.some()
        else np.sign(np.sin(x * math.pi * n)) * np.minimum(1, np.abs(np.sin(x * math.pi * n)) * 2)
    )
    return "Corrugated roofing sheet", solids(
        plate(
            np.concatenate([np.column_stack([x, wave]), np.column_stack([x, wave + 0.02])[::-1]]),
            1.6,
        )
    )


@product("25-02")
def window(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("window", "door", "fence", "column", "gate")
    x, z = c.between(0.8, 1.5), c.between(1, 1.5)
    if kind == "window":
        n, m = c.whole(1, 3), c.whole(1, 4)
        t = 0.06
        arch = c.some(0.25)
        outer = (
            np.concatenate(
                [[(-x / 2, -z / 2), (x / 2, -z / 2)], arc(x / 2, 0, 180, 20) + [0, z / 2]]
            )
            if arch
            else rectangle(x, z)
        )
        inner = (
            np.concatenate(
                [
                    [(-x / 2 + t, -z / 2 + t), (x / 2 - t, -z / 2 + t)],
                    arc(x / 2 - t, 0, 180, 20) + [0, z / 2],
                ]
            )
            if arch
            else rectangle(x - 2 * t, z - 2 * t)
        )
        bars = [
            box(0.03, 0.05, z - t).at(x * (k / n - 0.5), 0, -z / 2 + t / 2) for k in range(1, n)
        ] + [box(x - t, 0.05, 0.03).at(0, 0, z * (k / m - 0.5)) for k in range(1, m)]
        return (
            f"Window{' with arched head' if arch else ''} and {n * m} pane{'s' if n * m > 1 else ''}",
            solids(
                plate(outer, 0.12, [inner]),
                plate(inner * 1.01, 0.02),
                *bars,
                *([box(x + 0.1, 0.2, 0.04).at(z=-z / 2 - 0.04)] if c.some() else []),
            ),
        )
    if kind == "door":
        n, m = c.whole(1, 2), c.whole(1, 4)
        w, h = 0.9, 2.0
        panels = [
            plate(
                rectangle(w / n * 0.7, h / m * 0.75), 0.08, [rectangle(w / n * 0.62, h / m * 0.68)]
            ).at(w * ((k + 0.5) / n - 0.5) * 0.95, 0, h * (j + 0.5) / m)
            for k in range(n)
            for j in range(m)
        ]
        return f"Door with {n * m} panel{'s' if n * m > 1 else ''}", solids(
            box(w, 0.05, h),
            *panels,
            tube(spline([(0.38, -0.02, 1), (0.38, -0.08, 1), (0.28, -0.08, 1)], 10), 0.015),
            *(
                [
                    plate(
                        mirrored_outline(
                            np.array(
                                [
                                    (0.46, 0),
                                    (0.54, 0),
                                    (0.54, 2.1),
                                    (0.001, 2.1),
                                    (0.001, 2.02),
                                    (0.46, 2.02),
                                ]
                            )
                        ),
                        0.1,
                    )
                ]
                if c.some(0.5)
                else []
            ),
        )
    if kind in ("fence", "gate"):
        n = c.whole(6, 14)
        top = c.one_of("pointed", "round", "flat")
        w = 2 / n * 0.55
        tip = {
            "pointed": [(w / 2, 1), (0, 1.1), (-w / 2, 1)],
            "round": [*(arc(w / 2, 0, 180, 8) + [0, 1])],
            "flat": [(w / 2, 1), (-w / 2, 1)],
        }[top]
        picket = plate([(-w / 2, 0), (w / 2, 0), *tip], 0.03)
        return f"{'Fence panel' if kind == 'fence' else 'Gate'} with {top} pickets", solids(
            row(picket, n, x=2 / n),
            *(box(2, 0.04, 0.08).at(y=0.03, z=h) for h in (0.2, 0.75)),
            pair(box(0.1, 0.1, 1.2).at(1.05)),
        )
    n = c.whole(12, 24)
    return "Column with fluted shaft", solids(
        box(0.6, 0.6, 0.1),
        cylinder(0.27, 0.08, 40).at(z=0.1),
        cylinder(0.2, 1.5, 40, top=0.17).at(z=0.18),
        radial(cylinder(0.02, 1.4, 8).at(0.195, 0, 0.22), n),
        cylinder(0.25, 0.08, 40).at(z=1.68),
        box(0.55, 0.55, 0.1).at(z=1.76),
    )


@product("25-03")
def house(c: Chance) -> tuple[str, list[Part]]:
    x, y, z = 1, c.between(0.7, 1.5), c.between(0.5, 1.0)
    rise = c.between(0.25, 0.6)
    shed = c.some(0.2)
    gable = plate(
        [
            (-x / 2, 0),
            (x / 2, 0),
            (x / 2, z),
            *([] if shed else [(0, z + rise)]),
            (-x / 2, z + (rise if shed else 0)),
        ],
        y,
    )
    a = math.degrees(math.atan2(rise, x / 2))
    slope = box(math.hypot(x / 2, rise) + 0.12, y + 0.2, 0.04)
    roof = (
        [
            slope.turned(y=a).at(x / 4 + 0.02, 0, z + rise / 2),
            slope.turned(y=-a).at(-x / 4 - 0.02, 0, z + rise / 2),
        ]
        if not shed
        else []
    )
    panes = join(
        [
            plate(rectangle(0.18, 0.2), 0.03, [rectangle(0.14, 0.16)]).at(s * 0.3, -y / 2, z * 0.55)
            for s in (-1, 1)
        ]
    )
    chimney = [box(0.14, 0.14, rise + 0.2).at(0.25, y * 0.2, z + 0.1)] if c.some() else []
    return (
        f"{c.one_of('House', 'Cabin', 'Garden shed')} with {'mono-pitch' if shed else 'gable'} roof",
        solids(
            gable,
            *roof,
            panes,
            box(0.2, 0.03, 0.42).at(y=-y / 2),
            *chimney,
            *(
                side_plate(rectangle(0.2, 0.2) + [yy, z * 0.55], x + 0.03)
                for yy in np.linspace(-y * 0.28, y * 0.28, c.whole(1, 3))
            ),
        ),
    )


@product("25-04")
def ladder(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(4, 9)
    if c.some(0.35):
        steps = [box(0.9, 0.28, 0.04).at(y=0.25 * k, z=0.18 * (k + 1)) for k in range(n)]
        saw_ = np.array(
            [(0, 0.0), (0.25 * n, 0.18 * n), (0.25 * n, 0.18 * n - 0.22), (0.22, 0)]
        ) - [0.12, 0]
        return f"Stairs with {n} steps", solids(*steps, pair(side_plate(saw_, 0.05).at(0.4)))
    h = 0.28 * (n + 0.5)
    rail = pair(tube([(0.28, -0.35, 0), (0.2, 0, h)], 1, section=rectangle(0.035, 0.07)))
    treads = [
        box(0.54 - 0.16 * (k + 1) / (n + 1), c.one_of(0.05, 0.12), 0.03).at(
            y=-0.35 * (1 - 0.28 * (k + 1) / h), z=0.28 * (k + 1)
        )
        for k in range(n)
    ]
    if c.some(0.6):
        back = pair(tube([(0.28, 0.4, 0), (0.2, 0.03, h)], 1, section=rectangle(0.035, 0.05)))
        return f"Step ladder with {n} steps", solids(
            rail,
            back,
            *treads,
            box(0.44, 0.2, 0.03).at(z=h),
            row(box(0.46, 0.03, 0.03).at(y=0.3, z=h * 0.3), 2, z=0.01),
        )
    return f"Ladder with {n} rungs", solids(rail, *treads)
