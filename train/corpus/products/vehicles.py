"""Cars, cycles, boats, aircraft, carts and their wheels."""

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


def wheel(c: Chance, r: float, width: float, spokes: int | None = None) -> Mesh:
    """A wheel about the y axis: tyre, rim, hub and spokes."""
    n = c.whole(4, 9) if spokes is None else spokes
    tyre = lathe(
        [
            (r * 0.72, -width / 2),
            (r * 0.95, -width / 2),
            (r, -width / 3),
            (r, width / 3),
            (r * 0.95, width / 2),
            (r * 0.72, width / 2),
        ],
        40,
        closed=True,
    )
    arm = box(r * 0.62, r * c.between(0.08, 0.2), width * 0.4).at(
        r * 0.42, 0, -width * 0.2 + width * 0.1
    )
    hub = cylinder(r * 0.16, width * 0.9, 20).at(z=-width * 0.45)
    rim = lathe(
        [
            (r * 0.66, -width * 0.4),
            (r * 0.73, -width * 0.4),
            (r * 0.73, width * 0.4),
            (r * 0.66, width * 0.4),
        ],
        40,
        closed=True,
    )
    return join([tyre, rim, hub, radial(arm, n)]).turned(x=90)


@product("12-02")
def cart(c: Chance) -> tuple[str, list[Part]]:
    if c.some():
        tray = (
            hollow([(0, 0), (0.3, 0), (0.55, 0.35)], 0.02, 4)
            .turned(z=45)
            .scaled(0.9, 1.3, 1)
            .at(z=0.35)
        )
        bar = tube([(0.06, -0.75, 0.25), (0.22, 0, 0.33), (0.28, 0.95, 0.6)], 0.02)
        leg = tube([(0.24, 0.2, 0.35), (0.26, 0.3, 0), (0.26, 0.4, 0), (0.26, 0.5, 0.45)], 0.016)
        return "Wheelbarrow with one wheel", solids(
            tray, pair(bar), pair(leg), wheel(c, 0.2, 0.1).turned(z=90).at(y=-0.75, z=0.2)
        )
    h = c.between(1, 1.3)
    return "Hand truck with two wheels", solids(
        pair(
            tube(
                spline([(0.2, 0, 0.05), (0.2, 0, h * 0.8), (0.17, 0.05, h), (0.05, 0.15, h)], 18),
                0.018,
            )
        ),
        row(box(0.4, 0.02, 0.04), 3, z=h * 0.25).at(z=h * 0.45),
        box(0.45, 0.3, 0.015).at(y=-0.15),
        pair(wheel(c, 0.14, 0.06).turned(z=90).at(0.26, 0.12, 0.14)),
    )


@product("12-03")
def train(c: Chance) -> tuple[str, list[Part]]:
    if c.some():
        wheels_ = [
            pair(cylinder(0.16, 0.05, 28).turned(y=90).at(0.26, y, 0.16))
            for y in (-0.5, -0.15, 0.2, 0.6)
        ]
        return "Steam locomotive with chimney", solids(
            cylinder(0.28, 1.1, 36).turned(x=90).at(y=0.2, z=0.55),
            box(0.6, 0.5, 0.75).at(y=0.5, z=0.25),
            box(0.7, 0.6, 0.04).at(y=0.5, z=1.0),
            cylinder(0.07, 0.3, 20, top=0.11).at(0, -0.7, 0.8),
            ellipsoid(0.1, 0.1, 0.12, 20).at(0, -0.2, 0.84),
            *wheels_,
            box(0.5, 1.7, 0.08).at(y=-0.05, z=0.2),
            plate([(-0.3, 0), (0.3, 0), (0.1, 0.2), (-0.1, 0.2)], 0.15).at(y=-1.0, z=0.03),
        )
    n = c.whole(3, 6)
    nose = [(-1.2, 0.15), (-1.15, 0.45), (-0.8, 0.8), (1.2, 0.8), (1.2, 0.15)]
    return "Rail car with windows", solids(
        side_plate(spline(nose, 40) if c.some() else nose, 0.6),
        *(
            side_plate(
                rounded_rectangle(1.6 / n * 0.75, 0.22, 0.03) + [-0.6 + 1.6 / n * (k + 0.5), 0.58],
                0.61,
            )
            for k in range(n)
        ),
        *(
            pair(cylinder(0.1, 0.05, 24).turned(y=90).at(0.2, y, 0.1))
            for y in (-0.7, -0.45, 0.55, 0.8)
        ),
    )


@product("12-06")
def boat(c: Chance) -> tuple[str, list[Part]]:
    length, w, d = 2.0, c.between(0.5, 0.8), c.between(0.25, 0.4)
    stations = np.linspace(0, 1, 14)

    def ring(t: float, inset: float) -> Doubles:
        half = max(w / 2 * (1 - t**2.5) ** 0.7 - inset, 0.005)
        keel = -d * (1 - 0.5 * t**3) + inset
        across = np.array(
            [
                (half, 0),
                (half * 0.9, keel * 0.6),
                (half * 0.3, keel),
                (-half * 0.3, keel),
                (-half * 0.9, keel * 0.6),
                (-half, 0),
            ]
        )
        return np.column_stack(
            [across[:, 0], np.full(6, -length / 2 + length * t), across[:, 1] + 0.12 * t**2]
        )

    hull = loft(np.stack([ring(t, 0) for t in stations]))
    kind = c.one_of("sail", "motor", "row", "canoe")
    if kind == "sail":
        sail = side_plate([(-0.6, 0.25), (0.1, 0.25), (0.12, 1.8)], 0.012)
        return "Sailing boat with mast and sail", [
            Part(m.turned(z=180))
            for m in (
                hull,
                cylinder(0.02, 2, 10).at(y=0.15),
                sail,
                side_plate([(0.2, 0.25), (0.85, 0.2), (0.2, 1.5)], 0.012),
                tube([(0, 0.15, 0.22), (0, -0.65, 0.22)], 0.015),
            )
        ]
    if kind == "motor":
        return "Motor boat with cabin", [
            Part(m.turned(z=180))
            for m in (
                hull,
                side_plate([(-0.5, 0), (0.5, 0), (0.2, 0.3), (-0.4, 0.3)], w * 0.6),
                side_plate([(-0.3, 0.3), (0.1, 0.3), (0, 0.5), (-0.25, 0.5)], w * 0.45),
                box(0.15, 0.15, 0.4).at(y=-length / 2 - 0.07, z=-0.2),
            )
        ]
    n = c.whole(2, 4)
    seats = row(box(w * 0.95, 0.12, 0.03).at(z=0.01), n, y=0.4)
    oars = (
        pair(tube([(w * 0.4, 0, 0.05), (w * 1.1, 0.3, -0.15)], 0.015)) if kind == "row" else seats
    )
    return "Rowing boat with oars" if kind == "row" else "Canoe", [
        Part(m.turned(z=180)) for m in (hull, seats, oars)
    ]


@product("12-07")
def aircraft(c: Chance) -> tuple[str, list[Part]]:
    if c.some(0.4):
        arm = join(
            [
                tube([(0.1, 0, 0), (0.5, 0, 0.05)], 0.03),
                cylinder(0.05, 0.1, 18).at(0.5),
                box(0.3, 0.03, 0.008).turned(z=c.between(0, 90)).at(0.5, 0, 0.11),
            ]
        )
        n = c.one_of(4, 4, 6)
        skid = tube(
            spline(
                [(0.12, -0.2, -0.25), (0.12, -0.1, -0.25), (0.12, 0.1, -0.25), (0.12, 0.2, -0.25)],
                10,
            ),
            0.012,
        )
        return f"{'Quadcopter drone' if n == 4 else 'Drone with six rotors'}", solids(
            superellipsoid(0.2, 0.25, 0.09, 3, 2.5),
            radial(arm, n, 45),
            pair(skid),
            pair(tube([(0.08, 0, -0.05), (0.12, 0, -0.25)], 0.012)),
            ellipsoid(0.06, 0.06, 0.06, 18).at(y=-0.22, z=-0.06),
        )
    body = tube(
        spline([(0, -1, 0), (0, -0.8, 0), (0, 0.2, 0), (0, 1, 0.1)], 24),
        np.concatenate(
            [np.linspace(0.02, 0.14, 6) ** 0.9, np.full(10, 0.13), np.linspace(0.13, 0.03, 8)]
        ),
        20,
    )
    sweep = c.between(0.05, 0.5)
    wing = extrude([(0.05, -0.2), (1, -0.2 + sweep), (1, sweep), (0.05, 0.25)], 0.03)
    tail = extrude([(0.02, 0.75), (0.4, 0.85), (0.4, 1.0), (0.02, 1.0)], 0.02).at(z=0.1)
    fin = side_plate([(0.7, 0.1), (1.0, 0.1), (1.05, 0.5), (0.92, 0.5)], 0.02)
    engine = cylinder(0.06, 0.3, 20).turned(x=90).at(0.4, 0.0 + sweep * 0.3, -0.08)
    prop = c.some(0.35)
    extra = (
        [
            box(0.5, 0.02, 0.05).turned(y=c.between(0, 90)).at(y=-1.0),
            side_plate([(-0.45, 0.1), (-0.1, 0.1), (-0.15, 0.2), (-0.35, 0.2)], 0.14),
        ]
        if prop
        else [pair(engine)]
    )
    return (
        f"Aeroplane with {'propeller' if prop else 'swept wings' if sweep > 0.25 else 'straight wings'}",
        solids(body, pair(wing), pair(tail), fin, *extra),
    )


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
        lean = np.clip((v[:, 2] - belt) / max(top - belt, 0.05), 0, 1) * (
            0.05 if kind in ("bus", "van") else 0.18
        )
        return v * np.column_stack([1 - lean, np.ones(len(v)), np.ones(len(v))])

    parts = [body.changed(lean_in)]
    if kind == "truck":
        parts.append(
            box(w * 1.05, length * 0.72, roof * c.between(0.9, 1.2)).at(
                y=b - length * 0.36, z=sill + 0.06
            )
        )
    r = c.between(0.15, 0.19)
    tyre = wheel(c, r, 0.14).turned(z=90)
    for y in (a + 0.36, b - 0.38):
        parts.append(pair(tyre.at(w / 2 - 0.04, y, r)))
    glass_low, glass_high = belt + 0.03, (roof * 0.8 if kind == "sports car" else roof) - 0.04
    if kind in ("sedan", "hatchback", "sports car", "pickup"):
        start = a + hood * (1.2 if kind == "sports car" else 1) + 0.08
        stop = (
            a + hood + 0.72
            if kind == "pickup"
            else b - tail - 0.08
            if kind != "hatchback"
            else b - 0.12
        )
        middle = (start + stop) / 2
        for lo, hi in ((start, middle - 0.02), (middle + 0.02, stop)):
            pane = side_plate(
                [
                    (lo, glass_low),
                    (hi, glass_low),
                    (hi - (0.18 if hi == stop and kind != "pickup" else 0), glass_high),
                    (lo + (0.2 if lo == start else 0), glass_high),
                ],
                w * 1.015,
            )
            parts.append(pane.changed(lean_in))
        parts.append(
            side_plate(
                [
                    (middle - 0.005, sill),
                    (middle + 0.005, sill),
                    (middle + 0.005, belt),
                    (middle - 0.005, belt),
                ],
                w * 1.01,
            )
        )
    elif kind in ("van", "bus"):
        n = c.whole(2, 6)
        panes = [
            side_plate(
                rounded_rectangle((length - 0.7) / n * 0.85, top * 0.3, 0.02)
                + [a + 0.5 + (length - 0.7) / n * (k + 0.5), top * 0.75],
                w * 1.015,
            )
            for k in range(n)
        ]
        parts += [p.changed(lean_in) for p in panes]
    parts.append(
        pair(
            plate(c.one_of(oval(0.08, 0.05, 20), rounded_rectangle(0.16, 0.08, 0.02)), 0.04).at(
                w * 0.34, a + 0.0, belt * 0.68
            )
        )
    )
    parts.append(plate(rounded_rectangle(w * 0.4, 0.08, 0.02), 0.04).at(y=a, z=belt * 0.5))
    parts.append(pair(box(0.1, 0.05, 0.06).at(w / 2 + 0.03, a + hood + 0.2, belt + 0.02)))
    name = {
        "van": "Van",
        "bus": "Bus",
        "truck": "Lorry with box body",
        "sports car": "Sports car",
        "pickup": "Pickup truck",
    }.get(kind, c.one_of("Motor car", "Passenger car", "Automobile") + f", {kind}")
    return name, solids(*parts)


@product("12-09")
def tractor(c: Chance) -> tuple[str, list[Part]]:

    big, small = wheel(c, c.between(0.4, 0.5), 0.2).turned(z=90), wheel(c, 0.25, 0.14).turned(z=90)
    return "Tractor with cab", solids(
        box(0.4, 0.9, 0.35).at(y=-0.45, z=0.4),
        side_plate([(-0.05, 0.75), (0.5, 0.75), (0.45, 1.4), (0, 1.4)], 0.6),
        box(0.7, 0.65, 0.05).at(y=0.22, z=1.4),
        pair(big.at(0.42, 0.35, 0.45)),
        pair(small.at(0.35, -0.7, 0.25)),
        cylinder(0.03, 0.4, 12).at(0.12, -0.4, 0.74),
        row(plate(rectangle(0.3, 0.02), 0.03).at(y=-0.9, z=0.58), 5, z=0.05),
        pair(
            side_plate(
                [*(arc(0.55, 20, 150, 14) + [0.35, 0.45]), *(arc(0.5, 150, 20, 14) + [0.35, 0.45])],
                0.22,
            ).at(0.42)
        ),
    )


@product("12-10")
def trailer(c: Chance) -> tuple[str, list[Part]]:

    n = c.whole(1, 2)
    tyre = wheel(c, 0.2, 0.1).turned(z=90)
    caravan = c.some()
    body = (
        [
            side_plate(
                spline(
                    [
                        (-0.9, 0.25),
                        (-0.95, 0.8),
                        (-0.6, 1.15),
                        (0.7, 1.15),
                        (0.95, 0.8),
                        (0.9, 0.25),
                    ],
                    34,
                ),
                0.8,
            ),
            side_plate(rounded_rectangle(0.4, 0.25, 0.04) + [-0.4, 0.8], 0.82),
            side_plate(rounded_rectangle(0.35, 0.75, 0.04) + [0.4, 0.65], 0.82),
        ]
        if caravan
        else [
            extrude(rectangle(0.8, 1.6), 0.35, [rectangle(0.74, 1.54)]).at(z=0.25),
            box(0.8, 1.6, 0.03).at(z=0.25),
        ]
    )
    return "Caravan with door and window" if caravan else "Trailer with open box", solids(
        *body,
        *(pair(tyre.at(0.42, 0.12 + 0.45 * (k - (n - 1) / 2), 0.2)) for k in range(n)),
        tube([(0.25, -0.8, 0.25), (0, -1.5, 0.25)], 0.03),
        tube([(-0.25, -0.8, 0.25), (0, -1.5, 0.25)], 0.03),
        cylinder(0.03, 0.3, 12).at(0, -1.35, 0),
    )


@product("12-11")
def bicycle(c: Chance) -> tuple[str, list[Part]]:
    r = c.between(0.3, 0.36)
    base = c.between(0.95, 1.1)
    n = c.one_of(8, 12, 16, 20)
    spokes = radial(tube([(0.02, 0, 0), (r * 0.96, 0, 0)], 0.004, 6), n)
    tyre = join([torus(r, 0.02, 44, 8), spokes, cylinder(0.025, 0.08, 14).at(z=-0.04)]).turned(x=90)
    rear, front = (-base / 2, 0, r), (base / 2, 0, r)
    crank, seat, head = (
        (-0.06, 0, r - 0.02),
        (-0.22, 0, r + c.between(0.4, 0.5)),
        (base / 2 - 0.2, 0, r + c.between(0.45, 0.55)),
    )
    low = c.some(0.35)
    top = (
        (seat[0] * 0.7 + crank[0] * 0.3, 0, seat[2] * 0.55 + crank[2] * 0.45)
        if low
        else (seat[0], 0, seat[2] - 0.06)
    )
    t = 0.016
    frame = [tube([crank, (seat[0] - 0.03, 0, seat[2] + 0.14)], t), tube([crank, head], t), tube([top, head], t), tube([head, (head[0] - 0.04, 0, head[2] + 0.12)], t),
             tube([(head[0], 0, head[2]), (front[0] - 0.04, 0, r + 0.15), front], t * 0.9), tube([rear, crank], t * 0.7), tube([rear, seat], t * 0.7)]  # fmt: skip
    bars = c.one_of(
        [(-0.02, -0.28, 0.16), (0.03, -0.1, 0.14), (0.03, 0.1, 0.14), (-0.02, 0.28, 0.16)],
        [
            (-0.1, -0.25, 0.2),
            (0.05, -0.2, 0.16),
            (0, 0, 0.12),
            (0.05, 0.2, 0.16),
            (-0.1, 0.25, 0.2),
        ],
    )
    handle = tube(
        spline([(head[0] - 0.02 + x, y, head[2] + z - 0.02) for x, y, z in bars], 24), 0.013
    )
    saddle = superellipsoid(0.13, 0.07, 0.03, 2, 2).at(seat[0] - 0.02, 0, seat[2] + 0.15)
    gear = [
        cylinder(0.08, 0.01, 28).turned(x=90).at(crank[0], 0.03, crank[2]),
        box(0.02, 0.02, 0.34).at(crank[0], 0.05, crank[2] - 0.17),
        pair(box(0.09, 0.08, 0.02).at(0, 0.11), 1).at(crank[0], 0, crank[2]),
    ]
    return f"Bicycle with {'step-through' if low else 'diamond'} frame", [
        Part(m.turned(z=180))
        for m in (tyre.at(*rear), tyre.at(*front), join(frame), handle, saddle, *gear)
    ]


@product("12-11")
def motorcycle(c: Chance) -> tuple[str, list[Part]]:
    scooter = c.some(0.5)
    r, base = (0.2, 1.0) if scooter else (0.3, c.between(1.2, 1.4))
    tyre = wheel(c, r, 0.12)
    front, rear = (-base / 2, 0, r), (base / 2, 0, r)
    if scooter:
        body = side_plate(
            spline(
                [
                    (0.1, 0.25),
                    (0.0, 0.3),
                    (0.15, 0.45),
                    (0.2, 0.7),
                    (0.8, 0.72),
                    (0.82, 0.5),
                    (0.5, 0.3),
                ],
                40,
                closed=True,
            )
            * [0.95, 1],
            0.3,
        )
        shield = side_plate([(-0.35, 0.25), (-0.28, 0.25), (-0.36, 0.95), (-0.42, 0.95)], 0.38)
        parts = [
            tyre.at(*front).turned(z=90),
            tyre.at(*rear).turned(z=90),
            body,
            shield,
            box(0.34, 0.5, 0.05).at(y=-0.12, z=0.24),
            rounded_box(0.3, 0.6, 0.1, 0.1, 0.04).at(y=0.5, z=0.71),
            tube([(-0.3, -0.4, 0.98), (0, -0.38, 0.92), (0.3, -0.4, 0.98)], 0.02),
            tube([(0, -0.39, 0.95), (0, -base / 2, r)], 0.04),
            ellipsoid(0.08, 0.06, 0.08).at(0, -0.45, 0.85),
            side_plate(
                arc(r * 1.15, 10, 170, 16).tolist() + (arc(r * 1.05, 170, 10, 16)).tolist(), 0.16
            ).at(y=-base / 2, z=r),
        ]
        return "Motor scooter with leg shield", solids(*parts)
    tank = superellipsoid(0.15, 0.28, 0.14, 2.5, 2.5).at(y=-0.1, z=0.72)
    engine = [box(0.28, 0.35, 0.25).at(z=0.25), row(box(0.3, 0.22, 0.015).at(z=0.56), 6, z=0.03)]
    fork = pair(tube([(0.09, -base / 2, r), (0.09, -base / 2 + 0.22, 0.9)], 0.022))
    parts = [
        tyre.turned(z=90).at(y=-base / 2, z=r),
        tyre.turned(z=90).at(y=base / 2, z=r),
        tank,
        *engine,
        fork,
        tube(
            spline(
                [(-0.38, -0.3, 0.98), (-0.2, -0.42, 0.95), (0.2, -0.42, 0.95), (0.38, -0.3, 0.98)],
                18,
            ),
            0.016,
        ),
        rounded_box(0.24, 0.6, 0.1, 0.1, 0.04).at(y=0.42, z=0.68),
        ellipsoid(0.1, 0.09, 0.1).at(y=-base / 2 + 0.12, z=0.85),
        tube(
            [(0.17, 0.0, 0.3), (0.17, 0.3, 0.28), (0.17, base / 2 + 0.1, 0.38)], [0.025, 0.03, 0.05]
        ),
        pair(tube([(0.09, 0.1, 0.35), (0.09, base / 2, r)], 0.025)),
        tube([(0, -0.3, 0.8), (0, -0.1, 0.35), (0, 0.3, 0.35), (0, 0.3, 0.68)], 0.03),
    ]
    return "Motorcycle with fuel tank and seat", solids(*parts)


@product("12-12")
def pram(c: Chance) -> tuple[str, list[Part]]:
    r = c.between(0.12, 0.16)
    tyre_ = wheel(c, r, 0.05).turned(z=90)
    if c.some(0.5):
        seat = side_plate(
            [(-0.25, 0.5), (0.2, 0.5), (0.32, 0.95), (0.26, 0.97), (0.15, 0.57), (-0.25, 0.57)],
            0.42,
        )
        big = wheel(c, 0.3, 0.05, 12).turned(z=90)
        return "Wheelchair with push handles", solids(
            seat,
            pair(big.at(0.26, 0.15, 0.3)),
            pair(tyre_.scaled(1, 0.7, 0.7).at(0.22, -0.35, r * 0.7)),
            pair(tube([(0.2, -0.35, r), (0.2, -0.3, 0.5)], 0.015)),
            pair(tube([(0.21, 0.3, 0.95), (0.21, 0.45, 1.0)], 0.018)),
            pair(box(0.06, 0.35, 0.03).at(0.24, -0.05, 0.75)),
            box(0.35, 0.18, 0.02).at(y=-0.45, z=0.12),
        )
    hood = ellipsoid(0.24, 0.3, 0.3).at(y=0.1, z=0.75)
    return "Pushchair with canopy and four wheels", solids(
        hood,
        side_plate(
            [(-0.4, 0.4), (0.2, 0.4), (0.35, 0.8), (0.3, 0.8), (0.15, 0.48), (-0.4, 0.48)], 0.4
        ),
        pair(tube([(0.22, -0.45, r), (0.22, 0.5, 1.05)], 0.016)),
        pair(tube([(0.22, 0.4, r), (0.22, -0.2, 0.6)], 0.016)),
        tube([(-0.22, 0.5, 1.05), (0.22, 0.5, 1.05)], 0.022),
        corners(tyre_.at(0.25, 0.42, r)),
    )


@product("12-15")
def tyre(c: Chance) -> tuple[str, list[Part]]:
    r, w = 0.5, c.between(0.2, 0.4)
    carcass = lathe(
        [
            (r * 0.62, -w * 0.4),
            (r * 0.8, -w / 2),
            (r * 0.95, -w * 0.48),
            (r, -w * 0.38),
            (r, w * 0.38),
            (r * 0.95, w * 0.48),
            (r * 0.8, w / 2),
            (r * 0.62, w * 0.4),
        ],
        48,
        closed=True,
    )
    n = c.whole(20, 40)
    kind = c.one_of("block", "chevron", "ribbed")
    if kind == "ribbed":
        tread = [
            lathe(
                [(r * 0.99, z), (r * 1.03, z), (r * 1.03, z + w * 0.1), (r * 0.99, z + w * 0.1)],
                48,
                closed=True,
            )
            for z in np.linspace(-w * 0.38, w * 0.28, c.whole(3, 5))
        ]
    else:
        lug = (
            box(0.04, 2 * math.pi * r / n * 0.5, w * 0.36)
            .turned(x=c.between(15, 40) if kind == "chevron" else 0)
            .at(x=r * 1.0)
        )
        tread = [
            radial(lug.at(z=0.02), n),
            radial(lug.mirrored(2).at(z=-0.02), n, 180 / n if c.some() else 0),
        ]
    return f"Tyre with {kind} tread", [Part(m.turned(x=90)) for m in (carcass, *tread)]


@product("12-16")
def car_wheel(c: Chance) -> tuple[str, list[Part]]:
    r, w, n = 0.5, c.between(0.2, 0.35), c.whole(5, 12)
    rim = lathe(
        [
            (r * 0.9, -w / 2),
            (r, -w / 2),
            (r, -w * 0.42),
            (r * 0.92, -w * 0.3),
            (r * 0.92, w * 0.3),
            (r, w * 0.42),
            (r, w / 2),
            (r * 0.9, w / 2),
        ],
        48,
        closed=True,
    )
    a = c.between(0.03, 0.1)
    outline = spline(
        [
            (0.08, -a * 0.8),
            (0.3, -a * c.between(0.3, 1)),
            (r * 0.93, -a * c.between(0.6, 1.6)),
            (r * 0.93, a * c.between(0.6, 1.6)),
            (0.3, a * c.between(0.3, 1)),
            (0.08, a * 0.8),
        ],
        24,
        closed=True,
    )
    arm = extrude(outline, 0.06).at(z=w * 0.3)
    bolts = radial(cylinder(0.02, 0.03, 12).at(0.09, 0, w * 0.36), 5)
    return f"Vehicle wheel rim with {n} spokes", [
        Part(m.turned(x=90))
        for m in (
            rim,
            radial(arm, n),
            lathe(
                [
                    (0, w * 0.25),
                    (0.14, w * 0.25),
                    (0.12, w * 0.36),
                    (0.05, w * 0.38),
                    (0, w * 0.38),
                ],
                32,
            ),
            bolts,
        )
    ]


@product("12-16")
def steering_wheel(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(2, 4)
    arm = tube([(0.1, 0, -0.05), (0.48, 0, 0)], 1, section=oval(0.05, 0.025, 14))
    return f"Steering wheel with {('two', 'three', 'four')[n - 2]} spokes", [
        Part(m.turned(x=70))
        for m in (
            torus(0.5, 0.045, 48, 14),
            radial(arm, n, 90),
            superellipsoid(0.16, 0.16, 0.06, c.between(2, 5), 2.5).at(z=-0.03),
        )
    ]
