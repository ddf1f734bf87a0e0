"""Clocks, vehicles, electrics, electronics, machines, cameras, instruments and office things."""

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


def wheel(c: Chance, r: float, width: float, spokes: int | None = None) -> Mesh:
    """A wheel about the y axis: tyre, rim, hub and spokes."""
    n = c.whole(4, 9) if spokes is None else spokes
    tyre = lathe([(r * 0.72, -width / 2), (r * 0.95, -width / 2), (r, -width / 3), (r, width / 3), (r * 0.95, width / 2), (r * 0.72, width / 2)], 40, closed=True)
    arm = box(r * 0.62, r * c.between(0.08, 0.2), width * 0.4).at(r * 0.42, 0, -width * 0.2 + width * 0.1)
    hub = cylinder(r * 0.16, width * 0.9, 20).at(z=-width * 0.45)
    rim = lathe([(r * 0.66, -width * 0.4), (r * 0.73, -width * 0.4), (r * 0.73, width * 0.4), (r * 0.66, width * 0.4)], 40, closed=True)
    return join([tyre, rim, hub, radial(arm, n)]).turned(x=90)


def front_panel(c: Chance, x: float, z: float, thing: str) -> list[Mesh]:
    """Buttons, dials and the like over an x by z front at y = 0, looking to −y."""
    if thing == "buttons":
        n, m = c.whole(2, 5), c.whole(1, 5)
        key = plate(c.one_of(rounded_rectangle(x / n * 0.6, z / m * 0.55, 0.02), oval(min(x / n, z / m) * 0.3, min(x / n, z / m) * 0.3, 20)), 0.03)
        return [row(row(key, n, x=x / n), m, z=z / m)]
    if thing == "dials":
        n = c.whole(1, 4)
        r = min(x / n * 0.35, z * 0.4)
        knob = join([cylinder(r, 0.06, 28), box(r * 1.6, r * 0.2, 0.09)]).turned(x=90)
        return [row(knob, n, x=x / n)]
    if thing == "grille":
        n = c.whole(4, 10)
        return [row(plate(rounded_rectangle(x * 0.85, z / n * 0.45, z / n * 0.2), 0.02), n, z=z / n * 0.95)]
    frame = plate(rounded_rectangle(x, z, 0.03), 0.03, [rounded_rectangle(x * 0.92, z * 0.9, 0.02)])
    return [frame]


@product("10-01")
def clock(c: Chance) -> tuple[str, list[Part]]:
    r = 0.5
    kind = c.one_of("round", "round", "square", "octagonal")
    outline = {"round": oval(r, r, 48), "square": rounded_rectangle(1, 1, c.between(0.02, 0.2)), "octagonal": regular(8, r * 1.08, 22.5)}[kind]
    case = plate(outline, 0.12, [outline * 0.86])
    dial = plate(outline * 0.87, 0.05)
    marks = join([plate(rectangle(0.02, 0.06 if k % 3 else 0.1), 0.02).at(z=0.36).turned(y=30 * k) for k in range(12)]).at(y=-0.03)
    h, m = c.between(0, 360), c.between(0, 360)
    hands = [plate([(-0.02, -0.05), (0.02, -0.05), (0.01, 0.22), (-0.01, 0.22)], 0.01).turned(y=h).at(y=-0.035), plate([(-0.015, -0.06), (0.015, -0.06), (0.006, 0.33), (-0.006, 0.33)], 0.01).turned(y=m).at(y=-0.045), cylinder(0.025, 0.03, 16).turned(x=90).at(y=-0.03)]
    parts = [case, dial, marks, *hands]
    if c.some(0.4):
        parts += [pair(ellipsoid(0.16, 0.16, 0.1, 24).turned(y=40).at(0.3, 0, 0.5)), pair(cylinder(0.03, 0.2, 14).turned(y=-25).at(0.28, 0, -0.62)), tube(spline([(-0.15, 0, 0.55), (0, 0, 0.68), (0.15, 0, 0.55)], 12), 0.02)]
        return "Alarm clock with twin bells", solids(*parts)
    return f"{c.one_of('Wall clock', 'Clock')} with {kind} case", solids(*parts)


@product("10-02")
def watch(c: Chance) -> tuple[str, list[Part]]:
    r = 0.2
    square = c.some(0.35)
    case_outline = rounded_rectangle(2 * r, 2.2 * r, 0.08) if square else oval(r, r, 44)
    case = plate(case_outline, 0.09)
    bezel = plate(case_outline, 0.03, [case_outline * 0.85]).at(y=-0.055)
    n = c.one_of(4, 12)
    marks = [] if square and c.some() else [join([plate(rectangle(0.012, 0.03), 0.01).at(z=r * 0.7).turned(y=360 / n * k) for k in range(n)]).at(y=-0.05)]
    hands = [plate([(-0.008, -0.02), (0.008, -0.02), (0, length)], 0.008).turned(y=c.between(0, 360)).at(y=-0.05) for length in (0.09, 0.13)]
    w = c.between(0.16, 0.26)
    band_path = spline([(0, 0, r * 0.95), (0, 0.08, r * 1.6), (0, 0.35, r * 1.75), (0, 0.6, r * 0.8), (0, 0.62, -r * 0.8), (0, 0.35, -r * 1.75), (0, 0.08, -r * 1.6), (0, 0, -r * 0.95)], 40)
    band = tube(band_path, 1, section=rounded_rectangle(w, 0.03, 0.01, 3))
    size = band.bounds()
    if float(np.ptp(size[:, 0])) < w * 0.8:
        band = tube(band_path, 1, section=rounded_rectangle(0.03, w, 0.01, 3))
    links = [box(w * 1.02, 0.035, 0.012).turned(x=0).at(*p) for p in band_path[2:-2:2]] if c.some(0.4) else []
    words = "link bracelet" if links else "strap"
    return f"{c.one_of('Wrist watch', 'Watch')} with {'rectangular' if square else 'round'} case and {words}", solids(case, bezel, *marks, *hands, band, cylinder(0.025, 0.05, 16).turned(y=90).at(r * 0.98), *links)


@product("10-03")
def hourglass(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(3, 4)
    bulb = lathe([(0, 0), *spline([(0.2, 0.0), (0.25, 0.15), (0.03, 0.5), (0.25, 0.85), (0.2, 1.0)], 30), (0, 1)], 36)
    return "Hourglass with columns", solids(bulb, cylinder(0.36, 0.06, 40).at(z=-0.06), cylinder(0.36, 0.06, 40).at(z=1), radial(cylinder(0.02, 1, 12).at(0.31), n))


@product("10-04")
def gauge(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("scale", "thermometer", "gauge", "tape", "level", "caliper")
    if kind == "scale":
        x = c.between(0.9, 1.2)
        return c.one_of("Bathroom scale with display", "Kitchen scale with flat platform"), solids(rounded_box(x, x * 0.9, 0.08, c.between(0.05, 0.4), 0.03), rounded_box(x * 0.4, 0.15, 0.02, 0.03).at(y=-x * 0.28, z=0.075), corners(cylinder(0.05, 0.04, 18).at(x * 0.35, x * 0.3, -0.03)))
    if kind == "gauge":
        marks = join([plate(rectangle(0.015, 0.06), 0.02).at(z=0.32).turned(y=a) for a in range(-135, 136, 27)])
        return "Pressure gauge with dial", solids(plate(oval(0.5, 0.5, 44), 0.2, [oval(0.42, 0.42, 40)]), plate(oval(0.43, 0.43, 40), 0.1).at(y=0.03), marks.at(y=-0.03), plate([(-0.02, -0.08), (0.02, -0.08), (0, 0.32)], 0.02).turned(y=c.between(-120, 120)).at(y=-0.04), cylinder(0.07, 0.25, 18).at(z=-0.72), prism(6, 0.13, 0.1).at(z=-0.6))
    if kind == "thermometer":
        return "Digital thermometer with probe", solids(rounded_box(0.3, 0.12, 0.9, 0.05, 0.03), plate(rounded_rectangle(0.2, 0.22, 0.03), 0.02).at(y=-0.06, z=0.65), tube([(0, 0, 0), (0, 0, -0.6)], [0.05, 0.03]), plate(oval(0.05, 0.05, 18), 0.03).at(y=-0.06, z=0.35))
    if kind == "tape":
        return "Tape measure with hook", solids(plate(rounded_rectangle(0.6, 0.6, c.between(0.1, 0.28)), 0.3), plate(oval(0.2, 0.2, 36), 0.33), box(0.35, 0.18, 0.01).at(0.45, 0, -0.26), box(0.02, 0.2, 0.08).at(0.62, 0, -0.32))
    if kind == "level":
        return "Spirit level", solids(plate(rounded_rectangle(1.6, 0.25, 0.03), 0.12, [rounded_rectangle(0.25, 0.12, 0.05), oval(0.08, 0.08, 20) + [0.6, 0], oval(0.08, 0.08, 20) - [0.6, 0]]), cylinder(0.035, 0.24, 18).turned(y=90).at(-0.12), cylinder(0.03, 0.15, 18).at(0.6, 0, -0.075))
    return "Vernier caliper", solids(plate([(-0.2, 0.05), (1.4, 0.05), (1.4, 0.18), (-0.2, 0.18)], 0.05), plate([(-0.2, 0.05), (-0.02, 0.05), (0, -0.4), (-0.05, -0.42)], 0.05), plate([(0.1, 0.03), (0.4, 0.03), (0.4, 0.2), (0.1, 0.2)], 0.07), plate([(0.1, 0.05), (0.3, 0.05), (0.12, -0.42), (0.08, -0.4)], 0.05))


@product("10-05")
def sensor(c: Chance) -> tuple[str, list[Part]]:
    if c.some():
        r, h = 0.5, c.between(0.15, 0.3)
        slots = radial(box(0.14, 0.05, 0.05).at(r * 0.9, 0, h * 0.4), c.whole(10, 20))
        return c.one_of("Smoke detector with vents", "Ceiling sensor"), solids(lathe([(0, 0), (r, 0), (r * 0.9, h * 0.6), (r * c.between(0.4, 0.7), h), (0, h)], 44).turned(x=180), slots.turned(x=180), cylinder(0.08, h + 0.03, 20).turned(x=180))
    arm = tube(spline([(0, 0, 0), (0, -0.2, 0), (0, -0.3, 0.15)], 12), 0.05)
    return "Surveillance camera on a bracket", solids(cylinder(0.2, 0.05, 32).turned(x=90), arm, cylinder(0.16, 0.6, 32).turned(x=90).at(y=-0.05, z=0.3), cylinder(0.1, 0.05, 28).turned(x=90).at(y=-0.64, z=0.3), side_plate([(-0.8, 0.2), (0, 0.2), (0, 0.23), (-0.8, 0.23)], 0.36).at(z=0.27))


@product("10-06")
def signal(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("traffic", "bell", "cone", "beacon")
    if kind == "traffic":
        n = c.whole(2, 3)
        hood = join([cylinder(0.13, 0.05, 28).turned(x=90).at(y=-0.12), lathe([(0.15, 0), (0.165, 0), (0.165, 0.2), (0.15, 0.2)], 28, closed=True).turned(x=90).at(y=-0.1)])
        return "Traffic signal with hoods", solids(rounded_box(0.4, 0.24, 0.4 * n, 0.05), row(hood, n, z=0.38).at(z=0.2 * n), cylinder(0.05, 0.8, 16).at(z=-0.8))
    if kind == "bell":
        return "Bell with handle", solids(lathe([*spline([(0.5, 0), (0.35, 0.2), (0.3, 0.5), (0.1, 0.62)], 18), (0, 0.63), (0, 0.58), *(spline([(0.1, 0.58), (0.27, 0.48), (0.32, 0.2), (0.46, 0)], 14))], 40), lathe([(0, 0.6), (0.05, 0.62), (0.03, 0.8), (0.08, 1.0), (0, 1.1)], 24), ellipsoid(0.07, 0.07, 0.07, 16).at(z=0.04))
    if kind == "cone":
        return "Traffic cone with square base", solids(lathe([(0, 0.04), (0.28, 0.04), (0.05, 0.9), (0, 0.9)], 36), rounded_box(0.8, 0.8, 0.05, 0.08), *(lathe([(0.235 - 0.2 * k, 0.25 + 0.27 * k), (0.24 - 0.075 * k, 0.25 + 0.27 * k), (0.2 - 0.075 * k, 0.38 + 0.27 * k), (0.19 - 0.075 * k, 0.38 + 0.27 * k)], 36, closed=True) for k in (0,)))
    return "Warning beacon with ribbed lens", solids(cylinder(0.35, 0.2, 40), lathe([(0, 0.2), (0.3, 0.2), (0.28, 0.6), (0.15, 0.72), (0, 0.75)], 40), *(torus(0.295 - 0.005 * k, 0.02, 40, 8).at(z=0.28 + 0.1 * k) for k in range(4)))


@product("12-08")
def car(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("sedan", "hatchback", "van", "pickup", "bus", "truck", "sports car")
    length, w = c.between(1.8, 2.3), c.between(0.75, 0.9)
    hood, tail, roof = c.between(0.45, 0.6), c.between(0.3, 0.5), c.between(0.55, 0.72)
    sill, belt = 0.12, c.between(0.36, 0.44)
    a, b = -length / 2, length / 2
    side = {
        "sedan": [(a, sill), (a, belt * 0.85), (a + hood, belt), (a + hood + 0.3, roof), (b - tail - 0.3, roof), (b - tail, belt), (b, belt * 0.95), (b, sill)],
        "sports car": [(a, sill), (a, belt * 0.6), (a + hood * 1.2, belt * 0.85), (a + hood * 1.2 + 0.4, roof * 0.8), (b - tail - 0.4, roof * 0.8), (b - 0.1, belt * 0.95), (b, belt * 0.8), (b, sill)],
        "hatchback": [(a, sill), (a, belt * 0.85), (a + hood, belt), (a + hood + 0.28, roof), (b - 0.25, roof), (b - 0.03, belt), (b, sill)],
        "van": [(a, sill), (a, belt), (a + 0.2, belt * 1.1), (a + 0.45, roof * 1.25), (b, roof * 1.25), (b, sill)],
        "pickup": [(a, sill), (a, belt * 0.9), (a + hood, belt), (a + hood + 0.22, roof), (a + hood + 0.75, roof), (a + hood + 0.8, belt), (b, belt), (b, sill)],
        "bus": [(a, sill), (a, roof * 1.35), (b, roof * 1.35), (b, sill)],
        "truck": [(a, sill), (a, belt), (a + 0.08, roof * 1.2), (a + 0.5, roof * 1.2), (a + 0.5, sill)],
    }[kind]  # fmt: skip
    points = np.array(side)
    body = side_plate(points, w)
    top = points[:, 1].max()
    def lean_in(v: Doubles) -> Doubles:
        lean = np.clip((v[:, 2] - belt) / max(top - belt, 0.05), 0, 1) * (0.05 if kind in ("bus", "van") else 0.18)
        return v * np.column_stack([1 - lean, np.ones(len(v)), np.ones(len(v))])
    parts = [body.changed(lean_in)]
    if kind == "truck":
        parts.append(box(w * 1.05, length * 0.72, roof * c.between(0.9, 1.2)).at(y=b - length * 0.36, z=sill + 0.06))
    r = c.between(0.15, 0.19)
    tyre = wheel(c, r, 0.14).turned(z=90)
    for y in (a + 0.36, b - 0.38):
        parts.append(pair(tyre.at(w / 2 - 0.04, y, r)))
    glass_low, glass_high = belt + 0.03, (roof * 0.8 if kind == "sports car" else roof) - 0.04
    if kind in ("sedan", "hatchback", "sports car", "pickup"):
        start = a + hood * (1.2 if kind == "sports car" else 1) + 0.08
        stop = a + hood + 0.72 if kind == "pickup" else b - tail - 0.08 if kind != "hatchback" else b - 0.12
        middle = (start + stop) / 2
        for lo, hi in ((start, middle - 0.02), (middle + 0.02, stop)):
            pane = side_plate([(lo, glass_low), (hi, glass_low), (hi - (0.18 if hi == stop and kind != "pickup" else 0), glass_high), (lo + (0.2 if lo == start else 0), glass_high)], w * 1.015)
            parts.append(pane.changed(lean_in))
        parts.append(side_plate([(middle - 0.005, sill), (middle + 0.005, sill), (middle + 0.005, belt), (middle - 0.005, belt)], w * 1.01))
    elif kind in ("van", "bus"):
        n = c.whole(2, 6)
        panes = [side_plate(rounded_rectangle((length - 0.7) / n * 0.85, top * 0.3, 0.02) + [a + 0.5 + (length - 0.7) / n * (k + 0.5), top * 0.75], w * 1.015) for k in range(n)]
        parts += [p.changed(lean_in) for p in panes]
    parts.append(pair(plate(c.one_of(oval(0.08, 0.05, 20), rounded_rectangle(0.16, 0.08, 0.02)), 0.04).at(w * 0.34, a + 0.0, belt * 0.68)))
    parts.append(plate(rounded_rectangle(w * 0.4, 0.08, 0.02), 0.04).at(y=a, z=belt * 0.5))
    parts.append(pair(box(0.1, 0.05, 0.06).at(w / 2 + 0.03, a + hood + 0.2, belt + 0.02)))
    name = {"van": "Van", "bus": "Bus", "truck": "Lorry with box body", "sports car": "Sports car", "pickup": "Pickup truck"}.get(kind, c.one_of("Motor car", "Passenger car", "Automobile") + f", {kind}")
    return name, solids(*parts)


@product("12-11")
def bicycle(c: Chance) -> tuple[str, list[Part]]:
    r = c.between(0.3, 0.36)
    base = c.between(0.95, 1.1)
    n = c.one_of(8, 12, 16, 20)
    spokes = radial(tube([(0.02, 0, 0), (r * 0.96, 0, 0)], 0.004, 6), n)
    tyre = join([torus(r, 0.02, 44, 8), spokes, cylinder(0.025, 0.08, 14).at(z=-0.04)]).turned(x=90)
    rear, front = (-base / 2, 0, r), (base / 2, 0, r)
    crank, seat, head = (-0.06, 0, r - 0.02), (-0.22, 0, r + c.between(0.4, 0.5)), (base / 2 - 0.2, 0, r + c.between(0.45, 0.55))
    low = c.some(0.35)
    top = (seat[0] * 0.7 + crank[0] * 0.3, 0, seat[2] * 0.55 + crank[2] * 0.45) if low else (seat[0], 0, seat[2] - 0.06)
    t = 0.016
    frame = [tube([crank, (seat[0] - 0.03, 0, seat[2] + 0.14)], t), tube([crank, head], t), tube([top, head], t), tube([head, (head[0] - 0.04, 0, head[2] + 0.12)], t),
             tube([(head[0], 0, head[2]), (front[0] - 0.04, 0, r + 0.15), front], t * 0.9), tube([rear, crank], t * 0.7), tube([rear, seat], t * 0.7)]  # fmt: skip
    bars = c.one_of([(-0.02, -0.28, 0.16), (0.03, -0.1, 0.14), (0.03, 0.1, 0.14), (-0.02, 0.28, 0.16)], [(-0.1, -0.25, 0.2), (0.05, -0.2, 0.16), (0, 0, 0.12), (0.05, 0.2, 0.16), (-0.1, 0.25, 0.2)])
    handle = tube(spline([(head[0] - 0.02 + x, y, head[2] + z - 0.02) for x, y, z in bars], 24), 0.013)
    saddle = superellipsoid(0.13, 0.07, 0.03, 2, 2).at(seat[0] - 0.02, 0, seat[2] + 0.15)
    gear = [cylinder(0.08, 0.01, 28).turned(x=90).at(crank[0], 0.03, crank[2]), box(0.02, 0.02, 0.34).at(crank[0], 0.05, crank[2] - 0.17), pair(box(0.09, 0.08, 0.02).at(0, 0.11), 1).at(crank[0], 0, crank[2])]
    return f"Bicycle with {'step-through' if low else 'diamond'} frame", [Part(m.turned(z=180)) for m in (tyre.at(*rear), tyre.at(*front), join(frame), handle, saddle, *gear)]


@product("12-11")
def motorcycle(c: Chance) -> tuple[str, list[Part]]:
    scooter = c.some(0.5)
    r, base = (0.2, 1.0) if scooter else (0.3, c.between(1.2, 1.4))
    tyre = wheel(c, r, 0.12)
    front, rear = (-base / 2, 0, r), (base / 2, 0, r)
    if scooter:
        body = side_plate(spline([(0.1, 0.25), (0.0, 0.3), (0.15, 0.45), (0.2, 0.7), (0.8, 0.72), (0.82, 0.5), (0.5, 0.3)], 40, closed=True) * [0.95, 1], 0.3)
        shield = side_plate([(-0.35, 0.25), (-0.28, 0.25), (-0.36, 0.95), (-0.42, 0.95)], 0.38)
        parts = [tyre.at(*front).turned(z=90), tyre.at(*rear).turned(z=90), body, shield, box(0.34, 0.5, 0.05).at(y=-0.12, z=0.24), rounded_box(0.3, 0.6, 0.1, 0.1, 0.04).at(y=0.5, z=0.71), tube([(-0.3, -0.4, 0.98), (0, -0.38, 0.92), (0.3, -0.4, 0.98)], 0.02), tube([(0, -0.39, 0.95), (0, -base / 2, r)], 0.04), ellipsoid(0.08, 0.06, 0.08).at(0, -0.45, 0.85), side_plate(arc(r * 1.15, 10, 170, 16).tolist() + (arc(r * 1.05, 170, 10, 16)).tolist(), 0.16).at(y=-base / 2, z=r)]
        return "Motor scooter with leg shield", solids(*parts)
    tank = superellipsoid(0.15, 0.28, 0.14, 2.5, 2.5).at(y=-0.1, z=0.72)
    engine = [box(0.28, 0.35, 0.25).at(z=0.25), row(box(0.3, 0.22, 0.015).at(z=0.56), 6, z=0.03)]
    fork = pair(tube([(0.09, -base / 2, r), (0.09, -base / 2 + 0.22, 0.9)], 0.022))
    parts = [tyre.turned(z=90).at(y=-base / 2, z=r), tyre.turned(z=90).at(y=base / 2, z=r), tank, *engine, fork, tube(spline([(-0.38, -0.3, 0.98), (-0.2, -0.42, 0.95), (0.2, -0.42, 0.95), (0.38, -0.3, 0.98)], 18), 0.016), rounded_box(0.24, 0.6, 0.1, 0.1, 0.04).at(y=0.42, z=0.68), ellipsoid(0.1, 0.09, 0.1).at(y=-base / 2 + 0.12, z=0.85), tube([(0.17, 0.0, 0.3), (0.17, 0.3, 0.28), (0.17, base / 2 + 0.1, 0.38)], [0.025, 0.03, 0.05]), pair(tube([(0.09, 0.1, 0.35), (0.09, base / 2, r)], 0.025)), tube([(0, -0.3, 0.8), (0, -0.1, 0.35), (0, 0.3, 0.35), (0, 0.3, 0.68)], 0.03)]
    return "Motorcycle with fuel tank and seat", solids(*parts)


@product("12-15")
def tyre(c: Chance) -> tuple[str, list[Part]]:
    r, w = 0.5, c.between(0.2, 0.4)
    carcass = lathe([(r * 0.62, -w * 0.4), (r * 0.8, -w / 2), (r * 0.95, -w * 0.48), (r, -w * 0.38), (r, w * 0.38), (r * 0.95, w * 0.48), (r * 0.8, w / 2), (r * 0.62, w * 0.4)], 48, closed=True)
    n = c.whole(20, 40)
    kind = c.one_of("block", "chevron", "ribbed")
    if kind == "ribbed":
        tread = [lathe([(r * 0.99, z), (r * 1.03, z), (r * 1.03, z + w * 0.1), (r * 0.99, z + w * 0.1)], 48, closed=True) for z in np.linspace(-w * 0.38, w * 0.28, c.whole(3, 5))]
    else:
        lug = box(0.04, 2 * math.pi * r / n * 0.5, w * 0.36).turned(x=c.between(15, 40) if kind == "chevron" else 0).at(x=r * 1.0)
        tread = [radial(lug.at(z=0.02), n), radial(lug.mirrored(2).at(z=-0.02), n, 180 / n if c.some() else 0)]
    return f"Tyre with {kind} tread", [Part(m.turned(x=90)) for m in (carcass, *tread)]


@product("12-16")
def car_wheel(c: Chance) -> tuple[str, list[Part]]:
    r, w, n = 0.5, c.between(0.2, 0.35), c.whole(5, 12)
    rim = lathe([(r * 0.9, -w / 2), (r, -w / 2), (r, -w * 0.42), (r * 0.92, -w * 0.3), (r * 0.92, w * 0.3), (r, w * 0.42), (r, w / 2), (r * 0.9, w / 2)], 48, closed=True)
    a = c.between(0.03, 0.1)
    outline = spline([(0.08, -a * 0.8), (0.3, -a * c.between(0.3, 1)), (r * 0.93, -a * c.between(0.6, 1.6)), (r * 0.93, a * c.between(0.6, 1.6)), (0.3, a * c.between(0.3, 1)), (0.08, a * 0.8)], 24, closed=True)
    arm = extrude(outline, 0.06).at(z=w * 0.3)
    bolts = radial(cylinder(0.02, 0.03, 12).at(0.09, 0, w * 0.36), 5)
    return f"Vehicle wheel rim with {n} spokes", [Part(m.turned(x=90)) for m in (rim, radial(arm, n), lathe([(0, w * 0.25), (0.14, w * 0.25), (0.12, w * 0.36), (0.05, w * 0.38), (0, w * 0.38)], 32), bolts)]


@product("12-16")
def steering_wheel(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(2, 4)
    arm = tube([(0.1, 0, -0.05), (0.48, 0, 0)], 1, section=oval(0.05, 0.025, 14))
    return f"Steering wheel with {('two', 'three', 'four')[n - 2]} spokes", [Part(m.turned(x=70)) for m in (torus(0.5, 0.045, 48, 14), radial(arm, n, 90), superellipsoid(0.16, 0.16, 0.06, c.between(2, 5), 2.5).at(z=-0.03))]


@product("12-06")
def boat(c: Chance) -> tuple[str, list[Part]]:
    length, w, d = 2.0, c.between(0.5, 0.8), c.between(0.25, 0.4)
    stations = np.linspace(0, 1, 14)
    def ring(t: float, inset: float) -> Doubles:
        half = max(w / 2 * (1 - t**2.5) ** 0.7 - inset, 0.005)
        keel = -d * (1 - 0.5 * t**3) + inset
        across = np.array([(half, 0), (half * 0.9, keel * 0.6), (half * 0.3, keel), (-half * 0.3, keel), (-half * 0.9, keel * 0.6), (-half, 0)])
        return np.column_stack([across[:, 0], np.full(6, -length / 2 + length * t), across[:, 1] + 0.12 * t**2])
    from train.corpus.mesh import loft
    hull = loft(np.stack([ring(t, 0) for t in stations]))
    kind = c.one_of("sail", "motor", "row", "canoe")
    if kind == "sail":
        sail = side_plate([(-0.6, 0.25), (0.1, 0.25), (0.12, 1.8)], 0.012)
        return "Sailing boat with mast and sail", [Part(m.turned(z=180)) for m in (hull, cylinder(0.02, 2, 10).at(y=0.15), sail, side_plate([(0.2, 0.25), (0.85, 0.2), (0.2, 1.5)], 0.012), tube([(0, 0.15, 0.22), (0, -0.65, 0.22)], 0.015))]
    if kind == "motor":
        return "Motor boat with cabin", [Part(m.turned(z=180)) for m in (hull, side_plate([(-0.5, 0), (0.5, 0), (0.2, 0.3), (-0.4, 0.3)], w * 0.6), side_plate([(-0.3, 0.3), (0.1, 0.3), (0, 0.5), (-0.25, 0.5)], w * 0.45), box(0.15, 0.15, 0.4).at(y=-length / 2 - 0.07, z=-0.2))]
    n = c.whole(2, 4)
    seats = row(box(w * 0.95, 0.12, 0.03).at(z=0.01), n, y=0.4)
    oars = pair(tube([(w * 0.4, 0, 0.05), (w * 1.1, 0.3, -0.15)], 0.015)) if kind == "row" else seats
    return "Rowing boat with oars" if kind == "row" else "Canoe", [Part(m.turned(z=180)) for m in (hull, seats, oars)]


@product("12-07")
def aircraft(c: Chance) -> tuple[str, list[Part]]:
    if c.some(0.4):
        arm = join([tube([(0.1, 0, 0), (0.5, 0, 0.05)], 0.03), cylinder(0.05, 0.1, 18).at(0.5), box(0.3, 0.03, 0.008).turned(z=c.between(0, 90)).at(0.5, 0, 0.11)])
        n = c.one_of(4, 4, 6)
        skid = tube(spline([(0.12, -0.2, -0.25), (0.12, -0.1, -0.25), (0.12, 0.1, -0.25), (0.12, 0.2, -0.25)], 10), 0.012)
        return f"{'Quadcopter drone' if n == 4 else 'Drone with six rotors'}", solids(superellipsoid(0.2, 0.25, 0.09, 3, 2.5), radial(arm, n, 45), pair(skid), pair(tube([(0.08, 0, -0.05), (0.12, 0, -0.25)], 0.012)), ellipsoid(0.06, 0.06, 0.06, 18).at(y=-0.22, z=-0.06))
    body = tube(spline([(0, -1, 0), (0, -0.8, 0), (0, 0.2, 0), (0, 1, 0.1)], 24), np.concatenate([np.linspace(0.02, 0.14, 6) ** 0.9, np.full(10, 0.13), np.linspace(0.13, 0.03, 8)]), 20)
    sweep = c.between(0.05, 0.5)
    wing = extrude([(0.05, -0.2), (1, -0.2 + sweep), (1, sweep), (0.05, 0.25)], 0.03)
    tail = extrude([(0.02, 0.75), (0.4, 0.85), (0.4, 1.0), (0.02, 1.0)], 0.02).at(z=0.1)
    fin = side_plate([(0.7, 0.1), (1.0, 0.1), (1.05, 0.5), (0.92, 0.5)], 0.02)
    engine = cylinder(0.06, 0.3, 20).turned(x=90).at(0.4, 0.0 + sweep * 0.3, -0.08)
    prop = c.some(0.35)
    extra = [box(0.5, 0.02, 0.05).turned(y=c.between(0, 90)).at(y=-1.0), side_plate([(-0.45, 0.1), (-0.1, 0.1), (-0.15, 0.2), (-0.35, 0.2)], 0.14)] if prop else [pair(engine)]
    return f"Aeroplane with {'propeller' if prop else 'swept wings' if sweep > 0.25 else 'straight wings'}", solids(body, pair(wing), pair(tail), fin, *extra)


@product("12-02")
def cart(c: Chance) -> tuple[str, list[Part]]:
    if c.some():
        tray = hollow([(0, 0), (0.3, 0), (0.55, 0.35)], 0.02, 4).turned(z=45).scaled(0.9, 1.3, 1).at(z=0.35)
        bar = tube([(0.06, -0.75, 0.25), (0.22, 0, 0.33), (0.28, 0.95, 0.6)], 0.02)
        leg = tube([(0.24, 0.2, 0.35), (0.26, 0.3, 0), (0.26, 0.4, 0), (0.26, 0.5, 0.45)], 0.016)
        return "Wheelbarrow with one wheel", solids(tray, pair(bar), pair(leg), wheel(c, 0.2, 0.1).turned(z=90).at(y=-0.75, z=0.2))
    h = c.between(1, 1.3)
    return "Hand truck with two wheels", solids(pair(tube(spline([(0.2, 0, 0.05), (0.2, 0, h * 0.8), (0.17, 0.05, h), (0.05, 0.15, h)], 18), 0.018)), row(box(0.4, 0.02, 0.04), 3, z=h * 0.25).at(z=h * 0.45), box(0.45, 0.3, 0.015).at(y=-0.15), pair(wheel(c, 0.14, 0.06).turned(z=90).at(0.26, 0.12, 0.14)))


@product("12-12")
def pram(c: Chance) -> tuple[str, list[Part]]:
    r = c.between(0.12, 0.16)
    tyre_ = wheel(c, r, 0.05).turned(z=90)
    if c.some(0.5):
        seat = side_plate([(-0.25, 0.5), (0.2, 0.5), (0.32, 0.95), (0.26, 0.97), (0.15, 0.57), (-0.25, 0.57)], 0.42)
        big = wheel(c, 0.3, 0.05, 12).turned(z=90)
        return "Wheelchair with push handles", solids(seat, pair(big.at(0.26, 0.15, 0.3)), pair(tyre_.scaled(1, 0.7, 0.7).at(0.22, -0.35, r * 0.7)), pair(tube([(0.2, -0.35, r), (0.2, -0.3, 0.5)], 0.015)), pair(tube([(0.21, 0.3, 0.95), (0.21, 0.45, 1.0)], 0.018)), pair(box(0.06, 0.35, 0.03).at(0.24, -0.05, 0.75)), box(0.35, 0.18, 0.02).at(y=-0.45, z=0.12))
    hood = ellipsoid(0.24, 0.3, 0.3).at(y=0.1, z=0.75)
    return "Pushchair with canopy and four wheels", solids(hood, side_plate([(-0.4, 0.4), (0.2, 0.4), (0.35, 0.8), (0.3, 0.8), (0.15, 0.48), (-0.4, 0.48)], 0.4), pair(tube([(0.22, -0.45, r), (0.22, 0.5, 1.05)], 0.016)), pair(tube([(0.22, 0.4, r), (0.22, -0.2, 0.6)], 0.016)), tube([(-0.22, 0.5, 1.05), (0.22, 0.5, 1.05)], 0.022), corners(tyre_.at(0.25, 0.42, r)))


@product("13-01")
def motor(c: Chance) -> tuple[str, list[Part]]:
    r, length, n = 0.4, c.between(0.7, 1.1), c.whole(12, 28)
    fins = radial(box(0.1, 0.02, length * 0.8).at(r, 0, length * 0.1), n)
    parts = [cylinder(r, length, 40), fins, cylinder(r * 1.08, 0.06, 40).at(z=-0.03), cylinder(0.07, 0.3, 20).at(z=length), lathe([(0, length), (r, length), (r * 0.6, length + 0.08), (0, length + 0.08)], 40)]
    body = [m.turned(x=90).at(y=length / 2) for m in parts]
    foot = [pair(box(0.2, length * 0.8, 0.06).at(0.32, 0, -r - 0.08)), box(0.3, 0.3, 0.16).at(z=r)]
    return "Electric motor with cooling fins", solids(*body, *foot)


@product("13-02")
def battery(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("cell", "car", "charger", "pack")
    if kind == "cell":
        return "Cylindrical battery cell", solids(cylinder(0.2, 0.8, 36), cylinder(0.07, 0.07, 24).at(z=0.8), torus(0.2, 0.008, 36, 6).at(z=0.7))
    if kind == "car":
        return "Storage battery with terminals", solids(box(1, 0.6, 0.6), box(1.02, 0.62, 0.12).at(z=0.6), pair(cylinder(0.05, 0.12, 20, top=0.04).at(0.38, -0.2, 0.71)), row(cylinder(0.05, 0.03, 18).at(z=0.72), 6, x=0.14))
    if kind == "charger":
        return c.one_of("Power adapter with prongs", "Wall charger"), solids(rounded_box(0.5, 0.5, 0.35, 0.08, 0.04).turned(x=90), pair(box(0.02, 0.25, 0.1).at(0.1, 0.12, 0.2)), plate(rounded_rectangle(0.16, 0.06, 0.02), 0.02).at(y=-0.36))
    return c.one_of("Battery pack", "Power bank"), solids(rounded_box(0.6, 1.1, 0.2, c.between(0.05, 0.15), 0.05), rounded_box(0.12, 0.02, 0.06, 0.02).at(y=-0.55, z=0.06), row(cylinder(0.015, 0.01, 10).at(y=0.3, z=0.196), 4, x=0.06))


@product("13-03")
def socket(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("plug", "outlet", "switch", "strip", "connector")
    if kind == "plug":
        n = c.whole(2, 3)
        pins = [cylinder(0.035, 0.35, 16).at(0.16 * math.cos(a), 0.16 * math.sin(a), 0.3) for a in np.linspace(0, 2 * math.pi, n, endpoint=False)]
        body = c.one_of(lathe([(0, -0.4), (0.12, -0.4), (0.14, -0.2), (0.3, 0), (0.3, 0.3), (0, 0.3)], 32), superellipsoid(0.32, 0.2, 0.4, 4, 3))
        return f"Electrical plug with {('two', 'three')[n - 2]} pins", [Part(m.turned(x=90)) for m in (body, *pins, tube(spline([(0, 0, -0.35), (0, 0, -0.6), (0.1, 0, -0.9)], 12), 0.05))]
    if kind == "strip":
        n = c.whole(3, 6)
        face = [cylinder(0.16, 0.02, 30).at(0.4 * (k - (n - 1) / 2), 0, 0.2) for k in range(n)]
        holes = [pair(cylinder(0.03, 0.01, 12).at(0.07)).at(0.4 * (k - (n - 1) / 2), 0, 0.22) for k in range(n)]
        return f"Power strip with {('three', 'four', 'five', 'six')[n - 3]} sockets", solids(rounded_box(0.4 * n + 0.25, 0.45, 0.21, 0.1, 0.04), *face, *holes, tube(spline([(0.2 * n, 0, 0.1), (0.2 * n + 0.3, 0, 0.1), (0.2 * n + 0.5, 0.2, 0.05)], 12), 0.04))
    if kind == "connector":
        n = c.whole(2, 6)
        return f"Electrical connector with {n} poles", solids(box(0.2 * n + 0.1, 0.4, 0.3), row(extrude(rectangle(0.16, 0.16), 0.2, [rectangle(0.1, 0.1)]).at(z=0.3), n, x=0.2), row(box(0.03, 0.03, 0.3).at(z=-0.3), n, x=0.2), box(0.2, 0.1, 0.08).at(y=-0.25, z=0.15))
    gangs = c.whole(1, 3)
    base = plate(rounded_rectangle(0.8 * gangs, 0.8, c.between(0.01, 0.12)), 0.05)
    parts = [base]
    for k in range(gangs):
        x = 0.8 * (k - (gangs - 1) / 2)
        if kind == "switch":
            parts.append(c.one_of(plate(rounded_rectangle(0.55, 0.55, 0.03), 0.06).turned(x=4), plate(rounded_rectangle(0.2, 0.4, 0.02), 0.08).turned(x=8)).at(x, -0.03, 0))
        else:
            ring = plate(oval(0.28, 0.28, 36), 0.06, [oval(0.25, 0.25, 36)]).at(x, -0.03, 0)
            parts += [ring, pair(plate(oval(0.03, 0.03, 14), 0.02).at(0.1, -0.03, 0)).at(x)]
    return f"{'Wall switch' if kind == 'switch' else 'Electrical outlet'} with {('one gang', 'two gangs', 'three gangs')[gangs - 1]}", solids(*parts)


@product("13-03")
def breaker(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(1, 4)
    side = side_plate([(0, 0), (0.5, 0), (0.5, 0.9), (0, 0.9), (0, 0.7), (-0.1, 0.65), (-0.1, 0.3), (0, 0.25)], 0.19)
    lever = side_plate([(-0.2, 0.5), (-0.05, 0.42), (-0.05, 0.52), (-0.18, 0.58)], 0.1)
    return f"Circuit breaker with {n} pole{'s' if n > 1 else ''}", solids(row(side, n, x=0.2), row(lever, n, x=0.2), row(plate(oval(0.04, 0.04, 16), 0.02).at(z=0.82), n, x=0.2))


@product("14-01")
def speaker(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("box", "cylinder", "bar")
    def cone(r: float) -> Mesh:
        return join([lathe([(r * 0.86, 0), (r, 0), (r, 0.03), (r * 0.86, 0.03)], 36, closed=True), lathe([(0, -0.02), (r * 0.87, -0.02), (r * 0.87, 0.01), (r * 0.3, 0.005), (0, 0.012)], 36), ellipsoid(r * 0.28, r * 0.28, r * 0.12, 20)]).turned(x=90)
    if kind == "box":
        x, y, z = c.between(0.5, 0.7), c.between(0.4, 0.6), c.between(0.8, 1.3)
        n = c.whole(1, 3)
        cones = [cone(x * c.between(0.2, 0.38)).at(y=-y / 2, z=z * (k + 0.55) / (n + 0.1)) for k in range(n)]
        return f"Loudspeaker with {('one driver', 'two drivers', 'three drivers')[n - 1]}", solids(rounded_box(x, y, z, c.between(0, 0.08) + 1e-3), *cones)
    if kind == "cylinder":
        r, h = c.between(0.25, 0.4), c.between(0.5, 1)
        bands = [torus(r, 0.012, 40, 8).at(z=h * k / 12) for k in range(1, 11)] if c.some() else []
        return c.one_of("Portable loudspeaker, cylindrical", "Wireless speaker with round body"), solids(lathe([(0, 0), (r * 0.93, 0), (r, 0.05), (r, h - 0.05), (r * 0.93, h), (0, h)], 40), *bands, cylinder(r * 0.6, 0.02, 36).at(z=h), row(cylinder(0.03, 0.02, 16).at(z=h + 0.02), 3, x=0.1))
    return "Sound bar", solids(rounded_box(2, 0.2, 0.2, 0.08, 0.05), row(plate(oval(0.07, 0.07, 28), 0.02).at(y=-0.1, z=0.1), 6, x=0.3), pair(box(0.2, 0.15, 0.04).at(0.7, 0, -0.03)))


@product("14-01")
def headphones(c: Chance) -> tuple[str, list[Part]]:
    if c.some(0.3):
        bud = join([ellipsoid(0.16, 0.14, 0.2), tube([(0, 0, -0.1), (0.02, -0.02, -0.5)], 0.05), cylinder(0.07, 0.14, 20, top=0.05).turned(y=-60).at(-0.08, -0.05, 0.05)])
        return "Wireless earphones", solids(bud.at(0.4), bud.mirrored().at(-0.4))
    r = 0.5
    band = tube(np.column_stack([arc(r, -5, 185, 36)[:, 0], np.zeros(36), arc(r * 1.1, -5, 185, 36)[:, 1]]), 1, section=rounded_rectangle(0.05, c.between(0.1, 0.2), 0.02, 3))
    shape = c.one_of("round", "oval")
    cup = join([cylinder(0.2, 0.1, 36).at(z=0.02), torus(0.16, 0.06, 36, 12), cylinder(0.13, 0.03, 36).at(z=0.12)]).scaled(1, 1.25 if shape == "oval" else 1, 1).turned(z=90).turned(y=90).at(r - 0.03, 0, -0.15)
    parts = [band, pair(cup)]
    if c.some(0.3):
        parts.append(tube(spline([(r + 0.05, 0, -0.3), (r, -0.25, -0.45), (r * 0.5, -0.45, -0.45)], 16), 0.02))
        return "Headset with microphone", solids(*parts)
    return f"Headphones with {shape} ear cups", solids(*parts)


@product("14-02")
def computer(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("laptop", "monitor", "tablet", "mouse", "keyboard", "tower", "all")
    keys = lambda n, m, x, y: row(row(rounded_box(x / n * 0.82, y / m * 0.82, 0.02, 0.01), n, x=x / n), m, y=y / m)  # noqa: E731
    if kind == "laptop":
        x, y = 1.0, c.between(0.62, 0.72)
        a = c.between(15, 35)
        lid = plate(rounded_rectangle(x, y, 0.03), 0.02).at(z=y / 2)
        glass = plate(rectangle(x * 0.92, y * 0.86), 0.01).at(y=-0.01, z=y / 2)
        return "Laptop computer, opened", solids(rounded_box(x, y, 0.035, 0.03), keys(13, 5, x * 0.85, y * 0.42).at(y=y * 0.12, z=0.03), rounded_box(x * 0.3, y * 0.25, 0.006, 0.02).at(y=-y * 0.3, z=0.033), lid.turned(x=-a).at(y=y / 2, z=0.03), glass.turned(x=-a).at(y=y / 2, z=0.03))
    if kind in ("monitor", "all"):
        x, z = c.between(1, 1.6), c.between(0.6, 0.75)
        stand = c.one_of(
            [box(0.12, 0.05, 0.35).at(y=0.05), rounded_box(0.45, 0.3, 0.02, c.between(0.01, 0.14))],
            [tube([(-0.2, -0.1, 0), (0, 0.06, 0.3), (0.2, -0.1, 0)], 0.02), tube([(0, 0.06, 0.3), (0, 0.2, 0)], 0.02)],
            [cylinder(0.05, 0.35, 20).at(y=0.06), cylinder(0.2, 0.02, 40)],
        )
        return f"{c.one_of('Monitor', 'Display screen', 'Computer monitor')} with {'stand'}", solids(plate(rounded_rectangle(x, z, 0.02), 0.05).at(z=0.3 + z / 2), plate(rectangle(x * 0.94, z * 0.9), 0.02).at(y=-0.025, z=0.3 + z / 2 + 0.01), box(x * 0.5, 0.06, z * 0.5).at(y=0.05, z=0.3 + z * 0.25), *stand)
    if kind == "tablet":
        x, z = 0.75, 1.0
        return c.one_of("Tablet computer", "Electronic tablet"), solids(plate(rounded_rectangle(x, z, c.between(0.02, 0.08)), c.between(0.02, 0.05)), plate(rectangle(x * 0.88, z * 0.86), 0.01).at(y=-0.02), plate(oval(0.03, 0.03, 20), 0.01).at(y=-0.022, z=-z * 0.46), plate(oval(0.02, 0.02, 20), 0.02).at(x * 0.38, 0.02, z * 0.44))
    if kind == "mouse":
        body = superellipsoid(0.3, 0.5, 0.2, c.between(2, 3), 2).changed(lambda v: v * np.column_stack([1 + 0.1 * v[:, 1], np.ones(len(v)), np.where(v[:, 2] < 0, 0.3, 1) + 0.2 * v[:, 1]]))
        return "Computer mouse with scroll wheel", solids(body, cylinder(0.07, 0.05, 24).turned(y=90).at(-0.025, -0.3, 0.12), *([tube(spline([(0, -0.48, 0), (0, -0.7, 0), (0.1, -0.95, 0)], 12), 0.015)] if c.some() else []))
    if kind == "keyboard":
        x, y = 1.6, c.between(0.45, 0.6)
        n = c.whole(12, 18)
        return "Computer keyboard with rows of keys", solids(rounded_box(x, y, 0.05, c.between(0.01, 0.06)), keys(n, 5, x * 0.92, y * 0.82).at(z=0.045))
    return "Computer tower case with drive bays", solids(box(0.5, 1, 1.1), plate(rectangle(0.42, 0.1), 0.03).at(y=-0.5, z=0.98), plate(rectangle(0.42, 0.1), 0.03).at(y=-0.5, z=0.85), plate(oval(0.04, 0.04, 20), 0.04).at(y=-0.5, z=0.7), row(plate(rectangle(0.36, 0.02), 0.03).at(y=-0.5, z=0.3), 8, z=0.04), corners(cylinder(0.04, 0.05, 14).at(0.2, 0.45, -0.05)))


@product("14-03")
def phone(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("smart", "remote", "bar", "desk", "antenna", "radio")
    x, z = c.between(0.46, 0.55), 1.0
    if kind == "smart":
        t = c.between(0.05, 0.09)
        lenses = [plate(oval(0.04, 0.04, 22), 0.02).at(-x * 0.3, t / 2, z * (0.43 - 0.09 * k)) for k in range(c.whole(1, 3))]
        bump = [plate(rounded_rectangle(0.13, 0.3, 0.05), 0.015).at(-x * 0.3, t / 2, z * 0.36)] if c.some() else []
        return c.one_of("Smartphone with cameras", "Mobile phone with large screen", "Smartphone"), solids(plate(rounded_rectangle(x, z, c.between(0.03, 0.1)), t), plate(rounded_rectangle(x * 0.92, z * c.between(0.86, 0.95), 0.03), 0.01).at(y=-t / 2), *bump, *lenses, box(0.012, 0.02, 0.1).at(x / 2, 0, 0.15))
    if kind == "remote":
        return "Remote control with buttons", solids(rounded_box(0.28, 1.2, 0.1, c.between(0.03, 0.13), 0.03), row(row(cylinder(0.03, 0.02, 16).at(z=0.095), 3, x=0.08), c.whole(4, 6), y=0.11).at(y=-0.25), cylinder(0.1, 0.015, 32).at(y=0.25, z=0.095), cylinder(0.04, 0.025, 24).at(y=0.25, z=0.095))
    if kind == "bar":
        return "Mobile telephone with keypad", solids(rounded_box(0.42, 0.12, 1, 0.06, 0.04), plate(rounded_rectangle(0.32, 0.3, 0.02), 0.02).at(y=-0.06, z=0.72), row(row(plate(rounded_rectangle(0.08, 0.05, 0.02), 0.03).at(y=-0.06), 3, x=0.11), 4, z=0.08).at(z=0.28), *([cylinder(0.03, 0.2, 14).at(0.15, 0, 1)] if c.some() else []))
    if kind == "desk":
        handset = tube(spline([(-0.35, 0, 0.05), (-0.3, 0, 0.12), (0, 0, 0.17), (0.3, 0, 0.12), (0.35, 0, 0.05)], 20), 0.06)
        return "Desk telephone with handset", solids(side_plate([(-0.45, 0), (0.4, 0), (0.4, 0.25), (-0.45, 0.08)], 0.8), handset.turned(z=90).at(-0.25, 0, 0.25), pair(cylinder(0.1, 0.07, 24).at(0.0, 0.33, 0.0), 1).at(-0.25, 0, 0.2), row(row(box(0.07, 0.06, 0.03), 3, x=0.1), 4, y=0.1).turned(x=11).at(0.15, -0.05, 0.16))
    if kind == "radio":
        return "Two-way radio with antenna", solids(rounded_box(0.4, 0.22, 0.9, 0.05, 0.03), cylinder(0.04, 0.6, 16, top=0.03).at(0.12, 0, 0.88), cylinder(0.05, 0.1, 18).at(-0.1, 0, 0.88), row(plate(rectangle(0.26, 0.02), 0.02).at(y=-0.11, z=0.3), 6, z=0.05), plate(rounded_rectangle(0.28, 0.16, 0.02), 0.02).at(y=-0.11, z=0.65))
    dish = lathe([(0, 0), *(arc(1, -88, -50, 12) * 1.1 + [0, 1.1]), *(arc(1, -50, -88, 12) * 1.1 + [0, 1.14]), (0, 0.04)], 44)
    return "Dish antenna with mast", solids(dish.turned(x=60), tube([(0, -0.02, 0), (0, -0.55, 0.35)], 0.02), cylinder(0.05, 0.1, 16).turned(x=60).at(0, -0.5, 0.3), cylinder(0.04, 1, 18).at(y=0.1, z=-1))


@product("14-06")
def holder(c: Chance) -> tuple[str, list[Part]]:
    lean = c.between(10, 30)
    back = plate(rounded_rectangle(0.5, 0.8, 0.05), 0.04).at(z=0.4).turned(x=-lean)
    lip = [box(0.5, 0.2, 0.03).at(y=-0.08), box(0.5, 0.03, 0.1).at(y=-0.17)]
    base = c.one_of(rounded_box(0.6, 0.5, 0.04, 0.1).at(y=0.1, z=-0.3), cylinder(0.32, 0.04, 40).at(y=0.08, z=-0.3))
    return c.one_of("Phone stand", "Tablet stand with base"), solids(back, *lip, base, tube([(0, 0.08, -0.28), (0, 0.08, 0.2)], 0.05))


@product("15-01")
def engine_(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(1, 4)
    block = box(0.3 * n + 0.1, 0.5, 0.5)
    fins = row(join([box(0.26, 0.4, 0.02).at(z=0.5 + 0.05 * k) for k in range(6)]), n, x=0.3)
    jugs = row(cylinder(0.12, 0.32, 28).at(z=0.48), n, x=0.3)
    return f"Engine with {n} finned cylinder{'s' if n > 1 else ''}", solids(block, fins, jugs, row(prism(6, 0.05, 0.12).at(z=0.8), n, x=0.3), cylinder(0.2, 0.08, 32).turned(y=90).at(0.15 * n + 0.05, 0, 0.22), row(tube(spline([(0, -0.2, 0.6), (0, -0.4, 0.58), (0, -0.42, 0.2)], 14), 0.05), n, x=0.3), box(0.3 * n, 0.4, 0.12).at(z=-0.12))


@product("15-02")
def pump(c: Chance) -> tuple[str, list[Part]]:
    casing = lathe([(0, 0), (0.4, 0), (0.45, 0.08), (0.45, 0.2), (0.35, 0.26), (0, 0.26)], 40).turned(x=90)
    flange = lambda: join([cylinder(0.12, 0.3, 24), cylinder(0.2, 0.05, 28).at(z=0.28), radial(cylinder(0.02, 0.08, 10).at(0.16, 0, 0.27), 6)])  # noqa: E731
    if c.some(0.4):
        return "Bicycle pump with T-handle", solids(cylinder(0.06, 1, 24), cylinder(0.02, 0.4, 12).at(z=1), tube([(-0.2, 0, 1.4), (0.2, 0, 1.4)], 0.035), box(0.4, 0.1, 0.04), tube(spline([(0.06, 0, 0.1), (0.25, 0, 0.3), (0.3, 0, 0.7), (0.12, 0, 0.8)], 18), 0.018))
    return "Centrifugal pump with flanges", solids(casing, flange().turned(x=90).at(y=-0.24), flange().at(0.3, -0.12, 0.2), cylinder(0.3, 0.7, 36).turned(x=90).at(y=0.75), radial(box(0.06, 0.02, 0.6).at(0.3), 16).turned(x=90).at(y=0.7), pair(box(0.12, 0.6, 0.05).at(0.22, 0.35, -0.48)), pair(box(0.05, 0.1, 0.25).at(0.22, 0.35, -0.45)))


@product("15-03")
def mower(c: Chance) -> tuple[str, list[Part]]:
    deck = rounded_box(0.6, 0.8, 0.18, 0.2, 0.05).at(z=0.12)
    tyre_ = wheel(c, 0.13, 0.08).turned(z=90)
    bar = tube(spline([(0.25, 0.35, 0.2), (0.25, 0.8, 0.8), (0.22, 1.0, 1.0)], 14), 0.014)
    return "Lawn mower with grass catcher", solids(deck, corners(tyre_.at(0.33, 0.3, 0.13)), pair(bar), tube([(-0.22, 1.0, 1.0), (0.22, 1.0, 1.0)], 0.02), cylinder(0.2, 0.2, 32).at(y=-0.05, z=0.28), cylinder(0.08, 0.05, 20).at(y=-0.05, z=0.48), side_plate([(0.38, 0.15), (0.85, 0.3), (0.8, 0.6), (0.4, 0.45)], 0.5))


@product("15-04")
def excavator(c: Chance) -> tuple[str, list[Part]]:
    track = side_plate(rounded_rectangle(1.4, 0.3, 0.149, 8) + [0, 0.16], 0.22)
    links = side_plate(rounded_rectangle(1.3, 0.2, 0.09, 8) + [0, 0.16], 0.24)
    a, b = c.between(40, 65), c.between(-60, -20)
    elbow = (-0.3 - 0.9 * math.cos(math.radians(a)), 0.55 + 0.9 * math.sin(math.radians(a)))
    tip = (elbow[0] - 0.7 * math.cos(math.radians(b)), elbow[1] + 0.7 * math.sin(math.radians(b)))
    boom = tube([(0.1, -0.3, 0.55), (0.1, *elbow)], 1, section=rectangle(0.14, 0.14))
    stick = tube([(0.1, *elbow), (0.1, *tip)], 1, section=rectangle(0.1, 0.1))
    bucket = side_plate(np.array([(0.1, 0.1), (-0.1, 0.05), (-0.2, -0.2), (0.0, -0.35), (0.15, -0.25)]) + tip, 0.35).at(x=0.1)
    return "Excavator with boom and bucket", solids(pair(track.at(0.35)), pair(links.at(0.35)), box(0.9, 1.1, 0.3).at(y=0.1, z=0.36), side_plate([(-0.45, 0.6), (0.1, 0.6), (0.1, 1.15), (-0.35, 1.15)], 0.4).at(x=-0.25), boom, stick, bucket)


@product("15-05")
def washing_machine(c: Chance) -> tuple[str, list[Part]]:
    if c.some(0.4):
        h = c.between(0.9, 1.15)
        return c.one_of("Upright vacuum cleaner", "Vacuum cleaner with upright handle"), solids(rounded_box(0.4, 0.35, 0.14, 0.08, 0.04), *(m.turned(x=-12) for m in (cylinder(0.12, 0.5, 32).at(y=0.1, z=0.12), cylinder(0.02, h - 0.5, 14).at(y=0.12, z=0.6), tube(spline([(0, 0.12, h), (0, 0.2, h + 0.08), (0, 0.12, h + 0.18), (0, 0.04, h + 0.1)], 16), 0.022), rounded_box(0.18, 0.12, 0.3, 0.05, 0.02).at(y=0.0, z=0.2))), pair(cylinder(0.06, 0.04, 24).turned(y=90).at(0.2, 0.15, 0.06)))
    x, y, z, r = 0.6, c.between(0.5, 0.6), 0.85, c.between(0.15, 0.21)
    door = lathe([(r * 0.75, 0), (r, 0), (r, 0.04), (r * 0.75, 0.04)], 44, closed=True).turned(x=90)
    return c.one_of("Washing machine with front door", "Laundry dryer with round door"), solids(box(x, y, z), door.at(y=-y / 2, z=z * 0.45), ellipsoid(r * 0.76, 0.05, r * 0.76).at(y=-y / 2, z=z * 0.45), plate(rectangle(x * 0.98, 0.1), 0.02).at(y=-y / 2, z=z * 0.92), cylinder(0.035, 0.05, 24).turned(x=90).at(c.between(-0.1, 0.1), -y / 2, z * 0.92), plate(rectangle(0.16, 0.06), 0.03).at(-0.2, -y / 2, z * 0.92), row(plate(oval(0.012, 0.012, 12), 0.03).at(0.2, -y / 2, z * 0.92), 3, x=0.05))


@product("15-06")
def sewing_machine(c: Chance) -> tuple[str, list[Part]]:
    profile = [(-0.5, 0.35), (-0.5, 0.75), (0.5, 0.75), (0.5, 0.12), (0.28, 0.12), (0.28, 0.45), (-0.3, 0.45), (-0.3, 0.35)]
    return "Sewing machine with hand wheel", solids(plate(profile, 0.24), rounded_box(1.1, 0.35, 0.12, 0.05), cylinder(0.12, 0.08, 32).turned(y=90).at(0.5, 0, 0.6), cylinder(0.02, 0.2, 12).at(-0.4, 0, 0.18), box(0.08, 0.06, 0.02).at(-0.4, 0, 0.14), cylinder(0.05, 0.04, 20).turned(x=90).at(0.38, -0.12, 0.55), cylinder(0.04, 0.15, 14).at(0.2, 0, 0.75))


@product("15-07")
def fridge(c: Chance) -> tuple[str, list[Part]]:
    x, y, z = c.between(0.6, 0.95), 0.65, c.between(1.4, 1.85)
    split = c.one_of("side", "top", "one")
    doors = []
    if split == "side":
        doors = [box(x / 2 - 0.01, 0.06, z - 0.08).at(s * x / 4, -y / 2 - 0.03, 0.06) for s in (-1, 1)] + [pair(tube([(0.05, -y / 2 - 0.1, z * 0.35), (0.05, -y / 2 - 0.1, z * 0.75)], 0.012))]
    elif split == "top":
        cut = z * c.between(0.55, 0.72)
        doors = [box(x, 0.06, cut - 0.07).at(y=-y / 2 - 0.03, z=0.06), box(x, 0.06, z - cut - 0.02).at(y=-y / 2 - 0.03, z=cut + 0.005), tube([(-x * 0.4, -y / 2 - 0.1, cut - 0.5), (-x * 0.4, -y / 2 - 0.1, cut - 0.1)], 0.012), tube([(-x * 0.4, -y / 2 - 0.1, cut + 0.08), (-x * 0.4, -y / 2 - 0.1, cut + 0.3)], 0.012)]
    else:
        doors = [rounded_box(x, 0.07, z - 0.06, 0.03).at(y=-y / 2 - 0.03, z=0.05), tube([(-x * 0.4, -y / 2 - 0.1, z * 0.45), (-x * 0.4, -y / 2 - 0.1, z * 0.7)], 0.014)]
    return f"Refrigerator with {dict(side='side-by-side doors', top='two doors', one='single door')[split]}", solids(box(x, y, z), *doors, pair(box(0.08, 0.08, 0.03).at(x * 0.4, -0.2, -0.03)))


@product("15-09")
def power_tool(c: Chance) -> tuple[str, list[Part]]:
    if c.some():
        return "Bench drill press with table", solids(box(0.5, 0.6, 0.05), cylinder(0.05, 1.3, 24).at(y=0.2), rounded_box(0.3, 0.7, 0.3, 0.08, 0.03).at(z=1.1), cylinder(0.04, 0.2, 18).at(y=-0.2, z=0.9), cylinder(0.015, 0.15, 10).at(y=-0.2, z=0.76), box(0.4, 0.4, 0.04).at(y=-0.12, z=0.5), radial(tube([(0, 0, 0), (0.25, 0, 0)], 0.012), 3).turned(y=90).at(0.18, -0.1, 1.15))
    disc = cylinder(0.28, 0.02, 44)
    return "Angle grinder with guard", solids(cylinder(0.11, 0.9, 32).turned(x=90).at(y=0.6), box(0.2, 0.22, 0.22).at(y=-0.35, z=-0.12), disc.at(y=-0.38, z=-0.18), lathe([(0.2, -0.2), (0.3, -0.2), (0.3, -0.13), (0.1, -0.13), (0.1, -0.15), (0.28, -0.15)], 44, closed=True).at(y=-0.38), cylinder(0.045, 0.4, 20).turned(y=90).at(0.1, -0.3, 0))


@product("16-01")
def camera(c: Chance) -> tuple[str, list[Part]]:
    x, y, z = 0.9, c.between(0.25, 0.4), c.between(0.5, 0.62)
    r = c.between(0.17, 0.24)
    length = c.between(0.15, 0.6)
    lens = [cylinder(r, length * 0.5, 40).turned(x=90).at(y=-y / 2, z=z * 0.47), cylinder(r * 0.9, length, 40).turned(x=90).at(y=-y / 2, z=z * 0.47), lathe([(r * 0.65, length), (r * 0.85, length), (r * 0.85, length + 0.03), (r * 0.65, length + 0.03)], 36, closed=True).turned(x=90).at(y=-y / 2, z=z * 0.47), radial(box(0.02, 0.05, length * 0.4).at(r, 0, 0.03), 24).turned(x=90).at(y=-y / 2, z=z * 0.47)]
    hump = [plate([(-0.2, 0), (0.2, 0), (0.12, 0.14), (-0.12, 0.14)], y * 0.9).at(z=z)] if c.some(0.6) else []
    return f"{c.one_of('Camera', 'Digital camera', 'Photographic camera')} with {'viewfinder hump' if hump else 'interchangeable lens'}", solids(rounded_box(x, y, z, c.between(0.03, 0.12), 0.02), *lens, *hump, cylinder(0.06, 0.05, 24).at(-0.32, 0, z), cylinder(0.08, 0.04, 28).at(0.3, 0, z), plate(rectangle(0.5, 0.33), 0.02).at(y=y / 2, z=z * 0.5))


@product("16-02")
def projector(c: Chance) -> tuple[str, list[Part]]:
    x, y, z = 1, c.between(0.7, 0.9), c.between(0.25, 0.35)
    return "Projector with lens", solids(rounded_box(x, y, z, 0.08, 0.03), cylinder(0.13, 0.15, 36).turned(x=90).at(c.between(-0.3, 0.3), -y / 2 + 0.05, z * 0.5), row(plate(rectangle(0.3, 0.015), 0.03).at(0.25, -y / 2, z * 0.5), 5, z=0.035), row(cylinder(0.03, 0.02, 16).at(0, 0.1, z), 4, x=0.1), corners(cylinder(0.04, 0.05, 16).at(0.4, y * 0.4, -0.05)))


@product("16-05")
def tripod(c: Chance) -> tuple[str, list[Part]]:
    leg = join([tube([(0.05, 0, 1), (0.32, 0, 0.45)], 0.03), tube([(0.3, 0, 0.5), (0.55, 0, 0)], 0.022)])
    return "Tripod with telescopic legs", solids(radial(leg, 3, 90), cylinder(0.03, 0.5, 16).at(z=0.75), cylinder(0.07, 0.08, 24).at(z=0.95), ellipsoid(0.07, 0.07, 0.07, 20).at(z=1.28), box(0.16, 0.16, 0.03).at(z=1.33), tube([(0, 0, 1.28), (0.05, 0.35, 1.15)], 0.015))


@product("16-06")
def glasses(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("round", "rectangular", "aviator", "cat-eye", "oval")
    w, h = c.between(0.22, 0.28), c.between(0.14, 0.22)
    outline = {"round": oval(h, h, 36), "oval": oval(w * 0.95, h * 0.8, 36), "rectangular": rounded_rectangle(2 * w, 1.6 * h, 0.08, 8), "aviator": spline([(-0.22, 0.12), (0.2, 0.16), (0.25, 0), (0.1, -0.2), (-0.1, -0.16), (-0.22, -0.02)], 40, closed=True), "cat-eye": spline([(-0.22, 0.06), (0, 0.1), (0.3, 0.18), (0.22, -0.06), (0.05, -0.15), (-0.16, -0.1)], 40, closed=True)}[kind]
    t = c.between(0.86, 0.94)
    rim = plate(outline + [0.3, 0], 0.04, [outline * t + [0.3, 0]])
    lens = plate(outline * t + [0.3, 0], 0.01)
    reach = float(outline[:, 0].max()) + 0.3
    temple = tube(spline([(reach - 0.03, 0, 0.07), (reach + 0.02, 0.1, 0.07), (reach + 0.02, 0.75, 0.06), (reach, 0.95, -0.1)], 22), 1, section=rounded_rectangle(0.025, c.between(0.03, 0.1), 0.01, 3))
    bridge = tube(spline([(-0.1, 0, 0.05), (0, 0, 0.09), (0.1, 0, 0.05)], 12), 0.02)
    name = c.one_of("Eyeglasses", "Sunglasses", "Spectacles")
    if c.some(0.2):
        strap = tube(spline([(0.5, 0.05, 0), (0.55, 0.5, 0), (0, 0.9, 0), (-0.55, 0.5, 0), (-0.5, 0.05, 0)], 30), 1, section=rectangle(0.02, 0.1))
        shell = superellipsoid(0.52, 0.16, 0.24, 4, 4)
        return "Protective goggles with strap", solids(shell, plate(rounded_rectangle(0.85, 0.36, 0.15), 0.34), strap)
    return f"{name} with {kind} lenses", solids(pair(rim), pair(lens), pair(temple), bridge)


@product("16-06")
def telescope(c: Chance) -> tuple[str, list[Part]]:
    if c.some():
        barrel = lathe([(0, 0), (0.12, 0), (0.13, 0.2), (0.2, 0.4), (0.2, 0.7), (0, 0.7)], 32)
        return "Binoculars with two barrels", [Part(m.turned(x=90)) for m in (pair(barrel.at(0.24)), box(0.2, 0.08, 0.3).at(z=0.2), cylinder(0.05, 0.1, 24).at(z=0.1))]
    tube_ = lathe([(0, 0), (0.05, 0), (0.05, 0.2), (0.09, 0.22), (0.09, 0.7), (0.12, 0.72), (0.12, 1.2), (0.1, 1.2), (0.1, 1.15), (0, 1.15)], 32)
    leg = tube([(0, 0, 0), (0.35, 0, -0.8)], 0.025)
    return "Telescope on a tripod", solids(tube_.at(z=-0.6).turned(x=60), radial(leg, 3, 30), cylinder(0.06, 0.1, 20).at(z=-0.08))


@product("17-03")
def guitar(c: Chance) -> tuple[str, list[Part]]:
    a, b, waist = c.between(0.3, 0.36), c.between(0.22, 0.27), c.between(0.17, 0.22)
    half = spline([(0, 0), (a * 0.8, 0.05), (a, 0.25), (waist, 0.5), (b, 0.72), (b * 0.6, 0.87), (0, 0.9)], 26)
    outline = np.concatenate([half, (half * [-1, 1])[::-1][1:-1]])
    violin = c.some(0.35)
    neck_w = 0.05
    strings = row(tube([(0, -0.09, 0.3), (0, -0.09, 1.6)], 0.003, 5), 4 if violin else 6, x=0.015)
    hole = [] if violin else [plate(oval(0.1, 0.1, 30), 0.01, [oval(0.085, 0.085, 30)]).at(y=-0.055, z=0.6)]
    return ("Violin with pegs" if violin else c.one_of("Guitar with sound hole", "Acoustic guitar", "Guitar")), solids(plate(outline, 0.1), plate(rectangle(neck_w, 0.85), 0.04).at(y=-0.05, z=1.2), plate([(-0.04, 1.6), (0.04, 1.6), (0.06, 1.85), (-0.06, 1.85)], 0.03).at(y=-0.04), *hole, box(0.15, 0.04, 0.03).at(y=-0.06, z=0.3), strings, pair(row(cylinder(0.012, 0.08, 10).turned(y=90).at(0.03, -0.04, 1.72), 3, z=0.07)))


@product("17-01")
def piano(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(14, 28)
    x = 1.5
    white = row(box(x / n * 0.94, 0.25, 0.04), n, x=x / n)
    black = join([box(x / n * 0.5, 0.15, 0.05).at(x / n * (k - n / 2 + 1), 0.05, 0.02) for k in range(n - 1) if k % 7 not in (2, 6)])
    if c.some():
        return "Electronic keyboard with stand", solids(box(x + 0.15, 0.45, 0.1).at(y=0.1, z=-0.1), white, black, row(cylinder(0.03, 0.03, 16).at(y=0.28), 6, x=0.1), pair(tube([(0.6, -0.15, -0.9), (-0.5, 0.2, -0.1)], 0.02)))
    return "Upright piano", solids(box(x + 0.15, 0.35, 1.1).at(y=0.3, z=-0.65), box(x + 0.15, 0.35, 0.1).at(z=-0.12), white, black, pair(tube([(0.7, -0.12, -0.65), (0.7, -0.12, -0.1)], 0.04)), row(box(0.06, 0.12, 0.02).at(y=0.08, z=-0.58), 2, x=0.12))


@product("17-04")
def drum_(c: Chance) -> tuple[str, list[Part]]:
    r, h, n = 0.5, c.between(0.3, 0.9), c.whole(6, 10)
    lug = join([box(0.05, 0.04, h * 0.5).at(r + 0.01, 0, h * 0.25), cylinder(0.012, h, 8).at(r + 0.03)])
    parts = [cylinder(r, h, 44), torus(r, 0.025, 44, 10), torus(r, 0.025, 44, 10).at(z=h), radial(lug, n)]
    if c.some(0.4):
        parts.append(radial(tube([(r * 0.7, 0, 0), (r * 1.1, 0, -0.6)], 0.02), 3, 90))
    return "Drum with tension lugs", solids(*parts)


@product("17-02")
def horn(c: Chance) -> tuple[str, list[Part]]:
    if c.some():
        body = lathe([(0, 0), (0.05, 0), (0.04, 0.1), (0.045, 1.0), (0.06, 1.1), (0.06, 1.25), (0, 1.25)], 24)
        return "Flute with keys", [Part(m.turned(y=90)) for m in (body, row(cylinder(0.025, 0.03, 14).turned(y=90).at(0.03), c.whole(6, 10), z=0.1).at(z=0.6), torus(0.05, 0.012, 24, 8).at(z=0.3))]
    path = [(-0.9, 0, 0.15), (0.5, 0, 0.15), (0.68, 0, 0), (0.5, 0, -0.15), (-0.3, 0, -0.15), (-0.45, 0, 0), (-0.3, 0, 0.1), (0.6, 0, 0.1), (1.1, 0, 0.1)]
    radii = np.concatenate([np.full(36, 0.025), np.linspace(0.025, 0.06, 8), [0.075, 0.1, 0.15, 0.24]])
    valves = row(cylinder(0.05, 0.35, 20).at(z=-0.15), 3, x=0.13)
    return "Trumpet with three valves", solids(tube(spline(path, 48), radii), valves, row(cylinder(0.03, 0.08, 16).at(z=0.2), 3, x=0.13), cylinder(0.05, 0.06, 20, top=0.03).turned(y=90).at(-0.95, 0, 0.15))


@product("18-01")
def calculator(c: Chance) -> tuple[str, list[Part]]:
    x, y = 0.7, c.between(1, 1.2)
    n, m = c.whole(4, 5), c.whole(4, 6)
    key = c.one_of(rounded_box(0.1, 0.09, 0.04, 0.02), cylinder(0.05, 0.04, 18), box(0.1, 0.07, 0.04))
    return "Calculator with display and keys", solids(rounded_box(x, y, 0.1, c.between(0.02, 0.12), 0.02), row(row(key, n, x=x / n * 0.9), m, y=y * 0.6 / m).at(y=-y * 0.14, z=0.09), rounded_box(x * 0.8, y * 0.18, 0.02, 0.02).at(y=y * 0.34, z=0.095))


@product("18-02")
def printer(c: Chance) -> tuple[str, list[Part]]:
    x, y, z = 1, c.between(0.6, 0.8), c.between(0.35, 0.6)
    return c.one_of("Printer with paper trays", "Multifunction printer"), solids(rounded_box(x, y, z, 0.06, 0.03), plate(rectangle(x * 0.8, 0.08), 0.06).at(y=-y / 2, z=z * 0.45), box(x * 0.6, 0.35, 0.02).at(y=-y / 2 - 0.15, z=z * 0.3), plate(rectangle(x * 0.6, 0.35), 0.02).turned(x=-20).at(y=y * 0.4, z=z + 0.12), rounded_box(x * 0.3, 0.15, 0.02, 0.02).at(x * 0.28, -y * 0.32, z - 0.005), row(cylinder(0.015, 0.02, 12).at(0.1, -y * 0.32, z), 4, x=0.06))


@product("19-06")
def pen(c: Chance) -> tuple[str, list[Part]]:
    n = c.one_of(36, 36, 36, 6, 8, 3)
    r, length = c.between(0.035, 0.06), c.between(0.9, 1.2)
    bulge = r * c.between(0.9, 1.3)
    body = lathe([(0, 0), (0.008, 0), (r * 0.6, 0.12), (bulge, 0.3), (r, length * 0.6), (r * 0.9, length), (0, length)], n)
    clip = tube([(0, -r * 1.0, length - 0.02), (0, -r * 1.6, length - 0.04), (0, -r * 1.2, length - 0.35)], 1, section=rounded_rectangle(0.03, 0.012, 0.004, 3))
    top = c.one_of([cylinder(r * 0.5, 0.1, 20).at(z=length)], [ellipsoid(r * 0.9, r * 0.9, 0.03).at(z=length)], [lathe([(0, 0), (r * 1.05, 0), (r, 0.06), (0, 0.06)], 28).at(z=length)])
    pencil = n < 36
    rings = [torus(bulge * 0.97, 0.004, 30, 6).at(z=0.2 + 0.03 * k) for k in range(c.whole(0, 4))] if not pencil else []
    return ("Pencil with faceted body" if pencil else c.one_of("Ballpoint pen with clip", "Pen with clip", "Writing instrument")), [Part(m.turned(y=c.between(0, 0) or 90)) for m in (body, *([] if pencil else [clip]), *top, *rings)]


@product("19-02")
def office(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("stapler", "sharpener", "tape", "punch", "clip", "tray", "pen pot")
    if kind == "stapler":
        return "Stapler", solids(side_plate([(-0.5, 0), (0.5, 0), (0.5, 0.05), (-0.5, 0.05)], 0.2), side_plate(spline([(-0.52, 0.14), (0.45, 0.1), (0.5, 0.25), (0.2, 0.33), (-0.4, 0.27)], 30, closed=True), 0.16).turned(x=-4), side_plate([(-0.5, 0.08), (0.45, 0.08), (0.45, 0.14), (-0.5, 0.14)], 0.1))
    if kind == "sharpener":
        return "Pencil sharpener", solids(side_plate([(-0.3, 0), (0.3, 0), (0.3, 0.2), (-0.3, 0.3)], 0.35), cylinder(0.06, 0.02, 24).turned(x=90).at(y=-0.3, z=0.13), box(0.2, 0.45, 0.02).turned(x=-9).at(z=0.25), cylinder(0.03, 0.03, 18).at(z=0.28))
    if kind == "tape":
        return "Tape dispenser", solids(side_plate(spline([(-0.6, 0), (0.6, 0), (0.7, 0.2), (0.4, 0.45), (0, 0.35), (-0.5, 0.3)], 40, closed=True), 0.3), lathe([(0.18, -0.1), (0.33, -0.1), (0.33, 0.1), (0.18, 0.1)], 40, closed=True).turned(y=90).at(y=0.3, z=0.42), box(0.22, 0.03, 0.05).at(y=-0.58, z=0.26))
    if kind == "clip":
        wire = [(0.1, -0.3), (0.1, 0.3), (-0.1, 0.3), (-0.1, -0.4), (0.16, -0.4), (0.16, 0.38), (-0.16, 0.38), (-0.16, -0.2)]
        return "Paper clip", solids(tube(np.insert(spline(wire, 60), 1, 0, axis=1), 0.015, 8))
    if kind == "punch":
        return "Hole punch", solids(rounded_box(0.8, 0.5, 0.06, 0.05), pair(cylinder(0.06, 0.25, 22).at(0.25, -0.1)), side_plate([(-0.3, 0.22), (0.3, 0.28), (0.35, 0.36), (-0.3, 0.3)], 0.65))
    if kind == "tray":
        n = c.whole(2, 4)
        return f"Desk tray with {n} tiers", solids(*(extrude(rectangle(1, 0.75), 0.08, [rectangle(0.95, 0.7)]).at(z=0.2 * k) for k in range(n)), *(box(1, 0.75, 0.015).at(z=0.2 * k) for k in range(n)), corners(cylinder(0.02, 0.2 * n, 10).at(0.48, 0.35)))
    return "Pen holder with compartments", solids(extrude(rounded_rectangle(1, 0.5, 0.05), c.between(0.4, 0.8), [rounded_rectangle(0.42, 0.4, 0.04) + [0.24, 0], rounded_rectangle(0.42, 0.4, 0.04) - [0.24, 0]]))


@product("19-04")
def book(c: Chance) -> tuple[str, list[Part]]:
    x, z, t = 0.75, c.between(0.9, 1.1), c.between(0.06, 0.2)
    ring_bound = c.some(0.45)
    if ring_bound:
        rings = row(torus(t * 0.8, 0.008, 20, 6).turned(x=0).at(-x / 2), c.whole(10, 22), z=z / 24)
        return "Notebook with spiral binding", solids(box(x, t, z).at(z=-z / 2), rings)
    return c.one_of("Book with hard cover", "Notebook with elastic band"), solids(box(x * 0.97, t, z * 0.96).at(z=-z * 0.48), pair(box(x, 0.015, z).at(y=t / 2, z=-z / 2), 1), box(0.02, t, z).at(-x / 2, 0, -z / 2), *([box(0.02, t * 1.4, z * 1.005).at(x * 0.38, 0, -z * 0.5025)] if c.some() else []))


@product("20-01")
def vending(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(3, 6)
    return "Vending machine with display window", solids(box(1, 0.8, 1.8), plate(rectangle(0.65, 1.25), 0.03, [rectangle(0.6, 1.2)]).at(-0.12, -0.4, 1.05), row(box(0.6, 0.02, 0.02).at(-0.12, -0.4, 1.05), n, z=1.2 / n), plate(rectangle(0.2, 0.3), 0.03).at(0.35, -0.4, 1.2), plate(rectangle(0.6, 0.2), 0.04).at(-0.12, -0.4, 0.25))


@product("20-02")
def display(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(3, 5)
    z = c.between(1.2, 1.6)
    return f"Display stand with {n} shelves", solids(plate(rectangle(0.7, z), 0.04).at(y=0.25, z=z / 2), *(box(0.66, 0.4, 0.02).at(y=0.05, z=z * (k + 0.2) / n) for k in range(n)), *(box(0.66, 0.02, 0.07).at(y=-0.15, z=z * (k + 0.2) / n) for k in range(n)), pair(plate(rectangle(0.02, z), 0.5).at(0.35, 0, z / 2)), plate(rounded_rectangle(0.7, 0.3, 0.1), 0.03).at(y=0.25, z=z + 0.1))


@product("20-03")
def sign(c: Chance) -> tuple[str, list[Part]]:
    outline = c.one_of(regular(8, 0.4, 22.5), oval(0.4, 0.4, 40), regular(3, 0.45, 90), rounded_rectangle(0.9, 0.5, 0.05), regular(4, 0.45))
    a_frame = c.some(0.3)
    if a_frame:
        board = plate(rounded_rectangle(0.6, 1, 0.04), 0.03).at(z=0.5)
        return "Sidewalk sign with two boards", solids(board.turned(x=-14).at(y=-0.28), board.turned(x=14).at(y=0.28))
    return c.one_of("Sign on a post", "Road sign", "Signboard with post"), solids(plate(outline, 0.03).at(z=1.4), plate(outline * 0.88, 0.04).at(z=1.4), cylinder(0.03, 1.5, 16).at(y=0.04))
