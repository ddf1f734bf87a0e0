"""Taps, pipes, basins, toilets, heaters and fans."""

from __future__ import annotations

import math

import numpy as np

from train.corpus.chance import Chance, product, solids
from train.corpus.drawing import Part
from train.corpus.mesh import (
    arc,
    box,
    corners,
    cylinder,
    ellipsoid,
    extrude,
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
    torus,
    tube,
)


@product("23-01")
def tap(c: Chance) -> tuple[str, list[Part]]:
    high = c.between(0.3, 0.8)
    reach = c.between(0.35, 0.6)
    square = c.some(0.3)
    path = (
        [(0, 0, high * 0.6), (0, 0, high), (0, -reach, high), (0, -reach, high - 0.08)]
        if square
        else spline(
            [
                (0, 0, high * 0.6),
                (0, 0, high),
                (0, -reach * 0.4, high * 1.2),
                (0, -reach, high * 1.05),
                (0, -reach * 1.05, high * 0.75),
            ],
            26,
        )
    )
    spout = tube(path, 0.05, section=rounded_rectangle(1.8, 1.8, 0.2, 3) if square else None)
    body = (
        rounded_box(0.16, 0.16, high * 0.7, 0.02)
        if square
        else lathe(
            [(0, 0), (0.13, 0), (0.13, 0.03), (0.08, 0.06), (0.075, high * 0.7), (0, high * 0.7)],
            32,
        )
    )
    lever = c.one_of("lever", "two handles", "cross handles")
    if lever == "lever":
        handle = [
            cylinder(0.07, 0.1, 28).turned(y=90).at(0.05, 0, high * 0.45),
            tube(
                [(0.14, 0, high * 0.45), (0.35, -0.02, high * 0.55)],
                1,
                section=oval(0.04, 0.02, 14),
            ),
        ]
    else:
        one = join(
            [
                cylinder(0.07, 0.2, 28),
                radial(
                    tube([(0, 0, 0.24), (0.12, 0, 0.24)], 0.025),
                    4 if lever == "cross handles" else 1,
                ),
                cylinder(0.045, 0.1, 20).at(z=0.19),
            ]
        ).at(0.3)
        handle = [pair(one), rounded_box(0.75, 0.16, 0.05, 0.07)]
    return (
        f"{c.one_of('Faucet', 'Water tap', 'Basin mixer')} with {'square spout' if square else 'curved spout'} and {lever}",
        solids(spout, body, *handle),
    )


@product("23-01")
def valve(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("valve", "elbow", "tee", "nozzle", "hydrant")
    flange = join(
        [cylinder(0.26, 0.06, 36), radial(cylinder(0.03, 0.09, 10).at(0.2), c.one_of(4, 6))]
    )
    if kind == "valve":
        return "Gate valve with hand wheel", solids(
            pair(flange.turned(y=90).at(0.45)),
            tube([(-0.45, 0, 0), (0.45, 0, 0)], 0.16),
            cylinder(0.14, 0.5, 28),
            cylinder(0.03, 0.4, 14).at(z=0.45),
            torus(0.25, 0.03).at(z=0.8),
            radial(tube([(0, 0, 0.8), (0.25, 0, 0.8)], 0.02), c.whole(3, 5)),
        )
    if kind == "elbow":
        path = np.column_stack(
            [
                0.5 - 0.5 * np.cos(np.linspace(0, math.pi / 2, 16)),
                np.zeros(16),
                0.5 * np.sin(np.linspace(0, math.pi / 2, 16)),
            ]
        )
        return "Pipe elbow with flanges", solids(
            tube(path, 0.15), flange.at(z=-0.05), flange.turned(y=90).at(0.48, 0, 0.5)
        )
    if kind == "tee":
        return "Pipe tee fitting", solids(
            tube([(-0.5, 0, 0), (0.5, 0, 0)], 0.17),
            cylinder(0.17, 0.5, 32),
            *(cylinder(0.21, 0.12, 32).turned(y=90).at(x) for x in (-0.52, 0.4)),
            cylinder(0.21, 0.12, 32).at(z=0.4),
        )
    if kind == "hydrant":
        return "Fire hydrant with outlets", solids(
            lathe(
                [
                    (0, 0),
                    (0.3, 0),
                    (0.3, 0.06),
                    (0.18, 0.06),
                    (0.18, 0.8),
                    (0.22, 0.82),
                    (0.22, 0.9),
                    *(arc(0.2, 5, 85, 8) + [0, 0.9]),
                    (0, 1.1),
                ],
                36,
            ),
            pair(cylinder(0.1, 0.15, 24).turned(y=90).at(0.16, 0, 0.6)),
            cylinder(0.12, 0.14, 24).turned(x=90).at(y=-0.16, z=0.55),
            prism(5, 0.06, 0.1).at(z=1.1),
        )
    return c.one_of("Hose nozzle with trigger", "Spray gun for garden hose"), solids(
        side_plate(
            spline(
                [
                    (-0.4, 0.3),
                    (0.15, 0.35),
                    (0.25, 0.2),
                    (0.35, -0.35),
                    (0.2, -0.38),
                    (0.05, 0.1),
                    (-0.4, 0.18),
                ],
                36,
                closed=True,
            ),
            0.14,
        ),
        cylinder(0.12, 0.15, 28).turned(x=90).at(y=-0.35, z=0.24),
        side_plate([(-0.08, 0.15), (-0.02, 0.15), (0.1, -0.2), (0.05, -0.22)], 0.06),
        prism(8, 0.1, 0.12).at(y=0.28, z=-0.48),
    )


@product("23-03")
def heater(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(6, 14)
    if c.some():
        fin = side_plate(rounded_rectangle(0.16, 0.7, 0.07), 0.06)
        return f"Radiator with {n} sections", solids(
            row(fin, n, x=0.1),
            tube([(-0.05 * n, 0, 0.27), (0.05 * n, 0, 0.27)], 0.03),
            tube([(-0.05 * n, 0, -0.27), (0.05 * n, 0, -0.27)], 0.03),
            cylinder(0.05, 0.1, 18).turned(y=90).at(0.05 * n, 0, -0.27),
        )
    return "Towel radiator with rungs", solids(
        pair(cylinder(0.03, 1.2, 16).at(0.35)),
        row(tube([(-0.35, 0, 0.6), (0.35, 0, 0.6)], 0.016), n, z=1.05 / n),
    )


@product("23-04")
def ventilator(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("desk", "ceiling", "split", "tower", "grille")
    n = c.whole(3, 5)
    blade_ = plate(
        spline(
            [(0.05, -0.03), (0.2, -0.12), (0.4, -0.1), (0.4, 0.1), (0.2, 0.06), (0.05, 0.03)],
            26,
            closed=True,
        ),
        0.015,
    ).turned(x=18)
    if kind == "desk":
        guard = [
            tube(
                np.insert(arc(r, 0, 360, 44)[:-1], 1, -0.14 + 0.1 * (r / 0.46) ** 2, axis=1),
                0.006,
                6,
                closed=True,
            )
            for r in np.linspace(0.08, 0.46, 8)
        ]
        wires = join(
            [
                tube([(0.05, -0.14, 0), (0.46, -0.04, 0)], 0.005, 6).turned(y=a)
                for a in range(0, 360, 30)
            ]
        )
        return "Electric fan with guard and stand", [
            *solids(
                join([blade_.turned(y=360 * k / n) for k in range(n)]).at(z=0.8),
                cylinder(0.09, 0.25, 28).turned(x=90).at(y=0.2, z=0.8),
                cylinder(0.03, 0.75, 16).at(y=0.12, z=0.02),
                cylinder(0.25, 0.05, 40).at(y=0.1),
            ),
            Part(join(guard).at(z=0.8)),
            Part(wires.at(z=0.8)),
        ]
    if kind == "ceiling":
        return f"Ceiling fan with {n} blades", solids(
            radial(rounded_box(0.7, 0.14, 0.015, 0.05).turned(x=8).at(0.5), n),
            lathe(
                [
                    (0, -0.1),
                    (0.12, -0.08),
                    (0.15, 0),
                    (0.12, 0.08),
                    (0.02, 0.1),
                    (0.02, 0.4),
                    (0.08, 0.42),
                    (0, 0.45),
                ],
                36,
            ),
            ellipsoid(0.1, 0.1, 0.08).at(z=-0.12),
        )
    if kind == "split":
        return "Air conditioner, wall-mounted", solids(
            rounded_box(1.1, 0.25, 0.35, 0.02, 0.05),
            plate(rectangle(0.95, 0.05), 0.03).turned(x=-30).at(y=-0.12, z=0.05),
            row(box(1.0, 0.02, 0.008).at(y=-0.12, z=0.25), 5, z=0.02),
            plate(rectangle(0.12, 0.04), 0.02).at(0.4, -0.125, 0.18),
        )
    if kind == "tower":
        return "Tower fan with vertical grille", solids(
            rounded_box(0.28, 0.28, 1.1, 0.13, 0.04).at(z=0.05),
            cylinder(0.22, 0.05, 40),
            row(box(0.008, 0.03, 0.75).at(y=-0.135, z=0.2), 7, x=0.025),
        )
    m = c.whole(5, 10)
    return "Ventilation grille with louvres", solids(
        plate(rectangle(0.9, 0.7), 0.06, [rectangle(0.78, 0.58)]),
        row(box(0.8, 0.1, 0.012).turned(x=35), m, z=0.56 / m),
    )


@product("23-06")
def basin(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("basin", "bath", "shower", "sink")
    if kind == "basin":
        outline = c.one_of(oval(1, 0.75, 44, c.between(2, 3)), rounded_rectangle(1.9, 1.4, 0.3, 10))
        rings = [
            (0.5, -0.6),
            (0.92, -0.2),
            (1, 0),
            (1, 0.04),
            (0.9, 0.04),
            (0.8, -0.2),
            (0.4, -0.5),
        ]
        bowl_ = loft(
            np.stack([np.column_stack([outline * s, np.full(len(outline), z)]) for s, z in rings])
        ).scaled(0.35, 0.35, 0.35)
        pedestal = (
            [lathe([(0, -1), (0.16, -1), (0.1, -0.7), (0.12, -0.2), (0, -0.2)], 28)]
            if c.some()
            else []
        )
        return f"Wash basin{' on pedestal' if pedestal else ''}", solids(
            bowl_,
            *pedestal,
            cylinder(0.03, 0.01, 20).at(z=-0.17),
            tube(spline([(0, 0.26, 0.02), (0, 0.26, 0.14), (0, 0.14, 0.15)], 12), 0.02),
        )
    if kind == "bath":
        outline = rounded_rectangle(1.7, 0.75, c.between(0.15, 0.37), 10)
        rings = [
            (0.82, 0),
            (1, 0.5),
            (1.04, 0.52),
            (1.04, 0.55),
            (0.94, 0.55),
            (0.72, 0.12),
            (0.6, 0.1),
        ]
        tub = loft(
            np.stack([np.column_stack([outline * s, np.full(len(outline), z)]) for s, z in rings])
        )
        feet = (
            corners(
                lathe([(0, -0.12), (0.05, -0.12), (0.03, -0.05), (0.07, 0.03), (0, 0.03)], 20).at(
                    0.5, 0.22
                )
            )
            if c.some()
            else None
        )
        return f"Bathtub{' with feet' if feet else ''}", solids(tub, *([feet] if feet else []))
    if kind == "shower":
        head = lathe([(0, 0), (0.2, 0), (0.2, 0.03), (0.04, 0.08), (0, 0.09)], 40)
        jets = join(
            [
                cylinder(0.01, 0.01, 8).at(r * math.cos(a), r * math.sin(a), -0.008)
                for r in (0.05, 0.1, 0.15)
                for a in np.arange(0, 6.2, 0.7 - r * 2)
            ]
        )
        if c.some():
            return "Hand shower with handle", solids(
                *(m.turned(x=-60) for m in (head, jets)),
                tube(spline([(0, 0.05, 0.05), (0, 0.2, -0.1), (0, 0.28, -0.6)], 16), 0.035),
            )
        return "Shower head with arm", solids(
            head,
            jets,
            tube(spline([(0, 0, 0.08), (0, 0, 0.2), (0, 0.2, 0.3), (0, 0.45, 0.3)], 18), 0.025),
            cylinder(0.08, 0.02, 28).turned(x=90).at(y=0.46, z=0.3),
        )
    return "Kitchen sink with two bowls", solids(
        extrude(
            rounded_rectangle(1.4, 0.7, 0.06),
            0.3,
            [
                rounded_rectangle(0.6, 0.55, 0.08) + [-0.34, 0],
                rounded_rectangle(0.5, 0.55, 0.08) + [0.34, 0],
            ],
        ),
        box(1.3, 0.6, 0.02),
        tube(spline([(0, 0.3, 0.3), (0, 0.3, 0.65), (0, 0.1, 0.7), (0, 0.05, 0.55)], 18), 0.025),
    )


@product("23-07")
def toilet(c: Chance) -> tuple[str, list[Part]]:
    outline = oval(0.5, 0.7, 40, 2.3)
    rings = [(0.5, -0.8), (0.48, -0.5), (0.85, -0.15), (1, 0), (1, 0.06)]
    bowl_ = loft(
        np.stack(
            [
                np.column_stack(
                    [outline * [s, s] * 0.4 + [0, -0.1 * (1 - s)], np.full(40, z * 0.5)]
                )
                for s, z in rings
            ]
        )
    )
    seat = extrude(outline * 0.42, 0.03, [outline * 0.27]).at(z=0.035)
    tank = (
        [
            rounded_box(0.42, 0.18, c.between(0.3, 0.4), 0.04).at(y=0.34, z=0.03),
            rounded_box(0.45, 0.2, 0.04, 0.04).at(y=0.34, z=0.36),
        ]
        if c.some(0.7)
        else []
    )
    lid = extrude(outline * 0.41, 0.02).turned(x=c.one_of(0, 95))
    lid = lid.at(
        y=0 if float(np.ptp(lid.vertices[:, 2])) < 0.1 else 0.27,
        z=0.07 if float(np.ptp(lid.vertices[:, 2])) < 0.1 else 0.35,
    )
    return f"Toilet with {'tank and ' if tank else ''}seat", solids(bowl_, seat, lid, *tank)


@product("23-08")
def bathroom(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("paper", "towel", "dish")
    if kind == "paper":
        return "Toilet paper holder with roll", solids(
            plate(oval(0.1, 0.1, 28), 0.03),
            tube(spline([(0, 0, 0), (0, -0.2, 0), (0.1, -0.22, 0), (0.5, -0.22, 0)], 16), 0.02),
            lathe([(0.05, -0.2), (0.2, -0.2), (0.2, 0.2), (0.05, 0.2)], 36, closed=True)
            .turned(y=90)
            .at(0.28, -0.22, 0),
        )
    if kind == "towel":
        n = c.whole(1, 3)
        return f"Towel rail with {n} bar{'s' if n > 1 else ''}", solids(
            pair(cylinder(0.06, 0.03, 24).turned(x=90).at(0.6)),
            pair(tube([(0.6, 0, 0), (0.6, -0.12 * n, 0)], 0.02)),
            *(
                tube([(-0.6, -0.12 * (k + 1), 0), (0.6, -0.12 * (k + 1), 0)], 0.016)
                for k in range(n)
            ),
        )
    return "Soap dish with ribs", solids(
        loft(
            np.stack(
                [
                    np.column_stack([oval(0.5, 0.33, 36, 3) * s, np.full(36, z)])
                    for s, z in ((0.7, 0), (1, 0.15), (1, 0.17), (0.92, 0.17), (0.66, 0.05))
                ]
            )
        ),
        row(box(0.04, 0.4, 0.03).at(z=0.04), c.whole(4, 7), x=0.1),
    )
