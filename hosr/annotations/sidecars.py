"""Sidecar files, which stand beside a source and are read with it: names of its labels, the grid of its voxels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

_LABELS_OF_NNUNET = "dataset.json"
_CLASSES_OF_YOLO = ("data.yaml", "data.yml", "dataset.yaml", "classes.txt")
_FOLDERS_UP = 3
_GRIDS = (".nii.gz", ".nii")

# Files that only tell of others, and are no sources themselves.
NAMES = frozenset({_LABELS_OF_NNUNET, *_CLASSES_OF_YOLO})


def labels_of_nnunet(path: Path) -> Path | None:
    """The file of nnU-Net that names the numbers of a label map, in its folder."""
    return _first([path.parent / _LABELS_OF_NNUNET])


def classes_of_yolo(path: Path) -> Path | None:
    """The nearest file that names the classes of YOLO: in its folder, or up to three above it."""
    folders = path.resolve().parents[: _FOLDERS_UP + 1]
    files = [folder / name for folder in folders for name in _CLASSES_OF_YOLO]
    return _first([file for file in files if file != path.resolve()])


def grids_of(path: Path) -> list[Path]:
    """Where the NIfTI file is looked for that says where the voxels of an array lie."""
    return [path.with_suffix(suffix) for suffix in _GRIDS]


def grid_of(path: Path) -> Path | None:
    """That file, if it is there."""
    return _first([each for each in grids_of(path) if each != path])


def files_beside(path: Path) -> Iterator[Path]:
    """All that a reader may read with this source; which of them it does is told by its content."""
    for find in (labels_of_nnunet, classes_of_yolo, grid_of):
        found = find(path)
        if found is not None:
            yield found


def _first(files: list[Path]) -> Path | None:
    return next((each for each in files if each.is_file()), None)
