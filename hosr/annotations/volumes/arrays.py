"""Arrays of NumPy: the probabilities that nnU-Net saves, and flat arrays, which belong to a picture.

An array does not say where it lies. Probabilities (`--save_probabilities`: key `probabilities`, of
version 1 `softmax`; class, z, y, x) have their place from the NIfTI file that nnU-Net writes beside them.
Its third file (.pkl) is a program, and never read; neither are objects in an array.
"""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import numpy as np

from hosr.annotations.pictures.label_maps import read_flat
from hosr.annotations.sidecars import grid_of, grids_of
from hosr.annotations.sources import Label, Mask, Source, VoxelGrid
from hosr.annotations.volumes.agreement import check_masks
from hosr.annotations.volumes.boxes import Boxes
from hosr.annotations.volumes.label_names import names_beside
from hosr.annotations.volumes.nifti_header import MOST_CELLS, read_exactly, read_nifti_header
from hosr.errors import Fault, RecordRefused
from hosr.intake.record.json_text import refusing_unreadable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hosr.annotations.context import Context

_KEYS = ("probabilities", "softmax")
_MAGIC = b"\x93NUMPY"
_SUFFIX = ".npy"
_MOST_MEMBERS, _MOST_CLASSES = 256, 64
_MOST_BYTES = 8 << 30
_MOST_FLAT_CELLS = 64_000_000
_SLAB_CELLS = 4_000_000
_NEARLY = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Array:
    """What the header of an array says of it (numpy.lib.format)."""

    key: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    by_columns: bool

    @property
    def told(self) -> str:
        return " x ".join(map(str, self.shape))


def read(path: Path, context: Context) -> Source:
    """The masks in a file of arrays.

    Raises `RecordRefused` for arrays without a place, of objects, too large or damaged.
    """
    with _refusing_damaged(path):
        arrays = _headers(path)
        for array in arrays.values():
            _require_numbers(path, array)
        probable = next((arrays[key] for key in _KEYS if key in arrays), None)
        if probable is not None and len(probable.shape) == 4:
            return _probabilities(path, probable, context)
        volume = next((each for each in arrays.values() if len(each.shape) != 2), None)
        if volume is not None:
            problem = f"holds an array of {volume.told}, which does not say where it lies"
            raise _refused(path, problem, "save the label map as NIfTI, with its affine")
        flat = {key: _whole(path, array) for key, array in arrays.items()}
    return read_flat(path, flat, context)


@contextmanager
def _refusing_damaged(path: Path) -> Iterator[None]:
    with refusing_unreadable(path.name):
        try:
            yield
        except (EOFError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError):
            raise _refused(path, "is truncated or damaged", "copy or export it again") from None


@contextmanager
def _member(path: Path, key: str) -> Iterator[IO[bytes]]:
    """The file of an array, in its archive or by itself (key "")."""
    if not key:
        with path.open("rb") as file:
            yield file
        return
    with zipfile.ZipFile(path) as archive, archive.open(key + _SUFFIX) as file:
        yield file


def _headers(path: Path) -> Mapping[str, _Array]:
    with path.open("rb") as file:
        is_single = file.read(len(_MAGIC)) == _MAGIC
    if is_single:
        names = [""]
    else:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
        if not all(name.endswith(_SUFFIX) for name in names):
            raise _refused(path, "holds other files than arrays", "save the arrays alone")
        names = [name.removesuffix(_SUFFIX) for name in names]
    if not names or len(names) > _MOST_MEMBERS or len(set(names)) < len(names):
        raise _refused(path, f"holds {len(names)} arrays", "save the label map as NIfTI or PNG")
    found = {}
    for name in names:
        with _member(path, name) as file:
            found[name] = _header(path, name, file)
    return found


def _header(path: Path, key: str, file: IO[bytes]) -> _Array:
    try:
        version = np.lib.format.read_magic(file)
        read_header = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, by_columns, dtype = read_header(file)
    except (LookupError, SyntaxError, TypeError, ValueError):
        raise _refused(path, f"is no array of NumPy{_in(key)}", "save it again") from None
    return _Array(key=key, shape=shape, dtype=dtype, by_columns=by_columns)


def _require_numbers(path: Path, array: _Array) -> None:
    if array.dtype.hasobject:
        problem = f"holds objects of Python{_in(array.key)}, which are never loaded"
        raise _refused(path, problem, "save the numbers alone")
    if array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:
        problem = f"holds values of the type {array.dtype}{_in(array.key)}"
        raise _refused(path, problem, "save the label map as whole numbers")
    if min(array.shape, default=0) < 1:
        raise _refused(path, f"holds an array without a value{_in(array.key)}", "save it again")


def _whole(path: Path, array: _Array) -> NDArray[Any]:
    """A flat array."""
    count = math.prod(array.shape)
    if count > _MOST_FLAT_CELLS:
        raise _refused(path, f"holds an array of {array.told}", "cut it to the image")
    with _member(path, array.key) as file:
        _header(path, array.key, file)
        content = read_exactly(cast("Any", file), count * array.dtype.itemsize)
    values = np.frombuffer(content, array.dtype)
    return values.reshape(array.shape, order="F" if array.by_columns else "C")


def _probabilities(path: Path, array: _Array, context: Context) -> Source:
    classes, size = array.shape[0], array.shape[1:]
    cells = math.prod(size)
    is_large = cells > MOST_CELLS or classes > _MOST_CLASSES
    if is_large or classes * cells * array.dtype.itemsize > _MOST_BYTES:
        problem = f"holds probabilities of {array.told}"
        raise _refused(path, problem, "cut the volume to the hips")
    if array.dtype.kind != "f" or array.by_columns:
        problem = f"holds {array.key} of the type {array.dtype} in an order of its own"
        raise _refused(path, problem, "save them as nnU-Net does")
    grid = _grid_beside(path, array, context)
    named = names_beside(path, context.account)
    labels = {n: Label(name=named.get(n, ""), number=n) for n in range(1, classes)}
    wanted = {number for number, label in labels.items() if context.labels.takes(label)}
    boxes = Boxes(path.name, axis=0)
    for number, start, values in _slabs(path, array, max(wanted, default=0)):
        if number in wanted:
            boxes.add(number, _checked(path, values), start)
    words = f"probabilities of {classes - 1} classes, {array.told}"
    context.account.take(path.name, words)
    masks = []
    for number, label in labels.items():
        origin, occupancy = boxes.take(number)
        masks.append(
            Mask(
                label=label,
                place=f"{path.name}, class {number}",
                grid=grid,
                origin=origin,
                occupancy=occupancy,
                is_probability=True,
            )
        )
    kind = "probabilities of nnU-Net"
    return Source(name=path.name, kind=kind, masks=check_masks(masks, path.name, context))


def _grid_beside(path: Path, array: _Array, context: Context) -> VoxelGrid:
    """The grid of the NIfTI file of the same stem; its axes are those of the array, backwards."""
    found = grid_of(path)
    if found is None:
        problem = "holds probabilities, and does not say where they lie"
        remedy = f"put {grids_of(path)[0].name}, which nnU-Net wrote with it, beside it"
        raise _refused(path, problem, remedy)
    header = read_nifti_header(found, context.account)
    size = array.shape[1:]
    if header.shape[::-1] != size:
        problem = f"holds probabilities of {array.told}, and {found.name} "
        problem += f"{' x '.join(map(str, header.shape[::-1]))} voxels"
        remedy = "predict with nnU-Net 2, which does not crop its probabilities"
        raise _refused(path, problem, remedy)
    matrix = tuple((row[2], row[1], row[0], row[3]) for row in header.to_patient_mm)
    context.account.take(path.name, f"lies where {found.name} says")
    return VoxelGrid(shape=(size[0], size[1], size[2]), to_patient_mm=matrix)


def _slabs(
    path: Path, array: _Array, last: int
) -> Iterator[tuple[int, int, NDArray[np.floating[Any]]]]:
    """The classes up to the last one that is asked for, in slabs: class, first slice, values."""
    slices, rows, columns = array.shape[1:]
    thick = max(1, _SLAB_CELLS // (rows * columns))
    with _member(path, array.key) as file:
        _header(path, array.key, file)
        for number in range(last + 1):
            for start in range(0, slices, thick):
                shape = (min(thick, slices - start), rows, columns)
                count = math.prod(shape) * array.dtype.itemsize
                content = read_exactly(cast("Any", file), count)
                yield number, start, np.frombuffer(content, array.dtype).reshape(shape)


def _checked(path: Path, values: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    least, most = float(values.min()), float(values.max())
    if not (least >= -_NEARLY and most <= 1 + _NEARLY):
        problem = f"holds values of {least:g} to {most:g}, which are no probabilities"
        raise _refused(path, problem, "save the probabilities, behind the softmax")
    found: NDArray[np.float32] = np.clip(values, 0, 1).astype(np.float32)
    return found


def _in(key: str) -> str:
    return f" in {key}" if key else ""


def _refused(path: Path, problem: str, remedy: str) -> RecordRefused:
    return RecordRefused(Fault(path.name, problem, remedy))
