"""What one cooks in, eats from and keeps house with."""

from __future__ import annotations

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
    side_plate,
    spline,
    superellipsoid,
    torus,
    tube,
)


def loop_handle(c: Chance, x: float, low: float, high: float, out: float, r: float) -> Mesh:
    """A handle in the x, z plane from (x, low) to (x, high), reaching ``out`` to the right."""
    kind = c.one_of("round", "square", "ear")
    if kind == "square":
        path = [(x, 0, low), (x + out, 0, low), (x + out, 0, high), (x, 0, high)]
        return tube(path, r, 8, section=rounded_rectangle(2, 2, 0.4, 3))
    if kind == "ear":
        path = [
            (x, 0, low),
            (x + out * 0.6, 0, low + (high - low) * 0.3),
            (x + out, 0, high),
            (x, 0, high),
        ]
    else:
        path = [
            (x, 0, low),
            (x + out, 0, low + (high - low) * 0.2),
            (x + out, 0, high - (high - low) * 0.2),
            (x, 0, high),
        ]
    return tube(spline(path, 20), r, 14)


def blade(length: float, width: float, c: Chance) -> Doubles:
    """The outline of a knife's blade from x = 0 to ``length``."""
    tip = c.between(-0.4, 0.5) * width
    return np.array(
        [
            (0, -width / 2),
            *spline([(length * 0.6, -width / 2), (length * 0.85, -width * 0.4), (length, tip)], 10),
            (length * c.between(0.6, 0.95), width / 2),
            (0, width / 2),
        ]
    )


@product("07-01")
def bowl(c: Chance) -> tuple[str, list[Part]]:
    r, h = c.between(0.5, 1), c.between(0.2, 0.6)
    foot = r * c.between(0.3, 0.6)
    n = c.one_of(40, 40, 40, 8, 6)
    curve = spline([(foot, 0.04), (r * c.between(0.6, 0.95), h * 0.4), (r, h)], 12)
    parts = [hollow([(0, 0), (foot * 0.9, 0), (foot, 0.04), *curve[1:]], 0.04, n)]
    if c.some(0.25):
        parts.append(
            pair(
                tube(
                    spline(
                        [
                            (r * 0.95, -0.15, h * 0.9),
                            (r * 1.15, 0, h * 0.9),
                            (r * 0.95, 0.15, h * 0.9),
                        ],
                        14,
                    ),
                    0.03,
                )
            )
        )
        return "Bowl with two handles", solids(*parts)
    return (
        f"{c.one_of('Bowl', 'Salad bowl', 'Serving bowl', 'Dish')}{' with faceted sides' if n < 40 else ''}",
        solids(*parts),
    )


@product("07-01")
def dish(c: Chance) -> tuple[str, list[Part]]:
    r, h = 1.0, c.between(0.06, 0.16)
    kind = c.one_of("round", "oval", "square", "octagonal")
    well = c.between(0.55, 0.75)
    outline = {
        "round": oval(1, 1, 48),
        "oval": oval(1, c.between(0.6, 0.75), 48),
        "square": rounded_rectangle(2, 2, c.between(0.1, 0.5), 8),
        "octagonal": regular(8, 1.1, 22.5),
    }[kind]
    rings = [
        (well * 0.9, 0),
        (well, 0.02),
        (r, h),
        (r, h + 0.02),
        (well, 0.045),
        (well * 0.85, 0.03),
    ]

    plate_ = loft(
        np.stack([np.column_stack([outline * s, np.full(len(outline), z)]) for s, z in rings])
    )
    return (
        f"{kind.capitalize()} {c.one_of('plate', 'dinner plate', 'serving plate', 'tray')}",
        solids(plate_),
    )


@product("07-01")
def mug(c: Chance) -> tuple[str, list[Part]]:
    h, r = c.between(0.7, 1.4), c.between(0.35, 0.55)
    mid, low = r * c.between(0.8, 1.25), r * c.between(0.6, 1)
    body = hollow([(0, 0), (low, 0), *spline([(low, 0.02), (mid, h * 0.5), (r, h)], 14)], 0.04, 40)
    big = loop_handle(
        c, (mid + r) / 2 - 0.05, h * 0.22, h * 0.8, c.between(0.2, 0.35), c.between(0.03, 0.06)
    )
    name, shape = (
        c.one_of("Mug", "Cup", "Coffee mug", "Tea cup"),
        "bulging" if mid > r * 1.08 else "waisted" if mid < r * 0.92 else "straight",
    )
    parts = solids(body, big)
    if c.some(0.3):
        parts += solids(
            lathe([(0, 0), (r * 1.6, 0.08), (r * 1.65, 0.12), (r * 0.8, 0.05), (0, 0.05)], 44).at(
                z=-0.06
            )
        )
        return f"{name} with saucer", parts
    return f"{name} with handle and {shape} sides", parts


@product("07-01")
def pitcher(c: Chance) -> tuple[str, list[Part]]:
    r, h = c.between(0.35, 0.5), c.between(0.9, 1.4)
    body = hollow(
        [
            (0, 0),
            (r * 0.8, 0),
            *spline(
                [
                    (r * 0.8, 0.02),
                    (r * c.between(0.9, 1.2), h * 0.35),
                    (r * c.between(0.55, 0.9), h * 0.8),
                    (r * 0.85, h),
                ],
                20,
            ),
        ],
        0.03,
        40,
    )

    def lip(v: Doubles) -> Doubles:
        pull = (
            np.exp(-((v[:, 1] / 0.15) ** 2))
            * (v[:, 0] < 0)
            * np.clip((v[:, 2] / h - 0.75) / 0.25, 0, 1)
        )
        return v - np.column_stack([0.18 * pull, 0 * pull, 0 * pull])

    return f"{c.one_of('Pitcher', 'Jug', 'Carafe')} with handle", solids(
        body.changed(lip), loop_handle(c, r * 0.75, h * 0.3, h * 0.85, 0.35, 0.045)
    )


@product("07-01")
def teapot(c: Chance) -> tuple[str, list[Part]]:
    r, h = c.between(0.4, 0.6), c.between(0.5, 0.9)
    curve = spline([(r * 0.6, 0), (r, h * 0.4), (r * c.between(0.45, 0.8), h)], 18)
    tall = h > 0.75
    spout = tube(
        spline([(-r * 0.8, 0, h * 0.25), (-r * 1.3, 0, h * 0.5), (-r * 1.55, 0, h * 0.95)], 16),
        np.linspace(0.12, 0.05, 16),
    )
    lid = lathe(
        [
            (0, h),
            (curve[-1, 0] * 1.02, h),
            (curve[-1, 0] * 0.6, h + 0.1),
            (0.03, h + 0.13),
            (0.06, h + 0.18),
            (0.04, h + 0.23),
            (0, h + 0.24),
        ],
        36,
    )
    handle = loop_handle(c, r * 0.8, h * 0.2, h * 0.85, 0.35, 0.04)
    name = c.one_of("Coffee pot", "Jug with lid") if tall else c.one_of("Teapot", "Tea kettle")
    return f"{name} with {c.one_of('curved spout', 'spout and handle', 'lid and spout')}", solids(
        lathe([(0, 0), *curve, (0, h)], 40), spout, lid, handle
    )


@product("07-01")
def tumbler(c: Chance) -> tuple[str, list[Part]]:
    h, r, n = c.between(0.7, 1.3), c.between(0.3, 0.45), c.one_of(6, 8, 10, 12, 40, 40)
    glass = hollow([(0, 0), (r * c.between(0.7, 1), 0), (r, h)], 0.03, n)
    rings = (
        [torus(r * 0.97, 0.015, 40, 8).at(z=h * (0.8 + 0.05 * k)) for k in range(c.whole(0, 3))]
        if n == 40
        else []
    )
    return (
        f"{c.one_of('Tumbler', 'Drinking glass', 'Beaker')}{' with faceted sides' if n < 40 else ''}",
        solids(glass, *rings),
    )


@product("07-01")
def wine_glass(c: Chance) -> tuple[str, list[Part]]:
    h, r = c.between(0.5, 1), c.between(0.25, 0.45)
    stem, bowl = h, c.between(0.5, 1)
    kind = c.one_of("tulip", "flute", "coupe", "conical")
    top = {
        "tulip": [(r, 0.4), (r * 0.75, 1)],
        "flute": [(r * 0.55, 0.35), (r * 0.5, 1)],
        "coupe": [(r * 1.2, 0.3), (r * 1.4, 0.5)],
        "conical": [(r * 0.6, 0.5), (r * 1.3, 1)],
    }[kind]
    outer = [
        (0, 0),
        (r * 0.9, 0),
        (r * 0.9, 0.015),
        (0.06, 0.06),
        (0.03, stem * 0.4),
        (0.035, stem),
    ]
    cup = spline(
        [(0.035, stem), *((a, stem + bowl * (1.5 if kind == "flute" else 1) * b) for a, b in top)],
        18,
    )
    inner = np.maximum(cup - [0.015, 0], [0.01, stem + 0.04])[::-1]
    glass = lathe([*outer, *cup[1:], *inner, (0, stem + 0.04)], 40)
    return (
        f"{c.one_of('Wine glass', 'Stemware glass', 'Goblet', 'Drinking glass')} with {kind} bowl",
        solids(glass),
    )


@product("07-02")
def barbecue(c: Chance) -> tuple[str, list[Part]]:
    r = c.between(0.28, 0.36)
    z = c.between(0.55, 0.75)
    base = lathe([*(arc(r, -88, 0, 16) * [1, 0.7] + [0, z]), (r + 0.015, z), (0, z)], 36)
    lid = lathe(
        [(0, z), (r + 0.01, z), *(arc(r, 2, 88, 16) * [1, c.between(0.5, 0.8)] + [0, z + 0.015])],
        36,
    )
    leg = tube([(r * 0.6, 0, z - r * 0.5), (r * 1.3, 0, 0)], 0.012)
    wheels = pair(cylinder(0.08, 0.03, 24).turned(y=90).at(0.2, 0.24, 0.08))
    return "Kettle barbecue grill with lid", solids(
        base,
        lid,
        radial(leg, 3, 90),
        wheels,
        tube(
            spline(
                [
                    (-0.06, 0, z + r * 0.6),
                    (-0.06, 0, z + r * 0.95),
                    (0.06, 0, z + r * 0.95),
                    (0.06, 0, z + r * 0.6),
                ],
                14,
            ),
            0.012,
        ),
    )


@product("07-02")
def frying_pan(c: Chance) -> tuple[str, list[Part]]:
    r, h = c.between(0.5, 0.65), c.between(0.08, 0.2)
    n = c.one_of(48, 48, 4, 8)
    body = hollow([(0, 0), (r * 0.78, 0), (r, h)], 0.03, n)
    if n < 48:
        body = body.turned(z=180 / n)
    length = c.between(0.8, 1.1)
    width = c.between(0.04, 0.07)
    grip = (
        extrude(
            [(0, -width), *(arc(width, -90, 90, 10) + [length, 0]), (0, width)],
            0.03,
            [oval(0.03, 0.018, 14) + [length - 0.02, 0]],
        )
        .turned(y=-8)
        .at(r * 0.9, 0, h * 0.7)
    )
    return (
        f"{c.one_of('Frying pan', 'Skillet', 'Grill pan')} with {'square base' if n == 4 else 'flat handle'}",
        solids(body, grip),
    )


@product("07-02")
def pot(c: Chance) -> tuple[str, list[Part]]:
    r, h = c.between(0.4, 0.6), c.between(0.25, 0.8)
    body = hollow([(0, 0), (r * 0.95, 0), (r, 0.05), (r, h), (r * 1.04, h + 0.02)], 0.025, 44)
    lidded = c.some(0.65)
    ear = tube(
        spline(
            [
                (r * 0.98, -0.13, h * 0.8),
                (r * 1.2, -0.1, h * 0.82),
                (r * 1.2, 0.1, h * 0.82),
                (r * 0.98, 0.13, h * 0.8),
            ],
            16,
        ),
        0.025,
    )
    long = c.some(0.4)
    grip = tube(
        [(r * 0.95, 0, h * 0.85), (r * 1.15, 0, h * 0.9), (r * 2.4, 0, h)],
        [0.03, 0.035, 0.05],
        section=oval(1.2, 0.7, 14),
    )
    parts = [body, grip if long else pair(ear)]
    if lidded:
        rise = c.between(0.05, 0.18)
        parts.append(
            lathe(
                [
                    (0, h + 0.02),
                    (r * 1.04, h + 0.02),
                    (r * 1.02, h + 0.05),
                    *(arc(1, 20, 80, 8) * [r, rise] + [0, h + 0.05]),
                    (0, h + rise + 0.05),
                ],
                44,
            )
        )
        parts.append(
            lathe([(0, 0), (0.03, 0), (0.03, 0.05), (0.08, 0.08), (0.06, 0.11), (0, 0.11)], 24).at(
                z=h + rise + 0.04
            )
        )
    name = c.one_of("Saucepan", "Pan") if long else c.one_of("Cooking pot", "Stockpot", "Casserole")
    return f"{name} with {'lid' if lidded else 'long handle' if long else 'two handles'}", solids(
        *parts
    )


@product("07-02")
def toaster(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("toaster", "kettle", "microwave", "oven")
    if kind == "toaster":
        n = c.one_of(1, 2, 2, 4)
        y = 0.25 + 0.13 * n if n < 4 else 0.45
        slots = [
            box(0.6 if n < 4 else 0.35, 0.06, 0.01).at(
                0 if n < 4 else 0.24 * (1 if k % 2 else -1),
                0.13 * (k - (n - 1) / 2) if n < 4 else 0.09 * (1 if k > 1 else -1),
                0.6,
            )
            for k in range(n)
        ]
        return f"Toaster with {n} slot{'s' if n > 1 else ''}", solids(
            rounded_box(1, y, 0.6, 0.1, c.between(0.03, 0.12)),
            *slots,
            box(0.06, 0.14, 0.05).at(0.51, 0, 0.35),
            cylinder(0.05, 0.04, 22).turned(y=90).at(0.5, 0, 0.15),
        )
    if kind == "kettle":
        body = lathe(
            [
                (0, 0),
                (0.32, 0),
                (0.33, 0.05),
                *spline([(0.33, 0.06), (c.between(0.25, 0.36), 0.4), (0.2, 0.75)], 14),
                (0, 0.8),
            ],
            40,
        )
        return "Electric kettle with handle", solids(
            body,
            cylinder(0.34, 0.06, 40).at(z=-0.06),
            tube(
                spline([(0.18, 0, 0.75), (0.42, 0, 0.72), (0.45, 0, 0.4), (0.32, 0, 0.12)], 24),
                0.035,
            ),
            tube([(-0.18, 0, 0.6), (-0.36, 0, 0.72)], [0.12, 0.05]),
            ellipsoid(0.05, 0.05, 0.04).at(z=0.82),
        )
    if kind == "microwave":
        return "Microwave oven with control panel", solids(
            box(1, 0.7, 0.55),
            plate(rectangle(0.7, 0.48), 0.04, [rectangle(0.5, 0.3)]).at(-0.12, -0.36, 0.28),
            tube([(0.2, -0.42, 0.1), (0.2, -0.42, 0.46)], 0.015),
            row(
                row(plate(rectangle(0.04, 0.03), 0.03).at(0.37, -0.35, 0.22), 3, x=0.06), 4, z=0.06
            ),
            plate(rectangle(0.18, 0.08), 0.03).at(0.37, -0.35, 0.46),
        )
    n = c.whole(2, 5)
    return "Cooker with oven and hob", solids(
        box(0.6, 0.6, 0.85),
        plate(rectangle(0.52, 0.5), 0.04, [rectangle(0.38, 0.28)]).at(y=-0.31, z=0.4),
        tube([(-0.22, -0.37, 0.66), (0.22, -0.37, 0.66)], 0.012),
        row(cylinder(0.025, 0.05, 20).turned(x=90).at(y=-0.3, z=0.77), n, x=0.1),
        corners(torus(0.09, 0.015, 30, 8).at(0.15, 0.14, 0.86)),
    )


@product("07-03")
def fork(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(2, 4)
    w, end = c.between(0.16, 0.24), c.between(0.03, 0.09)
    tines = []
    gap = w / (2 * n - 1)
    for k in range(n):
        y = w / 2 - gap * 2 * k
        tines += [
            (-0.02, y),
            (-0.42, y - gap * 0.3),
            (-0.42, y - gap * 0.7),
            (-0.02, y - gap),
            *([(0.0, y - gap), (0.0, y - 2 * gap)] if k < n - 1 else []),
        ]
    half = spline([(0.25, w * 0.3), (0.35, 0.02), (0.9, end * 0.7), (1.2, end), (1.26, 0)], 18)
    outline = [*tines, (0.1, -w / 2), *(half * [1, -1]), *half[::-1][1:], (0.1, w / 2)]
    bend = extrude(outline, 0.02).changed(
        lambda v: v + np.column_stack([0 * v[:, 0], 0 * v[:, 0], 0.06 * np.sin(v[:, 0] * 3)])
    )
    return (
        f"{c.one_of('Fork', 'Table fork', 'Dinner fork')} with {('two', 'three', 'four')[n - 2]} tines",
        solids(bend),
    )


@product("07-03")
def knife(c: Chance) -> tuple[str, list[Part]]:
    length, width = c.between(0.8, 1.6), c.between(0.12, 0.35)
    b = extrude(blade(length, width, c), 0.015).at(z=-0.0075)
    grip = spline(
        [
            (0.02, width * 0.3),
            (-0.3, width * 0.25),
            (-0.6, width * c.between(0.25, 0.4)),
            (-0.8, 0),
            (-0.6, -width * c.between(0.25, 0.45)),
            (-0.3, -width * 0.25),
            (0.02, -width * 0.4),
        ],
        36,
    )
    handle = extrude(grip, 0.1).at(z=-0.05)
    rivets = [
        cylinder(0.02, 0.106, 14).at(-0.15 - 0.18 * k, 0, -0.053) for k in range(c.one_of(0, 2, 3))
    ]
    kind = (
        "Cleaver"
        if width > 0.3
        else c.one_of("Knife", "Kitchen knife", "Table knife", "Steak knife")
    )
    return f"{kind}{' with riveted handle' if rivets else ' with contoured handle'}", [
        Part(m.turned(x=90)) for m in (b, handle, *rivets)
    ]


@product("07-03")
def spoon(c: Chance) -> tuple[str, list[Part]]:
    ladle = c.some(0.25)
    a, b = c.between(0.16, 0.24), c.between(0.11, 0.16)
    end = c.between(0.03, 0.08)
    handle_outline = spline(
        [
            (0.1, 0.03),
            (0.5, 0.02),
            (1.0, end * 0.8),
            (1.15, end),
            (1.2, 0),
            (1.15, -end),
            (1.0, -end * 0.8),
            (0.5, -0.02),
            (0.1, -0.03),
        ],
        44,
        closed=True,
    )
    handle = extrude(handle_outline, 0.02).changed(
        lambda v: v + np.column_stack([0 * v[:, 0], 0 * v[:, 0], 0.08 * np.sin(v[:, 0] * 2.5)])
    )
    depth = 0.16 if ladle else c.between(0.04, 0.07)
    profile = arc(1, -88, 0, 12)
    cup = (
        lathe([(0, -1), *profile, *(profile[::-1] * 0.9), (0, -0.9)], 36)
        .scaled(a, b, depth)
        .at(-a * 0.5 + 0.1, 0, 0.02)
    )
    return c.one_of("Ladle") if ladle else c.one_of(
        "Spoon", "Table spoon", "Tea spoon", "Serving spoon"
    ), solids(cup, handle)


@product("07-04")
def kitchen_tool(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("whisk", "grater", "rolling pin", "peeler", "masher", "mill")
    if kind == "whisk":
        wire = tube(
            spline([(0.02, 0, 0.4), (0.16, 0, 0.8), (0.1, 0, 1.05), (0, 0, 1.1)], 16), 0.007, 8
        )
        return "Whisk with wire loops", solids(
            radial(wire, c.whole(6, 10)),
            lathe([(0, -0.3), (0.05, -0.28), (0.035, 0.1), (0.04, 0.4), (0, 0.42)], 24),
        )
    if kind == "grater":
        body = prism(4, 0.35, 1).turned(z=45).tapered(0.6)
        teeth = (
            row(row(torus(0.02, 0.007, 10, 6).turned(x=90).at(y=-0.25), 4, x=0.08), 7, z=0.1)
            .at(z=0.45)
            .changed(lambda v: v + np.column_stack([0 * v[:, 0], v[:, 2] * 0.1, 0 * v[:, 0]]))
        )
        return "Box grater with handle", solids(
            body,
            teeth,
            tube(spline([(-0.1, 0, 1), (-0.1, 0, 1.15), (0.1, 0, 1.15), (0.1, 0, 1)], 14), 0.02),
        )
    if kind == "rolling pin":
        end = lathe([(0, 0.5), (0.03, 0.5), (0.05, 0.6), (0.035, 0.75), (0, 0.78)], 24)
        return "Rolling pin", [
            Part(m.turned(y=90))
            for m in (cylinder(c.between(0.08, 0.13), 1, 36).at(z=-0.5), end, end.mirrored(2))
        ]
    if kind == "peeler":
        fork_ = tube([(-0.12, 0, 0.35), (-0.1, 0, 0.1), (0.1, 0, 0.1), (0.12, 0, 0.35)], 0.02)
        return "Vegetable peeler", solids(
            fork_,
            box(0.24, 0.05, 0.01).at(z=0.34),
            superellipsoid(0.07, 0.05, 0.3, 2, 3).at(z=-0.2),
        )
    if kind == "masher":
        grid = extrude(
            oval(0.2, 0.2, 36),
            0.02,
            [regular(10, 0.03) + [x, y] for x in (-0.1, 0, 0.1) for y in (-0.1, 0, 0.1)],
        )
        return "Potato masher with perforated plate", solids(
            grid,
            pair(tube(spline([(0.15, 0, 0.01), (0.1, 0, 0.3), (0.015, 0, 0.5)], 14), 0.015)),
            lathe([(0, 0.45), (0.04, 0.47), (0.05, 0.7), (0.035, 0.85), (0, 0.87)], 24),
        )
    h = c.between(0.5, 1)
    curve = spline(
        [(0.15, 0), *((c.between(0.08, 0.17), h * k / 5) for k in range(1, 5)), (0.1, h)], 30
    )
    return c.one_of("Pepper mill", "Salt shaker", "Spice grinder"), solids(
        lathe([(0, 0), *curve, (0, h)], 36),
        lathe(
            [
                (0, h),
                (0.1, h + 0.01),
                (0.14, h + 0.08),
                (0.08, h + 0.17),
                (0.03, h + 0.19),
                (0.04, h + 0.24),
                (0, h + 0.26),
            ],
            36,
        ),
    )


@product("07-05")
def iron(c: Chance) -> tuple[str, list[Part]]:
    sole = spline(
        [(0, 0.2), (0.5, 0.19), (0.85, 0.08), (1.0, 0), (0.85, -0.08), (0.5, -0.19), (0, -0.2)], 40
    )
    handle = tube(
        spline(
            [(0.08, 0, 0.2), (0.05, 0, 0.45), (0.3, 0, 0.52), (0.6, 0, 0.45), (0.7, 0, 0.22)], 24
        ),
        0.045,
    )
    return "Steam iron with loop handle", solids(
        extrude(sole, 0.04),
        extrude(sole * 0.94 + [0.02, 0], 0.22).tapered(0.7).at(x=0.08, z=0.04),
        handle,
        cylinder(0.06, 0.03, 24).at(0.45, 0, 0.24),
    )


@product("07-05")
def laundry(c: Chance) -> tuple[str, list[Part]]:
    if c.some():
        arms = side_plate([(-0.04, 0), (0.02, 0), (0.06, 1), (-0.01, 1)], 0.12)
        spring = torus(0.08, 0.02, 24, 8).turned(y=90).at(z=0.6)
        return "Clothes peg with spring", solids(
            arms.turned(x=7).at(y=-0.05), arms.mirrored(1).turned(x=-7).at(y=0.05), spring
        )
    n = c.whole(4, 8)
    wing = join(
        [
            row(cylinder(0.008, 0.9, 8).turned(x=90).at(y=0.45), n, x=0.08),
            pair(box(0.08 * n, 0.015, 0.015).at(y=0.45), 1),
        ]
    )
    leg = tube([(0, 0.4, 0), (0.4, 0.4, 0.9)], 0.012)
    return "Folding laundry drying rack", solids(
        wing.at(0.04 * n, 0, 0.9),
        wing.mirrored().at(-0.04 * n, 0, 0.9),
        pair(pair(leg.at(-0.2)), 1),
    )


@product("07-07")
def waste_basket(c: Chance) -> tuple[str, list[Part]]:
    r, h = c.between(0.25, 0.4), c.between(0.5, 1)
    n = c.one_of(40, 40, 4, 6)
    body = hollow([(0, 0), (r * c.between(0.65, 1), 0), (r, h)], 0.02, n)
    handle = tube(
        np.column_stack(
            [arc(r, 0, 180, 20)[:, 0], np.zeros(20), arc(r * 0.8, 0, 180, 20)[:, 1] + h * 0.95]
        ),
        0.012,
        10,
    )
    if c.some():
        return "Bucket with bail handle", solids(body, handle, torus(r, 0.02, 40, 8).at(z=h))
    return (
        f"{c.one_of('Waste basket', 'Storage basket', 'Bin')}{' with square base' if n == 4 else ''}",
        solids(body),
    )


@product("07-10")
def cooler(c: Chance) -> tuple[str, list[Part]]:
    if c.some():
        x, y, z = 1, c.between(0.5, 0.7), c.between(0.5, 0.8)
        handle = tube(
            [
                (-x / 2 - 0.03, 0, z * 0.9),
                (-x / 2 - 0.03, 0, z + 0.28),
                (x / 2 + 0.03, 0, z + 0.28),
                (x / 2 + 0.03, 0, z * 0.9),
            ],
            0.025,
        )
        return "Cooler box with carrying handle", solids(
            rounded_box(x, y, z, 0.1, 0.03),
            rounded_box(x * 1.04, y * 1.05, 0.12, 0.1, 0.03).at(z=z + 0.01),
            handle,
            box(0.12, 0.04, 0.16).at(y=-y / 2, z=z - 0.08),
        )
    r, h = c.between(0.2, 0.28), c.between(0.9, 1.3)
    return c.one_of("Vacuum flask with cup lid", "Insulated bottle", "Thermos flask"), solids(
        cylinder(r, h, 40),
        lathe([(0, h), (r, h), (r * 0.75, h + 0.12), (0, h + 0.12)], 40),
        cylinder(r * c.between(0.7, 0.98), 0.28, 40).at(z=h + 0.1),
        torus(r, 0.012, 40, 8).at(z=h * 0.06),
    )
