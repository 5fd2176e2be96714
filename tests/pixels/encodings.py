"""One picture in every transfer syntax, written by the encoders at hand."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import gdcm  # type: ignore[import-untyped]
import numpy as np
from PIL import Image
from pydicom import uid
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels.utils import compress

from hosr.dicom.elements import unvalidated_pydicom
from tests.intake.dicom_files import encoded, radiograph

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from pydicom import Dataset

__all__ = ["NATIVE", "NEAR", "encapsulated", "film_of", "gdcm_file", "pattern", "syntax_file"]

NATIVE = (
    uid.ImplicitVRLittleEndian,
    uid.ExplicitVRLittleEndian,
    uid.DeflatedExplicitVRLittleEndian,
    uid.ExplicitVRBigEndian,
)

_GDCM = {
    uid.JPEGLossless: gdcm.TransferSyntax.JPEGLosslessProcess14,
    uid.JPEGLosslessSV1: gdcm.TransferSyntax.JPEGLosslessProcess14_1,
    uid.JPEGExtended12Bit: gdcm.TransferSyntax.JPEGExtendedProcess2_4,
    uid.JPEGLSLossless: gdcm.TransferSyntax.JPEGLSLossless,
    uid.JPEGLSNearLossless: gdcm.TransferSyntax.JPEGLSNearLossless,
}

# The most by which a sample of near-lossless JPEG-LS differs from the one that was packed.
NEAR = 3


def pattern(rows: int = 48, columns: int = 64, bits: int = 12) -> NDArray[np.uint16]:
    """Slopes, a bright square and some noise, from the least to the greatest value."""
    row, column = np.mgrid[0:rows, 0:columns]
    most = (1 << bits) - 1
    values = (row + 2 * column) / (rows + 2 * columns) * most
    values += np.random.default_rng(3).normal(0, most / 200, values.shape)
    values[rows // 4 : rows // 2, columns // 8 : columns // 4] = most
    values[0, 0] = 0
    pixels: NDArray[np.uint16] = values.round().clip(0, most).astype(np.uint16)
    return pixels


def film_of(pixels: NDArray[Any], bits: int = 12, **changes: Any) -> Dataset:
    """A film with these pixels, as they are, in cells of their own size."""
    allocated = 8 * pixels.dtype.itemsize
    plain = {
        "Rows": pixels.shape[0],
        "Columns": pixels.shape[1],
        "BitsAllocated": allocated,
        "BitsStored": bits,
        "HighBit": bits - 1,
        "PixelRepresentation": int(pixels.dtype.kind == "i"),
        "PixelData": pixels.tobytes() + b"\0" * (pixels.nbytes % 2),
    }
    with unvalidated_pydicom():
        return radiograph(**{**plain, **changes})


def encapsulated(image: Dataset, syntax: str, *streams: bytes) -> bytes:
    """The file of an image whose frames are these code streams."""
    image.PixelData = encapsulate(list(streams))
    image["PixelData"].VR = "OB"
    image["PixelData"].is_undefined_length = True
    return encoded(image, syntax)


def syntax_file(
    pixels: NDArray[Any], syntax: str, folder: Path, bits: int = 12, **changes: Any
) -> bytes:
    """The file of a film in a transfer syntax; `folder` is for encoders that work on files."""
    image = film_of(pixels, bits, **changes)
    if syntax == uid.ExplicitVRBigEndian:
        image.PixelData = pixels.astype(pixels.dtype.newbyteorder(">")).tobytes()
    if syntax in NATIVE:
        return encoded(image, syntax)
    if syntax in _GDCM:
        return gdcm_file(encoded(image), syntax, folder)
    if syntax in (uid.JPEG2000Lossless, uid.JPEG2000):
        lossy = {"irreversible": True, "quality_mode": "rates", "quality_layers": [4]}
        more = lossy if syntax == uid.JPEG2000 else {"irreversible": False}
        return encapsulated(image, syntax, _saved(pixels, "JPEG2000", no_jp2=True, **more))
    if syntax == uid.JPEGBaseline8Bit:
        return encapsulated(image, syntax, _saved(pixels.astype(np.uint8), "JPEG", quality=95))
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    compress(image, uid.UID(syntax), generate_instance_uid=False)
    return encoded(image, syntax)


def gdcm_file(content: bytes, syntax: str, folder: Path) -> bytes:
    """The file as GDCM compresses it."""
    plain, packed = folder / "plain.dcm", folder / "packed.dcm"
    plain.write_bytes(content)
    reader, change, writer = (
        gdcm.ImageReader(),
        gdcm.ImageChangeTransferSyntax(),
        gdcm.ImageWriter(),
    )
    reader.SetFileName(str(plain))
    assert reader.Read()
    change.SetTransferSyntax(gdcm.TransferSyntax(_GDCM[uid.UID(syntax)]))
    if syntax == uid.JPEGLSNearLossless:
        codec = gdcm.JPEGLSCodec()
        codec.SetLossless(False)
        codec.SetLossyError(NEAR)
        change.SetUserCodec(codec)
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    writer.SetFileName(str(packed))
    assert writer.Write()
    return packed.read_bytes()


def _saved(pixels: NDArray[Any], kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind, **options)
    return stream.getvalue()
