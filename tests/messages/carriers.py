"""What each carrier of a report says of it, read out of the carrier alone."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pydicom
import pypdfium2
from pydicom.dataset import Dataset

from hosr.language.numbers import person_name
from hosr.sr import read_narrative, read_rejection
from hosr.status import Step
from tests.messages.parsing import Parsed

# What each status is called: flags of the SR, OBR-25, DiagnosticReport.status, and the first words.
SAID = {
    (): ("UNVERIFIED", "PRELIMINARY", "PR", "preliminary", "DRAFT - not reviewed."),
    (Step.SIGN,): ("VERIFIED", "FINAL", "F", "final", "Signed by "),
    (Step.AMEND,): ("VERIFIED", "FINAL", "C", "amended", "AMENDED REPORT, signed by "),
    (Step.ADDEND,): ("VERIFIED", "FINAL", "C", "appended", "Signed by "),
    (Step.AMEND, Step.ADDEND): (
        "VERIFIED",
        "FINAL",
        "C",
        "appended",
        "AMENDED REPORT, signed by ",
    ),
}
_SIDES = {"24028007": "right", "7771000": "left"}
_WITH_STATUS = ("DiagnosticReport", "Observation")
_SCALES = {"BROOKER": "Brooker ", "DELLAV": "Della Valle "}


_VERDICTS = {
    "HO-CV-BEYOND": "beyond the measurement variation",
    "HO-CV-WITHIN": "within the measurement variation",
    "HO-CV-NONE": "not comparable, because",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """What a carrier says of an earlier report of a hip: its SR, its space in mm, and the judgement."""

    sr_uid: str
    gap_mm: float | None
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a carrier says of a report; each hip with the meanings of its grades and its space in mm.

    `since` are the hips that are compared with an earlier report.
    """

    patient_id: str
    study_uid: str
    sr_uid: str
    hips: Mapping[str, tuple[frozenset[str], float | None]]
    since: Mapping[str, Since]
    signer: str
    signed_at: str


def of_report(dataset: Dataset) -> Told:
    """The measurement report, by its header and its codes alone."""
    hips: dict[str, tuple[frozenset[str], float | None]] = {}
    (groups,) = (
        item.ContentSequence for item in dataset.ContentSequence if _name(item) == "126010"
    )
    for group in groups:
        grades = {
            str(item.ConceptCodeSequence[0].CodeMeaning)
            for item in group.ContentSequence
            if _name(item) in _SCALES
            and item.ConceptCodeSequence[0].CodeValue.startswith(_name(item))
        }
        if not any(_name(item) == "HO-EVALUABLE" for item in group.ContentSequence):
            continue  # an island
        (site,) = (item for item in group.ContentSequence if _name(item) == "363698007")
        side = _SIDES[site.ContentSequence[0].ConceptCodeSequence[0].CodeValue]
        gaps = [
            float(item.MeasuredValueSequence[0].NumericValue)
            for item in group.ContentSequence
            if _name(item) == "121206"
        ]
        hips[side] = frozenset(grades), gaps[0] if gaps else None
    verified = dataset.get("VerifyingObserverSequence") or [Dataset()]
    signed_at = str(verified[0].get("VerificationDateTime", ""))
    return Told(
        patient_id=str(dataset.PatientID),
        study_uid=str(dataset.StudyInstanceUID),
        sr_uid=str(dataset.SOPInstanceUID),
        hips=hips,
        since=dict(_since(dataset)),
        signer=str(verified[0].get("VerifyingObserverName", "")),
        signed_at=signed_at and dt.datetime.strptime(signed_at, "%Y%m%d%H%M%S.%f%z").isoformat(),
    )


def _since(dataset: Dataset) -> Iterator[tuple[str, Since]]:
    """What stands under "Previous Findings"; a space of 0 is none to compare with."""
    headings = [item for item in dataset.ContentSequence if _name(item) == "18834-2"]
    for previous in (item for heading in headings for item in heading.ContentSequence):
        found = {_name(item): item for item in reversed(previous.ContentSequence)}
        if "122075" not in found:
            continue  # passed over
        site = found["363698007"].ContentSequence[0]
        gap = found.get("121206")
        verdict = found.get("HO-CMP-SPACE")
        yield (
            _SIDES[site.ConceptCodeSequence[0].CodeValue],
            Since(
                sr_uid=str(found["122075"].ReferencedSOPSequence[0].ReferencedSOPInstanceUID),
                gap_mm=float(gap.MeasuredValueSequence[0].NumericValue) or None if gap else None,
                verdict=str(verdict.ConceptCodeSequence[0].CodeValue) if verdict else "",
            ),
        )


def _name(item: Dataset) -> str:
    return str(item.ConceptNameCodeSequence[0].CodeValue)


def of_message(message: Parsed, told: Told) -> Told:
    """The ORU, by python-hl7."""
    hips: dict[str, tuple[frozenset[str], float | None]] = {}
    since: dict[str, Since] = {}
    for n in message.obx("CWE", "272741003"):
        group = message.get("OBX", 4, number=n)
        if "." in group:
            continue  # an island
        within = [
            k
            for k in range(1, message.count("OBX") + 1)
            if message.get("OBX", 4, number=k) == group
        ]
        grades = {
            message.get("OBX", 5, 2, number=k)
            for k in within
            if (scale := message.get("OBX", 3, 1, number=k)) in _SCALES
            and message.get("OBX", 5, 1, number=k).startswith(scale)
        }
        gaps = [
            float(message.get("OBX", 5, number=k))
            for k in within
            if message.get("OBX", 3, 1, number=k) == "121206"
            and message.get("OBX", 2, number=k) == "NM"
        ]
        side = _SIDES[message.get("OBX", 5, 1, number=n)]
        if prior := _answer(message, within, "HO-PRIOR-SR-UID"):
            gap = _answer(message, within, "HO-CMP-THEN")
            verdict = _answer(message, within, "HO-CMP-SPACE")
            gap_mm = float(gap) or None if gap and gap[0].isdigit() else None
            since[side] = Since(sr_uid=prior, gap_mm=gap_mm, verdict=verdict)
        hips[side] = frozenset(grades), gaps[0] if gaps else told.hips[side][1]
    (study,), (report,) = message.obx("ST", "113014"), message.obx("ST", "HO-SR-UID")
    is_signed = bool(told.signer)
    return Told(
        patient_id=message.get("PID", 3, 1),
        study_uid=message.get("OBX", 5, number=study),
        sr_uid=message.get("OBX", 5, number=report),
        hips=hips,
        since=since,
        signer="^".join(message.get("OBR", 32, 1, part) for part in (2, 3)) if is_signed else "",
        signed_at=told.signed_at,
    )


def _answer(message: Parsed, within: list[int], concept: str) -> str:
    """The value of the first OBX of a concept among these; "" where there is none."""
    found = (k for k in within if message.get("OBX", 3, 1, number=k) == concept)
    return next((message.get("OBX", 5, 1, number=k) for k in found), "")


def of_bundle(bundle: dict[str, Any], told: Told) -> Told:
    """The FHIR bundle (R4), by its resources."""
    since: dict[str, Since] = {}
    resources = [entry["resource"] for entry in bundle["entry"]]
    (report,) = (each for each in resources if each["resourceType"] == "DiagnosticReport")
    observed = [each for each in resources if each["resourceType"] == "Observation"]
    hips: dict[str, tuple[frozenset[str], float | None]] = {}
    for side in ("right", "left"):
        of_hip = [
            (each["code"]["coding"][0]["code"], each)
            for each in observed
            if each.get("bodySite", {}).get("text") == f"{side.capitalize()} hip"
        ]
        grades = {
            coding["display"]
            for code, each in of_hip
            if code in _SCALES
            for coding in each["valueCodeableConcept"]["coding"]
            if coding["code"].startswith(code)
        }
        gaps = [
            each["valueQuantity"]["value"]
            for code, each in of_hip
            if code == "121206" and "valueQuantity" in each
        ]
        for compared in (each for code, each in of_hip if code == "HO-CMP"):
            since[side] = _compared(compared, report)
        if of_hip:
            hips[side] = frozenset(grades), gaps[0] if gaps else told.hips[side][1]
    (study,) = (each for each in resources if each["resourceType"] == "ImagingStudy")
    people = [
        "^".join((name["family"], *name["given"]))
        for each in resources
        if each["resourceType"] == "Practitioner"
        for name in each["name"]
    ]
    return Told(
        patient_id=re.search(r"identifier=(?:[^|&]*\|)?([^&]+)", report["subject"]["reference"])[1],  # type: ignore[index]
        study_uid=study["identifier"][0]["value"].removeprefix("urn:oid:"),
        sr_uid=report["identifier"][1]["value"].removeprefix("urn:oid:"),
        hips=hips,
        since=since,
        signer=told.signer if told.signer in people else "",
        signed_at=told.signed_at,
    )


def _compared(observed: dict[str, Any], report: dict[str, Any]) -> Since:
    """A comparison, and the report that stands before its study in what the report rests on."""
    parts = {part["code"]["coding"][0]["code"]: part for part in observed["component"]}
    gap, verdict = parts.get("HO-CMP-THEN", {}), parts.get("HO-CMP-SPACE")
    rests_on = [
        each["valueReference"]
        for each in report["extension"]
        if each["url"].endswith("/workflow-supportingInfo")
    ]
    at = rests_on.index(observed["derivedFrom"][0])
    return Since(
        sr_uid=rests_on[at - 1]["identifier"]["value"].removeprefix("urn:oid:"),
        gap_mm=gap["valueQuantity"]["value"] or None if "valueQuantity" in gap else None,
        verdict=verdict["valueCodeableConcept"]["coding"][0]["code"] if verdict else "",
    )


def words_of(told: Told, *steps: Step) -> list[str]:
    """What every text says of a report that tells this."""
    words = [SAID[steps][4]]
    if steps:
        at = dt.datetime.fromisoformat(told.signed_at)
        words.append(f"{person_name(told.signer)}, Synthetic Hospital, {at:%-d %B %Y}, {at:%H:%M}")
    for since in told.since.values():
        words += [_VERDICTS[since.verdict]] if since.verdict else []
        words += [f"{since.gap_mm:.1f} mm"] if since.gap_mm else []
    for side, (grades, gap) in told.hips.items():
        words += [f"{side.capitalize()} hip", *grades]
        if gap:
            words.append(f"{gap:.1f} mm")
    return words


def on_one_line(text: str) -> str:
    """A text on one line, without markup."""
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


def of_pages(data: bytes) -> str:
    """The letters on the pages of a PDF."""
    document = pypdfium2.PdfDocument(data)
    return "\n".join(page.get_textpage().get_text_bounded() for page in document)


def check_words(files: Mapping[str, bytes], *steps: Step) -> Told:
    """What a report is, as its structured report, narrative, text, ORU and FHIR say alike."""
    dataset = pydicom.dcmread(BytesIO(files["measurement.dcm"]))
    told, said = of_report(dataset), SAID[steps]
    message = Parsed(files["report.hl7"])
    bundles = [json.loads(files[name]) for name in sorted(files) if name.startswith("fhir.")]

    assert (dataset.VerificationFlag, dataset.PreliminaryFlag) == said[:2]
    assert message.get("OBR", 25) in said[2]
    assert {message.get("OBX", 11, number=n) for n in message.obx("CWE")} <= set(said[2])
    for bundle in bundles:
        resources = [entry["resource"] for entry in bundle["entry"]]
        (report,) = (each for each in resources if each["resourceType"] == "DiagnosticReport")
        assert report["status"] == said[3]
        assert told.sr_uid in json.dumps(report["identifier"])
    assert of_message(message, told) == told
    assert of_bundle(bundles[0], told) == told

    sections = read_narrative(files["narrative.dcm"])
    assert sections is not None
    texts = {
        "narrative": " ".join(each for _, paragraphs in sections for each in paragraphs),
        "text": files["report.txt"].decode(),
        "message": " ".join(message.text_lines()),
    }
    for name, text in texts.items():
        line = on_one_line(text)
        assert [word for word in words_of(told, *steps) if word not in line] == [], name
        assert not steps or "DRAFT" not in line, name
    return told


def check_pages(files: Mapping[str, bytes], *steps: Step) -> None:
    """The page and the PDF say what the structured report does."""
    told = of_report(pydicom.dcmread(BytesIO(files["measurement.dcm"])))
    page = re.sub(
        r"<style>.*?</style>|base64,[^\"]*", "", files["report.html"].decode(), flags=re.DOTALL
    )
    for text in (page, of_pages(files["report.pdf"])):
        line = on_one_line(text)
        letters = re.sub(r"\s", "", line)
        missing = [
            word for word in words_of(told, *steps) if re.sub(r"\s", "", word) not in letters
        ]
        assert missing == []
        assert told.patient_id in line
        assert not steps or "DRAFT" not in line


def check_withdrawal(files: Mapping[str, bytes], before: Mapping[str, bytes]) -> None:
    """Note, text, ORU and FHIR take back the same report, by the same person, at the same time.

    `before` are the files of its last version.
    """
    report = pydicom.dcmread(BytesIO(before["measurement.dcm"]))
    told, dataset = of_report(report), pydicom.dcmread(BytesIO(files["withdrawal.dcm"]))
    note = read_rejection(files["withdrawal.dcm"])
    assert note is not None
    assert (dataset.PatientID, dataset.StudyInstanceUID) == (told.patient_id, told.study_uid)
    assert told.sr_uid in {each.sop_instance_uid for each in note.rejected}
    by = note.withdrawal.signature

    message, former = Parsed(files["report.hl7"]), Parsed(before["report.hl7"])
    assert message.get("OBR", 25) == "X"
    (study,), (document,) = message.obx("ST", "113014"), message.obx("ST", "HO-SR-UID")
    named = [message.get("OBX", 3, 2, number=n) for n in message.obx("CWE", "272741003")]
    assert {name.partition(" ")[0].lower() for name in named} == set(told.hips)
    assert [message.get("OBX", 5, number=n) for n in (study, document)] == [
        told.study_uid,
        told.sr_uid,
    ]
    assert message.get("PID", 3, 1) == told.patient_id
    assert message.get("OBR", 3) == former.get("OBR", 3)
    assert message.get("OBX", 16, 2, number=1) == by.name.partition("^")[0]
    assert message.get("OBR", 22) == f"{by.signed_at:%Y%m%d%H%M%S%z}"

    uids = []
    for name in sorted(name for name in files if name.startswith("fhir.")):
        resources = [entry["resource"] for entry in json.loads(files[name])["entry"]]
        (result,) = (each for each in resources if each["resourceType"] == "DiagnosticReport")
        (origin,) = (each for each in resources if each["resourceType"] == "Provenance")
        assert {each["status"] for each in resources if each["resourceType"] in _WITH_STATUS} == {
            "entered-in-error"
        }
        assert result["issued"] == origin["recorded"] == by.signed_at.isoformat()
        assert result["extension"][0]["valueReference"]["identifier"]["value"] == (
            f"urn:oid:{told.sr_uid}"
        )
        uids += [result["identifier"][0], result["identifier"][1]["value"]]
    old = [entry["resource"] for entry in json.loads(before["fhir.r4.json"])["entry"]]
    (result,) = (each for each in old if each["resourceType"] == "DiagnosticReport")
    assert uids == [result["identifier"][0], f"urn:oid:{note.instance.sop_instance_uid}"] * (
        len(uids) // 2
    )

    who = f"{person_name(by.name)}, Synthetic Hospital, {by.signed_at:%-d %B %Y}, {by.signed_at:%H:%M}"
    for text in (files["withdrawal.txt"].decode(), " ".join(message.text_lines())):
        line = on_one_line(text)
        assert f"WITHDRAWN by {who}" in line
        assert "This report must not be used." in line
        grades = {grade for hip, _ in told.hips.values() for grade in hip}
        assert [grade for grade in grades if grade in line] == []
    assert told.patient_id in files["withdrawal.txt"].decode()
    assert told.sr_uid in files["withdrawal.txt"].decode()
