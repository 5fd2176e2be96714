"""Where a report comes from: facts with their labels, for a page that lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import hosr
from hosr.findings import Algorithm
from hosr.language.numbers import moment, person_name, plain
from hosr.narrative.circumstances import cited_rules

if TYPE_CHECKING:
    from hosr.language import Language
    from hosr.narrative.environment import Plain
    from hosr.report import Report

__all__ = ["list_provenance"]


def list_provenance(report: Report, language: Language) -> list[Plain]:
    """Observer, time, study, images, rules and program; what is not known is left out."""
    say = language.say
    images = [image.instance.sop_instance_uid for image in report.subject.images]
    facts = [
        *_observer(report, language),
        (say("Time of grading"), moment(report.graded_at, language)),
        ("Study Instance UID", report.subject.study.study_instance_uid),
        *(("SOP Instance UID", uid) for uid in images),
        *((say("Grading system"), citation) for citation in cited_rules(report)),
        (say("Prepared by"), f"hosr {hosr.__version__}"),
    ]
    return [{"name": name, "value": value} for name, value in facts if value]


def _observer(report: Report, language: Language) -> list[tuple[str, str]]:
    observer, say = report.observer, language.say
    if not isinstance(observer, Algorithm):
        return [
            (say("Observer"), person_name(observer.name)),
            (say("Organization"), plain(observer.organization)),
        ]
    parameters = (f"{plain(name)}={plain(value)}" for name, value in observer.parameters)
    return [
        (say("Algorithm"), plain(observer.name)),
        (say("Version"), plain(observer.version)),
        (say("Manufacturer"), plain(observer.manufacturer)),
        ("Device UID", plain(observer.device_uid)),
        (say("Parameters"), language.joined(parameters)),
    ]
