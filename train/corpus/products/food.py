"""Food, and the machines that prepare it."""

from __future__ import annotations

import math

import numpy as np

from train.corpus.chance import Chance, product, solids
from train.corpus.drawing import Part
from train.corpus.mesh import (
    arc,
    box,
    cylinder,
    ellipsoid,
    extrude,
    hollow,
    join,
    lathe,
    loft,
    oval,
    pair,
    plate,
    radial,
    rectangle,
    regular,
    rounded_box,
    rounded_rectangle,
    row,
    side_plate,
    spline,
    superellipsoid,
    torus,
    tube,
)


@product("01-01")
def biscuit(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of(
        "round", "rectangular", "scalloped", "doughnut", "cone", "pretzel", "bar", "pasta"
    )
    if kind == "doughnut":
        return "Doughnut", solids(
            torus(0.4, c.between(0.14, 0.22)),
            *(
                ellipsoid(0.03, 0.012, 0.012, 10)
                .turned(z=c.between(0, 180))
                .at(0.4 * math.cos(a), 0.4 * math.sin(a), 0.19)
                for a in np.linspace(0, 6, c.whole(0, 12))
            ),
        )
    if kind == "cone":
        return "Ice cream cone with scoop", solids(
            cylinder(0.03, 0.9, 28, top=0.3),
            ellipsoid(0.36, 0.36, 0.34).at(z=1.05),
            torus(0.3, 0.05).at(z=0.88),
            *([ellipsoid(0.28, 0.28, 0.26).at(z=1.45)] if c.some() else []),
        )
    if kind == "pretzel":
        path = spline(
            [
                (0, -0.3, 0),
                (0.35, -0.1, 0.0),
                (0.3, 0.3, 0.04),
                (0.05, 0.1, 0.05),
                (-0.25, -0.25, 0.05),
                (-0.05, -0.42, 0),
                (0.05, -0.42, 0),
                (0.25, -0.25, 0),
                (-0.05, 0.1, -0.04),
                (-0.3, 0.3, -0.04),
                (-0.35, -0.1, 0),
            ],
            70,
        )
        return "Pretzel", solids(tube(path, 0.06, 14).turned(x=70))
    if kind == "pasta":
        if c.some():
            return "Pasta, twisted", solids(
                loft(
                    np.stack(
                        [
                            np.column_stack(
                                [
                                    rectangle(0.4, 0.06)
                                    @ np.array(
                                        [[math.cos(t), math.sin(t)], [-math.sin(t), math.cos(t)]]
                                    ),
                                    np.full(4, t * 0.15),
                                ]
                            )
                            for t in np.linspace(0, c.between(6, 14), 60)
                        ]
                    )
                )
            )
        n = c.whole(8, 16)
        return "Pasta tube with ridges", solids(
            lathe([(0.14, 0), (0.2, 0), (0.2, 0.9), (0.14, 0.9)], 32, closed=True),
            radial(cylinder(0.02, 0.9, 8).at(0.2), n),
        )
    if kind == "bar":
        n, m = c.whole(2, 6), c.whole(1, 4)
        return "Chocolate bar with segments", solids(
            box(0.2 * n + 0.05, 0.2 * m + 0.05, 0.05),
            row(row(box(0.18, 0.18, 0.08).tapered(0.75).at(z=0.04), n, x=0.2), m, y=0.2),
        )
    outline = {
        "round": oval(0.5, 0.5, 40),
        "rectangular": rounded_rectangle(1.1, 0.7, 0.08),
        "scalloped": regular(96, 1)
        * (0.5 + 0.03 * np.abs(np.sin(np.arange(96) * math.pi / 8)))[:, None],
    }[kind]
    holes = [
        cylinder(0.025, 0.02, 12).at(x, y, 0.09)
        for x in np.linspace(-0.25, 0.25, c.whole(2, 4))
        for y in np.linspace(-0.22, 0.22, c.whole(2, 3))
    ]
    sandwich = c.some(0.4)
    layers = [
        extrude(outline, 0.1),
        *(
            [extrude(outline * 0.93, 0.08).at(z=-0.08), extrude(outline, 0.1).at(z=-0.18)]
            if sandwich
            else []
        ),
    ]
    return (
        f"{'Sandwich biscuit' if sandwich else c.one_of('Biscuit', 'Cookie', 'Cracker')}, {kind}",
        solids(*layers, *holes),
    )


@product("01-02")
def fruit(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("apple", "pear", "banana", "pumpkin", "carrot")
    if kind == "banana":
        path = np.column_stack(
            [arc(0.8, 200, 330, 24)[:, 0], np.zeros(24), arc(0.8, 200, 330, 24)[:, 1]]
        )
        return "Banana", solids(
            tube(
                path,
                0.16
                * np.concatenate(
                    [[0.2, 0.25], np.sin(np.linspace(0.5, 2.7, 20)) ** 0.5, [0.3, 0.15]]
                ),
                5,
            )
        )
    if kind == "carrot":
        return "Carrot with leaves", solids(
            lathe([(0, -1), (0.03, -0.95), (0.12, -0.2), (0.16, 0), (0.08, 0.08), (0, 0.08)], 32),
            *(
                tube(
                    spline(
                        [(0, 0, 0.05), (0.05 * k, 0.03 * k, 0.3), (0.15 * k, 0.05 * k, 0.5)], 10
                    ),
                    np.linspace(0.015, 0.03, 10),
                )
                for k in (-1, 0.2, 1)
            ),
        )
    if kind == "pumpkin":
        n = c.whole(7, 11)
        return "Pumpkin with ribs", solids(
            radial(ellipsoid(0.24, 0.2, 0.36).at(0.3), n),
            cylinder(0.06, 0.2, 12, top=0.09).at(z=0.3),
        )
    curve = (
        spline([(0.05, -0.4), (0.35, -0.3), (0.45, 0), (0.35, 0.32), (0.05, 0.3)], 22)
        if kind == "apple"
        else spline([(0.05, -0.4), (0.36, -0.25), (0.36, 0.0), (0.17, 0.4), (0.05, 0.52)], 22)
    )
    top = float(curve[-1, 1])
    leaf = extrude(oval(0.18, 0.08, 20), 0.01).turned(y=-30).at(0.15, 0, top + 0.12)
    return f"{kind.capitalize()} with leaf", solids(
        lathe([(0, curve[0, 1]), *curve, (0, top - 0.04)], 40),
        tube(spline([(0, 0, top - 0.05), (0.01, 0, top + 0.08), (0.04, 0, top + 0.2)], 8), 0.02),
        leaf,
    )


@product("01-06")
def pet_food(c: Chance) -> tuple[str, list[Part]]:
    bone = join(
        [
            tube([(-0.5, 0, 0), (0.5, 0, 0)], 0.12),
            pair(pair(ellipsoid(0.18, 0.14, 0.18).at(0.55, 0, 0.14), 0)),
            pair(ellipsoid(0.18, 0.14, 0.18).at(0.55, 0, -0.14)),
        ]
    )
    flat = c.some()
    if flat:
        half = spline(
            [
                (0.5, -0.12),
                (0.65, -0.3),
                (0.82, -0.2),
                (0.72, 0),
                (0.82, 0.2),
                (0.65, 0.3),
                (0.5, 0.12),
            ],
            26,
        )
        outline = np.concatenate([half, -half])
        return c.one_of("Pet treat, bone-shaped", "Dog biscuit"), solids(
            plate(outline, 0.15),
            *(plate(oval(0.04, 0.04, 14), 0.17).at(x=x) for x in (-0.3, 0, 0.3)),
        )
    return c.one_of("Pet chew, bone-shaped", "Dog chew bone"), solids(bone)


@product("31-00")
def kitchen_machine(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("blender", "mixer", "coffee", "juicer", "grinder", "processor")
    if kind == "blender":
        jar = hollow([(0, 0.4), (0.16, 0.4), (0.24, 1.1)], 0.02, c.one_of(40, 4, 6)).turned(z=45)
        return "Blender with jar and handle", solids(
            lathe([(0, 0), (0.26, 0), (0.24, 0.1), (0.17, 0.38), (0, 0.38)], 40),
            jar,
            cylinder(0.24, 0.08, 40).at(z=1.1),
            tube([(0.2, 0, 0.55), (0.38, 0, 0.6), (0.38, 0, 0.95), (0.22, 0, 1.0)], 0.035),
            plate(oval(0.06, 0.06, 24), 0.05).at(y=-0.23, z=0.17),
        )
    if kind == "mixer":
        bowl_ = hollow([(0, 0.1), (0.15, 0.1), (0.3, 0.5)], 0.02, 40).at(y=-0.2)
        return "Stand mixer with bowl", [
            Part(m.turned(z=-90))
            for m in (
                side_plate([(-0.5, 0), (0.4, 0), (0.4, 0.08), (-0.5, 0.08)], 0.4),
                side_plate(
                    spline([(0.1, 0.05), (0.4, 0.05), (0.35, 0.6), (0.15, 0.6)], 24, closed=True),
                    0.22,
                ),
                superellipsoid(0.15, 0.5, 0.14, 2.5, 2.5).at(y=-0.08, z=0.76),
                bowl_,
                cylinder(0.04, 0.25, 20).at(y=-0.25, z=0.45),
                torus(0.1, 0.015, 28, 8).turned(x=90).scaled(0.8, 1, 1.3).at(y=-0.25, z=0.35),
                cylinder(0.05, 0.05, 22).turned(y=90).at(0.12, 0.1, 0.72),
            )
        ]
    if kind == "coffee":
        return "Coffee machine with jug", solids(
            box(0.6, 0.55, 0.1),
            box(0.6, 0.2, 0.9).at(y=0.18),
            box(0.6, 0.55, 0.25).at(z=0.7),
            hollow([(0, 0.1), (0.16, 0.1), (0.19, 0.3), (0.12, 0.48)], 0.015, 36).at(y=-0.08),
            tube(
                spline([(0, -0.24, 0.2), (0, -0.38, 0.22), (0, -0.38, 0.42), (0, -0.22, 0.44)], 16),
                0.02,
            ),
            row(plate(oval(0.03, 0.03, 18), 0.03).at(0.1, -0.28, 0.83), 3, x=0.1),
            plate(rectangle(0.18, 0.1), 0.02).at(-0.15, -0.28, 0.83),
        )
    if kind == "juicer":
        return "Citrus juicer with spout", solids(
            cylinder(0.3, 0.4, 40),
            lathe([(0, 0.4), (0.34, 0.4), (0.36, 0.5), (0.3, 0.5), (0.28, 0.43), (0, 0.43)], 40),
            radial(ellipsoid(0.07, 0.03, 0.2).turned(y=-20).at(0.07, 0, 0.55), 8),
            tube([(0, -0.28, 0.35), (0, -0.42, 0.3)], 0.05),
        )
    if kind == "grinder":
        return "Meat grinder with crank", solids(
            cylinder(0.16, 0.5, 32).turned(x=90).at(y=0.2, z=0.4),
            cylinder(0.2, 0.08, 36).turned(x=90).at(y=-0.28, z=0.4),
            hollow([(0, 0.75), (0.1, 0.75), (0.3, 0.95)], 0.02, 32).at(y=0.05),
            cylinder(0.08, 0.3, 24).at(y=0.05, z=0.5),
            tube([(0, 0.2, 0.4), (0, 0.35, 0.4), (0.0, 0.37, 0.05)], 0.025),
            tube([(0, 0.37, 0.06), (0, 0.6, 0.06)], 0.05),
            box(0.1, 0.2, 0.4).at(y=0.0),
        )
    return "Food processor with feed tube", solids(
        rounded_box(0.6, 0.55, 0.35, 0.1, 0.03),
        cylinder(0.26, 0.4, 40).at(z=0.34),
        cylinder(0.28, 0.06, 40).at(z=0.73),
        cylinder(0.08, 0.25, 26).at(0.1, 0, 0.78),
        tube([(0.24, 0, 0.4), (0.4, 0, 0.42), (0.4, 0, 0.65), (0.25, 0, 0.68)], 0.03),
        plate(oval(0.07, 0.07, 26), 0.05).at(y=-0.28, z=0.17),
    )
