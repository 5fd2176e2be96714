"""`hosr report --prior`: a report compared with last year's, through the files of both."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pydicom
import pytest

import hosr as library
from hosr.sr import decode, read_tracking
from hosr.vocabulary.terms import Side
from tests.command import Ran, hosr, marked, write_record
from tests.images import write_film

PERSON = ("--as", "Bianchi^Anna", "--organization", "Synthetic Hospital")
_MADE = ("--make", "measurement,narrative,text")
EARLIER = {
    "StudyDate": "20250301",
    "StudyInstanceUID": "1.2.826.0.1.7",
    "SeriesInstanceUID": "1.2.826.0.1.7.1",
    "SOPInstanceUID": "1.2.826.0.1.7.1.1",
}


def _sign(draft: Path, out: Path, at: str) -> Path:
    assert hosr("sign", draft, *PERSON, "--at", at, "--out", out).code == 0
    return out


@pytest.fixture(scope="module")
def last_year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the draft and the signed report of last year, gap of 14 pixels."""
    folder = tmp_path_factory.mktemp("last_year")
    film = write_film(folder / "film.dcm", **EARLIER)
    record = {**marked(end=(24, 10)), "graded_at": "2025-03-02T10:15:00+01:00"}
    path = write_record(folder / "record.json", record)
    asked = ("--images", film, "--out", folder / "draft", *_MADE)
    assert hosr("report", path, *asked).code == 0
    _sign(folder / "draft", folder / "signed", "2025-03-02T11:20:00+01:00")
    return folder


def _report(desk: Path, *options: object) -> Ran:
    return hosr(
        "report",
        desk / "record.json",
        *("--images", desk / "film.dcm", "--out", desk / "out"),
        *_MADE,
        *options,
    )


def test_a_report_is_compared_with_that_of_last_year(desk: Path, last_year: Path) -> None:
    """On screen, in text, manifest and documents; and so it stays when it is signed."""
    ran = _report(desk, "--prior", last_year / "signed")
    assert (ran.code, ran.err) == (0, "")
    assert "right hip: compared with the study of 2025-03-01; space beyond the" in ran.out
    text = " ".join((desk / "out" / "report.txt").read_text(encoding="utf-8").split())
    assert "compared with the study of 1 March 2025." in text
    assumed = "(uncertainty 1.0 mm, assumed)"
    assert f"then: 14.0 mm {assumed}; now: 8.0 mm {assumed}." in text
    assert "Not compared" not in text
    (told,) = json.loads((desk / "out" / "manifest.json").read_text())["priors"]
    assert told["compared_with"]["space"]["verdict"] == "beyond"
    signed = _sign(desk / "out", desk / "signed", "2026-03-02T11:20:00+01:00")
    versions = [decode((each / "measurement.dcm").read_bytes()) for each in (desk / "out", signed)]
    assert versions[0].lookbacks == versions[1].lookbacks
    then = pydicom.dcmread(last_year / "signed" / "measurement.dcm")
    for name in ("measurement.dcm", "narrative.dcm"):
        (study,) = pydicom.dcmread(signed / name).PertinentOtherEvidenceSequence
        named = str(study)
        assert (study.StudyInstanceUID, str(then.SOPInstanceUID) in named) == (
            EARLIER["StudyInstanceUID"],
            True,
        )
    shown = hosr("show", desk / "signed" / "measurement.dcm")
    assert "compared with the study of 1 March 2025." in " ".join(shown.out.split())


def test_one_file_is_enough_and_the_lesion_keeps_its_uid(desk: Path, last_year: Path) -> None:
    """From an archive there is no folder; from Python it is the same report."""
    file = last_year / "signed" / "measurement.dcm"
    shutil.copy(file, desk / "SR000001")
    assert _report(desk, "--prior", desk / "SR000001").code == 0
    made = decode((desk / "out" / "measurement.dcm").read_bytes())
    outcome = library.make_report(desk / "record.json", desk / "film.dcm")
    assert library.compare_report(outcome, [desk / "SR000001"]).report == made
    (_, ((_, then),)), (_, ((_, now),)) = (
        read_tracking(path.read_bytes()) for path in (file, desk / "out" / "measurement.dcm")
    )
    prior = made.prior_of(Side.RIGHT)
    assert prior is not None
    assert prior.tracking_uid == then == now


def test_what_cannot_be_compared_with_is_refused(desk: Path, last_year: Path) -> None:
    """A draft that was signed since, a file that was changed, what is no report: all at once, and nothing written."""
    changed = shutil.copytree(last_year / "signed", desk / "changed")
    with (changed / "report.txt").open("a") as file:
        file.write("more\n")
    (desk / "text.txt").write_text("no report")
    priors = (last_year / "draft", changed, desk / "text.txt", desk / "nothing")
    options = [word for path in priors for word in ("--prior", path)]
    ran = _report(desk, *options)
    assert (ran.code, ran.out, ran.is_safe_to_read) == (4, "", True)
    for said in (
        "has a successor (sign, 2025-03-02T11:20:00+01:00",
        "report.txt: was changed since the report was made",
        "text.txt: is not a DICOM file",
        "nothing: cannot be read",
    ):
        assert said in ran.err
    assert not (desk / "out").exists()
    checked = hosr("check", desk / "record.json", "--images", desk / "film.dcm", *options)
    assert checked.code == 4
    assert {line.split(": ", 1)[1].split(";")[0] for line in checked.out.splitlines()} == {
        line.strip().split(": ", 1)[1].split(";")[0]
        for line in ran.err.splitlines()
        if line.startswith("  ")
    }


def test_the_newest_version_stands_for_those_before_it(desk: Path, last_year: Path) -> None:
    """Draft, signed and addended are given: the last one is compared; without it the one before is refused."""
    chain = [shutil.copytree(last_year / name, desk / name) for name in ("draft", "signed")]
    begun = json.loads((chain[0] / "successor.json").read_text())
    (chain[0] / "successor.json").write_text(json.dumps({**begun, "folder": str(chain[1])}))
    words = ("--text", "Seen with the surgeon.", *PERSON, "--at", "2025-03-04T08:00:00+01:00")
    assert hosr("addend", chain[1], *words, "--out", desk / "addended").code == 0
    options = [word for path in chain for word in ("--prior", path)]
    ran = _report(desk, *options)
    assert ran.code == 4
    assert ran.err.count("has a successor") == 1
    ran = _report(desk, *options, "--prior", desk / "addended" / "measurement.dcm")
    assert (ran.code, ran.err) == (0, "")
    text = (desk / "out" / "report.txt").read_text(encoding="utf-8")
    assert "it has an addendum" in " ".join(text.split())


def test_a_report_of_another_patient_is_refused(desk: Path, last_year: Path) -> None:
    """By what differs, and without its values; an ID that was merged has to be named."""
    write_film(desk / "film.dcm", PatientID="P-4712")
    prior = ("--prior", last_year / "signed")
    ran = _report(desk, *prior)
    assert ran.code == 4
    assert "is of another patient: patient ID differs" in ran.err
    assert (ran.is_safe_to_read, "P-4712" in ran.err) == (True, False)
    assert _report(desk, *prior, "--merged-id", "P-4711=P-4712").code == 0
    text = " ".join((desk / "out" / "report.txt").read_text(encoding="utf-8").split())
    assert "It is filed under the patient ID P-4711, which was merged, as given." in text
    for wrong in ("P-4711", "P-4711=P-9"):
        assert _report(desk, *prior, "--merged-id", wrong).code in (2, 4)


def test_checking_finds_nothing_where_all_is_well(desk: Path, last_year: Path) -> None:
    """And tries the comparison; Python says the same."""
    asked = ("--images", desk / "film.dcm", "--prior", last_year / "signed")
    ran = hosr("check", desk / "record.json", *asked)
    assert (ran.code, ran.out.splitlines()[0]) == (0, "no faults")
    given = (desk / "record.json", desk / "film.dcm")
    assert library.check_record(*given, priors=[last_year / "signed"]) == ()
    (fault,) = library.check_record(*given, priors=[last_year / "draft"])
    assert "has a successor" in fault.problem


def _pages(desk: Path, last_year: Path, *options: object) -> Ran:
    asked = ("--images", desk / "film.dcm", "--out", desk / "out", "--make", "measurement,html")
    prior = ("--prior", last_year / "signed")
    return hosr("report", desk / "record.json", *asked, *prior, *options)


def test_the_picture_of_then_stands_beside_that_of_today(desk: Path, last_year: Path) -> None:
    """With its marks, and its day in it, above it and in its words."""
    assert _pages(desk, last_year, "--prior-images", last_year / "film.dcm").code == 0
    page = (desk / "out" / "report.html").read_text(encoding="utf-8").replace("\u00a0", " ")
    told = re.findall('aria-label="([^"]*)"', page)
    excerpt = (
        "Excerpt of the graded image around the right hip. Yellow: space between opposing bone"
    )
    assert [each for each in told if "Excerpt" in each] == [
        f"{excerpt} surfaces, 8.0 mm, at the detector plane.",
        f"Earlier study, 1 March 2025: {excerpt} surfaces, 14.0 mm, at the detector plane.",
    ]
    assert "<strong>Earlier study, 1 March 2025.</strong>" in page
    assert page.count('fill="#ffffff">1 March 2025</text>') == 1


# Images that are not those of then, and what is said of them.
OTHERS = {
    "of today": (
        {},
        "have no image 1.2.826.0.1.7.1.1, which is the key image of the right hip then",
    ),
    "of another patient": (
        {**EARLIER, "PatientID": "OTHER-1"},
        "are not of the patient of the earlier report, by what their headers say",
    ),
}


@pytest.mark.parametrize(("changes", "problem"), OTHERS.values(), ids=OTHERS)
def test_images_that_are_not_those_of_then_are_refused(
    changes: dict[str, str], problem: str, desk: Path, last_year: Path
) -> None:
    """Nothing is made, and what to do is said."""
    other = write_film(desk / "other.dcm", **changes)
    ran = _pages(desk, last_year, "--prior-images", other)
    assert (ran.code, ran.out) == (4, "")
    assert ran.err == (
        f"hosr: images refused\n  --prior-images: {problem}; give the images of the study of the "
        "earlier report, or leave --prior-images out\n"
    )
    assert not (desk / "out").exists()


def test_the_picture_of_then_stands_on_the_signed_page_too(desk: Path, last_year: Path) -> None:
    """Where report and images of then are named again; by themselves they are of no use."""
    then = ("--prior-images", last_year / "film.dcm")
    assert _pages(desk, last_year, *then).code == 0
    ask = ("sign", desk / "out", *PERSON, "--at", "2026-03-02T11:20:00+01:00")
    ran = hosr(*ask, *then, "--out", desk / "signed")
    assert (ran.code, "--prior-images: stands beside images, and none are given" in ran.err) == (
        2,
        True,
    )
    with_images = (*ask, *then, "--out", desk / "signed", "--images", desk / "film.dcm")
    ran = hosr(*with_images)
    assert (ran.code, "which the right hip is compared with, is not among them" in ran.err) == (
        4,
        True,
    )
    assert not (desk / "signed").exists()
    assert hosr(*with_images, "--prior", last_year / "signed").code == 0
    page = (desk / "signed" / "report.html").read_text(encoding="utf-8").replace("\u00a0", " ")
    assert "<strong>Earlier study, 1 March 2025.</strong>" in page
    assert "DRAFT" not in page


def test_an_image_of_then_that_cannot_be_drawn_is_told(desk: Path, last_year: Path) -> None:
    """On the page in its place, and as a note."""
    dataset = pydicom.dcmread(last_year / "film.dcm")
    del dataset.PixelData
    dataset.save_as(desk / "bare.dcm")
    ran = _pages(desk, last_year, "--prior-images", desk / "bare.dcm")
    assert ran.code == 0
    assert "key image of the right hip in the earlier report: there is none: " in ran.out + ran.err
    page = (desk / "out" / "report.html").read_text(encoding="utf-8").replace("\u00a0", " ")
    assert '<p class="note">Earlier study, 1 March 2025: There is no picture: ' in page


def test_images_of_then_without_a_comparison_are_of_no_use(desk: Path, last_year: Path) -> None:
    """What was meant is asked for."""
    ran = _report(desk, "--prior-images", last_year / "film.dcm")
    assert (ran.code, ran.out) == (4, "")
    assert "--prior-images: is of no use: no hip is compared" in ran.err
