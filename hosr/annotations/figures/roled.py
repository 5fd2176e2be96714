"""A figure and what its label stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hosr.annotations.roles import Meaning, Role
    from hosr.annotations.sources import Figure
    from hosr.vocabulary.terms import Side


@dataclass(frozen=True, slots=True, kw_only=True)
class RoledFigure:
    """One figure of a source, with the meaning of its label."""

    meaning: Meaning
    figure: Figure

    @property
    def role(self) -> Role:
        """What it stands for."""
        return self.meaning.role

    @property
    def side(self) -> Side | None:
        """Of which hip its label says it is."""
        return self.meaning.side

    @property
    def place(self) -> str:
        """Where it stands in its source."""
        return self.figure.place
