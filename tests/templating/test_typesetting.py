"""The typesetter gives the same bytes for the same source, and reads nothing but it."""

from __future__ import annotations

import datetime as dt
import io
import re
import time
from pathlib import Path

import pytest
from PIL import Image

from hosr.errors import Unencodable
from hosr.templating.typesetting import draw_png, set_pages

TIME = dt.datetime(2026, 3, 2, 10, 15, tzinfo=dt.timezone(dt.timedelta(hours=1)))
BEGINNING = '#set document(title: "Report")\n#set text(lang: "en", font: "Noto Sans")\n'
DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 40" width="60" height="40">'
    '<rect width="30" height="40" fill="#ff0000"/>'
    '<text x="32" y="20" font-family="Noto Sans" font-size="12">"\\\n&amp;</text></svg>'
)

REFUSED = {
    "an error of the code": "#nothing-of-this-name",
    "an open bracket": "#text[",
    "an absolute path": '#read("/etc/passwd")',
    "a file beside": '#read("secret.txt")',
    "a file above": '#read("../../../../etc/passwd")',
    "an image above": '#image("../x.png", alt: "x")',
    "an included file": '#include "/etc/passwd"',
    "a package": '#import "@preview/cetz:0.2.0"',
    "a local package": '#import "@local/site:0.1.0"',
    "a plugin": '#plugin("/lib/x86_64-linux-gnu/libc.so.6")',
    "no title, which PDF/UA asks for": "#set document(title: none)\nText",
    "an image without words for it": (
        '#image(bytes("<svg xmlns=\\"http://www.w3.org/2000/svg\\"/>"), format: "svg")'
    ),
    "characters that no font has": "王小明",
}


def test_the_same_source_gives_the_same_pages() -> None:
    """Byte for byte; another time gives another file."""
    source = f"{BEGINNING}= Heading\nText."
    pages = set_pages(source, TIME)
    assert pages.startswith(b"%PDF-1.7")
    assert set_pages(source, TIME) == pages
    assert set_pages(source, TIME + dt.timedelta(days=1)) != pages


@pytest.mark.parametrize("source", REFUSED.values(), ids=REFUSED)
def test_a_source_that_cannot_be_set_is_refused(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Faults, files, packages, and what the standards forbid are refused, and at once."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # nobody is there: no network
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    begun_s = time.process_time()  # a busy machine is no fault of the typesetter
    with pytest.raises(Unencodable, match=re.escape("the page cannot be set")) as refused:
        set_pages(BEGINNING + source, TIME)
    assert time.process_time() - begun_s < 5
    assert "secret" not in str(refused.value)
    assert source not in str(refused.value)


def test_the_fonts_of_the_machine_are_not_used(tmp_path: Path) -> None:
    """A family that is not shipped prints in the fonts that are; an empty folder adds none."""
    source = '#set document(title: "Report")\n#set text(lang: "en", font: "DejaVu Sans")\nText.'
    assert b"DejaVu" not in set_pages(source, TIME)
    assert set_pages(f"{BEGINNING}Text.", TIME, tmp_path) == set_pages(f"{BEGINNING}Text.", TIME)


def test_a_drawing_has_the_size_and_colours_asked_for() -> None:
    """One unit of the drawing is one pixel; quotes and backslashes in it stand as they are."""
    made = draw_png(DRAWING, 60, 40)
    with Image.open(io.BytesIO(made)) as picture:
        shown = picture.convert("RGB")
    assert shown.size == (60, 40)
    assert (shown.getpixel((10, 20)), shown.getpixel((58, 38))) == ((255, 0, 0), (255, 255, 255))
    assert min(shown.crop((32, 8, 60, 22)).convert("L").tobytes()) < 64
    assert draw_png(DRAWING, 60, 40) == made


def test_a_drawing_that_is_none_is_refused() -> None:
    """What cannot be read as SVG is refused as a page is."""
    with pytest.raises(Unencodable, match=re.escape("the page cannot be set")):
        draw_png("<svg", 60, 40)
