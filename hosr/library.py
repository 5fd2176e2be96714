"""hosr as a library: the verbs of the command line for programs that have their own input in memory.

    outcome = hosr.make_report({"schema_version": "1.0", ...}, "images")
    files = hosr.make_files(outcome, ["measurement", "text"])
    hosr.write_files(files, "out")

Every record goes through the one door, whatever it comes as, and whatever is refused is refused
with all its faults as a `HosrError`. The clock of this machine says what is later than now.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from hosr import pipeline
from hosr.errors import DocumentRefused, Fault, RecordRefused
from hosr.folder import write_folder
from hosr.intake.images import ImageSource, NamedStudies, Note, SourceImages, read_images
from hosr.intake.record import RecordSource
from hosr.intake.record_selection import (
    Recorded,
    choose,
    name_records,
    named_studies,
    read_records,
)
from hosr.intake.reported_images import reported_images
from hosr.outputs import Made
from hosr.pipeline import Outcome
from hosr.report import GradedHip

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from hosr.annotations.authorship import Author
    from hosr.annotations.labels import Labels
    from hosr.annotations.records import Imported
    from hosr.archive.addresses import Destination
    from hosr.archive.values import Archive
    from hosr.lifecycle.priors import EarlierReport, MergedID
    from hosr.report import Report

Images: TypeAlias = SourceImages | ImageSource | Iterable[ImageSource]


def make_report(
    record: RecordSource,
    images: Images,
    *,
    assume_charset: str | None = None,
    fetch: Callable[[str], bytes] | None = None,
    override_charset: str | None = None,
    require_identity: bool = False,
) -> Outcome:
    """The report of a graded study.

    Parameters
    ----------
    record
        What `parse_record` takes; or a table of records by its path, of which the one that asserts
        the study of the images is taken.
    images
        What `read_images` takes, or gave; so do `assume_charset`, `override_charset` and `fetch`.
    require_identity
        Refuse a record that names neither study, patient, accession number nor image; otherwise
        that is a note.

    Raises
    ------
    RecordRefused, ImagesRefused, UsageError
        With every fault of the one, or of both together.
    """
    records = read_records(record)
    charsets = {"assume_charset": assume_charset, "override_charset": override_charset}
    source = _read(images, named_studies(records), fetch=fetch, **charsets)
    chosen = choose(records, source, name_records(record))
    with chosen.located():
        return pipeline.make_report(chosen.record, source, identified=require_identity, now=_now())


def import_sources(
    sources: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    labels: Labels | str | os.PathLike[str] | None = None,
    images: Images | None = None,
    *,
    author: Author | None = None,
    prior: str | os.PathLike[str] | None = None,
) -> Imported:
    """The record of what models or persons made of one study: masks, outlines, scores, drawn lines.

    Parameters
    ----------
    sources
        Files, or folders of them; their kind is told by what is in them.
    labels
        What their labels stand for: labels.toml by its path, or as `parse_labels` gives it.
    images
        Those that they were drawn on, as for `make_report`; the record is tried on them.
    author
        Who drew them, and when, where they do not say it.
    prior
        The report of hosr that a viewer redrew: its folder, or its measurement.dcm.

    The `account` of what is returned lists what was read, could not be used, and was assumed.

    Raises
    ------
    RecordRefused, ImagesRefused, UsageError
        With every fault; `UsageError` also for a broken labels.toml, or a library that is missing.
    """
    from hosr.annotations import records
    from hosr.annotations.account import ARGUMENTS, Account
    from hosr.annotations.authorship import Author
    from hosr.annotations.context import Context
    from hosr.annotations.labels import Labels, read_labels
    from hosr.lifecycle.drawings import read_predecessor

    paths = [sources] if isinstance(sources, str | os.PathLike) else list(sources)
    if not isinstance(labels, Labels):
        labels = Labels() if labels is None else read_labels(Path(labels))
    given = None if images is None else _read(images, NamedStudies())
    account = Account(options=ARGUMENTS)
    context = Context(labels=labels, images=given, account=account, now=_now())
    before = None if prior is None else read_predecessor(Path(prior))
    files = [Path(each) for each in paths]
    return records.import_sources(files, context, author or Author(), before)


def remake_report(record: RecordSource, report: Report) -> Report:
    """The report of another record on the images of this one, which are not at hand.

    A mark that the report has keeps what was measured there. Raises as `make_report`, and `RecordRefused`
    where the record asks more of the images than the report holds.
    """
    chosen = choose(read_records(record), reported_images(report), name_records(record))
    with chosen.located():
        return pipeline.remake_report(chosen.record, report, now=_now())


def compare_report(
    outcome: Outcome,
    priors: Iterable[str | os.PathLike[str]],
    merged_ids: Mapping[str, str] | None = None,
    prior_images: Iterable[str | os.PathLike[str]] = (),
) -> Outcome:
    """The report that was made, compared with earlier ones of the patient.

    Parameters
    ----------
    outcome
        What `make_report` gave.
    priors
        Folders of signed reports, or their measurement.dcm; or an archive, `archive:NAME` of the
        configuration or an address, that is asked for those of the patient. Each hip is compared with
        the newest of them.
    merged_ids
        Patient IDs that earlier reports are filed under, with those of the images that took their place.
    prior_images
        Files and folders with the images of then: the key image of the earlier report stands on pages
        beside that of this one.

    Raises `DocumentRefused` with every fault of the earlier reports, `ImagesRefused` for images that are
    not theirs, `UsageError` for what is no patient ID, and `ArchiveError` where an archive cannot be asked.
    """
    from hosr.lifecycle.prior_files import compare_outcome  # most reports are compared with none

    (paths, archives), merged = _split(priors), _merged(merged_ids)
    look_up = partial(_look_up, archives, merged)
    return compare_outcome(outcome, paths, merged, look_up, [Path(each) for each in prior_images])


def _split(priors: Iterable[str | os.PathLike[str]]) -> tuple[list[Path], list[str]]:
    """Paths, and the names and addresses of archives, each once."""
    from hosr.archive import is_archive

    places = list(dict.fromkeys(priors))
    archives = [place for place in places if isinstance(place, str) and is_archive(place)]
    return [Path(place) for place in places if place not in archives], archives


def _look_up(
    archives: Sequence[str], merged: Sequence[MergedID], report: Report
) -> tuple[list[EarlierReport], list[Note]]:
    """What these archives have of the patient of a report."""
    earlier: list[EarlierReport] = []
    notes: list[Note] = []
    for named in archives:
        from hosr.lifecycle.archived_priors import find_earlier

        with opened_archive(named) as (destination, archive):
            found, noted = find_earlier(archive, destination.name, report, merged)
        earlier += found
        notes += noted
    return earlier, notes


def opened_archive(named: str) -> AbstractContextManager[tuple[Destination, Archive]]:
    """The archive of this name in the user's configuration, or of this address, entered."""
    from hosr.archive import opened

    return opened(named, environ=os.environ, home=Path.home(), clock=time.time)


def grade_record(record: RecordSource, images: Images | None = None) -> tuple[GradedHip, ...]:
    """The graded hips of a record, right hip first.

    Without images a gap that was only marked by points has no millimetres, and its grade stays
    open. Raises as `make_report`.
    """
    if images is not None:
        return make_report(record, images).report.hips
    only = _only(read_records(record), name_records(record))
    with only.located():
        return pipeline.grade_record(only.record, now=_now())


def check_record(
    record: RecordSource,
    images: Images | None = None,
    *,
    require_identity: bool = False,
    priors: Iterable[str | os.PathLike[str]] = (),
    merged_ids: Mapping[str, str] | None = None,
) -> tuple[Fault, ...]:
    """Every fault of a record, of its images, of earlier reports, and of all together; often none.

    With `require_identity` a record that names nothing of its images is a fault; `priors` and `merged_ids`
    are as for `compare_report`. Without images earlier reports are read, and not compared with.
    """
    read = None if images is None else partial(_read, images)
    return check_all(
        record, read, identified=require_identity, priors=priors, merged_ids=merged_ids
    ).faults


def check_all(
    record: RecordSource,
    read: Callable[[NamedStudies], SourceImages] | None,
    *,
    identified: bool,
    priors: Iterable[str | os.PathLike[str]] = (),
    merged_ids: Mapping[str, str] | None = None,
) -> pipeline.Checked:
    """What is wrong with a record, with images where they can be `read`, and with earlier reports."""
    paths, archives = _split(priors)
    check = partial(pipeline.check, record, read, try_to_write, identified=identified, now=_now())
    if not paths and not archives and not merged_ids:
        return check()
    from hosr.lifecycle.prior_files import compare_with, read_earlier

    merged = _merged(merged_ids)
    earlier, faults, notes = read_earlier(paths)
    look_up = partial(_look_up, archives, merged)
    compare = partial(compare_with, earlier=earlier, merged=merged, look_up=look_up)
    checked = check(compare=compare)
    refusals = (*checked.refusals, *([DocumentRefused(faults)] if faults else ()))
    return pipeline.Checked(refusals=refusals, notes=(*checked.notes, *notes))


def _merged(merged_ids: Mapping[str, str] | None) -> list[MergedID]:
    from hosr.lifecycle.priors import parse_merged

    return [parse_merged(f"{old}={new}") for old, new in (merged_ids or {}).items()]


def try_to_write(outcome: Outcome) -> tuple[Note, ...]:
    """Make the objects and pictures of a report, and give what would be noted of them.

    Raises what refuses a report that is written (`make_files`).
    """
    from hosr.outputs.materials import Materials
    from hosr.sr.receivers import Options
    from hosr.templating.sources import Wording

    materials = Materials(outcome, Options(), Wording())
    for made in ("measurement", "narrative", "pictures", "overlays"):
        getattr(materials, made)
    return materials.notes


def write_files(files: Iterable[Made], folder: str | os.PathLike[str]) -> tuple[Path, ...]:
    """Write the files of a report, all or none, and return their paths.

    Files that are there with the same bytes stay. Raises UsageError where the folder holds another
    report, or cannot be written.
    """
    return write_folder({made.name: made.data for made in files}, Path(folder))


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _read(images: Images, named: NamedStudies, **options: Any) -> SourceImages:
    if isinstance(images, SourceImages):
        return images
    return read_images(images, named=named, **options)


def _only(records: tuple[Recorded, ...], name: str) -> Recorded:
    if len(records) == 1:
        return records[0]
    problem = f"holds {len(records)} records"
    raise RecordRefused(Fault(name, problem, "give the images of one study, or one record"))
