"""What masks of one hip lead to: findings, what is told, and the grades that stay possible."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from hosr.annotations.account import Account
from hosr.annotations.masks import FoundHip, MaskSetting, RoledMask, as_hip, find_hips
from hosr.findings import Algorithm
from hosr.intake.record import Record, parse_record, record_json
from hosr.pipeline import grade_record
from hosr.vocabulary.terms import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One hip of an import."""

    found: FoundHip
    account: Account
    possible: dict[str, tuple[str, ...]]

    @property
    def told(self) -> str:
        """Everything that the account tells, in one text."""
        entries = (*self.account.read, *self.account.refused, *self.account.assumed)
        return "\n".join(f"{entry.place}: {entry.words}" for entry in entries)


def outcome(
    masks: Sequence[RoledMask], setting: MaskSetting | None = None, view: View = View.CT
) -> Outcome:
    """The one hip that these masks show, graded as a record that was written and read again."""
    account = Account()
    (found,) = find_hips(masks, setting or MaskSetting(), account)
    account.raise_faults()
    record = Record(
        graded_at=dt.datetime(2026, 3, 2, 10, 15, tzinfo=dt.UTC),
        observer=Algorithm(name="Sample HO segmenter", version="1.0"),
        view=view,
        hips=(as_hip(found),),
    )
    (graded,) = grade_record(parse_record(record_json(record), "record"))
    possible = {grade.scale: grade.possible for grade in graded.grades}
    return Outcome(found=found, account=account, possible=possible)


def faults_of(masks: Sequence[RoledMask], setting: MaskSetting | None = None) -> list[str]:
    """The problems of masks that no record can be made of."""
    account = Account()
    find_hips(masks, setting or MaskSetting(), account)
    return [f"{fault.path}: {fault.problem}" for fault in account.faults]
