"""The HTML page of every sample: valid, and in a real browser whole and accessible to everybody."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from hosr.language import LANGUAGES
from tests.peers.conftest import Report
from tests.peers.pages import SETTINGS, Page, nu_checker, open_page
from tests.peers.pages_paper import pdf_pages, pdf_text
from tests.peers.samples import SAMPLES, report_compared

PAGES = ("--make", "html,pictures")
SCREENS = ("light", "phone")  # the colours of a page are those of its language English

Opened = Callable[[str], tuple[dict[str, Page], Path]]

BROKEN = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Broken</title></head>
<body><h1>Broken</h1><p style="color: #aaaaaa">faint</p><p style="color: #707070">less so</p><img src="data:image/png;base64,AAAA">
<p style="width: 3000px">wide</p><script>missing();</script><link rel="stylesheet" href="other.css">
<svg viewBox="0 0 100 20" role="img" aria-label="x"><text x="-20" y="15">cut</text>
<text x="50" y="15">one</text><text x="52" y="15">two</text></svg></body></html>
"""


def page_of(reported: Report, name: str, language: str) -> Path:
    """The page of a sample in a language."""
    return reported(name, *PAGES, "--language", language).out / "report.html"


@pytest.fixture(scope="module")
def pages(reported: Report) -> list[Path]:
    """The page of each sample in each language."""
    return [page_of(reported, name, language) for name in SAMPLES for language in LANGUAGES]


@pytest.fixture(scope="module")
def drawings(reported: Report, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Each drawing of the English pages, taken out of its page."""
    folder = tmp_path_factory.mktemp("drawings")
    files = []
    for name in SAMPLES:
        page = page_of(reported, name, "en").read_text(encoding="utf-8")
        for number, drawing in enumerate(re.findall("<svg.*?</svg>", page, re.DOTALL)):
            files.append(folder / f"{name}-{number}.svg")
            files[-1].write_text(drawing, encoding="utf-8")
    return files


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A page and a drawing that are not valid."""
    folder = tmp_path_factory.mktemp("wrong")
    page, drawing = folder / "page.html", folder / "drawing.svg"
    words = "The space between the bones of the hip was measured on the radiograph. " * 20
    head = '<!DOCTYPE html><html lang="fr"><title>x</title>'
    page.write_text(f"{head}<p>{words}</p><foo></foo>", encoding="utf-8")
    drawing.write_text('<svg xmlns="http://www.w3.org/2000/svg"><foo/></svg>', encoding="utf-8")
    return page, drawing


@pytest.fixture(scope="module")
def checked(
    pages: list[Path], drawings: list[Path], wrong: tuple[Path, Path]
) -> dict[str, list[str]]:
    """What the checker says of all of them: Java starts once."""
    return nu_checker([*pages, *drawings, *wrong])


def test_every_page_is_valid_html_in_its_language(
    pages: list[Path], checked: dict[str, list[str]]
) -> None:
    """The checker has no error, warning or remark, and takes each page for the language it names."""
    assert [(page, said) for page in pages if (said := checked[str(page)])] == []


def test_every_drawing_stands_on_its_own(
    drawings: list[Path], checked: dict[str, list[str]]
) -> None:
    """A drawing taken out of its page is a valid SVG file."""
    assert len(drawings) > len(SAMPLES)
    assert [(file, said) for file in drawings if (said := checked[str(file)])] == []


def test_the_checker_notices_what_is_not_valid(
    wrong: tuple[Path, Path], pages: list[Path], drawings: list[Path], checked: dict[str, list[str]]
) -> None:
    """An unknown element is an error in a page and in a drawing, and a wrong language a warning."""
    page, drawing = (str(path) for path in wrong)
    assert {message.partition(":")[0] for message in checked[page]} == {"error", "warning"}
    assert {message.partition(":")[0] for message in checked[drawing]} == {"error"}
    # What it says, it says of files that it was given.
    assert set(checked) == {page, drawing, *map(str, (*pages, *drawings))}


@pytest.fixture(scope="module")
def opened(reported: Report, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """A function that opens a sample's page in every setting, once; and where it was printed."""
    found: dict[str, tuple[dict[str, Page], Path]] = {}

    def open_sample(name: str) -> tuple[dict[str, Page], Path]:
        if name not in found:
            printed = tmp_path_factory.mktemp(name) / "printed.pdf"
            page = page_of(reported, name, "en")
            found[name] = open_page(page, f"page-{name}", tuple(SETTINGS), printed), printed
        return found[name]

    return open_sample


@pytest.mark.parametrize("name", SAMPLES)
def test_everybody_can_read_a_page(name: str, opened: Opened, reported: Report) -> None:
    """On screen, phone and paper, light and dark, axe-core minds nothing and nothing is cut.

    Its rules are those of WCAG 2.2, contrast up to level AAA, and best practice. It cannot decide
    the contrast of words in a drawing; nothing else may be left open.
    """
    seen, _ = opened(name)
    assert {setting: page.faults for setting, page in seen.items()} == dict.fromkeys(SETTINGS, ())
    pictures = list(page_of(reported, name, "en").parent.glob("key_*.png"))
    assert {page.images for page in seen.values()} == {len(pictures)}
    undecided = [where for page in seen.values() for where in page.undecided]
    assert [where for where in undecided if not where.startswith("color-contrast: <text ")] == []


@pytest.mark.parametrize("name", SAMPLES)
def test_paper_says_what_the_screen_says(name: str, opened: Opened) -> None:
    """Up to three sheets have every word of the screen, each of them the patient and the draft."""
    seen, printed = opened(name)
    assert 1 <= pdf_pages(printed) <= 3
    words = set(pdf_text(printed.read_bytes()).split())
    # A browser takes its fonts from the machine, which may have none for a name in another script.
    shown = [word for word in seen["light"].text.split() if word.isascii()]
    assert [word for word in shown if word not in words] == []
    patient_id, status = f"HOSR-{seen['light'].text.partition('HOSR-')[2][:4]},", "Draft."
    each = [text.split() for text in pdf_text(printed.read_bytes()).split("\f")[:-1]]
    assert len(each) == pdf_pages(printed)
    assert [page for page in each if not {patient_id, status} <= set(page)] == []


@pytest.mark.parametrize("language", [tag for tag in LANGUAGES if tag != "en"])
@pytest.mark.parametrize("name", ["bilateral", "follow-up-2"])
def test_other_languages_have_room(
    name: str, language: str, reported: Report, tmp_path: Path
) -> None:
    """Longer words break nothing, on the screen and on the phone."""
    page = page_of(reported, name, language)
    seen = open_page(page, f"page-{name}-{language}", SCREENS, tmp_path / "printed.pdf")
    assert {setting: page.faults for setting, page in seen.items()} == dict.fromkeys(SCREENS, ())


def test_a_page_with_an_earlier_study_can_be_read_by_everybody(tmp_path: Path) -> None:
    """Both spaces on one scale, each with its day, in every setting; valid as a page and as a drawing."""
    page = report_compared(tmp_path, *PAGES, "--language", "de").out / "report.html"
    seen = open_page(page, "page-compared", tuple(SETTINGS), tmp_path / "printed.pdf")
    assert {setting: each.faults for setting, each in seen.items()} == dict.fromkeys(SETTINGS, ())
    assert "Voruntersuchung, 16. Januar 2025" in seen["phone"].text.replace("\u00a0", " ")
    drawing = re.findall("<svg.*?</svg>", page.read_text(encoding="utf-8"), re.DOTALL)[0]
    (tmp_path / "scale.svg").write_text(drawing, encoding="utf-8")
    assert nu_checker([page, tmp_path / "scale.svg"]) == {
        str(page): [],
        str(tmp_path / "scale.svg"): [],
    }


def test_the_browser_notices_what_is_broken(tmp_path: Path) -> None:
    """A page with one fault of each kind has them all named."""
    path = tmp_path / "broken.html"
    path.write_text(BROKEN, encoding="utf-8")
    found = open_page(path, "broken", ("phone",), tmp_path / "printed.pdf")["phone"].faults
    assert {fault.partition(":")[0] for fault in found} == {
        "an image that does not show",
        "not accessible",
        "the browser complains",
        "the page asked for",
        "too wide",
        "words beyond the edge of a drawing",
        "words over words",
    }
    rules = {fault.split(": ")[1] for fault in found if fault.startswith("not accessible")}
    assert {"color-contrast", "color-contrast-enhanced", "image-alt"} <= rules
