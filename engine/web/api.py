"""The page's answers as JSON, under ``/api``, described by ``/api/openapi.json``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, File, HTTPException, Path, Query, UploadFile
from fastapi.responses import Response
from pydantic import BaseModel

from engine import report
from engine.classify import Suggestion
from engine.errors import QueryError
from engine.web import asking
from engine.web.asking import Asked, Code, Line
from engine.web.desk import Answer, Class, Desk, Record, Shown

PICTURE_AGE_S = 7 * 24 * 3600


class Problem(BaseModel):
    """Why a request was not answered, and what to do."""

    detail: str


class FigureOut(BaseModel):
    """A figure and where its pictures are."""

    id: str
    figure: str
    view: str
    picture: str
    thumbnail: str


class HitOut(BaseModel):
    """One answer; ``stages`` are what each stage gave, where that was asked for."""

    rank: int
    score: float
    id: str
    design_id: str
    figure: str
    title: str
    office: str
    locarno_class: str
    locarno_subclass: str
    class_name: str
    file: str
    published: str
    holder: str
    view: str
    stages: dict[str, float]
    figures: list[FigureOut]


class AnswerOut(BaseModel):
    """Hits, best first. ``score`` is a cosine, unless ``fused``: then only the order counts."""

    hits: list[HitOut]
    fused: bool
    filters: list[str]
    classes: list[str]
    took_ms: float


class ClassOut(BaseModel):
    """A class that the collection holds, with its figures counted."""

    code: str
    heading: str
    figures: int
    subclasses: list[ClassOut] = []


class SuggestionOut(BaseModel):
    """A subclass with its probability, and the stored designs that speak for it."""

    code: str
    name: str
    probability: float
    designs: list[str]


class HolderOut(BaseModel):
    """A holder with the figures of their designs counted."""

    holder: str
    figures: int


class EncoderOut(BaseModel):
    """What made the collection's vectors."""

    name: str
    revision: str
    dimension: int
    preprocessing: str
    text_dimension: int


class StatusOut(BaseModel):
    """What is served. ``words``: the collection can be asked by words."""

    version: str
    collection: str
    figures: int
    encoder: EncoderOut
    words: bool
    notice: str


class DesignOut(BaseModel):
    """Everything that the collection knows of a design."""

    design_id: str
    office: str
    title: str
    classes: list[str]
    locarno_edition: str
    filed: str
    published: str
    holder: str
    description: str
    descriptions: list[str]
    citations: list[tuple[str, str]]
    related: list[str]
    figures: list[FigureOut]
    files: list[str]


REFUSED: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "The form cannot be read."},
    401: {"model": Problem, "description": "The key is missing."},
    403: {"model": Problem, "description": "Another site's page sent this."},
    409: {"model": Problem, "description": "The collection cannot answer this kind of query."},
    413: {"model": Problem, "description": "The request is too long."},
    422: {"model": Problem, "description": "The request cannot be meant; says why."},
    503: {"model": Problem, "description": "The store cannot be reached."},
}
MISSING: dict[int | str, dict[str, Any]] = {
    404: {"model": Problem, "description": "There is none."}
}


def routes(desk: Desk) -> APIRouter:
    """The routes of the API."""
    router = APIRouter(responses=REFUSED)

    @router.get("/api/status", tags=["collection"])
    def status() -> StatusOut:
        """What is served, and how it was made."""
        return StatusOut(
            version=desk.version, collection=desk.collection, figures=desk.count(),
            encoder=EncoderOut(**asdict(desk.index.card)), words=desk.words,
            notice=report.NOTICE,
        )  # fmt: skip

    @router.get("/api/classes", tags=["collection"])
    def classes() -> list[ClassOut]:
        """The Locarno classes that the collection holds."""
        return [_class(item) for item in desk.classes()]

    @router.get("/api/holders", tags=["collection"])
    def holders(
        q: Annotated[Line, Query(description="Letters of the name.")] = "",
    ) -> list[HolderOut]:
        """Holders of designs in the collection, the larger first."""
        return [HolderOut(holder=name, figures=count) for name, count in desk.holders(q)]

    @router.post("/api/search", tags=["search"])
    def search(form: Annotated[Asked, Depends(asking.asked)]) -> AnswerOut:
        """Find the designs nearest to drawings, words and stored designs, under filters."""
        form = classified(desk, form)
        return answered(form, desk.search(form.query(), form.options))

    @router.post("/api/classify", tags=["search"])
    def classify(
        drawing: Annotated[list[UploadFile], File(description="Drawings of one design.")],
        limit: Annotated[int, Query(ge=1, le=50, description="Suggestions.")] = 8,
    ) -> list[SuggestionOut]:
        """Suggest Locarno subclasses for a design, from the stored designs most like it."""
        pictures = [view.picture for view in asking.views(drawing)]
        return suggested(desk.suggest(pictures, limit))

    @router.get("/api/designs/{design_id}", tags=["search"], responses=MISSING)
    def design(
        design_id: Annotated[Code, Path(description="Number, as the office writes it.")],
        office: Annotated[Code, Query(description="WIPO ST.3 code, where two have it.")] = "",
    ) -> DesignOut:
        """Everything that the collection knows of a design."""
        found = desk.design(design_id, office)
        if found is None:
            raise HTTPException(404, f"Design '{design_id}' is not in the collection.")
        return described(found)

    @router.get(
        "/figures/{id}.png", tags=["pictures"], response_class=Response,
        responses=MISSING | {200: {"content": {"image/png": {}}}},
    )  # fmt: skip
    def figure(
        id: Annotated[str, Path(pattern=ID)],
        size: Annotated[
            Literal["480", "1600"], Query(description="Longer side, px, at most.")
        ] = "480",
    ) -> Response:
        """A figure as a PNG, as large as its source allows; the Qdrant web UI shows these too."""
        return _picture(desk.picture(id, int(size)))

    @router.get(
        "/thumbs/{id}.png", tags=["pictures"], response_class=Response,
        responses=MISSING | {200: {"content": {"image/png": {}}}},
    )  # fmt: skip
    def thumbnail(id: Annotated[str, Path(pattern=ID)]) -> Response:
        """The small picture of a figure that the store keeps."""
        return _picture(desk.thumbnail(id))

    @router.post(
        "/api/explain", tags=["search"], response_class=Response,
        responses=MISSING | {200: {"content": {"image/png": {}}}},
    )  # fmt: skip
    def why(
        drawing: Annotated[UploadFile, File(description="The query's drawing.")],
        figure: Annotated[str, Query(pattern=ID, description="Id of the stored figure.")],
        side: Annotated[
            Literal["both", "ours", "theirs"], Query(description="Which drawing is shown.")
        ] = "both",
    ) -> Response:
        """A PNG of both drawings, or one, with the strokes that made the match."""
        found = desk.why(asking.view(drawing).picture, figure, side)
        if found is None:
            raise HTTPException(404, "There is no picture of this figure.")
        return Response(found, media_type="image/png")

    return router


ID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"


def classified(desk: Desk, form: Asked) -> Asked:
    """The form under the classes that its drawings suggest, where it asks for them.

    Raises: QueryError without a drawing to suggest classes from.
    """
    if not form.automatic:
        return form
    from dataclasses import replace

    from engine.classify import choose

    pictures = [view.picture for view in form.drawings if view.weight > 0]
    if not pictures:
        raise QueryError("Classes can only be suggested from a drawing. Add one, or name classes.")
    codes = choose(desk.suggest(pictures))
    return replace(form, filters=replace(form.filters, classes=codes), automatic=False)


def answered(form: Asked, answer: Answer) -> AnswerOut:
    """The answer to a form as the API gives it."""
    return AnswerOut(
        hits=hits(answer), fused=answer.fused, filters=form.filters.words(),
        classes=list(form.filters.classes), took_ms=round(answer.took_s * 1e3, 1),
    )  # fmt: skip


def suggested(found: Sequence[Suggestion]) -> list[SuggestionOut]:
    """Suggested classes as the API gives them."""
    return [SuggestionOut(**asdict(item)) for item in found]


def hits(answer: Answer) -> list[HitOut]:
    """The hits of an answer as the API gives them."""
    return [
        HitOut(
            **row, id=hit.id, stages=dict(hit.stages),
            figures=[_figure(shown) for shown in answer.of(hit)],
        )
        for row, hit in zip(report.rows(answer.hits), answer.hits, strict=True)
    ]  # fmt: skip


def _figure(shown: Shown) -> FigureOut:
    return FigureOut(
        id=shown.id, figure=shown.number, view=shown.view,
        picture=f"/figures/{shown.id}.png", thumbnail=f"/thumbs/{shown.id}.png",
    )  # fmt: skip


def _class(item: Class) -> ClassOut:
    return ClassOut(
        code=item.code, heading=item.heading, figures=item.count,
        subclasses=[_class(sub) for sub in item.subclasses],
    )  # fmt: skip


def described(found: Record) -> DesignOut:
    """A design as the API gives it."""
    return DesignOut(
        **asdict(found) | {"figures": [_figure(shown) for shown in found.figures]},
    )


def _picture(content: bytes | None) -> Response:
    if content is None:
        raise HTTPException(404, "There is no picture of this figure.")
    # Ids are of content for ever, but a design may be ingested anew with a better scan.
    age = {"Cache-Control": f"private, max-age={PICTURE_AGE_S}"}
    return Response(content, media_type="image/png", headers=age)
