"""The results of a message: an OBX for the text, for what is coded beside it, for UIDs and pages."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from hl7types.hl7.v2_5_1 import datatypes as d
from hl7types.hl7.v2_5_1 import segments as s
from pydantic import AliasChoices, Field

from hosr import codes
from hosr.codes import Code
from hosr.composite.instances import device_uid
from hosr.findings import Algorithm, Person
from hosr.messages.hl7_text import escape, in_one_line, text_fields
from hosr.messages.hl7_values import PersonName, read_day, read_moment, read_names
from hosr.messages.message_form import MessageForm
from hosr.messages.observations import Compared, Observation, number_of, observe
from hosr.narrative import compose_sections
from hosr.narrative.signatures import tell_notice
from hosr.narrative.withdrawal import tell_withdrawal

if TYPE_CHECKING:
    from hosr.report import Report
    from hosr.templating.sources import Wording

_TEXT = Code("18748-4", "LN", "Diagnostic imaging study")
_STUDY = Code("113014", "DCM", "DICOM Study")
_ORDER_DETAIL = "O"
# Blanks that a line never ends at; a receiver may have no letter for them.
_BOUND = str.maketrans("\u00a0\u202f", "  ")

_Value = d.CWE | d.ED | d.SN | str


class OBX(s.OBX):
    """An OBX whose value may have components: hl7types has text alone. Its name is that of the segment."""

    obx_5: list[_Value] | None = Field(  # type: ignore[assignment]
        default=None, validation_alias=AliasChoices("obx_5", "OBX.5"), serialization_alias="OBX.5"
    )


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
    day_of_then: str = ""


def compose_results(
    report: Report, wording: Wording, form: MessageForm, sr_uid: str, pdf: bytes | None
) -> tuple[list[OBX], list[str]]:
    """The OBX of a report in their order, and notes on what was left out."""
    pages, notes = _pages(form, pdf)
    drafts = [*_texts(report, wording, form), *_coded(report, wording), *_uids(report, sr_uid)]
    return list(_number([*drafts, *pages], report)), notes


def _number(drafts: list[_Draft], report: Report) -> Iterator[OBX]:
    """Each with its number, status, time and who answers for it; what was seen then has the day of then."""
    observed_at, responsible, equipment = (
        imaged_at(report),
        _responsible(report),
        _equipment(report),
    )
    for number, draft in enumerate(drafts, start=1):
        is_of_now = not (draft.is_order_detail or draft.day_of_then)
        day_of_then = d.TS(ts_1=draft.day_of_then) if draft.day_of_then else None
        yield OBX(
            obx_1=str(number),
            obx_2=draft.kind,
            obx_3=draft.concept,
            obx_4=draft.sub_id,
            obx_5=draft.values,
            obx_6=draft.unit,
            obx_11=_ORDER_DETAIL if draft.is_order_detail else report.status.result,
            obx_14=observed_at if is_of_now else day_of_then,
            obx_16=(responsible or None) if is_of_now else None,
            obx_17=[draft.method] if draft.method else None,
            obx_18=(equipment or None) if is_of_now else None,
        )


def coded_element(code: Code, words: str = "") -> d.CE:
    """A coded concept, with other words than its own where they are given."""
    return d.CE(ce_1=code.value, ce_2=escape(words or code.meaning), ce_3=code.scheme)


def _texts(report: Report, wording: Wording, form: MessageForm) -> Iterator[_Draft]:
    for values in text_fields(_lines(report, wording), form.lines):
        yield _Draft(kind="TX", concept=coded_element(_TEXT), values=list(values))


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
        is_uid = kind == "ST"
        if is_uid and report.withdrawal is not None:
            continue
        draft = _Draft(
            kind=kind,
            concept=coded_element(each.concept, each.words),
            sub_id=each.sub_id,
            is_order_detail=is_uid,
            day_of_then=read_day(each.day_of_then),
        )
        if report.withdrawal is None:
            is_length = isinstance(each.value, Decimal | Compared)
            draft = replace(
                draft,
                values=[value],
                unit=coded_element(codes.MILLIMETER) if is_length else None,
                method=coded_element(each.method) if each.method else None,
            )
        yield draft


def _value(observation: Observation) -> tuple[str, _Value]:
    value = observation.value
    if isinstance(value, Decimal):
        return "NM", number_of(value)
    if isinstance(value, str):
        return "ST", value
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
        yield _Draft(kind="ST", concept=coded_element(concept), values=[uid], is_order_detail=True)


def _pages(form: MessageForm, pdf: bytes | None) -> tuple[list[_Draft], list[str]]:
    """The pages as encapsulated data; nothing but a note where the receiver may not take them."""
    if pdf is None:
        return [], []
    data = base64.b64encode(pdf).decode()
    if len(data) > form.pdf_characters:
        limit = f"over the {form.pdf_characters} of pdf_characters in the configuration"
        return [], [f"the PDF is left out: {len(data)} characters in Base64, {limit}"]
    value = d.ED(ed_1=d.HD(hd_1="HOSR"), ed_2="application", ed_3="pdf", ed_4="Base64", ed_5=data)
    return [_Draft(kind="ED", concept=coded_element(_TEXT), values=[value])], []


def imaged_at(report: Report) -> d.TS | None:
    """When the study was made; None where the headers do not say."""
    study = report.subject.study
    moment = read_moment(study.date, study.time, study.timezone_offset)
    return d.TS(ts_1=moment) if moment else None


def _responsible(report: Report) -> list[d.XCN]:
    signature = report.signing and report.signing.signature
    if report.withdrawal is not None:
        signature = report.withdrawal.signature
    if signature:
        return [
            extended_name(name, signature.identifier) for name in read_names(signature.name)[:1]
        ]
    observer = report.observer
    names = read_names(observer.name) if isinstance(observer, Person) else ()
    return [extended_name(name) for name in names[:1]]


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


def extended_name(name: PersonName, identifier: str = "") -> d.XCN:
    """A person with an identifier where there is one."""
    return d.XCN(
        xcn_1=in_one_line(identifier) or None,
        xcn_2=d.FN(fn_1=name.family),
        xcn_3=name.given,
        xcn_4=name.middle,
        xcn_5=name.suffix,
        xcn_6=name.prefix,
    )
