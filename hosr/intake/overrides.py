"""Headers that a record says are wrong: what holds instead, on the images from then on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from hosr.errors import Fault
from hosr.intake.images import Note, SourceImage, SourceImages
from hosr.intake.record import Record
from hosr.phrases import phrase
from hosr.study import HeaderOverride
from hosr.vocabulary.terms import VIEW_MODALITIES, ImageSide, ImagingModality, Side, View

_FIELDS = ("side", "view", "orientation")
_LETTERS = {ImageSide.RIGHT: "R", ImageSide.LEFT: "L", ImageSide.BOTH: "B"}
_SIDES = {ImageSide.RIGHT: Side.RIGHT, ImageSide.LEFT: Side.LEFT, ImageSide.BOTH: None}
# What View Position holds for a view; how the patient lay for another is not known.
_POSITIONS = {View.AP_PELVIS: "AP", View.AP_HIP: "AP"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Overridden:
    """The images as a record says they are; what of it differs from their headers, and notes of it."""

    source: SourceImages
    overrides: tuple[HeaderOverride, ...]
    notes: tuple[Note, ...]


def override_headers(record: Record, source: SourceImages, faults: list[Fault]) -> Overridden:
    """The images as the record says they are.

    Of an override counts what differs from a header, for only that is told in a report. One of an
    image that is not there or that cannot be as it says, and one that says another thing than an
    earlier one, goes to `faults`.
    """
    images = {image.sop_instance_uid: image for image in source.images}
    effective: list[HeaderOverride] = []
    notes: list[Note] = []
    said: dict[tuple[str, str], object] = {}
    for index, override in enumerate(record.overrides):
        path, uid = f"$.overrides[{index}]", override.sop_instance_uid
        found = [images[each] for each in ([uid] if uid else images) if each in images]
        fault = _fault(override, found, path) or _conflict(override, found, path, said)
        if fault:
            faults.append(fault)
            continue
        is_said_again = any(_given(override) & image.overridden for image in found)
        differing = _differing(override, found)
        if differing is not None:
            effective.append(differing)
            images |= {i.sop_instance_uid: _overridden(i, differing) for i in found}
        if differing:
            told = phrase("is taken in place of the header")
        elif is_said_again:
            told = phrase("says what an earlier override says")
        else:
            told = phrase("says what the header says")
        notes.append(Note(path=path, problem=told))
    return Overridden(
        source=replace(source, images=tuple(images.values())),
        overrides=tuple(effective),
        notes=tuple(notes),
    )


def _fault(override: HeaderOverride, found: list[SourceImage], path: str) -> Fault | None:
    if not found:
        remedy = phrase("give that image, or correct the UID")
        return Fault(f"{path}.image", phrase("is not among the images"), remedy)
    problem = next(filter(None, (_unfit(override, image) for image in found)), "")
    return Fault(path, problem, phrase("name the image that is meant")) if problem else None


def _conflict(
    override: HeaderOverride,
    found: list[SourceImage],
    path: str,
    said: dict[tuple[str, str], object],
) -> Fault | None:
    """Two overrides of one image that do not agree; what was `said` of each image is kept."""
    for field in _FIELDS:
        value = getattr(override, field)
        for image in found if value is not None else ():
            if said.setdefault((image.sop_instance_uid, field), value) != value:
                problem = phrase("says another thing of an image than an earlier override")
                return Fault(f"{path}.{field}", problem, phrase("say one thing of each image"))
    return None


def _differing(override: HeaderOverride, found: list[SourceImage]) -> HeaderOverride | None:
    """The override without what all headers say as well; None where nothing is left."""
    fields = _given(override)
    same: dict[str, Any] = {
        field: None
        for field in fields
        if all(_overridden(image, _alone(override, field)) == image for image in found)
    }
    return None if len(same) == len(fields) else replace(override, **same)


def _given(override: HeaderOverride) -> set[str]:
    return {field for field in _FIELDS if getattr(override, field) is not None}


def _alone(override: HeaderOverride, field: str) -> HeaderOverride:
    """An override of one thing."""
    others: dict[str, Any] = {other: None for other in _FIELDS if other != field}
    return replace(override, **others)


def _unfit(override: HeaderOverride, image: SourceImage) -> str:
    """Why an override cannot hold for an image; "" where it can."""
    is_slice = image.family in (ImagingModality.CT, ImagingModality.MR)
    if override.orientation is not None and is_slice:
        return phrase("gives directions for a slice, whose position in the patient is measured")
    families = (None if override.view is None else VIEW_MODALITIES[override.view], None)
    if override.view is not None and image.family not in families:
        return phrase('says "{view}" of an image that is none', view=override.view)
    return ""


def _overridden(image: SourceImage, override: HeaderOverride) -> SourceImage:
    changed = replace(image, overridden=image.overridden | _given(override))
    reference = image.reference
    if override.side is not None:
        reference = replace(reference, laterality=_LETTERS[override.side])
        changed = replace(changed, header_side=_SIDES[override.side])
    if override.view is not None:
        reference = replace(reference, view_position=_POSITIONS.get(override.view, ""))
        changed = replace(changed, header_view=override.view)
    if override.orientation is not None:
        reference = replace(reference, patient_orientation=override.orientation)
    return replace(changed, reference=reference)
