"""The voxels of a Segmentation by highdicom, slab by slab.

highdicom knows the three types and places frames in any order. It reads no compressed frame here: its
decoders are left out of this process (`hosr.dicom.decoders`), so frames are decoded in the sandbox
first, and it is given a copy that is not compressed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, redirect_stderr
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from hosr.annotations.volumes.segment_frames import as_filled
from hosr.annotations.volumes.segments import LABELMAP, SegmentationHeader
from hosr.errors import place_of
from hosr.logs import logger
from hosr.pixels.frames import Frames
from hosr.scratch import private_folder

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LOG = logger(__name__)

# Each question to highdicom costs some milliseconds, and a slab of a segment 16 MiB of 512 x 512 pixels.
_SLAB = 64
_FRAMES_AT_ONCE = 16
_NATIVE = (ExplicitVRLittleEndian, ImplicitVRLittleEndian)
# Of more than 1 GiB not everything is wanted: there are many segments.
_MOST_BITS = 8 << 30
_PIXEL_DATA = b"\xe0\x7f\x10\x00OB\0\0"


class NotRead(Exception):
    """highdicom could not read voxels that it said it could."""


class HighdicomReader:
    """A Segmentation as highdicom reads it, as long as its stream and `closing` are open."""

    def __init__(self, segmentation: Any, header: SegmentationHeader) -> None:
        geometry = segmentation.get_volume_geometry(allow_missing_positions=True)
        if geometry is None:
            raise ValueError("no volume")
        self._segmentation = segmentation
        self._header = header
        self.shape = cast("tuple[int, int, int]", tuple(int(n) for n in geometry.spatial_shape))
        self.to_patient_mm = tuple(tuple(map(float, row)) for row in geometry.affine[:3])

    def slabs(self, numbers: Sequence[int]) -> Iterator[tuple[int, Mapping[int, NDArray[Any]]]]:
        """The first slice of each slab, and what one of these segments fills of it (`as_filled`)."""
        for start in range(0, self.shape[0], _SLAB):
            stop = min(start + _SLAB, self.shape[0])
            if self._header.kind == LABELMAP:
                labels = self._read(start, stop, None)
                yield from ((start, {number: labels == number}) for number in numbers)
            else:
                yield from ((start, {n: self._segment(start, stop, n)}) for n in numbers)

    def _segment(self, start: int, stop: int, number: int) -> NDArray[Any]:
        return as_filled(self._read(start, stop, [number]), self._header)

    def _read(self, start: int, stop: int, numbers: Sequence[int] | None) -> NDArray[Any]:
        try:
            with redirect_stderr(StringIO()):
                volume = self._segmentation.get_volume(
                    slice_start=start,
                    slice_end=stop,
                    as_indices=True,
                    segment_numbers=numbers,
                    combine_segments=numbers is None,
                    rescale_fractional=False,
                    skip_overlap_checks=True,
                )
        except Exception as error:  # noqa: BLE001 (as below)
            _LOG.debug("highdicom does not read it: %s", place_of(error))
            raise NotRead from None
        array: NDArray[Any] = volume.array
        return array if array.ndim == 3 else array[..., 0]


def open_by_highdicom(
    path: Path, header: SegmentationHeader, syntax: str, most_slices: int, closing: ExitStack
) -> HighdicomReader | None:
    """The Segmentation in a file that was walked through before; None where highdicom cannot read it."""
    try:
        import highdicom.seg
    except ImportError:  # it has no release for every Python
        return None
    try:
        plain = path if syntax in _NATIVE else _uncompressed(path, header, closing)
        with redirect_stderr(StringIO()):  # where it writes what it throws
            segmentation = highdicom.seg.segread(plain, lazy_frame_retrieval=True)
            reader = HighdicomReader(segmentation, header)
    except Exception as error:  # noqa: BLE001 (what it throws differs with the oddity of a header)
        _LOG.debug("highdicom does not read it: %s", place_of(error))
        return None
    # Of a single slice it does not know how thick it is.
    is_usable = 1 < reader.shape[0] <= most_slices
    return reader if is_usable and reader.shape[1:] == (header.rows, header.columns) else None


def _uncompressed(path: Path, header: SegmentationHeader, closing: ExitStack) -> Path:
    """A copy without compression, in a private folder that is gone with `closing`."""
    plain = Dataset({element.tag: element for element in header.data_set})
    plain.file_meta = FileMetaDataset()
    plain.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    copy = closing.enter_context(private_folder()) / "segmentation.dcm"
    with path.open("rb") as stream, copy.open("wb") as file:
        frames = Frames(stream)
        bits = frames.bits_allocated
        size = header.rows * header.columns * header.frames * bits
        if size > _MOST_BITS:
            raise ValueError("too large to be copied")
        dcmwrite(file, plain, enforce_file_format=True)
        length = -(-size // 16) * 2
        file.write(_PIXEL_DATA + length.to_bytes(4, "little"))
        start = file.tell()
        for first in range(1, header.frames + 1, _FRAMES_AT_ONCE):
            count = min(_FRAMES_AT_ONCE, header.frames + 1 - first)
            samples = np.stack([frame.samples for frame in frames.read(first, count)])
            file.write(_packed(samples) if bits == 1 else samples.tobytes())
        file.write(bytes(start + length - file.tell()))
    return copy


def _packed(samples: NDArray[Any]) -> bytes:
    """Samples of one bit in their bytes (PS3.5 section 8.1.1); sixteen frames of them fill whole bytes."""
    return np.packbits(samples.ravel() != 0, bitorder="little").tobytes()
