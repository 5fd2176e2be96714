"""The forms of what is marked, measured or outlined, and what every form has."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from hosr.intake.record.leaves import (
    GapClassWord,
    PlaneWord,
    SetAsideWord,
    StructureWord,
    SurfaceBasisWord,
    Uid,
)
from hosr.intake.record.lengths import (
    LONGEST_MM,
    ONE_OR_TWO,
    POINTS,
    POINTS_MM,
    Cell,
    Ends,
    EndsInSpace,
    EndsOnImage,
    Frame,
    Frames,
    Images,
    Level,
    Outline,
    Uncertainty,
)

# What the JSON Schema says across the keys of one object; `joined_faults` say the same to people.
Schema = dict[str, Any]


def given(key: str, kind: str | list[str]) -> Schema:
    """The schema of objects that have a key, of this type."""
    return {"properties": {key: {"type": kind}}, "required": [key]}


_MM, _POINTS = given("mm", "number"), given("points", "array")
_IN_SPACE, _FRAME_OF = given("points_mm", "array"), given("frame_of_reference_uid", "string")
_CATEGORY = given("category", "string")
_PLACED = {"anyOf": [given("image", ["string", "array"]), given("frame", ["integer", "array"])]}
_IN_PATIENT = {"properties": {"plane": {"enum": ["patient", None]}}}
# What holds of every length: points of one kind, and what belongs to them only beside them.
_MARKED: list[Schema] = [
    {"not": {"allOf": [_MM, _POINTS]}},
    {"not": {"allOf": [_POINTS, _IN_SPACE]}},
    {"if": _PLACED, "then": {"anyOf": [_POINTS, _IN_SPACE]}},
    {"if": _IN_SPACE, "then": {"allOf": [_FRAME_OF, _IN_PATIENT]}},
    {"if": _FRAME_OF, "then": _IN_SPACE},
]

_LENGTH_SCHEMA: Schema = {"allOf": [{"anyOf": [_MM, _POINTS, _IN_SPACE]}, *_MARKED]}
_GAP_SCHEMA: Schema = {"allOf": [{"anyOf": [_MM, _POINTS, _IN_SPACE, _CATEGORY]}, *_MARKED]}


class Form(BaseModel):
    """What all forms share: unknown keys are faults, and no value is converted silently."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class LengthForm(Form):
    """A length, stated in mm, or marked by two points on an image or in space."""

    model_config = ConfigDict(title="Length", json_schema_extra=_LENGTH_SCHEMA)

    mm: Annotated[float, Field(gt=0, le=LONGEST_MM, allow_inf_nan=False)] | None = Field(
        default=None, description="Millimetres in the plane that `plane` names."
    )
    points: Ends | None = Field(default=None, description=POINTS, examples=[[[10, 20], [10, 55.5]]])
    image: Images | None = Field(
        default=None,
        description=f"SOP Instance UID. {ONE_OR_TWO} Of `points_mm`, the slice to show them on.",
    )
    frame: Frames | None = Field(default=None, description=f"Frame, from 1. {ONE_OR_TWO}")
    points_mm: EndsInSpace | None = Field(
        default=None,
        description=f"{POINTS_MM} From version 1.1 on.",
        examples=[[[-81.5, 12.25, -40], [-76, 14.5, -31.5]]],
    )
    frame_of_reference_uid: Uid | None = Field(
        default=None, description="Frame of Reference UID of `points_mm`, as the images have it."
    )
    plane: PlaneWord | None = Field(
        default=None,
        description="Where the millimetres hold; stated ones without it are taken as true size.",
    )
    uncertainty_mm: Uncertainty | None = Field(
        default=None, description="Half-width of the 95 % interval, in mm."
    )


class GapForm(LengthForm):
    """The space between opposing bone surfaces; also as a class, against 1 cm."""

    model_config = ConfigDict(title="Gap", json_schema_extra=_GAP_SCHEMA)

    mm: Annotated[float, Field(ge=0, le=LONGEST_MM, allow_inf_nan=False)] | None = Field(
        default=None, description="Millimetres in the plane that `plane` names."
    )
    category: GapClassWord | None = Field(
        default=None, description="The gap against 1 cm, where there is no number or beside it."
    )


class RegionForm(Form):
    """An outline on an image; it closes by itself."""

    polygon: Outline = Field(description=POINTS, examples=[[[10, 20], [40, 20], [40, 55.5]]])
    image: Uid | None = Field(default=None, description="SOP Instance UID of the image.")
    frame: Frame | None = Field(default=None, description="Frame of the image, from 1.")


class CalibrationForm(Form):
    """An object of known size in the image, such as the implant head."""

    points: EndsOnImage = Field(description=POINTS)
    image: Uid | None = Field(default=None, description="SOP Instance UID of the image.")
    frame: Frame | None = Field(default=None, description="Frame of the image, from 1.")
    true_mm: Annotated[float, Field(gt=0, le=LONGEST_MM, allow_inf_nan=False)] = Field(
        description="The true size between the two points, in mm.", examples=[32]
    )


class BoundaryForm(Form):
    """What the surfaces rest on that lengths were measured between; from version 1.1 on."""

    basis: SurfaceBasisWord = Field(description="What surfaces were taken from.", examples=["mask"])
    sd_mm: Uncertainty | None = Field(
        default=None, description="Standard deviation of where a model draws them, in mm."
    )
    sd_stated: bool | None = Field(
        default=None, description="false where its maker states none, and a usual one was taken."
    )
    cell_mm: Cell | None = Field(
        default=None, description="Edges of a voxel, or of a pixel.", examples=[[0.7, 0.7, 1]]
    )
    level: Level | None = Field(default=None, description="What was taken for the surface.")


class CandidateForm(Form):
    """A distance that was found and is not the gap; from version 1.1 on."""

    between: Annotated[list[StructureWord], Field(min_length=2, max_length=2)] = Field(
        examples=[["pelvic_spur", "femoral_spur"]]
    )
    length: LengthForm = Field(examples=[{"mm": 8.2}])
    why: SetAsideWord = Field(description="Why it is not the gap.", examples=["longer"])
    level: Level | None = Field(
        default=None, description="Of the probabilities, where it was found."
    )


class OutlineForm(RegionForm):
    """A surface that was found, on the slice or film that shows it; from version 1.1 on."""

    structure: StructureWord = Field(description="What it is of.", examples=["pelvic_spur"])
