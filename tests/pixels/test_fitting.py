"""Windows that show nothing: what is shown instead, and what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pydicom import Dataset

from hosr.pixels.display_pipeline import ImageDisplay, LookupTable, Window, read_display
from hosr.pixels.fitting import NO_CONTRAST, Fitted, fit, joined, with_filled_table
from hosr.pixels.frames import Crop, read_frame
from hosr.pixels.rendering import Greys, draw
from tests.intake.dicom_files import encoded, item
from tests.pixels.encodings import film_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROWS, COLUMNS = 60, 80
WHOLE = Crop(left=0, top=0, width=COLUMNS, height=ROWS)
GOOD: dict[str, Any] = {"WindowCenter": "2048", "WindowWidth": "4096"}
CR, CT, MR = (f"1.2.840.10008.5.1.4.1.1.{kind}" for kind in ("1", "2", "4"))


def tissue(low: int = 200, high: int = 3800, kind: str = "<u2") -> NDArray[Any]:
    """Values that rise and fall between two ends."""
    row, column = np.mgrid[:ROWS, :COLUMNS]
    waves = 0.5 + 0.5 * np.sin(column / 9) * np.cos(row / 7)
    values: NDArray[Any] = (low + (high - low) * waves).astype(kind)
    return values


def table(bits: int, highest: int) -> Dataset:
    """A VOI LUT of 4096 entries that rise to the highest."""
    entries = np.linspace(0, highest, 4096).astype(int).tolist()
    voi = item(LUTDescriptor=[4096, 0, bits], LUTData=entries)
    voi["LUTDescriptor"].VR, voi["LUTData"].VR = "US", "US"
    return voi


def fitted(pixels: NDArray[Any], **header: Any) -> tuple[Fitted, ImageDisplay, Greys]:
    """What is shown of an image, how its header wants it, and the greys."""
    frame = read_frame(encoded(film_of(pixels, **header)), 1)
    display = read_display(frame.data_set)
    found = fit(frame, display, WHOLE)
    return found, display, draw(frame, found.display, WHOLE)


EMPTY: dict[str, dict[str, Any]] = {
    "a window of CT on a film": {"WindowCenter": "40", "WindowWidth": "400"},
    "a window above all values": {"WindowCenter": "30000", "WindowWidth": "100"},
    "a window below all values": {"WindowCenter": "-9000", "WindowWidth": "100"},
    "a window of one value": {"WindowCenter": "2000", "WindowWidth": "1"},
    "a window of 16 bits": {"WindowCenter": "32768", "WindowWidth": "65536"},
    "a narrow exact window": {
        "WindowCenter": "2000",
        "WindowWidth": "0.5",
        "VOILUTFunction": "LINEAR_EXACT",
    },
    "a narrow sigmoid": {"WindowCenter": "9", "WindowWidth": "9", "VOILUTFunction": "SIGMOID"},
    "too high a high bit": {**GOOD, "BitsStored": 12, "HighBit": 15},
    "a rescale of another device": {**GOOD, "RescaleSlope": "1", "RescaleIntercept": "-9000"},
    "a table of black alone": {"VOILUTSequence": [table(12, 0)]},
    "an inverse image": {
        "PhotometricInterpretation": "MONOCHROME1",
        "WindowCenter": "40",
        "WindowWidth": "400",
    },
}


@pytest.mark.parametrize("header", EMPTY.values(), ids=EMPTY)
@pytest.mark.parametrize("sop_class", [CR, CT, MR])
def test_a_window_that_shows_nothing_gives_way(header: dict[str, Any], sop_class: str) -> None:
    """Black, white or black and white becomes a picture, and is told."""
    found, display, greys = fitted(tissue(), SOPClassUID=sop_class, **header)
    assert found.remarks == (NO_CONTRAST,)
    assert isinstance(found.display.voi, Window)
    assert found.display.voi.explanation == "AUTOMATIC"
    assert found.display.is_inverse == display.is_inverse
    assert np.percentile(greys, 90) - np.percentile(greys, 10) > 100


STAYING: dict[str, tuple[NDArray[Any], dict[str, Any]]] = {
    "a fitting window": (tissue(), GOOD),
    "no window": (tissue(), {}),
    "half of the values beyond it": (tissue(), {"WindowCenter": "1200", "WindowWidth": "2000"}),
    "soft tissue in a bone window": (
        tissue(1000, 1250),
        {"WindowCenter": "1300", "WindowWidth": "1500"},
    ),
    "one value": (np.full((ROWS, COLUMNS), 7, "<u2"), GOOD),
    "two values": (tissue(0, 2) // 2, {"WindowCenter": "1", "WindowWidth": "1"}),
    "a fitting table": (tissue(), {"VOILUTSequence": [table(16, 65535)]}),
}


@pytest.mark.parametrize(("pixels", "header"), STAYING.values(), ids=STAYING)
def test_a_window_that_shows_something_stays(pixels: NDArray[Any], header: dict[str, Any]) -> None:
    """And so does one of an image that has nothing to show."""
    found, display, _ = fitted(pixels, **header)
    assert found == Fitted(display=display)


@pytest.mark.parametrize(
    ("said", "highest", "bits"),
    [(16, 4095, 12), (16, 16383, 14), (16, 200, 8), (14, 4095, 12), (8, 4095, 12)],
)
def test_a_table_is_of_as_many_bits_as_its_entries(said: int, highest: int, bits: int) -> None:
    """One that says more is dark, one that says fewer is white; the curve of the device stays."""
    found, _, greys = fitted(tissue(), VOILUTSequence=[table(said, highest)])
    _, _, right = fitted(tissue(), VOILUTSequence=[table(bits, highest)])
    assert found.remarks == (
        f"its VOI LUT says {said} bits, and its entries have {bits}; it is taken as one of {bits}",
    )
    np.testing.assert_array_equal(greys, right)


@pytest.mark.parametrize(("bits", "is_flat"), [(8, True), (10, False), (11, False)])
@pytest.mark.parametrize("sop_class", [CR, CT, MR])
def test_values_beyond_bits_stored_are_told(bits: int, is_flat: bool, sop_class: str) -> None:
    """What is shown then is no picture of the patient, and says so, with or without contrast."""
    header: dict[str, Any] = {"BitsStored": bits, "HighBit": bits - 1, "SOPClassUID": sop_class}
    cut = f"its values have more bits than the {bits} of Bits Stored; those above are left out"
    found, _, _ = fitted(tissue(), **GOOD, **header)
    assert found.remarks == ((cut, NO_CONTRAST) if is_flat else (cut,))
    declared = {"OverlayBitPosition": 15, "OverlayBitsAllocated": 16}
    image = film_of(tissue(), **GOOD, **header)
    for keyword, value in declared.items():
        image.add_new((0x6000, 0x0102 if "Position" in keyword else 0x0100), "US", value)
    assert not read_frame(encoded(image), 1).is_cut


def test_the_sign_of_a_value_is_no_bit_beyond() -> None:
    """Negative values of 12 bits may be written with 16."""
    found, display, _ = fitted(tissue().astype(int).astype("<i2") - 2000, BitsStored=12, HighBit=11)
    assert found == Fitted(display=display)


def test_only_what_is_shown_and_seen_counts() -> None:
    """A window that shows the collimated border alone shows nothing."""
    pixels = tissue()
    pixels[:10] = 40
    header: dict[str, Any] = {"WindowCenter": "40", "WindowWidth": "60"}
    frame = read_frame(encoded(film_of(pixels, **header)), 1)
    inside = Crop(left=0, top=10, width=COLUMNS, height=ROWS - 10)
    assert fit(frame, read_display(frame.data_set), inside).remarks == (NO_CONTRAST,)
    shutter: dict[str, Any] = {
        "ShutterShape": "RECTANGULAR",
        "ShutterLeftVerticalEdge": "1",
        "ShutterRightVerticalEdge": str(COLUMNS),
        "ShutterUpperHorizontalEdge": "11",
        "ShutterLowerHorizontalEdge": str(ROWS),
    }
    found, _, _ = fitted(pixels, **header, **shutter)
    assert found.remarks == (NO_CONTRAST,)


def test_padding_has_no_part_in_it() -> None:
    """Values that are no image neither keep a window nor make one."""
    pixels = tissue()
    pixels[:30] = 63536
    found, _, _ = fitted(
        pixels,
        BitsStored=16,
        HighBit=15,
        PixelPaddingValue=63536,
        WindowCenter="63536",
        WindowWidth="9",
    )
    assert isinstance(found.display.voi, Window)
    assert found.display.voi.center < 4000


def test_windows_are_joined() -> None:
    """Two hips on one image are shown by a window for both."""
    windows = [
        Window(center=100, width=50, function="LINEAR_EXACT"),
        Window(center=200, width=100, function="LINEAR_EXACT"),
    ]
    assert joined(windows) == Window(center=162.5, width=175, function="LINEAR_EXACT")


def test_an_empty_table_stays_as_it_is() -> None:
    """Of zeros alone nobody can tell the bits."""
    display = ImageDisplay(
        photometric_interpretation="MONOCHROME2", voi=LookupTable(first=0, bits=12, values=(0, 0))
    )
    assert with_filled_table(display) == Fitted(display=display)


CONTRADICTIONS = {
    ("MONOCHROME1", "IDENTITY"): (True, "Presentation LUT Shape IDENTITY contradicts MONOCHROME1; the lowest value is shown white"),
    ("MONOCHROME2", "INVERSE"): (True, "Presentation LUT Shape INVERSE contradicts MONOCHROME2; the lowest value is shown white"),
    ("MONOCHROME1", "INVERSE"): (True, ""),
    ("MONOCHROME2", "IDENTITY"): (False, ""),
    ("MONOCHROME1", ""): (True, ""),
    ("MONOCHROME2", ""): (False, ""),
    ("MONOCHROME1", "LIN OD"): (True, ""),
}  # fmt: skip


@pytest.mark.parametrize(
    ("given", "expected"), CONTRADICTIONS.items(), ids=map(str, CONTRADICTIONS)
)
@pytest.mark.parametrize("sop_class", [CR, CT])
def test_polarity_and_what_contradicts_it(
    given: tuple[str, str], expected: tuple[bool, str], sop_class: str
) -> None:
    """The lowest value is white where either of the two says so; the contradiction is told."""
    photometric, shape = given
    is_inverse, remark = expected
    found, display, greys = fitted(
        tissue(),
        SOPClassUID=sop_class,
        PhotometricInterpretation=photometric,
        PresentationLUTShape=shape,
        **GOOD,
    )
    assert display.is_inverse is is_inverse
    assert found == Fitted(display=display, remarks=(remark,) if remark else ())
    lowest = greys[np.unravel_index(np.argmin(tissue()), greys.shape)]
    assert bool(lowest > 128) is is_inverse
