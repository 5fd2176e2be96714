"""What a result says by itself, before its images are looked for: which study it is of, and which images.

| A result | names its study |
| --- | --- |
| a record | in `study.study_instance_uid` |
| a DICOM object: mask, structured report, presentation state | in its header |
| scores | in `study_instance_uid` |
| anything, in a folder | by the name of the folder, where that is the Study Instance UID |

What names none is refused: images are never matched by a name or a number that another study may have.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hosr.annotations.account import COMMAND_LINE, Account, Option
from hosr.annotations.authorship import UNKNOWN_DRAWER, Author
from hosr.annotations.context import Context
from hosr.annotations.formats import RECORD, SCORES, format_of, read_source, refuse_format
from hosr.annotations.labels import Labels, Maker, read_labels
from hosr.annotations.records import import_read, read_sources, sources_in
from hosr.composite import OWN_TAGS, is_own
from hosr.dicom.elements import Peeked, is_dicom, peek
from hosr.dicom.structure import UnusableFile
from hosr.errors import Fault, HosrError, RecordRefused
from hosr.identity import is_usable_uid
from hosr.intake.images import SourceImages
from hosr.intake.images.elements import kind_of
from hosr.intake.images.values import label
from hosr.intake.matching import match
from hosr.intake.record import Record, read_record, record_json
from hosr.intake.record.json_text import refusing_unreadable
from hosr.intake.record_selection import images_of
from hosr.watch.memory import result_digest
from hosr.watch.predecessors import Predecessors

_LABELS = "labels.toml"
_STUDY, _CLASS, _INSTANCE = 0x0020000D, 0x00081150, 0x00081155
# Referenced Series, Current Requested Procedure Evidence, Source Image, Referenced Image.
_REFERENCES = (0x00081115, 0x0040A375, 0x00082112, 0x00081140)

_NAMES_NONE = "does not name its study"
_NAME_IT = (
    "write study.study_instance_uid into the record, or put it into a folder that is named by its "
    "Study Instance UID"
)


# What may be said beside a result: what `hosr watch` has no option for is said to `hosr import`.
_OPTIONS = replace(
    COMMAND_LINE,
    at=Option("`hosr import --at`, or `hosr watch --file-time`", "--file-time"),
    prior=Option("`hosr import --prior`", "--prior"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A result as it says by itself.

    `study` is its Study Instance UID, `images` the SOP Instance UIDs of those it names, all of which it
    needs. `digest` is another one for another content, study or meaning of its labels. `record` is there
    where it is a record itself; everything else is imported with its `labels`, which it brings itself
    where `has_own_labels`.
    """

    name: str
    study: str
    images: frozenset[str]
    digest: str
    labels: Labels = field(repr=False)
    has_own_labels: bool = False
    record: Record | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """The record of a result on its images, as JSON has it, and what is told of how it was made.

    It has no observer where nobody is said to have drawn it: a person claims it at the desk. `redrawn` is the
    draft whose report a viewer redrew, "" where there is none.
    """

    record: dict[str, Any] = field(repr=False)
    redrawn: str = ""
    account: Mapping[str, Any] = field(default_factory=dict, repr=False)
    graded_at: dt.datetime


def examine(path: Path, labels: Labels) -> Result:
    """What a result says by itself; `labels` are those for results that bring none.

    Raises `RecordRefused` with every fault that can be told without images, and `UsageError` for a broken
    labels.toml.
    """
    own = path / _LABELS
    has_own_labels = path.is_dir() and own.is_file()
    if has_own_labels:
        labels = read_labels(own)
    files = sources_in(path, labels) if path.is_dir() else [path]
    record = _record_of(files)
    said = [_said_by_record(record)] if record else [_said_by(file, labels) for file in files]
    study = _study_of(path, [each.study for each in said])
    return Result(
        name=label(path.name),
        study=study,
        images=frozenset[str]().union(*(each.images for each in said)),
        digest=_digest(path, study, labels),
        labels=labels,
        has_own_labels=has_own_labels,
        record=record,
    )


def read_on_images(
    result: Result, path: Path, images: SourceImages, author: Author, reports: Predecessors
) -> Read:
    """The record of a result, which these images are the ones of; `reports` are those it may redraw.

    A record that contradicts itself is read: that is for a person to see. Raises `RecordRefused` and
    `ImagesRefused` for what is not of these images, `UsageError` where a library is missing, and as
    `Predecessors.trace`.
    """
    if result.record is not None:
        match(result.record, images)
        record = result.record
        return Read(record=record_json(record), graded_at=record.graded_at)
    account = Account(options=_OPTIONS)
    context = Context(labels=result.labels, images=images, account=account)
    sources = read_sources([path], context)
    if not result.has_own_labels and all(source.is_in_words for source in sources):
        # The model whose labels all results are read with has not drawn in a viewer.
        context = replace(context, labels=replace(result.labels, maker=Maker()))
    reports.keep(result.study, files_in(path))
    traced = reports.trace(result.study, sources, context)
    imported = import_read(traced.sources, context, author, traced.before)
    said = record_json(imported.record)
    if imported.record.observer == UNKNOWN_DRAWER:
        del said["observer"]
    return Read(
        record=said,
        redrawn=traced.draft,
        account=imported.account.as_json(),
        graded_at=imported.record.graded_at,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What one source says of its study and images; "" and none where it does not."""

    study: str = ""
    images: frozenset[str] = frozenset()


def _record_of(files: Sequence[Path]) -> Record | None:
    """The record, where that is all there is. Several files with one among them are left to the import."""
    if len(files) != 1 or format_of(files[0]) is not RECORD:
        return None
    return read_record(files[0])


def _said_by_record(record: Record) -> _Said:
    return _Said(study=record.study_instance_uid or "", images=frozenset(images_of(record)))


def _said_by(path: Path, labels: Labels) -> _Said:
    found = format_of(path)
    if found.reason:
        refuse_format(path, found)
    with refusing_unreadable(path.name), path.open("rb") as file:
        if is_dicom(file):
            return _said_in_header(path)
    if found is SCORES:
        with suppress(HosrError):  # which importing it tells
            source = read_source(path, Context(labels=labels))
            return _Said(study=source.claims.study_instance_uid)
    return _Said()


def _said_in_header(path: Path) -> _Said:
    try:
        with path.open("rb") as file:
            seen = peek(file, (_STUDY, *_REFERENCES, *OWN_TAGS))
    except UnusableFile as refusal:
        raise RecordRefused(Fault(path.name, refusal.problem, refusal.remedy)) from None
    if is_own(seen):
        problem = "was made by hosr itself"
        raise RecordRefused(Fault(path.name, problem, "leave it out: it says nothing new"))
    return _Said(study=seen.text(_STUDY), images=frozenset(_referenced(seen)))


def _referenced(seen: Peeked) -> Iterator[str]:
    """The images that are referenced anywhere in these sequences."""
    for items in seen.sequences.values():
        for item in items:
            if kind_of(item.text(_CLASS)) is not None and is_usable_uid(item.text(_INSTANCE)):
                yield item.text(_INSTANCE)
            yield from _referenced(item)


def _study_of(path: Path, claimed: Sequence[str]) -> str:
    """The one study that is named, by the sources or by the folder; what is no UID names none."""
    named = {uid for uid in claimed if uid}
    if path.is_dir() and is_usable_uid(path.name):
        named.add(path.name)
    if not named:
        raise RecordRefused(Fault(label(path.name), _NAMES_NONE, _NAME_IT))
    if len(named) > 1:
        problem = f"names {len(named)} studies"
        raise RecordRefused(Fault(label(path.name), problem, "give the results of one study"))
    (study,) = named
    if not is_usable_uid(study):
        problem = "names its study by something that is no UID"
        raise RecordRefused(Fault(label(path.name), problem, _NAME_IT))
    return study


def files_in(path: Path) -> list[Path]:
    """The files of a result: all of a folder, or the one that it is."""
    return sorted(each for each in path.iterdir() if each.is_file()) if path.is_dir() else [path]


def _digest(path: Path, study: str, labels: Labels) -> str:
    """What stands for a result: its study, the labels that it is read with, and its files."""
    contents: list[tuple[str, str]] = []
    files = files_in(path)
    for file in files:
        with refusing_unreadable(file.name), file.open("rb") as stream:
            content = hashlib.file_digest(stream, "sha256").hexdigest()
        contents.append((file.name if len(files) > 1 else "", content))
    return result_digest(study, labels.digest, contents)
