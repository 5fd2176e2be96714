"""What the commands say: tables on a terminal, plain lines when piped, exit codes to programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from hosr.errors import (
    ArchiveRefused,
    ArchiveUnreachable,
    DocumentRefused,
    DraftRefused,
    Fault,
    HosrError,
    ImagesRefused,
    MachineFailed,
    RecordRefused,
    StaleDraft,
    TemplateRefused,
    Unencodable,
    UnknownDraft,
    UsageError,
)

if TYPE_CHECKING:
    from hosr.intake.images import Note
    from hosr.report import GradedHip, Report
    from hosr.scales.scale import Grade
    from hosr.status import Signature


# What each kind of refusal means to the program that called: its exit code, and the words for it.
EXIT_CODES: dict[type[HosrError], tuple[int, str]] = {
    UsageError: (2, "cannot be done as asked"),
    UnknownDraft: (2, "no such draft"),
    StaleDraft: (2, "draft was changed"),
    DraftRefused: (2, "draft refused"),
    TemplateRefused: (2, "template refused"),
    RecordRefused: (3, "record refused"),
    DocumentRefused: (4, "document refused"),
    ImagesRefused: (4, "images refused"),
    Unencodable: (5, "cannot be encoded"),
    ArchiveRefused: (6, "archive refused"),
    ArchiveUnreachable: (7, "archive unreachable"),
    MachineFailed: (8, "this machine failed"),
}

_HEADINGS = ("Hip", "Scale", "Grade", "Findings", "Source", "Remarks")


def printable(text: str) -> str:
    """The text on one line that moves no cursor and rings no bell, whatever a file is called."""
    return "".join(character if character.isprintable() else "?" for character in text)


def show_notes(notes: Iterable[Note]) -> None:
    """What was tolerated, a line for each: the file, how many others are alike, and what it is."""
    paths: dict[str, list[str]] = {}
    for note in notes:
        paths.setdefault(note.problem, []).append(note.path)
    for problem, of in paths.items():
        others = f" and {counted(len(of) - 1, 'other')}" if len(of) > 1 else ""
        print(printable(f"note: {of[0]}{others}: {problem}"))


class Advance(Protocol):
    """Called with how many more are done, and with how many there are where that is known now."""

    def __call__(self, done: int = 1, total: int | None = None) -> None:
        """Note it."""


@contextmanager
def progress(words: str, total: int | None = None) -> Iterator[Advance]:
    """A bar on stderr where that is a terminal: how many, how fast, how long it will take."""
    if not sys.stderr.isatty() or (total is not None and total < 2) or _is_logging():
        yield lambda done=1, total=None: None  # noqa: ARG005 (nobody looks)
        return
    from rich import progress as bars
    from rich.console import Console

    columns = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TextColumn("{task.fields[rate]}"),
        bars.TimeRemainingColumn(),
    )
    screen = Console(stderr=True)
    with bars.Progress(*columns, console=screen, transient=True, speed_estimate_period=60) as bar:
        task = bar.add_task(words, total=total, rate="")

        def advance(done: int = 1, total: int | None = None) -> None:
            bar.update(task, advance=done, total=total)
            speed = bar.tasks[0].finished_speed or bar.tasks[0].speed
            bar.update(task, rate="" if speed is None else f"{speed:.1f} a second")

        yield advance


def _is_logging() -> bool:
    """Whether lines of the log go where a bar would be."""
    logging = sys.modules.get("logging")
    return logging is not None and logging.getLogger("hosr").isEnabledFor(logging.INFO)


def counted(count: int, word: str, plural: str = "") -> str:
    """A number of things in words: 1 object, 2,000 objects, 3 studies."""
    return f"{count:,} {word if count == 1 else plural or word + 's'}"


def print_json(content: Any) -> None:
    """Plain values for a program."""
    print(json.dumps(content, indent=2, ensure_ascii=False))


def tell_faults(words: str, faults: Sequence[Fault]) -> None:
    """Every fault on standard error, under what it means."""
    print(f"hosr: {words}", file=sys.stderr)
    for fault in faults:
        print(f"  {printable(str(fault))}", file=sys.stderr)


def show_grades(hips: Sequence[GradedHip], name: str = "") -> None:
    """One row per hip and scale, under the name of the record where there are several."""
    rows = [_row(graded, grade) for graded in hips for grade in graded.grades]
    if name:
        print(f"{printable(name)}:")
    if sys.stdout.isatty():
        _print_table(rows)
    else:
        _print_plain(rows, "  " if name else "")


# What is told of the space that a hip had in an earlier report, and of reports that were passed over.
_SPACES = {
    "beyond": "beyond the measurement variation",
    "within": "within the measurement variation",
    "not_comparable": "not comparable",
}
_PASSED = {
    "draft": "is not signed, and was not compared with",
    "fork": "has several versions, none of which takes the place of the others",
    "other_hip": "is of the other hip alone",
}


def show_comparisons(report: Report) -> None:
    """A line for each earlier study that a hip was compared with, or was not."""
    from hosr.comparison import comparisons_json

    for told in comparisons_json(report):
        side, compared = told["side"], told["compared_with"]
        if compared is not None:
            space = compared["space"]
            judged = "" if space is None else f"; space {_SPACES[space['verdict']]}"
            print(f"{side} hip: compared with the study of {compared['study_date']}{judged}")
        for passed in told["not_compared_with"]:
            words = _PASSED[passed["because"]]
            print(f"{side} hip: the earlier report of {passed['study_date']} {words}")


def tell_status(report: Report) -> str:
    """How far a report has come, in a sentence."""
    if report.withdrawal is not None:
        return tell_signed(report.status.told, report.withdrawal.signature)
    if report.signing is not None:
        return tell_signed(report.status.told, report.signing.signature)
    return report.status.told


def tell_signed(sentence: str, signature: Signature) -> str:
    """A sentence of a status, with who signed or withdrew."""
    from hosr.language.numbers import person_name

    return printable(
        sentence.format(
            name=person_name(signature.name),
            organization=signature.organization,
            time=signature.signed_at.isoformat(sep=" ", timespec="minutes"),
        )
    )


def _row(graded: GradedHip, grade: Grade) -> tuple[str, ...]:
    from hosr.scales import SCALES

    flags = ", ".join(flag.value for flag in graded.flags)
    return (
        graded.hip.side.value,
        SCALES[grade.scale].title,
        " or ".join(grade.stated) or "not graded",
        " or ".join(grade.possible if graded.facts.has_grounds or grade.differs else ()) or "-",
        " or ".join(grade.source) or "-",
        flags or "-",
    )


def _print_table(rows: Sequence[tuple[str, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table()
    for heading in _HEADINGS:
        # No flag is ever cut: what is short of room is the rest.
        table.add_column(heading, overflow="fold", no_wrap=heading == _HEADINGS[-1])
    for *cells, remarks in rows:
        table.add_row(*cells, remarks.replace(", ", "\n"))
    Console().print(table)


def _print_plain(rows: Sequence[tuple[str, ...]], indent: str) -> None:
    for hip, scale, grade, found, source, flags in rows:
        print(
            f"{indent}{hip}: {scale} {grade} (findings: {found}; source: {source}; remarks: {flags})"
        )
