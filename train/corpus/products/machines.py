"""Engines, pumps, machines for field, building site, laundry and workshop."""

from __future__ import annotations

import math

import numpy as np

from train.corpus.chance import Chance, product, solids
from train.corpus.drawing import Part
from train.corpus.mesh import (
    box,
    corners,
    cylinder,
    ellipsoid,
    join,
    lathe,
    oval,
    pair,
    plate,
    prism,
    radial,
    rectangle,
    rounded_box,
    rounded_rectangle,
    row,
    side_plate,
    spline,
    tube,
)
from train.corpus.products.vehicles import wheel


@product("15-01")
def combustion_engine(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(1, 4)
    block = box(0.3 * n + 0.1, 0.5, 0.5)
    fins = row(join([box(0.26, 0.4, 0.02).at(z=0.5 + 0.05 * k) for k in range(6)]), n, x=0.3)
    jugs = row(cylinder(0.12, 0.32, 28).at(z=0.48), n, x=0.3)
    return f"Engine with {n} finned cylinder{'s' if n > 1 else ''}", solids(
        block,
        fins,
        jugs,
        row(prism(6, 0.05, 0.12).at(z=0.8), n, x=0.3),
        cylinder(0.2, 0.08, 32).turned(y=90).at(0.15 * n + 0.05, 0, 0.22),
        row(tube(spline([(0, -0.2, 0.6), (0, -0.4, 0.58), (0, -0.42, 0.2)], 14), 0.05), n, x=0.3),
        box(0.3 * n, 0.4, 0.12).at(z=-0.12),
    )


@product("15-02")
def pump(c: Chance) -> tuple[str, list[Part]]:
    casing = lathe(
        [(0, 0), (0.4, 0), (0.45, 0.08), (0.45, 0.2), (0.35, 0.26), (0, 0.26)], 40
    ).turned(x=90)
    flange = join(
        [
            cylinder(0.12, 0.3, 24),
            cylinder(0.2, 0.05, 28).at(z=0.28),
            radial(cylinder(0.02, 0.08, 10).at(0.16, 0, 0.27), 6),
        ]
    )
    if c.some(0.4):
        return "Bicycle pump with T-handle", solids(
            cylinder(0.06, 1, 24),
            cylinder(0.02, 0.4, 12).at(z=1),
            tube([(-0.2, 0, 1.4), (0.2, 0, 1.4)], 0.035),
            box(0.4, 0.1, 0.04),
            tube(
                spline([(0.06, 0, 0.1), (0.25, 0, 0.3), (0.3, 0, 0.7), (0.12, 0, 0.8)], 18), 0.018
            ),
        )
    return "Centrifugal pump with flanges", solids(
        casing,
        flange.turned(x=90).at(y=-0.24),
        flange.at(0.3, -0.12, 0.2),
        cylinder(0.3, 0.7, 36).turned(x=90).at(y=0.75),
        radial(box(0.06, 0.02, 0.6).at(0.3), 16).turned(x=90).at(y=0.7),
        pair(box(0.12, 0.6, 0.05).at(0.22, 0.35, -0.48)),
        pair(box(0.05, 0.1, 0.25).at(0.22, 0.35, -0.45)),
    )


@product("15-03")
def mower(c: Chance) -> tuple[str, list[Part]]:
    deck = rounded_box(0.6, 0.8, 0.18, 0.2, 0.05).at(z=0.12)
    tyre_ = wheel(c, 0.13, 0.08).turned(z=90)
    bar = tube(spline([(0.25, 0.35, 0.2), (0.25, 0.8, 0.8), (0.22, 1.0, 1.0)], 14), 0.014)
    return "Lawn mower with grass catcher", solids(
        deck,
        corners(tyre_.at(0.33, 0.3, 0.13)),
        pair(bar),
        tube([(-0.22, 1.0, 1.0), (0.22, 1.0, 1.0)], 0.02),
        cylinder(0.2, 0.2, 32).at(y=-0.05, z=0.28),
        cylinder(0.08, 0.05, 20).at(y=-0.05, z=0.48),
        side_plate([(0.38, 0.15), (0.85, 0.3), (0.8, 0.6), (0.4, 0.45)], 0.5),
    )


@product("15-04")
def excavator(c: Chance) -> tuple[str, list[Part]]:
    track = side_plate(rounded_rectangle(1.4, 0.3, 0.149, 8) + [0, 0.16], 0.22)
    links = side_plate(rounded_rectangle(1.3, 0.2, 0.09, 8) + [0, 0.16], 0.24)
    a, b = c.between(40, 65), c.between(-60, -20)
    elbow = (-0.3 - 0.9 * math.cos(math.radians(a)), 0.55 + 0.9 * math.sin(math.radians(a)))
    tip = (elbow[0] - 0.7 * math.cos(math.radians(b)), elbow[1] + 0.7 * math.sin(math.radians(b)))
    boom = tube([(0.1, -0.3, 0.55), (0.1, *elbow)], 1, section=rectangle(0.14, 0.14))
    stick = tube([(0.1, *elbow), (0.1, *tip)], 1, section=rectangle(0.1, 0.1))
    bucket = side_plate(
        np.array([(0.1, 0.1), (-0.1, 0.05), (-0.2, -0.2), (0.0, -0.35), (0.15, -0.25)]) + tip, 0.35
    ).at(x=0.1)
    return "Excavator with boom and bucket", solids(
        pair(track.at(0.35)),
        pair(links.at(0.35)),
        box(0.9, 1.1, 0.3).at(y=0.1, z=0.36),
        side_plate([(-0.45, 0.6), (0.1, 0.6), (0.1, 1.15), (-0.35, 1.15)], 0.4).at(x=-0.25),
        boom,
        stick,
        bucket,
    )


@product("15-05")
def washing_machine(c: Chance) -> tuple[str, list[Part]]:
    if c.some(0.4):
        h = c.between(0.9, 1.15)
        return c.one_of("Upright vacuum cleaner", "Vacuum cleaner with upright handle"), solids(
            rounded_box(0.4, 0.35, 0.14, 0.08, 0.04),
            *(
                m.turned(x=-12)
                for m in (
                    cylinder(0.12, 0.5, 32).at(y=0.1, z=0.12),
                    cylinder(0.02, h - 0.5, 14).at(y=0.12, z=0.6),
                    tube(
                        spline(
                            [
                                (0, 0.12, h),
                                (0, 0.2, h + 0.08),
                                (0, 0.12, h + 0.18),
                                (0, 0.04, h + 0.1),
                            ],
                            16,
                        ),
                        0.022,
                    ),
                    rounded_box(0.18, 0.12, 0.3, 0.05, 0.02).at(y=0.0, z=0.2),
                )
            ),
            pair(cylinder(0.06, 0.04, 24).turned(y=90).at(0.2, 0.15, 0.06)),
        )
    x, y, z, r = 0.6, c.between(0.5, 0.6), 0.85, c.between(0.15, 0.21)
    door = lathe([(r * 0.75, 0), (r, 0), (r, 0.04), (r * 0.75, 0.04)], 44, closed=True).turned(x=90)
    return c.one_of("Washing machine with front door", "Laundry dryer with round door"), solids(
        box(x, y, z),
        door.at(y=-y / 2, z=z * 0.45),
        ellipsoid(r * 0.76, 0.05, r * 0.76).at(y=-y / 2, z=z * 0.45),
        plate(rectangle(x * 0.98, 0.1), 0.02).at(y=-y / 2, z=z * 0.92),
        cylinder(0.035, 0.05, 24).turned(x=90).at(c.between(-0.1, 0.1), -y / 2, z * 0.92),
        plate(rectangle(0.16, 0.06), 0.03).at(-0.2, -y / 2, z * 0.92),
        row(plate(oval(0.012, 0.012, 12), 0.03).at(0.2, -y / 2, z * 0.92), 3, x=0.05),
    )


@product("15-06")
def sewing_machine(c: Chance) -> tuple[str, list[Part]]:
    profile = [
        (-0.5, 0.35),
        (-0.5, 0.75),
        (0.5, 0.75),
        (0.5, 0.12),
        (0.28, 0.12),
        (0.28, 0.45),
        (-0.3, 0.45),
        (-0.3, 0.35),
    ]
    return "Sewing machine with hand wheel", solids(
        plate(profile, 0.24),
        rounded_box(1.1, 0.35, 0.12, 0.05),
        cylinder(0.12, 0.08, 32).turned(y=90).at(0.5, 0, 0.6),
        cylinder(0.02, 0.2, 12).at(-0.4, 0, 0.18),
        box(0.08, 0.06, 0.02).at(-0.4, 0, 0.14),
        cylinder(0.05, 0.04, 20).turned(x=90).at(0.38, -0.12, 0.55),
        cylinder(0.04, 0.15, 14).at(0.2, 0, 0.75),
    )


@product("15-07")
def fridge(c: Chance) -> tuple[str, list[Part]]:
    x, y, z = c.between(0.6, 0.95), 0.65, c.between(1.4, 1.85)
    split = c.one_of("side", "top", "one")
    doors = []
    if split == "side":
        doors = [
            box(x / 2 - 0.01, 0.06, z - 0.08).at(s * x / 4, -y / 2 - 0.03, 0.06) for s in (-1, 1)
        ] + [pair(tube([(0.05, -y / 2 - 0.1, z * 0.35), (0.05, -y / 2 - 0.1, z * 0.75)], 0.012))]
    elif split == "top":
        cut = z * c.between(0.55, 0.72)
        doors = [
            box(x, 0.06, cut - 0.07).at(y=-y / 2 - 0.03, z=0.06),
            box(x, 0.06, z - cut - 0.02).at(y=-y / 2 - 0.03, z=cut + 0.005),
            tube([(-x * 0.4, -y / 2 - 0.1, cut - 0.5), (-x * 0.4, -y / 2 - 0.1, cut - 0.1)], 0.012),
            tube(
                [(-x * 0.4, -y / 2 - 0.1, cut + 0.08), (-x * 0.4, -y / 2 - 0.1, cut + 0.3)], 0.012
            ),
        ]
    else:
        doors = [
            rounded_box(x, 0.07, z - 0.06, 0.03).at(y=-y / 2 - 0.03, z=0.05),
            tube([(-x * 0.4, -y / 2 - 0.1, z * 0.45), (-x * 0.4, -y / 2 - 0.1, z * 0.7)], 0.014),
        ]
    return (
        f"Refrigerator with {dict(side='side-by-side doors', top='two doors', one='single door')[split]}",
        solids(box(x, y, z), *doors, pair(box(0.08, 0.08, 0.03).at(x * 0.4, -0.2, -0.03))),
    )


@product("15-09")
def power_tool(c: Chance) -> tuple[str, list[Part]]:
    if c.some():
        return "Bench drill press with table", solids(
            box(0.5, 0.6, 0.05),
            cylinder(0.05, 1.3, 24).at(y=0.2),
            rounded_box(0.3, 0.7, 0.3, 0.08, 0.03).at(z=1.1),
            cylinder(0.04, 0.2, 18).at(y=-0.2, z=0.9),
            cylinder(0.015, 0.15, 10).at(y=-0.2, z=0.76),
            box(0.4, 0.4, 0.04).at(y=-0.12, z=0.5),
            radial(tube([(0, 0, 0), (0.25, 0, 0)], 0.012), 3).turned(y=90).at(0.18, -0.1, 1.15),
        )
    disc = cylinder(0.28, 0.02, 44)
    return "Angle grinder with guard", solids(
        cylinder(0.11, 0.9, 32).turned(x=90).at(y=0.6),
        box(0.2, 0.22, 0.22).at(y=-0.35, z=-0.12),
        disc.at(y=-0.38, z=-0.18),
        lathe(
            [(0.2, -0.2), (0.3, -0.2), (0.3, -0.13), (0.1, -0.13), (0.1, -0.15), (0.28, -0.15)],
            44,
            closed=True,
        ).at(y=-0.38),
        cylinder(0.045, 0.4, 20).turned(y=90).at(0.1, -0.3, 0),
    )
