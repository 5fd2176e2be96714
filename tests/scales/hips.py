"""Hips and readings in few words, graded on the way that every report takes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from hosr.errors import Fault
from hosr.findings import (
    Algorithm,
    Basis,
    Calibration,
    Context,
    Hip,
    IndexEvent,
    Island,
    Length,
    Line,
    Observer,
    Person,
    Place,
    Plane,
    Probabilities,
    Spurs,
)
from hosr.report import GradedHip, Reading, grade_reading
from hosr.vocabulary.flags import Flag
from hosr.vocabulary.terms import Bridging, Event, GapClass, Presence, Side, Stage, View

READER = Person(name="Rossi^Maria")
MODEL = Algorithm(name="hip-grader", version="2.1.0")
GRADED_AT = dt.datetime(2026, 3, 2, 10, 15, tzinfo=dt.UTC)
STUDY_DATE = dt.date(2026, 3, 1)
IMAGE = Place(sop_instance_uid="1.2.3.4")
LINE = Line(start=(10.0, 20.0), end=(10.0, 30.0), place=IMAGE)

DENIED = Spurs(pelvis=False, femur=False)
SPURS = Spurs(pelvis=True, femur=True)
WIDE = Length(gap_class=GapClass.AT_LEAST_10_MM)
NARROW = Length(gap_class=GapClass.BELOW_10_MM)

Answers = dict[str, tuple[str, ...]]


def mm(value: float, plane: Plane = Plane.PATIENT, **given: Any) -> Length:
    """A length stated in millimetres."""
    return Length(mm=value, plane=plane, **given)


def measured(value: float, basis: Basis = Basis.CALIBRATED_FIDUCIAL) -> Length:
    """A length computed from two points."""
    return Length(mm=value, basis=basis, plane=Plane.PATIENT, line=LINE)


def drawn(**given: Any) -> Length:
    """A length that was drawn on an image without spacing."""
    return Length(plane=Plane.UNKNOWN, basis=Basis.UNCALIBRATED, line=LINE, **given)


def islands(*lengths: float | Length | None) -> tuple[Island, ...]:
    """Islands of these lengths; a number is millimetres in the patient, None is not measured."""
    return tuple(
        Island(length=mm(length) if isinstance(length, int | float) else length)
        for length in lengths
    )


def a_hip(**given: Any) -> Hip:
    """A right hip of which nothing is stated but what is given."""
    return Hip(**{"side": Side.RIGHT, **given})


def present(**given: Any) -> Hip:
    """A hip with ossification."""
    return a_hip(presence=Presence.PRESENT, **given)


def spurred(**given: Any) -> Hip:
    """A hip with spurs of both bones and no bridging."""
    return present(**{"spurs": SPURS, "bridging": Bridging.NONE, **given})


def with_islands(*lengths: float | Length | None, **given: Any) -> Hip:
    """A hip with islands, without spurs or bridging."""
    found = {"islands": islands(*lengths), "spurs": DENIED, "bridging": Bridging.NONE}
    return present(**{**found, **given})


def graded_as(**grades: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Grades of the source by scale: "III", or "II III" for a range."""
    return tuple((scale, tuple(words.split())) for scale, words in grades.items())


def scored(scale: str = "brooker", /, **scores: float) -> tuple[Probabilities, ...]:
    """A model's scores for the grades of one scale."""
    return (Probabilities(scale=scale, scores=tuple(scores.items())),)


def after(procedure: Event, days: int | None = None, side: Side | None = None) -> Context:
    """The context of a study so many days after an event."""
    date = None if days is None else STUDY_DATE - dt.timedelta(days=days)
    return Context(index_event=IndexEvent(procedure=procedure, side=side, date=date))


def after_each(right: tuple[Event, int], left: tuple[Event, int]) -> Context:
    """The context of a study so many days after an event of each hip."""
    events = [
        IndexEvent(procedure=event, side=side, date=STUDY_DATE - dt.timedelta(days=days))
        for side, (event, days) in ((Side.RIGHT, right), (Side.LEFT, left))
    ]
    return Context(index_event=events[0], other_event=events[1])


def calibration() -> Calibration:
    """An object of 32 mm."""
    return Calibration(line=LINE, true_mm=32)


def reading(*hips: Hip, view: View = View.AP_PELVIS, **given: Any) -> Reading:
    """A reading of these hips on an AP film of the pelvis."""
    known: dict[str, Any] = {"observer": READER, "graded_at": GRADED_AT, "view": view}
    return Reading(**{**known, **given}, hips=hips)


def grade(hip: Hip, view: View = View.AP_PELVIS, **given: Any) -> GradedHip:
    """The hip with what it implies, graded; it must not contradict itself."""
    (graded,), faults = grade_reading(reading(hip, view=view, **given), STUDY_DATE)
    assert faults == []
    return graded


def faults_of(hip: Hip, view: View = View.AP_PELVIS, **given: Any) -> list[Fault]:
    """What is refused in the hip."""
    return grade_reading(reading(hip, view=view, **given), STUDY_DATE)[1]


def possible(graded: GradedHip) -> Answers:
    """The grades that the findings leave open, by scale."""
    return {answer.scale: answer.possible for answer in graded.grades}


def flags(hip: Hip, view: View = View.AP_PELVIS, observer: Observer = READER) -> tuple[Flag, ...]:
    """The flags of the hip."""
    return grade(hip, view, observer=observer).flags


def graded_with_faults(hip: Hip) -> tuple[tuple[GradedHip, ...], list[Fault]]:
    """The hip as graded, contradictions or not."""
    return grade_reading(reading(hip), STUDY_DATE)


def faults_in(given: Reading) -> list[Fault]:
    """What is refused in a reading."""
    return grade_reading(given, STUDY_DATE)[1]


def on(side: Side, hip: Hip) -> Hip:
    """The same hip on another side."""
    return replace(hip, side=side)


@dataclass(frozen=True)
class Case:
    """A hip, and the circumstances in which it was graded."""

    hip: Hip
    view: View = View.AP_PELVIS
    context: Context = Context()  # noqa: RUF009 (frozen)

    def flags(self) -> tuple[Flag, ...]:
        """What is raised; the hip must not contradict itself."""
        return grade(self.hip, self.view, context=self.context).flags

    def faults(self) -> list[Fault]:
        """What is refused."""
        return faults_of(self.hip, self.view, context=self.context)


def staged(stage: Stage | None, *features: str, view: View = View.AP_PELVIS) -> Case:
    """A lesion in a stage, with features, on a view."""
    return Case(present(stage=stage, features=features), view)


def hip_fault(field: str, problem: str, remedy: str, rule: str = "") -> Fault:
    """A fault in the first hip."""
    return Fault(f"$.hips[0].{field}", problem, remedy, rule)
