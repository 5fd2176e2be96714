"""Reports for cohorts: those of the sample data, altered and encoded anew by hosr itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from hosr.cohort.readings import HipReading, read_report
from hosr.findings import Algorithm, Hip, IndexEvent, Person, Spurs
from hosr.report import Reading, Report, assemble
from hosr.sr import decode, encode

__all__ = [
    "ADA",
    "BARE",
    "BEN",
    "MODEL",
    "SAMPLES",
    "altered",
    "readings_of",
    "sample",
    "write_report",
]

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"

ADA = Person(name="Ada^Test")
BEN = Person(name="Ben^Test", organization="Second Reading Room")
MODEL = Algorithm(name="Model", version="2.0")

# A hip of which nothing is said.
BARE: Mapping[str, Any] = {
    "presence": None,
    "islands": None,
    "spurs": Spurs(),
    "gap": None,
    "bridging": None,
    "stage": None,
    "features": (),
    "source_grades": (),
    "calibration": None,
}

_UNCHANGED: Any = object()


@cache
def sample(name: str) -> Report:
    """A report of the sample data."""
    return decode((SAMPLES / "reports" / f"{name}.dcm").read_bytes(), name)


def altered(
    name: str,
    *,
    patient: Mapping[str, str] | None = None,
    study: Mapping[str, str] | None = None,
    observer: Person | Algorithm | None = None,
    graded_at: dt.datetime | None = None,
    event: IndexEvent | None = _UNCHANGED,
    hip: Mapping[str, Any] | None = None,
) -> Report:
    """That report with other values, graded anew; `hip` changes all of its hips."""
    report = sample(name)
    subject = replace(
        report.subject,
        patient=replace(report.subject.patient, **(patient or {})),
        study=replace(report.subject.study, **(study or {})),
    )
    context = report.context
    if event is not _UNCHANGED:
        context = replace(context, index_event=event)
    hips: tuple[Hip, ...] = tuple(replace(each.hip, **(hip or {})) for each in report.hips)
    reading = Reading(
        observer=observer or report.observer,
        graded_at=graded_at or report.graded_at,
        view=report.view,
        context=context,
        hips=hips,
    )
    return assemble(subject, reading)


def readings_of(*reports: Report) -> list[HipReading]:
    """What these reports say, each of a file of its own, as it is encoded and decoded again."""
    found: list[HipReading] = []
    for number, report in enumerate(reports, start=1):
        data = encode(report)
        found += read_report(decode(data), f"2.25.{number}", f"{number}.dcm")
    return found


def write_report(path: Path, report: Report) -> Path:
    """The report as a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode(report))
    return path
