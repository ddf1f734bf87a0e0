"""Decoding: every mode comes out as ink on paper, hostile bytes as ImageError, transforms invert."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from engine import drawing
from engine.errors import ImageError


def encoded(picture: Image.Image, format: str = "PNG", **options: object) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, format, **options)
    return stream.getvalue()


def left_half_black(mode: str) -> Image.Image:
    """8 × 4 px: the left half is ink, the right half paper, in any mode."""
    grey = Image.new("L", (8, 4), 255)
    grey.paste(0, (0, 0, 4, 4))
    if mode == "I;16":
        return Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    if mode == "P":
        return grey.convert("RGB").convert("P")
    if mode == "RGBA":  # transparent black must become paper, not ink
        picture = Image.new("RGBA", (8, 4), (0, 0, 0, 0))
        picture.paste((0, 0, 0, 255), (0, 0, 4, 4))
        return picture
    return grey.convert(mode)


@pytest.mark.parametrize(
    ("mode", "format"),
    [
        ("1", "TIFF"), ("1", "PNG"), ("L", "PNG"), ("I;16", "PNG"), ("I;16", "TIFF"),
        ("P", "PNG"), ("P", "GIF"), ("RGB", "BMP"), ("RGBA", "PNG"), ("LA", "PNG"),
        ("CMYK", "TIFF"), ("RGB", "WEBP"),
    ],
)  # fmt: skip
def test_every_mode_decodes_to_the_same_ink(mode: str, format: str) -> None:
    options = {"lossless": True} if format == "WEBP" else {}
    found = np.asarray(drawing.decode(encoded(left_half_black(mode), format, **options)))
    assert found.dtype == np.uint8
    assert (found[:, :4] == 0).all()
    assert (found[:, 4:] == 255).all()


def test_group4_tiff_decodes() -> None:
    picture = left_half_black("1")
    found = drawing.decode(encoded(picture, "TIFF", compression="group4"))
    assert (np.asarray(found) == np.asarray(picture.convert("L"))).all()


def test_pages_and_turns() -> None:
    first, second = Image.new("L", (6, 3), 255), Image.new("L", (6, 3), 0)
    second.putpixel((0, 0), 255)  # marks the upper left corner
    both = encoded(first, "TIFF", save_all=True, append_images=[second])
    assert drawing.pages(both) == 2
    assert np.asarray(drawing.decode(both)).min() == 255
    upright = drawing.decode(both, page=1, turn=90)
    assert upright.size == (3, 6)
    assert upright.getpixel((2, 0)) == 255  # upper left goes to upper right, clockwise
    with pytest.raises(ImageError, match="no page 3"):
        drawing.decode(both, page=2)


def test_exif_orientation_is_obeyed() -> None:
    picture = Image.new("L", (6, 3), 255)
    exif = picture.getexif()
    exif[0x0112] = 6  # shown turned by 90°
    assert drawing.decode(encoded(picture, "JPEG", exif=exif)).size == (3, 6)


def bomb_png(side: int) -> bytes:
    """A PNG that declares side × side pixels and holds next to none."""
    chunk = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    packed = b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in ((b"IHDR", chunk), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b""))
    )
    return b"\x89PNG\r\n\x1a\n" + packed


def test_a_bomb_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(ImageError, match="too large"):
        drawing.decode(bomb_png(30_000), name="bomb.png")


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n", b"II*\0\xff\xff"])
def test_what_is_no_picture_is_named(content: bytes) -> None:
    with pytest.raises(ImageError, match=r"sheet\.tif"):
        drawing.decode(content, name="sheet.tif")


@pytest.mark.parametrize("format", ["PNG", "TIFF", "JPEG", "GIF", "BMP", "WEBP"])
def test_a_truncated_file_is_refused_or_read_but_never_crashes(format: str) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64), dtype=np.uint8)
    whole = encoded(Image.fromarray(noise), format)
    for share in (0.05, 0.3, 0.6):
        with pytest.raises(ImageError):
            drawing.decode(whole[: int(len(whole) * share)])


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_damaged_bytes_raise_only_image_errors(data: st.DataObject) -> None:
    picture = Image.new("L", (40, 30), 255)
    ImageDraw.Draw(picture).line((3, 3, 30, 20), fill=0)
    format = data.draw(st.sampled_from(["PNG", "TIFF", "GIF", "JPEG", "WEBP", "BMP", "JPEG2000"]))
    content = bytearray(encoded(picture, format))
    for position, value in data.draw(
        st.lists(st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255)), max_size=12)
    ):
        content[position] = value
    try:
        found = drawing.decode(bytes(content))
        drawing.pages(bytes(content))
    except ImageError:
        return
    assert found.mode == "L"


def test_ink_box_ignores_dust_but_not_thin_lines() -> None:
    page = Image.new("L", (3000, 3000), 255)
    page.putpixel((100, 100), 0)  # dust
    assert drawing.ink_box(page) is None
    ImageDraw.Draw(page).line((900, 600, 900, 1500), fill=0, width=1)
    left, top, right, bottom = drawing.ink_box(page) or (0, 0, 0, 0)
    assert (left, top) == (900, 600)
    assert 900 < right <= 903
    assert 1500 <= bottom <= 1503  # the very end of the line is as small as dust


def test_blank_paper_is_refused() -> None:
    blank = Image.new("L", (50, 50), 255)
    assert drawing.ink_box(blank) is None
    with pytest.raises(ImageError, match="blank"):
        drawing.square(blank, 32)


def test_thin_lines_survive_scaling() -> None:
    page = Image.new("L", (2400, 2400), 255)
    ImageDraw.Draw(page).rectangle((10, 10, 2390, 2390), outline=0, width=2)
    small, _ = drawing.square(page, 224, margin=0)
    assert np.asarray(small).min() < 224  # 2 px of 10.7: a fifth of the ink stays
    middle = np.asarray(small)[112]
    assert middle[:3].min() < 255
    assert middle[-3:].min() < 255


def test_the_square_holds_the_crop_in_its_middle() -> None:
    page = Image.new("L", (400, 300), 255)
    page.paste(0, (100, 50, 300, 150))
    small, transform = drawing.square(page, 100, margin=0)
    ink = np.argwhere(np.asarray(small) < 128)
    assert ink[:, 1].min() == 0 and ink[:, 1].max() == 99
    assert ink[:, 0].min() == 25 and ink[:, 0].max() == 74
    assert transform.to_page(0, 25) == pytest.approx((100, 50))
    assert transform.to_page(100, 75) == pytest.approx((300, 150))


@given(
    box=st.tuples(
        st.integers(0, 50), st.integers(0, 50), st.integers(51, 200), st.integers(51, 200)
    ),
    point=st.tuples(st.floats(0, 224), st.floats(0, 224)),
    margin=st.floats(0, 0.3),
)
def test_transforms_invert(
    box: tuple[int, int, int, int], point: tuple[float, float], margin: float
) -> None:
    page = Image.new("L", (220, 220), 0)
    _, transform = drawing.square(page, 224, box=box, margin=margin)
    assert transform.from_page(*transform.to_page(*point)) == pytest.approx(point, abs=1e-6)


def test_thumbnails_are_small_pngs() -> None:
    page = Image.new("L", (400, 300), 255)
    ImageDraw.Draw(page).ellipse((50, 50, 350, 250), outline=0, width=3)
    content = drawing.thumbnail(page, 128)
    with Image.open(io.BytesIO(content)) as image:
        assert (image.format, image.size) == ("PNG", (128, 128))
    assert len(content) < 4000


def test_thumbnails_show_the_cropped_drawing_within_half_a_grey() -> None:
    page = Image.new("L", (400, 300), 255)
    ImageDraw.Draw(page).ellipse((50, 50, 350, 250), outline=0, width=3)
    shown = np.asarray(drawing.decode(drawing.thumbnail(page, 128)), dtype=int)
    exact = np.asarray(drawing.square(page, 128)[0], dtype=int)
    assert np.abs(shown - exact).max() <= 255 / 15 / 2  # 16 even greys
    assert set(np.unique(shown)) <= {17 * shade for shade in range(16)}
    assert np.array_equal(shown == 255, exact > 255 - 8.5)  # paper stays paper
