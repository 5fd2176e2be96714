"""Of an object of many frames only the one that is asked for is read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pydicom import uid

from hosr.intake.images import read_images
from hosr.pixels.frames import read_frame
from tests.intake.dicom_files import encoded
from tests.pixels.encodings import encapsulated, film_of, pattern

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
FRAMES, SHOWN, SIDE = 256, 200, 1024
FRAME_BYTES = SIDE * SIDE * 2

# In a process of its own: the peak of this one may be higher already.
MEASURED = """
import sys
from pathlib import Path
from hosr.intake.images import read_images
from hosr.pixels.frames import read_frame
from tests.memory import peak_kib

before = peak_kib()
images = read_images([Path(sys.argv[1])])
with images.open_file(images.images[0].sop_instance_uid) as stream:
    frame = read_frame(stream, int(sys.argv[2]))
print(peak_kib() - before, int(frame.samples.max()))
"""


def _native(path: Path) -> None:
    """Frames of zeros, which take no room on the disk, but for the one that is shown."""
    film = film_of(np.zeros((SIDE, SIDE), np.uint16), NumberOfFrames=str(FRAMES), PixelData=b"")
    with path.open("wb") as file:
        header = encoded(film)
        assert header.endswith(bytes(4))
        file.write(header[:-4] + (FRAMES * FRAME_BYTES).to_bytes(4, "little"))
        start = file.tell()
        file.seek(start + (SHOWN - 1) * FRAME_BYTES)
        file.write(np.full(SIDE, 77, np.uint16).tobytes())
        file.truncate(start + FRAMES * FRAME_BYTES)


def _in_fragments(path: Path) -> None:
    """Fragments of zeros, without a table of where they are, but for the one that is shown."""
    shown = np.full((48, 64), 77, np.uint8)
    row = b"\x81\x4d" * 24  # a run of 128 times 77 (PS3.5 section G.3.1)
    stream = b"\1\0\0\0\x40\0\0\0".ljust(64, b"\0") + row
    film = film_of(shown, 8, NumberOfFrames=str(FRAMES))
    content = encapsulated(film, uid.RLELossless, stream)
    item, end = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0" + bytes(4)
    with path.open("wb") as file:
        table = item + (4).to_bytes(4, "little")
        file.write(content[: content.index(table)] + item + bytes(4))
        for number in range(1, FRAMES + 1):
            length = len(stream) if number == SHOWN else FRAME_BYTES
            file.write(item + length.to_bytes(4, "little"))
            file.write(stream) if number == SHOWN else file.seek(length, 1)
        file.write(end)


@pytest.mark.parametrize("write", [_native, _in_fragments])
def test_memory_is_that_of_a_frame(
    write: Callable[[Path], None], tmp_path: Path, record_figures: Callable[[str], None]
) -> None:
    """An object of half a gigabyte takes what one of its frames takes, header and picture together."""
    path = tmp_path / "many.dcm"
    write(path)
    assert path.stat().st_size > 500 << 20
    ran = subprocess.run(
        [sys.executable, "-c", MEASURED, path, str(SHOWN)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    grown_kib, brightest = map(int, ran.stdout.split())
    record_figures(
        f"{write.__name__[1:]}: {grown_kib} KiB for a frame of {path.stat().st_size >> 20} MiB"
    )
    assert brightest == 77
    assert grown_kib < 32 << 10


def test_a_file_without_preamble_is_read_by_parts(tmp_path: Path) -> None:
    """What its writer left out is put before it, wherever it is read from."""
    film = encoded(film_of(pattern()))
    path = tmp_path / "bare.dcm"
    path.write_bytes(film[132:])
    images = read_images([path])
    (image,) = images.images
    with images.open_file(image.sop_instance_uid) as stream:
        stream.seek(-10, 2)
        assert (stream.tell(), stream.read()) == (len(film) - 10, film[-10:])
        stream.seek(100)
        assert stream.read(200) == film[100:300]
        np.testing.assert_array_equal(read_frame(stream, 1).samples, pattern())
    assert images.read_file(image.sop_instance_uid) == bytes(128) + film[128:]
