"""The segments of an ORU^R01: IHE RAD-128 for the order, the study and the text, with codes beside it.

The text is a whole report with its status in front, for many receivers read nothing else.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from hl7types.codecs.er7.encoder import encode_er7_segment
from hl7types.hl7.v2_5_1 import datatypes as d
from hl7types.hl7.v2_5_1 import segments as s
from pydantic import AliasChoices, Field

from hosr import codes
from hosr.codes import Code
from hosr.composite.instances import device_uid
from hosr.errors import Fault, Unencodable
from hosr.findings import Algorithm, Person
from hosr.identity import fingerprint, is_valid_uid
from hosr.messages.hl7_text import escape, in_one_line, text_fields
from hosr.messages.hl7_values import (
    PersonName,
    read_day,
    read_moment,
    read_names,
    read_sex,
    write_moment,
)
from hosr.messages.message_form import Message, MessageForm
from hosr.messages.observations import Compared, Observation, number_of, observe
from hosr.narrative import compose_sections
from hosr.narrative.signatures import tell_notice
from hosr.narrative.withdrawal import tell_withdrawal
from hosr.sr.context import procedure_reported

if TYPE_CHECKING:
    from hosr.report import Report
    from hosr.templating.sources import Wording

_TEXT = Code("18748-4", "LN", "Diagnostic imaging study")
_STUDY = Code("113014", "DCM", "DICOM Study")
_ORDER_DETAIL = "O"
_CONTROL_ID = 20
# Blanks that a line never ends at; a receiver may have no letter for them.
_BOUND = str.maketrans("\u00a0\u202f", "  ")

_Value = d.CWE | d.ED | d.SN | str


class OBX(s.OBX):
    """An OBX whose value may have components: hl7types has text alone. Its name is that of the segment."""

    obx_5: list[_Value] | None = Field(  # type: ignore[assignment]
        default=None, validation_alias=AliasChoices("obx_5", "OBX.5"), serialization_alias="OBX.5"
    )


def compose(
    report: Report, wording: Wording, form: MessageForm, sr_uid: str, pdf: bytes | None
) -> Message:
    """The message of a report; as `hosr.messages.make_oru`."""
    try:
        return _compose(report, wording, form, sr_uid, pdf)
    except ValueError as error:  # of pydantic, or of UTF-8
        problem = f"a value has no valid form in HL7 ({type(error).__name__})"
        raise Unencodable(Fault("report.hl7", problem, "shorten or correct it")) from error


def _compose(
    report: Report, wording: Wording, form: MessageForm, sr_uid: str, pdf: bytes | None
) -> Message:
    pages, notes = _pages(form, pdf)
    segments = [_pid(report, form), _pv1(report), _orc(report), _obr(report)]
    drafts = [*_texts(report, wording, form), *_coded(report, wording), *_uids(report, sr_uid)]
    segments += _results([*drafts, *pages], report)
    body = [encode_er7_segment(segment) for segment in segments]
    written = encode_er7_segment(_msh(report, form, ""))
    control_id = fingerprint([written, *body])[:_CONTROL_ID].upper()
    text = "".join(
        f"{each}\r" for each in (encode_er7_segment(_msh(report, form, control_id)), *body)
    )
    return Message(
        data=text.encode(), control_id=control_id, notes=(*_find_missing(report), *notes)
    )


def _find_missing(report: Report) -> Iterator[str]:
    """What a receiver files a message by, and the headers do not say."""
    patient, study = report.subject.patient, report.subject.study
    if not patient.patient_id:
        yield "headers name no patient ID: PID-3 is empty, and receivers may refuse the message"
    if not (study.placer_order_number or study.filler_order_number or study.accession_number):
        yield "headers name neither order nor accession number: OBR-3 holds the Study Instance UID"


def _msh(report: Report, form: MessageForm, control_id: str) -> s.MSH:
    """The header; its time is that of the status, for the same report is the same message."""
    sender, receiver = form.sender, form.receiver
    return s.MSH(
        msh_1="|",
        msh_2="^~\\&",
        msh_3=_system(sender.application),
        msh_4=_system(sender.facility),
        msh_5=_system(receiver.application),
        msh_6=_system(receiver.facility),
        msh_7=d.TS(ts_1=write_moment(report.stated_at)),
        msh_9=d.MSG(msg_1="ORU", msg_2="R01", msg_3="ORU_R01"),
        msh_10=control_id,
        msh_11=d.PT(pt_1="P"),
        msh_12=d.VID(vid_1="2.5.1"),
        msh_18=["UNICODE UTF-8"],
    )


def _system(name: str) -> d.HD | None:
    return d.HD(hd_1=in_one_line(name)) if name else None


def _pid(report: Report, form: MessageForm) -> s.PID:
    patient = report.subject.patient
    identifier = d.CX(
        cx_1=in_one_line(patient.patient_id) or None,
        cx_4=_issuer(patient.issuer or form.issuer, form),
        cx_5="MR",
    )
    born, sex = read_day(patient.birth_date), read_sex(patient.sex)
    return s.PID(
        pid_3=[identifier if patient.patient_id else d.CX()],
        pid_5=[_xpn(name) for name in read_names(patient.name)] or [d.XPN()],
        pid_7=d.TS(ts_1=born) if born else None,
        pid_8=sex or None,
    )


def _issuer(name: str, form: MessageForm) -> d.HD | None:
    if is_valid_uid(name):
        return d.HD(hd_2=name, hd_3="ISO")
    oid = dict(form.oids).get(name)
    if not name:
        return None
    return d.HD(hd_1=in_one_line(name), hd_2=oid, hd_3="ISO" if oid else None)


def _xpn(name: PersonName) -> d.XPN:
    return d.XPN(
        xpn_1=d.FN(fn_1=name.family),
        xpn_2=name.given,
        xpn_3=name.middle,
        xpn_4=name.suffix,
        xpn_5=name.prefix,
        xpn_7="L",
        xpn_8=name.script or None,
    )


def _xcn(name: PersonName, identifier: str = "") -> d.XCN:
    return d.XCN(
        xcn_1=in_one_line(identifier) or None,
        xcn_2=d.FN(fn_1=name.family),
        xcn_3=name.given,
        xcn_4=name.middle,
        xcn_5=name.suffix,
        xcn_6=name.prefix,
    )


def _ndl(name: PersonName, identifier: str = "") -> d.NDL:
    return d.NDL(
        ndl_1=d.CNN(
            cnn_1=in_one_line(identifier) or None,
            cnn_2=name.family,
            cnn_3=name.given,
            cnn_4=name.middle,
            cnn_5=name.suffix,
            cnn_6=name.prefix,
        )
    )


def _pv1(report: Report) -> s.PV1:
    """The visit, of which DICOM headers say only who referred; PV1-51 as RAD-128 has it."""
    doctors = read_names(report.subject.study.referring_physician)[:1]
    return s.PV1(pv1_2="U", pv1_8=[_xcn(name) for name in doctors] or None, pv1_51="V")


def _entity(identifier: str) -> d.EI | None:
    return d.EI(ei_1=in_one_line(identifier)) if identifier else None


def _filler(report: Report) -> d.EI:
    """What the report is filed by: the same in all its versions.

    Without an order that is the accession number; without one, the study, which is all that is left.
    """
    study = report.subject.study
    number = study.filler_order_number or study.accession_number
    if number or study.placer_order_number:
        return _entity(number) or d.EI()
    return d.EI(ei_1=study.study_instance_uid)


def _orc(report: Report) -> s.ORC:
    """The order: RAD-128 has it completed whatever the status of the report, which is in OBR-25."""
    placer = _entity(report.subject.study.placer_order_number)
    return s.ORC(orc_1="RE", orc_2=placer, orc_3=_filler(report), orc_5="CM")


def _obr(report: Report) -> s.OBR:
    study, sides = report.subject.study, tuple(graded.hip.side for graded in report.hips)
    procedure = _ce(procedure_reported(report.view, sides))
    indication = in_one_line(report.context.indication)
    imaged_at = _imaged_at(report)
    principal, assistants = _interpreters(report)
    return s.OBR(
        obr_1="1",
        obr_2=_entity(study.placer_order_number),
        obr_3=_filler(report),
        obr_4=procedure,
        obr_7=imaged_at,
        obr_18=in_one_line(study.accession_number) or None,
        obr_19=in_one_line(study.requested_procedure_id) or None,
        # A receiver orders the versions of a report by it.
        obr_22=d.TS(ts_1=write_moment(report.stated_at)),
        obr_24="RAD",
        obr_25=report.status.order,
        obr_31=[d.CE(ce_2=indication)] if indication else None,
        obr_32=principal,
        obr_33=assistants or None,
        obr_44=procedure,
    )


def _imaged_at(report: Report) -> d.TS | None:
    study = report.subject.study
    moment = read_moment(study.date, study.time, study.timezone_offset)
    return d.TS(ts_1=moment) if moment else None


def _interpreters(report: Report) -> tuple[d.NDL | None, list[d.NDL]]:
    """Who signed, and who graded for them; else who graded. An algorithm is nobody.

    Who withdrew a report interpreted nothing, and is in OBX-16.
    """
    grader = report.observer.name if isinstance(report.observer, Person) else ""
    graders = [_ndl(name) for name in read_names(grader)[:1]]
    if report.signing is None:
        return next(iter(graders), None), []
    signature = report.signing.signature
    signer = next((_ndl(n, signature.identifier) for n in read_names(signature.name)), None)
    return signer, graders if grader != signature.name else []


def _responsible(report: Report) -> list[d.XCN]:
    signature = report.signing and report.signing.signature
    if report.withdrawal is not None:
        signature = report.withdrawal.signature
    if signature:
        return [_xcn(name, signature.identifier) for name in read_names(signature.name)[:1]]
    observer = report.observer
    names = read_names(observer.name) if isinstance(observer, Person) else ()
    return [_xcn(name) for name in names[:1]]


def _equipment(report: Report) -> list[d.EI]:
    """The algorithm that graded."""
    observer = report.observer
    if not isinstance(observer, Algorithm):
        return []
    return [
        d.EI(
            ei_1=in_one_line(f"{observer.name} {observer.version}"),
            ei_2=in_one_line(observer.manufacturer) or None,
            ei_3=device_uid(observer),
            ei_4="ISO",
        )
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """An OBX before it has its number, status, time and observer."""

    kind: str
    concept: d.CE
    values: list[_Value] | None = None
    sub_id: str | None = None
    unit: d.CE | None = None
    method: d.CE | None = None
    is_order_detail: bool = False


def _results(drafts: list[_Draft], report: Report) -> Iterator[OBX]:
    observed_at, responsible, equipment = (
        _imaged_at(report),
        _responsible(report),
        _equipment(report),
    )
    for number, draft in enumerate(drafts, start=1):
        yield OBX(
            obx_1=str(number),
            obx_2=draft.kind,
            obx_3=draft.concept,
            obx_4=draft.sub_id,
            obx_5=draft.values,
            obx_6=draft.unit,
            obx_11=_ORDER_DETAIL if draft.is_order_detail else report.status.result,
            obx_14=None if draft.is_order_detail else observed_at,
            obx_16=None if draft.is_order_detail else responsible or None,
            obx_17=[draft.method] if draft.method else None,
            obx_18=None if draft.is_order_detail else equipment or None,
        )


def _ce(code: Code, words: str = "") -> d.CE:
    return d.CE(ce_1=code.value, ce_2=escape(words or code.meaning), ce_3=code.scheme)


def _texts(report: Report, wording: Wording, form: MessageForm) -> Iterator[_Draft]:
    for values in text_fields(_lines(report, wording), form.lines):
        yield _Draft(kind="TX", concept=_ce(_TEXT), values=list(values))


def _lines(report: Report, wording: Wording) -> list[str]:
    """The whole report: its status first, then section by section, with a blank line between them.

    Of a withdrawn one there is nothing but that.
    """
    if report.withdrawal is not None:
        return [line.translate(_BOUND) for line in tell_withdrawal(report, wording.language)]
    notice = tell_notice(report, wording.language)
    lines = [notice]
    for section in compose_sections(report, wording):
        told = [text for text in (section.title, *section.paragraphs) if text != notice]
        lines += ["", *told]
    return [line.translate(_BOUND) for line in lines]


def _coded(report: Report, wording: Wording) -> Iterator[_Draft]:
    """What was seen; of a withdrawn report what was asked, so that a receiver finds what to take back."""
    asked = set()
    for each in observe(report, wording.language):
        if report.withdrawal is not None and (each.concept, each.sub_id) in asked:
            continue
        asked.add((each.concept, each.sub_id))
        kind, value = _value(each)
        draft = _Draft(kind=kind, concept=_ce(each.concept, each.words), sub_id=each.sub_id)
        if report.withdrawal is None:
            is_length = not isinstance(each.value, Code)
            draft = replace(
                draft,
                values=[value],
                unit=_ce(codes.MILLIMETER) if is_length else None,
                method=_ce(each.method) if each.method else None,
            )
        yield draft


def _value(observation: Observation) -> tuple[str, _Value]:
    value = observation.value
    if isinstance(value, Decimal):
        return "NM", number_of(value)
    if isinstance(value, Compared):
        return "SN", d.SN(sn_1=value.comparator, sn_2=value.number)
    return "CWE", d.CWE(
        cwe_1=value.value,
        cwe_2=escape(value.meaning),
        cwe_3=value.scheme,
        cwe_9=in_one_line(observation.original) or None,
    )


def _uids(report: Report, sr_uid: str) -> Iterator[_Draft]:
    """The study as RAD-128 has it, and the document with the measurements; no part of the result."""
    study_uid = report.subject.study.study_instance_uid
    for concept, uid in ((_STUDY, study_uid), (codes.SR_UID, sr_uid)):
        yield _Draft(kind="ST", concept=_ce(concept), values=[uid], is_order_detail=True)


def _pages(form: MessageForm, pdf: bytes | None) -> tuple[list[_Draft], list[str]]:
    """The pages as encapsulated data; nothing but a note where the receiver may not take them."""
    if pdf is None:
        return [], []
    data = base64.b64encode(pdf).decode()
    if len(data) > form.pdf_characters:
        limit = f"over the {form.pdf_characters} of pdf_characters in the configuration"
        return [], [f"the PDF is left out: {len(data)} characters in Base64, {limit}"]
    value = d.ED(ed_1=d.HD(hd_1="HOSR"), ed_2="application", ed_3="pdf", ed_4="Base64", ed_5=data)
    return [_Draft(kind="ED", concept=_ce(_TEXT), values=[value])], []
