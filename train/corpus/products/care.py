"""Brushes, medical and beauty articles, smoking, fire and accident protection."""

from __future__ import annotations

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
    hollow,
    join,
    lathe,
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
    superellipsoid,
    torus,
    tube,
)


@product("04-01")
def broom(c: Chance) -> tuple[str, list[Part]]:
    w = c.between(0.25, 0.5)
    head = rounded_box(w, 0.08, 0.06, 0.03, 0.01)
    n = c.whole(8, 16)
    hair = (
        row(box(w / n * 0.7, 0.06, 0.1).tapered(1.0, 0.6), n, x=w / n * 0.95)
        .turned(x=180)
        .at(z=0.01)
    )
    if c.some(0.4):
        return "Scrubbing brush with handle", solids(
            head,
            hair,
            tube(
                spline(
                    [
                        (-w * 0.4, 0, 0.05),
                        (-w * 0.3, 0, 0.14),
                        (w * 0.3, 0, 0.14),
                        (w * 0.4, 0, 0.05),
                    ],
                    16,
                ),
                0.018,
            ),
        )
    return c.one_of("Broom with bristles", "Push broom", "Sweeping brush"), solids(
        head, hair, cylinder(0.013, c.between(0.6, 1.1), 12).turned(x=c.between(-20, 0)).at(z=0.05)
    )


@product("04-02")
def hairbrush(c: Chance) -> tuple[str, list[Part]]:
    pad = superellipsoid(0.28, 0.2, 0.06, c.between(2, 4), 2)
    pins = row(row(cylinder(0.008, 0.12, 6), 8, x=0.05), 6, y=0.05).at(z=0.04)
    handle = tube(
        spline([(0.24, 0, 0), (0.4, 0, 0), (0.8, 0, 0)], 16),
        0.045 * (1 + 0.3 * np.sin(np.linspace(0, 5, 16))),
    )
    return c.one_of("Hair brush with cushion", "Clothes brush with handle", "Hairbrush"), solids(
        pad, pins, handle
    )


@product("04-02")
def toothbrush(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(6, 10)
    handle = tube(
        spline(
            [(0, 0, 0), (0.3, 0, 0.01), (0.6, 0, c.between(-0.03, 0.03)), (1, 0, 0), (1.2, 0, 0)],
            30,
        ),
        0.05 * (0.6 + 0.5 * np.sin(np.linspace(0.3, 4, 30)) ** 2),
        section=oval(1, 0.7, 16),
    )
    hair = row(row(cylinder(0.011, 0.1, 10), n, x=0.025), 3, y=0.025).at(1.28, 0, 0.01)
    return c.one_of("Toothbrush", "Toothbrush with curved handle"), solids(
        handle, rounded_box(0.3, 0.1, 0.03, 0.045, 0.01).at(1.28, 0, -0.01), hair
    )


@product("04-04")
def paintbrush(c: Chance) -> tuple[str, list[Part]]:
    w = c.between(0.05, 0.25)
    if c.some(0.35):
        roll = cylinder(0.1, 0.55, 36).turned(y=90).at(-0.27, 0, 0.8)
        return "Paint roller with handle", solids(
            roll,
            tube([(0.35, 0, 0.8), (0.35, 0, 0.55), (0, 0, 0.45), (0, 0, 0.2)], 0.015),
            lathe([(0, -0.2), (0.05, -0.18), (0.035, 0.1), (0.04, 0.22), (0, 0.24)], 20),
        )
    handle = lathe(
        [(0, -0.6), (0.03, -0.58), (0.02, -0.3), (0.05, -0.1), (0.045, 0.02), (0, 0.02)], 20
    )
    return f"{'Flat paintbrush' if w > 0.12 else 'Paintbrush'} with ferrule", solids(
        handle.scaled(max(1, w / 0.07), 1, 1),
        rounded_box(w, 0.09, 0.15, 0.03),
        rounded_box(w * 0.95, 0.08, 0.3, 0.03).tapered(c.between(0.6, 1.1), 0.3).at(z=0.14),
    )


@product("24-01")
def hospital(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("bed", "chair", "microscope", "monitor")
    if kind == "microscope":
        return "Microscope with stage", solids(
            side_plate([(-0.3, 0), (0.35, 0), (0.35, 0.1), (-0.3, 0.1)], 0.5),
            tube(
                spline([(0, 0.25, 0.05), (0, 0.32, 0.4), (0, 0.25, 0.8), (0, 0.0, 0.9)], 20), 0.07
            ),
            cylinder(0.08, 0.5, 24).at(z=0.75),
            cylinder(0.05, 0.2, 20).at(z=1.2),
            cylinder(0.05, 0.2, 20, top=0.07).at(z=0.52),
            box(0.4, 0.4, 0.04).at(z=0.4),
            pair(cylinder(0.06, 0.06, 22).turned(y=90).at(0.07, 0.3, 0.3)),
        )
    if kind == "bed":
        return "Hospital bed with side rails", solids(
            box(0.9, 1.2, 0.1).at(y=-0.35, z=0.5),
            box(0.9, 0.8, 0.1).turned(x=35).at(y=0.55, z=0.72),
            plate(rounded_rectangle(0.95, 0.6, 0.08), 0.05).at(y=1.0, z=0.85),
            plate(rounded_rectangle(0.95, 0.45, 0.08), 0.05).at(y=-1.0, z=0.7),
            corners(cylinder(0.07, 0.05, 20).turned(y=90).at(0.38, 0.8, 0.07)),
            corners(box(0.05, 0.05, 0.4).at(0.38, 0.8, 0.1)),
            box(0.8, 1.7, 0.06).at(z=0.4),
            pair(row(tube([(0.5, -0.35, 0.75), (0.5, 0.35, 0.75)], 0.015), 3, z=0.08)),
        )
    if kind == "chair":
        return "Dental chair with headrest", solids(
            rounded_box(0.5, 0.6, 0.12, 0.1, 0.04).at(z=0.5),
            rounded_box(0.45, 0.75, 0.1, 0.1, 0.04).turned(x=50).at(y=0.42, z=0.75),
            rounded_box(0.4, 0.6, 0.1, 0.1, 0.04).turned(x=20).at(y=-0.5, z=0.4),
            rounded_box(0.22, 0.2, 0.08, 0.05, 0.03).turned(x=55).at(y=0.75, z=1.15),
            cylinder(0.12, 0.45, 28).at(z=0.05),
            cylinder(0.32, 0.06, 40),
            pair(rounded_box(0.07, 0.35, 0.05, 0.02).at(0.3, 0.05, 0.72)),
        )
    return "Patient monitor with screen", solids(
        rounded_box(0.9, 0.3, 0.7, 0.05),
        plate(rectangle(0.65, 0.5), 0.03).at(-0.06, -0.15, 0.36),
        row(plate(oval(0.03, 0.03, 16), 0.04).at(0.36, -0.15, 0.36), 4, z=0.12),
        tube(
            spline([(-0.2, 0, 0.68), (-0.15, 0, 0.82), (0.15, 0, 0.82), (0.2, 0, 0.68)], 14), 0.025
        ),
    )


@product("24-02")
def syringe(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("syringe", "stethoscope", "forceps", "tube", "flask", "scalpel", "inhaler")
    if kind == "syringe":
        r, h = 0.1, c.between(0.7, 1.0)
        pull = c.between(0.1, 0.5)
        return "Medical syringe with plunger", [
            Part(m.turned(y=90))
            for m in (
                lathe(
                    [(0, 0), (r, 0), (r, h), (0.035, h + 0.06), (0.03, h + 0.15), (0, h + 0.15)], 30
                ),
                extrude(rounded_rectangle(0.42, 0.2, 0.08), 0.025).at(z=-0.02),
                box(0.12, 0.03, pull).at(z=-pull),
                box(0.03, 0.12, pull).at(z=-pull),
                cylinder(0.13, 0.025, 28).at(z=-pull - 0.02),
                cylinder(0.008, 0.4, 8).at(z=h + 0.14),
                *(torus(r, 0.004, 30, 6).at(z=h * k / 8) for k in range(2, 7)),
            )
        ]
    if kind == "stethoscope":
        yoke = tube(spline([(0.15, 0, 0.9), (0.22, 0, 0.6), (0.05, 0, 0.3), (0, 0, 0.1)], 18), 0.02)
        return "Stethoscope", solids(
            pair(yoke),
            pair(ellipsoid(0.035, 0.03, 0.04).at(0.15, 0, 0.92)),
            tube(spline([(0, 0, 0.1), (0, 0, -0.3), (0.2, 0, -0.6), (0.4, 0, -0.4)], 22), 0.022),
            lathe([(0, 0), (0.15, 0), (0.15, 0.04), (0.06, 0.08), (0, 0.08)], 32)
            .turned(x=90)
            .at(0.42, 0.0, -0.32),
        )
    if kind == "forceps":
        arm = tube(
            spline([(0.01, 0, 0.0), (0.09, 0, 0.5), (0.02, 0, 1.1)], 18),
            1,
            section=rounded_rectangle(0.025, 0.07, 0.01, 3),
        )
        return "Tweezers with curved arms", solids(pair(arm), box(0.06, 0.07, 0.05).at(z=-0.03))
    if kind == "tube":
        n = c.whole(3, 6)
        return f"Test tube rack with {n} tubes", solids(
            *(extrude(rectangle(0.25 * n + 0.1, 0.3), 0.04).at(z=z) for z in (0, 0.45)),
            pair(box(0.04, 0.3, 0.5).at(0.125 * n + 0.04)),
            row(hollow([(0, 0.05), (0.05, 0.06), (0.08, 0.12), (0.08, 0.9)], 0.012, 24), n, x=0.25),
        )
    if kind == "flask":
        return c.one_of("Laboratory flask, conical", "Laboratory flask"), solids(
            hollow(
                [
                    (0, 0),
                    (0.42, 0),
                    (0.45, 0.05),
                    (0.12, 0.6),
                    (0.11, 0.9),
                    (0.15, 0.92),
                    (0.15, 0.95),
                ],
                0.02,
                40,
            )
            if c.some()
            else hollow(
                [
                    (0, 0),
                    (0.2, 0.01),
                    *(arc(0.4, -60, 70, 14) + [0, 0.4]),
                    (0.11, 0.85),
                    (0.11, 1.1),
                    (0.14, 1.12),
                ],
                0.02,
                40,
            )
        )
    if kind == "scalpel":
        return "Scalpel with handle", solids(
            plate([(0, -0.04), (0.9, -0.05), (0.9, 0.05), (0, 0.04)], 0.05),
            plate(
                spline([(0, 0.035), (-0.2, 0.05), (-0.4, -0.03), (-0.2, -0.07), (0, -0.035)], 24),
                0.015,
            ),
            row(box(0.02, 0.06, 0.08).at(0.3, 0, -0.04), 8, x=0.04),
        )
    return "Inhaler with mouthpiece", solids(
        rounded_box(0.3, 0.25, 0.8, 0.1, 0.03),
        tube([(0, -0.05, 0.1), (0, -0.4, 0.05)], 1, section=rounded_rectangle(0.26, 0.2, 0.08, 4)),
        cylinder(0.1, 0.3, 28).at(z=0.75),
    )


@product("24-05")
def crutch(c: Chance) -> tuple[str, list[Part]]:
    if c.some():
        return "Walking frame with grips", solids(
            pair(
                join(
                    [
                        tube(
                            spline(
                                [
                                    (0.35, -0.3, 0),
                                    (0.33, -0.25, 0.85),
                                    (0.33, 0, 0.92),
                                    (0.33, 0.25, 0.85),
                                    (0.35, 0.3, 0),
                                ],
                                30,
                            ),
                            0.02,
                        ),
                        tube([(0.345, -0.27, 0.4), (0.345, 0.27, 0.4)], 0.016),
                        tube([(0.33, -0.12, 0.9), (0.33, 0.14, 0.9)], 0.03),
                    ]
                )
            ),
            tube([(-0.33, 0.25, 0.7), (0.33, 0.25, 0.7)], 0.018),
            tube([(-0.34, 0.28, 0.35), (0.34, 0.28, 0.35)], 0.018),
        )
    return c.one_of("Crutch with forearm cuff", "Walking aid with cuff"), solids(
        tube([(0, 0, 0), (0, 0, 1), (0, 0.1, 1.35)], 0.02),
        tube([(0, 0.02, 1.0), (0, -0.2, 1.0)], 0.025),
        lathe([(0.07, 1.3), (0.075, 1.3), (0.075, 1.4), (0.07, 1.4)], 28, closed=True).at(y=0.05),
        cylinder(0.035, 0.06, 18).at(z=-0.03),
    )


@product("27-02")
def pipe(c: Chance) -> tuple[str, list[Part]]:
    bend = c.between(0, 0.35)
    stem = tube(
        spline(
            [(0.08, 0, 0.05), (0.4, 0, 0.1), (0.8, 0, 0.1 + bend), (1.1, 0, 0.08 + bend * 1.6)], 26
        ),
        np.linspace(0.07, 0.03, 26),
    )
    return f"Smoking pipe with {'bent' if bend > 0.15 else 'straight'} stem", solids(
        hollow([(0, -0.12), (0.12, -0.08), (0.18, 0.05), (0.17, 0.35)], 0.05, 32), stem
    )


@product("27-03")
def ashtray(c: Chance) -> tuple[str, list[Part]]:
    n = c.one_of(4, 6, 8, 40)
    r = 0.5
    notch = c.whole(3, 4)
    return f"Ashtray with {notch} rests", solids(
        hollow([(0, 0), (r * 0.9, 0), (r, 0.22)], 0.1, n),
        radial(cylinder(0.05, 0.13, 14).turned(y=90).at(r * 0.86, 0, 0.22), notch, 30),
    )


@product("27-05")
def lighter(c: Chance) -> tuple[str, list[Part]]:
    if c.some():
        return "Lighter with hinged cap", solids(
            rounded_box(0.36, 0.13, 0.42, 0.04),
            rounded_box(0.36, 0.13, 0.18, 0.04, 0.02).at(z=0.43),
            box(0.03, 0.14, 0.06).at(-0.18, 0, 0.39),
        )
    return "Disposable lighter", solids(
        tube([(0, 0, 0), (0, 0, 0.8)], 1, section=oval(0.16, 0.09, 30)),
        cylinder(0.07, 0.06, 26).turned(y=90).at(-0.03, 0, 0.88),
        plate([(-0.12, 0.8), (0.05, 0.8), (0.05, 1.0), (-0.08, 1.0)], 0.13),
        box(0.1, 0.1, 0.04).at(0.1, 0, 0.84),
    )


@product("27-07")
def vape(c: Chance) -> tuple[str, list[Part]]:
    if c.some():
        return "Electronic cigarette, pen-shaped", solids(
            *(
                m.turned(y=90)
                for m in (
                    cylinder(0.06, 1.1, 32),
                    cylinder(0.065, 0.04, 32).at(z=0.75),
                    lathe([(0, 1.1), (0.06, 1.1), (0.04, 1.25), (0.045, 1.35), (0, 1.35)], 28),
                )
            ),
            rounded_box(0.12, 0.05, 0.02, 0.02).at(0.45, 0, 0.055),
        )
    return "Electronic cigarette with box body", solids(
        rounded_box(0.45, 0.2, 0.8, 0.07, 0.03),
        plate(rectangle(0.2, 0.28), 0.02).at(y=-0.1, z=0.45),
        cylinder(0.1, 0.3, 30).at(0.08, 0, 0.79),
        cylinder(0.05, 0.14, 20, top=0.065).at(0.08, 0, 1.08),
        plate(oval(0.06, 0.06, 20), 0.03).at(y=-0.1, z=0.18),
    )


@product("28-01")
def pill(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("capsule", "tablet", "oval", "blister")
    if kind == "blister":
        n, m = c.whole(2, 5), 2
        return f"Blister pack with {n * m} tablets", solids(
            rounded_box(0.3 * n + 0.1, 0.75, 0.015, 0.06),
            row(row(superellipsoid(0.11, 0.11, 0.08, 2, 2.5).at(z=0.01), n, x=0.3), m, y=0.32),
        )
    if kind == "capsule":
        return "Capsule of two halves", solids(
            superellipsoid(0.2, 0.2, 0.55, 2, 5).turned(y=90),
            cylinder(0.207, 0.4, 36).turned(y=90).at(0.0),
        )
    if kind == "tablet":
        return "Pharmaceutical tablet with score line", solids(
            lathe([(0, 0), (0.42, 0.05), (0.45, 0.08), (0.45, 0.2), (0.42, 0.23), (0, 0.28)], 44),
            box(0.8, 0.03, 0.02).at(z=0.265),
        )
    return "Pharmaceutical tablet, oblong", solids(
        superellipsoid(0.5, 0.22, 0.16, c.between(2, 4), 2.5),
        *([box(0.03, 0.4, 0.02).at(z=0.15)] if c.some() else []),
    )


@product("28-02")
def cosmetic(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("lipstick", "compact", "soap", "mascara")
    if kind == "lipstick":
        bullet = cylinder(0.12, 0.45, 28).changed(
            lambda v: (
                v
                - np.column_stack(
                    [0 * v[:, 0], 0 * v[:, 0], np.where(v[:, 2] > 0.3, (v[:, 0] + 0.12) * 0.8, 0)]
                )
            )
        )
        return "Lipstick, opened", solids(
            c.one_of(cylinder(0.2, 0.6, 36), box(0.36, 0.36, 0.6), prism(8, 0.2, 0.6)),
            cylinder(0.15, 0.25, 32).at(z=0.58),
            bullet.at(z=0.8),
        )
    if kind == "compact":
        r = 0.5
        lid = (
            join([cylinder(r, 0.06, 44), cylinder(r * 0.85, 0.01, 44).at(z=-0.008)])
            .turned(x=c.between(60, 110))
            .at(y=0.5, z=0.12)
        )
        return "Cosmetic compact with mirror", solids(
            cylinder(r, 0.1, 44), cylinder(r * 0.85, 0.02, 44).at(z=0.095), lid.at(z=0.45)
        )
    if kind == "soap":
        return c.one_of("Soap bar", "Soap bar with embossed oval"), solids(
            superellipsoid(0.5, 0.32, 0.14, c.between(2, 5), c.between(2, 4)),
            extrude(oval(0.25, 0.14, 30), 0.06).at(z=0.09),
        )
    return "Mascara wand", [
        Part(m.turned(y=60))
        for m in (
            cylinder(0.08, 0.6, 28),
            cylinder(0.012, 0.5, 10).at(z=0.58),
            lathe([(0, 0.85), (0.04, 0.88), (0.05, 1.05), (0.03, 1.2), (0, 1.22)], 24),
            *(torus(0.045, 0.008, 20, 6).at(z=0.9 + 0.035 * k) for k in range(8)),
        )
    ]


@product("28-03")
def toilet_article(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("comb", "razor", "dryer", "clipper", "shaver", "file", "trimmer")
    if kind == "comb":
        n = c.whole(14, 30)
        tooth = box(0.9 / n * 0.45, 0.03, 0.25)
        handle = c.some()
        return f"Comb{' with handle' if handle else ''}", solids(
            plate(rounded_rectangle(1, 0.15, 0.06), 0.05).at(z=0.3),
            row(tooth, n, x=0.9 / n),
            *(
                [plate(rounded_rectangle(0.7, 0.09, 0.04), 0.05).at(0.8, 0, 0.33)]
                if handle
                else [pair(box(0.04, 0.04, 0.28).at(0.48))]
            ),
        )
    if kind == "razor":
        n = c.whole(2, 5)
        head = join(
            [rounded_box(0.42, 0.09, 0.2, 0.02), row(box(0.36, 0.1, 0.012).at(z=0.1), n, z=0.03)]
        )
        grip = tube(
            spline(
                [(0, 0, 0), (0, 0.05, -0.3), (0, c.between(-0.05, 0.08), -0.7), (0, 0.03, -1.1)], 26
            ),
            0.045 * (1 + 0.3 * np.sin(np.linspace(0, 7, 26))),
        )
        return f"Razor with {n} blades", solids(
            head, grip, row(box(0.07, 0.03, 0.02).at(0, -0.02, -0.45), 5, z=0.04)
        )
    if kind == "dryer":
        return "Hair dryer with concentrator nozzle", [
            Part(m.turned(z=90))
            for m in (
                lathe([(0, 0), (0.2, 0), (0.24, 0.15), (0.17, 0.6), (0.15, 0.7), (0, 0.7)], 36)
                .turned(x=90)
                .at(y=0.3),
                tube(
                    [(0, -0.4, 0), (0, -0.65, 0)], 1, section=rounded_rectangle(0.32, 0.12, 0.04, 4)
                ),
                tube([(0, 0.05, -0.1), (0, c.between(0.05, 0.25), -0.8)], [0.1, 0.08]),
                row(
                    lathe([(0.19, 0), (0.2, 0), (0.2, 0.01), (0.19, 0.01)], 36, closed=True)
                    .turned(x=90)
                    .at(y=0.31),
                    1,
                ),
                box(0.04, 0.04, 0.12).at(y=-0.04, z=-0.35),
            )
        ]
    if kind == "clipper":
        return "Nail clipper with lever", solids(
            side_plate([(-0.5, 0), (0.5, 0), (0.5, 0.03), (-0.5, 0.03)], 0.14).turned(x=4),
            side_plate([(-0.5, 0.1), (0.5, 0.06), (0.5, 0.09), (-0.5, 0.13)], 0.14),
            side_plate([(-0.45, 0.2), (0.45, 0.13), (0.45, 0.17), (-0.3, 0.27)], 0.11),
            cylinder(0.03, 0.25, 16).at(y=-0.4),
        )
    if kind == "shaver":
        return "Electric shaver with three heads", solids(
            superellipsoid(0.22, 0.15, 0.5, 3, 4),
            tube([(0, 0, 0.4), (0, -0.05, 0.6)], 0.1),
            lathe([(0, 0), (0.28, 0), (0.25, 0.1), (0, 0.1)], 3).turned(z=30).at(y=-0.05, z=0.58),
            radial(cylinder(0.1, 0.04, 28).at(0.12), 3, 30).at(y=-0.05, z=0.67),
            plate(oval(0.05, 0.08, 24), 0.03).at(y=-0.15, z=0.05),
        )
    if kind == "trimmer":
        n = 12
        return "Hair clipper with comb blade", solids(
            tube(
                spline([(0, 0, -0.6), (0, 0.02, -0.1), (0, 0, 0.4)], 20),
                1,
                section=rounded_rectangle(0.3, 0.22, 0.08, 4),
            ),
            box(0.36, 0.1, 0.1).at(z=0.4),
            row(box(0.018, 0.06, 0.1).at(z=0.48), n, x=0.03),
            box(0.05, 0.04, 0.14).at(y=-0.11, z=0.1),
        )
    return "Hand mirror with handle", solids(
        plate(oval(0.36, 0.42, 44), 0.06, [oval(0.3, 0.36, 44)]).at(z=0.5),
        plate(oval(0.3, 0.36, 44), 0.03).at(z=0.5),
        tube(
            spline([(0, 0, 0.1), (0, 0, -0.1), (0, 0, -0.6)], 14),
            0.045 * (1 + 0.3 * np.sin(np.linspace(0, 5, 14))),
        ),
    )


@product("29-01")
def extinguisher(c: Chance) -> tuple[str, list[Part]]:
    return "Fire extinguisher with hose", solids(
        lathe([(0, 0), (0.2, 0), (0.2, 0.75), (0.1, 0.9), (0.06, 0.92), (0.06, 1.0), (0, 1.0)], 40),
        side_plate([(-0.28, 1.12), (0.05, 1.02), (0.05, 1.06), (-0.28, 1.17)], 0.05),
        side_plate([(-0.28, 1.02), (0.05, 0.98), (0.05, 1.01), (-0.28, 1.06)], 0.05),
        tube(spline([(0.05, 0, 1.0), (0.3, 0, 0.95), (0.28, 0, 0.5), (0.24, 0, 0.25)], 22), 0.025),
        cylinder(0.04, 0.2, 18, top=0.06).turned(x=180).at(0.24, 0, 0.28),
        plate(oval(0.04, 0.04, 20), 0.05).at(y=-0.07, z=1.0),
        torus(0.2, 0.01).at(z=0.5),
    )


@product("29-02")
def helmet(c: Chance) -> tuple[str, list[Part]]:
    if c.some(0.6):
        n = c.whole(0, 5)
        shell = lathe(
            [(0, 0), (0.5, 0), *(arc(1, 6, 86, 14) * [0.5, 0.45]), (0, 0.455)], 40
        ).scaled(0.85, 1.1, 1)
        ridges = [
            tube(
                np.column_stack(
                    [
                        np.full(18, 0.1 * (k - (n - 1) / 2)),
                        arc(0.55, 10, 170, 18)[:, 0],
                        arc(0.46, 10, 170, 18)[:, 1],
                    ]
                ),
                0.02,
                8,
            )
            for k in range(n)
        ]
        brim = extrude(oval(0.47, 0.62, 40), 0.025)
        return f"Safety helmet with {'ribs and ' if n else ''}brim", solids(shell, *ridges, brim)
    return "Respirator mask with two filters", solids(
        superellipsoid(0.25, 0.18, 0.3, 2.5, 2.2),
        pair(cylinder(0.15, 0.1, 32).turned(x=90).turned(z=35).at(0.25, -0.12, -0.12)),
        cylinder(0.07, 0.08, 24).turned(x=90).at(y=-0.14, z=-0.05),
        tube(
            spline(
                [
                    (0.22, 0.05, 0.1),
                    (0.4, 0.4, 0.15),
                    (0, 0.75, 0.2),
                    (-0.4, 0.4, 0.15),
                    (-0.22, 0.05, 0.1),
                ],
                30,
            ),
            1,
            section=rectangle(0.015, 0.06),
        ),
    )
