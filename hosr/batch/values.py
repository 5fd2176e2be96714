"""What passes between the manifest, the workers and the ledger.

The result of a row is JSON text: the same for the same report, wherever it was made.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosr.errors import Fault
from hosr.findings import Algorithm
from hosr.intake.matching import UNNAMED
from hosr.intake.record.writer import hip_json
from hosr.intake.tables.rows import Row
from hosr.scales import SCALES
from hosr.scales.chronology import IN_FUTURE
from hosr.vocabulary.terms import Side

if TYPE_CHECKING:
    from hosr.language import Language
    from hosr.messages import MessageForm
    from hosr.outputs import Made, OutputName
    from hosr.pipeline import Outcome
    from hosr.report import Report
    from hosr.sr.receivers import Options
    from hosr.templating.sources import Wording


class State(StrEnum):
    """What became of a row."""

    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One report to be made: a line of JSONL, or the rows of one record in a table.

    `number` counts entries from 1, `rows` are lines or rows of the file. `id` is empty where
    there is none that can be used. `faults` is what was found wrong without a look at the record.
    """

    number: int
    rows: tuple[int, ...]
    id: str
    content: bytes | tuple[Row, ...] = b""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the ledger says of an id: of which input, and what became of it."""

    sha256: str
    state: State
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """An entry with what is known of it from an earlier run."""

    entry: Entry
    known: Known | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What all rows of a batch share: where things lie, and how reports are made.

    `base` is the folder that paths of the manifest start from, `out` a folder or URL;
    `require_identity` has records refused that name nothing of their images; `templates_sha256`
    stands for the content of the site's own templates; `message_form` is that of messages, where
    some are made; `verify` has every row made again. `now` is the time by the clock of whoever began the
    run, which all workers share: what was graded later lies in the future.
    """

    base: Path
    out: str
    outputs: tuple[OutputName, ...]
    options: Options
    wording: Wording
    assume_charset: str | None
    templates_sha256: str
    version: str
    now: dt.datetime
    require_identity: bool = True
    override_charset: str | None = None
    message_form: MessageForm | None = None
    verify: bool = False

    @property
    def language(self) -> Language:
        """The language of the words."""
        return self.wording.language


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """One entry that was tried: what of, what became of it, and the result as JSON text.

    `sha256` is empty for what may go otherwise the next time. `is_new` is False where all of it
    was there already; its input may be noted in another form then (`is_stamped_anew`).
    """

    number: int
    sha256: str
    state: State
    text: str
    is_new: bool = True
    is_stamped_anew: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a worker has done of a chunk; `stopped` is why it could not go on at all."""

    finished: tuple[Finished, ...]
    stopped: Fault | None = None


Chunk = tuple[Task, ...]


SIDES = tuple(side.value for side in (Side.RIGHT, Side.LEFT))
# By scale and side, each column and what it holds of the grade: the stated one has the plain name.
GRADES = {
    (scale, side): {
        f"{scale}_{side}": "grade",
        **{f"{scale}_{side}_{key}": key for key in ("derived", "possible", "source_grade")},
    }
    for side in SIDES
    for scale in SCALES
}


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
            SAID: said_of(outcome.report),
        },
        ensure_ascii=False,
    )


# What a ledger keeps of a report to compare it with others, and no result shows.
SAID = "said"


def said_of(report: Report) -> list[list[str]]:
    """For each hip the digest of whose reading of it this is, and that of what it says.

    One observer reads one hip in one view at one moment once.
    """
    observer = report.observer
    reading = (
        report.subject.study.study_instance_uid,
        *(type(observer).__name__, " ".join(observer.name.casefold().split())),
        *((observer.version,) if isinstance(observer, Algorithm) else ()),
        report.graded_at.astimezone(dt.UTC).isoformat(),
        report.view.value,
    )
    return [
        [
            _digest([*reading, graded.hip.side.value]),
            _digest({**hip_json(graded.hip), "comment": ""}),
        ]
        for graded in report.hips
    ]


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


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


def refused_again(refused: str, before: str) -> str:
    """The result of a row that is refused now, with what is said of the report that was made before."""
    earlier = json.loads(before)
    if not earlier["files"]:
        return refused
    faults = json.loads(refused)["faults"]
    return json.dumps({**earlier, "state": State.REFUSED, "faults": faults}, ensure_ascii=False)


def refuse(number: int, faults: Sequence[Fault], sha256: str = "") -> Finished:
    """A row of which nothing is made; without a digest of its input it is tried again each time."""
    text = refused_text(faults)
    return Finished(number=number, sha256=sha256, state=State.REFUSED, text=text)


def names_nothing(text: str) -> bool:
    """Whether a result says of its record that it names nothing of its images."""
    result = json.loads(text)
    return any(said["problem"] == UNNAMED for said in (*result["faults"], *result["tolerated"]))


def rests_on_clock(text: str) -> bool:
    """Whether a result says of something that it lies in the future: one day it will not."""
    return any(said["problem"].endswith(IN_FUTURE) for said in json.loads(text)["faults"])


def sizes_of(text: str) -> dict[str, int]:
    """The files of a result, with their sizes in bytes."""
    return {file["name"]: file["bytes"] for file in json.loads(text)["files"]}


def _grades(outcome: Outcome | None) -> dict[str, Any]:
    """What `hosr.report.grading_json` says, in columns by scale and side; then the flags of each side."""
    from hosr.report import grade_json

    grades: dict[str, Any] = {
        column: [] if key == "possible" else None
        for names in GRADES.values()
        for column, key in names.items()
    }
    flags: dict[str, Any] = {f"flags_{side}": [] for side in SIDES}
    for graded in () if outcome is None else outcome.report.hips:
        side = graded.hip.side.value
        flags[f"flags_{side}"] = [flag.value for flag in graded.flags]
        for grade in graded.grades:
            said = grade_json(graded, grade)
            grades |= {column: said[key] for column, key in GRADES[grade.scale, side].items()}
    return {**grades, **flags}


def _file(made: Made) -> dict[str, Any]:
    return {
        "name": made.name,
        "sop_class_uid": made.sop_class_uid or None,
        "sop_instance_uid": made.sop_instance_uid or None,
        "sha256": hashlib.sha256(made.data).hexdigest(),
        "bytes": len(made.data),
    }
