"""What a source holds, label by label, as its reader found it and before anything is taken from it.

Points on an image are DICOM graphic data (`hosr.findings`): the centre of the pixel in row r and
column c lies at (c + 0.5, r + 0.5). Points in the patient are LPS, in mm (PS3.3 section
C.7.6.2.1.1). Whole indices into an array are the centres of its cells.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from hosr.findings import Hip, Observer, Place
from hosr.vocabulary.terms import Side, View

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from hosr.intake.images import SourceImages

    Occupancy = npt.NDArray[np.bool_] | npt.NDArray[np.float32]

Coordinates = tuple[float, ...]
"""Two numbers on an image (column, row), or three in the patient (LPS mm)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A label as its source has it: its name, "" where it has none, and its number, if it has one."""

    name: str
    number: int | None = None

    def __str__(self) -> str:
        """The label in a sentence."""
        if not self.name:
            return "a figure without a label" if self.number is None else f"label {self.number}"
        return f'"{self.name}"' if self.number is None else f'"{self.name}" ({self.number})'


@dataclass(frozen=True, slots=True, kw_only=True)
class VoxelGrid:
    """A regular grid of voxels in the patient, and the frame of reference that it lies in.

    `to_patient_mm` holds three rows of four: (i, j, k, 1) -> (x, y, z), LPS, at voxel centres.
    `frame_of_reference_uid` is "" where the file cannot say it (NIfTI); the images then do.
    `image_uids` are the slices that the grid was drawn on, where the source names them.
    """

    shape: tuple[int, int, int]
    to_patient_mm: tuple[tuple[float, ...], ...]
    frame_of_reference_uid: str = ""
    image_uids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelGrid:
    """The pixels of one image: (rows, columns); `place` is that image among those given."""

    shape: tuple[int, int]
    place: Place


Grid = VoxelGrid | PixelGrid


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mask:
    """Which cells a label fills, cut to the box that holds it.

    `occupancy` is bool, or of float32 from 0 to 1: a probability (`is_probability`), or the part of
    the cell that is filled. Its first cell has the index `origin` in the grid; everything outside
    is empty. An empty mask has a box without cells.
    """

    label: Label
    place: str
    """Where it is, as a person finds it: `seg.dcm, segment 3`, `film.json, annotations[4]`."""
    grid: Grid
    origin: tuple[int, ...]
    occupancy: Occupancy
    is_probability: bool = False


def fills_the_same(one: Mask, other: Mask) -> bool:
    """Whether two masks fill as many cells, of as many: one file and its copy in another form do."""
    counts = [(each.grid.shape, each.occupancy) for each in (one, other)]
    shapes = {tuple(sorted(shape)) for shape, _ in counts}
    filled = {int((occupancy >= 0.5).sum()) for _, occupancy in counts}
    return len(shapes) == len(filled) == 1


def overlap(one: Mask, other: Mask) -> bool:
    """Whether the boxes of two masks meet; those of two grids, of which only each knows, may."""
    ends = [
        [
            (start, start + size)
            for start, size in zip(each.origin, each.occupancy.shape, strict=True)
        ]
        for each in (one, other)
    ]
    return one.grid != other.grid or all(
        a < d and c < b for (a, b), (c, d) in zip(*ends, strict=True)
    )


class Form(StrEnum):
    """The form of a figure; a box is a polygon of four corners that says so."""

    POINT = "point"
    LINE = "line"
    POLYGON = "polygon"
    BOX = "box"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A number that the writer of a figure gave with it, never taken for the measurement."""

    concept: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A point, line or outline that was drawn, on an image (`image`) or in the patient.

    `place` is where it is, as a person finds it, from the name of the file on.
    `frame_of_reference_uid` belongs to points in the patient; "" where the source does not say it.
    `tracking_uid` is what its writer follows it by. `side` is one that it says in a code, beside its label.
    """

    label: Label
    place: str
    form: Form
    points: tuple[Coordinates, ...]
    image: Place | None = None
    frame_of_reference_uid: str = ""
    stated: tuple[Stated, ...] = ()
    tracking_uid: str = ""
    side: Side | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a source says of whose and which study it is; compared, never taken for identity."""

    study_instance_uid: str = ""
    patient_id: str = field(default="", repr=False)
    accession_number: str = field(default="", repr=False)


def claims_of(images: SourceImages) -> Claims:
    """The same as images say it in their headers."""
    return Claims(
        study_instance_uid=images.study.study_instance_uid,
        patient_id=images.patient.patient_id,
        accession_number=images.study.accession_number,
    )


def first_claims(given: Iterable[Claims]) -> Claims:
    """What several say, each thing as the first says it that says it at all."""
    found = Claims()
    for claims in given:
        blank = {each.name for each in fields(Claims) if not getattr(found, each.name)}
        found = replace(found, **{name: getattr(claims, name) for name in blank})
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file, as read: `kind` in words, and everything in it that bears a label.

    `hips` are what it says of them itself, as a model does that scores grades.
    `observer` is who or what drew it, where the file knows; that it was a program of no known version says
    `is_by_program`. `made_at` when, with an offset from UTC only
    where the file says one. `parameters` are what of it the observer of the record shall tell.
    `predecessors` are the SOP Instance UIDs of the documents that it was made from, `supersedes` those of
    them that hold no more beside it, and `sop_instance_uid` is its own. `incomplete` says what is still to
    be done, where it is part of something. `view` is what it was drawn on, where the source knows that
    without its images. Where its labels are a person's own words (`is_in_words`), what labels.toml does
    not name is read by the grammar of words.
    """

    name: str
    kind: str
    masks: tuple[Mask, ...] = ()
    figures: tuple[Figure, ...] = ()
    hips: tuple[Hip, ...] = ()
    observer: Observer | None = None
    is_by_program: bool = False
    made_at: dt.datetime | None = None
    claims: Claims = Claims()
    parameters: tuple[tuple[str, str], ...] = ()
    predecessors: tuple[str, ...] = ()
    sop_instance_uid: str = ""
    supersedes: tuple[str, ...] = ()
    incomplete: str = ""
    view: View | None = None
    is_in_words: bool = False
