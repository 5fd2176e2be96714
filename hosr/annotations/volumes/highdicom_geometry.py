"""The grid that the frames of a Segmentation lie in as highdicom finds it, which checks the header for that.

highdicom is given the header alone, without the source images of each frame: those say nothing of where
it lies, and take most of the time that reading the header takes. The frames themselves are read by
`segment_frames`, for its decoders are left out of this process (`hosr.dicom.decoders`).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import redirect_stderr
from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from hosr.annotations.volumes.stacks import Stack
from hosr.errors import place_of
from hosr.logs import logger

if TYPE_CHECKING:
    from hosr.annotations.volumes.segments import SegmentationHeader

_LOG = logger(__name__)

_DERIVATION_IMAGES = 0x00089124


def stack_by_highdicom(
    header: SegmentationHeader, positions: Sequence[Sequence[float]], most: int
) -> Stack | None:
    """The grid of the frames at these positions; None where highdicom finds none, or of more planes.

    The header was walked through before; `positions` is (frames, 3), LPS mm.
    """
    try:
        import highdicom.seg
    except ImportError:  # it has no release for every Python
        return None
    try:
        with redirect_stderr(StringIO()):  # where it writes what it throws
            opened = highdicom.seg.Segmentation.from_dataset(_lean(header.data_set), copy=False)
            geometry = opened.get_volume_geometry(allow_missing_positions=True)
        if geometry is None:
            return None
        return _stack(geometry, header, np.array(positions), most)
    except Exception as error:  # noqa: BLE001 (what it throws differs with the oddity of a header)
        _LOG.debug("highdicom does not read it: %s", place_of(error))
        return None


def _lean(data_set: Dataset) -> Dataset:
    """A header of its own, for highdicom changes what it is given; of the same elements, which it reads."""
    lean = _without(data_set)
    lean.file_meta = FileMetaDataset()
    lean.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    own = data_set.get("PerFrameFunctionalGroupsSequence") or ()
    lean.PerFrameFunctionalGroupsSequence = [_without(item, _DERIVATION_IMAGES) for item in own]
    return lean


def _without(data_set: Dataset, *tags: int) -> Dataset:
    kept = [tag for tag in tuple(data_set.keys()) if tag not in tags]
    return Dataset({tag: data_set.get_item(tag) for tag in kept})


def _stack(
    geometry: Any, header: SegmentationHeader, positions: np.ndarray, most: int
) -> Stack | None:
    count, *plane = (int(size) for size in geometry.spatial_shape)
    # Of a single slice it does not know how thick it is.
    if not 1 < count <= most or plane != [header.rows, header.columns]:
        return None
    places = np.column_stack((positions, np.ones(len(positions))))
    indices = np.rint(np.linalg.solve(geometry.affine, places.T)[0])
    matrix = tuple(tuple(map(float, row)) for row in geometry.affine[:3])
    return Stack(to_patient_mm=matrix, count=count, indices=tuple(int(i) for i in indices))
