"""Corpora on disk: the same bytes however they are made, columns that datasets loads, errors."""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from cli import app
from engine.errors import SourceError, UsageError
from train.corpus import shards
from train.corpus.build import MIN_INK_PX, build, contact_sheet, draw_model, show
from train.corpus.drawing import VIEWS, Part
from train.corpus.mesh import box
from train.corpus.procedural import Model
from train.corpus.shards import Progress, Row, Shares, png

ROOT = Path(__file__).parents[2]
COLUMNS = [
    "image", "design_id", "view", "locarno_class", "locarno_subclass", "title", "split", "source",
    "licence", "attribution",
]  # fmt: skip
DESIGNS, VIEWS_EACH, SIZE = 70, 2, 64  # three shards, the last one short


def contents(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("whole") / "corpus"
    done = build("procedural", out, designs=DESIGNS, views=VIEWS_EACH, size=SIZE, seed=3)
    assert (done.done, done.shards) == (3, 3)
    assert done.pictures == sum(1 for _ in shards.rows(out))
    return out


def test_a_build_stopped_between_shards_goes_on_to_the_same_bytes(
    whole: Path, tmp_path: Path
) -> None:
    out = tmp_path / "corpus"

    def stop(progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build("procedural", out, designs=DESIGNS, views=VIEWS_EACH, size=SIZE, seed=3, report=stop)
    first = [path for path in out.glob("*.parquet")]
    assert len(first) == 1
    written = first[0].stat().st_mtime_ns
    build("procedural", out, designs=DESIGNS, views=VIEWS_EACH, size=SIZE, seed=3)
    assert first[0].stat().st_mtime_ns == written  # kept, not made again
    assert contents(out) == contents(whole)


def test_a_build_killed_hard_goes_on_to_the_same_bytes_with_more_workers(
    whole: Path, tmp_path: Path
) -> None:
    out = tmp_path / "corpus"
    command = [sys.executable, "-m", "cli", "corpus", "build", "procedural", "--out", str(out),
               "--designs", str(DESIGNS), "--views", str(VIEWS_EACH), "--size", str(SIZE),
               "--seed", "3", "--quiet"]  # fmt: skip
    running = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1"})
    deadline = time.monotonic() + 60
    while not list(out.glob("*.parquet")) and time.monotonic() < deadline:
        time.sleep(0.005)
    running.send_signal(signal.SIGKILL)
    assert running.wait() == -signal.SIGKILL
    assert 1 <= len(list(out.glob("*.parquet"))) < 3
    build("procedural", out, designs=DESIGNS, views=VIEWS_EACH, size=SIZE, seed=3, workers=2)
    assert contents(out) == contents(whole)


def test_a_larger_corpus_begins_with_the_smaller(whole: Path, tmp_path: Path) -> None:
    out = tmp_path / "corpus"
    build("procedural", out, designs=40, views=VIEWS_EACH, size=SIZE, seed=3)
    build("procedural", out, designs=DESIGNS, views=VIEWS_EACH, size=SIZE, seed=3)
    assert contents(out) == contents(whole)


def test_another_seed_draws_another_corpus(whole: Path, tmp_path: Path) -> None:
    build("procedural", tmp_path / "other", designs=8, views=2, size=SIZE, seed=4)
    before = {row.image for row in shards.rows(whole)}
    assert not before & {row.image for row in shards.rows(tmp_path / "other")}


def test_datasets_loads_every_column(whole: Path) -> None:
    dataset = shards.load(whole)
    assert dataset.column_names == COLUMNS
    assert len(dataset) == sum(1 for _ in shards.rows(whole))
    first = dataset[0]
    assert first["image"].size == (SIZE, SIZE)
    assert first["image"].mode == "L"
    direct = next(shards.rows(whole))
    with Image.open(io.BytesIO(direct.image)) as picture:
        np.testing.assert_array_equal(np.asarray(first["image"]), np.asarray(picture))
    assert all(first[name] == getattr(direct, name) for name in COLUMNS[1:])
    assert [row["design_id"] for row in dataset.select_columns("design_id")] == [
        row.design_id for row in shards.rows(whole)
    ]


def test_datasets_loads_one_split_of_several_corpora(whole: Path) -> None:
    every = Counter(row.split for row in shards.rows(whole))
    assert len(every) > 1
    for split, count in every.items():
        assert len(shards.load(whole, whole, split=split)) == 2 * count


def test_rows_say_what_the_designs_are(whole: Path) -> None:
    by_design: dict[str, list[Row]] = defaultdict(list)
    for row in shards.rows(whole):
        by_design[row.design_id].append(row)
    assert len(by_design) > 60
    for name, rows in by_design.items():
        assert len({(r.split, r.title, r.locarno_subclass) for r in rows}) == 1
        assert len({r.view for r in rows}) == len(rows)
        assert rows[0].view in VIEWS
        assert rows[0].locarno_class == rows[0].locarno_subclass[:2]
        assert bool(rows[0].title) == bool(rows[0].locarno_subclass) == name.startswith("product-")
        assert {r.licence for r in rows} == {"CC0-1.0"}


def test_splits_go_by_a_hash_of_the_design() -> None:
    def expected(name: str) -> str:
        place = int(hashlib.blake2b(name.encode(), digest_size=8).hexdigest(), 16) / 16**16
        return "test" if place < 0.1 else "validation" if place < 0.3 else "train"

    shares = Shares(validation=0.2, test=0.1)
    names = [f"USD{number:07d}" for number in range(5000)]
    assert [shares.split(name) for name in names] == [expected(name) for name in names]
    counts = Counter(map(shares.split, names))
    for split, share in (("test", 0.1), ("validation", 0.2), ("train", 0.7)):
        assert counts[split] / 5000 == pytest.approx(share, abs=0.02)
    # What is set aside for testing stays so when more is set aside for validation.
    wider = Shares(validation=0.5, test=0.1)
    assert all(wider.split(n) == "test" for n in names if shares.split(n) == "test")


@pytest.mark.parametrize("shares", [(0.5, 0.5), (-0.1, 0.1), (0, 1)])
def test_shares_that_leave_nothing_are_refused(shares: tuple[float, float]) -> None:
    with pytest.raises(UsageError, match="nothing to train on"):
        Shares(*shares)


def test_a_group_stays_on_one_side() -> None:
    names = {
        f"mesh-{k}": {
            row.split
            for row in draw_model(
                Model(f"mesh-{k}", "06-03", "Table", (Part(box(1, 1, 1)),), group="mesh table"),
                2, 0, 48, "meshes", Shares(0.4, 0.4),
            )
        }
        for k in range(6)
    }  # fmt: skip
    assert len(set.union(*names.values())) == 1
    assert all(names.values())


def test_views_without_ink_are_left_out() -> None:
    # A thread: from its end there is nothing to see.
    thread = Model("thread", "", "", (Part(box(0.001, 0.001, 1)),))
    rows = draw_model(thread, 7, 0, 96, "made", Shares())
    assert rows
    for row in rows:
        with Image.open(io.BytesIO(row.image)) as picture:
            assert (np.asarray(picture) < 216).sum() >= MIN_INK_PX
    empty = Model("flat", "", "", (Part(box(0, 0, 0)),))
    assert draw_model(empty, 7, 0, 96, "made", Shares()) == []


def test_seven_views_are_seven_sides() -> None:
    made = Model("box", "06-03", "Box", (Part(box(1, 2, 3)),))
    rows = draw_model(made, 16, 1, 64, "made", Shares())
    names = [row.view for row in rows]
    assert names[0] == "perspective"
    assert sorted(names[:7]) == sorted(VIEWS)
    assert names[7:] == ["free"] * 9


# The contact sheet


def rows_of(name: str, count: int, title: str, shade: int) -> list[Row]:
    picture = np.full((50, 50), shade, np.uint8)
    return [Row(image=png(picture), design_id=name, title=title)] * count


def test_a_contact_sheet_has_a_line_a_design_and_a_cell_a_view() -> None:
    rows = rows_of("A", 2, "Chair", 10) + rows_of("B", 5, "Lamp", 20) + rows_of("C", 1, "Cup", 30)
    with Image.open(io.BytesIO(contact_sheet(rows, columns=3, designs=2, cell=40))) as image:
        sheet = np.asarray(image)
    assert sheet.shape == (2 * (40 + 16), 3 * 40)
    for line, (shade, views) in enumerate(((10, 2), (20, 3))):
        top = line * 56
        assert (sheet[top : top + 16] < 128).any()  # its name
        for column in range(3):
            cell = sheet[top + 16 : top + 50, column * 40 : column * 40 + 34]
            assert (cell == (shade if column < views else 255)).all()
    assert not (sheet == 30).any()  # the third design has no room


def test_a_contact_sheet_writes_names_in_letters_it_has() -> None:
    def head(title: str) -> np.ndarray:
        sheet = contact_sheet(rows_of("A", 1, title, 255), columns=4, designs=1, cell=60)
        with Image.open(io.BytesIO(sheet)) as image:
            return np.asarray(image)[:16]

    np.testing.assert_array_equal(head("Frame Hôi An – 2 × 3"), head("Frame Hoi An - 2 x 3"))
    np.testing.assert_array_equal(head("椅子"), head("??"))


def test_show_spreads_over_the_shards(whole: Path, tmp_path: Path) -> None:
    show(whole, tmp_path / "sheet.png", columns=2, designs=3)
    with Image.open(tmp_path / "sheet.png") as image:
        assert image.size == (2 * 170, 3 * 186)


# The command and its errors


def test_the_command_builds_and_shows(tmp_path: Path) -> None:
    out, sheet = tmp_path / "corpus", tmp_path / "sheet.png"
    call = ["corpus", "build", "procedural", "--out", str(out), "--designs", "5", "--views", "3",
            "--size", "64", "--seed", "9", "--sheet", str(sheet), "--quiet"]  # fmt: skip
    done = CliRunner().invoke(app, call)
    assert done.exit_code == 0, done.output
    count = len(shards.load(out))
    assert f"{count} drawings written" in done.output
    assert 5 * 2 <= count <= 5 * 3
    with Image.open(sheet) as image:
        image.verify()
    manifest = json.loads((out / "corpus.json").read_text("utf-8"))
    assert (manifest["kind"], manifest["seed"], manifest["views"]) == ("procedural", 9, 3)
    again = CliRunner().invoke(app, call)
    assert "0 drawings written" in again.output


def test_another_recipe_in_the_same_folder_is_refused(whole: Path) -> None:
    before = contents(whole)
    with pytest.raises(UsageError, match="holds another corpus"):
        build("procedural", whole, designs=DESIGNS, views=VIEWS_EACH, size=SIZE, seed=5)
    assert contents(whole) == before


def test_unknown_kinds_and_missing_sources_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="procedural, meshes, clipart, real"):
        build("photos", tmp_path / "a")
    with pytest.raises(UsageError, match="--source FOLDER"):
        build("real", tmp_path / "b")
    with pytest.raises(SourceError, match="sweethome3d-furniture"):
        build("meshes", tmp_path / "c", source=tmp_path)
    with pytest.raises(SourceError, match="holds no corpus"):
        shards.load(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SourceError, match="Cannot use"):
        build("procedural", tmp_path / "file", designs=1)


def test_a_full_disk_leaves_no_half_shard(tmp_path: Path) -> None:
    """Under a limit on the size of files, as a full disk: an error, and nothing half-written."""
    program = f"""
import resource, signal, sys
from pathlib import Path
import pyarrow.parquet
from engine.errors import SourceError
from train.corpus.build import build
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
try:
    build("procedural", Path({str(tmp_path / "corpus")!r}), designs=3, views=2, size=64)
except SourceError as error:
    sys.exit(7 if "Free some space" in str(error) else 8)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, timeout=60)
    assert done.returncode == 7
    assert [path.name for path in (tmp_path / "corpus").iterdir()] == ["corpus.json"]
