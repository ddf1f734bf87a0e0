"""Tableware, kitchen, packaging, brushes, hand tools, hardware, vases and jewellery."""

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
    cylinder,
    ellipsoid,
    extrude,
    hollow,
    join,
    lathe,
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
        path = [(x, 0, low), (x + out * 0.6, 0, low + (high - low) * 0.3), (x + out, 0, high), (x, 0, high)]
    else:
        path = [(x, 0, low), (x + out, 0, low + (high - low) * 0.2), (x + out, 0, high - (high - low) * 0.2), (x, 0, high)]
    return tube(spline(path, 20), r, 14)


def blade(length: float, width: float, c: Chance) -> Doubles:
    """The outline of a knife's blade from x = 0 to ``length``."""
    tip = c.between(-0.4, 0.5) * width
    return np.array([(0, -width / 2), *spline([(length * 0.6, -width / 2), (length * 0.85, -width * 0.4), (length, tip)], 10), (length * c.between(0.6, 0.95), width / 2), (0, width / 2)])


@product("07-01")
def mug(c: Chance) -> tuple[str, list[Part]]:
    h, r = c.between(0.7, 1.4), c.between(0.35, 0.55)
    mid, low = r * c.between(0.8, 1.25), r * c.between(0.6, 1)
    body = hollow([(0, 0), (low, 0), *spline([(low, 0.02), (mid, h * 0.5), (r, h)], 14)], 0.04, 40)
    big = loop_handle(c, (mid + r) / 2 - 0.05, h * 0.22, h * 0.8, c.between(0.2, 0.35), c.between(0.03, 0.06))
    name, shape = c.one_of("Mug", "Cup", "Coffee mug", "Tea cup"), "bulging" if mid > r * 1.08 else "waisted" if mid < r * 0.92 else "straight"
    parts = solids(body, big)
    if c.some(0.3):
        parts += solids(lathe([(0, 0), (r * 1.6, 0.08), (r * 1.65, 0.12), (r * 0.8, 0.05), (0, 0.05)], 44).at(z=-0.06))
        return f"{name} with saucer", parts
    return f"{name} with handle and {shape} sides", parts


@product("07-01")
def wine_glass(c: Chance) -> tuple[str, list[Part]]:
    h, r = c.between(0.5, 1), c.between(0.25, 0.45)
    stem, bowl = h, c.between(0.5, 1)
    kind = c.one_of("tulip", "flute", "coupe", "conical")
    top = {"tulip": [(r, 0.4), (r * 0.75, 1)], "flute": [(r * 0.55, 0.35), (r * 0.5, 1)], "coupe": [(r * 1.2, 0.3), (r * 1.4, 0.5)], "conical": [(r * 0.6, 0.5), (r * 1.3, 1)]}[kind]
    outer = [(0, 0), (r * 0.9, 0), (r * 0.9, 0.015), (0.06, 0.06), (0.03, stem * 0.4), (0.035, stem)]
    cup = spline([(0.035, stem), *((a, stem + bowl * (1.5 if kind == "flute" else 1) * b) for a, b in top)], 18)
    inner = np.maximum(cup - [0.015, 0], [0.01, stem + 0.04])[::-1]
    glass = lathe([*outer, *cup[1:], *inner, (0, stem + 0.04)], 40)
    return f"{c.one_of('Wine glass', 'Stemware glass', 'Goblet', 'Drinking glass')} with {kind} bowl", solids(glass)


@product("07-01")
def tumbler(c: Chance) -> tuple[str, list[Part]]:
    h, r, n = c.between(0.7, 1.3), c.between(0.3, 0.45), c.one_of(6, 8, 10, 12, 40, 40)
    glass = hollow([(0, 0), (r * c.between(0.7, 1), 0), (r, h)], 0.03, n)
    rings = [torus(r * 0.97, 0.015, 40, 8).at(z=h * (0.8 + 0.05 * k)) for k in range(c.whole(0, 3))] if n == 40 else []
    return f"{c.one_of('Tumbler', 'Drinking glass', 'Beaker')}{' with faceted sides' if n < 40 else ''}", solids(glass, *rings)


@product("07-01")
def bowl(c: Chance) -> tuple[str, list[Part]]:
    r, h = c.between(0.5, 1), c.between(0.2, 0.6)
    foot = r * c.between(0.3, 0.6)
    n = c.one_of(40, 40, 40, 8, 6)
    curve = spline([(foot, 0.04), (r * c.between(0.6, 0.95), h * 0.4), (r, h)], 12)
    parts = [hollow([(0, 0), (foot * 0.9, 0), (foot, 0.04), *curve[1:]], 0.04, n)]
    if c.some(0.25):
        parts.append(pair(tube(spline([(r * 0.95, -0.15, h * 0.9), (r * 1.15, 0, h * 0.9), (r * 0.95, 0.15, h * 0.9)], 14), 0.03)))
        return "Bowl with two handles", solids(*parts)
    return f"{c.one_of('Bowl', 'Salad bowl', 'Serving bowl', 'Dish')}{' with faceted sides' if n < 40 else ''}", solids(*parts)


@product("07-01")
def dish(c: Chance) -> tuple[str, list[Part]]:
    r, h = 1.0, c.between(0.06, 0.16)
    kind = c.one_of("round", "oval", "square", "octagonal")
    well = c.between(0.55, 0.75)
    outline = {"round": oval(1, 1, 48), "oval": oval(1, c.between(0.6, 0.75), 48), "square": rounded_rectangle(2, 2, c.between(0.1, 0.5), 8), "octagonal": regular(8, 1.1, 22.5)}[kind]
    rings = [(well * 0.9, 0), (well, 0.02), (r, h), (r, h + 0.02), (well, 0.045), (well * 0.85, 0.03)]
    from train.corpus.mesh import loft
    plate_ = loft(np.stack([np.column_stack([outline * s, np.full(len(outline), z)]) for s, z in rings]))
    return f"{kind.capitalize()} {c.one_of('plate', 'dinner plate', 'serving plate', 'tray')}", solids(plate_)


@product("07-01")
def teapot(c: Chance) -> tuple[str, list[Part]]:
    r, h = c.between(0.4, 0.6), c.between(0.5, 0.9)
    curve = spline([(r * 0.6, 0), (r, h * 0.4), (r * c.between(0.45, 0.8), h)], 18)
    tall = h > 0.75
    spout = tube(spline([(-r * 0.8, 0, h * 0.25), (-r * 1.3, 0, h * 0.5), (-r * 1.55, 0, h * 0.95)], 16), np.linspace(0.12, 0.05, 16))
    lid = lathe([(0, h), (curve[-1, 0] * 1.02, h), (curve[-1, 0] * 0.6, h + 0.1), (0.03, h + 0.13), (0.06, h + 0.18), (0.04, h + 0.23), (0, h + 0.24)], 36)
    handle = loop_handle(c, r * 0.8, h * 0.2, h * 0.85, 0.35, 0.04)
    name = c.one_of("Coffee pot", "Jug with lid") if tall else c.one_of("Teapot", "Tea kettle")
    return f"{name} with {c.one_of('curved spout', 'spout and handle', 'lid and spout')}", solids(lathe([(0, 0), *curve, (0, h)], 40), spout, lid, handle)


@product("07-01")
def pitcher(c: Chance) -> tuple[str, list[Part]]:
    r, h = c.between(0.35, 0.5), c.between(0.9, 1.4)
    body = hollow([(0, 0), (r * 0.8, 0), *spline([(r * 0.8, 0.02), (r * c.between(0.9, 1.2), h * 0.35), (r * c.between(0.55, 0.9), h * 0.8), (r * 0.85, h)], 20)], 0.03, 40)
    def lip(v: Doubles) -> Doubles:
        pull = np.exp(-((v[:, 1] / 0.15) ** 2)) * (v[:, 0] < 0) * np.clip((v[:, 2] / h - 0.75) / 0.25, 0, 1)
        return v - np.column_stack([0.18 * pull, 0 * pull, 0 * pull])
    return f"{c.one_of('Pitcher', 'Jug', 'Carafe')} with handle", solids(body.changed(lip), loop_handle(c, r * 0.75, h * 0.3, h * 0.85, 0.35, 0.045))


@product("07-02")
def pot(c: Chance) -> tuple[str, list[Part]]:
    r, h = c.between(0.4, 0.6), c.between(0.25, 0.8)
    body = hollow([(0, 0), (r * 0.95, 0), (r, 0.05), (r, h), (r * 1.04, h + 0.02)], 0.025, 44)
    lidded = c.some(0.65)
    ear = tube(spline([(r * 0.98, -0.13, h * 0.8), (r * 1.2, -0.1, h * 0.82), (r * 1.2, 0.1, h * 0.82), (r * 0.98, 0.13, h * 0.8)], 16), 0.025)
    long = c.some(0.4)
    grip = tube([(r * 0.95, 0, h * 0.85), (r * 1.15, 0, h * 0.9), (r * 2.4, 0, h)], [0.03, 0.035, 0.05], section=oval(1.2, 0.7, 14))
    parts = [body, grip if long else pair(ear)]
    if lidded:
        rise = c.between(0.05, 0.18)
        parts.append(lathe([(0, h + 0.02), (r * 1.04, h + 0.02), (r * 1.02, h + 0.05), *(arc(1, 20, 80, 8) * [r, rise] + [0, h + 0.05]), (0, h + rise + 0.05)], 44))
        parts.append(lathe([(0, 0), (0.03, 0), (0.03, 0.05), (0.08, 0.08), (0.06, 0.11), (0, 0.11)], 24).at(z=h + rise + 0.04))
    name = c.one_of("Saucepan", "Pan") if long else c.one_of("Cooking pot", "Stockpot", "Casserole")
    return f"{name} with {'lid' if lidded else 'long handle' if long else 'two handles'}", solids(*parts)


@product("07-02")
def frying_pan(c: Chance) -> tuple[str, list[Part]]:
    r, h = c.between(0.5, 0.65), c.between(0.08, 0.2)
    n = c.one_of(48, 48, 4, 8)
    body = hollow([(0, 0), (r * 0.78, 0), (r, h)], 0.03, n)
    if n < 48:
        body = body.turned(z=180 / n)
    length = c.between(0.8, 1.1)
    width = c.between(0.04, 0.07)
    grip = extrude([(0, -width), *(arc(width, -90, 90, 10) + [length, 0]), (0, width)], 0.03, [oval(0.03, 0.018, 14) + [length - 0.02, 0]]).turned(y=-8).at(r * 0.9, 0, h * 0.7)
    return f"{c.one_of('Frying pan', 'Skillet', 'Grill pan')} with {'square base' if n == 4 else 'flat handle'}", solids(body, grip)


@product("07-02")
def barbecue(c: Chance) -> tuple[str, list[Part]]:
    r = c.between(0.28, 0.36)
    z = c.between(0.55, 0.75)
    base = lathe([*(arc(r, -88, 0, 16) * [1, 0.7] + [0, z]), (r + 0.015, z), (0, z)], 36)
    lid = lathe([(0, z), (r + 0.01, z), *(arc(r, 2, 88, 16) * [1, c.between(0.5, 0.8)] + [0, z + 0.015])], 36)
    leg = tube([(r * 0.6, 0, z - r * 0.5), (r * 1.3, 0, 0)], 0.012)
    wheels = pair(cylinder(0.08, 0.03, 24).turned(y=90).at(0.2, 0.24, 0.08))
    return "Kettle barbecue grill with lid", solids(base, lid, radial(leg, 3, 90), wheels, tube(spline([(-0.06, 0, z + r * 0.6), (-0.06, 0, z + r * 0.95), (0.06, 0, z + r * 0.95), (0.06, 0, z + r * 0.6)], 14), 0.012))


@product("07-03")
def knife(c: Chance) -> tuple[str, list[Part]]:
    length, width = c.between(0.8, 1.6), c.between(0.12, 0.35)
    b = extrude(blade(length, width, c), 0.015).at(z=-0.0075)
    grip = spline([(0.02, width * 0.3), (-0.3, width * 0.25), (-0.6, width * c.between(0.25, 0.4)), (-0.8, 0), (-0.6, -width * c.between(0.25, 0.45)), (-0.3, -width * 0.25), (0.02, -width * 0.4)], 36)
    handle = extrude(grip, 0.1).at(z=-0.05)
    rivets = [cylinder(0.02, 0.106, 14).at(-0.15 - 0.18 * k, 0, -0.053) for k in range(c.one_of(0, 2, 3))]
    kind = "Cleaver" if width > 0.3 else c.one_of("Knife", "Kitchen knife", "Table knife", "Steak knife")
    return f"{kind}{' with riveted handle' if rivets else ' with contoured handle'}", [Part(m.turned(x=90)) for m in (b, handle, *rivets)]


@product("07-03")
def spoon(c: Chance) -> tuple[str, list[Part]]:
    ladle = c.some(0.25)
    a, b = c.between(0.16, 0.24), c.between(0.11, 0.16)
    end = c.between(0.03, 0.08)
    handle_outline = spline([(0.1, 0.03), (0.5, 0.02), (1.0, end * 0.8), (1.15, end), (1.2, 0), (1.15, -end), (1.0, -end * 0.8), (0.5, -0.02), (0.1, -0.03)], 44, closed=True)
    handle = extrude(handle_outline, 0.02).changed(lambda v: v + np.column_stack([0 * v[:, 0], 0 * v[:, 0], 0.08 * np.sin(v[:, 0] * 2.5)]))
    depth = 0.16 if ladle else c.between(0.04, 0.07)
    profile = arc(1, -88, 0, 12)
    cup = lathe([(0, -1), *profile, *(profile[::-1] * 0.9), (0, -0.9)], 36).scaled(a, b, depth).at(-a * 0.5 + 0.1, 0, 0.02)
    return c.one_of("Ladle") if ladle else c.one_of("Spoon", "Table spoon", "Tea spoon", "Serving spoon"), solids(cup, handle)


@product("07-03")
def fork(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(2, 4)
    w, end = c.between(0.16, 0.24), c.between(0.03, 0.09)
    tines = []
    gap = w / (2 * n - 1)
    for k in range(n):
        y = w / 2 - gap * 2 * k
        tines += [(-0.02, y), (-0.42, y - gap * 0.3), (-0.42, y - gap * 0.7), (-0.02, y - gap), *([(0.0, y - gap), (0.0, y - 2 * gap)] if k < n - 1 else [])]
    half = spline([(0.25, w * 0.3), (0.35, 0.02), (0.9, end * 0.7), (1.2, end), (1.26, 0)], 18)
    outline = [*tines, (0.1, -w / 2), *(half * [1, -1]), *half[::-1][1:], (0.1, w / 2)]
    bend = extrude(outline, 0.02).changed(lambda v: v + np.column_stack([0 * v[:, 0], 0 * v[:, 0], 0.06 * np.sin(v[:, 0] * 3)]))
    return f"{c.one_of('Fork', 'Table fork', 'Dinner fork')} with {('two', 'three', 'four')[n - 2]} tines", solids(bend)


@product("07-04")
def kitchen_tool(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("whisk", "grater", "rolling pin", "peeler", "masher", "mill")
    if kind == "whisk":
        wire = tube(spline([(0.02, 0, 0.4), (0.16, 0, 0.8), (0.1, 0, 1.05), (0, 0, 1.1)], 16), 0.007, 8)
        return "Whisk with wire loops", solids(radial(wire, c.whole(6, 10)), lathe([(0, -0.3), (0.05, -0.28), (0.035, 0.1), (0.04, 0.4), (0, 0.42)], 24))
    if kind == "grater":
        body = prism(4, 0.35, 1).turned(z=45).tapered(0.6)
        teeth = row(row(torus(0.02, 0.007, 10, 6).turned(x=90).at(y=-0.25), 4, x=0.08), 7, z=0.1).at(z=0.45).changed(lambda v: v + np.column_stack([0 * v[:, 0], v[:, 2] * 0.1, 0 * v[:, 0]]))
        return "Box grater with handle", solids(body, teeth, tube(spline([(-0.1, 0, 1), (-0.1, 0, 1.15), (0.1, 0, 1.15), (0.1, 0, 1)], 14), 0.02))
    if kind == "rolling pin":
        end = lathe([(0, 0.5), (0.03, 0.5), (0.05, 0.6), (0.035, 0.75), (0, 0.78)], 24)
        return "Rolling pin", [Part(m.turned(y=90)) for m in (cylinder(c.between(0.08, 0.13), 1, 36).at(z=-0.5), end, end.mirrored(2))]
    if kind == "peeler":
        fork_ = tube([(-0.12, 0, 0.35), (-0.1, 0, 0.1), (0.1, 0, 0.1), (0.12, 0, 0.35)], 0.02)
        return "Vegetable peeler", solids(fork_, box(0.24, 0.05, 0.01).at(z=0.34), superellipsoid(0.07, 0.05, 0.3, 2, 3).at(z=-0.2))
    if kind == "masher":
        grid = extrude(oval(0.2, 0.2, 36), 0.02, [regular(10, 0.03) + [x, y] for x in (-0.1, 0, 0.1) for y in (-0.1, 0, 0.1)])
        return "Potato masher with perforated plate", solids(grid, pair(tube(spline([(0.15, 0, 0.01), (0.1, 0, 0.3), (0.015, 0, 0.5)], 14), 0.015)), lathe([(0, 0.45), (0.04, 0.47), (0.05, 0.7), (0.035, 0.85), (0, 0.87)], 24))
    h = c.between(0.5, 1)
    curve = spline([(0.15, 0), *((c.between(0.08, 0.17), h * k / 5) for k in range(1, 5)), (0.1, h)], 30)
    return c.one_of("Pepper mill", "Salt shaker", "Spice grinder"), solids(lathe([(0, 0), *curve, (0, h)], 36), lathe([(0, h), (0.1, h + 0.01), (0.14, h + 0.08), (0.08, h + 0.17), (0.03, h + 0.19), (0.04, h + 0.24), (0, h + 0.26)], 36))


@product("07-05")
def iron(c: Chance) -> tuple[str, list[Part]]:
    sole = spline([(0, 0.2), (0.5, 0.19), (0.85, 0.08), (1.0, 0), (0.85, -0.08), (0.5, -0.19), (0, -0.2)], 40)
    handle = tube(spline([(0.08, 0, 0.2), (0.05, 0, 0.45), (0.3, 0, 0.52), (0.6, 0, 0.45), (0.7, 0, 0.22)], 24), 0.045)
    return "Steam iron with loop handle", solids(extrude(sole, 0.04), extrude(sole * 0.94 + [0.02, 0], 0.22).tapered(0.7).at(x=0.08, z=0.04), handle, cylinder(0.06, 0.03, 24).at(0.45, 0, 0.24))


@product("07-05")
def laundry(c: Chance) -> tuple[str, list[Part]]:
    if c.some():
        arms = side_plate([(-0.04, 0), (0.02, 0), (0.06, 1), (-0.01, 1)], 0.12)
        spring = torus(0.08, 0.02, 24, 8).turned(y=90).at(z=0.6)
        return "Clothes peg with spring", solids(arms.turned(x=7).at(y=-0.05), arms.mirrored(1).turned(x=-7).at(y=0.05), spring)
    n = c.whole(4, 8)
    wing = join([row(cylinder(0.008, 0.9, 8).turned(x=90).at(y=0.45), n, x=0.08), pair(box(0.08 * n, 0.015, 0.015).at(y=0.45), 1)])
    leg = tube([(0, 0.4, 0), (0.4, 0.4, 0.9)], 0.012)
    return "Folding laundry drying rack", solids(wing.at(0.04 * n, 0, 0.9), wing.mirrored().at(-0.04 * n, 0, 0.9), pair(pair(leg.at(-0.2)), 1))


@product("07-07")
def bin_(c: Chance) -> tuple[str, list[Part]]:
    r, h = c.between(0.25, 0.4), c.between(0.5, 1)
    n = c.one_of(40, 40, 4, 6)
    body = hollow([(0, 0), (r * c.between(0.65, 1), 0), (r, h)], 0.02, n)
    handle = tube(np.column_stack([arc(r, 0, 180, 20)[:, 0], np.zeros(20), arc(r * 0.8, 0, 180, 20)[:, 1] + h * 0.95]), 0.012, 10)
    if c.some():
        return "Bucket with bail handle", solids(body, handle, torus(r, 0.02, 40, 8).at(z=h))
    return f"{c.one_of('Waste basket', 'Storage basket', 'Bin')}{' with square base' if n == 4 else ''}", solids(body)


@product("07-10")
def cooler(c: Chance) -> tuple[str, list[Part]]:
    if c.some():
        x, y, z = 1, c.between(0.5, 0.7), c.between(0.5, 0.8)
        handle = tube([(-x / 2 - 0.03, 0, z * 0.9), (-x / 2 - 0.03, 0, z + 0.28), (x / 2 + 0.03, 0, z + 0.28), (x / 2 + 0.03, 0, z * 0.9)], 0.025)
        return "Cooler box with carrying handle", solids(rounded_box(x, y, z, 0.1, 0.03), rounded_box(x * 1.04, y * 1.05, 0.12, 0.1, 0.03).at(z=z + 0.01), handle, box(0.12, 0.04, 0.16).at(y=-y / 2, z=z - 0.08))
    r, h = c.between(0.2, 0.28), c.between(0.9, 1.3)
    return c.one_of("Vacuum flask with cup lid", "Insulated bottle", "Thermos flask"), solids(cylinder(r, h, 40), lathe([(0, h), (r, h), (r * 0.75, h + 0.12), (0, h + 0.12)], 40), cylinder(r * c.between(0.7, 0.98), 0.28, 40).at(z=h + 0.1), torus(r, 0.012, 40, 8).at(z=h * 0.06))


@product("09-01")
def bottle(c: Chance) -> tuple[str, list[Part]]:
    h, r = c.between(1.4, 2.4), c.between(0.28, 0.45)
    neck, shoulder = r * c.between(0.25, 0.45), h * c.between(0.5, 0.75)
    waist = r * c.between(0.7, 1) if c.some(0.4) else r
    n = c.one_of(40, 40, 40, 40, 8, 6)
    curve = [(r * 0.9, 0), (r, 0.05), *spline([(r, 0.08), (waist, shoulder * 0.5), (r, shoulder)], 10 if waist < r else 2), *spline([(r, shoulder), (r * 0.85, shoulder + 0.14), (neck * 1.2, shoulder + 0.4 * (h - shoulder)), (neck, h - 0.1)], 14)[1:], (neck, h)]
    body = lathe([(0, 0), *curve, (0, h)], n)
    if c.some(0.4):
        body = body.scaled(1, c.between(0.45, 0.75), 1)
    cap_h = c.between(0.1, 0.3)
    cap = c.one_of(cylinder(neck * 1.25, cap_h, 32), prism(12, neck * 1.3, cap_h), lathe([(0, 0), (neck * 1.2, 0), (neck * 1.5, cap_h), (0, cap_h)], 32)).at(z=h - 0.05)
    bands = [torus(r * 1.0, 0.012, 40, 8).at(z=z) for z in (0.2, shoulder * 0.92)] if c.some(0.3) and waist == r and n == 40 else []
    shape = "faceted body" if n < 40 else "waisted body" if waist < r * 0.95 else "sloping shoulders" if shoulder < h * 0.6 else "high shoulders"
    return f"{c.one_of('Bottle', 'Beverage bottle', 'Container bottle')} with {shape}{' and cap' if c.some() else ''}", solids(body, cap, *bands)


@product("09-01")
def dispenser(c: Chance) -> tuple[str, list[Part]]:
    h, r = c.between(0.7, 1.2), c.between(0.25, 0.4)
    body = c.one_of(lathe([(0, 0), (r, 0), (r, h * 0.85), (r * 0.5, h), (0, h)], 40), rounded_box(2 * r, 1.2 * r, h, r * 0.4, 0.05), superellipsoid(r, r * 0.7, h / 2, 3, 6).at(z=h / 2))
    spray = c.some(0.45)
    neck = cylinder(0.1, 0.12, 24).at(z=h - 0.02)
    if spray:
        head = side_plate([(-0.3, 0.22), (-0.3, 0.34), (0.1, 0.42), (0.25, 0.3), (0.12, 0.1), (-0.05, 0.08), (-0.05, 0.2)], 0.14).at(z=h)
        lever = side_plate([(-0.05, 0.22), (-0.12, 0.2), (-0.2, -0.1), (-0.17, -0.12), (-0.1, 0.1)], 0.06).at(z=h)
        return "Spray bottle with trigger", solids(body, neck, head, lever)
    nozzle = tube(spline([(0, 0, h + 0.3), (0, -0.02, h + 0.36), (0, -0.25, h + 0.37), (0, -0.36, h + 0.32)], 14), [0.05] * 7 + [0.04] * 7)
    return f"{c.one_of('Pump dispenser', 'Soap dispenser', 'Lotion bottle with pump')}", solids(body, neck, cylinder(0.03, 0.3, 14).at(z=h), nozzle, cylinder(0.09, 0.06, 24).at(z=h + 0.33))


@product("09-01")
def jar(c: Chance) -> tuple[str, list[Part]]:
    r, h = c.between(0.35, 0.55), c.between(0.3, 1)
    n = c.one_of(40, 40, 6, 8)
    body = lathe([(0, 0), (r * 0.95, 0), (r, 0.04), (r, h * 0.85), (r * 0.85, h), (0, h)], n)
    lid = cylinder(r * c.between(0.88, 1.04), c.between(0.12, 0.25), 44).at(z=h - 0.02)
    return f"{c.one_of('Jar', 'Cosmetic jar', 'Food jar', 'Pot')} with screw lid{' and faceted sides' if n < 40 else ''}", solids(body, lid)


@product("09-02")
def drum(c: Chance) -> tuple[str, list[Part]]:
    r, h = c.between(0.3, 0.4), c.between(0.7, 1)
    if c.some():
        return "Drum with rolling hoops", solids(cylinder(r, h, 44), *(torus(r, 0.02, 44, 8).at(z=h * z) for z in (0.01, 0.33, 0.66, 0.99)), cylinder(0.05, 0.02, 20).at(r * 0.6, 0, h))
    x, y = 0.5, 0.25
    grip = tube(spline([(-0.15, 0, h), (-0.12, 0, h + 0.14), (0.1, 0, h + 0.14), (0.14, 0, h)], 16), 0.03)
    return c.one_of("Jerry can with handle", "Fuel canister"), solids(rounded_box(x, y, h, 0.06, 0.04), grip, cylinder(0.05, 0.1, 20).turned(y=30).at(0.18, 0, h - 0.02), plate(rectangle(0.3, 0.5), 0.01).at(y=-y / 2, z=h / 2))


@product("09-03")
def carton(c: Chance) -> tuple[str, list[Part]]:
    x, y, z = c.between(0.5, 1), c.between(0.3, 0.8), c.between(0.2, 1)
    kind = c.one_of("lid", "flaps", "sleeve", "gable", "tin")
    if kind == "lid":
        return f"{c.one_of('Box', 'Gift box', 'Storage box')} with lift-off lid", solids(box(x, y, z), box(x * 1.04, y * 1.04, z * 0.25).at(z=z * 0.8))
    if kind == "flaps":
        flap = box(x, y / 2, 0.01).at(y=-y / 4)
        tray = extrude(rectangle(x, y), z, [rectangle(x - 0.03, y - 0.03)])
        return "Carton with open flaps", solids(tray, box(x, y, 0.01), flap.turned(x=c.between(20, 60)).at(y=-y / 2, z=z), flap.mirrored(1).turned(x=-c.between(20, 60)).at(y=y / 2, z=z))
    if kind == "sleeve":
        return "Box with sliding drawer", solids(extrude(rectangle(x, z), y, [rectangle(x - 0.03, z - 0.03)]).turned(x=90).at(y=y / 2, z=z / 2), box(x - 0.04, y, z * 0.8).at(y=-y * c.between(0.2, 0.5), z=0.03))
    if kind == "gable":
        return "Gable top carton", solids(box(x, x, z + 0.5), side_plate([(-x / 2, 0), (x / 2, 0), (0.015, x * 0.4), (0.015, x * 0.5), (-0.015, x * 0.5), (-0.015, x * 0.4)], x).at(z=z + 0.5), cylinder(0.09, 0.06, 24).turned(x=38).at(y=-x * 0.27, z=z + 0.5 + x * 0.18))
    r = c.between(0.3, 0.5)
    return c.one_of("Tin can with pull tab", "Beverage can"), solids(lathe([(0, 0), (r * 0.9, 0), (r, 0.05), (r, 1.0), (r * 0.88, 1.1), (r * 0.88, 1.12), (r * 0.84, 1.12), (r * 0.84, 1.08), (0, 1.08)], 44), extrude(oval(0.05, 0.09, 20), 0.015, [oval(0.025, 0.035, 14) + [0, -0.03]]).at(y=0.05, z=1.09))


@product("09-03")
def food_tray(c: Chance) -> tuple[str, list[Part]]:
    x, y, z = 1, c.between(0.6, 0.9), c.between(0.12, 0.35)
    n, m = c.whole(1, 3), c.whole(1, 2)
    w, d = x / n, y / m
    holes = [rounded_rectangle(w * 0.86, d * 0.86, 0.06) + [w * (i + 0.5) - x / 2, d * (k + 0.5) - y / 2] for i in range(n) for k in range(m)]
    return f"{c.one_of('Food container', 'Tray', 'Packaging tray')} with {n * m} compartment{'s' if n * m > 1 else ''}", solids(extrude(rounded_rectangle(x, y, 0.1), z, holes), rounded_box(x, y, 0.02, 0.1), *([extrude(rounded_rectangle(x * 1.08, y * 1.1, 0.12), 0.02, [rounded_rectangle(x * 0.995, y * 0.995, 0.1)]).at(z=z - 0.02)] if c.some() else []))


@product("09-04")
def crate(c: Chance) -> tuple[str, list[Part]]:
    x, y, z, n = 1, c.between(0.6, 0.8), c.between(0.3, 0.6), c.whole(3, 5)
    slat = z / n
    if c.some(0.4):
        basket = hollow([(0, 0), (0.35, 0), (0.5, z + 0.1)], 0.02, 40)
        weave = [torus(0.36 + 0.13 * k / n, 0.02, 40, 8).at(z=(z + 0.1) * k / n) for k in range(n + 1)]
        arch = np.column_stack([arc(0.48, 0, 180, 20)[:, 0], np.zeros(20), arc(0.5, 0, 180, 20)[:, 1] + z])
        return "Basket with arched handle", solids(basket, *weave, tube(arch, 0.025))
    side = join([row(box(x, 0.02, slat * 0.7), n, z=slat).at(y=y / 2, z=z / 2 - slat / 2)])
    end = join([row(box(0.02, y, slat * 0.7), n, z=slat).at(x=x / 2, z=z / 2 - slat / 2)])
    return "Crate with slatted sides", solids(pair(side, 1), pair(end), pair(pair(box(0.05, 0.05, z).at(x / 2 - 0.04, y / 2 - 0.04)), 1), row(box(x, y / 6, 0.02), 5, y=y / 5))


@product("09-05")
def tube_pack(c: Chance) -> tuple[str, list[Part]]:
    r, h = c.between(0.15, 0.25), c.between(0.8, 1.3)
    ring = oval(1, 1, 32)
    from train.corpus.mesh import loft
    rings = [np.column_stack([ring * [r * (1 - 0.0 * t) * (1 + 0.25 * t), r * max(1 - t, 0.04)], np.full(32, h * (1 - t))]) for t in np.linspace(1, 0, 10)]
    cap = c.one_of(cylinder(r * 0.6, 0.2, 32), prism(10, r * 0.7, 0.16), cylinder(r * 1.02, 0.3, 36)).at(z=h)
    return f"{c.one_of('Squeeze tube', 'Toothpaste tube', 'Cosmetic tube')} with cap", solids(loft(np.stack(rings)), cap)


@product("09-07")
def closure(c: Chance) -> tuple[str, list[Part]]:
    r, h, n = 0.5, c.between(0.25, 0.7), c.whole(16, 40)
    ribs = radial(box(0.05, 0.03, h * 0.8).at(x=r, z=h * 0.08), n)
    body = cylinder(r, h, 44)
    kind = c.one_of("flip", "sport", "plain", "cork")
    if kind == "cork":
        return "Bottle stopper with knob", solids(lathe([(0, 0), (0.2, 0), (0.28, 0.6), (0, 0.6)], 36), lathe([(0, 0.6), (0.4, 0.6), (0.45, 0.75), (0.3, 1), (0, 1.05)], 36))
    top = [rounded_box(r, r * 0.8, 0.08, 0.15, 0.03).at(z=h)] if kind == "flip" else [lathe([(0, 0), (0.25, 0), (0.18, 0.2), (0.22, 0.35), (0.1, 0.4), (0, 0.4)], 32).at(z=h)] if kind == "sport" else []
    return f"{c.one_of('Cap', 'Closure', 'Bottle cap')} with {'hinged lid' if kind == 'flip' else 'drinking spout' if kind == 'sport' else 'ribbed skirt'}", solids(body, ribs, *top)


@product("09-08")
def pallet(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(5, 9)
    top = row(box(1.2 / n * 0.8, 1, 0.025), n, x=1.2 / n)
    blocks = row(row(box(0.14, 0.14, 0.1), 3, x=0.52), 3, y=0.42)
    return "Pallet with blocks and deck boards", solids(top.at(z=0.15), row(box(1.2, 0.12, 0.025), 3, y=0.42).at(z=0.125), blocks.at(z=0.025), row(box(1.2, 0.12, 0.025), 3, y=0.42))


@product("09-09")
def trash_can(c: Chance) -> tuple[str, list[Part]]:
    if c.some():
        r, h = c.between(0.2, 0.3), c.between(0.6, 0.9)
        return "Pedal bin with domed lid", solids(cylinder(r, h, 44), lathe([(0, h), (r * 1.03, h), (r * 1.03, h + 0.04), *(arc(1, 10, 85, 10) * [r, 0.14] + [0, h + 0.03]), (0, h + 0.17)], 44), box(0.1, 0.14, 0.02).at(y=-r - 0.04, z=0.02), cylinder(r * 1.03, 0.05, 44))
    x, y, h = 0.55, 0.65, c.between(0.9, 1.1)
    body = box(x, y, h).tapered(1.25).scaled(0.8, 0.8, 1)
    return "Wheeled refuse container with hinged lid", solids(body, rounded_box(x * 1.08, y * 1.1, 0.06, 0.05, 0.02).turned(x=4).at(z=h + 0.01), pair(cylinder(0.1, 0.05, 28).turned(y=90).at(x * 0.4, y * 0.42, 0.1)), tube([(-x * 0.4, y * 0.62, h - 0.05), (x * 0.4, y * 0.62, h - 0.05)], 0.02))


@product("04-01")
def broom(c: Chance) -> tuple[str, list[Part]]:
    w = c.between(0.25, 0.5)
    head = rounded_box(w, 0.08, 0.06, 0.03, 0.01)
    n = c.whole(8, 16)
    hair = row(box(w / n * 0.7, 0.06, 0.1).tapered(1.0, 0.6), n, x=w / n * 0.95).turned(x=180).at(z=0.01)
    if c.some(0.4):
        return "Scrubbing brush with handle", solids(head, hair, tube(spline([(-w * 0.4, 0, 0.05), (-w * 0.3, 0, 0.14), (w * 0.3, 0, 0.14), (w * 0.4, 0, 0.05)], 16), 0.018))
    return c.one_of("Broom with bristles", "Push broom", "Sweeping brush"), solids(head, hair, cylinder(0.013, c.between(0.6, 1.1), 12).turned(x=c.between(-20, 0)).at(z=0.05))


@product("04-02")
def toothbrush(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(6, 10)
    handle = tube(spline([(0, 0, 0), (0.3, 0, 0.01), (0.6, 0, c.between(-0.03, 0.03)), (1, 0, 0), (1.2, 0, 0)], 30), 0.05 * (0.6 + 0.5 * np.sin(np.linspace(0.3, 4, 30)) ** 2), section=oval(1, 0.7, 16))
    hair = row(row(cylinder(0.011, 0.1, 10), n, x=0.025), 3, y=0.025).at(1.28, 0, 0.01)
    return c.one_of("Toothbrush", "Toothbrush with curved handle"), solids(handle, rounded_box(0.3, 0.1, 0.03, 0.045, 0.01).at(1.28, 0, -0.01), hair)


@product("04-02")
def hairbrush(c: Chance) -> tuple[str, list[Part]]:
    pad = superellipsoid(0.28, 0.2, 0.06, c.between(2, 4), 2)
    pins = row(row(cylinder(0.008, 0.12, 6), 8, x=0.05), 6, y=0.05).at(z=0.04)
    handle = tube(spline([(0.24, 0, 0), (0.4, 0, 0), (0.8, 0, 0)], 16), 0.045 * (1 + 0.3 * np.sin(np.linspace(0, 5, 16))))
    return c.one_of("Hair brush with cushion", "Clothes brush with handle", "Hairbrush"), solids(pad, pins, handle)


@product("04-04")
def paintbrush(c: Chance) -> tuple[str, list[Part]]:
    w = c.between(0.05, 0.25)
    if c.some(0.35):
        roll = cylinder(0.1, 0.55, 36).turned(y=90).at(-0.27, 0, 0.8)
        return "Paint roller with handle", solids(roll, tube([(0.35, 0, 0.8), (0.35, 0, 0.55), (0, 0, 0.45), (0, 0, 0.2)], 0.015), lathe([(0, -0.2), (0.05, -0.18), (0.035, 0.1), (0.04, 0.22), (0, 0.24)], 20))
    handle = lathe([(0, -0.6), (0.03, -0.58), (0.02, -0.3), (0.05, -0.1), (0.045, 0.02), (0, 0.02)], 20)
    return f"{'Flat paintbrush' if w > 0.12 else 'Paintbrush'} with ferrule", solids(handle.scaled(max(1, w / 0.07), 1, 1), rounded_box(w, 0.09, 0.15, 0.03), rounded_box(w * 0.95, 0.08, 0.3, 0.03).tapered(c.between(0.6, 1.1), 0.3).at(z=0.14))


@product("08-02")
def hammer(c: Chance) -> tuple[str, list[Part]]:
    length = c.between(0.8, 1.2)
    handle = tube(spline([(0, 0, 0), (0, 0, length * 0.4), (0, 0, length)], 16), 0.045 * (1 + 0.35 * np.cos(np.linspace(0, 3.5, 16))), section=oval(1.1, 0.8, 16))
    kind = c.one_of("claw", "mallet", "ball", "sledge")
    if kind == "mallet":
        head = [cylinder(0.14, 0.5, 36).turned(y=90).at(-0.25, 0, length)]
    elif kind == "sledge":
        head = [prism(8, 0.1, 0.4).turned(z=22.5).turned(y=90).at(-0.2, 0, length)]
    else:
        face = [cylinder(0.075, 0.07, 28).turned(y=90).at(0.19, 0, length), tube([(-0.06, 0, length), (0.21, 0, length)], [0.07, 0.05])]
        tail = ellipsoid(0.07, 0.07, 0.07).at(-0.14, 0, length) if kind == "ball" else pair(tube(spline([(-0.04, 0.025, length), (-0.2, 0.04, length + 0.01), (-0.34, 0.06, length - 0.1)], 14), np.linspace(0.055, 0.012, 14)), 1)
        head = [*face, tail, box(0.13, 0.11, 0.13).at(z=length - 0.065)]
    return f"{dict(claw='Claw hammer', mallet='Mallet', ball='Ball-peen hammer', sledge='Sledge hammer')[kind]}", solids(handle, *head)


@product("08-04")
def screwdriver(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(3, 10)
    h = c.between(0.35, 0.5)
    grip = lathe([(0, 0), *spline([(0.05, 0.005), (0.09, h * 0.25), (0.075, h * 0.6), (0.09, h * 0.85), (0.05, h)], 18), (0, h)], 36)
    flute = radial(cylinder(0.018, h * 0.55, 10).at(0.08, 0, h * 0.2), n)
    shaft = cylinder(0.022, c.between(0.4, 0.9), 16).at(z=h - 0.02)
    tip = box(0.06, 0.012, 0.1).at(z=float(shaft.bounds()[1, 2]) - 0.03)
    return c.one_of("Screwdriver with fluted handle", "Screwdriver", "Hand screwdriver"), [Part(m.turned(y=90)) for m in (grip, flute, shaft, tip)]


@product("08-04")
def wrench(c: Chance) -> tuple[str, list[Part]]:
    r, length, w = c.between(0.13, 0.18), c.between(1, 1.5), c.between(0.05, 0.08)
    jaw = math.radians(15)
    gap = r * 0.55
    def head(x: float, sign: float, turn: float) -> list[Doubles]:
        points = np.concatenate([arc(r, 40, 320, 28), [(gap * 0.7, -gap), (-gap * 0.6, -gap), (-gap * 0.6, gap), (gap * 0.7, gap)]])
        spin = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
        return [points @ spin * [sign, 1] + [x, 0]]
    open_end = extrude(head(length, 1, jaw)[0], 0.06)
    if c.some():
        other = extrude(oval(r, r, 32), 0.07, [regular(c.one_of(6, 12), r * 0.62)])
        name = "Combination wrench"
    else:
        other = extrude(head(0, -1, -jaw)[0] * 1, 0.06).scaled(c.between(0.8, 1), 1, 1)
        name = "Open-end wrench"
    bar = rounded_box(length - 1.4 * r, 2 * w, 0.05, 0.03).at(length / 2, 0, 0.005)
    return c.one_of(name, name.replace("wrench", "spanner")), [Part(m.turned(x=90)) for m in (open_end, other, bar)]


@product("08-05")
def pliers(c: Chance) -> tuple[str, list[Part]]:
    spread = c.between(0.12, 0.3)
    nose = c.between(0.2, 0.5)
    side = spline([(0.0, 0.07), (0.06, 0.0), (0.03, -0.1), (spread * 0.8, -0.4), (spread, -0.8), (spread * 0.9, -1.0)], 26)
    grip = tube(np.column_stack([side[:, 0], np.zeros(26), side[:, 1]]), np.linspace(0.05, 0.065, 26))
    jaw = plate([(0.008, 0.02), (0.09, 0), (0.08, nose * 0.4), (0.035, nose), (0.008, nose)], 0.08)
    return f"{c.one_of('Pliers', 'Combination pliers') if nose < 0.35 else 'Needle-nose pliers'} with sleeved handles", solids(pair(grip), pair(jaw), cylinder(0.11, 0.09, 32).turned(x=90).at(y=0.045), cylinder(0.04, 0.11, 20).turned(x=90).at(y=0.055))


@product("08-03")
def scissors(c: Chance) -> tuple[str, list[Part]]:
    length, open_ = c.between(0.7, 1.2), c.between(4, 18)
    ring = c.between(0.12, 0.18)
    def half(sign: float) -> Mesh:
        b = plate([(0, -0.05), (0.045, 0), (0.03, length * 0.6), (0.0, length), (-0.03, 0.0)], 0.02)
        arm = tube(spline([(0, 0, 0), (0.03, 0, -0.2), (0.06, 0, -0.35)], 10), 0.03)
        eye = torus(ring, 0.03, 32, 12).turned(x=90).scaled(0.8, 1, 1.15).at(0.06 + ring * 0.7, 0, -0.35 - ring)
        m = join([b, arm, eye]).turned(y=open_)
        return (m if sign > 0 else m.mirrored(0)).at(y=0.012 * sign)
    return c.one_of("Scissors", "Household scissors", "Shears"), solids(half(1), half(-1), cylinder(0.035, 0.06, 20).turned(x=90).at(y=0.03))


@product("08-03")
def saw(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(18, 34)
    length, w = 1.2, c.between(0.15, 0.25)
    teeth = np.array([(x, -0.03 * (k % 2)) for k, x in enumerate(np.linspace(0, length, 2 * n))])
    b = plate([*teeth, (length, w * 0.4), (0, w)], 0.012)
    handle = plate(spline([(-0.35, -0.08), (-0.1, -0.12), (0.1, -0.02), (0.08, w), (-0.1, w + 0.1), (-0.3, w + 0.02)], 36, closed=True), 0.08, [oval(0.06, 0.09, 20) + [-0.17, w * 0.35]])
    return "Hand saw with closed handle", solids(b, handle)


@product("08-01")
def digging(c: Chance) -> tuple[str, list[Part]]:
    if c.some(0.4):
        body = rounded_box(0.22, 0.5, 0.2, 0.09, 0.06)
        grip = side_plate([(0.05, 0.05), (0.22, 0.05), (0.28, -0.45), (0.1, -0.48)], 0.13)
        chuck = lathe([(0, 0), (0.08, 0), (0.07, 0.12), (0.04, 0.2), (0, 0.2)], 28).turned(x=90)
        return "Cordless drill with pistol grip", solids(body, grip, chuck.at(y=-0.24, z=0.1), cylinder(0.012, 0.3, 10).turned(x=90).at(y=-0.42, z=0.1), rounded_box(0.2, 0.32, 0.12, 0.04, 0.02).at(y=0.2, z=-0.58), box(0.05, 0.05, 0.1).at(y=0.06, z=-0.1))
    w = c.between(0.2, 0.32)
    spade = plate(spline([(-w / 2, 0.4), (-w / 2, 0), (0, -0.2 if c.some() else -0.05), (w / 2, 0), (w / 2, 0.4)], 30), 0.02).changed(lambda v: v + np.column_stack([0 * v[:, 0], -0.6 * v[:, 0] ** 2, 0 * v[:, 0]]))
    h = c.between(0.6, 1.4)
    return c.one_of("Shovel with D-handle", "Spade"), solids(spade, cylinder(0.025, h, 16).at(z=0.35), tube(spline([(0, 0, h + 0.33), (0.09, 0, h + 0.42), (0.09, 0, h + 0.5), (-0.09, 0, h + 0.5), (-0.09, 0, h + 0.42), (0, 0, h + 0.33)], 26), 0.018))


@product("08-06")
def door_handle(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("lever", "knob", "bar", "cup")
    if kind == "lever":
        rose = c.one_of(cylinder(0.1, 0.03, 36).turned(x=90), plate(rounded_rectangle(0.16, 0.8, 0.05), 0.03), plate(rounded_rectangle(0.2, 0.2, 0.02), 0.03))
        grip = tube(spline([(0, 0, 0), (0, -0.2, 0), (0.06, -0.24, 0), (0.3, -0.24, c.between(-0.05, 0.05)), (0.5, c.between(-0.24, -0.18), c.between(-0.06, 0.06))], 26), 0.035, section=c.one_of(oval(1, 0.7, 16), rounded_rectangle(1.6, 1.2, 0.3, 4)))
        return f"{c.one_of('Door handle', 'Lever handle')} with {'long' if float(rose.bounds()[1, 2]) > 0.3 else 'round'} rose".replace("long rose", "backplate"), solids(rose, grip)
    if kind == "knob":
        profile = spline([(0.05, 0.0), (0.05, 0.15), (c.between(0.15, 0.25), 0.25), (c.between(0.12, 0.2), 0.4), (0.02, 0.44)], 20)
        return c.one_of("Door knob", "Furniture knob", "Drawer knob"), solids(lathe([(0, 0), *profile, (0, 0.44)], 40).turned(x=90), cylinder(0.18, 0.03, 40).turned(x=90))
    if kind == "bar":
        length = c.between(0.5, 1.2)
        return "Pull handle with two posts", solids(tube([(-length / 2, -0.18, 0), (length / 2, -0.18, 0)], 0.03, section=c.one_of(None, rounded_rectangle(2, 1.4, 0.2, 3))), pair(cylinder(0.022, 0.18, 16).turned(x=90).at(length * 0.38)))
    points = arc(0.25, 0, 180, 24)
    return "Cup pull", solids(lathe([(0, 0.25), *points[:12] * [1, 1]][::-1], 24).scaled(1, 0.8, 0.5))


@product("08-06")
def hinge(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(3, 5)
    h, w = c.between(0.6, 1.2), c.between(0.3, 0.5)
    holes = [oval(0.03, 0.03, 14) + [w * 0.6, z] for z in np.linspace(h * 0.15, h * 0.85, c.whole(2, 4))]
    leaf = plate(rounded_rectangle(w, h, c.between(0.005, 0.1)) + [w / 2, h / 2], 0.025, holes)
    return "Hinge with two leaves", solids(leaf, leaf.mirrored(), *(cylinder(0.05, h / n * 0.97, 24).at(z=h * k / n) for k in range(n)))


@product("08-07")
def padlock(c: Chance) -> tuple[str, list[Part]]:
    x, z = c.between(0.5, 0.7), c.between(0.4, 0.6)
    reach = c.between(0.1, 0.4)
    shackle = np.concatenate([[(-x * 0.3, z * 0.9)], [(-x * 0.3, z + reach)], arc(x * 0.3, 180, 0, 16)[1:-1] + [0, z + reach], [(x * 0.3, z + reach)], [(x * 0.3, z * 0.9)]])
    body = c.one_of(rounded_box(x, 0.2, z, 0.09, 0.03), plate(rounded_rectangle(x, z, 0.1), 0.2).at(z=z / 2), cylinder(x / 2, 0.2, 36).turned(x=90).at(y=0.1, z=z / 2))
    return "Padlock with shackle", solids(body, tube(np.column_stack([shackle[:, 0], np.zeros(len(shackle)), shackle[:, 1]]), 0.045), cylinder(0.05, 0.22, 20).turned(x=90).at(y=0.11, z=z * 0.35))


@product("08-07")
def key(c: Chance) -> tuple[str, list[Part]]:
    r = c.between(0.18, 0.28)
    cuts = [(x, 0.06 - c.between(0, 0.07)) for x in np.linspace(0.35, 0.95, c.whole(5, 8))]
    shank = plate([(0.1, -0.06), (1.0, -0.06), (1.06, 0), *[(x, z) for x, z in reversed(cuts)], (0.1, 0.07)], 0.03)
    bow = plate(c.one_of(oval(r, r, 32), regular(6, r), rounded_rectangle(1.6 * r, 2 * r, 0.1)), 0.04, [oval(0.06, 0.06, 18) + [-r * 0.5, 0]])
    return c.one_of("Key", "Key blank"), solids(shank, bow)


@product("08-08")
def fastener(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("bolt", "screw", "nut", "hook", "clip", "bracket", "anchor")
    if kind in ("bolt", "screw"):
        length, n = c.between(0.6, 1.4), c.whole(8, 16)
        r = c.between(0.09, 0.14)
        threads = [lathe([(0, 0), (r * 0.8, 0), (r, 0.02), (r * 0.8, 0.04), (0, 0.04)], 28).at(z=-length + 0.045 * k) for k in range(n)]
        head = prism(6, r * 2, 0.15) if kind == "bolt" else lathe([(0, 0), (r * 0.8, -0.12), (r * 2, 0), (r * 1.9, 0.03), (0, 0.06)], 32)
        end = [] if kind == "bolt" else [cylinder(0.01, 0.12, 20, top=r * 0.75).at(z=-length - 0.12)]
        slot = [] if kind == "bolt" else [box(r * 3, 0.03, 0.07), box(0.03, r * 3, 0.07)]
        return "Hexagon head bolt" if kind == "bolt" else "Wood screw with countersunk head", solids(cylinder(r * 0.8, length, 28).at(z=-length), *threads, head, *slot, *end)
    if kind == "nut":
        wing = c.some(0.4)
        if wing:
            return "Wing nut", solids(lathe([(0.12, 0), (0.25, 0), (0.2, 0.25), (0.12, 0.25)], 32, closed=True), pair(plate(spline([(0.15, 0.05), (0.4, 0.2), (0.5, 0.45), (0.35, 0.5), (0.18, 0.25)], 24, closed=True), 0.07)))
        return "Hexagon nut", solids(extrude(regular(6, 0.4), 0.3, [oval(0.2, 0.2, 32)]), *([extrude(oval(0.5, 0.5, 40), 0.05, [oval(0.21, 0.21, 32)]).at(z=-0.05)] if c.some() else []))
    if kind == "hook":
        path = spline([(0, 0, 0.5), (0, 0, 0.1), (0, -0.15, -0.1), (0, -0.35, 0), (0, -0.38, 0.2)], 24)
        back = plate(c.one_of(rounded_rectangle(0.3, 0.6, 0.1), oval(0.2, 0.32, 28)), 0.05, [oval(0.03, 0.03, 14) + [0, -0.2]]).at(y=0.03, z=0.35)
        return c.one_of("Wall hook", "Coat hook"), solids(tube(path, c.between(0.04, 0.07)), back)
    if kind == "clip":
        path = arc(0.3, -230, 50, 24)
        outer = np.concatenate([path, path[::-1] * 0.82])
        return "Pipe clip", solids(plate(outer, c.between(0.15, 0.4)), box(0.3, 0.3, 0.1).at(z=-0.38))
    if kind == "bracket":
        a, b, t, w = c.between(0.5, 1), c.between(0.4, 1), 0.05, c.between(0.2, 0.5)
        angle = side_plate([(0, 0), (a, 0), (a, t), (t, t), (t, b), (0, b)], w)
        gusset = side_plate([(t, t), (a * 0.7, t), (t, b * 0.7)], 0.04)
        return "Angle bracket" + (" with gusset" if c.some() else ""), solids(angle, gusset, *(cylinder(0.05, 0.02, 16).at(s * w * 0.28, a * 0.75, t) for s in (-1, 1)))
    n = c.whole(4, 8)
    return "Wall anchor with ribs", solids(lathe([(0, 0), (0.1, 0.05), (0.12, 0.1), (0.12, 0.9), (0.17, 0.92), (0.17, 0.96), (0, 0.96)], 28), *(torus(0.12, 0.02, 28, 8).at(z=0.15 + 0.08 * k) for k in range(n)))


@product("11-01")
def ring_(c: Chance) -> tuple[str, list[Part]]:
    r, t = 0.5, c.between(0.03, 0.09)
    band = c.one_of(torus(r, t, 48, 16), lathe([(r - t / 2, -t * 1.4), (r + t / 2, -t * 1.4), (r + t / 2, t * 1.4), (r - t / 2, t * 1.4)], 48, closed=True)).turned(x=90)
    if c.some(0.2):
        return "Finger ring, plain band", solids(band)
    n = c.one_of(4, 6, 8, 12)
    g = c.between(0.12, 0.28)
    stone = lathe([(0, -g), (g, 0), (g * 0.6, g * 0.4), (0, g * 0.4)], n).at(z=r + g * 0.9)
    prongs = radial(tube([(g * 0.3, 0, r), (g * 1.0, 0, r + g * 1.05)], 0.02, 8), c.one_of(3, 4, 6))
    small = [ellipsoid(0.05, 0.05, 0.05, 12).at(x=0.53).turned(y=-90 + s * a) for s in (-1, 1) for a in (28, 42, 56)] if c.some(0.4) else []
    return f"Ring with {'side stones and ' if small else ''}{c.one_of('gemstone', 'faceted stone')}", solids(band, stone, prongs, *small)


@product("11-01")
def necklace(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("earring", "pendant", "bracelet", "beads")
    if kind == "beads":
        n = c.whole(16, 30)
        return "Necklace of beads", solids(radial(ellipsoid(0.09, 0.09, 0.09, 14).at(1), n).turned(x=90))
    if kind == "bracelet":
        n = c.whole(10, 18)
        link = torus(0.16, 0.035, 20, 8).scaled(1, 1.4, 1)
        parts = [(link if k % 2 else link.turned(y=90)).at(x=1).turned(z=360 * k / n) for k in range(n)]
        return "Chain bracelet", solids(*parts)
    drop = c.one_of(ellipsoid(0.15, 0.08, 0.25), plate(regular(6, 0.22), 0.05), torus(0.2, 0.04).turned(x=90), plate(spline([(0, -0.3), (0.25, 0.05), (0.12, 0.2), (0, 0.1), (-0.12, 0.2), (-0.25, 0.05)], 40, closed=True), 0.08))
    loop = torus(0.05, 0.012, 24, 8).turned(x=90)
    if kind == "earring":
        wire = np.column_stack([np.zeros(20), arc(0.12, 200, -20, 20)[:, 0], arc(0.12, 200, -20, 20)[:, 1] + 0.45])
        return "Drop earring with hook", solids(drop, loop.at(z=0.29), tube(wire, 0.012, 10))
    n = c.whole(20, 30)
    chain = [torus(0.04, 0.01, 14, 6).turned(x=90 if k % 2 else 0, y=0).at(0.6 * math.sin(t), 0, 0.95 - 0.65 * math.cos(t)) for k, t in enumerate(np.linspace(0.05, 2 * math.pi - 0.05, 2 * n))]
    return "Pendant on a chain", [*solids(drop, loop.at(z=0.28)), Part(join(chain))]


@product("11-02")
def vase(c: Chance) -> tuple[str, list[Part]]:
    h, n = c.between(0.8, 1.6), c.one_of(40, 40, 40, 6, 8, 12)
    k = c.whole(3, 5)
    curve = spline([(c.between(0.2, 0.4), 0), *((c.between(0.15, 0.55), h * (i + 1) / (k + 1)) for i in range(k)), (c.between(0.15, 0.4), h)], 26)
    body = hollow([(0, 0), *curve], 0.03, n)
    if n < 40 and c.some(0.5):
        body = body.twisted(c.between(20, 90))
    handles = [pair(tube(spline([(curve[8, 0] * 0.95, 0, curve[8, 1]), (curve[:, 0].max() * 1.3, 0, h * 0.65), (curve[20, 0] * 0.95, 0, curve[20, 1])], 18), 0.03))] if c.some(0.25) else []
    words = "twisted facets" if n < 40 else "two handles" if handles else c.one_of("narrow neck", "flared rim", "curved body")
    if n < 40:
        words = "faceted sides"
    return f"{c.one_of('Vase', 'Flower vase', 'Urn')} with {words}", solids(body, *handles)


@product("11-02")
def planter(c: Chance) -> tuple[str, list[Part]]:
    r, h, n = c.between(0.35, 0.6), c.between(0.4, 0.9), c.one_of(40, 40, 4, 6, 8)
    pot_ = hollow([(0, 0), (r * c.between(0.55, 1), 0), (r, h * 0.85), (r * 1.1, h * 0.85), (r * 1.1, h)], 0.03, n)
    if n == 4:
        pot_ = pot_.turned(z=45)
    if c.some(0.35):
        return "Planter on a stand", solids(pot_.at(z=0.3), radial(tube([(r * 1.0, 0, 0), (r * 0.85, 0, 0.6)], 0.025), 4, 45), torus(r * 0.9, 0.02).at(z=0.3))
    return f"{c.one_of('Flower pot', 'Planter', 'Plant pot')} with {c.one_of('rim', 'tapered sides')}", solids(pot_)
