"""Fixtures for every room: where the real drawings lie, and drawings made on the spot."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

ROOT = Path(__file__).parent.parent


def pytest_configure() -> None:
    """Heed Ctrl-C: a shell's background jobs are started without, and so would be their children."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def real_drawings() -> Path:
    """The folder of real office files; skips where there is none."""
    folder = Path(os.environ.get("DESIGN_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / "uspto-grants").is_dir():
        pytest.skip(f"no real drawings at {folder}: set DESIGN_DATA to a folder that has them")
    return folder


@pytest.fixture
def line_drawing() -> Callable[..., Image.Image]:
    """A function that draws something simple: (kind, size) → grey picture."""

    def draw(kind: str = "box", size: tuple[int, int] = (300, 200)) -> Image.Image:
        picture = Image.new("L", size, 255)
        pen = ImageDraw.Draw(picture)
        w, h = size
        if kind == "box":
            pen.rectangle((w * 0.2, h * 0.3, w * 0.7, h * 0.8), outline=0, width=2)
            pen.line((w * 0.2, h * 0.3, w * 0.35, h * 0.1), fill=0, width=2)
        elif kind == "circle":
            pen.ellipse((w * 0.3, h * 0.2, w * 0.8, h * 0.9), outline=0, width=2)
        elif kind == "star":
            for end in ((0.1, 0.1), (0.9, 0.1), (0.1, 0.9), (0.9, 0.9), (0.5, 0.05)):
                pen.line((w / 2, h / 2, w * end[0], h * end[1]), fill=0, width=2)
        return picture

    return draw


@pytest.fixture
def png() -> Callable[[Image.Image], bytes]:
    """A function that encodes a picture as PNG."""

    def encode(picture: Image.Image) -> bytes:
        stream = io.BytesIO()
        picture.save(stream, "PNG")
        return stream.getvalue()

    return encode
