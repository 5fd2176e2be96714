"""Whether what comes back is what was sent: by data set, whatever the file around it."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread, uid
from pydicom.filewriter import dcmwrite

from hosr.archive.addresses import PatientAttribute
from hosr.outbox.comparison import Comparison, Likeness, compare
from tests.images import dicom_bytes, film

REPORT = Path(__file__).resolve().parents[2] / "sample_data/reports/brooker-2.dcm"
SAME = Comparison(likeness=Likeness.SAME)


def changed(change: Callable[[Dataset], None]) -> bytes:
    """The report with a change made to it."""
    data_set = dcmread(REPORT)
    change(data_set)
    stream = io.BytesIO()
    data_set.save_as(stream)
    return stream.getvalue()


def test_the_same_file_is_the_same() -> None:
    """A file is like itself, and there is nothing to warn of."""
    comparison = compare(REPORT.read_bytes(), REPORT.read_bytes())
    assert comparison == SAME
    assert comparison.warning == ""


@pytest.mark.parametrize(
    "syntax",
    [
        uid.ImplicitVRLittleEndian,
        uid.ExplicitVRBigEndian,
        uid.DeflatedExplicitVRLittleEndian,
    ],
)
def test_another_encoding_is_the_same_data_set(syntax: uid.UID) -> None:
    """The transfer syntax is the archive's own choice; values count."""
    data_set = dcmread(REPORT)
    data_set.decode()
    for element in data_set.iterall():
        assert element is not None  # read every value, so that each is written anew
    plain = Dataset()
    plain.update(data_set)
    data_set.file_meta.TransferSyntaxUID = syntax
    plain.file_meta = data_set.file_meta
    stream = io.BytesIO()
    dcmwrite(stream, plain, enforce_file_format=True)
    assert stream.getvalue() != REPORT.read_bytes()
    assert compare(REPORT.read_bytes(), stream.getvalue()) == SAME


def _other_meta(data_set: Dataset) -> None:
    data_set.file_meta.ImplementationVersionName = "ARCHIVE_1"
    data_set.file_meta.SourceApplicationEntityTitle = "ARCHIVE"
    data_set.preamble = b"II*\0" + bytes(124)


def _group_length(data_set: Dataset) -> None:
    data_set.add_new(0x00080000, "UL", 1234)


def _trailing_padding(data_set: Dataset) -> None:
    data_set.add_new(0xFFFCFFFC, "OB", bytes(1000))


def _own_private(data_set: Dataset) -> None:
    data_set.private_block(0x0099, "ARCHIVE", create=True).add_new(1, "LO", "filed")


@pytest.mark.parametrize("change", [_other_meta, _group_length, _trailing_padding, _own_private])
def test_what_archives_put_around_a_data_set_is_no_difference(
    change: Callable[[Dataset], None],
) -> None:
    """File meta information, lengths, padding and the archive's own private attributes."""
    assert compare(REPORT.read_bytes(), changed(change)) == SAME


def _to_latin(data_set: Dataset) -> None:
    data_set.decode()
    data_set.SpecificCharacterSet = "ISO_IR 100"


def test_another_character_set_is_the_same_text() -> None:
    """Text that an archive writes in another character set is compared as text."""
    sent = dicom_bytes(film(SpecificCharacterSet="ISO_IR 192", StudyDescription="Größe"))
    again = dcmread(io.BytesIO(sent))
    _to_latin(again)
    stream = io.BytesIO()
    again.save_as(stream)
    assert b"Gr\xf6\xdfe" in stream.getvalue()
    assert compare(sent, stream.getvalue()) == SAME


def test_text_that_is_lost_is_a_difference() -> None:
    """A character that became another one is found, whatever character set is declared."""
    sent = dicom_bytes(film(SpecificCharacterSet="ISO_IR 192", SeriesDescription="≥5 mm"))
    returned = dicom_bytes(film(SpecificCharacterSet="ISO_IR 100", SeriesDescription="?5 mm"))
    assert compare(sent, returned).differences == ("SeriesDescription (0008,103E)",)


def _merged(data_set: Dataset) -> None:
    data_set.PatientID = "MERGED-1"
    data_set.OriginalAttributesSequence = [Dataset()]


def test_another_patient_is_told_before_all_else() -> None:
    """Attributes that differ are named without their values; who it is of stands out."""
    comparison = compare(REPORT.read_bytes(), changed(_merged))
    assert comparison == Comparison(
        likeness=Likeness.REFILED,
        differences=("PatientID (0010,0020)", "OriginalAttributesSequence (0400,0561)"),
        patient=("PatientID (0010,0020)",),
        added=("OriginalAttributesSequence (0400,0561)",),
    )
    assert comparison.warning == (
        "it CHANGED THE PATIENT: PatientID (0010,0020); "
        "filled in OriginalAttributesSequence (0400,0561)"
    )


FORMER = {
    "PatientID": "4711",
    "IssuerOfPatientID": "NORTH",
    "PatientName": "Muster^Größe",
    "PatientBirthDate": "19600102",
    "PatientSex": "M",
}
OTHERS = {
    "PatientID": "4712",
    "IssuerOfPatientID": "SOUTH",
    "PatientName": "Muster^Anna",
    "PatientBirthDate": "19600201",
    "PatientSex": "F",
}


def told(after: dict[str, str], former: dict[str, str] | None = None) -> Comparison:
    """How a film comes back that an archive changed, and that may name what was there before."""
    sent = film(SpecificCharacterSet="ISO_IR 192", **FORMER)
    returned = film(SpecificCharacterSet="ISO_IR 100", **{**FORMER, **after})
    if former:
        modified, item = Dataset(), Dataset()
        for attribute, value in former.items():
            setattr(modified, attribute, value)
        item.ModifiedAttributesSequence = [modified]
        returned.OriginalAttributesSequence = [Dataset(), item]
    return compare(dicom_bytes(sent), dicom_bytes(returned))


@pytest.mark.parametrize("attribute", FORMER)
def test_another_patient_is_taken_only_where_the_former_one_is_on_record(attribute: str) -> None:
    """Original Attributes that name another attribute, or another value, say nothing of it."""
    after, before = {attribute: OTHERS[attribute]}, {attribute: FORMER[attribute]}
    assert told(after).likeness is Likeness.REFILED
    assert told({attribute: ""}).likeness is Likeness.REFILED
    assert told(after, after).likeness is Likeness.REFILED
    elsewhere = {name: value for name, value in FORMER.items() if name != attribute}
    assert told(after, elsewhere).likeness is Likeness.REFILED
    kept = told(after, before)
    assert kept.likeness is Likeness.COERCED
    assert kept.warning.startswith(f"it CHANGED THE PATIENT: {attribute} (0010,")


def test_every_attribute_that_changed_must_be_on_record() -> None:
    """One that is does not cover another that is not."""
    one = {"PatientID": FORMER["PatientID"]}
    assert told(OTHERS, one).likeness is Likeness.REFILED
    assert told(OTHERS, FORMER).likeness is Likeness.COERCED


@pytest.mark.parametrize("attribute", FORMER)
def test_a_configuration_allows_it_by_attribute(attribute: str) -> None:
    """What is allowed is told all the same; the others stay as they are."""
    may = dict(zip(FORMER, ["id", "issuer", "name", "birth-date", "sex"], strict=True))
    sent = dicom_bytes(film(SpecificCharacterSet="ISO_IR 192", **FORMER))
    back = dicom_bytes(
        film(SpecificCharacterSet="ISO_IR 192", **{**FORMER, attribute: OTHERS[attribute]})
    )
    allowed = PatientAttribute(may[attribute])
    assert compare(sent, back, [allowed]).likeness is Likeness.COERCED
    assert "CHANGED THE PATIENT" in compare(sent, back, [allowed]).warning
    others = [each for each in PatientAttribute if each is not allowed]
    assert compare(sent, back, others).likeness is Likeness.REFILED


@pytest.mark.parametrize("attribute", FORMER)
def test_filling_in_is_no_other_patient(attribute: str) -> None:
    """What was empty and has a value now is told, and is a value set right."""
    sent = film(SpecificCharacterSet="ISO_IR 192", **{**FORMER, attribute: ""})
    returned = film(SpecificCharacterSet="ISO_IR 192", **FORMER)
    comparison = compare(dicom_bytes(sent), dicom_bytes(returned))
    assert (comparison.likeness, comparison.patient) == (Likeness.COERCED, ())
    assert comparison.warning.startswith(f"it filled in {attribute} (0010,")


@pytest.mark.parametrize(
    ("attribute", "written", "likeness"),
    [
        ("PatientName", "MUSTER^GRÖSSE^^", Likeness.COERCED),
        ("PatientName", "Muster ^Größe=", Likeness.COERCED),
        ("PatientName", "Muster^Größe^Anna", Likeness.REFILED),
        ("PatientName", "Größe^Muster", Likeness.REFILED),
        ("PatientID", " 4711", Likeness.COERCED),
        ("PatientID", "04711", Likeness.REFILED),
        ("IssuerOfPatientID", "north", Likeness.REFILED),
    ],
)
def test_another_way_of_writing_is_no_other_patient(
    attribute: str, written: str, likeness: Likeness
) -> None:
    """Capitals and empty components of a name make nobody another; of an ID all counts."""
    assert told({attribute: written}).likeness is likeness


def _other_value(data_set: Dataset) -> None:
    data_set.ContentSequence[0].ConceptCodeSequence[0].CodeValue = "x"


def _other_series(data_set: Dataset) -> None:
    data_set.SeriesInstanceUID = "1.2.3"


def _less_content(data_set: Dataset) -> None:
    del data_set.ContentSequence[-1]


def _no_time(data_set: Dataset) -> None:
    del data_set.ContentTime


def _patient_within(data_set: Dataset) -> None:
    data_set.ContentSequence[0].PatientID = "hidden"


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        (_other_value, "ContentSequence (0040,A730)"),
        (_other_series, "SeriesInstanceUID (0020,000E)"),
        (_less_content, "ContentSequence (0040,A730)"),
        (_no_time, "ContentTime (0008,0033)"),
        (_patient_within, "ContentSequence (0040,A730)"),
    ],
)
def test_any_other_difference_is_another_object(
    change: Callable[[Dataset], None], difference: str
) -> None:
    """What a report says, and which object it is, no archive may change."""
    assert compare(REPORT.read_bytes(), changed(change)) == Comparison(
        likeness=Likeness.OTHER, differences=(difference,)
    )


def test_one_bit_of_pixels_is_a_difference() -> None:
    """Pixels are compared byte by byte."""
    sent = dicom_bytes(film())
    returned = bytearray(sent)
    returned[-1] ^= 1
    assert compare(sent, bytes(returned)).differences == ("PixelData (7FE0,0010)",)


@pytest.mark.parametrize(
    "returned",
    [b"", b"<html>", bytes(200), REPORT.read_bytes()[:-3], REPORT.read_bytes()[:140]],
)
def test_what_cannot_be_read_is_another_object(returned: bytes) -> None:
    """Nothing, a page or half a file is never taken for the object."""
    assert compare(REPORT.read_bytes(), returned) == Comparison(likeness=Likeness.OTHER)


def test_many_differences_are_counted() -> None:
    """A warning stays short."""
    names = tuple(f"A{number}" for number in range(11))
    comparison = Comparison(likeness=Likeness.OTHER, differences=names)
    assert comparison.warning == "it changed A0, A1, A2, A3, A4, A5, A6, A7 and 3 more"
