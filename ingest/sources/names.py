"""What a picture's file name says of its design: number, office, figure, view.

========================================  ==============================  ============
file, below the folder that is read       design                          figure
========================================  ==============================  ============
``USD0906631-20210105-D00002.TIF``        ``USD906631``, office US        ``S2``
``USD528368-S001.tif``                    ``USD528368``, office US        ``S1``
``USD0534331.png``                        ``USD534331``, office US        ``S1``
``lamp-fig2a.png``, ``lamp_sheet3.png``   ``lamp``                        ``2A``, ``S3``
``lamp-front.png``                        ``lamp``                        ``front``
``x-17/1.png``, ``x-17/fig2.png``         ``x-17``                        ``1``, ``2``
``chairs/oak.png``, ``oak.png``           ``chairs/oak``, ``oak``         ``1``
========================================  ==============================  ============

A folder is one design only where every picture in it is named like a figure; otherwise it may just
as well be a class, and each picture is a design.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

_US = re.compile(r"USD0*(\d{5,8})(?:S\d?)?(?:-\d{8})?(?:-[DS]0*(\d+))?", re.IGNORECASE)
_BARE = re.compile(r"D0*(\d{5,8})(?:S\d?)?(?:-\d{8})?-[DS]0*(\d+)", re.IGNORECASE)
_VIEWS = "front|rear|back|left|right|top|bottom|side|perspective|isometric|elevation|plan|detail"
_VIEW = rf"(?:{_VIEWS})(?:[-_ ]+(?:{_VIEWS}))*"
_LABEL = (
    r"(?P<sheet>sheet|page|S(?=\d{3}$)|D(?=\d{5}$))?(?:fig(?:ure)?|image|img)?"
    r"[-_. ]*0*(?P<number>\d{1,4}[a-z]?)"
)
_MARKED = re.compile(
    rf"(?P<design>.+?)[-_ ]+(?:(?=sheet|page|fig|S\d|D\d){_LABEL}|(?P<view>{_VIEW}))", re.IGNORECASE
)
# Two digits at most: a folder of 0001.png … 0950.png is a heap of designs, not one of 950 figures.
_FIGURE = re.compile(
    rf"(?:(?=\d{{1,2}}[a-z]?$|sheet|page|fig|ima?g|S\d|D\d){_LABEL}|(?P<view>{_VIEW}))",
    re.IGNORECASE,
)
FRONT_PAGE = "S0"  # D00000 of a grant: the front page's drawing, which one of the sheets repeats


@dataclass(frozen=True, slots=True)
class Name:
    """What a file name says; ``office`` and ``view`` may be ""."""

    design_id: str
    figure: str
    office: str = ""
    view: str = ""


def named(files: Sequence[PurePath]) -> list[Name]:
    """What the pictures of one folder are called; paths are relative to the folder that is read.

    Two that would be the same figure of the same design are told apart by their whole file names.
    """
    inside = str(files[0].parent.as_posix()) if files else "."
    together = inside != "." and all(_FIGURE.fullmatch(file.stem) for file in files)
    names = [_named(file, inside, together) for file in files]
    seen: dict[tuple[str, str], int] = {}
    for name in names:
        key = (name.design_id, name.figure)
        seen[key] = seen.get(key, 0) + 1
    return [
        name
        if seen[name.design_id, name.figure] == 1
        else Name(name.design_id, file.name, name.office, name.view)
        for file, name in zip(files, names, strict=True)
    ]


def office_of(design_id: str) -> str:
    """The office (WIPO ST.3) whose numbers look like this one, or ""."""
    if re.fullmatch(r"USD\d{5,8}", design_id, re.IGNORECASE):
        return "US"
    if re.fullmatch(r"DM/?\d{5,7}(-\d+)?", design_id, re.IGNORECASE):
        return "WO"
    return "EM" if re.fullmatch(r"(EM)?\d{9}-\d{4}", design_id, re.IGNORECASE) else ""


def _named(file: PurePath, inside: str, together: bool) -> Name:
    grant = _US.fullmatch(file.stem) or _BARE.fullmatch(file.stem)
    if grant:
        return Name(f"USD{grant[1]}", f"S{int(grant[2] or 1)}", "US")
    if together:
        figure = _FIGURE.fullmatch(file.stem)
        assert figure is not None
        return Name(inside, *_figure(figure))
    place = "" if inside == "." else f"{inside}/"
    marked = _MARKED.fullmatch(file.stem)
    if marked:
        return Name(place + marked["design"], *_figure(marked))
    return Name(f"{place}{file.stem}", "1")


def _figure(match: re.Match[str]) -> tuple[str, str, str]:
    """Figure, office and view of a marked name."""
    view = re.sub(r"[-_ ]+", " ", match["view"] or "").lower()
    if view:
        return view, "", f"{view} view"
    return ("S" if match["sheet"] else "") + match["number"].upper(), "", ""
