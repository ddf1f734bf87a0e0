"""Patent-style line drawings of triangle meshes: hidden lines removed, in numpy and Pillow alone.

How a view is made: the triangles are rasterised into a buffer of depth and face; the edges worth
a line (sharper than 30°, boundaries, silhouettes) are sampled about twice a pixel and kept where
nothing nearer covers them; lines where two parts pass through each other come from the planes of
neighbouring pixels; what is left is stamped with a round pen at twice the size and averaged down.
Style (pen, dashes for the unclaimed surroundings, shading, scan noise, "FIG. 3") is data, drawn
by lot from a seed. Knows nothing of what is drawn, nor of files.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from train.corpus.mesh import Doubles, Floats, Ints, Mesh, join

SHARP_DEGREES = 30  # edges sharper than this are drawn, as in the published mesh renderings
SMOOTH_DEGREES = 3  # flatter than this is no edge at all: the diagonal of a flat quad
PAPER = 255
OVERSAMPLING = 2  # lines are stamped on a canvas this many times the size of the drawing
DEPTH_BIAS_PX = 0.6  # an edge this little behind the surface still lies on it
STEP_PX = 0.45  # distance of samples along an edge
FOOT = 0.1  # share of the sheet kept for a label
NO_FACE = -1

Bools = npt.NDArray[np.bool_]
Picture = npt.NDArray[np.uint8]

VIEWS = ("perspective", "front", "back", "left", "right", "top", "bottom")


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One solid of a design; ``claimed`` parts are drawn solid, the others dashed."""

    mesh: Mesh
    claimed: bool = True
    closed: bool = True  # a loaded mesh may be open: its back faces hide things too


@dataclass(frozen=True, slots=True)
class Camera:
    """Where a design is looked at from.

    Attributes:
        azimuth: degrees about z; 0 looks at the front, 90 at the right side.
        elevation: degrees; 90 looks down on the top, −90 up at the bottom.
        roll: degrees clockwise by which the picture is turned.
        distance: of the eye, in radii of the design; 0 for a parallel projection.
    """

    azimuth: float = 0
    elevation: float = 0
    roll: float = 0
    distance: float = 0

    def axes(self) -> Doubles:
        """(3, 3): rows right, up and forward in the design's axes."""
        a, e, r = (math.radians(v) for v in (self.azimuth, self.elevation, self.roll))
        forward = np.array([-math.sin(a) * math.cos(e), math.cos(a) * math.cos(e), -math.sin(e)])
        right = np.array([math.cos(a), math.sin(a), 0])
        up = np.cross(right, forward)
        right, up = (
            right * math.cos(r) + up * math.sin(r),
            up * math.cos(r) - right * math.sin(r),
        )
        return np.stack([right, up, forward])


CANONICAL = {
    "perspective": Camera(35, 25, distance=5),
    "front": Camera(0, 0),
    "back": Camera(180, 0),
    "left": Camera(-90, 0),
    "right": Camera(90, 0),
    "top": Camera(0, 90),
    "bottom": Camera(0, -90),
}


@dataclass(frozen=True, slots=True)
class Style:
    """How a view is drawn; lengths in pixels of the drawing.

    Attributes:
        pen: width of lines.
        outline: width of the lines where the design ends against the paper.
        shade: "none", "lines" (along the surface), "stipple", "hatch" or "gloss" (short strokes).
        shade_density: share of what could be shaded, 0 … 1.
        dash: length of a dash of unclaimed parts.
        ink: grey of the ink, 0 black.
        wobble: how far lines stray, as if drawn by hand.
        specks: share of pixels that the scan adds or loses along with its noise.
        bilevel: two tones, as a fax or an office scan.
        label: text under the drawing, as "FIG. 3"; "" for none.
        margin: paper around the drawing, share of its side.
        turn: quarter turns of the finished sheet, counter-clockwise.
    """

    pen: float = 1.0
    outline: float = 1.0
    shade: str = "none"
    shade_density: float = 0.5
    dash: float = 5.0
    ink: int = 0
    wobble: float = 0.0
    specks: float = 0.0
    bilevel: bool = False
    label: str = ""
    margin: float = 0.06
    turn: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A design made ready to be drawn from anywhere: its triangles and the edges between them.

    Attributes:
        vertices: (n, 3) float32, centred, within the unit ball.
        faces: (m, 3) int32.
        part: (m,) int32, the part each face belongs to.
        normals: (m, 3) float32, unit.
        edges: (e, 2) int32 vertices.
        sides: (e, 2) int32 faces on both sides; the second is −1 on a boundary.
        bend: (e,) float32 angle between them in degrees; 180 on a boundary.
        flipped: (e,) both faces run along the edge the same way, so one of them is inside out.
        dashed: (parts,) unclaimed parts.
        closed: (parts,) parts whose back faces are never seen.
    """

    vertices: Floats
    faces: Ints
    part: Ints
    normals: Floats
    edges: Ints
    sides: Ints
    bend: Floats
    flipped: Bools
    dashed: Bools
    closed: Bools


def scene(parts: Sequence[Part]) -> Scene:
    """Centre and scale the parts together, and find their edges.

    Raises: ValueError where there are no parts, or no face with an area.
    """
    if not parts:
        raise ValueError("A design needs at least one part.")
    whole = join(part.mesh for part in parts)
    part = np.repeat(np.arange(len(parts), dtype=np.int32), [len(p.mesh.faces) for p in parts])
    low, high = whole.bounds() if len(whole.vertices) else np.zeros((2, 3))
    centred = whole.vertices - (low + high) / 2
    radius = float(np.sqrt((centred**2).sum(1).max(initial=0)))
    if not radius > 0 or not np.isfinite(radius):
        raise ValueError("The design has no extent, or coordinates that are no numbers.")
    vertices = (centred / radius).astype(np.float32)
    corners = vertices[whole.faces].astype(np.float64)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(normals, axis=1)
    good = length > 1e-14
    if not good.any():
        raise ValueError("The design has no face with an area.")
    faces, part = whole.faces[good], part[good]
    normals = (normals[good] / length[good, None]).astype(np.float32)
    edges, sides, flipped = _edges(faces, len(vertices))
    dot = (normals[sides[:, 0]] * normals[sides[:, 1]]).sum(1)
    dot = np.where(flipped, -dot, dot)
    bend = np.degrees(np.arccos(dot.clip(-1, 1))).astype(np.float32)
    bend[sides[:, 1] < 0] = 180
    return Scene(
        vertices,
        faces,
        part,
        normals,
        edges,
        sides,
        bend,
        flipped,
        np.array([not p.claimed for p in parts]),
        np.array([p.closed for p in parts]),
    )


def _edges(faces: Ints, vertices: int) -> tuple[Ints, Ints, Bools]:
    """Each edge once, with the (first two) faces that share it."""
    ends = faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    face = np.repeat(np.arange(len(faces), dtype=np.int32), 3)
    low, high = ends.min(1).astype(np.int64), ends.max(1)
    keys = low * vertices + high
    order = np.argsort(keys, kind="stable")
    keys, face, forward = keys[order], face[order], (ends[:, 0] < ends[:, 1])[order]
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    count = np.diff(first, append=len(keys))
    second = np.where(count > 1, first + 1, first)
    sides = np.stack([face[first], np.where(count > 1, face[second], NO_FACE)], 1)
    edges = np.stack([keys[first] // vertices, keys[first] % vertices], 1)
    flipped = (count > 1) & (forward[first] == forward[second])
    return edges.astype(np.int32), sides.astype(np.int32), flipped


# The view: vertices on the picture, nearest faces behind its pixels


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A scene seen by a camera on a square of ``size`` pixels.

    Attributes:
        points: (n, 3) float64: x to the right, y down, depth away; all in pixels. Depth is such
            that planes stay planes on the picture, in perspective too.
        facing: (m,) +1 for faces whose front is seen, −1 for the others.
        planes: (m, 3): depth = planes · (x, y, 1) over each face.
        nearest: (size, size) int32: the face seen behind each pixel, −1 for paper.
        axes: (3, 3) rows right, up, forward.
    """

    points: Doubles
    facing: npt.NDArray[np.int8]
    planes: Floats
    nearest: Ints
    axes: Doubles


def view(stage: Scene, camera: Camera, size: int, margin: float = 0.06) -> View:
    """Project the scene to fit the square (less ``margin`` on each side), and rasterise it."""
    axes = camera.axes()
    eye = stage.vertices.astype(np.float64) @ axes.T
    flat, depth = eye[:, :2] * [1, -1], eye[:, 2]
    if camera.distance:
        away = camera.distance + depth
        flat = flat * (camera.distance / away)[:, None]
        depth = 2 * camera.distance - camera.distance**2 / away
    low, high = flat.min(0), flat.max(0)
    scale = size * (1 - 2 * margin) / max(float((high - low).max()), 1e-6)
    points = np.column_stack([(flat - (low + high) / 2) * scale + size / 2, (depth + 4) * scale])
    corners = points[stage.faces]
    planes, turn = _planes(corners)
    facing = np.where(turn < 0, 1, -1).astype(np.int8)  # y points down, so fronts turn negative
    shown = np.flatnonzero((facing > 0) | ~stage.closed[stage.part])
    nearest = _rasterise(corners, planes, shown, size)
    return View(points, facing, planes, nearest, axes)


def _planes(corners: Doubles) -> tuple[Floats, Doubles]:
    """Depth as a plane over the picture for each triangle, and twice its signed area there."""
    origin = corners[:, 0]
    u, v = corners[:, 1] - origin, corners[:, 2] - origin
    turn = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    safe = np.where(np.abs(turn) < 1e-9, np.inf, turn)
    slope_x = (u[:, 2] * v[:, 1] - v[:, 2] * u[:, 1]) / safe
    slope_y = (v[:, 2] * u[:, 0] - u[:, 2] * v[:, 0]) / safe
    start = origin[:, 2] - slope_x * origin[:, 0] - slope_y * origin[:, 1]
    return np.stack([slope_x, slope_y, start], 1), turn


def _rasterise(corners: Doubles, planes: Floats, shown: npt.NDArray[np.intp], size: int) -> Ints:
    """(size, size): the nearest of the ``shown`` triangles behind each pixel's centre, by rows."""
    tri = corners[shown]
    y = tri[:, :, 1]
    top = np.ceil(y.min(1) - 0.5).clip(0, size).astype(np.int64)
    end = np.ceil(y.max(1) - 0.5).clip(0, size).astype(np.int64)
    rows = end - top
    which = np.repeat(np.arange(len(tri)), rows)
    line = _count_up(rows) + top[which]
    centre = line + 0.5
    left = np.full(len(which), np.inf)
    right = np.full(len(which), -np.inf)
    for a, b in ((0, 1), (1, 2), (2, 0)):
        rise = tri[:, b, 1] - tri[:, a, 1]
        slope = (tri[:, b, 0] - tri[:, a, 0]) / np.where(np.abs(rise) < 1e-12, np.inf, rise)
        at = tri[which, a, 0] + (centre - tri[which, a, 1]) * slope[which]
        crossed = (tri[which, a, 1] <= centre) != (tri[which, b, 1] <= centre)
        left = np.where(crossed, np.minimum(left, at), left)
        right = np.where(crossed, np.maximum(right, at), right)
    seen = left < right
    which, line, left, right = which[seen], line[seen], left[seen], right[seen]
    start = np.ceil(left - 0.5).clip(0, size).astype(np.int64)
    stop = np.ceil(right - 0.5).clip(0, size).astype(np.int64)
    spans = np.maximum(stop - start, 0)
    span = np.repeat(np.arange(len(spans)), spans)
    column = _count_up(spans) + start[span]
    face = shown[which[span]]
    row = line[span]
    plane = planes[face]
    depth = plane[:, 0] * (column + 0.5) + plane[:, 1] * (row + 0.5) + plane[:, 2]
    # Positive floats sort as their bits do, so depth and face fit one integer to take least of.
    bits = np.maximum(depth, 0).astype(np.float32).view(np.int32).astype(np.int64)
    nearest = np.full(size * size, np.iinfo(np.int64).max)
    np.minimum.at(nearest, row * size + column, (bits << 32) | face)
    found = (nearest & 0xFFFFFFFF).astype(np.int64)
    found[nearest == np.iinfo(np.int64).max] = NO_FACE
    return found.reshape(size, size).astype(np.int32)


def _count_up(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """[2, 3] → [0, 1, 0, 1, 2]."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total) - np.repeat(ends - counts, counts)


# Lines


@dataclass(frozen=True, slots=True, eq=False)
class Ink:
    """Points that a pen goes over: (n, 2) x and y in pixels, and what is known of each."""

    xy: Floats
    dashed: Bools
    outer: Bools


def drawn_edges(stage: Scene, seen: View) -> npt.NDArray[np.intp]:
    """The edges worth a line in this view, hidden or not: sharp, boundary or silhouette."""
    turned = seen.facing[stage.sides[:, 0]] * seen.facing[stage.sides[:, 1]]
    silhouette = np.where(stage.flipped, turned > 0, turned < 0)
    return np.flatnonzero((stage.bend >= SHARP_DEGREES) | silhouette)


def visible(
    stage: Scene, seen: View, edges: npt.NDArray[np.intp], keep: Doubles | None = None
) -> tuple[Ink, npt.NDArray[np.intp]]:
    """Sample edges, and keep what nothing nearer covers.

    Args:
        edges: (k,) rows of ``stage.edges``.
        keep: (k, 2) stretch of each edge to sample, as shares of its length; all of it if None.

    Returns: the points, and the row of ``edges`` that each belongs to.
    """
    size = seen.nearest.shape[0]
    start = seen.points[stage.edges[edges, 0]]
    step = seen.points[stage.edges[edges, 1]] - start
    if keep is not None:
        start, step = start + step * keep[:, :1], step * (keep[:, 1:] - keep[:, :1])
    length = np.hypot(step[:, 0], step[:, 1])
    counts = np.maximum(np.ceil(length / STEP_PX), 1).astype(np.int64)
    which = np.repeat(np.arange(len(edges)), counts)
    t = (_count_up(counts) + 0.5) / counts[which]
    xyz = start[which] + step[which] * t[:, None]
    x, y, depth = xyz.T
    sides = stage.sides[edges][which]
    shown = np.zeros(len(which), dtype=bool)
    outer = np.zeros(len(which), dtype=bool)
    column, row = np.floor(x - 0.5).astype(np.int64), np.floor(y - 0.5).astype(np.int64)
    # A pixel's centre may just miss the surface its edge bounds: any of the four around will do.
    for dx, dy in ((0, 0), (1, 0), (0, 1), (1, 1)):
        face = seen.nearest[(row + dy).clip(0, size - 1), (column + dx).clip(0, size - 1)]
        plane = seen.planes[face]
        surface = plane[:, 0] * x + plane[:, 1] * y + plane[:, 2]
        paper = face == NO_FACE
        own = (face == sides[:, 0]) | (face == sides[:, 1])
        shown |= paper | own | (depth <= surface + DEPTH_BIAS_PX)
        outer |= paper
    # A lone miss between two hits on one edge is a rounding, not an occluder.
    same = np.diff(which) == 0
    gap = np.zeros_like(shown)
    gap[1:-1] = shown[:-2] & shown[2:] & same[:-1] & same[1:]
    shown |= gap
    dashed = stage.dashed[stage.part[sides[:, 0]]]
    ink = Ink(xyz[shown, :2].astype(np.float32), dashed[shown], outer[shown])
    return ink, which[shown]


def crossings(stage: Scene, seen: View) -> Ink:
    """Where two parts pass through each other: their planes meet between neighbouring pixels."""
    nearest = seen.nearest
    found = []
    for axis in (0, 1):
        a, b = (nearest[:-1], nearest[1:]) if axis == 0 else (nearest[:, :-1], nearest[:, 1:])
        pa = np.where(a >= 0, stage.part[a], -1)
        pb = np.where(b >= 0, stage.part[b], -1)
        row, column = np.nonzero((pa != pb) & (pa >= 0) & (pb >= 0))
        fa, fb = a[row, column], b[row, column]
        gap = seen.planes[fa] - seen.planes[fb]
        x, y = column + 0.5, row + 0.5
        here = gap[:, 0] * x + gap[:, 1] * y + gap[:, 2]
        slope = gap[:, 1 - axis]
        ahead = -here / np.where(np.abs(slope) < 0.02, np.inf, slope)
        met = (ahead >= 0) & (ahead <= 1) & (np.abs(slope) >= 0.02)
        spot = np.stack([x, y], 1)[met]
        spot[:, 1 - axis] += ahead[met]
        # Along the line the planes meet in, a few points to either side close the pixel's gap.
        along = np.stack([gap[met, 1], -gap[met, 0]], 1)
        along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-12)
        dashed = stage.dashed[stage.part[fa[met]]] & stage.dashed[stage.part[fb[met]]]
        for reach in (-0.5, -0.17, 0.17, 0.5):
            found.append((spot + along * reach, dashed))
    xy = np.concatenate([f[0] for f in found]).astype(np.float32)
    return Ink(xy, np.concatenate([f[1] for f in found]), np.zeros(len(xy), dtype=bool))


# Shading


def _light(seen: View, stage: Scene) -> Floats:
    """(m,) how much light falls on each face from above left of the camera, 0 … 1."""
    source = np.array([-0.45, 0.65, -0.62]) @ seen.axes
    facing = stage.normals @ source * seen.facing
    light: Floats = (0.5 + 0.5 * facing).clip(0, 1).astype(np.float32)
    return light


def _surface_lines(stage: Scene, seen: View, density: float, rng: np.random.Generator) -> Ink:
    """Broken lines along curved surfaces, denser where they turn from the light."""
    smooth = np.flatnonzero((stage.bend > SMOOTH_DEGREES) & (stage.bend < SHARP_DEGREES))
    light = _light(seen, stage)[stage.sides[smooth]].mean(1)
    drawn = rng.random(len(smooth)) < density * 0.8 * (1 - light) ** 1.5
    smooth = smooth[drawn]
    if not len(smooth):
        return _no_ink()
    keep = np.sort(rng.random((len(smooth), 2)), axis=1) * 0.6 + rng.random((len(smooth), 1)) * 0.4
    return visible(stage, seen, smooth, keep)[0]


def _stipple(stage: Scene, seen: View, density: float, rng: np.random.Generator) -> Ink:
    """Dots on jittered cells of about three pixels, more where less light falls."""
    size = seen.nearest.shape[0]
    cell = 2.6
    n = int(size / cell)
    grid = np.stack(np.meshgrid(np.arange(n), np.arange(n)), -1).reshape(-1, 2)
    xy = ((grid + rng.uniform(0.1, 0.9, grid.shape)) * cell).astype(np.float32)
    face = seen.nearest[
        xy[:, 1].astype(int).clip(0, size - 1), xy[:, 0].astype(int).clip(0, size - 1)
    ]
    dark = 1 - _light(seen, stage)[face]
    on = (face >= 0) & (rng.random(len(xy)) < density * 1.3 * dark**1.7)
    return Ink(xy[on], np.zeros(int(on.sum()), bool), np.zeros(int(on.sum()), bool))


def _hatch(stage: Scene, seen: View, density: float, rng: np.random.Generator) -> Ink:
    """Parallel lines over what lies darkest, each part at its own slant."""
    size = seen.nearest.shape[0]
    light = _light(seen, stage)
    limit = np.quantile(light, 0.15 + 0.35 * density)
    pitch = rng.uniform(3.5, 7)
    slants = rng.choice([20.0, 45.0, 70.0, 110.0, 135.0], len(stage.dashed))
    step = 0.5
    line = np.arange(-size, size, pitch)
    along = np.arange(-size, size, step)
    found = []
    for slant in np.unique(slants):
        c, s = math.cos(math.radians(slant)), math.sin(math.radians(slant))
        u, v = np.meshgrid(along, line)
        x, y = (size / 2 + u * c - v * s).ravel(), (size / 2 + u * s + v * c).ravel()
        inside = (x >= 0) & (x < size) & (y >= 0) & (y < size)
        x, y = x[inside], y[inside]
        face = seen.nearest[y.astype(int), x.astype(int)]
        on = (face >= 0) & (light[face] < limit) & (slants[stage.part[face]] == slant)
        found.append(np.stack([x[on], y[on]], 1))
    xy = np.concatenate(found).astype(np.float32)
    return Ink(xy, np.zeros(len(xy), bool), np.zeros(len(xy), bool))


def _gloss(stage: Scene, seen: View, density: float, rng: np.random.Generator) -> Ink:
    """Groups of short slanted strokes on flat faces, as glass and polished metal are drawn."""
    size = seen.nearest.shape[0]
    spots = rng.integers(0, size, (int(10 + 60 * density), 2))
    slant = math.radians(rng.choice([-62.0, -45.0, -30.0]))
    along = np.arange(-0.5, 0.5, 0.5 / 20)
    found = []
    for x0, y0 in spots:
        face = seen.nearest[y0, x0]
        if face < 0:
            continue
        for k in range(int(rng.integers(1, 4))):
            reach = rng.uniform(10, 40)
            shift = (k - 1) * 3.0
            x = x0 + shift + along * reach * math.cos(slant)
            y = y0 + shift + along * reach * math.sin(slant)
            if x.min() < 0 or y.min() < 0 or x.max() >= size or y.max() >= size:
                continue
            under = seen.nearest[y.astype(int), x.astype(int)]
            flat = (under >= 0) & ((stage.normals[under] @ stage.normals[face]) > 0.995)
            flat &= stage.part[under] == stage.part[face]
            found.append(np.stack([x[flat], y[flat]], 1))
    xy = np.concatenate(found).astype(np.float32) if found else np.zeros((0, 2), np.float32)
    return Ink(xy, np.zeros(len(xy), bool), np.zeros(len(xy), bool))


def _no_ink() -> Ink:
    return Ink(np.zeros((0, 2), np.float32), np.zeros(0, bool), np.zeros(0, bool))


SHADES = {"lines": _surface_lines, "stipple": _stipple, "hatch": _hatch, "gloss": _gloss}


# The picture


def draw(
    stage: Scene, camera: Camera, style: Style | None = None, *, size: int = 320, seed: int = 0
) -> Picture:
    """Draw one view.

    Args:
        stage: from :func:`scene`.
        size: side of the square picture, px.
        seed: of shading, wobble and noise; the same seed draws the same picture.

    Returns: (size, size) uint8, 0 ink on 255 paper.
    """
    style = style or Style()
    rng = np.random.default_rng(seed)
    seen = view(stage, camera, size, style.margin + (FOOT / 2 if style.label else 0))
    canvas = _Canvas(size, style, rng)
    lines, _ = visible(stage, seen, drawn_edges(stage, seen))
    canvas.lines(lines)
    if len(stage.dashed) > 1:
        canvas.lines(crossings(stage, seen))
    if style.shade in SHADES:
        shade = SHADES[style.shade](stage, seen, style.shade_density, rng)
        dot = max(style.pen * (0.9 if style.shade == "stipple" else 0.7), 0.5)
        canvas.stamp(shade.xy, dot)
    return finished(canvas.picture(), style, rng)


def finished(picture: Picture, style: Style, rng: np.random.Generator) -> Picture:
    """What is done to a sheet once its lines are drawn: label, scan, turn."""
    if style.label:
        size = picture.shape[0]
        shift = round(FOOT * size / 2)
        picture = np.concatenate([picture[shift:], np.full((shift, size), PAPER, np.uint8)])
        picture = _labelled(picture, style.label, style.ink, rng)
    if style.specks or style.bilevel:
        picture = _scanned(picture, style, rng)
    return np.ascontiguousarray(np.rot90(picture, style.turn))


class _Canvas:
    """Ink on an oversampled sheet."""

    def __init__(self, size: int, style: Style, rng: np.random.Generator) -> None:
        self.side = size * OVERSAMPLING
        self.size = size
        self.style = style
        self.inked = np.zeros((self.side, self.side), dtype=bool)
        self.waves = rng.uniform(0, 2 * math.pi, (2, 2)), rng.uniform(0.02, 0.07, (2, 2))

    def lines(self, ink: Ink) -> None:
        """Solid, dashed and outer lines, each with its pen."""
        style = self.style
        xy, outer = ink.xy, ink.outer
        if ink.dashed.any():
            # Dashes by the longer screen axis keep step along curves made of short edges.
            period = style.dash * 1.7
            run = np.abs(np.diff(xy, axis=0, append=xy[-1:]))
            coordinate = np.where(run[:, 0] > run[:, 1], xy[:, 0], xy[:, 1])
            on = ~ink.dashed | (coordinate % period < style.dash)
            xy, outer = xy[on], outer[on]
        if style.outline > style.pen:
            self.stamp(xy[~outer], style.pen)
            self.stamp(xy[outer], style.outline)
        else:
            self.stamp(xy, style.pen)

    def stamp(self, xy: Floats, width: float) -> None:
        """Press a round pen of ``width`` pixels of the drawing on each point."""
        if not len(xy):
            return
        if self.style.wobble:
            phase, pitch = self.waves
            x, y = xy.T
            strayed = xy + self.style.wobble * np.stack(
                [
                    np.sin(y * pitch[0, 0] + phase[0, 0])
                    + np.sin(y * pitch[0, 1] * 4 + phase[0, 1]) / 3,
                    np.sin(x * pitch[1, 0] + phase[1, 0])
                    + np.sin(x * pitch[1, 1] * 4 + phase[1, 1]) / 3,
                ],
                1,
            )
            xy = strayed.astype(np.float32)
        at = np.floor(xy * OVERSAMPLING + _nib_shift(width)).astype(np.int64)
        for dx, dy in _nib(width):
            column = (at[:, 0] + dx).clip(0, self.side - 1)
            row = (at[:, 1] + dy).clip(0, self.side - 1)
            self.inked[row, column] = True

    def picture(self) -> Picture:
        """Average down to the drawing's size."""
        inked = self.inked.view(np.uint8)
        steps = range(OVERSAMPLING)
        cover = sum(inked[i::OVERSAMPLING, j::OVERSAMPLING] for i in steps for j in steps)
        depth = PAPER - self.style.ink
        table = np.array(
            [round(PAPER - depth * k / OVERSAMPLING**2) for k in range(OVERSAMPLING**2 + 1)],
            dtype=np.uint8,
        )
        return table[cover]


@lru_cache(maxsize=64)
def _nib(width: float) -> tuple[tuple[int, int], ...]:
    """Offsets that a round pen covers on the oversampled sheet."""
    across = max(width * OVERSAMPLING, 1.0)
    n = max(1, math.ceil(across - 0.25))
    middle = (n - 1) / 2
    limit = (across / 2) ** 2 + 0.3
    return tuple(
        (x - (n - 1) // 2, y - (n - 1) // 2)
        for x in range(n)
        for y in range(n)
        if (x - middle) ** 2 + (y - middle) ** 2 <= limit
    )


def _nib_shift(width: float) -> float:
    """Half a cell for pens an even number of cells wide, so that lines stay where they belong."""
    n = max(1, math.ceil(max(width * OVERSAMPLING, 1.0) - 0.25))
    return 0.0 if n % 2 else -0.5


def _labelled(picture: Picture, label: str, ink: int, rng: np.random.Generator) -> Picture:
    """The label under the drawing, in Pillow's own typeface."""
    size = picture.shape[0]
    sheet = Image.fromarray(picture)
    pen = ImageDraw.Draw(sheet)
    face = font(max(8, round(size * float(rng.uniform(0.035, 0.06)))))
    left, top, right, bottom = pen.textbbox((0, 0), label, font=face)
    x = (size - (right - left)) / 2 + float(rng.uniform(-0.12, 0.12)) * size
    y = size * 0.985 - (bottom - top)
    pen.text((x - left, y - top), label, fill=ink, font=face)
    return np.asarray(sheet)


@lru_cache(maxsize=32)
def font(height: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own typeface, at this height in pixels."""
    return ImageFont.load_default(height)


def _scanned(picture: Picture, style: Style, rng: np.random.Generator) -> Picture:
    """Toner specks, uneven ink, and two tones where asked for."""
    if style.specks:
        noise = rng.random(picture.shape, dtype=np.float32)
        picture = np.where(noise < style.specks, np.uint8(90), picture)
        picture = np.where(
            (noise > 1 - style.specks * 40) & (picture < 200), np.uint8(200), picture
        )
    if style.bilevel:
        picture = np.where(picture < 150, np.uint8(0), np.uint8(PAPER))
    return picture.astype(np.uint8)


# Chance


def random_camera(name: str, rng: np.random.Generator) -> Camera:
    """The camera of a canonical view with the freedom draughtsmen take; "free" is any direction."""
    if name == "free":
        return Camera(
            float(rng.uniform(-180, 180)),
            float(rng.uniform(-40, 60)),
            distance=float(rng.choice([0, 3.5, 5, 8])),
        )
    if name == "perspective":
        side = float(rng.choice([-1, 1]))
        return Camera(
            side * float(rng.uniform(20, 55)),
            float(rng.uniform(12, 40)),
            distance=float(rng.choice([0, 3, 4.5, 7])),
        )
    return CANONICAL[name]


def random_style(rng: np.random.Generator) -> Style:
    """The manner of one draughtsman: meant to be shared by all views of a design."""
    pen = float(rng.choice([0.5, 0.75, 1.0, 1.5], p=[0.25, 0.3, 0.35, 0.1]))
    return Style(
        pen=pen,
        outline=pen * float(rng.choice([1.0, 1.0, 1.6, 2.0])),
        shade=str(
            rng.choice(
                ["none", "lines", "stipple", "hatch", "gloss"], p=[0.5, 0.2, 0.12, 0.06, 0.12]
            )
        ),
        shade_density=float(rng.uniform(0.2, 0.9)),
        dash=float(rng.uniform(3, 7)),
        ink=int(rng.choice([0, 0, 0, 30, 60])),
        wobble=float(rng.choice([0, 0, 0, 0.3, 0.6])),
        bilevel=bool(rng.random() < 0.15) and pen >= 1,
        margin=float(rng.uniform(0.03, 0.1)),
    )


def sheet_style(style: Style, figure: int, rng: np.random.Generator) -> Style:
    """What changes from sheet to sheet within one manner: label, noise, a sheet turned sideways."""
    label = ""
    if rng.random() < 0.4:
        word = str(
            rng.choice(["FIG. {}", "FIG.{}", "Fig. {}", "FIG {}", "Figure {}", "{}", "FIG. 1.{}"])
        )
        label = word.format(figure)
    return replace(
        style,
        label=label,
        specks=float(rng.choice([0, 0, 0, 2e-5, 2e-4])),
        turn=int(rng.choice([0, 1, 2, 3], p=[0.9, 0.04, 0.02, 0.04])),
    )
