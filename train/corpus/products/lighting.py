"""Lamps for tables, ceilings, walls, streets and vehicles, torches, candlesticks and bulbs."""

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
    hollow,
    join,
    lathe,
    oval,
    pair,
    plate,
    prism,
    radial,
    rounded_box,
    rounded_rectangle,
    spline,
    superellipsoid,
    torus,
    tube,
)


@product("26-01")
def candlestick(c: Chance) -> tuple[str, list[Part]]:
    h = c.between(0.1, 0.3)
    n = c.whole(4, 8)
    curve = [(c.between(0.008, 0.035), h * (k + 0.5) / n) for k in range(n)]
    stick = lathe(
        [
            (0, 0),
            (c.between(0.04, 0.07), 0),
            (0.05, 0.01),
            *curve,
            (0.03, h),
            (0.025, h + 0.015),
            (0, h + 0.01),
        ],
        36,
    )
    arms = c.whole(0, 2)
    parts = [stick, cylinder(0.012, c.between(0.05, 0.2), 16).at(z=h)]
    if arms:
        n_arm = arms * 2
        arm = tube(
            spline([(0, 0, h * 0.6), (0.08, 0, h * 0.5), (0.12, 0, h * 0.8), (0.12, 0, h)], 18),
            0.006,
        )
        parts += [
            radial(
                join(
                    [
                        arm,
                        lathe([(0, h), (0.025, h), (0.02, h + 0.02), (0, h + 0.02)], 20).at(0.12),
                        cylinder(0.011, 0.12, 14).at(0.12, 0, h),
                    ]
                ),
                n_arm,
            )
        ]
        return f"Candelabrum with {n_arm} arms", solids(*parts)
    return c.one_of("Candlestick", "Candle holder"), solids(*parts)


@product("26-02")
def torch(c: Chance) -> tuple[str, list[Part]]:
    if c.some(0.6):
        r, n = c.between(0.012, 0.02), c.between(0.1, 0.2)
        head = r * c.between(1.2, 2.2)
        body = lathe(
            [
                (0, 0),
                (r, 0),
                (r, n),
                (head, n + 0.03),
                (head, n + 0.06),
                (head * 0.85, n + 0.06),
                (head * 0.8, n + 0.045),
                (0, n + 0.045),
            ],
            36,
        )
        rings = [torus(r, 0.0015, 32, 8).at(z=n * (0.2 + 0.06 * k)) for k in range(c.whole(2, 6))]
        return c.one_of("Flashlight with ribbed grip", "Electric torch", "Hand torch"), [
            Part(m.turned(y=90)) for m in [body, *rings]
        ] + [Part(rounded_box(0.012, 0.03, 0.008, 0.005).turned(z=90).at(n * 0.75, 0, r - 0.002))]
    n = c.whole(4, 8)
    parts = [prism(n, 0.09, 0.05), prism(n, 0.06, 0.2).at(z=0.05), radial(cylinder(0.006, 0.2, 10).at(0.075, 0, 0.05), n), lathe([(0, 0), (0.1, 0), (0.03, 0.07), (0, 0.08)], 4 * n).at(z=0.25),
             tube(np.column_stack([arc(0.08, 0, 180, 16)[:, 0], np.zeros(16), arc(0.08, 0, 180, 16)[:, 1] + 0.3]), 0.005, 10)]  # fmt: skip
    return "Lantern with carrying handle", solids(*parts)


@product("26-03")
def street_light(c: Chance) -> tuple[str, list[Part]]:
    h = c.between(2.5, 4)
    head = c.one_of(
        rounded_box(0.5, 0.2, 0.08, 0.09, 0.03),
        superellipsoid(0.3, 0.12, 0.06, 2.5, 2),
        ellipsoid(0.2, 0.2, 0.25),
    )
    arm = c.between(0.3, 0.9)
    both = c.some(0.3)
    branch = join(
        [
            tube(
                spline(
                    [(0, 0, h * 0.85), (0, 0, h), (arm * 0.5, 0, h * 1.08), (arm, 0, h * 1.08)], 18
                ),
                0.04,
            ),
            head.at(arm + 0.2, 0, h * 1.07),
        ]
    )
    parts = [
        tube([(0, 0, 0), (0, 0, h * 0.9)], [0.08, 0.05]),
        cylinder(0.14, 0.25, 24),
        pair(branch) if both else branch,
    ]
    return f"Street lamp with {'two arms' if both else 'curved arm'}", solids(*parts)


@product("26-04")
def bulb(c: Chance) -> tuple[str, list[Part]]:
    r = c.between(0.022, 0.04)
    shape = c.one_of("globe", "pear", "candle", "tubular")
    top = {"globe": [(r * 0.55, 0.03), (r, 0.06), (r * 0.7, 0.06 + r * 0.9)], "pear": [(0.016, 0.03), (r, 0.07), (r * 0.7, 0.1)],
           "candle": [(0.014, 0.025), (r * 0.6, 0.045), (r * 0.3, 0.085)], "tubular": [(0.015, 0.025), (0.016, 0.06), (0.015, 0.11)]}[shape]  # fmt: skip
    end = top[-1][1] + 0.015
    glass = lathe(
        [
            (0, 0.02),
            (0.012, 0.02),
            *spline([(0.012, 0.02), *top, (0.001, end)], 24)[1:-1],
            (0, end),
        ],
        36,
    )
    rings = [torus(0.0125, 0.0012, 28, 8).at(z=0.004 * k) for k in range(4)]
    return f"Light bulb with {shape} envelope", solids(
        glass,
        cylinder(0.012, 0.025, 28).at(z=-0.004),
        lathe([(0, -0.012), (0.005, -0.01), (0.01, -0.004), (0, -0.004)], 20),
        *rings,
    )


@product("26-05")
def desk_lamp(c: Chance) -> tuple[str, list[Part]]:
    a, b = c.between(0.25, 0.4), c.between(0.2, 0.38)
    lean, reach = math.radians(c.between(60, 100)), math.radians(c.between(-20, 35))
    elbow = (a * math.cos(lean), 0, a * math.sin(lean))
    tip = (elbow[0] + b * math.cos(reach), 0, elbow[2] + b * math.sin(reach))
    r = c.between(0.05, 0.09)
    head = c.one_of(
        lathe(
            [
                (0, 0.1),
                (r * 0.4, 0.1),
                (r * 0.45, 0.05),
                (r, -0.06),
                (r - 0.004, -0.06),
                (r * 0.3, 0.04),
                (0, 0.04),
            ][::-1],
            32,
        ),
        rounded_box(0.26, 0.05, 0.02, 0.02, 0.006),
        ellipsoid(r, r, r * 0.8),
    )
    parts = [rounded_box(0.18, 0.18, 0.025, c.between(0.02, 0.089), 0.008) , tube([(0, 0, 0.01), elbow], 0.01), tube([elbow, tip], 0.009),
             cylinder(0.02, 0.04, 18).turned(x=90).at(elbow[0], 0.02, elbow[2]), head.turned(y=c.between(-10, 30)).at(*tip)]  # fmt: skip
    return c.one_of(
        "Desk lamp with articulated arm", "Reading lamp with jointed arm", "Adjustable task lamp"
    ), solids(*parts)


@product("26-05")
def floor_lamp(c: Chance) -> tuple[str, list[Part]]:
    h = c.between(1.2, 1.7)
    r = c.between(0.15, 0.25)
    tripod = c.some()
    top = r * c.between(0.5, 1)
    shade = lathe([(r, 0), (top, 0.28), (top - 0.005, 0.28), (r - 0.005, 0)], 36, closed=True).at(
        z=h - 0.1
    )
    if tripod:
        leg = tube([(0.3, 0, 0), (0.02, 0, h * 0.85)], 0.014)
        return "Tripod floor lamp", solids(
            shade, radial(leg, 3, 90), cylinder(0.03, h * 0.2, 16).at(z=h * 0.78)
        )
    bow = c.some(0.35)
    if bow:
        path = spline(
            [
                (0, 0, 0.02),
                (0, 0, h * 0.8),
                (0.2, 0, h * 1.15),
                (0.6, 0, h * 1.1),
                (0.7, 0, h * 0.95),
            ],
            28,
        )
        return "Arc floor lamp", solids(
            shade.at(0.7, 0, -0.3), tube(path, 0.012), cylinder(0.16, 0.03, 36)
        )
    return "Floor lamp with round base", solids(
        shade, cylinder(0.012, h, 14), cylinder(0.14, 0.025, 36)
    )


@product("26-05")
def pendant(c: Chance) -> tuple[str, list[Part]]:
    if c.some(0.3):
        n = c.whole(3, 8)
        arm = tube(
            spline([(0.02, 0, 0), (0.15, 0, -0.08), (0.28, 0, 0), (0.3, 0, 0.04)], 18), 0.008
        )
        cup = join(
            [
                arm,
                hollow([(0, 0.04), (0.03, 0.04), (0.05, 0.1)], 0.005, 18).at(0.3),
                cylinder(0.012, 0.09, 12).at(0.3, 0, 0.04),
            ]
        )
        return f"Chandelier with {n} arms", solids(
            radial(cup, n),
            lathe(
                [
                    (0, -0.1),
                    (0.03, -0.06),
                    (0.02, 0),
                    (0.045, 0.1),
                    (0.01, 0.2),
                    (0.006, 0.5),
                    (0.05, 0.52),
                    (0, 0.53),
                ],
                24,
            ),
        )
    r, h = c.between(0.12, 0.3), c.between(0.1, 0.3)
    n = c.whole(3, 5)
    curve = spline(
        [(0.02, h), *((r * c.between(0.25, 1), h * (1 - k / n)) for k in range(1, n)), (r, 0)], 20
    )
    shade = lathe([*curve[::-1], *(curve - [0.006, 0])], 40, closed=True)
    return c.one_of("Pendant lamp", "Hanging lamp", "Ceiling lamp") + c.one_of(
        " with spun shade", " with shade", ""
    ), solids(
        shade,
        cylinder(0.004, c.between(0.3, 0.6), 10).at(z=h * 0.9),
        cylinder(0.025, 0.05, 18).at(z=h),
    )


@product("26-05")
def table_lamp(c: Chance) -> tuple[str, list[Part]]:
    h = c.between(0.25, 0.5)
    kind = c.one_of("conical", "drum", "dome", "globe")
    r, sh = c.between(0.1, 0.2), c.between(0.12, 0.25)
    if kind == "globe":
        shade = ellipsoid(r * 0.8, r * 0.8, r * 0.8).at(z=h + r * 0.7)
    elif kind == "dome":
        points = arc(r, 0, 84, 14) * [1, sh / r]
        shade = lathe(
            [*points, (r * 0.1, sh * 0.97), *(points[::-1] * 0.96), (r * 0.96, 0)], 36, closed=True
        ).at(z=h)
    else:
        top = r * (c.between(0.4, 0.75) if kind == "conical" else 1)
        shade = lathe([(r, 0), (top, sh), (top - 0.004, sh), (r - 0.004, 0)], 36, closed=True).at(
            z=h
        )
    body = c.one_of("slender", "urn", "ball", "block")
    if body == "slender":
        base = lathe(
            [(0, 0), (r * 0.7, 0), (r * 0.7, 0.015), (0.01, 0.03), (0.01, h + 0.05), (0, h + 0.05)],
            36,
        )
    elif body == "urn":
        curve = spline(
            [
                (r * 0.4, 0),
                (r * 0.35, 0.02),
                (r * c.between(0.5, 0.9), h * 0.45),
                (0.02, h * 0.85),
                (0.02, h + 0.02),
            ],
            20,
        )
        base = lathe([(0, 0), *curve, (0, h + 0.02)], 36)
    elif body == "ball":
        base = join(
            [ellipsoid(r * 0.6, r * 0.6, h * 0.42).at(z=h * 0.42), cylinder(0.012, h + 0.05, 14)]
        )
    else:
        base = join([rounded_box(r, r, h * 0.8, 0.02, 0.01), cylinder(0.012, h + 0.05, 14)])
    return f"Table lamp with {kind} shade", solids(base, shade)


@product("26-05")
def wall_light(c: Chance) -> tuple[str, list[Part]]:
    plate_ = c.one_of(
        cylinder(0.06, 0.015, 32).turned(x=90), plate(rounded_rectangle(0.1, 0.16, 0.02), 0.015)
    )
    r = c.between(0.05, 0.09)
    shade = c.one_of(
        hollow([(0, 0), (r * 0.5, 0), (r, 0.15)], 0.005),
        ellipsoid(r, r, r),
        cylinder(r * 0.7, 0.2, 32).at(z=-0.08),
        prism(c.whole(4, 6), r, 0.16),
    )
    path = spline([(0, 0, 0), (0, -0.06, -0.02), (0, -0.14, -0.03), (0, -0.16, 0.03)], 16)
    two = c.some(0.3)
    parts = [
        plate_,
        *(
            [tube(path, 0.01), shade.at(0, -0.16, 0.03)]
            if not two
            else [
                tube(path, 0.01).turned(z=35),
                tube(path, 0.01).turned(z=-35),
                shade.at(0, -0.16, 0.03).turned(z=35),
                shade.at(0, -0.16, 0.03).turned(z=-35),
            ]
        ),
    ]
    return f"{c.one_of('Wall lamp', 'Sconce')}{' with two shades' if two else ''}", solids(*parts)


@product("26-06")
def headlight(c: Chance) -> tuple[str, list[Part]]:
    outline = c.one_of(
        oval(0.4, 0.4, 40),
        oval(0.55, 0.35, 40, 3),
        spline(
            [(-0.6, -0.2), (0.3, -0.25), (0.7, 0.15), (0.4, 0.28), (-0.5, 0.2)], 44, closed=True
        ),
    )
    n = c.whole(1, 3)
    cells = [
        lathe([(0.1, 0), (0.14, 0), (0.14, 0.05), (0.1, 0.05)], 28, closed=True)
        .turned(x=90)
        .at(0.27 * (k - (n - 1) / 2), -0.14, 0)
        for k in range(n)
    ]
    return (
        f"{c.one_of('Vehicle headlight', 'Vehicle lamp')} with {n} lens{'es' if n > 1 else ''}",
        solids(
            plate(outline, 0.25),
            plate(outline, 0.06, [outline * 0.88]).at(y=-0.14),
            *cells,
            box(0.3, 0.2, 0.2).at(y=0.2, z=-0.1),
        ),
    )
