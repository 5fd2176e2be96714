"""The key images with their marks drawn in: Secondary Capture Image (PS3.3 section A.8.1).

For receivers that show nothing but pictures. All are in one series, one instance for each hip. A
capture names no pixel spacing: it was cut and scaled, and is for looking at, not for measuring.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from io import BytesIO

from PIL import Image
from pydicom.dataset import Dataset

from hosr import codes
from hosr.composite import (
    Encoded,
    Series,
    code_item,
    compose,
    date_and_time,
    date_content,
    derive_instance,
    encode,
    numbered,
    refusing_invalid,
    sop_item,
)
from hosr.composite.labels import series_label
from hosr.identity import fingerprint
from hosr.report import Report
from hosr.version import __version__
from hosr.visuals.marks import KeyImage, Missing
from hosr.vocabulary.terms import Side

SOP_CLASS_UID = "1.2.840.10008.5.1.4.1.1.7"
_DERIVATION = "Excerpt of one image, windowed, scaled, with marks and lengths drawn over it"


def secondary_captures(
    report: Report, pictures: Iterable[KeyImage | Missing], files: Mapping[Side, bytes]
) -> tuple[tuple[Side, Encoded], ...]:
    """The picture of each hip as a DICOM object; `files` are the drawn pictures as opaque PNG.

    Raises `Unencodable` where a value has no valid form in DICOM.
    """
    drawn = [
        (picture, files[picture.side])
        for picture in pictures
        if isinstance(picture, KeyImage) and picture.side in files
    ]
    digests = tuple((p.side, p.place, p.crop, sha256(png).hexdigest()) for p, png in drawn)
    key = fingerprint((fingerprint(report), digests, __version__))
    return tuple(
        (picture.side, _encoded(report, picture, png, number, key))
        for number, (picture, png) in enumerate(drawn, start=1)
    )


def _encoded(report: Report, picture: KeyImage, png: bytes, number: int, key: str) -> Encoded:
    instance = derive_instance("secondary capture", SOP_CLASS_UID, key, str(number))
    series = Series(modality="OT", number=9506, description=series_label(report.hips, "picture"))
    dataset = compose(instance, series, report)
    with refusing_invalid():
        date_content(dataset, report, number)
        _add_origin(dataset, report, picture)
        _add_pixels(dataset, png)
    return Encoded(instance=instance, data=encode(dataset))


def _add_origin(dataset: Dataset, report: Report, picture: KeyImage) -> None:
    """SC Equipment, SC Image and General Image (PS3.3 sections C.8.6 and C.7.6.1)."""
    image = report.subject.image(picture.place)
    frame = numbered(picture.place, image).frame
    source = sop_item(image.instance, *(() if frame is None else (frame,)))
    source.PurposeOfReferenceCodeSequence = [code_item(codes.SOURCE_IMAGE)]
    dataset.ConversionType = "WSD"
    dataset.DateOfSecondaryCapture, dataset.TimeOfSecondaryCapture = date_and_time(report)
    dataset.ImageType = ["DERIVED", "SECONDARY"]
    dataset.DerivationDescription = _DERIVATION
    dataset.SourceImageSequence = [source]
    dataset.ImageLaterality = "R" if picture.side is Side.RIGHT else "L"
    dataset.PatientOrientation = list(image.patient_orientation or ())
    dataset.BurnedInAnnotation = "YES"


def _add_pixels(dataset: Dataset, png: bytes) -> None:
    """The picture in full colour (PS3.3 section C.7.6.3)."""
    with Image.open(BytesIO(png), formats=("PNG",)) as picture:
        pixels = picture.convert("RGB")
    data = pixels.tobytes()
    dataset.SamplesPerPixel = 3
    dataset.PhotometricInterpretation = "RGB"
    dataset.PlanarConfiguration = 0
    dataset.Rows, dataset.Columns = pixels.height, pixels.width
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit = 7
    dataset.PixelRepresentation = 0
    dataset.PixelData = data + b"\0" * (len(data) % 2)
