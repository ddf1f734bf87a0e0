"""How well sheets part into figures: labels found and read, figures counted, milliseconds a sheet.

    python benchmarks/split.py sheets SHEETS_DIR --truth tests/ingest/data/sheets.csv
    python benchmarks/split.py grants GRANTS_DIR          # truth: the figures the XML names
    python benchmarks/split.py search FOLDERS...          # whole sheets against split figures
    python benchmarks/split.py views FOLDERS...           # several views: how designs are scored
    python benchmarks/split.py picture docs/split.png     # overlays of twelve sheets drawn here

``sheets`` takes a folder of sheets and a table of what a reader saw on them: file_name, part ("tune"
while thresholds were set, "held-out" looked at afterwards), figures, turn, labels. ``grants`` takes
USPTO weekly files: a grant's figures are right when as many parts come out as its XML names. Both
measure with and without the recogniser of the ``ocr`` extra, in CPU time of one thread. ``search`` asks with every figure (and every whole sheet) for the other sheets of its design, among
whole sheets and among split figures, where a sheet scores as its best figure: the same questions, the
same answers, so the two galleries compare. ``views`` asks with two or three figures of a design, the
others being in the gallery, and ranks designs by different scores. ``picture`` composes sheets
of the project's own procedural products, since drawings of others are not the project's to show;
``engine figures SHEETS --html FILE`` makes the same of real ones. A table goes to stderr, JSON to
stdout.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.machine import machine
from engine import drawing
from engine import encoder as encoders
from engine.design import Design
from engine.evaluate import Labels, average_precision, bootstrap
from engine.plan import Vector
from ingest import labels, overlay, pipeline
from ingest.figures import figures
from ingest.labels import Reader
from ingest.sheets import Splitter
from ingest.sources import read
from ingest.split import Sheet, assign, split
from ingest.views import views


@dataclass
class Tally:
    """Sums over sheets."""

    sheets: int = 0
    right: int = 0  # sheets, or designs, whose number of figures is right
    wanted: int = 0  # labels truly there
    found: int = 0  # labels reported
    read: int = 0  # labels reported with the right text
    upright: int = 0  # labels with the right turn
    ms: list[float] = field(default_factory=list)

    def record(self) -> dict[str, Any]:
        """As JSON; without a reader labels are counted, not compared."""
        hits = self.read or min(self.found, self.wanted)
        return {
            "sheets": self.sheets, "count_right": round(self.right / max(self.sheets, 1), 4),
            "labels": self.wanted, "recall": round(hits / max(self.wanted, 1), 4),
            "precision": round(hits / max(self.found, 1), 4),
            "turn_right": round(self.upright / max(self.found, 1), 4),
            "ms_median": round(statistics.median(self.ms), 1), "ms_max": round(max(self.ms), 1),
        }  # fmt: skip


def timed(page: Image.Image, reader: Reader | None, tally: Tally) -> Sheet:
    """Split a page and note how long it took."""
    begun = time.process_time()  # other work on the machine does not count
    sheet = split(page, reader=reader)
    tally.ms.append(1000 * (time.process_time() - begun))
    return sheet


def by_eye(folder: Path, truth: Path, reader: Reader | None) -> dict[str, Tally]:
    """Sheets against what a person read, by part of the table."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    with truth.open(newline="") as table:
        for row in csv.DictReader(table):
            tally = tallies[row["part"]]
            page = drawing.decode((folder / row["file_name"]).read_bytes())
            parts = timed(page, reader, tally).parts
            wanted = row["labels"].split()
            labelled = [part for part in parts if part.label_box]
            tally.sheets += 1
            tally.right += len(parts) == int(row["figures"])
            tally.wanted += len(wanted)
            tally.found += len(labelled)
            tally.read += sum(part.label in wanted for part in labelled)
            tally.upright += sum(part.turn == int(row["turn"]) for part in labelled)
    return tallies


def by_xml(folder: Path, reader: Reader | None) -> dict[str, Tally]:
    """Grants against the figures that their XML names; ``sheets`` counts designs here."""
    tally = Tally()
    for design in read([folder]):
        if not isinstance(design, Design):
            continue
        wanted = set(views(design.description))
        got: list[str] = []
        count = 0
        for figure in figures(design):
            if isinstance(figure, tuple):
                continue
            page = drawing.decode(figure.content, page=figure.page, turn=figure.turn)
            parts = timed(page, reader, tally).parts
            count += len(parts)
            got += [part.label for part in parts if part.label_box]
            tally.upright += sum(part.turn == 0 for part in parts if part.label_box)
        tally.sheets += 1
        tally.right += count == len(wanted)
        tally.wanted += len(wanted)
        tally.found += len(got)
        tally.read += len(wanted.intersection(got))
    return {"grants": tally}


def measured(made: dict[str, dict[str, Tally]]) -> None:
    """Print a table for people and JSON for programs."""
    rows = {
        f"{part}, {how}": tally.record()
        for how, tallies in made.items()
        for part, tally in sorted(tallies.items())
    }
    keys = ("sheets", "count_right", "labels", "recall", "precision", "turn_right", "ms_median")
    print(f"{'':26}" + "".join(f"{key:>13}" for key in keys), file=sys.stderr)
    for name, row in rows.items():
        print(f"{name:26}" + "".join(f"{row[key]:>13}" for key in keys), file=sys.stderr)
    print(json.dumps({"machine": machine(), "rows": rows}, indent=2))


# --- what splitting does to search --------------------------------------------------------------


def encoded(paths: list[Path], model: str, splitter: Splitter | None) -> tuple[Vector, Labels]:
    """Unit rows of every figure at the paths."""
    gallery = pipeline.encode_only(paths, encoders.load(model), splitter=splitter)
    return gallery.embeddings, gallery.labels


def sheet_of(id: str) -> str:
    """The sheet of a figure: its file and page."""
    return re.sub(r"#[^#]*-\d+$", "", id)


def galleries(paths: list[Path], model: str) -> dict[str, Any]:
    """The mAP of finding a design's other sheets, by what asks and by what is searched."""
    sides = {
        "whole sheets": encoded(paths, model, None),
        "split figures": encoded(paths, model, Splitter()),
    }
    made: dict[str, Any] = {}
    for asked, (questions, told) in sides.items():
        found: dict[str, list[float]] = defaultdict(list)
        designs: list[str] = []
        for searched, (rows, known) in sides.items():
            sheets = sorted({sheet_of(id) for id in known.ids})
            place = np.array([sheets.index(sheet_of(id)) for id in known.ids])
            design = dict(zip(map(sheet_of, known.ids), known.design_ids, strict=True))
            owners = np.array([design[sheet] for sheet in sheets])
            designs = []
            for row, id, own in zip(questions, told.ids, told.design_ids, strict=True):
                scores = np.full(len(sheets), -2.0)
                np.maximum.at(scores, place, rows @ row)
                others = np.array([sheet != sheet_of(id) for sheet in sheets])
                relevant = owners[others] == own
                if relevant.any():
                    ranking = np.argsort(-scores[others], kind="stable")
                    found[searched].append(average_precision(relevant[ranking]))
                    designs.append(own)
        for searched, values in found.items():
            made[f"{asked} ask, {searched} are searched"] = described(values, designs)
        gains = np.subtract(found["split figures"], found["whole sheets"])
        made[f"{asked} ask, gain by splitting"] = described(gains.tolist(), designs)
    return made


def described(found: list[float], designs: list[str]) -> dict[str, Any]:
    """Mean and interval over designs."""
    numbers = np.unique(designs, return_inverse=True)[1]
    interval = bootstrap(np.array(found), numbers)
    return {
        "queries": len(found), "designs": int(numbers.max()) + 1,
        "map": round(float(np.mean(found)), 4), "ci": [round(edge, 4) for edge in interval],
    }  # fmt: skip


def design_scores(pairs: Vector) -> dict[str, float]:
    """Scores of one design from the cosines of (views, figures), by what they are called."""
    best = pairs.max(axis=1)
    return {
        "best figure": float(pairs.max()),
        "mean of best pairs": float(best.mean()),
        "mean of all pairs": float(pairs.mean()),
        "best pairs and best figure": float((best.mean() + pairs.max()) / 2),
        "one-to-one pairs": float(one_to_one(pairs)),
    }


def one_to_one(pairs: Vector) -> float:
    """Mean of the best pairs where no figure serves two views, as far as there are figures."""
    wide = pairs if len(pairs) <= pairs.shape[1] else pairs.T
    taken = assign(-wide.astype(np.float32))
    return float(wide[np.arange(len(wide)), taken].mean())


def several_views(paths: list[Path], model: str, *, trials: int = 5) -> dict[str, Any]:
    """The mAP over designs of queries of one, two and three views, by how designs are scored."""
    rows, known = encoded(paths, model, Splitter())
    members: dict[str, list[int]] = defaultdict(list)
    for i, design in enumerate(known.design_ids):
        members[design].append(i)
    names = sorted(members)
    subclass = {d: known.subclasses[members[d][0]] for d in names}
    rng = np.random.default_rng(0)
    made: dict[str, Any] = {}
    for asking in (1, 2, 3):
        own: dict[str, list[float]] = defaultdict(list)
        kin: dict[str, list[float]] = defaultdict(list)
        owners: list[str] = []
        kinsmen: list[str] = []
        for name in names:
            if len(members[name]) < asking + 1:
                continue
            for _ in range(trials):
                asked = rng.choice(members[name], asking, replace=False)
                left = {d: [i for i in members[d] if i not in asked] for d in names}
                scores = {d: design_scores(rows[asked] @ rows[left[d]].T) for d in names}
                same = [d for d in names if subclass[d] == subclass[name] != "" and d != name]
                owners.append(name)
                kinsmen += [name] if same else []
                for how in scores[name]:
                    order = sorted(names, key=lambda d: (-scores[d][how], d))
                    own[how].append(1 / (1 + order.index(name)))
                    order.remove(name)
                    if same:
                        kin[how].append(average_precision(np.isin(order, same)))
        for how in own:
            made[f"{asking} views, {how}"] = {
                "the design itself": described(own[how], owners),
                "its subclass": described(kin[how], kinsmen) if kin[how] else {},
            }
    return made


# --- sheets drawn here --------------------------------------------------------------------------

SHEET = (1240, 1600)  # px: the drawn part of an A4 sheet at 150 dpi


def composed(seed: int) -> Image.Image:
    """A sheet of one to four procedural figures with labels, some of it turned by 90 degrees."""
    rng = np.random.default_rng(seed)
    sheet = Image.new("L", SHEET, 255)
    count = 1 + seed % 4
    rows = {1: [1], 2: [1, 1], 3: [1, 2], 4: [2, 2]}[count]
    font = ImageFont.load_default(34)
    pen = ImageDraw.Draw(sheet)
    number = 1 + int(rng.integers(0, 6))
    top, height = 120, (SHEET[1] - 240) // len(rows)
    drawings = products(seed)
    for across in rows:
        width = (SHEET[0] - 160) // across
        for column in range(across):
            left = 80 + column * width
            figure = next(drawings)
            figure.thumbnail((width - 80, height - 150))
            x = left + (width - figure.width) // 2
            sheet.paste(figure, (x, top + 20))
            pen.text((left + width // 2 - 60, top + 40 + figure.height), f"FIG. {number}", 0, font)
            number += 1
        top += height
    return sheet.rotate(90, expand=True, fillcolor=255) if seed % 3 == 2 else sheet


def products(seed: int) -> Iterator[Image.Image]:
    """Views of one of the project's procedural products, cropped to their ink."""
    from train.corpus.drawing import CANONICAL, Style, draw, scene
    from train.corpus.procedural import model

    stage = scene(model(seed).parts)
    style = Style(pen=2.0, outline=3.0, dash=16, shade=("none", "lines", "stipple")[seed % 3])
    for camera in CANONICAL.values():
        page = Image.fromarray(draw(stage, camera, style, size=1200, seed=seed))
        box = drawing.ink_box(page)
        if box is not None:
            yield page.crop(box)


def picture(path: Path) -> None:
    """Twelve overlays in one picture."""
    tile = (460, 560)
    board = Image.new("RGB", (tile[0] * 4, tile[1] * 3), "white")
    for place in range(12):
        page = composed(place)
        painted = overlay.paint(page, split(page, reader=labels.reader()))
        painted.thumbnail((tile[0] - 20, tile[1] - 20))
        framed = ImageOps.expand(painted, 1, "#bbbbbb")
        x, y = place % 4 * tile[0], place // 4 * tile[1]
        board.paste(framed, (x + (tile[0] - framed.width) // 2, y + (tile[1] - framed.height) // 2))
    board.quantize(64).save(path, optimize=True)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    sheets = commands.add_parser("sheets")
    sheets.add_argument("folder", type=Path)
    sheets.add_argument("--truth", type=Path, default=Path("tests/ingest/data/sheets.csv"))
    commands.add_parser("grants").add_argument("folder", type=Path)
    commands.add_parser("picture").add_argument("path", type=Path)
    for name in ("search", "views"):
        command = commands.add_parser(name)
        command.add_argument("folders", type=Path, nargs="+")
        command.add_argument("--model", default="")
    given = parser.parse_args()
    if given.command in ("search", "views"):
        measure = galleries if given.command == "search" else several_views
        print(json.dumps({"machine": machine(), **measure(given.folders, given.model)}, indent=2))
        return
    if given.command == "picture":
        picture(given.path)
        return
    readers = {"without OCR": None} | ({"with OCR": found} if (found := labels.reader()) else {})
    measured(
        {
            how: by_eye(given.folder, given.truth, reader)
            if given.command == "sheets"
            else by_xml(given.folder, reader)
            for how, reader in readers.items()
        }
    )


if __name__ == "__main__":
    main()
