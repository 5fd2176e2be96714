"""What a file is: an image of a study, a ZIP archive of such, or nothing that can be graded.

What hosr made is none of the graded images, whatever it shows. An archive is looked into within the
bounds of `hosr report`, and its images are read where they lie: nothing is unpacked to a file.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from hosr.composite import OWN_TAGS, is_own
from hosr.dicom.elements import peek
from hosr.dicom.structure import UnusableFile
from hosr.identity import is_usable_uid
from hosr.intake.images.elements import kind_of
from hosr.intake.images.sources import MAX_FILES
from hosr.intake.images.values import completed, open_file, require_bearable, with_preamble

_SOP_CLASS, _INSTANCE, _STUDY = 0x00080016, 0x00080018, 0x0020000D
_STUDY_DATE, _PATIENT_ID, _BODY_PART = 0x00080020, 0x00100020, 0x00180015
_TAGS = (_SOP_CLASS, _INSTANCE, _STUDY, _STUDY_DATE, _PATIENT_ID, _BODY_PART, *OWN_TAGS)

# Where an image that says so shows no hip (PS3.16 table L-1); all other words, and none, may be of one.
# One of the abdomen may be: a CT of it goes down to the hips as often as not.
_ELSEWHERE = frozenset(
    [
        "ANKLE",
        "ARM",
        "BRAIN",
        "BREAST",
        "CALCANEUS",
        "CALF",
        "CHEST",
        "CLAVICLE",
        "CSPINE",
        "EAR",
        "ELBOW",
        "EYE",
        "FINGER",
        "FOOT",
        "FOREARM",
        "HAND",
        "HEAD",
        "HEADNECK",
        "HEART",
        "HUMERUS",
        "JAW",
        "KNEE",
        "KIDNEY",
        "LARYNX",
        "LIVER",
        "LOWERLEG",
        "LUNG",
        "MANDIBLE",
        "MAXILLA",
        "NECK",
        "ORBIT",
        "PANCREAS",
        "RIB",
        "SCAPULA",
        "SELLA",
        "SHOULDER",
        "SKULL",
        "SPLEEN",
        "STERNUM",
        "STOMACH",
        "TIBIAFIBULA",
        "TOE",
        "TSPINE",
        "UPPERARM",
        "WRIST",
        "ZYGOMA",
    ]
)

_ZIP = b"PK\3\4"
# What a damaged archive makes its reader throw.
_DAMAGED_ARCHIVE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    ValueError,
    RuntimeError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageHeader:
    """An image that can be graded, as far as it says which it is and of whom, in the default repertoire.

    `may_show_hip` is False where it says that it is of another part of the body.
    """

    study: str
    instance: str
    patient_id: str = field(default="", repr=False)
    study_date: str = ""
    may_show_hip: bool = True


def look_into(path: Path) -> tuple[ImageHeader, ...]:
    """The images that a file holds: one, those of an archive, or none.

    Raises `UnusableFile` for an archive beyond what is bearable, and `OSError`.
    """
    with open_file(path) as stream:
        is_archive = stream.read(len(_ZIP)) == _ZIP
    if is_archive:
        return tuple(_members(path))
    with completed(open_file(path)) as stream, suppress(UnusableFile):
        found = _image_in(stream)
        return () if found is None else (found,)
    return ()


def _members(path: Path) -> Iterator[ImageHeader]:
    """The images in an archive. What is none, or damaged, is left out, as in a folder.

    One that is not whole has none.
    """
    with suppress(*_DAMAGED_ARCHIVE), zipfile.ZipFile(path) as archive:
        listed = archive.infolist()
        if len(listed) > MAX_FILES:
            raise UnusableFile(f"holds more than {MAX_FILES} files")
        require_bearable(listed)
        for member in listed:
            with suppress(UnusableFile):
                found = _image_in(io.BytesIO(with_preamble(archive.read(member))))
                if found is not None:
                    yield found


def _image_in(stream: BinaryIO) -> ImageHeader | None:
    """The header of an image that can be graded."""
    seen = peek(stream, _TAGS)
    study, instance = seen.text(_STUDY), seen.text(_INSTANCE)
    is_image = kind_of(seen.text(_SOP_CLASS)) is not None and not is_own(seen)
    if not (is_image and is_usable_uid(study) and is_usable_uid(instance)):
        return None
    part = "".join(seen.text(_BODY_PART).upper().split())
    return ImageHeader(
        study=study,
        instance=instance,
        patient_id=seen.text(_PATIENT_ID).strip(),
        study_date=seen.text(_STUDY_DATE).strip(),
        may_show_hip=part not in _ELSEWHERE,
    )
