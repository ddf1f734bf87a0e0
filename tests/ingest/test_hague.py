"""WIPO ST.96 deliveries: Hague registrations of several designs, and a national office's."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from engine.design import Design, figure_id
from ingest import pipeline
from ingest.sources import Problem, detect, read
from qdrant.points import point

SPACES = (
    'xmlns:com="http://www.wipo.int/standards/XMLSchema/ST96/Common" '
    'xmlns:dgn="http://www.wipo.int/standards/XMLSchema/ST96/Design"'
)


def design(number: int, files: dict[str, str], *, locarno: str = "06-01", more: str = "") -> str:
    views = "".join(
        f"<dgn:View><com:FileName>{file}</com:FileName><dgn:ViewIdentifier>{number}.{i}"
        f"</dgn:ViewIdentifier><com:Caption>{caption}</com:Caption>"
        "<dgn:ViewFileFormatCategory>JPEG</dgn:ViewFileFormatCategory></dgn:View>"
        for i, (file, caption) in enumerate(files.items(), start=1)
    )
    return f"""<dgn:Design><dgn:DesignIdentifier>{number}</dgn:DesignIdentifier>
<dgn:IndicationProductBag><dgn:IndicationProductText com:languageCode="fr">Chaise</dgn:IndicationProductText>
<dgn:IndicationProductText com:languageCode="en">Chair {number}</dgn:IndicationProductText>
</dgn:IndicationProductBag>
<dgn:DesignClassificationBag><com:LocarnoClassificationBag>
<com:LocarnoClassificationEdition>13</com:LocarnoClassificationEdition>
<com:LocarnoClassification><com:LocarnoClass>{locarno}</com:LocarnoClass></com:LocarnoClassification>
</com:LocarnoClassificationBag></dgn:DesignClassificationBag>
<dgn:DesignRepresentationBag><dgn:DesignRepresentation><dgn:ViewBag>{views}</dgn:ViewBag>
</dgn:DesignRepresentation></dgn:DesignRepresentationBag>{more}</dgn:Design>"""


def registration(*designs: str, number: str = "DM/081655", office: str = "") -> bytes:
    named = (
        f"<dgn:InternationalRegistrationNumber>{number}</dgn:InternationalRegistrationNumber>"
        if number
        else "<com:ApplicationNumber><com:IPOfficeCode>NO</com:IPOfficeCode>"
        "<com:ApplicationNumberText>20210042</com:ApplicationNumberText></com:ApplicationNumber>"
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<dgn:DesignApplication {SPACES} com:st96Version="V4_0">{office}{named}
<com:ApplicationDate>2020-11-02</com:ApplicationDate>
<dgn:InternationalRegistrationDate>2020-12-01</dgn:InternationalRegistrationDate>
<dgn:PublicationBag><dgn:Publication><com:PublicationDate>2021-01-08+01:00</com:PublicationDate>
</dgn:Publication></dgn:PublicationBag>
<dgn:HolderBag><dgn:Holder><com:Contact><com:Name><com:OrganizationName>
<com:OrganizationStandardName>Artek Oy</com:OrganizationStandardName></com:OrganizationName>
</com:Name></com:Contact></dgn:Holder></dgn:HolderBag>
<dgn:DesignBag>{"".join(designs)}</dgn:DesignBag></dgn:DesignApplication>""".encode()


TWO = (
    design(1, {"images/081655_0001_1.jpg": "Perspective", "images/081655_0001_2.jpg": "Front"}),
    design(2, {"images/081655_0002_1.jpg": "Top"}, locarno="06.04", more="""<dgn:EarlierDesignBag>
<dgn:EarlierDesign><com:ApplicationDate>2019-01-01</com:ApplicationDate>
<dgn:DesignRegistrationIdentifier>DM/070001-1</dgn:DesignRegistrationIdentifier>
</dgn:EarlierDesign></dgn:EarlierDesignBag>"""),
)  # fmt: skip


def pictures(make) -> dict[str, bytes]:
    names = ("081655_0001_1", "081655_0001_2", "081655_0002_1")
    return {f"images/{n}.jpg": make.picture(i, "JPEG") for i, n in enumerate(names)}


def laid(folder: Path, layout: str, make) -> Path:
    files = {"DM081655.xml": registration(*TWO), **pictures(make)}
    if layout == "zip":
        return make.write(folder, {"hague.zip": make.zipped(files)})
    if layout == "tar of zips":
        return make.write(folder, {"w.tar": make.tarred({"a/DM081655.zip": make.zipped(files)})})
    if layout == "side by side":
        return make.write(folder, {Path(name).name: content for name, content in files.items()})
    return make.write(folder, files)


def split(items) -> tuple[dict[str, Design], list[Problem]]:
    items = list(items)
    return {i.id: i for i in items if isinstance(i, Design)}, [
        i for i in items if isinstance(i, Problem)
    ]


@pytest.mark.parametrize("layout", ["folders", "side by side", "zip", "tar of zips"])
def test_every_layout_gives_the_same_designs(tmp_path: Path, make, layout: str) -> None:
    path = laid(tmp_path, layout, make)
    assert detect(path) == "hague"
    found, problems = split(read([path]))
    assert not problems, "the pictures are the registration's, not loose ones"
    assert list(found) == ["DM/081655-1", "DM/081655-2"]
    first, second = found.values()
    assert (first.office, first.title, first.holder) == ("WO", "Chair 1", "Artek Oy")
    assert (first.filed, first.published) == (date(2020, 11, 2), date(2021, 1, 8))
    assert (first.locarno, first.locarno_edition, second.locarno) == (("06-01",), "13", ("06-04",))
    assert (first.related, second.related) == ((), ("DM/070001-1",))
    assert second.filed == date(2020, 11, 2), "not the earlier design's"
    assert [(f.number, f.view) for f in first.figures] == [("1.1", "perspective"), ("1.2", "front")]
    assert [f.content for f in second.figures] == [make.picture(2, "JPEG")]


def test_files_that_are_not_there_are_named(tmp_path: Path, make) -> None:
    shown = pictures(make)
    del shown["images/081655_0001_2.jpg"], shown["images/081655_0002_1.jpg"]
    climbing = registration(design(1, {"../../etc/passwd": "x"}), number="DM/081656")
    make.write(tmp_path, {"a.xml": registration(*TWO), "b.xml": climbing, **shown})
    found, problems = split(read([tmp_path]))
    assert {number: len(d.figures) for number, d in found.items()} == {"DM/081655-1": 1}
    assert [p.figures for p in problems] == [1, 1, 1]
    reasons = [p.reason for p in problems]
    assert "is missing, though" in reasons[0]
    assert "none of the drawings it names for design DM/081655-2" in reasons[1]
    assert "none of the drawings it names for design DM/081656-1" in reasons[2]


def test_a_picture_that_no_document_names_is_not_lost(tmp_path: Path, make) -> None:
    make.write(tmp_path, {"DM081655.xml": registration(*TWO), **pictures(make),
                          "images/lamp.png": make.picture(7), "oak.png": make.picture(8)})  # fmt: skip
    found, _ = split(read([tmp_path]))
    assert set(found) == {"DM/081655-1", "DM/081655-2", "images/lamp", "oak"}


def test_a_national_office_and_two_offices_with_one_number(
    tmp_path: Path, make, index, encoder
) -> None:
    files = {"NO1.png": "Front"}
    norway = registration(design(1, files), number="")
    sweden = norway.replace(b">NO<", b">SE<")
    make.write(tmp_path, {"no.xml": norway, "se.xml": sweden, "NO1.png": make.picture(1)})
    summary = pipeline.ingest([tmp_path], index, encoder, point)
    assert (summary.indexed, summary.errors) == (2, [])
    assert index.facet("office") == {"NO": 1, "SE": 1}
    assert index.facet("design_id") == {"20210042-1": 2}
    assert len(index.retrieve([figure_id(o, "20210042-1", "1.1") for o in ("NO", "SE")])) == 2


def test_what_is_wrong_in_one_registration_is_named(tmp_path: Path, make) -> None:
    bad = registration(design(1, {"a.png": ""}, locarno="66-66"))
    hollow = registration(number="DM/081657")
    bare = f"<dgn:DesignApplication {SPACES}><dgn:Design/></dgn:DesignApplication>"
    make.write(tmp_path, {"1.xml": bad, "2.xml": hollow, "3.xml": bare, "4.xml": bad[:400],
                          "a.png": make.picture(1)})  # fmt: skip
    found, problems = split(read([tmp_path], "hague"))
    assert list(found) == ["DM/081655-1"]
    reasons = {Path(p.file).name: p.reason for p in problems}
    assert "class left out" in reasons["1.xml"]
    assert "names no designs" in reasons["2.xml"]
    assert "no number" in reasons["3.xml"]
    assert "damaged" in reasons["4.xml"]


def test_ingested_end_to_end_twice(tmp_path: Path, make, open_index, encoder) -> None:
    laid(tmp_path / "in", "zip", make)
    first = pipeline.ingest([tmp_path / "in"], open_index(), encoder, point)
    assert (first.read, first.indexed, first.errors) == (3, 3, [])
    again = pipeline.ingest([tmp_path / "in"], open_index(), encoder, point)
    assert (again.read, again.unchanged) == (3, 3)
