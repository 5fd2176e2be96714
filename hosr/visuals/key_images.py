"""The key image of each hip: a frame, windowed as its header says, cropped round the joint."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PIL import Image

from hosr.dicom.quiet import quiet_pydicom
from hosr.pixels.display import draw
from hosr.pixels.display_pipeline import read_display
from hosr.pixels.frames import TOO_LARGE, Undrawable, read_frame
from hosr.visuals.cropping import crop_of, is_inside, picture_size
from hosr.visuals.marks import marks_of, marks_on
from hosr.visuals.orientation import edges
from hosr.visuals.ruler import centimetre_of
from hosr.visuals.values import KeyImage, Missing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hosr.findings import Hip, Place
    from hosr.pixels.frames import Frame
    from hosr.report import Report


# Zlib at its best takes half a second more a picture, for a sixteenth of its size.
_COMPRESSION = 6


def make_key_images(
    report: Report, read_file: Callable[[str], bytes]
) -> tuple[KeyImage | Missing, ...]:
    """The picture of each hip, right hip first, or why there is none.

    `read_file` gives the whole DICOM file of a SOP Instance UID; what it raises is passed on.
    """
    frames: dict[tuple[str, int], Frame | Undrawable] = {}
    with quiet_pydicom():
        return tuple(_key_image(graded.hip, report, read_file, frames) for graded in report.hips)


def _key_image(
    hip: Hip,
    report: Report,
    read_file: Callable[[str], bytes],
    frames: dict[tuple[str, int], Frame | Undrawable],
) -> KeyImage | Missing:
    if hip.place is None:
        raise ValueError("a hip in a report has a key image")
    key = (hip.place.sop_instance_uid, hip.place.frame or 1)
    if key not in frames:
        frames[key] = _read(read_file(key[0]), key[1])
    frame = frames[key]
    if isinstance(frame, Undrawable):
        return Missing(side=hip.side, reason=frame.reason)
    try:
        return _picture(hip, hip.place, report, frame)
    except Undrawable as undrawable:
        return Missing(side=hip.side, reason=undrawable.reason)
    except MemoryError:
        return Missing(side=hip.side, reason=TOO_LARGE)


def _read(content: bytes, number: int) -> Frame | Undrawable:
    try:
        return read_frame(content, number)
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
    key_image = KeyImage(
        side=hip.side,
        place=place,
        crop=crop,
        width=width,
        height=height,
        png=_png(draw(frame, display, crop), width, height),
        marks=tuple(mark for mark in marks if is_inside(mark, crop)),
        toward_left=toward_left,
        toward_right=toward_right,
    )
    return replace(key_image, centimetre=centimetre_of(key_image, hip, image))


def _png(shown: NDArray[np.uint8], width: int, height: int) -> bytes:
    """The picture of this size as a file; the same bytes for the same picture."""
    picture = Image.fromarray(shown)
    if picture.size != (width, height):
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    picture.save(stream, "PNG", compress_level=_COMPRESSION)
    return stream.getvalue()
