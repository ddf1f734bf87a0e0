"""The application: page, API and pictures of one collection, behind the guard."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.errors import EngineError, IndexMismatch, IndexUnavailable, MissingExtra
from engine.web import api, pages, study
from engine.web.desk import Desk
from engine.web.safety import Access, Guard

HERE = Path(__file__).parent
# What runs at once: more would only hold more decoded drawings in memory, on the same cores, and let
# later requests overtake earlier ones.
WORKERS = max(2, os.cpu_count() or 1)


def create_app(desk: Desk, access: Access | None = None) -> FastAPI:
    """The page and API of a desk.

    Args:
        desk: the collection, its encoder, and what can be done with them.
        access: who may ask; loopback without a key when None.
    """
    access = access or Access()
    routers = [api.routes(desk), pages.routes(desk, access)]
    return _guarded(routers, access, desk.version, openapi="/api/openapi.json")


def create_study(made: study.Study, access: Access | None = None, version: str = "") -> FastAPI:
    """The pages of a study; nothing else of its systems can be asked."""
    access = access or Access()
    return _guarded([study.routes(made, access)], access, version, openapi=None)


def _guarded(
    routers: list[APIRouter], access: Access, version: str, *, openapi: str | None
) -> FastAPI:
    app = FastAPI(
        title="Design search", version=version or "0", lifespan=_running,
        description="Find registered designs that look like a drawing. Search aid, not legal advice.",
        openapi_url=openapi, docs_url=None, redoc_url=None,  # those would load from a CDN
    )  # fmt: skip
    for router in routers:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.add_exception_handler(EngineError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_middleware(Guard, access=access)
    app.add_middleware(Heads)
    return app


class Heads:
    """ASGI middleware that answers HEAD as GET, without the body (RFC 9110, 9.3.2).

    Routes take only the methods they name; link checkers and monitors ask by HEAD.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is no HEAD; of what is, the status and the headers that GET has."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def headers_alone(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self.app({**scope, "method": "GET"}, receive, headers_alone)


@asynccontextmanager
async def _running(_: FastAPI) -> AsyncIterator[None]:
    from anyio.to_thread import current_default_thread_limiter

    current_default_thread_limiter().total_tokens = WORKERS
    yield


def status_of(error: EngineError) -> int:
    """The HTTP status of an error of ours: mostly the searcher's, sometimes the store's."""
    if isinstance(error, IndexUnavailable):
        return 503
    if isinstance(error, IndexMismatch):
        return 409
    if isinstance(error, MissingExtra):
        return 501
    return 422


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, EngineError)
    return _said(request, status_of(error), str(error))


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    told = "; ".join(
        f"{'.'.join(str(part) for part in problem['loc'][1:])}: {problem['msg']}"
        for problem in error.errors()
    )
    return _said(request, 422, told)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _said(request, error.status_code, str(error.detail), dict(error.headers or {}))


def _said(
    request: Request, status: int, words: str, headers: dict[str, str] | None = None
) -> Response:
    """A message, as a person or as a program reads it."""
    wants_page = pages.is_piece(request) or "text/html" in request.headers.get("accept", "")
    if wants_page and not request.url.path.startswith("/api/"):
        return pages.problem(request, status, words)
    return JSONResponse({"detail": words}, status, headers)
