"""What every sentence depends on beside the hip: who graded on what view, and the language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hosr.findings import Algorithm
from hosr.narrative import words

if TYPE_CHECKING:
    from hosr.language import Language
    from hosr.report import Report


@dataclass(frozen=True, slots=True)
class Telling:
    """One report, told in one language."""

    report: Report
    language: Language

    @property
    def by_algorithm(self) -> bool:
        """Whether an algorithm graded, and no person."""
        return isinstance(self.report.observer, Algorithm)

    @property
    def as_graded(self) -> str:
        """The words that tell a grade of the source from one by the findings."""
        return self.language.say(words.AS_GRADED[self.by_algorithm])

    @property
    def on_view(self) -> str:
        """The place where the grading was made, as an adverb: "on the lateral view"."""
        return self.language.say(words.ON_VIEWS[self.report.view])
