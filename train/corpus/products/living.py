"""Food, clothing, travel, sport, toys, sanitary, medical, building, smoking, beauty, animals."""

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


def mirrored_outline(half: Doubles) -> Doubles:
    """A right half from bottom to top → the whole outline."""
    return np.concatenate([half, (half * [-1, 1])[::-1]])


@product("01-01")
def biscuit(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("round", "rectangular", "scalloped", "doughnut", "cone", "pretzel", "bar", "pasta")
    if kind == "doughnut":
        return "Doughnut", solids(torus(0.4, c.between(0.14, 0.22)), *(ellipsoid(0.03, 0.012, 0.012, 10).turned(z=c.between(0, 180)).at(0.4 * math.cos(a), 0.4 * math.sin(a), 0.19) for a in np.linspace(0, 6, c.whole(0, 12))))
    if kind == "cone":
        return "Ice cream cone with scoop", solids(cylinder(0.03, 0.9, 28, top=0.3), ellipsoid(0.36, 0.36, 0.34).at(z=1.05), torus(0.3, 0.05).at(z=0.88), *([ellipsoid(0.28, 0.28, 0.26).at(z=1.45)] if c.some() else []))
    if kind == "pretzel":
        path = spline([(0, -0.3, 0), (0.35, -0.1, 0.0), (0.3, 0.3, 0.04), (0.05, 0.1, 0.05), (-0.25, -0.25, 0.05), (-0.05, -0.42, 0), (0.05, -0.42, 0), (0.25, -0.25, 0), (-0.05, 0.1, -0.04), (-0.3, 0.3, -0.04), (-0.35, -0.1, 0)], 70)
        return "Pretzel", solids(tube(path, 0.06, 14).turned(x=70))
    if kind == "pasta":
        if c.some():
            return "Pasta, twisted", solids(*(box(0.3, 0.03, 1.2).scaled(1, 1, 1).turned(z=90 * k) for k in (0, 1))) if c.some(0.01) else solids(loft(np.stack([np.column_stack([rectangle(0.4, 0.06) @ np.array([[math.cos(t), math.sin(t)], [-math.sin(t), math.cos(t)]]), np.full(4, t * 0.15)]) for t in np.linspace(0, c.between(6, 14), 60)])))
        n = c.whole(8, 16)
        return "Pasta tube with ridges", solids(lathe([(0.14, 0), (0.2, 0), (0.2, 0.9), (0.14, 0.9)], 32, closed=True), radial(cylinder(0.02, 0.9, 8).at(0.2), n))
    if kind == "bar":
        n, m = c.whole(2, 6), c.whole(1, 4)
        return "Chocolate bar with segments", solids(box(0.2 * n + 0.05, 0.2 * m + 0.05, 0.05), row(row(box(0.18, 0.18, 0.08).tapered(0.75).at(z=0.04), n, x=0.2), m, y=0.2))
    outline = {"round": oval(0.5, 0.5, 40), "rectangular": rounded_rectangle(1.1, 0.7, 0.08), "scalloped": regular(96, 1) * (0.5 + 0.03 * np.abs(np.sin(np.arange(96) * math.pi / 8)))[:, None]}[kind]
    holes = [cylinder(0.025, 0.02, 12).at(x, y, 0.09) for x in np.linspace(-0.25, 0.25, c.whole(2, 4)) for y in np.linspace(-0.22, 0.22, c.whole(2, 3))]
    sandwich = c.some(0.4)
    layers = [extrude(outline, 0.1), *([extrude(outline * 0.93, 0.08).at(z=-0.08), extrude(outline, 0.1).at(z=-0.18)] if sandwich else [])]
    return f"{'Sandwich biscuit' if sandwich else c.one_of('Biscuit', 'Cookie', 'Cracker')}, {kind}", solids(*layers, *holes)


@product("01-02")
def fruit(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("apple", "pear", "banana", "pumpkin", "carrot")
    if kind == "banana":
        path = np.column_stack([arc(0.8, 200, 330, 24)[:, 0], np.zeros(24), arc(0.8, 200, 330, 24)[:, 1]])
        return "Banana", solids(tube(path, 0.16 * np.concatenate([[0.2, 0.25], np.sin(np.linspace(0.5, 2.7, 20)) ** 0.5, [0.3, 0.15]]), 5))
    if kind == "carrot":
        return "Carrot with leaves", solids(lathe([(0, -1), (0.03, -0.95), (0.12, -0.2), (0.16, 0), (0.08, 0.08), (0, 0.08)], 32), *(tube(spline([(0, 0, 0.05), (0.05 * k, 0.03 * k, 0.3), (0.15 * k, 0.05 * k, 0.5)], 10), np.linspace(0.015, 0.03, 10)) for k in (-1, 0.2, 1)))
    if kind == "pumpkin":
        n = c.whole(7, 11)
        return "Pumpkin with ribs", solids(radial(ellipsoid(0.24, 0.2, 0.36).at(0.3), n), cylinder(0.06, 0.2, 12, top=0.09).at(z=0.3))
    curve = spline([(0.05, -0.4), (0.35, -0.3), (0.45, 0), (0.35, 0.32), (0.05, 0.3)], 22) if kind == "apple" else spline([(0.05, -0.4), (0.36, -0.25), (0.36, 0.0), (0.17, 0.4), (0.05, 0.52)], 22)
    top = float(curve[-1, 1])
    leaf = extrude(oval(0.18, 0.08, 20), 0.01).turned(y=-30).at(0.15, 0, top + 0.12)
    return f"{kind.capitalize()} with {'leaf' if c.some(1) else ''}", solids(lathe([(0, curve[0, 1]), *curve, (0, top - 0.04)], 40), tube(spline([(0, 0, top - 0.05), (0.01, 0, top + 0.08), (0.04, 0, top + 0.2)], 8), 0.02), leaf)


@product("01-06")
def pet_food(c: Chance) -> tuple[str, list[Part]]:
    bone = join([tube([(-0.5, 0, 0), (0.5, 0, 0)], 0.12), pair(pair(ellipsoid(0.18, 0.14, 0.18).at(0.55, 0, 0.14), 0)), pair(ellipsoid(0.18, 0.14, 0.18).at(0.55, 0, -0.14))])
    flat = c.some()
    if flat:
        half = spline([(0.5, -0.12), (0.65, -0.3), (0.82, -0.2), (0.72, 0), (0.82, 0.2), (0.65, 0.3), (0.5, 0.12)], 26)
        outline = np.concatenate([half, -half])
        return c.one_of("Pet treat, bone-shaped", "Dog biscuit"), solids(plate(outline, 0.15), *(plate(oval(0.04, 0.04, 14), 0.17).at(x=x) for x in (-0.3, 0, 0.3)))
    return c.one_of("Pet chew, bone-shaped", "Dog chew bone"), solids(bone)


@product("02-04")
def shoe(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("sneaker", "boot", "pump", "sandal", "slipper", "clog")
    heel = {"pump": c.between(0.25, 0.5), "boot": c.between(0.05, 0.3)}.get(kind, c.between(0.0, 0.06))
    length = 1.4
    t = np.linspace(0, 1, 22)
    width = 0.2 * np.interp(t, [0, 0.04, 0.15, 0.4, 0.7, 0.9, 0.98, 1], [0.35, 0.62, 0.8, 0.68, 1.05, 0.85, 0.5, 0.2])
    lift = heel * np.clip(1 - t / 0.62, 0, 1) ** 1.3
    y = length / 2 - length * t
    collar = {"sneaker": 0.36, "boot": 0.42, "pump": 0.26, "sandal": 0.05, "slipper": 0.26, "clog": 0.3}[kind]
    height = np.interp(t, [0, 0.1, 0.35, 0.55, 0.8, 1], [collar, collar, collar * 0.92, 0.26, 0.17, 0.05]) if kind != "slipper" else np.interp(t, [0, 0.45, 0.5, 0.6, 0.8, 1], [0.04, 0.04, 0.2, 0.24, 0.17, 0.05])
    ring = oval(1, 1, 24, 2.6)
    def skin(low: Doubles, high: Doubles, grow: float) -> Mesh:
        rings = []
        for k in range(22):
            middle, half = (low[k] + high[k]) / 2, max((high[k] - low[k]) / 2, 0.004)
            rings.append(np.column_stack([ring[:, 0] * width[k] * grow, np.full(24, y[k] * (1 + 0.02 * (grow - 1))), middle + ring[:, 1] * half]))
        return loft(np.stack(rings)[:, ::-1])
    sole_t = c.between(0.05, 0.12) if kind in ("sneaker", "clog", "slipper") else 0.035
    sole = skin(lift, lift + sole_t, 1.07)
    parts = [sole]
    if kind == "sandal":
        straps = [tube(np.column_stack([arc(width[k] * 1.05, -5, 185, 18)[:, 0], np.full(18, y[k]), arc(0.15, -5, 185, 18)[:, 1] + lift[k] + sole_t]), 1, section=rounded_rectangle(0.02, 0.12, 0.008, 3)) for k in (7, 14, 17)]
        return "Sandal with straps", [Part(m.turned(z=-90)) for m in (*parts, *straps)]
    upper = skin(lift + sole_t * 0.5, lift + height + 0.04, 1.0)
    parts.append(upper)
    if kind == "boot":
        top = c.between(0.6, 1.1)
        ankle = [np.column_stack([ring[:, 0] * w, y[4] + ring[:, 1] * d, np.full(24, z + heel)]) for w, d, z in ((0.15, 0.26, 0.28), (0.15, 0.2, 0.5), (0.18, 0.23, top * 0.8 + 0.1), (0.19, 0.24, top + 0.1))]
        parts.append(loft(np.stack(ankle)))
    elif kind in ("sneaker", "pump", "clog"):
        opening = extrude(oval(0.11, 0.22, 28), 0.04).turned(x=-8).at(y=y[5] + 0.0, z=float(lift[5] + height[5]) + 0.015)
        parts.append(opening)
    if heel > 0.1:
        parts.append(loft(np.stack([np.column_stack([oval(0.05 if kind == "pump" else 0.12, 0.05 if kind == "pump" else 0.15, 20) + [0, length / 2 - 0.17], np.zeros(20)]), np.column_stack([oval(0.13, 0.16, 20) + [0, length / 2 - 0.18], np.full(20, heel)])])))
    if kind == "sneaker":
        parts += [tube([(-0.09, y[k], height[k] + 0.06), (0.09, y[k] - 0.02, height[k] + 0.06)], 0.014, 8) for k in (9, 10, 11, 12, 13)]
    words = {"sneaker": "Athletic shoe with laces", "boot": "Boot with shaft", "pump": "High-heeled shoe", "slipper": "Slipper, open heel", "clog": "Clog with thick sole"}[kind]
    return words, [Part(m.turned(z=-90)) for m in parts]


@product("02-03")
def hat(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("cap", "brimmed", "beanie", "top")
    if kind == "cap":
        dome = lathe([(0, 0), (0.5, 0), *(arc(1, 8, 86, 12) * [0.5, 0.45]), (0, 0.46)], 36).scaled(0.9, 1, 1)
        peak = extrude(np.concatenate([arc(0.46, 200, 340, 18), arc(0.7, 340, 200, 18) * [0.66, 1.05]]), 0.02).turned(x=8).at(z=0.02)
        return "Cap with visor", solids(dome, peak, ellipsoid(0.03, 0.03, 0.02, 14).at(z=0.46), *(tube(np.column_stack([arc(0.5, 3, 87, 14)[:, 0] * 1.0, np.zeros(14), arc(0.455, 3, 87, 14)[:, 1]]), 0.006, 6).turned(z=60 * k).scaled(0.9, 1, 1) for k in range(6)))
    if kind == "beanie":
        return "Knitted hat with pompom", solids(lathe([(0, 0), (0.5, 0), *(arc(1, 8, 86, 12) * [0.5, 0.6]), (0, 0.61)], 36), lathe([(0.47, 0), (0.53, 0), (0.53, 0.2), (0.47, 0.2)], 40, closed=True), ellipsoid(0.13, 0.13, 0.13).at(z=0.68), radial(box(0.02, 0.03, 0.2).at(0.53), 40))
    tall = 0.7 if kind == "top" else c.between(0.3, 0.42)
    brim = c.between(0.7, 1.0)
    return f"{'Top hat' if kind == 'top' else 'Hat with brim'} and band", solids(lathe([(0, -0.02), (brim, 0.04), (brim, 0.06), (0.46, 0.02), (0.44 if kind != "top" else 0.48, tall), (0, tall * 0.95)], 44).scaled(0.88, 1, 1), lathe([(0.4, 0.02), (0.475, 0.02), (0.47, 0.12), (0.4, 0.12)], 44, closed=True).scaled(0.88, 1, 1))


@product("02-02")
def garment(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("shirt", "trousers", "dress", "jacket", "vest", "skirt", "shorts")
    sleeve = c.between(0.3, 0.9)
    if kind in ("trousers", "shorts"):
        leg = c.between(1.0, 1.3) if kind == "trousers" else c.between(0.25, 0.5)
        half = np.array([(0.02, 0.0), (0.06, -leg), (0.06 + c.between(0.18, 0.3), -leg), (0.36, 0.0), (0.3, 0.4), (0, 0.38)])
        return f"{kind.capitalize()} with waistband", solids(plate(mirrored_outline(half), 0.1), plate(rectangle(0.61, 0.07), 0.12).at(z=0.37), plate(rectangle(0.01, 0.3), 0.11).at(z=0.2), pair(plate(rectangle(0.01, 0.16), 0.11).turned(y=25).at(0.22, 0, 0.25)))
    if kind in ("dress", "skirt"):
        flare = c.between(0.35, 0.7)
        if kind == "skirt":
            return "Pleated skirt", solids(plate(mirrored_outline(np.array([(0, -0.9), (flare, -0.85), (0.27, 0), (0, 0)])), 0.1), plate(rectangle(0.55, 0.08), 0.12), *(plate([(x * 0.5 - 0.004, 0), (x * 0.5 + 0.004, 0), (x * flare * 1.8 + 0.006, -0.86), (x * flare * 1.8 - 0.006, -0.86)], 0.11) for x in np.linspace(-0.4, 0.4, c.whole(3, 7))))
        half = spline([(0.001, -1.1), (flare, -1.05), (0.25, -0.1), (0.3, 0.25), (0.22, 0.5), (0.14, 0.5), (0.08, 0.3), (0.001, 0.25)], 30)
        return "Dress with flared skirt", solids(plate(mirrored_outline(half), 0.1), plate(rectangle(0.5, 0.06), 0.12).at(z=-0.1))
    body = [(0.001, -0.6), (0.38, -0.6), (0.36, 0.1)]
    if kind != "vest":
        body += [(0.36 + sleeve * 0.5, 0.3 - sleeve * 0.75), (0.36 + sleeve * 0.5 + 0.16, 0.34 - sleeve * 0.7)]
    half = np.array([*body, (0.36, 0.42), (0.14, 0.52), (0.08, 0.42), (0.001, 0.38)])
    parts = [plate(mirrored_outline(half), 0.1)]
    if kind in ("jacket", "shirt") and c.some(0.7):
        parts += [plate(rectangle(0.008, 0.98), 0.11).at(z=-0.1), *(plate(oval(0.018, 0.018, 12), 0.12).at(0.03, 0, z) for z in np.linspace(-0.5, 0.3, c.whole(3, 6))), pair(plate([(0.02, 0.36), (0.16, 0.52), (0.2, 0.36)], 0.12))]
        return f"{'Jacket' if kind == 'jacket' else 'Shirt'} with collar and buttons", solids(*parts)
    if c.some(0.4):
        parts.append(plate(rounded_rectangle(0.4, 0.22, 0.06), 0.12).at(z=-0.35))
    return {"vest": "Sleeveless vest", "shirt": "T-shirt", "jacket": "Sweatshirt with pouch pocket"}[kind] + (" with short sleeves" if kind == "shirt" and sleeve < 0.5 else ""), solids(*parts)


@product("02-06")
def glove(c: Chance) -> tuple[str, list[Part]]:
    fingers = [tube([(0.12 * (k - 1.5), 0, 0.4), (0.16 * (k - 1.5), 0, 0.75 + 0.1 * math.sin(k * 0.9 + 0.4))], 0.065) for k in range(4)]
    tips = [ellipsoid(0.065, 0.065, 0.065, 16).at(0.16 * (k - 1.5), 0, 0.75 + 0.1 * math.sin(k * 0.9 + 0.4)) for k in range(4)]
    thumb = tube([(0.2, 0, 0.05), (0.38, 0, 0.35)], [0.09, 0.065])
    return "Glove with five fingers", solids(superellipsoid(0.26, 0.1, 0.3, 3, 3).at(z=0.2), join([*fingers, *tips]), join([thumb, ellipsoid(0.065, 0.065, 0.065, 16).at(0.38, 0, 0.35)]), tube([(0, 0, -0.3), (0, 0, 0)], 1, section=oval(0.23, 0.1, 24)))


@product("02-07")
def belt(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("belt", "button", "buckle", "zip")
    if kind == "button":
        n = c.one_of(2, 4)
        holes = [oval(0.06, 0.06, 16) + [0.12 * math.cos(a), 0.12 * math.sin(a)] for a in np.linspace(0.8, 0.8 + 2 * math.pi, n, endpoint=False)]
        return f"Button with {n} holes", solids(extrude(oval(0.4, 0.4, 40), 0.08, holes), torus(0.42, 0.06).at(z=0.04))
    frame = plate(rounded_rectangle(0.5, 0.6, c.between(0.02, 0.2)), 0.06, [rounded_rectangle(0.36, 0.44, 0.03)])
    prong = box(0.4, 0.04, 0.03).at(0.05, -0.03, 0)
    if kind == "buckle":
        return "Belt buckle with prong", solids(frame, prong, cylinder(0.03, 0.6, 12).at(-0.05, 0, -0.3))
    if kind == "zip":
        n = c.whole(12, 20)
        return "Zip fastener with pull tab", solids(pair(row(box(0.06, 0.04, 0.03), n, z=0.06).at(0.025)), pair(box(0.2, 0.01, 0.06 * n).at(0.15, 0, -0.03 * n)), rounded_box(0.14, 0.1, 0.16, 0.03).at(z=0.2), plate(rounded_rectangle(0.1, 0.3, 0.05), 0.02, [rounded_rectangle(0.05, 0.12, 0.02) + [0, -0.05]]).at(y=-0.07, z=0.1))
    coil = np.column_stack([np.linspace(0, 1, 40), np.zeros(40)])
    path = np.column_stack([0.55 * np.cos(np.linspace(0.2, 6.1, 44)), 0.55 * np.sin(np.linspace(0.2, 6.1, 44)), np.zeros(44)])
    _ = coil
    return "Belt with buckle", solids(tube(path, 1, section=rectangle(0.02, 0.14)).turned(z=90), frame.scaled(0.4, 0.4, 0.4).at(y=0.55 if c.some(0) else -0.0, z=0).turned(z=0).at(y=0.57))


@product("03-01")
def bag(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("suitcase", "handbag", "backpack", "briefcase", "wallet", "tote")
    x, y, z = c.between(0.6, 0.9), c.between(0.2, 0.35), c.between(0.5, 1.0)
    if kind == "suitcase":
        n = c.whole(0, 6)
        ribs = [row(box(0.04, y * 1.02, z * 0.85).at(z=z * 0.08 + 0.06), n, x=x / (n + 1))] if n else []
        pull = tube([(-0.15, y * 0.3, z), (-0.15, y * 0.3, z + 0.45), (0.15, y * 0.3, z + 0.45), (0.15, y * 0.3, z)], 0.015)
        return f"Suitcase with wheels{' and ribbed shell' if n else ''}", solids(rounded_box(x, y, z, 0.07, 0.05).at(z=0.06), *ribs, pull, corners(wheel_small().at(x * 0.38, y * 0.3, 0.03)), tube(spline([(-0.1, 0, z + 0.06), (-0.08, 0, z + 0.12), (0.08, 0, z + 0.12), (0.1, 0, z + 0.06)], 14), 0.015))
    if kind == "backpack":
        strap = tube(spline([(0.12, y / 2, z * 0.9), (0.16, y / 2 + 0.18, z * 0.75), (0.2, y / 2 + 0.12, z * 0.35), (0.22, y / 2, z * 0.1)], 20), 1, section=rounded_rectangle(0.09, 0.025, 0.01, 3))
        return "Backpack with front pocket", solids(rounded_box(x * 0.75, y, z, 0.12, 0.09), rounded_box(x * 0.6, 0.1, z * 0.45, 0.05, 0.04).at(y=-y / 2 - 0.03, z=z * 0.06), pair(strap), tube(spline([(-0.06, y * 0.4, z), (0, y * 0.4, z + 0.08), (0.06, y * 0.4, z)], 10), 0.014), tube(np.column_stack([arc(x * 0.33, 20, 160, 20)[:, 0], np.full(20, -y / 2 - 0.005), arc(z * 0.3, 20, 160, 20)[:, 1] + z * 0.55]), 0.008, 6))
    if kind == "wallet":
        return "Wallet with flap and clasp", solids(rounded_box(0.9, 0.12, 0.5, 0.04, 0.02), plate(mirrored_outline(np.array([(0, -0.15), (0.42, 0), (0.45, 0.25), (0, 0.25)])), 0.03).at(y=-0.07, z=0.25), plate(oval(0.04, 0.04, 18), 0.03).at(y=-0.09, z=0.16))
    if kind == "briefcase":
        return "Briefcase with handle and locks", solids(rounded_box(1, 0.25, 0.7, 0.05, 0.03), tube(spline([(-0.15, 0, 0.69), (-0.13, 0, 0.82), (0.13, 0, 0.82), (0.15, 0, 0.69)], 16), 0.022), pair(box(0.08, 0.04, 0.1).at(0.3, -0.13, 0.58)), box(1.005, 0.02, 0.71).at(y=0.0, z=-0.003))
    taper = c.between(0.75, 1.15)
    body = rounded_box(x, y, z * 0.7, 0.06, 0.03).tapered(taper, c.between(0.3, 0.9))
    handle = tube(spline([(-x * 0.28 * taper, 0, z * 0.66), (-x * 0.2, 0, z * 1.1), (x * 0.2, 0, z * 1.1), (x * 0.28 * taper, 0, z * 0.66)], 24), 0.016)
    two = c.some()
    parts = [body, *([handle.at(y=0.05), handle.at(y=-0.05)] if two else [handle])]
    if kind == "handbag" and c.some(0.6):
        parts.append(plate(mirrored_outline(spline([(0.001, -0.05), (x * 0.3, 0.02), (x * 0.42 * taper, 0.3), (0.001, 0.3)], 16)), 0.02).at(y=-y * 0.42, z=z * 0.4))
        parts.append(plate(rounded_rectangle(0.08, 0.06, 0.01), 0.04).at(y=-y * 0.44, z=z * 0.4))
    return f"{'Tote bag' if kind == 'tote' else 'Handbag'} with {'two handles' if two else 'a handle'}", solids(*parts)


def wheel_small() -> Mesh:
    """A caster about the x axis."""
    return cylinder(0.035, 0.03, 20).turned(y=90).at(-0.015)


@product("03-03")
def umbrella(c: Chance) -> tuple[str, list[Part]]:
    n = c.one_of(6, 8, 8, 10)
    h, r = c.between(0.25, 0.5), 0.9
    points = [(r * s, h * (1 - s**2)) for s in np.linspace(1, 0.02, 12)]
    canopy = lathe([*points, (0, h), (0, h - 0.01), *[(a * 0.99, b - 0.012) for a, b in reversed(points)]], n)
    rib = [tube([(a * 0.99, 0, b - 0.015) for a, b in points], 0.008, 6)]
    if c.some(0.35):
        return "Parasol with base", solids(canopy.at(z=1.2), cylinder(0.025, 1.65, 16), cylinder(0.3, 0.06, 40))
    low = -0.9
    hook = np.concatenate([[(0, h)], [(0, low)], arc(0.09, 180, 360, 12) * [-1, 1] + [-0.09, low]])
    return f"Umbrella with crook handle, {n} panels", solids(canopy, radial(rib[0], n), tube(np.insert(hook, 1, 0, axis=1), 0.018), cylinder(0.012, 0.1, 10).at(z=h))


@product("03-04")
def fan(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(8, 16)
    blades = [plate(np.array([(-0.02, 0), (0.02, 0), (0.08, 1), (-0.08, 1)]), 0.012).turned(y=a).at(y=0.004 * k) for k, a in enumerate(np.linspace(-75, 75, n))]
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
        items = [row(box(0.04, 1, z).at(z=0.02), n, x=1 / n), row(box(1, 0.04, z).at(z=0.022), n, y=1 / n)]
    elif motif == "waves":
        x = np.linspace(-0.5, 0.5, 40)
        items = [tube(np.column_stack([x, 0.04 * np.sin(x * 2 * math.pi * n) + (k - n / 2 + 0.5) / n, np.full(40, 0.02)]), 0.008, 6) for k in range(n)]
    else:
        s = 0.36 / n
        one = {"dots": cylinder(s, z, 20), "diamonds": prism(4, s * 1.2, z), "hexagons": extrude(regular(6, s * 1.3), z, [regular(6, s * 0.9)]), "flowers": radial(extrude(oval(s * 0.5, s * 0.3, 14), z).at(s * 0.6), 5)}[motif].at(z=0.02)
        items = [row(row(one, n, x=1 / n), n, y=1 / n)]
    return f"Textile fabric with {motif}", [Part(m.turned(x=90)) for m in [*sheet, *items]]


@product("11-03")
def medal(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(5, 12)
    star = regular(2 * n, 1) * np.tile([0.5, c.between(0.3, 0.42)], n)[:, None]
    body = c.one_of(plate(oval(0.42, 0.42, 44), 0.06), plate(star, 0.06), plate(regular(8, 0.45), 0.06))
    return "Medal with ribbon", solids(body, plate(oval(0.25, 0.25, 36), 0.08), plate(regular(10, 1) * np.tile([0.18, 0.08], 5)[:, None], 0.1).turned(y=18), torus(0.06, 0.015, 24, 8).turned(x=90).at(z=0.5), plate([(-0.15, 1.1), (0.15, 1.1), (0.15, 0.68), (0, 0.52), (-0.15, 0.68)], 0.02))


@product("11-05")
def ornament(c: Chance) -> tuple[str, list[Part]]:
    if c.some():
        tiers = c.whole(3, 5)
        return "Artificial Christmas tree", solids(cylinder(0.06, 0.3, 16), *(cylinder(0.5 - 0.1 * k, 0.4, c.one_of(8, 36), top=0.04).at(z=0.25 + 0.25 * k) for k in range(tiers)), plate(regular(10, 1) * np.tile([0.12, 0.05], 5)[:, None], 0.03).turned(y=18).at(z=0.35 + 0.25 * tiers + 0.1))
    return "Christmas tree ball with cap", solids(ellipsoid(0.5, 0.5, c.between(0.4, 0.65)), *(torus(0.5, 0.02).at(z=z).scaled(0.99, 0.99, 1) for z in (0,)), cylinder(0.1, 0.16, 24).at(z=0.45), torus(0.07, 0.015, 24, 8).turned(x=90).at(z=0.66))


@product("12-10")
def trailer(c: Chance) -> tuple[str, list[Part]]:
    from train.corpus.products.devices import wheel
    n = c.whole(1, 2)
    tyre = wheel(c, 0.2, 0.1).turned(z=90)
    caravan = c.some()
    body = [side_plate(spline([(-0.9, 0.25), (-0.95, 0.8), (-0.6, 1.15), (0.7, 1.15), (0.95, 0.8), (0.9, 0.25)], 34), 0.8), side_plate(rounded_rectangle(0.4, 0.25, 0.04) + [-0.4, 0.8], 0.82), side_plate(rounded_rectangle(0.35, 0.75, 0.04) + [0.4, 0.65], 0.82)] if caravan else [extrude(rectangle(0.8, 1.6), 0.35, [rectangle(0.74, 1.54)]).at(z=0.25), box(0.8, 1.6, 0.03).at(z=0.25)]
    return "Caravan with door and window" if caravan else "Trailer with open box", solids(*body, *(pair(tyre.at(0.42, 0.12 + 0.45 * (k - (n - 1) / 2), 0.2)) for k in range(n)), tube([(0.25, -0.8, 0.25), (0, -1.5, 0.25)], 0.03), tube([(-0.25, -0.8, 0.25), (0, -1.5, 0.25)], 0.03), cylinder(0.03, 0.3, 12).at(0, -1.35, 0))


@product("12-09")
def tractor(c: Chance) -> tuple[str, list[Part]]:
    from train.corpus.products.devices import wheel
    big, small = wheel(c, c.between(0.4, 0.5), 0.2).turned(z=90), wheel(c, 0.25, 0.14).turned(z=90)
    return "Tractor with cab", solids(box(0.4, 0.9, 0.35).at(y=-0.45, z=0.4), side_plate([(-0.05, 0.75), (0.5, 0.75), (0.45, 1.4), (0, 1.4)], 0.6), box(0.7, 0.65, 0.05).at(y=0.22, z=1.4), pair(big.at(0.42, 0.35, 0.45)), pair(small.at(0.35, -0.7, 0.25)), cylinder(0.03, 0.4, 12).at(0.12, -0.4, 0.74), row(plate(rectangle(0.3, 0.02), 0.03).at(y=-0.9, z=0.58), 5, z=0.05), pair(side_plate([*(arc(0.55, 20, 150, 14) + [0.35, 0.45]), *(arc(0.5, 150, 20, 14) + [0.35, 0.45])], 0.22).at(0.42)))


@product("12-03")
def train(c: Chance) -> tuple[str, list[Part]]:
    if c.some():
        wheels_ = [pair(cylinder(0.16, 0.05, 28).turned(y=90).at(0.26, y, 0.16)) for y in (-0.5, -0.15, 0.2, 0.6)]
        return "Steam locomotive with chimney", solids(cylinder(0.28, 1.1, 36).turned(x=90).at(y=0.2, z=0.55), box(0.6, 0.5, 0.75).at(y=0.5, z=0.25), box(0.7, 0.6, 0.04).at(y=0.5, z=1.0), cylinder(0.07, 0.3, 20, top=0.11).at(0, -0.7, 0.8), ellipsoid(0.1, 0.1, 0.12, 20).at(0, -0.2, 0.84), *wheels_, box(0.5, 1.7, 0.08).at(y=-0.05, z=0.2), plate([(-0.3, 0), (0.3, 0), (0.1, 0.2), (-0.1, 0.2)], 0.15).at(y=-1.0, z=0.03))
    n = c.whole(3, 6)
    nose = [(-1.2, 0.15), (-1.15, 0.45), (-0.8, 0.8), (1.2, 0.8), (1.2, 0.15)]
    return "Rail car with windows", solids(side_plate(spline(nose, 40) if c.some() else nose, 0.6), *(side_plate(rounded_rectangle(1.6 / n * 0.75, 0.22, 0.03) + [-0.6 + 1.6 / n * (k + 0.5), 0.58], 0.61) for k in range(n)), *(pair(cylinder(0.1, 0.05, 24).turned(y=90).at(0.2, y, 0.1)) for y in (-0.7, -0.45, 0.55, 0.8)))


@product("21-01")
def toy(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("brick", "dice", "blocks", "rings", "top", "robot", "chess", "puzzle", "rocket", "gamepad")
    if kind == "brick":
        n, m = c.whole(1, 6), c.whole(1, 2)
        return f"Toy building brick with {n * m} studs", solids(box(0.3 * n, 0.3 * m, c.one_of(0.12, 0.36)), row(row(cylinder(0.09, 0.45, 22), n, x=0.3), m, y=0.3).scaled(1, 1, 1.0) if c.some(0) else row(row(cylinder(0.09, 0.07, 22).at(z=0.36), n, x=0.3), m, y=0.3))
    if kind == "dice":
        pip = cylinder(0.08, 0.02, 16)
        return "Dice with pips", solids(superellipsoid(0.5, 0.5, 0.5, 9, 9), pip.at(z=0.49), *(pip.turned(x=90).at(a, -0.49, b) for a, b in ((-0.22, -0.22), (0.22, 0.22))), *(pip.turned(y=90).at(0.49, a, b) for a, b in ((-0.24, -0.24), (0, 0), (0.24, 0.24))))
    if kind == "rings":
        n = c.whole(3, 6)
        return "Stacking ring toy", solids(cylinder(0.5, 0.08, 44), cylinder(0.06, 0.2 * n + 0.1, 18), *(torus(0.3 - 0.03 * k, 0.11).at(z=0.19 + 0.2 * k) for k in range(n)), ellipsoid(0.13, 0.13, 0.13).at(z=0.25 + 0.2 * n))
    if kind == "top":
        return "Spinning top", solids(lathe([(0, 0), (0.05, 0.1), (c.between(0.35, 0.5), c.between(0.3, 0.45)), (0.3, 0.55), (0.05, 0.6), (0.04, 0.95), (0, 0.95)], 40))
    if kind == "robot":
        return "Toy robot with antennas", solids(rounded_box(0.5, 0.35, 0.6, 0.04), rounded_box(0.36, 0.3, 0.3, 0.04).at(z=0.65), pair(cylinder(0.05, 0.02, 18).turned(x=90).at(0.08, -0.15, 0.82)), pair(cylinder(0.07, 0.5, 18).at(0.33, 0, 0.08)), pair(rounded_box(0.18, 0.3, 0.3, 0.03).at(0.13, -0.03, -0.3)), pair(cylinder(0.012, 0.2, 10).turned(y=12).at(0.1, 0, 0.94)), plate(rectangle(0.3, 0.2), 0.03).at(y=-0.18, z=0.35))
    if kind == "chess":
        curve = spline([(0.3, 0.1), (0.12, 0.3), (0.1, 0.8), (0.2, 0.95)], 18)
        head = c.one_of(ellipsoid(0.18, 0.18, 0.18).at(z=1.12), join([cylinder(0.2, 0.2, 32, top=0.24).at(z=0.95), radial(box(0.1, 0.1, 0.1).at(0.17, 0, 1.13), 4)]), join([cylinder(0.12, 0.3, 28, top=0.2).at(z=0.95), box(0.05, 0.05, 0.2).at(z=1.25), box(0.15, 0.05, 0.05).at(z=1.33)]))
        return "Chess piece", solids(lathe([(0, 0), (0.32, 0), (0.32, 0.08), *curve, (0.22, 1), (0, 1)], 40), head)
    if kind == "puzzle":
        n = c.whole(2, 3)
        return "Cube puzzle", solids(row(row(row(rounded_box(0.3, 0.3, 0.3, 0.03, 0.02), n, x=0.31), n, y=0.31), n, z=0.31))
    if kind == "rocket":
        return "Toy rocket with fins", solids(lathe([(0, 0), (0.15, 0), (0.25, 0.4), (0.22, 1.0), (0.02, 1.5), (0, 1.5)], 36), radial(side_plate([(0.15, 0.3), (0.45, -0.1), (0.45, -0.25), (0.12, 0.05)], 0.04), c.whole(3, 4)), cylinder(0.08, 0.03, 24).turned(x=90).at(y=-0.2, z=0.9))
    if kind == "gamepad":
        grip = superellipsoid(0.16, 0.32, 0.11, 2.5, 2.5).turned(z=-18).at(0.36, -0.18)
        return "Game controller with thumb sticks", solids(superellipsoid(0.5, 0.26, 0.1, 4, 3), pair(grip), pair(cylinder(0.07, 0.1, 24).at(0.18, -0.1, 0.07)), *(cylinder(0.035, 0.03, 16).at(0.36 + 0.07 * math.cos(a), 0.08 + 0.07 * math.sin(a), 0.1) for a in np.arange(4) * math.pi / 2), box(0.2, 0.06, 0.03).at(-0.36, 0.08, 0.095), box(0.06, 0.2, 0.03).at(-0.36, 0.08, 0.095))
    n = c.whole(3, 6)
    return "Set of toy blocks", solids(*(c.one_of(box(0.3, 0.3, 0.3), prism(3, 0.25, 0.3), cylinder(0.15, 0.3, 30)).turned(z=c.between(0, 90)).at(0.35 * (k % 3 - 1), 0, 0.301 * (k // 3)) for k in range(n)))


@product("21-02")
def sport(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("dumbbell", "racket", "ball", "golf", "skateboard", "kettlebell", "bat", "treadmill", "bike", "basketball hoop", "ski")
    if kind == "dumbbell":
        n, r = c.one_of(6, 8, 36), c.between(0.2, 0.35)
        weights = [prism(n, r, 0.2).at(z=0.35)] if c.some() else [cylinder(r, 0.08, n).at(z=0.35), cylinder(r * 0.8, 0.08, n).at(z=0.44), cylinder(r * 0.6, 0.07, n).at(z=0.53)]
        return "Dumbbell", [Part(m.turned(y=90)) for w in weights for m in (w, w.mirrored(2))] + solids(tube([(-0.5, 0, 0), (0.5, 0, 0)], 0.06))
    if kind == "kettlebell":
        return "Kettlebell", solids(ellipsoid(0.4, 0.4, 0.38), tube(spline([(-0.2, 0, 0.25), (-0.28, 0, 0.5), (0, 0, 0.68), (0.28, 0, 0.5), (0.2, 0, 0.25)], 24), 0.07), cylinder(0.25, 0.06, 32).at(z=-0.4))
    if kind == "racket":
        a, b = c.between(0.3, 0.4), c.between(0.38, 0.5)
        paddle = c.some(0.3)
        if paddle:
            return "Table tennis paddle", solids(plate(oval(0.36, 0.38, 40), 0.06).at(z=0.5), plate(oval(0.35, 0.37, 40), 0.09).at(z=0.51), rounded_box(0.13, 0.11, 0.45, 0.04).at(z=-0.25))
        mesh_ = [box(0.006, 0.006, 2 * b * math.sqrt(max(0.02, 1 - (x / a) ** 2))).at(x, 0, 1 - b * math.sqrt(max(0.02, 1 - (x / a) ** 2))) for x in np.linspace(-a * 0.9, a * 0.9, 11)] + [box(2 * a * math.sqrt(max(0.02, 1 - (z / b) ** 2)), 0.006, 0.006).at(0, 0, 1 + z) for z in np.linspace(-b * 0.9, b * 0.9, 13)]
        ring = tube(np.insert(oval(a, b, 48), 1, 0, axis=1) + [0, 0, 1], 0.025, closed=True)
        return "Tennis racket with strings", [*solids(ring, tube([(-0.18, 0, 1 - b * 0.9), (0, 0, 0.4), (0.18, 0, 1 - b * 0.9)], 0.02), tube([(0, 0, 0.45), (0, 0, -0.1)], 0.035, 8)), Part(join(mesh_))]
    if kind == "ball":
        s = c.one_of("football", "rugby", "tennis", "bowling")
        body = ellipsoid(0.5, 0.5, 0.8 if s == "rugby" else 0.5, 44)
        if s == "rugby":
            return "Rugby ball with lacing", [Part(m.turned(y=90)) for m in (body, *(torus(0.502, 0.008, 44, 6).turned(x=90).scaled(1, 1, 1.6).turned(z=a) for a in (0, 90)), row(box(0.14, 0.04, 0.02).at(y=-0.49), 5, z=0.09))]
        if s == "bowling":
            return "Bowling ball with finger holes", solids(body, *(cylinder(0.05, 0.02, 18).at(x, y, 0.47).turned(x=20) for x, y in ((-0.08, 0.1), (0.08, 0.1), (0, -0.08))))
        seams = [torus(0.5, 0.01, 48, 6).turned(x=x, y=y) for x, y in ((0, 0), (90, 0), (0, 90), (45, 45), (-45, 45))][: 3 if s == "tennis" else 5]
        return f"{'Basketball' if s == 'tennis' else 'Ball'} with seams", solids(body, *seams)
    if kind == "golf":
        return "Golf club head with shaft", solids(superellipsoid(0.3, 0.18, 0.12, 3, 3), plate(rounded_rectangle(0.4, 0.18, 0.08), 0.05).at(y=-0.16), tube([(-0.24, 0, 0.02), (-0.45, 0, 0.9)], [0.045, 0.03]), row(plate(rectangle(0.3, 0.008), 0.06).at(y=-0.17), 5, z=0.025))
    if kind == "skateboard":
        deck = rounded_box(0.4, 1.5, 0.03, 0.19).changed(lambda v: v + np.column_stack([0 * v[:, 0], 0 * v[:, 0], np.clip(np.abs(v[:, 1]) - 0.5, 0, 1) * 0.5]))
        return "Skateboard with four wheels", solids(deck.at(z=0.12), corners(cylinder(0.06, 0.08, 26).turned(y=90).at(0.12, 0.42, 0.05)), pair(box(0.36, 0.06, 0.05).at(y=0.42, z=0.05), 1), pair(box(0.12, 0.12, 0.06).at(y=0.42, z=0.07), 1))
    if kind == "bat":
        return c.one_of("Baseball bat", "Bat with knob"), solids(lathe([(0, 0), (0.07, 0), (0.07, 0.04), *spline([(0.035, 0.05), (0.04, 0.4), (0.1, 1.1), (0.11, 1.4)], 20), (0.06, 1.47), (0, 1.48)], 36).turned(y=c.between(0, 60)))
    if kind == "treadmill":
        return "Treadmill with console", solids(rounded_box(0.7, 1.5, 0.15, 0.05), box(0.5, 1.3, 0.17), pair(tube([(0.33, -0.5, 0.1), (0.33, -0.65, 1.2), (0.33, -0.3, 1.15)], 0.035)), rounded_box(0.6, 0.12, 0.3, 0.04, 0.02).turned(x=20).at(y=-0.68, z=1.15))
    if kind == "bike":
        return "Exercise bicycle with flywheel", solids(cylinder(0.3, 0.1, 40).turned(x=90).turned(z=90).at(-0.05, -0.35, 0.4), tube([(0, -0.3, 0.4), (0, 0.3, 0.35)], 0.04), tube([(0, 0.15, 0.2), (0, 0.35, 0.9)], 0.035), superellipsoid(0.12, 0.16, 0.04, 2, 2).at(y=0.38, z=0.93), tube([(0, -0.25, 0.4), (0, -0.4, 1.1)], 0.035), tube(spline([(-0.25, -0.25, 1.15), (-0.15, -0.45, 1.1), (0.15, -0.45, 1.1), (0.25, -0.25, 1.15)], 18), 0.02), pair(box(0.6, 0.07, 0.06).at(y=0.45), 1), box(0.06, 0.95, 0.06), pair(box(0.1, 0.14, 0.03).at(0.14, 0.05, 0.25)))
    if kind == "ski":
        return "Ski with binding", solids(box(0.1, 1.6, 0.02), tube([(0, -0.8, 0.01), (0, -0.95, 0.05), (0, -1.02, 0.14)], 1, section=rectangle(0.1, 0.02)) , box(0.09, 0.12, 0.08).at(y=-0.15), box(0.09, 0.15, 0.1).at(y=0.25))
    return "Basketball hoop with backboard", solids(plate(rounded_rectangle(1.2, 0.8, 0.05), 0.04), plate(rectangle(0.45, 0.35), 0.06, [rectangle(0.4, 0.3)]).at(z=-0.12), torus(0.24, 0.02).at(y=-0.3, z=-0.3), radial(tube([(0.24, 0, -0.3), (0.14, 0, -0.65)], 0.006, 6), 12).at(y=-0.3), box(0.1, 0.1, 0.1).at(y=-0.05, z=-0.33))


@product("21-03")
def playground(c: Chance) -> tuple[str, list[Part]]:
    frame = join([tube([(0.8, -0.5, 0), (0.8, 0, 1.3)], 0.04), tube([(0.8, 0.5, 0), (0.8, 0, 1.3)], 0.04)])
    if c.some():
        return "Swing set with two seats", solids(pair(frame), tube([(-0.9, 0, 1.3), (0.9, 0, 1.3)], 0.04), *(join([pair(cylinder(0.01, 0.95, 8).at(0.16, 0, 0.35)), box(0.4, 0.16, 0.03).at(z=0.33)]).at(x=x) for x in (-0.35, 0.35)))
    slide = tube(spline([(0, 0.1, 1.0), (0, -0.2, 0.95), (0, -0.9, 0.3), (0, -1.4, 0.12)], 20), 1, section=[(-0.22, 0.12), (-0.22, -0.03), (0.22, -0.03), (0.22, 0.12), (0.19, 0.12), (0.19, 0), (-0.19, 0), (-0.19, 0.12)])
    return "Playground slide with ladder", solids(slide, pair(tube([(0.22, 0.5, 0), (0.22, 0.15, 1.3)], 0.025)), *(tube([(-0.22, 0.5 - 0.27 * z, z), (0.22, 0.5 - 0.27 * z, z)], 0.02) for z in (0.2, 0.4, 0.6, 0.8, 1.0)))


@product("21-04")
def tent(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("ridge", "dome", "gazebo")
    if kind == "ridge":
        return "Ridge tent with door flap", solids(plate([(-0.7, 0), (0.7, 0), (0, 0.9)], 1.6), plate([(-0.2, 0), (0.2, 0), (0, 0.75)], 1.63), tube([(0, -0.85, 0), (0, -0.85, 1.0)], 0.015), pair(pair(tube([(0.4, -0.8, 0.45), (1.0, -1.1, 0)], 0.008), 1)))
    if kind == "dome":
        rib = tube(np.insert(arc(0.82, 0, 180, 24), 1, 0, axis=1), 0.018).scaled(1, 1, 0.75)
        return "Dome tent with poles", solids(lathe([(0, 0), (0.8, 0), *(arc(0.8, 5, 88, 14) * [1, 0.75]), (0, 0.6)], 6), radial(rib, 3), plate(rounded_rectangle(0.4, 0.45, 0.15), 0.1).turned(x=-25).at(y=-0.66, z=0.25))
    return "Gazebo with pyramid roof", solids(corners(box(0.05, 0.05, 1).at(0.7, 0.7)), lathe([(0, 1), (1.08, 1), (1.08, 1.08), (0.02, 1.55), (0, 1.55)], 4).turned(z=45))


@product("22-01")
def gun(c: Chance) -> tuple[str, list[Part]]:
    if c.some():
        return "Pistol with grip", [Part(m.turned(z=90)) for m in (side_plate([(-0.6, 0.2), (0.4, 0.2), (0.42, 0.4), (-0.6, 0.4)], 0.14), side_plate(spline([(0.1, 0.22), (0.38, 0.22), (0.55, -0.4), (0.3, -0.42), (0.15, -0.05)], 32, closed=True), 0.15), tube(spline([(0, 0.05, 0.2), (0, -0.18, 0.16), (0, -0.15, 0.02), (0, 0.12, 0.02)], 18), 0.015), box(0.02, 0.06, 0.03).at(y=-0.55, z=0.4), cylinder(0.05, 0.05, 20).turned(x=90).at(y=-0.6, z=0.3))]
    return "Rifle with stock and scope", [Part(m.turned(z=90)) for m in (cylinder(0.025, 1.1, 16).turned(x=90).at(y=-0.3, z=0.25), side_plate([(-0.8, 0.15), (0.3, 0.13), (0.4, 0.05), (1.1, -0.1), (1.1, 0.2), (0.4, 0.22), (0.3, 0.26), (-0.8, 0.22)], 0.1), cylinder(0.045, 0.5, 20).turned(x=90).at(y=0.25, z=0.38), tube(spline([(0, 0.3, 0.12), (0, 0.28, -0.02), (0, 0.12, -0.02), (0, 0.1, 0.12)], 16), 0.012))]


@product("22-05")
def fishing(c: Chance) -> tuple[str, list[Part]]:
    if c.some():
        lure = lathe([(0, -0.5), (0.06, -0.45), (0.16, -0.1), (0.12, 0.3), (0.02, 0.5), (0, 0.5)], 32)
        hook = tube(np.column_stack([np.zeros(18), arc(0.1, 90, -120, 18)]) + [0, 0, -0.25], 0.012, 8)
        return "Fishing lure with hooks", [Part(lure.turned(y=90).scaled(1, 0.7, 1)), Part(hook.turned(z=90).at(0.1, 0, 0.0)), Part(hook.turned(z=90).at(-0.4, 0, 0.05)), Part(ellipsoid(0.03, 0.12, 0.03, 14).at(-0.35, 0, 0.03)), Part(extrude([(0, 0), (0.2, 0.12), (0.2, -0.12)], 0.01).turned(x=90).at(0.45))]
    return "Fishing reel with crank", solids(lathe([(0, 0), (0.3, 0), (0.3, 0.06), (0.2, 0.08), (0.2, 0.25), (0.32, 0.28), (0.3, 0.34), (0, 0.4)], 40).turned(x=90), tube([(0, 0.05, 0), (0.1, 0.12, 0.4)], 0.05), box(0.08, 0.6, 0.05).at(0.1, 0.1, 0.4), tube([(0, 0.1, 0), (-0.4, 0.1, 0), (-0.4, 0.1, -0.3)], 0.03), ellipsoid(0.08, 0.05, 0.06).at(-0.4, 0.1, -0.33))


@product("22-06")
def trap(c: Chance) -> tuple[str, list[Part]]:
    return "Mouse trap with spring bar", solids(box(0.5, 1, 0.06), tube([(-0.2, 0, 0.08), (-0.2, -0.42, 0.08), (0.2, -0.42, 0.08), (0.2, 0, 0.08)], 0.015), join([torus(0.045, 0.012, 18, 8).turned(y=90).at(x, 0, 0.1) for x in np.linspace(-0.18, 0.18, 12)]), box(0.2, 0.2, 0.03).at(y=0.25, z=0.06), tube([(0, 0.45, 0.08), (0, 0.1, 0.12)], 0.01))


@product("23-01")
def tap(c: Chance) -> tuple[str, list[Part]]:
    high = c.between(0.3, 0.8)
    reach = c.between(0.35, 0.6)
    square = c.some(0.3)
    path = [(0, 0, high * 0.6), (0, 0, high), (0, -reach, high), (0, -reach, high - 0.08)] if square else spline([(0, 0, high * 0.6), (0, 0, high), (0, -reach * 0.4, high * 1.2), (0, -reach, high * 1.05), (0, -reach * 1.05, high * 0.75)], 26)
    spout = tube(path, 0.05, section=rounded_rectangle(1.8, 1.8, 0.2, 3) if square else None)
    body = rounded_box(0.16, 0.16, high * 0.7, 0.02) if square else lathe([(0, 0), (0.13, 0), (0.13, 0.03), (0.08, 0.06), (0.075, high * 0.7), (0, high * 0.7)], 32)
    lever = c.one_of("lever", "two handles", "cross handles")
    if lever == "lever":
        handle = [cylinder(0.07, 0.1, 28).turned(y=90).at(0.05, 0, high * 0.45), tube([(0.14, 0, high * 0.45), (0.35, -0.02, high * 0.55)], 1, section=oval(0.04, 0.02, 14))]
    else:
        one = join([cylinder(0.07, 0.2, 28), radial(tube([(0, 0, 0.24), (0.12, 0, 0.24)], 0.025), 4 if lever == "cross handles" else 1), cylinder(0.045, 0.1, 20).at(z=0.19)]).at(0.3)
        handle = [pair(one), rounded_box(0.75, 0.16, 0.05, 0.07)]
    return f"{c.one_of('Faucet', 'Water tap', 'Basin mixer')} with {'square spout' if square else 'curved spout'} and {lever}", solids(spout, body, *handle)


@product("23-01")
def valve(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("valve", "elbow", "tee", "nozzle", "hydrant")
    flange = join([cylinder(0.26, 0.06, 36), radial(cylinder(0.03, 0.09, 10).at(0.2), c.one_of(4, 6))])
    if kind == "valve":
        return "Gate valve with hand wheel", solids(pair(flange.turned(y=90).at(0.45)), tube([(-0.45, 0, 0), (0.45, 0, 0)], 0.16), cylinder(0.14, 0.5, 28), cylinder(0.03, 0.4, 14).at(z=0.45), torus(0.25, 0.03).at(z=0.8), radial(tube([(0, 0, 0.8), (0.25, 0, 0.8)], 0.02), c.whole(3, 5)))
    if kind == "elbow":
        path = np.column_stack([0.5 - 0.5 * np.cos(np.linspace(0, math.pi / 2, 16)), np.zeros(16), 0.5 * np.sin(np.linspace(0, math.pi / 2, 16))])
        return "Pipe elbow with flanges", solids(tube(path, 0.15), flange.at(z=-0.05), flange.turned(y=90).at(0.48, 0, 0.5))
    if kind == "tee":
        return "Pipe tee fitting", solids(tube([(-0.5, 0, 0), (0.5, 0, 0)], 0.17), cylinder(0.17, 0.5, 32), *(cylinder(0.21, 0.12, 32).turned(y=90).at(x) for x in (-0.52, 0.4)), cylinder(0.21, 0.12, 32).at(z=0.4))
    if kind == "hydrant":
        return "Fire hydrant with outlets", solids(lathe([(0, 0), (0.3, 0), (0.3, 0.06), (0.18, 0.06), (0.18, 0.8), (0.22, 0.82), (0.22, 0.9), *(arc(0.2, 5, 85, 8) + [0, 0.9]), (0, 1.1)], 36), pair(cylinder(0.1, 0.15, 24).turned(y=90).at(0.16, 0, 0.6)), cylinder(0.12, 0.14, 24).turned(x=90).at(y=-0.16, z=0.55), prism(5, 0.06, 0.1).at(z=1.1))
    return c.one_of("Hose nozzle with trigger", "Spray gun for garden hose"), solids(side_plate(spline([(-0.4, 0.3), (0.15, 0.35), (0.25, 0.2), (0.35, -0.35), (0.2, -0.38), (0.05, 0.1), (-0.4, 0.18)], 36, closed=True), 0.14), cylinder(0.12, 0.15, 28).turned(x=90).at(y=-0.35, z=0.24), side_plate([(-0.08, 0.15), (-0.02, 0.15), (0.1, -0.2), (0.05, -0.22)], 0.06), prism(8, 0.1, 0.12).at(y=0.28, z=-0.48))


@product("23-03")
def heater(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(6, 14)
    if c.some():
        fin = side_plate(rounded_rectangle(0.16, 0.7, 0.07), 0.06)
        return f"Radiator with {n} sections", solids(row(fin, n, x=0.1), tube([(-0.05 * n, 0, 0.27), (0.05 * n, 0, 0.27)], 0.03), tube([(-0.05 * n, 0, -0.27), (0.05 * n, 0, -0.27)], 0.03), cylinder(0.05, 0.1, 18).turned(y=90).at(0.05 * n, 0, -0.27))
    return "Towel radiator with rungs", solids(pair(cylinder(0.03, 1.2, 16).at(0.35)), row(tube([(-0.35, 0, 0.6), (0.35, 0, 0.6)], 0.016), n, z=1.05 / n))


@product("23-04")
def ventilator(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("desk", "ceiling", "split", "tower", "grille")
    n = c.whole(3, 5)
    blade_ = plate(spline([(0.05, -0.03), (0.2, -0.12), (0.4, -0.1), (0.4, 0.1), (0.2, 0.06), (0.05, 0.03)], 26, closed=True), 0.015).turned(x=18)
    if kind == "desk":
        guard = [tube(np.insert(arc(r, 0, 360, 44)[:-1], 1, -0.14 + 0.1 * (r / 0.46) ** 2, axis=1), 0.006, 6, closed=True) for r in np.linspace(0.08, 0.46, 8)]
        wires = join([tube([(0.05, -0.14, 0), (0.46, -0.04, 0)], 0.005, 6).turned(y=a) for a in range(0, 360, 30)])
        return "Electric fan with guard and stand", [*solids(join([blade_.turned(y=360 * k / n) for k in range(n)]).at(z=0.8), cylinder(0.09, 0.25, 28).turned(x=90).at(y=0.2, z=0.8), cylinder(0.03, 0.75, 16).at(y=0.12, z=0.02), cylinder(0.25, 0.05, 40).at(y=0.1)), Part(join(guard).at(z=0.8)), Part(wires.at(z=0.8))]
    if kind == "ceiling":
        return f"Ceiling fan with {n} blades", solids(radial(rounded_box(0.7, 0.14, 0.015, 0.05).turned(x=8).at(0.5), n), lathe([(0, -0.1), (0.12, -0.08), (0.15, 0), (0.12, 0.08), (0.02, 0.1), (0.02, 0.4), (0.08, 0.42), (0, 0.45)], 36), ellipsoid(0.1, 0.1, 0.08).at(z=-0.12))
    if kind == "split":
        return "Air conditioner, wall-mounted", solids(rounded_box(1.1, 0.25, 0.35, 0.02, 0.05), plate(rectangle(0.95, 0.05), 0.03).turned(x=-30).at(y=-0.12, z=0.05), row(box(1.0, 0.02, 0.008).at(y=-0.12, z=0.25), 5, z=0.02), plate(rectangle(0.12, 0.04), 0.02).at(0.4, -0.125, 0.18))
    if kind == "tower":
        return "Tower fan with vertical grille", solids(rounded_box(0.28, 0.28, 1.1, 0.13, 0.04).at(z=0.05), cylinder(0.22, 0.05, 40), row(box(0.008, 0.03, 0.75).at(y=-0.135, z=0.2), 7, x=0.025))
    m = c.whole(5, 10)
    return "Ventilation grille with louvres", solids(plate(rectangle(0.9, 0.7), 0.06, [rectangle(0.78, 0.58)]), row(box(0.8, 0.1, 0.012).turned(x=35), m, z=0.56 / m))


@product("23-06")
def basin(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("basin", "bath", "shower", "sink")
    if kind == "basin":
        outline = c.one_of(oval(1, 0.75, 44, c.between(2, 3)), rounded_rectangle(1.9, 1.4, 0.3, 10))
        rings = [(0.5, -0.6), (0.92, -0.2), (1, 0), (1, 0.04), (0.9, 0.04), (0.8, -0.2), (0.4, -0.5)]
        bowl_ = loft(np.stack([np.column_stack([outline * s, np.full(len(outline), z)]) for s, z in rings])).scaled(0.35, 0.35, 0.35)
        pedestal = [lathe([(0, -1), (0.16, -1), (0.1, -0.7), (0.12, -0.2), (0, -0.2)], 28)] if c.some() else []
        return f"Wash basin{' on pedestal' if pedestal else ''}", solids(bowl_, *pedestal, cylinder(0.03, 0.01, 20).at(z=-0.17), tube(spline([(0, 0.26, 0.02), (0, 0.26, 0.14), (0, 0.14, 0.15)], 12), 0.02))
    if kind == "bath":
        outline = rounded_rectangle(1.7, 0.75, c.between(0.15, 0.37), 10)
        rings = [(0.82, 0), (1, 0.5), (1.04, 0.52), (1.04, 0.55), (0.94, 0.55), (0.72, 0.12), (0.6, 0.1)]
        tub = loft(np.stack([np.column_stack([outline * s, np.full(len(outline), z)]) for s, z in rings]))
        feet = corners(lathe([(0, -0.12), (0.05, -0.12), (0.03, -0.05), (0.07, 0.03), (0, 0.03)], 20).at(0.5, 0.22)) if c.some() else None
        return f"Bathtub{' with feet' if feet else ''}", solids(tub, *([feet] if feet else []))
    if kind == "shower":
        head = lathe([(0, 0), (0.2, 0), (0.2, 0.03), (0.04, 0.08), (0, 0.09)], 40)
        jets = join([cylinder(0.01, 0.01, 8).at(r * math.cos(a), r * math.sin(a), -0.008) for r in (0.05, 0.1, 0.15) for a in np.arange(0, 6.2, 0.7 - r * 2)])
        if c.some():
            return "Hand shower with handle", solids(*(m.turned(x=-60) for m in (head, jets)), tube(spline([(0, 0.05, 0.05), (0, 0.2, -0.1), (0, 0.28, -0.6)], 16), 0.035))
        return "Shower head with arm", solids(head, jets, tube(spline([(0, 0, 0.08), (0, 0, 0.2), (0, 0.2, 0.3), (0, 0.45, 0.3)], 18), 0.025), cylinder(0.08, 0.02, 28).turned(x=90).at(y=0.46, z=0.3))
    return "Kitchen sink with two bowls", solids(extrude(rounded_rectangle(1.4, 0.7, 0.06), 0.3, [rounded_rectangle(0.6, 0.55, 0.08) + [-0.34, 0], rounded_rectangle(0.5, 0.55, 0.08) + [0.34, 0]]), box(1.3, 0.6, 0.02), tube(spline([(0, 0.3, 0.3), (0, 0.3, 0.65), (0, 0.1, 0.7), (0, 0.05, 0.55)], 18), 0.025))


@product("23-07")
def toilet(c: Chance) -> tuple[str, list[Part]]:
    outline = oval(0.5, 0.7, 40, 2.3)
    rings = [(0.5, -0.8), (0.48, -0.5), (0.85, -0.15), (1, 0), (1, 0.06)]
    bowl_ = loft(np.stack([np.column_stack([outline * [s, s] * 0.4 + [0, -0.1 * (1 - s)], np.full(40, z * 0.5)]) for s, z in rings]))
    seat = extrude(outline * 0.42, 0.03, [outline * 0.27]).at(z=0.035)
    tank = [rounded_box(0.42, 0.18, c.between(0.3, 0.4), 0.04).at(y=0.34, z=0.03), rounded_box(0.45, 0.2, 0.04, 0.04).at(y=0.34, z=0.36)] if c.some(0.7) else []
    lid = extrude(outline * 0.41, 0.02).turned(x=c.one_of(0, 95))
    lid = lid.at(y=0 if float(np.ptp(lid.vertices[:, 2])) < 0.1 else 0.27, z=0.07 if float(np.ptp(lid.vertices[:, 2])) < 0.1 else 0.35)
    return f"Toilet with {'tank and ' if tank else ''}seat", solids(bowl_, seat, lid, *tank)


@product("23-08")
def bathroom(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("paper", "towel", "dish")
    if kind == "paper":
        return "Toilet paper holder with roll", solids(plate(oval(0.1, 0.1, 28), 0.03), tube(spline([(0, 0, 0), (0, -0.2, 0), (0.1, -0.22, 0), (0.5, -0.22, 0)], 16), 0.02), lathe([(0.05, -0.2), (0.2, -0.2), (0.2, 0.2), (0.05, 0.2)], 36, closed=True).turned(y=90).at(0.28, -0.22, 0))
    if kind == "towel":
        n = c.whole(1, 3)
        return f"Towel rail with {n} bar{'s' if n > 1 else ''}", solids(pair(cylinder(0.06, 0.03, 24).turned(x=90).at(0.6)), pair(tube([(0.6, 0, 0), (0.6, -0.12 * n, 0)], 0.02)), *(tube([(-0.6, -0.12 * (k + 1), 0), (0.6, -0.12 * (k + 1), 0)], 0.016) for k in range(n)))
    return "Soap dish with ribs", solids(loft(np.stack([np.column_stack([oval(0.5, 0.33, 36, 3) * s, np.full(36, z)]) for s, z in ((0.7, 0), (1, 0.15), (1, 0.17), (0.92, 0.17), (0.66, 0.05))])), row(box(0.04, 0.4, 0.03).at(z=0.04), c.whole(4, 7), x=0.1))


@product("24-02")
def syringe(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("syringe", "stethoscope", "forceps", "tube", "flask", "scalpel", "inhaler")
    if kind == "syringe":
        r, h = 0.1, c.between(0.7, 1.0)
        pull = c.between(0.1, 0.5)
        return "Medical syringe with plunger", [Part(m.turned(y=90)) for m in (lathe([(0, 0), (r, 0), (r, h), (0.035, h + 0.06), (0.03, h + 0.15), (0, h + 0.15)], 30), extrude(rounded_rectangle(0.42, 0.2, 0.08), 0.025).at(z=-0.02), box(0.12, 0.03, pull).at(z=-pull), box(0.03, 0.12, pull).at(z=-pull), cylinder(0.13, 0.025, 28).at(z=-pull - 0.02), cylinder(0.008, 0.4, 8).at(z=h + 0.14), *(torus(r, 0.004, 30, 6).at(z=h * k / 8) for k in range(2, 7)))]
    if kind == "stethoscope":
        yoke = tube(spline([(0.15, 0, 0.9), (0.22, 0, 0.6), (0.05, 0, 0.3), (0, 0, 0.1)], 18), 0.02)
        return "Stethoscope", solids(pair(yoke), pair(ellipsoid(0.035, 0.03, 0.04).at(0.15, 0, 0.92)), tube(spline([(0, 0, 0.1), (0, 0, -0.3), (0.2, 0, -0.6), (0.4, 0, -0.4)], 22), 0.022), lathe([(0, 0), (0.15, 0), (0.15, 0.04), (0.06, 0.08), (0, 0.08)], 32).turned(x=90).at(0.42, 0.0, -0.32))
    if kind == "forceps":
        arm = tube(spline([(0.01, 0, 0.0), (0.09, 0, 0.5), (0.02, 0, 1.1)], 18), 1, section=rounded_rectangle(0.025, 0.07, 0.01, 3))
        return "Tweezers with curved arms", solids(pair(arm), box(0.06, 0.07, 0.05).at(z=-0.03))
    if kind == "tube":
        n = c.whole(3, 6)
        return f"Test tube rack with {n} tubes", solids(*(extrude(rectangle(0.25 * n + 0.1, 0.3), 0.04).at(z=z) for z in (0, 0.45)), pair(box(0.04, 0.3, 0.5).at(0.125 * n + 0.04)), row(hollow([(0, 0.05), (0.05, 0.06), (0.08, 0.12), (0.08, 0.9)], 0.012, 24), n, x=0.25))
    if kind == "flask":
        return c.one_of("Laboratory flask, conical", "Laboratory flask"), solids(hollow([(0, 0), (0.42, 0), (0.45, 0.05), (0.12, 0.6), (0.11, 0.9), (0.15, 0.92), (0.15, 0.95)], 0.02, 40) if c.some() else hollow([(0, 0), (0.2, 0.01), *(arc(0.4, -60, 70, 14) + [0, 0.4]), (0.11, 0.85), (0.11, 1.1), (0.14, 1.12)], 0.02, 40))
    if kind == "scalpel":
        return "Scalpel with handle", solids(plate([(0, -0.04), (0.9, -0.05), (0.9, 0.05), (0, 0.04)], 0.05), plate(spline([(0, 0.035), (-0.2, 0.05), (-0.4, -0.03), (-0.2, -0.07), (0, -0.035)], 24), 0.015), row(box(0.02, 0.06, 0.08).at(0.3, 0, -0.04), 8, x=0.04))
    return "Inhaler with mouthpiece", solids(rounded_box(0.3, 0.25, 0.8, 0.1, 0.03), tube([(0, -0.05, 0.1), (0, -0.4, 0.05)], 1, section=rounded_rectangle(0.26, 0.2, 0.08, 4)), cylinder(0.1, 0.3, 28).at(z=0.75))


@product("24-01")
def hospital(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("bed", "chair", "microscope", "monitor")
    if kind == "microscope":
        return "Microscope with stage", solids(side_plate([(-0.3, 0), (0.35, 0), (0.35, 0.1), (-0.3, 0.1)], 0.5), tube(spline([(0, 0.25, 0.05), (0, 0.32, 0.4), (0, 0.25, 0.8), (0, 0.0, 0.9)], 20), 0.07), cylinder(0.08, 0.5, 24).at(z=0.75), cylinder(0.05, 0.2, 20).at(z=1.2), cylinder(0.05, 0.2, 20, top=0.07).at(z=0.52), box(0.4, 0.4, 0.04).at(z=0.4), pair(cylinder(0.06, 0.06, 22).turned(y=90).at(0.07, 0.3, 0.3)))
    if kind == "bed":
        return "Hospital bed with side rails", solids(box(0.9, 1.2, 0.1).at(y=-0.35, z=0.5), box(0.9, 0.8, 0.1).turned(x=35).at(y=0.55, z=0.72), plate(rounded_rectangle(0.95, 0.6, 0.08), 0.05).at(y=1.0, z=0.85), plate(rounded_rectangle(0.95, 0.45, 0.08), 0.05).at(y=-1.0, z=0.7), corners(cylinder(0.07, 0.05, 20).turned(y=90).at(0.38, 0.8, 0.07)), corners(box(0.05, 0.05, 0.4).at(0.38, 0.8, 0.1)), box(0.8, 1.7, 0.06).at(z=0.4), pair(row(tube([(0.5, -0.35, 0.75), (0.5, 0.35, 0.75)], 0.015), 3, z=0.08)))
    if kind == "chair":
        return "Dental chair with headrest", solids(rounded_box(0.5, 0.6, 0.12, 0.1, 0.04).at(z=0.5), rounded_box(0.45, 0.75, 0.1, 0.1, 0.04).turned(x=50).at(y=0.42, z=0.75), rounded_box(0.4, 0.6, 0.1, 0.1, 0.04).turned(x=20).at(y=-0.5, z=0.4), rounded_box(0.22, 0.2, 0.08, 0.05, 0.03).turned(x=55).at(y=0.75, z=1.15), cylinder(0.12, 0.45, 28).at(z=0.05), cylinder(0.32, 0.06, 40), pair(rounded_box(0.07, 0.35, 0.05, 0.02).at(0.3, 0.05, 0.72)))
    return "Patient monitor with screen", solids(rounded_box(0.9, 0.3, 0.7, 0.05), plate(rectangle(0.65, 0.5), 0.03).at(-0.06, -0.15, 0.36), row(plate(oval(0.03, 0.03, 16), 0.04).at(0.36, -0.15, 0.36), 4, z=0.12), tube(spline([(-0.2, 0, 0.68), (-0.15, 0, 0.82), (0.15, 0, 0.82), (0.2, 0, 0.68)], 14), 0.025))


@product("24-05")
def crutch(c: Chance) -> tuple[str, list[Part]]:
    if c.some():
        return "Walking frame with grips", solids(pair(join([tube(spline([(0.35, -0.3, 0), (0.33, -0.25, 0.85), (0.33, 0, 0.92), (0.33, 0.25, 0.85), (0.35, 0.3, 0)], 30), 0.02), tube([(0.345, -0.27, 0.4), (0.345, 0.27, 0.4)], 0.016), tube([(0.33, -0.12, 0.9), (0.33, 0.14, 0.9)], 0.03)])), tube([(-0.33, 0.25, 0.7), (0.33, 0.25, 0.7)], 0.018), tube([(-0.34, 0.28, 0.35), (0.34, 0.28, 0.35)], 0.018))
    return c.one_of("Crutch with forearm cuff", "Walking aid with cuff"), solids(tube([(0, 0, 0), (0, 0, 1), (0, 0.1, 1.35)], 0.02), tube([(0, 0.02, 1.0), (0, -0.2, 1.0)], 0.025), lathe([(0.07, 1.3), (0.075, 1.3), (0.075, 1.4), (0.07, 1.4)], 28, closed=True).at(y=0.05), cylinder(0.035, 0.06, 18).at(z=-0.03))


@product("25-01")
def building_material(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("brick", "profile", "tile", "paver", "beam", "roof")
    if kind == "brick":
        n = c.whole(1, 4)
        hole = c.one_of(rectangle(0.9 / n * 0.7, 0.25), oval(0.9 / n * 0.33, 0.13, 20))
        return f"Building block with {n} cavit{'y' if n == 1 else 'ies'}", solids(extrude(rectangle(1, 0.45), 0.4, [hole + [1 / n * (k - (n - 1) / 2) * 0.95, 0] for k in range(n)]))
    if kind in ("profile", "beam"):
        t, a, b = c.between(0.06, 0.15), 0.5, c.between(0.3, 0.7)
        shapes = {
            "T": [(-a, b - t), (-t / 2, b - t), (-t / 2, -b), (t / 2, -b), (t / 2, b - t), (a, b - t), (a, b), (-a, b)],
            "I": [(-a, -b), (a, -b), (a, -b + t), (t / 2, -b + t), (t / 2, b - t), (a, b - t), (a, b), (-a, b), (-a, b - t), (-t / 2, b - t), (-t / 2, -b + t), (-a, -b + t)],
            "U": [(-a, -b), (a, -b), (a, b), (a - t, b), (a - t, -b + t), (-a + t, -b + t), (-a + t, b), (-a, b)],
            "Z": [(-a, -b), (t / 2, -b), (t / 2, b - t), (a, b - t), (a, b), (-t / 2, b), (-t / 2, -b + t), (-a, -b + t)],
            "L": [(-a, -b), (a, -b), (a, -b + t), (-a + t, -b + t), (-a + t, b), (-a, b)],
        }  # fmt: skip
        name = c.one_of(*shapes)
        return f"{c.one_of('Profile', 'Extruded profile', 'Structural beam')} of {name}-shaped section", solids(plate(shapes[name], c.between(0.8, 2.5)))
    if kind == "tile":
        n = c.whole(2, 5)
        return "Floor tile with relief pattern", solids(box(1, 1, 0.05), row(row(c.one_of(prism(4, 0.35 / n, 0.02), cylinder(0.3 / n, 0.02, 24), prism(6, 0.35 / n, 0.02)).at(z=0.05), n, x=1 / n), n, y=1 / n))
    if kind == "paver":
        points = c.one_of(regular(6, 0.5), np.array([(-0.5, -0.25), (-0.25, -0.3), (0, -0.2), (0.25, -0.3), (0.5, -0.25), (0.45, 0), (0.5, 0.25), (0.25, 0.2), (0, 0.3), (-0.25, 0.2), (-0.5, 0.25), (-0.45, 0)]), regular(8, 0.5, 22.5))
        return "Paving stone", solids(extrude(points, 0.25), extrude(points * 0.94, 0.02).at(z=0.25))
    x = np.linspace(-1, 1, 60)
    n = c.whole(3, 7)
    wave = 0.07 * (np.sin(x * math.pi * n) if c.some() else np.sign(np.sin(x * math.pi * n)) * np.minimum(1, np.abs(np.sin(x * math.pi * n)) * 2))
    return "Corrugated roofing sheet", solids(plate(np.concatenate([np.column_stack([x, wave]), np.column_stack([x, wave + 0.02])[::-1]]), 1.6))


@product("25-02")
def window(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("window", "door", "fence", "column", "gate")
    x, z = c.between(0.8, 1.5), c.between(1, 1.5)
    if kind == "window":
        n, m = c.whole(1, 3), c.whole(1, 4)
        t = 0.06
        arch = c.some(0.25)
        outer = np.concatenate([[(-x / 2, -z / 2), (x / 2, -z / 2)], arc(x / 2, 0, 180, 20) + [0, z / 2]]) if arch else rectangle(x, z)
        inner = np.concatenate([[(-x / 2 + t, -z / 2 + t), (x / 2 - t, -z / 2 + t)], arc(x / 2 - t, 0, 180, 20) + [0, z / 2]]) if arch else rectangle(x - 2 * t, z - 2 * t)
        bars = [box(0.03, 0.05, z - t).at(x * (k / n - 0.5), 0, -z / 2 + t / 2) for k in range(1, n)] + [box(x - t, 0.05, 0.03).at(0, 0, z * (k / m - 0.5)) for k in range(1, m)]
        return f"Window{' with arched head' if arch else ''} and {n * m} pane{'s' if n * m > 1 else ''}", solids(plate(outer, 0.12, [inner]), plate(inner * 1.01, 0.02), *bars, *([box(x + 0.1, 0.2, 0.04).at(z=-z / 2 - 0.04)] if c.some() else []))
    if kind == "door":
        n, m = c.whole(1, 2), c.whole(1, 4)
        w, h = 0.9, 2.0
        panels = [plate(rectangle(w / n * 0.7, h / m * 0.75), 0.08, [rectangle(w / n * 0.62, h / m * 0.68)]).at(w * ((k + 0.5) / n - 0.5) * 0.95, 0, h * (j + 0.5) / m) for k in range(n) for j in range(m)]
        return f"Door with {n * m} panel{'s' if n * m > 1 else ''}", solids(box(w, 0.05, h), *panels, tube(spline([(0.38, -0.02, 1), (0.38, -0.08, 1), (0.28, -0.08, 1)], 10), 0.015), *([plate(mirrored_outline(np.array([(0.46, 0), (0.54, 0), (0.54, 2.1), (0.001, 2.1), (0.001, 2.02), (0.46, 2.02)])), 0.1)] if c.some(0.5) else []))
    if kind in ("fence", "gate"):
        n = c.whole(6, 14)
        top = c.one_of("pointed", "round", "flat")
        w = 2 / n * 0.55
        tip = {"pointed": [(w / 2, 1), (0, 1.1), (-w / 2, 1)], "round": [*(arc(w / 2, 0, 180, 8) + [0, 1])], "flat": [(w / 2, 1), (-w / 2, 1)]}[top]
        picket = plate([(-w / 2, 0), (w / 2, 0), *tip], 0.03)
        return f"{'Fence panel' if kind == 'fence' else 'Gate'} with {top} pickets", solids(row(picket, n, x=2 / n), *(box(2, 0.04, 0.08).at(y=0.03, z=h) for h in (0.2, 0.75)), pair(box(0.1, 0.1, 1.2).at(1.05)))
    n = c.whole(12, 24)
    return "Column with fluted shaft", solids(box(0.6, 0.6, 0.1), cylinder(0.27, 0.08, 40).at(z=0.1), cylinder(0.2, 1.5, 40, top=0.17).at(z=0.18), radial(cylinder(0.02, 1.4, 8).at(0.195, 0, 0.22), n), cylinder(0.25, 0.08, 40).at(z=1.68), box(0.55, 0.55, 0.1).at(z=1.76))


@product("25-03")
def house(c: Chance) -> tuple[str, list[Part]]:
    x, y, z = 1, c.between(0.7, 1.5), c.between(0.5, 1.0)
    rise = c.between(0.25, 0.6)
    shed = c.some(0.2)
    gable = plate([(-x / 2, 0), (x / 2, 0), (x / 2, z), *([] if shed else [(0, z + rise)]), (-x / 2, z + (rise if shed else 0))], y)
    a = math.degrees(math.atan2(rise, x / 2))
    slope = box(math.hypot(x / 2, rise) + 0.12, y + 0.2, 0.04)
    roof = [slope.turned(y=a).at(x / 4 + 0.02, 0, z + rise / 2), slope.turned(y=-a).at(-x / 4 - 0.02, 0, z + rise / 2)] if not shed else []
    panes = join([plate(rectangle(0.18, 0.2), 0.03, [rectangle(0.14, 0.16)]).at(s * 0.3, -y / 2, z * 0.55) for s in (-1, 1)])
    chimney = [box(0.14, 0.14, rise + 0.2).at(0.25, y * 0.2, z + 0.1)] if c.some() else []
    return f"{c.one_of('House', 'Cabin', 'Garden shed')} with {'mono-pitch' if shed else 'gable'} roof", solids(gable, *roof, panes, box(0.2, 0.03, 0.42).at(y=-y / 2), *chimney, *(side_plate(rectangle(0.2, 0.2) + [yy, z * 0.55], x + 0.03) for yy in np.linspace(-y * 0.28, y * 0.28, c.whole(1, 3))))


@product("25-04")
def ladder(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(4, 9)
    if c.some(0.35):
        steps = [box(0.9, 0.28, 0.04).at(y=0.25 * k, z=0.18 * (k + 1)) for k in range(n)]
        saw_ = np.array([(0, 0.0), (0.25 * n, 0.18 * n), (0.25 * n, 0.18 * n - 0.22), (0.22, 0)]) - [0.12, 0]
        return f"Stairs with {n} steps", solids(*steps, pair(side_plate(saw_, 0.05).at(0.4)))
    h = 0.28 * (n + 0.5)
    rail = pair(tube([(0.28, -0.35, 0), (0.2, 0, h)], 1, section=rectangle(0.035, 0.07)))
    treads = [box(0.54 - 0.16 * (k + 1) / (n + 1), c.one_of(0.05, 0.12), 0.03).at(y=-0.35 * (1 - 0.28 * (k + 1) / h), z=0.28 * (k + 1)) for k in range(n)]
    if c.some(0.6):
        back = pair(tube([(0.28, 0.4, 0), (0.2, 0.03, h)], 1, section=rectangle(0.035, 0.05)))
        return f"Step ladder with {n} steps", solids(rail, back, *treads, box(0.44, 0.2, 0.03).at(z=h), row(box(0.46, 0.03, 0.03).at(y=0.3, z=h * 0.3), 2, z=0.01))
    return f"Ladder with {n} rungs", solids(rail, *treads)


@product("26-06")
def headlight(c: Chance) -> tuple[str, list[Part]]:
    outline = c.one_of(oval(0.4, 0.4, 40), oval(0.55, 0.35, 40, 3), spline([(-0.6, -0.2), (0.3, -0.25), (0.7, 0.15), (0.4, 0.28), (-0.5, 0.2)], 44, closed=True))
    n = c.whole(1, 3)
    cells = [lathe([(0.1, 0), (0.14, 0), (0.14, 0.05), (0.1, 0.05)], 28, closed=True).turned(x=90).at(0.27 * (k - (n - 1) / 2), -0.14, 0) for k in range(n)]
    return f"{c.one_of('Vehicle headlight', 'Vehicle lamp')} with {n} lens{'es' if n > 1 else ''}", solids(plate(outline, 0.25), plate(outline, 0.06, [outline * 0.88]).at(y=-0.14), *cells, box(0.3, 0.2, 0.2).at(y=0.2, z=-0.1))


@product("27-02")
def pipe(c: Chance) -> tuple[str, list[Part]]:
    bend = c.between(0, 0.35)
    stem = tube(spline([(0.08, 0, 0.05), (0.4, 0, 0.1), (0.8, 0, 0.1 + bend), (1.1, 0, 0.08 + bend * 1.6)], 26), np.linspace(0.07, 0.03, 26))
    return f"Smoking pipe with {'bent' if bend > 0.15 else 'straight'} stem", solids(hollow([(0, -0.12), (0.12, -0.08), (0.18, 0.05), (0.17, 0.35)], 0.05, 32), stem)


@product("27-03")
def ashtray(c: Chance) -> tuple[str, list[Part]]:
    n = c.one_of(4, 6, 8, 40)
    r = 0.5
    notch = c.whole(3, 4)
    return f"Ashtray with {notch} rests", solids(hollow([(0, 0), (r * 0.9, 0), (r, 0.22)], 0.1, n), radial(cylinder(0.05, 0.13, 14).turned(y=90).at(r * 0.86, 0, 0.22), notch, 30))


@product("27-05")
def lighter(c: Chance) -> tuple[str, list[Part]]:
    if c.some():
        return "Lighter with hinged cap", solids(rounded_box(0.36, 0.13, 0.42, 0.04), rounded_box(0.36, 0.13, 0.18, 0.04, 0.02).turned(y=c.one_of(0, 120)).at(x=0, z=0.43) if c.some(0.01) else rounded_box(0.36, 0.13, 0.18, 0.04, 0.02).at(z=0.43), box(0.03, 0.14, 0.06).at(-0.18, 0, 0.39))
    return "Disposable lighter", solids(tube([(0, 0, 0), (0, 0, 0.8)], 1, section=oval(0.16, 0.09, 30)), cylinder(0.07, 0.06, 26).turned(y=90).at(-0.03, 0, 0.88), plate([(-0.12, 0.8), (0.05, 0.8), (0.05, 1.0), (-0.08, 1.0)], 0.13), box(0.1, 0.1, 0.04).at(0.1, 0, 0.84))


@product("27-07")
def vape(c: Chance) -> tuple[str, list[Part]]:
    if c.some():
        return "Electronic cigarette, pen-shaped", solids(*(m.turned(y=90) for m in (cylinder(0.06, 1.1, 32), cylinder(0.065, 0.04, 32).at(z=0.75), lathe([(0, 1.1), (0.06, 1.1), (0.04, 1.25), (0.045, 1.35), (0, 1.35)], 28))), rounded_box(0.12, 0.05, 0.02, 0.02).at(0.45, 0, 0.055))
    return "Electronic cigarette with box body", solids(rounded_box(0.45, 0.2, 0.8, 0.07, 0.03), plate(rectangle(0.2, 0.28), 0.02).at(y=-0.1, z=0.45), cylinder(0.1, 0.3, 30).at(0.08, 0, 0.79), cylinder(0.05, 0.14, 20, top=0.065).at(0.08, 0, 1.08), plate(oval(0.06, 0.06, 20), 0.03).at(y=-0.1, z=0.18))


@product("28-02")
def cosmetic(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("lipstick", "compact", "soap", "mascara")
    if kind == "lipstick":
        bullet = cylinder(0.12, 0.45, 28).changed(lambda v: v - np.column_stack([0 * v[:, 0], 0 * v[:, 0], np.where(v[:, 2] > 0.3, (v[:, 0] + 0.12) * 0.8, 0)]))
        return "Lipstick, opened", solids(c.one_of(cylinder(0.2, 0.6, 36), box(0.36, 0.36, 0.6), prism(8, 0.2, 0.6)), cylinder(0.15, 0.25, 32).at(z=0.58), bullet.at(z=0.8))
    if kind == "compact":
        r = 0.5
        lid = join([cylinder(r, 0.06, 44), cylinder(r * 0.85, 0.01, 44).at(z=-0.008)]).turned(x=c.between(60, 110)).at(y=0.5, z=0.12)
        return "Cosmetic compact with mirror", solids(cylinder(r, 0.1, 44), cylinder(r * 0.85, 0.02, 44).at(z=0.095), lid.at(z=0.45))
    if kind == "soap":
        return c.one_of("Soap bar", "Soap bar with embossed oval"), solids(superellipsoid(0.5, 0.32, 0.14, c.between(2, 5), c.between(2, 4)), extrude(oval(0.25, 0.14, 30), 0.06).at(z=0.09))
    return "Mascara wand", [Part(m.turned(y=60)) for m in (cylinder(0.08, 0.6, 28), cylinder(0.012, 0.5, 10).at(z=0.58), lathe([(0, 0.85), (0.04, 0.88), (0.05, 1.05), (0.03, 1.2), (0, 1.22)], 24), *(torus(0.045, 0.008, 20, 6).at(z=0.9 + 0.035 * k) for k in range(8)))]


@product("28-03")
def toilet_article(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("comb", "razor", "dryer", "clipper", "shaver", "file", "trimmer")
    if kind == "comb":
        n = c.whole(14, 30)
        tooth = box(0.9 / n * 0.45, 0.03, 0.25)
        handle = c.some()
        return f"Comb{' with handle' if handle else ''}", solids(plate(rounded_rectangle(1, 0.15, 0.06), 0.05).at(z=0.3), row(tooth, n, x=0.9 / n), *([plate(rounded_rectangle(0.7, 0.09, 0.04), 0.05).at(0.8, 0, 0.33)] if handle else [pair(box(0.04, 0.04, 0.28).at(0.48))]))
    if kind == "razor":
        n = c.whole(2, 5)
        head = join([rounded_box(0.42, 0.09, 0.2, 0.02), row(box(0.36, 0.1, 0.012).at(z=0.1), n, z=0.03)])
        grip = tube(spline([(0, 0, 0), (0, 0.05, -0.3), (0, c.between(-0.05, 0.08), -0.7), (0, 0.03, -1.1)], 26), 0.045 * (1 + 0.3 * np.sin(np.linspace(0, 7, 26))))
        return f"Razor with {n} blades", solids(head, grip, row(box(0.07, 0.03, 0.02).at(0, -0.02, -0.45), 5, z=0.04))
    if kind == "dryer":
        return "Hair dryer with concentrator nozzle", [Part(m.turned(z=90)) for m in (lathe([(0, 0), (0.2, 0), (0.24, 0.15), (0.17, 0.6), (0.15, 0.7), (0, 0.7)], 36).turned(x=90).at(y=0.3), tube([(0, -0.4, 0), (0, -0.65, 0)], 1, section=rounded_rectangle(0.32, 0.12, 0.04, 4)), tube([(0, 0.05, -0.1), (0, c.between(0.05, 0.25), -0.8)], [0.1, 0.08]), row(lathe([(0.19, 0), (0.2, 0), (0.2, 0.01), (0.19, 0.01)], 36, closed=True).turned(x=90).at(y=0.31), 1), box(0.04, 0.04, 0.12).at(y=-0.04, z=-0.35))]
    if kind == "clipper":
        return "Nail clipper with lever", solids(side_plate([(-0.5, 0), (0.5, 0), (0.5, 0.03), (-0.5, 0.03)], 0.14).turned(x=4), side_plate([(-0.5, 0.1), (0.5, 0.06), (0.5, 0.09), (-0.5, 0.13)], 0.14), side_plate([(-0.45, 0.2), (0.45, 0.13), (0.45, 0.17), (-0.3, 0.27)], 0.11), cylinder(0.03, 0.25, 16).at(y=-0.4))
    if kind == "shaver":
        return "Electric shaver with three heads", solids(superellipsoid(0.22, 0.15, 0.5, 3, 4), tube([(0, 0, 0.4), (0, -0.05, 0.6)], 0.1), lathe([(0, 0), (0.28, 0), (0.25, 0.1), (0, 0.1)], 3).turned(z=30).at(y=-0.05, z=0.58), radial(cylinder(0.1, 0.04, 28).at(0.12), 3, 30).at(y=-0.05, z=0.67), plate(oval(0.05, 0.08, 24), 0.03).at(y=-0.15, z=0.05))
    if kind == "trimmer":
        n = 12
        return "Hair clipper with comb blade", solids(tube(spline([(0, 0, -0.6), (0, 0.02, -0.1), (0, 0, 0.4)], 20), 1, section=rounded_rectangle(0.3, 0.22, 0.08, 4)), box(0.36, 0.1, 0.1).at(z=0.4), row(box(0.018, 0.06, 0.1).at(z=0.48), n, x=0.03), box(0.05, 0.04, 0.14).at(y=-0.11, z=0.1))
    return "Hand mirror with handle", solids(plate(oval(0.36, 0.42, 44), 0.06, [oval(0.3, 0.36, 44)]).at(z=0.5), plate(oval(0.3, 0.36, 44), 0.03).at(z=0.5), tube(spline([(0, 0, 0.1), (0, 0, -0.1), (0, 0, -0.6)], 14), 0.045 * (1 + 0.3 * np.sin(np.linspace(0, 5, 14)))))


@product("28-01")
def pill(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("capsule", "tablet", "oval", "blister")
    if kind == "blister":
        n, m = c.whole(2, 5), 2
        return f"Blister pack with {n * m} tablets", solids(rounded_box(0.3 * n + 0.1, 0.75, 0.015, 0.06), row(row(superellipsoid(0.11, 0.11, 0.08, 2, 2.5).at(z=0.01), n, x=0.3), m, y=0.32))
    if kind == "capsule":
        return "Capsule of two halves", solids(superellipsoid(0.2, 0.2, 0.55, 2, 5).turned(y=90), cylinder(0.207, 0.4, 36).turned(y=90).at(0.0))
    if kind == "tablet":
        return "Pharmaceutical tablet with score line", solids(lathe([(0, 0), (0.42, 0.05), (0.45, 0.08), (0.45, 0.2), (0.42, 0.23), (0, 0.28)], 44), box(0.8, 0.03, 0.02).at(z=0.265))
    return "Pharmaceutical tablet, oblong", solids(superellipsoid(0.5, 0.22, 0.16, c.between(2, 4), 2.5), *([box(0.03, 0.4, 0.02).at(z=0.15)] if c.some() else []))


@product("29-01")
def extinguisher(c: Chance) -> tuple[str, list[Part]]:
    return "Fire extinguisher with hose", solids(lathe([(0, 0), (0.2, 0), (0.2, 0.75), (0.1, 0.9), (0.06, 0.92), (0.06, 1.0), (0, 1.0)], 40), side_plate([(-0.28, 1.12), (0.05, 1.02), (0.05, 1.06), (-0.28, 1.17)], 0.05), side_plate([(-0.28, 1.02), (0.05, 0.98), (0.05, 1.01), (-0.28, 1.06)], 0.05), tube(spline([(0.05, 0, 1.0), (0.3, 0, 0.95), (0.28, 0, 0.5), (0.24, 0, 0.25)], 22), 0.025), cylinder(0.04, 0.2, 18, top=0.06).turned(x=180).at(0.24, 0, 0.28), plate(oval(0.04, 0.04, 20), 0.05).at(y=-0.07, z=1.0), torus(0.2, 0.01).at(z=0.5))


@product("29-02")
def helmet(c: Chance) -> tuple[str, list[Part]]:
    if c.some(0.6):
        n = c.whole(0, 5)
        shell = lathe([(0, 0), (0.5, 0), *(arc(1, 6, 86, 14) * [0.5, 0.45]), (0, 0.455)], 40).scaled(0.85, 1.1, 1)
        ridges = [tube(np.column_stack([np.full(18, 0.1 * (k - (n - 1) / 2)), arc(0.55, 10, 170, 18)[:, 0], arc(0.46, 10, 170, 18)[:, 1]]), 0.02, 8) for k in range(n)]
        brim = extrude(oval(0.47, 0.62, 40), 0.025)
        return f"Safety helmet with {'ribs and ' if n else ''}brim", solids(shell, *ridges, brim)
    ear = join([cylinder(0.18, 0.14, 30), torus(0.15, 0.05, 30, 10).at(z=-0.02)]).turned(y=90).at(0.42)
    return "Respirator mask with two filters", solids(superellipsoid(0.25, 0.18, 0.3, 2.5, 2.2), pair(cylinder(0.15, 0.1, 32).turned(x=90).turned(z=35).at(0.25, -0.12, -0.12)), cylinder(0.07, 0.08, 24).turned(x=90).at(y=-0.14, z=-0.05), *([ear] if c.some(0) else []), tube(spline([(0.22, 0.05, 0.1), (0.4, 0.4, 0.15), (0, 0.75, 0.2), (-0.4, 0.4, 0.15), (-0.22, 0.05, 0.1)], 30), 1, section=rectangle(0.015, 0.06)))


@product("30-02")
def kennel(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("kennel", "cage", "aquarium", "birdhouse")
    if kind == "cage":
        n = c.whole(16, 26)
        return "Bird cage with dome and ring", solids(cylinder(0.42, 0.1, 40), join([tube(spline([(0.4, 0, 0.08), (0.4, 0, 0.6), (0.25, 0, 0.9), (0, 0, 1.0)], 18), 0.008, 6).turned(z=360 * k / n) for k in range(n)]), torus(0.4, 0.012).at(z=0.6), torus(0.06, 0.012, 24, 8).turned(x=90).at(z=1.06))
    if kind == "aquarium":
        return "Aquarium with lid", solids(extrude(rectangle(1, 0.5), 0.6, [rectangle(0.96, 0.46)]), box(1.03, 0.53, 0.08).at(z=0.6), box(1.03, 0.53, 0.05).at(z=-0.03), box(0.3, 0.15, 0.03).at(0.2, 0, 0.68))
    small = kind == "birdhouse"
    rise, z = c.between(0.25, 0.5), c.between(0.5, 0.8)
    front = plate([(-0.45, 0), (0.45, 0), (0.45, z), (0, z + rise), (-0.45, z)], 0.8)
    a = math.degrees(math.atan2(rise, 0.45))
    slope = box(math.hypot(0.45, rise) + 0.16, 1.0, 0.04)
    hole = plate(oval(0.12, 0.12, 30), 0.03).at(y=-0.41, z=z * 0.75) if small else plate(np.concatenate([[(-0.2, 0), (0.2, 0)], arc(0.2, 0, 180, 16) + [0, z * 0.5]]), 0.03).at(y=-0.41)
    return f"{'Bird house with perch' if small else 'Dog kennel with arched entrance'}", solids(front, slope.turned(y=a).at(0.25, 0, z + rise / 2), slope.turned(y=-a).at(-0.25, 0, z + rise / 2), hole, *([cylinder(0.02, 0.2, 10).turned(x=90).at(y=-0.4, z=z * 0.45)] if small else []))


@product("30-03")
def feeder(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(1, 2)
    bowl_ = hollow([(0, 0), (0.42, 0), (0.32, 0.2)], 0.04, 40)
    if c.some(0.4):
        return "Bird feeder with roof and perches", solids(cylinder(0.18, 0.7, 36), lathe([(0, 0.7), (0.45, 0.68), (0.05, 0.95), (0, 0.95)], 36), cylinder(0.38, 0.04, 40).at(z=-0.02), radial(tube([(0.15, 0, 0.15), (0.35, 0, 0.15)], 0.015), 4), torus(0.06, 0.012, 20, 8).turned(x=90).at(z=1.0))
    if n == 2:
        return "Pet feeder with two bowls on a stand", solids(extrude(rounded_rectangle(1.3, 0.7, 0.08), 0.05, [oval(0.25, 0.25, 36) - [0.32, 0], oval(0.25, 0.25, 36) + [0.32, 0]]).at(z=0.4), pair(hollow([(0, 0.25), (0.2, 0.25), (0.25, 0.46)], 0.02, 40).at(0.32)), corners(box(0.06, 0.06, 0.4).at(0.56, 0.26)))
    return c.one_of("Pet bowl with sloped sides", "Dog bowl with non-slip base"), solids(bowl_, torus(0.42, 0.025).at(z=0.02))


@product("30-04")
def collar(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(0, 12)
    w = c.between(0.08, 0.15)
    band = lathe([(0.48, -w / 2), (0.5, -w / 2), (0.5, w / 2), (0.48, w / 2)], 48, closed=True)
    studs = [radial(c.one_of(ellipsoid(0.025, 0.03, 0.03, 10), cylinder(0.03, 0.06, 12, top=0.004).turned(y=90)).at(0.5), n)] if n > 3 else []
    return f"Pet collar with {'studs' if studs else 'ring'}", solids(band, *studs, torus(0.06, 0.012, 24, 8).turned(x=90).at(y=-0.52, z=-w), rounded_box(0.16, 0.05, w * 1.3, 0.02).at(y=0.5, z=-w * 0.65))


@product("30-06")
def pet_bed(c: Chance) -> tuple[str, list[Part]]:
    if c.some():
        n = c.whole(1, 3)
        return f"Cat tree with {n + 1} platforms", solids(box(0.7, 0.6, 0.05), *(cylinder(0.06, 0.5, 24).at(0.22 * (-1) ** k, 0, 0.05 + 0.5 * k) for k in range(n)), *(rounded_box(0.5, 0.45, 0.05, 0.08).at(0.15 * (-1) ** k, 0, 0.52 + 0.5 * k) for k in range(n)), rounded_box(0.3, 0.35, 0.3, 0.03).at(-0.18, 0, 0.05), plate(oval(0.1, 0.1, 28), 0.03).at(-0.18, -0.175, 0.2))
    return "Pet bed with raised rim", solids(torus(0.5, 0.15).scaled(1.1, 0.85, 1), superellipsoid(0.5, 0.38, 0.08, 2.2, 2).at(z=-0.05))


@product("30-10")
def grooming(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(8, 14)
    return c.one_of("Pet grooming brush with handle", "Pet comb with handle"), solids(rounded_box(0.5, 0.12, 0.1, 0.04, 0.02), row(cylinder(0.012, 0.2, 8), n, x=0.45 / n).turned(x=180).at(z=0.01), tube(spline([(0, 0, 0.05), (0, 0.05, 0.35), (0, 0, 0.9)], 18), 0.06 * (1 + 0.25 * np.sin(np.linspace(0, 5, 18)))))


@product("30-12")
def pet_toy(c: Chance) -> tuple[str, list[Part]]:
    if c.some():
        n = c.whole(5, 9)
        knots = pair(ellipsoid(0.16, 0.14, 0.14).at(0.55))
        return "Rope pet toy with knots", solids(tube(spline([(-0.5, 0, 0), (-0.2, 0.02, 0.02), (0.2, -0.02, 0), (0.5, 0, 0)], 24), 0.08, 5), knots, pair(join([tube([(0.65, 0, 0), (0.9, 0.12 * math.cos(a), 0.12 * math.sin(a))], 0.025, 6) for a in np.linspace(0, 6, n)])))
    return "Pet toy ball with openings", solids(ellipsoid(0.5, 0.5, 0.5, 40), *(cylinder(0.15, 0.03, 24).at(z=0.46).turned(x=x, y=y) for x, y in ((0, 0), (90, 0), (-90, 0), (0, 90), (0, -90))), torus(0.505, 0.02))


@product("31-00")
def kitchen_machine(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("blender", "mixer", "coffee", "juicer", "grinder", "processor")
    if kind == "blender":
        jar = hollow([(0, 0.4), (0.16, 0.4), (0.24, 1.1)], 0.02, c.one_of(40, 4, 6)).turned(z=45)
        return "Blender with jar and handle", solids(lathe([(0, 0), (0.26, 0), (0.24, 0.1), (0.17, 0.38), (0, 0.38)], 40), jar, cylinder(0.24, 0.08, 40).at(z=1.1), tube([(0.2, 0, 0.55), (0.38, 0, 0.6), (0.38, 0, 0.95), (0.22, 0, 1.0)], 0.035), plate(oval(0.06, 0.06, 24), 0.05).at(y=-0.23, z=0.17))
    if kind == "mixer":
        bowl_ = hollow([(0, 0.1), (0.15, 0.1), (0.3, 0.5)], 0.02, 40).at(y=-0.2)
        return "Stand mixer with bowl", [Part(m.turned(z=-90)) for m in (side_plate([(-0.5, 0), (0.4, 0), (0.4, 0.08), (-0.5, 0.08)], 0.4), side_plate(spline([(0.1, 0.05), (0.4, 0.05), (0.35, 0.6), (0.15, 0.6)], 24, closed=True), 0.22), superellipsoid(0.15, 0.5, 0.14, 2.5, 2.5).at(y=-0.08, z=0.76), bowl_, cylinder(0.04, 0.25, 20).at(y=-0.25, z=0.45), torus(0.1, 0.015, 28, 8).turned(x=90).scaled(0.8, 1, 1.3).at(y=-0.25, z=0.35), cylinder(0.05, 0.05, 22).turned(y=90).at(0.12, 0.1, 0.72))]
    if kind == "coffee":
        return "Coffee machine with jug", solids(box(0.6, 0.55, 0.1), box(0.6, 0.2, 0.9).at(y=0.18), box(0.6, 0.55, 0.25).at(z=0.7), hollow([(0, 0.1), (0.16, 0.1), (0.19, 0.3), (0.12, 0.48)], 0.015, 36).at(y=-0.08), tube(spline([(0, -0.24, 0.2), (0, -0.38, 0.22), (0, -0.38, 0.42), (0, -0.22, 0.44)], 16), 0.02), row(plate(oval(0.03, 0.03, 18), 0.03).at(0.1, -0.28, 0.83), 3, x=0.1), plate(rectangle(0.18, 0.1), 0.02).at(-0.15, -0.28, 0.83))
    if kind == "juicer":
        return "Citrus juicer with spout", solids(cylinder(0.3, 0.4, 40), lathe([(0, 0.4), (0.34, 0.4), (0.36, 0.5), (0.3, 0.5), (0.28, 0.43), (0, 0.43)], 40), radial(ellipsoid(0.07, 0.03, 0.2).turned(y=-20).at(0.07, 0, 0.55), 8), tube([(0, -0.28, 0.35), (0, -0.42, 0.3)], 0.05))
    if kind == "grinder":
        return "Meat grinder with crank", solids(cylinder(0.16, 0.5, 32).turned(x=90).at(y=0.2, z=0.4), cylinder(0.2, 0.08, 36).turned(x=90).at(y=-0.28, z=0.4), hollow([(0, 0.75), (0.1, 0.75), (0.3, 0.95)], 0.02, 32).at(y=0.05), cylinder(0.08, 0.3, 24).at(y=0.05, z=0.5), tube([(0, 0.2, 0.4), (0, 0.35, 0.4), (0.0, 0.37, 0.05)], 0.025), tube([(0, 0.37, 0.06), (0, 0.6, 0.06)], 0.05), box(0.1, 0.2, 0.4).at(y=0.0))
    return "Food processor with feed tube", solids(rounded_box(0.6, 0.55, 0.35, 0.1, 0.03), cylinder(0.26, 0.4, 40).at(z=0.34), cylinder(0.28, 0.06, 40).at(z=0.73), cylinder(0.08, 0.25, 26).at(0.1, 0, 0.78), tube([(0.24, 0, 0.4), (0.4, 0, 0.42), (0.4, 0, 0.65), (0.25, 0, 0.68)], 0.03), plate(oval(0.07, 0.07, 26), 0.05).at(y=-0.28, z=0.17))


@product("07-02")
def toaster(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("toaster", "kettle", "microwave", "oven")
    if kind == "toaster":
        n = c.one_of(1, 2, 2, 4)
        y = 0.25 + 0.13 * n if n < 4 else 0.45
        slots = [box(0.6 if n < 4 else 0.35, 0.06, 0.01).at(0 if n < 4 else 0.24 * (1 if k % 2 else -1), 0.13 * (k - (n - 1) / 2) if n < 4 else 0.09 * (1 if k > 1 else -1), 0.6) for k in range(n)]
        return f"Toaster with {n} slot{'s' if n > 1 else ''}", solids(rounded_box(1, y, 0.6, 0.1, c.between(0.03, 0.12)), *slots, box(0.06, 0.14, 0.05).at(0.51, 0, 0.35), cylinder(0.05, 0.04, 22).turned(y=90).at(0.5, 0, 0.15))
    if kind == "kettle":
        body = lathe([(0, 0), (0.32, 0), (0.33, 0.05), *spline([(0.33, 0.06), (c.between(0.25, 0.36), 0.4), (0.2, 0.75)], 14), (0, 0.8)], 40)
        return "Electric kettle with handle", solids(body, cylinder(0.34, 0.06, 40).at(z=-0.06), tube(spline([(0.18, 0, 0.75), (0.42, 0, 0.72), (0.45, 0, 0.4), (0.32, 0, 0.12)], 24), 0.035), tube([(-0.18, 0, 0.6), (-0.36, 0, 0.72)], [0.12, 0.05]), ellipsoid(0.05, 0.05, 0.04).at(z=0.82))
    if kind == "microwave":
        return "Microwave oven with control panel", solids(box(1, 0.7, 0.55), plate(rectangle(0.7, 0.48), 0.04, [rectangle(0.5, 0.3)]).at(-0.12, -0.36, 0.28), tube([(0.2, -0.42, 0.1), (0.2, -0.42, 0.46)], 0.015), row(row(plate(rectangle(0.04, 0.03), 0.03).at(0.37, -0.35, 0.22), 3, x=0.06), 4, z=0.06), plate(rectangle(0.18, 0.08), 0.03).at(0.37, -0.35, 0.46))
    n = c.whole(2, 5)
    return "Cooker with oven and hob", solids(box(0.6, 0.6, 0.85), plate(rectangle(0.52, 0.5), 0.04, [rectangle(0.38, 0.28)]).at(y=-0.31, z=0.4), tube([(-0.22, -0.37, 0.66), (0.22, -0.37, 0.66)], 0.012), row(cylinder(0.025, 0.05, 20).turned(x=90).at(y=-0.3, z=0.77), n, x=0.1), corners(torus(0.09, 0.015, 30, 8).at(0.15, 0.14, 0.86)))
