"""Images whose headers ask for a picture of nothing: key images, presentation state, and what is told."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom import Dataset, dcmread

import hosr
from hosr.pixels.fitting import NO_CONTRAST
from tests.command import hosr as run_hosr
from tests.command import write_record
from tests.images import COLUMNS, ROWS, axial, dicom_bytes, film
from tests.pixels.test_fitting import table

pytestmark = pytest.mark.slow

EMPTY = {"WindowCenter": "30000", "WindowWidth": "100"}
RIGHT, LEFT = (f"key image of the {side} hip" for side in ("right", "left"))


def slopes(low: int = 200, high: int = 3800) -> bytes:
    """Values that rise from left to right."""
    return np.tile(np.linspace(low, high, COLUMNS).astype("<u2"), (ROWS, 1)).tobytes()


def record_of(*sides: str, view: str = "ap_pelvis") -> dict[str, Any]:
    """A record of clear hips."""
    return {
        "schema_version": "1.0",
        "graded_at": "2026-03-02T10:15:00+01:00",
        "observer": {"type": "person", "name": "Rossi^Maria"},
        "view": view,
        "study": {"patient_id": "P-4711"},
        "hips": [{"side": side, "presence": "absent"} for side in sides],
    }


def made(image: Dataset, *sides: str, view: str = "ap_pelvis") -> tuple[dict[str, bytes], Dataset]:
    """The overlay and pictures of a report by name, and the presentation state."""
    outcome = hosr.make_report(record_of(*(sides or ("right",)), view=view), dicom_bytes(image))
    files = {file.name: file.data for file in hosr.make_files(outcome, ["overlay", "pictures"])}
    return files, dcmread(BytesIO(files["overlay.dcm"]))


def told(files: dict[str, bytes]) -> list[tuple[str, str]]:
    """What was tolerated in making the pictures."""
    tolerated = json.loads(files["manifest.json"])["tolerated"]
    return [(note["path"], note["problem"]) for note in tolerated if "key image" in note["path"]]


@pytest.mark.parametrize("kind", ["DX", "CR", "CT", "MR"])
def test_picture_and_state_have_the_same_window(kind: str) -> None:
    """The presentation state shows what the key image does."""
    plain: dict[str, Any] = {"PixelData": slopes(), **EMPTY}
    image = film(kind, **plain) if kind in {"DX", "CR"} else axial(kind=kind, **plain)
    view = {"CT": "ct", "MR": "mr"}.get(kind, "ap_pelvis")
    files, state = made(image, view=view)
    assert told(files) == [(RIGHT, NO_CONTRAST)]
    voi = state.SoftcopyVOILUTSequence[0]
    assert 0 < voi.WindowCenter < 4096
    assert (voi.VOILUTFunction, voi.WindowCenterWidthExplanation) == ("LINEAR_EXACT", "AUTOMATIC")
    shown = np.asarray(Image.open(BytesIO(files["key_right.png"])).convert("L"))
    assert np.percentile(shown, 95) - np.percentile(shown, 5) > 100


def test_two_hips_on_one_film_share_a_window() -> None:
    """It spans what either of them needs."""
    files, state = made(film(PixelData=slopes(), **EMPTY), "right", "left")
    assert told(files) == [(RIGHT, NO_CONTRAST), (LEFT, NO_CONTRAST)]
    (voi,) = state.SoftcopyVOILUTSequence
    assert voi.WindowCenter - voi.WindowWidth / 2 < 400
    assert voi.WindowCenter + voi.WindowWidth / 2 > 3600


def test_the_state_is_the_same_whatever_else_is_made() -> None:
    """Key objects refer to it by its identity, which a picture must not change."""
    content = dicom_bytes(film(PixelData=slopes(), **EMPTY))
    outcome = hosr.make_report(record_of("right"), content)
    alone = {file.name: file for file in hosr.make_files(outcome, "overlay")}
    assert alone["overlay.dcm"] in hosr.make_files(outcome)
    assert told({name: file.data for name, file in alone.items()}) == [(RIGHT, NO_CONTRAST)]


def test_a_table_in_the_state_has_the_bits_it_says() -> None:
    """A VOI LUT that says 16 bits over entries of 12 reaches white, and is written with 16."""
    files, state = made(film(PixelData=slopes(), VOILUTSequence=[table(16, 4095)]))
    assert [problem for _, problem in told(files)] == [
        "its VOI LUT says 16 bits, and its entries have 12; it is taken as one of 12"
    ]
    item = state.SoftcopyVOILUTSequence[0].VOILUTSequence[0]
    assert list(item.LUTDescriptor) == [4096, 0, 16]
    assert max(np.frombuffer(item.LUTData, "<u2")) == 65535


def test_the_state_shows_bone_white_against_a_contradiction() -> None:
    """MONOCHROME1 with a shape of IDENTITY is inverted, and told."""
    header = {"PhotometricInterpretation": "MONOCHROME1", "PresentationLUTShape": "IDENTITY"}
    files, state = made(film(PixelData=slopes(), **header))
    assert told(files) == [
        (
            RIGHT,
            "Presentation LUT Shape IDENTITY contradicts MONOCHROME1; the lowest value is shown white",
        )
    ]
    assert state.PresentationLUTShape == "INVERSE"


@pytest.mark.parametrize(
    ("header", "problem"),
    [(EMPTY, NO_CONTRAST), ({"PixelData": bytes(9)}, "the pixel data of the image are incomplete")],
)
def test_check_tells_the_same_as_report(
    tmp_path: Path, header: dict[str, Any], problem: str
) -> None:
    """On the terminal and for programs."""
    image = tmp_path / "film.dcm"
    image.write_bytes(dicom_bytes(film(**{"PixelData": slopes(), **header})))
    record = write_record(tmp_path / "record.json", record_of("right"))
    checked = run_hosr("check", record, "--images", image, "--json")
    reported = run_hosr("report", record, "--images", image, "--out", tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_bytes())
    assert json.loads(checked.out)["notes"] == manifest["tolerated"]
    assert problem in checked.out
    assert f"note: {RIGHT}: " in run_hosr("check", record, "--images", image).out
    assert problem in reported.out
