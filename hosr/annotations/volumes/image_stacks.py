"""The slices of a series as a volume that is asked at points: which slice, which pixel, which value.

Slices are read one at a time and only where they are asked; what was read stays for the next question.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from hosr.annotations.slices import Slice, slices_on
from hosr.pixels.display_pipeline import Rescale, read_display
from hosr.pixels.frames import Frames

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hosr.intake.images import SourceImages

    Points = NDArray[np.float64]

_ALIKE = 1e-3
AIR_HU = -1000.0
# A point is on a slice that is nearer than this part of their distance from one another.
_REACH = 0.75


@dataclass(slots=True)
class ImageStack:
    """Parallel slices of one series in one frame of reference, rising along their normal."""

    images: SourceImages
    frame_of_reference_uid: str
    modality: str
    slices: tuple[Slice, ...]
    normal: Points
    heights: Points
    _values: dict[int, NDArray[np.float32]] = field(default_factory=dict)

    @property
    def spacing_mm(self) -> float:
        """The usual distance of neighbouring slices; 1 where there is but one."""
        gaps = np.diff(self.heights)
        return float(np.median(gaps)) if gaps.size else 1.0

    @property
    def unevenness_mm(self) -> tuple[float, float]:
        """The least and the greatest distance of neighbouring slices."""
        gaps = np.diff(self.heights)
        return (float(gaps.min()), float(gaps.max())) if gaps.size else (0.0, 0.0)

    def uids(self) -> set[str]:
        """The SOP Instance UIDs of its slices."""
        return {each.place.sop_instance_uid for each in self.slices}

    def nearest(self, points: Points) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """The slice nearest to each point (n, 3; LPS, mm), and whether the point lies on it."""
        heights = points @ self.normal
        after = np.clip(np.searchsorted(self.heights, heights), 1, max(1, len(self.heights) - 1))
        before = after - 1
        after = np.minimum(after, len(self.heights) - 1)
        is_before = heights - self.heights[before] <= self.heights[after] - heights
        index = np.where(is_before, before, after)
        away = np.abs(heights - self.heights[index])
        return index, away <= _REACH * self.spacing_mm

    def values_at(self, points: Points) -> Points:
        """The value of the pixel nearest to each point, in HU on CT; air outside of the images."""
        index, is_near = self.nearest(points)
        found = np.full(len(points), AIR_HU)
        for each in np.unique(index[is_near]):
            chosen = is_near & (index == each)
            found[chosen] = self._values_on(int(each), points[chosen])
        return found

    def _values_on(self, index: int, points: Points) -> Points:
        geometry = self.slices[index].frame
        offsets = points - np.array(geometry.position_mm)
        rows_mm, columns_mm = geometry.pixel_spacing_mm
        columns = np.rint(offsets @ np.array(geometry.orientation[:3]) / columns_mm).astype(int)
        rows = np.rint(offsets @ np.array(geometry.orientation[3:]) / rows_mm).astype(int)
        values = self._slice(index)
        inside = (rows >= 0) & (columns >= 0)
        inside &= (rows < values.shape[0]) & (columns < values.shape[1])
        found = np.full(len(points), AIR_HU)
        found[inside] = values[rows[inside], columns[inside]]
        return found

    def _slice(self, index: int) -> NDArray[np.float32]:
        """The values of a slice; raises as `Frames`."""
        if index not in self._values:
            place = self.slices[index].place
            with self.images.open_file(place.sop_instance_uid) as stream:
                frame = Frames(stream).read(place.frame or 1, 1)[0]
            values = frame.samples.astype(np.float32)
            rescale = read_display(frame.data_set, place.frame).modality
            if isinstance(rescale, Rescale):
                values = values * np.float32(rescale.slope) + np.float32(rescale.intercept)
            self._values[index] = values
        return self._values[index]


def find_stacks(images: SourceImages) -> list[ImageStack]:
    """The stacks of slices among the images, the one of most slices first; radiographs are in none."""
    found: defaultdict[tuple[object, ...], list[Slice]] = defaultdict(list)
    for image in images.images:
        series, modality = image.reference.instance.series_instance_uid, image.geometry.modality
        for each in slices_on(image):
            directions = tuple(round(part / _ALIKE) for part in each.frame.orientation)
            found[series, each.frame_of_reference_uid, modality, directions].append(each)
    stacks = [_stack(images, str(key[1]), str(key[2]), those) for key, those in found.items()]
    return sorted(stacks, key=lambda stack: -len(stack.slices))


def _stack(
    images: SourceImages, frame_uid: str, modality: str, slices: Sequence[Slice]
) -> ImageStack:
    directions = np.array(slices[0].frame.orientation)
    normal = np.cross(directions[:3], directions[3:])
    heights = np.array([float(np.dot(each.frame.position_mm, normal)) for each in slices])
    order = np.argsort(heights, kind="stable")
    return ImageStack(
        images=images,
        frame_of_reference_uid=frame_uid,
        modality=modality,
        slices=tuple(slices[int(index)] for index in order),
        normal=normal,
        heights=heights[order],
    )
