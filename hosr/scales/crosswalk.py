"""What a Brooker grade alone says of Della Valle.

Both are read from the same findings, so that a Brooker grade leaves those Della Valle grades that
some hip of its kind has by the two definitions, which `brooker` and `della_valle` cite: 0 is A; II
is B; III and IV are C, which the authors of Della Valle say themselves ("Brooker 3 and 4, or grade
C", abstract of J Arthroplasty 2002;17:870-5); I is A or B, by the length of its longest island.
The other way no grade is decided: A is 0 or I, B is I or II, C is III or IV.
"""

from __future__ import annotations

from collections.abc import Iterable

from hosr.scales.della_valle import DELLA_VALLE

DELLA_VALLE_BY_BROOKER: dict[str, tuple[str, ...]] = {
    "0": ("A",),
    "I": ("A", "B"),
    "II": ("B",),
    "III": ("C",),
    "IV": ("C",),
}

# The only pairs that the two rules can give for one hip (by enumeration of all findings).
LEGAL_PAIRS = frozenset(
    (brooker, each) for brooker, grades in DELLA_VALLE_BY_BROOKER.items() for each in grades
)


def della_valle_by_brooker(stated: Iterable[str]) -> tuple[str, ...]:
    """The Della Valle grades that a Brooker grade, or a range, leaves; none where there is none."""
    left = {grade for brooker in stated for grade in DELLA_VALLE_BY_BROOKER[brooker]}
    return tuple(grade for grade in DELLA_VALLE.grades if grade in left)
