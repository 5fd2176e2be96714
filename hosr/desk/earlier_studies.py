"""Earlier studies of a patient: where their images may lie, and those that can be shown.

| Where                                      | What                                                    |
|--------------------------------------------|---------------------------------------------------------|
| reports that the draft is compared with    | the very images that they speak of, with their marks    |
| drafts of the patient in the folder        | their images, unmarked as long as nobody has signed     |
| folders that `hosr watch` looks through    | what may show a hip, unmarked where no report is known  |

A signed report that was received marks the images of its study, where none was signed here: what was is
known better. The draft is not compared with it.

Where they may lie is looked up in the thread of the store; their headers are read elsewhere, as those of
a CT take seconds. Whose images they are say their headers, by the rules for reports: an ID is not enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from hosr.drafts.imagery import find_changed_images
from hosr.errors import HosrError
from hosr.identity import is_usable_uid
from hosr.image_index.seen import find_changed_files
from hosr.lifecycle.prior_images import are_earlier_images, are_images_of
from hosr.lifecycle.priors import find_unfit
from hosr.lifecycle.received_reports import read_received

if TYPE_CHECKING:
    from pathlib import Path

    from hosr.desk.imagery import Images, Opened
    from hosr.drafts import Draft, Drafts
    from hosr.drafts.imagery import ImageFile
    from hosr.errors import Fault
    from hosr.image_index.seen import FiledStudy, SeenImages
    from hosr.intake.images import SourceImages
    from hosr.lifecycle.priors import EarlierReport

    _Place: TypeAlias = tuple[Callable[[], Iterable[Fault]], Callable[[], Opened]]

# Studies without a report that are offered, the newest of the patient.
_MOST_UNREPORTED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """An earlier study: its reports, and where its images may lie; a draft goes before what was seen.

    `study_date` is as DICOM writes it, YYYYMMDD, or as a header has it. Reports of it that were sent here
    may lie in `received`.
    """

    study_date: str
    received: Path
    reports: tuple[EarlierReport, ...] = ()
    drafts: tuple[tuple[Draft, tuple[ImageFile, ...]], ...] = field(default=(), repr=False)
    seen: FiledStudy | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An earlier study as it is shown: its reports and images; `faults` tell why there are none.

    It `is_compared` with, unless its reports were only received.
    """

    study_date: str
    reports: tuple[EarlierReport, ...]
    is_compared: bool = True
    opened: Opened | None = None
    faults: tuple[Fault, ...] = ()


def seek(
    draft: Draft, reports: Iterable[EarlierReport], drafts: Drafts, seen: SeenImages | None
) -> tuple[Sought, ...]:
    """The studies that may be earlier ones of the patient of a draft, the newest first.

    All that have a report; of the others no more than a person looks through.
    """
    own = draft.study_instance_uid
    found: dict[str, Sought] = {}

    def of(uid: str, study_date: str) -> Sought:
        return found.get(uid, Sought(study_date=study_date, received=drafts.received / uid))

    for report in reports:
        study = report.report.subject.study
        sought = of(study.study_instance_uid, study.date)
        found[study.study_instance_uid] = replace(sought, reports=(*sought.reports, report))
    for listed in drafts.of_patient(draft.patient_id):
        uid = listed.study_instance_uid
        if uid != own and is_usable_uid(uid):
            place = drafts.get(listed.draft_id), drafts.image_files(listed.draft_id)
            sought = of(uid, listed.study_date)
            found[uid] = replace(sought, drafts=(*sought.drafts, place))
    for each in () if seen is None else seen.studies_of(draft.patient_id, own):
        uid = each.study_instance_uid
        found[uid] = replace(of(uid, each.study_date), seen=each)
    return tuple(_chosen(found.values(), draft.study_date))


def _chosen(found: Iterable[Sought], today: str) -> Iterator[Sought]:
    left = _MOST_UNREPORTED
    for each in sorted(found, key=lambda sought: sought.study_date, reverse=True):
        is_later = bool(today) and each.study_date > today
        if each.reports:
            yield each
        elif left and not is_later:
            left -= 1
            yield each


def open_sought(
    sought: Iterable[Sought], now: SourceImages, images: Images, charsets: tuple[str, str]
) -> tuple[Shown, ...]:
    """Those that are surely earlier studies of the patient of these images, or that cannot be read.

    `charsets` are assumed and overridden as for the draft.
    """
    shown = (_open(each, now, images, charsets) for each in sought)
    return tuple(each for each in shown if each.reports or each.opened or each.faults)


def _open(sought: Sought, now: SourceImages, images: Images, charsets: tuple[str, str]) -> Shown:
    received = () if sought.reports else tuple(_received(sought, now))
    reports = sought.reports or received
    shown = Shown(study_date=sought.study_date, reports=reports, is_compared=not received)
    faults: list[Fault] = []
    for find_changed, read in _places(sought, images, charsets):
        changed = tuple(find_changed())
        faults += changed
        if changed:
            continue
        try:
            opened = read()
        except HosrError as refused:
            faults += refused.faults
            continue
        if _fits(reports, now, opened.source):
            return replace(shown, opened=opened)
    return replace(shown, faults=tuple(dict.fromkeys(faults)))


def _received(sought: Sought, now: SourceImages) -> Iterator[EarlierReport]:
    """Signed reports of the study that were sent here, and are surely of the patient.

    None where a draft of it was ever signed here: what was, may have been withdrawn since.
    """
    if any(draft.versions for draft, _ in sought.drafts) or not sought.received.is_dir():
        return
    uids = {image.sop_instance_uid for image in now.images}
    for each in read_received(sought.received):
        if not any(find_unfit(now.patient, now.study, uids, each)):
            yield each


def _places(sought: Sought, images: Images, charsets: tuple[str, str]) -> Iterator[_Place]:
    """How to find out what is changed at each place, and how to read what lies there."""
    for draft, files in sought.drafts:
        yield partial(find_changed_images, files), partial(images.open, draft)
    if sought.seen is not None:
        files_seen = sought.seen.files
        yield (
            partial(find_changed_files, files_seen),
            partial(images.open_seen, sought.seen, charsets),
        )


def _fits(reports: Sequence[EarlierReport], now: SourceImages, then: SourceImages) -> bool:
    """Whether images are those that the reports speak of; without one, those of an earlier study."""
    if not reports:
        return are_earlier_images(now, then)
    return all(are_images_of(each.report, then) for each in reports)
