"""One report for each thing that a comparison must be able to say; the names are those of the goldens."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from hosr.findings import Calibration, Hip, Length, Person
from hosr.lifecycle.priors import look_back, parse_merged
from hosr.report import Report
from hosr.status import Addendum, Step
from hosr.vocabulary.terms import Bridging, Event, GapClass, Presence, Side, Stage, View
from tests.comparison.earlier import (
    EARLIER_STUDY,
    SIGNATURE,
    compared,
    earlier,
    earlier_report,
    signed,
    tha,
)
from tests.narrative.cases import (
    CALIBRATED,
    CALIBRATION,
    DETECTOR,
    MODEL,
    PATIENT,
    a_report,
    after,
    hip,
    spurred,
)

__all__ = ["COMPARED"]

_OTHER = Person(name="Neri^Ada", organization="Example Hospital")
_JANUARY = replace(EARLIER_STUDY, study_instance_uid="1.2.25", date="20260105")
_LEFT = Side.LEFT


def _gap(mm: float, calibration: Calibration | None = CALIBRATION, side: Side = Side.RIGHT) -> Hip:
    return spurred(Length(mm=mm, **CALIBRATED), side, calibration=calibration)


def _graded(brooker: str, stage: Stage | None = None) -> Hip:
    return hip(presence=Presence.PRESENT, source_grades=(("brooker", (brooker,)),), stage=stage)


def _merged() -> Report:
    """An amended report under an ID that was merged; more bone long after the arthroplasty."""
    patient = replace(PATIENT, patient_id="HO-0007")
    base = signed(earlier_report(_graded("II", Stage.MATURATION), patient=patient))
    then = signed(base, Step.AMEND, 7, predecessors=earlier(base).documents)
    now = a_report(_graded("III", Stage.MINERALIZATION), context=tha(dt.date(2019, 5, 6)))
    return look_back(now, [earlier(then)], [parse_merged("HO-0007=HO-0042")])[0]


def _forked() -> Report:
    base = signed(earlier_report(_gap(7.0)))
    versions = [
        signed(base, Step.AMEND, days, predecessors=earlier(base).documents) for days in (7, 8)
    ]
    return compared(a_report(_gap(6.2), context=tha()), *versions)


_ADDED = replace(SIGNATURE, signed_at=SIGNATURE.signed_at + dt.timedelta(days=1))
_ADDENDED = signed(
    earlier_report(_gap(12.0), observer=MODEL),
    Step.ADDEND,
    addenda=(Addendum(text="Seen with the surgeon.", signature=_ADDED),),
)

COMPARED: dict[str, Report] = {
    "compared_beyond_variation": compared(
        a_report(_gap(6.2), context=tha()), signed(earlier_report(_gap(10.6)))
    ),
    "compared_within_variation": compared(
        a_report(_gap(9.6), context=tha(dt.date(2025, 1, 20)), observer=_OTHER),
        signed(earlier_report(_gap(10.4), context=tha(dt.date(2025, 1, 20)))),
    ),
    "compared_on_another_view": compared(
        a_report(spurred(Length(mm=14.0, **DETECTOR)), context=tha(), view=View.LATERAL),
        signed(earlier_report(spurred(Length(mm=6.2, **DETECTOR)))),
    ),
    "compared_with_another_calibration": compared(
        a_report(_gap(6.2), context=tha()),
        signed(earlier_report(spurred(Length(mm=7.9, **DETECTOR)))),
    ),
    "compared_after_revision": compared(
        a_report(
            _gap(12.4, None), context=after(Event.REVISION_HIP_ARTHROPLASTY, 120, indication="Pain")
        ),
        signed(earlier_report(_gap(6.2))),
    ),
    "compared_with_a_merged_id": _merged(),
    "compared_with_bridging_and_a_class": compared(
        a_report(
            spurred(None, bridging=Bridging.APPARENT),
            spurred(Length(gap_class=GapClass.BELOW_10_MM), _LEFT),
            context=tha(),
        ),
        signed(earlier_report(_gap(3.0), spurred(Length(mm=14.0), _LEFT))),
    ),
    "compared_with_an_addended_report": compared(
        a_report(_gap(11.2), _gap(9.0, None, _LEFT), context=tha()),
        earlier_report(_gap(11.8), study=_JANUARY),
        _ADDENDED,
    ),
    "compared_with_none": compared(
        a_report(_gap(6.2), context=tha()), earlier_report(_gap(8.0), study=_JANUARY)
    ),
    "compared_with_no_fork": _forked(),
    "compared_by_grades_alone": compared(
        a_report(_graded("I"), context=tha(), observer=_OTHER),
        signed(earlier_report(_graded("III"))),
    ),
}
