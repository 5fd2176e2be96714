"""Letters that hosr's fonts lack, in fonts of the machine: only where they are lacking, and never in silence."""

from __future__ import annotations

import datetime as dt
import io
import json
import logging
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

from hosr.templating import spare_fonts
from hosr.templating.spare_fonts import SpareFonts, find_spare_fonts
from hosr.templating.typesetting import set_pages, set_site_pages, with_printable
from tests.command import hosr, write_record
from tests.images import write_film
from tests.peers.pages_paper import pdf_faults

NAME = "王小明"


def draw_box(pen: Any) -> Any:
    """A letter."""
    pen.moveTo((50, 0))
    for corner in ((50, 700), (550, 700), (550, 0)):
        pen.lineTo(corner)
    pen.closePath()
    return pen


def make_font(
    path: Path, letters: str, family: str, *, fs_type: int = 0, postscript: bool = False
) -> None:
    """A font in which each of these letters is a box, in TrueType or PostScript outlines."""
    names = {ord(letter): f"uni{ord(letter):04X}" for letter in letters}
    glyphs = [".notdef", *names.values()]
    builder = FontBuilder(1000, isTTF=not postscript)
    builder.setupGlyphOrder(glyphs)
    builder.setupCharacterMap(names)
    if postscript:
        box = draw_box(T2CharStringPen(600, None)).getCharString()
        builder.setupCFF("Made", {}, dict.fromkeys(glyphs, box), {"defaultWidthX": 600})
    else:
        builder.setupGlyf(dict.fromkeys(glyphs, draw_box(TTGlyphPen(None)).glyph()))
    builder.setupHorizontalMetrics(dict.fromkeys(glyphs, (600, 50)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    names_of_it = {"familyName": family, "styleName": "Regular", "psName": family.replace(" ", "")}
    builder.setupNameTable({**names_of_it, "version": "Version 1.5;made"})
    builder.setupOS2(sTypoAscender=800, sTypoDescender=-200, fsType=fs_type)
    builder.setupPost()
    path.parent.mkdir(exist_ok=True, parents=True)
    builder.save(path)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of fonts of a machine that has none yet."""
    folder = tmp_path / "system"
    monkeypatch.setattr(spare_fonts, "FOLDERS", (str(folder),))
    forget()
    return folder


def forget() -> None:
    """Look at the machine anew."""
    spare_fonts.installed_fonts.cache_clear()
    spare_fonts._read_faces.cache_clear()
    spare_fonts._characters.cache_clear()


def test_fonts_are_taken_by_what_is_lacking_and_by_language(machine: Path) -> None:
    """What hosr has itself asks for none; kana ask for a Japanese font; other scripts have theirs."""
    assert find_spare_fonts({"a": NAME}) == SpareFonts()
    make_font(machine / "cjk" / "NotoSansSC-Regular.otf", NAME, "Noto Sans SC")
    make_font(machine / "NotoSansJP-Regular.ttf", "山田はな", "Other")  # no name that is known
    make_font(machine / "NotoSansJP-Regular.otf", "王山田はな", "Noto Sans JP")
    make_font(machine / "NotoSansThai-Regular.ttf", "สมชาย", "Noto Sans Thai")
    forget()

    def families(*texts: str) -> tuple[str, ...]:
        return find_spare_fonts({"a": [*texts]}).families

    asked = (["Müller שרה Иван\n"], [NAME], ["王はな"], [NAME, "สมชาย"], ["\U0001f600"], ["\x07"])
    assert [families(*texts) for texts in asked] == [
        (),
        ("Noto Sans SC",),
        ("Noto Sans JP",),
        ("Noto Sans SC", "Noto Sans Thai"),
        (),
        (),
    ]
    found = find_spare_fonts({"a": f"Wang {NAME} 龍"})
    assert found.told == ("Noto Sans SC Version 1.5",)
    assert with_printable(f"Wang {NAME} 龍", None, found.characters) == (f"Wang {NAME} [?]", True)


def test_some_fonts_are_passed_over(machine: Path) -> None:
    """What may not be embedded, what is damaged, and what has another name."""
    make_font(machine / "NotoSansSC-Regular.otf", NAME, "Restricted", fs_type=0x0002)
    make_font(machine / "MyOwn.ttf", NAME, "My own")
    (machine / "NotoSansCJK-Regular.ttc").write_bytes(b"ttcf and no more")
    assert find_spare_fonts({"a": NAME}) == SpareFonts()


def test_what_is_odd_in_a_font_is_not_logged(
    machine: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its reader is silent while hosr reads a font, and tells a program around hosr what it told before."""
    reader = logging.getLogger("fontTools.ttLib")

    def is_usable(_: object) -> bool:
        reader.warning("is odd")
        return True

    monkeypatch.setattr(spare_fonts, "_is_usable", is_usable)
    make_font(machine / "NotoSansSC-Regular.otf", NAME, "Noto Sans SC")
    assert find_spare_fonts({"a": NAME}).families == ("Noto Sans SC",)
    reader.warning("is read by another program")
    told = [one.getMessage() for one in caplog.records if one.name == reader.name]
    assert told == ["is read by another program"]


def test_a_chinese_name_is_printed_and_the_font_is_told(
    machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the PDF and in the manifest; a report without such letters keeps its bytes."""
    monkeypatch.chdir(tmp_path)
    write_record(Path("record.json"))
    write_film(Path("plain.dcm"))
    chinese = {"PatientName": f"Wang^Xiaoming={NAME}", "SpecificCharacterSet": "ISO_IR 192"}
    write_film(Path("chinese.dcm"), **chinese)
    plain = pdf_of("plain", "before")
    assert plain[2] == []
    _, text, tolerated = pdf_of("chinese", "before")
    assert ("[?]" in text, NAME in text, "[?]" in tolerated[0]) == (True, False, True)
    make_font(machine / "NotoSansSC-Regular.otf", NAME, "Noto Sans SC", postscript=True)
    forget()
    assert pdf_of("plain", "after") == plain
    pages, text, tolerated = pdf_of("chinese", "after")
    assert ("[?]" in text, NAME in text) == (False, True)
    assert tolerated == [
        (
            "letters that hosr's fonts lack are set in Noto Sans SC Version 1.5 of this machine; "
            "another one may make another PDF of this report"
        )
    ]
    assert pdf_faults(pages) == []
    assert pages == pdf_of("chinese", "again")[0]


def pdf_of(film: str, out: str) -> tuple[bytes, str, list[str]]:
    """The PDF of a film, its words, and what was tolerated in it."""
    folder = Path(f"{film}-{out}")
    made = ("--images", f"{film}.dcm", "--out", folder, "--make", "pdf")
    assert hosr("report", "record.json", *made).code == 0
    pages = (folder / "report.pdf").read_bytes()
    document = pypdfium2.PdfDocument(pages)
    text = "".join(page.get_textpage().get_text_bounded() for page in document)
    tolerated = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["tolerated"]
    return pages, text, [one["problem"] for one in tolerated if one["path"] == "report.pdf"]


def test_outlines_of_postscript_are_made_anew(machine: Path) -> None:
    """The typesetter embeds them without their widths; as TrueType they are the same each time."""
    make_font(machine / "NotoSansSC-Regular.otf", f"{NAME}龍", "Noto Sans SC", postscript=True)
    found = find_spare_fonts({"a": NAME})
    made = []
    for _ in range(2):
        with found.folder() as folder:
            assert folder is not None
            (file,) = folder.iterdir()
            made.append(file.read_bytes())
    assert made[0] == made[1]
    font = TTFont(io.BytesIO(made[0]))
    assert {chr(code) for code in font.getBestCmap()} == {*NAME}
    assert font["head"].created == font["head"].modified
    assert (font["hmtx"]["uni738B"], font["OS/2"].fsType) == ((600, 50), 0)


def test_a_site_s_pages_have_them_too(machine: Path) -> None:
    """The same bytes from the sandbox, in which nothing else can be read."""
    make_font(machine / "NotoSansSC-Regular.otf", NAME, "Noto Sans SC")
    source = (
        '#set document(title: "Report")\n'
        f'#set text(lang: "en", font: ("Noto Sans", "Noto Sans SC"))\nWang {NAME}'
    )
    at = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
    with find_spare_fonts({"a": NAME}).folder() as folder:
        assert folder is not None
        assert set_site_pages(source, at, None, folder) == set_pages(source, at, None, folder)
    assert not folder.exists()
