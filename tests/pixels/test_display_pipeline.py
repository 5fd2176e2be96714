"""What a header says of its display, and what of it is of no use."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pydicom
import pytest
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian

from hosr.dicom.elements import unvalidated_pydicom
from hosr.pixels.display_pipeline import (
    ImageDisplay,
    LookupTable,
    Rescale,
    Shutter,
    Window,
    read_display,
)


def _header(**values: Any) -> Dataset:
    """A header of these values, valid or not."""
    dataset = Dataset()
    dataset.PhotometricInterpretation = "MONOCHROME2"
    with unvalidated_pydicom():
        for keyword, value in values.items():
            setattr(dataset, keyword, value)
    return dataset


def _table(descriptor: list[int], data: Any, vr: str = "US") -> Dataset:
    item = Dataset()
    item.add(DataElement("LUTDescriptor", "SS" if descriptor[1] < 0 else "US", descriptor))
    item.add(DataElement("LUTData", vr, data))
    item.LUTExplanation = "BONE"
    return item


def _item(**values: Any) -> Dataset:
    item = Dataset()
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item


def _display(**values: Any) -> ImageDisplay:
    return ImageDisplay(photometric_interpretation="MONOCHROME2", **values)


_TABLE = LookupTable(first=10, bits=12, values=(1, 2, 3), explanation="BONE")

_CASES: dict[str, tuple[Dataset, ImageDisplay]] = {
    "nothing is said": (_header(), _display()),
    "a CT names its unit by its modality": (
        _header(Modality="CT", RescaleSlope="1", RescaleIntercept="-1024"),
        _display(modality=Rescale(slope=1.0, intercept=-1024.0, unit="HU")),
    ),
    "another image has no unit": (
        _header(Modality="DX", RescaleSlope="2", RescaleIntercept="1"),
        _display(modality=Rescale(slope=2.0, intercept=1.0, unit="US")),
    ),
    "half a rescale is none": (_header(RescaleSlope="2"), _display()),
    "a slope of nought is none": (_header(RescaleSlope="0", RescaleIntercept="1"), _display()),
    "the first window counts": (
        _header(
            WindowCenter=["300", "50"],
            WindowWidth=["1500", "400"],
            WindowCenterWidthExplanation=["BONE", "SOFT"],
        ),
        _display(voi=Window(center=300.0, width=1500.0, explanation="BONE")),
    ),
    "a window has its function": (
        _header(WindowCenter="5", WindowWidth="0.5", VOILUTFunction="SIGMOID"),
        _display(voi=Window(center=5.0, width=0.5, function="SIGMOID")),
    ),
    "a linear window is one wide at least": (
        _header(WindowCenter="5", WindowWidth="0.5"),
        _display(),
    ),
    "a table goes before a window": (
        _header(WindowCenter="5", WindowWidth="9", VOILUTSequence=[_table([3, 10, 12], [1, 2, 3])]),
        _display(voi=_TABLE),
    ),
    "a table of bytes in pairs": (
        _header(VOILUTSequence=[_table([3, 10, 12], b"\1\0\2\0\3\0", "OW")]),
        _display(voi=_TABLE),
    ),
    "a table of single bytes": (
        _header(VOILUTSequence=[_table([3, -2, 8], b"\1\2\3\0", "OW")]),
        _display(voi=LookupTable(first=-2, bits=8, values=(1, 2, 3), explanation="BONE")),
    ),
    "a table of the wrong length is none": (
        _header(VOILUTSequence=[_table([4, 10, 12], [1, 2, 3])]),
        _display(),
    ),
    "a table that leads back to the detector is not for display": (
        _header(
            SOPClassUID="1.2.840.10008.5.1.4.1.1.12.1",
            PixelIntensityRelationship="LOG",
            ModalityLUTSequence=[_table([3, 10, 12], [1, 2, 3])],
        ),
        _display(),
    ),
    "words without a valid form are left out": (
        _header(
            RescaleSlope="1",
            RescaleIntercept="0",
            RescaleType="x" * 65,
            WindowCenter="5",
            WindowWidth="9",
            WindowCenterWidthExplanation="BO\x07NE",
        ),
        _display(
            modality=Rescale(slope=1.0, intercept=0.0, unit="US"),
            voi=Window(center=5.0, width=9.0),
        ),
    ),
    "the spacing makes the aspect": (_header(PixelSpacing=["0.3", "0.2"]), _display(aspect=(3, 2))),
    "a film's spacing makes it as well": (
        _header(NominalScannedPixelSpacing=["0.3", "0.2"], PixelAspectRatio=["1", "1"]),
        _display(aspect=(3, 2)),
    ),
    "the aspect may be named": (_header(PixelAspectRatio=["4", "2"]), _display(aspect=(2, 1))),
    "a shutter has its parts": (
        _header(
            ShutterShape=["RECTANGULAR", "CIRCULAR"],
            ShutterLeftVerticalEdge="1",
            ShutterRightVerticalEdge="90",
            ShutterUpperHorizontalEdge="2",
            ShutterLowerHorizontalEdge="80",
            CenterOfCircularShutter=["40", "45"],
            ShutterPresentationValue=7,
        ),
        _display(
            shutter=Shutter(
                shapes=("RECTANGULAR",),
                parts=(
                    ("ShutterLeftVerticalEdge", (1,)),
                    ("ShutterRightVerticalEdge", (90,)),
                    ("ShutterUpperHorizontalEdge", (2,)),
                    ("ShutterLowerHorizontalEdge", (80,)),
                ),
                grey=7,
            )
        ),
    ),
    "a shutter of an unknown shape is none": (_header(ShutterShape="STAR"), _display()),
    "an aspect of nought is none": (_header(PixelAspectRatio=["0", "2"]), _display()),
}


@pytest.mark.parametrize(("header", "display"), _CASES.values(), ids=_CASES)
def test_a_header_says_how_it_is_displayed(header: Dataset, display: ImageDisplay) -> None:
    """The pipeline is read as the header has it; what is no valid value is left out."""
    assert read_display(header) == display


@pytest.mark.parametrize(
    ("photometric", "is_grayscale", "is_inverse"),
    [("MONOCHROME1", True, True), ("MONOCHROME2", True, False), ("RGB", False, False)],
)
def test_the_photometric_interpretation_decides_polarity(
    photometric: str, is_grayscale: bool, is_inverse: bool
) -> None:
    """MONOCHROME1 is shown inverted; colour has no grayscale pipeline."""
    display = read_display(_header(PhotometricInterpretation=photometric))

    assert (display.is_grayscale, display.is_inverse) == (is_grayscale, is_inverse)


@pytest.mark.parametrize(("frame", "center"), [(None, 1.0), (1, 1.0), (2, 2.0), (3, 9.0)])
def test_a_frame_has_its_own_window(frame: int | None, center: float) -> None:
    """Groups of the frame go before those of all frames, and those before the image."""
    frames = [_item(FrameVOILUTSequence=[_item(WindowCenter=n, WindowWidth=5)]) for n in (1, 2)]
    shared = _item(
        FrameVOILUTSequence=[_item(WindowCenter=9, WindowWidth=5)],
        PixelValueTransformationSequence=[
            _item(RescaleSlope=2, RescaleIntercept=0, RescaleType="HU")
        ],
        PixelMeasuresSequence=[_item(PixelSpacing=[0.5, 1])],
    )
    header = _header(
        WindowCenter=7,
        WindowWidth=5,
        SharedFunctionalGroupsSequence=[shared],
        PerFrameFunctionalGroupsSequence=frames,
    )

    assert read_display(header, frame) == _display(
        modality=Rescale(slope=2.0, intercept=0.0, unit="HU"),
        voi=Window(center=center, width=5.0),
        aspect=(1, 2),
    )


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian])
def test_the_bytes_of_a_table_are_in_the_order_of_the_file(syntax: pydicom.uid.UID) -> None:
    """Words of a table are read as they were written, in files of either order."""
    order = "little" if syntax.is_little_endian else "big"
    data = b"".join(value.to_bytes(2, order) for value in (1, 2, 3))  # type: ignore[arg-type]
    header = _header(VOILUTSequence=[_table([3, 10, 12], data, "OW")])
    header.SOPClassUID, header.SOPInstanceUID = "1.2.3", "1.2.4"
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = syntax
    file = BytesIO()
    header.save_as(file, enforce_file_format=True)
    file.seek(0)

    assert read_display(pydicom.dcmread(file)) == _display(voi=_TABLE)


def test_a_value_that_is_no_number_is_left_out() -> None:
    """Damaged decimal strings are as if they were absent, and nothing is said on stderr."""
    header = _header()
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    header.SOPClassUID, header.SOPInstanceUID = "1.2.3", "1.2.4"
    header.WindowCenter, header.WindowWidth = "1234", "5678"
    file = BytesIO()
    header.save_as(file, enforce_file_format=True)
    damaged = BytesIO(file.getvalue().replace(b"1234", b"wide"))

    assert read_display(pydicom.dcmread(damaged)) == _display()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Rescale(slope=0.0, intercept=1.0, unit="HU"), "slope"),
        (lambda: Window(center=1.0, width=0.0), "window"),
        (lambda: Window(center=1.0, width=9.0, function="CUBIC"), "window"),
        (lambda: LookupTable(first=0, bits=12, values=()), "lookup table"),
        (lambda: LookupTable(first=0, bits=4, values=(1,)), "lookup table"),
        (lambda: LookupTable(first=-40000, bits=12, values=(1,)), "16 bits"),
        (lambda: LookupTable(first=0, bits=12, values=(-1,)), "16 bits"),
        (lambda: LookupTable(first=0, bits=12, values=(65536,)), "16 bits"),
    ],
)
def test_no_invalid_step_exists(make: Any, words: str) -> None:
    """A step of the pipeline that cannot be applied cannot be made."""
    with pytest.raises(ValueError, match=words):
        make()
