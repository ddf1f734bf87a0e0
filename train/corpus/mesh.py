"""Solids made of triangles, and ways to move, bend and repeat them; numpy alone.

Axes of every design: x to the right, y away from who looks at the front, z up. Lengths are in any
unit: a drawing is scaled to its frame. Solids are closed, their faces counter-clockwise seen from
outside, so that volumes are positive; every vertex is shared by the faces that meet in it, so that
edges can be told from smooth surfaces by the angle between their faces. Knows nothing of drawing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Points = Sequence[Sequence[float]] | npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """Triangles over shared vertices.

    Attributes:
        vertices: (n, 3) float32.
        faces: (m, 3) int32 rows of vertices, counter-clockwise from outside.
    """

    vertices: Floats
    faces: Ints

    def bounds(self) -> Floats:
        """(2, 3): the least and the greatest coordinate along each axis."""
        return np.stack([self.vertices.min(0), self.vertices.max(0)])

    def area(self) -> float:
        """Sum of the areas of all faces."""
        return float(np.linalg.norm(self._crosses(), axis=1).sum() / 2)

    def volume(self) -> float:
        """Signed volume by the divergence theorem: positive where the faces look outward."""
        first = self.vertices[self.faces[:, 0]].astype(np.float64)
        return float((first * self._crosses()).sum() / 6)

    def _crosses(self) -> Doubles:
        a, b, c = (self.vertices[self.faces[:, k]].astype(np.float64) for k in range(3))
        return np.cross(b - a, c - a)

    def at(self, x: float = 0, y: float = 0, z: float = 0) -> Mesh:
        """Moved by (x, y, z)."""
        return Mesh(self.vertices + np.array([x, y, z], np.float32), self.faces)

    def scaled(self, x: float = 1, y: float = 1, z: float = 1) -> Mesh:
        """Stretched about the origin; a negative product turns the faces, so they stay outward."""
        faces = self.faces if x * y * z > 0 else self.faces[:, ::-1]
        return Mesh(self.vertices * np.array([x, y, z], np.float32), faces)

    def turned(self, x: float = 0, y: float = 0, z: float = 0) -> Mesh:
        """Turned about the x, then the y, then the z axis; degrees, right-handed."""
        return Mesh(self.vertices @ turn_matrix(x, y, z).T.astype(np.float32), self.faces)

    def mirrored(self, axis: int = 0) -> Mesh:
        """The mirror image across the plane through the origin square to ``axis``."""
        sign = [1.0, 1.0, 1.0]
        sign[axis] = -1.0
        return self.scaled(*sign)

    def changed(self, change: Callable[[Doubles], Doubles]) -> Mesh:
        """The mesh with its (n, 3) vertices passed through ``change``."""
        return Mesh(change(self.vertices.astype(np.float64)).astype(np.float32), self.faces)

    def tapered(self, top: float, top_y: float | None = None) -> Mesh:
        """Scaled about the z axis, from 1 at the lowest vertex to ``top`` at the highest."""
        top_y = top if top_y is None else top_y

        def change(v: Doubles) -> Doubles:
            t = _unit(v[:, 2])
            return v * np.stack([1 + (top - 1) * t, 1 + (top_y - 1) * t, np.ones_like(t)], 1)

        return self.changed(change)

    def twisted(self, degrees: float) -> Mesh:
        """Turned about z, from 0 at the lowest vertex to ``degrees`` at the highest."""

        def change(v: Doubles) -> Doubles:
            angle = math.radians(degrees) * _unit(v[:, 2])
            c, s = np.cos(angle), np.sin(angle)
            return np.stack([v[:, 0] * c - v[:, 1] * s, v[:, 0] * s + v[:, 1] * c, v[:, 2]], 1)

        return self.changed(change)

    def bent(self, degrees: float) -> Mesh:
        """The z extent bent into an arc of ``degrees`` toward +y; its inner fibre lies at y = 0."""
        if abs(degrees) < 1e-3:
            return self

        def change(v: Doubles) -> Doubles:
            low, high = v[:, 2].min(), v[:, 2].max()
            radius = (high - low) / math.radians(degrees)
            angle = (v[:, 2] - low) / radius
            reach = radius - v[:, 1]
            return np.stack(
                [v[:, 0], radius - reach * np.cos(angle), low + reach * np.sin(angle)], 1
            )

        return self.changed(change)


def join(meshes: Iterable[Mesh]) -> Mesh:
    """One mesh of many, their vertices kept apart."""
    meshes = list(meshes)
    starts = np.cumsum([0, *(len(m.vertices) for m in meshes)])
    return Mesh(
        np.concatenate([m.vertices for m in meshes]),
        np.concatenate([m.faces + np.int32(s) for m, s in zip(meshes, starts[:-1], strict=True)]),
    )


def turn_matrix(x: float = 0, y: float = 0, z: float = 0) -> Doubles:
    """(3, 3) rotation about x, then y, then z; degrees."""
    (cx, sx), (cy, sy), (cz, sz) = (
        (math.cos(math.radians(a)), math.sin(math.radians(a))) for a in (x, y, z)
    )
    about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return about_z @ about_y @ about_x


# Copies


def radial(mesh: Mesh, count: int, start: float = 0) -> Mesh:
    """``count`` copies about the z axis, evenly spaced from ``start`` degrees."""
    return join(mesh.turned(z=start + 360 * k / count) for k in range(count))


def row(mesh: Mesh, count: int, x: float = 0, y: float = 0, z: float = 0) -> Mesh:
    """``count`` copies, each (x, y, z) further on, centred on the first one's place."""
    middle = (count - 1) / 2
    return join(mesh.at(x * (k - middle), y * (k - middle), z * (k - middle)) for k in range(count))


def pair(mesh: Mesh, axis: int = 0) -> Mesh:
    """The mesh and its mirror image across the plane square to ``axis``."""
    return join([mesh, mesh.mirrored(axis)])


def corners(mesh: Mesh) -> Mesh:
    """The mesh mirrored in x and in y: four copies, as the legs of a table."""
    return pair(pair(mesh, 0), 1)


# Solids


def loft(rings: npt.NDArray[np.floating], *, closed: bool = False, caps: bool = True) -> Mesh:
    """A skin over rings of points.

    Args:
        rings: (k, s, 3); each ring counter-clockwise seen from the side the rings advance to.
        closed: the last ring joins the first (no caps then).
        caps: close the first and the last ring by flat polygons.
    """
    points: Doubles = np.asarray(rings, dtype=np.float64)
    k, s, _ = points.shape
    grid = np.arange(k * s).reshape(k, s)
    low = grid if closed else grid[:-1]
    high = np.roll(grid, -1, axis=0) if closed else grid[1:]
    a, b = low, np.roll(low, -1, axis=1)
    c, d = np.roll(high, -1, axis=1), high
    faces = [np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)]
    if caps and not closed:
        for ring, flip in ((0, True), (k - 1, False)):
            flat = triangulate(flatten(points[ring][::-1] if flip else points[ring]))
            faces.append((grid[ring][::-1] if flip else grid[ring])[flat])
    return _clean(points.reshape(-1, 3), np.concatenate(faces))


def lathe(profile: Points, segments: int = 32, *, closed: bool = False) -> Mesh:
    """A profile revolved about the z axis.

    Args:
        profile: (k, 2) of (radius, z), from the bottom up along the outside; points on the axis
            close the solid. A hollow body goes up outside and down inside.
        closed: join the last point to the first (a ring).
    """
    points = np.asarray(profile, dtype=np.float64)
    angle = np.linspace(0, 2 * math.pi, segments, endpoint=False)
    rings = np.stack(
        [
            points[:, :1] * np.cos(angle),
            points[:, :1] * np.sin(angle),
            np.repeat(points[:, 1:], segments, 1),
        ],
        -1,
    )
    open_ends = not closed and bool(points[[0, -1], 0].max() > 1e-9)
    return loft(rings, closed=closed, caps=open_ends)


def extrude(outline: Points, height: float, holes: Sequence[Points] = ()) -> Mesh:
    """A polygon in x, y (with holes) raised from z = 0 to ``height``.

    Args:
        outline: (k, 2), either turn; must not cross itself.
        holes: polygons inside the outline, apart from each other.
    """
    loops = [_wound(outline, True), *(_wound(hole, False) for hole in holes)]
    flat = np.concatenate(loops)
    cap = triangulate(loops[0], loops[1:])
    n = len(flat)
    faces = [cap[:, ::-1], cap + n]
    start = 0
    for loop in loops:
        a = np.arange(start, start + len(loop))
        b = np.roll(a, -1)
        faces += [np.stack([a, b, b + n], 1), np.stack([a, b + n, a + n], 1)]
        start += len(loop)
    vertices = np.concatenate(
        [np.column_stack([flat, np.zeros(n)]), np.column_stack([flat, np.full(n, height)])]
    )
    return Mesh(vertices.astype(np.float32), np.concatenate(faces).astype(np.int32))


def plate(outline: Points, thickness: float, holes: Sequence[Points] = ()) -> Mesh:
    """An outline in x, z extruded along y, centred on y = 0: what one sees from the front."""
    return extrude(outline, thickness, holes).turned(x=90).at(y=thickness / 2)


def side_plate(outline: Points, thickness: float, holes: Sequence[Points] = ()) -> Mesh:
    """An outline in y, z extruded along x, centred on x = 0: what one sees from the side."""
    return extrude(outline, thickness, holes).turned(x=90).turned(z=90).at(x=-thickness / 2)


def box(x: float, y: float, z: float) -> Mesh:
    """A box centred in x and y, standing on z = 0."""
    return extrude([(-x / 2, -y / 2), (x / 2, -y / 2), (x / 2, y / 2), (-x / 2, y / 2)], z)


def rounded_box(
    x: float, y: float, z: float, radius: float, edge: float = 0, steps: int = 5
) -> Mesh:
    """A box standing on z = 0 with upright edges rounded by ``radius``, the others by ``edge``."""
    edge = min(edge, z / 2.001, min(x, y) / 2.001)
    radius = max(radius, edge)
    if edge <= 0:
        return extrude(rounded_rectangle(x, y, radius, steps), z)
    rings = []
    for turn in np.linspace(0, math.pi / 2, steps):
        inset, height = edge * (1 - math.sin(turn)), edge * (1 - math.cos(turn))
        ring = rounded_rectangle(x - 2 * inset, y - 2 * inset, max(radius - inset, 1e-4), steps)
        rings.append((ring, height))
    rings += [(ring, z - height) for ring, height in reversed(rings)]
    return loft(np.stack([np.column_stack([r, np.full(len(r), h)]) for r, h in rings]))


def prism(sides: int, radius: float, height: float) -> Mesh:
    """A regular prism standing on z = 0; ``radius`` to its corners."""
    return extrude(regular(sides, radius), height)


def cylinder(radius: float, height: float, segments: int = 32, top: float | None = None) -> Mesh:
    """A cylinder standing on z = 0, or a cone to the radius ``top``."""
    top = radius if top is None else top
    return lathe([(0, 0), (radius, 0), (top, height), (0, height)], segments)


def tube(
    path: Points,
    radius: float | Sequence[float] | npt.NDArray[np.floating],
    sides: int = 16,
    *,
    section: Points | None = None,
    closed: bool = False,
) -> Mesh:
    """A section swept along a path by parallel transport.

    Args:
        path: (k, 3).
        radius: of the tube, or one for each point of the path; scales ``section``.
        sides: of the round section, where no other is given.
        section: (s, 2) polygon swept instead of a circle.
        closed: the path ends where it began.
    """
    points = np.asarray(path, dtype=np.float64)
    radii = np.broadcast_to(np.asarray(radius, dtype=np.float64), len(points))
    shape = regular(sides, 1.0) if section is None else _wound(section, True)
    across, up = _frames(points, closed)
    rings = points[:, None] + radii[:, None, None] * (
        shape[None, :, :1] * across[:, None] + shape[None, :, 1:] * up[:, None]
    )
    return loft(rings, closed=closed)


def ellipsoid(x: float, y: float, z: float, segments: int = 28) -> Mesh:
    """An ellipsoid of these semi-axes about the origin."""
    return superellipsoid(x, y, z, 2, 2, segments)


def superellipsoid(
    x: float, y: float, z: float, around: float, upright: float, segments: int = 32
) -> Mesh:
    """|x/a|^around + |y/b|^around … to the power ``upright``: 2 is round, 8 nearly a box."""
    angle = np.linspace(0, 2 * math.pi, segments, endpoint=False)
    height = np.linspace(-math.pi / 2, math.pi / 2, segments // 2 + 1)
    ring_r, ring_z = _power(np.cos(height), 2 / upright), _power(np.sin(height), 2 / upright)
    ring_x, ring_y = _power(np.cos(angle), 2 / around), _power(np.sin(angle), 2 / around)
    rings = np.stack(
        [
            x * ring_r[:, None] * ring_x,
            y * ring_r[:, None] * ring_y,
            z * np.repeat(ring_z[:, None], segments, 1),
        ],
        -1,
    )
    return loft(rings, caps=False)


def torus(ring: float, tube_radius: float, segments: int = 36, sides: int = 14) -> Mesh:
    """A ring about the z axis, in the plane z = 0."""
    around = regular(sides, tube_radius)
    return lathe(around + [ring, 0], segments, closed=True)


def hollow(profile: Points, wall: float, segments: int = 32) -> Mesh:
    """A vessel: the outer profile (radius, z) from the bottom up, open at the top, ``wall`` thick.

    The first point lies on the axis.
    """
    outer = np.asarray(profile, dtype=np.float64)
    inner = outer[1:].copy()
    inner[:, 0] = np.maximum(inner[:, 0] - wall, 1e-3)
    inner[:, 1] = np.maximum(inner[:, 1], outer[0, 1] + wall)
    inner[-1, 1] = outer[-1, 1]
    return lathe(np.concatenate([outer, inner[::-1], [[0, inner[0, 1]]]]), segments)


# Outlines and paths


def regular(sides: int, radius: float, start: float = 0) -> Doubles:
    """(sides, 2): a regular polygon about the origin, the first corner at ``start`` degrees."""
    angle = np.linspace(0, 2 * math.pi, sides, endpoint=False) + math.radians(start)
    return np.column_stack([np.cos(angle), np.sin(angle)]) * radius


def oval(x: float, y: float, count: int = 32, power: float = 2) -> Doubles:
    """(count, 2): a superellipse of these semi-axes."""
    angle = np.linspace(0, 2 * math.pi, count, endpoint=False)
    return np.column_stack(
        [x * _power(np.cos(angle), 2 / power), y * _power(np.sin(angle), 2 / power)]
    )


def rectangle(x: float, y: float, at: tuple[float, float] = (0, 0)) -> Doubles:
    """(4, 2): a rectangle centred on ``at``."""
    return np.array([(-x, -y), (x, -y), (x, y), (-x, y)]) / 2 + np.asarray(at)


def rounded_rectangle(x: float, y: float, radius: float, steps: int = 5) -> Doubles:
    """(4 · steps, 2): a rectangle about the origin with round corners."""
    radius = max(min(radius, x / 2 - 1e-6, y / 2 - 1e-6), 1e-6)
    turn = np.linspace(0, math.pi / 2, steps)
    arc = np.column_stack([np.cos(turn), np.sin(turn)]) * radius
    found = []
    for k, (sx, sy) in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1))):
        c, s = (1, 0, -1, 0)[k], (0, 1, 0, -1)[k]
        spun = arc @ np.array([[c, s], [-s, c]])
        found.append(spun + [sx * (x / 2 - radius), sy * (y / 2 - radius)])
    return np.concatenate(found)


def mirrored_outline(half: Doubles) -> Doubles:
    """A right half, (k, 2) from bottom to top → the outline of both halves."""
    return np.concatenate([half, (half * [-1, 1])[::-1]])


def spline(points: Points, count: int = 32, *, closed: bool = False) -> Doubles:
    """(count, d): a Catmull-Rom curve through (k, d) points."""
    p = np.asarray(points, dtype=np.float64)
    k = len(p)
    if closed:
        padded = np.concatenate([p[-1:], p, p[:2]])
        t = np.linspace(0, k, count, endpoint=False)
    else:
        padded = np.concatenate([[2 * p[0] - p[1]], p, [2 * p[-1] - p[-2]]])
        t = np.linspace(0, k - 1, count)
    i = np.minimum(t.astype(int), len(padded) - 4)
    f = (t - i)[:, None]
    a, b, c, d = (padded[i + j] for j in range(4))
    curve: Doubles = 0.5 * (
        2 * b + (c - a) * f + (2 * a - 5 * b + 4 * c - d) * f**2 + (3 * b - a - 3 * c + d) * f**3
    )
    return curve


def arc(radius: float, start: float, end: float, count: int = 16) -> Doubles:
    """(count, 2): points on a circle about the origin between two angles, degrees."""
    angle = np.radians(np.linspace(start, end, count))
    return np.column_stack([np.cos(angle), np.sin(angle)]) * radius


# Triangles of polygons


def triangulate(outline: Doubles, holes: Sequence[Doubles] = ()) -> Ints:
    """Ear clipping of a simple polygon with holes.

    Args:
        outline: (k, 2), counter-clockwise.
        holes: polygons inside, clockwise.

    Returns: (m, 3) rows into the outline's points followed by each hole's.
    """
    points = np.concatenate([outline, *holes]) if len(holes) else np.asarray(outline)
    loop = list(range(len(outline)))
    if not holes and _is_convex(points):
        fan = np.arange(1, len(points) - 1)
        return np.column_stack([np.zeros_like(fan), fan, fan + 1]).astype(np.int32)
    start = len(outline)
    bridged = []
    for hole in holes:
        bridged.append(list(range(start, start + len(hole))))
        start += len(hole)
    # Rightmost hole first: its bridge cannot cross one that is not laid yet.
    starts = np.concatenate([outline, *holes])
    ends = np.concatenate([np.roll(ring, -1, axis=0) for ring in (outline, *holes)])
    for hole_loop in sorted(bridged, key=lambda h: -float(points[h, 0].max())):
        loop = _bridge(points, loop, hole_loop, starts, ends)
    return _clip_ears(points, loop)


def _bridge(
    points: Doubles, loop: list[int], hole: list[int], starts: Doubles, ends: Doubles
) -> list[int]:
    """Join a hole to the loop around it by a double edge to the nearest corner in sight.

    Sight is blocked by any side of the polygon (``starts`` to ``ends``) and by earlier bridges.
    """
    k = int(np.argmax(points[hole, 0]))
    tip = points[hole[k]]
    spots = points[loop]
    starts = np.concatenate([starts, spots])
    ends = np.concatenate([ends, np.roll(spots, -1, axis=0)])
    # A corner that has a bridge is passed twice: only one passing has the tip on its inner side.
    before, after = np.roll(spots, 1, axis=0), np.roll(spots, -1, axis=0)
    convex = _side(before, spots, after) > 0
    left, ahead = _side(before, spots, tip), _side(spots, after, tip)
    faced = np.where(convex, (left >= 0) & (ahead >= 0), (left > 0) | (ahead > 0))
    for j in np.argsort(np.where(faced, ((spots - tip) ** 2).sum(1), np.inf), kind="stable"):
        if faced[j] and not _crosses(tip, spots[j], starts, ends).any():
            j = int(j)
            return [*loop[: j + 1], *hole[k:], *hole[: k + 1], *loop[j:]]
    return loop


def _crosses(p: Doubles, q: Doubles, a: Doubles, b: Doubles) -> npt.NDArray[np.bool_]:
    """Which segments a-b meet the segment p-q elsewhere than in a shared end."""
    d1, d2 = _side(p, q, a), _side(p, q, b)
    d3, d4 = _side(a, b, p), _side(a, b, q)
    met = (d1 * d2 <= 1e-15) & (d3 * d4 <= 1e-15)
    shared = [(np.abs(end - tip).max(1) < 1e-12) for end in (a, b) for tip in (p, q)]
    crossed: npt.NDArray[np.bool_] = met & ~np.any(shared, axis=0)
    return crossed


def _side(p: Doubles, q: Doubles, r: Doubles) -> Doubles:
    """Twice the area of the triangle p, q, r: positive where r lies left of p → q."""
    side: Doubles = (q[..., 0] - p[..., 0]) * (r[..., 1] - p[..., 1]) - (q[..., 1] - p[..., 1]) * (
        r[..., 0] - p[..., 0]
    )
    return side


def _clip_ears(points: Doubles, loop: list[int]) -> Ints:
    xs, ys = points[:, 0].tolist(), points[:, 1].tolist()

    def side(a: int, b: int, c: int) -> float:
        return float((xs[b] - xs[a]) * (ys[c] - ys[a]) - (ys[b] - ys[a]) * (xs[c] - xs[a]))

    found: list[tuple[int, int, int]] = []
    k = 0
    idle = 0
    while len(loop) > 3:
        n = len(loop)
        a, b, c = loop[k - 1], loop[k % n], loop[(k + 1) % n]
        ear = side(a, b, c) > 1e-14
        if ear:
            reflex = [i for i in loop if i not in (a, b, c)]
            pts = points[reflex]
            pa, pb, pc = points[a], points[b], points[c]
            inside = (
                (_side(pa, pb, pts) >= 0) & (_side(pb, pc, pts) >= 0) & (_side(pc, pa, pts) >= 0)
            )
            # Doubled bridge corners coincide with the ear's own corners: those do not block it.
            same = ((pts[:, None] - np.stack([pa, pb, pc])) ** 2).sum(-1).min(1) < 1e-18
            ear = not (inside & ~same).any()
        if ear or idle > n:
            if ear or side(a, b, c) > 0:
                found.append((a, b, c))
            del loop[k % n]
            k = max(k - 1, 0) % len(loop)
            idle = 0
        else:
            k = (k + 1) % n
            idle += 1
    found.append((loop[0], loop[1], loop[2]))
    return np.asarray(found, dtype=np.int32)


def _is_convex(points: Doubles) -> bool:
    ahead = np.roll(points, -1, axis=0)
    bends = _side(points, ahead, np.roll(points, -2, axis=0))
    if not bool((bends >= -1e-12).all()):
        return False
    step = ahead - points
    turn = np.arctan2(step[:, 1], step[:, 0])
    total = np.angle(np.exp(1j * np.diff(turn, append=turn[:1]))).sum()
    return bool(abs(total - 2 * math.pi) < 0.1)  # a star winds twice


def _wound(outline: Points, counter_clockwise: bool) -> Doubles:
    points = np.asarray(outline, dtype=np.float64)
    ahead = np.roll(points, -1, axis=0)
    area = (points[:, 0] * ahead[:, 1] - ahead[:, 0] * points[:, 1]).sum()
    return points if (area > 0) == counter_clockwise else points[::-1].copy()


def flatten(ring: Doubles) -> Doubles:
    """(k, 3) ring in space → (k, 2) polygon in the plane it lies in best, counter-clockwise."""
    centred = ring - ring.mean(0)
    ahead = np.roll(centred, -1, axis=0)
    normal = np.cross(centred, ahead).sum(0)
    length = float(np.linalg.norm(normal))
    if length < 1e-18:
        return centred[:, :2]
    normal = normal / length
    axis = np.eye(3)[int(np.argmin(np.abs(normal)))]
    across = np.cross(axis, normal)
    across /= np.linalg.norm(across)
    up = np.cross(normal, across)
    return np.column_stack([centred @ across, centred @ up])


def _frames(points: Doubles, closed: bool) -> tuple[Doubles, Doubles]:
    """Two unit vectors square to the path at each point, turned as little as can be."""
    if closed:
        tangent = np.roll(points, -1, axis=0) - np.roll(points, 1, axis=0)
    else:
        tangent = np.gradient(points, axis=0)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-12)
    across = np.empty_like(points)
    # Start from the axis the path is most square to, so that sections keep a known turn.
    first = np.cross(tangent[0], [0, 0, 1.0])
    if np.linalg.norm(first) < 0.05:
        first = np.array([0, 1.0, 0]) - tangent[0] * tangent[0, 1]
    across[0] = first / np.linalg.norm(first)
    for k in range(1, len(points)):
        moved = across[k - 1] - tangent[k] * (across[k - 1] @ tangent[k])
        across[k] = moved / max(float(np.linalg.norm(moved)), 1e-12)
    if closed:
        # Parallel transport does not come home: spread the missing turn over the whole path.
        home = across[-1] - tangent[0] * (across[-1] @ tangent[0])
        gap = math.atan2(float(np.cross(home, across[0]) @ tangent[0]), float(home @ across[0]))
        angle = np.linspace(0, gap, len(points), endpoint=False)[:, None]
        side = np.cross(tangent, across)
        across = across * np.cos(angle) + side * np.sin(angle)
    return across, np.cross(tangent, across)


def _power(values: Doubles, exponent: float) -> Doubles:
    # The cosine of a right angle is not quite 0, and a small power of it is far from 0.
    values = np.where(np.abs(values) < 1e-12, 0.0, values)
    powered: Doubles = np.sign(values) * np.abs(values) ** exponent
    return powered


def _unit(values: Doubles) -> Doubles:
    low, high = values.min(), values.max()
    return (values - low) / max(float(high - low), 1e-12)


def _clean(vertices: Doubles, faces: npt.NDArray[np.integer]) -> Mesh:
    """Weld vertices that coincide (the poles of a lathe) and drop faces that vanish by it."""
    size = max(float(np.ptp(vertices, axis=0).max()), 1e-12)
    return weld(Mesh(vertices.astype(np.float32), faces.astype(np.int32)), size * 1e-6)


def weld(mesh: Mesh, tolerance: float) -> Mesh:
    """Join vertices that fall into one cell of ``tolerance``, and drop faces without area."""
    cells = np.round(mesh.vertices.astype(np.float64) / tolerance).astype(np.int64)
    cells -= cells.min(0)
    span = cells.max(0) + 1
    if float(span[0]) * float(span[1]) * float(span[2]) < 2**62:
        keys = (cells[:, 0] * span[1] + cells[:, 1]) * span[2] + cells[:, 2]
        _, first, where = np.unique(keys, return_index=True, return_inverse=True)
    else:
        _, first, where = np.unique(cells, axis=0, return_index=True, return_inverse=True)
    faces = where.reshape(-1)[mesh.faces].astype(np.int32)
    a, b, c = faces.T
    faces = faces[(a != b) & (b != c) & (c != a)]
    return Mesh(mesh.vertices[first], faces)
