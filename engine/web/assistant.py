"""The same answers for assistants, by the Model Context Protocol: search, classify, look at designs.

Speaks over stdin and stdout with the program that started it, opens no port, and reads no file but
pictures below one folder, where the user named one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated

from mcp.server import MCPServer
from mcp.server.mcpserver import Image
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from engine import drawing, report
from engine.errors import EngineError, QueryError
from engine.query import Filters, View
from engine.web import api
from engine.web.asking import MAX_FILE, MAX_HITS, MAX_PIXELS, Asked, shortened
from engine.web.desk import Desk, Options

GUIDE = (
    "Searches registered industrial designs (design patents) by drawing, words and Locarno class, on "
    "this machine alone. Scores are cosines, unless 'fused': then only the order counts. "
    f"{report.NOTICE}"
)

Encoded = Annotated[str, Field(description="A picture file (PNG, TIFF, JPEG), base64.")]
Named = Annotated[str, Field(description="A picture in the folder that the user shares, by name.")]
Codes = Annotated[list[str], Field(description="Locarno classes or subclasses, such as 06-01.")]


def server(desk: Desk, folder: Path | None = None) -> MCPServer:
    """The server of a desk; it reads drawings by name below ``folder``, or none when None."""
    made = MCPServer("design-search-engine", instructions=GUIDE, version=desk.version)

    @made.tool()
    def search(
        text: Annotated[str, Field(description="Words to be like.")] = "",
        drawing_base64: Encoded = "",
        drawing_file: Named = "",
        like: Annotated[list[str], Field(description="Numbers of designs to be like.")] = [],  # noqa: B006
        unlike: Annotated[list[str], Field(description="Numbers of designs to be unlike.")] = [],  # noqa: B006
        classes: Codes = [],  # noqa: B006
        published_before: Annotated[date | None, Field(description="Strictly earlier.")] = None,
        published_after: Annotated[date | None, Field(description="That day or later.")] = None,
        holder: Annotated[str, Field(description="Holder, exact name.")] = "",
        limit: Annotated[int, Field(ge=1, le=MAX_HITS)] = 10,
    ) -> api.AnswerOut:
        """Find the designs nearest to a drawing, words or stored designs, under filters."""
        with _told():
            form = Asked(
                drawings=tuple(_views(drawing_base64, drawing_file, folder)),
                designs=(*((n, 1.0) for n in like), *((n, -1.0) for n in unlike)),
                texts=((text, 1.0),) if text else (),
                filters=Filters(
                    classes=tuple(classes), since=published_after, before=published_before,
                    holders=(holder,) if holder else (),
                ),
                options=Options(limit=limit),
            )  # fmt: skip
            return api.answered(form, desk.search(form.query(), form.options))

    @made.tool()
    def get_design(design_id: str, office: str = "") -> api.DesignOut:
        """Everything that the collection knows of a design: classes, dates, holder, figures."""
        with _told():
            found = desk.design(design_id, office)
            if found is None:
                raise QueryError(f"Design '{design_id}' is not in the collection.")
            return api.described(found)

    @made.tool()
    def classify(drawing_base64: Encoded = "", drawing_file: Named = "") -> list[api.SuggestionOut]:
        """Suggest Locarno subclasses for a drawing, with probabilities."""
        with _told():
            views = _views(drawing_base64, drawing_file, folder)
            return api.suggested(desk.suggest([view.picture for view in views]))

    @made.tool(structured_output=False)
    def show_figure(
        figure_id: Annotated[str, Field(description="The id of a figure, of a hit or design.")],
    ) -> Image:
        """A figure as a picture."""
        with _told():
            content = desk.picture(figure_id)
            if content is None:
                raise QueryError(f"There is no picture of figure '{figure_id}'.")
            return Image(data=content, format="png")

    return made


@contextmanager
def _told() -> Iterator[None]:
    """Tell the assistant what is wrong; of other errors it learns only that there was one."""
    try:
        yield
    except EngineError as error:
        raise ToolError(str(error)) from error


def _views(encoded: str, name: str, folder: Path | None) -> list[View]:
    """The drawing that was sent or named, decoded. Raises: QueryError, ImageError."""
    if encoded:
        try:
            content = base64.b64decode(encoded, validate=True)
        except binascii.Error as error:
            raise QueryError(f"drawing_base64 is no base64 ({error}).") from None
        name = "drawing"
    elif name:
        content = _shared(name, folder)
    else:
        return []
    if len(content) > MAX_FILE:
        raise QueryError(f"The drawing is larger than {MAX_FILE >> 20} MiB. Scale it down.")
    picture = drawing.decode(content, name=name, max_pixels=MAX_PIXELS)
    return [View(picture, 1.0, shortened(name), hashlib.sha256(content).hexdigest())]


def _shared(name: str, folder: Path | None) -> bytes:
    """A file below the shared folder. Raises: QueryError for any other."""
    if folder is None:
        raise QueryError(
            "No folder of drawings is shared. Send drawing_base64, or start with --folder DIR."
        )
    root = folder.resolve()
    path = (root / name).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        raise QueryError(f"There is no drawing '{name}' in the shared folder.")
    with path.open("rb") as stream:
        return stream.read(MAX_FILE + 1)
