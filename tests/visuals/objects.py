"""A report with marks of every kind, and how its image is displayed."""

from __future__ import annotations

from dataclasses import replace

from hosr.findings import Calibration, Island, Length, Line, Polygon
from hosr.pixels.display_pipeline import ImageDisplay, Rescale, Window
from hosr.report import Report
from hosr.vocabulary.terms import Bridging, Side
from tests.narrative.cases import DENIED, LINE, PLACE, a_report, hip, spurred

__all__ = ["DISPLAY", "marked_report"]

DISPLAY = ImageDisplay(
    photometric_interpretation="MONOCHROME2",
    modality=Rescale(slope=1.0, intercept=0.0, unit="US"),
    voi=Window(center=2048.0, width=4096.0),
)

_OUTLINE = Polygon(corners=((1800.0, 700.0), (1850.0, 690.0), (1840.0, 740.0)), place=PLACE)
_ISLAND_LINE = Line(start=(1800.0, 700.0), end=(1840.0, 740.0), place=PLACE)
_BALL = Line(start=(400.0, 400.0), end=(620.0, 400.0), place=PLACE)


def marked_report() -> Report:
    """A gap and a calibration ball at the right hip, an island at the left; halves are known."""
    right = spurred(Length(mm=6.2, line=LINE), calibration=Calibration(line=_BALL, true_mm=32.0))
    island = Island(length=Length(mm=14.0, line=_ISLAND_LINE), region=_OUTLINE)
    left = hip(Side.LEFT, islands=(island,), spurs=DENIED, bridging=Bridging.NONE)
    report = a_report(right, left)
    image = replace(
        report.subject.images[0],
        instance=replace(
            report.subject.images[0].instance, sop_class_uid="1.2.840.10008.5.1.4.1.1.1.1"
        ),
        patient_orientation=("L", "F"),
        pixel_spacing_mm=(0.15, 0.15),
    )
    return replace(report, subject=replace(report.subject, images=(image,)))
