"""A NIfTI file: a map of labels, or one class in voxels that are filled or probable (0 to 1).

Its coordinates are RAS and become LPS. Numbers of a map have their names in the file's extension, or
beside it; a file of one class is named by its stem (`hip_left.nii.gz`). What is read is never more than
a slab of the volume, and what is kept are the boxes of labels with a role.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from hosr.annotations.roles import Role
from hosr.annotations.sources import Label, Mask, Source, VoxelGrid
from hosr.annotations.volumes.agreement import check_masks
from hosr.annotations.volumes.boxes import Boxes
from hosr.annotations.volumes.label_names import MOST_LABELS, names_beside, names_in
from hosr.annotations.volumes.nifti_header import (
    NiftiHeader,
    opened,
    read_exactly,
    read_nifti_header,
)
from hosr.errors import Fault, RecordRefused

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from hosr.annotations.context import Context

_SLAB_CELLS = 4_000_000
_MOST_NUMBER = 65_535
# What fills a voxel in a file of one class.
_FULL = frozenset({1, 255})
# Interpolation leaves probabilities a little outside of 0 to 1.
_NEARLY = 1e-3


class _NotWhole(Exception):
    """Numbers that are no labels."""


def read(path: Path, context: Context) -> Source:
    """The masks of a NIfTI file.

    Raises `RecordRefused` for a file that is damaged, is no map of labels or probabilities, or does not
    say where it lies; and `UsageError` where nibabel is not installed.
    """
    header = read_nifti_header(path, context.account)
    grid = VoxelGrid(shape=header.shape, to_patient_mm=header.to_patient_mm)
    masks = _read_masks(path, header, grid, context)
    return Source(
        name=path.name,
        kind="NIfTI",
        masks=check_masks(masks, path.name, context),
    )


def _read_masks(path: Path, header: NiftiHeader, grid: VoxelGrid, context: Context) -> list[Mask]:
    named = names_in(header.extensions) or names_beside(path, context.account)
    single = Label(name=stem_of(path))
    if not named and context.labels.role_of(single) is Role.IGNORE:
        # One of a hundred files of a program that writes one for each class.
        return [_mask(path, single, Boxes(path.name, axis=2).take(0), grid)]
    try:
        return _label_map(path, header, grid, named, context)
    except _NotWhole:
        return [_probability(path, header, grid, context)]


def stem_of(path: Path) -> str:
    """The name of a file without what says that it is NIfTI."""
    return path.name.removesuffix(".gz").removesuffix(".nii")


def _slabs(path: Path, header: NiftiHeader) -> Iterator[tuple[int, NDArray[Any]]]:
    """The values of slabs along k, as stored where they are not scaled."""
    columns, rows, slices = header.shape
    thick = max(1, _SLAB_CELLS // (columns * rows))
    with opened(path) as stream:
        stream.seek(header.offset)
        for start in range(0, slices, thick):
            shape = (columns, rows, min(thick, slices - start))
            content = read_exactly(stream, math.prod(shape) * header.dtype.itemsize)
            values = np.frombuffer(content, header.dtype).reshape(shape, order="F")
            if header.is_scaled:
                values = values * header.slope + header.intercept
            yield start, values


def _label_map(
    path: Path, header: NiftiHeader, grid: VoxelGrid, named: Mapping[int, str], context: Context
) -> list[Mask]:
    single = Label(name=stem_of(path), number=None)
    boxes = Boxes(path.name, axis=2)
    present: set[int] = set()
    for start, values in _slabs(path, header):
        numbers = _whole(values, path, context)
        flat = numbers.ravel(order="K")
        # Most is background, and counting takes ten times as long as leaving it out.
        found = [int(number) for number in np.flatnonzero(np.bincount(flat[flat != 0]))]
        present.update(found)
        if len(present) > MOST_LABELS:
            problem = f"holds more than {MOST_LABELS} different numbers"
            raise _refused(path, problem, _give_map(context))
        for number in found:
            label = Label(name=named.get(number, ""), number=number)
            is_single = not named and number in _FULL and context.labels.takes(single)
            if is_single or context.labels.takes(label):
                boxes.add(number, numbers == number, start)
    if header.dtype.kind == "f":
        words = "its numbers are whole though written as decimal ones: taken as labels"
        context.account.assume(path.name, words)
    labels = _labels_of(path, named, present, context)
    context.account.take(path.name, f"NIfTI: {_counted(labels)}, {_size(header)} voxels")
    return [_mask(path, label, boxes.take(label.number or 0), grid) for label in labels]


def _labels_of(
    path: Path, named: Mapping[int, str], present: set[int], context: Context
) -> list[Label]:
    """What is in a file; of names that nothing in it has, those with a role, whose masks are empty."""
    if not named and (not present or (len(present) == 1 and present <= _FULL)):
        return [Label(name=stem_of(path), number=next(iter(present), 1))]
    every = {number: Label(name=named.get(number, ""), number=number) for number in present}
    for number, name in named.items():
        label = Label(name=name, number=number)
        if number not in every and context.labels.takes(label):
            every[number] = label
    return [every[number] for number in sorted(every)]


def _give_map(context: Context) -> str:
    return f"give the label map; images go to {context.account.options.images}"


def _whole(values: NDArray[Any], path: Path, context: Context) -> NDArray[Any]:
    """The numbers of labels. Raises _NotWhole for what may be probabilities."""
    if values.dtype.kind == "f":
        if not np.isfinite(values).all():
            raise _refused(path, "holds values that are no numbers (NaN)", "export it again")
        if (values != np.rint(values)).any():
            raise _NotWhole
    least, most = values.min(), values.max()
    if least < 0 or most > _MOST_NUMBER:
        problem = f"holds values of {least:g} to {most:g}, which are no numbers of labels"
        raise _refused(path, problem, _give_map(context))
    is_plain = values.dtype.kind in "iu" and values.dtype.isnative
    return values if is_plain else values.astype(np.int32)


def _probability(path: Path, header: NiftiHeader, grid: VoxelGrid, context: Context) -> Mask:
    label = Label(name=stem_of(path))
    boxes = Boxes(path.name, axis=2)
    for start, values in _slabs(path, header):
        least, most = float(values.min()), float(values.max())
        if not (least >= -_NEARLY and most <= 1 + _NEARLY):
            problem = f"holds values of {least:g} to {most:g}: neither labels nor probabilities"
            raise _refused(path, problem, _give_map(context))
        boxes.add(0, np.clip(values, 0, 1).astype(np.float32), start)
    words = f"NIfTI: probabilities of {label}, {_size(header)} voxels"
    context.account.take(path.name, words)
    return _mask(path, label, boxes.take(0), grid, is_probability=True)


def _mask(
    path: Path,
    label: Label,
    box: tuple[tuple[int, ...], Any],
    grid: VoxelGrid,
    *,
    is_probability: bool = False,
) -> Mask:
    return Mask(
        label=label,
        place=f"{path.name}, {label}",
        grid=grid,
        origin=box[0],
        occupancy=box[1],
        is_probability=is_probability,
    )


def _counted(labels: list[Label]) -> str:
    return "1 label" if len(labels) == 1 else f"{len(labels)} labels"


def _size(header: NiftiHeader) -> str:
    return " x ".join(map(str, header.shape))


def _refused(path: Path, problem: str, remedy: str) -> RecordRefused:
    return RecordRefused(Fault(path.name, problem, remedy))
