"""What the commands print for people: tables on a terminal, plain lines when piped."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from hosr.scales import SCALES

if TYPE_CHECKING:
    from hosr.outputs.template_trial import Trial
    from hosr.pipeline import Outcome
    from hosr.report import GradedHip
    from hosr.scales.scale import Grade


_HEADINGS = ("Hip", "Scale", "Grade", "Findings", "Source", "Remarks")


def printable(text: str) -> str:
    """The text on one line that moves no cursor and rings no bell, whatever a file is called."""
    return "".join(character if character.isprintable() else "?" for character in text)


class Advance(Protocol):
    """Called with how many more are done, and with how many there are where that is known now."""

    def __call__(self, done: int = 1, total: int | None = None) -> None:
        """Note it."""


@contextmanager
def progress(words: str, total: int | None = None) -> Iterator[Advance]:
    """A bar on stderr where that is a terminal: how many, how fast, how long it will take."""
    if not sys.stderr.isatty() or (total is not None and total < 2):
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


def show_report(
    outcome: Outcome, paths: Sequence[Path], tolerated: Sequence[Mapping[str, str]]
) -> None:
    """What was made, the grades in it, what it lacks, and what was tolerated in the input."""
    for path in paths:
        print(printable(str(path)))
    print()
    show_grades(outcome.report.hips)
    lacking = tolerated[len(outcome.notes) :]
    if lacking:
        print()
    for note in lacking:
        print(f"{note['path']}: {note['problem']}")
    count = len(outcome.notes)
    if count:
        were = "shortcoming of the input was" if count == 1 else "shortcomings of the input were"
        print(f"\n{count} {were} tolerated; see manifest.json")
    print("\nDraft: not reviewed.")


def show_trial(trial: Trial, *, as_json: bool) -> None:
    """Every fault of a site's templates, then what has no effect, and how much was tried."""
    if as_json:
        print(json.dumps(asdict(trial), indent=2, ensure_ascii=False))
        return
    for fault in trial.faults:
        print(printable(str(fault)))
    for warning in trial.warnings:
        print(f"warning: {printable(str(warning))}")
    count = len(trial.faults)
    found = f"{count} fault{'s' if count > 1 else ''}" if count else "no faults"
    print(f"{trial.reports} reports in {trial.languages} languages: {found}")


def show_grades(hips: Sequence[GradedHip], name: str = "") -> None:
    """One row per hip and scale, under the name of the record where there are several."""
    rows = [_row(graded, grade) for graded in hips for grade in graded.grades]
    if name:
        print(f"{printable(name)}:")
    if sys.stdout.isatty():
        _print_table(rows)
    else:
        _print_plain(rows, "  " if name else "")


def _row(graded: GradedHip, grade: Grade) -> tuple[str, ...]:
    flags = ", ".join(flag.value for flag in graded.flags)
    return (
        graded.hip.side.value,
        SCALES[grade.scale].title,
        " or ".join(grade.stated) or "not graded",
        " or ".join(grade.possible) or "-",
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
