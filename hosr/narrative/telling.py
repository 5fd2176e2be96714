"""What every sentence depends on beside the hip: the circumstances of the grading, the language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hosr.findings import Algorithm
from hosr.narrative import words

if TYPE_CHECKING:
    from hosr.language import Language
    from hosr.scales.setting import Setting


@dataclass(frozen=True, slots=True)
class Telling:
    """One grading, told in one language."""

    setting: Setting
    language: Language

    @property
    def by_algorithm(self) -> bool:
        """Whether an algorithm graded, and no person."""
        return isinstance(self.setting.observer, Algorithm)

    @property
    def as_graded(self) -> str:
        """The words that tell a grade of the source from one by the findings."""
        return self.language.say(words.AS_GRADED[self.by_algorithm])

    @property
    def on_view(self) -> str:
        """The place where the grading was made, as an adverb: "on the lateral view"."""
        return self.language.say(words.ON_VIEWS[self.setting.view])
