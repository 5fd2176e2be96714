"""Where a report comes from: facts with their labels, for a page that lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hosr.findings import Algorithm
from hosr.language.numbers import plain

if TYPE_CHECKING:
    from hosr.language import Language
    from hosr.report import Report
    from hosr.templating.environment import Plain


def list_provenance(report: Report, language: Language) -> list[Plain]:
    """What the sentences of the method leave out: identifiers and the settings of an algorithm."""
    images = [image.instance.sop_instance_uid for image in report.subject.images]
    facts = [
        *_algorithm(report, language),
        ("Study Instance UID", report.subject.study.study_instance_uid),
        *(("SOP Instance UID", uid) for uid in images),
    ]
    return [{"name": name, "value": value} for name, value in facts if value]


def _algorithm(report: Report, language: Language) -> list[tuple[str, str]]:
    observer = report.observer
    if not isinstance(observer, Algorithm):
        return []
    parameters = (f"{plain(name)}={plain(value)}" for name, value in observer.parameters)
    return [
        ("Device UID", plain(observer.device_uid)),
        (language.say("Parameters"), language.joined(parameters)),
    ]
