"""The compact query form: what it reads, and where it says it cannot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from engine.errors import QueryError
from engine.expression import Part, parse, read


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("chair", [Part("text", "chair")]),
        (
            '"2:folding chair" + side.png - swivel',
            [Part("text", "folding chair", 2), Part("drawing", "side.png"), Part("text", "swivel", -1)],
        ),
        ('2:"folding chair"', [Part("text", "folding chair", 2)]),
        ("  .5 : t-shirt + front-view.TIF ", [Part("text", "t-shirt", 0.5), Part("drawing", "front-view.TIF")]),
        ("folding chair - 0,25:arm rest", [Part("text", "folding chair"), Part("text", "arm rest", -0.25)]),
        ("design:USD0906631 - design: D2", [Part("design", "USD0906631"), Part("design", "D2", -1)]),
        ("'my drawing.png' + \"salt + pepper\"", [Part("drawing", "my drawing.png"), Part("text", "salt + pepper")]),
        ("- lamp + “desk lamp”", [Part("text", "lamp", -1), Part("text", "desk lamp")]),
        ("椅子 - стул", [Part("text", "椅子"), Part("text", "стул", -1)]),
        ("USB-C plug", [Part("text", "USB-C plug")]),
        ("child's chair", [Part("text", "child's chair")]),
    ],
)  # fmt: skip
def test_parse(expression: str, expected: list[Part]) -> None:
    assert list(parse(expression)) == expected


@pytest.mark.parametrize(
    ("expression", "character", "reason"),
    [
        ("", 1, "empty"),
        ("   ", 1, "empty"),
        ("+", 1, "nothing follows"),
        ("chair +", 7, "nothing follows"),
        ("chair + - lamp", 9, "two signs"),
        ('"chair', 1, "never closed"),
        ('chair "lamp"', 7, "missing"),
        ('"chair" lamp', 9, "missing"),
        ('"chair"+ lamp', 8, "space"),
        ("chair + 0:lamp", 9, "weight"),
        ("1000:lamp", 1, "weight"),
        ('chair + ""', 9, "nothing to look for"),
        ("design:", 1, "number is missing"),
    ],
)
def test_errors_point_at_the_character(expression: str, character: int, reason: str) -> None:
    with pytest.raises(QueryError, match=reason) as caught:
        parse(expression)
    what, shown, caret, _ = str(caught.value).split("\n")
    assert f"at character {character}:" in what
    assert shown == f"  {expression}"
    assert caret.index("^") == 2 + character - 1


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(expression: str) -> None:
    try:
        parts = parse(expression)
    except QueryError:
        return
    assert parts
    assert all(part.value and part.weight for part in parts)


@given(
    st.lists(
        st.tuples(
            st.text("abcz äß椅-", min_size=1).map(lambda s: f"w{s.strip()}"),
            st.sampled_from([-3, -1, -0.5, 0.5, 1, 2, 10]),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_what_is_written_is_read(parts: list[tuple[str, float]]) -> None:
    written = " ".join(f'{"-" if w < 0 else "+"} {abs(w):g}:"{text}"' for text, w in parts)
    assert [(part.value, part.weight) for part in parse(written)] == parts


def test_read_opens_the_drawings(
    tmp_path: Path, line_drawing: Callable[..., Image.Image], png: Callable[[Image.Image], bytes]
) -> None:
    path = tmp_path / "side view.png"
    path.write_bytes(png(line_drawing()))
    query = read(parse(f'2:"{path}" + 3:lamp - design:D7'))
    assert [(view.name, view.weight) for view in query.drawings] == [("side view.png", 2)]
    assert query.texts == (("lamp", 3),)
    assert query.designs == (("D7", -1),)
    with pytest.raises(QueryError, match="cannot be read"):
        read(parse("absent.png"))
    with pytest.raises(QueryError, match="nothing to look for"):
        read(parse("- lamp"))
