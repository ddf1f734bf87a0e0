"""A small register of made-up designs on disk, as an office's folder: what ``engine demo`` searches.

Named designs of the procedural corpus, drawn from several sides. One view of some designs is kept
out of the register, to be asked about. Needs numpy and Pillow alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from PIL import Image

from engine.errors import SourceError
from train.corpus.drawing import CANONICAL, Style, draw, scene
from train.corpus.procedural import Model, model

VIEWS = ("perspective", "front", "left", "top", "back")
PICTURES = frozenset({".png", ".tif", ".tiff", ".jpg", ".jpeg", ".gif", ".bmp", ".webp"})
SIZE_PX = 400
HOLDERS = ("Alder & Ash", "Birch Works", "Cedar Goods", "Dogwood Design")


@dataclass(frozen=True, slots=True)
class Question:
    """A drawing to ask about; of a made design, one that the register does not hold."""

    drawing: Path
    design_id: str
    locarno: str
    title: str


def write_register(
    folder: Path, *, designs: int = 60, questions: int = 3, seed: int = 7
) -> list[Question]:
    """Draw a register into a folder: pictures and ``metadata.jsonl``.

    Args:
        folder: made if need be; ``register`` and ``queries`` are written below it.
        designs: registered designs, each with one drawing a view of :data:`VIEWS`.
        questions: drawings to ask about, of different subclasses.
        seed: the same seed draws the same register.
    """
    register, asked = folder / "register", folder / "queries"
    register.mkdir(parents=True, exist_ok=True)
    asked.mkdir(exist_ok=True)
    found: list[Question] = []
    with (register / "metadata.jsonl").open("w", encoding="utf-8") as table:
        for number, made in enumerate(_named(designs, seed), start=1):
            name = f"DM{number:06d}"
            stage = scene(made.parts)
            for view in VIEWS:
                picture = draw(stage, CANONICAL[view], Style(outline=1.6), size=SIZE_PX)
                file = f"{name}-{view}.png"
                Image.fromarray(picture).save(register / file)
                row = {
                    "file_name": file, "design_id": name, "figure": str(VIEWS.index(view) + 1),
                    "view": f"{view} view", "title": made.title, "locarno": made.locarno,
                    "published": str(date(2020, 1, 7) + timedelta(weeks=number)),
                    "holder": HOLDERS[number % len(HOLDERS)],
                }  # fmt: skip
                table.write(json.dumps(row) + "\n")
            if len(found) < questions and made.locarno not in {q.locarno for q in found}:
                eye = CANONICAL["perspective"]
                other = type(eye)(-eye.azimuth, eye.elevation + 8, distance=eye.distance)
                file = f"{made.title.split()[0].lower()}-{name}.png"
                Image.fromarray(draw(stage, other, Style(outline=1.6), size=SIZE_PX)).save(
                    asked / file
                )
                found.append(Question(asked / file, name, made.locarno, made.title))
    return found


def own_questions(folder: Path, *, questions: int = 3) -> list[Question]:
    """A few of a user's own drawings, to be asked about in their own collection.

    Raises: SourceError when the folder holds none.
    """
    pictures = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PICTURES)
    if not pictures:
        raise SourceError(f"{folder} holds no pictures ({', '.join(sorted(PICTURES))}).")
    step = max(1, len(pictures) // questions)
    return [Question(path, "", "", "") for path in pictures[::step][:questions]]


def _named(count: int, seed: int) -> list[Model]:
    """Designs that have a class, by chance over the subclasses."""
    found: list[Model] = []
    numbers = iter(np.arange(20 * count).tolist())
    while len(found) < count:
        made = model(next(numbers), seed)
        if made.locarno:
            found.append(made)
    return found
