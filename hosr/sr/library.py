"""The image library (TID 1600 to 1602): what a reader should know of each image, and back."""

from __future__ import annotations

from hosr import codes
from hosr.report import Report
from hosr.sr.items import (
    Item,
    Reference,
    Relation,
    code,
    container,
    date,
    image,
    num,
    read_choice,
    read_number,
    read_string,
    text,
)
from hosr.study import ImageReference, Instance, read_date
from hosr.vocabulary.terms import View

_ACQ = Relation.HAS_ACQ_CONTEXT

_LATERALITIES = {"R": codes.RIGHT, "L": codes.LEFT, "B": codes.BILATERAL}


def library_item(report: Report) -> Item:
    """The library of all images that the report speaks of."""
    entries = (_entry(picture, report) for picture in report.subject.images)
    return container(
        codes.IMAGE_LIBRARY, container(codes.IMAGE_LIBRARY_GROUP, *entries), template="1600"
    )


def _entry(picture: ImageReference, report: Report) -> Item:
    reference = Reference(picture.instance.sop_class_uid, picture.instance.sop_instance_uid)
    study_date = report.subject.study.date
    modality = codes.MODALITIES.get(picture.modality)
    laterality = _LATERALITIES.get(picture.laterality)
    return image(codes.SOURCE, reference, Relation.CONTAINS).having(
        None if modality is None else code(codes.MODALITY, modality, _ACQ),
        code(codes.TARGET_REGION, codes.HIP_JOINT, _ACQ),
        None if laterality is None else code(codes.IMAGE_LATERALITY, laterality, _ACQ),
        date(codes.STUDY_DATE, study_date, _ACQ) if read_date(study_date) else None,
        num(codes.ROWS, picture.rows, codes.PIXELS, _ACQ),
        num(codes.COLUMNS, picture.columns, codes.PIXELS, _ACQ),
        num(codes.FRAME_COUNT, picture.frames, codes.FRAMES, _ACQ) if picture.frames > 1 else None,
        *_projection(picture, report.view),
    )


def _projection(picture: ImageReference, view: View) -> list[Item]:
    items = []
    if view in (View.AP_PELVIS, View.AP_HIP):
        items.append(code(codes.IMAGE_VIEW, codes.ANTEROPOSTERIOR, _ACQ))
    if picture.view_position:
        items.append(text(codes.VIEW_POSITION, picture.view_position, _ACQ))
    if picture.patient_orientation is not None:
        row, column = picture.patient_orientation
        items.append(text(codes.PATIENT_ORIENTATION_ROW, row, _ACQ))
        items.append(text(codes.PATIENT_ORIENTATION_COLUMN, column, _ACQ))
    if picture.pixel_spacing_mm is not None:
        between_rows, between_columns = picture.pixel_spacing_mm
        unit = codes.MILLIMETER
        items.append(num(codes.HORIZONTAL_PIXEL_SPACING, between_columns, unit, _ACQ))
        items.append(num(codes.VERTICAL_PIXEL_SPACING, between_rows, unit, _ACQ))
    return items


def read_images(root: Item, series_of: dict[str, str]) -> tuple[ImageReference, ...]:
    """The images of the library; `series_of` gives the series of each SOP Instance UID."""
    library = root.first(codes.IMAGE_LIBRARY)
    groups = () if library is None else library.find(codes.IMAGE_LIBRARY_GROUP)
    return tuple(
        _read_entry(entry, series_of)
        for group in groups
        for entry in group.children
        if entry.value_type == "IMAGE"
    )


def _read_entry(entry: Item, series_of: dict[str, str]) -> ImageReference:
    reference = entry.value
    assert isinstance(reference, Reference)  # noqa: S101 (an IMAGE item holds nothing else)
    row, column = (
        read_string(entry, codes.PATIENT_ORIENTATION_ROW),
        read_string(entry, codes.PATIENT_ORIENTATION_COLUMN),
    )
    horizontal = read_number(entry, codes.HORIZONTAL_PIXEL_SPACING)
    vertical = read_number(entry, codes.VERTICAL_PIXEL_SPACING)
    return ImageReference(
        instance=Instance(
            series_instance_uid=series_of[reference.sop_instance_uid],
            sop_class_uid=reference.sop_class_uid,
            sop_instance_uid=reference.sop_instance_uid,
        ),
        modality=read_choice(entry, codes.MODALITY, codes.MODALITIES) or "",
        rows=int(read_number(entry, codes.ROWS) or 0),
        columns=int(read_number(entry, codes.COLUMNS) or 0),
        frames=int(read_number(entry, codes.FRAME_COUNT) or 1),
        laterality=read_choice(entry, codes.IMAGE_LATERALITY, _LATERALITIES) or "",
        view_position=read_string(entry, codes.VIEW_POSITION),
        patient_orientation=(row, column) if row or column else None,
        pixel_spacing_mm=(
            None if horizontal is None or vertical is None else (vertical, horizontal)
        ),
    )
