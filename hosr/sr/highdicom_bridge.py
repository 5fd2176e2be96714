"""A measurement report as highdicom's own objects, and a Report of such objects.

For those who build on highdicom: `to_highdicom` gives its document, whose content its methods
search and its builders add to; `from_highdicom` reads one that hosr wrote. highdicom takes longer
to import than a report to make, so it is imported where it is called, and nowhere else in hosr.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from copy import copy
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from hosr.codes import Code
from hosr.dicom.elements import quiet_pydicom
from hosr.errors import DocumentRefused, Fault, UsageError
from hosr.report import Report
from hosr.sr import decode, make_measurement
from hosr.sr.items import Graphic, Item, Quantity, Reference, SpaceGraphic
from hosr.sr.measurement import measurement_tree
from hosr.sr.receivers import Options, ProfileName

if TYPE_CHECKING:
    from highdicom.sr import Comprehensive3DSR, ComprehensiveSR


_DOCUMENT_CLASSES = {
    ProfileName.AIR: "Comprehensive3DSR",
    ProfileName.STONE: "ComprehensiveSR",
}


def to_highdicom(
    report: Report, images: Iterable[Dataset] | Dataset, options: Options | None = None
) -> Comprehensive3DSR | ComprehensiveSR:
    """The measurement report as highdicom's document: Comprehensive 3D SR, or as `options` say.

    `images` are the graded images, of which the headers do; no other images go with the report.
    Each content item is built by highdicom, which checks it; the header is the one that hosr
    writes, so that the document saved is the file of `hosr.encode`, byte for byte. Its `content`
    is a `highdicom.sr.MeasurementReport`.

    Raises `UsageError` where highdicom is not installed, an image of the report is missing, or
    something else was given for one, and `Unencodable` as `hosr.encode`.
    """
    hd_sr = _import_highdicom()
    options = options or Options()
    _require_images(report, images)
    made = make_measurement(report, options)
    with quiet_pydicom():
        dataset = pydicom.dcmread(BytesIO(made.data))
        root = content_item(measurement_tree(report, options))
        dataset.ContentSequence = root.ContentSequence
        document_class = getattr(hd_sr, _DOCUMENT_CLASSES[options.profile])
        document: Comprehensive3DSR | ComprehensiveSR = document_class.from_dataset(dataset)
    return document


def from_highdicom(document: Dataset) -> Report:
    """The report of a measurement document that hosr wrote, as highdicom or pydicom holds it.

    Raises `DocumentRefused` as `hosr.decode`: for documents of other makers, and for those that
    were changed since.
    """
    if not isinstance(document, Dataset):
        problem = f"is of type {type(document).__name__}, which is no data set"
        raise DocumentRefused(Fault("document", problem, "give a document of highdicom or pydicom"))
    buffer = BytesIO()
    written = copy(document)  # with a header of its own, which writing fills in
    stated: Dataset = getattr(document, "file_meta", Dataset())
    written.file_meta = FileMetaDataset()
    written.file_meta.TransferSyntaxUID = stated.get("TransferSyntaxUID", ExplicitVRLittleEndian)
    try:
        with quiet_pydicom():
            written.save_as(buffer, enforce_file_format=True)
    except Exception as error:
        problem = f"cannot be written as DICOM ({type(error).__name__})"
        raise DocumentRefused(Fault("document", problem, "give a whole document")) from error
    return decode(buffer.getvalue())


def content_item(item: Item) -> Dataset:
    """The content item with everything below it, built by highdicom."""
    built: Dataset = _BUILDERS[item.value_type](_import_highdicom(), item)
    if item.uid:
        built.ObservationUID = item.uid
    if item.children:
        built.ContentSequence = [content_item(child) for child in item.children]
    return built


def _import_highdicom() -> Any:
    try:
        import highdicom.sr
    except ImportError:
        remedy = "install highdicom; for some releases of Python there is none yet"
        fault = Fault("highdicom", "is needed for its objects, and is not installed", remedy)
        raise UsageError(fault) from None
    return highdicom.sr


def _require_images(report: Report, images: Iterable[Dataset] | Dataset) -> None:
    is_several = isinstance(images, Iterable) and not isinstance(images, Dataset | str | bytes)
    given: tuple[Any, ...] = tuple(images) if is_several else (images,)
    others = {type(each).__name__ for each in given if not isinstance(each, Dataset)}
    if others:
        problem = f"are of type {', '.join(sorted(others))}"
        raise UsageError(Fault("images", problem, "give data sets, as pydicom.dcmread makes them"))
    study_uid = report.subject.study.study_instance_uid
    held = {(each.get("StudyInstanceUID"), each.get("SOPInstanceUID")) for each in given}
    spoken_of = [image.instance.sop_instance_uid for image in report.subject.images]
    missing = [uid for uid in spoken_of if (study_uid, uid) not in held]
    if missing:
        remedy = "give the images that were graded"
        raise UsageError([Fault(uid, "is not among the images", remedy) for uid in missing])


def _coded(hd_sr: Any, code: Code) -> Any:
    return hd_sr.CodedConcept(code.value, code.scheme, code.meaning)


def _common(hd_sr: Any, item: Item) -> dict[str, Any]:
    if item.name is None:
        raise ValueError("every item that hosr writes has a concept name")
    relation = item.relation and hd_sr.RelationshipTypeValues(item.relation.value)
    return {"name": _coded(hd_sr, item.name), "relationship_type": relation}


def _container(hd_sr: Any, item: Item) -> Any:
    return hd_sr.ContainerContentItem(
        **_common(hd_sr, item),
        is_content_continuous=False,
        template_id=item.template or None,
    )


def _code(hd_sr: Any, item: Item) -> Any:
    if not isinstance(item.value, Code):
        raise TypeError("a CODE item holds a code")
    return hd_sr.CodeContentItem(value=_coded(hd_sr, item.value), **_common(hd_sr, item))


def _num(hd_sr: Any, item: Item) -> Any:
    if not isinstance(item.value, Quantity):
        raise TypeError("a NUM item holds a quantity")
    value, unit = item.value.value, _coded(hd_sr, item.value.unit)
    built = hd_sr.NumContentItem(value=value, unit=unit, **_common(hd_sr, item))
    if float(value).is_integer():
        built.MeasuredValueSequence[0].NumericValue = str(int(value))
    return built


def _scoord(hd_sr: Any, item: Item) -> Any:
    if not isinstance(item.value, Graphic):
        raise TypeError("an SCOORD item holds a graphic")
    return hd_sr.ScoordContentItem(
        graphic_type=hd_sr.GraphicTypeValues(item.value.shape),
        graphic_data=np.array(item.value.points, dtype=np.float32),
        **_common(hd_sr, item),
    )


def _scoord3d(hd_sr: Any, item: Item) -> Any:
    if not isinstance(item.value, SpaceGraphic):
        raise TypeError("an SCOORD3D item holds a graphic in space")
    return hd_sr.Scoord3DContentItem(
        graphic_type=hd_sr.GraphicTypeValues3D(item.value.shape),
        graphic_data=np.array(item.value.points, dtype=np.float32),
        frame_of_reference_uid=item.value.frame_of_reference_uid,
        **_common(hd_sr, item),
    )


def _image(hd_sr: Any, item: Item) -> Any:
    if not isinstance(item.value, Reference):
        raise TypeError("an IMAGE item holds a reference")
    built = hd_sr.ImageContentItem(
        referenced_sop_class_uid=item.value.sop_class_uid,
        referenced_sop_instance_uid=item.value.sop_instance_uid,
        referenced_frame_numbers=item.value.frame,
        **_common(hd_sr, item),
    )
    state = item.value.shown_by
    if state is not None:  # PS3.3 section C.18.4
        reference = Dataset()
        reference.ReferencedSOPClassUID = state.sop_class_uid
        reference.ReferencedSOPInstanceUID = state.sop_instance_uid
        built.ReferencedSOPSequence[0].ReferencedSOPSequence = [reference]
    return built


def _composite(hd_sr: Any, item: Item) -> Any:
    if not isinstance(item.value, Reference):
        raise TypeError("a COMPOSITE item holds a reference")
    return hd_sr.CompositeContentItem(
        referenced_sop_class_uid=item.value.sop_class_uid,
        referenced_sop_instance_uid=item.value.sop_instance_uid,
        **_common(hd_sr, item),
    )


def _date(hd_sr: Any, item: Item) -> Any:
    value = dt.datetime.strptime(str(item.value), "%Y%m%d").date()
    return hd_sr.DateContentItem(value=value, **_common(hd_sr, item))


def _text_by(name: str) -> Callable[[Any, Item], Any]:
    return lambda hd_sr, item: getattr(hd_sr, name)(value=str(item.value), **_common(hd_sr, item))


_BUILDERS: dict[str, Callable[[Any, Item], Any]] = {
    "CONTAINER": _container,
    "CODE": _code,
    "NUM": _num,
    "SCOORD": _scoord,
    "SCOORD3D": _scoord3d,
    "IMAGE": _image,
    "COMPOSITE": _composite,
    "DATE": _date,
    "TEXT": _text_by("TextContentItem"),
    "UIDREF": _text_by("UIDRefContentItem"),
    "PNAME": _text_by("PnameContentItem"),
}
