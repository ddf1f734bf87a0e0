"""A study: people compare two systems side by side, blind, and their preferences are counted.

Each question is a drawing. Both systems answer it, and their lists stand left and right, which is
which by a hash of person and question: no page says, and a reload changes nothing. Votes go into the
file that the command named. Knows nothing of how the systems differ.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Annotated, Literal

from fastapi import APIRouter, Form, HTTPException
from fastapi import Path as InPath
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import StringConstraints

from engine import drawing
from engine.design import Hit
from engine.errors import QueryError
from engine.query import Query, View
from engine.web import api, pages, votes
from engine.web.desk import Desk, Options
from engine.web.safety import Access

SHOWN = 10  # hits a side
Who = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Side = Literal["a", "b"]


@dataclass(frozen=True, slots=True, eq=False)
class System:
    """One of the two, by the name that the report gives it."""

    name: str
    desk: Desk


class Study:
    """Two systems, the questions put to both, and the file of votes.

    Args:
        systems: a and b.
        questions: drawings, decoded; equal ones count once.
        path: of the votes; a study that was stopped goes on.
        shown: hits a side.
    """

    def __init__(
        self,
        systems: tuple[System, System],
        questions: Sequence[View],
        path: Path,
        shown: int = SHOWN,
    ) -> None:
        self.systems = {"a": systems[0], "b": systems[1]}
        self.questions = list({view.sha256: view for view in questions}.values())
        if not self.questions:
            raise QueryError("A study needs drawings to ask about. Name files or a folder of them.")
        self.path = path
        self.shown = shown
        self._done = {(vote.who, vote.question) for vote in votes.read(path)}
        self._lock = Lock()
        self.ranking = lru_cache(maxsize=None)(self._ranking)

    def _ranking(self, side: Side, number: int) -> tuple[Hit, ...]:
        query = Query(drawings=(self.questions[number],))
        return tuple(self.systems[side].desk.search(query, Options(limit=self.shown)).hits)

    def left(self, who: str, number: int) -> Side:
        """Which system stands on the left for this person: as good as a coin, and always the same."""
        word = f"{who}\x1f{self.questions[number].sha256}".encode()
        return "a" if hashlib.sha256(word).digest()[0] % 2 else "b"

    def next(self, who: str) -> int | None:
        """The first question that this person has not answered; None when all are."""
        waiting = (
            number for number, view in enumerate(self.questions)
            if (who, view.sha256) not in self._done
        )  # fmt: skip
        return next(waiting, None)

    def vote(
        self, who: str, number: int, choice: Literal["left", "right", "tie"], began: float
    ) -> None:
        """Record an answer; the first one counts."""
        view = self.questions[number]
        left = self.left(who, number)
        right: Side = "b" if left == "a" else "a"
        winner: votes.Winner = "tie" if choice == "tie" else left if choice == "left" else right
        with self._lock:
            if (who, view.sha256) in self._done:
                return
            votes.append(self.path, votes.Vote(
                who=who, question=view.sha256, name=view.name, a=self.systems["a"].name,
                b=self.systems["b"].name, left=left, winner=winner,
                seconds=round(max(0.0, time.time() - began), 1),
                at=datetime.now().astimezone().isoformat(timespec="seconds"),
            ))  # fmt: skip
            self._done.add((who, view.sha256))


def routes(study: Study, access: Access) -> APIRouter:
    """The pages of a study."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
    pages.add_login(router, access)

    @router.get("/")
    def welcome() -> Response:
        """Ask who compares."""
        return pages.rendered("study.html.j2", step="welcome", count=len(study.questions))

    @router.get("/trial")
    def trial(who: Who) -> Response:
        """The next question: the drawing, and both lists."""
        number = study.next(who)
        total = len(study.questions)
        if number is None:
            return pages.rendered("study.html.j2", step="done", count=total)
        left = study.left(who, number)
        right: Side = "b" if left == "a" else "a"
        return pages.rendered(
            "study.html.j2", step="trial", who=who, number=number, count=total, began=time.time(),
            sides=[("left", study.ranking(left, number)), ("right", study.ranking(right, number))],
        )  # fmt: skip

    @router.post("/vote")
    def vote(
        who: Annotated[Who, Form()],
        number: Annotated[int, Form(ge=0)],
        choice: Annotated[Literal["left", "right", "tie"], Form()],
        began: Annotated[float, Form(allow_inf_nan=False)] = 0.0,
    ) -> Response:
        """Record the answer and go on."""
        if number >= len(study.questions):
            raise HTTPException(404, "There is no such question.")
        study.vote(who, number, choice, began)
        from urllib.parse import urlencode

        return RedirectResponse(f"/trial?{urlencode({'who': who})}", 303)

    @router.get("/questions/{number}.png")
    def question(number: Annotated[int, InPath(ge=0)]) -> Response:
        """The drawing of a question."""
        if number >= len(study.questions):
            raise HTTPException(404, "There is no such question.")
        content = drawing.thumbnail(study.questions[number].picture, 480)
        return Response(content, media_type="image/png")

    @router.get("/figures/{id}.png")
    def figure(id: Annotated[str, InPath(pattern=api.ID)]) -> Response:
        """A figure of either system; ids say nothing of which."""
        for system in study.systems.values():
            content = system.desk.picture(id)
            if content is not None:
                return Response(content, media_type="image/png")
        raise HTTPException(404, "There is no picture of this figure.")

    return router
