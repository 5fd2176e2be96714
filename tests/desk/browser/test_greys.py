"""What the canvas shows is what a picture of the report shows: the same greys by the same rules."""

import base64
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser
from pydicom import dcmread

from hosr.desk.displays import describe_display
from hosr.pixels.display_pipeline import (
    ImageDisplay,
    LookupTable,
    Rescale,
    Window,
    read_display,
)
from hosr.pixels.frames import Crop, read_frame
from hosr.pixels.rendering import Padding, draw, shade
from tests.desk.browser.desks import SAMPLES, desk_of, record_of
from tests.desk.browser.sittings import Sitting, reading

pytestmark = [pytest.mark.peer, pytest.mark.slow]

ROWS, COLUMNS = 48, 64
MONOCHROME2 = ImageDisplay(photometric_interpretation="MONOCHROME2")
HOUNSFIELD = Rescale(slope=1.0, intercept=-1024.0, unit="HU")

# Center, width and function of PS3.3 section C.11.2.1.2, in all the places where they turn.
WINDOWS = [
    Window(center=center, width=width, function=function)
    for function in ("LINEAR", "LINEAR_EXACT", "SIGMOID")
    for center, width in (
        (2048.0, 4096.0),
        (1000.0, 1.0),
        (300.5, 1.5),
        (40.0, 400.0),
        (-200.0, 12000.0),
        (65535.0, 2.0),
        (512.25, 1023.75),
    )
]

# Draws a frame at one pixel of the screen to one of the image, and gives its greys.
_DRAW = """
async ({ bytes, image, window }) => {
  const { Raster } = await import("/static/pixels.js");
  const { Canvas } = await import("/static/canvas.js");
  const raster = new Raster(image, Uint8Array.from(atob(bytes), (each) => each.charCodeAt(0)).buffer);
  const element = document.createElement("canvas");
  element.style.position = "fixed";
  element.style.width = `${image.columns / devicePixelRatio}px`;
  element.style.height = `${image.rows / devicePixelRatio}px`;
  document.body.append(element);
  const canvas = new Canvas(element, () => undefined);
  canvas.put(raster, false);
  if (window) canvas.setWindow(window);
  canvas.redraw();
  canvas.drawNow();
  const { data } = element.getContext("2d").getImageData(0, 0, element.width, element.height);
  element.remove();
  return [...data].filter((_, index) => index % 4 === 0);
}
"""


def _drawn(
    at_desk: Sitting,
    stored: NDArray[Any],
    display: dict[str, Any],
    window: dict[str, Any] | None = None,
) -> NDArray[Any]:
    """The greys of the canvas, as many as stored values."""
    rows, columns = stored.shape
    image = {"rows": rows, "columns": columns, "display": display}
    data = stored.astype("<i2" if display["signed"] else "<u2").tobytes()
    given = {"bytes": base64.b64encode(data).decode(), "image": image, "window": window}
    greys = at_desk.page.evaluate(_DRAW, given)
    return np.array(greys, dtype=np.int16).reshape(rows, columns)


def _described(display: ImageDisplay, stored: NDArray[Any], padding: Any = None) -> dict[str, Any]:
    """What the server tells of a display."""
    window, modality = display.voi, display.modality

    def table(of: LookupTable) -> dict[str, Any]:
        return {"table": list(of.values), "first": of.first, "bits": of.bits}

    return {
        "signed": stored.dtype.kind == "i",
        "modality": table(modality)
        if isinstance(modality, LookupTable)
        else modality and {"slope": modality.slope, "intercept": modality.intercept},
        "window": {"center": window.center, "width": window.width, "function": window.function}
        if isinstance(window, Window)
        else None,
        "voi": table(window) if isinstance(window, LookupTable) else None,
        "inverse": display.is_inverse,
        "padding": padding,
        "aspect": [1, 1],
        "shutter": None,
    }


def _stored(kind: str = "u2", seed: int = 7) -> NDArray[Any]:
    """Values of every size that 16 bits hold, those at the ends among them."""
    limits = np.iinfo(kind)
    drawn = np.random.default_rng(seed).integers(0, 4096, (ROWS, COLUMNS), endpoint=True)
    values = drawn.astype(kind)
    values[0, :4] = limits.min, limits.max, 0, 1
    return values


@pytest.fixture(scope="module")
def at_desk(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sitting]:
    """A page of the desk, whose own programs are asked."""
    folder = tmp_path_factory.mktemp("greys") / "drafts"
    with (
        desk_of(folder, [("brooker-4", record_of("brooker-4"))]) as desk,
        reading(chromium, desk) as sitting,
    ):
        yield sitting


def test_windows_are_those_of_the_standard(at_desk: Sitting) -> None:
    """Twenty-one windows of three functions, within one grey of the pictures of a report."""
    stored = _stored()
    for window in WINDOWS:
        display = replace(MONOCHROME2, voi=window)
        shown = _drawn(at_desk, stored, _described(display, stored))
        assert np.abs(shown - shade(stored, display)).max() <= 1, window


@pytest.mark.parametrize(
    "display",
    [
        replace(MONOCHROME2, photometric_interpretation="MONOCHROME1", voi=WINDOWS[0]),
        replace(MONOCHROME2, presentation_lut_shape="INVERSE", voi=WINDOWS[3]),
        replace(MONOCHROME2, modality=HOUNSFIELD, voi=WINDOWS[3]),
        replace(
            MONOCHROME2,
            modality=LookupTable(first=100, bits=16, values=tuple(range(60000, 1000, -7))),
            voi=WINDOWS[0],
        ),
        replace(
            MONOCHROME2,
            voi=LookupTable(
                first=16, bits=12, values=tuple(int(4095 * (k / 3999) ** 0.5) for k in range(4000))
            ),
        ),
        MONOCHROME2,
        replace(MONOCHROME2, modality=HOUNSFIELD),
    ],
    ids=["MONOCHROME1", "INVERSE", "rescale", "table", "VOI LUT", "no window", "no window, HU"],
)
def test_every_step_of_the_pipeline_is_that_of_the_pictures(
    at_desk: Sitting, display: ImageDisplay
) -> None:
    """Modality, VOI and polarity; without a window it is found in the values, as there."""
    for kind in ("u2", "i2"):
        stored = _stored(kind)
        shown = _drawn(at_desk, stored, _described(display, stored))
        assert np.abs(shown - shade(stored, display)).max() <= 1


def test_padding_is_black_in_either_polarity(at_desk: Sitting) -> None:
    """What is no image is black, and counts for no window."""
    stored = _stored()
    stored[10:20] = 3
    for interpretation in ("MONOCHROME1", "MONOCHROME2"):
        display = ImageDisplay(photometric_interpretation=interpretation)
        shown = _drawn(at_desk, stored, _described(display, stored, padding=[2, 5]))
        wanted = shade(stored, display, Padding(lower=2, upper=5))
        assert np.abs(shown - wanted).max() <= 1
        assert shown[10:20].max() == 0


@pytest.mark.parametrize("name", ["brooker-2", "brooker-4", "ct", "mr-early"])
def test_samples_are_drawn_as_in_the_pictures_of_their_report(at_desk: Sitting, name: str) -> None:
    """Decoded, described by the server and drawn: all of the way from the file to the canvas."""
    path = min((SAMPLES / name / "images").iterdir())
    frame = read_frame(io.BytesIO(Path(path).read_bytes()), 1)
    display = read_display(frame.data_set, 1)
    rows, columns = frame.samples.shape
    crop = Crop(left=0, top=0, width=min(columns, 400), height=min(rows, 300))
    part = frame.samples[: crop.height, : crop.width]
    told = describe_display(dcmread(path, stop_before_pixels=True), 1)
    shown = _drawn(at_desk, part, told)
    assert np.abs(shown - draw(frame, display, crop)).max() <= 1
