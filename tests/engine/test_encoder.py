"""The one path from drawings to unit rows: contract, folders, refusals."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine import encoder as encoders
from engine.encoder import CONFIG_FILE, ModelFolder, Preprocessing
from engine.errors import ImageError, IndexMismatch, ModelError
from engine.search import check_card
from engine.tint import tint

Draw = Callable[..., Image.Image]


@pytest.fixture(scope="module")
def shipped() -> encoders.Encoder:
    return encoders.load()


def copy_of_shipped(folder: Path) -> Path:
    return Path(shutil.copytree(encoders.shipped()[encoders.DEFAULT], folder / "model"))


def test_rows_are_unit_and_of_the_cards_dimension(
    shipped: encoders.Encoder, line_drawing: Draw
) -> None:
    rows = shipped.encode_drawings([line_drawing("box"), line_drawing("circle")])
    assert rows.shape == (2, shipped.card.dimension)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 1], abs=1e-5)


def test_a_row_does_not_depend_on_its_batch(shipped: encoders.Encoder, line_drawing: Draw) -> None:
    squares = [shipped.prepare(line_drawing(kind)) for kind in ("box", "circle", "star")] * 7
    together = shipped.encode(squares)
    assert together.shape[0] == 21
    for index in (0, 1, 20):
        alone = shipped.encode(squares[index : index + 1])[0]
        np.testing.assert_allclose(together[index], alone, atol=1e-6)


def test_place_and_size_on_the_page_do_not_matter(
    shipped: encoders.Encoder, line_drawing: Draw
) -> None:
    drawing = line_drawing("star", (200, 200))
    page = Image.new("L", (900, 700), 255)
    page.paste(drawing, (600, 50))
    other = line_drawing("circle", (200, 200))
    rows = shipped.encode_drawings([drawing, page, other])
    assert rows[0] @ rows[1] > 0.999
    assert rows[0] @ rows[2] < 0.9


def test_no_drawings_no_rows(shipped: encoders.Encoder) -> None:
    assert shipped.encode([]).shape == (0, shipped.card.dimension)


def test_blank_paper_is_refused(shipped: encoders.Encoder) -> None:
    with pytest.raises(ImageError, match="blank"):
        shipped.encode_drawings([Image.new("L", (50, 50), 255)])


def test_pixels_are_normalised_by_channel() -> None:
    preprocessing = Preprocessing(2, (0.5, 0.4, 0.3), (0.5, 0.2, 0.1))
    pixels = preprocessing.pixels(np.array([[[0, 255], [51, 102]]], dtype=np.uint8))
    assert pixels.shape == (1, 3, 2, 2)
    for channel, (mean, std) in enumerate([(0.5, 0.5), (0.4, 0.2), (0.3, 0.1)]):
        for row, column, value in ((0, 0, 0.0), (0, 1, 1.0), (1, 0, 0.2), (1, 1, 0.4)):
            assert pixels[0, channel, row, column] == pytest.approx((value - mean) / std, abs=1e-5)


def test_the_digest_tells_preprocessings_apart() -> None:
    base = Preprocessing(224)
    changed = [
        replace(base, size=256),
        replace(base, margin=0.1),
        replace(base, std=(0.5, 0.5, 0.4)),
        replace(base, tint=True),
    ]
    assert base.digest == Preprocessing(224).digest
    assert len({base.digest, *(other.digest for other in changed)}) == 5


def test_collections_from_before_there_were_tints_are_still_known() -> None:
    assert Preprocessing(224).digest == "67811b4d9a0e"


def test_a_tinted_encoder_sees_the_drawing_and_its_bodies(line_drawing: Draw) -> None:
    preprocessing = Preprocessing(96, tint=True)
    square = preprocessing.square(line_drawing())
    np.testing.assert_array_equal(square, Preprocessing(96).square(line_drawing()))
    plain, *tinted = preprocessing.pixels(square[None])[0]
    np.testing.assert_array_equal(plain, Preprocessing(96).pixels(square[None])[0, 0])
    for channel in tinted:
        np.testing.assert_allclose(channel, tint(square) / 127.5 - 1, atol=1e-6)
    assert (tinted[0] < plain).any()


def test_a_copied_folder_loads_by_path(tmp_path: Path, shipped: encoders.Encoder) -> None:
    folder = copy_of_shipped(tmp_path)
    assert encoders.load(str(folder)).card == shipped.card
    assert encoders.card(str(folder)) == shipped.card


def test_a_changed_model_file_is_refused(tmp_path: Path) -> None:
    folder = copy_of_shipped(tmp_path)
    onnx = folder / ModelFolder.read(folder).onnx
    onnx.write_bytes(onnx.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelError, match="sha256"):
        encoders.load(str(folder))


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    folder = copy_of_shipped(tmp_path)
    config = ModelFolder.read(folder)
    (folder / config.onnx).write_bytes(b"not a network")
    digest = encoders.file_sha256(folder / config.onnx)
    replace(config, sha256={config.onnx: digest}).write(folder)
    with pytest.raises(ModelError, match="ONNX Runtime"):
        encoders.load(str(folder))


@pytest.mark.parametrize(
    "change",
    [{"onnx": "../other.onnx"}, {"onnx": "unlisted.onnx"}, {"mean": None}, {"sha256": {}}],
)
def test_a_config_that_lies_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    folder = copy_of_shipped(tmp_path)
    raw = json.loads((folder / CONFIG_FILE).read_text())
    (folder / CONFIG_FILE).write_text(json.dumps(raw | change))
    with pytest.raises(ModelError):
        encoders.load(str(folder))


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(ModelError, match=encoders.DEFAULT):
        encoders.load("no-such-encoder")


def test_collections_of_other_encoders_are_refused(shipped: encoders.Encoder) -> None:
    card = shipped.card
    check_card(card, card)
    for other, what in (
        (replace(card, name="vit-b-32", dimension=512), "vit-b-32"),
        (replace(card, revision="0"), "revision 0"),
        (replace(card, preprocessing="0" * 12), "preprocessing"),
    ):
        with pytest.raises(IndexMismatch, match=what):
            check_card(other, card)


def test_open_clip_folder_runs_through_torch(tmp_path: Path, line_drawing: Draw) -> None:
    """A model made from a config, saved as open_clip saves, loaded by the path a user would give."""
    open_clip = pytest.importorskip("open_clip")
    safetensors = pytest.importorskip("safetensors.torch")
    config = {
        "embed_dim": 16,
        "vision_cfg": {"image_size": 32, "layers": 2, "width": 32, "patch_size": 8, "head_width": 16},
        "text_cfg": {"context_length": 8, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 1},
    }  # fmt: skip
    model = open_clip.CLIP(**config)
    (tmp_path / "open_clip_config.json").write_text(
        json.dumps({"model_cfg": config, "preprocess_cfg": {"mean": [0.5] * 3, "std": [0.5] * 3}})
    )
    safetensors.save_file(model.state_dict(), tmp_path / "open_clip_model.safetensors")
    loaded = encoders.load(str(tmp_path), device="cpu")
    assert loaded.preprocessing.size == 32
    assert loaded.preprocessing.mean == (0.5, 0.5, 0.5)
    rows = loaded.encode_drawings([line_drawing("box"), line_drawing("star")])
    assert rows.shape == (2, 16) == (2, loaded.card.dimension)
    pixels = loaded.preprocessing.pixels(loaded.prepare(line_drawing("box"))[None])
    import torch

    with torch.inference_mode():
        expected = model.eval().encode_image(torch.from_numpy(pixels), normalize=True).numpy()
    np.testing.assert_allclose(rows[:1], expected, atol=1e-5)
    assert encoders.load(str(tmp_path), device="cpu").card == loaded.card
