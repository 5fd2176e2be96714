"""Comparisons as plain values, ready for JSON: what was compared with what, and what was not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from hosr.comparison.hips import compare_hips
from hosr.status import STATUSES
from hosr.study import Instance, read_date

if TYPE_CHECKING:
    from hosr.comparison.values import Comparison, SpaceChange
    from hosr.report import Report


def comparisons_json(report: Report) -> list[dict[str, Any]]:
    """One entry for each hip for which earlier reports were given; `then` is before, `now` after."""
    compared = {each.side: each for each in compare_hips(report)}
    return [
        {
            "side": lookback.side.value,
            "compared_with": _compared_json(compared.get(lookback.side)),
            "not_compared_with": [
                {
                    "because": passed.why.value,
                    "study_instance_uid": passed.study_instance_uid,
                    "study_date": _day(passed.study_date),
                    "documents": _uids(passed.documents),
                }
                for passed in lookback.passed_over
            ],
        }
        for lookback in report.lookbacks
    ]


def _compared_json(compared: Comparison | None) -> dict[str, Any] | None:
    if compared is None:
        return None
    prior, signature = compared.prior.report, compared.prior.report.signature
    return {
        "study_instance_uid": prior.study_instance_uid,
        "study_date": _day(prior.study_date),
        "documents": _uids(prior.documents),
        "status": STATUSES[prior.step].label,
        "signed_by": signature.name,
        "organization": signature.organization,
        "signed_at": signature.signed_at.isoformat(),
        "view": prior.view.value,
        "grades": {
            each.scale: {"then": list(each.before), "now": list(each.after)}
            for each in compared.grades
        },
        "space": None if compared.space is None else _space_json(compared.space),
        "events": [each.procedure.value for each in (*compared.events, *compared.undated)],
        "same_reader": compared.is_same_reader,
        "early_prior": compared.is_early_prior,
        "reading_variation": compared.is_reading_variation,
        "flags": [flag.value for flag in compared.flags],
    }


def _space_json(space: SpaceChange) -> dict[str, Any]:
    return {
        "then_mm": None if space.before is None else space.before.mm,
        "now_mm": None if space.after is None else space.after.mm,
        "uncertainties_mm": list(space.uncertainties_mm),
        "change_mm": space.change_mm,
        "variation_mm": space.variation_mm,
        "verdict": space.verdict.value,
        "not_comparable_because": [obstacle.value for obstacle in space.obstacles],
    }


def _day(text: str) -> str | None:
    date = read_date(text)
    return None if date is None else date.isoformat()


def _uids(documents: Iterable[Instance]) -> list[str]:
    return [each.sop_instance_uid for each in documents]
