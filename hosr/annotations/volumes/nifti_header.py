"""The header of a NIfTI file, before anything behind it is inflated: how large, where, and in which unit.

Everything that is believed later is bounded here: a file of 100 kB may unpack to terabytes, but no
more of it is unpacked than its header says that there is, and that is looked at first (nifti1.h,
nifti2.h: https://nifti.nimh.nih.gov).
"""

from __future__ import annotations

import gzip
import math
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import numpy as np

from hosr.annotations.volumes.stacks import is_sheared
from hosr.errors import Fault, RecordRefused, UsageError
from hosr.intake.record.json_text import refusing_unreadable

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from hosr.annotations.account import Account

MOST_CELLS = 1 << 29
_MOST_EXTENSION_BYTES = 8 << 20

_GZIP = b"\x1f\x8b"
_SINGLE_MARKS = (b"n+1", b"n+2")
_MM_OF_UNIT = {0: 1.0, 1: 1000.0, 2: 1.0, 3: 0.001}
_TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
# As far as the two placements of a file may be apart without a word: a hundredth of a pixel.
_SAME_MM = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class NiftiHeader:
    """What a NIfTI file holds, and where: (i, j, k, 1) -> LPS mm, at the centres of voxels.

    Values are stored times `slope` plus `intercept`; `extensions` are those of any code.
    """

    shape: tuple[int, int, int]
    dtype: np.dtype[Any]
    offset: int
    slope: float
    intercept: float
    to_patient_mm: tuple[tuple[float, ...], ...]
    extensions: tuple[bytes, ...]

    @property
    def is_scaled(self) -> bool:
        """Whether values are others than those stored."""
        return (self.slope, self.intercept) != (1.0, 0.0)


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The content of a NIfTI file, unpacked as it is read; `RecordRefused` where it ends too early."""
    with refusing_unreadable(path.name), path.open("rb") as file:
        is_packed = file.read(2) == _GZIP
        file.seek(0)
        try:
            yield cast("BinaryIO", gzip.GzipFile(fileobj=file)) if is_packed else file
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise _refused(path, "is truncated or damaged", "copy or export it again") from None


def read_exactly(stream: BinaryIO, count: int) -> bytes:
    """So many bytes; EOFError where there are fewer."""
    content = stream.read(count)
    if len(content) < count:
        raise EOFError
    return content


def read_nifti_header(path: Path, account: Account) -> NiftiHeader:
    """The header of a file; what it leaves open is told.

    Raises `RecordRefused` for what is no volume of numbers in a known place, and `UsageError` where
    nibabel is not installed.
    """
    try:
        import nibabel.nifti1
        import nibabel.nifti2
        from nibabel.spatialimages import HeaderDataError
    except ImportError:
        problem = "NIfTI is read with nibabel, which is not installed"
        raise UsageError(Fault("hosr import", problem, "install hosr[masks]")) from None
    kinds: dict[int, Any] = {
        348: nibabel.nifti1.Nifti1Header,
        540: nibabel.nifti2.Nifti2Header,
    }
    with opened(path) as stream:
        begin = read_exactly(stream, 4)
        size = next((n for n in kinds if n.to_bytes(4, "little") in (begin, begin[::-1])), 0)
        if not size:
            raise _refused(path, "is no NIfTI file", "export it again")
        content = begin + read_exactly(stream, size - 4)
        try:
            # Its own check would tell on stderr what it mends.
            header = kinds[size](content, check=False)
            shape, dtype, offset = _checked(path, header)
            matrix = _placement(path, header, shape, account)
            slope, intercept = header.get_slope_inter()
        except (HeaderDataError, ArithmeticError, LookupError, TypeError, ValueError):
            raise _refused(
                path, "has a header that contradicts itself", "export it again"
            ) from None
        extensions = tuple(_extensions(stream, size, offset, path))
    return NiftiHeader(
        shape=shape,
        dtype=dtype,
        offset=offset,
        slope=1.0 if slope is None else float(slope),
        intercept=0.0 if intercept is None else float(intercept),
        to_patient_mm=matrix,
        extensions=extensions,
    )


def _checked(path: Path, header: Any) -> tuple[tuple[int, int, int], np.dtype[Any], int]:
    if bytes(header["magic"].item())[:3] not in _SINGLE_MARKS:
        problem = "is the header of a pair of files (.hdr and .img)"
        raise _refused(path, problem, "save it as one file (.nii or .nii.gz)")
    sizes = [int(each) for each in header.get_data_shape()]
    while len(sizes) > 3 and sizes[-1] == 1:
        sizes.pop()
    if len(sizes) > 3:
        problem = f"has {len(sizes)} dimensions ({' x '.join(map(str, sizes))})"
        raise _refused(path, problem, "save one label map, or one file for each class")
    shape = tuple((*sizes, 1, 1)[:3])
    if not sizes or min(shape) < 1 or math.prod(shape) > MOST_CELLS:
        problem = f"has a size of {' x '.join(map(str, shape))} voxels"
        raise _refused(path, problem, "cut the volume to the hips")
    dtype = header.get_data_dtype()
    if dtype.kind not in "iuf" or dtype.itemsize > 8:
        problem = "holds colours or complex numbers, and no labels"
        raise _refused(path, problem, "save the label map as whole numbers")
    offset = int(header["vox_offset"])
    if not header["sizeof_hdr"] <= offset <= _MOST_EXTENSION_BYTES:
        raise _refused(path, "does not say where its voxels begin", "export it again")
    return cast("tuple[int, int, int]", shape), dtype, offset


def _extensions(stream: BinaryIO, position: int, end: int, path: Path) -> Iterator[bytes]:
    """The extensions behind the header (nifti1.h, struct nifti1_extension), if it says that there are any."""
    content = read_exactly(stream, end - position)
    if len(content) < 4 or not content[0]:
        return
    place = 4
    while place + 8 <= len(content):
        length = int.from_bytes(content[place : place + 4], "little")
        if length > len(content) - place:
            length = int.from_bytes(content[place : place + 4], "big")
        if not 8 <= length <= len(content) - place:
            if content[place:].strip(b"\0"):
                raise _refused(path, "has a damaged extension of its header", "export it again")
            return
        yield content[place + 8 : place + length]
        place += length


def _placement(
    path: Path, header: Any, shape: tuple[int, int, int], account: Account
) -> tuple[tuple[float, ...], ...]:
    """Where voxels lie, by the sform before the qform; a file without either is refused."""
    sform = header.get_sform() if int(header["sform_code"]) > 0 else None
    try:
        qform = header.get_qform() if int(header["qform_code"]) > 0 else None
    except ValueError:
        qform = None
    affine = sform if sform is not None else qform
    if affine is None:
        problem = "does not say where it lies in the patient (neither sform nor qform)"
        raise _refused(path, problem, "export it with its affine, in the space of the images")
    _tell_difference(path, sform, qform, shape, account)
    unit = int(header["xyzt_units"]) & 0x07
    if unit not in _MM_OF_UNIT:
        raise _refused(path, "has lengths in an unknown unit", "export it in millimetres")
    if not unit:
        account.assume(path.name, "its lengths are millimetres: it names no unit")
    scaled = np.diag([*[_MM_OF_UNIT[unit]] * 3, 1.0]) @ affine
    matrix = (_TO_LPS @ scaled)[:3]
    edges = np.linalg.norm(matrix[:, :3], axis=0)
    is_usable = np.isfinite(matrix).all() and edges.min() > 1e-3 and edges.max() < 100
    if not is_usable or abs(np.linalg.det(matrix[:, :3] / edges)) < 0.01:
        raise _refused(path, "has voxels of no size in the patient", "export it again")
    if is_sheared(matrix):
        problem = "has voxels that are no boxes: its axes are at an angle"
        raise _refused(path, problem, "resample it to a grid at right angles")
    return tuple(tuple(float(each) for each in row) for row in matrix)


def _tell_difference(
    path: Path,
    sform: NDArray[np.float64] | None,
    qform: NDArray[np.float64] | None,
    shape: tuple[int, int, int],
    account: Account,
) -> None:
    if sform is None or qform is None:
        return
    corners = np.array([[i, j, k, 1] for i in (0, 1) for j in (0, 1) for k in (0, 1)], float)
    corners[:, :3] *= np.array(shape) - 1
    apart = float(np.linalg.norm(corners @ (sform - qform)[:3].T, axis=1).max())
    if apart > _SAME_MM:
        words = f"lies where its sform says; its qform puts it up to {apart:.1f} mm elsewhere"
        account.assume(path.name, words)


def _refused(path: Path, problem: str, remedy: str) -> RecordRefused:
    return RecordRefused(Fault(path.name, problem, remedy))
