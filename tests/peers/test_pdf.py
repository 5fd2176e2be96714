"""The PDF of every sample: PDF/A-2a and PDF/UA-1, and the same report as the page."""

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from pydicom import dcmread
from pydicom.encaps import encapsulate

from hosr import cli
from hosr.language import LANGUAGES
from hosr.templating.spare_fonts import installed_fonts
from hosr.templating.typesetting import UNPRINTABLE
from tests.peers.conftest import Report
from tests.peers.pages_paper import (
    LENGTH_RULE,
    html_outline,
    html_words,
    pdf_faults,
    pdf_outline,
    pdf_text,
    pdf_words,
)
from tests.peers.samples import SAMPLE_DATA, SAMPLES, report_compared

PAGES = ("--make", "html,pdf,pictures")

# Names as the header keeps them, and as they are spoken.
NAMES = {
    "Latin": ("Żółć^Łukasz^^Dr", "Dr Łukasz Żółć"),
    "Vietnamese": ("Nguyễn^Thị Ánh", "Thị Ánh Nguyễn"),
    "Greek": ("Παπαδόπουλος^Γιώργος", "Γιώργος Παπαδόπουλος"),
    "Cyrillic": ("Їжакевич^Наталія", "Наталія Їжакевич"),
    "Hebrew": ("כהן^שרה", "שרה כהן"),
    "Arabic": ("محمد^أحمد", "أحمد محمد"),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SAMPLES)
def test_a_pdf_can_be_archived_and_read_aloud(name: str, language: str, reported: Report) -> None:
    """The validator has nothing to say; language, headings and words for drawings are the page's."""
    out = reported(name, *PAGES, "--language", language).out
    page, data = (
        (out / "report.html").read_text(encoding="utf-8"),
        (out / "report.pdf").read_bytes(),
    )
    assert pdf_faults(data) == []
    assert pdf_outline(data) == html_outline(page)
    assert pdf_outline(data).language == language


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [name for name in SAMPLES if name != "brooker-3"])
def test_a_pdf_says_every_word_of_the_page(name: str, language: str, reported: Report) -> None:
    """A sample whose names can be printed has the same words on the page and in the PDF."""
    out = reported(name, *PAGES, "--language", language).out
    text = pdf_text((out / "report.pdf").read_bytes())
    # A line may end at the hyphen of a word, which the reader then keeps or takes for one of its own.
    words = {*text.split(), *text.replace("-\n", "-").split()}
    page = (out / "report.html").read_text(encoding="utf-8")
    missing = html_words(page) - words
    assert sorted(word for word in missing if word.replace("-", "", 1) not in words) == []


def test_a_pdf_with_an_earlier_study_can_be_archived_and_read_aloud(tmp_path: Path) -> None:
    """The words for the scale tell both spaces and their days, as those of the page do."""
    out = report_compared(tmp_path, *PAGES).out
    page = (out / "report.html").read_text(encoding="utf-8")
    data = (out / "report.pdf").read_bytes()
    assert pdf_faults(data) == []
    assert pdf_outline(data) == html_outline(page)
    assert html_words(page) - {*pdf_text(data).split()} == set()
    assert any(
        "Earlier study, 16 January 2025: 11.4" in each.replace("\u00a0", " ")
        for each in re.findall('aria-label="([^"]*)"', page)
    )


def test_a_pdf_holds_nothing_that_acts(reported: Report) -> None:
    """No script, action, form, attachment or encryption; it opens under its title."""
    data = (reported("bilateral", *PAGES, "--language", "en").out / "report.pdf").read_bytes()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert not pdf.is_encrypted
        assert set(pdf.Root.keys()) == {
            "/Type",
            "/Pages",
            "/Lang",
            "/MarkInfo",
            "/Metadata",
            "/Outlines",
            "/OutputIntents",
            "/StructTreeRoot",
            "/ViewerPreferences",
        }
        assert [page for page in pdf.pages if "/Annots" in page or "/AA" in page] == []
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)


@pytest.mark.parametrize("name", ["bilateral", "ct"])
def test_pages_are_the_same_byte_for_byte(name: str, reported: Report, tmp_path: Path) -> None:
    """Another process, of another time zone, locale and order of sets, makes the same files."""
    out, again = reported(name, *PAGES, "--language", "en").out, tmp_path / "again"
    folder = SAMPLE_DATA / name
    where = [str(folder / "record.json"), "--images", str(folder / "images"), "--out", str(again)]
    command = [sys.executable, "-m", "hosr", "report", *where, *PAGES, "--language", "en"]
    other = {"TZ": "Pacific/Apia", "LC_ALL": "C", "PYTHONHASHSEED": "1"}
    subprocess.run(command, check=True, capture_output=True, env=os.environ | other)
    assert contents(again) == contents(out)


def contents(folder: Path) -> dict[str, bytes]:
    """The files of a folder by name."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize(("stored", "spoken"), NAMES.values(), ids=NAMES)
def test_names_print_right(stored: str, spoken: str, tmp_path: Path) -> None:
    """A name of a script that the fonts have can be copied from the PDF as it is spoken."""
    out = report_named(stored, tmp_path)
    data = (out / "report.pdf").read_bytes()
    assert pdf_faults(data) == []
    assert spoken in pdf_text(data)
    assert UNPRINTABLE not in pdf_text(data)


def test_each_page_names_the_patient(tmp_path: Path) -> None:
    """A page that falls out of the report is known by patient, ID, date and status."""
    out = report_named("Mustermann^Erika", tmp_path)
    pages = pdf_text((out / "report.pdf").read_bytes()).rstrip("\f").split("\f")
    for page in pages:
        foot = " ".join(page.split())[-200:]
        assert "Erika Mustermann, " in foot
        assert "Draft. Prepared by hosr" in foot


@pytest.mark.parametrize("stored", ["王^小明", "Wang^Xiaoming=王^小明", "สมชาย^ใจดี"])
def test_a_name_that_cannot_be_printed_is_never_silent(
    stored: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands as a mark that the page explains, the manifest tells, and the validator accepts."""
    monkeypatch.setattr("hosr.templating.spare_fonts.FOLDERS", ())
    installed_fonts.cache_clear()
    out = report_named(stored, tmp_path)
    data = (out / "report.pdf").read_bytes()
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    said = " ".join(pdf_text(data).split())
    assert pdf_faults(data) == []
    assert said.count(UNPRINTABLE) == 3  # the name at head and foot of the page, and the notice
    assert (
        f"Characters that the fonts of this document do not have are shown as {UNPRINTABLE}."
        in said
    )
    assert [note["problem"] for note in manifest["tolerated"] if note["path"] == "report.pdf"] == [
        f"its fonts lack some characters, which stand as {UNPRINTABLE}"
    ]


def test_a_long_name_covers_nothing(tmp_path: Path) -> None:
    """A name and an ID without a blank are broken in their column, and can be read and copied."""
    out = report_changed(tmp_path, PatientName="W" * 64, PatientID="M" * 64)
    data = (out / "report.pdf").read_bytes()
    lines = {
        letter: [
            (left, right)
            for word, left, right in pdf_words(data)
            if set(word.replace("\u200b", "")) == {letter}
        ]
        for letter in "WM"
    }
    assert pdf_faults(data) == []
    assert pdf_text(data).replace("\u200b", "").replace("\n", "").count("W") >= 64
    assert max(right for _, right in lines["W"]) < min(left for left, _ in lines["M"])
    assert max(right for _, right in lines["M"]) - min(left for left, _ in lines["M"]) < 115


def test_a_missing_picture_is_told_on_paper(tmp_path: Path) -> None:
    """Where the pixels give no picture the pages say so, and why."""
    out = report_changed(tmp_path, PixelData=encapsulate([b"\0\0"]))
    said = " ".join(pdf_text((out / "report.pdf").read_bytes()).split())
    assert "There is no picture: the pixel data of the image are incomplete." in said
    assert "Nothing is marked" not in said


def report_named(name: str, folder: Path) -> Path:
    """The pages of a sample whose patient has another name."""
    return report_changed(folder, PatientName=name)


def report_changed(folder: Path, **changes: object) -> Path:
    """The pages of a sample whose images have other values."""
    images, out = folder / "images", folder / "out"
    images.mkdir()
    for path in (SAMPLE_DATA / "brooker-1" / "images").iterdir():
        image = dcmread(path)
        image.SpecificCharacterSet = "ISO_IR 192"
        for keyword, value in changes.items():
            setattr(image, keyword, value)
        image.save_as(images / path.name)
    described = json.loads((SAMPLE_DATA / "brooker-1" / "record.json").read_text("utf-8"))
    del described["study"]["patient_id"]
    record = folder / "record.json"
    record.write_text(json.dumps(described), encoding="utf-8")
    where = ["--images", str(images), "--out", str(out)]
    assert cli.main(["report", str(record), *where, "--make", "html,pdf"]) == 0
    return out


def remove(key: str) -> Callable[[pikepdf.Pdf], None]:
    """Takes a key out of every dictionary of a PDF."""

    def break_it(pdf: pikepdf.Pdf) -> None:
        for item in pdf.objects:
            if isinstance(item, pikepdf.Dictionary | pikepdf.Stream) and key in item:
                del item[key]

    return break_it


def add_script(pdf: pikepdf.Pdf) -> None:
    """A script that runs when the PDF is opened."""
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def add_unmarked_line(pdf: pikepdf.Pdf) -> None:
    """Something drawn that is neither content of the structure nor decoration."""
    page = pdf.pages[0]
    page.contents_add(pikepdf.Stream(pdf, b"0 0 m 9 9 l S"))


BREAKS = {
    "language": remove("/Lang"),
    "alternative": remove("/Alt"),
    "Unicode": remove("/ToUnicode"),
    "font": remove("/FontFile2"),
    "tags": remove("/MarkInfo"),
    "title": remove("/ViewerPreferences"),
    "colours": remove("/OutputIntents"),
    "script": add_script,
    "unmarked": add_unmarked_line,
}


@pytest.mark.parametrize("break_it", BREAKS.values(), ids=BREAKS)
def test_the_validator_notices_what_is_broken(
    break_it: Callable[[pikepdf.Pdf], None], reported: Report
) -> None:
    """A PDF that lacks what the standards ask for is refused; saved as it is, it passes."""
    data = (reported("bilateral", *PAGES, "--language", "en").out / "report.pdf").read_bytes()
    kept, broken = io.BytesIO(), io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.save(kept)
        break_it(pdf)
        pdf.save(broken)
    assert pdf_faults(kept.getvalue()) == []
    assert pdf_faults(broken.getvalue()) != []


def test_a_wrong_length_is_noticed(reported: Report) -> None:
    """A stream that is one byte longer than it says is found."""
    data = (reported("bilateral", *PAGES, "--language", "en").out / "report.pdf").read_bytes()
    broken = re.sub(rb"/Length (\d+)", lambda m: b"/Length %d" % (int(m[1]) - 1), data, count=1)
    found = [fault.partition(":")[0] for fault in pdf_faults(broken)]
    assert LENGTH_RULE in found
