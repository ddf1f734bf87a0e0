"""Motors, plugs, loudspeakers, computers and telephones."""

from __future__ import annotations

import math

import numpy as np

from train.corpus.chance import Chance, product, solids
from train.corpus.drawing import Part
from train.corpus.mesh import (
    Mesh,
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


def keys(n: int, m: int, x: float, y: float) -> Mesh:
    """Rows of n by m keys over x by y."""
    return row(row(rounded_box(x / n * 0.82, y / m * 0.82, 0.02, 0.01), n, x=x / n), m, y=y / m)


@product("13-01")
def motor(c: Chance) -> tuple[str, list[Part]]:
    r, length, n = 0.4, c.between(0.7, 1.1), c.whole(12, 28)
    fins = radial(box(0.1, 0.02, length * 0.8).at(r, 0, length * 0.1), n)
    parts = [
        cylinder(r, length, 40),
        fins,
        cylinder(r * 1.08, 0.06, 40).at(z=-0.03),
        cylinder(0.07, 0.3, 20).at(z=length),
        lathe([(0, length), (r, length), (r * 0.6, length + 0.08), (0, length + 0.08)], 40),
    ]
    body = [m.turned(x=90).at(y=length / 2) for m in parts]
    foot = [pair(box(0.2, length * 0.8, 0.06).at(0.32, 0, -r - 0.08)), box(0.3, 0.3, 0.16).at(z=r)]
    return "Electric motor with cooling fins", solids(*body, *foot)


@product("13-02")
def battery(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("cell", "car", "charger", "pack")
    if kind == "cell":
        return "Cylindrical battery cell", solids(
            cylinder(0.2, 0.8, 36),
            cylinder(0.07, 0.07, 24).at(z=0.8),
            torus(0.2, 0.008, 36, 6).at(z=0.7),
        )
    if kind == "car":
        return "Storage battery with terminals", solids(
            box(1, 0.6, 0.6),
            box(1.02, 0.62, 0.12).at(z=0.6),
            pair(cylinder(0.05, 0.12, 20, top=0.04).at(0.38, -0.2, 0.71)),
            row(cylinder(0.05, 0.03, 18).at(z=0.72), 6, x=0.14),
        )
    if kind == "charger":
        return c.one_of("Power adapter with prongs", "Wall charger"), solids(
            rounded_box(0.5, 0.5, 0.35, 0.08, 0.04).turned(x=90),
            pair(box(0.02, 0.25, 0.1).at(0.1, 0.12, 0.2)),
            plate(rounded_rectangle(0.16, 0.06, 0.02), 0.02).at(y=-0.36),
        )
    return c.one_of("Battery pack", "Power bank"), solids(
        rounded_box(0.6, 1.1, 0.2, c.between(0.05, 0.15), 0.05),
        rounded_box(0.12, 0.02, 0.06, 0.02).at(y=-0.55, z=0.06),
        row(cylinder(0.015, 0.01, 10).at(y=0.3, z=0.196), 4, x=0.06),
    )


@product("13-03")
def breaker(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(1, 4)
    side = side_plate(
        [(0, 0), (0.5, 0), (0.5, 0.9), (0, 0.9), (0, 0.7), (-0.1, 0.65), (-0.1, 0.3), (0, 0.25)],
        0.19,
    )
    lever = side_plate([(-0.2, 0.5), (-0.05, 0.42), (-0.05, 0.52), (-0.18, 0.58)], 0.1)
    return f"Circuit breaker with {n} pole{'s' if n > 1 else ''}", solids(
        row(side, n, x=0.2),
        row(lever, n, x=0.2),
        row(plate(oval(0.04, 0.04, 16), 0.02).at(z=0.82), n, x=0.2),
    )


@product("13-03")
def socket(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("plug", "outlet", "switch", "strip", "connector")
    if kind == "plug":
        n = c.whole(2, 3)
        pins = [
            cylinder(0.035, 0.35, 16).at(0.16 * math.cos(a), 0.16 * math.sin(a), 0.3)
            for a in np.linspace(0, 2 * math.pi, n, endpoint=False)
        ]
        body = c.one_of(
            lathe([(0, -0.4), (0.12, -0.4), (0.14, -0.2), (0.3, 0), (0.3, 0.3), (0, 0.3)], 32),
            superellipsoid(0.32, 0.2, 0.4, 4, 3),
        )
        return f"Electrical plug with {('two', 'three')[n - 2]} pins", [
            Part(m.turned(x=90))
            for m in (
                body,
                *pins,
                tube(spline([(0, 0, -0.35), (0, 0, -0.6), (0.1, 0, -0.9)], 12), 0.05),
            )
        ]
    if kind == "strip":
        n = c.whole(3, 6)
        face = [cylinder(0.16, 0.02, 30).at(0.4 * (k - (n - 1) / 2), 0, 0.2) for k in range(n)]
        holes = [
            pair(cylinder(0.03, 0.01, 12).at(0.07)).at(0.4 * (k - (n - 1) / 2), 0, 0.22)
            for k in range(n)
        ]
        return f"Power strip with {('three', 'four', 'five', 'six')[n - 3]} sockets", solids(
            rounded_box(0.4 * n + 0.25, 0.45, 0.21, 0.1, 0.04),
            *face,
            *holes,
            tube(
                spline(
                    [(0.2 * n, 0, 0.1), (0.2 * n + 0.3, 0, 0.1), (0.2 * n + 0.5, 0.2, 0.05)], 12
                ),
                0.04,
            ),
        )
    if kind == "connector":
        n = c.whole(2, 6)
        return f"Electrical connector with {n} poles", solids(
            box(0.2 * n + 0.1, 0.4, 0.3),
            row(extrude(rectangle(0.16, 0.16), 0.2, [rectangle(0.1, 0.1)]).at(z=0.3), n, x=0.2),
            row(box(0.03, 0.03, 0.3).at(z=-0.3), n, x=0.2),
            box(0.2, 0.1, 0.08).at(y=-0.25, z=0.15),
        )
    gangs = c.whole(1, 3)
    base = plate(rounded_rectangle(0.8 * gangs, 0.8, c.between(0.01, 0.12)), 0.05)
    parts = [base]
    for k in range(gangs):
        x = 0.8 * (k - (gangs - 1) / 2)
        if kind == "switch":
            parts.append(
                c.one_of(
                    plate(rounded_rectangle(0.55, 0.55, 0.03), 0.06).turned(x=4),
                    plate(rounded_rectangle(0.2, 0.4, 0.02), 0.08).turned(x=8),
                ).at(x, -0.03, 0)
            )
        else:
            ring = plate(oval(0.28, 0.28, 36), 0.06, [oval(0.25, 0.25, 36)]).at(x, -0.03, 0)
            parts += [ring, pair(plate(oval(0.03, 0.03, 14), 0.02).at(0.1, -0.03, 0)).at(x)]
    return (
        f"{'Wall switch' if kind == 'switch' else 'Electrical outlet'} with {('one gang', 'two gangs', 'three gangs')[gangs - 1]}",
        solids(*parts),
    )


@product("14-01")
def headphones(c: Chance) -> tuple[str, list[Part]]:
    if c.some(0.3):
        bud = join(
            [
                ellipsoid(0.16, 0.14, 0.2),
                tube([(0, 0, -0.1), (0.02, -0.02, -0.5)], 0.05),
                cylinder(0.07, 0.14, 20, top=0.05).turned(y=-60).at(-0.08, -0.05, 0.05),
            ]
        )
        return "Wireless earphones", solids(bud.at(0.4), bud.mirrored().at(-0.4))
    r = 0.5
    band = tube(
        np.column_stack([arc(r, -5, 185, 36)[:, 0], np.zeros(36), arc(r * 1.1, -5, 185, 36)[:, 1]]),
        1,
        section=rounded_rectangle(0.05, c.between(0.1, 0.2), 0.02, 3),
    )
    shape = c.one_of("round", "oval")
    cup = (
        join(
            [
                cylinder(0.2, 0.1, 36).at(z=0.02),
                torus(0.16, 0.06, 36, 12),
                cylinder(0.13, 0.03, 36).at(z=0.12),
            ]
        )
        .scaled(1, 1.25 if shape == "oval" else 1, 1)
        .turned(z=90)
        .turned(y=90)
        .at(r - 0.03, 0, -0.15)
    )
    parts = [band, pair(cup)]
    if c.some(0.3):
        parts.append(
            tube(
                spline([(r + 0.05, 0, -0.3), (r, -0.25, -0.45), (r * 0.5, -0.45, -0.45)], 16), 0.02
            )
        )
        return "Headset with microphone", solids(*parts)
    return f"Headphones with {shape} ear cups", solids(*parts)


@product("14-01")
def speaker(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("box", "cylinder", "bar")

    def cone(r: float) -> Mesh:
        return join(
            [
                lathe([(r * 0.86, 0), (r, 0), (r, 0.03), (r * 0.86, 0.03)], 36, closed=True),
                lathe(
                    [(0, -0.02), (r * 0.87, -0.02), (r * 0.87, 0.01), (r * 0.3, 0.005), (0, 0.012)],
                    36,
                ),
                ellipsoid(r * 0.28, r * 0.28, r * 0.12, 20),
            ]
        ).turned(x=90)

    if kind == "box":
        x, y, z = c.between(0.5, 0.7), c.between(0.4, 0.6), c.between(0.8, 1.3)
        n = c.whole(1, 3)
        cones = [
            cone(x * c.between(0.2, 0.38)).at(y=-y / 2, z=z * (k + 0.55) / (n + 0.1))
            for k in range(n)
        ]
        return f"Loudspeaker with {('one driver', 'two drivers', 'three drivers')[n - 1]}", solids(
            rounded_box(x, y, z, c.between(0, 0.08) + 1e-3), *cones
        )
    if kind == "cylinder":
        r, h = c.between(0.25, 0.4), c.between(0.5, 1)
        bands = [torus(r, 0.012, 40, 8).at(z=h * k / 12) for k in range(1, 11)] if c.some() else []
        return c.one_of(
            "Portable loudspeaker, cylindrical", "Wireless speaker with round body"
        ), solids(
            lathe([(0, 0), (r * 0.93, 0), (r, 0.05), (r, h - 0.05), (r * 0.93, h), (0, h)], 40),
            *bands,
            cylinder(r * 0.6, 0.02, 36).at(z=h),
            row(cylinder(0.03, 0.02, 16).at(z=h + 0.02), 3, x=0.1),
        )
    return "Sound bar", solids(
        rounded_box(2, 0.2, 0.2, 0.08, 0.05),
        row(plate(oval(0.07, 0.07, 28), 0.02).at(y=-0.1, z=0.1), 6, x=0.3),
        pair(box(0.2, 0.15, 0.04).at(0.7, 0, -0.03)),
    )


@product("14-02")
def computer(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("laptop", "monitor", "tablet", "mouse", "keyboard", "tower", "all")
    if kind == "laptop":
        x, y = 1.0, c.between(0.62, 0.72)
        a = c.between(15, 35)
        lid = plate(rounded_rectangle(x, y, 0.03), 0.02).at(z=y / 2)
        glass = plate(rectangle(x * 0.92, y * 0.86), 0.01).at(y=-0.01, z=y / 2)
        return "Laptop computer, opened", solids(
            rounded_box(x, y, 0.035, 0.03),
            keys(13, 5, x * 0.85, y * 0.42).at(y=y * 0.12, z=0.03),
            rounded_box(x * 0.3, y * 0.25, 0.006, 0.02).at(y=-y * 0.3, z=0.033),
            lid.turned(x=-a).at(y=y / 2, z=0.03),
            glass.turned(x=-a).at(y=y / 2, z=0.03),
        )
    if kind in ("monitor", "all"):
        x, z = c.between(1, 1.6), c.between(0.6, 0.75)
        stand = c.one_of(
            [box(0.12, 0.05, 0.35).at(y=0.05), rounded_box(0.45, 0.3, 0.02, c.between(0.01, 0.14))],
            [
                tube([(-0.2, -0.1, 0), (0, 0.06, 0.3), (0.2, -0.1, 0)], 0.02),
                tube([(0, 0.06, 0.3), (0, 0.2, 0)], 0.02),
            ],
            [cylinder(0.05, 0.35, 20).at(y=0.06), cylinder(0.2, 0.02, 40)],
        )
        return (
            f"{c.one_of('Monitor', 'Display screen', 'Computer monitor')} with stand",
            solids(
                plate(rounded_rectangle(x, z, 0.02), 0.05).at(z=0.3 + z / 2),
                plate(rectangle(x * 0.94, z * 0.9), 0.02).at(y=-0.025, z=0.3 + z / 2 + 0.01),
                box(x * 0.5, 0.06, z * 0.5).at(y=0.05, z=0.3 + z * 0.25),
                *stand,
            ),
        )
    if kind == "tablet":
        x, z = 0.75, 1.0
        return c.one_of("Tablet computer", "Electronic tablet"), solids(
            plate(rounded_rectangle(x, z, c.between(0.02, 0.08)), c.between(0.02, 0.05)),
            plate(rectangle(x * 0.88, z * 0.86), 0.01).at(y=-0.02),
            plate(oval(0.03, 0.03, 20), 0.01).at(y=-0.022, z=-z * 0.46),
            plate(oval(0.02, 0.02, 20), 0.02).at(x * 0.38, 0.02, z * 0.44),
        )
    if kind == "mouse":
        body = superellipsoid(0.3, 0.5, 0.2, c.between(2, 3), 2).changed(
            lambda v: (
                v
                * np.column_stack(
                    [
                        1 + 0.1 * v[:, 1],
                        np.ones(len(v)),
                        np.where(v[:, 2] < 0, 0.3, 1) + 0.2 * v[:, 1],
                    ]
                )
            )
        )
        return "Computer mouse with scroll wheel", solids(
            body,
            cylinder(0.07, 0.05, 24).turned(y=90).at(-0.025, -0.3, 0.12),
            *(
                [tube(spline([(0, -0.48, 0), (0, -0.7, 0), (0.1, -0.95, 0)], 12), 0.015)]
                if c.some()
                else []
            ),
        )
    if kind == "keyboard":
        x, y = 1.6, c.between(0.45, 0.6)
        n = c.whole(12, 18)
        return "Computer keyboard with rows of keys", solids(
            rounded_box(x, y, 0.05, c.between(0.01, 0.06)),
            keys(n, 5, x * 0.92, y * 0.82).at(z=0.045),
        )
    return "Computer tower case with drive bays", solids(
        box(0.5, 1, 1.1),
        plate(rectangle(0.42, 0.1), 0.03).at(y=-0.5, z=0.98),
        plate(rectangle(0.42, 0.1), 0.03).at(y=-0.5, z=0.85),
        plate(oval(0.04, 0.04, 20), 0.04).at(y=-0.5, z=0.7),
        row(plate(rectangle(0.36, 0.02), 0.03).at(y=-0.5, z=0.3), 8, z=0.04),
        corners(cylinder(0.04, 0.05, 14).at(0.2, 0.45, -0.05)),
    )


@product("14-03")
def phone(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("smart", "remote", "bar", "desk", "antenna", "radio")
    x, z = c.between(0.46, 0.55), 1.0
    if kind == "smart":
        t = c.between(0.05, 0.09)
        lenses = [
            plate(oval(0.04, 0.04, 22), 0.02).at(-x * 0.3, t / 2, z * (0.43 - 0.09 * k))
            for k in range(c.whole(1, 3))
        ]
        bump = (
            [plate(rounded_rectangle(0.13, 0.3, 0.05), 0.015).at(-x * 0.3, t / 2, z * 0.36)]
            if c.some()
            else []
        )
        return c.one_of(
            "Smartphone with cameras", "Mobile phone with large screen", "Smartphone"
        ), solids(
            plate(rounded_rectangle(x, z, c.between(0.03, 0.1)), t),
            plate(rounded_rectangle(x * 0.92, z * c.between(0.86, 0.95), 0.03), 0.01).at(y=-t / 2),
            *bump,
            *lenses,
            box(0.012, 0.02, 0.1).at(x / 2, 0, 0.15),
        )
    if kind == "remote":
        return "Remote control with buttons", solids(
            rounded_box(0.28, 1.2, 0.1, c.between(0.03, 0.13), 0.03),
            row(row(cylinder(0.03, 0.02, 16).at(z=0.095), 3, x=0.08), c.whole(4, 6), y=0.11).at(
                y=-0.25
            ),
            cylinder(0.1, 0.015, 32).at(y=0.25, z=0.095),
            cylinder(0.04, 0.025, 24).at(y=0.25, z=0.095),
        )
    if kind == "bar":
        return "Mobile telephone with keypad", solids(
            rounded_box(0.42, 0.12, 1, 0.06, 0.04),
            plate(rounded_rectangle(0.32, 0.3, 0.02), 0.02).at(y=-0.06, z=0.72),
            row(
                row(plate(rounded_rectangle(0.08, 0.05, 0.02), 0.03).at(y=-0.06), 3, x=0.11),
                4,
                z=0.08,
            ).at(z=0.28),
            *([cylinder(0.03, 0.2, 14).at(0.15, 0, 1)] if c.some() else []),
        )
    if kind == "desk":
        handset = tube(
            spline(
                [(-0.35, 0, 0.05), (-0.3, 0, 0.12), (0, 0, 0.17), (0.3, 0, 0.12), (0.35, 0, 0.05)],
                20,
            ),
            0.06,
        )
        return "Desk telephone with handset", solids(
            side_plate([(-0.45, 0), (0.4, 0), (0.4, 0.25), (-0.45, 0.08)], 0.8),
            handset.turned(z=90).at(-0.25, 0, 0.25),
            pair(cylinder(0.1, 0.07, 24).at(0.0, 0.33, 0.0), 1).at(-0.25, 0, 0.2),
            row(row(box(0.07, 0.06, 0.03), 3, x=0.1), 4, y=0.1).turned(x=11).at(0.15, -0.05, 0.16),
        )
    if kind == "radio":
        return "Two-way radio with antenna", solids(
            rounded_box(0.4, 0.22, 0.9, 0.05, 0.03),
            cylinder(0.04, 0.6, 16, top=0.03).at(0.12, 0, 0.88),
            cylinder(0.05, 0.1, 18).at(-0.1, 0, 0.88),
            row(plate(rectangle(0.26, 0.02), 0.02).at(y=-0.11, z=0.3), 6, z=0.05),
            plate(rounded_rectangle(0.28, 0.16, 0.02), 0.02).at(y=-0.11, z=0.65),
        )
    dish = lathe(
        [
            (0, 0),
            *(arc(1, -88, -50, 12) * 1.1 + [0, 1.1]),
            *(arc(1, -50, -88, 12) * 1.1 + [0, 1.14]),
            (0, 0.04),
        ],
        44,
    )
    return "Dish antenna with mast", solids(
        dish.turned(x=60),
        tube([(0, -0.02, 0), (0, -0.55, 0.35)], 0.02),
        cylinder(0.05, 0.1, 16).turned(x=60).at(0, -0.5, 0.3),
        cylinder(0.04, 1, 18).at(y=0.1, z=-1),
    )


@product("14-06")
def holder(c: Chance) -> tuple[str, list[Part]]:
    lean = c.between(10, 30)
    back = plate(rounded_rectangle(0.5, 0.8, 0.05), 0.04).at(z=0.4).turned(x=-lean)
    lip = [box(0.5, 0.2, 0.03).at(y=-0.08), box(0.5, 0.03, 0.1).at(y=-0.17)]
    base = c.one_of(
        rounded_box(0.6, 0.5, 0.04, 0.1).at(y=0.1, z=-0.3),
        cylinder(0.32, 0.04, 40).at(y=0.08, z=-0.3),
    )
    return c.one_of("Phone stand", "Tablet stand with base"), solids(
        back, *lip, base, tube([(0, 0.08, -0.28), (0, 0.08, 0.2)], 0.05)
    )
