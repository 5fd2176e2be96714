"""The facts of a grading: what its words, drawings and tables ask, answered once by its rules.

Whoever tells or draws a graded hip asks it, and neither the scales nor the measuring again: what
is said beside a grade then cannot disagree with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum, auto

from hosr.findings import Hip, Length, Plane
from hosr.measure.length import MAGNIFICATIONS, patient_interval_mm
from hosr.scales import SCALES
from hosr.scales.extent import (
    LIMIT_MM,
    has_grounds,
    has_spur,
    in_contact,
    is_bridged,
    longest_island,
    possibilities_of,
    why_not_gradable,
)
from hosr.scales.flags import is_equivocal, stated_without_plane, uncertainty_mm
from hosr.scales.scale import Grade, Possibility, Scale, Setting
from hosr.scales.scores import highest_scored
from hosr.vocabulary.flags import Flag
from hosr.vocabulary.terms import Bridging, GapClass, ImagingModality, Presence

__all__ = [
    "LIMIT_MM",
    "SCALES",
    "Grade",
    "GradedLength",
    "HipFacts",
    "OpenQuestion",
    "Scale",
    "grade_length",
]

# Grades of one system each, with its key, as findings hold those of a source.
Alternatives = tuple[tuple[str, tuple[str, ...]], ...]


class OpenQuestion(Enum):
    """What would have to be known for the findings to decide a grade."""

    SPACE_ON_MR = auto()
    NO_MILLIMETRES = auto()
    CONTACT = auto()
    SPACE = auto()
    SPACE_ON_VIEW = auto()
    """The same, where a space is known on the lateral view: only the graded view decides."""
    SPURS = auto()
    BRIDGING = auto()
    SPURS_AND_BRIDGING = auto()
    ISLAND_LENGTH = auto()
    CALIBRATION = auto()
    UNKNOWN = auto()


# The first of them that are flagged are asked together.
_FLAGGED = {
    Flag.CONTACT: OpenQuestion.CONTACT,
    Flag.GAP_MISSING: OpenQuestion.SPACE,
    Flag.SPUR_UNKNOWN: OpenQuestion.SPURS,
    Flag.BRIDGING_UNKNOWN: OpenQuestion.BRIDGING,
    Flag.ISLAND_LENGTH_MISSING: OpenQuestion.ISLAND_LENGTH,
}
# Two systems turn on 1 cm of every length; the others have words of their own.
_TURNING_ON_LIMIT = ("brooker", "della_valle")


@dataclass(frozen=True, slots=True, kw_only=True)
class GradedLength:
    """A length of a graded hip, what it stands for in the patient, and how it stands to 1 cm.

    `patient_mm` is the least and the greatest that it may be in the patient, `reach_mm` the same
    with its uncertainty; both None without millimetres. `magnification` is the least and the most
    that its plane allows. `uncertainty_mm` is its own or, where nobody stated one, its reader's.
    `is_below` tells on which side of 1 cm it lies, by its millimetres, else by its class; None
    where that is open. It is equivocal where reading could have brought it to the other side.
    """

    length: Length
    patient_mm: tuple[float, float] | None
    reach_mm: tuple[float, float] | None
    magnification: tuple[float, float]
    uncertainty_mm: float
    is_below: bool | None
    is_equivocal: bool

    @property
    def in_patient(self) -> bool:
        """Whether it is one in the patient, or taken for one."""
        return self.length.plane.is_true_size

    @property
    def least_mm(self) -> float:
        """What it surely is in the patient; lengths in different planes compare by nothing else."""
        return 0.0 if self.patient_mm is None else self.patient_mm[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class HipFacts:
    """What the grades of one hip rest on.

    `obstacle` says why no grade can be given, "" where one can; `has_grounds` whether there are
    findings to derive one from. A space on MR decides no grade. `islands` are those with a length,
    `longest_island` the one that decides. `uncorrected` is the length that decides as it would be at
    the detector, where it was stated without its plane, of an image that is not calibrated. `absent_by_grade` tells that the absence of bone may be
    known from a grade of the source alone. `open_questions` are why several grades are possible;
    `grades_by_gap` and `grades_by_island` what they would be on either side of 1 cm, where that
    length is equivocal. `outscored` are grades that a model scored highest, yet its grade is another.
    """

    obstacle: str
    has_grounds: bool
    is_bridged: bool
    in_contact: bool
    has_spur: bool | None
    space_decides: bool
    absent_by_grade: bool
    gap: GradedLength | None
    gap_lateral: GradedLength | None
    islands: tuple[GradedLength, ...]
    longest_island: GradedLength | None
    uncorrected: GradedLength | None
    open_questions: tuple[OpenQuestion, ...]
    grades_by_gap: Alternatives
    grades_by_island: Alternatives
    outscored: Alternatives


def grades_beside_limit(*, of_island: bool) -> tuple[str, str]:
    """What the systems that turn on 1 cm give below it and from it on, as "III / C" and "II / B"."""
    if of_island:
        below, above = Possibility(island=True), Possibility(island=True, island_long=True)
    else:
        below, above = Possibility(spur=True, gap_below=True), Possibility(spur=True)
    pairs = [
        (SCALES[key].grade(below).grade, SCALES[key].grade(above).grade)
        for key in _TURNING_ON_LIMIT
    ]
    turning = [(short, long) for short, long in pairs if short != long]
    return " / ".join(short for short, _ in turning), " / ".join(long for _, long in turning)


def find_facts(hip: Hip, flags: tuple[Flag, ...], setting: Setting) -> HipFacts:
    """The facts of a hip in the setting that it was graded in, and with the flags that it got."""
    gap, longest = grade_length(hip.gap, setting), grade_length(longest_island(hip), setting)
    lengths = (island.length for island in hip.islands or ())
    islands = (grade_length(length, setting) for length in lengths)
    return HipFacts(
        obstacle=why_not_gradable(hip),
        has_grounds=has_grounds(hip),
        is_bridged=is_bridged(hip),
        in_contact=in_contact(hip),
        has_spur=has_spur(hip, setting.modality),
        space_decides=setting.modality is not ImagingModality.MR,
        absent_by_grade=_is_absent_by_grade(hip),
        gap=gap,
        gap_lateral=grade_length(hip.gap_lateral, setting),
        islands=tuple(island for island in islands if island is not None),
        longest_island=longest,
        uncorrected=_find_uncorrected(hip, setting),
        open_questions=_find_open_questions(hip, flags, setting),
        grades_by_gap=_grades_by_gap(hip, setting) if gap and gap.is_equivocal else (),
        grades_by_island=(
            _grades_by_island(hip, setting) if longest and longest.is_equivocal else ()
        ),
        outscored=_find_outscored(hip, setting.modality),
    )


def grade_length(length: Length | None, setting: Setting) -> GradedLength | None:
    """A length as it was read in this setting; None where there is none."""
    if length is None:
        return None
    width = uncertainty_mm(length, setting)
    interval = patient_interval_mm(length)
    return GradedLength(
        length=length,
        patient_mm=interval,
        reach_mm=patient_interval_mm(length, width),
        magnification=MAGNIFICATIONS[length.plane],
        uncertainty_mm=width,
        is_below=_is_below(length, interval),
        is_equivocal=is_equivocal(length, setting),
    )


def _find_uncorrected(hip: Hip, setting: Setting) -> GradedLength | None:
    """Of several the one nearest to 1 cm from above, which may fall below it."""
    found = sorted(stated_without_plane(hip, setting), key=lambda length: length.mm or 0.0)
    above = [length for length in found if (length.mm or 0.0) >= LIMIT_MM]
    chosen = next(iter(above or found), None)
    return None if chosen is None else grade_length(replace(chosen, plane=Plane.DETECTOR), setting)


def _is_below(length: Length, interval: tuple[float, float] | None) -> bool | None:
    if interval is None:
        return None if length.gap_class is None else length.gap_class is GapClass.BELOW_10_MM
    least, greatest = interval
    return None if least < LIMIT_MM <= greatest else greatest < LIMIT_MM


def _is_absent_by_grade(hip: Hip) -> bool:
    denied = hip.islands == () and hip.spurs.any is False and hip.bridging is Bridging.NONE
    return hip.presence is Presence.ABSENT and bool(hip.source_grades) and not denied


def _find_open_questions(
    hip: Hip, flags: tuple[Flag, ...], setting: Setting
) -> tuple[OpenQuestion, ...]:
    measured = hip.gap is not None and (hip.gap.mm is not None or hip.gap.gap_class is not None)
    if setting.modality is ImagingModality.MR and measured:
        return (OpenQuestion.SPACE_ON_MR,)
    if hip.gap is not None and hip.gap.line is not None and not measured:
        return (OpenQuestion.NO_MILLIMETRES,)
    asked = [question for flag, question in _FLAGGED.items() if flag in flags]
    if {OpenQuestion.SPURS, OpenQuestion.BRIDGING} <= set(asked):
        asked.remove(OpenQuestion.BRIDGING)
        asked[asked.index(OpenQuestion.SPURS)] = OpenQuestion.SPURS_AND_BRIDGING
    if setting.modality is ImagingModality.MR:
        named = {OpenQuestion.SPACE: OpenQuestion.SPACE_ON_MR}
        asked = [named.get(question, question) for question in asked]
    if hip.gap_lateral is not None:
        named = {OpenQuestion.SPACE: OpenQuestion.SPACE_ON_VIEW}
        asked = [named.get(question, question) for question in asked]
    if asked:
        return tuple(asked)
    # Uncalibrated lengths are the reason only where no other is.
    return (OpenQuestion.CALIBRATION if Flag.UNCALIBRATED in flags else OpenQuestion.UNKNOWN,)


def _grades_by_gap(hip: Hip, setting: Setting) -> Alternatives:
    open_joints = (each for each in possibilities_of(hip, setting.modality) if not each.bridged)
    return _alternatives(
        replace(each, gap_below=below) for each in open_joints for below in (False, True)
    )


def _grades_by_island(hip: Hip, setting: Setting) -> Alternatives:
    return _alternatives(
        replace(each, island_long=long)
        for each in possibilities_of(hip, setting.modality)
        for long in (False, True)
    )


def _alternatives(possibilities: Iterable[Possibility]) -> Alternatives:
    every = frozenset(possibilities)
    possible = ((key, SCALES[key].possible(every)) for key in _TURNING_ON_LIMIT)
    return tuple((key, grades) for key, grades in possible if len(grades) > 1)


def _find_outscored(hip: Hip, modality: ImagingModality) -> Alternatives:
    allowed = possibilities_of(hip, modality)
    found = []
    for given in hip.probabilities:
        scale = SCALES[given.scale]
        highest = highest_scored(given, scale)
        # Where the scores left grades open that the findings decide, these are the grade.
        told = hip.source_grade(given.scale) or scale.possible(allowed)
        if not set(highest) & set(told):
            found.append((given.scale, highest))
    return tuple(found)
