"""What a bundle says of a report: the patient, sides, grades, lengths, status, persons and UIDs."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from hosr.codes import CALIBRATION_OBJECT, DISTANCE, PRIVATE_SCHEME_UID
from hosr.composite.labels import SIDES, grade_label
from hosr.errors import Unencodable
from hosr.findings import Length
from hosr.intake.images import read_images
from hosr.intake.record import parse_record
from hosr.messages import MessageForm
from hosr.messages.fhir import Release
from hosr.messages.fhir.bundle import write_bundle
from hosr.outputs import make_files
from hosr.pipeline import make_report
from hosr.report import GradedHip
from hosr.scales import SCALES
from hosr.sr.measurement import content_key, measurement_tree
from hosr.sr.receivers import Options
from hosr.status import Preliminaries, Step
from hosr.study import Patient
from hosr.vocabulary.terms import Bridging
from tests.command import hosr, marked, write_record
from tests.images import write_film
from tests.messages.fhir.bundles import (
    ASSIGNER,
    Json,
    bundle_of,
    document_of,
    faults_of,
    identified,
    resources,
    signed,
    told,
)
from tests.messages.versions import withdrawn
from tests.narrative.cases import CASES, MODEL, a_report, hip, spurred

NARROW = CASES["row_10_narrow_gap"]
NOBODY = "headers_say_little"
SAMPLES = Path(__file__).resolve().parents[3] / "sample_data"

# Steps after a draft, and what the report and its observations are then; a model's draft is one too.
STATUSES: dict[tuple[Step, ...], tuple[str, str]] = {
    (): ("preliminary", "preliminary"),
    (Step.SIGN,): ("final", "final"),
    (Step.SIGN, Step.AMEND): ("amended", "amended"),
    (Step.SIGN, Step.ADDEND): ("appended", "final"),
    (Step.SIGN, Step.AMEND, Step.ADDEND): ("appended", "amended"),
}


def _site(observation: Json) -> str:
    """The words for where it lies, in either release."""
    if "bodyStructure" in observation:
        return str(observation["bodyStructure"]["display"])
    return str(observation["bodySite"]["text"])


def _groups(bundle: Json) -> dict[str, list[Json]]:
    """The members of each group that is a result, by where it lies."""
    by_url = {entry["fullUrl"]: entry["resource"] for entry in bundle["entry"]}
    (report,) = resources(bundle, "DiagnosticReport")
    groups = [by_url[result["reference"]] for result in report["result"]]
    return {_site(g): [by_url[m["reference"]] for m in g["hasMember"]] for g in groups}


def _answers(members: list[Json], code: str) -> list[Json]:
    return [m for m in members if m["code"]["coding"][0]["code"] == code]


def _graded(graded: GradedHip, members: list[Json]) -> None:
    """Each grade is stated once, in the words of every other output, with all that is possible."""
    for grade in graded.grades:
        scale = SCALES[grade.scale]
        (found,) = _answers(members, scale.concept.value)
        value = found["valueCodeableConcept"]
        assert value["text"] == grade_label(grade)
        assert value["coding"][0]["system"] == f"urn:oid:{PRIVATE_SCHEME_UID}"
        if grade.grade is not None:
            assert value["coding"][0]["code"] == scale.code(grade.grade).value
        parts = [part["valueCodeableConcept"]["text"] for part in found.get("component", [])]
        assert parts == [scale.code(each).meaning for each in (*grade.source, *grade.possible)]
        assert [note["text"] for note in found["note"]] == [grade.rule]


def _measured(graded: GradedHip, members: list[Json]) -> None:
    gap, found = graded.hip.gap, _answers(members, DISTANCE.value)
    if gap is None or gap.mm is None:
        assert all("valueQuantity" not in each for each in found)
    elif gap.mm:
        value = found[0]["valueQuantity"]
        assert (value["value"], value["code"]) == (gap.mm, "mm")
        assert value["system"] == "http://unitsofmeasure.org"


@pytest.mark.parametrize("release", Release)
def test_every_report_is_told_whole(release: Release) -> None:
    """Every case: patient, study, order, sides, grades and gaps, in a bundle that breaks no rule."""
    for name, case in CASES.items():
        if name == NOBODY:
            continue
        report = identified(case)
        bundle = bundle_of(report, release)
        assert faults_of(bundle) == set(), name
        write_bundle(bundle, release, "a bundle")  # the models of FHIR have a place for all of it
        groups = _groups(bundle)
        for graded in report.hips:
            members = groups[SIDES[graded.hip.side]]
            _graded(graded, members)
            _measured(graded, members)
        subjects = [
            r.get("subject", r.get("patient")) for e in bundle["entry"] if (r := e["resource"])
        ]
        assert {each["reference"] for each in subjects if each} == {
            f"Patient?identifier={ASSIGNER}|{report.subject.patient.patient_id}"
        }
        (study,) = resources(bundle, "ImagingStudy")
        assert (
            study["identifier"][0]["value"] == f"urn:oid:{report.subject.study.study_instance_uid}"
        )
        (order,) = resources(bundle, "ServiceRequest")
        assert order["identifier"][0]["value"] == report.subject.study.accession_number


@pytest.mark.parametrize("release", Release)
def test_the_side_is_coded_and_said(release: Release) -> None:
    """A BodyStructure has the side of each group; the observation refers to it and says it in words."""
    bundle = bundle_of(CASES["row_23_detector_plane"], release)
    sides = {}
    for structure in resources(bundle, "BodyStructure"):
        (place,) = structure.get("includedStructure", [structure])
        side = place["laterality"] if release is Release.R5 else place["locationQualifier"][0]
        sides[structure["description"]] = side["coding"][0]["code"]
    assert sides == {"Right hip": "24028007", "Left hip": "7771000"}
    for observation in resources(bundle, "Observation"):
        assert _site(observation) in sides
        assert ("bodySite" in observation) is (release is Release.R4)  # obs-8 of R5


@pytest.mark.parametrize("observer", ["person", "model"])
def test_versions_are_one_report(observer: str) -> None:
    """Each step has its status, signer and structured report; report and observations stay the same."""
    draft = identified(NARROW if observer == "person" else replace(NARROW, observer=MODEL))
    kept: set[tuple[str, ...]] = set()
    documents: list[str] = []
    for steps, statuses in STATUSES.items():
        bundle = bundle_of(signed(draft, *steps))
        assert faults_of(bundle) == set()
        (report,) = resources(bundle, "DiagnosticReport")
        (provenance,) = resources(bundle, "Provenance")
        observations = resources(bundle, "Observation")
        assert (report["status"], observations[0]["status"]) == statuses
        stable, document = (each["value"] for each in report["identifier"])
        kept.add((stable, *(o["identifier"][0]["value"] for o in observations)))
        documents.append(document)
        assert {tag["code"] for tag in provenance["meta"]["tag"]} == {document}
        assert "signature" not in provenance
        methods = {
            entry["resource"]["resourceType"]: entry["request"]["method"]
            for entry in bundle["entry"]
        }
        assert methods["DiagnosticReport"] == methods["Observation"] == ("PUT" if steps else "POST")
        assert methods["Provenance"] == methods["ImagingStudy"] == "POST"
        people = [each["name"][0]["text"] for each in resources(bundle, "Practitioner")]
        agents = [agent["type"]["coding"][0]["code"] for agent in provenance["agent"]]
        assert ("Maria Rossi" in people) is ("verifier" in agents) is bool(steps)
        assert ("Dr. Anna Bianchi" in people) is (observer == "person")
        assert provenance["activity"]["coding"][0]["code"] == ("LA" if steps else "PA")
        moments = {report["issued"], provenance["recorded"]}
        hour = 10 + len(steps)
        assert moments == {f"2026-03-02T{hour}:{'20' if steps else '15'}:00+01:00"}
    assert len(kept) == 1
    assert len(set(documents)) == len(documents)


def test_a_draft_in_the_place_of_one_that_was_sent_is_the_same_report() -> None:
    """It updates report and observations, names the one before, and stays preliminary."""
    draft = identified(NARROW)
    (first,) = resources(bundle_of(draft), "DiagnosticReport")
    sent = Preliminaries(documents=(document_of(draft),), tracked_as=content_key(draft, Options()))
    bundle = bundle_of(replace(draft, conclusion="Read with another image.", preliminaries=sent))
    assert faults_of(bundle) == set()
    (report,) = resources(bundle, "DiagnosticReport")
    assert (report["status"], report["identifier"][0]) == ("preliminary", first["identifier"][0])
    (link,) = report["extension"]
    assert link["valueReference"]["identifier"]["value"] == first["identifier"][1]["value"]
    methods = {e["resource"]["resourceType"]: e["request"]["method"] for e in bundle["entry"]}
    assert methods["DiagnosticReport"] == methods["Observation"] == "PUT"


@pytest.mark.parametrize(
    ("step", "link"),
    [(Step.SIGN, "replaces"), (Step.AMEND, "replaces"), (Step.ADDEND, "addendumOf")],
)
def test_a_version_names_the_one_before(step: Step, link: str) -> None:
    """By its structured report, in the report and in the provenance."""
    report = signed(NARROW, step)
    assert report.signing is not None
    before = f"urn:oid:{report.signing.predecessors[0].sop_instance_uid}"
    bundle = bundle_of(report)
    (told_report,), (provenance,) = (
        resources(bundle, "DiagnosticReport"),
        resources(bundle, "Provenance"),
    )
    (extension,) = told_report["extension"]
    assert extension["url"].endswith(f"/diagnosticReport-{link}")
    assert extension["valueReference"]["identifier"]["value"] == before
    assert [(e["role"], e["what"]["identifier"]["value"]) for e in provenance["entity"]] == [
        ("source", told_report["identifier"][1]["value"]),
        ("revision", before),
    ]


def test_who_signed_and_who_added_answer_for_an_addendum() -> None:
    """Both verified it; it was made when the words were added."""
    report = signed(NARROW, Step.SIGN, Step.ADDEND)
    assert report.signing is not None
    (added,) = report.signing.addenda
    other = replace(added, signature=replace(added.signature, name="Verdi^Luca"))
    bundle = bundle_of(replace(report, signing=replace(report.signing, addenda=(other,))))
    (told_report,), (provenance,) = (
        resources(bundle, kind) for kind in ("DiagnosticReport", "Provenance")
    )
    people = [each["name"][0]["text"] for each in resources(bundle, "Practitioner")]
    assert people == ["Maria Rossi", "Luca Verdi", "Dr. Anna Bianchi"]
    kinds = [agent["type"]["coding"][0]["code"] for agent in provenance["agent"]]
    assert kinds == ["verifier", "verifier", "author", "assembler"]
    assert len(told_report["resultsInterpreter"]) == 2
    assert told_report["issued"] == "2026-03-02T12:20:00+01:00"


def test_nobody_interprets_the_draft_of_a_model() -> None:
    """The model is a device: what observations came out of, and the author."""
    bundle = bundle_of(CASES["model_with_findings_and_scores"])
    (report,) = resources(bundle, "DiagnosticReport")
    maker, model = resources(bundle, "Device")
    assert (maker["deviceName"][0]["name"], model["version"][0]["value"]) == ("hosr", "2.1.0")
    assert "resultsInterpreter" not in report
    assert "performer" not in report
    scored = _answers(_groups(bundle)["Right hip"], "BROOKER-MODEL")
    assert [s["component"][0]["valueQuantity"]["value"] for s in scored] == [
        0.01,
        0.04,
        0.1,
        0.8,
        0.05,
    ]


# What is not a measured length: why there is none, or what is told instead.
LENGTHS: dict[str, tuple[GradedHip, Json]] = {
    name: (report.hips[0], said)
    for name, report, said in (
        ("bridged", a_report(hip(bridging=Bridging.APPARENT, gap=Length(mm=0.0))), {"reason": "not-applicable"}),
        ("contact", CASES["row_11a_contact_without_bridging"], {"value": 0.0}),
        ("pixels", CASES["marked_without_millimetres"], {"reason": "unknown"}),
        ("just below 1 cm", a_report(spurred(Length(mm=9.98))), {"value": 9.98, "code": "mm"}),
        ("contact, perhaps bridged", CASES["row_11b_contact"], {"reason": "unknown"}),
    )
}  # fmt: skip


@pytest.mark.parametrize(("graded", "said"), LENGTHS.values(), ids=LENGTHS)
def test_a_length_is_that_of_the_structured_report(graded: GradedHip, said: Json) -> None:
    """No rounding contradicts a grade; what was not measured has no value but a reason."""
    bundle = bundle_of(replace(NARROW, hips=(graded,)))
    (found,) = _answers(_groups(bundle)["Right hip"], DISTANCE.value)
    if "reason" in said:
        assert "valueQuantity" not in found
        assert found["dataAbsentReason"]["coding"][0]["code"] == said["reason"]
    else:
        kept = {key: found["valueQuantity"].get(key) for key in said}
        assert kept == said


def test_lengths_have_their_plane_and_shape() -> None:
    """Where a length holds is a component and a note; in R5 the line is there with its points."""
    bundle = bundle_of(CASES["row_23_detector_plane"], Release.R5)
    (found,) = _answers(_groups(bundle)["Left hip"], DISTANCE.value)
    assert found["note"][0]["text"].startswith("At the detector, magnified.")
    assert "HO-PL-DETECTOR" in json.dumps(found["component"])
    shapes = [
        selection["instance"][0]["imageRegion2D"][0]
        for selection in resources(bundle, "ImagingSelection")
        if "imageRegion2D" in selection["instance"][0]
    ]
    assert {"regionType": "polyline", "coordinate": [100.0, 200.0, 100.0, 285.0]} in shapes
    calibrated = bundle_of(NARROW, Release.R5)
    assert _answers(_groups(calibrated)["Right hip"], CALIBRATION_OBJECT.value)[0]["derivedFrom"]


FORM = MessageForm(oids=(("HOSP", "1.2.276.0"),))
PATIENTS = {
    "an OID": ("1.2.3.4", "X 1&a=b|c,d", "identifier=urn:oid:1.2.3.4|X%201%26a%3Db%5C%7Cc%5C%2Cd"),
    "a URI": (ASSIGNER, "HO-0042", f"identifier={ASSIGNER}|HO-0042"),
    "words": ("Hospital", "HO-0042", "identifier=HO-0042&birthdate=1956-05-04"),
    "words with an OID": ("HOSP", "HO-0042", "identifier=urn:oid:1.2.276.0|HO-0042"),
    "nothing": ("", "HO-0042", "identifier=HO-0042&birthdate=1956-05-04"),
}


@pytest.mark.parametrize(("issuer", "number", "criteria"), PATIENTS.values(), ids=PATIENTS)
def test_a_patient_is_found_by_id_and_assigner(issuer: str, number: str, criteria: str) -> None:
    """An ID without an assigner needs the date of birth; no sign in it is one of the search."""
    report = identified(NARROW, issuer)
    patient = replace(report.subject.patient, patient_id=number)
    report = replace(report, subject=replace(report.subject, patient=patient))
    (told_report,) = resources(bundle_of(report, form=FORM), "DiagnosticReport")
    assert told_report["subject"]["reference"] == f"Patient?{criteria}"
    assert (
        criteria.replace("&", "&patient.")
        in bundle_of(report, form=FORM)["entry"][3]["request"]["ifNoneExist"]
    )


def test_a_configured_assigner_stands_for_headers_without_one() -> None:
    """As it does in the message for a RIS."""
    form = replace(FORM, issuer="HOSP")
    (told_report,) = resources(bundle_of(NARROW, form=form), "DiagnosticReport")
    assert told_report["subject"]["reference"] == "Patient?identifier=urn:oid:1.2.276.0|HO-0042"


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        *((number, "names nobody") for number in ("", "ANONYMOUS", "000")),
        ("HO-0042", "has neither an assigner with an OID nor a date of birth beside it"),
    ],
)
def test_a_report_of_nobody_has_no_bundle(number: str, problem: str) -> None:
    """A patient is never guessed."""
    subject = replace(NARROW.subject, patient=Patient(patient_id=number))
    with pytest.raises(Unencodable, match=f"PatientID: {problem}"):
        bundle_of(replace(NARROW, subject=subject))


def test_words_are_escaped_and_kept_apart() -> None:
    """Free text is text: in the narrative, in notes and in names."""
    hostile = "<script>alert(1)</script> & \u202eabc\x00\u00a0\nsecond"
    report = a_report(spurred(Length(mm=6.2), comment=hostile))
    bundle = bundle_of(identified(report), words=told(hostile))
    assert faults_of(bundle) == set()
    (told_report,) = resources(bundle, "DiagnosticReport")
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; abc" in told_report["text"]["div"]
    assert told_report["conclusion"] == "<script>alert(1)</script> & abc\nsecond"
    notes = [n["text"] for o in resources(bundle, "Observation") for n in o.get("note", [])]
    assert "Remark of the observer: <script>alert(1)</script> & abc\nsecond" in notes


def _sample(name: str, *outputs: str) -> dict[str, bytes]:
    folder = SAMPLES / name
    record = parse_record((folder / "record.json").read_text(encoding="utf-8"))
    outcome = make_report(record, read_images(sorted((folder / "images").rglob("*.dcm"))))
    return {made.name: made.data for made in make_files(outcome, outputs)}  # type: ignore[arg-type]


@pytest.mark.parametrize(("sample", "output"), [("bilateral", "fhir"), ("brooker-3", "fhir-r5")])
def test_the_bundle_of_a_sample(
    sample: str, output: str, compare_golden: Callable[[str, str], None]
) -> None:
    """Every element as agreed; text and page are those of the report, and not kept here."""
    files = _sample(sample, output, "text", "html")
    name = next(name for name in files if name.startswith("fhir"))
    bundle = json.loads(files[name])
    (report,) = resources(bundle, "DiagnosticReport")
    for form, other in zip(report["presentedForm"], ("report.txt", "report.html"), strict=True):
        data = base64.b64decode(form["data"])
        assert data == files[other]
        assert int(form["size"]) == len(data)
        assert form["hash"] == base64.b64encode(hashlib.sha1(data).digest()).decode()  # noqa: S324
        form.update(data="...", size="...", hash="...")
    kept = json.dumps(bundle, indent=1, ensure_ascii=False) + "\n"
    compare_golden(f"fhir/{sample}.{name}", kept)


def test_without_the_extra_one_sentence_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is missing, and what to install."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("hosr.messages.fhir.find_spec", lambda _: None)
    write_film(Path("film.dcm"))
    write_record(Path("record.json"), marked())
    ran = hosr("report", "record.json", "--images", "film.dcm", "--out", "out", "--make", "fhir")
    sentence = "a bundle for FHIR: needs fhir.resources, which is not installed; install hosr[fhir]"
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"hosr: cannot be done as asked\n  {sentence}\n"
    assert not Path("out").exists()


@pytest.mark.parametrize("release", Release)
def test_an_observation_is_known_by_the_uid_of_its_item(release: Release) -> None:
    """What a server keeps is found again in the structured report, and told apart from a lesion's UID."""
    report = CASES["lengths_of_several_origins"]
    items = measurement_tree(report, Options()).walk()

    kept = resources(bundle_of(report, release), "Observation")

    known = [each["identifier"][0] for each in kept]
    assert sorted(each["value"] for each in known) == sorted(
        f"urn:oid:{item.uid}" for item in items if item.uid
    )
    kinds = {each["type"]["coding"][0]["code"] for each in known}
    assert kinds == {"observation-uid"}


@pytest.mark.parametrize("release", Release)
@pytest.mark.parametrize("steps", [(), (Step.SIGN,), (Step.SIGN, Step.ADDEND)], ids=str)
def test_a_withdrawn_report_is_known_again_and_says_nothing(
    release: Release, steps: tuple[Step, ...]
) -> None:
    """Each resource of it is updated, also of a draft; what was observed has neither value nor note."""
    version = signed(identified(NARROW), *steps)
    before, bundle = bundle_of(version, release), bundle_of(withdrawn(version), release)
    assert faults_of(bundle) == set()
    for kind in ("DiagnosticReport", "Observation"):
        was, now = resources(before, kind), resources(bundle, kind)
        assert [each["identifier"][0] for each in now] == [each["identifier"][0] for each in was]
        assert {each["status"] for each in now} == {"entered-in-error"}
        urls = [e["request"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind]
        assert {request["method"] for request in urls} == {"PUT"}
    said = {key for each in resources(bundle, "Observation") for key in each}
    assert not said & {"note", "component", "derivedFrom", "method", "dataAbsentReason"}
    assert not any(key.startswith("value") for key in said)
    assert not resources(bundle, "ImagingSelection")
    (report,), (origin,) = (resources(bundle, k) for k in ("DiagnosticReport", "Provenance"))
    replaced = report["extension"][0]["valueReference"]["identifier"]
    assert replaced["value"] == f"urn:oid:{document_of(version).sop_instance_uid}"
    people = [each["name"][0]["text"] for each in resources(bundle, "Practitioner")]
    assert "Ada Neri" in people
    assert [entity["role"] for entity in origin["entity"]] == ["source", "revision"]
