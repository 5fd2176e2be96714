"""The key image of each hip: a frame, windowed as its header says, cropped round the joint.

It shows the joint with what was marked there, never less than its marks; beside it stand the
patient's directions and the length of a centimetre, where the image tells them. Lengths of a crop
are in columns of the image; where a pixel is higher than wide, a row counts for more.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset

from hosr.dicom.elements import quiet_pydicom
from hosr.findings import Hip, Line, Place, Plane, Point
from hosr.measure.spacing import CROSS_SECTIONAL
from hosr.pixels.display_pipeline import ImageDisplay, Window, read_display
from hosr.pixels.fitting import fit, joined, with_filled_table
from hosr.pixels.frames import TOO_LARGE, Crop, Frame, Undrawable, read_frame
from hosr.pixels.rendering import draw
from hosr.report import Report
from hosr.study import ImageReference, direction_letter, half_of_pelvis
from hosr.visuals.marks import KeyImage, Mark, MarkKind, Missing, marks_of, marks_on, surfaces_on
from hosr.vocabulary.terms import Side, View

# Zlib at its best takes half a second more a picture, for a sixteenth of its size.
_COMPRESSION = 6


# A hip joint with the greater trochanter and the rim of the pelvis, by size or, where nobody
# knows the size of a pixel, as a share of the image's width.
_JOINT_MM = 140.0
_SHARES = {View.AP_PELVIS: 0.4}
_SHARE = 0.8

# The marks take at most so much of the picture; and a spacing that would show a scrap of the
# image is not believed.
_ROOM = 1.8
_LEAST_SHARE = 0.2

# Bone forms about the joint and mostly lateral of it: how far the middle of the picture may go
# from the marks toward the middle of the image, as a share of the picture.
_TOWARD_JOINT = 0.12

# Half of a pelvis is shown to this height over its width, about its middle.
_HALF_HEIGHT = 1.4

_LEAST_PIXELS, _MOST_PIXELS = 600, 1000

_OPPOSITES = {"L": "R", "R": "L", "A": "P", "P": "A", "H": "F", "F": "H"}
_ORIENTATION = "ImageOrientationPatient"

# A capture of a slice has the spacing of its screen (PS3.3 section 10.7.1.3).
_CAPTURES = "1.2.840.10008.5.1.4.1.1.7"


def make_key_images(
    report: Report, read_file: Callable[[str], bytes | BinaryIO]
) -> tuple[KeyImage | Missing, ...]:
    """The picture of each hip, right hip first, or why there is none.

    `read_file` gives the whole DICOM file of a SOP Instance UID, or a stream of it; what it raises is
    passed on.
    """
    frames: dict[tuple[str, int], Frame | Undrawable] = {}
    with quiet_pydicom():
        return tuple(_key_image(graded.hip, report, read_file, frames) for graded in report.hips)


def _key_image(
    hip: Hip,
    report: Report,
    read_file: Callable[[str], bytes | BinaryIO],
    frames: dict[tuple[str, int], Frame | Undrawable],
) -> KeyImage | Missing:
    if hip.place is None:
        raise ValueError("a hip in a report has a key image")
    key = (hip.place.sop_instance_uid, hip.place.frame or 1)
    if key not in frames:
        frames[key] = _read(read_file(key[0]), key[1])
    frame = frames[key]
    if isinstance(frame, Undrawable):
        return Missing(side=hip.side, reason=frame.reason, detail=frame.detail)
    try:
        return _picture(hip, hip.place, report, frame)
    except Undrawable as undrawable:
        return Missing(side=hip.side, reason=undrawable.reason)
    except MemoryError:
        return Missing(side=hip.side, reason=TOO_LARGE)


def _read(file: bytes | BinaryIO, number: int) -> Frame | Undrawable:
    with io.BytesIO(file) if isinstance(file, bytes) else file as stream:
        try:
            return read_frame(stream, number)
        except Undrawable as undrawable:
            return undrawable


def _picture(hip: Hip, place: Place, report: Report, frame: Frame) -> KeyImage:
    image = report.subject.image(place)
    display = read_display(frame.data_set, place.frame)
    aspect = display.aspect[0] / display.aspect[1]
    marks = marks_on(marks_of(report), hip.side, place)
    crop = crop_of(image, aspect, report.view, hip.side, marks)
    width, height = picture_size(crop, aspect)
    toward_left, toward_right = edges(image, frame.data_set, place.frame)
    fitted = fit(frame, display, crop)
    key_image = KeyImage(
        side=hip.side,
        place=place,
        crop=crop,
        width=width,
        height=height,
        png=_png(draw(frame, fitted.display, crop), width, height),
        marks=tuple(mark for mark in marks if is_inside(mark, crop)),
        toward_left=toward_left,
        toward_right=toward_right,
        fitted=None if fitted.display == display else fitted.display.voi,
        remarks=fitted.remarks,
        surfaces=surfaces_on(hip, place),
    )
    return replace(key_image, centimetre=centimetre_of(key_image, hip, image))


def fitted_displays(
    displays: Mapping[Place, ImageDisplay], pictures: Iterable[KeyImage | Missing]
) -> dict[Place, ImageDisplay]:
    """The pipelines of images as their key images show them; of two on one image a window for both."""
    fitted = {place: with_filled_table(display).display for place, display in displays.items()}
    found: dict[Place, list[Window]] = {}
    for picture in pictures:
        if not isinstance(picture, KeyImage) or picture.place not in fitted:
            continue
        if isinstance(picture.fitted, Window):
            found.setdefault(picture.place, []).append(picture.fitted)
    for place, windows in found.items():
        fitted[place] = replace(fitted[place], voi=joined(windows))
    return fitted


def _png(shown: NDArray[np.uint8], width: int, height: int) -> bytes:
    """The picture of this size as a file; the same bytes for the same picture."""
    picture = Image.fromarray(shown)
    if picture.size != (width, height):
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    picture.save(stream, "PNG", compress_level=_COMPRESSION)
    return stream.getvalue()


def crop_of(
    image: ImageReference, aspect: float, view: View, side: Side, marks: Sequence[Mark]
) -> Crop:
    """The part of an image to show of one hip; `aspect` is the height of a pixel to its width.

    A calibration object does not draw the picture to itself: it may lie between the thighs.
    """
    points = [p for m in marks if m.kind is not MarkKind.CALIBRATION for p in m.points]
    if points:
        return _around(points, image, aspect, view)
    half = half_of_pelvis(image, side) if view is View.AP_PELVIS else None
    if half is None:
        return Crop(left=0, top=0, width=image.columns, height=image.rows)
    first, last = math.floor(half[0]), math.ceil(half[1])
    height = _HALF_HEIGHT * (last - first) / aspect
    top, rows = _about(image.rows / 2, height, image.rows)
    return Crop(left=first, top=top, width=last - first, height=rows)


def is_inside(mark: Mark, crop: Crop) -> bool:
    """Whether all of a mark lies in the part that is shown."""
    right, bottom = crop.left + crop.width, crop.top + crop.height
    return all(crop.left <= x <= right and crop.top <= y <= bottom for x, y in mark.points)


def picture_size(crop: Crop, aspect: float) -> tuple[int, int]:
    """Width and height of the picture: its pixels square, its longer side of bearable size."""
    width, height = float(crop.width), crop.height * aspect
    longer = max(width, height)
    target = min(max(longer, _LEAST_PIXELS), _MOST_PIXELS)
    return max(1, round(width * target / longer)), max(1, round(height * target / longer))


def _around(points: Sequence[Point], image: ImageReference, aspect: float, view: View) -> Crop:
    columns, rows = [x for x, _ in points], [y for _, y in points]
    marked = max(max(columns) - min(columns), (max(rows) - min(rows)) * aspect)
    side = max(_joint(image, view), _ROOM * marked)
    left, width = _beside(columns, side, image.columns)
    top, height = _beside(rows, side / aspect, image.rows)
    return Crop(left=left, top=top, width=width, height=height)


def _joint(image: ImageReference, view: View) -> float:
    if image.pixel_spacing_mm is None:
        return _SHARES.get(view, _SHARE) * image.columns
    return max(_JOINT_MM / image.pixel_spacing_mm[1], _LEAST_SHARE * image.columns)


def _beside(values: Sequence[float], length: float, limit: int) -> tuple[int, int]:
    """Start and length along one direction: the joint lies from its marks toward the middle."""
    marked = (min(values) + max(values)) / 2
    shift = _TOWARD_JOINT * length
    middle = marked + min(max(limit / 2 - marked, -shift), shift)
    return _about(middle, length, limit)


def _about(middle: float, length: float, limit: int) -> tuple[int, int]:
    """Start and length about a middle, in whole pixels, moved so far that they are in the image."""
    size = min(math.ceil(length), limit)
    return min(max(math.floor(middle - size / 2), 0), limit - size), size


def edges(image: ImageReference, data_set: Dataset, frame: int | None) -> tuple[str, str]:
    """The patient's direction at the left and at the right edge; "" where it is not known.

    By Patient Orientation (PS3.3 section C.7.6.1.1.1), else by Image Orientation (Patient)
    (section C.7.6.2.1.1); letters other than the first are left out.
    """
    if image.patient_orientation is not None:
        right = image.patient_orientation[0][:1]
    else:
        right = direction_letter(_row(data_set, frame))
    return _OPPOSITES.get(right, ""), right


def _row(data_set: Dataset, frame: int | None) -> tuple[float, ...]:
    """The direction of rows: that of the frame, of all frames, or of the image."""
    index = (frame or 1) - 1
    try:
        per_frame = list(data_set.get("PerFrameFunctionalGroupsSequence") or [])
        shared = list(data_set.get("SharedFunctionalGroupsSequence") or [])
        groups = [*per_frame[index : index + 1], *shared[:1]]
        planes = [
            plane for group in groups for plane in group.get("PlaneOrientationSequence") or []
        ]
        holders = [*planes, data_set]
        found = next((h for h in holders if h.get(_ORIENTATION)), None)
        numbers = () if found is None else tuple(float(n) for n in found[_ORIENTATION].value)
    except Exception:  # noqa: BLE001 (pydicom throws of every kind on damaged values)
        return ()
    return numbers[:3] if len(numbers) == 6 else ()


def centimetre_of(picture: KeyImage, hip: Hip, image: ImageReference) -> float | None:
    """The length of 1 cm in the patient, in pixels of the picture.

    By a length of the hip that holds in the patient, the gap before all, so that the scale bar is
    that of its depth; else by the calibration object; else by the spacing of a slice. None
    otherwise: a scale bar at the detector would make a gap look wider than it is.
    """
    for line, mm in _known(hip):
        ends = (line.place, line.end_place or line.place)
        if any(end.sop_instance_uid != picture.place.sop_instance_uid for end in ends):
            continue
        pixels = math.dist(picture.project(line.start), picture.project(line.end))
        if line.shows_length and pixels and mm:
            return 10 * pixels / mm
    if not _is_slice(image) or image.pixel_spacing_mm is None:
        return None
    return 10 / image.pixel_spacing_mm[1] * picture.width / picture.crop.width


def _known(hip: Hip) -> Iterator[tuple[Line, float]]:
    """The lines whose length in the patient is known, surest first."""
    for length in (hip.gap, *(island.length for island in hip.islands or ())):
        if length is not None and length.line is not None and length.plane is Plane.PATIENT:
            yield length.line, length.mm or 0.0
    if hip.calibration is not None:
        yield hip.calibration.line, hip.calibration.true_mm


def _is_slice(image: ImageReference) -> bool:
    sop_class = image.instance.sop_class_uid
    is_capture = sop_class == _CAPTURES or sop_class.startswith(f"{_CAPTURES}.")
    return image.modality in CROSS_SECTIONAL and not is_capture
