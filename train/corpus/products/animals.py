"""Houses, feeders, collars, beds and toys for animals."""

from __future__ import annotations

import math

import numpy as np

from train.corpus.chance import Chance, product, solids
from train.corpus.drawing import Part
from train.corpus.mesh import (
    arc,
    box,
    corners,
    cylinder,
    ellipsoid,
    extrude,
    hollow,
    join,
    lathe,
    oval,
    pair,
    plate,
    radial,
    rectangle,
    rounded_box,
    rounded_rectangle,
    row,
    spline,
    superellipsoid,
    torus,
    tube,
)


@product("30-02")
def kennel(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("kennel", "cage", "aquarium", "birdhouse")
    if kind == "cage":
        n = c.whole(16, 26)
        return "Bird cage with dome and ring", solids(
            cylinder(0.42, 0.1, 40),
            join(
                [
                    tube(
                        spline([(0.4, 0, 0.08), (0.4, 0, 0.6), (0.25, 0, 0.9), (0, 0, 1.0)], 18),
                        0.008,
                        6,
                    ).turned(z=360 * k / n)
                    for k in range(n)
                ]
            ),
            torus(0.4, 0.012).at(z=0.6),
            torus(0.06, 0.012, 24, 8).turned(x=90).at(z=1.06),
        )
    if kind == "aquarium":
        return "Aquarium with lid", solids(
            extrude(rectangle(1, 0.5), 0.6, [rectangle(0.96, 0.46)]),
            box(1.03, 0.53, 0.08).at(z=0.6),
            box(1.03, 0.53, 0.05).at(z=-0.03),
            box(0.3, 0.15, 0.03).at(0.2, 0, 0.68),
        )
    small = kind == "birdhouse"
    rise, z = c.between(0.25, 0.5), c.between(0.5, 0.8)
    front = plate([(-0.45, 0), (0.45, 0), (0.45, z), (0, z + rise), (-0.45, z)], 0.8)
    a = math.degrees(math.atan2(rise, 0.45))
    slope = box(math.hypot(0.45, rise) + 0.16, 1.0, 0.04)
    hole = (
        plate(oval(0.12, 0.12, 30), 0.03).at(y=-0.41, z=z * 0.75)
        if small
        else plate(
            np.concatenate([[(-0.2, 0), (0.2, 0)], arc(0.2, 0, 180, 16) + [0, z * 0.5]]), 0.03
        ).at(y=-0.41)
    )
    return f"{'Bird house with perch' if small else 'Dog kennel with arched entrance'}", solids(
        front,
        slope.turned(y=a).at(0.25, 0, z + rise / 2),
        slope.turned(y=-a).at(-0.25, 0, z + rise / 2),
        hole,
        *([cylinder(0.02, 0.2, 10).turned(x=90).at(y=-0.4, z=z * 0.45)] if small else []),
    )


@product("30-03")
def feeder(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(1, 2)
    bowl_ = hollow([(0, 0), (0.42, 0), (0.32, 0.2)], 0.04, 40)
    if c.some(0.4):
        return "Bird feeder with roof and perches", solids(
            cylinder(0.18, 0.7, 36),
            lathe([(0, 0.7), (0.45, 0.68), (0.05, 0.95), (0, 0.95)], 36),
            cylinder(0.38, 0.04, 40).at(z=-0.02),
            radial(tube([(0.15, 0, 0.15), (0.35, 0, 0.15)], 0.015), 4),
            torus(0.06, 0.012, 20, 8).turned(x=90).at(z=1.0),
        )
    if n == 2:
        return "Pet feeder with two bowls on a stand", solids(
            extrude(
                rounded_rectangle(1.3, 0.7, 0.08),
                0.05,
                [oval(0.25, 0.25, 36) - [0.32, 0], oval(0.25, 0.25, 36) + [0.32, 0]],
            ).at(z=0.4),
            pair(hollow([(0, 0.25), (0.2, 0.25), (0.25, 0.46)], 0.02, 40).at(0.32)),
            corners(box(0.06, 0.06, 0.4).at(0.56, 0.26)),
        )
    return c.one_of("Pet bowl with sloped sides", "Dog bowl with non-slip base"), solids(
        bowl_, torus(0.42, 0.025).at(z=0.02)
    )


@product("30-04")
def collar(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(0, 12)
    w = c.between(0.08, 0.15)
    band = lathe([(0.48, -w / 2), (0.5, -w / 2), (0.5, w / 2), (0.48, w / 2)], 48, closed=True)
    studs = (
        [
            radial(
                c.one_of(
                    ellipsoid(0.025, 0.03, 0.03, 10),
                    cylinder(0.03, 0.06, 12, top=0.004).turned(y=90),
                ).at(0.5),
                n,
            )
        ]
        if n > 3
        else []
    )
    return f"Pet collar with {'studs' if studs else 'ring'}", solids(
        band,
        *studs,
        torus(0.06, 0.012, 24, 8).turned(x=90).at(y=-0.52, z=-w),
        rounded_box(0.16, 0.05, w * 1.3, 0.02).at(y=0.5, z=-w * 0.65),
    )


@product("30-06")
def pet_bed(c: Chance) -> tuple[str, list[Part]]:
    if c.some():
        n = c.whole(1, 3)
        return f"Cat tree with {n + 1} platforms", solids(
            box(0.7, 0.6, 0.05),
            *(cylinder(0.06, 0.5, 24).at(0.22 * (-1) ** k, 0, 0.05 + 0.5 * k) for k in range(n)),
            *(
                rounded_box(0.5, 0.45, 0.05, 0.08).at(0.15 * (-1) ** k, 0, 0.52 + 0.5 * k)
                for k in range(n)
            ),
            rounded_box(0.3, 0.35, 0.3, 0.03).at(-0.18, 0, 0.05),
            plate(oval(0.1, 0.1, 28), 0.03).at(-0.18, -0.175, 0.2),
        )
    return "Pet bed with raised rim", solids(
        torus(0.5, 0.15).scaled(1.1, 0.85, 1), superellipsoid(0.5, 0.38, 0.08, 2.2, 2).at(z=-0.05)
    )


@product("30-10")
def grooming(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(8, 14)
    return c.one_of("Pet grooming brush with handle", "Pet comb with handle"), solids(
        rounded_box(0.5, 0.12, 0.1, 0.04, 0.02),
        row(cylinder(0.012, 0.2, 8), n, x=0.45 / n).turned(x=180).at(z=0.01),
        tube(
            spline([(0, 0, 0.05), (0, 0.05, 0.35), (0, 0, 0.9)], 18),
            0.06 * (1 + 0.25 * np.sin(np.linspace(0, 5, 18))),
        ),
    )


@product("30-12")
def pet_toy(c: Chance) -> tuple[str, list[Part]]:
    if c.some():
        n = c.whole(5, 9)
        knots = pair(ellipsoid(0.16, 0.14, 0.14).at(0.55))
        return "Rope pet toy with knots", solids(
            tube(
                spline([(-0.5, 0, 0), (-0.2, 0.02, 0.02), (0.2, -0.02, 0), (0.5, 0, 0)], 24),
                0.08,
                5,
            ),
            knots,
            pair(
                join(
                    [
                        tube(
                            [(0.65, 0, 0), (0.9, 0.12 * math.cos(a), 0.12 * math.sin(a))], 0.025, 6
                        )
                        for a in np.linspace(0, 6, n)
                    ]
                )
            ),
        )
    return "Pet toy ball with openings", solids(
        ellipsoid(0.5, 0.5, 0.5, 40),
        *(
            cylinder(0.15, 0.03, 24).at(z=0.46).turned(x=x, y=y)
            for x, y in ((0, 0), (90, 0), (-90, 0), (0, 90), (0, -90))
        ),
        torus(0.505, 0.02),
    )
