"""Broken lines: said in the description, and seen in the drawing."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from engine import drawing
from engine.design import Design
from ingest.sheets import Told
from ingest.sources import read
from ingest.strokes import has_broken_lines
from ingest.views import mentions_broken_lines


@pytest.mark.parametrize(
    "text",
    [
        "The broken lines in the drawings show portions that form no part of the claimed design.",
        "Broken line showing of the bottle is for illustrative purposes only.",
        "The dashed lines depict environmental structure.",
        "the dash-dot-dash lines define the boundary", "The dash dot dot lines are a boundary.",
        "shown in phantom lines", "Features in dotted and dashed lines are disclaimed.",
        "The dot-dash broken lines form the bounds of the claim.",
    ],
)  # fmt: skip
def test_descriptions_that_speak_of_broken_lines(text: str) -> None:
    assert mentions_broken_lines(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "FIG. 1 is a perspective view of a chair;", "a broken bottle in line with the neck",
        "A clothes line, broken in two.", "The drawings contain no broken lines.",
        "shown without any dashed lines", "The outlines are solid.",
    ],
)  # fmt: skip
def test_descriptions_that_do_not(text: str) -> None:
    assert not mentions_broken_lines(text)


def ring(on: float, off: float, radius: int = 300) -> Image.Image:
    """A circle in dashes of a length and gap in pixels, at a scan's resolution."""
    page = Image.new("L", (800, 800), 255)
    pen = ImageDraw.Draw(page)
    step = np.degrees((on + off) / radius)
    for start in np.arange(0, 360, step):
        end = start + np.degrees(on / radius)
        pen.arc((400 - radius, 400 - radius, 400 + radius, 400 + radius), start, end, 0, 3)
    return page


@pytest.mark.parametrize(("on", "off"), [(14, 9), (30, 12), (22, 22)])
@pytest.mark.parametrize("radius", [150, 300])
def test_dashed_circles_are_seen(on: float, off: float, radius: int) -> None:
    assert has_broken_lines(ring(on, off, radius))


def solid(kind: str) -> Image.Image:
    page = Image.new("L", (800, 800), 255)
    pen = ImageDraw.Draw(page)
    rng = np.random.default_rng(0)
    if kind == "circle":
        pen.ellipse((100, 100, 700, 700), outline=0, width=3)
    elif kind == "hatching":
        for k in range(60):
            pen.line((100 + 10 * k, 300, 130 + 10 * k, 340), 0, 2)
    elif kind == "stippling":
        for x, y in rng.uniform(100, 700, (1500, 2)):
            pen.ellipse((x, y, x + 2, y + 2), fill=0)
    elif kind == "slots":
        for y in range(100, 700, 40):
            pen.rectangle((200, y, 600, y + 20), outline=0, width=2)
    elif kind == "strokes":
        for x, y, angle in rng.uniform((100, 100, 0), (700, 700, np.pi), (300, 3)):
            pen.line((x, y, x + 15 * np.cos(angle), y + 15 * np.sin(angle)), 0, 2)
    return page


@pytest.mark.parametrize("kind", ["blank", "circle", "hatching", "stippling", "slots", "strokes"])
def test_solid_drawings_are_not_broken(kind: str) -> None:
    assert not has_broken_lines(solid(kind))


def test_the_text_places_views_and_says_what_a_sheet_holds() -> None:
    from engine.design import Figure

    figures = tuple(Figure(number=f"S{k}", file=f"{k}.tif", content=b"-") for k in (1, 2))
    text = "FIG. 1 is a front view of a cup;\nFIG. 2 is a top view thereof."
    told = Told.of(Design(id="D1", figures=figures, description=text))
    assert told.single and not told.broken_lines
    unread = told.complete(figures[1], 1)
    assert (unread.label, unread.view) == ("2", "top view"), "one figure a sheet, in order"
    misread = told.complete(Figure(number="S1", file="1.tif", content=b"-", label="7"), 0)
    assert (misread.label, misread.view) == ("1", "front view"), "there is no FIG. 7"
    more = Told.of(Design(id="D1", figures=figures[:1], description=text))
    assert not more.single
    second = Figure(number="S1-2", file="1.tif", content=b"-", label="2", view="front view")
    assert more.complete(second, 0).view == "top view"
    assert more.complete(Figure(number="S1-1", file="1.tif", content=b"-"), 0).label == ""


@pytest.mark.data
def test_grants_show_the_broken_lines_they_speak_of(real_drawings) -> None:
    """Nine of ten grants agree; the tenth is a screen drawn white on black."""
    agree = {}
    for design in read([real_drawings / "uspto-grants"]):
        assert isinstance(design, Design)
        pages = (drawing.decode(f.content, turn=f.turn) for f in design.figures)
        seen = any(has_broken_lines(page) for page in pages)
        agree[design.id] = seen == mentions_broken_lines(design.description)
    assert len(agree) == 10
    assert [id for id, same in agree.items() if not same] == ["USD937859"]
