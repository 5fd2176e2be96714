"""Reports that persons did something to."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from hosr.report import Report
from hosr.status import Addendum, Signature, Signing, Step
from hosr.study import Instance

__all__ = ["signed"]

PREDECESSOR = Instance(
    series_instance_uid="2.25.7", sop_class_uid="2.25.6", sop_instance_uid="2.25.8"
)
CET = dt.timezone(dt.timedelta(hours=1))


def signed(
    report: Report,
    step: Step,
    minute: int = 20,
    name: str = "Rossi^Maria",
    *,
    is_amended: bool = False,
) -> Report:
    """The report after a step that this person did; words are added half an hour later, by another.

    Words may be added to what `is_amended`.
    """
    moment = dt.datetime(2026, 3, 2, 11, minute, tzinfo=CET)
    signature = Signature(
        name=name, organization="Synthetic Hospital", identifier="SYN&17", signed_at=moment
    )
    later = replace(signature, name="Neri^Ada", signed_at=moment + dt.timedelta(minutes=30))
    addenda = (Addendum(text="Left | hip too.", signature=later),) if step is Step.ADDEND else ()
    return replace(
        report,
        signing=Signing(
            step=step,
            signature=signature,
            predecessors=(PREDECESSOR,),
            tracked_as="a key",
            reason="Wrong ^ side" if step is Step.AMEND or is_amended else "",
            addenda=addenda,
        ),
    )
