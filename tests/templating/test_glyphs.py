"""What the fonts of a page cannot print is marked, never left out in silence."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from hosr.resources import font_dir, template_dir
from hosr.templating.typesetting import (
    COMMON_LETTERS,
    UNPRINTABLE,
    font_families,
    font_files,
    with_printable,
)

TEXTS = {".html", ".po", ".svg", ".txt", ".typ"}

PRINTABLE = [
    "Żółć, Łukasz",
    "Παπαδόπουλος",
    "Їжакевич",
    "שרה כהן",
    "أحمد محمد",
    "Nguyễn Thị Ánh",
    "6.2\u00a0mm ± 1 (95\u202f%) “a” «b» …",
    "<svg>\n\t<path/>\n</svg>",
    "",
]


@pytest.mark.parametrize("text", PRINTABLE)
def test_what_the_fonts_have_stays(text: str) -> None:
    """Latin, Greek, Cyrillic, Hebrew and Arabic are printed as they are; so is a drawing."""
    assert with_printable({"text": text}) == ({"text": text}, False)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("王小明", UNPRINTABLE),
        ("王 小明", UNPRINTABLE),
        ("Wang (王小明)", f"Wang ({UNPRINTABLE})"),
        ("สมชาย", UNPRINTABLE),
        ("a\U0001f600b", f"a{UNPRINTABLE}b"),
        ("a\x07b", f"a{UNPRINTABLE}b"),
    ],
)
def test_what_no_font_has_is_marked(text: str, printed: str) -> None:
    """A run of such characters becomes one mark, and the caller is told."""
    assert with_printable({"text": text}) == ({"text": printed}, True)


def test_letters_that_are_taken_for_granted_are_printed() -> None:
    """Each of them is in the regular font and in the bold one; no font is read for them."""
    of_latin = [
        path for path in font_files(None) if path.stem in ("NotoSans-Bold", "NotoSans-Regular")
    ]
    assert len(of_latin) == 2
    for path in of_latin:
        with TTFont(path) as font:
            assert COMMON_LETTERS - {chr(code) for code in font.getBestCmap()} == set()


@pytest.mark.parametrize("language", ["en", "de", "es", "fr", "it"])
def test_no_text_of_hosr_needs_a_font_to_be_read(language: str) -> None:
    """The letters of its catalogues and templates are among those taken for granted."""
    folders = [template_dir() / language] if language != "en" else [template_dir()]
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in TEXTS]
    letters = {letter for path in files for letter in path.read_text("utf-8")}
    assert letters
    assert letters - COMMON_LETTERS - {"\n"} == set()


@pytest.mark.parametrize("text", ["a\U000e0001b", "a\u180eb", "a\ufe01b", "\u061ca\u2066b"])
def test_what_only_shapes_leaves_no_mark(text: str) -> None:
    """Characters that print nothing by themselves are left out where no font has them."""
    data, lacking = with_printable({"text": text})
    assert UNPRINTABLE not in data["text"]
    assert not lacking


def test_all_of_the_data_is_looked_through() -> None:
    """Strings are found in lists and dictionaries; numbers and truth values stay."""
    data: dict[str, Any] = {"a": ["王", {"b": ("王", 1.5, True)}], "c": 7}
    mended: Any = {"a": [UNPRINTABLE, {"b": [UNPRINTABLE, 1.5, True]}], "c": 7}
    assert with_printable(data) == (mended, True)
    assert data["a"][0] == "王"


@given(st.text())
def test_what_comes_out_can_be_printed(text: str) -> None:
    """Whatever the text, the result needs no further mending."""
    once, _ = with_printable({"text": text})
    assert with_printable(once) == (once, False)


def test_a_site_s_fonts_count(tmp_path: Path) -> None:
    """Fonts of a site add their characters and families; other files beside them do not."""
    assert font_families(tmp_path) == ()
    shutil.copy(font_dir() / "NotoSansHebrew-Regular.ttf", tmp_path / "b.ttf")
    shutil.copy(font_dir() / "NotoSans-Regular.ttf", tmp_path / "c.TTF")
    shutil.copy(font_dir() / "NotoSans-Bold.ttf", tmp_path / "a.ttf")
    (tmp_path / "OFL.txt").write_text("License", encoding="utf-8")
    assert font_families(tmp_path) == ("Noto Sans", "Noto Sans Hebrew")
    assert with_printable({"text": "王"}, tmp_path) == ({"text": UNPRINTABLE}, True)
