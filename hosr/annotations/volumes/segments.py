"""What the header of a DICOM Segmentation says: its segments, who made it and when, and of which images.

PS3.3 section C.8.20; the values as pydicom reads them from a data set that was walked through before.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hosr.annotations.sources import Claims, Label
from hosr.errors import Fault, RecordRefused
from hosr.findings import Algorithm, Place
from hosr.identity import is_usable_uid
from hosr.intake.images.elements import kind_of
from hosr.study import read_date
from hosr.vocabulary.terms import View

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

BINARY, FRACTIONAL, LABELMAP = "BINARY", "FRACTIONAL", "LABELMAP"
_KINDS = (BINARY, FRACTIONAL, LABELMAP)

MOST_SEGMENTS = 4096
_MAN = "MANUAL"
_VIEWS = {"CT": View.CT, "MR": View.MR}
_OFFSET = re.compile(r"([+-])(\d{2})([0-5]\d)", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3])([0-5]\d)?([0-5]\d)?(\.\d{1,6})?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One segment; `algorithm` is None where a person drew it, or the program has no name or version.

    `half_named` is the name of a program whose version is missing.
    """

    label: Label
    algorithm: Algorithm | None = None
    half_named: str = ""

    @property
    def number(self) -> int:
        """The number that frames and pixels refer to it by."""
        return self.label.number or 0

    @property
    def place(self) -> str:
        """Where it is in its file."""
        return f"segment {self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentationHeader:
    """The header of a Segmentation, as far as masks need it.

    `kind` is BINARY, FRACTIONAL or LABELMAP; `full` the stored value that means wholly, of FRACTIONAL.
    `image_uids` are the images that it names as its sources, `view` what they are where they are slices.
    """

    data_set: Dataset
    kind: str
    is_probability: bool
    full: int
    rows: int
    columns: int
    frames: int
    segments: tuple[Segment, ...]
    frame_of_reference_uid: str
    image_uids: tuple[str, ...]
    view: View | None
    made_at: dt.datetime | None
    claims: Claims
    sop_instance_uid: str


def read_segmentation_header(data_set: Dataset, name: str) -> SegmentationHeader:
    """The header in a data set. Raises `RecordRefused` where it is none of a Segmentation."""
    kind = _text(data_set, "SegmentationType").upper()
    if kind not in _KINDS:
        raise _refused(name, "does not say which type of segmentation it is")
    rows, columns = int(data_set.Rows), int(data_set.Columns)
    frames = int(data_set.get("NumberOfFrames") or 1)
    if min(rows, columns, frames) < 1:
        raise _refused(name, "has no rows, columns or frames")
    full = int(data_set.get("MaximumFractionalValue") or 0)
    if kind == FRACTIONAL and full < 1:
        raise _refused(name, "does not say which value fills a pixel (Maximum Fractional Value)")
    fraction = _text(data_set, "SegmentationFractionalType").upper()
    return SegmentationHeader(
        data_set=data_set,
        kind=kind,
        is_probability=kind == FRACTIONAL and fraction != "OCCUPANCY",
        full=full or 1,
        rows=rows,
        columns=columns,
        frames=frames,
        segments=tuple(_segments(data_set, name)),
        frame_of_reference_uid=_uid(data_set, "FrameOfReferenceUID"),
        image_uids=tuple(dict.fromkeys(_image_uids(data_set))),
        view=_view(data_set),
        made_at=_made_at(data_set),
        claims=Claims(
            study_instance_uid=_uid(data_set, "StudyInstanceUID"),
            patient_id=_text(data_set, "PatientID"),
            accession_number=_text(data_set, "AccessionNumber"),
        ),
        sop_instance_uid=_uid(data_set, "SOPInstanceUID"),
    )


def _segments(data_set: Dataset, name: str) -> Iterator[Segment]:
    items = data_set.get("SegmentSequence") or ()
    if not any(int(item.SegmentNumber) for item in items):
        raise _refused(name, "describes no segment")
    if len(items) > MOST_SEGMENTS:
        raise _refused(name, f"describes more than {MOST_SEGMENTS} segments")
    seen: set[int] = set()
    for item in items:
        number = int(item.SegmentNumber)
        if number in seen:
            raise _refused(name, f"describes two segments of number {number}")
        seen.add(number)
        if number:  # 0 is what a label map may call its background
            yield _segment(item, number)


def _segment(item: Dataset, number: int) -> Segment:
    label = Label(name=_text(item, "SegmentLabel"), number=number)
    if _text(item, "SegmentAlgorithmType").upper() == _MAN:
        return Segment(label=label)
    described = item.get("SegmentationAlgorithmIdentificationSequence") or ()
    if described:
        algorithm, version = (
            _text(described[0], f"Algorithm{part}") for part in ("Name", "Version")
        )
        source = _text(described[0], "AlgorithmSource")
    else:
        algorithm, version, source = _text(item, "SegmentAlgorithmName"), "", ""
    if not (algorithm and version):
        return Segment(label=label, half_named=algorithm)
    return Segment(
        label=label, algorithm=Algorithm(name=algorithm, version=version, manufacturer=source)
    )


def _image_uids(data_set: Dataset) -> Iterator[str]:
    for series in data_set.get("ReferencedSeriesSequence") or ():
        for instance in series.get("ReferencedInstanceSequence") or ():
            yield _uid(instance, "ReferencedSOPInstanceUID")


def _view(data_set: Dataset) -> View | None:
    """Whether its sources are CT or MR, by their SOP classes."""
    classes = {
        _uid(instance, "ReferencedSOPClassUID")
        for series in data_set.get("ReferencedSeriesSequence") or ()
        for instance in series.get("ReferencedInstanceSequence") or ()
    }
    kinds = {kind_of(each) for each in classes}
    modalities = {None if kind is None else kind.modality for kind in kinds}
    return _VIEWS.get(modalities.pop() or "") if len(modalities) == 1 else None


def source_places(item: Dataset) -> list[Place]:
    """The images or frames that one frame was drawn on, by its functional groups."""
    found = []
    for derivation in item.get("DerivationImageSequence") or ():
        for source in derivation.get("SourceImageSequence") or ():
            uid, frame = (
                _uid(source, "ReferencedSOPInstanceUID"),
                source.get("ReferencedFrameNumber"),
            )
            number = int(frame[0] if isinstance(frame, Sequence) else frame) if frame else None
            if uid:
                found.append(Place(sop_instance_uid=uid, frame=number))
    return found


def functional_groups(data_set: Dataset, frames: int, name: str) -> list[tuple[Dataset, ...]]:
    """The functional groups of each frame: its own, then those that all share."""
    shared = tuple(data_set.get("SharedFunctionalGroupsSequence") or ())[:1]
    own = data_set.get("PerFrameFunctionalGroupsSequence") or ()
    if not own and frames == 1:
        return [shared]
    if len(own) != frames:
        raise _refused(name, f"has {frames} frames and describes {len(own)}")
    return [(item, *shared) for item in own]


def first_group(groups: Sequence[Dataset], keyword: str) -> Dataset | None:
    """The first item of a functional group, of the frame itself or shared; None where it has none."""
    items: Iterator[Any] = (group.get(keyword) for group in groups)
    return next((found[0] for found in items if found), None)


def _made_at(data_set: Dataset) -> dt.datetime | None:
    """When its content was made, if it says that with an offset from UTC."""
    date = read_date(_text(data_set, "ContentDate"))
    time = _TIME.fullmatch(_text(data_set, "ContentTime"))
    offset = _OFFSET.fullmatch(_text(data_set, "TimezoneOffsetFromUTC"))
    if date is None or time is None or offset is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in time.groups()[:3])
    away = dt.timedelta(hours=int(offset[2]), minutes=int(offset[3]))
    try:
        zone = dt.timezone(-away if offset[1] == "-" else away)
        return dt.datetime.combine(date, dt.time(hours, minutes, seconds), zone)
    except ValueError:
        return None


def _text(item: Dataset, keyword: str) -> str:
    """A text without its padding; "" where it is absent, or several."""
    value = item.get(keyword)
    return value.strip(" \0") if isinstance(value, str) else ""


def _uid(item: Dataset, keyword: str) -> str:
    text = _text(item, keyword)
    return text if is_usable_uid(text) else ""


def _refused(name: str, problem: str) -> RecordRefused:
    return RecordRefused(Fault(name, problem, "export the segmentation anew"))
