"""The versions of reports in folders, in the order in which each took the place of the one before."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from hosr.errors import DocumentRefused, Fault, HosrError
from hosr.lifecycle.chain import Entry, ReadReport, order
from hosr.lifecycle.versions import Version, read_version
from hosr.manifest import MANIFEST


def read_history(folders: Iterable[Path]) -> tuple[tuple[Entry, ...], tuple[Fault, ...]]:
    """The versions below these folders, each after the one it took the place of; and what is none.

    Raises `DocumentRefused` where there is no version at all.
    """
    reports: list[ReadReport] = []
    faults: list[Fault] = []
    for folder in dict.fromkeys(found for each in folders for found in _below(each)):
        try:
            reports.append(as_read(read_version(folder)))
        except HosrError as error:
            faults += error.faults
    if not reports:
        remedy = "name folders that `hosr report`, `sign`, `amend` or `addend` made"
        raise DocumentRefused(faults or [Fault("DIR", "holds no version of a report", remedy)])
    return order(reports), tuple(faults)


def as_read(version: Version) -> ReadReport:
    """A version in a folder among those that lie elsewhere."""
    return ReadReport(
        place=str(version.folder),
        report=version.report,
        options=version.options,
        document=version.documents[0],
    )


def _below(folder: Path) -> Iterator[Path]:
    """Every folder with a manifest, by name."""
    for parent, below, names in os.walk(folder):
        below.sort()
        if MANIFEST in names:
            yield Path(parent)
