"""What hosr says of the records of a draft, on its images as they lie there; what cannot change is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from hosr.desk.authorship import is_by_person
from hosr.drafts import Judged, judge
from hosr.drafts.former_grades import former_grades, is_same_observer
from hosr.drafts.judgement import standing_decisions
from hosr.errors import ImagesRefused

if TYPE_CHECKING:
    from hosr.desk.draft_images import DraftImages
    from hosr.drafts import Draft
    from hosr.report import GradedHip
    from hosr.status import FormerGrade

Json = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Judge:
    """The judge of all drafts of a desk; `clock` gives the time with its offset."""

    imagery: DraftImages
    clock: Callable[[], dt.datetime]
    _formers: dict[str, tuple[FormerGrade, ...]] = field(default_factory=dict)
    _originals: dict[str, tuple[GradedHip, ...]] = field(default_factory=dict)

    def judge(
        self,
        draft: Draft,
        record: Json,
        decisions: tuple[str, ...] = (),
        *,
        former: tuple[FormerGrade, ...] = (),
        is_kept: bool = True,
    ) -> Judged:
        """What hosr says of a record on the images of a draft; that these are gone is a fault of it.

        Whether they are unchanged is asked where the record is kept, and not at each step of a drag.
        """
        judging = partial(judge, decisions=decisions, now=self.clock(), former=former)
        try:
            opened = (
                self.imagery.open(draft.draft_id) if is_kept else self.imagery.images.open(draft)
            )
        except ImagesRefused as refused:
            judged = judging(record, None)
            return replace(judged, faults=(*judged.faults, *refused.faults))
        compare = self.imagery.earlier.compare(draft.priors)
        return judging(record, opened.source, compare=compare)

    def settle(
        self,
        draft: Draft,
        record: Json,
        decisions: tuple[str, ...],
        *,
        former: tuple[FormerGrade, ...],
        is_kept: bool = True,
    ) -> tuple[Judged, tuple[str, ...]]:
        """The same, with those decisions that stand."""
        judged = self.judge(draft, record, decisions, former=former, is_kept=is_kept)
        standing = standing_decisions(decisions, judged)
        if standing != decisions:
            judged = self.judge(draft, record, standing, former=former, is_kept=is_kept)
        return judged, standing

    def find_former(self, draft: Draft, record: Json) -> tuple[FormerGrade, ...]:
        """What was graded by whom the draft was begun by, where the record is by another one."""
        if is_same_observer(draft.original.get("observer"), record.get("observer")):
            return ()
        if draft.draft_id not in self._formers:
            self._formers[draft.draft_id] = former_grades(draft.original, record)
        return self._formers[draft.draft_id]

    def hips_of_original(self, draft: Draft) -> tuple[GradedHip, ...]:
        """What a draft of an algorithm was begun with, as graded; none of one of a person."""
        if is_by_person(draft.original):
            return ()
        hips = self._originals.get(draft.draft_id)
        if hips is None:
            judged = self.judge(draft, draft.original, is_kept=False)
            hips = judged.hips
            if judged.outcome is not None:  # else without what its images say
                self._originals[draft.draft_id] = hips
        return hips
