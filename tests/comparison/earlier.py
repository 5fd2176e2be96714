"""Earlier reports of the patient of the narrative cases, and reports that are compared with them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from hosr.findings import Context, Hip, IndexEvent
from hosr.lifecycle.priors import EarlierReport, look_back
from hosr.report import Report
from hosr.sr.measurement import content_key, measurement_instance
from hosr.sr.receivers import Options
from hosr.status import Signature, Signing, Step
from hosr.vocabulary.terms import Event, Side
from tests.narrative.cases import PATIENT, READER, STUDY, a_report

__all__ = ["EARLIER_STUDY", "compared", "earlier", "earlier_report", "signed", "tha"]

_OPTIONS = Options()
EARLIER_STUDY = replace(
    STUDY, study_instance_uid="1.2.2", date="20250302", time="", accession_number="A2503021"
)
SIGNATURE = Signature(
    name="Rossi^Paolo",
    organization="Example Hospital",
    signed_at=dt.datetime(2025, 3, 3, 9, 10, tzinfo=dt.timezone(dt.timedelta(hours=1))),
)


def tha(date: dt.date | None = dt.date(2024, 6, 3), **given: Any) -> Context:
    """A context with a right total hip arthroplasty long before both studies."""
    event = IndexEvent(procedure=Event.TOTAL_HIP_ARTHROPLASTY, side=Side.RIGHT, date=date)
    return Context(**{"index_event": event, **given})


def earlier_report(*hips: Hip, **given: Any) -> Report:
    """A draft of the study of a year before."""
    usual: dict[str, Any] = {"study": EARLIER_STUDY, "context": tha(), "patient": PATIENT}
    report = a_report(*hips, **{**usual, "observer": READER, **given})
    # The images of then are not those of now.
    series = f"{report.subject.study.study_instance_uid}.4"
    images = tuple(
        replace(
            image,
            instance=replace(
                image.instance, series_instance_uid=series, sop_instance_uid=f"{series}.{number}"
            ),
        )
        for number, image in enumerate(report.subject.images, start=1)
    )
    return replace(report, subject=replace(report.subject, images=images, examined=()))


def signed(report: Report, step: Step = Step.SIGN, days: int = 0, **given: Any) -> Report:
    """The next version of a report, so many days after the signature of the case."""
    signature = replace(SIGNATURE, signed_at=SIGNATURE.signed_at + dt.timedelta(days=days))
    key = content_key(report, _OPTIONS)
    signing = Signing(
        **{
            "step": step,
            "signature": signature,
            "predecessors": (measurement_instance(key, _OPTIONS),),
            "tracked_as": key if report.signing is None else report.signing.tracked_as,
            "reason": "Read again." if step is Step.AMEND else "",
            **given,
        }
    )
    return replace(report, signing=signing)


def earlier(report: Report, place: str = "prior", **given: Any) -> EarlierReport:
    """The report as it is read, with the tracking UIDs that its place gives it."""
    instance = measurement_instance(content_key(report, _OPTIONS), _OPTIONS)
    uids = tuple((graded.hip.side, f"2.25.1{n}") for n, graded in enumerate(report.hips))
    return EarlierReport(
        place=place, report=report, documents=(instance,), tracking_uids=uids, **given
    )


def compared(now: Report, *then: Report) -> Report:
    """A report compared with earlier ones, those that nobody signed among them."""
    report, _ = look_back(now, [earlier(each) for each in then])
    return report
