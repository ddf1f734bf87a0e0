"""Clocks, watches, gauges, cameras, glasses and musical instruments."""

from __future__ import annotations

import numpy as np

from train.corpus.chance import Chance, product, solids
from train.corpus.drawing import Part
from train.corpus.mesh import (
    box,
    corners,
    cylinder,
    ellipsoid,
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


@product("10-01")
def clock(c: Chance) -> tuple[str, list[Part]]:
    r = 0.5
    kind = c.one_of("round", "round", "square", "octagonal")
    outline = {
        "round": oval(r, r, 48),
        "square": rounded_rectangle(1, 1, c.between(0.02, 0.2)),
        "octagonal": regular(8, r * 1.08, 22.5),
    }[kind]
    case = plate(outline, 0.12, [outline * 0.86])
    dial = plate(outline * 0.87, 0.05)
    marks = join(
        [
            plate(rectangle(0.02, 0.06 if k % 3 else 0.1), 0.02).at(z=0.36).turned(y=30 * k)
            for k in range(12)
        ]
    ).at(y=-0.03)
    h, m = c.between(0, 360), c.between(0, 360)
    hands = [
        plate([(-0.02, -0.05), (0.02, -0.05), (0.01, 0.22), (-0.01, 0.22)], 0.01)
        .turned(y=h)
        .at(y=-0.035),
        plate([(-0.015, -0.06), (0.015, -0.06), (0.006, 0.33), (-0.006, 0.33)], 0.01)
        .turned(y=m)
        .at(y=-0.045),
        cylinder(0.025, 0.03, 16).turned(x=90).at(y=-0.03),
    ]
    parts = [case, dial, marks, *hands]
    if c.some(0.4):
        parts += [
            pair(ellipsoid(0.16, 0.16, 0.1, 24).turned(y=40).at(0.3, 0, 0.5)),
            pair(cylinder(0.03, 0.2, 14).turned(y=-25).at(0.28, 0, -0.62)),
            tube(spline([(-0.15, 0, 0.55), (0, 0, 0.68), (0.15, 0, 0.55)], 12), 0.02),
        ]
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
    marks = (
        []
        if square and c.some()
        else [
            join(
                [
                    plate(rectangle(0.012, 0.03), 0.01).at(z=r * 0.7).turned(y=360 / n * k)
                    for k in range(n)
                ]
            ).at(y=-0.05)
        ]
    )
    hands = [
        plate([(-0.008, -0.02), (0.008, -0.02), (0, length)], 0.008)
        .turned(y=c.between(0, 360))
        .at(y=-0.05)
        for length in (0.09, 0.13)
    ]
    w = c.between(0.16, 0.26)
    band_path = spline(
        [
            (0, 0, r * 0.95),
            (0, 0.08, r * 1.6),
            (0, 0.35, r * 1.75),
            (0, 0.6, r * 0.8),
            (0, 0.62, -r * 0.8),
            (0, 0.35, -r * 1.75),
            (0, 0.08, -r * 1.6),
            (0, 0, -r * 0.95),
        ],
        40,
    )
    band = tube(band_path, 1, section=rounded_rectangle(w, 0.03, 0.01, 3))
    size = band.bounds()
    if float(np.ptp(size[:, 0])) < w * 0.8:
        band = tube(band_path, 1, section=rounded_rectangle(0.03, w, 0.01, 3))
    links = (
        [box(w * 1.02, 0.035, 0.012).turned(x=0).at(*p) for p in band_path[2:-2:2]]
        if c.some(0.4)
        else []
    )
    words = "link bracelet" if links else "strap"
    return (
        f"{c.one_of('Wrist watch', 'Watch')} with {'rectangular' if square else 'round'} case and {words}",
        solids(
            case,
            bezel,
            *marks,
            *hands,
            band,
            cylinder(0.025, 0.05, 16).turned(y=90).at(r * 0.98),
            *links,
        ),
    )


@product("10-03")
def hourglass(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(3, 4)
    bulb = lathe(
        [
            (0, 0),
            *spline([(0.2, 0.0), (0.25, 0.15), (0.03, 0.5), (0.25, 0.85), (0.2, 1.0)], 30),
            (0, 1),
        ],
        36,
    )
    return "Hourglass with columns", solids(
        bulb,
        cylinder(0.36, 0.06, 40).at(z=-0.06),
        cylinder(0.36, 0.06, 40).at(z=1),
        radial(cylinder(0.02, 1, 12).at(0.31), n),
    )


@product("10-04")
def gauge(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("scale", "thermometer", "gauge", "tape", "level", "caliper")
    if kind == "scale":
        x = c.between(0.9, 1.2)
        return c.one_of("Bathroom scale with display", "Kitchen scale with flat platform"), solids(
            rounded_box(x, x * 0.9, 0.08, c.between(0.05, 0.4), 0.03),
            rounded_box(x * 0.4, 0.15, 0.02, 0.03).at(y=-x * 0.28, z=0.075),
            corners(cylinder(0.05, 0.04, 18).at(x * 0.35, x * 0.3, -0.03)),
        )
    if kind == "gauge":
        marks = join(
            [
                plate(rectangle(0.015, 0.06), 0.02).at(z=0.32).turned(y=a)
                for a in range(-135, 136, 27)
            ]
        )
        return "Pressure gauge with dial", solids(
            plate(oval(0.5, 0.5, 44), 0.2, [oval(0.42, 0.42, 40)]),
            plate(oval(0.43, 0.43, 40), 0.1).at(y=0.03),
            marks.at(y=-0.03),
            plate([(-0.02, -0.08), (0.02, -0.08), (0, 0.32)], 0.02)
            .turned(y=c.between(-120, 120))
            .at(y=-0.04),
            cylinder(0.07, 0.25, 18).at(z=-0.72),
            prism(6, 0.13, 0.1).at(z=-0.6),
        )
    if kind == "thermometer":
        return "Digital thermometer with probe", solids(
            rounded_box(0.3, 0.12, 0.9, 0.05, 0.03),
            plate(rounded_rectangle(0.2, 0.22, 0.03), 0.02).at(y=-0.06, z=0.65),
            tube([(0, 0, 0), (0, 0, -0.6)], [0.05, 0.03]),
            plate(oval(0.05, 0.05, 18), 0.03).at(y=-0.06, z=0.35),
        )
    if kind == "tape":
        return "Tape measure with hook", solids(
            plate(rounded_rectangle(0.6, 0.6, c.between(0.1, 0.28)), 0.3),
            plate(oval(0.2, 0.2, 36), 0.33),
            box(0.35, 0.18, 0.01).at(0.45, 0, -0.26),
            box(0.02, 0.2, 0.08).at(0.62, 0, -0.32),
        )
    if kind == "level":
        return "Spirit level", solids(
            plate(
                rounded_rectangle(1.6, 0.25, 0.03),
                0.12,
                [
                    rounded_rectangle(0.25, 0.12, 0.05),
                    oval(0.08, 0.08, 20) + [0.6, 0],
                    oval(0.08, 0.08, 20) - [0.6, 0],
                ],
            ),
            cylinder(0.035, 0.24, 18).turned(y=90).at(-0.12),
            cylinder(0.03, 0.15, 18).at(0.6, 0, -0.075),
        )
    return "Vernier caliper", solids(
        plate([(-0.2, 0.05), (1.4, 0.05), (1.4, 0.18), (-0.2, 0.18)], 0.05),
        plate([(-0.2, 0.05), (-0.02, 0.05), (0, -0.4), (-0.05, -0.42)], 0.05),
        plate([(0.1, 0.03), (0.4, 0.03), (0.4, 0.2), (0.1, 0.2)], 0.07),
        plate([(0.1, 0.05), (0.3, 0.05), (0.12, -0.42), (0.08, -0.4)], 0.05),
    )


@product("10-05")
def sensor(c: Chance) -> tuple[str, list[Part]]:
    if c.some():
        r, h = 0.5, c.between(0.15, 0.3)
        slots = radial(box(0.14, 0.05, 0.05).at(r * 0.9, 0, h * 0.4), c.whole(10, 20))
        return c.one_of("Smoke detector with vents", "Ceiling sensor"), solids(
            lathe(
                [(0, 0), (r, 0), (r * 0.9, h * 0.6), (r * c.between(0.4, 0.7), h), (0, h)], 44
            ).turned(x=180),
            slots.turned(x=180),
            cylinder(0.08, h + 0.03, 20).turned(x=180),
        )
    arm = tube(spline([(0, 0, 0), (0, -0.2, 0), (0, -0.3, 0.15)], 12), 0.05)
    return "Surveillance camera on a bracket", solids(
        cylinder(0.2, 0.05, 32).turned(x=90),
        arm,
        cylinder(0.16, 0.6, 32).turned(x=90).at(y=-0.05, z=0.3),
        cylinder(0.1, 0.05, 28).turned(x=90).at(y=-0.64, z=0.3),
        side_plate([(-0.8, 0.2), (0, 0.2), (0, 0.23), (-0.8, 0.23)], 0.36).at(z=0.27),
    )


@product("10-06")
def signal(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("traffic", "bell", "cone", "beacon")
    if kind == "traffic":
        n = c.whole(2, 3)
        hood = join(
            [
                cylinder(0.13, 0.05, 28).turned(x=90).at(y=-0.12),
                lathe([(0.15, 0), (0.165, 0), (0.165, 0.2), (0.15, 0.2)], 28, closed=True)
                .turned(x=90)
                .at(y=-0.1),
            ]
        )
        return "Traffic signal with hoods", solids(
            rounded_box(0.4, 0.24, 0.4 * n, 0.05),
            row(hood, n, z=0.38).at(z=0.2 * n),
            cylinder(0.05, 0.8, 16).at(z=-0.8),
        )
    if kind == "bell":
        return "Bell with handle", solids(
            lathe(
                [
                    *spline([(0.5, 0), (0.35, 0.2), (0.3, 0.5), (0.1, 0.62)], 18),
                    (0, 0.63),
                    (0, 0.58),
                    *(spline([(0.1, 0.58), (0.27, 0.48), (0.32, 0.2), (0.46, 0)], 14)),
                ],
                40,
            ),
            lathe([(0, 0.6), (0.05, 0.62), (0.03, 0.8), (0.08, 1.0), (0, 1.1)], 24),
            ellipsoid(0.07, 0.07, 0.07, 16).at(z=0.04),
        )
    if kind == "cone":
        return "Traffic cone with square base", solids(
            lathe([(0, 0.04), (0.28, 0.04), (0.05, 0.9), (0, 0.9)], 36),
            rounded_box(0.8, 0.8, 0.05, 0.08),
            *(
                lathe(
                    [
                        (0.235 - 0.2 * k, 0.25 + 0.27 * k),
                        (0.24 - 0.075 * k, 0.25 + 0.27 * k),
                        (0.2 - 0.075 * k, 0.38 + 0.27 * k),
                        (0.19 - 0.075 * k, 0.38 + 0.27 * k),
                    ],
                    36,
                    closed=True,
                )
                for k in (0,)
            ),
        )
    return "Warning beacon with ribbed lens", solids(
        cylinder(0.35, 0.2, 40),
        lathe([(0, 0.2), (0.3, 0.2), (0.28, 0.6), (0.15, 0.72), (0, 0.75)], 40),
        *(torus(0.295 - 0.005 * k, 0.02, 40, 8).at(z=0.28 + 0.1 * k) for k in range(4)),
    )


@product("16-01")
def camera(c: Chance) -> tuple[str, list[Part]]:
    x, y, z = 0.9, c.between(0.25, 0.4), c.between(0.5, 0.62)
    r = c.between(0.17, 0.24)
    length = c.between(0.15, 0.6)
    lens = [
        cylinder(r, length * 0.5, 40).turned(x=90).at(y=-y / 2, z=z * 0.47),
        cylinder(r * 0.9, length, 40).turned(x=90).at(y=-y / 2, z=z * 0.47),
        lathe(
            [
                (r * 0.65, length),
                (r * 0.85, length),
                (r * 0.85, length + 0.03),
                (r * 0.65, length + 0.03),
            ],
            36,
            closed=True,
        )
        .turned(x=90)
        .at(y=-y / 2, z=z * 0.47),
        radial(box(0.02, 0.05, length * 0.4).at(r, 0, 0.03), 24)
        .turned(x=90)
        .at(y=-y / 2, z=z * 0.47),
    ]
    hump = (
        [plate([(-0.2, 0), (0.2, 0), (0.12, 0.14), (-0.12, 0.14)], y * 0.9).at(z=z)]
        if c.some(0.6)
        else []
    )
    return (
        f"{c.one_of('Camera', 'Digital camera', 'Photographic camera')} with {'viewfinder hump' if hump else 'interchangeable lens'}",
        solids(
            rounded_box(x, y, z, c.between(0.03, 0.12), 0.02),
            *lens,
            *hump,
            cylinder(0.06, 0.05, 24).at(-0.32, 0, z),
            cylinder(0.08, 0.04, 28).at(0.3, 0, z),
            plate(rectangle(0.5, 0.33), 0.02).at(y=y / 2, z=z * 0.5),
        ),
    )


@product("16-02")
def projector(c: Chance) -> tuple[str, list[Part]]:
    x, y, z = 1, c.between(0.7, 0.9), c.between(0.25, 0.35)
    return "Projector with lens", solids(
        rounded_box(x, y, z, 0.08, 0.03),
        cylinder(0.13, 0.15, 36).turned(x=90).at(c.between(-0.3, 0.3), -y / 2 + 0.05, z * 0.5),
        row(plate(rectangle(0.3, 0.015), 0.03).at(0.25, -y / 2, z * 0.5), 5, z=0.035),
        row(cylinder(0.03, 0.02, 16).at(0, 0.1, z), 4, x=0.1),
        corners(cylinder(0.04, 0.05, 16).at(0.4, y * 0.4, -0.05)),
    )


@product("16-05")
def tripod(c: Chance) -> tuple[str, list[Part]]:
    leg = join(
        [tube([(0.05, 0, 1), (0.32, 0, 0.45)], 0.03), tube([(0.3, 0, 0.5), (0.55, 0, 0)], 0.022)]
    )
    return "Tripod with telescopic legs", solids(
        radial(leg, 3, 90),
        cylinder(0.03, 0.5, 16).at(z=0.75),
        cylinder(0.07, 0.08, 24).at(z=0.95),
        ellipsoid(0.07, 0.07, 0.07, 20).at(z=1.28),
        box(0.16, 0.16, 0.03).at(z=1.33),
        tube([(0, 0, 1.28), (0.05, 0.35, 1.15)], 0.015),
    )


@product("16-06")
def glasses(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("round", "rectangular", "aviator", "cat-eye", "oval")
    w, h = c.between(0.22, 0.28), c.between(0.14, 0.22)
    outline = {
        "round": oval(h, h, 36),
        "oval": oval(w * 0.95, h * 0.8, 36),
        "rectangular": rounded_rectangle(2 * w, 1.6 * h, 0.08, 8),
        "aviator": spline(
            [(-0.22, 0.12), (0.2, 0.16), (0.25, 0), (0.1, -0.2), (-0.1, -0.16), (-0.22, -0.02)],
            40,
            closed=True,
        ),
        "cat-eye": spline(
            [(-0.22, 0.06), (0, 0.1), (0.3, 0.18), (0.22, -0.06), (0.05, -0.15), (-0.16, -0.1)],
            40,
            closed=True,
        ),
    }[kind]
    t = c.between(0.86, 0.94)
    rim = plate(outline + [0.3, 0], 0.04, [outline * t + [0.3, 0]])
    lens = plate(outline * t + [0.3, 0], 0.01)
    reach = float(outline[:, 0].max()) + 0.3
    temple = tube(
        spline(
            [
                (reach - 0.03, 0, 0.07),
                (reach + 0.02, 0.1, 0.07),
                (reach + 0.02, 0.75, 0.06),
                (reach, 0.95, -0.1),
            ],
            22,
        ),
        1,
        section=rounded_rectangle(0.025, c.between(0.03, 0.1), 0.01, 3),
    )
    bridge = tube(spline([(-0.1, 0, 0.05), (0, 0, 0.09), (0.1, 0, 0.05)], 12), 0.02)
    name = c.one_of("Eyeglasses", "Sunglasses", "Spectacles")
    if c.some(0.2):
        strap = tube(
            spline(
                [(0.5, 0.05, 0), (0.55, 0.5, 0), (0, 0.9, 0), (-0.55, 0.5, 0), (-0.5, 0.05, 0)], 30
            ),
            1,
            section=rectangle(0.02, 0.1),
        )
        shell = superellipsoid(0.52, 0.16, 0.24, 4, 4)
        return "Protective goggles with strap", solids(
            shell, plate(rounded_rectangle(0.85, 0.36, 0.15), 0.34), strap
        )
    return f"{name} with {kind} lenses", solids(pair(rim), pair(lens), pair(temple), bridge)


@product("16-06")
def telescope(c: Chance) -> tuple[str, list[Part]]:
    if c.some():
        barrel = lathe([(0, 0), (0.12, 0), (0.13, 0.2), (0.2, 0.4), (0.2, 0.7), (0, 0.7)], 32)
        return "Binoculars with two barrels", [
            Part(m.turned(x=90))
            for m in (
                pair(barrel.at(0.24)),
                box(0.2, 0.08, 0.3).at(z=0.2),
                cylinder(0.05, 0.1, 24).at(z=0.1),
            )
        ]
    tube_ = lathe(
        [
            (0, 0),
            (0.05, 0),
            (0.05, 0.2),
            (0.09, 0.22),
            (0.09, 0.7),
            (0.12, 0.72),
            (0.12, 1.2),
            (0.1, 1.2),
            (0.1, 1.15),
            (0, 1.15),
        ],
        32,
    )
    leg = tube([(0, 0, 0), (0.35, 0, -0.8)], 0.025)
    return "Telescope on a tripod", solids(
        tube_.at(z=-0.6).turned(x=60), radial(leg, 3, 30), cylinder(0.06, 0.1, 20).at(z=-0.08)
    )


@product("17-01")
def piano(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(14, 28)
    x = 1.5
    white = row(box(x / n * 0.94, 0.25, 0.04), n, x=x / n)
    black = join(
        [
            box(x / n * 0.5, 0.15, 0.05).at(x / n * (k - n / 2 + 1), 0.05, 0.02)
            for k in range(n - 1)
            if k % 7 not in (2, 6)
        ]
    )
    if c.some():
        return "Electronic keyboard with stand", solids(
            box(x + 0.15, 0.45, 0.1).at(y=0.1, z=-0.1),
            white,
            black,
            row(cylinder(0.03, 0.03, 16).at(y=0.28), 6, x=0.1),
            pair(tube([(0.6, -0.15, -0.9), (-0.5, 0.2, -0.1)], 0.02)),
        )
    return "Upright piano", solids(
        box(x + 0.15, 0.35, 1.1).at(y=0.3, z=-0.65),
        box(x + 0.15, 0.35, 0.1).at(z=-0.12),
        white,
        black,
        pair(tube([(0.7, -0.12, -0.65), (0.7, -0.12, -0.1)], 0.04)),
        row(box(0.06, 0.12, 0.02).at(y=0.08, z=-0.58), 2, x=0.12),
    )


@product("17-02")
def horn(c: Chance) -> tuple[str, list[Part]]:
    if c.some():
        body = lathe(
            [(0, 0), (0.05, 0), (0.04, 0.1), (0.045, 1.0), (0.06, 1.1), (0.06, 1.25), (0, 1.25)], 24
        )
        return "Flute with keys", [
            Part(m.turned(y=90))
            for m in (
                body,
                row(cylinder(0.025, 0.03, 14).turned(y=90).at(0.03), c.whole(6, 10), z=0.1).at(
                    z=0.6
                ),
                torus(0.05, 0.012, 24, 8).at(z=0.3),
            )
        ]
    path = [
        (-0.9, 0, 0.15),
        (0.5, 0, 0.15),
        (0.68, 0, 0),
        (0.5, 0, -0.15),
        (-0.3, 0, -0.15),
        (-0.45, 0, 0),
        (-0.3, 0, 0.1),
        (0.6, 0, 0.1),
        (1.1, 0, 0.1),
    ]
    radii = np.concatenate(
        [np.full(36, 0.025), np.linspace(0.025, 0.06, 8), [0.075, 0.1, 0.15, 0.24]]
    )
    valves = row(cylinder(0.05, 0.35, 20).at(z=-0.15), 3, x=0.13)
    return "Trumpet with three valves", solids(
        tube(spline(path, 48), radii),
        valves,
        row(cylinder(0.03, 0.08, 16).at(z=0.2), 3, x=0.13),
        cylinder(0.05, 0.06, 20, top=0.03).turned(y=90).at(-0.95, 0, 0.15),
    )


@product("17-03")
def guitar(c: Chance) -> tuple[str, list[Part]]:
    a, b, waist = c.between(0.3, 0.36), c.between(0.22, 0.27), c.between(0.17, 0.22)
    half = spline(
        [(0, 0), (a * 0.8, 0.05), (a, 0.25), (waist, 0.5), (b, 0.72), (b * 0.6, 0.87), (0, 0.9)], 26
    )
    outline = np.concatenate([half, (half * [-1, 1])[::-1][1:-1]])
    violin = c.some(0.35)
    neck_w = 0.05
    strings = row(tube([(0, -0.09, 0.3), (0, -0.09, 1.6)], 0.003, 5), 4 if violin else 6, x=0.015)
    hole = (
        []
        if violin
        else [plate(oval(0.1, 0.1, 30), 0.01, [oval(0.085, 0.085, 30)]).at(y=-0.055, z=0.6)]
    )
    return (
        "Violin with pegs"
        if violin
        else c.one_of("Guitar with sound hole", "Acoustic guitar", "Guitar")
    ), solids(
        plate(outline, 0.1),
        plate(rectangle(neck_w, 0.85), 0.04).at(y=-0.05, z=1.2),
        plate([(-0.04, 1.6), (0.04, 1.6), (0.06, 1.85), (-0.06, 1.85)], 0.03).at(y=-0.04),
        *hole,
        box(0.15, 0.04, 0.03).at(y=-0.06, z=0.3),
        strings,
        pair(row(cylinder(0.012, 0.08, 10).turned(y=90).at(0.03, -0.04, 1.72), 3, z=0.07)),
    )


@product("17-04")
def percussion_drum(c: Chance) -> tuple[str, list[Part]]:
    r, h, n = 0.5, c.between(0.3, 0.9), c.whole(6, 10)
    lug = join(
        [box(0.05, 0.04, h * 0.5).at(r + 0.01, 0, h * 0.25), cylinder(0.012, h, 8).at(r + 0.03)]
    )
    parts = [
        cylinder(r, h, 44),
        torus(r, 0.025, 44, 10),
        torus(r, 0.025, 44, 10).at(z=h),
        radial(lug, n),
    ]
    if c.some(0.4):
        parts.append(radial(tube([(r * 0.7, 0, 0), (r * 1.1, 0, -0.6)], 0.02), 3, 90))
    return "Drum with tension lugs", solids(*parts)
