"""Office machines, stationery, books, signs and displays."""

from __future__ import annotations

import numpy as np

from train.corpus.chance import Chance, product, solids
from train.corpus.drawing import Part
from train.corpus.mesh import (
    box,
    corners,
    cylinder,
    ellipsoid,
    extrude,
    lathe,
    oval,
    pair,
    plate,
    rectangle,
    regular,
    rounded_box,
    rounded_rectangle,
    row,
    side_plate,
    spline,
    torus,
    tube,
)


@product("18-01")
def calculator(c: Chance) -> tuple[str, list[Part]]:
    x, y = 0.7, c.between(1, 1.2)
    n, m = c.whole(4, 5), c.whole(4, 6)
    key = c.one_of(
        rounded_box(0.1, 0.09, 0.04, 0.02), cylinder(0.05, 0.04, 18), box(0.1, 0.07, 0.04)
    )
    return "Calculator with display and keys", solids(
        rounded_box(x, y, 0.1, c.between(0.02, 0.12), 0.02),
        row(row(key, n, x=x / n * 0.9), m, y=y * 0.6 / m).at(y=-y * 0.14, z=0.09),
        rounded_box(x * 0.8, y * 0.18, 0.02, 0.02).at(y=y * 0.34, z=0.095),
    )


@product("18-02")
def printer(c: Chance) -> tuple[str, list[Part]]:
    x, y, z = 1, c.between(0.6, 0.8), c.between(0.35, 0.6)
    return c.one_of("Printer with paper trays", "Multifunction printer"), solids(
        rounded_box(x, y, z, 0.06, 0.03),
        plate(rectangle(x * 0.8, 0.08), 0.06).at(y=-y / 2, z=z * 0.45),
        box(x * 0.6, 0.35, 0.02).at(y=-y / 2 - 0.15, z=z * 0.3),
        plate(rectangle(x * 0.6, 0.35), 0.02).turned(x=-20).at(y=y * 0.4, z=z + 0.12),
        rounded_box(x * 0.3, 0.15, 0.02, 0.02).at(x * 0.28, -y * 0.32, z - 0.005),
        row(cylinder(0.015, 0.02, 12).at(0.1, -y * 0.32, z), 4, x=0.06),
    )


@product("19-02")
def office(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("stapler", "sharpener", "tape", "punch", "clip", "tray", "pen pot")
    if kind == "stapler":
        return "Stapler", solids(
            side_plate([(-0.5, 0), (0.5, 0), (0.5, 0.05), (-0.5, 0.05)], 0.2),
            side_plate(
                spline(
                    [(-0.52, 0.14), (0.45, 0.1), (0.5, 0.25), (0.2, 0.33), (-0.4, 0.27)],
                    30,
                    closed=True,
                ),
                0.16,
            ).turned(x=-4),
            side_plate([(-0.5, 0.08), (0.45, 0.08), (0.45, 0.14), (-0.5, 0.14)], 0.1),
        )
    if kind == "sharpener":
        return "Pencil sharpener", solids(
            side_plate([(-0.3, 0), (0.3, 0), (0.3, 0.2), (-0.3, 0.3)], 0.35),
            cylinder(0.06, 0.02, 24).turned(x=90).at(y=-0.3, z=0.13),
            box(0.2, 0.45, 0.02).turned(x=-9).at(z=0.25),
            cylinder(0.03, 0.03, 18).at(z=0.28),
        )
    if kind == "tape":
        return "Tape dispenser", solids(
            side_plate(
                spline(
                    [(-0.6, 0), (0.6, 0), (0.7, 0.2), (0.4, 0.45), (0, 0.35), (-0.5, 0.3)],
                    40,
                    closed=True,
                ),
                0.3,
            ),
            lathe([(0.18, -0.1), (0.33, -0.1), (0.33, 0.1), (0.18, 0.1)], 40, closed=True)
            .turned(y=90)
            .at(y=0.3, z=0.42),
            box(0.22, 0.03, 0.05).at(y=-0.58, z=0.26),
        )
    if kind == "clip":
        wire = [
            (0.1, -0.3),
            (0.1, 0.3),
            (-0.1, 0.3),
            (-0.1, -0.4),
            (0.16, -0.4),
            (0.16, 0.38),
            (-0.16, 0.38),
            (-0.16, -0.2),
        ]
        return "Paper clip", solids(tube(np.insert(spline(wire, 60), 1, 0, axis=1), 0.015, 8))
    if kind == "punch":
        return "Hole punch", solids(
            rounded_box(0.8, 0.5, 0.06, 0.05),
            pair(cylinder(0.06, 0.25, 22).at(0.25, -0.1)),
            side_plate([(-0.3, 0.22), (0.3, 0.28), (0.35, 0.36), (-0.3, 0.3)], 0.65),
        )
    if kind == "tray":
        n = c.whole(2, 4)
        return f"Desk tray with {n} tiers", solids(
            *(
                extrude(rectangle(1, 0.75), 0.08, [rectangle(0.95, 0.7)]).at(z=0.2 * k)
                for k in range(n)
            ),
            *(box(1, 0.75, 0.015).at(z=0.2 * k) for k in range(n)),
            corners(cylinder(0.02, 0.2 * n, 10).at(0.48, 0.35)),
        )
    return "Pen holder with compartments", solids(
        extrude(
            rounded_rectangle(1, 0.5, 0.05),
            c.between(0.4, 0.8),
            [
                rounded_rectangle(0.42, 0.4, 0.04) + [0.24, 0],
                rounded_rectangle(0.42, 0.4, 0.04) - [0.24, 0],
            ],
        )
    )


@product("19-04")
def book(c: Chance) -> tuple[str, list[Part]]:
    x, z, t = 0.75, c.between(0.9, 1.1), c.between(0.06, 0.2)
    ring_bound = c.some(0.45)
    if ring_bound:
        rings = row(torus(t * 0.8, 0.008, 20, 6).turned(x=0).at(-x / 2), c.whole(10, 22), z=z / 24)
        return "Notebook with spiral binding", solids(box(x, t, z).at(z=-z / 2), rings)
    return c.one_of("Book with hard cover", "Notebook with elastic band"), solids(
        box(x * 0.97, t, z * 0.96).at(z=-z * 0.48),
        pair(box(x, 0.015, z).at(y=t / 2, z=-z / 2), 1),
        box(0.02, t, z).at(-x / 2, 0, -z / 2),
        *([box(0.02, t * 1.4, z * 1.005).at(x * 0.38, 0, -z * 0.5025)] if c.some() else []),
    )


@product("19-06")
def pen(c: Chance) -> tuple[str, list[Part]]:
    n = c.one_of(36, 36, 36, 6, 8, 3)
    r, length = c.between(0.035, 0.06), c.between(0.9, 1.2)
    bulge = r * c.between(0.9, 1.3)
    body = lathe(
        [
            (0, 0),
            (0.008, 0),
            (r * 0.6, 0.12),
            (bulge, 0.3),
            (r, length * 0.6),
            (r * 0.9, length),
            (0, length),
        ],
        n,
    )
    clip = tube(
        [(0, -r * 1.0, length - 0.02), (0, -r * 1.6, length - 0.04), (0, -r * 1.2, length - 0.35)],
        1,
        section=rounded_rectangle(0.03, 0.012, 0.004, 3),
    )
    top = c.one_of(
        [cylinder(r * 0.5, 0.1, 20).at(z=length)],
        [ellipsoid(r * 0.9, r * 0.9, 0.03).at(z=length)],
        [lathe([(0, 0), (r * 1.05, 0), (r, 0.06), (0, 0.06)], 28).at(z=length)],
    )
    pencil = n < 36
    rings = (
        [torus(bulge * 0.97, 0.004, 30, 6).at(z=0.2 + 0.03 * k) for k in range(c.whole(0, 4))]
        if not pencil
        else []
    )
    return (
        "Pencil with faceted body"
        if pencil
        else c.one_of("Ballpoint pen with clip", "Pen with clip", "Writing instrument")
    ), [Part(m.turned(y=90)) for m in (body, *([] if pencil else [clip]), *top, *rings)]


@product("20-01")
def vending(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(3, 6)
    return "Vending machine with display window", solids(
        box(1, 0.8, 1.8),
        plate(rectangle(0.65, 1.25), 0.03, [rectangle(0.6, 1.2)]).at(-0.12, -0.4, 1.05),
        row(box(0.6, 0.02, 0.02).at(-0.12, -0.4, 1.05), n, z=1.2 / n),
        plate(rectangle(0.2, 0.3), 0.03).at(0.35, -0.4, 1.2),
        plate(rectangle(0.6, 0.2), 0.04).at(-0.12, -0.4, 0.25),
    )


@product("20-02")
def display(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(3, 5)
    z = c.between(1.2, 1.6)
    return f"Display stand with {n} shelves", solids(
        plate(rectangle(0.7, z), 0.04).at(y=0.25, z=z / 2),
        *(box(0.66, 0.4, 0.02).at(y=0.05, z=z * (k + 0.2) / n) for k in range(n)),
        *(box(0.66, 0.02, 0.07).at(y=-0.15, z=z * (k + 0.2) / n) for k in range(n)),
        pair(plate(rectangle(0.02, z), 0.5).at(0.35, 0, z / 2)),
        plate(rounded_rectangle(0.7, 0.3, 0.1), 0.03).at(y=0.25, z=z + 0.1),
    )


@product("20-03")
def sign(c: Chance) -> tuple[str, list[Part]]:
    outline = c.one_of(
        regular(8, 0.4, 22.5),
        oval(0.4, 0.4, 40),
        regular(3, 0.45, 90),
        rounded_rectangle(0.9, 0.5, 0.05),
        regular(4, 0.45),
    )
    a_frame = c.some(0.3)
    if a_frame:
        board = plate(rounded_rectangle(0.6, 1, 0.04), 0.03).at(z=0.5)
        return "Sidewalk sign with two boards", solids(
            board.turned(x=-14).at(y=-0.28), board.turned(x=14).at(y=0.28)
        )
    return c.one_of("Sign on a post", "Road sign", "Signboard with post"), solids(
        plate(outline, 0.03).at(z=1.4),
        plate(outline * 0.88, 0.04).at(z=1.4),
        cylinder(0.03, 1.5, 16).at(y=0.04),
    )
