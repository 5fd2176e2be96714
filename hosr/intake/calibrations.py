"""Objects of known size: whether they calibrate anything, and agree with one another and with any hip."""

from __future__ import annotations

import math
from collections.abc import Iterator

from hosr.errors import Fault
from hosr.findings import Basis, Calibration, Hip
from hosr.intake.images import Note, SourceImage, SourceImages
from hosr.intake.marks import Placed
from hosr.measure.spacing import aspect_of
from hosr.phrases import figures, phrase

# The heads of two hips lie at one depth within some centimetres, each of which is one per cent of
# magnification; neighbouring sizes of heads (28, 32, 36 mm) differ by more than this.
_ALIKE = 1.1

# Hips are magnified by 1.15 to 1.25, those of very thin and very stout patients by somewhat less
# and more (a convention). Beyond, the true size is wrong as like as not.
_USUAL = (1.05, 1.35)


def compare_calibrations(hips: tuple[Hip, ...], source: SourceImages, placed: Placed) -> None:
    """Refuse two objects on one image that give a pixel two sizes: one true size is wrong."""
    sizes: dict[str, float] = {}
    for index, hip in enumerate(hips):
        known = hip.calibration
        image = None if known is None else source.find(known.line.place.sop_instance_uid)
        column_mm = None if known is None or image is None else _column_mm(known, image)
        if image is None or column_mm is None:
            continue
        other_mm = sizes.setdefault(image.sop_instance_uid, column_mm)
        if not 1 / _ALIKE <= column_mm / other_mm <= _ALIKE:
            problem = phrase(
                "gives a pixel {length} mm, and that of the other hip {other} mm on the same image",
                length=figures(f"{column_mm:.3g}"),
                other=figures(f"{other_mm:.3g}"),
            )
            remedy = phrase("check the points and the true size of both")
            placed.record_faults.append(Fault(f"$.hips[{index}].calibration", problem, remedy))


def note_calibration(hip: Hip, source: SourceImages, path: str) -> Iterator[Note]:
    """What is odd of the calibration object of a hip: it calibrates nothing, or magnifies as few do."""
    known = hip.calibration
    if known is None:
        return
    # It counts on its own image only; a mark elsewhere goes without it.
    marked = [length for length in hip.lengths if length.line is not None]
    if not any(each.basis is Basis.KNOWN_OBJECT for each in marked):
        problem = phrase("calibrates nothing: no length is marked on the image of the object")
        yield Note(path=f"{path}.calibration", problem=problem)
    image = source.find(known.line.place.sop_instance_uid)
    column_mm = None if image is None else _column_mm(known, image)
    if image is None or column_mm is None:
        return
    detector = image.geometry.spacing.imager_pixel_spacing_mm
    if detector is not None and not _USUAL[0] <= detector[1] / column_mm <= _USUAL[1]:
        problem = phrase(
            "magnifies {factor} times, which few hips are; compare the true size",
            factor=figures(f"{detector[1] / column_mm:.2f}"),
        )
        yield Note(path=f"{path}.calibration", problem=problem)


def _column_mm(known: Calibration, image: SourceImage) -> float | None:
    """The width of a pixel by an object, None of one without extent."""
    (left, top), (right, bottom) = known.line.start, known.line.end
    pixels = math.hypot(right - left, (bottom - top) * aspect_of(image.geometry.spacing))
    return known.true_mm / pixels if pixels else None
