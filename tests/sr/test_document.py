"""The header of a document: whose it is, what it rests on, when it was made, and by whom."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from io import BytesIO
from typing import Any

import pydicom
import pytest
from pydicom.dataset import Dataset

from hosr import sr
from hosr.errors import Fault, Unencodable
from hosr.findings import Algorithm, Hip, Length, Person
from hosr.language import LANGUAGES, Language
from hosr.report import Report
from hosr.sr.receivers import Options, ProfileName
from hosr.study import Instance, Patient, SourceStudy
from hosr.vocabulary.terms import Presence, Side
from tests.narrative.cases import a_report, hip, spurred

SECTIONS = (("findings", ("Right hip: spurs.",)), ("impression", ("Right hip: Brooker III.",)))


def _report(**given: Any) -> Report:
    return a_report(spurred(Length(mm=6.2)), **given)


def _measurement(report: Report, options: Options | None = None) -> Dataset:
    return pydicom.dcmread(BytesIO(sr.encode(report, options)))


def _narrative(report: Report) -> Dataset:
    return pydicom.dcmread(BytesIO(sr.encode_narrative(report, SECTIONS)))


def _values(dataset: Dataset, *keywords: str) -> dict[str, str]:
    return {keyword: str(dataset[keyword].value or "") for keyword in keywords}


def test_identity_is_that_of_the_images() -> None:
    """Patient, study and order stand in both documents as the image headers had them."""
    patient = Patient(
        name="Yamada^Tarou=山田^太郎=やまだ^たろう",
        patient_id="HOSR-1",
        issuer="HOSPITAL",
        birth_date="19500102",
        sex="O",
    )
    study = SourceStudy(
        study_instance_uid="1.2.3",
        study_id="7",
        date="20260302",
        time="101500",
        accession_number="SYN1",
        referring_physician="Weiß^Jürgen",
        description="Becken a.p. ≥ 1 Ebene",
    )
    report = _report(patient=patient, study=study)
    expected = {
        "SpecificCharacterSet": "ISO_IR 192",
        "PatientName": patient.name,
        "PatientID": "HOSR-1",
        "IssuerOfPatientID": "HOSPITAL",
        "PatientBirthDate": "19500102",
        "PatientSex": "O",
        "StudyInstanceUID": "1.2.3",
        "StudyID": "7",
        "StudyDate": "20260302",
        "StudyTime": "101500",
        "AccessionNumber": "SYN1",
        "ReferringPhysicianName": "Weiß^Jürgen",
        "StudyDescription": "Becken a.p. ≥ 1 Ebene",
    }

    assert _values(_measurement(report), *expected) == expected
    assert _values(_narrative(report), *expected) == expected


def test_what_the_images_lack_is_written_empty() -> None:
    """Type 2 attributes are there and empty; optional ones are left out."""
    dataset = _measurement(
        _report(patient=Patient(), study=SourceStudy(study_instance_uid="1.2.3"))
    )
    empty = ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyID", "StudyDate")

    assert _values(dataset, *empty) == dict.fromkeys(empty, "")
    absent = ("IssuerOfPatientID", "StudyDescription", "ReferencedRequestSequence")
    assert [keyword for keyword in absent if keyword in dataset] == []


def test_a_draft_says_that_it_is_one() -> None:
    """Nothing is verified or final before a person has signed."""
    expected = {
        "CompletionFlag": "COMPLETE",
        "VerificationFlag": "UNVERIFIED",
        "PreliminaryFlag": "PRELIMINARY",
    }

    assert _values(_measurement(_report()), *expected) == expected
    assert _values(_narrative(_report()), *expected) == expected


def test_every_image_given_is_evidence_once() -> None:
    """The evidence lists the images spoken of and the others, by series, each once."""
    report = _report()
    other = Instance(
        series_instance_uid="1.2.3.9",
        sop_class_uid="1.2.840.10008.5.1.4.1.1.1",
        sop_instance_uid="1.2.3.9.1",
    )
    report = replace(report, subject=replace(report.subject, examined=(other,)))
    evidence = _measurement(report).CurrentRequestedProcedureEvidenceSequence

    assert [
        (
            series.SeriesInstanceUID,
            [sop.ReferencedSOPInstanceUID for sop in series.ReferencedSOPSequence],
        )
        for study in evidence
        for series in study.ReferencedSeriesSequence
    ] == [("1.2.3.4", ["1.2.3.4.1"]), ("1.2.3.9", ["1.2.3.9.1"])]


def test_the_narrative_rests_on_the_measurement_report() -> None:
    """The narrative lists the measurement report as evidence, and points at it."""
    report = _report()
    measurement, narrative = _measurement(report), _narrative(report)
    listed = [
        sop.ReferencedSOPInstanceUID
        for series in narrative.CurrentRequestedProcedureEvidenceSequence[
            0
        ].ReferencedSeriesSequence
        for sop in series.ReferencedSOPSequence
    ]
    pointed_at = narrative.ContentSequence[-1].ReferencedSOPSequence[0].ReferencedSOPInstanceUID

    assert sorted(listed) == sorted(["1.2.3.4.1", measurement.SOPInstanceUID])
    assert pointed_at == measurement.SOPInstanceUID
    assert narrative.SeriesInstanceUID != measurement.SeriesInstanceUID


def test_the_order_is_repeated_where_the_images_name_it() -> None:
    """One request item ties both documents to the accession and order numbers."""
    study = SourceStudy(
        study_instance_uid="1.2.3",
        accession_number="SYN1",
        requested_procedure_id="RP1",
        requested_procedure_description="Pelvis AP",
        placer_order_number="P1",
        filler_order_number="F1",
    )
    request = _measurement(_report(study=study)).ReferencedRequestSequence

    assert len(request) == 1
    assert [element.value or "" for element in request[0] if element.VR != "SQ"] == [
        "SYN1",
        "1.2.3",
        "Pelvis AP",
        "RP1",
        "P1",
        "F1",
    ]


@pytest.mark.parametrize(
    ("study_offset", "date", "time", "written"),
    [
        ("", "20260302", "001500", None),
        ("+0100", "20260302", "001500", "+0100"),
        ("+0000", "20260301", "231500", "+0000"),
        ("-0500", "20260301", "181500", "-0500"),
    ],
)
def test_document_times_keep_the_meaning_of_study_times(
    study_offset: str, date: str, time: str, written: str | None
) -> None:
    """One offset holds for all times of a document, so it is the images' own or none."""
    study = SourceStudy(study_instance_uid="1.2.3", timezone_offset=study_offset)
    graded_at = dt.datetime.fromisoformat("2026-03-02T00:15:00+01:00")
    dataset = _measurement(replace(_report(study=study), graded_at=graded_at))

    assert (dataset.ContentDate, dataset.ContentTime) == (date, time)
    assert dataset.get("TimezoneOffsetFromUTC") == written
    assert dataset.ObservationDateTime == "20260302001500.000000+0100"


def test_an_algorithm_is_contributing_equipment() -> None:
    """A model is named with its version and a device UID that changes with the version."""
    model = Algorithm(name="hip-grader", version="2.1", manufacturer="Example Imaging")
    newer = replace(model, version="2.2")
    items = [
        _measurement(_report(observer=each)).ContributingEquipmentSequence[0]
        for each in (model, newer)
    ]

    assert _values(items[0], "Manufacturer", "ManufacturerModelName", "SoftwareVersions") == {
        "Manufacturer": "Example Imaging",
        "ManufacturerModelName": "hip-grader",
        "SoftwareVersions": "2.1",
    }
    assert items[0].DeviceUID != items[1].DeviceUID


@pytest.mark.parametrize(
    ("hips", "label"),
    [
        ((spurred(Length(mm=6.2)),), "Brooker R III (draft)"),
        (
            (spurred(Length(mm=6.2)), hip(Side.LEFT, presence=Presence.ABSENT)),
            "Brooker R III, L 0 (draft)",
        ),
        ((spurred(None, Side.LEFT),), "Brooker L II/III (draft)"),
        (
            (hip(presence=Presence.INDETERMINATE),),
            "Brooker R not graded (draft)",
        ),
    ],
)
def test_a_list_of_series_shows_the_grade(hips: tuple[Hip, ...], label: str) -> None:
    """Viewers show no coded grade, but they do show the description of a series."""
    report = a_report(*hips)

    assert _measurement(report).SeriesDescription == f"HO data: {label}"
    assert _narrative(report).SeriesDescription == f"HO text: {label}"


def test_the_private_scheme_is_declared() -> None:
    """Each document says whose its private codes are."""
    for dataset in (_measurement(_report()), _narrative(_report())):
        scheme = dataset.CodingSchemeIdentificationSequence[0]
        assert (scheme.CodingSchemeDesignator, scheme.CodingSchemeUID) == (
            "99HOSR",
            "2.25.147861183327953426839386316098817246514",
        )


@pytest.mark.parametrize(
    ("profile", "sop_class"),
    [
        (ProfileName.AIR, "1.2.840.10008.5.1.4.1.1.88.34"),
        (ProfileName.STONE, "1.2.840.10008.5.1.4.1.1.88.33"),
    ],
)
def test_the_profile_chooses_the_class(profile: ProfileName, sop_class: str) -> None:
    """AI Results ask for Comprehensive 3D SR; Stone draws Comprehensive SR only."""
    assert _measurement(_report(), Options(profile=profile)).SOPClassUID == sop_class


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_the_narrative_declares_its_language(language: Language) -> None:
    """The language of the words is coded; headings stay English codes, and it reads back."""
    data = sr.encode_narrative(_report(), SECTIONS, language=language)
    dataset = pydicom.dcmread(BytesIO(data))
    (declared,) = dataset.ContentSequence[0].ConceptCodeSequence

    assert dataset.ContentSequence[0].ConceptNameCodeSequence[0].CodeValue == "121049"
    assert (declared.CodeValue, declared.CodingSchemeDesignator, declared.CodeMeaning) == (
        language.tag,
        "RFC5646",
        language.name,
    )
    assert sr.read_narrative(data) == (
        ("Findings", ("Right hip: spurs.",)),
        ("Impressions", ("Right hip: Brooker III.",)),
    )


def test_the_same_words_in_another_language_are_another_document() -> None:
    """No two narratives of one identity differ in their language."""
    uids = {
        pydicom.dcmread(
            BytesIO(sr.encode_narrative(_report(), SECTIONS, language=language))
        ).SOPInstanceUID
        for language in LANGUAGES.values()
    }

    assert len(uids) == len(LANGUAGES)


def test_nothing_depends_on_the_clock() -> None:
    """The same report is the same bytes; one changed number is another document."""
    first, second = _report(), _report()
    other = a_report(spurred(Length(mm=6.3)))

    assert sr.encode(first) == sr.encode(second)
    assert sr.encode_narrative(first, SECTIONS) == sr.encode_narrative(second, SECTIONS)
    changed = [
        keyword
        for keyword in ("SOPInstanceUID", "SeriesInstanceUID")
        if _measurement(first)[keyword].value != _measurement(other)[keyword].value
    ]
    assert changed == ["SOPInstanceUID", "SeriesInstanceUID"]


def test_the_preamble_is_empty() -> None:
    """A DICOM file of hosr hides no other file in its first 128 bytes."""
    assert sr.encode(_report())[:132] == b"\0" * 128 + b"DICM"


def test_every_value_without_a_valid_form_is_named() -> None:
    """A header value that DICOM has no form for is refused by its attribute, never cut short."""
    patient = Patient(patient_id="x" * 65, sex="female")
    study = SourceStudy(study_instance_uid="1.2.3", accession_number="y" * 17)
    remedy = "correct the images; nothing is cut short"
    with pytest.raises(Unencodable, match="AccessionNumber") as refusal:
        sr.encode(_report(patient=patient, study=study))

    assert refusal.value.faults == (
        Fault("PatientID", "the header's value is not a valid LO of DICOM", remedy),
        Fault("PatientSex", "the header's value is not a valid CS of DICOM", remedy),
        Fault("AccessionNumber", "the header's value is not a valid SH of DICOM", remedy),
    )


def _refused(report: Report) -> list[str]:
    with pytest.raises(Unencodable) as refusal:
        sr.encode(report)
    return [fault.path for fault in refusal.value.faults]


_STUDY = SourceStudy(study_instance_uid="1.2.3")
_MODEL = Algorithm(name="hip-grader", version="2.1")
_LONG = "x" * 65


@pytest.mark.parametrize(
    ("given", "paths"),
    [
        ({"study": replace(_STUDY, requested_procedure_id=_LONG)}, ["RequestedProcedureID"]),
        (
            {"study": replace(_STUDY, placer_order_number=_LONG, filler_order_number="a\nb")},
            ["PlacerOrderNumberImagingServiceRequest", "FillerOrderNumberImagingServiceRequest"],
        ),
        ({"study": replace(_STUDY, timezone_offset="+9900")}, ["TimezoneOffsetFromUTC"]),
        ({"study": replace(_STUDY, date="20260101-20260105")}, ["StudyDate"]),
        ({"study": replace(_STUDY, description="one\\two")}, ["StudyDescription"]),
        ({"patient": Patient(name="Half\ud800Surrogate")}, ["PatientName"]),
        ({"observer": replace(_MODEL, name=_LONG)}, ["ManufacturerModelName"]),
        ({"observer": replace(_MODEL, version="2\\1")}, ["SoftwareVersions"]),
        ({"observer": replace(_MODEL, manufacturer=_LONG)}, ["Manufacturer"]),
        ({"observer": replace(_MODEL, device_uid="1.02")}, ["DeviceUID", "Device Observer UID"]),
        ({"observer": Person(name=_LONG)}, ["Person Observer Name"]),
        (
            {"observer": Person(name="Rossi", organization="A\0B")},
            ["Person Observer's Organization Name"],
        ),
    ],
)
def test_every_refusal_names_what_has_no_valid_form(
    given: dict[str, Any], paths: list[str]
) -> None:
    """Order, observer and model are refused by attribute or concept, as patient and study are."""
    assert _refused(_report(**given)) == paths


@pytest.mark.parametrize("remark", ["a\0b", "a\x1bb", "a\ud800b", "a\x85b"])
def test_a_text_that_no_character_set_holds_is_refused(remark: str) -> None:
    """Control characters and halves of surrogates are refused by the concept they stand under."""
    report = a_report(spurred(Length(mm=6.2), comment=remark))

    assert _refused(report) == ["Remark of the observer"]


def test_a_paragraph_that_no_character_set_holds_is_refused() -> None:
    """The words of the narrative are held to the same rule."""
    with pytest.raises(Unencodable, match=r"^Finding: the value is not a valid UT of DICOM; "):
        sr.encode_narrative(_report(), (("findings", ("Half\ud800",)),))


def test_no_refusal_repeats_the_value() -> None:
    """What is refused may name a person, so a refusal says where it stands and not what it is."""
    patient = Patient(name="Rossi^Maria\\Bianchi", patient_id="HO-0042\n")
    with pytest.raises(Unencodable) as refusal:
        sr.encode(_report(patient=patient, observer=Person(name="Rossi" * 20)))

    assert not any(word in str(refusal.value) for word in ("Rossi", "Bianchi", "0042"))
