"""The Brooker table: its rows in order, its codes, its words."""

import pytest

from hosr.scales.brooker import BROOKER
from hosr.scales.scale import Grade, Possibility
from tests.scales import hips
from tests.scales.hips import mm, spurred


@pytest.mark.parametrize(
    ("possibility", "grade"),
    [
        (Possibility(), "0"),
        (Possibility(island=True), "I"),
        (Possibility(island=True, island_long=True), "I"),
        (Possibility(spur=True), "II"),
        (Possibility(spur=True, island=True, island_long=True), "II"),
        (Possibility(spur=True, gap_lateral_below=True), "II"),
        (Possibility(spur=True, gap_below=True), "III"),
        (Possibility(spur=True, gap_below=True, island=True), "III"),
        (Possibility(bridged=True), "IV"),
        (Possibility(bridged=True, spur=True), "IV"),
        (Possibility(bridged=True, spur=True, gap_below=True, island=True), "IV"),
    ],
)
def test_first_criterion_that_applies(possibility: Possibility, grade: str) -> None:
    """Bridging stands above spurs, spurs above islands; the lateral view does not count."""
    assert BROOKER.grade(possibility).grade == grade


def test_table() -> None:
    """Five grades from none to ankylosis, with the wording of 1 cm between surfaces, not of bone."""
    assert [(grade, BROOKER.sentence(grade)) for grade in BROOKER.grades] == [
        ("0", "no heterotopic ossification"),
        ("I", "islands of bone in the soft tissue about the hip"),
        (
            "II",
            "bone spurs from the pelvis or proximal femur, at least 1 cm between opposing bone surfaces",
        ),
        (
            "III",
            "bone spurs from the pelvis or proximal femur, less than 1 cm between opposing bone surfaces",
        ),
        ("IV", "apparent bone ankylosis of the hip"),
    ]


def test_citation() -> None:
    """The scale names the paper it is from."""
    assert BROOKER.citation == "Brooker et al., J Bone Joint Surg Am 1973;55:1629-32"


def test_codes() -> None:
    """Every question and every answer of the scale has its code."""
    asked = [
        BROOKER.concept,
        BROOKER.source_concept,
        BROOKER.possible_concept,
        BROOKER.rule_concept,
        BROOKER.model_concept,
        *map(BROOKER.code, BROOKER.grades),
    ]
    assert [(code.value, code.meaning) for code in asked] == [
        ("BROOKER", "Brooker classification"),
        ("BROOKER-SOURCE", "Brooker as graded by the source"),
        ("BROOKER-FINDINGS", "Brooker by the findings"),
        ("BROOKER-RULE", "Brooker rule applied"),
        ("BROOKER-MODEL", "Brooker scored by the model"),
        ("BROOKER-0", "Brooker 0"),
        ("BROOKER-I", "Brooker I"),
        ("BROOKER-II", "Brooker II"),
        ("BROOKER-III", "Brooker III"),
        ("BROOKER-IV", "Brooker IV"),
    ]


def test_decided_grade_tells_its_rule() -> None:
    """A decided grade comes with the criterion that gave it."""
    assert hips.grade(spurred(gap=mm(6.2))).grade("brooker") == Grade(
        scale="brooker",
        possible=("III",),
        rule="Brooker III: bone spurs from the pelvis or proximal femur, "
        "less than 1 cm between opposing bone surfaces",
    )


def test_undecided_grade_tells_what_is_left() -> None:
    """An undecided grade names all that stay possible."""
    assert hips.grade(spurred()).grade("brooker") == Grade(
        scale="brooker",
        possible=("II", "III"),
        rule="not decided by the findings: Brooker II or III",
    )
