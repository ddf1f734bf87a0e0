"""Solids: closed, outward, of the volume that arithmetic says; trimesh as a second opinion."""

from __future__ import annotations

import math
from collections import Counter
from itertools import product

import numpy as np
import numpy.typing as npt
import pytest
import trimesh

from train.corpus import mesh as solids
from train.corpus import procedural
from train.corpus.chance import Chance
from train.corpus.mesh import Mesh


def open_edges(mesh: Mesh) -> int:
    """Directed edges without their opposite, counted face by face: 0 of a closed solid."""
    directed: Counter[tuple[int, int]] = Counter()
    for a, b, c in mesh.faces.tolist():
        directed.update([(a, b), (b, c), (c, a)])
    return sum(abs(n - directed[(b, a)]) for (a, b), n in directed.items())


def euler(mesh: Mesh) -> int:
    """Vertices − edges + faces: 2 − 2 × holes."""
    edges = {tuple(sorted(e)) for a, b, c in mesh.faces.tolist() for e in ((a, b), (b, c), (c, a))}
    return len(np.unique(mesh.faces)) - len(edges) + len(mesh.faces)


def shoelace(polygon: npt.NDArray[np.float64]) -> float:
    total = 0.0
    for (x0, y0), (x1, y1) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        total += x0 * y1 - x1 * y0
    return abs(total) / 2


def polygon_area(sides: int, radius: float) -> float:
    return sides / 2 * radius**2 * math.sin(2 * math.pi / sides)


ELL = [(0, 0), (3, 0), (3, 1), (1, 1), (1, 2), (0, 2)]
SQUARE = [(0, 0, 0), (2, 0, 0), (2, 2, 0), (0, 2, 0)]


@pytest.mark.parametrize(
    ("made", "volume", "holes"),
    [
        (solids.box(2, 3, 4), 24.0, 0),
        (solids.prism(5, 2, 3), polygon_area(5, 2) * 3, 0),
        (solids.extrude(ELL, 2), 8.0, 0),
        (solids.extrude(ELL[::-1], 2), 8.0, 0),  # either turn
        (
            solids.extrude(
                solids.rectangle(4, 4), 2,
                [solids.rectangle(1, 1, (-1, 0)), solids.rectangle(1, 2, (1, 0))],
            ),
            (16 - 1 - 2) * 2.0, 2,
        ),
        (solids.plate(ELL, 0.5), 2.0, 0),
        (solids.side_plate(ELL, 0.5), 2.0, 0),
        (solids.cylinder(1, 2, 24), polygon_area(24, 1) * 2, 0),
        (solids.cylinder(1, 3, 24, top=0), polygon_area(24, 1), 0),  # a third of the prism
        # Frustum: h/3 (A + √(A B) + B).
        (solids.cylinder(2, 3, 16, top=1), polygon_area(16, 1) * (4 + 2 + 1), 0),
        # Pappus, with a polygon of n sides for the circle: area × mean radius × n sin(2π/n).
        (solids.torus(3, 1, 20, 10), polygon_area(10, 1) * 3 * 20 * math.sin(2 * math.pi / 20), 1),
        # Outer less inner cylinder; the wall and the floor are 0.2 thick.
        (
            solids.hollow([(0, 0), (1, 0), (1, 2)], 0.2, 24),
            polygon_area(24, 1) * 2 - polygon_area(24, 0.8) * 1.8, 0,
        ),
        (solids.tube([(0, 0, 0), (0, 0, 5)], 0.5, 12), polygon_area(12, 0.5) * 5, 0),
        (solids.tube([(0, 0, 0), (3, 4, 0)], 1, section=solids.rectangle(2, 1)), 2 * 5.0, 0),
    ],
)  # fmt: skip
def test_volume_is_arithmetic_and_solids_are_closed(made: Mesh, volume: float, holes: int) -> None:
    assert made.volume() == pytest.approx(volume, rel=1e-5)
    assert open_edges(made) == 0
    assert euler(made) == 2 - 2 * holes
    second = trimesh.Trimesh(made.vertices, made.faces, process=False)
    assert second.is_watertight
    assert second.is_winding_consistent
    assert made.area() == pytest.approx(second.area, rel=1e-5)


@pytest.mark.parametrize(
    "made",
    [
        solids.rounded_box(4, 3, 2, 0.5, 0.2),
        solids.rounded_box(4, 3, 2, 0.5),
        solids.superellipsoid(1, 2, 3, 8, 0.8),
        solids.lathe([(0.5, 0), (1, 1), (0.5, 2)], 20),  # open ends get caps
        solids.tube(solids.spline([(0, 0, 0), (1, 0, 1), (2, 1, 1), (2, 2, 0)], 20), 0.1),
        solids.tube(
            solids.spline(np.array(SQUARE, dtype=np.float64), 40, closed=True), 0.1, closed=True
        ),
        solids.box(1, 1, 4).twisted(60),
        solids.box(1, 1, 4).bent(90),
        solids.cylinder(1, 2).tapered(0.5),
    ],
)
def test_free_solids_are_closed_and_outward(made: Mesh) -> None:
    second = trimesh.Trimesh(made.vertices, made.faces, process=False)
    assert second.is_watertight
    assert open_edges(made) == 0
    assert second.volume > 0
    assert made.volume() == pytest.approx(second.volume, rel=1e-5)


def test_ellipsoid_comes_near_its_volume() -> None:
    # Inscribed, so smaller, and by little: the defect falls with the square of the segments.
    truth = 4 / 3 * math.pi * 1 * 2 * 3
    coarse, fine = (truth - solids.ellipsoid(1, 2, 3, n).volume() for n in (16, 32))
    assert 0 < fine < 0.03 * truth
    assert coarse / fine == pytest.approx(4, rel=0.1)


def test_triangles_of_random_stars_cover_exactly_their_polygon() -> None:
    rng = np.random.default_rng(0)
    for _ in range(60):
        n = int(rng.integers(3, 24))
        angle = np.sort(rng.uniform(0, 2 * math.pi, n))
        if np.diff(angle, append=angle[0] + 2 * math.pi).max() > 2.8:
            continue  # the centre would lie outside
        radius = rng.uniform(0.3, 1, n)
        star = np.column_stack([np.cos(angle), np.sin(angle)]) * radius[:, None]
        cuts = solids.triangulate(star)
        assert len(cuts) == n - 2
        areas = [shoelace(star[t]) for t in cuts]
        assert sum(areas) == pytest.approx(shoelace(star), rel=1e-9)
        hole = solids.regular(5, 0.1)[::-1] * radius.min()
        pierced = solids.triangulate(star, [hole])
        assert len(pierced) == n + 5  # n + h corners and one hole: n + h − 2 + 2
        everything = np.concatenate([star, hole])
        total = sum(shoelace(everything[t]) for t in pierced)
        assert total == pytest.approx(shoelace(star) - shoelace(hole), rel=1e-9)


def test_many_holes_stay_closed() -> None:
    grid = [
        solids.regular(6, 0.3) + [x, y] for x in (-3, -1, 1, 3) for y in (-2.0, 0.0, 2.0)
    ]  # tips in one line: the bridges must not lie over each other
    made = solids.extrude(solids.rectangle(8, 6), 1, grid)
    assert open_edges(made) == 0
    assert euler(made) == 2 - 2 * 12
    assert made.volume() == pytest.approx(48 - 12 * polygon_area(6, 0.3), rel=1e-5)


def test_columns_of_unlike_numbers_of_holes_stay_closed() -> None:
    """Several bridges end in one corner here, and must leave it in the right order."""
    rng = np.random.default_rng(4)
    for _ in range(3):
        holes = [
            solids.rectangle(0.2, 0.2, (x, y))
            for x in np.linspace(-3, 3, int(rng.integers(3, 7)))
            for y in np.linspace(-2, 2, int(rng.integers(3, 7)))
        ]
        made = solids.extrude(solids.rounded_rectangle(8, 6, 0.5), 1, holes)
        assert open_edges(made) == 0
        assert euler(made) == 2 - 2 * len(holes)
        area = shoelace(solids.rounded_rectangle(8, 6, 0.5)) - 0.04 * len(holes)
        assert made.volume() == pytest.approx(area, rel=1e-5)


def test_moves_keep_or_scale_the_volume() -> None:
    made = solids.extrude(ELL, 2)  # 8
    assert made.at(1, 2, 3).volume() == pytest.approx(8, rel=1e-5)
    assert made.turned(10, 20, 30).volume() == pytest.approx(8, rel=1e-5)
    assert made.scaled(2, 3, 0.5).volume() == pytest.approx(24, rel=1e-5)
    assert made.mirrored(1).volume() == pytest.approx(8, rel=1e-5)  # still outward
    assert made.scaled(-1, -1, -1).volume() == pytest.approx(8, rel=1e-5)
    np.testing.assert_allclose(made.at(1, 2, 3).bounds() - made.bounds(), [[1, 2, 3]] * 2)


def test_turns_are_right_handed_in_order() -> None:
    point = Mesh(np.array([[1, 0, 0]], np.float32), np.zeros((0, 3), np.int32))
    np.testing.assert_allclose(point.turned(z=90).vertices, [[0, 1, 0]], atol=1e-6)
    np.testing.assert_allclose(point.turned(y=90).vertices, [[0, 0, -1]], atol=1e-6)
    up = Mesh(np.array([[0, 1, 0]], np.float32), np.zeros((0, 3), np.int32))
    np.testing.assert_allclose(up.turned(x=90).vertices, [[0, 0, 1]], atol=1e-6)
    np.testing.assert_allclose(up.turned(x=90, y=90).vertices, [[1, 0, 0]], atol=1e-6)


def test_bends_and_tapers_by_hand() -> None:
    # A rod on the z axis bent by a right angle ends in +y, at the radius L / (π/2).
    rod = Mesh(np.array([[0, 0, 0], [0, 0, math.pi]], np.float32), np.zeros((0, 3), np.int32))
    np.testing.assert_allclose(rod.bent(90).vertices, [[0, 0, 0], [0, 2, 2]], atol=1e-6)
    # Half the width at the top in x, all of it in y.
    np.testing.assert_allclose(solids.box(2, 2, 1).tapered(0.5, 1).bounds()[1], [1, 1, 1])
    top = solids.box(2, 2, 1).tapered(0.5, 1).vertices[4:]
    np.testing.assert_allclose(np.ptp(top, axis=0), [1, 2, 0], atol=1e-6)
    np.testing.assert_allclose(solids.box(2, 1, 1).twisted(90).vertices[4:, 0], [0.5, 0.5, -0.5, -0.5], atol=1e-6)  # fmt: skip


def test_copies_stand_where_they_should() -> None:
    ball = solids.box(0.2, 0.2, 0.2)
    assert solids.radial(ball.at(x=1), 6).volume() == pytest.approx(6 * 0.008, rel=1e-5)
    centres = solids.radial(ball.at(x=1), 6).vertices.reshape(6, -1, 3).mean(1)[:, :2]
    np.testing.assert_allclose(
        np.sort(np.degrees(np.arctan2(centres[:, 1], centres[:, 0])) % 360),
        [0, 60, 120, 180, 240, 300], atol=1e-3,
    )  # fmt: skip
    places = solids.row(ball, 3, x=2).vertices.reshape(3, -1, 3).mean(1)[:, 0]
    np.testing.assert_allclose(places, [-2, 0, 2], atol=1e-6)
    legs = solids.corners(ball.at(1, 2)).vertices.reshape(4, -1, 3).mean(1)[:, :2]
    assert {tuple(leg) for leg in legs.round(5).tolist()} == {(1, 2), (-1, 2), (1, -2), (-1, -2)}
    assert open_edges(solids.corners(ball.at(1, 2))) == 0


def test_splines_pass_through_their_points() -> None:
    points = np.random.default_rng(1).normal(size=(5, 3))
    np.testing.assert_allclose(solids.spline(points, 9)[::2], points, atol=1e-12)
    closed = solids.spline(points, 15, closed=True)
    np.testing.assert_allclose(closed[::3], points, atol=1e-12)


def test_weld_joins_what_coincides_and_drops_what_vanishes() -> None:
    soup = solids.box(1, 1, 1)
    apart = Mesh(soup.vertices[soup.faces].reshape(-1, 3), np.arange(36, dtype=np.int32).reshape(-1, 3))  # fmt: skip
    assert open_edges(apart) == 36
    joined = solids.weld(apart, 1e-4)
    assert (len(joined.vertices), open_edges(joined), euler(joined)) == (8, 0, 2)
    assert len(solids.weld(soup, 10).faces) == 0


def test_every_generator_makes_true_solids() -> None:
    """No coordinate that is no number, no part inside out; closed where it says so."""
    makers = procedural.products()
    assert len(makers) > 100
    wrong = []
    for seed, (number, (code, make)) in product((0, 4), enumerate(makers)):
        title, parts = make(Chance(seed, number))
        assert title, make.__name__
        for k, part in enumerate(parts):
            finite = np.isfinite(part.mesh.vertices).all()
            outward = part.mesh.volume() > 0
            if not finite or (part.closed and (not outward or open_edges(part.mesh))):
                wrong.append((code, make.__name__, k, part.mesh.volume(), open_edges(part.mesh)))
    assert not wrong


def test_free_forms_are_closed_and_repeat() -> None:
    for number in range(40):
        for part, again in zip(
            procedural.free_form(Chance(1, number)), procedural.free_form(Chance(1, number)),
            strict=True,
        ):  # fmt: skip
            assert open_edges(part.mesh) == 0, number
            assert part.mesh.volume() > 0, number
            np.testing.assert_array_equal(part.mesh.vertices, again.mesh.vertices)


def test_a_number_is_a_design() -> None:
    made, again, other = procedural.model(3, 1), procedural.model(3, 1), procedural.model(3, 2)
    assert (made.id, made.title, made.locarno) == (again.id, again.title, again.locarno)
    for a, b in zip(made.parts, again.parts, strict=True):
        np.testing.assert_array_equal(a.mesh.vertices, b.mesh.vertices)
    assert other.id != made.id
    first, second = made.parts[0].mesh.vertices, other.parts[0].mesh.vertices
    assert first.shape != second.shape or not np.allclose(first, second)


def test_designs_cover_the_subclasses_and_free_forms() -> None:
    known = {code for code, _ in procedural.products()}
    made = [procedural.model(number, 0) for number in range(400)]
    named = [m for m in made if m.locarno]
    assert {m.locarno for m in named} <= known
    assert all(m.title for m in named)
    # A quarter is free-form; five standard deviations of 400 lots either way.
    free = len(made) - len(named)
    assert abs(free - 100) < 5 * math.sqrt(400 * 0.25 * 0.75)
    assert len({m.locarno for m in named}) > len(known) / 2
