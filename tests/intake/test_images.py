"""Headers to images: what is read, and what is tolerated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset
from pydicom.uid import (
    ComputedRadiographyImageStorage,
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    MRImageStorage,
    SecondaryCaptureImageStorage,
)

from hosr.intake.images import Note, SourceImage, SourceImages, read_images
from hosr.intake.images.image import LOCALIZER
from hosr.measure.spacing import FrameGeometry, ImageGeometry, Spacing
from hosr.study import ImageReference, Instance, Patient, SourceStudy
from hosr.vocabulary.terms import ImagingModality, View
from tests.intake.dicom_files import DELETE, ct, enhanced_ct, item, radiograph, write

COMPLETE = SourceImages(
    patient=Patient(
        name="Müller^Änne", patient_id="P-4711", issuer="HOSPITAL", birth_date="19500102", sex="F"
    ),
    study=SourceStudy(
        study_instance_uid="1.2.826.0.1.1",
        study_id="S1",
        date="20260301",
        time="101500",
        accession_number="A-17",
        referring_physician="Weiß^Jürgen",
        description="Becken ap",
    ),
    images=(
        SourceImage(
            reference=ImageReference(
                instance=Instance(
                    series_instance_uid="1.2.826.0.1.1.1",
                    sop_class_uid="1.2.840.10008.5.1.4.1.1.1.1",
                    sop_instance_uid="1.2.826.0.1.1.1.1",
                ),
                modality="DX",
                rows=3,
                columns=4,
                laterality="B",
                view_position="AP",
                patient_orientation=("L", "F"),
                pixel_spacing_mm=(0.125, 0.125),
            ),
            geometry=ImageGeometry(
                modality="DX",
                rows=3,
                columns=4,
                spacing=Spacing(
                    pixel_spacing_mm=(0.125, 0.125), imager_pixel_spacing_mm=(0.15, 0.15)
                ),
            ),
            family=ImagingModality.RADIOGRAPH,
            header_view=View.AP_PELVIS,
            instance_number=1,
        ),
    ),
)


@pytest.mark.parametrize(
    "syntax",
    [
        ExplicitVRLittleEndian,
        ImplicitVRLittleEndian,
        ExplicitVRBigEndian,
        DeflatedExplicitVRLittleEndian,
    ],
)
def test_complete_radiograph(tmp_path: Path, syntax: str) -> None:
    """A header that lacks nothing is read in full, in every encoding, with nothing to note."""
    assert read_images([write(tmp_path / "a.dcm", radiograph(), syntax)]) == COMPLETE


def notes_of(tmp_path: Path, image: Dataset) -> list[str]:
    """The problems noted of one image."""
    notes = read_images([write(tmp_path / "a.dcm", image)]).notes
    assert {note.path for note in notes} <= {"a.dcm"}
    return [note.problem for note in notes]


@pytest.mark.parametrize(
    ("changes", "notes"),
    [
        ({"PatientName": DELETE}, ["Patient's Name is missing"]),
        ({"PatientName": ""}, ["Patient's Name is missing"]),
        ({"PatientID": ""}, ["Patient ID is missing"]),
        ({"PatientID": DELETE}, ["Patient ID is missing"]),
        ({"IssuerOfPatientID": DELETE}, []),
        ({"PatientBirthDate": DELETE}, ["Patient's Birth Date is missing"]),
        ({"PatientSex": DELETE}, ["Patient's Sex is missing"]),
        ({"PatientSex": "", "PatientBirthDate": "", "StudyID": "", "StudyTime": ""}, []),
        ({"ReferringPhysicianName": "", "AccessionNumber": "", "StudyDate": ""}, []),
        ({"StudyID": DELETE}, ["Study ID is missing"]),
        ({"StudyDate": DELETE}, ["Study Date is missing"]),
        ({"StudyTime": DELETE}, ["Study Time is missing"]),
        ({"AccessionNumber": DELETE}, ["Accession Number is missing"]),
        ({"ReferringPhysicianName": DELETE}, ["Referring Physician's Name is missing"]),
        ({"StudyDescription": DELETE}, []),
        ({"NumberOfFrames": "0"}, ["Number of Frames is 0; the image is taken as one frame"]),
        ({"Modality": DELETE}, ["Modality is missing"]),
        ({"PatientOrientation": DELETE}, ["Patient Orientation is missing"]),
        ({"PatientOrientation": ""}, ["Patient Orientation is missing"]),
        (
            {"PatientOrientation": ["L", "R"]},
            ["Patient Orientation is not two directions; it is not used"],
        ),
        ({"ViewPosition": DELETE}, ["no view is named"]),
        ({"ImageLaterality": DELETE}, ["no laterality is named"]),
        ({"BurnedInAnnotation": "YES"}, ["has burned-in annotation: a key image of it may show the patient's name"]),
        ({"PixelData": DELETE}, ["has no pixel data; no key image can be made of it"]),
        (
            {"PixelSpacing": DELETE, "ImagerPixelSpacing": DELETE},
            ["no pixel spacing is given; points give no millimetres"],
        ),
        (
            {"ImagerPixelSpacing": DELETE},
            ["Pixel Spacing does not say in which plane it holds"],
        ),
        (
            {"PixelSpacing": ["0.2", "0.2"]},
            ["Pixel Spacing is larger than Imager Pixel Spacing; neither is used", "points give no millimetres"],
        ),
        ({"PixelSpacing": ["0", "0"]}, ["PixelSpacing is not positive; it is not used"]),
        (
            {"EstimatedRadiographicMagnificationFactor": "0"},
            ["EstimatedRadiographicMagnificationFactor is not positive; it is not used"],
        ),
        (
            {"PixelSpacing": DELETE, "DistanceSourceToDetector": "1800", "DistanceSourceToPatient": "1746"},
            ["the magnification of the header is that at the table, and less than the hip's; lengths hold in no known plane"],
        ),
        (
            {"Rows": 2000, "Columns": 2400, "PixelSpacing": ["1", "1"], "ImagerPixelSpacing": DELETE},
            ["Pixel Spacing would make the image 2000 x 2400 mm; it is not used", "no pixel spacing is given; points give no millimetres"],
        ),
        (
            {"PixelSpacing": ["0.000139", "0.000139"], "ImagerPixelSpacing": DELETE, "PixelSpacingCalibrationType": "FIDUCIAL"},
            ["Pixel Spacing would make pixels of 0.000139 mm; it is not used", "no pixel spacing is given; points give no millimetres"],
        ),
        (
            {"Rows": 2000, "Columns": 2400, "PixelSpacing": DELETE, "ImagerPixelSpacing": ["1", "1"]},
            ["Imager Pixel Spacing would make the image 2000 x 2400 mm; it is not used", "no pixel spacing is given; points give no millimetres"],
        ),
        # A film of both legs, stitched from three.
        ({"Rows": 3000, "Columns": 1000, "PixelSpacing": DELETE, "ImagerPixelSpacing": ["0.4", "0.4"]}, []),
        ({"PatientBirthDate": "20260302"}, ["the patient was born after the study; compare both dates"]),
        ({"StudyDate": "2026.03.01"}, ["Study Date is in the form of ACR-NEMA"]),
        ({"StudyTime": "10:15:00"}, ["Study Time is in the form of ACR-NEMA"]),
    ],
)  # fmt: skip
def test_tolerated(tmp_path: Path, changes: dict[str, Any], notes: list[str]) -> None:
    """What a header in the wild lacks is noted, once, and the image is taken."""
    assert notes_of(tmp_path, radiograph(**changes)) == notes


@pytest.mark.parametrize(
    ("keyword", "value", "kept", "note"),
    [
        ("AccessionNumber", "A" * 17, True, "Accession Number is longer than 16 characters; it is left out"),
        ("StudyID", "S" * 17, False, "Study ID is longer than 16 characters; it is left out"),
        ("ReferringPhysicianName", "R" * 65, False, "Referring Physician's Name is longer than 64 characters; it is left out"),
        ("PatientID", "P" * 65, True, "Patient ID is longer than 64 characters; it is kept"),
        ("PatientName", "N" * 65, True, "Patient's Name is longer than 64 characters; it is kept"),
        ("ReferringPhysicianName", "A^B^C^D^E^F", False, "Referring Physician's Name has more than five components; it is left out"),
        ("StudyDescription", "D" * 65, False, "Study Description is longer than 64 characters; it is left out"),
        ("StudyDescription", "a\nb", False, "Study Description holds control characters; it is left out"),
        ("StudyDate", "20260230", False, "Study Date has no valid value; it is left out"),
        ("StudyDate", "20261301", False, "Study Date has no valid value; it is left out"),
        ("StudyTime", "9 o'clock", False, "Study Time has no valid value; it is left out"),
        ("PatientSex", "f?", False, "Patient's Sex has no valid value; it is left out"),
        ("TimezoneOffsetFromUTC", "CET", False, "Timezone Offset From UTC has no valid value; it is left out"),
    ],
)  # fmt: skip
def test_unfit_values(tmp_path: Path, keyword: str, value: str, *, kept: bool, note: str) -> None:
    """Nothing is ever cut: what says who it is, or is compared, is kept; the rest is left out, and noted."""
    source = read_images([write(tmp_path / "a.dcm", radiograph(**{keyword: value}))])
    values = [
        getattr(part, name) for part in (source.patient, source.study) for name in part.__slots__
    ]
    assert (value in values) is kept
    assert source.notes == (Note(path="a.dcm", problem=note),)


def test_request(tmp_path: Path) -> None:
    """The order is that of the request, where the top of the header does not name it."""
    image = radiograph(
        AccessionNumber="",
        TimezoneOffsetFromUTC="+0100",
        PlacerOrderNumberImagingServiceRequest="PL 1",
        FillerOrderNumberImagingServiceRequest="FI 1",
        RequestAttributesSequence=[
            item(
                AccessionNumber="R-1",
                RequestedProcedureID="RP 1",
                RequestedProcedureDescription="Röntgen Becken",
            )
        ],
    )
    study = read_images([write(tmp_path / "a.dcm", image)]).study
    assert study == SourceStudy(
        study_instance_uid="1.2.826.0.1.1",
        study_id="S1",
        date="20260301",
        time="101500",
        accession_number="R-1",
        referring_physician="Weiß^Jürgen",
        description="Becken ap",
        timezone_offset="+0100",
        requested_procedure_id="RP 1",
        requested_procedure_description="Röntgen Becken",
        placer_order_number="PL 1",
        filler_order_number="FI 1",
    )


def test_several_requests(tmp_path: Path) -> None:
    """An image that answers several requests is tied to none of them."""
    requests = [item(RequestedProcedureID=identifier) for identifier in ("1", "2")]
    source = read_images(
        [write(tmp_path / "a.dcm", radiograph(RequestAttributesSequence=requests))]
    )
    assert source.study.requested_procedure_id == ""
    assert [note.problem for note in source.notes] == [
        "the image answers several requests; Requested Procedure ID is left out"
    ]


@pytest.mark.parametrize(
    ("sop_class", "modality", "family", "view", "measured_as"),
    [
        (ComputedRadiographyImageStorage, "CR", "radiograph", "ap_pelvis", "CR"),
        (CTImageStorage, "CT", "ct", "ct", "CT"),
        (CTImageStorage, "OT", "ct", "ct", "CT"),
        (MRImageStorage, "MR", "mr", "mr", "MR"),
        (SecondaryCaptureImageStorage, "CR", "radiograph", "ap_pelvis", "CR"),
        (SecondaryCaptureImageStorage, "CT", "ct", "ct", "OT"),
        (SecondaryCaptureImageStorage, "OT", None, None, "OT"),
    ],
)
def test_families(
    tmp_path: Path,
    sop_class: str,
    modality: str,
    family: str | None,
    view: str | None,
    measured_as: str,
) -> None:
    """The class says what an image shows; of a capture its modality does, and it is no slice."""
    path = write(tmp_path / "a.dcm", radiograph(SOPClassUID=sop_class, Modality=modality))
    (image,) = read_images([path]).images
    assert (image.family, image.header_view) == (family, view)
    assert (image.reference.modality, image.geometry.modality) == (modality, measured_as)


def placed(height_mm: float) -> FrameGeometry:
    """Where a slice lies."""
    return FrameGeometry(
        position_mm=(-50.0, -40.0, height_mm),
        orientation=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
        pixel_spacing_mm=(0.5, 0.25),
    )


def test_slice(tmp_path: Path) -> None:
    """A slice knows its place in the patient, and lacks nothing that only radiographs have."""
    source = read_images([write(tmp_path / "a.dcm", ct(1))])
    assert source.images[0].geometry == ImageGeometry(
        modality="CT",
        rows=3,
        columns=4,
        spacing=Spacing(pixel_spacing_mm=(0.5, 0.25)),
        frames=(placed(2.0),),
        frame_of_reference_uid="1.2.826.0.1.1.9",
    )
    assert source.notes == ()


@pytest.mark.parametrize(
    ("image", "problem"),
    [
        # Centimetres, and those of the largest field of a CT; metres; micrometres.
        (ct(1, Rows=512, Columns=512, PixelSpacing=["0.07", "0.07"]), "the image 36 x 36 mm"),
        (ct(1, Rows=512, Columns=512, PixelSpacing=["0.0977", "0.0977"]), "the image 50 x 50 mm"),
        (enhanced_ct(3, Rows=256, Columns=256, SharedFunctionalGroupsSequence=[item(
            PixelMeasuresSequence=[item(PixelSpacing=["0.15", "0.15"])],
            PlaneOrientationSequence=[item(ImageOrientationPatient=["1", "0", "0", "0", "1", "0"])],
        )]), "the image 38 x 38 mm"),
        (ct(1, PixelSpacing=["0.0007", "0.0007"]), "pixels of 0.0007 mm"),
        (ct(1, PixelSpacing=["700", "700"]), "pixels of 700 mm"),
        (ct(1, Rows=512, Columns=512, PixelSpacing=["7", "7"]), "the image 3584 x 3584 mm"),
    ],
)  # fmt: skip
def test_slice_of_no_possible_size(tmp_path: Path, image: Dataset, problem: str) -> None:
    """A spacing that would make a slice no hip fits in, or larger than a person, measures nothing."""
    (read,) = (source := read_images([write(tmp_path / "a.dcm", image)])).images
    assert (read.geometry.spacing, read.geometry.frames) == (Spacing(), ())
    assert [note.problem for note in source.notes] == [
        f"Pixel Spacing would make {problem}; it is not used",
        "no pixel spacing is given; points give no millimetres",
    ]


@pytest.mark.parametrize(
    ("side", "spacing"),
    [(512, 0.7), (2048, 0.1), (1024, 0.0977), (512, 1.9), (256, 0.3125), (100, 0.25)],
)
def test_slice_of_a_possible_size(tmp_path: Path, side: int, spacing: float) -> None:
    """Small fields, fine matrices, long fields of MR and small excerpts keep their spacing."""
    image = ct(1, Rows=side, Columns=side, PixelSpacing=[str(spacing)] * 2)
    (read,) = (source := read_images([write(tmp_path / "a.dcm", image)])).images
    assert read.geometry.spacing == Spacing(pixel_spacing_mm=(spacing, spacing))
    assert (len(read.geometry.frames), source.notes) == (1, ())


def test_enhanced_ct(tmp_path: Path) -> None:
    """The frames of an enhanced image are placed by its functional groups."""
    source = read_images([write(tmp_path / "a.dcm", enhanced_ct(3))])
    (image,) = source.images
    assert image.geometry.frames == (placed(2.0), placed(4.0), placed(6.0))
    assert image.reference.frames == 3
    assert image.reference.pixel_spacing_mm == (0.5, 0.25)
    assert source.notes == ()


NOT_PLACED = "the slices are not placed in the patient; no length across slices"


@pytest.mark.parametrize(
    ("image", "notes"),
    [
        (ct(1, ImagePositionPatient=DELETE), [NOT_PLACED]),
        (ct(1, ImageOrientationPatient=["1", "0", "0", "1", "0", "0"]), [NOT_PLACED]),
        (
            ct(1, ImagePositionPatient=["1", "2"]),
            ["ImagePositionPatient is not 3 decimal numbers", NOT_PLACED],
        ),
        (enhanced_ct(2, NumberOfFrames="3"), [NOT_PLACED]),
    ],
)
def test_slices_that_are_not_placed(tmp_path: Path, image: Dataset, notes: list[str]) -> None:
    """A volume with one frame out of place gives no geometry, and says so."""
    source = read_images([write(tmp_path / "a.dcm", image)])
    assert source.images[0].geometry.frames == ()
    assert [note.problem for note in source.notes] == notes


def test_no_frame_of_reference(tmp_path: Path) -> None:
    """Slices that name no common origin are placed each for itself."""
    source = read_images([write(tmp_path / "a.dcm", ct(1, FrameOfReferenceUID=DELETE))])
    assert source.images[0].geometry.frames == (placed(2.0),)
    assert [note.problem for note in source.notes] == [
        "Frame of Reference UID is missing; no length across slices"
    ]


def test_localizer(tmp_path: Path) -> None:
    """A CT localizer is a projection: its spacing is that of no plane, and is not used."""
    image = ct(1, ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])
    source = read_images([write(tmp_path / "a.dcm", image)])
    assert source.images[0].is_localizer
    assert source.images[0].geometry == ImageGeometry(modality="CT", rows=3, columns=4)
    assert [note.problem for note in source.notes] == [
        "is a localizer: its spacing holds in no known plane and is not used"
    ]


def _turned(number: int, **changes: Any) -> Dataset:
    """An image of a CT series that looks from the front, as a scout does."""
    return ct(number, ImageOrientationPatient=["1", "0", "0", "0", "0", "-1"], **changes)


@pytest.mark.parametrize(
    ("slices", "scouts", "found"),
    [
        pytest.param(range(1, 5), range(5, 6), [5], id="one scout"),
        pytest.param(range(1, 5), range(5, 7), [5, 6], id="two scouts"),
        pytest.param(range(1, 3), range(3, 4), [], id="too few slices to tell"),
        pytest.param(range(1, 5), range(5, 9), [], id="slices both ways"),
        pytest.param(range(0), range(1, 6), [], id="coronal slices alone"),
    ],
)
def test_a_localizer_is_known_by_where_it_lies(
    slices: range, scouts: range, found: list[int], tmp_path: Path
) -> None:
    """One or two images at a right angle to all others of their series, whatever their header says."""
    images = [*(ct(n) for n in slices), *(_turned(n) for n in scouts)]
    for number, image in enumerate(images):
        write(tmp_path / f"{number}.dcm", image)
    source = read_images([tmp_path])
    localizers = [each for each in source.images if each.is_localizer]
    assert [each.instance_number for each in localizers] == found
    assert all(each.geometry.frames == () for each in localizers)
    assert any(note.problem.startswith(LOCALIZER) for note in source.notes) == bool(found)


def test_slices_of_another_series_make_no_localizer(tmp_path: Path) -> None:
    """A coronal image in a series of its own may be a slice like any other."""
    for number in range(1, 5):
        write(tmp_path / f"{number}.dcm", ct(number))
    write(tmp_path / "5.dcm", _turned(5, SeriesInstanceUID="2.25.5"))
    assert not any(each.is_localizer for each in read_images([tmp_path]).images)


def test_find(tmp_path: Path) -> None:
    """An image is found by its SOP Instance UID."""
    source = read_images([write(tmp_path / "a.dcm", ct(1)), write(tmp_path / "b.dcm", ct(2))])
    assert source.find("1.2.826.0.1.1.2.2") is source.images[1]
    assert source.find("1.2.826.0.1.1.2.3") is None


def test_patient_is_not_shown() -> None:
    """The text form of a result names no patient."""
    assert "4711" not in repr(COMPLETE)
    assert "Müller" not in repr(COMPLETE)
