"""From a model folder to its explainer: torch reads the network back, a run is made and goes on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

torch = pytest.importorskip("torch")
timm = pytest.importorskip("timm")
pytest.importorskip("onnx2torch")

import train  # noqa: E402
from engine import encoder as encoders  # noqa: E402
from engine import explain  # noqa: E402
from engine.encoder import EXPLAINER, ModelFolder  # noqa: E402
from engine.errors import CheckpointError, Diverged, ModelError, UsageError  # noqa: E402
from train import config as configs  # noqa: E402
from train import explainer  # noqa: E402
from train.export import Fit, export  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")  # of the libraries beneath: none of ours

SIZE, DIM = 64, 8
TOML = """
encoder = "{encoder}"
out = "{out}"
pictures = 40
others = 12
batch = 4
steps = 4
every = 2
[[corpus]]
path = "{corpus}"
[rates]
gates = 1e-3
warmup = 1
"""


def model(folder: Path, name: str, earlier: int, **options: Any) -> Path:
    torch.manual_seed(0)
    trunk = timm.create_model(name, pretrained=False, num_classes=0, **options).eval()
    drawn = np.random.default_rng(1).integers(0, 256, (40, SIZE, SIZE)).astype(np.uint8)
    export(
        trunk, torch.nn.Linear(trunk.num_features, 5), folder, name="x", revision="1", size=SIZE,
        dim=DIM, earlier=earlier, fit=[Fit(drawn, tuple(f"D{i // 2}" for i in range(40)))],
        ridge=3.0, text_weight=0.0, licence="Apache-2.0", card="",
    )  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def convolutional(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return model(tmp_path_factory.mktemp("conv") / "model", "test_efficientnet", 2)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, lines = tmp_path_factory.mktemp("corpus"), []
    for design in range(16):
        for view in range(2):
            picture = Image.new("L", (80, 80), 255)
            pen = ImageDraw.Draw(picture)
            for i in range(2 + design % 5):
                box = (8 + 4 * i, 8 + 2 * i, 70 - 3 * i, 72 - 5 * i)
                [pen.ellipse, pen.rectangle][design % 2](box, outline=0, width=1 + design % 3)
            picture.rotate(10 * view, fillcolor=255).save(folder / f"{design}-{view}.png")
            lines.append({"file_name": f"{design}-{view}.png", "design_id": f"D{design}",
                          "locarno": ["06-01", "07-01"][design % 2]})  # fmt: skip
    (folder / "metadata.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return folder


@pytest.fixture
def config(convolutional: Path, corpus: Path, tmp_path: Path) -> Path:
    path = tmp_path / "explain.toml"
    path.write_text(TOML.format(encoder=convolutional, corpus=corpus, out=tmp_path / "run"))
    return path


def test_torch_gives_what_onnx_runtime_gives(convolutional: Path) -> None:
    encoder = encoders.load(str(convolutional), threads=1)
    squares = np.random.default_rng(2).integers(0, 256, (3, SIZE, SIZE)).astype(np.uint8)
    network = explainer.Network(convolutional / "model.onnx", SIZE)
    with torch.no_grad():
        rows, states = network(torch.from_numpy(encoder.preprocessing.pixels(squares)))
    np.testing.assert_allclose(rows.numpy(), encoder.encode(squares), atol=1e-5)
    sides = [state.shape[2] for state in states]
    assert sides == sorted(sides, reverse=True)
    assert len(states) >= 3


def test_weights_in_half_precision_are_read_too(convolutional: Path, tmp_path: Path) -> None:
    half = Path(shutil.copy(convolutional / "model.onnx", tmp_path))
    explainer.halve(half)
    assert half.stat().st_size < 0.75 * (convolutional / "model.onnx").stat().st_size
    pixels = torch.rand(2, 3, SIZE, SIZE) * 2 - 1
    with torch.no_grad():
        rows, _ = explainer.Network(half, SIZE)(pixels)
    expected = encoders.onnx_session(half).run(["image"], {"pixels": pixels.numpy()})[0]
    np.testing.assert_allclose(rows.numpy(), expected, atol=1e-5)


def test_a_transformer_shows_what_its_blocks_give(tmp_path: Path) -> None:
    folder = model(
        tmp_path / "vit", "test_vit", 0, img_size=SIZE, dynamic_img_size=False, global_pool="avg"
    )
    encoder = encoders.load(str(folder), threads=1)
    network = explainer.Network(folder / "model.onnx", SIZE)
    trunk = timm.create_model("test_vit", num_classes=0, img_size=SIZE)
    squares = np.random.default_rng(2).integers(0, 256, (2, SIZE, SIZE)).astype(np.uint8)
    with torch.no_grad():
        rows, states = network(torch.from_numpy(encoder.preprocessing.pixels(squares)))
    np.testing.assert_allclose(rows.numpy(), encoder.encode(squares), atol=1e-5)
    assert len(states) == len(trunk.blocks) + 1
    assert {state.shape[2] for state in states} == {trunk.embed_dim}


def test_a_run_writes_an_explainer_that_runs_without_torch(
    config: Path, convolutional: Path
) -> None:
    out = train.run(config)
    steps = [json.loads(line)["step"] for line in (out / explainer.LOG).read_text().splitlines()]
    assert steps == [1, 2, 3, 4]
    made = encoders.load(str(out / "encoder"), threads=1)
    assert made.card == encoders.load(str(convolutional), threads=1).card
    assert EXPLAINER in ModelFolder.read(out / "encoder").sha256
    assert EXPLAINER not in ModelFolder.read(convolutional).sha256
    picture = Image.open(next(Path(configs.read_explaining(config).corpus[0].path).glob("3-*.png")))
    why = explain.explain(made, picture, picture.rotate(90))
    assert why.method == explain.LEARNED
    assert why.ours.keep.shape == (SIZE // 16, SIZE // 16)


def test_a_stopped_run_goes_on_as_if_it_had_not_been(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = configs.read_explaining(config)
    whole: list[dict[str, Any]] = []
    explainer.explain(made, resume=False, report=whole.append)

    def stop(line: dict[str, Any]) -> None:
        if line["step"] == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        explainer.explain(made, resume=False, report=stop)
    rest: list[dict[str, Any]] = []
    explainer.explain(made, report=rest.append)
    assert [line["step"] for line in rest] == [3, 4]  # the last checkpoint was of step 2
    for line, expected in zip(rest, whole[2:], strict=True):
        assert line["divergence"] == pytest.approx(expected["divergence"], abs=1e-5)
        assert line["open"] == pytest.approx(expected["open"], abs=1e-5)


def test_a_checkpoint_of_another_grid_is_refused(config: Path) -> None:
    train.run(config)
    config.write_text(config.read_text().replace("batch = 4", "batch = 4\ncell = 8"))
    with pytest.raises(CheckpointError, match="has cell 16, this config says 8"):
        train.run(config)


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        (("batch = 4", "cell = 7"), UsageError, "does not divide 64"),
        (("others = 12", "others = 35"), UsageError, "32 drawings"),
        (("others = 12", "others = 40"), UsageError, "more than 'others'"),
        (("batch = 4", "bach = 4"), UsageError, "Did you mean 'batch'"),
        (('encoder = "', 'encoder = "no/such/'), ModelError, "no encoder"),
    ],
)
def test_what_cannot_be_is_said(
    config: Path, change: tuple[str, str], error: type[Exception], says: str
) -> None:
    config.write_text(config.read_text().replace(*change))
    with pytest.raises(error, match=says):
        train.run(config)


def test_pairs_are_of_one_design_or_near(config: Path, convolutional: Path) -> None:
    made = configs.read_explaining(config)
    pairs = explainer.gather(made, encoders.load(str(convolutional), threads=1))
    same = 0
    for step in range(200):
        ours, theirs, others = pairs.batch(step)
        assert (ours != theirs).all()
        assert len(others) == 12
        assert not set(pairs.designs[others]) & set(pairs.designs[[*ours, *theirs]])
        same += int((pairs.designs[ours] == pairs.designs[theirs]).sum())
    assert same / 800 == pytest.approx(made.mates, abs=0.06)
    again = pairs.batch(7)
    assert all(np.array_equal(a, b) for a, b in zip(pairs.batch(7), again, strict=True))


def test_gates_that_diverge_end_the_run(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explainer.Comparison, "rows", lambda *_: torch.full((4, DIM), torch.nan))
    with pytest.raises(Diverged, match="step 1"):
        train.run(config)
