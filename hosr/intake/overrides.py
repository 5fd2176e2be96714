"""Headers that a record says are wrong: what holds instead, on the images from then on."""

from __future__ import annotations

from dataclasses import replace

from hosr.errors import Fault
from hosr.intake.images import Note, SourceImage, SourceImages
from hosr.intake.record import Record
from hosr.study import HeaderOverride
from hosr.vocabulary.terms import VIEW_MODALITIES, ImageSide, ImagingModality, Side, View

_LETTERS = {ImageSide.RIGHT: "R", ImageSide.LEFT: "L", ImageSide.BOTH: "B"}
_SIDES = {ImageSide.RIGHT: Side.RIGHT, ImageSide.LEFT: Side.LEFT, ImageSide.BOTH: None}
# What View Position holds for a view; how the patient lay for another is not known.
_POSITIONS = {View.AP_PELVIS: "AP", View.AP_HIP: "AP"}


def override_headers(
    record: Record, source: SourceImages, faults: list[Fault]
) -> tuple[SourceImages, tuple[Note, ...]]:
    """The images as the record says they are, and a note for each thing that it says otherwise.

    An override of an image that is not there, of a view that it cannot be, or of the directions of
    a slice, which are measured, goes to `faults`.
    """
    images = {image.sop_instance_uid: image for image in source.images}
    notes: list[Note] = []
    for index, override in enumerate(record.overrides):
        path = f"$.overrides[{index}]"
        uids = [override.sop_instance_uid] if override.sop_instance_uid else list(images)
        found = [images[uid] for uid in uids if uid in images]
        if not found:
            remedy = "give that image, or correct the UID"
            faults.append(Fault(f"{path}.image", "is not among the images", remedy))
        problem = next(filter(None, (_unfit(override, image) for image in found)), "")
        if problem:
            faults.append(Fault(path, problem, "name the image that is meant"))
            continue
        changed = {image.sop_instance_uid: _overridden(image, override) for image in found}
        are_same = all(changed[image.sop_instance_uid] == image for image in found)
        told = "says what the header says" if are_same else "is taken in place of the header"
        notes.append(Note(path=path, problem=told))
        images |= changed
    return replace(source, images=tuple(images.values())), tuple(notes)


def _unfit(override: HeaderOverride, image: SourceImage) -> str:
    """Why an override cannot hold for an image; "" where it can."""
    is_slice = image.family in (ImagingModality.CT, ImagingModality.MR)
    if override.orientation is not None and is_slice:
        return "gives directions for a slice, whose position in the patient is measured"
    families = (None if override.view is None else VIEW_MODALITIES[override.view], None)
    if override.view is not None and image.family not in families:
        return f'says "{override.view}" of an image that is none'
    return ""


def _overridden(image: SourceImage, override: HeaderOverride) -> SourceImage:
    changed, reference = image, image.reference
    if override.side is not None:
        reference = replace(reference, laterality=_LETTERS[override.side])
        changed = replace(changed, header_side=_SIDES[override.side])
    if override.view is not None:
        reference = replace(reference, view_position=_POSITIONS.get(override.view, ""))
        changed = replace(changed, header_view=override.view)
    if override.orientation is not None:
        reference = replace(reference, patient_orientation=override.orientation)
    return replace(changed, reference=reference)
