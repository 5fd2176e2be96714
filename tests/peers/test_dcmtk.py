"""Pictures beside those of DCMTK: the same pixels, and the same greys but for rounding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image
from pydicom import Dataset, dcmread

from hosr.pixels.display_pipeline import read_display
from hosr.pixels.frames import Crop, read_frame
from hosr.pixels.rendering import draw
from tests.intake.dicom_files import encoded, item
from tests.peers.processes import program, run
from tests.peers.samples import SAMPLE_DATA
from tests.pixels.encodings import film_of, pattern

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

PATTERN = pattern(60, 80)
SIGNED = (PATTERN.astype(int) - 2048).astype(np.int16)
WINDOW = {"WindowCenter": "2000", "WindowWidth": "1500"}


def _whole(content: bytes) -> NDArray[np.uint8]:
    frame = read_frame(content, 1)
    rows, columns = frame.samples.shape[:2]
    crop = Crop(left=0, top=0, width=columns, height=rows)
    return draw(frame, read_display(frame.data_set), crop)


def _run(command: str, *arguments: object) -> None:
    """Run a tool of DCMTK, which succeeds."""
    ran = run((program(command, "Debian package dcmtk"), *arguments), timeout=60)
    assert ran.code == 0, ran.err


def _by_dcmtk(content: bytes, folder: Path) -> NDArray[np.uint8]:
    """The first window or VOI LUT of the header, as dcmj2pnm applies it."""
    path, plain, picture = folder / "a.dcm", folder / "b.dcm", folder / "c.png"
    path.write_bytes(content)
    _run("dcmdjpls", path, plain)
    voi = "+Wl" if "VOILUTSequence" in dcmread(path, stop_before_pixels=True) else "+Wi"
    _run("dcmj2pnm", "+on", voi, "1", plain, picture)
    return np.asarray(Image.open(picture))


def _table(first: int, values: list[int], bits: int) -> Dataset:
    table = item(LUTDescriptor=[len(values), first, bits], LUTData=values)
    table["LUTDescriptor"].VR = "SS" if first < 0 else "US"
    table["LUTData"].VR = "US"
    return table


# DCMTK lets the shape take the inversion back, which leaves bone black on films of old CR.
CONTRADICTION = ("MONOCHROME1", "IDENTITY")

CASES: dict[str, tuple[NDArray[Any], dict[str, Any]]] = {
    "window": (PATTERN, WINDOW),
    "narrow window": (PATTERN, {"WindowCenter": "2000", "WindowWidth": "9"}),
    "least window": (PATTERN, {"WindowCenter": "2000", "WindowWidth": "1"}),
    "first of two": (PATTERN, {"WindowCenter": ["2000", "90"], "WindowWidth": ["1500", "50"]}),
    "sigmoid": (PATTERN, {**WINDOW, "VOILUTFunction": "SIGMOID"}),
    "rescale": (PATTERN, {**WINDOW, "RescaleSlope": "2.5", "RescaleIntercept": "-1024"}),
    "negative slope": (PATTERN, {**WINDOW, "RescaleSlope": "-1", "RescaleIntercept": "4095"}),
    "modality table": (
        PATTERN,
        {**WINDOW, "ModalityLUTSequence": [_table(0, [n // 2 for n in range(4096)], 16)]},
    ),
    "voi table": (PATTERN, {"VOILUTSequence": [_table(500, [16 * n for n in range(1000)], 14)]}),
    "voi table of rescaled values": (
        PATTERN,
        {
            "RescaleSlope": "1",
            "RescaleIntercept": "-1000",
            "VOILUTSequence": [_table(-500, [16 * n for n in range(1000)], 14)],
        },
    ),
    "signed": (
        SIGNED,
        {"BitsStored": 16, "HighBit": 15, "WindowCenter": "0", "WindowWidth": "3000"},
    ),
    "overlay above": (PATTERN | 0xA000, WINDOW),
    "overlay below": (PATTERN << 4 | 0x5, {**WINDOW, "HighBit": 15}),
    **{
        f"{photometric} {shape}": (
            PATTERN,
            {
                **WINDOW,
                "PhotometricInterpretation": photometric,
                **({"PresentationLUTShape": shape} if shape else {}),
            },
        )
        for photometric in ("MONOCHROME1", "MONOCHROME2")
        for shape in ("", "IDENTITY", "INVERSE")
        if (photometric, shape) != CONTRADICTION
    },
}


@pytest.mark.parametrize("name", CASES)
def test_a_header_is_displayed_as_by_dcmtk(name: str, tmp_path: Path) -> None:
    """Window, table and polarity of a header give the greys that DCMTK gives, which rounds down."""
    pixels, header = CASES[name]
    content = encoded(film_of(pixels, **header))
    theirs = _by_dcmtk(content, tmp_path)
    assert np.abs(_whole(content).astype(int) - theirs).max() <= 1
    assert theirs.max() > 100


def test_a_contradiction_leaves_bone_white(tmp_path: Path) -> None:
    """Where DCMTK shows a film of MONOCHROME1 as if it were of MONOCHROME2."""
    photometric, shape = CONTRADICTION
    header: dict[str, Any] = {
        **WINDOW,
        "PhotometricInterpretation": photometric,
        "PresentationLUTShape": shape,
    }
    content = encoded(film_of(PATTERN, **header))
    theirs = _by_dcmtk(content, tmp_path)
    assert np.abs(255 - _whole(content).astype(int) - theirs).max() <= 1


@pytest.mark.parametrize(
    "sample", ["bilateral", "brooker-2", "brooker-3", "brooker-4", "ct", "mr-early"]
)
def test_a_sample_is_displayed_as_by_dcmtk(sample: str, tmp_path: Path) -> None:
    """The samples that say how they are to be displayed look as in DCMTK."""
    content = min((SAMPLE_DATA / sample / "images").iterdir()).read_bytes()
    theirs = _by_dcmtk(content, tmp_path)
    assert np.abs(_whole(content).astype(int) - theirs).max() <= 1


@pytest.mark.parametrize(
    "command",
    [
        ("dcmcrle",),
        ("dcmcjpeg", "+e1"),
        ("dcmcjpeg", "+el"),
        ("dcmcjpls", "+el"),
        ("dcmcjpls", "+el", "+pr"),
    ],
    ids=" ".join,
)
def test_what_dcmtk_compressed_without_loss(command: tuple[str, ...], tmp_path: Path) -> None:
    """The lossless encoders of DCMTK are undone exactly."""
    (tmp_path / "plain.dcm").write_bytes(encoded(film_of(PATTERN)))
    packed = tmp_path / "packed.dcm"
    _run(*command, tmp_path / "plain.dcm", packed)
    np.testing.assert_array_equal(read_frame(packed.read_bytes(), 1).samples, PATTERN)


@pytest.mark.parametrize(("option", "bits"), [("+eb", 8), ("+ee", 8), ("+ee", 12)])
def test_what_dcmtk_compressed_with_loss(option: str, bits: int, tmp_path: Path) -> None:
    """JPEG of 8 and of 12 bits decodes to what DCMTK itself makes of it."""
    cells = np.uint8 if bits == 8 else np.uint16
    image = film_of(pattern(60, 80, bits).astype(cells), bits)
    plain, packed, again = (tmp_path / name for name in ("plain.dcm", "packed.dcm", "again.dcm"))
    plain.write_bytes(encoded(image))
    _run("dcmcjpeg", option, plain, packed)
    _run("dcmdjpeg", packed, again)
    found = read_frame(packed.read_bytes(), 1).samples.astype(int)
    assert np.abs(found - dcmread(again).pixel_array).max() <= 1
