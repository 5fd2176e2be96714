"""What a draft was begun with as grades, once its record is by somebody else."""

from __future__ import annotations

from typing import Any

import pytest

from hosr.drafts.former_grades import former_grades
from hosr.status import FormerGrade
from hosr.vocabulary.terms import Side
from tests.drafts.drafting import MODEL, record_of

READER = {"type": "person", "name": "Rossi^Maria"}
OTHER = {"type": "person", "name": "Meier^Jan"}


def by(observer: dict[str, Any], **hip: Any) -> dict[str, Any]:
    """A record of an observer."""
    return {**record_of(8, **hip), "observer": observer}


def former(scale: str, *grades: str, by: str = "Grader 1") -> FormerGrade:
    """A grade of the right hip."""
    return FormerGrade(side=Side.RIGHT, scale=scale, grades=grades, by=by)


@pytest.mark.parametrize(
    ("original", "now", "known"),
    [
        (by(MODEL, grades={"brooker": "III"}), READER, (former("brooker", "III"),)),
        (by(MODEL, grades={"brooker": "III"}), MODEL, ()),
        (by(MODEL), READER, ()),
        (by(MODEL, probabilities={"brooker": {"III": 0.9, "II": 0.1}}), READER, (former("brooker", "III"),)),
        (by(OTHER, grades={"della_valle": "B"}), READER, (former("della_valle", "B", by="Meier^Jan"),)),
        (by(READER, grades={"brooker": "III"}), {**READER, "name": "ROSSI^MARIA"}, ()),
        (by(MODEL, grades={"brooker": "0"}, presence="present"), READER, (former("brooker", "0"),)),
        (by(MODEL, grades={"brooker": "V"}), READER, ()),
    ],
)  # fmt: skip
def test_grades_are_those_of_who_gave_them(
    original: dict[str, Any], now: Any, known: tuple[FormerGrade, ...]
) -> None:
    """Of a model or of another person, also where findings contradict them; never of the same reader."""
    assert former_grades(original, {**original, "observer": now}) == known
