"""Seats, beds, tables, storage and what else furnishes a room."""

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


def legs(c: Chance, x: float, y: float, height: float) -> tuple[str, list[Mesh]]:
    """Legs under a board of x by y, and the words for them."""
    kind = c.one_of(
        "tapered", "square", "splayed", "hairpin", "sled", "turned", "pedestal", "trestle"
    )
    inset = c.between(0.04, 0.1)
    a, b = x / 2 - inset, y / 2 - inset
    thick = c.between(0.015, 0.035)
    if kind == "square":
        return "square legs", [corners(box(thick * 2, thick * 2, height).at(a, b))]
    if kind in ("tapered", "splayed"):
        out = c.between(0.03, 0.12) if kind == "splayed" else 0.0
        leg = tube([(a + out, b + out, 0), (a, b, height)], [thick * 0.6, thick])
        return f"{kind} legs", [corners(leg)]
    if kind == "hairpin":
        d = c.between(0.04, 0.08)
        leg = tube([(a - d, b, height), (a, b, 0.005), (a, b - d, height)], 0.008, 10)
        return "hairpin legs", [corners(leg)]
    if kind == "sled":
        loop = [(a, -b, height), (a, -b, thick), (a, b, thick), (a, b, height)]
        return "sled base", [pair(tube(loop, thick * 0.7))]
    if kind == "turned":
        z = np.linspace(0, height, 12)
        r = thick * (1 + 0.5 * np.sin(np.linspace(0, c.between(6, 16), 12)))
        return "turned legs", [
            corners(lathe([(0, 0), *zip(r, z, strict=True), (0, height)], 20).at(a, b))
        ]
    if kind == "pedestal":
        foot = min(x, y) * c.between(0.25, 0.42)
        column = lathe([(0, 0), (foot, 0), (foot, 0.015), (thick * 2, 0.05), (thick * 1.3, height / 2),
                        (thick * 1.5, height), (0, height)], 32)  # fmt: skip
        return "pedestal base", [column]
    brace = [(-b, 0), (-b * 0.2, height), (b * 0.2, height), (b, 0), (b - 0.05, 0), (0, height - 0.08),
             (-b + 0.05, 0)]  # fmt: skip
    return "trestle base", [pair(side_plate(brace, thick * 2).at(a))]


def slab(c: Chance, x: float, y: float, z: float) -> tuple[str, Mesh]:
    """A board lying at z = 0, and the word for its outline."""
    kind = c.one_of("rectangular", "rounded", "oval", "soft")
    if kind == "rectangular":
        return "rectangular", box(x, y, z)
    if kind == "rounded":
        return "rounded", rounded_box(
            x, y, z, min(x, y) * c.between(0.08, 0.3), z * c.between(0, 0.45)
        )
    if kind == "oval":
        return "oval", extrude(oval(x / 2, y / 2, 36, c.between(2, 3)), z)
    return "rounded", rounded_box(x, y, z, min(x, y) * 0.1, z * 0.49)


def backrest(c: Chance, x: float, height: float, lean: float) -> tuple[str, list[Mesh]]:
    """A chair's back standing on z = 0 at y = 0, and the words for it."""
    kind = c.one_of("solid", "slatted", "ladder", "spindle", "open", "rounded", "cane")
    thick = c.between(0.015, 0.04)
    rail = c.between(0.03, 0.06)
    posts = pair(box(rail * 0.8, thick, height).at(x / 2 - rail / 2))
    parts: list[Mesh]
    if kind == "solid":
        parts = [
            plate(rounded_rectangle(x, height, min(x, height) * c.between(0.02, 0.4)), thick).at(
                z=height / 2
            )
        ]
    elif kind == "rounded":
        top = arc(x / 2, 0, 180, 16) + [0, height - x / 2 if height > x / 2 else 0.02]
        parts = [plate([(-x / 2, 0), (x / 2, 0), *top], thick)]
    elif kind == "slatted":
        n = c.whole(3, 7)
        slat = box(x / n * c.between(0.35, 0.7), thick * 0.6, height - rail)
        parts = [
            posts,
            box(x, thick * 1.2, rail).at(z=height - rail),
            row(slat, n, x=(x - rail) / n),
        ]
    elif kind == "ladder":
        n = c.whole(2, 5)
        rung = box(x - rail, thick * 0.7, height / n * c.between(0.3, 0.6))
        parts = [posts, *(rung.at(z=height * (k + 0.4) / n) for k in range(n))]
    elif kind == "spindle":
        n = c.whole(4, 9)
        stick = cylinder(0.008, height - 0.02, 12)
        parts = [row(stick, n, x=(x - 0.06) / n), pair(cylinder(0.014, height, 14).at(x / 2 - 0.02)),
                 rounded_box(x * 1.05, thick * 1.4, rail, thick * 0.6).at(z=height - rail)]  # fmt: skip
    elif kind == "open":
        inner = rounded_rectangle(x - 2 * rail, height - 2 * rail, 0.03)
        parts = [plate(rounded_rectangle(x, height, 0.06), thick, [inner]).at(z=height / 2)]
    else:
        holes = [rectangle(0.02, 0.02, (i, k)) for i in np.linspace(-x * 0.35, x * 0.35, c.whole(3, 6))
                 for k in np.linspace(-height * 0.35, height * 0.35, c.whole(3, 6))]  # fmt: skip
        parts = [plate(rounded_rectangle(x, height, 0.04), thick, holes).at(z=height / 2)]
        kind = "perforated"
    return f"{kind} back", [m.turned(x=-lean) for m in parts]


@product("06-01")
def bench(c: Chance) -> tuple[str, list[Part]]:
    x, y, z = c.between(1, 1.7), c.between(0.3, 0.45), c.between(0.4, 0.48)
    n = c.whole(1, 6)
    words, under = legs(c, x, y, z)
    board = box(x, y / n * 0.85, 0.03).at(z=z)
    parts = [row(board, n, y=y / n), *under]
    if c.some():
        parts += [
            row(box(x, 0.02, 0.07).at(y=y / 2, z=z + 0.3), 3, z=0.1),
            pair(box(0.05, 0.03, 0.45).at(x * 0.42, y / 2 + 0.02, z)),
        ]
        return f"Bench with backrest and {words}", solids(*parts)
    return f"{c.one_of('Bench', 'Garden bench')} with {words}", solids(*parts)


@product("06-01")
def chair(c: Chance) -> tuple[str, list[Part]]:
    x, y, z = c.between(0.38, 0.6), c.between(0.38, 0.55), c.between(0.4, 0.5)
    _, seat = slab(c, x, y, c.between(0.02, 0.09))
    leg_words, under = legs(c, x, y, z)
    back_words, back = backrest(c, x * c.between(0.8, 1), c.between(0.3, 0.65), c.between(0, 14))
    parts = [seat.at(z=z), *under, *(m.at(y=y / 2 - 0.03, z=z + 0.01) for m in back)]
    name = c.one_of("Chair", "Dining chair", "Side chair", "Seat")
    if c.some(0.35):
        h = c.between(0.18, 0.25)
        rest = tube(
            [
                (x / 2, y / 2 - 0.05, z + h),
                (x / 2 + 0.02, -y / 4, z + h),
                (x / 2 + 0.01, -y / 3, z + 0.02),
            ],
            0.018,
        )
        parts.append(pair(rest))
        name = "Armchair"
    return (
        f"{name} with {c.one_of(back_words, leg_words, back_words + ' and ' + leg_words)}",
        solids(*parts),
    )


@product("06-01")
def office_chair(c: Chance) -> tuple[str, list[Part]]:
    z = c.between(0.42, 0.52)
    arms = c.some(0.6)
    foot = join(
        [
            box(0.3, 0.04, 0.03).at(x=0.15, z=0.07),
            cylinder(0.03, 0.025, 16).turned(x=90).at(0.3, 0.012, 0.03),
        ]
    )
    back = superellipsoid(0.23, 0.05, c.between(0.25, 0.38), 3, c.between(2.5, 5))
    back_z = z + 0.1 + float(back.bounds()[1, 2])
    parts = [radial(foot, 5, 18), cylinder(0.028, z - 0.05, 18).at(z=0.06),
             rounded_box(0.5, 0.48, 0.09, 0.12, 0.04).at(z=z), back.at(y=0.24, z=back_z),
             tube(spline([(0, 0.1, z), (0, 0.3, z + 0.02), (0, 0.3, z + 0.25)], 12), 0.022)]  # fmt: skip
    if arms:
        parts.append(
            pair(
                join(
                    [
                        box(0.03, 0.05, 0.22).at(0.27, 0, z),
                        rounded_box(0.07, 0.25, 0.03, 0.02).at(0.27, 0, z + 0.22),
                    ]
                )
            )
        )
    if c.some(0.3):
        parts.append(rounded_box(0.25, 0.06, 0.14, 0.03, 0.02).at(y=0.24, z=back_z * 2 - z - 0.08))
    return (
        f"Office {c.one_of('chair', 'swivel chair')} with {'armrests' if arms else 'five-star base'}",
        solids(*parts),
    )


@product("06-01")
def sofa(c: Chance) -> tuple[str, list[Part]]:
    seats = c.whole(1, 3)
    w, d = c.between(0.55, 0.7), c.between(0.75, 0.95)
    arm, z = c.between(0.1, 0.25), c.between(0.08, 0.18)
    x = seats * w
    soft = c.between(0.03, 0.09)
    parts = [box(x + 2 * arm, d, 0.18).at(z=z)]
    cushion = rounded_box(w * 0.98, d * 0.75, 0.16, soft, soft * 0.8).at(y=-d * 0.1, z=z + 0.18)
    back = (
        rounded_box(w * 0.98, 0.2, c.between(0.35, 0.5), soft, soft * 0.8)
        .turned(x=-8)
        .at(y=d * 0.33, z=z + 0.3)
    )
    parts += [cushion.at(x=w * (k - (seats - 1) / 2)) for k in range(seats)]
    parts += [back.at(x=w * (k - (seats - 1) / 2)) for k in range(seats)]
    rest = c.one_of(
        rounded_box(arm, d, c.between(0.35, 0.5), arm * 0.3, arm * 0.3).at(z=z),
        join(
            [
                box(arm * 0.8, d, 0.36).at(z=z),
                cylinder(arm * 0.6, d, 24).turned(x=90).at(y=d / 2, z=z + 0.38),
            ]
        ),
    )
    parts += [
        pair(rest.at(x=x / 2 + arm / 2)),
        corners(tube([(x / 2, d * 0.4, 0), (x / 2, d * 0.4, z)], 0.025)),
    ]
    return (
        f"{('Upholstered armchair', 'Two-seat sofa', 'Three-seat sofa')[seats - 1]} with {c.one_of('loose cushions', 'cushions', 'arms')}",
        solids(*parts),
    )


@product("06-01")
def stool(c: Chance) -> tuple[str, list[Part]]:
    bar = c.some(0.4)
    z = c.between(0.6, 0.8) if bar else c.between(0.35, 0.5)
    r = c.between(0.16, 0.22)
    thick = c.between(0.02, 0.08)
    seat = c.one_of(
        cylinder(r, thick, 36),
        rounded_box(2 * r, 2 * r, thick, r * 0.3, thick * 0.45),
        lathe(
            [
                (0, 0),
                (r, 0),
                (r * 1.03, thick / 2),
                (r, thick),
                (r * 0.7, thick * 0.8),
                (0, thick * 0.7),
            ],
            36,
        ),
    )
    n = c.whole(3, 5)
    spread = c.between(1, 1.35)
    leg = tube([(r * spread, 0, 0), (r * 0.7, 0, z)], c.between(0.01, 0.022))
    parts = [seat.at(z=z), radial(leg, n, 45)]
    if c.some(0.6):
        parts.append(torus(r * (0.7 + (spread - 0.7) * 0.65), 0.009).at(z=z * 0.35))
    return (
        f"{'Bar stool' if bar else c.one_of('Stool', 'Low stool')} with {('three', 'four', 'five')[n - 3]} legs",
        solids(*parts),
    )


@product("06-02")
def bed(c: Chance) -> tuple[str, list[Part]]:
    x, y = c.one_of(0.95, 1.4, 1.7), 2.0
    z = c.between(0.15, 0.3)
    words, head = backrest(c, x + 0.08, c.between(0.6, 1.1), 0)
    mattress = rounded_box(x, y, c.between(0.16, 0.26), 0.08, 0.04)
    parts = [box(x + 0.06, y, 0.12).at(z=z), mattress.at(z=z + 0.1), *(m.at(y=y / 2 + 0.02) for m in head),
             corners(box(0.06, 0.06, z).at(x / 2, y / 2 - 0.03))]  # fmt: skip
    if c.some(0.5):
        pillow = superellipsoid(x * (0.2 if x > 1.2 else 0.38), 0.2, 0.07, 4, 2).at(
            y=y * 0.36, z=z + 0.36
        )
        parts.append(pair(pillow.at(x * 0.25)) if x > 1.2 else pillow)
    if c.some(0.4):
        parts.append(box(x + 0.08, 0.05, z + 0.35).at(y=-y / 2))
    return (
        f"{c.one_of('Bed', 'Bedstead', 'Bed frame')} with {words.replace('back', 'headboard')}",
        solids(*parts),
    )


@product("06-02")
def crib(c: Chance) -> tuple[str, list[Part]]:
    x, y, h = 1.25, c.between(0.6, 0.75), c.between(0.7, 0.95)
    n = c.whole(8, 14)
    side = join(
        [
            row(box(0.025, 0.02, h - 0.2), n, x=x / n).at(z=0.15),
            box(x, 0.04, 0.05).at(z=h - 0.05),
            box(x, 0.04, 0.05).at(z=0.12),
        ]
    )
    end = (
        plate(rounded_rectangle(y, h, c.between(0.03, 0.2)), 0.03)
        .turned(z=90)
        .at(x=x / 2, z=h / 2 + 0.04)
    )
    parts = [pair(side.at(y=y / 2), 1), pair(end), box(x, y, 0.12).at(z=0.2)]
    return c.one_of(
        "Crib with slatted sides", "Baby bed with bars", "Cot with slatted side rails"
    ), solids(*parts)


@product("06-03")
def desk(c: Chance) -> tuple[str, list[Part]]:
    x, y, z = c.between(1.1, 1.7), c.between(0.55, 0.8), 0.73
    n = c.whole(2, 4)
    w = c.between(0.32, 0.42)
    drawers = [
        box(w - 0.04, 0.02, (z - 0.08) / n - 0.02).at(z=0.06 + (z - 0.08) / n * k) for k in range(n)
    ]
    knobs = [box(0.1, 0.02, 0.015).at(z=0.06 + (z - 0.08) / n * (k + 0.5)) for k in range(n)]
    front = -y / 2 + 0.02
    stack = [
        box(w, y - 0.06, z),
        *(d.at(y=front) for d in drawers),
        *(k.at(y=front - 0.02) for k in knobs),
    ]
    both = c.some(0.4)
    parts = [box(x, y, 0.03).at(z=z), *(m.at(x=x / 2 - w / 2 - 0.02) for m in stack)]
    if both:
        parts += [m.at(x=-x / 2 + w / 2 + 0.02) for m in stack]
    else:
        parts += [pair(box(0.05, 0.05, z).at(y=y / 2 - 0.05), 1).at(x=-x / 2 + 0.05)]
    return (
        f"{c.one_of('Desk', 'Writing desk', 'Office desk')} with {'two pedestals' if both else 'a drawer pedestal'}",
        solids(*parts),
    )


@product("06-03")
def table(c: Chance) -> tuple[str, list[Part]]:
    low = c.some(0.35)
    x, y = c.between(0.6, 1.8), c.between(0.5, 0.95)
    z = c.between(0.3, 0.45) if low else c.between(0.7, 0.78)
    if c.some(0.3):
        y = x = min(x, 1.2)
        top_word, top = "round", cylinder(x / 2, c.between(0.015, 0.05), 48)
    else:
        top_word, top = slab(c, x, y, c.between(0.015, 0.06))
    words, under = legs(
        c,
        x * (0.75 if top_word in ("round", "oval") else 1),
        y * (0.75 if top_word in ("round", "oval") else 1),
        z,
    )
    parts = [top.at(z=z), *under]
    if c.some(0.3) and not words.startswith("pedestal"):
        parts.append(box(x * 0.75, y * 0.7, 0.08).at(z=z - 0.08))
    if c.some(0.25):
        parts.append(box(x * 0.8, y * 0.75, 0.02).at(z=z * 0.35))
        words += " and lower shelf"
    name = (
        c.one_of("Coffee table", "Low table", "Side table")
        if low
        else c.one_of("Table", "Dining table")
    )
    return f"{name} with {top_word} top and {words}", solids(*parts)


@product("06-04")
def cabinet(c: Chance) -> tuple[str, list[Part]]:
    x, y, z = c.between(0.5, 1.7), c.between(0.35, 0.55), c.between(0.5, 1.9)
    foot = c.one_of(0.0, 0.08, 0.15)
    columns, rows_ = c.whole(1, 3), c.whole(1, 4)
    parts = [box(x, y, z).at(z=foot)]
    w, h = (x - 0.04) / columns, (z - 0.04) / rows_
    handle = c.one_of("knob", "bar", "edge")
    drawers = c.some()
    for i in range(columns):
        for k in range(rows_):
            at = (-x / 2 + 0.02 + w * (i + 0.5), foot + 0.02 + h * k)
            parts.append(box(w - 0.015, 0.025, h - 0.015).at(at[0], -y / 2 - 0.012, at[1]))
            side = 0.0 if drawers else (w * 0.38 if i % 2 == 0 else -w * 0.38)
            if handle == "knob":
                parts.append(
                    ellipsoid(0.018, 0.018, 0.018, 16).at(
                        at[0] + side, -y / 2 - 0.04, at[1] + h / 2
                    )
                )
            elif handle == "bar":
                bar = (
                    box(w * 0.4, 0.015, 0.015)
                    if drawers
                    else box(0.015, 0.015, h * 0.4).at(z=-h * 0.2)
                )
                parts.append(bar.at(at[0] + side, -y / 2 - 0.035, at[1] + h / 2))
    if foot:
        parts.append(
            corners(
                tube(
                    [(x / 2 - 0.05, y / 2 - 0.05, 0), (x / 2 - 0.06, y / 2 - 0.06, foot)],
                    [0.015, 0.025],
                )
            )
        )
    if c.some(0.4):
        parts.append(box(x + 0.06, y + 0.04, 0.03).at(z=foot + z))
    name = (
        c.one_of("Cabinet", "Storage cabinet", "Sideboard", "Cupboard")
        if not drawers
        else c.one_of("Chest of drawers", "Dresser", "Drawer unit")
    )
    if z > 1.5 and not drawers:
        name = c.one_of("Wardrobe", "Tall cabinet")
    return f"{name} with {'drawers' if drawers else 'doors'}{' on legs' if foot else ''}", solids(
        *parts
    )


@product("06-04")
def shelf(c: Chance) -> tuple[str, list[Part]]:
    x, y, z = c.between(0.5, 1.6), c.between(0.25, 0.4), c.between(0.7, 2)
    n, columns = c.whole(3, 6), c.whole(1, 3)
    t = c.between(0.015, 0.035)
    uprights = c.one_of("panel", "ladder", "rod")
    boards = [box(x, y, t).at(z=(z - t) * k / (n - 1)) for k in range(n)]
    if uprights == "panel":
        sides = [box(t, y, z).at(x=x * (k / columns - 0.5)) for k in range(columns + 1)]
    elif uprights == "rod":
        sides = [corners(cylinder(0.012, z + 0.03, 12).at(x / 2 - 0.03, y / 2 - 0.03))]
    else:
        sides = [
            pair(
                join(
                    [
                        pair(box(0.03, 0.03, z).at(y=y / 2), 1),
                        row(box(0.02, y, 0.02).at(z=z / 2), 4, z=z / 4),
                    ]
                ).at(x / 2)
            )
        ]
    parts = boards + sides
    if c.some(0.4) and uprights == "panel":
        parts.append(box(x, 0.01, z).at(y=y / 2))
    name = c.one_of("Shelving unit", "Bookcase", "Shelf rack", "Bookshelf")
    return f"{name} with {('three', 'four', 'five', 'six')[n - 3]} shelves", solids(*parts)


@product("06-07")
def mirror(c: Chance) -> tuple[str, list[Part]]:
    x, z, t = c.between(0.3, 0.7), c.between(0.4, 1), c.between(0.02, 0.08)
    kind = c.one_of("round", "rectangular", "oval", "arched")
    if kind == "round":
        z = x

    def outline(gap: float) -> np.ndarray:
        if kind in ("round", "oval"):
            return oval(x / 2 - gap, z / 2 - gap, 40)
        if kind == "arched":
            return np.concatenate(
                [
                    [(-x / 2 + gap, -z / 2 + gap), (x / 2 - gap, -z / 2 + gap)],
                    arc(x / 2 - gap, 0, 180, 20) + [0, z / 2 - x / 2],
                ]
            )
        return rounded_rectangle(x - 2 * gap, z - 2 * gap, 0.03)

    if kind == "arched":
        z = max(z, x * 1.1)
    frame = plate(outline(0), 0.04, [outline(t)])
    parts = [frame.at(z=z / 2), plate(outline(t * 0.98), 0.01).at(z=z / 2)]
    if c.some(0.3):
        parts += [box(x * 0.5, 0.18, 0.02).at(z=-0.06), box(0.04, 0.03, 0.08).at(z=-0.06)]
        return f"Table mirror with {kind} frame", solids(*parts)
    return f"{c.one_of('Mirror', 'Wall mirror', 'Picture frame')} with {kind} frame", solids(*parts)


@product("06-08")
def hanger(c: Chance) -> tuple[str, list[Part]]:
    w, drop, r = c.between(0.38, 0.46), c.between(0.08, 0.13), c.between(0.004, 0.012)
    bar = c.some(0.6)
    shoulder = spline(
        [
            (-w / 2, 0, 0),
            (-w / 5, 0, drop * 0.8),
            (0, 0, drop),
            (w / 5, 0, drop * 0.8),
            (w / 2, 0, 0),
        ],
        28,
    )
    hook = np.concatenate(
        [
            [(0, drop, 0)],
            [(0, drop + 0.03, 0)],
            np.column_stack(
                [arc(0.03, 270, 0, 14) * [-1, 1] * [-1, 1] + [0, drop + 0.06], np.zeros(14)]
            ),
        ]
    )[:, [0, 2, 1]]
    parts = [tube(shoulder, r), tube(hook, 0.003, 10)]
    if bar:
        parts.append(tube([(-w / 2, 0, 0), (w / 2, 0, 0)], r * 0.8))
    return f"Clothes hanger{' with trouser bar' if bar else ''}", solids(*parts)


@product("06-09")
def cushion(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("Pillow", "Cushion", "Mattress", "Bolster pillow", "Neck pillow")
    if kind == "Mattress":
        z = c.between(0.15, 0.3)
        body = rounded_box(1.4, 2, z, 0.08, z * 0.2)
        seam = rounded_box(1.42, 2.02, 0.012, 0.085)
        return "Mattress with piped edges", solids(body, seam.at(z=z * 0.15), seam.at(z=z * 0.82))
    if kind == "Bolster pillow":
        return "Bolster pillow", solids(
            superellipsoid(0.1, 0.1, 0.35, 2, c.between(4, 9)).turned(y=90)
        )
    if kind == "Neck pillow":
        path = np.column_stack([arc(0.14, -60, 240, 24), np.zeros(24)])
        return "U-shaped neck pillow", solids(
            tube(path, 0.07 * np.sin(np.linspace(0.4, math.pi - 0.4, 24)) ** 0.3, 18)
        )
    return f"{c.one_of('Square', 'Rectangular')} {kind.lower()}", solids(
        superellipsoid(
            0.25, c.between(0.2, 0.25), c.between(0.06, 0.11), c.between(3, 7), 2
        ).turned(x=90)
    )


@product("06-10")
def blind(c: Chance) -> tuple[str, list[Part]]:
    x, z, n = c.between(0.7, 1.2), c.between(0.8, 1.3), c.whole(9, 18)
    slat = box(x, 0.04, 0.004).turned(x=c.between(10, 60))
    return "Window blind with horizontal slats", solids(
        box(x, 0.06, 0.06).at(z=z),
        row(slat, n, z=z / n * 0.95).at(z=z / 2),
        *(cylinder(0.003, z, 8).at(s * x * 0.35, -0.03) for s in (-1, 1)),
    )


@product("06-11")
def mat(c: Chance) -> tuple[str, list[Part]]:
    x, y = c.between(0.5, 0.8), c.between(0.35, 0.6)
    n = c.whole(4, 10)
    kind = c.one_of("ribbed", "grid", "bordered", "studded")
    parts = [rounded_box(x, y, 0.015, c.between(0.01, 0.08))]
    if kind == "ribbed":
        parts.append(row(box(x / n * 0.5, y * 0.85, 0.012).at(z=0.012), n, x=x / n * 0.9))
    elif kind == "grid":
        parts += [
            row(box(0.008, y * 0.9, 0.01).at(z=0.012), n, x=x / n * 0.9),
            row(box(x * 0.9, 0.008, 0.01).at(z=0.012), n, y=y / n * 0.9),
        ]
    elif kind == "bordered":
        parts += [
            extrude(rectangle(x * 0.85, y * 0.8), 0.01, [rectangle(x * 0.75, y * 0.65)]).at(z=0.012)
        ]
    else:
        parts.append(
            row(
                row(cylinder(x / n * 0.25, 0.012, 12).at(z=0.012), n, x=x / n * 0.9),
                n,
                y=y / n * 0.9,
            )
        )
    return f"{c.one_of('Floor mat', 'Door mat', 'Mat')} with {kind} surface", solids(*parts)
