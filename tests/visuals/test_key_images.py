"""The key image of each hip: the right part of the right frame, or a reason."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image
from pydicom import uid

from hosr.dicom.elements import unvalidated_pydicom
from hosr.errors import ImagesRefused
from hosr.findings import Calibration, Island, Length, Line, Place, Plane
from hosr.intake.images import read_images
from hosr.intake.record import read_record
from hosr.pipeline import make_report
from hosr.pixels.display_pipeline import read_display
from hosr.pixels.frames import INCOMPLETE, NO_PIXEL_DATA, UNKNOWN_COLOURS, Crop, read_frame
from hosr.pixels.rendering import draw
from hosr.study import Instance
from hosr.visuals.key_images import make_key_images
from hosr.visuals.marks import (
    KeyImage,
    MarkKind,
    Missing,
)
from hosr.vocabulary.terms import Side, View
from tests.intake.dicom_files import DELETE, encoded, item
from tests.pixels.encodings import film_of, syntax_file
from tests.sample_data.test_truth import ROOT, STUDIES
from tests.visuals.pictures import image_of, report_of

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

pytestmark = pytest.mark.slow

HERE = Place(sop_instance_uid="1.2.3")
RIGHT = {"side": Side.RIGHT}


def _picture(
    content: bytes, *hips: dict[str, Any], view: View = View.AP_PELVIS, **given: Any
) -> KeyImage | Missing:
    report = report_of(*(hips or (RIGHT,)), image=image_of(**given), view=view)
    return make_key_images(report, {"1.2.3": content}.__getitem__)[0]


def _shown(picture: KeyImage | Missing) -> NDArray[np.uint8]:
    assert isinstance(picture, KeyImage)
    image = Image.open(io.BytesIO(picture.png))
    assert image.size == (picture.width, picture.height)
    return np.asarray(image)


@pytest.fixture(scope="module")
def pictures() -> dict[str, tuple[KeyImage, ...]]:
    """The key images of every sample."""
    made = {}
    for study in STUDIES:
        images = read_images([ROOT / study / "images"])
        report = make_report(read_record(ROOT / study / "record.json"), images).report
        shown = make_key_images(report, images.read_file)
        assert [picture.side for picture in shown] == [graded.hip.side for graded in report.hips]
        made[study] = tuple(picture for picture in shown if isinstance(picture, KeyImage))
        assert len(made[study]) == len(shown)
    return made


@pytest.mark.parametrize("study", STUDIES)
def test_a_sample_shows_the_true_hip(study: str, pictures: dict[str, tuple[KeyImage, ...]]) -> None:
    """What the phantom has at a hip lies in the picture of that hip, and nothing of the other."""
    truth = json.loads((ROOT / study / "truth.json").read_text(encoding="utf-8"))
    hips = {hip["side"]: hip for hip in truth["hips"]}
    for picture in pictures[study]:
        for side, hip in hips.items():
            found = [hip.get("gap"), hip.get("head"), *hip["islands"]]
            here = [f for f in found if f and f["image"] == picture.place.sop_instance_uid]
            points = [tuple(point) for f in here for point in f["points"]]
            inside = [_is_inside(point, picture) for point in points]
            is_whole = picture.crop.left == 0 and study == "poor-headers"
            assert all(inside) if side == picture.side.value or is_whole else not any(inside)


def _is_inside(point: tuple[float, float], picture: KeyImage) -> bool:
    x, y = picture.project(point)
    return 0 <= x <= picture.width and 0 <= y <= picture.height


@pytest.mark.parametrize("study", STUDIES)
def test_a_sample_is_a_picture_to_look_at(
    study: str, pictures: dict[str, tuple[KeyImage, ...]]
) -> None:
    """A picture is of bearable size, spans the greys, and says which way the patient lies."""
    for picture in pictures[study]:
        greys = _shown(picture)
        assert 600 <= max(greys.shape) <= 1000
        assert len(picture.png) < 400_000
        assert greys.min() < 30
        assert greys.max() > 200
        edges = (picture.toward_left, picture.toward_right)
        assert edges == (("", "") if study == "poor-headers" else ("R", "L"))


def test_the_rulers_of_the_samples(pictures: dict[str, tuple[KeyImage, ...]]) -> None:
    """A ruler is that of the phantom at the depth of the hip, and only where that is known."""
    for study, shown in pictures.items():
        truth = json.loads((ROOT / study / "truth.json").read_text(encoding="utf-8"))
        for picture in shown:
            if picture.centimetre is None:
                continue
            scale = picture.width / picture.crop.width
            true = 10 / truth["patient_mm_per_px"] * scale
            assert picture.centimetre == pytest.approx(true, rel=0.02)
    without = {study for study, shown in pictures.items() if shown[0].centimetre is None}
    assert without == {"brooker-0", "brooker-4", "follow-up-2", "poor-headers"}


def test_pictures_are_the_same_every_time(pictures: dict[str, tuple[KeyImage, ...]]) -> None:
    """The same report on the same images gives the same bytes."""
    images = read_images([ROOT / "bilateral" / "images"])
    report = make_report(read_record(ROOT / "bilateral" / "record.json"), images).report
    assert make_key_images(report, images.read_file) == pictures["bilateral"]


def _marked(rows: int = 300, columns: int = 400) -> NDArray[np.uint16]:
    """Dark, with the first column of each hundred bright, so that places can be told."""
    pixels = np.zeros((rows, columns), np.uint16)
    pixels[:, ::100] = 4095
    pixels[:, 0] = 2048
    return pixels


WINDOW: dict[str, Any] = {"WindowCenter": "2048", "WindowWidth": "4096"}


def test_a_picture_of_a_hip_without_marks() -> None:
    """Of a pelvis on which nothing is marked each hip shows its own half."""
    content = encoded(film_of(_marked(), **WINDOW))
    pair = report_of(RIGHT, {"side": Side.LEFT}, image=image_of())
    right, left = make_key_images(pair, {"1.2.3": content}.__getitem__)
    assert isinstance(right, KeyImage)
    assert isinstance(left, KeyImage)
    assert (right.crop, left.crop) == (
        Crop(left=0, top=10, width=200, height=280),
        Crop(left=200, top=10, width=200, height=280),
    )
    assert 100 < _shown(right)[0, 0] < 160
    assert _shown(left)[0, 0] > 200


def test_a_file_is_read_and_decoded_once() -> None:
    """Two hips on one image take one reading of it."""
    asked = []

    def read_file(uid: str) -> bytes:
        asked.append(uid)
        return encoded(film_of(_marked(), **WINDOW))

    make_key_images(report_of(RIGHT, {"side": Side.LEFT}), read_file)
    assert asked == ["1.2.3"]


def test_a_mark_of_another_hip_is_not_drawn() -> None:
    """A picture has the marks of its hip on its frame, and of the calibration if it is in view."""
    line = Line(start=(100.0, 100.0), end=(110.0, 110.0), place=HERE)
    other = Line(start=(300.0, 100.0), end=(310.0, 110.0), place=HERE)
    far = Line(start=(390.0, 290.0), end=(395.0, 290.0), place=HERE)
    hips = (
        {**RIGHT, "gap": Length(line=line), "calibration": Calibration(line=far, true_mm=25.0)},
        {"side": Side.LEFT, "gap": Length(line=other)},
    )
    picture = _picture(encoded(film_of(_marked(), **WINDOW)), *hips)
    assert isinstance(picture, KeyImage)
    assert [(mark.kind, mark.side) for mark in picture.marks] == [(MarkKind.GAP, Side.RIGHT)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (encoded(film_of(_marked(), PixelData=DELETE)), NO_PIXEL_DATA),
        (encoded(film_of(_marked()))[:-1000], INCOMPLETE),
        (encoded(film_of(_marked(), PhotometricInterpretation="CMYK")), UNKNOWN_COLOURS),
    ],
)
def test_a_hip_without_a_picture(content: bytes, reason: str) -> None:
    """Where the pixels give no picture the hip says so, and the report goes on."""
    assert _picture(content) == Missing(side=Side.RIGHT, reason=reason)


def test_a_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    """A file that vanished since its header was read is no picture left out: it is refused."""
    (tmp_path / "film.dcm").write_bytes((ROOT / "brooker-2/images/image-1.dcm").read_bytes())
    images = read_images([tmp_path])
    report = make_report(read_record(ROOT / "brooker-2" / "record.json"), images).report
    (tmp_path / "film.dcm").unlink()
    with pytest.raises(ImagesRefused, match=r"^film\.dcm: is no longer there"):
        make_key_images(report, images.read_file)


@pytest.mark.parametrize(
    ("pixels", "changes"),
    [
        ("rgb", {"PhotometricInterpretation": "RGB"}),
        ("rgb", {"PhotometricInterpretation": "RGB", "PlanarConfiguration": 1}),
        ("rgb16", {"PhotometricInterpretation": "RGB"}),
        ("palette", {"PhotometricInterpretation": "PALETTE COLOR"}),
    ],
)
def test_colours(pixels: str, changes: dict[str, Any]) -> None:
    """A colour image shows its colours, however they are stored."""
    red = np.zeros((300, 400, 3), np.uint8)
    red[..., 0], red[..., 1] = 200, 50
    stored: NDArray[Any] = red
    more: dict[str, Any] = {"SamplesPerPixel": 3, "PlanarConfiguration": 0, **changes}
    if pixels == "rgb16":
        stored = red.astype(np.uint16) << 8
    elif pixels == "palette":
        stored = np.ones((300, 400), np.uint8)
        more = {**changes, **_palette((0, 200), (0, 50), (0, 0))}
    elif more["PlanarConfiguration"]:
        more["PixelData"] = np.moveaxis(red, 2, 0).tobytes()
    bits = 8 * stored.dtype.itemsize
    shown = _shown(_picture(encoded(film_of(stored, bits, **more))))
    assert shown[100, 100].tolist() == [200, 50, 0]


def _palette(*colours: tuple[int, int]) -> dict[str, Any]:
    palette: dict[str, Any] = {}
    for name, values in zip(("Red", "Green", "Blue"), colours, strict=True):
        palette[f"{name}PaletteColorLookupTableDescriptor"] = [2, 0, 8]
        palette[f"{name}PaletteColorLookupTableData"] = bytes(values)
    return palette


def test_a_damaged_palette() -> None:
    """A palette that makes no sense gives no picture."""
    stored = np.ones((300, 400), np.uint8)
    content = encoded(film_of(stored, 8, PhotometricInterpretation="PALETTE COLOR"))
    assert isinstance(_picture(content), Missing)


def test_padding_is_black() -> None:
    """The padding of a header is black, and does not count where a window is sought."""
    pixels = np.full((300, 400), 3000, np.uint16)
    pixels[:, :100] = 4000
    pixels[:, 150:160] = 2000
    shown = _shown(_picture(encoded(film_of(pixels, 16, PixelPaddingValue=4000))))
    assert shown[300, 100] == 0
    assert shown[300, 332] < 10
    assert shown[300, 410] > 245


def test_a_frame_has_its_own_window() -> None:
    """The window of a frame is that of its functional groups (PS3.3 section C.7.6.16.2.10)."""
    frames = np.full((2, 300, 400), 1000, np.uint16)
    window = [
        item(FrameVOILUTSequence=[item(WindowCenter=center, WindowWidth="1000")])
        for center in ("1000", "10000")
    ]
    image = film_of(frames[0], 16, NumberOfFrames="2", PerFrameFunctionalGroupsSequence=window)
    image.PixelData = frames.tobytes()
    for frame, grey in ((1, 128), (2, 0)):
        place = Place(sop_instance_uid="1.2.3", frame=frame)
        picture = _picture(encoded(image), {**RIGHT, "place": place}, frames=2)
        assert set(_shown(picture).ravel()) == {grey}


def test_pixels_that_are_not_square() -> None:
    """A picture has square pixels: rows that lie apart are drawn apart."""
    content = encoded(film_of(_marked(), PixelSpacing=["2", "1"], **WINDOW))
    picture = _picture(content, view=View.AP_HIP, pixel_spacing_mm=(2.0, 1.0))
    assert _shown(picture).shape == (600, 400)


LINE = Line(start=(100.0, 100.0), end=(100.0, 120.0), place=HERE)
ACROSS = Line(start=(10.0, 10.0), end=(60.0, 10.0), place=HERE)
NEXT = Place(sop_instance_uid="1.2.4")
CAPTURE = Instance(
    series_instance_uid="1.2", sop_class_uid="1.2.840.10008.5.1.4.1.1.7", sop_instance_uid="1.2.3"
)


@pytest.mark.parametrize(
    ("found", "given", "columns"),
    [
        # 20 rows of twice the height are as long as 40 columns.
        ({"gap": Length(mm=10.0, plane=Plane.PATIENT, line=LINE)}, {}, 40),
        ({"gap": Length(mm=10.0, line=LINE, plane=Plane.DETECTOR)}, {}, None),
        ({"gap": Length(line=LINE)}, {}, None),
        ({"gap": Length(mm=0.0, plane=Plane.PATIENT, line=LINE)}, {}, None),
        ({"gap": Length(mm=10.0)}, {}, None),
        ({"islands": (Island(length=Length(mm=25.0, plane=Plane.PATIENT, line=ACROSS)),)}, {}, 20),
        ({"calibration": Calibration(line=ACROSS, true_mm=25.0)}, {}, 20),
        (
            {
                "gap": Length(mm=10.0, line=LINE, plane=Plane.UNKNOWN),
                "calibration": Calibration(line=ACROSS, true_mm=25.0),
            },
            {},
            20,
        ),
        ({"gap": Length(mm=10.0, plane=Plane.PATIENT, line=replace(LINE, place=NEXT))}, {}, None),
        (
            {"gap": Length(mm=10.0, plane=Plane.PATIENT, line=replace(LINE, end_place=NEXT))},
            {},
            None,
        ),
        ({}, {}, None),
        ({}, {"modality": "CT"}, 10),
        ({"gap": Length(mm=80.0, plane=Plane.PATIENT, line=LINE)}, {"modality": "CT"}, 5),
        ({}, {"modality": "CT", "pixel_spacing_mm": None}, None),
        ({}, {"modality": "CT", "instance": CAPTURE}, None),
    ],
)
def test_the_ruler(found: dict[str, Any], given: dict[str, Any], columns: float | None) -> None:
    """A centimetre is that of the gap, of an island, of the calibration object, or of a slice."""
    content = encoded(film_of(_marked(), PixelSpacing=["2", "1"], **WINDOW))
    given = {"pixel_spacing_mm": (2.0, 1.0), **given}
    picture = _picture(content, {**RIGHT, **found}, view=View.AP_HIP, **given)
    assert isinstance(picture, KeyImage)
    scale = picture.width / picture.crop.width
    assert picture.centimetre == (None if columns is None else pytest.approx(columns * scale))


@pytest.mark.parametrize(
    ("orientation", "header", "edges"),
    [
        (("L", "F"), {}, ("R", "L")),
        (("R", "F"), {}, ("L", "R")),
        (("AR", "F"), {}, ("P", "A")),
        (None, {}, ("", "")),
        (None, {"ImageOrientationPatient": ["1", "0", "0", "0", "1", "0"]}, ("R", "L")),
        (None, {"ImageOrientationPatient": ["-1", "0", "0", "0", "1", "0"]}, ("L", "R")),
        (None, {"ImageOrientationPatient": ["0", "1", "0", "0", "0", "-1"]}, ("A", "P")),
        (None, {"ImageOrientationPatient": ["0", "0", "-1", "0", "1", "0"]}, ("H", "F")),
        (None, {"ImageOrientationPatient": ["0.7", "0.7", "0", "0", "0", "1"]}, ("", "")),
        (None, {"ImageOrientationPatient": ["1", "0", "0"]}, ("", "")),
        (("R", "F"), {"ImageOrientationPatient": ["1", "0", "0", "0", "1", "0"]}, ("L", "R")),
        (
            None,
            {
                "SharedFunctionalGroupsSequence": [
                    item(
                        PlaneOrientationSequence=[
                            item(ImageOrientationPatient=["1", "0", "0", "0", "0", "-1"])
                        ]
                    )
                ]
            },
            ("R", "L"),
        ),
    ],
)
def test_which_way_the_patient_lies(
    orientation: tuple[str, str] | None, header: dict[str, Any], edges: tuple[str, str]
) -> None:
    """The edges are named by where the rows lead, and not at all where that is not clear."""
    picture = _picture(
        encoded(film_of(_marked(), **WINDOW, **header)), patient_orientation=orientation
    )
    assert isinstance(picture, KeyImage)
    assert (picture.toward_left, picture.toward_right) == edges


@pytest.mark.parametrize(
    "syntax", [uid.RLELossless, uid.JPEGLosslessSV1, uid.JPEGLSLossless, uid.JPEG2000Lossless]
)
def test_every_lossless_syntax_gives_the_same_picture(syntax: uid.UID, tmp_path: Path) -> None:
    """What pixels are packed in does not show."""
    plain = _picture(encoded(film_of(_marked(), **WINDOW)))
    assert _picture(syntax_file(_marked(), syntax, tmp_path, **WINDOW)) == plain


def test_nothing_of_a_header_is_told(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """A picture of an odd header is made without a warning or a log line: either would quote it."""
    with unvalidated_pydicom():
        odd: dict[str, Any] = {"WindowCenter": "2" * 40, "PatientOrientation": ["Miller^Anne", "F"]}
        image = film_of(_marked(), **odd, WindowWidth="4096")
    content = encoded(image).replace(b"2" * 40, b"Miller^Anne".ljust(40))
    assert b"Miller^Anne" in content
    assert isinstance(_picture(content, patient_orientation=None), KeyImage)
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


@pytest.mark.parametrize(
    ("shutter", "first_row", "first_column", "count"),
    [
        (
            {
                "ShutterShape": "RECTANGULAR",
                "ShutterLeftVerticalEdge": "11",
                "ShutterRightVerticalEdge": "30",
                "ShutterUpperHorizontalEdge": "6",
                "ShutterLowerHorizontalEdge": "25",
            },
            5,
            10,
            400,
        ),
        (
            {
                "ShutterShape": "POLYGONAL",
                "VerticesOfThePolygonalShutter": ["6", "11", "6", "30", "25", "30", "25", "11"],
            },
            5,
            10,
            400,
        ),
        (
            {
                "ShutterShape": "CIRCULAR",
                "CenterOfCircularShutter": ["50", "40"],
                "RadiusOfCircularShutter": "10",
            },
            39,
            29,
            317,
        ),
        (
            {
                "ShutterShape": ["RECTANGULAR", "CIRCULAR"],
                "ShutterLeftVerticalEdge": "40",
                "ShutterRightVerticalEdge": "400",
                "ShutterUpperHorizontalEdge": "1",
                "ShutterLowerHorizontalEdge": "50",
                "CenterOfCircularShutter": ["50", "40"],
                "RadiusOfCircularShutter": "10",
            },
            39,
            39,
            90,
        ),
    ],
)
@pytest.mark.parametrize("left", [0, 7])
def test_a_shutter_is_closed(
    shutter: dict[str, Any], first_row: int, first_column: int, count: int, left: int
) -> None:
    """What the shutter of a header covers is not seen, in any part of the image."""
    header = {**shutter, "ImagerPixelSpacing": DELETE, "PixelSpacing": DELETE}
    frame = read_frame(encoded(film_of(np.full((90, 80), 3000, np.uint16), **header, **WINDOW)), 1)
    crop = Crop(left=left, top=2, width=80 - left, height=88)
    rows, columns = np.nonzero(draw(frame, read_display(frame.data_set), crop))
    found = (rows.min() + crop.top, columns.min() + crop.left, rows.size)
    assert found == (first_row, first_column, count)


def test_what_a_shutter_covers_has_no_part_in_the_window() -> None:
    """An image without a window is shown by what is seen of it."""
    pixels = np.tile(np.arange(1000, 1400, dtype=np.uint16), (300, 1))
    pixels[:150] = np.arange(400) * 10
    edges: dict[str, Any] = {
        "ShutterLeftVerticalEdge": "1",
        "ShutterRightVerticalEdge": "400",
        "ShutterUpperHorizontalEdge": "151",
        "ShutterLowerHorizontalEdge": "300",
    }
    frame = read_frame(encoded(film_of(pixels, ShutterShape="RECTANGULAR", **edges)), 1)
    crop = Crop(left=0, top=0, width=400, height=300)
    shown = draw(frame, read_display(frame.data_set), crop)
    assert shown[:150].max() == 0
    assert shown[200, 10] < 10
    assert shown[200, 390] > 245
