"""What each field of a message says, by a parser that is apart from what wrote it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hl7apy.consts import VALIDATION_LEVEL
from hl7apy.parser import parse_message
from hl7types import decode_er7

from hosr.errors import Unencodable, UsageError
from hosr.language import language_of
from hosr.messages import LineEnd, Message, MessageForm, Party, make_oru
from hosr.narrative import compose_sections
from hosr.report import Report
from hosr.status import Step
from hosr.study import SourceStudy
from hosr.templating.sources import Wording
from hosr.vocabulary.terms import Bridging
from tests.comparison.cases import COMPARED
from tests.messages.parsing import Parsed
from tests.messages.signed import signed
from tests.messages.versions import withdrawn
from tests.narrative.cases import CASES, STUDY

SR_UID = "2.25.77"
ENGLISH = Wording()
PLAIN = CASES["row_10_narrow_gap"]
BEYOND = COMPARED["compared_beyond_variation"]
BY_MODEL = CASES["model_with_findings_and_scores"]
ORDERED = replace(
    STUDY,
    time="081500.25",
    timezone_offset="+0100",
    placer_order_number="PL1",
    filler_order_number="FL1",
    requested_procedure_id="RP|1",
    referring_physician="Verdi^Luca^^Dr.",
)


def _message(
    report: Report, form: MessageForm | None = None, wording: Wording = ENGLISH
) -> Message:
    return make_oru(report, wording, form or MessageForm(), sr_uid=SR_UID)


def _of_study(study: SourceStudy, report: Report = PLAIN) -> Report:
    return replace(report, subject=replace(report.subject, study=study))


def _named(name: str, **given: str) -> Report:
    patient = replace(PLAIN.subject.patient, name=name, **given)
    return replace(PLAIN, subject=replace(PLAIN.subject, patient=patient))


@dataclass(frozen=True, slots=True)
class _Told:
    """What a message says of how far its report has come."""

    report: Report
    order: str
    result: str
    at: str
    principal: tuple[str, str]
    assistant: str
    first_line: str


_DRAFT = "DRAFT - not reviewed. Not a medical device."
_SIGNED = "Maria Rossi, Synthetic Hospital, 2 March 2026, 11:20 (UTC+01:00)."
STATUSES = {
    "draft of a reader": _Told(PLAIN, "P", "P", "1015", ("", "Bianchi"), "", _DRAFT),
    "draft of a model": _Told(BY_MODEL, "R", "R", "1015", ("", ""), "", _DRAFT),
    "signed": _Told(
        signed(PLAIN, Step.SIGN),
        "F",
        "F",
        "1120",
        ("SYN&17", "Rossi"),
        "Bianchi",
        f"Signed by {_SIGNED}",
    ),
    "signed by who graded": _Told(
        signed(PLAIN, Step.SIGN, name="Bianchi^Anna^^Dr."),
        *("F", "F", "1120", ("SYN&17", "Bianchi"), ""),
        "Signed by Dr. Anna Bianchi, Synthetic Hospital, 2 March 2026, 11:20 (UTC+01:00).",
    ),
    "model's, signed": _Told(
        signed(BY_MODEL, Step.SIGN),
        "F",
        "F",
        "1120",
        ("SYN&17", "Rossi"),
        "",
        f"Signed by {_SIGNED}",
    ),
    "amended": _Told(
        signed(PLAIN, Step.AMEND),
        *("C", "C", "1120", ("SYN&17", "Rossi"), "Bianchi"),
        f"AMENDED REPORT, signed by {_SIGNED}",
    ),
    "addended": _Told(
        signed(PLAIN, Step.ADDEND),
        *("C", "C", "1150", ("SYN&17", "Rossi"), "Bianchi"),
        f"Signed by {_SIGNED} With an ADDENDUM.",
    ),
    "amended, then addended": _Told(
        signed(PLAIN, Step.ADDEND, is_amended=True),
        *("C", "C", "1150", ("SYN&17", "Rossi"), "Bianchi"),
        f"AMENDED REPORT, signed by {_SIGNED} With an ADDENDUM.",
    ),
}


@pytest.mark.parametrize("told", STATUSES.values(), ids=STATUSES)
def test_the_status_is_everywhere_the_same(told: _Told) -> None:
    """Order, every result, time, persons, and the first line that a reader sees."""
    parsed = Parsed(_message(told.report).data)
    assert parsed.get("OBR", 25) == told.order
    results = [parsed.get("OBX", 11, number=n) for n in range(1, parsed.count("OBX") + 1)]
    assert set(results[:-2]) == {told.result}
    assert results[-2:] == ["O", "O"]
    assert parsed.get("OBR", 22) == parsed.get("MSH", 7) == f"20260302{told.at}00+0100"
    assert (parsed.get("OBR", 32, 1, 1), parsed.get("OBR", 32, 1, 2)) == told.principal
    assert parsed.get("OBR", 33, 1, 2) == told.assistant
    assert parsed.get("OBX", 16, 2) == told.principal[1]
    assert parsed.text_lines()[0] == told.first_line


def test_each_version_has_a_control_id_of_its_own() -> None:
    """The same message has the same one; another version, form or language another."""
    every = [told.report for told in STATUSES.values()]
    messages = [_message(report) for report in every]
    messages += [_message(PLAIN, MessageForm(lines=lines)) for lines in list(LineEnd)[1:]]
    messages.append(_message(PLAIN, wording=Wording(language_of("de"))))
    assert len({message.control_id for message in messages}) == len(messages)
    assert [_message(report) for report in every] == messages[: len(every)]
    for message in messages:
        assert re.fullmatch(r"[0-9A-F]{20}", message.control_id)
        assert Parsed(message.data).get("MSH", 10) == message.control_id


@pytest.mark.parametrize("lines", LineEnd)
@pytest.mark.parametrize("tag", ["en", "de"])
def test_the_text_is_the_whole_report(lines: LineEnd, tag: str) -> None:
    """Every heading and paragraph of every case is a line, however lines end; others are blank."""
    wording = Wording(language_of(tag))
    names = CASES if (tag, lines) == ("en", LineEnd.REPEAT) else list(CASES)[::7]
    for name in names:
        report = CASES[name]
        parsed = Parsed(_message(report, MessageForm(lines=lines), wording).data)
        told = parsed.text_lines()
        if lines is LineEnd.BREAK:
            (field,) = parsed.obx("TX")
            told = parsed.raw("OBX", 5, field).split("\\.br\\")
            told = [line.replace("\\T\\", "&") for line in told]
        sections = compose_sections(report, wording)
        expected = [text for s in sections for text in (s.title, *s.paragraphs)]
        plain = [text.replace("\u00a0", " ").replace("\u202f", " ") for text in expected]
        assert sorted(filter(None, told)) == sorted(plain)
        assert told[0] == plain[1]


def test_codes_and_numbers_of_every_case() -> None:
    """An OBX beside the text names its hip in words and code, and a number is one and no more."""
    for name, report in CASES.items():
        parsed = Parsed(_message(report).data)
        sides: dict[str, str] = {}
        for n in range(1, parsed.count("OBX") + 1):
            assert parsed.get("OBX", 1, number=n) == str(n)
            sub_id = parsed.get("OBX", 4, number=n)
            if not sub_id:
                continue
            words, kind = parsed.get("OBX", 3, 2, number=n), parsed.get("OBX", 2, number=n)
            value = parsed.get("OBX", 5, number=n)
            if parsed.get("OBX", 3, 1, number=n) == "272741003":
                sides[sub_id] = parsed.get("OBX", 5, 2, number=n)
            hip = f"{sides[sub_id]} hip"
            assert words.startswith(f"{hip}: "), name
            assert kind in ("CWE", "NM", "SN")
            if kind == "CWE":
                assert parsed.get("OBX", 5, 9, number=n).startswith(f"{hip}: ")
            else:
                assert parsed.get("OBX", 6, 1, number=n) == "mm"
            if kind == "NM":
                assert re.fullmatch(r"\d+(\.\d+)?", value)
                graded = report.hips[int(sub_id.partition(".")[0]) - 1]
                assert float(value) > 0 or graded.hip.bridging is Bridging.NONE
        whole = [key for key in sides if "." not in key]
        assert [sides[key].lower() for key in whole] == [g.hip.side.value for g in report.hips]


# The case, the concept, and what its observations say: type, sub-identifier and value.
OBSERVED: dict[str, tuple[str, str, list[tuple[str, str, str]]]] = {
    "decided": ("row_10_narrow_gap", "BROOKER", [("CWE", "1", "BROOKER-III")]),
    "open": ("row_14_gap_not_measured", "BROOKER", [("CWE", "1", "HO-UNDECIDED")]),
    "what is open": (
        "row_14_gap_not_measured",
        "BROOKER-FINDINGS",
        [("CWE", "1", "BROOKER-II"), ("CWE", "1", "BROOKER-III")],
    ),
    "not graded": (
        "row_02_not_evaluable",
        "BROOKER",
        [("CWE", "1", "HO-NOT-GRADED"), ("CWE", "2", "BROOKER-0")],
    ),
    "the source's": ("grade_differs", "BROOKER-SOURCE", [("CWE", "1", "BROOKER-II")]),
    "a gap": ("row_10_narrow_gap", "121206", [("NM", "1", "6.2")]),
    "a class over": ("row_12_wide_gap_as_class", "121206", [("SN", "1", ">=10")]),
    "a class under": ("row_13_narrow_gap_as_class", "121206", [("SN", "1", "<10")]),
    "contact": ("row_11a_contact_without_bridging", "121206", [("NM", "1", "0")]),
    "contact, perhaps bridged": ("row_11b_contact", "121206", []),
    "islands": ("row_04_short_islands", "103339001", [("NM", "1.1", "8"), ("NM", "1.2", "4.5")]),
    "planes": (
        "row_23_detector_plane",
        "HO-PLANE",
        [("CWE", "1", "HO-PL-DETECTOR"), ("CWE", "2", "HO-PL-DETECTOR")],
    ),
}


@pytest.mark.parametrize(("case", "concept", "expected"), OBSERVED.values(), ids=OBSERVED)
def test_what_is_observed(case: str, concept: str, expected: list[tuple[str, str, str]]) -> None:
    """Grades with those left open, lengths with their unit, each at its hip or lesion."""
    parsed = Parsed(_message(CASES[case]).data)
    found = [
        (
            kind,
            parsed.get("OBX", 4, number=n),
            parsed.raw("OBX", 5, n).replace(">=^", ">=").replace("<^", "<").split("^")[0],
        )
        for kind in ("CWE", "NM", "SN")
        for n in parsed.obx(kind, concept)
    ]
    assert found == expected


def test_a_bridged_hip_has_no_gap_of_zero() -> None:
    """Where bone bridges the joint, a gap of 0 is no measurement: bridging says it, not a number."""
    graded = CASES["row_11a_contact_without_bridging"].hips[0]
    for bridging in (Bridging.APPARENT, Bridging.CONFIRMED, None):
        hip = replace(graded.hip, bridging=bridging)
        report = replace(PLAIN, hips=(replace(graded, hip=hip),))
        assert Parsed(_message(report).data).obx("NM") == []


def test_a_magnified_length_says_so_in_its_name() -> None:
    """A number that is read alone is not taken for one in the patient."""
    parsed = Parsed(_message(CASES["row_23_detector_plane"]).data)
    words = [parsed.get("OBX", 3, 2, number=n) for n in parsed.obx("NM")]
    assert words == [
        f"{hip} hip: Gap between opposing bone surfaces at the detector, magnified"
        for hip in ("Right", "Left")
    ]


AGAINST = "Right hip: Gap against that of the earlier report (2025-03-02)"
THEN = "Right hip: Gap in the earlier report (2025-03-02)"
GRADE = "Right hip: Grade in the earlier report (2025-03-02)"
CHANGE = "Right hip: Gap now less gap then (2025-03-02), beyond the measurement variation"
WHY_NOT = "Right hip: Why the two gaps are not comparable"
# What is said of an earlier report: type, name, value, and the day that it was seen on.
SINCE: dict[str, list[tuple[str, str, str, str]]] = {
    "compared_beyond_variation": [
        ("CWE", AGAINST, "HO-CV-BEYOND", "20260302"),
        ("NM", THEN, "10.6", "20250302"),
        ("NM", CHANGE, "-4.4", "20260302"),
        ("CWE", GRADE, "BROOKER-II", "20250302"),
        ("CWE", GRADE, "DELLAV-B", "20250302"),
    ],
    "compared_with_another_calibration": [
        ("CWE", AGAINST, "HO-CV-NONE", "20260302"),
        ("NM", f"{THEN} at the detector, magnified", "7.9", "20250302"),
        ("CWE", WHY_NOT, "HO-CO-CALIB", "20260302"),
        ("CWE", GRADE, "BROOKER-III", "20250302"),
        ("CWE", GRADE, "DELLAV-C", "20250302"),
    ],
    "compared_with_none": [],
}
_UIDS = ("HO-PRIOR-STUDY", "HO-PRIOR-SR-UID")


@pytest.mark.parametrize("name", SINCE)
def test_what_was_seen_then_is_not_taken_for_today(name: str) -> None:
    """Codes, names and days of their own; who answers for this report and its model did not see it."""
    parsed = Parsed(_message(COMPARED[name]).data)
    since = [
        n
        for n in range(1, parsed.count("OBX") + 1)
        if parsed.get("OBX", 3, 1, number=n).startswith("HO-CMP")
    ]
    assert [
        (
            parsed.get("OBX", 2, number=n),
            parsed.get("OBX", 3, 2, number=n),
            parsed.get("OBX", 5, number=n),
            parsed.get("OBX", 14, number=n)[:8],
        )
        for n in since
    ] == SINCE[name]
    assert len(parsed.obx("NM", "121206")) == 1
    for n in since:
        is_of_then = parsed.get("OBX", 14, number=n).startswith("2025")
        assert bool(parsed.raw("OBX", 16, n)) is not is_of_then
        assert parsed.get("OBX", 4, number=n) == "1"
        assert parsed.get("OBX", 11, number=n) == "P"
        if parsed.get("OBX", 2, number=n) == "CWE":
            words = parsed.get("OBX", 5, 9, number=n)
            assert words.startswith("Right hip: Compared with 2 March 2025: ")
            assert words.partition("Right hip: ")[2] in " ".join(parsed.text_lines())


def test_the_earlier_report_is_named() -> None:
    """By its study and its structured report; where it was withdrawn nothing of both is left."""
    prior = BEYOND.lookbacks[0].compared
    assert prior is not None
    expected = [prior.report.study_instance_uid, prior.report.documents[0].sop_instance_uid]
    parsed = Parsed(_message(BEYOND).data)
    rows = [n for uid in _UIDS for n in parsed.obx("ST", uid)]
    assert [parsed.get("OBX", 5, number=n) for n in rows] == expected
    assert [parsed.get("OBX", 3, 2, number=n) for n in rows] == [
        "Right hip: Study of the earlier report (2025-03-02)",
        "Right hip: SR Instance UID of the earlier report (2025-03-02)",
    ]
    assert {parsed.get("OBX", 11, number=n) for n in rows} == {"O"}
    gone = Parsed(_message(withdrawn(signed(BEYOND, Step.SIGN))).data)
    assert [n for uid in _UIDS for n in gone.obx("ST", uid)] == []
    (then,) = gone.obx("NM", "HO-CMP-THEN")
    assert gone.get("OBX", 5, number=then) == ""


def test_an_order_is_answered_by_its_numbers() -> None:
    """Placer, filler, accession, procedure, time and persons as the headers name them."""
    parsed = Parsed(_message(_of_study(ORDERED)).data)
    assert parsed.segments[:5] == ["MSH", "PID", "PV1", "ORC", "OBR"]
    assert [parsed.get("ORC", at) for at in (1, 2, 3, 5)] == ["RE", "PL1", "FL1", "CM"]
    assert [parsed.get("OBR", at) for at in (1, 2, 3, 18, 19, 24)] == [
        *("1", "PL1", "FL1", "A2603021", "RP|1", "RAD")
    ]
    assert parsed.raw("OBR", 4) == parsed.raw("OBR", 44) == "37622-8^XR Pelvis AP^LN"
    assert parsed.get("OBR", 7) == parsed.get("OBX", 14) == "20260302081500+0100"
    assert parsed.get("OBR", 31, 2) == "Control after hip arthroplasty"
    assert parsed.raw("OBR", 32) == "&Bianchi&Anna&&&Dr."
    assert (parsed.get("PV1", 2), parsed.get("PV1", 51)) == ("U", "V")
    assert parsed.raw("PV1", 8) == "^Verdi^Luca^^^Dr."
    header = [parsed.raw("MSH", at) for at in (9, 11, 12, 15, 16, 18)]
    assert header == ["ORU^R01^ORU_R01", "P", "2.5.1", "", "", "UNICODE UTF-8"]
    (study, document) = parsed.obx("ST")
    assert parsed.raw("OBX", 3, study) == "113014^DICOM Study^DCM"
    assert (parsed.get("OBX", 5, number=study), parsed.get("OBX", 5, number=document)) == (
        "1.2.3",
        SR_UID,
    )


WITHOUT: dict[str, tuple[dict[str, str], str, str, int]] = {
    "an order": ({"accession_number": "A1"}, "", "A1", 0),
    "a filler number": ({"accession_number": "A1", "placer_order_number": "P"}, "P", "A1", 0),
    "any but the placer's": ({"accession_number": "", "placer_order_number": "P"}, "P", "", 0),
    "any number": ({"accession_number": ""}, "", "1.2.3", 1),
}


@pytest.mark.parametrize(("study", "placer", "filler", "notes"), WITHOUT.values(), ids=WITHOUT)
def test_an_order_that_is_not_named(
    study: dict[str, str], placer: str, filler: str, notes: int
) -> None:
    """The accession number stands for the filler's, and the study where there is nothing else."""
    message = _message(_of_study(replace(STUDY, **study)))
    parsed = Parsed(message.data)
    for segment in ("ORC", "OBR"):
        assert (parsed.get(segment, 2), parsed.get(segment, 3)) == (placer, filler)
    assert len(message.notes) == notes


NAMES = {
    "Rossi^Maria": "Rossi^Maria^^^^^L",
    "O|Brien^Ann^Lee^Dr.^Jr.": "O\\F\\Brien^Ann^Lee^Jr.^Dr.^^L",
    "Rossi": "Rossi^^^^^^L",
    "van der Berg & Co^A": "van der Berg \\T\\ Co^A^^^^^L",
    "Yamada^Tarou=山田^太郎=やまだ^たろう": "Yamada^Tarou^^^^^L^A~山田^太郎^^^^^L^I~やまだ^たろう^^^^^L^P",
    "=山田^太郎": "山田^太郎^^^^^L",
    "": "",
}


@pytest.mark.parametrize(("name", "expected"), NAMES.items())
def test_names_change_their_order(name: str, expected: str) -> None:
    """DICOM has the prefix before the suffix, and scripts in groups; HL7 the other way, and repetitions."""
    assert Parsed(_message(_named(name)).data).raw("PID", 5) == expected


ISSUERS: dict[str, tuple[dict[str, str], str]] = {
    "of the header": ({"issuer": "HOSP"}, "P|1^^^HOSP&1.2.3&ISO^MR"),
    "unknown to the table": ({"issuer": "OTHER"}, "P|1^^^OTHER^MR"),
    "an OID": ({"issuer": "1.2.9"}, "P|1^^^&1.2.9&ISO^MR"),
    "of the configuration": ({"issuer": ""}, "P|1^^^SITE^MR"),
    "without an ID": ({"issuer": "HOSP", "patient_id": ""}, ""),
}


@pytest.mark.parametrize(("patient", "expected"), ISSUERS.values(), ids=ISSUERS)
def test_who_issued_the_id(patient: dict[str, str], expected: str) -> None:
    """The assigning authority of the header with its OID, else that of the site."""
    form = MessageForm(issuer="SITE", oids=(("HOSP", "1.2.3"),))
    message = _message(_named("Rossi", **{"patient_id": "P|1", **patient}), form)
    assert Parsed(message.data).raw("PID", 3).replace("\\F\\", "|") == expected
    assert bool(message.notes) is not bool(expected)


def test_what_is_no_date_or_sex_is_left_out() -> None:
    """Odd headers give empty fields, and never a message that a parser refuses."""
    times = {
        ("20260302", "0815"): "202603020815",
        ("20260302", "08"): "20260302",
        ("20260302", "256199"): "20260302",
        ("2026-03-02", "081500"): "",
    }
    for (date, time), expected in times.items():
        study = replace(STUDY, date=date, time=time, timezone_offset="+99")
        assert Parsed(_message(_of_study(study)).data).get("OBR", 7) == expected
    parsed = Parsed(_message(_named("Rossi", birth_date="19990231", sex="X")).data)
    assert (parsed.get("PID", 7), parsed.get("PID", 8)) == ("", "")


def test_the_parties_and_the_pages() -> None:
    """Who sends to whom; the PDF as encapsulated data, or a note where it is too long."""
    sender, receiver = Party(application="A&B", facility="F"), Party(facility="RIS")
    form = MessageForm(sender=sender, receiver=receiver)
    message = make_oru(PLAIN, ENGLISH, form, sr_uid=SR_UID, pdf=b"%PDF-1.7 \x00")
    parsed = Parsed(message.data)
    assert [parsed.get("MSH", at) for at in (3, 4, 5, 6)] == ["A&B", "F", "", "RIS"]
    (pages,) = parsed.obx("ED")
    assert parsed.raw("OBX", 5, pages) == "HOSR^application^pdf^Base64^JVBERi0xLjcgAA=="
    short = make_oru(
        PLAIN, ENGLISH, replace(form, pdf_characters=15), sr_uid=SR_UID, pdf=b"%PDF-1.7 \x00"
    )
    assert Parsed(short.data).obx("ED") == []
    assert short.notes == (
        "the PDF is left out: 16 characters in Base64, over the 15 of pdf_characters in the configuration",
    )


def test_other_parsers_agree_on_the_structure() -> None:
    """hl7types finds every required part of ORU_R01 again; hl7apy the same segments and repetitions."""
    for name in ("row_04_short_islands", "names_in_several_scripts"):
        text = _message(signed(CASES[name], Step.SIGN)).data.decode()
        whole: Any = decode_er7(text)
        (result,) = whole.PATIENT_RESULT
        parsed, count = Parsed(text.encode()), text.count("\rOBX|")
        assert len(result.ORDER_OBSERVATION[0].OBSERVATION) == count == parsed.count("OBX")
        seen = parse_message(text, validation_level=VALIDATION_LEVEL.TOLERANT)
        orders: Any = seen.oru_r01_patient_result.oru_r01_order_observation
        assert len(orders.oru_r01_observation) == count
        assert len(orders.oru_r01_observation[0].obx.obx_5) == len(parsed.text_lines())


def test_a_missing_library_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence says what to install."""
    monkeypatch.setitem(sys.modules, "hl7types", None)
    with pytest.raises(
        UsageError,
        match=r"^report\.hl7: needs hl7types, which is not installed; install hosr\[hl7\]$",
    ):
        _message(PLAIN)


def test_what_no_receiver_could_read_is_refused() -> None:
    """Half a character of UTF-16, which JSON can hold, has no form in UTF-8; it is not told."""
    report = replace(PLAIN, context=replace(PLAIN.context, indication="half \ud83e"))
    with pytest.raises(Unencodable, match=r"^report\.hl7: a value has no valid form in HL7"):
        _message(report)


GOLDEN = {
    "draft": CASES["lengths_of_several_origins"],
    "draft_of_a_model": BY_MODEL,
    "signed": signed(_of_study(ORDERED, CASES["row_14_gap_not_measured"]), Step.SIGN),
    "amended": signed(_of_study(ORDERED), Step.AMEND),
    "compared": BEYOND,
}


@pytest.mark.parametrize("name", GOLDEN)
def test_whole_messages(name: str, compare_golden: Callable[[str, str], None]) -> None:
    """Messages that were read by people and kept; segments end in LF here."""
    text = _message(GOLDEN[name]).data.decode()
    assert text.endswith("\r")
    compare_golden(f"hl7/{name}.hl7", text.replace("\r", "\n"))
