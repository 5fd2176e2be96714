"""What Brooker alone says of Della Valle, against the definitions of both."""

from __future__ import annotations

from dataclasses import fields
from itertools import product

from hosr.scales.brooker import BROOKER
from hosr.scales.crosswalk import DELLA_VALLE_BY_BROOKER, della_valle_by_brooker
from hosr.scales.della_valle import DELLA_VALLE
from hosr.scales.scale import Possibility


def test_the_table_is_what_every_possible_hip_has() -> None:
    """Of all hips with nothing left unknown, each Brooker grade has these Della Valle grades."""
    names = [field.name for field in fields(Possibility)]
    found: dict[str, set[str]] = {grade: set() for grade in BROOKER.grades}
    for values in product((False, True), repeat=len(names)):
        hip = Possibility(**dict(zip(names, values, strict=True)))
        found[BROOKER.grade(hip).grade].add(DELLA_VALLE.grade(hip).grade)
    assert {grade: {*left} for grade, left in DELLA_VALLE_BY_BROOKER.items()} == found


def test_a_range_leaves_what_each_of_its_grades_leaves() -> None:
    """III or IV is C; II or III is B or C; nothing is nothing."""
    ranges = [("III", "IV"), ("II", "III"), ("0", "I"), ("I", "II"), ()]
    assert [*map(della_valle_by_brooker, ranges)] == [
        ("C",),
        ("B", "C"),
        ("A", "B"),
        ("A", "B"),
        (),
    ]
