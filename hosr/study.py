"""What was imaged: the patient, the study and the images, as their headers say.

Dates and times stay the DICOM strings they were (`YYYYMMDD`, `HHMMSS.FFFFFF`), names stay
person names with up to three component groups (PS3.5 section 6.2.1); an absent value is "".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from hosr.identity import is_usable_uid
from hosr.vocabulary.terms import ImageSide, Side, View


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """Who was imaged; hidden from `repr`, so that no log line can name a person."""

    name: str = field(default="", repr=False)
    patient_id: str = field(default="", repr=False)
    issuer: str = field(default="", repr=False)
    birth_date: str = field(default="", repr=False)
    sex: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStudy:
    """The study whose images were graded, and the order it answers."""

    study_instance_uid: str
    study_id: str = ""
    date: str = ""
    time: str = ""
    accession_number: str = ""
    referring_physician: str = field(default="", repr=False)
    description: str = ""
    timezone_offset: str = ""
    requested_procedure_id: str = ""
    requested_procedure_description: str = ""
    placer_order_number: str = ""
    filler_order_number: str = ""

    def __post_init__(self) -> None:
        if not is_usable_uid(self.study_instance_uid):
            raise ValueError("a study needs a valid Study Instance UID")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Instance:
    """One stored object by its UIDs."""

    series_instance_uid: str
    sop_class_uid: str
    sop_instance_uid: str

    def __post_init__(self) -> None:
        uids = (self.series_instance_uid, self.sop_class_uid, self.sop_instance_uid)
        if not all(map(is_usable_uid, uids)):
            raise ValueError("an instance needs valid Series, SOP Class and SOP Instance UIDs")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageReference:
    """One image that the report speaks of, with what a reader of the report should know of it.

    `pixel_spacing_mm` is (between rows, between columns) as the header's Pixel Spacing or, where
    that is absent, Imager Pixel Spacing gives it; it says nothing about the plane it holds in.
    """

    instance: Instance
    modality: str
    rows: int
    columns: int
    frames: int = 1
    laterality: str = ""
    view_position: str = ""
    patient_orientation: tuple[str, str] | None = None
    pixel_spacing_mm: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if min(self.rows, self.columns, self.frames) < 1:
            raise ValueError("an image has rows, columns and at least one frame")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderOverride:
    """What the headers of images get wrong, as a record says with its reason.

    It holds for one image, or for all where `sop_instance_uid` is "". `side` is what the image shows,
    `orientation` where its rows and columns lead in the patient; None leaves a header as it is.
    """

    reason: str
    sop_instance_uid: str = ""
    side: ImageSide | None = None
    view: View | None = None
    orientation: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        if (self.side, self.view, self.orientation) == (
            None,
            None,
            None,
        ) or not self.reason.strip():
            raise ValueError("an override says what holds instead of the header, and why")


_AXES = {"L": 0, "R": 0, "A": 1, "P": 1, "H": 2, "F": 2}


def is_orientation(directions: Sequence[str]) -> bool:
    """Whether these are where rows and columns lead, as "L" and "FP" (PS3.3 section C.7.6.1.1.1)."""
    if len(directions) != 2 or not all(map(_is_direction, directions)):
        return False
    row, column = directions
    return _AXES[row[0]] != _AXES[column[0]]


# Where the axes of the patient lead, and where from (PS3.3 section C.7.6.2.1.1).
_LEADS = (("L", "R"), ("P", "A"), ("H", "F"))

# Cosine from which on a direction goes by one letter alone: within 37 degrees of it.
_CLEAR = 0.8


def direction_letter(cosines: Sequence[float]) -> str:
    """Where a direction leads in the patient, in one letter; "" where it leads between two axes."""
    for cosine, (positive, negative) in zip(cosines, _LEADS, strict=False):
        if abs(cosine) >= _CLEAR:
            return positive if cosine > 0 else negative
    return ""


def _is_direction(letters: str) -> bool:
    axes = [_AXES.get(letter) for letter in letters]
    return 1 <= len(letters) <= 3 and None not in axes and len(set(axes)) == len(axes)


# What programs and people write for what they do not name, in five languages.
_NO_NAMES = frozenset(
    {
        *(
            "anonymous",
            "anonymised",
            "anonymized",
            "anonym",
            "anon",
            "deidentified",
            "de-identified",
        ),
        *("pseudonym", "removed", "redacted", "na", "n/a", "#n/a", "n.a.", "nan", "null", "(null)"),
        *(
            "none",
            "nil",
            "unknown",
            "unk",
            "undefined",
            "missing",
            "not available",
            "no id",
            "noid",
        ),
        *("patient", "patientid", "patient id", "anonymisiert", "unbekannt", "anonyme", "inconnu"),
        *(
            "anónimo",
            "anonimo",
            "desconocido",
            "sconosciuto",
            "-",
            "--",
            "?",
            ".",
            "#name?",
            "#ref!",
        ),
    }
)


def is_no_name(text: str) -> bool:
    """Whether a text is a word for nothing or nobody: empty, NA, unknown, anonymous."""
    word = " ".join(text.casefold().split())
    return not word or word in _NO_NAMES


def is_no_id(text: str) -> bool:
    """Whether what stands for a patient ID names nobody: such a word, or only zeros or x."""
    word = text.strip().casefold()
    return is_no_name(word) or not word.strip("0") or not word.strip("x")


def half_of_pelvis(image: ImageReference, side: Side) -> tuple[float, float] | None:
    """The first and last column of one side's half of an anteroposterior pelvis.

    None where the header does not tell which way the rows run (PS3.3 section C.7.6.1.1.1), or
    says that the image is of one side.
    """
    return _half(image, side, 0, image.columns)


def half_of_turned_pelvis(image: ImageReference, side: Side) -> tuple[float, float] | None:
    """The first and last row of that half on a film that lies on its side; None as for the columns."""
    return _half(image, side, 1, image.rows)


def _half(image: ImageReference, side: Side, axis: int, length: int) -> tuple[float, float] | None:
    if image.patient_orientation is None or image.laterality in ("L", "R"):
        return None
    runs_to_left = {"L": True, "R": False}.get(image.patient_orientation[axis][:1])
    if runs_to_left is None:
        return None
    middle = length / 2
    is_first = (side is Side.RIGHT) is runs_to_left
    return (0.0, middle) if is_first else (middle, float(length))


def read_date(text: str) -> dt.date | None:
    """The date that a DICOM DA string means; None where it is empty or not a date."""
    digits = text.strip()
    if len(digits) != 8 or not (digits.isascii() and digits.isdigit()):
        return None
    try:
        return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
