"""The pairs of grades that one hip can have."""

from itertools import product

import pytest

from hosr.errors import Fault
from hosr.scales.brooker import BROOKER
from hosr.scales.crosswalk import LEGAL_PAIRS
from hosr.scales.della_valle import DELLA_VALLE
from hosr.scales.scale import Possibility
from tests.scales import hips
from tests.scales.hips import a_hip, graded_as

POSSIBILITIES = [
    Possibility(
        bridged=bridged,
        spur=spur,
        gap_below=below,
        gap_lateral_below=lateral_below,
        island=island,
        island_long=long,
    )
    for bridged, spur, below, lateral_below, island, long in product((False, True), repeat=6)
]
PAIRS = list(product(BROOKER.grades, DELLA_VALLE.grades))

_ILLEGAL = Fault(
    "$.hips[0].grades",
    "this pair of Brooker and Della Valle grades is impossible for one hip",
    "possible pairs are 0/A, I/A, I/B, II/B, III/C and IV/C",
    "E07",
)


def test_pairs_of_all_fully_known_hips() -> None:
    """All fully known hips together have six pairs of grades."""
    found = {
        (BROOKER.grade(possibility).grade, DELLA_VALLE.grade(possibility).grade)
        for possibility in POSSIBILITIES
    }

    assert found == LEGAL_PAIRS
    assert found == {("0", "A"), ("I", "A"), ("I", "B"), ("II", "B"), ("III", "C"), ("IV", "C")}


@pytest.mark.parametrize(("brooker", "della_valle"), PAIRS)
def test_pairs_of_the_source(brooker: str, della_valle: str) -> None:
    """A source that gives one of the other nine pairs is refused."""
    hip = a_hip(source_grades=graded_as(brooker=brooker, della_valle=della_valle))
    legal = (brooker, della_valle) in LEGAL_PAIRS

    assert [fault for fault in hips.faults_of(hip) if fault.rule == "E07"] == (
        [] if legal else [_ILLEGAL]
    )


@pytest.mark.parametrize(
    ("brooker", "della_valle", "faults"),
    [
        ("II III", "B", []),
        ("II III", "C", []),
        ("I II", "C", [_ILLEGAL]),
        ("III IV", "A B", [_ILLEGAL]),
        ("III IV", "B C", []),
    ],
)
def test_ranges_of_the_source(brooker: str, della_valle: str, faults: list[Fault]) -> None:
    """Of two ranges one possible pair is enough."""
    hip = a_hip(source_grades=graded_as(brooker=brooker, della_valle=della_valle))

    assert hips.faults_of(hip) == faults


def test_severe_is_the_same_for_both() -> None:
    """Della Valle C is Brooker III or IV, in every fully known hip."""
    severe = {
        (
            BROOKER.grade(possibility).grade in ("III", "IV"),
            DELLA_VALLE.grade(possibility).grade == "C",
        )
        for possibility in POSSIBILITIES
    }
    assert severe == {(False, False), (True, True)}
