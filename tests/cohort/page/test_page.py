"""The page of a cohort: valid, readable by everybody, and sufficient in itself."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from hosr.cohort.page import render_page
from tests.cohort.page.cohorts import COHORTS, analysed
from tests.peers.pages import SETTINGS, nu_checker, open_page
from tests.peers.pages_paper import pdf_pages

ROOT = Path(__file__).resolve().parents[3]
MISSING = re.compile(r"\b(?:None|nan|inf|True|False|undefined: )\b")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The page of each cohort, in a file."""
    folder = tmp_path_factory.mktemp("pages")
    files = {}
    for name in COHORTS:
        files[name] = folder / f"{name.replace(' ', '-')}.html"
        files[name].write_text(render_page(analysed(name)), encoding="utf-8")
    return files


@pytest.fixture(scope="module")
def drawings(pages: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[Path, str]:
    """Each drawing of the full page, and the file that it was put into."""
    folder = tmp_path_factory.mktemp("drawings")
    found = re.findall("<svg.*?</svg>", pages["full"].read_text(encoding="utf-8"), re.DOTALL)
    files = {folder / f"{number}.svg": drawing for number, drawing in enumerate(found)}
    for file, drawing in files.items():
        file.write_text(drawing, encoding="utf-8")
    return files


@pytest.fixture(scope="module")
def checked(pages: dict[str, Path], drawings: dict[Path, str]) -> dict[str, list[str]]:
    """What the checker says of pages and drawings: Java starts once."""
    return nu_checker([*pages.values(), *drawings])


@pytest.mark.peer
def test_every_page_is_valid(pages: dict[str, Path], checked: dict[str, list[str]]) -> None:
    """The checker has no error, warning or remark, whatever the cohort lacks."""
    assert [(page, said) for page in pages.values() if (said := checked[str(page)])] == []


@pytest.mark.peer
def test_drawings_stand_on_their_own(
    drawings: dict[Path, str], checked: dict[str, list[str]]
) -> None:
    """Each drawing of the full page is a valid SVG file with words for those who cannot see it."""
    assert len(drawings) > 20
    assert [
        drawing[:300]
        for drawing in drawings.values()
        if not re.search('aria-label="[^"]{40,}"', drawing)
    ] == []
    assert [(file, said) for file in drawings if (said := checked[str(file)])] == []


@pytest.mark.peer
def test_everybody_can_read_the_page(pages: dict[str, Path], tmp_path: Path) -> None:
    """On screen, phone and paper, light and dark, axe-core minds nothing and no words are cut.

    It cannot decide the contrast of words in a drawing. On a phone, wide tables scroll in boxes of
    their own, and of what they hide it decides nothing; the page itself does not scroll sideways.
    """
    printed = tmp_path / "printed.pdf"
    seen = open_page(pages["full"], "cohort", tuple(SETTINGS), printed)
    found = {setting: [*page.faults] for setting, page in seen.items()}
    found["phone"] = [fault for fault in found["phone"] if not is_inside_a_box(fault)]
    assert found == {setting: [] for setting in SETTINGS}
    undecided = [where for name in ("light", "dark", "paper") for where in seen[name].undecided]
    assert [where for where in undecided if not where.startswith("color-contrast: <text ")] == []
    assert 1 <= pdf_pages(printed) <= 20


# Fonts of a reader's machine that are wider than those the page asks for; a machine without one of
# them has another in its place, with which the page must hold as well.
WIDE = {
    "wide": '* { font-family: "DejaVu Sans", Verdana, sans-serif !important; font-weight: bold; }',
    "fixed": "body { font-family: monospace !important; }",
}


@pytest.mark.peer
@pytest.mark.parametrize("font", WIDE)
def test_any_font_has_room(font: str, pages: dict[str, Path], tmp_path: Path) -> None:
    """In a wide font the page breaks lines, and nothing is cut or leaves the paper."""
    page = tmp_path / "page.html"
    written = pages["full"].read_text(encoding="utf-8")
    page.write_text(written.replace("</style>", f"{WIDE[font]}</style>"), encoding="utf-8")
    printed = tmp_path / "printed.pdf"
    seen = open_page(page, f"cohort-{font}", ("phone", "paper"), printed)
    assert [fault for fault in seen["phone"].faults if not is_inside_a_box(fault)] == []
    assert seen["paper"].faults == ()
    assert 1 <= pdf_pages(printed) <= 25


def is_inside_a_box(fault: str) -> bool:
    """Whether a fault is the width of a table, and not of the page."""
    return fault.startswith("too wide: ") and not fault.startswith("too wide: the page")


@pytest.mark.peer
def test_odd_names_change_nothing(pages: dict[str, Path], tmp_path: Path) -> None:
    """Names are told as they are; they bring no element, no mathematics and no fault."""
    page = pages["odd names"].read_text(encoding="utf-8")
    seen = open_page(pages["odd names"], "cohort-odd", ("light",), tmp_path / "printed.pdf")[
        "light"
    ]
    assert seen.faults == ()
    assert re.findall("<script|<b ", page) == []
    for name in ("<script>alert(1)</script>", "$x^2$ & Söhne", "قارئ", "読者", '<b onload="x">$1$'):
        assert name in seen.text


@pytest.mark.parametrize("name", sorted(COHORTS))
def test_a_page_fetches_nothing_and_says_nothing_of_python(
    name: str, pages: dict[str, Path]
) -> None:
    """No script, no address but that of SVG, and no word of what is missing inside a program."""
    page = pages[name].read_text(encoding="utf-8")
    assert "<script" not in page
    assert set(re.findall(r"https?://[^\"' <]+", page)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert re.findall(r"@import|url\(|src=", page) == []
    told = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)
    assert MISSING.findall(told) == []


def test_the_first_thing_told_is_how_many(pages: dict[str, Path]) -> None:
    """Hips, subjects, studies, readers and readings come before any statistic."""
    page = pages["full"].read_text(encoding="utf-8")
    facts = re.findall(
        r"<dt>(.*?)</dt><dd class=\"value\">(\d+)</dd><dd class=\"note\">(.*?)</dd>", page
    )
    counted = analysed("full").denominators
    assert facts == [
        ("Hips", str(counted.hips), f"{counted.examinations} examinations"),
        ("Subjects", str(counted.subjects), "8 with both hips"),
        ("Studies", str(counted.studies), "3 time points"),
        ("Readers", "3", "2 persons, 1 algorithm"),
        ("Readings", str(counted.readings), f"{counted.evaluable} of evaluable hips"),
    ]
    assert page.index("Not a medical device") < page.index("<h1>") < page.index('id="agreement"')


def test_percentages_stand_beside_their_counts(pages: dict[str, Path]) -> None:
    """Every percentage but the level of the intervals follows its count."""
    page = pages["full"].read_text(encoding="utf-8")
    told = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL).replace("\u00a0", " ")
    alone = re.findall(r"(?<!\()(?<![\d.])\b(\d+(?:\.\d+)?) %", told)
    assert set(alone) == {"95"}
    assert re.search(r"\d+ of \d+ \(\d+\.\d %\)", told)


def test_the_same_rows_give_the_same_bytes(pages: dict[str, Path]) -> None:
    """Another process, with other hashes, writes the same page."""
    program = (
        "import sys; from hosr.cohort.page import render_page; "
        "from tests.cohort.page.cohorts import analysed; "
        "sys.stdout.buffer.write(render_page(analysed('full')).encode())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"PYTHONHASHSEED": "7", "PATH": ""},
        capture_output=True,
        check=True,
    )
    assert done.stdout == pages["full"].read_bytes()
