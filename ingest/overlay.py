"""A picture of what splitting did to a sheet: figures boxed and numbered, labels and furniture marked.

The sheet is drawn upright, paler, with the figures' own ink dark; nothing is written back to it.
"""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from engine import drawing
from engine.errors import SourceError
from ingest.labels import Box, Reader
from ingest.split import Part, Sheet, split

COLOURS = ("#c0392b", "#1f6fb2", "#1e8449", "#b9770e", "#7d3c98", "#148f8f")
FURNITURE = "#7f8c8d"
SIDE_PX = 1400  # of an overlay's longer side, at most


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A page of a file with what was found on it."""

    name: str
    page: Image.Image
    sheet: Sheet


def look(path: Path, reader: Reader | None, *, turn: int = 0, numerals: bool = False) -> list[Seen]:
    """Split every page of a picture file. Raises: SourceError, ImageError."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path} cannot be read ({error.strerror}). Check the path.") from error
    count = drawing.pages(content, name=str(path))
    seen = []
    for number in range(count):
        page = drawing.decode(content, page=number, turn=turn, name=str(path))
        name = f"{path.name}, page {number + 1}" if count > 1 else path.name
        seen.append(Seen(name, page, split(page, reader=reader, numerals=numerals)))
    return seen


def paint(page: Image.Image, sheet: Sheet) -> Image.Image:
    """The overlay, as a colour picture of the page."""
    scale = min(1.0, SIDE_PX / max(page.size))
    size = max(1, round(page.width * scale)), max(1, round(page.height * scale))
    painted = page.resize(size, Image.Resampling.BOX).convert("RGB")
    pen = ImageDraw.Draw(painted)
    width = max(2, round(max(size) / 400))
    font = ImageFont.load_default(max(11, round(max(size) / 60)))

    def outline(box: Box, colour: str) -> Box:
        left, top, right, bottom = (round(edge * scale) for edge in box)
        pen.rectangle((left, top, right - 1, bottom - 1), outline=colour, width=width)
        return left, top, right, bottom

    for box in sheet.furniture:
        outline(box, FURNITURE)
    for place, part in enumerate(sheet.parts, start=1):
        colour = COLOURS[(place - 1) % len(COLOURS)]
        left, top, _, _ = outline(part.box, colour)
        if part.label_box:
            outline(part.label_box, colour)
        text = f"{place}  {named(part)}  {part.confidence:.0%}"
        _, _, right, bottom = pen.textbbox((left + width, top + width), text, font=font)
        pen.rectangle((left, top, right + 2 * width, bottom + width), fill=colour)
        pen.text((left + width, top + width), text, fill="white", font=font)
    return painted


def named(part: Part) -> str:
    """A figure's label as people write it."""
    return f"FIG. {part.label}" if part.label else "label unread" if part.label_box else "no label"


def rows(seen: Sequence[Seen]) -> list[dict[str, object]]:
    """What was found, as JSON: one row a figure."""
    return [
        {
            "sheet": item.name, "figure": place, "label": part.label,
            "box": list(part.box), "turn": part.turn, "confidence": part.confidence,
            "whole": item.sheet.whole,
        }
        for item in seen
        for place, part in enumerate(item.sheet.parts, start=1)
    ]  # fmt: skip


def page(seen: Sequence[Seen]) -> str:
    """One HTML file with every overlay in it; it loads nothing from elsewhere."""
    shown = []
    for item in seen:
        stream = io.BytesIO()
        paint(item.page, item.sheet).quantize(64).save(stream, "PNG")
        code = base64.b64encode(stream.getvalue()).decode("ascii")
        count = len(item.sheet.parts)
        note = f"stays whole: {item.sheet.whole}" if item.sheet.whole else (
            f"{count} figure{'s' if count != 1 else ''}"
        )  # fmt: skip
        shown.append(
            f"<figure><figcaption><b>{html.escape(item.name)}</b> {html.escape(note)}</figcaption>"
            f'<img alt="{html.escape(item.name)} with its figures boxed" '
            f'src="data:image/png;base64,{code}"></figure>'
        )
    return PAGE.replace("{figures}", "\n".join(shown))


PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Figures of sheets</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: #222; background: #fff }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(22rem, 1fr)); gap: 1.5rem }
figure { margin: 0 } figcaption { margin-bottom: .4rem }
img { max-width: 100%; height: auto; border: 1px solid #ccc }
</style></head><body><h1>Figures of sheets</h1>
<p>Each colour is one figure with its label; grey is what belongs to no figure.
The files themselves are unchanged.</p>
<main>
{figures}
</main></body></html>
"""
