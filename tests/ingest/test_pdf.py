"""Patent PDFs: scans and set text, locked and damaged files; written here byte by byte."""

from __future__ import annotations

import hashlib
import io
import random
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from engine.design import Design
from ingest import pipeline
from ingest.originals import Originals
from ingest.sources import Problem, detect, pdf, read
from qdrant.points import point

pytest.importorskip("pypdfium2", reason="comes with the extra 'pdf'")

TEXT = (
    "the ornamental design for a chair as shown and described broken lines form no part of claimed "
    "united states patent application number filed references cited examiner attorney"
)
WORDS = TEXT.split()
A4_AT_150 = (1240, 1754)


def sheet(seed: int, size: tuple[int, int] = A4_AT_150) -> Image.Image:
    """A drawing of strokes, a hatched patch and a label."""
    rng = random.Random(seed)
    drawn = Image.new("L", size, 255)
    pen = ImageDraw.Draw(drawn)
    for _ in range(12):
        ends = [rng.randint(100, limit - 100) for limit in (*size, *size)]
        pen.line(ends, fill=0, width=3)
    for y in range(600, 900, 12):
        pen.line((300, y, 700, y), fill=0, width=2)
    pen.text((size[0] // 2, size[1] - 150), f"FIG. {seed}", font=ImageFont.load_default(40), fill=0)
    return drawn


def text_page(columns: int = 2, lines: int = 50, leading: float = 1.2, askew: float = 0.0):
    """A scanned page of set text, at 150 dpi."""
    rng = random.Random(columns + lines)
    font = ImageFont.load_default(21)
    page = Image.new("L", A4_AT_150, 255)
    pen = ImageDraw.Draw(page)
    width = 1000 // columns
    for column in range(columns):
        for line in range(lines):
            words = ""
            while font.getlength(words) < width - 90:
                words += rng.choice(WORDS) + " "
            pen.text(
                (120 + column * width, 130 + int(line * 21 * leading)), words, font=font, fill=0
            )
    return page.rotate(askew, fillcolor=255, resample=Image.Resampling.BICUBIC)


def scanned(*pages: Image.Image) -> bytes:
    stream = io.BytesIO()
    pages[0].save(stream, "PDF", save_all=True, append_images=pages[1:], resolution=150)
    return stream.getvalue()


def written(*pages: str, password: bytes = b"") -> bytes:
    """A PDF of content streams, one a page; locked by the standard handler (PDF 1.4, 40 bits)."""
    keys = _Lock(password) if password else None
    objects = {
        1: "<< /Type /Catalog /Pages 2 0 R >>",
        3: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    }
    streams: dict[int, bytes] = {}
    kids = []
    for place, content in enumerate(pages):
        number = 4 + 2 * place
        kids.append(f"{number} 0 R")
        objects[number] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {number + 1} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        streams[number + 1] = content.encode()
    objects[2] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(pages)} >>"
    out = io.BytesIO(b"")
    out.write(b"%PDF-1.4\n")
    places: dict[int, int] = {}
    for number in sorted({*objects, *streams}):
        places[number] = out.tell()
        if number in streams:
            body = keys.crypt(number, streams[number]) if keys else streams[number]
            out.write(f"{number} 0 obj\n<< /Length {len(body)} >>\nstream\n".encode())
            out.write(body + b"\nendstream\nendobj\n")
        else:
            out.write(f"{number} 0 obj\n{objects[number]}\nendobj\n".encode())
    start = out.tell()
    out.write(f"xref\n0 {max(places) + 1}\n0000000000 65535 f \n".encode())
    out.write(b"".join(f"{places[n]:010} 00000 n \n".encode() for n in sorted(places)))
    lock = f"/Encrypt {keys.record()} /ID [<{'00' * 16}> <{'00' * 16}>]" if keys else ""
    out.write(f"trailer\n<< /Size {max(places) + 1} /Root 1 0 R {lock} >>\n".encode())
    out.write(f"startxref\n{start}\n%%EOF\n".encode())
    return out.getvalue()


class _Lock:
    """The keys of the standard security handler, revision 2 (PDF 1.4, section 3.5)."""

    PAD = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
    ALLOWED = b"\xfc\xff\xff\xff"

    def __init__(self, password: bytes) -> None:
        padded = (password + self.PAD)[:32]
        self.owner = _rc4(hashlib.md5(padded).digest()[:5], padded)
        self.key = hashlib.md5(padded + self.owner + self.ALLOWED + bytes(16)).digest()[:5]
        self.user = _rc4(self.key, self.PAD)

    def crypt(self, number: int, content: bytes) -> bytes:
        own = hashlib.md5(self.key + number.to_bytes(3, "little") + b"\0\0").digest()[:10]
        return _rc4(own, content)

    def record(self) -> str:
        return f"<< /Filter /Standard /V 1 /R 2 /O <{self.owner.hex()}> /U <{self.user.hex()}> /P -4 >>"


def _rc4(key: bytes, content: bytes) -> bytes:
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(), 0, 0
    for byte in content:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


SET_TEXT = "BT /F1 10 Tf 12 TL 60 780 Td " + " ".join(
    f"({' '.join(WORDS[i % 5 :])}) Tj T*" for i in range(40)
) + " ET"  # fmt: skip
STROKES = "3 w 100 200 m 500 700 l S 100 700 m 500 200 l S BT /F1 14 Tf 280 120 Td (FIG. 1) Tj ET"


def split(items) -> tuple[list[Design], list[Problem]]:
    items = list(items)
    return [i for i in items if isinstance(i, Design)], [i for i in items if isinstance(i, Problem)]


def test_sheets_are_found_and_text_is_left_out(tmp_path: Path, make) -> None:
    pages = [text_page(), sheet(1), sheet(2), text_page(1, 30), sheet(3)]
    make.write(tmp_path, {"USD0907292-20210105.pdf": scanned(*pages)})
    assert detect(tmp_path) == "pdf"
    (design,), problems = split(read([tmp_path]))
    assert not problems
    assert (design.id, design.office) == ("USD907292", "US")
    assert [f.number for f in design.figures] == ["S1", "S2", "S3"]
    assert [f.file.rpartition("!")[2] for f in design.figures] == ["page 2", "page 3", "page 5"]
    with Image.open(io.BytesIO(design.figures[1].content)) as rendered:
        assert rendered.size == pytest.approx((1240 * 200 / 150, 1754 * 200 / 150), abs=2)
        small = np.asarray(rendered.convert("L").resize((124, 175), Image.Resampling.BOX), float)
    expected = np.asarray(sheet(2).resize((124, 175), Image.Resampling.BOX), float)
    assert np.corrcoef(small.ravel(), expected.ravel())[0, 1] > 0.95


def test_a_text_layer_tells_too(tmp_path: Path, make) -> None:
    make.write(tmp_path, {"lamp.pdf": written(SET_TEXT, STROKES)})
    (design,), problems = split(read([tmp_path]))
    assert not problems
    assert (design.id, [f.file for f in design.figures]) == (
        "lamp",
        [f"{tmp_path}/lamp.pdf!page 2"],
    )


@pytest.mark.parametrize("columns", [1, 2])
@pytest.mark.parametrize("lines", [14, 60])
@pytest.mark.parametrize(("leading", "askew"), [(1.1, 0.0), (1.2, 0.7), (1.4, -1.0)])
def test_text_is_known_by_its_looks(columns, lines, leading, askew) -> None:
    page = text_page(columns, lines, leading, askew)
    look = page.resize(
        [round(side * pdf.LOOK_DPI / 150) for side in page.size], Image.Resampling.BOX
    )
    assert pdf.is_text(np.asarray(look))


def test_the_front_page_is_text_although_it_shows_a_drawing() -> None:
    page = text_page(2, 55)
    page.paste(sheet(1, (560, 700)), (640, 900))
    look = page.resize(
        [round(side * pdf.LOOK_DPI / 150) for side in page.size], Image.Resampling.BOX
    )
    assert pdf.is_text(np.asarray(look))


def test_drawings_are_no_text() -> None:
    for seed in range(5):
        look = sheet(seed).resize((992, 1403), Image.Resampling.BOX)
        assert not pdf.is_text(np.asarray(look))
    assert not pdf.is_text(np.full((1403, 992), 255, np.uint8))
    assert not pdf.is_text(np.zeros((1403, 992), np.uint8))


@pytest.mark.data
def test_no_real_sheet_is_taken_for_text(real_drawings: Path) -> None:
    for file in sorted((real_drawings / "us-design-sheets").glob("*.tif"))[::12]:
        with Image.open(file) as page:
            scale = pdf.LOOK_DPI * 11 / page.height
            small = page.convert("L").resize(
                (round(page.width * scale), round(page.height * scale)), Image.Resampling.BOX
            )
        assert not pdf.is_text(np.asarray(small)), file.name


def test_locked_damaged_and_empty_files_are_named(tmp_path: Path, make) -> None:
    whole = written(STROKES)
    make.write(tmp_path, {
        "locked.pdf": written(STROKES, password=b"secret"), "cut.pdf": whole[:100], "none.pdf": b"",
        "text.pdf": written(SET_TEXT), "blank.pdf": written(""), "good.pdf": whole,
        "lamp.png": make.picture(1),
    })  # fmt: skip
    found, problems = split(read([tmp_path]))
    assert {d.id for d in found} == {"good", "lamp"}
    reasons = {Path(p.file).name: p.reason for p in problems}
    assert set(reasons) == {"locked.pdf", "cut.pdf", "none.pdf", "text.pdf", "blank.pdf"}
    assert "locked with a password" in reasons["locked.pdf"]
    assert "not a sound PDF" in reasons["cut.pdf"]
    assert "no page with a drawing" in reasons["text.pdf"]


def test_a_page_of_absurd_size_is_rendered_smaller(tmp_path: Path, make) -> None:
    vast = written(STROKES).replace(b"[0 0 595 842]", b"[0 0 9999 9999]")
    make.write(tmp_path, {"vast.pdf": vast})
    (design,), _ = split(read([tmp_path]))
    with Image.open(io.BytesIO(design.figures[0].content)) as rendered:
        assert rendered.width * rendered.height <= pdf.MAX_PIXELS * 1.01


def test_without_the_extra_it_says_what_to_install(tmp_path: Path, make, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    make.write(tmp_path, {"a.pdf": written(STROKES), "lamp.png": make.picture(1)})
    found, (problem,) = split(read([tmp_path]))
    assert [d.id for d in found] == ["lamp"]
    assert "'pdf' extra" in problem.reason


def test_a_page_is_found_again_for_showing(tmp_path: Path, make) -> None:
    make.write(tmp_path, {"lamp.pdf": written(SET_TEXT, STROKES)})
    (design,), _ = split(read([tmp_path]))
    (figure,) = design.figures
    told = {"file": figure.file, "sha256": figure.sha256}
    assert Originals()(told) == figure.content
    for file in ("lamp.pdf!page 9", "lamp.pdf!page 0", "lamp.pdf!x", "gone.pdf!page 1"):
        assert Originals()(told | {"file": f"{tmp_path}/{file}"}) is None


def test_ingested_end_to_end_twice(tmp_path: Path, make, open_index, encoder) -> None:
    make.write(tmp_path / "in", {"lamp.pdf": scanned(text_page(), sheet(1), sheet(2))})
    first = pipeline.ingest([tmp_path / "in"], open_index(), encoder, point)
    assert (first.read, first.indexed) == (2, 2)
    again = pipeline.ingest([tmp_path / "in"], open_index(), encoder, point)
    assert (again.read, again.unchanged) == (2, 2), "a page is rendered the same every time"
