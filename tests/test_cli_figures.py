"""``engine figures`` and ``engine ingest --split``, as processes."""

from __future__ import annotations

import base64
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).parent.parent
BOXES = ((100, 60, 900, 440), (100, 680, 900, 1080))


def engine(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *map(str, words)],
        capture_output=True, text=True, timeout=240, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    page = Image.new("1", (1000, 1300), 1)
    pen = ImageDraw.Draw(page)
    for number, (left, top, right, bottom) in enumerate(BOXES, start=1):
        pen.rectangle((left, top, right - 1, bottom - 1), outline=0, width=3)
        pen.line((left, top, right - 1, bottom - 1), 0, 3)
        pen.text((440, bottom + 40), f"FIG. {number}", 0, ImageFont.load_default(38))
    path = tmp_path / "in" / "sheet.tif"
    path.parent.mkdir()
    page.save(path, compression="group4")
    return path


def test_figures_shows_boxes_and_leaves_the_sheet_alone(sheet: Path, tmp_path: Path) -> None:
    before = sheet.read_bytes()
    html = tmp_path / "figures.html"
    done = engine("figures", sheet, "--html", html, "--no-read", "--json")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert [row["figure"] for row in rows] == [1, 2]
    for row, box in zip(rows, BOXES, strict=True):
        assert max(abs(a - b) for a, b in zip(row["box"], box, strict=True)) <= 4
    assert sheet.read_bytes() == before
    page = html.read_text(encoding="utf-8")
    assert "http" not in page.replace("http-equiv", ""), "it loads nothing from elsewhere"
    (code,) = re.findall(r"data:image/png;base64,([^\"]+)", page)
    with Image.open(io.BytesIO(base64.b64decode(code))) as painted:
        colours = {colour for _, colour in painted.convert("RGB").getcolors(100_000)}
    assert len([c for c in colours if max(c) - min(c) > 80]) >= 2, "a colour a figure"


def test_figures_says_what_is_wrong(tmp_path: Path) -> None:
    missing = engine("figures", tmp_path / "none.tif")
    assert missing.returncode == 1 and "none.tif cannot be read" in missing.stderr
    assert engine("figures", tmp_path, "--turn", 45).returncode == 2


def test_ingest_splits_unless_told_otherwise(sheet: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    counts = []
    for words in ((), ("--no-split",), ("--split",)):
        done = engine("ingest", sheet.parent, "--store", store, "--json", *words)
        assert done.returncode == 0, done.stderr
        status = engine("status", "--store", store, "--json")
        counts.append((json.loads(done.stdout)["read"], json.loads(status.stdout)["figures"]))
    assert counts == [(2, 2), (1, 1), (2, 2)]
    found = engine("search", sheet, "--store", store, "--solid-lines", "--per", "figure", "--json")
    assert found.returncode == 0, found.stderr
    assert len(json.loads(found.stdout)) == 2
    none = engine("search", sheet, "--store", store, "--broken-lines", "--json")
    assert none.returncode == 3
