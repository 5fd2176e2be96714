"""A cohort as one value: from documents to rows, under names or under pseudonyms."""

from __future__ import annotations

import datetime as dt
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from hosr.cohort.columns import DEFAULT_WINDOWS, Row, Window
from hosr.cohort.covariates import Covariates, allowed_names, join
from hosr.cohort.pseudonyms import Pseudonyms, make_pseudonyms, pseudonymise
from hosr.cohort.readings import HipReading, read_report
from hosr.cohort.rows import CohortRows, make_rows
from hosr.cohort.sources import Document, Gathered, gather, read_folder, read_records_table
from hosr.cohort.tables import arrow_table
from hosr.errors import Fault, RecordRefused, UsageError
from hosr.intake.record.refusal import quoted
from hosr.report import Report

if TYPE_CHECKING:
    import pyarrow as pa


# Where gradings come from: a path, or reports in memory and paths, in any order.
Source: TypeAlias = str | os.PathLike[str] | Iterable[Report | str | os.PathLike[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """What was found, the rows as they are told, and the names they are told under.

    `allowed` are columns of covariates that were kept although they may be taken for identity.
    """

    gathered: Gathered
    found: CohortRows
    rows: tuple[Row, ...]
    names: Pseudonyms | None
    notes: tuple[str, ...]
    allowed: tuple[str, ...] = ()

    @property
    def told(self) -> tuple[str, ...]:
        """What goes with the results wherever they go: which columns stand there by an allowance."""
        if not self.allowed:
            return ()
        names = ", ".join(self.allowed)
        return (f"Kept by an allowance, whatever names or IDs their cells are like: {names}.",)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Everything that was refused."""
        return (*self.gathered.faults, *self.found.faults)


def make_cohort(
    gathered: Gathered,
    *,
    windows: Sequence[Window] = DEFAULT_WINDOWS,
    covariates: Covariates | None = None,
    allowed: Iterable[str] = (),
    identified: bool = False,
    key: bytes | None = None,
) -> Cohort:
    """The rows of what was gathered, pseudonymised unless they shall be `identified`.

    What is refused is in its faults; the rest is there. Raises `UsageError` for an `allowed` column
    that the covariates do not have, and what `join` raises.
    """
    kept = allowed_names(covariates, allowed)
    readings: Sequence[HipReading] = gathered.readings
    unused: tuple[str, ...] = ()
    if covariates is not None:
        readings, unused = join(readings, covariates, identified=identified, allowed=kept)
    found = make_rows(readings, windows)
    names = None if identified else make_pseudonyms(found.rows, key)
    rows = found.rows if names is None else pseudonymise(found.rows, names)
    return Cohort(
        gathered=gathered,
        found=found,
        rows=rows,
        names=names,
        notes=(*found.notes, *_altered(gathered), *unused),
        allowed=() if identified else tuple(sorted(kept)),
    )


def _altered(gathered: Gathered) -> Iterator[str]:
    """A line where archives, or somebody else, changed reports around their content."""
    if gathered.altered:
        yield (
            f"{len(gathered.altered)} of {gathered.reports} reports had patient, study, evidence or "
            "UIDs changed after hosr wrote them, as archives and de-identification do"
        )


def explain_nothing(source: str, cohort: Cohort) -> UsageError | RecordRefused:
    """Why a source gave no rows."""
    if cohort.faults:
        return RecordRefused(cohort.faults)
    withdrawn = len(cohort.gathered.withdrawn)
    if withdrawn:
        problem = f"holds no report that was not withdrawn or superseded ({withdrawn} withdrawn)"
        return UsageError(Fault(source, problem, "look at them with `hosr history`"))
    others = sum(map(len, cohort.gathered.others.values()))
    problem = f"holds no measurement report of hosr ({others} other files)"
    return UsageError(Fault(source, problem, "make some with `hosr report` or `hosr batch`"))


def cohort_rows(
    source: Source,
    *,
    identified: bool = False,
    on_fault: Callable[[Fault], None] | None = None,
) -> pa.Table:
    """The gradings of many reports as an Arrow table: one row for each hip, study, reader, reading.

    `source` is a folder of reports with the folders in it, one report, a table of records (CSV,
    Parquet or XLSX), or an iterable of such paths and of reports in memory. Columns are those of `hosr
    describe cohort`, each with its meaning in the metadata of its field; what a reader of the rows
    must know of how they came about is in the metadata of the table, under "notes", line by line.
    Names, IDs, dates and UIDs are replaced by numbers that hold for this table, unless the rows
    shall be `identified`. Other files than reports of hosr are passed over.

    Raises `RecordRefused` with every report that cannot be read or contradicts another one, unless
    `on_fault` is given: then it is called with each of them, and the table holds the rest. Raises
    `UsageError` where a path does not exist or holds no report, or pyarrow is not installed.
    """
    now = dt.datetime.now(dt.UTC)
    cohort = make_cohort(gather(_documents(source, now)), identified=identified)
    if isinstance(source, str | os.PathLike) and not (cohort.rows or cohort.faults):
        raise explain_nothing(os.fspath(source), cohort)
    if on_fault is not None:
        for fault in cohort.faults:
            on_fault(fault)
    elif cohort.faults:
        raise RecordRefused(cohort.faults)
    return arrow_table(cohort.rows, notes=cohort.notes)


def _documents(source: Source, now: dt.datetime) -> Iterator[Document]:
    if isinstance(source, str | os.PathLike):
        yield from read_path(Path(source), now=now)
        return
    if isinstance(source, Report) or not isinstance(source, Iterable):
        problem = f"is {type(source).__name__}, neither a path nor several reports"
        raise UsageError(Fault("source", problem, "give a path, or a list of reports or paths"))
    yield from _without_twins([found for one in enumerate(source) for found in _each(*one, now)])


def _each(index: int, one: object, now: dt.datetime) -> Iterator[tuple[str, Document]]:
    """What one of several sources holds, each with the file of many records that it is in."""
    if isinstance(one, Report):
        place = f"report {index + 1}"
        yield "", Document(place=place, readings=read_report(one, None, place))
    elif isinstance(one, str | os.PathLike):
        from hosr.intake.tables.lines import holds_records

        path = Path(one)
        file = os.fspath(path) if holds_records(path) else ""
        yield from ((file, _placed(document, file)) for document in read_path(path, now=now))
    else:
        problem = f"is {type(one).__name__}, neither a report nor a path"
        raise UsageError(Fault(f"source[{index}]", problem, "give reports or paths"))


def _placed(document: Document, file: str) -> Document:
    """A document of a table beside others, whose rows have the same numbers."""
    if not file:
        return document
    fault, place = document.fault, f"{file}, {document.place}"
    return replace(
        document,
        place=place,
        readings=tuple(replace(reading, place=place) for reading in document.readings),
        fault=fault and replace(fault, path=f"{file}, {fault.path}"),
    )


def _without_twins(found: Sequence[tuple[str, Document]]) -> Iterator[Document]:
    """Records of several tables that share an id and name no study would be taken for one study."""
    files: dict[str, set[str]] = defaultdict(set)
    for file, document in found:
        files[document.rests_on_id].add(file)
    for _, document in found:
        name = document.rests_on_id
        if name and len(files[name]) > 1:
            problem = f"has an id of another table too, and names no study: {quoted(name)}"
            remedy = "give each study an id of its own, or fill in study.study_instance_uid"
            yield Document(place=document.place, fault=Fault(document.place, problem, remedy))
        else:
            yield document


def read_path(
    path: Path,
    *,
    jobs: int = 1,
    listener: Callable[[int], None] | None = None,
    now: dt.datetime | None = None,
) -> Iterator[Document]:
    """What a folder of reports, one report or a table of records holds; records that come in `now`.

    Raises `UsageError` where there is no such path, and what its reader raises.
    """
    from hosr.intake.record.foreign_tables import refuse_foreign_path
    from hosr.intake.tables.lines import holds_records
    from hosr.intake.tables.rows import split_sheet

    if holds_records(path) and split_sheet(path)[0].is_file():
        return read_records_table(path, now)
    if path.is_file():
        refuse_foreign_path(path)
    if path.is_dir() or path.is_file():
        return read_folder(path, jobs=jobs, listener=listener)
    problem = "is no folder of reports, no table and no archive"
    raise UsageError(Fault(str(path), problem, "check the path"))
