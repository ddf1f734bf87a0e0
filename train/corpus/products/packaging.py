"""Bottles, boxes, baskets, closures and bins."""

from __future__ import annotations

import numpy as np

from train.corpus.chance import Chance, product, solids
from train.corpus.drawing import Part
from train.corpus.mesh import (
    arc,
    box,
    cylinder,
    extrude,
    hollow,
    join,
    lathe,
    loft,
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


@product("09-01")
def bottle(c: Chance) -> tuple[str, list[Part]]:
    h, r = c.between(1.4, 2.4), c.between(0.28, 0.45)
    neck, shoulder = r * c.between(0.25, 0.45), h * c.between(0.5, 0.75)
    waist = r * c.between(0.7, 1) if c.some(0.4) else r
    n = c.one_of(40, 40, 40, 40, 8, 6)
    curve = [
        (r * 0.9, 0),
        (r, 0.05),
        *spline([(r, 0.08), (waist, shoulder * 0.5), (r, shoulder)], 10 if waist < r else 2),
        *spline(
            [
                (r, shoulder),
                (r * 0.85, shoulder + 0.14),
                (neck * 1.2, shoulder + 0.4 * (h - shoulder)),
                (neck, h - 0.1),
            ],
            14,
        )[1:],
        (neck, h),
    ]
    body = lathe([(0, 0), *curve, (0, h)], n)
    if c.some(0.4):
        body = body.scaled(1, c.between(0.45, 0.75), 1)
    cap_h = c.between(0.1, 0.3)
    cap = c.one_of(
        cylinder(neck * 1.25, cap_h, 32),
        prism(12, neck * 1.3, cap_h),
        lathe([(0, 0), (neck * 1.2, 0), (neck * 1.5, cap_h), (0, cap_h)], 32),
    ).at(z=h - 0.05)
    bands = (
        [torus(r * 1.0, 0.012, 40, 8).at(z=z) for z in (0.2, shoulder * 0.92)]
        if c.some(0.3) and waist == r and n == 40
        else []
    )
    shape = (
        "faceted body"
        if n < 40
        else "waisted body"
        if waist < r * 0.95
        else "sloping shoulders"
        if shoulder < h * 0.6
        else "high shoulders"
    )
    return (
        f"{c.one_of('Bottle', 'Beverage bottle', 'Container bottle')} with {shape}{' and cap' if c.some() else ''}",
        solids(body, cap, *bands),
    )


@product("09-01")
def dispenser(c: Chance) -> tuple[str, list[Part]]:
    h, r = c.between(0.7, 1.2), c.between(0.25, 0.4)
    body = c.one_of(
        lathe([(0, 0), (r, 0), (r, h * 0.85), (r * 0.5, h), (0, h)], 40),
        rounded_box(2 * r, 1.2 * r, h, r * 0.4, 0.05),
        superellipsoid(r, r * 0.7, h / 2, 3, 6).at(z=h / 2),
    )
    spray = c.some(0.45)
    neck = cylinder(0.1, 0.12, 24).at(z=h - 0.02)
    if spray:
        head = side_plate(
            [
                (-0.3, 0.22),
                (-0.3, 0.34),
                (0.1, 0.42),
                (0.25, 0.3),
                (0.12, 0.1),
                (-0.05, 0.08),
                (-0.05, 0.2),
            ],
            0.14,
        ).at(z=h)
        lever = side_plate(
            [(-0.05, 0.22), (-0.12, 0.2), (-0.2, -0.1), (-0.17, -0.12), (-0.1, 0.1)], 0.06
        ).at(z=h)
        return "Spray bottle with trigger", solids(body, neck, head, lever)
    nozzle = tube(
        spline(
            [(0, 0, h + 0.3), (0, -0.02, h + 0.36), (0, -0.25, h + 0.37), (0, -0.36, h + 0.32)], 14
        ),
        [0.05] * 7 + [0.04] * 7,
    )
    return f"{c.one_of('Pump dispenser', 'Soap dispenser', 'Lotion bottle with pump')}", solids(
        body, neck, cylinder(0.03, 0.3, 14).at(z=h), nozzle, cylinder(0.09, 0.06, 24).at(z=h + 0.33)
    )


@product("09-01")
def jar(c: Chance) -> tuple[str, list[Part]]:
    r, h = c.between(0.35, 0.55), c.between(0.3, 1)
    n = c.one_of(40, 40, 6, 8)
    body = lathe([(0, 0), (r * 0.95, 0), (r, 0.04), (r, h * 0.85), (r * 0.85, h), (0, h)], n)
    lid = cylinder(r * c.between(0.88, 1.04), c.between(0.12, 0.25), 44).at(z=h - 0.02)
    return (
        f"{c.one_of('Jar', 'Cosmetic jar', 'Food jar', 'Pot')} with screw lid{' and faceted sides' if n < 40 else ''}",
        solids(body, lid),
    )


@product("09-02")
def drum(c: Chance) -> tuple[str, list[Part]]:
    r, h = c.between(0.3, 0.4), c.between(0.7, 1)
    if c.some():
        return "Drum with rolling hoops", solids(
            cylinder(r, h, 44),
            *(torus(r, 0.02, 44, 8).at(z=h * z) for z in (0.01, 0.33, 0.66, 0.99)),
            cylinder(0.05, 0.02, 20).at(r * 0.6, 0, h),
        )
    x, y = 0.5, 0.25
    grip = tube(
        spline([(-0.15, 0, h), (-0.12, 0, h + 0.14), (0.1, 0, h + 0.14), (0.14, 0, h)], 16), 0.03
    )
    return c.one_of("Jerry can with handle", "Fuel canister"), solids(
        rounded_box(x, y, h, 0.06, 0.04),
        grip,
        cylinder(0.05, 0.1, 20).turned(y=30).at(0.18, 0, h - 0.02),
        plate(rectangle(0.3, 0.5), 0.01).at(y=-y / 2, z=h / 2),
    )


@product("09-03")
def carton(c: Chance) -> tuple[str, list[Part]]:
    x, y, z = c.between(0.5, 1), c.between(0.3, 0.8), c.between(0.2, 1)
    kind = c.one_of("lid", "flaps", "sleeve", "gable", "tin")
    if kind == "lid":
        return f"{c.one_of('Box', 'Gift box', 'Storage box')} with lift-off lid", solids(
            box(x, y, z), box(x * 1.04, y * 1.04, z * 0.25).at(z=z * 0.8)
        )
    if kind == "flaps":
        flap = box(x, y / 2, 0.01).at(y=-y / 4)
        tray = extrude(rectangle(x, y), z, [rectangle(x - 0.03, y - 0.03)])
        return "Carton with open flaps", solids(
            tray,
            box(x, y, 0.01),
            flap.turned(x=c.between(20, 60)).at(y=-y / 2, z=z),
            flap.mirrored(1).turned(x=-c.between(20, 60)).at(y=y / 2, z=z),
        )
    if kind == "sleeve":
        return "Box with sliding drawer", solids(
            extrude(rectangle(x, z), y, [rectangle(x - 0.03, z - 0.03)])
            .turned(x=90)
            .at(y=y / 2, z=z / 2),
            box(x - 0.04, y, z * 0.8).at(y=-y * c.between(0.2, 0.5), z=0.03),
        )
    if kind == "gable":
        return "Gable top carton", solids(
            box(x, x, z + 0.5),
            side_plate(
                [
                    (-x / 2, 0),
                    (x / 2, 0),
                    (0.015, x * 0.4),
                    (0.015, x * 0.5),
                    (-0.015, x * 0.5),
                    (-0.015, x * 0.4),
                ],
                x,
            ).at(z=z + 0.5),
            cylinder(0.09, 0.06, 24).turned(x=38).at(y=-x * 0.27, z=z + 0.5 + x * 0.18),
        )
    r = c.between(0.3, 0.5)
    return c.one_of("Tin can with pull tab", "Beverage can"), solids(
        lathe(
            [
                (0, 0),
                (r * 0.9, 0),
                (r, 0.05),
                (r, 1.0),
                (r * 0.88, 1.1),
                (r * 0.88, 1.12),
                (r * 0.84, 1.12),
                (r * 0.84, 1.08),
                (0, 1.08),
            ],
            44,
        ),
        extrude(oval(0.05, 0.09, 20), 0.015, [oval(0.025, 0.035, 14) + [0, -0.03]]).at(
            y=0.05, z=1.09
        ),
    )


@product("09-03")
def food_tray(c: Chance) -> tuple[str, list[Part]]:
    x, y, z = 1, c.between(0.6, 0.9), c.between(0.12, 0.35)
    n, m = c.whole(1, 3), c.whole(1, 2)
    w, d = x / n, y / m
    holes = [
        rounded_rectangle(w * 0.86, d * 0.86, 0.06) + [w * (i + 0.5) - x / 2, d * (k + 0.5) - y / 2]
        for i in range(n)
        for k in range(m)
    ]
    return (
        f"{c.one_of('Food container', 'Tray', 'Packaging tray')} with {n * m} compartment{'s' if n * m > 1 else ''}",
        solids(
            extrude(rounded_rectangle(x, y, 0.1), z, holes),
            rounded_box(x, y, 0.02, 0.1),
            *(
                [
                    extrude(
                        rounded_rectangle(x * 1.08, y * 1.1, 0.12),
                        0.02,
                        [rounded_rectangle(x * 0.995, y * 0.995, 0.1)],
                    ).at(z=z - 0.02)
                ]
                if c.some()
                else []
            ),
        ),
    )


@product("09-04")
def crate(c: Chance) -> tuple[str, list[Part]]:
    x, y, z, n = 1, c.between(0.6, 0.8), c.between(0.3, 0.6), c.whole(3, 5)
    slat = z / n
    if c.some(0.4):
        basket = hollow([(0, 0), (0.35, 0), (0.5, z + 0.1)], 0.02, 40)
        weave = [
            torus(0.36 + 0.13 * k / n, 0.02, 40, 8).at(z=(z + 0.1) * k / n) for k in range(n + 1)
        ]
        arch = np.column_stack(
            [arc(0.48, 0, 180, 20)[:, 0], np.zeros(20), arc(0.5, 0, 180, 20)[:, 1] + z]
        )
        return "Basket with arched handle", solids(basket, *weave, tube(arch, 0.025))
    side = join([row(box(x, 0.02, slat * 0.7), n, z=slat).at(y=y / 2, z=z / 2 - slat / 2)])
    end = join([row(box(0.02, y, slat * 0.7), n, z=slat).at(x=x / 2, z=z / 2 - slat / 2)])
    return "Crate with slatted sides", solids(
        pair(side, 1),
        pair(end),
        pair(pair(box(0.05, 0.05, z).at(x / 2 - 0.04, y / 2 - 0.04)), 1),
        row(box(x, y / 6, 0.02), 5, y=y / 5),
    )


@product("09-05")
def tube_pack(c: Chance) -> tuple[str, list[Part]]:
    r, h = c.between(0.15, 0.25), c.between(0.8, 1.3)
    ring = oval(1, 1, 32)

    rings = [
        np.column_stack(
            [
                ring * [r * (1 - 0.0 * t) * (1 + 0.25 * t), r * max(1 - t, 0.04)],
                np.full(32, h * (1 - t)),
            ]
        )
        for t in np.linspace(1, 0, 10)
    ]
    cap = c.one_of(
        cylinder(r * 0.6, 0.2, 32), prism(10, r * 0.7, 0.16), cylinder(r * 1.02, 0.3, 36)
    ).at(z=h)
    return f"{c.one_of('Squeeze tube', 'Toothpaste tube', 'Cosmetic tube')} with cap", solids(
        loft(np.stack(rings)), cap
    )


@product("09-07")
def closure(c: Chance) -> tuple[str, list[Part]]:
    r, h, n = 0.5, c.between(0.25, 0.7), c.whole(16, 40)
    ribs = radial(box(0.05, 0.03, h * 0.8).at(x=r, z=h * 0.08), n)
    body = cylinder(r, h, 44)
    kind = c.one_of("flip", "sport", "plain", "cork")
    if kind == "cork":
        return "Bottle stopper with knob", solids(
            lathe([(0, 0), (0.2, 0), (0.28, 0.6), (0, 0.6)], 36),
            lathe([(0, 0.6), (0.4, 0.6), (0.45, 0.75), (0.3, 1), (0, 1.05)], 36),
        )
    top = (
        [rounded_box(r, r * 0.8, 0.08, 0.15, 0.03).at(z=h)]
        if kind == "flip"
        else [
            lathe([(0, 0), (0.25, 0), (0.18, 0.2), (0.22, 0.35), (0.1, 0.4), (0, 0.4)], 32).at(z=h)
        ]
        if kind == "sport"
        else []
    )
    return (
        f"{c.one_of('Cap', 'Closure', 'Bottle cap')} with {'hinged lid' if kind == 'flip' else 'drinking spout' if kind == 'sport' else 'ribbed skirt'}",
        solids(body, ribs, *top),
    )


@product("09-08")
def pallet(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(5, 9)
    top = row(box(1.2 / n * 0.8, 1, 0.025), n, x=1.2 / n)
    blocks = row(row(box(0.14, 0.14, 0.1), 3, x=0.52), 3, y=0.42)
    return "Pallet with blocks and deck boards", solids(
        top.at(z=0.15),
        row(box(1.2, 0.12, 0.025), 3, y=0.42).at(z=0.125),
        blocks.at(z=0.025),
        row(box(1.2, 0.12, 0.025), 3, y=0.42),
    )


@product("09-09")
def trash_can(c: Chance) -> tuple[str, list[Part]]:
    if c.some():
        r, h = c.between(0.2, 0.3), c.between(0.6, 0.9)
        return "Pedal bin with domed lid", solids(
            cylinder(r, h, 44),
            lathe(
                [
                    (0, h),
                    (r * 1.03, h),
                    (r * 1.03, h + 0.04),
                    *(arc(1, 10, 85, 10) * [r, 0.14] + [0, h + 0.03]),
                    (0, h + 0.17),
                ],
                44,
            ),
            box(0.1, 0.14, 0.02).at(y=-r - 0.04, z=0.02),
            cylinder(r * 1.03, 0.05, 44),
        )
    x, y, h = 0.55, 0.65, c.between(0.9, 1.1)
    body = box(x, y, h).tapered(1.25).scaled(0.8, 0.8, 1)
    return "Wheeled refuse container with hinged lid", solids(
        body,
        rounded_box(x * 1.08, y * 1.1, 0.06, 0.05, 0.02).turned(x=4).at(z=h + 0.01),
        pair(cylinder(0.1, 0.05, 28).turned(y=90).at(x * 0.4, y * 0.42, 0.1)),
        tube([(-x * 0.4, y * 0.62, h - 0.05), (x * 0.4, y * 0.62, h - 0.05)], 0.02),
    )
