"""Clothing, travel goods, textiles, jewellery and ornaments."""

from __future__ import annotations

import math

import numpy as np

from train.corpus.chance import Chance, product, solids
from train.corpus.drawing import Part
from train.corpus.mesh import (
    Doubles,
    Mesh,
    arc,
    box,
    corners,
    cylinder,
    ellipsoid,
    extrude,
    hollow,
    join,
    lathe,
    loft,
    mirrored_outline,
    oval,
    pair,
    plate,
    prism,
    radial,
    rectangle,
    regular,
    rounded_box,
    rounded_rectangle,
    row,
    spline,
    superellipsoid,
    torus,
    tube,
)


def wheel_small() -> Mesh:
    """A caster about the x axis."""
    return cylinder(0.035, 0.03, 20).turned(y=90).at(-0.015)


@product("02-02")
def garment(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("shirt", "trousers", "dress", "jacket", "vest", "skirt", "shorts")
    sleeve = c.between(0.3, 0.9)
    if kind in ("trousers", "shorts"):
        leg = c.between(1.0, 1.3) if kind == "trousers" else c.between(0.25, 0.5)
        half = np.array(
            [
                (0.02, 0.0),
                (0.06, -leg),
                (0.06 + c.between(0.18, 0.3), -leg),
                (0.36, 0.0),
                (0.3, 0.4),
                (0, 0.38),
            ]
        )
        return f"{kind.capitalize()} with waistband", solids(
            plate(mirrored_outline(half), 0.1),
            plate(rectangle(0.61, 0.07), 0.12).at(z=0.37),
            plate(rectangle(0.01, 0.3), 0.11).at(z=0.2),
            pair(plate(rectangle(0.01, 0.16), 0.11).turned(y=25).at(0.22, 0, 0.25)),
        )
    if kind in ("dress", "skirt"):
        flare = c.between(0.35, 0.7)
        if kind == "skirt":
            return "Pleated skirt", solids(
                plate(
                    mirrored_outline(np.array([(0, -0.9), (flare, -0.85), (0.27, 0), (0, 0)])), 0.1
                ),
                plate(rectangle(0.55, 0.08), 0.12),
                *(
                    plate(
                        [
                            (x * 0.5 - 0.004, 0),
                            (x * 0.5 + 0.004, 0),
                            (x * flare * 1.8 + 0.006, -0.86),
                            (x * flare * 1.8 - 0.006, -0.86),
                        ],
                        0.11,
                    )
                    for x in np.linspace(-0.4, 0.4, c.whole(3, 7))
                ),
            )
        half = spline(
            [
                (0.001, -1.1),
                (flare, -1.05),
                (0.25, -0.1),
                (0.3, 0.25),
                (0.22, 0.5),
                (0.14, 0.5),
                (0.08, 0.3),
                (0.001, 0.25),
            ],
            30,
        )
        return "Dress with flared skirt", solids(
            plate(mirrored_outline(half), 0.1), plate(rectangle(0.5, 0.06), 0.12).at(z=-0.1)
        )
    body = [(0.001, -0.6), (0.38, -0.6), (0.36, 0.1)]
    if kind != "vest":
        body += [
            (0.36 + sleeve * 0.5, 0.3 - sleeve * 0.75),
            (0.36 + sleeve * 0.5 + 0.16, 0.34 - sleeve * 0.7),
        ]
    half = np.array([*body, (0.36, 0.42), (0.14, 0.52), (0.08, 0.42), (0.001, 0.38)])
    parts = [plate(mirrored_outline(half), 0.1)]
    if kind in ("jacket", "shirt") and c.some(0.7):
        parts += [
            plate(rectangle(0.008, 0.98), 0.11).at(z=-0.1),
            *(
                plate(oval(0.018, 0.018, 12), 0.12).at(0.03, 0, z)
                for z in np.linspace(-0.5, 0.3, c.whole(3, 6))
            ),
            pair(plate([(0.02, 0.36), (0.16, 0.52), (0.2, 0.36)], 0.12)),
        ]
        return f"{'Jacket' if kind == 'jacket' else 'Shirt'} with collar and buttons", solids(
            *parts
        )
    if c.some(0.4):
        parts.append(plate(rounded_rectangle(0.4, 0.22, 0.06), 0.12).at(z=-0.35))
    return {
        "vest": "Sleeveless vest",
        "shirt": "T-shirt",
        "jacket": "Sweatshirt with pouch pocket",
    }[kind] + (" with short sleeves" if kind == "shirt" and sleeve < 0.5 else ""), solids(*parts)


@product("02-03")
def hat(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("cap", "brimmed", "beanie", "top")
    if kind == "cap":
        dome = lathe([(0, 0), (0.5, 0), *(arc(1, 8, 86, 12) * [0.5, 0.45]), (0, 0.46)], 36).scaled(
            0.9, 1, 1
        )
        peak = (
            extrude(
                np.concatenate([arc(0.46, 200, 340, 18), arc(0.7, 340, 200, 18) * [0.66, 1.05]]),
                0.02,
            )
            .turned(x=8)
            .at(z=0.02)
        )
        return "Cap with visor", solids(
            dome,
            peak,
            ellipsoid(0.03, 0.03, 0.02, 14).at(z=0.46),
            *(
                tube(
                    np.column_stack(
                        [arc(0.5, 3, 87, 14)[:, 0] * 1.0, np.zeros(14), arc(0.455, 3, 87, 14)[:, 1]]
                    ),
                    0.006,
                    6,
                )
                .turned(z=60 * k)
                .scaled(0.9, 1, 1)
                for k in range(6)
            ),
        )
    if kind == "beanie":
        return "Knitted hat with pompom", solids(
            lathe([(0, 0), (0.5, 0), *(arc(1, 8, 86, 12) * [0.5, 0.6]), (0, 0.61)], 36),
            lathe([(0.47, 0), (0.53, 0), (0.53, 0.2), (0.47, 0.2)], 40, closed=True),
            ellipsoid(0.13, 0.13, 0.13).at(z=0.68),
            radial(box(0.02, 0.03, 0.2).at(0.53), 40),
        )
    tall = 0.7 if kind == "top" else c.between(0.3, 0.42)
    brim = c.between(0.7, 1.0)
    return f"{'Top hat' if kind == 'top' else 'Hat with brim'} and band", solids(
        lathe(
            [
                (0, -0.02),
                (brim, 0.04),
                (brim, 0.06),
                (0.46, 0.02),
                (0.44 if kind != "top" else 0.48, tall),
                (0, tall * 0.95),
            ],
            44,
        ).scaled(0.88, 1, 1),
        lathe([(0.4, 0.02), (0.475, 0.02), (0.47, 0.12), (0.4, 0.12)], 44, closed=True).scaled(
            0.88, 1, 1
        ),
    )


@product("02-04")
def shoe(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("sneaker", "boot", "pump", "sandal", "slipper", "clog")
    heel = {"pump": c.between(0.25, 0.5), "boot": c.between(0.05, 0.3)}.get(
        kind, c.between(0.0, 0.06)
    )
    length = 1.4
    t = np.linspace(0, 1, 22)
    width = 0.2 * np.interp(
        t, [0, 0.04, 0.15, 0.4, 0.7, 0.9, 0.98, 1], [0.35, 0.62, 0.8, 0.68, 1.05, 0.85, 0.5, 0.2]
    )
    lift = heel * np.clip(1 - t / 0.62, 0, 1) ** 1.3
    y = length / 2 - length * t
    collar = {
        "sneaker": 0.36,
        "boot": 0.42,
        "pump": 0.26,
        "sandal": 0.05,
        "slipper": 0.26,
        "clog": 0.3,
    }[kind]
    height = (
        np.interp(
            t, [0, 0.1, 0.35, 0.55, 0.8, 1], [collar, collar, collar * 0.92, 0.26, 0.17, 0.05]
        )
        if kind != "slipper"
        else np.interp(t, [0, 0.45, 0.5, 0.6, 0.8, 1], [0.04, 0.04, 0.2, 0.24, 0.17, 0.05])
    )
    ring = oval(1, 1, 24, 2.6)

    def skin(low: Doubles, high: Doubles, grow: float) -> Mesh:
        rings = []
        for k in range(22):
            middle, half = (low[k] + high[k]) / 2, max((high[k] - low[k]) / 2, 0.004)
            rings.append(
                np.column_stack(
                    [
                        ring[:, 0] * width[k] * grow,
                        np.full(24, y[k] * (1 + 0.02 * (grow - 1))),
                        middle + ring[:, 1] * half,
                    ]
                )
            )
        return loft(np.stack(rings))

    sole_t = c.between(0.05, 0.12) if kind in ("sneaker", "clog", "slipper") else 0.035
    sole = skin(lift, lift + sole_t, 1.07)
    parts = [sole]
    if kind == "sandal":
        straps = [
            tube(
                np.column_stack(
                    [
                        arc(width[k] * 1.05, -5, 185, 18)[:, 0],
                        np.full(18, y[k]),
                        arc(0.15, -5, 185, 18)[:, 1] + lift[k] + sole_t,
                    ]
                ),
                1,
                section=rounded_rectangle(0.02, 0.12, 0.008, 3),
            )
            for k in (7, 14, 17)
        ]
        return "Sandal with straps", [Part(m.turned(z=-90)) for m in (*parts, *straps)]
    upper = skin(lift + sole_t * 0.5, lift + height + 0.04, 1.0)
    parts.append(upper)
    if kind == "boot":
        top = c.between(0.6, 1.1)
        ankle = [
            np.column_stack([ring[:, 0] * w, y[4] + ring[:, 1] * d, np.full(24, z + heel)])
            for w, d, z in (
                (0.15, 0.26, 0.28),
                (0.15, 0.2, 0.5),
                (0.18, 0.23, top * 0.8 + 0.1),
                (0.19, 0.24, top + 0.1),
            )
        ]
        parts.append(loft(np.stack(ankle)))
    elif kind in ("sneaker", "pump", "clog"):
        opening = (
            extrude(oval(0.11, 0.22, 28), 0.04)
            .turned(x=-8)
            .at(y=y[5] + 0.0, z=float(lift[5] + height[5]) + 0.015)
        )
        parts.append(opening)
    if heel > 0.1:
        parts.append(
            loft(
                np.stack(
                    [
                        np.column_stack(
                            [
                                oval(
                                    0.05 if kind == "pump" else 0.12,
                                    0.05 if kind == "pump" else 0.15,
                                    20,
                                )
                                + [0, length / 2 - 0.17],
                                np.zeros(20),
                            ]
                        ),
                        np.column_stack(
                            [oval(0.13, 0.16, 20) + [0, length / 2 - 0.18], np.full(20, heel)]
                        ),
                    ]
                )
            )
        )
    if kind == "sneaker":
        parts += [
            tube([(-0.09, y[k], height[k] + 0.06), (0.09, y[k] - 0.02, height[k] + 0.06)], 0.014, 8)
            for k in (9, 10, 11, 12, 13)
        ]
    words = {
        "sneaker": "Athletic shoe with laces",
        "boot": "Boot with shaft",
        "pump": "High-heeled shoe",
        "slipper": "Slipper, open heel",
        "clog": "Clog with thick sole",
    }[kind]
    return words, [Part(m.turned(z=-90)) for m in parts]


@product("02-06")
def glove(c: Chance) -> tuple[str, list[Part]]:
    fingers = [
        tube(
            [
                (0.12 * (k - 1.5), 0, 0.4),
                (0.16 * (k - 1.5), 0, 0.75 + 0.1 * math.sin(k * 0.9 + 0.4)),
            ],
            0.065,
        )
        for k in range(4)
    ]
    tips = [
        ellipsoid(0.065, 0.065, 0.065, 16).at(
            0.16 * (k - 1.5), 0, 0.75 + 0.1 * math.sin(k * 0.9 + 0.4)
        )
        for k in range(4)
    ]
    thumb = tube([(0.2, 0, 0.05), (0.38, 0, 0.35)], [0.09, 0.065])
    return "Glove with five fingers", solids(
        superellipsoid(0.26, 0.1, 0.3, 3, 3).at(z=0.2),
        join([*fingers, *tips]),
        join([thumb, ellipsoid(0.065, 0.065, 0.065, 16).at(0.38, 0, 0.35)]),
        tube([(0, 0, -0.3), (0, 0, 0)], 1, section=oval(0.23, 0.1, 24)),
    )


@product("02-07")
def belt(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("belt", "button", "buckle", "zip")
    if kind == "button":
        n = c.one_of(2, 4)
        holes = [
            oval(0.06, 0.06, 16) + [0.12 * math.cos(a), 0.12 * math.sin(a)]
            for a in np.linspace(0.8, 0.8 + 2 * math.pi, n, endpoint=False)
        ]
        return f"Button with {n} holes", solids(
            extrude(oval(0.4, 0.4, 40), 0.08, holes), torus(0.42, 0.06).at(z=0.04)
        )
    frame = plate(
        rounded_rectangle(0.5, 0.6, c.between(0.02, 0.2)),
        0.06,
        [rounded_rectangle(0.36, 0.44, 0.03)],
    )
    prong = box(0.4, 0.04, 0.03).at(0.05, -0.03, 0)
    if kind == "buckle":
        return "Belt buckle with prong", solids(
            frame, prong, cylinder(0.03, 0.6, 12).at(-0.05, 0, -0.3)
        )
    if kind == "zip":
        n = c.whole(12, 20)
        return "Zip fastener with pull tab", solids(
            pair(row(box(0.06, 0.04, 0.03), n, z=0.06).at(0.025)),
            pair(box(0.2, 0.01, 0.06 * n).at(0.15, 0, -0.03 * n)),
            rounded_box(0.14, 0.1, 0.16, 0.03).at(z=0.2),
            plate(
                rounded_rectangle(0.1, 0.3, 0.05),
                0.02,
                [rounded_rectangle(0.05, 0.12, 0.02) + [0, -0.05]],
            ).at(y=-0.07, z=0.1),
        )
    path = np.column_stack(
        [
            0.55 * np.cos(np.linspace(0.2, 6.1, 44)),
            0.55 * np.sin(np.linspace(0.2, 6.1, 44)),
            np.zeros(44),
        ]
    )
    return "Belt with buckle", solids(
        tube(path, 1, section=rectangle(0.02, 0.14)),
        frame.turned(z=90).scaled(0.4, 0.4, 0.4).at(x=0.55),
    )


@product("03-01")
def bag(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("suitcase", "handbag", "backpack", "briefcase", "wallet", "tote")
    x, y, z = c.between(0.6, 0.9), c.between(0.2, 0.35), c.between(0.5, 1.0)
    if kind == "suitcase":
        n = c.whole(0, 6)
        ribs = (
            [row(box(0.04, y * 1.02, z * 0.85).at(z=z * 0.08 + 0.06), n, x=x / (n + 1))]
            if n
            else []
        )
        pull = tube(
            [
                (-0.15, y * 0.3, z),
                (-0.15, y * 0.3, z + 0.45),
                (0.15, y * 0.3, z + 0.45),
                (0.15, y * 0.3, z),
            ],
            0.015,
        )
        return f"Suitcase with wheels{' and ribbed shell' if n else ''}", solids(
            rounded_box(x, y, z, 0.07, 0.05).at(z=0.06),
            *ribs,
            pull,
            corners(wheel_small().at(x * 0.38, y * 0.3, 0.03)),
            tube(
                spline(
                    [
                        (-0.1, 0, z + 0.06),
                        (-0.08, 0, z + 0.12),
                        (0.08, 0, z + 0.12),
                        (0.1, 0, z + 0.06),
                    ],
                    14,
                ),
                0.015,
            ),
        )
    if kind == "backpack":
        strap = tube(
            spline(
                [
                    (0.12, y / 2, z * 0.9),
                    (0.16, y / 2 + 0.18, z * 0.75),
                    (0.2, y / 2 + 0.12, z * 0.35),
                    (0.22, y / 2, z * 0.1),
                ],
                20,
            ),
            1,
            section=rounded_rectangle(0.09, 0.025, 0.01, 3),
        )
        return "Backpack with front pocket", solids(
            rounded_box(x * 0.75, y, z, 0.12, 0.09),
            rounded_box(x * 0.6, 0.1, z * 0.45, 0.05, 0.04).at(y=-y / 2 - 0.03, z=z * 0.06),
            pair(strap),
            tube(
                spline([(-0.06, y * 0.4, z), (0, y * 0.4, z + 0.08), (0.06, y * 0.4, z)], 10), 0.014
            ),
            tube(
                np.column_stack(
                    [
                        arc(x * 0.33, 20, 160, 20)[:, 0],
                        np.full(20, -y / 2 - 0.005),
                        arc(z * 0.3, 20, 160, 20)[:, 1] + z * 0.55,
                    ]
                ),
                0.008,
                6,
            ),
        )
    if kind == "wallet":
        return "Wallet with flap and clasp", solids(
            rounded_box(0.9, 0.12, 0.5, 0.04, 0.02),
            plate(
                mirrored_outline(np.array([(0, -0.15), (0.42, 0), (0.45, 0.25), (0, 0.25)])), 0.03
            ).at(y=-0.07, z=0.25),
            plate(oval(0.04, 0.04, 18), 0.03).at(y=-0.09, z=0.16),
        )
    if kind == "briefcase":
        return "Briefcase with handle and locks", solids(
            rounded_box(1, 0.25, 0.7, 0.05, 0.03),
            tube(
                spline([(-0.15, 0, 0.69), (-0.13, 0, 0.82), (0.13, 0, 0.82), (0.15, 0, 0.69)], 16),
                0.022,
            ),
            pair(box(0.08, 0.04, 0.1).at(0.3, -0.13, 0.58)),
            box(1.005, 0.02, 0.71).at(y=0.0, z=-0.003),
        )
    taper = c.between(0.75, 1.15)
    body = rounded_box(x, y, z * 0.7, 0.06, 0.03).tapered(taper, c.between(0.3, 0.9))
    handle = tube(
        spline(
            [
                (-x * 0.28 * taper, 0, z * 0.66),
                (-x * 0.2, 0, z * 1.1),
                (x * 0.2, 0, z * 1.1),
                (x * 0.28 * taper, 0, z * 0.66),
            ],
            24,
        ),
        0.016,
    )
    two = c.some()
    parts = [body, *([handle.at(y=0.05), handle.at(y=-0.05)] if two else [handle])]
    if kind == "handbag" and c.some(0.6):
        parts.append(
            plate(
                mirrored_outline(
                    spline(
                        [(0.001, -0.05), (x * 0.3, 0.02), (x * 0.42 * taper, 0.3), (0.001, 0.3)], 16
                    )
                ),
                0.02,
            ).at(y=-y * 0.42, z=z * 0.4)
        )
        parts.append(plate(rounded_rectangle(0.08, 0.06, 0.01), 0.04).at(y=-y * 0.44, z=z * 0.4))
    return (
        f"{'Tote bag' if kind == 'tote' else 'Handbag'} with {'two handles' if two else 'a handle'}",
        solids(*parts),
    )


@product("03-03")
def umbrella(c: Chance) -> tuple[str, list[Part]]:
    n = c.one_of(6, 8, 8, 10)
    h, r = c.between(0.25, 0.5), 0.9
    points = [(r * s, h * (1 - s**2)) for s in np.linspace(1, 0.02, 12)]
    canopy = lathe(
        [*points, (0, h), (0, h - 0.01), *[(a * 0.99, b - 0.012) for a, b in reversed(points)]], n
    )
    rib = [tube([(a * 0.99, 0, b - 0.015) for a, b in points], 0.008, 6)]
    if c.some(0.35):
        return "Parasol with base", solids(
            canopy.at(z=1.2), cylinder(0.025, 1.65, 16), cylinder(0.3, 0.06, 40)
        )
    low = -0.9
    hook = np.concatenate([[(0, h)], [(0, low)], arc(0.09, 180, 360, 12) * [-1, 1] + [-0.09, low]])
    return f"Umbrella with crook handle, {n} panels", solids(
        canopy,
        radial(rib[0], n),
        tube(np.insert(hook, 1, 0, axis=1), 0.018),
        cylinder(0.012, 0.1, 10).at(z=h),
    )


@product("03-04")
def fan(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(8, 16)
    blades = [
        plate(np.array([(-0.02, 0), (0.02, 0), (0.08, 1), (-0.08, 1)]), 0.012)
        .turned(y=a)
        .at(y=0.004 * k)
        for k, a in enumerate(np.linspace(-75, 75, n))
    ]
    return "Folding hand fan", solids(*blades, cylinder(0.03, 0.1, 16).turned(x=90).at(y=0.07))


@product("05-05")
def fabric(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(3, 6)
    motif = c.one_of("dots", "diamonds", "stripes", "checks", "hexagons", "waves", "flowers")
    z = 0.01
    sheet = [box(1, 1, 0.02)]
    if motif == "stripes":
        items = [row(box(c.between(0.02, 0.1), 1, z).at(z=0.02), n * 2, x=1 / (n * 2))]
    elif motif == "checks":
        items = [
            row(box(0.04, 1, z).at(z=0.02), n, x=1 / n),
            row(box(1, 0.04, z).at(z=0.022), n, y=1 / n),
        ]
    elif motif == "waves":
        x = np.linspace(-0.5, 0.5, 40)
        items = [
            tube(
                np.column_stack(
                    [
                        x,
                        0.04 * np.sin(x * 2 * math.pi * n) + (k - n / 2 + 0.5) / n,
                        np.full(40, 0.02),
                    ]
                ),
                0.008,
                6,
            )
            for k in range(n)
        ]
    else:
        s = 0.36 / n
        one = {
            "dots": cylinder(s, z, 20),
            "diamonds": prism(4, s * 1.2, z),
            "hexagons": extrude(regular(6, s * 1.3), z, [regular(6, s * 0.9)]),
            "flowers": radial(extrude(oval(s * 0.5, s * 0.3, 14), z).at(s * 0.6), 5),
        }[motif].at(z=0.02)
        items = [row(row(one, n, x=1 / n), n, y=1 / n)]
    return f"Textile fabric with {motif}", [Part(m.turned(x=90)) for m in [*sheet, *items]]


@product("11-01")
def necklace(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("earring", "pendant", "bracelet", "beads")
    if kind == "beads":
        n = c.whole(16, 30)
        return "Necklace of beads", solids(
            radial(ellipsoid(0.09, 0.09, 0.09, 14).at(1), n).turned(x=90)
        )
    if kind == "bracelet":
        n = c.whole(10, 18)
        link = torus(0.16, 0.035, 20, 8).scaled(1, 1.4, 1)
        parts = [
            (link if k % 2 else link.turned(y=90)).at(x=1).turned(z=360 * k / n) for k in range(n)
        ]
        return "Chain bracelet", solids(*parts)
    drop = c.one_of(
        ellipsoid(0.15, 0.08, 0.25),
        plate(regular(6, 0.22), 0.05),
        torus(0.2, 0.04).turned(x=90),
        plate(
            spline(
                [(0, -0.3), (0.25, 0.05), (0.12, 0.2), (0, 0.1), (-0.12, 0.2), (-0.25, 0.05)],
                40,
                closed=True,
            ),
            0.08,
        ),
    )
    loop = torus(0.05, 0.012, 24, 8).turned(x=90)
    if kind == "earring":
        wire = np.column_stack(
            [np.zeros(20), arc(0.12, 200, -20, 20)[:, 0], arc(0.12, 200, -20, 20)[:, 1] + 0.45]
        )
        return "Drop earring with hook", solids(drop, loop.at(z=0.29), tube(wire, 0.012, 10))
    n = c.whole(20, 30)
    chain = [
        torus(0.04, 0.01, 14, 6)
        .turned(x=90 if k % 2 else 0, y=0)
        .at(0.6 * math.sin(t), 0, 0.95 - 0.65 * math.cos(t))
        for k, t in enumerate(np.linspace(0.05, 2 * math.pi - 0.05, 2 * n))
    ]
    return "Pendant on a chain", [*solids(drop, loop.at(z=0.28)), Part(join(chain))]


@product("11-01")
def finger_ring(c: Chance) -> tuple[str, list[Part]]:
    r, t = 0.5, c.between(0.03, 0.09)
    band = c.one_of(
        torus(r, t, 48, 16),
        lathe(
            [
                (r - t / 2, -t * 1.4),
                (r + t / 2, -t * 1.4),
                (r + t / 2, t * 1.4),
                (r - t / 2, t * 1.4),
            ],
            48,
            closed=True,
        ),
    ).turned(x=90)
    if c.some(0.2):
        return "Finger ring, plain band", solids(band)
    n = c.one_of(4, 6, 8, 12)
    g = c.between(0.12, 0.28)
    stone = lathe([(0, -g), (g, 0), (g * 0.6, g * 0.4), (0, g * 0.4)], n).at(z=r + g * 0.9)
    prongs = radial(tube([(g * 0.3, 0, r), (g * 1.0, 0, r + g * 1.05)], 0.02, 8), c.one_of(3, 4, 6))
    small = (
        [
            ellipsoid(0.05, 0.05, 0.05, 12).at(x=0.53).turned(y=-90 + s * a)
            for s in (-1, 1)
            for a in (28, 42, 56)
        ]
        if c.some(0.4)
        else []
    )
    return (
        f"Ring with {'side stones and ' if small else ''}{c.one_of('gemstone', 'faceted stone')}",
        solids(band, stone, prongs, *small),
    )


@product("11-02")
def planter(c: Chance) -> tuple[str, list[Part]]:
    r, h, n = c.between(0.35, 0.6), c.between(0.4, 0.9), c.one_of(40, 40, 4, 6, 8)
    pot_ = hollow(
        [(0, 0), (r * c.between(0.55, 1), 0), (r, h * 0.85), (r * 1.1, h * 0.85), (r * 1.1, h)],
        0.03,
        n,
    )
    if n == 4:
        pot_ = pot_.turned(z=45)
    if c.some(0.35):
        return "Planter on a stand", solids(
            pot_.at(z=0.3),
            radial(tube([(r * 1.0, 0, 0), (r * 0.85, 0, 0.6)], 0.025), 4, 45),
            torus(r * 0.9, 0.02).at(z=0.3),
        )
    return (
        f"{c.one_of('Flower pot', 'Planter', 'Plant pot')} with {c.one_of('rim', 'tapered sides')}",
        solids(pot_),
    )


@product("11-02")
def vase(c: Chance) -> tuple[str, list[Part]]:
    h, n = c.between(0.8, 1.6), c.one_of(40, 40, 40, 6, 8, 12)
    k = c.whole(3, 5)
    curve = spline(
        [
            (c.between(0.2, 0.4), 0),
            *((c.between(0.15, 0.55), h * (i + 1) / (k + 1)) for i in range(k)),
            (c.between(0.15, 0.4), h),
        ],
        26,
    )
    body = hollow([(0, 0), *curve], 0.03, n)
    if n < 40 and c.some(0.5):
        body = body.twisted(c.between(20, 90))
    handles = (
        [
            pair(
                tube(
                    spline(
                        [
                            (curve[8, 0] * 0.95, 0, curve[8, 1]),
                            (curve[:, 0].max() * 1.3, 0, h * 0.65),
                            (curve[20, 0] * 0.95, 0, curve[20, 1]),
                        ],
                        18,
                    ),
                    0.03,
                )
            )
        ]
        if c.some(0.25)
        else []
    )
    words = (
        "twisted facets"
        if n < 40
        else "two handles"
        if handles
        else c.one_of("narrow neck", "flared rim", "curved body")
    )
    if n < 40:
        words = "faceted sides"
    return f"{c.one_of('Vase', 'Flower vase', 'Urn')} with {words}", solids(body, *handles)


@product("11-03")
def medal(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(5, 12)
    star = regular(2 * n, 1) * np.tile([0.5, c.between(0.3, 0.42)], n)[:, None]
    body = c.one_of(
        plate(oval(0.42, 0.42, 44), 0.06), plate(star, 0.06), plate(regular(8, 0.45), 0.06)
    )
    return "Medal with ribbon", solids(
        body,
        plate(oval(0.25, 0.25, 36), 0.08),
        plate(regular(10, 1) * np.tile([0.18, 0.08], 5)[:, None], 0.1).turned(y=18),
        torus(0.06, 0.015, 24, 8).turned(x=90).at(z=0.5),
        plate([(-0.15, 1.1), (0.15, 1.1), (0.15, 0.68), (0, 0.52), (-0.15, 0.68)], 0.02),
    )


@product("11-05")
def ornament(c: Chance) -> tuple[str, list[Part]]:
    if c.some():
        tiers = c.whole(3, 5)
        return "Artificial Christmas tree", solids(
            cylinder(0.06, 0.3, 16),
            *(
                cylinder(0.5 - 0.1 * k, 0.4, c.one_of(8, 36), top=0.04).at(z=0.25 + 0.25 * k)
                for k in range(tiers)
            ),
            plate(regular(10, 1) * np.tile([0.12, 0.05], 5)[:, None], 0.03)
            .turned(y=18)
            .at(z=0.35 + 0.25 * tiers + 0.1),
        )
    return "Christmas tree ball with cap", solids(
        ellipsoid(0.5, 0.5, c.between(0.4, 0.65)),
        *(torus(0.5, 0.02).at(z=z).scaled(0.99, 0.99, 1) for z in (0,)),
        cylinder(0.1, 0.16, 24).at(z=0.45),
        torus(0.07, 0.015, 24, 8).turned(x=90).at(z=0.66),
    )
