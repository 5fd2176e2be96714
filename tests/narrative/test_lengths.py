"""Islands of one hip are told apart where their lengths come from different planes."""

from __future__ import annotations

import pytest

from hosr.findings import Basis, Island, Length, Plane
from hosr.language import ENGLISH
from hosr.narrative.lengths import describe_lengths
from hosr.narrative.words import Telling
from hosr.vocabulary.terms import Side
from tests.narrative.cases import CALIBRATED, DETECTOR, LINE, a_report, spurred, with_islands

STATED = Length(mm=8.5)
ON_FILM = Length(mm=11.0, **DETECTOR)
MARKED = Length(plane=Plane.UNKNOWN, basis=Basis.UNCALIBRATED, line=LINE)


def _names(*lengths: Length | None) -> list[str]:
    """What the lengths of a hip's islands are called, beside a space of another hip."""
    islands = tuple(Island(length=length) for length in lengths)
    other = spurred(Length(mm=14.0, **CALIBRATED), side=Side.LEFT)
    report = a_report(with_islands(islands=islands), other)
    lines = describe_lengths(report, Telling(report, ENGLISH))
    names = [line.partition(":")[0].replace("\N{NO-BREAK SPACE}", " ") for line in lines]
    return [name for name in names if name != "Space of the left hip"]


@pytest.mark.parametrize(
    ("lengths", "names"),
    [
        ((STATED,), ["Island of the right hip"]),
        ((STATED, None), ["Islands of the right hip"]),
        ((STATED, STATED), ["Islands of the right hip"]),
        (
            (STATED, ON_FILM),
            ["8.5 mm island of the right hip", "11.0 mm island of the right hip"],
        ),
        (
            (ON_FILM, STATED, MARKED),
            [
                "11.0 mm island of the right hip",
                "8.5 mm island of the right hip",
                "Other island of the right hip",
            ],
        ),
        (
            (STATED, MARKED, MARKED),
            ["8.5 mm island of the right hip", "Other islands of the right hip"],
        ),
    ],
)
def test_islands_are_told_apart_where_they_differ(
    lengths: tuple[Length | None, ...], names: list[str]
) -> None:
    """One name for islands that were measured alike; else each is named by its length."""
    assert sorted(_names(*lengths)) == sorted(names)
