"""Reports that hosr 0.1.0 wrote are read for ever, whole, and checked by the form that they have.

tests/data_0_1_0/make_reports.txt tells how they were made, with that release.
"""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import pydicom
import pytest

import hosr
from hosr import codes
from hosr.sr.receivers import ProfileName
from hosr.version import FORM
from tests.narrative.cases import CASES

REPORTS = Path(__file__).parents[1] / "data_0_1_0" / "reports.zip"
OPTIONS: dict[str, hosr.Options] = {
    "": hosr.Options(),
    "-stone": hosr.Options(profile=ProfileName.STONE, terminology=codes.Terminology.SNOMED),
    "-hydrated": hosr.Options(hydrate=True),
}

with zipfile.ZipFile(REPORTS) as _file:
    FILES = {name.removesuffix(".dcm"): _file.read(name) for name in _file.namelist()}


def stamped(data: bytes, form: str) -> bytes:
    """The file as if it were of another form."""
    dataset = pydicom.dcmread(BytesIO(data))
    dataset.SoftwareVersions = form
    buffer = BytesIO()
    dataset.save_as(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_report_is_read_and_written_as_it_was(name: str) -> None:
    """The report that is read makes the same file again, byte for byte."""
    report = hosr.decode(FILES[name])
    ending = next((each for each in OPTIONS if each and name.endswith(each)), "")
    assert report.form == "0.1.0"
    assert hosr.encode(report, OPTIONS[ending]) == FILES[name]


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "it"])
def test_a_report_is_told_with_the_version_that_wrote_it(language: str) -> None:
    """The text names the form of the file, and not that of the hosr that shows it."""
    for name in ("row_01_absent_at_both_hips", "row_10_narrow_gap", "mr_early"):
        text = hosr.render_text(
            hosr.decode(FILES[name]), hosr.Wording(language=hosr.language_of(language))
        )
        assert "hosr 0.1.0" in text
        assert f"hosr {FORM}" not in text


@pytest.mark.parametrize("name", ["row_01_absent_at_both_hips", "row_10_narrow_gap"])
def test_a_form_is_not_put_on_by_hand(name: str) -> None:
    """A report of one form with the name of another is no report of either, nor of none."""
    old, new = FILES[name], hosr.encode(CASES[name])
    differ = name.startswith("row_01")  # the other says the same in both
    for data in (stamped(old, FORM), stamped(new, "0.1.0")) if differ else ():
        with pytest.raises(hosr.DocumentRefused, match="was changed after it was written"):
            hosr.decode(data)
    for form in ("", "0.0.9", "99.0"):
        with pytest.raises(hosr.DocumentRefused, match="a form that this hosr does not know"):
            hosr.decode(stamped(old, form))
