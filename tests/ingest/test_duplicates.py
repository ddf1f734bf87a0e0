"""Drawings stored twice and families of designs, found in a real store and checked pair by pair."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from rich.console import Console

from engine import drawing, terminal
from engine.design import Design, Figure, figure_id
from engine.errors import UsageError
from engine.plan import AnyOf, Filter
from ingest import duplicates, pipeline
from ingest.duplicates import Joined, Link, apart, perceptual_hash
from qdrant.points import point


def rescanned(content: bytes) -> bytes:
    """The same drawing as another scan of it: smaller, and through JPEG."""
    page = drawing.decode(content)
    stream = io.BytesIO()
    page.resize((page.width * 2 // 3, page.height * 2 // 3), Image.Resampling.BOX).save(
        stream, "JPEG", quality=80
    )
    return stream.getvalue()


def filled(tmp_path: Path, make, index, encoder, rows: list[dict], pictures: dict) -> None:
    table = "".join(json.dumps(row) + "\n" for row in rows)
    make.write(tmp_path / "in", {"metadata.jsonl": table, **pictures})
    summary = pipeline.ingest([tmp_path / "in"], index, encoder, point)
    assert not summary.errors


def names(group: duplicates.Group) -> list[tuple[str, str]]:
    return [(figure.design_id, figure.figure) for figure in group.figures]


def test_exact_and_near_are_told_apart_and_nothing_is_dropped(
    tmp_path: Path, make, index, encoder
) -> None:
    first, second = make.picture(1), make.picture(2)
    pictures = {"a.png": first, "b.png": first, "c.jpg": rescanned(first), "d.png": second,
                "e.jpg": rescanned(second), "f.png": make.picture(3)}  # fmt: skip
    rows = [{"file_name": name, "design_id": name[0].upper(), "figure": "1"} for name in pictures]
    filled(tmp_path, make, index, encoder, rows, pictures)
    found = duplicates.find(index)
    assert found.figures == index.count() == 6
    groups = sorted(found.groups, key=names)
    assert [(g.kind, names(g)) for g in groups] == [
        ("near", [("A", "1"), ("B", "1"), ("C", "1")]), ("near", [("D", "1"), ("E", "1")]),
    ]  # fmt: skip
    vectors = {p.payload["design_id"]: p.vectors["image"] for p in index.scroll(vectors=("image",))}
    cosine = float(np.dot(vectors["D"], vectors["E"]))
    assert groups[1].score == pytest.approx(cosine, abs=1e-5)
    (exact,) = duplicates.find(index, near=False).groups
    assert (exact.kind, names(exact)) == ("exact", [("A", "1"), ("B", "1")])
    assert (exact.score, exact.bits) == (1, 0)
    assert duplicates.find(index, bits=0, alike=1, equal=2).groups[0].kind == "exact"


def test_views_of_one_design_are_counted_and_shown_on_request(
    tmp_path: Path, make, index, encoder
) -> None:
    pictures = {"l.png": make.picture(1), "r.jpg": rescanned(make.picture(1))}
    rows = [{"file_name": name, "design_id": "A"} for name in pictures]
    filled(tmp_path, make, index, encoder, rows, pictures)
    found = duplicates.find(index)
    assert (found.groups, found.views) == ((), 1)
    shown = duplicates.find(index, views=True)
    assert (len(shown.groups), shown.views) == (1, 0)


def test_embeddings_alone_are_enough_where_they_are_all_but_equal(
    tmp_path: Path, make, index, encoder
) -> None:
    pictures = {"a.png": make.picture(1), "b.jpg": rescanned(make.picture(1))}
    rows = [{"file_name": name, "design_id": name[0]} for name in pictures]
    filled(tmp_path, make, index, encoder, rows, pictures)
    for id in [p.id for p in index.scroll()]:
        index.set_payload(id, {"thumbnail": None})
    assert len(duplicates.find(index, equal=0.9).groups) == 1
    assert not duplicates.find(index, equal=1.01).groups
    assert duplicates.find(index, equal=0.9).groups[0].bits == 64, "unknown counts as all"


@pytest.mark.parametrize("block", [1, 3, 2048])
def test_all_pairs_are_what_the_store_finds(index, monkeypatch, block: int) -> None:
    monkeypatch.setattr(duplicates, "BLOCK", block)
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((12, 256)).astype(np.float32)
    rows[6:] = rows[:6] + 0.12 * rng.standard_normal((6, 256)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    for i, row in enumerate(rows):
        figure = Figure(number="1", file="a.png", content=bytes([i]))
        index.upsert([point(Design(id=f"D{i:02}", figures=(figure,)), figure, {"image": row})])
    told = []

    def progress(done: int, total: int | None, what: str) -> None:
        told.append((done, total))

    found = duplicates.find(index, equal=0.98, progress=progress)
    expected = {(i, j) for i in range(12) for j in range(i) if rows[i] @ rows[j] >= 0.98}
    assert len(expected) >= 5
    pairs = {tuple(sorted((int(f.design_id[1:]) for f in g.figures), reverse=True))
             for g in found.groups}  # fmt: skip
    assert pairs == expected
    assert told[-1] == (12, 12)
    monkeypatch.setattr(duplicates, "SCANNED", 0)
    asked = duplicates.find(index, equal=0.98)
    assert [g.figures for g in asked.groups] == [g.figures for g in found.groups]


def test_one_page_of_a_file_is_not_the_other_and_offices_are_kept_apart(
    tmp_path: Path, make, index, encoder
) -> None:
    pages = [Image.open(io.BytesIO(make.picture(i))) for i in (1, 2)]
    stream = io.BytesIO()
    pages[0].save(stream, "TIFF", save_all=True, append_images=pages[1:])
    rows = [{"file_name": "a.tif", "design_id": "7", "office": o} for o in ("US", "EM")]
    filled(tmp_path, make, index, encoder, rows, {"a.tif": stream.getvalue()})
    groups = duplicates.find(index).groups
    assert [[(f.office, f.figure) for f in g.figures] for g in groups] == [
        [("EM", "1.1"), ("US", "1.1")], [("EM", "1.2"), ("US", "1.2")],
    ]  # fmt: skip


def test_a_filter_says_what_is_compared(tmp_path: Path, make, index, encoder) -> None:
    pictures = {f"{name}.png": make.picture(1) for name in "abc"}
    rows = [{"file_name": f"{n}.png", "design_id": n, "locarno": code}
            for n, code in zip("abc", ("06-01", "06-01", "07-01"), strict=True)]  # fmt: skip
    filled(tmp_path, make, index, encoder, rows, pictures)
    found = duplicates.find(index, where=Filter((AnyOf("path", ("06",)),)))
    assert (found.figures, names(found.groups[0])) == (2, [("a", "1"), ("b", "1")])


def test_families_and_citations(tmp_path: Path, make, index, encoder) -> None:
    def kin(number: str, parent: str, cites: str = "D604904") -> bytes:
        return (
            make.grant(number, sheets=1)
            .replace(b"D0845543", parent.encode())
            .replace(b"D604904", cites.encode())
        )

    family = {"D0900001": "D0900000", "D0900002": "D0900001", "D0900003": "D0900000",
              "D0900004": "D0888888"}  # fmt: skip
    for number, parent in family.items():
        stem = f"US{number}-20210105"
        cites = "D0900001" if number == "D0900004" else "D604904"
        make.write(tmp_path / stem, {f"{stem}.XML": kin(number, parent, cites),
                                     f"{stem}-D00001.TIF": make.picture(5, "TIFF")})  # fmt: skip
    pipeline.ingest([tmp_path], index, encoder, point)
    found = duplicates.find(index)
    (group,) = found.groups
    assert group.kind == "exact"
    assert set(group.links) == {
        Link("USD900002", "continues", "USD900001"), Link("USD900004", "cites", "USD900001"),
    }  # fmt: skip
    (kindred,) = found.families
    assert kindred.designs == ("USD900001", "USD900002", "USD900003")
    assert kindred.missing == ("USD900000",)
    assert len(kindred.links) == 3


def test_what_cannot_be_meant_is_refused(index) -> None:
    for options in ({"bits": 64}, {"bits": -1}, {"alike": 1.5}):
        with pytest.raises(UsageError):
            duplicates.find(index, **options)
    assert duplicates.find(index) == duplicates.Found(0, (), ())


def test_the_report_names_every_figure(tmp_path: Path, make, index, encoder) -> None:
    pictures = {f"{name}.png": make.picture(1) for name in ("a[bold]", "b")}
    rows = [{"file_name": name, "design_id": name[:-4]} for name in pictures]
    filled(tmp_path, make, index, encoder, rows, pictures)
    record = json.loads(json.dumps(duplicates.find(index).record()))
    console = Console(width=160, file=io.StringIO())
    console.print(terminal.duplicates(record))
    text = console.file.getvalue()
    assert "1 groups of the same drawing, 0 of near ones" in text
    assert "a[bold]" in text
    assert str(tmp_path / "in/b.png") in text


def test_hash_against_a_plain_transform(line_drawing) -> None:
    picture = line_drawing("star", (32, 32))
    values = np.asarray(picture, float)
    low = np.zeros((8, 8))
    for u in range(8):
        for v in range(8):
            for y in range(32):
                for x in range(32):
                    low[u, v] += (
                        values[y, x] * np.cos(np.pi * u * (2 * y + 1) / 64)
                        * np.cos(np.pi * v * (2 * x + 1) / 64)
                    )  # fmt: skip
    flat = low.ravel()
    expected = sum(1 << i for i, value in enumerate(flat) if value > np.median(flat))
    # Frequencies that are zero but for rounding lie on neither side for certain.
    sure = sum(1 << i for i, v in enumerate(flat) if abs(v - np.median(flat)) > 1e-6)
    assert (perceptual_hash(picture) ^ expected) & sure == 0


def test_hashes_of_scans_are_near_and_of_others_are_not(make) -> None:
    shown = [drawing.decode(make.picture(i)) for i in range(20)]
    hashes = [perceptual_hash(page) for page in shown]
    scans = [perceptual_hash(drawing.decode(rescanned(make.picture(i)))) for i in range(20)]
    assert max(map(apart, hashes, scans)) <= duplicates.BITS
    others = [apart(a, b) for i, a in enumerate(hashes) for b in hashes[:i]]
    assert np.median(others) > 2 * duplicates.BITS


@given(st.lists(st.integers(0, 2**64 - 1), max_size=12), st.integers(0, 20), st.data())
def test_close_pairs_are_all_pairs_that_are_close(codes, bits, data) -> None:
    for code in list(codes):  # some that are close for certain
        for place in data.draw(st.lists(st.integers(0, 63), max_size=bits, unique=True)):
            code ^= 1 << place
        codes.append(code)
    hashes = {f"{i:02}": code for i, code in enumerate(codes)}
    expected = {(a, b) for a in hashes for b in hashes
                if a < b and bin(hashes[a] ^ hashes[b]).count("1") <= bits}  # fmt: skip
    assert set(duplicates._close(hashes, bits)) == expected


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9))))
def test_joined_sets_are_the_connected_ones(pairs) -> None:
    joined: Joined[int] = Joined()
    for pair in pairs:
        joined.join(*pair)
    reach = {n: {n} for pair in pairs for n in pair}
    for _ in range(10):
        for a, b in pairs:
            reach[a] |= reach[b]
            reach[b] |= reach[a]
    assert {frozenset(g) for g in joined.groups()} == {frozenset(g) for g in reach.values()}


def test_a_figure_without_a_hash_is_still_exact(index, encoder) -> None:
    rows = np.eye(2, 256, dtype=np.float32)
    for i, office in enumerate(("US", "EM")):
        figure = Figure(number="1", file="a.png", content=b"same")
        design = Design(id="A", office=office, figures=(figure,))
        index.upsert([point(design, figure, {"image": rows[i]}, thumbnail="http://a/b.png")])
    (group,) = duplicates.find(index).groups
    assert {f.id for f in group.figures} == {figure_id(o, "A", "1") for o in ("US", "EM")}
