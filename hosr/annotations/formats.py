"""Which kind of source a file is, told by what is in it and never by its name alone.

Each kind that hosr reads has its reader; each that it does not has the reason, by name.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn, cast

from pydicom import uid

from hosr.annotations.json_files import read_json
from hosr.dicom.elements import BARE_BYTES, begins_bare, is_dicom, peek, quiet_pydicom
from hosr.dicom.structure import UnusableFile
from hosr.errors import Fault, HosrError, RecordRefused
from hosr.intake.images.elements import kind_of as image_kind_of
from hosr.intake.images.others import LABEL_MAP_SEGMENTATION
from hosr.intake.record.json_text import refusing_unreadable

if TYPE_CHECKING:
    from hosr.annotations.context import Context
    from hosr.annotations.sources import Source

    Reader = Callable[[Path, Context], Source]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A kind of file: in words, and the module whose `read` reads it, or why hosr does not.

    The module is named and not imported: most need numpy, and an import reads one kind.
    """

    words: str
    module: str = ""
    reason: str = ""
    remedy: str = ""


_VOLUMES, _PICTURES, _VIEWERS = (
    f"hosr.annotations.{room}" for room in ("volumes", "pictures", "viewers")
)
_SEGMENTATION = Format(words="a DICOM Segmentation", module=f"{_VOLUMES}.segmentation")
_DOCUMENT = Format(words="a DICOM Structured Report", module=f"{_VIEWERS}.measurement_groups")
_STATE = Format(words="a DICOM presentation state", module=f"{_VIEWERS}.presentation_states")

_OF_SOP_CLASS: Mapping[str, Format] = {
    uid.SegmentationStorage: _SEGMENTATION,
    LABEL_MAP_SEGMENTATION: _SEGMENTATION,
    uid.BasicTextSRStorage: _DOCUMENT,
    uid.EnhancedSRStorage: _DOCUMENT,
    uid.ComprehensiveSRStorage: _DOCUMENT,
    uid.Comprehensive3DSRStorage: _DOCUMENT,
    uid.GrayscaleSoftcopyPresentationStateStorage: _STATE,
    uid.RTStructureSetStorage: Format(
        words="an RT Structure Set",
        reason="its contours are drawn slice by slice, and are no surface that a space is measured from",
        remedy="convert it to a DICOM Segmentation",
    ),
    uid.SurfaceSegmentationStorage: Format(
        words="a DICOM Surface Segmentation",
        reason="hosr reads segments of voxels",
        remedy="convert it to a DICOM Segmentation",
    ),
    uid.KeyObjectSelectionDocumentStorage: Format(
        words="a key object selection", reason="it holds no measurement", remedy="leave it out"
    ),
}
_OTHER_DICOM = Format(
    words="a DICOM object",
    reason="it is neither a segmentation, a structured report nor a presentation state",
    remedy="leave it out",
)
_IMAGE = Format(
    words="an image",
    reason="an image says nothing of what was drawn on it",
    remedy="give it among the images",
)

NIFTI = Format(words="a NIfTI file", module=f"{_VOLUMES}.nifti")
_NUMPY = Format(words="arrays of NumPy", module=f"{_VOLUMES}.arrays")
_PNG = Format(words="a PNG picture", module=f"{_PICTURES}.label_maps")

_GZIP = b"\x1f\x8b"
# The first bytes of a file, and what it is; NIfTI has its mark behind its header.
_OF_BEGINNING: tuple[tuple[re.Pattern[bytes], Format], ...] = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), _PNG),
    (re.compile(rb"\x93NUMPY|PK\x03\x04.{26}[^/]{0,80}\.npy", re.DOTALL), _NUMPY),
    (
        re.compile(rb"\x80[\x02-\x05][\x95}\]c(]"),
        Format(
            words="a pickle of Python",
            reason="a pickle is a program, which reading it would run",
            remedy="save what is in it as NIfTI, NPZ or JSON",
        ),
    ),
    (
        re.compile(rb"PK\x03\x04"),
        Format(words="a ZIP archive", reason="hosr reads single files", remedy="unpack it"),
    ),
    (
        re.compile(rb"NRRD000\d|ObjectType *=|NDims *="),
        Format(
            words="an NRRD or MetaImage file",
            reason="hosr reads volumes as DICOM Segmentation and NIfTI",
            remedy="save it as NIfTI",
        ),
    ),
    (
        re.compile(rb"\x89HDF\r\n\x1a\n"),
        Format(
            words="an HDF5 file", reason="its layout is its maker's own", remedy="save it as NIfTI"
        ),
    ),
    (
        re.compile(rb"\xff\xd8\xff|GIF8|BM.{4}\x00{4}|II\*\x00|MM\x00\*", re.DOTALL),
        Format(
            words="a picture in JPEG, GIF, BMP or TIFF",
            reason="a label map is a PNG: lossy pictures change its numbers",
            remedy="save the label map as PNG",
        ),
    ),
    (
        re.compile(rb"(?:\xef\xbb\xbf)?\s*<"),
        Format(
            words="XML, as CVAT exports it",
            reason="hosr reads the exports of CVAT in the forms of COCO and YOLO",
            remedy="export it as COCO 1.0",
        ),
    ),
)

_COCO = Format(words="COCO annotations", module=f"{_PICTURES}.coco")
_LABELME = Format(words="a LabelMe file", module=f"{_PICTURES}.labelme")
_SLICER = Format(words="markups of 3D Slicer", module=f"{_PICTURES}.slicer")
SCORES = Format(words="scores", module="hosr.annotations.scores.reader")
_YOLO = Format(words="YOLO labels", module=f"{_PICTURES}.yolo")
_LABEL_STUDIO = Format(
    words="an export of Label Studio",
    reason="hosr reads its exports in the forms of COCO and YOLO",
    remedy="export it as COCO",
)
RECORD = Format(
    words="a grading record",
    reason="there is nothing to be imported",
    remedy="give it to hosr report",
)
_UNKNOWN = Format(
    words="of no kind that hosr knows",
    reason="see `hosr describe import`",
    remedy="export it in one of the forms listed there",
)

_HEAD_BYTES = 4096
_NIFTI_MARKS = {(348, 344): (b"n+1\0", b"ni1\0"), (540, 4): (b"n+2\0", b"ni2\0")}
_NUMBERS = re.compile(r"\d+(?:[ \t]+[-+0-9.eE]+){4,}[ \t]*(?:\r?\n|$)")


def format_of(path: Path) -> Format:
    """The kind of a file. Raises `RecordRefused` where it cannot be read."""
    _refuse_pipe(path)
    with refusing_unreadable(path.name), path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        if is_dicom(file) or begins_bare(head[:BARE_BYTES]):
            return _of_dicom(path, file, head)
    if _is_nifti(head):
        return NIFTI
    for begin, found in _OF_BEGINNING:
        if begin.match(head):
            return found
    return _of_text(path, head)


def _refuse_pipe(path: Path) -> None:
    """A pipe is read once, and a source more than once; one that nobody fills is waited for."""
    with refusing_unreadable(path.name):
        is_kept = path.is_file() or path.is_dir() or not path.exists()
    if not is_kept:
        problem = "is a pipe or a device"
        raise RecordRefused(Fault(path.name, problem, "save what comes out of it as a file"))


def source_classes() -> tuple[str, ...]:
    """The SOP classes of all DICOM objects that a reader reads."""
    return tuple(str(sop_class) for sop_class, found in _OF_SOP_CLASS.items() if found.module)


def read_source(path: Path, context: Context) -> Source:
    """What is in a file, by the reader of its kind.

    Raises `RecordRefused` for a kind that hosr does not read, with the reason, and for a damaged one.
    """
    found = format_of(path)
    if found.reason:
        refuse_format(path, found)
    read = cast("Reader", import_module(found.module).read)
    return read(path, context)


@contextmanager
def refusing_damaged(name: str) -> Iterator[None]:
    """Whatever damaged values of DICOM make pydicom throw is said in one sentence, as `RecordRefused`."""
    try:
        with quiet_pydicom():
            yield
    except UnusableFile as refusal:
        raise RecordRefused(Fault(name, refusal.problem, refusal.remedy)) from None
    except (HosrError, MemoryError):
        raise
    except Exception:  # noqa: BLE001 (of any kind)
        problem = "is damaged and cannot be read"
        raise RecordRefused(Fault(name, problem, "fetch the file again")) from None


def refuse_format(path: Path, found: Format) -> NoReturn:
    """Refuse a file of a kind that hosr does not read."""
    raise RecordRefused(Fault(path.name, f"is {found.words}: {found.reason}", found.remedy))


def _of_dicom(path: Path, file: BinaryIO, head: bytes) -> Format:
    if begins_bare(head):
        problem = "is DICOM without its preamble and meta information"
        raise RecordRefused(Fault(path.name, problem, "store it as a DICOM file"))
    file.seek(0)
    with refusing_damaged(path.name):
        seen = peek(file, (0x00080016,))
    sop_class = seen.text(0x00080016) or seen.media_sop_class_uid
    if image_kind_of(sop_class) is not None:
        return _IMAGE
    return _OF_SOP_CLASS.get(sop_class, _OTHER_DICOM)


def _is_nifti(head: bytes) -> bool:
    """By the size of the header and the mark in it (nifti1.h, nifti2.h), unpacked where it is gzip."""
    if head.startswith(_GZIP):
        try:
            head = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, _HEAD_BYTES)
        except zlib.error:
            return False
    size = (head[:4], head[:4][::-1])
    return any(
        length.to_bytes(4, "little") in size and head[place : place + 4] in marks
        for (length, place), marks in _NIFTI_MARKS.items()
    )


def _of_text(path: Path, head: bytes) -> Format:
    try:
        text = io.TextIOWrapper(io.BytesIO(head), "utf-8-sig", errors="strict").read()
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:
            return _UNKNOWN
        text = head[: error.start].decode("utf-8-sig")
    if "\0" in text:
        return _UNKNOWN
    begun = text.lstrip()
    if begun[:1] in ("{", "["):
        return _of_json(read_json(path))
    if not begun or _NUMBERS.match(begun):
        return _YOLO  # a file without a line is one without an object
    return SCORES if re.match(r"[^\n]*[,;\t]", begun) else _UNKNOWN


_MANIFEST = Format(
    words="a manifest of hosr",
    reason="its grades are those of a report, and of no model",
    remedy="read that report with `hosr read`",
)

# The keys of a JSON object, and what it is; the first row whose keys are all there.
_OF_KEYS: tuple[tuple[frozenset[str], Format], ...] = (
    (frozenset({"schema_version", "hips"}), RECORD),
    (frozenset({"hosr_version", "hips"}), _MANIFEST),
    (frozenset({"annotations", "categories"}), _COCO),
    (frozenset({"annotations", "images"}), _COCO),  # its categories are numbers then
    (frozenset({"shapes", "imagePath"}), _LABELME),
    (frozenset({"markups"}), _SLICER),
)
_OF_LISTED_KEYS: tuple[tuple[frozenset[str], Format], ...] = (
    (frozenset({"schema_version", "hips"}), RECORD),
    (frozenset({"image_id", "category_id"}), _COCO),
    (frozenset({"annotations", "data"}), _LABEL_STUDIO),
)


def _of_json(value: Any) -> Format:
    rows = _OF_KEYS
    if isinstance(value, list):
        rows, value = _OF_LISTED_KEYS, value[0] if value else {}
    if not isinstance(value, dict):
        return SCORES
    return next((found for keys, found in rows if keys <= value.keys()), SCORES)


# Each kind once, those that are read first in the order of this module.
FORMATS: tuple[Format, ...] = tuple(
    dict.fromkeys(
        (
            *_OF_SOP_CLASS.values(),
            NIFTI,
            *(found for _, found in _OF_BEGINNING),
            *(found for _, found in (*_OF_KEYS, *_OF_LISTED_KEYS)),
            _YOLO,
            SCORES,
        )
    )
)
