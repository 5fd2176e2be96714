"""The segments of an ORU^R01: IHE RAD-128 for the order, the study and the text, with codes beside it.

The text is a whole report with its status in front, for many receivers read nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hl7types.codecs.er7.encoder import encode_er7_segment
from hl7types.hl7.v2_5_1 import datatypes as d
from hl7types.hl7.v2_5_1 import segments as s

from hosr.errors import Fault, Unencodable
from hosr.findings import Person
from hosr.identity import fingerprint, is_valid_uid
from hosr.messages.hl7_text import in_one_line
from hosr.messages.hl7_values import PersonName, read_day, read_names, read_sex, write_moment
from hosr.messages.message_form import Message, MessageForm
from hosr.messages.results import coded_element, compose_results, extended_name, imaged_at
from hosr.phrases import phrase
from hosr.sr.context import procedure_reported

if TYPE_CHECKING:
    from hosr.report import Report
    from hosr.templating.sources import Wording

_CONTROL_ID = 20


def compose(
    report: Report, wording: Wording, form: MessageForm, sr_uid: str, pdf: bytes | None
) -> Message:
    """The message of a report; as `hosr.messages.make_oru`."""
    try:
        return _compose(report, wording, form, sr_uid, pdf)
    except ValueError as error:  # of pydantic, or of UTF-8
        problem = phrase("a value has no valid form in HL7 ({told})", told=type(error).__name__)
        raise Unencodable(Fault("report.hl7", problem, phrase("shorten or correct it"))) from error


def _compose(
    report: Report, wording: Wording, form: MessageForm, sr_uid: str, pdf: bytes | None
) -> Message:
    results, notes = compose_results(report, wording, form, sr_uid, pdf)
    segments = [_pid(report, form), _pv1(report), _orc(report), _obr(report), *results]
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
    return s.PV1(pv1_2="U", pv1_8=[extended_name(name) for name in doctors] or None, pv1_51="V")


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
    procedure = coded_element(procedure_reported(report.view, sides))
    indication = in_one_line(report.context.indication)
    principal, assistants = _interpreters(report)
    return s.OBR(
        obr_1="1",
        obr_2=_entity(study.placer_order_number),
        obr_3=_filler(report),
        obr_4=procedure,
        obr_7=imaged_at(report),
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
