"""The key images with their marks drawn in: Secondary Capture Image (PS3.3 section A.8.1).

For receivers that show nothing but pictures. All are in one series, one instance for each hip. A
capture names no pixel spacing: it was cut and scaled, and is for looking at, not for measuring.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from io import BytesIO

from PIL import Image

from hosr import codes
from hosr.composite import (
    Encoded,
    Series,
    code_values,
    content_date_values,
    date_and_time,
    derive_instance,
    encode,
    header_values,
    numbered,
    sop_values,
)
from hosr.composite.labels import series_label
from hosr.dicom.writing import InVR, Value
from hosr.identity import fingerprint
from hosr.report import Report
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
    key = fingerprint((fingerprint(report), digests, report.form))
    return tuple(
        (picture.side, _encoded(report, picture, png, number, key))
        for number, (picture, png) in enumerate(drawn, start=1)
    )


def _encoded(report: Report, picture: KeyImage, png: bytes, number: int, key: str) -> Encoded:
    instance = derive_instance("secondary capture", SOP_CLASS_UID, key, str(number))
    series = Series(modality="OT", number=9506, description=series_label(report, "picture"))
    return encode(
        instance,
        {
            **header_values(instance, series, report),
            **content_date_values(report, number),
            **_origin(report, picture),
            **_pixels(png),
        },
    )


def _origin(report: Report, picture: KeyImage) -> dict[str, Value]:
    """SC Equipment, SC Image and General Image (PS3.3 sections C.8.6 and C.7.6.1)."""
    image = report.subject.image(picture.place)
    frame = numbered(picture.place, image).frame
    source = sop_values(image.instance, *(() if frame is None else (frame,)))
    purpose = {"PurposeOfReferenceCodeSequence": [code_values(codes.SOURCE_IMAGE)]}
    date, time = date_and_time(report)
    return {
        "ConversionType": "WSD",
        "DateOfSecondaryCapture": date,
        "TimeOfSecondaryCapture": time,
        "ImageType": ("DERIVED", "SECONDARY"),
        "DerivationDescription": _DERIVATION,
        "SourceImageSequence": [{**source, **purpose}],
        "ImageLaterality": "R" if picture.side is Side.RIGHT else "L",
        "PatientOrientation": image.patient_orientation or (),
        "BurnedInAnnotation": "YES",
    }


def _pixels(png: bytes) -> dict[str, Value]:
    """The picture in full colour (PS3.3 section C.7.6.3)."""
    with Image.open(BytesIO(png), formats=("PNG",)) as picture:
        pixels = picture.convert("RGB")
    return {
        "SamplesPerPixel": 3,
        "PhotometricInterpretation": "RGB",
        "PlanarConfiguration": 0,
        "Rows": pixels.height,
        "Columns": pixels.width,
        "BitsAllocated": 8,
        "BitsStored": 8,
        "HighBit": 7,
        "PixelRepresentation": 0,
        "PixelData": InVR("OB", pixels.tobytes()),
    }
