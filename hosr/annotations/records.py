"""Sources to one grading record: what they say of each hip, who drew it, when, of which study."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosr.annotations.authorship import Author, find_observer, find_study, find_time
from hosr.annotations.formats import SCORES, format_of, read_source
from hosr.annotations.hips import gather_hips
from hosr.annotations.sidecars import NAMES
from hosr.annotations.sources import Source
from hosr.annotations.stated_status import join_incomplete, leave_superseded
from hosr.errors import Fault, HosrError, ImagesRefused, RecordRefused
from hosr.findings import Hip
from hosr.intake.record import Record, parse_record, record_json
from hosr.intake.record.json_text import refusing_unreadable
from hosr.phrases import several
from hosr.pipeline import grade_record, make_report

if TYPE_CHECKING:
    from hosr.annotations.account import Account, OptionNames
    from hosr.annotations.context import Context
    from hosr.annotations.labels import Labels
    from hosr.annotations.sources import Label
    from hosr.annotations.viewers.drawings import Drawing
    from hosr.annotations.viewers.predecessors import Predecessor, SavedDrawing
    from hosr.report import GradedHip
    from hosr.vocabulary.terms import View

_OF_HIP = re.compile(r"\$\.hips\[(\d+)\]\.?(.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """The record of the sources, its hips as they are graded, and what is told of both.

    Lengths marked on images are measured, where the images were given.
    """

    record: Record
    hips: tuple[GradedHip, ...]
    account: Account


def import_sources(
    paths: Sequence[Path],
    context: Context,
    author: Author,
    before: Predecessor | None = None,
    saved: SavedDrawing | None = None,
) -> Imported:
    """The record that these sources make together; the account of `context` tells the rest.

    Where images are given, the record is one that `make_report` takes with them. `before` is the report
    of hosr that a viewer redrew, `saved` what it saved into an archive.

    Raises
    ------
    RecordRefused, ImagesRefused
        With every fault of the sources, of their roles, of what is found by them, and of that against
        the images.
    UsageError
        Where a library is missing that a source needs.
    """
    sources = [*read_sources(paths, context), *read_saved(saved, context)]
    return import_read(sources, context, author, before)


def import_read(
    sources: Sequence[Source], context: Context, author: Author, before: Predecessor | None = None
) -> Imported:
    """The same of sources that were read. Raises as `import_sources`."""
    sources = leave_superseded(sources, context.account)
    drawing = _find_drawing(sources, context, before)
    record = _record(sources, drawing, context, author)
    with _naming_hips(record.hips):
        if context.images is None:
            return Imported(record=record, hips=grade_record(record), account=context.account)
        report = make_report(record, context.images).report
    record = replace(record, view=report.view)
    drawing.compare(record, report.hips, context.images, context.account)
    context.account.raise_faults()
    return Imported(record=record, hips=report.hips, account=context.account)


def read_saved(saved: SavedDrawing | None, context: Context) -> Iterator[Source]:
    """The documents that a viewer saved into an archive. Raises as `import_sources`."""
    if saved is not None:
        from hosr.annotations.viewers.measurement_groups import read_report

        for words in saved.notes:
            context.account.assume(saved.documents[0].name, words)
        for each in saved.documents:
            source = read_report(each.data, each.name, context)
            yield replace(source, predecessors=each.predecessors, supersedes=each.supersedes)


def _find_drawing(
    sources: Sequence[Source], context: Context, before: Predecessor | None
) -> Drawing:
    from hosr.annotations.viewers.drawings import find_drawing

    return find_drawing(sources, context, before)


def _record(
    sources: Sequence[Source], drawing: Drawing, context: Context, author: Author
) -> Record:
    account, labels = context.account, context.labels
    hips = gather_hips(sources, drawing, context)
    for key in () if account.faults else labels.unmatched(_labels_of(sources)):
        account.leave(f"{labels.name}, [labels]", f'nothing that was taken has the label "{key}"')
    observer = find_observer(sources, labels, author, account)
    graded_at = find_time(sources, author, context)
    study = find_study(sources, context.images, account)
    name = several(dict.fromkeys(source.name for source in sources), ",")
    if not hips and not account.faults:
        remedy = _remedy(labels, account.options)
        account.blame(name, "holds nothing that a hip is graded by", remedy)
    view = _find_view(sources, hips, context)
    account.raise_faults()
    assert observer is not None and graded_at is not None  # noqa: S101, PT018 (else a fault)
    record = Record(
        graded_at=graded_at,
        study_instance_uid=study.study_instance_uid or None,
        patient_id=study.patient_id or None,
        accession_number=study.accession_number or None,
        observer=observer,
        view=view,
        hips=hips,
        incomplete=join_incomplete(*(source.incomplete for source in sources)),
    )
    record = drawing.carry_over(record, account)
    account.raise_faults()
    said: dict[str, Any] = {**record_json(record), **labels.record}
    with _naming_hips(record.hips):
        return parse_record(said, labels.name if labels.record else name)


@contextmanager
def _naming_hips(hips: Sequence[Hip]) -> Iterator[None]:
    """Faults of a record that nobody wrote: whoever reads them knows hips, and no places in JSON."""
    try:
        yield
    except (RecordRefused, ImagesRefused) as error:
        faults = [replace(fault, path=_in_words(fault.path, hips)) for fault in error.faults]
        raise type(error)(faults) from None


def _in_words(path: str, hips: Sequence[Hip]) -> str:
    match = _OF_HIP.fullmatch(path)
    if match is None or int(match[1]) >= len(hips):
        return path
    return ", ".join(filter(None, (f"{hips[int(match[1])].side} hip", match[2])))


def _remedy(labels: Labels, options: OptionNames) -> str:
    if labels.meanings or labels.preset:
        return "see what could not be used, and why"
    return f"say with {options.labels} what its labels stand for (`hosr describe labels`)"


def _find_view(sources: Sequence[Source], hips: Sequence[Hip], context: Context) -> View | None:
    """The view that the sources know; asked for where a length lies in the patient and none does.

    That of the images is theirs to say; that of labels.toml stands above, and must not contradict.
    """
    views = {source.view for source in sources} - {None}
    told = context.labels.record.get("view")
    if context.images is not None or told is not None:
        if told is not None and views - {told}:
            problem = (
                f'is "{told}", and what was drawn is of {" and ".join(sorted(filter(None, views)))}'
            )
            place = f"{context.labels.name}, [record] view"
            context.account.blame(place, problem, "leave it out, or correct it")
        return None
    if len(views) == 1:
        return views.pop()
    if any(length.segment is not None for hip in hips for length in hip.lengths):
        remedy = f'give the images, or write view = "ct" in [record] of {context.labels.name}'
        names = several((source.name for source in sources), ",")
        context.account.blame(names, "does not say whether it was drawn on CT or MR", remedy)
    return None


def read_sources(paths: Sequence[Path], context: Context) -> list[Source]:
    """Every source. Raises as `import_sources`, with what is wrong with all of them."""
    sources: list[Source] = []
    faults: list[Fault] = []
    raised: list[HosrError] = []
    for together in _members(list(_files(paths, context.labels, faults)), context):
        try:
            sources.append(_read_together(together, context))
        except (RecordRefused, ImagesRefused) as error:
            faults += error.faults
            raised.append(error)
    if faults:
        refused = type(raised[0]) if raised else RecordRefused
        raise refused((*faults, *context.account.faults))
    return sources


def _read_together(paths: Sequence[Path], context: Context) -> Source:
    if len(paths) == 1:
        return read_source(paths[0], context)
    from hosr.annotations.scores.reader import read_together

    return read_together(paths, context)


def _members(paths: Sequence[Path], context: Context) -> Iterator[list[Path]]:
    """Each file by itself; where an ensemble is named, all files of scores as those of its members."""
    scored = [path for path in paths if context.labels.scoring.ensemble and _is_scores(path)]
    for path in paths:
        if path not in scored:
            yield [path]
    if scored:
        yield scored


def _is_scores(path: Path) -> bool:
    try:
        return format_of(path) is SCORES
    except RecordRefused:  # which reading it tells
        return False


def _files(paths: Sequence[Path], labels: Labels, faults: list[Fault]) -> Iterator[Path]:
    """The files as given, and those of a folder by name."""
    for path in paths:
        try:
            yield from sources_in(path, labels) if _is_folder(path) else (path,)
        except RecordRefused as refusal:
            faults += refusal.faults


def _is_folder(path: Path) -> bool:
    with suppress(OSError, ValueError):  # which reading it tells
        return path.is_dir()
    return False


def sources_in(path: Path, labels: Labels) -> list[Path]:
    """The sources in a folder: no hidden files, and none that only tell of others."""
    name = path.name or str(path)
    with refusing_unreadable(name):
        found = sorted(each for each in path.iterdir() if each.is_file())
    beside = {*NAMES, labels.name} if labels.digest else NAMES
    kept = [each for each in found if not (each.name.startswith(".") or each.name in beside)]
    if not kept:
        raise RecordRefused(Fault(name, "is a folder without a source", "name the files"))
    return kept


def _labels_of(sources: Sequence[Source]) -> Iterator[Label]:
    for source in sources:
        yield from (mask.label for mask in source.masks)
        yield from (figure.label for figure in source.figures)
