"""What a run's TOML may say, and what it is told when it says something else."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from engine.errors import UsageError
from train import config

ROOT = Path(__file__).parents[2]
GIVEN = 'out = "runs/x"\n[[corpus]]\npath = "a"\n'


def read(folder: Path, text: str) -> config.Config:
    path = folder / "run.toml"
    path.write_text(text, "utf-8")
    return config.read(path)


@pytest.mark.parametrize("name", ["lite0", "procedural", "tiny"])
def test_the_configs_that_come_along_can_be_read(name: str) -> None:
    made = config.read(ROOT / "train" / "configs" / f"{name}.toml")
    assert made.out == f"runs/{name}"
    assert json.loads(json.dumps(config.describe(made)))["model"]["tower"] == made.model.tower
    path = ROOT / "train" / "configs" / f"{name}.toml"
    assert not config.names(path, "encoder") and not config.names(path, "looks")


def test_the_explainers_config_that_comes_along_can_be_read() -> None:
    path = ROOT / "train" / "configs" / "explain.toml"
    assert config.names(path, "encoder")
    made = config.read_explaining(path)
    assert made.encoder == "lite0-design"
    assert made.rates.epsilon_last == 2.0


def test_the_config_of_the_second_network_can_be_read(tmp_path: Path) -> None:
    path = ROOT / "train" / "configs" / "meaning.toml"
    assert config.names(path, "looks")
    assert config.read_meaning(path) == config.Meaning(
        looks="runs/lite0/encoder", out="runs/meaning", revision="3",
        corpus=(
            config.Corpus(path="corpora/procedural"),
            config.Corpus(path="corpora/real", held_out=0.3),
            config.Corpus(path="corpora/single", held_out=0.3),
        ),
    )  # fmt: skip
    bad = tmp_path / "bad.toml"
    bad.write_text(path.read_text("utf-8").replace("temperature = 1.5", "temperature = 0"), "utf-8")
    with pytest.raises(UsageError, match="'temperature' cannot be that"):
        config.read_meaning(bad)


def test_what_is_not_said_is_the_default(tmp_path: Path) -> None:
    made = read(tmp_path, GIVEN + "weight = 2\n[optimiser]\nsteps = 7\n")
    assert made.corpus == (config.Corpus(path="a", weight=2.0),)
    assert made.optimiser == config.Optimiser(steps=7)
    assert made.loss == config.Loss()
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.seed = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GIVEN + "[optimiser]\nstep = 7", "unknown key 'optimiser.step'. Did you mean 'steps'"),
        (GIVEN + "[optimizer]\nsteps = 7", "unknown key 'optimizer'. Did you mean 'optimiser'"),
        (GIVEN + "wieght = 7", "unknown key 'corpus.wieght'. Did you mean 'weight'"),
        (GIVEN + "[zzz]\nsteps = 7", "Known: out, seed, corpus"),
        ('out = "x"', "'corpus' is missing"),
        ('out = "x"\ncorpus = []', "name at least one corpus"),
        ('out = "x"\n[[corpus]]\nweight = 1', "'corpus.path' is missing"),
        (GIVEN + '[loss]\nkind = "softmax"', "'hierarchical', 'infonce'"),
        (GIVEN + "[loss]\nscores = [1, 2]", "needs 3 values, not 2"),
        (GIVEN + "[loss]\nscores = [1, 2, -1]", "scores are not negative"),
        (GIVEN + '[loss]\nkind = "none"\ntext = 0\ncoarse = 0', "nothing to learn"),
        (GIVEN + "[batch]\ndesigns = 1", "two designs or more"),
        (GIVEN + "[batch]\ndesigns = 2.5", "'batch.designs' must be int, not 2.5"),
        (GIVEN + "[augment]\nflip = 2", "'augment.flip' cannot be that"),
        (GIVEN + "[optimiser]\nsteps = true", "must be int"),
        (GIVEN + "model = 3", "unknown key 'corpus.model'"),
        ("model = 3\n" + GIVEN, "'model' must be a table"),
        ("corpus = 3\nout = 'x'", "must be a list"),
        ("out = ", "cannot be read as TOML"),
    ],
)
def test_what_cannot_be_meant_is_named(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(UsageError) as raised:
        read(tmp_path, text)
    assert says in str(raised.value)
    assert "run.toml" in str(raised.value)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no config"):
        config.read(tmp_path / "none.toml")
