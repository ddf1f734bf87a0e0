"""Red Book files, whole and hostile: made here in the office's layout, and the real ones."""

from __future__ import annotations

import io
import tarfile
import zipfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.design import Citation, Design
from engine.errors import EngineError
from ingest.sources import Problem, archive, documents, read, uspto
from ingest.views import views

STEM = "USD0907292-20210105"


def split(items) -> tuple[dict[str, Design], list[Problem]]:
    items = list(items)
    found = {item.id: item for item in items if isinstance(item, Design)}
    return found, [item for item in items if isinstance(item, Problem)]


def laid(folder: Path, layout: str, make, **options) -> Path:
    """A grant in one of the layouts it comes in."""
    files = make.grant_files(**options)
    if layout == "tar of zips":
        content = make.tarred({f"I20210105/DESIGN/{STEM}.ZIP": make.zipped(files)})
        return make.write(folder, {"I20210105.tar": content}) / "I20210105.tar"
    if layout == "tar.gz of files":
        content = make.tarred({f"I20210105/DESIGN/{n}": c for n, c in files.items()}, "w:gz")
        return make.write(folder, {"I20210105.tar.gz": content}) / "I20210105.tar.gz"
    if layout == "zip":
        return make.write(folder, {f"{STEM}.ZIP": make.zipped(files)}) / f"{STEM}.ZIP"
    if layout == "zip of zips":
        return make.write(folder, {"w.zip": make.zipped({f"{STEM}.ZIP": make.zipped(files)})})
    if layout == "unpacked":
        return make.write(folder / "I20210105" / "DESIGN", files).parent
    return make.write(folder, files) / STEM / f"{STEM}.XML"


LAYOUTS = ["tar of zips", "tar.gz of files", "zip", "zip of zips", "unpacked", "xml"]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_design(tmp_path: Path, make, layout: str) -> None:
    found, problems = split(read([laid(tmp_path, layout, make, landscape=(2,))]))
    assert not problems
    design = found["USD907292"]
    assert (design.office, design.title, design.holder) == ("US", "Chair", "Ray Eames")
    assert (design.locarno, design.locarno_edition) == (("06-01",), "13")
    assert (design.filed, design.published) == (date(2019, 2, 20), date(2021, 1, 5))
    assert design.citations == (
        Citation(design_id="USD604904", category="cited by examiner", country="US"),
    )
    assert design.related == ("USD845543",), "as its own grant would be numbered"
    assert [(f.number, f.turn, f.view) for f in design.figures] == [
        ("S1", 0, "front view"), ("S2", 90, "rear view"),
    ]  # fmt: skip
    assert [f.content for f in design.figures] == [make.picture(1, "TIFF"), make.picture(2, "TIFF")]
    for i, figure in enumerate(design.figures, start=1):
        assert figure.file.endswith(f"{STEM}/{STEM}-D0000{i}.TIF")
        assert figure.file.startswith(str(tmp_path))


def test_a_weekly_file_streams_its_grants(tmp_path: Path, make) -> None:
    make.write(tmp_path, {"I20210105.tar": make.weekly(5)})
    found, problems = split(read([tmp_path]))
    assert list(found) == [f"USD90000{i}" for i in range(5)]
    assert not problems
    shas = {f.sha256 for d in found.values() for f in d.figures}
    assert len(shas) == 10


def test_concatenated_documents_are_split(tmp_path: Path, make) -> None:
    """The weekly text file: XML after XML, utility patents among them, sheets beside it."""
    documents = [
        make.grant("D0900001", sheets=1), make.grant("10000001", sheets=1, kind="utility"),
        make.grant("D0900002", sheets=1), b"<?xml version='1.0'?><us-patent-grant><broken>\n",
        make.grant("D0900003", sheets=3),
    ]  # fmt: skip
    make.write(tmp_path, {
        "ipg210105.xml": b"".join(documents).replace(b"</us-patent-grant>\n", b"</us-patent-grant>"),
        "USD0900001-20210105-D00001.TIF": make.picture(1, "TIFF"),
        "USD0900002-20210105-D00001.TIF": make.picture(2, "TIFF"),
    })  # fmt: skip
    found, problems = split(read([tmp_path]))
    assert list(found) == ["USD900001", "USD900002"]
    assert [(p.figures, "damaged" in p.reason) for p in problems] == [(1, True), (3, False)]


def test_what_is_wrong_in_one_grant_is_named_and_the_rest_is_read(tmp_path: Path, make) -> None:
    def without(files: dict[str, bytes], end: str) -> dict[str, bytes]:
        return {name: content for name, content in files.items() if not name.endswith(end)}

    good = make.grant_files("D0900000")
    cut = make.zipped(make.grant_files("D0900001"))
    wrong = {
        "a": make.zipped(good),
        "b": cut[: len(cut) // 2],
        "c": b"no zip at all",
        "d": make.zipped(without(make.grant_files("D0900002"), "D00002.TIF")),
        "e": make.zipped(without(make.grant_files("D0900003"), ".TIF")),
        "f": make.zipped(without(make.grant_files("D0900004"), ".XML")),
        "g": make.zipped(make.grant_files("D0900005", locarno="9901")),
        "h": make.zipped(make.grant_files("D0900006", sheets=0)),
        "i": make.zipped({"x.XML": make.grant().replace(b"D0907292", b"", 1)
                          .replace(b"<doc-number>D0907292</doc-number>", b"")}),
        "j": make.zipped(make.grant_files("D0900007")),
    }  # fmt: skip
    make.write(tmp_path, {"w.tar": make.tarred({f"{k}.ZIP": v for k, v in wrong.items()})})
    found, problems = split(read([tmp_path]))
    assert set(found) == {"USD900000", "USD900002", "USD900005", "USD900006", "USD900007"}
    assert [f.number for f in found["USD900002"].figures] == ["S1"]
    assert [f.number for f in found["USD900006"].figures] == ["S0"], "all that there is"
    assert found["USD900005"].locarno == ()
    named = {p.file.split("!")[1][0]: p for p in problems}
    assert {k: p.figures for k, p in named.items()} == dict(b=1, c=1, d=1, e=2, f=3, g=0, i=1)
    assert "not a sound ZIP" in named["b"].reason
    assert "missing" in named["d"].reason
    assert named["d"].file.endswith("USD0900002-20210105-D00002.TIF")
    assert "none of the drawings" in named["e"].reason
    assert "class left out" in named["g"].reason
    assert "publication number" in named["i"].reason


def test_a_cut_tar_gives_what_came_before(tmp_path: Path, make) -> None:
    whole = make.weekly(3)
    make.write(tmp_path, {"w.tar": whole[: len(whole) * 5 // 10]})
    found, problems = split(read([tmp_path]))
    assert "USD900000" in found
    assert "USD900002" not in found
    (problem,) = problems
    assert problem.file.endswith("w.tar")
    make.write(tmp_path / "none", {"w.tar": b"\0\1\2" * 300})
    assert len(split(read([tmp_path / "none"]))[1]) == 1


def test_names_that_climb_lead_nowhere(tmp_path: Path, make) -> None:
    """Members are read in memory and found by their last name: nothing is written anywhere."""
    inside = tmp_path / "inside"
    files = {f"../../{name}": content for name, content in make.grant_files().items()}
    make.write(inside, {
        "slip.zip": make.zipped(files),
        "slip.tar": make.tarred({f"/abs/../../{n}": c for n, c in make.grant_files("D0900001").items()}),
    })  # fmt: skip
    before = sorted(tmp_path.rglob("*"))
    found, _ = split(read([inside]))
    assert set(found) == {"USD907292", "USD900001"}
    assert sorted(tmp_path.rglob("*")) == before


def test_links_and_devices_in_a_tar_are_passed_over(tmp_path: Path, make) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as made:
        for kind, name in ((tarfile.SYMTYPE, "a.xml"), (tarfile.LNKTYPE, "b.TIF"),
                           (tarfile.CHRTYPE, "c.zip"), (tarfile.DIRTYPE, "d.xml")):  # fmt: skip
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            made.addfile(member)
        inner = make.zipped(make.grant_files())
        member = tarfile.TarInfo("x.ZIP")
        member.size = len(inner)
        made.addfile(member, io.BytesIO(inner))
    make.write(tmp_path, {"w.tar": stream.getvalue()})
    found, problems = split(read([tmp_path]))
    assert set(found) == {"USD907292"}
    assert not problems


def test_bombs_are_refused(tmp_path: Path, make) -> None:
    stem = "USD0907292-20210105"
    bomb = {**make.grant_files(), f"{stem}/{stem}-D00001.TIF": bytes(40 * 2**20)}
    nested = make.zipped(
        {"a.zip": make.zipped({"b.zip": make.zipped({"c.zip": make.zipped(bomb)})})}
    )
    make.write(tmp_path, {"bomb.zip": make.zipped(bomb), "nested.zip": nested})
    found, problems = split(read([tmp_path]))
    assert [f.number for f in found["USD907292"].figures] == ["S2"]
    assert sorted(p.reason.split(":")[1].strip() for p in problems) == [
        "refused",
        "refused as a bomb",
    ]
    assert any("40 MB" in p.reason or "times its size" in p.reason for p in problems)


def test_a_zip_that_lies_about_a_size_is_refused(tmp_path: Path, make) -> None:
    content = bytearray(make.zipped(make.grant_files()))
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        sizes = {i.filename: i.file_size for i in opened.infolist()}
    name = next(n for n in sizes if n.endswith("D00001.TIF"))
    entry = content.rfind(name.encode()) - 46  # its header in the central directory
    content[entry + 24 : entry + 28] = (sizes[name] - 5).to_bytes(4, "little")
    make.write(tmp_path, {"lie.zip": bytes(content)})
    found, problems = split(read([tmp_path]))
    assert [f.number for f in found["USD907292"].figures] == ["S2"]
    assert len(problems) == 1


def test_a_locked_zip_is_named(tmp_path: Path, make) -> None:
    content = bytearray(make.zipped(make.grant_files()))
    for start in (b"PK\3\4", b"PK\1\2"):  # set the "encrypted" bit in every header
        place = -1
        while (place := content.find(start, place + 1)) >= 0:
            content[place + (6 if start == b"PK\3\4" else 8)] |= 1
    make.write(tmp_path, {"locked.zip": bytes(content)})
    found, problems = split(read([tmp_path]))
    assert not found
    assert any("password" in p.reason for p in problems)


LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))


@pytest.mark.parametrize(
    ("subset", "refused"),
    [
        (f'<!ENTITY l0 "ha">{LAUGHS}', True),
        ('<!ENTITY f SYSTEM "file:///etc/passwd">', True),
        ('<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;', True),
        ('<!NOTATION TIF SYSTEM "tif"><!ENTITY d SYSTEM "a.TIF" NDATA TIF>', False),
    ],
)
def test_entities_are_refused_and_never_followed(tmp_path: Path, make, subset, refused) -> None:
    declaration = f'<!DOCTYPE us-patent-grant SYSTEM "http://127.0.0.1:9/g.dtd" [{subset}]>'
    title = "&l9;" if "l9" in subset else "&f;" if " f " in subset else "Chair"
    make.write(tmp_path, make.grant_files(declaration=declaration, title=title))
    found, problems = split(read([tmp_path]))
    assert bool(found) is not refused
    assert bool(problems) is refused
    if refused:
        assert "entit" in problems[0].reason


def test_a_200_mb_document_is_refused_without_being_held(tmp_path: Path, make) -> None:
    import resource

    make.write(tmp_path, make.grant_files("D0900001", sheets=1))
    path = tmp_path / "USD0900001-20210105" / "a.xml"
    with path.open("wb") as stream:
        stream.write(b"<?xml version='1.0'?><us-patent-grant><a>")
        stream.truncate(200 * 2**20)  # sparse
        stream.seek(0, 2)
        stream.write(b"</a></us-patent-grant>\n" + make.grant("D0900002", sheets=0))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found, problems = split(read([tmp_path]))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024  # MB on Linux
    assert set(found) == {"USD900001"}
    assert any("32 MB" in p.reason for p in problems)
    assert len(problems) == 2, "the document after it is read too, and lacks its sheets"
    assert grown < 3 * documents.MAX_XML / 2**20


def test_a_tar_member_too_large_is_passed_over(tmp_path: Path, make, monkeypatch) -> None:
    monkeypatch.setattr(archive, "MAX_MEMBER", 10_000)
    good = make.zipped(make.grant_files())
    assert len(good) < 10_000
    make.write(tmp_path, {"w.tar": make.tarred({"vast.ZIP": bytes(20_000), "x.ZIP": good})})
    found, problems = split(read([tmp_path]))
    assert set(found) == {"USD907292"}
    assert [p.file.endswith("vast.ZIP") for p in problems] == [True]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FIG. 1 is a front perspective view of a chair;", {"1": "front perspective view"}),
        ("FIG. 1 is a top, front, and left perspective view thereof",
         {"1": "top, front, and left perspective view"}),
        ("FIGS. 2 and 3 are side views thereof", {"2": "side views", "3": "side views"}),
        ("FIGS. 1-3 are perspective views of it", dict.fromkeys("123", "perspective views")),
        ("FIG. 2A is a rear view; and FIG. 2B shows an enlarged plan view, taken along",
         {"2A": "rear view", "2B": "enlarged plan view"}),
        ("FIG. 5 is a left side elevational view, the right side being a mirror image",
         {"5": "left side elevational view"}),
        ("The sole FIGURE is a front view of it", {"1": "front view"}),
        ("FIG. 6 is left side view of the cap", {"6": "left side view"}),
        ("FIG. 2 is a second image thereof", {"2": ""}),
        ("FIG. 1 is a view", {"1": ""}),
        ("The broken lines in FIG. 2 form no part", {}),
        ("FIG. 9 is a front view. The design of FIGS. 2-8 may be applied", {"9": "front view"}),
        ("", {}),
    ],
)  # fmt: skip
def test_views_of_a_description(text: str, expected: dict[str, str]) -> None:
    assert views(text) == expected


@settings(max_examples=200, deadline=500)
@given(st.text(alphabet="FIGS. 123-–,andisaview;\n", max_size=400))
def test_any_text_has_views(text: str) -> None:
    assert all(isinstance(label, str) and label for label in views(text))


def test_views_stay_fast_on_long_texts() -> None:
    assert views("FIGS. " + "1, " * 20_000 + "are") == {}
    assert views("FIG. 1 is a " + "top " * 50_000) == {"1": ""}


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_mutated_archives_never_crash(tmp_path: Path, make, data) -> None:
    files = make.grant_files(sheets=1)
    archives = {
        "a.zip": make.zipped(files), "a.tar": make.tarred(files), "a.tgz": make.tarred(files, "w:gz"),
        "b.tar": make.tarred({"a.ZIP": make.zipped(files)}), "a.xml": make.grant(),
    }  # fmt: skip
    name = data.draw(st.sampled_from(sorted(archives)))
    mutated = bytearray(archives[name])
    for _ in range(data.draw(st.integers(1, 6))):
        mutated[data.draw(st.integers(0, len(mutated) - 1))] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del mutated[data.draw(st.integers(0, len(mutated))) :]
    path = tmp_path / name
    path.write_bytes(mutated)
    try:
        for item in uspto.read(path):
            assert isinstance(item, Design | Problem)
    except EngineError:
        pass


@pytest.mark.data
def test_the_real_grants(real_drawings: Path) -> None:
    """Numbers, classes, titles and sheets as the XML files say; counted by hand with grep."""
    found, problems = split(read([real_drawings / "uspto-grants"]))
    assert not problems
    assert {d.id: (d.locarno, len(d.figures)) for d in found.values()} == {
        "USD907292": (("28-03",), 8), "USD910058": (("14-04",), 9), "USD913175": (("12-16",), 3),
        "USD915080": (("05-05",), 2), "USD918440": (("26-03",), 7), "USD921835": (("23-01",), 7),
        "USD927652": (("23-01",), 6), "USD929296": (("12-16",), 2), "USD930529": (("12-16",), 7),
        "USD937859": (("14-04",), 1),
    }  # fmt: skip
    assert found["USD915080"].title == "Napkin with pattern"
    assert found["USD929296"].holder == "Wheel Pros, LLC"
    assert found["USD927652"].related == ("USD903835",)
    assert sum(f.turn == 90 for d in found.values() for f in d.figures) == 9
    assert found["USD907292"].figures[2].view == "top view perspective view"
    assert found["USD913175"].figures[0].view == "", "six figures on three sheets"
    assert len(found["USD907292"].citations) == 63


@pytest.mark.data
def test_the_real_folders(real_drawings: Path) -> None:
    found, problems = split(read([real_drawings / "us-design-sheets"]))
    assert (len(found), sum(len(d.figures) for d in found.values())) == (68, 454)
    assert not problems
    found, problems = split(read([real_drawings / "us-designs-2007"]))
    assert (len(found), sum(len(d.figures) for d in found.values())) == (500, 500)
    assert not problems
