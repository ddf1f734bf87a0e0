"""Why two drawings match: occlusion against an encoder whose answer is known, and the picture."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from engine import encoder as encoders
from engine import explain
from engine.encoder import EXPLAINER, ModelFolder, Preprocessing
from engine.errors import ImageError, ModelError
from engine.plan import EncoderCard

SIZE = 48


def corner_encoder() -> encoders.Encoder:
    """Its row is (ink of the upper left quarter, a little): only strokes there can matter."""

    def tower(pixels: Any) -> tuple[Any, None]:
        ink = (1 - pixels[:, 0]) / 2
        corner = ink[:, : SIZE // 2, : SIZE // 2].mean((1, 2))
        return np.stack([corner, np.full_like(corner, 0.02)], axis=1), None

    preprocessing = Preprocessing(SIZE, margin=0.0)
    return encoders.Encoder(
        EncoderCard("corner", "1", 2, preprocessing.digest), preprocessing, tower
    )


def page() -> Image.Image:
    """Two filled boxes: upper left and lower right."""
    picture = Image.new("L", (SIZE, SIZE), 255)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, 15, 15), fill=0)
    pen.rectangle((32, 32, 47, 47), fill=0)
    return picture


def test_occlusion_finds_the_only_part_that_matters() -> None:
    encoder = corner_encoder()
    square = np.asarray(page())
    keep = explain.occlusion(encoder, square, encoder.encode([square])[0])
    assert keep.shape == (12, 12)
    assert keep.max() == 1
    assert np.all(keep[:4, :4] > 0)
    assert np.all(keep[4:, 4:] == 0)


def test_an_encoder_without_an_explainer_is_explained_by_occlusion() -> None:
    why = explain.explain(corner_encoder(), page(), page())
    assert why.method == explain.COVERED
    assert why.cosine == pytest.approx(1)
    np.testing.assert_array_equal(why.ours.keep, why.theirs.keep)


def test_strokes_that_mattered_are_red_and_others_grey() -> None:
    why = explain.explain(corner_encoder(), page(), page())
    shown = np.asarray(explain.coloured(why.ours, 480)).astype(int)
    mattered, nothing = shown[80, 80], shown[400, 400]
    assert mattered[0] > mattered[2] + 60  # redder than blue
    assert abs(nothing[0] - nothing[2]) < 30
    assert tuple(shown[30, 400]) == (255, 255, 255)  # blank paper stays white


def test_the_picture_holds_both_drawings_side_by_side() -> None:
    why = explain.explain(corner_encoder(), page(), page())
    sheet = explain.draw(why, ("Query", "USD1, figure 2" + " and more" * 40))
    assert sheet.mode == "RGB"
    pixels = np.asarray(sheet)
    left = pixels[explain.HEAD_PX : -explain.FOOT_PX, : sheet.width // 2]
    right = pixels[explain.HEAD_PX : -explain.FOOT_PX, sheet.width // 2 :]
    assert (left < 200).any()
    assert (right < 200).any()
    assert explain.png(sheet).startswith(b"\x89PNG")


def test_blank_paper_is_refused() -> None:
    with pytest.raises(ImageError, match="blank"):
        explain.explain(corner_encoder(), page(), Image.new("L", (50, 50), 255))


@pytest.fixture(scope="module")
def sheets() -> tuple[Image.Image, Image.Image]:
    def drawn(turn: int) -> Image.Image:
        picture = Image.new("L", (600, 600), 255)
        pen = ImageDraw.Draw(picture)
        for i in range(6):
            pen.ellipse((60 + 30 * i, 90, 540 - 30 * i, 500 - 12 * i), outline=0, width=3)
        pen.line((60, 560, 540, 520), fill=0, width=4)
        return picture.rotate(turn, fillcolor=255)

    return drawn(0), drawn(12)


def test_the_shipped_encoder_is_explained_by_its_own_mask(
    sheets: tuple[Image.Image, Image.Image],
) -> None:
    encoder = encoders.load(threads=1)
    why = explain.explain(encoder, *sheets)
    assert why.method == explain.LEARNED
    rows = encoder.encode_drawings(sheets)
    assert why.cosine == pytest.approx(float(rows[0] @ rows[1]), abs=1e-6)
    for side in (why.ours, why.theirs):
        assert side.keep.shape == (18, 18)
        assert side.keep.min() >= 0
        assert side.keep.max() <= 1
        assert side.keep.std() > 0.01
    began = time.process_time()
    explain.draw(explain.explain(encoder, *sheets))
    assert time.process_time() - began < 1


def test_a_damaged_explainer_is_refused(
    tmp_path: Path, sheets: tuple[Image.Image, Image.Image]
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(encoders.shipped()[encoders.DEFAULT], folder)
    (folder / EXPLAINER).write_bytes(b"no network")
    with pytest.raises(ModelError, match=r"explain\.onnx is missing or not the file"):
        explain.explain(encoders.load(str(folder), threads=1), *sheets)


def test_a_folder_without_an_explainer_still_explains(
    tmp_path: Path, sheets: tuple[Image.Image, Image.Image]
) -> None:
    from dataclasses import replace

    folder = tmp_path / "model"
    shutil.copytree(encoders.shipped()[encoders.DEFAULT], folder)
    said = ModelFolder.read(folder)
    digests = {name: value for name, value in said.sha256.items() if name != EXPLAINER}
    replace(said, sha256=digests).write(folder)
    why = explain.explain(encoders.load(str(folder), threads=1), *sheets)
    assert why.method == explain.COVERED
    assert why.ours.keep.shape == (explain.PIECES, explain.PIECES)
