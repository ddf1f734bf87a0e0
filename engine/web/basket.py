"""What a searcher keeps: hits with a judgement and a note, and the files they leave in.

The basket lives in the searcher's browser; the page sends it along when it is to be shown or
exported. So the server keeps nothing, and each browser has its own.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from engine import report, trec
from engine.design import Hit
from engine.errors import QueryError
from engine.report import Remark
from engine.report.xlsx import xlsx
from engine.search import hit
from engine.web.desk import Desk

MAX_KEPT = 1000
# What a judgement counts as in TREC qrels: above 0 is relevant, the more the better.
GAINS = {"relevant": 2, "background": 1, "noise": 0}
Kind = Literal["html", "csv", "xlsx", "qrels"]
TYPES = {
    "html": ("text/html; charset=utf-8", "basket.html"),
    "csv": ("text/csv; charset=utf-8", "basket.csv"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "basket.xlsx"),
    "qrels": ("text/plain; charset=utf-8", "basket.qrels"),
}


class Kept(BaseModel):
    """A figure that somebody kept, for which search, and what they say of it."""

    id: Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")]
    topic: Annotated[str, Field(max_length=300)] = ""
    judgement: Literal["relevant", "background", "noise", ""] = ""
    note: Annotated[str, Field(max_length=4000)] = ""
    score: Annotated[float, Field(allow_inf_nan=False)] = 0.0


_LIST = TypeAdapter(Annotated[list[Kept], Field(max_length=MAX_KEPT)])


def read(text: str) -> list[Kept]:
    """The basket as the browser sends it, JSON. Raises: QueryError."""
    try:
        return _LIST.validate_json(text or "[]")
    except ValidationError as error:
        problem = error.errors()[0]
        raise QueryError(f"The basket cannot be read: {problem['msg']}.") from None


def hits(desk: Desk, kept: Sequence[Kept]) -> list[tuple[Hit, Remark]]:
    """What was kept as hits, with their small pictures; what the collection lost is left out."""
    ids = list(dict.fromkeys(item.id for item in kept))
    stored = {point.id: point for point in desk.index.retrieve(ids)} if ids else {}
    found = [item for item in kept if item.id in stored]
    return [
        (
            hit(replace(stored[item.id], score=item.score), rank),
            Remark(item.judgement, item.note, item.topic),
        )
        for rank, item in enumerate(found, start=1)
    ]


def export(desk: Desk, kept: Sequence[Kept], kind: Kind) -> bytes:
    """The basket as a file of this kind. Raises: QueryError for qrels of nothing judged."""
    found = hits(desk, kept)
    shown, remarks = [item for item, _ in found], [remark for _, remark in found]
    if kind == "qrels":
        return qrels(found).encode()
    if kind == "csv":
        return _csv(shown, remarks).encode()
    manifest = report.Manifest(
        drawings=(), designs=(), texts=(), filters=(), encoder=desk.index.card,
        collection=desk.collection, figures=desk.index.count(), made=report.now(),
        version=desk.version,
    )  # fmt: skip
    if kind == "xlsx":
        return xlsx(shown, None, manifest, remarks)
    return report.html(shown, None, manifest, remarks).encode()


def qrels(found: Sequence[tuple[Hit, Remark]]) -> str:
    """TREC qrels of what was judged: "search 0 design gain", one line a design and search.

    Of several figures of one design the highest judgement counts. Raises: QueryError.
    """
    gains: dict[tuple[str, str], int] = {}
    for item, remark in found:
        if remark.judgement:
            key = (trec.token(remark.topic or "search"), trec.token(item.design_id))
            gains[key] = max(gains.get(key, 0), GAINS[remark.judgement])
    if not gains:
        raise QueryError(
            "Nothing in the basket is judged yet. Mark hits as relevant or noise first."
        )
    return "".join(f"{topic} 0 {design} {gain}\n" for (topic, design), gain in gains.items())


def run(topic: str, found: Sequence[Hit]) -> str:
    """TREC run of a search: "search Q0 design rank score tag", the design's best figure each."""
    import numpy as np

    best = list({hit.design_id: hit for hit in reversed(found)}.values())[::-1]
    best.sort(key=lambda hit: hit.rank)
    return "".join(trec.lines(
        trec.token(topic or "search"), [trec.token(hit.design_id) for hit in best],
        np.array([hit.score for hit in best]), "page",
    ))  # fmt: skip


def _csv(found: Sequence[Hit], remarks: Sequence[Remark]) -> str:
    columns = (*report.COLUMNS, "judgement", "note", "topic")
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, lineterminator="\n")
    writer.writeheader()
    for row, remark in zip(report.rows(found), remarks, strict=True):
        row |= {"judgement": remark.judgement, "note": remark.note, "topic": remark.topic}
        writer.writerow({key: report.inert(value) for key, value in row.items()})
    return stream.getvalue()
