"""What a viewer and a label state of a line, held against what hosr measures on the image."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread

from hosr.annotations.authorship import Author
from hosr.annotations.context import Context
from hosr.annotations.records import import_read, import_sources
from hosr.annotations.sources import Figure, Form, Label, Source, Stated
from hosr.errors import RecordRefused
from hosr.findings import Person, Place
from hosr.intake.images import SourceImages, read_images
from tests.annotations.viewers.files import FILES, SAMPLES, images_of
from tests.images import DELETE, FILM_UID, axial, dicom_bytes, film

AUTHOR = Author(person=Person(name="Neri^Ada"), at=dt.datetime(2026, 3, 3, 9, tzinfo=dt.UTC))
LINE = ((10.0, 10.0), (30.0, 10.0))  # 20 pixels


def _images(**header: Any) -> SourceImages:
    return read_images(dicom_bytes(film(**header)))


FILMS: dict[str, dict[str, Any]] = {
    "detector": {},
    "no spacing": {"ImagerPixelSpacing": DELETE},
    "half": {"ImagerPixelSpacing": ["0.5", "0.5"]},
    "calibrated": {"PixelSpacing": ["0.8", "0.8"], "PixelSpacingCalibrationType": "FIDUCIAL"},
}


def _told(spacing: str, value: float, unit: str) -> str:
    """What is told of a line of 20 pixels on a film, where its writer states this."""
    figure = Figure(
        label=Label(name="Right HO gap"),
        place="a.dcm, group 1",
        form=Form.LINE,
        points=LINE,
        image=Place(sop_instance_uid=FILM_UID),
        stated=(Stated(concept="Length", value=value, unit=unit),),
    )
    context = Context(images=_images(**FILMS[spacing]))
    source = Source(name="a.dcm", kind="a report", figures=(figure,), is_in_words=True)
    try:
        import_read([source], context, AUTHOR)
    except RecordRefused as refusal:
        return f"asked: {refusal.faults[0].problem}"
    _, *measured = [entry.words for entry in context.account.read]
    return "; ".join(words.removeprefix('"Right HO gap" ') for words in measured)


STATED = {
    ("detector", 20.0, "mm"): "is 20.0 mm at the detector, magnified",
    ("detector", 20.09, "mm"): "is 20.0 mm at the detector, magnified",
    ("detector", 2.0, "cm"): "is 20.0 mm at the detector, magnified",
    ("detector", 20.0, "1"): "is 20.0 mm at the detector, magnified",  # as viewers wrote until 2024
    ("detector", 20.2, "mm"): (
        'asked: "Right HO gap": its writer states 20.2 mm, and between its points are 20.0 mm at the detector, '
        "magnified"
    ),
    ("detector", 20.0, "cm"): (
        'asked: "Right HO gap": its writer states 20 cm, and between its points are 20.0 mm at the detector, '
        "magnified"
    ),
    ("half", 20.0, "mm"): (
        "is 10.0 mm at the detector, magnified; its writer states 20 mm, which is its length in pixels; hosr "
        "measures 10.0 mm at the detector, magnified"
    ),
    ("no spacing", 20.0, "mm"): (
        "is not measured: its image says nothing of its scale; its writer states 20 mm, which is its length in "
        "pixels; hosr does not measure it"
    ),
    ("no spacing", 6.2, "mm"): (
        'asked: "Right HO gap": its writer states 6.2 mm, and between its points are 20 pixels'
    ),
    ("calibrated", 16.0, "mm"): "is 16.0 mm (calibrated spacing)",
}


@pytest.mark.parametrize(("spacing", "value", "unit"), STATED)
def test_the_number_of_a_viewer_is_only_compared(spacing: str, value: float, unit: str) -> None:
    """Within half a per cent it is the same; pixels and the detector explain another; nothing else does."""
    assert _told(spacing, value, unit) == STATED[spacing, value, unit]


def test_points_in_the_patient_are_compared_in_millimetres() -> None:
    """On CT they need no calibration, wherever they lie."""
    images = read_images([dicom_bytes(axial(number)) for number in (1, 2, 3)])
    uid = images.images[0].geometry.frame_of_reference_uid
    place = images.images[0].geometry.frames[0].position_mm
    end = (place[0] + 13.0, *place[1:])

    def told(value: float) -> str:
        figure = Figure(
            label=Label(name="Right HO gap"),
            place="a.dcm, group 1",
            form=Form.LINE,
            points=(place, end),
            frame_of_reference_uid=uid,
            stated=(Stated(concept="Length", value=value, unit="mm"),),
        )
        context = Context(images=images)
        source = Source(name="a.dcm", kind="a report", figures=(figure,), is_in_words=True)
        import_read([source], context, AUTHOR)
        return context.account.read[-1].words

    assert told(13.0) == '"Right HO gap" is 13.0 mm'
    with pytest.raises(RecordRefused, match="states 6 mm, and between its points are"):
        told(6.0)


def test_pixels_that_a_viewer_called_millimetres(tmp_path: Path) -> None:
    """A real file on a film without spacing: 18.9 pixels were written as 18.9 mm."""
    image = dcmread(next((SAMPLES / "brooker-3" / "images").iterdir()))
    del image.ImagerPixelSpacing
    drawn = dcmread(FILES / "adapters-5.6.8" / "nospacing-length.dcm")
    library = drawn.ContentSequence[3].ContentSequence[0].ContentSequence[0]
    image.SOPInstanceUID = library.ReferencedSOPSequence[0].ReferencedSOPInstanceUID
    image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
    image.save_as(tmp_path / "image.dcm")
    context = Context(images=read_images(tmp_path / "image.dcm"))
    imported = import_sources([FILES / "adapters-5.6.8" / "nospacing-length.dcm"], context, AUTHOR)
    assert [length.mm for graded in imported.hips for length in graded.hip.lengths] == [None] * 3
    assert [
        entry.words.partition(";")[0] for entry in context.account.read if "pixels" in entry.words
    ] == [
        "its writer states 18.9 mm, which is its length in pixels",
        "its writer states 45.65 mm, which is its length in pixels",
    ]


def test_value_and_points_that_disagree_are_asked_back() -> None:
    """A file of highdicom, which names its reader, says 6.2 mm beside a line of 7.6 mm."""
    context, author = Context(images=images_of("brooker-3")), Author(at=AUTHOR.at)
    with pytest.raises(RecordRefused) as refused:
        import_sources([FILES / "highdicom" / "tid1410-planar.dcm"], context, author)
    assert str(refused.value) == (
        'tid1410-planar.dcm, group 1: "right HO gap": its writer states 6.2 mm, and between its points are 7.6 mm '
        "at the detector, magnified; have the number corrected, or draw the line again"
    )
