"""The reports before the validators of others: no message without a known reason."""

import json
from collections.abc import Callable
from pathlib import Path

import highdicom as hd
import pytest
from pydicom import Dataset, dcmread

from hosr.narrative import document_sections
from hosr.sr import encode, encode_narrative, rejection_note
from hosr.sr.receivers import Options, ProfileName
from hosr.status import WithdrawalReason
from hosr.templating.sources import Wording
from tests.comparison.cases import COMPARED
from tests.narrative.cases import CASES as CONTENTS
from tests.peers.conftest import Report
from tests.peers.known_messages import (
    DCIODVFY,
    DCIODVFY_OF_MODELS,
    DCIODVFY_OF_POOR_HEADERS,
    DCIODVFY_OF_SIGNED,
    DICOM_SR_VALIDATOR,
    DICOM_SR_VALIDATOR_OF_ADDITIONS,
    DICOM_SR_VALIDATOR_OF_COMPARED,
    DICOM_SR_VALIDATOR_OF_NOTES,
    DICOM_SR_VALIDATOR_OF_SIGNED,
    DSRDUMP,
    DSRDUMP_OF_KEY_OBJECTS,
    Known,
    unknown,
    unused,
)
from tests.peers.samples import SAMPLE_DATA, SAMPLES, Reported
from tests.peers.validators import (
    ValidatorError,
    Verdict,
    dciodvfy,
    dicom_sr_validators,
    dsrdump,
    template_verdict,
    tid1500,
)
from tests.sr.test_rejection import OBJECTS, withdrawn
from tests.sr.test_signing import ADDENDED, AMENDED, REPLACING

Case = tuple[str, tuple[str, ...]]
Verdicts = dict[Path, dict[str, Verdict]]

# What a user can ask for that changes the document.
OPTIONS = (("--hydrate",), ("--profile", "stone"), ("--terminology", "snomed"))
CASES: list[Case] = [
    *((name, ()) for name in SAMPLES),
    *((name, options) for name in ("brooker-3", "bilateral") for options in OPTIONS),
]
NO_REPORT = "mr-early"  # whose first image is given to a validator in place of a report
IDENTIFIERS = [" ".join((name, *options)) for name, options in CASES]


def spoil(item: Dataset) -> None:
    """Give every image below a coordinate the wrong relationship to it."""
    for child in item.get("ContentSequence", []):
        if item.get("ValueType") == "SCOORD":
            child.RelationshipType = "INFERRED FROM"
        spoil(child)


@pytest.fixture(scope="module")
def spoilt(reported: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A document that is wrong in many ways."""
    document = dcmread(reported("brooker-3").measurement)
    del document.CompletionFlag
    spoil(document)
    path = tmp_path_factory.mktemp("spoilt") / "spoilt.dcm"
    document.save_as(path)
    return path


@pytest.fixture(scope="module")
def additions(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Documents of records of 1.1: a person's conclusion, how bridging was confirmed, lines in space, scores."""
    folder = tmp_path_factory.mktemp("additions")
    names = (
        "with_a_conclusion",
        "bridging_seen_on_ct",
        "measured_in_space",
        "found_by_a_model",
        "model_with_cumulative_probabilities",
    )
    paths = [folder / f"{name}.dcm" for name in names]
    for path in paths:
        path.write_bytes(encode(CONTENTS[path.stem]))
    stone = folder / "measured_in_space_stone.dcm"
    stone.write_bytes(encode(CONTENTS["measured_in_space"], Options(profile=ProfileName.STONE)))
    return [*paths, stone]


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A draft in the place of one that was sent, an amended report, one with two addenda, its narrative."""
    folder = tmp_path_factory.mktemp("signed")
    sections = document_sections(ADDENDED, Wording())
    made = {
        "replacing.dcm": encode(REPLACING),
        "amended.dcm": encode(AMENDED),
        "addended.dcm": encode(ADDENDED),
        "narrative.dcm": encode_narrative(ADDENDED, sections),
    }
    for name, data in made.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in made]


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A note of rejection for each reason to withdraw a report."""
    folder = tmp_path_factory.mktemp("notes")
    for reason in WithdrawalReason:
        note = rejection_note(withdrawn(ADDENDED, reason), OBJECTS)
        (folder / f"{reason}.dcm").write_bytes(note.data)
    return [folder / f"{reason}.dcm" for reason in WithdrawalReason]


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A measurement report with an earlier report of one hip and a draft, in both classes; its narrative."""
    folder = tmp_path_factory.mktemp("compared")
    report = COMPARED["compared_with_an_addended_report"]
    made = {
        "compared.dcm": encode(report),
        "stone.dcm": encode(report, Options(profile=ProfileName.STONE)),
        "narrative.dcm": encode_narrative(report, document_sections(report, Wording())),
    }
    for name, data in made.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in made]


@pytest.fixture(scope="module")
def documents(reported: Report) -> list[Path]:
    """Both documents of each case."""
    return [path for name, options in CASES for path in reported(name, *options).documents]


@pytest.fixture(scope="module")
def others(
    additions: list[Path], signed: list[Path], notes: list[Path], compared: list[Path]
) -> list[Path]:
    """The documents beside those of the samples."""
    return [*additions, *signed, *notes, *compared]


@pytest.fixture(scope="module")
def prints(
    reported: Report, documents: list[Path], others: list[Path], spoilt: Path
) -> dict[Path, str]:
    """What DicomSRValidator prints of all files of these tests: Java starts once."""
    image = reported(NO_REPORT).images[0]
    return dicom_sr_validators([*documents, *others, spoilt, image])


@pytest.fixture(scope="module")
def verdicts(documents: list[Path], prints: dict[Path, str]) -> Verdicts:
    """What each validator says of each document of each case."""
    return {
        path: {
            "dciodvfy": dciodvfy(path),
            "dsrdump": dsrdump(path),
            "DicomSRValidator": template_verdict(path, prints[path]),
        }
        for path in documents
    }


TOOLS: dict[str, tuple[Known, ...]] = {
    "dciodvfy": (*DCIODVFY, *DCIODVFY_OF_MODELS),
    "dsrdump": DSRDUMP,
    "DicomSRValidator": DICOM_SR_VALIDATOR,
}

# The others are of Debian, in the version that is there.
PINNED = "dciodvfy"


def test_every_sample_is_looked_at() -> None:
    """The samples of these tests are those of the folder."""
    assert sorted(path.parent.name for path in SAMPLE_DATA.glob("*/record.json")) == list(SAMPLES)


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize(("name", "options"), CASES, ids=IDENTIFIERS)
def test_a_validator_finds_only_what_is_known(
    reported: Report, verdicts: Verdicts, name: str, options: tuple[str, ...], tool: str
) -> None:
    """Neither document of a report causes a message that is not on the list with its reason."""
    found = [
        message
        for path in reported(name, *options).documents
        for message in verdicts[path][tool].messages
    ]
    known = TOOLS[tool]
    if (name, tool) == ("poor-headers", "dciodvfy"):
        known += DCIODVFY_OF_POOR_HEADERS
    assert unknown(found, known) == []


@pytest.mark.parametrize("tool", TOOLS)
def test_the_list_of_known_messages_is_no_longer_than_needed(
    verdicts: Verdicts, tool: str, record_figures: Callable[[str], None]
) -> None:
    """An entry that explains nothing is taken off the list; another release may still say it."""
    found = [message for verdict in verdicts.values() for message in verdict[tool].messages]
    poor = DCIODVFY_OF_POOR_HEADERS if tool == "dciodvfy" else ()
    idle = unused(found, (*TOOLS[tool], *poor))
    for pattern in idle:
        record_figures(f"{tool} no longer says: {pattern}")
    assert tool != PINNED or idle == []


@pytest.mark.parametrize(("name", "options"), CASES, ids=IDENTIFIERS)
def test_the_validators_take_the_documents_for_what_they_are(
    reported: Report, verdicts: Verdicts, name: str, options: tuple[str, ...]
) -> None:
    """The measurements are read as TID 1500, the narrative as TID 2000, in the class of the profile."""
    measurement, narrative = reported(name, *options).documents
    kind = "ComprehensiveSR" if "stone" in options else "Comprehensive3DSR"
    assert verdicts[measurement]["dciodvfy"].read == kind
    assert verdicts[narrative]["dciodvfy"].read == "BasicTextSR"
    assert "TID_1500" in verdicts[measurement]["DicomSRValidator"].read
    assert "TID_2000" in verdicts[narrative]["DicomSRValidator"].read


@pytest.mark.parametrize(("name", "options"), CASES, ids=IDENTIFIERS)
def test_dcmqi_reads_every_group(reported: Report, name: str, options: tuple[str, ...]) -> None:
    """The reader of dcmqi gives the tracking identifier, the finding and the numbers of each group."""
    sample = reported(name, *options)
    read = tid1500(sample.measurement)["Measurements"]
    assert [group["TrackingIdentifier"] for group in read] == [
        group.tracking for group in sample.groups
    ]
    assert all("Finding" in group and "FindingSite" in group for group in read)
    assert [
        [float(item["value"]) for item in group.get("measurementItems", [])] for group in read
    ] == [pytest.approx([number[1] for number in group.numbers]) for group in sample.groups]


def stated_grades(sample: Reported) -> set[tuple[str, str]]:
    """Each side with the grade that the report states on each scale, from the manifest."""
    manifest = json.loads((sample.out / "manifest.json").read_text(encoding="utf-8"))
    return {
        (hip["side"], f"{title} {grade['source_grade'] or grade['grade']}")
        for hip in manifest["hips"]
        for key, title in (("brooker", "Brooker"), ("della_valle", "Della Valle"))
        if (grade := hip[key])["source_grade"] or grade["grade"]
    }


@pytest.mark.parametrize("name", SAMPLES)
def test_dcmqi_reads_the_grades_of_each_side(reported: Report, name: str) -> None:
    """The reader of dcmqi gives every stated grade, with the side of its hip."""
    sample = reported(name)
    found = {
        (group["Laterality"]["CodeMeaning"].lower(), answer["conceptValue"]["CodeMeaning"])
        for group in tid1500(sample.measurement)["Measurements"]
        for answer in group["qualitativeEvaluations"]
        if answer.get("conceptCode", {}).get("CodeValue") in ("BROOKER", "DELLAV")
        and answer["conceptValue"]["CodeValue"] != "HO-NOT-GRADED"
    }
    assert found == stated_grades(sample)


@pytest.mark.parametrize("name", SAMPLES)
def test_highdicom_reads_the_grades_and_numbers(reported: Report, name: str) -> None:
    """The reader of highdicom gives the stated grades of each side, and each group's numbers."""
    sample = reported(name)
    content = hd.sr.srread(str(sample.measurement)).content
    assert isinstance(content, hd.sr.MeasurementReport)
    groups = content.get_planar_roi_measurement_groups()
    found = {
        (laterality.meaning.lower(), answer.value.meaning)
        for group in groups
        if (laterality := group.finding_sites[0].laterality) is not None
        for answer in group.get_qualitative_evaluations()
        if isinstance(answer.value, hd.sr.CodedConcept)
        and answer.name.value in ("BROOKER", "DELLAV")
        and answer.value.value != "HO-NOT-GRADED"
    }
    assert found == stated_grades(sample)
    assert [[item.value for item in group.get_measurements()] for group in groups] == [
        pytest.approx([number[1] for number in group.numbers]) for group in sample.groups
    ]


def test_each_validator_sees_a_spoilt_document(spoilt: Path, prints: dict[Path, str]) -> None:
    """The validators are awake: each of them minds a document that is wrong."""
    assert dciodvfy(spoilt).errors
    assert dsrdump(spoilt).errors
    assert unknown(template_verdict(spoilt, prints[spoilt]).messages, DICOM_SR_VALIDATOR)
    with pytest.raises(ValidatorError, match="tid1500reader"):
        tid1500(spoilt)


def test_a_validator_that_did_not_read_is_not_believed(
    reported: Report, prints: dict[Path, str]
) -> None:
    """Silence about an image is no praise of a report."""
    image = reported(NO_REPORT).images[0]
    with pytest.raises(ValidatorError, match="did not finish"):
        template_verdict(image, prints[image])


def test_the_validators_take_what_records_of_1_1_add(
    additions: list[Path], prints: dict[Path, str]
) -> None:
    """No validator minds what is new."""
    of_headers = (*DCIODVFY, *DCIODVFY_OF_MODELS, *DCIODVFY_OF_POOR_HEADERS)
    for path in additions:
        assert unknown(dciodvfy(path).messages, of_headers) == []
        assert unknown(dsrdump(path).messages, DSRDUMP) == []
        templates = template_verdict(path, prints[path])
        known = (*DICOM_SR_VALIDATOR, *DICOM_SR_VALIDATOR_OF_ADDITIONS)
        assert unknown(templates.messages, known) == []
        assert tid1500(path)


def test_the_validators_take_what_a_person_signed(
    signed: list[Path], prints: dict[Path, str]
) -> None:
    """Who verified, the predecessor with its purpose, and the signatures in the content.

    And a draft in the place of one that was sent.
    """
    known = (*DCIODVFY, *DCIODVFY_OF_POOR_HEADERS, *DCIODVFY_OF_SIGNED)
    for path in signed:
        assert unknown(dciodvfy(path).messages, known) == []
        assert unknown(dsrdump(path).messages, DSRDUMP) == []
        messages = template_verdict(path, prints[path]).messages
        assert unknown(messages, (*DICOM_SR_VALIDATOR, *DICOM_SR_VALIDATOR_OF_SIGNED)) == []
    for path in signed[:3]:
        assert tid1500(path)
        assert isinstance(hd.sr.srread(str(path)).content, hd.sr.MeasurementReport)


def test_the_validators_take_the_note_of_a_withdrawal(
    notes: list[Path], prints: dict[Path, str]
) -> None:
    """As a key object selection by TID 2010, whose title 113001 has its modifier."""
    for path in notes:
        verdict = dciodvfy(path)
        assert (verdict.errors, verdict.read) == ((), "KeyObjectSelectionDocument")
        assert unknown(verdict.messages, DCIODVFY_OF_POOR_HEADERS) == []
        assert unknown(dsrdump(path).messages, (*DSRDUMP, *DSRDUMP_OF_KEY_OBJECTS)) == []
        templates = template_verdict(path, prints[path])
        assert "TID_2010" in templates.read
        known = (*DICOM_SR_VALIDATOR, *DICOM_SR_VALIDATOR_OF_NOTES)
        assert unknown(templates.messages, known) == []


def test_the_validators_take_a_comparison(compared: list[Path], prints: dict[Path, str]) -> None:
    """Evidence of another study, the earlier documents as Composite, time points, and a tracking UID of then."""
    for path in compared:
        assert unknown(dciodvfy(path).messages, (*DCIODVFY, *DCIODVFY_OF_POOR_HEADERS)) == []
        assert unknown(dsrdump(path).messages, DSRDUMP) == []
        messages = template_verdict(path, prints[path]).messages
        assert unknown(messages, (*DICOM_SR_VALIDATOR, *DICOM_SR_VALIDATOR_OF_COMPARED)) == []
    for path in compared[:2]:
        assert [group["TrackingIdentifier"] for group in tid1500(path)["Measurements"]] == [
            "Right hip gap, Brooker II",
            "Left hip gap, Brooker III",
        ]
        assert isinstance(hd.sr.srread(str(path)).content, hd.sr.MeasurementReport)
