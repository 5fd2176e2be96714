"""Files of viewers and other makers, and the images that they were drawn on."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from pydicom import Dataset, dcmread

from hosr.annotations.context import Context
from hosr.annotations.sources import Figure
from hosr.intake.images import SourceImages, read_images

FILES = Path(__file__).parent.parent / "viewer_srs"
SAMPLES = Path(__file__).parents[3] / "sample_data"
OHIF = "ohif-3.13.2-drawn-labelled.dcm"


@cache
def images_of(sample: str) -> SourceImages:
    """The images of a sample study."""
    return read_images(SAMPLES / sample / "images")


def context_of(name: str) -> Context:
    """What a file is read with: the images that it was drawn on."""
    is_of_ct = Path(name).name.startswith("ct-") or name.startswith("dcmqi") or "1411" in name
    return Context(images=images_of("ct" if is_of_ct else "brooker-3"))


def shown(figure: Figure) -> str:
    """A figure in a line: its place in the file, what it is called, its form, its points."""
    points = " ".join(",".join(f"{value:.5g}" for value in point) for point in figure.points)
    stated = "".join(f"; {s.concept} {s.value:.4g} {s.unit}" for s in figure.stated)
    side = f"; {figure.side}" if figure.side else ""
    place = figure.place.rpartition(", ")[2]
    return f"{place} {figure.label} {figure.form} {points}{stated}{side}"


def redrawn_in_ohif(report: Dataset, points: list[float]) -> Dataset:
    """What OHIF saves of a report, with the gap line elsewhere; its number is that of its pixel spacing."""
    drawn = dcmread(FILES / OHIF)
    (group,) = drawn.ContentSequence[-1].ContentSequence
    (length,) = (item for item in group.ContentSequence if item.ValueType == "NUM")
    length.ContentSequence[0].GraphicData = points
    length.MeasuredValueSequence[0].NumericValue = "20.93"
    named = _item(ReferencedSOPInstanceUID=report.SOPInstanceUID)
    series = _item(SeriesInstanceUID=report.SeriesInstanceUID, ReferencedSOPSequence=[named])
    study = _item(StudyInstanceUID=report.StudyInstanceUID, ReferencedSeriesSequence=[series])
    drawn.PredecessorDocumentsSequence = [study]
    return drawn


def _item(**values: Any) -> Dataset:
    item = Dataset()
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item
