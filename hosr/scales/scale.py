"""What a scale is: a cited, ordered table of criteria; what grading by it gives; and the setting of a grading."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hosr.codes import Code, hosr_code
from hosr.findings import Context, IndexEvent, Observer
from hosr.vocabulary.terms import VIEW_MODALITIES, ImagingModality, View


@dataclass(frozen=True, slots=True, kw_only=True)
class Possibility:
    """One hip with nothing left unknown.

    Findings that leave something open allow several; a grade is decided when all of them agree.
    Limits are 10 mm in the patient: "below" is less than that, "long" is at least that.
    """

    bridged: bool = False
    spur: bool = False
    gap_below: bool = False
    gap_lateral_below: bool = False
    island: bool = False
    island_long: bool = False


@dataclass(frozen=True, slots=True)
class Criterion:
    """One row of a scale: the grade, when it applies, and the rule in a sentence."""

    grade: str
    applies: Callable[[Possibility], bool]
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A published classification. The first criterion that applies gives the grade.

    `grades` run from the least to the most severe, and the least is that of a hip without
    ossification; `stem` begins the private codes of the scale; an optional scale is graded only
    where its input is given.
    """

    key: str
    title: str
    citation: str
    stem: str
    grades: tuple[str, ...]
    criteria: tuple[Criterion, ...]
    optional: bool = False

    @property
    def concept(self) -> Code:
        """The scale itself: the question to which a stated grade is the answer."""
        return hosr_code(self.stem, f"{self.title} classification")

    @property
    def source_concept(self) -> Code:
        """The question to which the source's own grade is the answer."""
        return hosr_code(f"{self.stem}-SOURCE", f"{self.title} as graded by the source")

    @property
    def possible_concept(self) -> Code:
        """The question to which each grade that the findings allow is an answer."""
        return hosr_code(f"{self.stem}-FINDINGS", f"{self.title} by the findings")

    @property
    def rule_concept(self) -> Code:
        """The name of the sentence that tells the rule."""
        return hosr_code(f"{self.stem}-RULE", f"{self.title} rule applied")

    @property
    def model_concept(self) -> Code:
        """The question to which each grade that a model scored is an answer."""
        return hosr_code(f"{self.stem}-MODEL", f"{self.title} scored by the model")

    def code(self, grade: str) -> Code:
        """The coded grade."""
        return hosr_code(f"{self.stem}-{grade}", f"{self.title} {grade}")

    def grade(self, possibility: Possibility) -> Criterion:
        """The criterion that a fully known hip meets."""
        return next(criterion for criterion in self.criteria if criterion.applies(possibility))

    def possible(self, possibilities: Iterable[Possibility]) -> tuple[str, ...]:
        """Every grade that some of the possibilities have, in order of severity."""
        met = {self.grade(possibility).grade for possibility in possibilities}
        return tuple(grade for grade in self.grades if grade in met)

    @property
    def least_is_absence(self) -> bool:
        """Whether the least grade says that there is no bone; Della Valle A may hold islands."""
        return self.grade(Possibility(island=True)).grade != self.grades[0]

    def counts_bone(self, stated: Iterable[str]) -> bool:
        """Whether every grade that was stated needs bone; False where none was stated."""
        grades = set(stated)
        return bool(grades) and self.grades[0] not in grades

    def denies_bone(self, stated: Iterable[str]) -> bool:
        """Whether the only grade that was stated is that of a hip without ossification."""
        return self.least_is_absence and set(stated) == {self.grades[0]}

    def is_range(self, stated: tuple[str, ...]) -> bool:
        """Whether several grades are neighbours, in order; a model's tie of grades apart is not."""
        first = self.grades.index(stated[0])
        return len(stated) > 1 and self.grades[first : first + len(stated)] == stated

    def sentence(self, grade: str) -> str:
        """The rule of a grade."""
        return next(c.sentence for c in self.criteria if c.grade == grade)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """The grade of one hip on one scale.

    `possible` is what the findings leave open, or what the source graded where there are no
    findings to derive from; `source` is what the source graded, one grade or a range.
    """

    scale: str
    possible: tuple[str, ...]
    rule: str
    source: tuple[str, ...] = ()

    @property
    def stated(self) -> tuple[str, ...]:
        """What a report states: the source's grade where there is one, else what the findings leave."""
        return self.source or self.possible

    @property
    def grade(self) -> str | None:
        """The one grade that a report states; None where it states none, or several."""
        return self.stated[0] if len(self.stated) == 1 else None

    @property
    def differs(self) -> bool:
        """Whether the source graded what the findings exclude."""
        return bool(self.source and self.possible) and not set(self.source) & set(self.possible)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Who graded, on what view, in what context, and when the images were made.

    It bears on no grade, but on flags and contradictions.
    """

    observer: Observer
    view: View
    context: Context = Context()  # noqa: RUF009 (frozen)
    study_date: dt.date | None = None

    @property
    def modality(self) -> ImagingModality:
        """Radiograph, CT or MR."""
        return VIEW_MODALITIES[self.view]

    def days_since(self, event: IndexEvent | None) -> int | None:
        """Days from an index event to the study, where both dates are known."""
        if event is None or event.date is None or self.study_date is None:
            return None
        return (self.study_date - event.date).days
