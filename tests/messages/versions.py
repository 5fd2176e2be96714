"""Messages of the versions of a report."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from hosr.messages import MessageForm, make_oru
from hosr.report import Report
from hosr.status import Signature, Withdrawal, WithdrawalReason
from hosr.templating.sources import Wording
from tests.narrative.cases import CASES

__all__ = ["REPORT", "oru", "withdrawn"]

REPORT = CASES["row_10_narrow_gap"]


def oru(report: Report) -> bytes:
    """The message of a report."""
    return make_oru(report, Wording(), MessageForm(), sr_uid="2.25.77").data


def withdrawn(report: Report) -> Report:
    """The report once a person has withdrawn it, a day later."""
    moment = dt.datetime.fromisoformat("2026-03-03T11:20+01:00")
    signature = Signature(name="Neri^Ada", organization="Synthetic Hospital", signed_at=moment)
    reason = WithdrawalReason.WRONG_PATIENT
    return replace(report, withdrawal=Withdrawal(reason=reason, signature=signature))
