"""The Della Valle table: islands by their length, spurs by the gap, either being enough."""

import pytest

from hosr.scales.della_valle import DELLA_VALLE
from hosr.scales.scale import Grade, Possibility
from tests.scales import hips
from tests.scales.hips import mm, spurred, with_islands


@pytest.mark.parametrize(
    ("possibility", "grade"),
    [
        (Possibility(), "A"),
        (Possibility(island=True), "A"),
        (Possibility(island=True, island_long=True), "B"),
        (Possibility(spur=True), "B"),
        (Possibility(spur=True, island=True), "B"),
        (Possibility(spur=True, island=True, island_long=True), "B"),
        (Possibility(spur=True, gap_lateral_below=True), "B"),
        (Possibility(spur=True, gap_below=True), "C"),
        (Possibility(spur=True, gap_below=True, island=True, island_long=True), "C"),
        (Possibility(bridged=True), "C"),
        (Possibility(bridged=True, island=True), "C"),
    ],
)
def test_first_criterion_that_applies(possibility: Possibility, grade: str) -> None:
    """B is a long island or spurs that leave 1 cm: one of them is enough, none leaves a hole."""
    assert DELLA_VALLE.grade(possibility).grade == grade


def test_length_of_one_island_counts() -> None:
    """Islands are not added up: three of 6 mm are short."""
    assert hips.possible(hips.grade(with_islands(6, 6, 6)))["della_valle"] == ("A",)


def test_table() -> None:
    """Three grades, each with its wording and the paper it is from."""
    assert [(grade, DELLA_VALLE.sentence(grade)) for grade in DELLA_VALLE.grades] == [
        ("A", "no heterotopic ossification, or only islands of bone shorter than 1 cm"),
        (
            "B",
            "an island of bone of at least 1 cm, or bone spurs with at least 1 cm between femur and pelvis",
        ),
        (
            "C",
            "bone spurs with less than 1 cm between opposing bone surfaces, or bone ankylosis",
        ),
    ]
    assert DELLA_VALLE.citation == "Della Valle et al., J Arthroplasty 2002;17:870-5"


def test_codes() -> None:
    """Every answer of the scale has its code."""
    assert [(c.value, c.meaning) for c in map(DELLA_VALLE.code, DELLA_VALLE.grades)] == [
        ("DELLAV-A", "Della Valle A"),
        ("DELLAV-B", "Della Valle B"),
        ("DELLAV-C", "Della Valle C"),
    ]


def test_least_grade_is_not_absence() -> None:
    """A says nothing of presence, for it holds short islands; B and C count bone."""
    assert not DELLA_VALLE.least_is_absence
    assert not DELLA_VALLE.denies_bone(["A"])
    assert [DELLA_VALLE.counts_bone(given) for given in ("", "A", "AB", "B", "BC")] == [
        False,
        False,
        False,
        True,
        True,
    ]


def test_decided_grade_tells_its_rule() -> None:
    """A decided grade comes with the criterion that gave it."""
    assert hips.grade(spurred(gap=mm(6.2))).grade("della_valle") == Grade(
        scale="della_valle",
        possible=("C",),
        rule="Della Valle C: bone spurs with less than 1 cm between opposing bone surfaces, "
        "or bone ankylosis",
    )
