"""The page as HTML: rendered here, pieces of it brought in by htmx, nothing from elsewhere."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, File, Form, HTTPException, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from engine import locarno, report
from engine.drawing import ink_box
from engine.errors import ImageError
from engine.report.xlsx import xlsx
from engine.web import api, asking, basket
from engine.web.asking import Asked, Code, Line
from engine.web.desk import SIZES_PX, Desk, fitted
from engine.web.safety import COOKIE, Access

HERE = Path(__file__).parent
WRONG_KEY_S = 1.0  # what a wrong key costs whoever guesses
ReportKind = Literal["html", "csv", "xlsx", "json", "run"]


def routes(desk: Desk, access: Access) -> APIRouter:
    """The routes of the page."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

    @router.get("/")
    def page() -> Response:
        """The whole page, nothing found yet."""
        return rendered("page.html.j2", desk=desk, answer=None, offices=desk.offices())

    @router.post("/search")
    def search(request: Request, form: Annotated[Asked, Depends(asking.asked)]) -> Response:
        """Hits, as a piece of the page, or as a whole one for browsers without scripts."""
        form = api.classified(desk, form)
        answer = desk.search(form.query(), form.options)
        shown: dict[str, Any] = {"answer": answer, "form": form, "filters": form.filters.words()}
        if is_piece(request):
            return rendered("hits.html.j2", **shown)
        return rendered("page.html.j2", desk=desk, offices=desk.offices(), **shown)

    @router.post("/report/{kind}")
    def write_report(kind: ReportKind, form: Annotated[Asked, Depends(asking.asked)]) -> Response:
        """The same search as a file to keep."""
        form = api.classified(desk, form)
        query = form.query()
        answer = desk.search(query, form.options)
        hits = desk.with_thumbnails(answer.hits) if kind in ("html", "xlsx") else answer.hits
        manifest = desk.manifest(query)
        if kind == "html":
            return _file(
                report.html(hits, query, manifest, reasons=desk.reasons(query, hits)),
                "text/html; charset=utf-8",
                "search.html",
            )
        if kind == "xlsx":
            return _file(xlsx(hits, query, manifest), basket.TYPES["xlsx"][0], "search.xlsx")
        if kind == "csv":
            stream = io.StringIO()
            report.write_csv(stream, hits)
            return _file(stream.getvalue(), "text/csv; charset=utf-8", "search.csv")
        if kind == "run":
            return _file(basket.run(form.topic, hits), "text/plain; charset=utf-8", "search.run")
        told = dict(report.about(manifest, query))
        found = [hit.model_dump() for hit in api.hits(answer)]
        text = json.dumps({"search": told, "hits": found}, ensure_ascii=False, indent=2)
        return _file(text, "application/json", "search.json")

    @router.post("/classes")
    def suggest(
        drawing: Annotated[list[UploadFile] | None, File()] = None,
        drawing_weight: Annotated[list[float] | None, Form()] = None,
    ) -> Response:
        """Classes that the form's drawings suggest, to tick."""
        views = [view for view in asking.views(drawing, drawing_weight) if view.weight > 0]
        found = desk.suggest([view.picture for view in views])
        return rendered("suggestions.html.j2", suggestions=found, asked=True)

    @router.get("/classes")
    def find_class(find: Annotated[Line, Query()] = "") -> Response:
        """Classes of the collection that words or a code name, to tick."""
        held = {item.code for top in desk.classes() for item in (top, *top.subclasses)}
        found = [
            {"code": code, "name": locarno.heading(code), "probability": None}
            for code in (locarno.find(find) if find else ())
            if code in held
        ]
        return rendered("suggestions.html.j2", suggestions=found[:8], asked=bool(find))

    @router.post("/preview")
    def preview(drawing: Annotated[UploadFile, File()]) -> Response:
        """An uploaded drawing as the encoder sees it, cropped to its ink; browsers show no TIFF."""
        picture = asking.view(drawing).picture
        box = ink_box(picture)
        if box is None:
            raise ImageError("The drawing is blank: no ink was found on the page.")
        return Response(fitted(picture.crop(box), SIZES_PX[-1]), media_type="image/png")

    @router.get("/holders")
    def holders(holder: Annotated[Line, Query()] = "") -> Response:
        """Names of holders, for the field that asks for one."""
        return rendered("holders.html.j2", holders=desk.holders(holder) if holder else [])

    @router.get("/designs/{design_id}")
    def design(request: Request, design_id: Code, office: Code = "") -> Response:
        """All that is known of a design, as a piece of the page or a page of its own."""
        found = desk.design(design_id, office)
        if found is None:
            raise HTTPException(404, f"Design '{design_id}' is not in the collection.")
        piece = is_piece(request)
        return rendered(
            "design.html.j2" if piece else "design_page.html.j2", design=found, desk=desk
        )

    @router.post("/basket")
    def show_basket(items: Annotated[str, Form(max_length=2**20)] = "[]") -> Response:
        """What the browser kept, to be judged and noted."""
        found = basket.hits(desk, basket.read(items))
        topics = {remark.topic: None for _, remark in found}
        return rendered("basket.html.j2", kept=found, topics=list(topics))

    @router.post("/basket/{kind}")
    def export_basket(
        kind: basket.Kind, items: Annotated[str, Form(max_length=2**20)] = "[]"
    ) -> Response:
        """What the browser kept, as a file."""
        return _file(basket.export(desk, basket.read(items), kind), *basket.TYPES[kind])

    add_login(router, access)
    return router


def add_login(router: APIRouter, access: Access) -> None:
    """The page that asks for the key."""

    @router.get("/login")
    def login() -> Response:
        """Ask for the key."""
        return rendered("login.html.j2", wrong=False) if access.key else RedirectResponse("/", 303)

    @router.post("/login")
    async def enter(key: Annotated[str, Form(max_length=300)] = "") -> Response:
        """Take the key, and remember it in a cookie that scripts cannot read."""
        if not access.shown(key):
            await asyncio.sleep(WRONG_KEY_S)
            return rendered("login.html.j2", status=401, wrong=True)
        answer = RedirectResponse("/", 303)
        answer.set_cookie(COOKIE, access.token(), httponly=True, samesite="strict")
        return answer


def problem(request: Request, status: int, words: str) -> Response:
    """What went wrong, as a piece of the page or a page of its own."""
    name = "problem.html.j2" if is_piece(request) else "problem_page.html.j2"
    return rendered(
        name, status=status, words=words, heading=_HEADINGS.get(status, "That did not work")
    )


def is_piece(request: Request) -> bool:
    """Whether htmx asks, for a piece of the page."""
    return request.headers.get("hx-request") == "true"


_HEADINGS = {404: "Not here", 409: "Not with this collection", 503: "The store is not there"}


def rendered(template: str, status: int = 200, **parts: Any) -> HTMLResponse:
    """A template as an answer; everything put into it is escaped."""
    return HTMLResponse(_templates().get_template(template).render(**parts), status)


def _file(content: str | bytes, kind: str, name: str) -> Response:
    """An answer that the browser saves."""
    return Response(
        content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.globals["static"] = _static
    environment.globals["notice"] = report.NOTICE
    environment.filters["count"] = lambda number: f"{number:,}"
    return environment


@cache
def _static(name: str) -> str:
    """The address of a file of ours, another one when it changes."""
    digest = hashlib.sha256((HERE / "static" / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?{digest}"
