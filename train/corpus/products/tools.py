"""Hand tools, locks, handles and fasteners."""

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
    regular,
    rounded_box,
    rounded_rectangle,
    side_plate,
    spline,
    torus,
    tube,
)


@product("08-01")
def digging(c: Chance) -> tuple[str, list[Part]]:
    if c.some(0.4):
        body = rounded_box(0.22, 0.5, 0.2, 0.09, 0.06)
        grip = side_plate([(0.05, 0.05), (0.22, 0.05), (0.28, -0.45), (0.1, -0.48)], 0.13)
        chuck = lathe([(0, 0), (0.08, 0), (0.07, 0.12), (0.04, 0.2), (0, 0.2)], 28).turned(x=90)
        return "Cordless drill with pistol grip", solids(
            body,
            grip,
            chuck.at(y=-0.24, z=0.1),
            cylinder(0.012, 0.3, 10).turned(x=90).at(y=-0.42, z=0.1),
            rounded_box(0.2, 0.32, 0.12, 0.04, 0.02).at(y=0.2, z=-0.58),
            box(0.05, 0.05, 0.1).at(y=0.06, z=-0.1),
        )
    w = c.between(0.2, 0.32)
    spade = plate(
        spline(
            [
                (-w / 2, 0.4),
                (-w / 2, 0),
                (0, -0.2 if c.some() else -0.05),
                (w / 2, 0),
                (w / 2, 0.4),
            ],
            30,
        ),
        0.02,
    ).changed(lambda v: v + np.column_stack([0 * v[:, 0], -0.6 * v[:, 0] ** 2, 0 * v[:, 0]]))
    h = c.between(0.6, 1.4)
    return c.one_of("Shovel with D-handle", "Spade"), solids(
        spade,
        cylinder(0.025, h, 16).at(z=0.35),
        tube(
            spline(
                [
                    (0, 0, h + 0.33),
                    (0.09, 0, h + 0.42),
                    (0.09, 0, h + 0.5),
                    (-0.09, 0, h + 0.5),
                    (-0.09, 0, h + 0.42),
                    (0, 0, h + 0.33),
                ],
                26,
            ),
            0.018,
        ),
    )


@product("08-02")
def hammer(c: Chance) -> tuple[str, list[Part]]:
    length = c.between(0.8, 1.2)
    handle = tube(
        spline([(0, 0, 0), (0, 0, length * 0.4), (0, 0, length)], 16),
        0.045 * (1 + 0.35 * np.cos(np.linspace(0, 3.5, 16))),
        section=oval(1.1, 0.8, 16),
    )
    kind = c.one_of("claw", "mallet", "ball", "sledge")
    if kind == "mallet":
        head = [cylinder(0.14, 0.5, 36).turned(y=90).at(-0.25, 0, length)]
    elif kind == "sledge":
        head = [prism(8, 0.1, 0.4).turned(z=22.5).turned(y=90).at(-0.2, 0, length)]
    else:
        face = [
            cylinder(0.075, 0.07, 28).turned(y=90).at(0.19, 0, length),
            tube([(-0.06, 0, length), (0.21, 0, length)], [0.07, 0.05]),
        ]
        tail = (
            ellipsoid(0.07, 0.07, 0.07).at(-0.14, 0, length)
            if kind == "ball"
            else pair(
                tube(
                    spline(
                        [
                            (-0.04, 0.025, length),
                            (-0.2, 0.04, length + 0.01),
                            (-0.34, 0.06, length - 0.1),
                        ],
                        14,
                    ),
                    np.linspace(0.055, 0.012, 14),
                ),
                1,
            )
        )
        head = [*face, tail, box(0.13, 0.11, 0.13).at(z=length - 0.065)]
    return (
        f"{dict(claw='Claw hammer', mallet='Mallet', ball='Ball-peen hammer', sledge='Sledge hammer')[kind]}",
        solids(handle, *head),
    )


@product("08-03")
def saw(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(18, 34)
    length, w = 1.2, c.between(0.15, 0.25)
    teeth = np.array([(x, -0.03 * (k % 2)) for k, x in enumerate(np.linspace(0, length, 2 * n))])
    b = plate([*teeth, (length, w * 0.4), (0, w)], 0.012)
    handle = plate(
        spline(
            [
                (-0.35, -0.08),
                (-0.1, -0.12),
                (0.1, -0.02),
                (0.08, w),
                (-0.1, w + 0.1),
                (-0.3, w + 0.02),
            ],
            36,
            closed=True,
        ),
        0.08,
        [oval(0.06, 0.09, 20) + [-0.17, w * 0.35]],
    )
    return "Hand saw with closed handle", solids(b, handle)


@product("08-03")
def scissors(c: Chance) -> tuple[str, list[Part]]:
    length, open_ = c.between(0.7, 1.2), c.between(4, 18)
    ring = c.between(0.12, 0.18)

    def half(sign: float) -> Mesh:
        b = plate([(0, -0.05), (0.045, 0), (0.03, length * 0.6), (0.0, length), (-0.03, 0.0)], 0.02)
        arm = tube(spline([(0, 0, 0), (0.03, 0, -0.2), (0.06, 0, -0.35)], 10), 0.03)
        eye = (
            torus(ring, 0.03, 32, 12)
            .turned(x=90)
            .scaled(0.8, 1, 1.15)
            .at(0.06 + ring * 0.7, 0, -0.35 - ring)
        )
        m = join([b, arm, eye]).turned(y=open_)
        return (m if sign > 0 else m.mirrored(0)).at(y=0.012 * sign)

    return c.one_of("Scissors", "Household scissors", "Shears"), solids(
        half(1), half(-1), cylinder(0.035, 0.06, 20).turned(x=90).at(y=0.03)
    )


@product("08-04")
def screwdriver(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(3, 10)
    h = c.between(0.35, 0.5)
    grip = lathe(
        [
            (0, 0),
            *spline(
                [(0.05, 0.005), (0.09, h * 0.25), (0.075, h * 0.6), (0.09, h * 0.85), (0.05, h)], 18
            ),
            (0, h),
        ],
        36,
    )
    flute = radial(cylinder(0.018, h * 0.55, 10).at(0.08, 0, h * 0.2), n)
    shaft = cylinder(0.022, c.between(0.4, 0.9), 16).at(z=h - 0.02)
    tip = box(0.06, 0.012, 0.1).at(z=float(shaft.bounds()[1, 2]) - 0.03)
    return c.one_of("Screwdriver with fluted handle", "Screwdriver", "Hand screwdriver"), [
        Part(m.turned(y=90)) for m in (grip, flute, shaft, tip)
    ]


@product("08-04")
def wrench(c: Chance) -> tuple[str, list[Part]]:
    r, length, w = c.between(0.13, 0.18), c.between(1, 1.5), c.between(0.05, 0.08)
    jaw = math.radians(15)
    gap = r * 0.55

    def head(x: float, sign: float, turn: float) -> list[Doubles]:
        points = np.concatenate(
            [
                arc(r, 40, 320, 28),
                [(gap * 0.7, -gap), (-gap * 0.6, -gap), (-gap * 0.6, gap), (gap * 0.7, gap)],
            ]
        )
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
    return c.one_of(name, name.replace("wrench", "spanner")), [
        Part(m.turned(x=90)) for m in (open_end, other, bar)
    ]


@product("08-05")
def pliers(c: Chance) -> tuple[str, list[Part]]:
    spread = c.between(0.12, 0.3)
    nose = c.between(0.2, 0.5)
    side = spline(
        [
            (0.0, 0.07),
            (0.06, 0.0),
            (0.03, -0.1),
            (spread * 0.8, -0.4),
            (spread, -0.8),
            (spread * 0.9, -1.0),
        ],
        26,
    )
    grip = tube(
        np.column_stack([side[:, 0], np.zeros(26), side[:, 1]]), np.linspace(0.05, 0.065, 26)
    )
    jaw = plate([(0.008, 0.02), (0.09, 0), (0.08, nose * 0.4), (0.035, nose), (0.008, nose)], 0.08)
    return (
        f"{c.one_of('Pliers', 'Combination pliers') if nose < 0.35 else 'Needle-nose pliers'} with sleeved handles",
        solids(
            pair(grip),
            pair(jaw),
            cylinder(0.11, 0.09, 32).turned(x=90).at(y=0.045),
            cylinder(0.04, 0.11, 20).turned(x=90).at(y=0.055),
        ),
    )


@product("08-06")
def door_handle(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("lever", "knob", "bar", "cup")
    if kind == "lever":
        rose = c.one_of(
            cylinder(0.1, 0.03, 36).turned(x=90),
            plate(rounded_rectangle(0.16, 0.8, 0.05), 0.03),
            plate(rounded_rectangle(0.2, 0.2, 0.02), 0.03),
        )
        grip = tube(
            spline(
                [
                    (0, 0, 0),
                    (0, -0.2, 0),
                    (0.06, -0.24, 0),
                    (0.3, -0.24, c.between(-0.05, 0.05)),
                    (0.5, c.between(-0.24, -0.18), c.between(-0.06, 0.06)),
                ],
                26,
            ),
            0.035,
            section=c.one_of(oval(1, 0.7, 16), rounded_rectangle(1.6, 1.2, 0.3, 4)),
        )
        return (
            f"{c.one_of('Door handle', 'Lever handle')} with {'long' if float(rose.bounds()[1, 2]) > 0.3 else 'round'} rose".replace(
                "long rose", "backplate"
            ),
            solids(rose, grip),
        )
    if kind == "knob":
        profile = spline(
            [
                (0.05, 0.0),
                (0.05, 0.15),
                (c.between(0.15, 0.25), 0.25),
                (c.between(0.12, 0.2), 0.4),
                (0.02, 0.44),
            ],
            20,
        )
        return c.one_of("Door knob", "Furniture knob", "Drawer knob"), solids(
            lathe([(0, 0), *profile, (0, 0.44)], 40).turned(x=90),
            cylinder(0.18, 0.03, 40).turned(x=90),
        )
    if kind == "bar":
        length = c.between(0.5, 1.2)
        return "Pull handle with two posts", solids(
            tube(
                [(-length / 2, -0.18, 0), (length / 2, -0.18, 0)],
                0.03,
                section=c.one_of(None, rounded_rectangle(2, 1.4, 0.2, 3)),
            ),
            pair(cylinder(0.022, 0.18, 16).turned(x=90).at(length * 0.38)),
        )
    # A bowl turned over; its back half is in the drawer.
    return "Cup pull", solids(
        hollow(arc(0.25, -90, 0, 12) + [0, 0.25], 0.02, 36)
        .turned(x=180)
        .scaled(1, c.between(0.6, 0.9), c.between(0.7, 1))
    )


@product("08-06")
def hinge(c: Chance) -> tuple[str, list[Part]]:
    n = c.whole(3, 5)
    h, w = c.between(0.6, 1.2), c.between(0.3, 0.5)
    holes = [
        oval(0.03, 0.03, 14) + [w * 0.6, z] for z in np.linspace(h * 0.15, h * 0.85, c.whole(2, 4))
    ]
    leaf = plate(rounded_rectangle(w, h, c.between(0.005, 0.1)) + [w / 2, h / 2], 0.025, holes)
    return "Hinge with two leaves", solids(
        leaf, leaf.mirrored(), *(cylinder(0.05, h / n * 0.97, 24).at(z=h * k / n) for k in range(n))
    )


@product("08-07")
def key(c: Chance) -> tuple[str, list[Part]]:
    r = c.between(0.18, 0.28)
    cuts = [(x, 0.06 - c.between(0, 0.07)) for x in np.linspace(0.35, 0.95, c.whole(5, 8))]
    shank = plate(
        [(0.1, -0.06), (1.0, -0.06), (1.06, 0), *[(x, z) for x, z in reversed(cuts)], (0.1, 0.07)],
        0.03,
    )
    bow = plate(
        c.one_of(oval(r, r, 32), regular(6, r), rounded_rectangle(1.6 * r, 2 * r, 0.1)),
        0.04,
        [oval(0.06, 0.06, 18) + [-r * 0.5, 0]],
    )
    return c.one_of("Key", "Key blank"), solids(shank, bow)


@product("08-07")
def padlock(c: Chance) -> tuple[str, list[Part]]:
    x, z = c.between(0.5, 0.7), c.between(0.4, 0.6)
    reach = c.between(0.1, 0.4)
    shackle = np.concatenate(
        [
            [(-x * 0.3, z * 0.9)],
            [(-x * 0.3, z + reach)],
            arc(x * 0.3, 180, 0, 16)[1:-1] + [0, z + reach],
            [(x * 0.3, z + reach)],
            [(x * 0.3, z * 0.9)],
        ]
    )
    body = c.one_of(
        rounded_box(x, 0.2, z, 0.09, 0.03),
        plate(rounded_rectangle(x, z, 0.1), 0.2).at(z=z / 2),
        cylinder(x / 2, 0.2, 36).turned(x=90).at(y=0.1, z=z / 2),
    )
    return "Padlock with shackle", solids(
        body,
        tube(np.column_stack([shackle[:, 0], np.zeros(len(shackle)), shackle[:, 1]]), 0.045),
        cylinder(0.05, 0.22, 20).turned(x=90).at(y=0.11, z=z * 0.35),
    )


@product("08-08")
def fastener(c: Chance) -> tuple[str, list[Part]]:
    kind = c.one_of("bolt", "screw", "nut", "hook", "clip", "bracket", "anchor")
    if kind in ("bolt", "screw"):
        length, n = c.between(0.6, 1.4), c.whole(8, 16)
        r = c.between(0.09, 0.14)
        threads = [
            lathe([(0, 0), (r * 0.8, 0), (r, 0.02), (r * 0.8, 0.04), (0, 0.04)], 28).at(
                z=-length + 0.045 * k
            )
            for k in range(n)
        ]
        head = (
            prism(6, r * 2, 0.15)
            if kind == "bolt"
            else lathe([(0, 0), (r * 0.8, -0.12), (r * 2, 0), (r * 1.9, 0.03), (0, 0.06)], 32)
        )
        end = (
            [] if kind == "bolt" else [cylinder(0.01, 0.12, 20, top=r * 0.75).at(z=-length - 0.12)]
        )
        slot = [] if kind == "bolt" else [box(r * 3, 0.03, 0.07), box(0.03, r * 3, 0.07)]
        return (
            "Hexagon head bolt" if kind == "bolt" else "Wood screw with countersunk head",
            solids(cylinder(r * 0.8, length, 28).at(z=-length), *threads, head, *slot, *end),
        )
    if kind == "nut":
        wing = c.some(0.4)
        if wing:
            return "Wing nut", solids(
                lathe([(0.12, 0), (0.25, 0), (0.2, 0.25), (0.12, 0.25)], 32, closed=True),
                pair(
                    plate(
                        spline(
                            [(0.15, 0.05), (0.4, 0.2), (0.5, 0.45), (0.35, 0.5), (0.18, 0.25)],
                            24,
                            closed=True,
                        ),
                        0.07,
                    )
                ),
            )
        return "Hexagon nut", solids(
            extrude(regular(6, 0.4), 0.3, [oval(0.2, 0.2, 32)]),
            *(
                [extrude(oval(0.5, 0.5, 40), 0.05, [oval(0.21, 0.21, 32)]).at(z=-0.05)]
                if c.some()
                else []
            ),
        )
    if kind == "hook":
        path = spline(
            [(0, 0, 0.5), (0, 0, 0.1), (0, -0.15, -0.1), (0, -0.35, 0), (0, -0.38, 0.2)], 24
        )
        back = plate(
            c.one_of(rounded_rectangle(0.3, 0.6, 0.1), oval(0.2, 0.32, 28)),
            0.05,
            [oval(0.03, 0.03, 14) + [0, -0.2]],
        ).at(y=0.03, z=0.35)
        return c.one_of("Wall hook", "Coat hook"), solids(tube(path, c.between(0.04, 0.07)), back)
    if kind == "clip":
        path = arc(0.3, -230, 50, 24)
        outer = np.concatenate([path, path[::-1] * 0.82])
        return "Pipe clip", solids(
            plate(outer, c.between(0.15, 0.4)), box(0.3, 0.3, 0.1).at(z=-0.38)
        )
    if kind == "bracket":
        a, b, t, w = c.between(0.5, 1), c.between(0.4, 1), 0.05, c.between(0.2, 0.5)
        angle = side_plate([(0, 0), (a, 0), (a, t), (t, t), (t, b), (0, b)], w)
        gusset = side_plate([(t, t), (a * 0.7, t), (t, b * 0.7)], 0.04)
        return "Angle bracket" + (" with gusset" if c.some() else ""), solids(
            angle,
            gusset,
            *(cylinder(0.05, 0.02, 16).at(s * w * 0.28, a * 0.75, t) for s in (-1, 1)),
        )
    n = c.whole(4, 8)
    return "Wall anchor with ribs", solids(
        lathe(
            [(0, 0), (0.1, 0.05), (0.12, 0.1), (0.12, 0.9), (0.17, 0.92), (0.17, 0.96), (0, 0.96)],
            28,
        ),
        *(torus(0.12, 0.02, 28, 8).at(z=0.15 + 0.08 * k) for k in range(n)),
    )
