"""The report of hosr that a viewer redrew, for lines that come without it.

A viewer names the document that it drew over, which may be one that a viewer saved before. It is looked for,
in this order, among

| where                       | what                                                          |
|-----------------------------|---------------------------------------------------------------|
| the drafts                  | what was signed of the study; a draft as it was begun, and sent |
| `DRAFTS/received`           | reports that were sent here, drawings that were read          |
| the archives of `--images`  | all documents of the study, where it is not here              |

What is found nowhere is asked for: without it lines would be measured without their calibration.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.annotations.records import read_saved
from hosr.annotations.viewers.foreign import peek_drawing
from hosr.annotations.viewers.predecessors import Predecessor
from hosr.archive.values import Locator, Query
from hosr.codes import Terminology
from hosr.dicom.elements import peek
from hosr.dicom.structure import UnusableFile
from hosr.drafts import Draft, Drafts, Status, judge
from hosr.drafts.imagery import images_of
from hosr.errors import DocumentRefused, HosrError, RecordRefused
from hosr.intake.images.elements import kind_of
from hosr.lifecycle.archived_reports import fetched_documents
from hosr.lifecycle.drawings import read_predecessor, trace_drawing
from hosr.sr.measurement import content_key, measurement_instance
from hosr.sr.receivers import Options, ProfileName
from hosr.watch.archived_images import Archives
from hosr.watch.memory import Memory, result_digest

if TYPE_CHECKING:
    from hosr.annotations.context import Context
    from hosr.annotations.sources import Source
    from hosr.errors import Fault

_Files = list[tuple[str, bytes]]

_CLASS, _INSTANCE, _STUDY, _SERIES = 0x00080016, 0x00080018, 0x0020000D, 0x0020000E
_MEASUREMENT = "measurement.dcm"
# The forms that a draft may have been sent in.
_FORMS = tuple(
    Options(profile=profile, hydrate=hydrate, terminology=terminology)
    for profile, hydrate, terminology in itertools.product(ProfileName, (False, True), Terminology)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """Sources with the drawings that they add to, and the report `before` them.

    `draft` is that of what they were drawn over: of the drawing before them, else of that report.
    """

    sources: tuple[Source, ...]
    before: Predecessor | None = None
    draft: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Predecessors:
    """Where the reports of a study are looked for."""

    drafts: Drafts
    memory: Memory
    archives: Archives

    def keep(self, study: str, paths: Sequence[Path]) -> None:
        """Keep drawings of a study as received, for what is drawn over them. Raises `OSError`."""
        for path in paths:
            data = path.read_bytes()
            locator = _locate(data)
            if locator and locator.study_instance_uid == study and _is_drawing(data):
                self.archives.received.keep(locator, data)

    def trace(self, study: str, sources: Sequence[Source], context: Context) -> Traced:
        """What these sources were drawn over, all that is between included.

        Raises `RecordRefused` where that was withdrawn or changed, `ArchiveError` where an archive that
        may have it cannot be asked.
        """
        redrawn = [source for source in sources if source.is_in_words and source.predecessors]
        if not redrawn:
            return Traced(sources=tuple(sources))
        try:
            files = [*self._files_here(study)]
            traced = self._trace(study, sources, files, context)
            for name in () if traced.before else self.archives.names:
                files += self._files_in(name, study)
                traced = self._trace(study, sources, files, context)
                if traced.before:
                    break
        except DocumentRefused as refused:
            raise RecordRefused(refused.faults) from None
        return traced

    def _trace(
        self, study: str, sources: Sequence[Source], files: _Files, context: Context
    ) -> Traced:
        found: dict[str, Predecessor] = {}
        draft = ""
        traced: list[Source] = []
        for source in sources:
            if not (source.is_in_words and source.predecessors):
                traced.append(source)
                continue
            origins, saved = trace_drawing(source, files, "hosr")
            supersedes = origins.supersedes
            traced.append(replace(source, predecessors=origins.predecessors, supersedes=supersedes))
            traced += read_saved(saved, context)
            if saved.before is not None:
                found[saved.before.sop_instance_uid] = saved.before
            own = self._of_draft(study, origins.predecessors)
            if own is not None:
                found.setdefault(own[1].sop_instance_uid, own[1])
            labels = context.labels.digest
            passed = (
                self.memory.draft_of(_digest(study, labels, dict(files)[uid]))
                for uid in origins.way
            )
            draft = next(filter(None, passed), own[0] if own else "")
        # Over two reports at once nothing is drawn: each is asked for.
        before_all = next(iter(found.values())) if len(found) == 1 else None
        return Traced(sources=tuple(traced), before=before_all, draft=draft if before_all else "")

    def _of_draft(self, study: str, uids: Sequence[str]) -> tuple[str, Predecessor] | None:
        """The draft that one of these reports is of, with the report."""
        for listed in self.drafts.of_study(study):
            draft = self.drafts.get(listed.draft_id)
            for folder in map(Path, reversed(draft.versions)):
                if _uid_of(folder / _MEASUREMENT) in uids:
                    return draft.draft_id, read_predecessor(folder)
            begun = _as_sent(draft, uids)
            if begun is not None:
                return draft.draft_id, begun
        return None

    def _files_here(self, study: str) -> Iterator[tuple[str, bytes]]:
        """The documents of a study that were received."""
        for path in sorted((self.archives.received.folder / study).glob("[!.]*.dcm")):
            with path.open("rb") as file:
                try:
                    is_image = kind_of(peek(file, (_CLASS,)).text(_CLASS)) is not None
                except UnusableFile:
                    continue
            if not is_image:
                yield path.stem, path.read_bytes()

    def _files_in(self, name: str, study: str) -> _Files:
        """The documents of a study that an archive holds. Raises `ArchiveError`, `DocumentRefused`."""
        faults: list[Fault] = []
        query = Query(study_instance_uid=study)
        with self.archives.open_archive(name) as (destination, archive):
            files = [
                (locator.sop_instance_uid, data)
                for locator, data in fetched_documents(archive, destination.name, query, faults)
            ]
        if faults:
            raise DocumentRefused(faults)
        return files


def _as_sent(draft: Draft, uids: Sequence[str]) -> Predecessor | None:
    """The report of a draft as it was begun and sent, where it is one of these; its images may be gone since."""
    try:
        judged = judge(draft.original, images_of(draft))
    except HosrError:
        return None
    if judged.outcome is None:
        return None
    # What an earlier hosr sent was not noted, and was in the place of nothing.
    said = {None, *(sent.preliminaries for sent in draft.sent)}
    reports = [replace(judged.outcome.report, preliminaries=each) for each in said]
    for report, options in itertools.product(reports, _FORMS):
        uid = measurement_instance(content_key(report, options), options).sop_instance_uid
        if uid in uids:
            signed = "signed since" if draft.status is Status.SIGNED else ""
            return Predecessor(
                sop_instance_uid=uid,
                report=report,
                is_editable=options.hydrate,
                later=signed,
            )
    return None


def _digest(study: str, labels: str, data: bytes) -> str:
    """What stands for a drawing, as for the result that it was."""
    return result_digest(study, labels, [("", hashlib.sha256(data).hexdigest())])


def _uid_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return peek(file, (_INSTANCE,)).text(_INSTANCE)
    except (OSError, UnusableFile):
        return ""


def _locate(data: bytes) -> Locator | None:
    try:
        seen = peek(data, (_CLASS, _INSTANCE, _STUDY, _SERIES))
    except UnusableFile:
        return None
    return Locator(
        study_instance_uid=seen.text(_STUDY),
        series_instance_uid=seen.text(_SERIES),
        sop_class_uid=seen.text(_CLASS),
        sop_instance_uid=seen.text(_INSTANCE),
    )


def _is_drawing(data: bytes) -> bool:
    try:
        return peek_drawing(data) is not None
    except UnusableFile:
        return False
