"""What the commands of archives print for people: words for every state, and progress."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hosr.console import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hosr.archive.destinations import Destination
    from hosr.archive.values import Check, Locator

__all__ = ["progress", "show_checks", "show_found"]


@contextmanager
def progress(words: str, total: int) -> Iterator[Callable[[], None]]:
    """A bar on stderr where that is a terminal; call what is given for each one that is done."""
    if not sys.stderr.isatty() or total < 2:
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(words, total=total)
        yield lambda: bar.advance(task)


def show_checks(destination: Destination, checks: Sequence[Check]) -> None:
    """What was tried with an archive, one line each."""
    print(printable(f"{destination.name}: {destination.address}"))
    for check in checks:
        print(printable(f"  {check.name}: {check.outcome.value}; {check.words}"))


def show_found(found: Sequence[tuple[Locator, str]], *, reports: bool) -> None:
    """What an archive has: each series with its objects, or each report with its title."""
    from pydicom.uid import UID

    studies: dict[str, dict[str, list[str]]] = {}
    for locator, title in found:
        series = studies.setdefault(locator.study_instance_uid, {})
        what = title or UID(locator.sop_class_uid).name or "object"
        line = f"{locator.sop_instance_uid} {what}"
        series.setdefault(locator.series_instance_uid, []).append(line)
    for study, series in studies.items():
        print(printable(f"study {study}"))
        for uid, lines in series.items():
            print(printable(f"  series {uid}"))
            for line in lines:
                print(printable(f"    {line}"))
    if not found:
        print("no report of hosr found" if reports else "nothing found")
