"""The images of drafts as the page shows them: opened once, described by their headers, sent frame by frame.

Headers are kept while there is room, and pixels too, by how long ago they were last asked for. A frame is
read by itself: of a study of any size no more is in memory than what is looked at.
"""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from hosr.desk.displays import Stored, describe_display, store
from hosr.dicom.elements import quiet_pydicom, read_header
from hosr.dicom.structure import UnusableFile
from hosr.drafts.imagery import images_of
from hosr.errors import Fault, HosrError, ImagesRefused
from hosr.intake.images import NamedStudies, SourceImage, SourceImages, read_images
from hosr.measure.pixel_size import basis_of
from hosr.measure.slices import normal_of
from hosr.phrases import phrase
from hosr.pixels.frames import Undrawable, read_frame
from hosr.study import direction_letter

if TYPE_CHECKING:
    from hosr.drafts import Draft
    from hosr.image_index.seen import FiledStudy

_MOST_STUDIES = 24
_MOST_TOLD = 8192
ROOM_BYTES = 256 << 20

_Key = TypeVar("_Key")
_Kept = TypeVar("_Kept")


class _Cache(Generic[_Key, _Kept]):
    """What was made, by what it was made from, up to so much; made once where several ask at once."""

    def __init__(self, room: int, size_of: Callable[[_Kept], int]) -> None:
        self._room = room
        self._size_of = size_of
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()
        self.used = 0
        self._lock = threading.Lock()
        self._making: dict[_Key, threading.Lock] = {}

    def find(self, key: _Key, make: Callable[[], _Kept]) -> _Kept:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            making = self._making.setdefault(key, threading.Lock())
        with making:
            with self._lock:
                if key in self._kept:
                    return self._kept[key]
            try:
                made = make()
            finally:
                with self._lock:
                    self._making.pop(key, None)
            self._keep(key, made)
            return made

    def _keep(self, key: _Key, made: _Kept) -> None:
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = made
            self.used += self._size_of(made)
            while self.used > self._room and len(self._kept) > 1:
                _, left = self._kept.popitem(last=False)
                self.used -= self._size_of(left)

    def forget(self, key: _Key) -> None:
        with self._lock:
            left = self._kept.pop(key, None)
            self.used -= 0 if left is None else self._size_of(left)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Images whose headers were read; `number` tells every reading from all others."""

    number: int
    source: SourceImages


class Images:
    """The images of drafts, by where they lie."""

    def __init__(self, room_bytes: int = ROOM_BYTES) -> None:
        """Keep the stored values of frames up to so many bytes."""
        self._numbers = itertools.count()
        self._studies: _Cache[tuple[str, ...], Opened] = _Cache(_MOST_STUDIES, lambda _: 1)
        self._frames: _Cache[tuple[int, str, int], Stored] = _Cache(
            room_bytes, lambda stored: stored.values.nbytes
        )
        self._told: _Cache[tuple[int, str], dict[str, Any]] = _Cache(_MOST_TOLD, lambda _: 1)

    @property
    def held_bytes(self) -> int:
        """How many bytes of stored values are kept."""
        return self._frames.used

    def open(self, draft: Draft) -> Opened:
        """The images of a draft. Raises `ImagesRefused`."""

        def read() -> Opened:
            return Opened(number=next(self._numbers), source=images_of(draft))

        return self._studies.find(_key(draft), read)

    def open_seen(self, study: FiledStudy, charsets: tuple[str, str] = ("", "")) -> Opened:
        """Images that the watch has seen; `charsets` as those of a draft. Raises `ImagesRefused`."""
        uid = study.study_instance_uid
        told = [f"{file.path} {file.size} {file.changed_ns}" for file in study.files]

        def read() -> Opened:
            source = read_images(
                [file.path for file in study.files],
                charsets[0] or None,
                override_charset=charsets[1] or None,
                named=NamedStudies(study_instance_uids=frozenset({uid})),
            )
            return Opened(number=next(self._numbers), source=source)

        return self._studies.find((uid, *charsets, *told), read)

    def try_open(self, draft: Draft) -> None:
        """Have them read; where they are refused, that is told by whoever needs them."""
        with suppress(HosrError):
            self.open(draft)

    def forget(self, draft: Draft) -> None:
        """Read the headers anew when they are next asked for."""
        self._studies.forget(_key(draft))

    def describe(self, opened: Opened) -> list[dict[str, Any]]:
        """Every image as the page needs it, in the order of the slices. Raises `ImagesRefused`."""
        return [
            self._told.find(
                (opened.number, image.sop_instance_uid),
                partial(_describe, opened.source, image),
            )
            for image in ordered(opened.source)
        ]

    def read(self, opened: Opened, uid: str, number: int) -> Stored:
        """The stored values of a frame, from 1 on.

        Raises `ImagesRefused` where the file is gone, changed or cannot be shown; then it says why.
        """
        make = partial(_read, opened.source, uid, number)
        return self._frames.find((opened.number, uid, number), make)


def _key(draft: Draft) -> tuple[str, ...]:
    """What its images are, and are read by: other files may lie in their places by now."""
    charsets = (draft.assume_charset, draft.override_charset)
    return (draft.images_digest, draft.study_instance_uid, *charsets, *draft.images)


def _read(source: SourceImages, uid: str, number: int) -> Stored:
    image = source.find(uid)
    if image is None or not 1 <= number <= image.reference.frames:
        raise ImagesRefused(
            Fault("images", phrase("has no such image or frame"), phrase("load the page again"))
        )
    try:
        with source.open_file(uid) as stream:
            return store(read_frame(stream, number), number)
    except Undrawable as undrawable:
        name = image.file.label if image.file is not None else uid
        raise ImagesRefused(Fault(name, undrawable.reason, undrawable.detail)) from None


def _describe(source: SourceImages, image: SourceImage) -> dict[str, Any]:
    reference = image.reference
    try:
        with quiet_pydicom(), source.open_file(image.sop_instance_uid) as stream:
            display = describe_display(read_header(stream).data_set, 1)
    except UnusableFile as refusal:
        raise ImagesRefused(
            Fault(image.sop_instance_uid, refusal.problem, refusal.remedy)
        ) from None
    return {
        "uid": image.sop_instance_uid,
        "frames": reference.frames,
        "rows": reference.rows,
        "columns": reference.columns,
        "modality": reference.modality,
        "series": reference.instance.series_instance_uid,
        "position": _height_mm(image),
        "orientation": _orientation(image),
        "laterality": reference.laterality,
        "display": display,
        "spacing": _spacing(image),
        "geometry": _geometry(image),
    }


def _geometry(image: SourceImage) -> dict[str, Any] | None:
    """Where each slice or frame lies in the patient, mm (PS3.3 section C.7.6.2); None where nothing tells."""
    geometry = image.geometry
    if not geometry.frames:
        return None
    frames = [
        {
            "position": list(frame.position_mm),
            "orientation": list(frame.orientation),
            "spacing": list(frame.pixel_spacing_mm),
        }
        for frame in geometry.frames
    ]
    return {"frame_of_reference": geometry.frame_of_reference_uid, "frames": frames}


def _orientation(image: SourceImage) -> list[str]:
    """Where rows and columns lead in the patient, as in Patient Orientation; empty where nothing tells.

    Slices tell it by Image Orientation (Patient), and no letter where a direction lies between two axes.
    """
    if image.reference.patient_orientation is not None:
        return list(image.reference.patient_orientation)
    told = {frame.orientation for frame in image.geometry.frames}
    if len(told) != 1:
        return []
    (cosines,) = told
    return [direction_letter(cosines[:3]), direction_letter(cosines[3:])]


def _spacing(image: SourceImage) -> dict[str, Any]:
    """What a pixel measures, (between rows, between columns) in mm, and in which plane."""
    geometry = image.geometry
    size = basis_of(geometry.spacing, geometry.modality)
    mm = geometry.frames[0].pixel_spacing_mm if geometry.frames else size.mm_per_pixel
    return {
        "mm_per_pixel": None if mm is None else list(mm),
        "plane": size.plane.value,
        "basis": size.basis.value,
    }


def ordered(source: SourceImages) -> tuple[SourceImage, ...]:
    """The images by series, and within one by where they lie; else as their headers number them."""
    by_series: dict[str, list[SourceImage]] = {}
    for image in source.images:
        by_series.setdefault(image.reference.instance.series_instance_uid, []).append(image)
    return tuple(image for images in by_series.values() for image in _by_place(images))


def _by_place(images: list[SourceImage]) -> list[SourceImage]:
    heights = [_height_mm(image) for image in images]
    placed = [height for height in heights if height is not None]
    if len(placed) < len(images):
        return images
    pairs = sorted(zip(placed, range(len(images)), strict=True))
    return [images[index] for _, index in pairs]


def _height_mm(image: SourceImage) -> float | None:
    """How far a slice lies along the direction that it faces; None where no header says it."""
    if not image.geometry.frames:
        return None
    frame = image.geometry.frames[0]
    return sum(a * b for a, b in zip(frame.position_mm, normal_of(frame), strict=True))
