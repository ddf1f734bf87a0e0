"""Office files made on the spot in their real layout, a small real encoder, a real store."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from engine.encoder import Encoder, Preprocessing
from engine.plan import EncoderCard
from qdrant import open_store
from qdrant.schema import Schema
from qdrant.store import Collection

SIDE = 16


def picture(
    seed: int = 0, kind: str = "PNG", size: tuple[int, int] = (120, 90), **options
) -> bytes:
    """A drawing of a few lines that no other seed has, encoded."""
    rng = np.random.default_rng(seed)
    drawn = Image.new("1" if kind == "TIFF" else "L", size, 1 if kind == "TIFF" else 255)
    pen = ImageDraw.Draw(drawn)
    for _ in range(4):
        ends = rng.integers(10, [size[0] - 10, size[1] - 10], (2, 2)).ravel().tolist()
        pen.line(ends, fill=0, width=3)
    stream = io.BytesIO()
    if kind == "TIFF":
        options.setdefault("compression", "group4")
    drawn.save(stream, kind, **options)
    return stream.getvalue()


def grant(
    number: str = "D0907292",
    *,
    sheets: int = 2,
    locarno: str = "0601",
    title: str = "Chair",
    published: str = "20210105",
    landscape: tuple[int, ...] = (),
    kind: str = "design",
    extra: str = "",
    declaration: str = '<!DOCTYPE us-patent-grant SYSTEM "us-patent-grant-v45-2014-04-03.dtd" [ ]>',
    described: str = "",
) -> bytes:
    """A grant's XML as the USPTO writes it (DTD 4.5), shortened to what is read."""
    stem = f"US{number}-{published}"
    images = "".join(
        f'<figure id="Fig-{i}" num="{i:05}"><img id="i{i}" he="9mm" wi="9mm" file="{stem}-D{i:05}.TIF"'
        + (' orientation="landscape"' if i in landscape else "")
        + ' alt="embedded image" img-content="drawing" img-format="tif"/></figure>'
        for i in range(sheets + 1)
    )
    described = described or "".join(
        f'<p id="p{i}" num="{i}"><figref idref="DRAWINGS">FIG. {i}</figref> is a {view} view of a chair;</p>'
        for i, view in zip(
            range(1, sheets + 1), ("front", "rear", "top", "left side"), strict=False
        )
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
{declaration}
<us-patent-grant lang="EN" file="{stem}.XML" country="US" date-publ="{published}">
<us-bibliographic-data-grant>
<publication-reference><document-id><country>US</country><doc-number>{number}</doc-number>
<kind>S1</kind><date>{published}</date></document-id></publication-reference>
<application-reference appl-type="{kind}"><document-id><country>US</country>
<doc-number>29680800</doc-number><date>20190220</date></document-id></application-reference>
<classification-locarno><edition>13</edition><main-classification>{locarno}</main-classification>
</classification-locarno>
<classification-national><country>US</country><main-classification>D28 47</main-classification>
</classification-national>
<invention-title id="t">{title}</invention-title>
<us-references-cited><us-citation><patcit num="00001"><document-id><country>US</country>
<doc-number>D604904</doc-number><kind>S</kind><name>Watson</name><date>20091100</date></document-id>
</patcit><category>cited by examiner</category></us-citation></us-references-cited>
<us-related-documents><continuation><relation><parent-doc><document-id><country>US</country>
<doc-number>29606243</doc-number></document-id><parent-grant-document><document-id>
<country>US</country><doc-number>D0845543</doc-number></document-id></parent-grant-document>
</parent-doc></relation></continuation></us-related-documents>
<us-parties><us-applicants><us-applicant sequence="001"><addressbook><last-name>Eames</last-name>
<first-name>Ray</first-name></addressbook></us-applicant></us-applicants></us-parties>
{extra}
</us-bibliographic-data-grant>
<drawings id="DRAWINGS">{images}</drawings>
<description id="description"><description-of-drawings>{described}</description-of-drawings>
</description>
</us-patent-grant>
""".encode()


def grant_files(number: str = "D0907292", seed: int = 0, **options) -> dict[str, bytes]:
    """Name → content of a grant: its XML, its sheets, and the front page's drawing."""
    sheets = options.get("sheets", 2)
    stem = f"US{number}-{options.get('published', '20210105')}"
    files = {f"{stem}/{stem}.XML": grant(number, **options)}
    for i in range(sheets + 1):
        files[f"{stem}/{stem}-D{i:05}.TIF"] = picture(seed * 100 + i, "TIFF")
    return files


def zipped(files: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return stream.getvalue()


def tarred(files: Mapping[str, bytes], mode: str = "w") -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as made:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))
    return stream.getvalue()


def weekly(grants: int = 3) -> bytes:
    """A weekly file: I20210105.tar → DESIGN → one ZIP a grant."""
    return tarred(
        {
            f"I20210105/DESIGN/USD09{i:05}-20210105.ZIP": zipped(
                grant_files(f"D09{i:05}", seed=i + 1)
            )
            for i in range(grants)
        }
    )


def write(folder: Path, files: Mapping[str, bytes | str]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


class Make:
    """The builders above, as one fixture: tests have no package to import them from."""

    picture = staticmethod(picture)
    grant = staticmethod(grant)
    grant_files = staticmethod(grant_files)
    zipped = staticmethod(zipped)
    tarred = staticmethod(tarred)
    weekly = staticmethod(weekly)
    write = staticmethod(write)


@pytest.fixture(scope="session")
def make() -> type[Make]:
    return Make


def small_encoder(name: str = "sixteen") -> Encoder:
    """A real encoder whose network is the picture itself: 16 × 16 pixels of ink, as a unit row."""

    def tower(pixels):
        return 1.0 - pixels[:, 0].reshape(len(pixels), -1), None

    preprocessing = Preprocessing(SIDE, mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))
    card = EncoderCard(name, "1", SIDE * SIDE, preprocessing.digest)
    return Encoder(card, preprocessing, tower)


@pytest.fixture
def encoder() -> Encoder:
    return small_encoder()


@pytest.fixture
def open_index(tmp_path: Path, encoder: Encoder) -> Iterator[Callable[[], Collection]]:
    """Opens the same embedded collection again and again, making it at first."""
    opened: list[Collection] = []

    def open_it() -> Collection:
        for before in opened:
            before.close()
        store = open_store(tmp_path / "store")
        if store.exists("designs"):
            opened.append(store.open("designs"))
        else:
            opened.append(store.create("designs", encoder.card, Schema.for_card(encoder.card)))
        return opened[-1]

    yield open_it
    for collection in opened:
        collection.close()


@pytest.fixture
def index(open_index: Callable[[], Collection]) -> Collection:
    return open_index()
