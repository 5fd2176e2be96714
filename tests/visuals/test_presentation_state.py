"""Marks and grades over the images: what a viewer of presentation states is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import highdicom as hd
import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset

from hosr.findings import (
    Algorithm,
    Calibration,
    Hip,
    Length,
    Line,
    Outline,
    Place,
    Plane,
    Polygon,
)
from hosr.pixels.display_pipeline import ImageDisplay, LookupTable, Rescale, Shutter, Window
from hosr.report import Report
from hosr.visuals.marks import marks_of
from hosr.visuals.presentation_state import Overlay, presentation_states
from hosr.vocabulary.surfaces import Structure
from hosr.vocabulary.terms import Side, View
from tests.composite.outline import as_text, read
from tests.narrative.cases import ABSENT, LINE, MODEL, PLACE, a_report, hip, spurred
from tests.visuals.objects import DISPLAY, marked_report

SECOND = Place(sop_instance_uid="1.2.3.4.2")


def _states(report: Report, *displays: ImageDisplay) -> tuple[Overlay, ...]:
    """The states of a report whose images, in order, are displayed so."""
    places = (PLACE, SECOND)
    return presentation_states(
        report, marks_of(report), dict(zip(places, displays or (DISPLAY,), strict=False))
    )


def _state(report: Report, *displays: ImageDisplay) -> Dataset:
    (overlay,) = _states(report, *displays)
    return read(overlay.encoded)


def _texts(state: Dataset) -> list[str]:
    return [
        text.UnformattedTextValue
        for item in state.GraphicAnnotationSequence
        for text in item.get("TextObjectSequence", ())
    ]


def _graphics(state: Dataset) -> list[tuple[str, str, tuple[float, ...]]]:
    return [
        (item.GraphicLayer, graphic.GraphicType, tuple(graphic.GraphicData))
        for item in state.GraphicAnnotationSequence
        for graphic in item.get("GraphicObjectSequence", ())
    ]


def _on_two_images(report: Report, line: Line) -> Report:
    """The report with a second image, and the gap of its right hip marked by this line."""
    first = report.subject.images[0]
    second = replace(first, instance=replace(first.instance, sop_instance_uid="1.2.3.4.2"))
    graded = report.hips[0]
    gap = Length(mm=6.2, plane=Plane.PATIENT, line=line)
    moved = replace(graded, hip=replace(graded.hip, gap=gap, place=line.place))
    subject = replace(report.subject, images=(first, second))
    return replace(report, subject=subject, hips=(moved, *report.hips[1:]))


def test_the_whole_state_is_as_agreed(compare_golden: Callable[[str, str], None]) -> None:
    """Every element of the state of a report with marks of each kind."""
    compare_golden("objects/presentation_state.txt", as_text(_state(marked_report())))


def test_highdicom_makes_the_same_state() -> None:
    """What highdicom writes for the same graphics, area and window is the same, item by item."""
    report = marked_report()
    state = _state(report)
    image = _image(report)
    other = hd.pr.GrayscaleSoftcopyPresentationState(
        referenced_images=[image],
        series_instance_uid="1.2.9",
        series_number=9503,
        sop_instance_uid="1.2.9.1",
        instance_number=1,
        manufacturer="hosr",
        manufacturer_model_name="hosr",
        software_versions="1",
        device_serial_number="0",
        content_label="HO_GRADING",
        graphic_layers=_layers(state),
        graphic_annotations=_annotations(state, image),
        voi_lut_transformations=[
            hd.pr.SoftcopyVOILUTTransformation(
                window_center=2048.0,
                window_width=4096.0,
                voi_lut_function="LINEAR",
                referenced_images=hd.ReferencedImageSequence([image]),
            )
        ],
    )
    compared = (
        "ReferencedSeriesSequence",
        "GraphicAnnotationSequence",
        "SoftcopyVOILUTSequence",
        "PresentationLUTShape",
        "RescaleIntercept",
        "RescaleSlope",
        "RescaleType",
    )

    for item in other.GraphicAnnotationSequence:
        for graphic in item.get("GraphicObjectSequence", ()):
            if list(graphic.GraphicData[:2]) != list(graphic.GraphicData[-2:]):
                del graphic.GraphicFilled  # type 1C, of closed shapes
    assert as_text(_only(other, compared)) == as_text(_only(state, compared))


def _only(dataset: Dataset, keywords: tuple[str, ...]) -> Dataset:
    """The elements of these keywords that are there."""
    chosen = Dataset()
    for keyword in keywords:
        if keyword in dataset:
            chosen.add(dataset[keyword])
    return chosen


def _image(report: Report) -> Dataset:
    reference = report.subject.images[0]
    image = Dataset()
    image.file_meta = FileMetaDataset()
    image.SOPClassUID = reference.instance.sop_class_uid
    image.SOPInstanceUID = reference.instance.sop_instance_uid
    image.StudyInstanceUID = "1.2.3"
    image.SeriesInstanceUID = reference.instance.series_instance_uid
    for keyword in ("PatientID", "PatientName", "PatientBirthDate", "PatientSex", "StudyID"):
        setattr(image, keyword, "")
    for keyword in ("StudyDate", "StudyTime", "AccessionNumber", "ReferringPhysicianName"):
        setattr(image, keyword, "")
    image.Rows, image.Columns = reference.rows, reference.columns
    image.SamplesPerPixel = 1
    image.Modality, image.PhotometricInterpretation = "DX", "MONOCHROME2"
    image.RescaleIntercept, image.RescaleSlope, image.RescaleType = 0, 1, "US"
    return image


def _layers(state: Dataset) -> list[hd.pr.GraphicLayer]:
    return [
        hd.pr.GraphicLayer(layer_name=item.GraphicLayer, order=int(item.GraphicLayerOrder))
        for item in state.GraphicLayerSequence
    ]


def _annotations(state: Dataset, image: Dataset) -> list[hd.pr.GraphicAnnotation]:
    layers = {layer.GraphicLayer: layer for layer in _layers(state)}
    return [
        hd.pr.GraphicAnnotation(
            referenced_images=[image],
            graphic_layer=layers[item.GraphicLayer],
            graphic_objects=[_graphic(each) for each in item.get("GraphicObjectSequence", ())]
            or None,
            text_objects=[_text(each) for each in item.get("TextObjectSequence", ())] or None,
        )
        for item in state.GraphicAnnotationSequence
    ]


def _graphic(item: Dataset) -> hd.pr.GraphicObject:
    data = np.array(item.GraphicData).reshape(-1, 2)
    return hd.pr.GraphicObject(
        graphic_type=item.GraphicType,
        graphic_data=data,
        units="PIXEL",
    )


def _text(item: Dataset) -> hd.pr.TextObject:
    box = (*item.BoundingBoxTopLeftHandCorner, *item.BoundingBoxBottomRightHandCorner)
    return hd.pr.TextObject(
        text_value=item.UnformattedTextValue,
        units="PIXEL",
        bounding_box=box,
        anchor_point=tuple(item.AnchorPoint) if "AnchorPoint" in item else None,
        text_justification="CENTER",
        anchor_point_visible=False,
    )


def test_every_word_lies_in_the_image_and_on_no_other() -> None:
    """Boxes of text are inside the image, do not meet, and cover none of the shapes."""
    state = _state(marked_report())
    boxes = [
        (*text.BoundingBoxTopLeftHandCorner, *text.BoundingBoxBottomRightHandCorner)
        for item in state.GraphicAnnotationSequence
        for text in item.get("TextObjectSequence", ())
    ]
    points = [
        point
        for _, _, data in _graphics(state)
        for point in zip(data[::2], data[1::2], strict=True)
    ]

    assert all(0 <= x1 < x2 <= 2500 and 0 <= y1 < y2 <= 2000 for x1, y1, x2, y2 in boxes)
    assert not [
        (one, other)
        for index, one in enumerate(boxes)
        for other in boxes[:index]
        if one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
    ]
    assert not [
        (point, box)
        for point in points
        for box in boxes
        if box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]
    ]


def test_each_grade_stands_in_the_half_of_its_hip() -> None:
    """The patient's right is on the left of the picture where rows run to the left."""
    state = _state(marked_report())
    middles = {
        text.UnformattedTextValue: (
            text.BoundingBoxTopLeftHandCorner[0] + text.BoundingBoxBottomRightHandCorner[0]
        )
        / 2
        for item in state.GraphicAnnotationSequence
        for text in item.TextObjectSequence
        if item.GraphicLayer == "GRADES"
    }

    assert middles == pytest.approx(
        {
            "Right hip: Brooker III, Della Valle C (draft)": 625,
            "Left hip: Brooker I, Della Valle B (draft)": 1875,
        }
    )


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (Length(mm=6.2, line=LINE, plane=Plane.PATIENT), "6.2 mm"),
        (
            Length(mm=6.2, line=LINE, plane=Plane.DETECTOR),
            "6.2 mm at the detector, magnified",
        ),
        (Length(mm=6.2, line=LINE, plane=Plane.UNKNOWN), "6.2 mm, plane unknown"),
        (Length(line=LINE, plane=Plane.UNKNOWN), "gap, not in millimetres"),
        (Length(mm=0.04, line=LINE, plane=Plane.PATIENT), "less than 0.1 mm"),
        (Length(mm=6.2, line=LINE), "6.2 mm, plane not stated"),
    ],
)
def test_a_length_says_in_which_plane_it_holds(length: Length, text: str) -> None:
    """A magnified length never stands as if it were one in the patient."""
    assert text in _texts(_state(a_report(spurred(length))))


def test_a_hip_without_marks_has_its_grade_alone() -> None:
    """What was graded and not drawn is said to be so, on the key image."""
    state = _state(a_report(hip(**ABSENT), hip(Side.LEFT, **ABSENT)))

    assert _graphics(state) == []
    assert _texts(state) == [
        "Right hip: Brooker 0, Della Valle A (draft, not localised)",
        "Left hip: Brooker 0, Della Valle A (draft, not localised)",
    ]
    assert [layer.GraphicLayer for layer in state.GraphicLayerSequence] == ["GRADES"]


def test_a_calibration_object_does_not_localise_a_grade() -> None:
    """An object of known size lies anywhere: what was graded is not drawn by it."""
    calibration = Calibration(line=LINE, true_mm=32.0)
    state = _state(a_report(spurred(Length(mm=6.2), calibration=calibration)))

    assert _texts(state) == [
        "32 mm object",
        "Right hip: Brooker III, Della Valle C (draft, not localised)",
    ]


def test_a_line_across_images_is_a_point_on_each() -> None:
    """Each end of a line lies on its own image, and says that there is another."""
    line = Line(start=LINE.start, end=LINE.end, place=PLACE, end_place=SECOND)
    report = _on_two_images(
        a_report(spurred(Length(mm=6.2, line=LINE, plane=Plane.PATIENT)), view=View.CT), line
    )
    state = _state(report, DISPLAY, DISPLAY)

    assert _graphics(state) == [
        ("GAP", "POINT", (100.0, 200.0)),
        ("GAP", "POINT", (100.0, 285.0)),
    ]
    assert _texts(state).count("6.2 mm; other end on another image") == 2


def test_surfaces_lie_in_a_layer_of_their_own_below_all_marks() -> None:
    """Outlines that a program found have no words, and leave a hip without marks not localised."""
    outline = Outline(
        structure=Structure.FEMUR,
        polygon=Polygon(corners=((9.0, 9.0), (30.0, 9.0), (30.0, 40.0)), place=PLACE),
    )
    state = _state(a_report(hip(**ABSENT, outlines=(outline,))))
    assert [layer.GraphicLayer for layer in state.GraphicLayerSequence] == ["SURFACES", "GRADES"]
    drawn = (9.0, 9.0, 30.0, 9.0, 30.0, 40.0, 9.0, 9.0)
    assert _graphics(state) == [("SURFACES", "POLYLINE", drawn)]
    (words,) = _texts(state)
    assert words.endswith("not localised)")


def test_one_frame_of_several_is_named_by_its_number() -> None:
    """A mark on a frame is shown on that frame only."""
    framed = Place(sop_instance_uid=PLACE.sop_instance_uid, frame=2)
    line = Line(start=LINE.start, end=LINE.end, place=framed)
    report = a_report(spurred(Length(mm=6.2, line=LINE)))
    image = replace(report.subject.images[0], frames=3)
    graded = report.hips[0]
    moved = replace(graded, hip=replace(graded.hip, gap=Length(mm=6.2, line=line), place=framed))
    report = replace(report, subject=replace(report.subject, images=(image,)), hips=(moved,))
    (overlay,) = presentation_states(report, marks_of(report), {framed: DISPLAY})
    state = read(overlay.encoded)
    references = [
        *state.ReferencedSeriesSequence[0].ReferencedImageSequence,
        *(item.ReferencedImageSequence[0] for item in state.GraphicAnnotationSequence),
        *(item.ReferencedImageSequence[0] for item in state.SoftcopyVOILUTSequence),
        *(item.ReferencedImageSequence[0] for item in state.DisplayedAreaSelectionSequence),
    ]

    assert overlay.places == (framed,)
    assert {reference.ReferencedFrameNumber for reference in references} == {2}


SHUTTER = Shutter(
    shapes=("CIRCULAR", "POLYGONAL"),
    parts=(
        ("CenterOfCircularShutter", (500, 600)),
        ("RadiusOfCircularShutter", (400,)),
        ("VerticesOfThePolygonalShutter", (1, 1, 1, 2500, 2000, 1)),
    ),
)


def test_a_shutter_stays_closed() -> None:
    """A state without the shutter of its images would uncover what they hide."""
    state = _state(marked_report(), replace(DISPLAY, shutter=SHUTTER))
    keywords = ("ShutterShape", *(keyword for keyword, _ in SHUTTER.parts))

    assert as_text(_only(state, (*keywords, "ShutterPresentationValue"))) == (
        "ShutterShape CS ['CIRCULAR', 'POLYGONAL']\n"
        "CenterOfCircularShutter IS [500, 600]\n"
        "RadiusOfCircularShutter IS 400\n"
        "VerticesOfThePolygonalShutter IS [1, 1, 1, 2500, 2000, 1]\n"
        "ShutterPresentationValue US 0\n"
    )
    assert [keyword for keyword in _state(marked_report()).dir() if "Shutter" in keyword] == []


_TABLE = LookupTable(first=-1024, bits=12, values=(0, 2048, 4095), explanation="BONE", kind="HU")

_PIPELINES: dict[str, tuple[ImageDisplay, str]] = {
    "nothing said": (
        ImageDisplay(photometric_interpretation="MONOCHROME2"),
        "PresentationLUTShape CS IDENTITY\n",
    ),
    "inverse": (
        ImageDisplay(photometric_interpretation="MONOCHROME1"),
        "PresentationLUTShape CS INVERSE\n",
    ),
    "rescaled": (
        ImageDisplay(
            photometric_interpretation="MONOCHROME2",
            modality=Rescale(slope=0.1 + 0.2, intercept=-1024.0, unit="HU"),
            voi=Window(center=40.5, width=400.0, function="SIGMOID", explanation="SOFT"),
        ),
        """RescaleIntercept DS -1024.0
RescaleSlope DS 0.30000000000000
RescaleType LO HU
PresentationLUTShape CS IDENTITY
""",
    ),
    "by tables": (
        ImageDisplay(photometric_interpretation="MONOCHROME2", modality=_TABLE, voi=_TABLE),
        """ModalityLUTSequence 1
  LUTDescriptor SS [3, -1024, 12]
  LUTExplanation LO BONE
  ModalityLUTType LO HU
  LUTData OW 6 bytes
PresentationLUTShape CS IDENTITY
""",
    ),
}
_STEPS = (
    "ModalityLUTSequence",
    "RescaleIntercept",
    "RescaleSlope",
    "RescaleType",
    "PresentationLUTShape",
)


@pytest.mark.parametrize(("display", "steps"), _PIPELINES.values(), ids=_PIPELINES)
def test_the_pipeline_is_that_of_the_image(display: ImageDisplay, steps: str) -> None:
    """A state replaces all that the image says, so it repeats it."""
    state = _state(marked_report(), display)

    assert as_text(_only(state, _STEPS)) == steps
    assert ("SoftcopyVOILUTSequence" in state) is (display.voi is not None)


@pytest.mark.parametrize(("entries", "written"), [(65536, 0), (40000, 40000)])
@pytest.mark.parametrize("first", [0, -5])
def test_a_long_table_keeps_its_length(first: int, entries: int, written: int) -> None:
    """65536 entries are written as 0; a signed descriptor holds the same two bytes."""
    table = LookupTable(first=first, bits=16, values=tuple(range(entries)))
    display = replace(DISPLAY, voi=table)
    item = _state(marked_report(), display).SoftcopyVOILUTSequence[0].VOILUTSequence[0]
    descriptor = item["LUTDescriptor"]

    assert (descriptor.value[0] % 65536, descriptor.value[1]) == (written, first)
    assert len(item.LUTData) == 2 * entries


def test_a_table_of_8_bits_is_written_with_16() -> None:
    """Entries of one byte are read as two by some viewers: the same greys, 16 bits wide."""
    voi = LookupTable(first=0, bits=8, values=(0, 128, 255))
    state = _state(marked_report(), replace(DISPLAY, voi=voi))
    item = state.SoftcopyVOILUTSequence[0].VOILUTSequence[0]

    assert list(item.LUTDescriptor) == [3, 0, 16]
    assert np.frombuffer(item.LUTData, "<u2").tolist() == [0, 128 * 257, 65535]


@pytest.mark.parametrize(
    ("other", "number"),
    [
        (DISPLAY, 1),
        (replace(DISPLAY, voi=None), 1),
        (replace(DISPLAY, modality=None), 2),
        (replace(DISPLAY, shutter=SHUTTER), 2),
        (replace(DISPLAY, photometric_interpretation="MONOCHROME1"), 2),
        (replace(DISPLAY, photometric_interpretation="RGB"), 1),
    ],
)
def test_images_share_a_state_as_far_as_one_can_hold_them(other: ImageDisplay, number: int) -> None:
    """Modality transformation, polarity and shutter hold for a whole state; colour is left out."""
    line = Line(start=LINE.start, end=LINE.end, place=PLACE, end_place=SECOND)
    report = _on_two_images(a_report(spurred(Length(mm=6.2, line=LINE)), view=View.CT), line)
    overlays = _states(report, DISPLAY, other)
    instances = [overlay.encoded.instance for overlay in overlays]

    assert len(overlays) == number
    assert len({instance.series_instance_uid for instance in instances}) == 1
    assert len({instance.sop_instance_uid for instance in instances}) == number
    shown = [place for overlay in overlays for place in overlay.places]
    assert shown == ([PLACE, SECOND] if other.is_grayscale else [PLACE])


def test_there_may_be_nothing_to_show() -> None:
    """A report on images in colour, or that cannot be read, has no presentation state."""
    assert _states(marked_report(), replace(DISPLAY, photometric_interpretation="RGB")) == ()
    assert presentation_states(marked_report(), (), {}) == ()


@pytest.mark.parametrize(
    ("hips", "part", "side"),
    [
        ((spurred(Length(mm=6.2)),), "HIP", "R"),
        ((spurred(Length(mm=6.2), Side.LEFT),), "HIP", "L"),
        ((spurred(Length(mm=6.2)), hip(Side.LEFT, **ABSENT)), "PELVIS", None),
    ],
)
def test_the_body_part_has_a_side_where_it_is_one_hip(
    hips: tuple[Hip, ...], part: str, side: str | None
) -> None:
    """Both hips are the pelvis, which has no side."""
    state = _state(a_report(*hips))

    assert (state.BodyPartExamined, state.get("Laterality")) == (part, side)


@pytest.mark.parametrize(
    ("aspect", "columns", "rows"), [((1, 1), 2500, 2000), ((3, 2), 2500, 2000)]
)
def test_the_whole_image_is_fitted(aspect: tuple[int, int], columns: int, rows: int) -> None:
    """The area shown is the image; pixels keep their shape, and no spacing is claimed."""
    (area,) = _state(
        marked_report(), replace(DISPLAY, aspect=aspect)
    ).DisplayedAreaSelectionSequence

    assert list(area.DisplayedAreaTopLeftHandCorner) == [1, 1]
    assert list(area.DisplayedAreaBottomRightHandCorner) == [columns, rows]
    assert list(area.PresentationPixelAspectRatio) == list(aspect)
    assert area.PresentationSizeMode == "SCALE TO FIT"
    assert "PresentationPixelSpacing" not in area


def test_a_program_is_no_content_creator() -> None:
    """The creator is a person or nobody; a program is contributing equipment."""
    report = a_report(spurred(Length(mm=6.2)), observer=MODEL)
    state = _state(report)

    assert isinstance(report.observer, Algorithm)
    assert not state.ContentCreatorName
    assert state.ContributingEquipmentSequence[0].ManufacturerModelName == MODEL.name


def test_the_same_state_is_the_same_file() -> None:
    """Nothing depends on the clock; another window is another state."""
    first, second = _states(marked_report()), _states(marked_report())
    other = _states(marked_report(), replace(DISPLAY, voi=Window(center=1.0, width=2.0)))

    assert first == second
    assert first[0].encoded.instance != other[0].encoded.instance
