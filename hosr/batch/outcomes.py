"""The result of one row as JSON text: the same for the same report, wherever it was made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hosr.batch.values import Finished, State
from hosr.scales import SCALES
from hosr.vocabulary.terms import Side

if TYPE_CHECKING:
    from hosr.errors import Fault
    from hosr.outputs import Made
    from hosr.pipeline import Outcome


SIDES = tuple(side.value for side in (Side.RIGHT, Side.LEFT))
GRADES = tuple((scale, side) for side in SIDES for scale in SCALES)


def done_text(outcome: Outcome, files: Sequence[Made]) -> str:
    """The result of a row whose files were made; its manifest is the last of them."""
    return json.dumps(
        {
            "state": State.DONE,
            "study_instance_uid": outcome.report.subject.study.study_instance_uid,
            **_grades(outcome),
            "files": [_file(made) for made in files],
            "faults": [],
            "tolerated": json.loads(files[-1].data)["tolerated"],
        },
        ensure_ascii=False,
    )


def refused_text(faults: Sequence[Fault]) -> str:
    """The result of a row of which nothing was made."""
    return json.dumps(
        {
            "state": State.REFUSED,
            "study_instance_uid": None,
            **_grades(None),
            "files": [],
            "faults": [
                {"path": f.path, "problem": f.problem, "remedy": f.remedy, "rule": f.rule}
                for f in faults
            ],
            "tolerated": [],
        },
        ensure_ascii=False,
    )


def refuse(number: int, faults: Sequence[Fault], sha256: str = "") -> Finished:
    """A row of which nothing is made; without a digest of its input it is tried again each time."""
    text = refused_text(faults)
    return Finished(number=number, sha256=sha256, state=State.REFUSED, text=text)


def sizes_of(text: str) -> dict[str, int]:
    """The files of a result, with their sizes in bytes."""
    return {file["name"]: file["bytes"] for file in json.loads(text)["files"]}


def _grades(outcome: Outcome | None) -> dict[str, Any]:
    """The grade that the report states, by scale and side, then the flags of each side."""
    grades: dict[str, Any] = {f"{scale}_{side}": None for scale, side in GRADES}
    flags: dict[str, Any] = {f"flags_{side}": [] for side in SIDES}
    for graded in () if outcome is None else outcome.report.hips:
        side = graded.hip.side.value
        flags[f"flags_{side}"] = [flag.value for flag in graded.flags]
        for grade in graded.grades:
            grades[f"{grade.scale}_{side}"] = " or ".join(grade.stated) or None
    return {**grades, **flags}


def _file(made: Made) -> dict[str, Any]:
    return {
        "name": made.name,
        "sop_class_uid": made.sop_class_uid or None,
        "sop_instance_uid": made.sop_instance_uid or None,
        "sha256": hashlib.sha256(made.data).hexdigest(),
        "bytes": len(made.data),
    }
