"""One frame of a DICOM file as the array that it is stored as, or the reason why there is none.

Nothing half-decoded is returned: a frame is whole, by its length or by the mark at its end, and
of the size that the header says.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, get_frame
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import UID, JPEGExtended12Bit, RLELossless

from hosr.dicom.elements import HeaderAndPixels, quiet_pydicom, read_header
from hosr.dicom.structure import Extent, PixelElement, UnusableFile
from hosr.errors import HosrError
from hosr.phrases import phrase
from hosr.pixels.decoding import DECODABLE, Decoded, Encoded, decode_alike, size_of, unboxed

NO_PIXEL_DATA = phrase("the image has no pixel data")
INCOMPLETE = phrase("the pixel data of the image are incomplete")
CANNOT_DECODE = phrase("the pixel data of the image cannot be decoded")
NO_DECODER = phrase("there is no decoder for the compression of the image")
TOO_LARGE = phrase("the image is too large to be drawn")
UNKNOWN_COLOURS = phrase("the colours of the image are of a kind that is not drawn")

REASONS = (NO_PIXEL_DATA, INCOMPLETE, CANNOT_DECODE, NO_DECODER, TOO_LARGE, UNKNOWN_COLOURS)

MAX_SAMPLES = 64_000_000

_PIXELS = {
    "PixelData": 0x7FE00010,
    "FloatPixelData": 0x7FE00008,
    "DoubleFloatPixelData": 0x7FE00009,
}
_BITS = {"PixelData": (1, 8, 16, 32, 64), "FloatPixelData": (32,), "DoubleFloatPixelData": (64,)}

# JPEG, JPEG-LS and JPEG 2000 all end a code stream with this; some writers pad it with ones.
_END_OF_IMAGE = b"\xff\xd9"
_PADDING = b"\x00\xff"

# What pydicom does not know by name yet (PS3.6 table A-1).
_NEWER_SYNTAXES = {
    "1.2.840.10008.1.2.4.110": "JPEG XL Lossless",
    "1.2.840.10008.1.2.4.111": "JPEG XL JPEG Recompression",
    "1.2.840.10008.1.2.4.112": "JPEG XL",
    "1.2.840.10008.1.2.8.1": "Deflated Image Frame Compression",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Crop:
    """The part of an image that is shown: its top-left corner and size, in pixels of that image."""

    left: int
    top: int
    width: int
    height: int


class Undrawable(Exception):
    """There is no picture of a frame; the reason is one of `REASONS`, with more for a note."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason, self.detail = reason, detail
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Frame:
    """Stored values, (rows, columns) or (rows, columns, 3) for RGB, and the header they are under.

    `photometric_interpretation` is that of the array: decoding may change the colour space.
    `is_cut` where values had more bits than the header says are stored, which were taken off.
    """

    samples: NDArray[Any]
    data_set: Dataset
    photometric_interpretation: str
    bits_stored: int
    is_cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """How samples are stored (PS3.3 section C.7.6.3.1), as far as it makes sense."""

    keyword: str
    vr: str
    is_encapsulated: bool
    syntax: str
    frames: int
    rows: int
    columns: int
    samples_per_pixel: int
    photometric_interpretation: str
    planar_configuration: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    is_signed: bool

    @property
    def frame_samples(self) -> int:
        """How many samples of a frame are stored where it is not compressed."""
        samples = self.rows * self.columns * self.samples_per_pixel
        is_subsampled = self.photometric_interpretation == "YBR_FULL_422"
        return samples // 3 * 2 if is_subsampled else samples

    def options(self, frames: int, **more: Any) -> dict[str, Any]:
        """What a decoder of pydicom wants to know."""
        return more | {
            "rows": self.rows,
            "columns": self.columns,
            "samples_per_pixel": self.samples_per_pixel,
            "photometric_interpretation": self.photometric_interpretation,
            "planar_configuration": self.planar_configuration,
            "bits_allocated": self.bits_allocated,
            "bits_stored": self.bits_stored,
            "pixel_representation": int(self.is_signed),
            "number_of_frames": frames,
            "pixel_keyword": self.keyword,
        }


class _Value:
    """The value of an element as a stream of its own, read where it lies, and no further."""

    def __init__(self, stream: BinaryIO, extent: Extent) -> None:
        self._stream = stream
        self._start = extent.start
        self.length = extent.end - extent.start
        self.seek(0)

    def read(self, size: int = -1, /) -> bytes:
        """So many bytes, or as many as there are."""
        left = max(0, self.length - self.tell())
        return self._stream.read(left if size < 0 else min(size, left))

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """The place that is read from next, counted from the start of the value."""
        from_start = {io.SEEK_SET: 0, io.SEEK_CUR: self.tell(), io.SEEK_END: self.length}
        return self._stream.seek(self._start + from_start[whence] + offset) - self._start

    def tell(self) -> int:
        """Where that is."""
        return self._stream.tell() - self._start


def read_frame(file: bytes | BinaryIO, number: int) -> Frame:
    """The frame of this number, from 1 on, of a DICOM file: its bytes, or a stream of them.

    Of a stream no other frame is read. Raises as `Frames`.
    """
    return Frames(file).read(number, 1)[0]


class Frames:
    """The frames of a DICOM file whose header is read once: of its bytes, a stream of them, or that header.

    Raises Undrawable where a frame cannot be decoded, whole and for certain, MachineFailed, and what
    refuses an image whose stream can no longer be read.
    """

    def __init__(self, file: bytes | BinaryIO | HeaderAndPixels) -> None:
        with _undrawable():
            if isinstance(file, HeaderAndPixels):
                header = file
            else:
                header = read_header(io.BytesIO(file) if isinstance(file, bytes) else file)
            element = _pixel_element(header)
            self._layout = _layout(header, element)
            self._value = _Value(header.stream, element.extent)
            self.data_set = header.data_set

    def __len__(self) -> int:
        return self._layout.frames

    @property
    def bits_allocated(self) -> int:
        """The bits that a sample takes where it is not compressed; 1 where eight fill a byte."""
        return self._layout.bits_allocated

    def read(self, first: int, count: int) -> list[Frame]:
        """So many frames from this number on, which is 1 for the first."""
        with _undrawable():
            return _decoded(
                self.data_set, self._value, self._layout, range(first - 1, first - 1 + count)
            )


@contextmanager
def _undrawable() -> Iterator[None]:
    """Everything that can go wrong with the bytes of others, by its reason."""
    with quiet_pydicom():
        try:
            yield
        except MemoryError:
            raise Undrawable(TOO_LARGE) from None
        except (Undrawable, HosrError):
            raise
        except UnusableFile:
            raise Undrawable(INCOMPLETE) from None
        except Exception:  # noqa: BLE001 (pydicom throws of every kind on damaged files)
            raise Undrawable(CANNOT_DECODE) from None


def _pixel_element(header: HeaderAndPixels) -> PixelElement:
    """The pixel data that count, and are not empty."""
    elements = {each.tag: each for each in header.pixels if each.extent.end > each.extent.start}
    element = next((elements[tag] for tag in _PIXELS.values() if tag in elements), None)
    if element is None:
        raise Undrawable(NO_PIXEL_DATA)
    return element


def _layout(header: HeaderAndPixels, element: PixelElement) -> _Layout:
    data_set = header.data_set
    allocated = int(data_set.BitsAllocated)
    stored = int(data_set.get("BitsStored") or allocated)
    layout = _Layout(
        keyword=next(name for name, tag in _PIXELS.items() if tag == element.tag),
        vr="OB" if element.vr == "OB" else "OW",
        is_encapsulated=element.is_encapsulated,
        syntax=header.transfer_syntax,
        frames=int(data_set.get("NumberOfFrames") or 1),
        rows=int(data_set.Rows),
        columns=int(data_set.Columns),
        samples_per_pixel=int(data_set.get("SamplesPerPixel") or 1),
        photometric_interpretation=str(data_set.PhotometricInterpretation).strip(" \0").upper(),
        planar_configuration=int(data_set.get("PlanarConfiguration") or 0),
        bits_allocated=allocated,
        bits_stored=stored,
        high_bit=_or(data_set.get("HighBit"), stored - 1),
        is_signed=_or(data_set.get("PixelRepresentation"), 0) == 1,
    )
    _require_sensible(layout)
    return layout


def _or(value: Any, default: int) -> int:
    return default if value in (None, "") else int(value)


def _require_sensible(layout: _Layout) -> None:
    if layout.rows * layout.columns * layout.samples_per_pixel > MAX_SAMPLES:
        raise Undrawable(TOO_LARGE)
    fits = (
        layout.bits_allocated in _BITS[layout.keyword]
        and 1 <= layout.bits_stored <= layout.high_bit + 1 <= layout.bits_allocated
        and min(layout.rows, layout.columns, layout.frames) >= 1
        and layout.samples_per_pixel in (1, 3)
        and layout.planar_configuration in (0, 1)
    )
    if not fits:
        raise Undrawable(CANNOT_DECODE)


def _decoded(data_set: Dataset, value: _Value, layout: _Layout, indices: range) -> list[Frame]:
    if indices.stop > layout.frames:
        raise Undrawable(INCOMPLETE)
    syntax = UID(layout.syntax)
    if syntax in DECODABLE:
        encoded = [_encoded(data_set, value, layout, index) for index in indices]
        decoded = _apart(decode_alike(encoded))
    elif syntax == RLELossless:
        decoded = [_run_lengths(data_set, value, layout, index) for index in indices]
    elif syntax.is_transfer_syntax and not syntax.is_encapsulated and not layout.is_encapsulated:
        decoded = [_native(value, layout, index) for index in indices]
    else:
        raise Undrawable(NO_DECODER, _compression(syntax))
    return [_frame(data_set, layout, packed, colours) for packed, colours in decoded]


def _apart(decoded: Decoded | None) -> list[Decoded]:
    if decoded is None:
        raise Undrawable(CANNOT_DECODE)
    return [(samples, decoded[1]) for samples in decoded[0]]


def _frame(data_set: Dataset, layout: _Layout, packed: NDArray[Any], colours: str) -> Frame:
    shape = (layout.rows, layout.columns, 3)[: 2 if layout.samples_per_pixel == 1 else 3]
    if packed.shape != shape:
        raise Undrawable(CANNOT_DECODE)
    samples = packed if UID(layout.syntax) in DECODABLE else _unpacked(packed, layout)
    is_cut = _is_cut(packed, samples, layout) and not _has_overlays(data_set)
    return Frame(samples, data_set, colours, layout.bits_stored, is_cut)


def _is_cut(packed: NDArray[Any], samples: NDArray[Any], layout: _Layout) -> bool:
    """Whether values lost bits above those stored; negative ones may have their sign there."""
    if packed is samples or layout.is_signed or layout.high_bit != layout.bits_stored - 1:
        return False
    return not np.array_equal(packed, samples)


def _has_overlays(data_set: Dataset) -> bool:
    """Whether the header says that overlays are in the cells of pixels, as files of old have them."""
    tags = map(int, data_set.keys())
    return any(tag >> 16 & 0xFF01 == 0x6000 and tag & 0xFFFF == 0x0102 for tag in tags)


def _compression(syntax: UID) -> str:
    """What the standard calls a transfer syntax, and what to do about it."""
    name = _NEWER_SYNTAXES.get(syntax, syntax.name)
    name = f"transfer syntax {syntax}" if name == syntax else name
    return f"{name}; fetch the image as Explicit VR Little Endian, or have it decompressed"


def _native(value: _Value, layout: _Layout, index: int) -> Decoded:
    """Later frames may be missing, and then this one is whole all the same."""
    bits = layout.frame_samples * layout.bits_allocated
    if value.length * 8 < (index + 1) * bits:
        raise Undrawable(INCOMPLETE)
    # Words of 16 bits are kept whole: a frame may end within one.
    first = index - index % (16 // math.gcd(bits, 16))
    frames = index + 1 - first
    value.seek(first * bits // 8)
    samples, properties = get_decoder(UID(layout.syntax)).as_array(
        value.read(-(-frames * bits // 16) * 2),
        index=index - first,
        **layout.options(frames, pixel_vr=layout.vr, correct_unused_bits=False),
    )
    return samples, str(properties["photometric_interpretation"])


def _run_lengths(data_set: Dataset, value: _Value, layout: _Layout, index: int) -> Decoded:
    """By pydicom itself, which is not C and refuses what is too short."""
    samples, properties = get_decoder(RLELossless).as_array(
        encapsulate([_fragments(data_set, value, layout, index)]),
        index=0,
        decoding_plugin="pydicom",
        **layout.options(1, correct_unused_bits=False),
    )
    return samples, str(properties["photometric_interpretation"])


def _encoded(data_set: Dataset, value: _Value, layout: _Layout, index: int) -> Encoded:
    stream = unboxed(_fragments(data_set, value, layout, index)).rstrip(_PADDING)
    if not stream.endswith(_END_OF_IMAGE):
        raise Undrawable(INCOMPLETE)
    size = size_of(stream)
    expected = (layout.rows, layout.columns, layout.samples_per_pixel)
    if size is None or (size.rows, size.columns, size.components) != expected:
        raise Undrawable(CANNOT_DECODE)
    most = 12 if layout.syntax == JPEGExtended12Bit else layout.bits_allocated
    if size.precision > most:
        raise Undrawable(CANNOT_DECODE)
    return Encoded(syntax=layout.syntax, stream=stream, options=layout.options(1))


def _fragments(data_set: Dataset, value: _Value, layout: _Layout, index: int) -> bytes:
    """The code stream of one frame (PS3.5 section A.4)."""
    offsets = data_set.get("ExtendedOffsetTable"), data_set.get("ExtendedOffsetTableLengths")
    try:
        return get_frame(
            value,
            index,
            number_of_frames=layout.frames,
            extended_offsets=offsets if all(offsets) else None,
        )
    except ValueError:
        raise Undrawable(INCOMPLETE) from None


def _unpacked(samples: NDArray[Any], layout: _Layout) -> NDArray[Any]:
    """Samples without what else may be in their cells: overlays, in files of old."""
    above = layout.bits_allocated - 1 - layout.high_bit
    below = layout.high_bit + 1 - layout.bits_stored
    is_packed = samples.dtype.kind in "iu" and layout.bits_allocated > 1 and (above or below)
    return (samples << above) >> (above + below) if is_packed else samples
