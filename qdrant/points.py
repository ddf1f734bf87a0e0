"""A design's figure as a point: its id, its vectors, and the payload that search shows and filters.

Knows the offices' words (``engine.design``) and no backend. The way back, from a scored point to
a hit, is ``engine.search.hit``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.design import Design, Figure, figure_id
from engine.plan import Point, SparseVector, Vector
from qdrant.schema import VERSION


def point(
    design: Design,
    figure: Figure,
    vectors: Mapping[str, Vector | SparseVector],
    *,
    image_url: str = "",
    thumbnail: str = "",
) -> Point:
    """One figure of a design, ready to upsert.

    Args:
        design: the registration; its Locarno codes are already normalised.
        figure: one of its figures.
        vectors: unit rows (or sparse terms) by name, as the collection's schema has them.
        image_url: address under which figures are served as ``ID.png``, or "". The Qdrant web UI
            shows pictures of http addresses that end so.
        thumbnail: a small PNG, as an http address or as a data: URL that reports can hold.
    """
    id = figure_id(design.office, design.id, figure.number)
    served = f"{image_url.rstrip('/')}/{id}.png" if image_url else ""
    return Point(id, vectors, figure_payload(design, figure, image_url=served, thumbnail=thumbnail))


def figure_payload(
    design: Design, figure: Figure, *, image_url: str = "", thumbnail: str = ""
) -> dict[str, Any]:
    """The payload of a figure. Keys whose value is not known are left out, never empty.

    ``image_url`` is the figure's own. Dates are ISO dates, which are RFC 3339 full-dates: both backends index them.
    """
    main = design.locarno[0] if design.locarno else ""
    payload = {
        "office": design.office,
        "design_id": design.id,
        "figure": figure.number,
        "title": design.title,
        "locarno_class": main.partition("-")[0],
        "locarno_subclass": main if "-" in main else "",
        "path": class_path(design.locarno),
        "locarno_edition": design.locarno_edition,
        "filed": design.filed.isoformat() if design.filed else "",
        "published": design.published.isoformat() if design.published else "",
        "holder": design.holder,
        "view": figure.view,
        "description": design.description,
        "citations": [
            {"design_id": c.design_id, "category": c.category, "country": c.country}
            for c in design.citations
        ],
        "related": list(design.related),
        "file": figure.file,
        "page": figure.page,
        "box": list(figure.box) if figure.box else [],
        "turn": figure.turn,
        "erase": [list(box) for box in figure.erase],
        "label": figure.label,
        "sheet": figure.sheet,
        "parts": figure.parts or "",
        "confidence": "" if figure.confidence is None else figure.confidence,
        "split_by": figure.split_by,
        "has_broken_lines": {True: "yes", False: "no", None: ""}[figure.broken_lines],
        "sha256": figure.sha256,
        "image_url": image_url,
        "thumbnail": thumbnail,
        "version": VERSION,
    }
    return {key: value for key, value in payload.items() if value not in ("", [])}


def class_path(codes: tuple[str, ...]) -> list[str]:
    """Every class and subclass that the codes belong to: ("06-01", "07") → 06, 06-01, 07."""
    levels = (level for code in codes for level in (code.partition("-")[0], code))
    return list(dict.fromkeys(levels))
