"""What an earlier report says of a hip: the facts that a comparison with it rests on.

They stand in the report that is compared as they were then, and a judgement never does: that follows
from them by the rules of `hosr.comparison`, wherever the report is read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from hosr.findings import IndexEvent, Length, Observer
from hosr.identity import is_usable_uid
from hosr.status import Signature, Step
from hosr.study import Instance
from hosr.vocabulary.terms import Bridging, Presence, Side, Stage, View

# Grades as stated, by the key of their scale: one, several where it was left open.
StatedGrades = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorReport:
    """The earlier report itself: of what study, graded by whom, signed by whom and when.

    `study_date` is a DICOM date (YYYYMMDD); `documents` are its structured reports, the measurement
    report first, and `images` those that it speaks of. `step` is how it came to be what it is, and
    `signature` that of its content. `time_point` counts the studies that were compared one with the
    next, the first being 1. `formerly` is the patient ID that it is filed under, where a person said that
    this one took its place; else "".
    """

    study_instance_uid: str
    study_date: str
    documents: tuple[Instance, ...]
    images: tuple[Instance, ...]
    modality: str
    view: View
    observer: Observer
    step: Step
    signature: Signature
    time_point: int = 1
    formerly: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if not self.documents or not is_usable_uid(self.study_instance_uid):
            raise ValueError("an earlier report has a document and a study")


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorHip:
    """One hip in an earlier report.

    `gap` has no line, on an image or in space: where it was drawn is for the images of then.
    `object_mm` is the true size of the object that it was calibrated to, `event` the index event of the
    hip. `tracking_uid` is by which the documents know its lesion, then and now.
    """

    report: PriorReport
    grades: StatedGrades
    presence: Presence | None
    bridging: Bridging | None
    stage: Stage | None
    gap: Length | None
    object_mm: float | None
    event: IndexEvent | None
    tracking_uid: str

    def __post_init__(self) -> None:
        if self.gap is not None and (self.gap.line or self.gap.segment):
            raise ValueError("the gap of an earlier report is on none of these images")

    def grade(self, scale: str) -> tuple[str, ...]:
        """What was stated on a scale; nothing where the hip was not graded on it."""
        return dict(self.grades).get(scale, ())


class Passing(StrEnum):
    """Why an earlier report that was given is not compared with."""

    DRAFT = "draft"
    """Nobody signed it."""
    FORK = "fork"
    """Two versions take the place of one and the same, and neither of the other."""
    OTHER_HIP = "other_hip"
    """It is of the other hip alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """A study with an earlier report that is told and not compared with, and its documents."""

    why: Passing
    study_instance_uid: str
    study_date: str
    documents: tuple[Instance, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookback:
    """What the earlier reports that were given hold for one hip.

    `compared` is the newest one that is signed; None where there is none. `passed_over` are those newer
    than it that cannot be compared with, the newest first.
    """

    side: Side
    compared: PriorHip | None = None
    passed_over: tuple[PassedOver, ...] = ()
