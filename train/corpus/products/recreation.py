"""Toys, sports goods, tents, arms and fishing tackle."""

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
    superellipsoid,
    torus,
    tube,
)


@product("21-01")
def toy(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of(
        "brick", "dice", "blocks", "rings", "top", "robot", "chess", "puzzle", "rocket", "gamepad"
    )
    if kind == "brick":
        n, m, height = c.whole(1, 6), c.whole(1, 2), c.one_of(0.12, 0.36)
        return f"Toy building brick with {n * m} studs", solids(
            box(0.3 * n, 0.3 * m, height),
            row(row(cylinder(0.09, 0.07, 22).at(z=height), n, x=0.3), m, y=0.3),
        )
    if kind == "dice":
        pip = cylinder(0.08, 0.02, 16)
        return "Dice with pips", solids(
            superellipsoid(0.5, 0.5, 0.5, 9, 9),
            pip.at(z=0.49),
            *(pip.turned(x=90).at(a, -0.49, b) for a, b in ((-0.22, -0.22), (0.22, 0.22))),
            *(pip.turned(y=90).at(0.49, a, b) for a, b in ((-0.24, -0.24), (0, 0), (0.24, 0.24))),
        )
    if kind == "rings":
        n = c.whole(3, 6)
        return "Stacking ring toy", solids(
            cylinder(0.5, 0.08, 44),
            cylinder(0.06, 0.2 * n + 0.1, 18),
            *(torus(0.3 - 0.03 * k, 0.11).at(z=0.19 + 0.2 * k) for k in range(n)),
            ellipsoid(0.13, 0.13, 0.13).at(z=0.25 + 0.2 * n),
        )
    if kind == "top":
        return "Spinning top", solids(
            lathe(
                [
                    (0, 0),
                    (0.05, 0.1),
                    (c.between(0.35, 0.5), c.between(0.3, 0.45)),
                    (0.3, 0.55),
                    (0.05, 0.6),
                    (0.04, 0.95),
                    (0, 0.95),
                ],
                40,
            )
        )
    if kind == "robot":
        return "Toy robot with antennas", solids(
            rounded_box(0.5, 0.35, 0.6, 0.04),
            rounded_box(0.36, 0.3, 0.3, 0.04).at(z=0.65),
            pair(cylinder(0.05, 0.02, 18).turned(x=90).at(0.08, -0.15, 0.82)),
            pair(cylinder(0.07, 0.5, 18).at(0.33, 0, 0.08)),
            pair(rounded_box(0.18, 0.3, 0.3, 0.03).at(0.13, -0.03, -0.3)),
            pair(cylinder(0.012, 0.2, 10).turned(y=12).at(0.1, 0, 0.94)),
            plate(rectangle(0.3, 0.2), 0.03).at(y=-0.18, z=0.35),
        )
    if kind == "chess":
        curve = spline([(0.3, 0.1), (0.12, 0.3), (0.1, 0.8), (0.2, 0.95)], 18)
        head = c.one_of(
            ellipsoid(0.18, 0.18, 0.18).at(z=1.12),
            join(
                [
                    cylinder(0.2, 0.2, 32, top=0.24).at(z=0.95),
                    radial(box(0.1, 0.1, 0.1).at(0.17, 0, 1.13), 4),
                ]
            ),
            join(
                [
                    cylinder(0.12, 0.3, 28, top=0.2).at(z=0.95),
                    box(0.05, 0.05, 0.2).at(z=1.25),
                    box(0.15, 0.05, 0.05).at(z=1.33),
                ]
            ),
        )
        return "Chess piece", solids(
            lathe([(0, 0), (0.32, 0), (0.32, 0.08), *curve, (0.22, 1), (0, 1)], 40), head
        )
    if kind == "puzzle":
        n = c.whole(2, 3)
        return "Cube puzzle", solids(
            row(row(row(rounded_box(0.3, 0.3, 0.3, 0.03, 0.02), n, x=0.31), n, y=0.31), n, z=0.31)
        )
    if kind == "rocket":
        return "Toy rocket with fins", solids(
            lathe([(0, 0), (0.15, 0), (0.25, 0.4), (0.22, 1.0), (0.02, 1.5), (0, 1.5)], 36),
            radial(
                side_plate([(0.15, 0.3), (0.45, -0.1), (0.45, -0.25), (0.12, 0.05)], 0.04),
                c.whole(3, 4),
            ),
            cylinder(0.08, 0.03, 24).turned(x=90).at(y=-0.2, z=0.9),
        )
    if kind == "gamepad":
        grip = superellipsoid(0.16, 0.32, 0.11, 2.5, 2.5).turned(z=-18).at(0.36, -0.18)
        return "Game controller with thumb sticks", solids(
            superellipsoid(0.5, 0.26, 0.1, 4, 3),
            pair(grip),
            pair(cylinder(0.07, 0.1, 24).at(0.18, -0.1, 0.07)),
            *(
                cylinder(0.035, 0.03, 16).at(
                    0.36 + 0.07 * math.cos(a), 0.08 + 0.07 * math.sin(a), 0.1
                )
                for a in np.arange(4) * math.pi / 2
            ),
            box(0.2, 0.06, 0.03).at(-0.36, 0.08, 0.095),
            box(0.06, 0.2, 0.03).at(-0.36, 0.08, 0.095),
        )
    n = c.whole(3, 6)
    return "Set of toy blocks", solids(
        *(
            c.one_of(box(0.3, 0.3, 0.3), prism(3, 0.25, 0.3), cylinder(0.15, 0.3, 30))
            .turned(z=c.between(0, 90))
            .at(0.35 * (k % 3 - 1), 0, 0.301 * (k // 3))
            for k in range(n)
        )
    )


@product("21-02")
def sport(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of(
        "dumbbell",
        "racket",
        "ball",
        "golf",
        "skateboard",
        "kettlebell",
        "bat",
        "treadmill",
        "bike",
        "basketball hoop",
        "ski",
    )
    if kind == "dumbbell":
        n, r = c.one_of(6, 8, 36), c.between(0.2, 0.35)
        weights = (
            [prism(n, r, 0.2).at(z=0.35)]
            if c.some()
            else [
                cylinder(r, 0.08, n).at(z=0.35),
                cylinder(r * 0.8, 0.08, n).at(z=0.44),
                cylinder(r * 0.6, 0.07, n).at(z=0.53),
            ]
        )
        return "Dumbbell", [
            Part(m.turned(y=90)) for w in weights for m in (w, w.mirrored(2))
        ] + solids(tube([(-0.5, 0, 0), (0.5, 0, 0)], 0.06))
    if kind == "kettlebell":
        return "Kettlebell", solids(
            ellipsoid(0.4, 0.4, 0.38),
            tube(
                spline(
                    [
                        (-0.2, 0, 0.25),
                        (-0.28, 0, 0.5),
                        (0, 0, 0.68),
                        (0.28, 0, 0.5),
                        (0.2, 0, 0.25),
                    ],
                    24,
                ),
                0.07,
            ),
            cylinder(0.25, 0.06, 32).at(z=-0.4),
        )
    if kind == "racket":
        a, b = c.between(0.3, 0.4), c.between(0.38, 0.5)
        paddle = c.some(0.3)
        if paddle:
            return "Table tennis paddle", solids(
                plate(oval(0.36, 0.38, 40), 0.06).at(z=0.5),
                plate(oval(0.35, 0.37, 40), 0.09).at(z=0.51),
                rounded_box(0.13, 0.11, 0.45, 0.04).at(z=-0.25),
            )
        mesh_ = [
            box(0.006, 0.006, 2 * b * math.sqrt(max(0.02, 1 - (x / a) ** 2))).at(
                x, 0, 1 - b * math.sqrt(max(0.02, 1 - (x / a) ** 2))
            )
            for x in np.linspace(-a * 0.9, a * 0.9, 11)
        ] + [
            box(2 * a * math.sqrt(max(0.02, 1 - (z / b) ** 2)), 0.006, 0.006).at(0, 0, 1 + z)
            for z in np.linspace(-b * 0.9, b * 0.9, 13)
        ]
        ring = tube(np.insert(oval(a, b, 48), 1, 0, axis=1) + [0, 0, 1], 0.025, closed=True)
        return "Tennis racket with strings", [
            *solids(
                ring,
                tube([(-0.18, 0, 1 - b * 0.9), (0, 0, 0.4), (0.18, 0, 1 - b * 0.9)], 0.02),
                tube([(0, 0, 0.45), (0, 0, -0.1)], 0.035, 8),
            ),
            Part(join(mesh_)),
        ]
    if kind == "ball":
        s = c.one_of("football", "rugby", "tennis", "bowling")
        body = ellipsoid(0.5, 0.5, 0.8 if s == "rugby" else 0.5, 44)
        if s == "rugby":
            return "Rugby ball with lacing", [
                Part(m.turned(y=90))
                for m in (
                    body,
                    *(
                        torus(0.502, 0.008, 44, 6).turned(x=90).scaled(1, 1, 1.6).turned(z=a)
                        for a in (0, 90)
                    ),
                    row(box(0.14, 0.04, 0.02).at(y=-0.49), 5, z=0.09),
                )
            ]
        if s == "bowling":
            return "Bowling ball with finger holes", solids(
                body,
                *(
                    cylinder(0.05, 0.02, 18).at(x, y, 0.47).turned(x=20)
                    for x, y in ((-0.08, 0.1), (0.08, 0.1), (0, -0.08))
                ),
            )
        seams = [
            torus(0.5, 0.01, 48, 6).turned(x=x, y=y)
            for x, y in ((0, 0), (90, 0), (0, 90), (45, 45), (-45, 45))
        ][: 3 if s == "tennis" else 5]
        return f"{'Basketball' if s == 'tennis' else 'Ball'} with seams", solids(body, *seams)
    if kind == "golf":
        return "Golf club head with shaft", solids(
            superellipsoid(0.3, 0.18, 0.12, 3, 3),
            plate(rounded_rectangle(0.4, 0.18, 0.08), 0.05).at(y=-0.16),
            tube([(-0.24, 0, 0.02), (-0.45, 0, 0.9)], [0.045, 0.03]),
            row(plate(rectangle(0.3, 0.008), 0.06).at(y=-0.17), 5, z=0.025),
        )
    if kind == "skateboard":
        deck = rounded_box(0.4, 1.5, 0.03, 0.19).changed(
            lambda v: (
                v
                + np.column_stack(
                    [0 * v[:, 0], 0 * v[:, 0], np.clip(np.abs(v[:, 1]) - 0.5, 0, 1) * 0.5]
                )
            )
        )
        return "Skateboard with four wheels", solids(
            deck.at(z=0.12),
            corners(cylinder(0.06, 0.08, 26).turned(y=90).at(0.12, 0.42, 0.05)),
            pair(box(0.36, 0.06, 0.05).at(y=0.42, z=0.05), 1),
            pair(box(0.12, 0.12, 0.06).at(y=0.42, z=0.07), 1),
        )
    if kind == "bat":
        return c.one_of("Baseball bat", "Bat with knob"), solids(
            lathe(
                [
                    (0, 0),
                    (0.07, 0),
                    (0.07, 0.04),
                    *spline([(0.035, 0.05), (0.04, 0.4), (0.1, 1.1), (0.11, 1.4)], 20),
                    (0.06, 1.47),
                    (0, 1.48),
                ],
                36,
            ).turned(y=c.between(0, 60))
        )
    if kind == "treadmill":
        return "Treadmill with console", solids(
            rounded_box(0.7, 1.5, 0.15, 0.05),
            box(0.5, 1.3, 0.17),
            pair(tube([(0.33, -0.5, 0.1), (0.33, -0.65, 1.2), (0.33, -0.3, 1.15)], 0.035)),
            rounded_box(0.6, 0.12, 0.3, 0.04, 0.02).turned(x=20).at(y=-0.68, z=1.15),
        )
    if kind == "bike":
        return "Exercise bicycle with flywheel", solids(
            cylinder(0.3, 0.1, 40).turned(x=90).turned(z=90).at(-0.05, -0.35, 0.4),
            tube([(0, -0.3, 0.4), (0, 0.3, 0.35)], 0.04),
            tube([(0, 0.15, 0.2), (0, 0.35, 0.9)], 0.035),
            superellipsoid(0.12, 0.16, 0.04, 2, 2).at(y=0.38, z=0.93),
            tube([(0, -0.25, 0.4), (0, -0.4, 1.1)], 0.035),
            tube(
                spline(
                    [
                        (-0.25, -0.25, 1.15),
                        (-0.15, -0.45, 1.1),
                        (0.15, -0.45, 1.1),
                        (0.25, -0.25, 1.15),
                    ],
                    18,
                ),
                0.02,
            ),
            pair(box(0.6, 0.07, 0.06).at(y=0.45), 1),
            box(0.06, 0.95, 0.06),
            pair(box(0.1, 0.14, 0.03).at(0.14, 0.05, 0.25)),
        )
    if kind == "ski":
        return "Ski with binding", solids(
            box(0.1, 1.6, 0.02),
            tube(
                [(0, -0.8, 0.01), (0, -0.95, 0.05), (0, -1.02, 0.14)],
                1,
                section=rectangle(0.1, 0.02),
            ),
            box(0.09, 0.12, 0.08).at(y=-0.15),
            box(0.09, 0.15, 0.1).at(y=0.25),
        )
    return "Basketball hoop with backboard", solids(
        plate(rounded_rectangle(1.2, 0.8, 0.05), 0.04),
        plate(rectangle(0.45, 0.35), 0.06, [rectangle(0.4, 0.3)]).at(z=-0.12),
        torus(0.24, 0.02).at(y=-0.3, z=-0.3),
        radial(tube([(0.24, 0, -0.3), (0.14, 0, -0.65)], 0.006, 6), 12).at(y=-0.3),
        box(0.1, 0.1, 0.1).at(y=-0.05, z=-0.33),
    )


@product("21-03")
def playground(c: Chance) -> tuple[str, list[Part]]:
    frame = join(
        [tube([(0.8, -0.5, 0), (0.8, 0, 1.3)], 0.04), tube([(0.8, 0.5, 0), (0.8, 0, 1.3)], 0.04)]
    )
    if c.some():
        return "Swing set with two seats", solids(
            pair(frame),
            tube([(-0.9, 0, 1.3), (0.9, 0, 1.3)], 0.04),
            *(
                join(
                    [
                        pair(cylinder(0.01, 0.95, 8).at(0.16, 0, 0.35)),
                        box(0.4, 0.16, 0.03).at(z=0.33),
                    ]
                ).at(x=x)
                for x in (-0.35, 0.35)
            ),
        )
    slide = tube(
        spline([(0, 0.1, 1.0), (0, -0.2, 0.95), (0, -0.9, 0.3), (0, -1.4, 0.12)], 20),
        1,
        section=[
            (-0.22, 0.12),
            (-0.22, -0.03),
            (0.22, -0.03),
            (0.22, 0.12),
            (0.19, 0.12),
            (0.19, 0),
            (-0.19, 0),
            (-0.19, 0.12),
        ],
    )
    return "Playground slide with ladder", solids(
        slide,
        pair(tube([(0.22, 0.5, 0), (0.22, 0.15, 1.3)], 0.025)),
        *(
            tube([(-0.22, 0.5 - 0.27 * z, z), (0.22, 0.5 - 0.27 * z, z)], 0.02)
            for z in (0.2, 0.4, 0.6, 0.8, 1.0)
        ),
    )


@product("21-04")
def tent(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("ridge", "dome", "gazebo")
    if kind == "ridge":
        return "Ridge tent with door flap", solids(
            plate([(-0.7, 0), (0.7, 0), (0, 0.9)], 1.6),
            plate([(-0.2, 0), (0.2, 0), (0, 0.75)], 1.63),
            tube([(0, -0.85, 0), (0, -0.85, 1.0)], 0.015),
            pair(pair(tube([(0.4, -0.8, 0.45), (1.0, -1.1, 0)], 0.008), 1)),
        )
    if kind == "dome":
        rib = tube(np.insert(arc(0.82, 0, 180, 24), 1, 0, axis=1), 0.018).scaled(1, 1, 0.75)
        return "Dome tent with poles", solids(
            lathe([(0, 0), (0.8, 0), *(arc(0.8, 5, 88, 14) * [1, 0.75]), (0, 0.6)], 6),
            radial(rib, 3),
            plate(rounded_rectangle(0.4, 0.45, 0.15), 0.1).turned(x=-25).at(y=-0.66, z=0.25),
        )
    return "Gazebo with pyramid roof", solids(
        corners(box(0.05, 0.05, 1).at(0.7, 0.7)),
        lathe([(0, 1), (1.08, 1), (1.08, 1.08), (0.02, 1.55), (0, 1.55)], 4).turned(z=45),
    )


@product("22-01")
def gun(c: Chance) -> tuple[str, list[Part]]:
    if c.some():
        return "Pistol with grip", [
            Part(m.turned(z=90))
            for m in (
                side_plate([(-0.6, 0.2), (0.4, 0.2), (0.42, 0.4), (-0.6, 0.4)], 0.14),
                side_plate(
                    spline(
                        [(0.1, 0.22), (0.38, 0.22), (0.55, -0.4), (0.3, -0.42), (0.15, -0.05)],
                        32,
                        closed=True,
                    ),
                    0.15,
                ),
                tube(
                    spline(
                        [(0, 0.05, 0.2), (0, -0.18, 0.16), (0, -0.15, 0.02), (0, 0.12, 0.02)], 18
                    ),
                    0.015,
                ),
                box(0.02, 0.06, 0.03).at(y=-0.55, z=0.4),
                cylinder(0.05, 0.05, 20).turned(x=90).at(y=-0.6, z=0.3),
            )
        ]
    return "Rifle with stock and scope", [
        Part(m.turned(z=90))
        for m in (
            cylinder(0.025, 1.1, 16).turned(x=90).at(y=-0.3, z=0.25),
            side_plate(
                [
                    (-0.8, 0.15),
                    (0.3, 0.13),
                    (0.4, 0.05),
                    (1.1, -0.1),
                    (1.1, 0.2),
                    (0.4, 0.22),
                    (0.3, 0.26),
                    (-0.8, 0.22),
                ],
                0.1,
            ),
            cylinder(0.045, 0.5, 20).turned(x=90).at(y=0.25, z=0.38),
            tube(
                spline([(0, 0.3, 0.12), (0, 0.28, -0.02), (0, 0.12, -0.02), (0, 0.1, 0.12)], 16),
                0.012,
            ),
        )
    ]


@product("22-05")
def fishing(c: Chance) -> tuple[str, list[Part]]:
    if c.some():
        lure = lathe(
            [(0, -0.5), (0.06, -0.45), (0.16, -0.1), (0.12, 0.3), (0.02, 0.5), (0, 0.5)], 32
        )
        hook = tube(
            np.column_stack([np.zeros(18), arc(0.1, 90, -120, 18)]) + [0, 0, -0.25], 0.012, 8
        )
        return "Fishing lure with hooks", [
            Part(lure.turned(y=90).scaled(1, 0.7, 1)),
            Part(hook.turned(z=90).at(0.1, 0, 0.0)),
            Part(hook.turned(z=90).at(-0.4, 0, 0.05)),
            Part(ellipsoid(0.03, 0.12, 0.03, 14).at(-0.35, 0, 0.03)),
            Part(extrude([(0, 0), (0.2, 0.12), (0.2, -0.12)], 0.01).turned(x=90).at(0.45)),
        ]
    return "Fishing reel with crank", solids(
        lathe(
            [
                (0, 0),
                (0.3, 0),
                (0.3, 0.06),
                (0.2, 0.08),
                (0.2, 0.25),
                (0.32, 0.28),
                (0.3, 0.34),
                (0, 0.4),
            ],
            40,
        ).turned(x=90),
        tube([(0, 0.05, 0), (0.1, 0.12, 0.4)], 0.05),
        box(0.08, 0.6, 0.05).at(0.1, 0.1, 0.4),
        tube([(0, 0.1, 0), (-0.4, 0.1, 0), (-0.4, 0.1, -0.3)], 0.03),
        ellipsoid(0.08, 0.05, 0.06).at(-0.4, 0.1, -0.33),
    )


@product("22-06")
def trap(c: Chance) -> tuple[str, list[Part]]:
    return "Mouse trap with spring bar", solids(
        box(0.5, 1, 0.06),
        tube([(-0.2, 0, 0.08), (-0.2, -0.42, 0.08), (0.2, -0.42, 0.08), (0.2, 0, 0.08)], 0.015),
        join(
            [
                torus(0.045, 0.012, 18, 8).turned(y=90).at(x, 0, 0.1)
                for x in np.linspace(-0.18, 0.18, 12)
            ]
        ),
        box(0.2, 0.2, 0.03).at(y=0.25, z=0.06),
        tube([(0, 0.45, 0.08), (0, 0.1, 0.12)], 0.01),
    )
