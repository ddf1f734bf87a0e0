"""The command line as a user meets it: real commands in real processes on a real store."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parent.parent
COMMANDS = (
    "ingest", "search", "describe", "classify", "status", "delete", "eval", "locarno", "doctor",
    "demo", "train", "corpus", "watch", "duplicates", "alert", "serve", "mcp", "study",
)  # fmt: skip
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment without settings of the person who runs the tests."""
    home = tmp_path_factory.mktemp("home")
    kept = {key: value for key, value in os.environ.items() if not key.startswith("ENGINE_")}
    return kept | {
        "HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_DATA_HOME": str(home),
        "PYTHONPATH": str(ROOT), "COLUMNS": "120", "NO_COLOR": "1",
    }  # fmt: skip


@pytest.fixture(scope="session")
def engine(environment: dict[str, str]) -> Run:
    """Run ``engine …`` in a process of its own."""

    def run(
        *words: object, cwd: Path | None = None, **more: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(ROOT / "cli.py"), *map(str, words)],
            env=environment | more, cwd=cwd, capture_output=True, text=True, timeout=240,
            stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip

    return run


@pytest.fixture(scope="session")
def register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve made designs with five drawings each, and drawings to ask about."""
    from train.corpus.demo import write_register

    folder = tmp_path_factory.mktemp("register")
    write_register(folder, designs=12)
    return folder


@pytest.fixture(scope="session")
def store(engine: Run, register: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that holds the register, described offline."""
    folder = tmp_path_factory.mktemp("store") / "designs"
    done = engine(
        "ingest", register / "register", "--store", folder, "--json", "--describe", "offline"
    )
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert (summary["read"], summary["indexed"], summary["skipped"]) == (60, 60, 0)
    return folder


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(engine: Run, command: str) -> None:
    words = {"corpus": ("corpus", "build"), "alert": ("alert", "add")}.get(command, (command,))
    done = engine(*words, "--help")
    assert done.returncode == 0
    assert "Example: engine" in done.stdout


def test_bare_command_shows_help(engine: Run) -> None:
    done = engine()
    for command in COMMANDS:
        assert command in done.stdout


def test_search_finds_the_design_of_an_unseen_view(
    engine: Run, store: Path, register: Path
) -> None:
    for drawing in sorted((register / "queries").iterdir()):
        design = drawing.stem.rsplit("-", 1)[1]
        done = engine("search", drawing, "--store", store, "--json", "-k", 3)
        assert done.returncode == 0, done.stderr
        hits = json.loads(done.stdout)
        assert [hit["rank"] for hit in hits] == [1, 2, 3]
        assert len({hit["design_id"] for hit in hits}) == 3
        assert design in [hit["design_id"] for hit in hits]
        assert {"score", "figure", "title", "locarno_class", "locarno_subclass", "class_name",
                "file"} <= set(hits[0])  # fmt: skip
        assert Path(hits[0]["file"]).is_file()


def rows_of(register: Path) -> dict[str, dict[str, str]]:
    lines = (register / "register" / "metadata.jsonl").read_text().splitlines()
    return {row["design_id"]: row for row in map(json.loads, lines)}


def test_filters_hold_for_every_hit(engine: Run, store: Path, register: Path) -> None:
    rows = rows_of(register)
    drawing = next((register / "queries").iterdir())
    wanted = rows[drawing.stem.rsplit("-", 1)[1]]["locarno"]
    ask = ("search", drawing, "--store", store, "--json", "-k", 50)
    for options, holds in (
        (("--class", wanted[:2]), lambda row: row["locarno"][:2] == wanted[:2]),
        (("--class", wanted.replace("-", "")), lambda row: row["locarno"] == wanted),
        (("--not-class", wanted), lambda row: row["locarno"] != wanted),
        (("--before", "2020-02-18"), lambda row: row["published"] < "2020-02-18"),
        (("--after", "2020-02-18"), lambda row: row["published"] >= "2020-02-18"),
        (("--holder", "Birch Works"), lambda row: row["holder"] == "Birch Works"),
    ):
        hits = json.loads(engine(*ask, *options).stdout)
        expected = {number for number, row in rows.items() if holds(row)}
        assert {hit["design_id"] for hit in hits} == expected, options


def test_words_find_titles(engine: Run, store: Path, register: Path) -> None:
    number, row = next(iter(rows_of(register).items()))
    done = engine("search", "--text", row["title"], "--store", store, "--json", "-k", 3)
    assert done.returncode == 0, done.stderr
    titles = {hit["title"] for hit in json.loads(done.stdout)}
    assert row["title"] in titles, number


def test_drawing_and_words_explain_their_scores(engine: Run, store: Path, register: Path) -> None:
    drawing = next((register / "queries").iterdir())
    done = engine(
        "search", drawing, "--text", "chair", "--store", store, "--explain-score", "-k", 2
    )
    assert done.returncode == 0, done.stderr
    assert "image" in done.stdout


def test_explain_draws_why_a_design_matches(
    engine: Run, store: Path, register: Path, tmp_path: Path
) -> None:
    drawing = next((register / "queries").iterdir())
    number = drawing.stem.rsplit("-", 1)[1]
    out = tmp_path / "why.png"
    done = engine("explain", drawing, number, "--store", store, "--out", out, "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["design_id"] == number
    assert said["picture"] == str(out)
    keep = [value for row in said["keep"]["ours"] for value in row]
    assert min(keep) >= 0
    assert max(keep) <= 1
    with Image.open(out) as picture:
        assert picture.width > 1000
    assert engine("explain", drawing, "DM999999", "--store", store).returncode == 2
    nowhere = tmp_path / "none" / "why.png"
    done = engine("explain", drawing, number, "--store", store, "--out", nowhere)
    assert done.returncode == 2
    assert "cannot be written" in done.stderr


def test_a_report_holds_why(engine: Run, store: Path, register: Path, tmp_path: Path) -> None:
    drawing, out = next((register / "queries").iterdir()), tmp_path / "hits.html"
    ask = ("search", drawing, "--store", store, "--why", 2)
    assert engine(*ask, "--html", out).returncode == 0
    assert out.read_text("utf-8").count("with the strokes that made them match") == 2
    done = engine(*ask)
    assert done.returncode == 2
    assert "--html" in done.stderr


def test_like_leaves_the_design_itself_out(engine: Run, store: Path) -> None:
    hits = json.loads(engine("search", "--like", "DM000002", "--store", store, "--json").stdout)
    assert hits and "DM000002" not in {hit["design_id"] for hit in hits}
    done = engine("search", "--like", "DM999999", "--store", store)
    assert done.returncode == 2
    assert "DM999999" in done.stderr


def test_outputs(engine: Run, store: Path, register: Path, tmp_path: Path) -> None:
    drawing = next((register / "queries").iterdir())
    page = tmp_path / "hits.html"
    done = engine("search", drawing, "--store", store, "--csv", "--html", page, "--per", "figure")
    assert done.returncode == 0
    assert done.stdout.splitlines()[0].startswith("rank,score,design_id")
    assert "spreadsheet" in done.stderr.lower() or "Excel" in done.stderr
    text = page.read_text("utf-8")
    assert "data:image/png;base64," in text
    assert "legal advice" in text


def test_classify_suggests_a_stored_class(engine: Run, store: Path, register: Path) -> None:
    drawing = next((register / "queries").iterdir())
    found = json.loads(engine("classify", drawing, "--store", store, "--json").stdout)
    assert 0 < sum(item["probability"] for item in found) <= 1 + 1e-6
    assert all(item["name"] for item in found)


def test_ingest_again_changes_nothing(engine: Run, store: Path, register: Path) -> None:
    done = engine("ingest", register / "register", "--store", store, "--json")
    summary = json.loads(done.stdout)
    assert (summary["read"], summary["unchanged"], summary["indexed"]) == (60, 60, 0)


def test_status_lists_what_is_there(engine: Run, store: Path, register: Path) -> None:
    counts = json.loads(engine("status", "--store", store, "--json").stdout)
    assert (counts["designs"], counts["figures"]) == (12, 60)
    listed = json.loads(engine("status", "--designs", "--store", store, "--json").stdout)
    rows = rows_of(register)
    assert {item["design_id"]: item["locarno_subclass"] for item in listed} == {
        number: row["locarno"] for number, row in rows.items()
    }
    assert {item["figures"] for item in listed} == {5}


def test_delete(engine: Run, register: Path, tmp_path: Path) -> None:
    folder = tmp_path / "store"
    engine("ingest", register / "register", "--store", folder)
    refused = engine("delete", "DM000001", "--store", folder)
    assert refused.returncode == 2 and "--yes" in refused.stderr
    said = json.loads(engine("delete", "DM000001", "--store", folder, "--dry-run", "--json").stdout)
    assert said == {"deleted": 0}
    gone = json.loads(engine("delete", "DM000001", "--store", folder, "--yes", "--json").stdout)
    assert gone == {"deleted": 5}
    assert json.loads(engine("status", "--store", folder, "--json").stdout)["designs"] == 11
    assert engine("delete", "DM000001", "--store", folder, "--yes").returncode == 3


def test_eval_keeps_its_contract(engine: Run, register: Path, tmp_path: Path) -> None:
    run, qrels = tmp_path / "hits.run", tmp_path / "hits.qrels"
    written = ("--write-run", run, "--write-qrels", qrels)
    done = engine("eval", register / "register", "--json", *written)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["gallery"] == 60
    assert set(result["protocols"]) == {"same-design", "subclass", "class"}
    found = result["protocols"]["same-design"]
    assert found["queries"] == 60
    assert {"map", "map_macro", "hit@1", "hit@5", "hit@10", "mrr@10", "ndcg@10"} <= set(found)
    assert found["by_source"]["register"]["map"] == found["map"]
    assert 0.2 < found["map"] <= 1
    assert len(qrels.read_text().splitlines()) == 60 * 4
    assert run.read_text().split()[1] == "Q0"
    again = json.loads(engine("eval", "--run", run, "--qrels", qrels, "--json").stdout)
    assert (again["topics"], again["top_hits"]) == (60, 600)
    for name in ("map", "hit@1", "hit@10", "mrr@10"):
        assert again[name] == pytest.approx(found[name]), name


def test_eval_by_judgements(engine: Run, register: Path, tmp_path: Path) -> None:
    drawn = sorted((register / "register").glob("DM000002-*.png"))[0].name
    judged = tmp_path / "judged.qrels"
    lines = ["DM000001 0 DM000005 2", "DM000001 0 DM000009 1", f"{drawn} 0 DM000006 1",
             "DM000003 0 DM000004 0", "DM000001 0 DM999999 2"]  # fmt: skip
    judged.write_text("\n".join(lines), "utf-8")
    run = tmp_path / "ours.run"
    done = engine(
        "eval", register / "register", "--qrels", judged, "--write-run", run, "--json", "--quiet"
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["gallery"], found["topics"], found["nothing_relevant"]) == (12, 2, 1)
    assert (found["absent"], found["top_hits"], found["top_unjudged"]) == (1, 20, 20 - sum(
        line.split()[2] in ("DM000005", "DM000009") if line.startswith("DM000001 ")
        else line.split()[2] == "DM000006"
        for line in run.read_text("utf-8").splitlines() if int(line.split()[3]) <= 10
    ))  # fmt: skip
    # By hand from the written ranks: eleven other designs each.
    ranks = {(a, c): int(d) for a, _, c, d, *_ in map(str.split, run.read_text().splitlines())}
    assert len(ranks) == 22
    first, second = sorted((ranks["DM000001", "DM000005"], ranks["DM000001", "DM000009"]))
    precisions = (1 / first + 2 / second) / 3, 1 / ranks[drawn, "DM000006"]
    assert found["map"] == pytest.approx(sum(precisions) / 2)
    again = engine("eval", "--run", run, "--qrels", judged, "--min-grade", "2")
    assert again.returncode == 0, again.stderr
    assert f"{1 / ranks['DM000001', 'DM000005'] / 2:.3f}" in again.stdout
    assert "nothing relevant, left out: 2." in again.stdout
    # Errors name the line; what cannot be meant is said.
    judged.write_text("\n".join([*lines, "DM000777 0 DM000004 1"]), "utf-8")
    for words in ((register / "register",), ("--run", run)):
        lost = engine("eval", *words, "--qrels", judged, "--quiet")
        assert lost.returncode == 1 and "line 6" in lost.stderr and "DM000777" in lost.stderr
    for words in (
        (), ("--run", run), ("--run", run, "--qrels", judged, register),
        (register, "--qrels", judged, "--write-qrels", tmp_path / "x"),
    ):  # fmt: skip
        assert engine("eval", *words).returncode == 2


def test_locarno(engine: Run) -> None:
    found = json.loads(engine("locarno", "06-01", "--json").stdout)
    assert found[0]["code"] == "06-01" and found[0]["heading"] == "Seats"
    assert json.loads(engine("locarno", "chair", "--json").stdout)[0]["code"] == "06-01"
    assert len(json.loads(engine("locarno", "--json").stdout)) == 32
    assert engine("locarno", "33-01").returncode == 2
    assert engine("locarno", "zzzzqqq").returncode == 3


def test_doctor(engine: Run, store: Path) -> None:
    done = engine("doctor", "--store", store)
    assert done.returncode == 0, done.stdout
    assert "60 figures" in done.stdout


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("search", "nowhere.png"), 2, "nowhere.png"),
        (("search",), 2, "nothing to look for"),
        (("search", "--text", "chair", "--class", "33"), 2, "33"),
        (("search", "--text", "chair", "--before", "yesterday"), 2, "yesterday"),
        (("ingest", "nowhere"), 1, "nowhere"),
        (("ingest", ".", "--source", "magic"), 2, "magic"),
        (("search", "--text", "chair", "--off", "magic"), 2, "magic"),
    ],
)
def test_what_cannot_be_meant_is_said(
    engine: Run, store: Path, tmp_path: Path, words: tuple[str, ...], code: int, says: str
) -> None:
    done = engine(*words, "--store", store, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_query_that_is_no_picture(engine: Run, store: Path, tmp_path: Path) -> None:
    (tmp_path / "query.png").write_text("not a picture")
    done = engine("search", tmp_path / "query.png", "--store", store)
    assert done.returncode == 1
    assert "query.png" in done.stderr


def test_a_bad_file_is_named_and_the_rest_is_stored(engine: Run, tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    Image.new("L", (60, 40), 255).save(folder / "blank.png")
    (folder / "torn.tif").write_bytes(b"II*\0torn")
    drawn = Image.new("L", (60, 40), 255)
    drawn.paste(0, (10, 10, 40, 30))
    drawn.save(folder / "fine.png")
    done = engine("ingest", folder, "--store", tmp_path / "store", "--json")
    assert done.returncode == 5
    summary = json.loads(done.stdout)
    assert (summary["read"], summary["indexed"], summary["skipped"]) == (3, 1, 2)
    assert {Path(error["file"]).name for error in summary["errors"]} == {"blank.png", "torn.tif"}


def test_a_server_that_is_away(engine: Run, register: Path) -> None:
    drawing = next((register / "queries").iterdir())
    done = engine("search", drawing, "--store", "http://127.0.0.1:1")
    assert done.returncode == 4
    assert "127.0.0.1:1" in done.stderr


def test_another_encoder_is_refused(engine: Run, store: Path, register: Path) -> None:
    from engine import encoder

    others = [name for name in encoder.shipped() if name != encoder.DEFAULT]
    if not others:
        pytest.skip("the package ships one encoder only")
    drawing = next((register / "queries").iterdir())
    done = engine("search", drawing, "--store", store, "--model", others[0])
    assert done.returncode == 6
    assert "--recreate" in done.stderr


def test_settings_come_from_files_and_flags_win(
    engine: Run, store: Path, register: Path, tmp_path: Path
) -> None:
    (tmp_path / "engine.toml").write_text(f'store = "{store}"\n[search]\nlimit = 2\n')
    drawing = next((register / "queries").iterdir())
    assert len(json.loads(engine("search", drawing, "--json", cwd=tmp_path).stdout)) == 2
    found = json.loads(engine("search", drawing, "--json", "-k", 4, cwd=tmp_path).stdout)
    assert len(found) == 4
    (tmp_path / "engine.toml").write_text("store = [")
    done = engine("search", drawing, cwd=tmp_path)
    assert done.returncode == 2 and "engine.toml" in done.stderr


def test_a_corpus_is_built_and_shown(engine: Run, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.png"
    done = engine(
        "corpus", "build", "procedural", "--out", tmp_path / "corpus", "--designs", 3, "--views", 2,
        "--sheet", sheet,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "6 drawings" in done.stdout
    with Image.open(sheet) as picture:
        assert min(picture.size) > 100
    assert engine("corpus", "build", "magic", "--out", tmp_path / "other").returncode == 2


def test_a_config_that_is_none_is_refused(engine: Run, tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text("stepz = 3")
    done = engine("train", tmp_path / "run.toml")
    assert done.returncode in (1, 2) and "stepz" in done.stderr
    assert "Traceback" not in done.stderr


def test_cold_search_loads_neither_torch_nor_the_client(
    environment: dict[str, str], store: Path, register: Path
) -> None:
    drawing = next((register / "queries").iterdir())
    script = (
        "import sys; sys.argv = sys.argv[1:]\n"
        "import cli\n"
        "try:\n    cli.app()\nexcept SystemExit:\n    pass\n"
        "print('LOADED', *sorted({'torch', 'qdrant_client', 'transformers', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "engine", "search", str(drawing), "--store", str(store)],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1].strip() == "LOADED"
