"""A DICOM file, opened with care: the elements that matter, or all of them.

Compression and length fields are believed only up to a cap (a deflated file of 400 kB can hold
800 MB), and whatever the reader of elements throws becomes one sentence.
"""

from __future__ import annotations

import io
import logging
import re
import sys
import threading
import warnings
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import BinaryIO

from pydicom.config import disable_value_validation
from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.tag import BaseTag
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from hosr.dicom.structure import (
    MAX_VALUE_BYTES,
    Encoding,
    Extent,
    Passed,
    PixelElement,
    UnusableFile,
    pass_through,
    standing_twice,
)
from hosr.dicom.transcoding import inflated
from hosr.phrases import phrase

MAX_FILE_BYTES = 2 << 30
MEDIA_DIRECTORY = "1.2.840.10008.1.3.10"

# Deflated as a whole; the other two are the deflated forms of JPIP.
_DEFLATED = frozenset(
    {DeflatedExplicitVRLittleEndian, "1.2.840.10008.1.2.4.95", "1.2.840.10008.1.2.4.205"}
)
_PIXEL_DATA = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
_CHARACTER_SET = 0x00080005
_META_TAGS = (0x00020002, 0x00020010)

PREAMBLE = bytes(128) + b"DICM"

# How a file begins whose writer left the preamble out: with one of the first elements of group 2 or 8,
# its value representation, or the length of a short value; soon a UID of the standard follows.
_BARE = re.compile(
    rb"[\x02\x08]\0[\0-\x18]\0(UL|OB|CS|DA|TM|UI|LO|SH)|\x08\0[\0-\x18]\0..\0\0", re.DOTALL
)
_STANDARD_ROOT = b"1.2.840.10008."
BARE_BYTES = 1024


def is_dicom(stream: BinaryIO) -> bool:
    """Whether the stream has the DICOM mark behind its preamble (PS3.10 section 7.1)."""
    stream.seek(128)
    return stream.read(4) == b"DICM"


def begins_bare(head: bytes) -> bool:
    """Whether a file that begins with these bytes is DICOM without its preamble and mark."""
    return bool(_BARE.match(head)) and _STANDARD_ROOT in head[:BARE_BYTES]


def read_meta(stream: BinaryIO) -> tuple[str, str]:
    """The SOP class and the transfer syntax that the file meta information names; "" if absent."""
    stream.seek(132)
    meta = read_dataset(
        stream,
        is_implicit_VR=False,
        is_little_endian=True,
        stop_when=lambda tag, _vr, _length: tag >> 16 != 2,
        specific_tags=list(_META_TAGS),
    )
    return _uid(meta, 0x00020002), _uid(meta, 0x00020010)


def data_set_start(stream: BinaryIO) -> int:
    """Where the data set begins: behind the file meta information."""
    read_meta(stream)
    return stream.tell()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What was taken from a file: elements as written, whether pixel data follow, and its label.

    `media_sop_class_uid` and `transfer_syntax` are those of the file meta information, of which
    images only repeat the first; "" where it does not name them. `repeated` are elements that stand
    more than once with different values, of which the last is taken.
    """

    elements: Dataset
    pixel_data: bool
    repeated: tuple[int, ...]
    media_sop_class_uid: str
    transfer_syntax: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Peeked:
    """What was seen of a file, or of an item in it, by tag; nothing of it is an object of pydicom.

    `texts` are without padding, several values of one element with a backslash between; an element
    that is absent is in neither mapping. `transfer_syntax` is that of the file.
    """

    texts: Mapping[int, str]
    sequences: Mapping[int, tuple[Peeked, ...]]
    media_sop_class_uid: str = ""
    transfer_syntax: str = ""

    def text(self, tag: int) -> str:
        """The value of an element; "" where there is none."""
        return self.texts.get(tag, "")

    def items(self, tag: int) -> tuple[Peeked, ...]:
        """The items of a sequence; none where it is absent or empty."""
        return self.sequences.get(tag, ())


def peek(file: bytes | BinaryIO, tags: Collection[int]) -> Peeked:
    """The texts and sequences of these tags, and of no others, of a DICOM file that is whole.

    For who has one question to a file, such as which object it is. `file` is all of its bytes, or
    a stream of them. Texts are read in the default repertoire, as codes and UIDs are written.

    Raises UnusableFile, and nothing else but what a stream raises, for what is no DICOM file, cannot
    be read whole, or gives two answers.
    """
    stream = io.BytesIO(file) if isinstance(file, bytes) else file
    if not is_dicom(stream):
        raise UnusableFile(phrase("is not a DICOM file"))
    try:
        contents = _once_each(read_elements(stream, tags))
        return replace(
            _peeked(contents.elements),
            media_sop_class_uid=contents.media_sop_class_uid,
            transfer_syntax=contents.transfer_syntax,
        )
    except (UnusableFile, OSError):
        raise
    except Exception:  # noqa: BLE001 (pydicom throws of every kind on damaged files)
        raise UnusableFile(
            phrase("is damaged and cannot be read"), phrase("fetch the file again")
        ) from None


def _once_each(contents: Contents) -> Contents:
    if contents.repeated:
        raise standing_twice(contents.repeated[0])
    return contents


def _peeked(elements: Dataset) -> Peeked:
    """Texts as they are encoded: pydicom would warn, in any thread, with what is wrong in one."""
    texts: dict[int, str] = {}
    sequences: dict[int, tuple[Peeked, ...]] = {}
    for tag in tuple(elements.keys()):
        element = elements.get_item(tag)
        if _is_sequence(element):
            with quiet_pydicom():
                sequences[int(tag)] = tuple(map(_peeked, elements[tag].value))
        elif isinstance(element, RawDataElement):
            texts[int(tag)] = (element.value or b"").decode("iso8859").strip(" \0")
        else:  # a character set on the way to an item
            texts[int(tag)] = str(element.value)
    return Peeked(texts=texts, sequences=sequences)


def _is_sequence(element: DataElement | RawDataElement) -> bool:
    is_unsaid = element.VR in (None, "UN") and dictionary_has_tag(element.tag)
    return (dictionary_VR(element.tag) if is_unsaid else element.VR) == "SQ"


def read_elements(stream: BinaryIO, tags: Collection[int]) -> Contents:
    """The elements of these tags and no others.

    Raises UnusableFile for a file that cannot be read whole.
    """
    whole = _checked(stream, frozenset(tags))
    elements = Dataset(whole.passed.elements)
    if whole.passed.of_unknown_length:
        elements.update(_read(whole, [*whole.passed.of_unknown_length, _CHARACTER_SET]))
    return Contents(
        elements=elements,
        pixel_data=bool(whole.passed.pixels),
        repeated=whole.passed.repeated,
        media_sop_class_uid=whole.media_sop_class_uid,
        transfer_syntax=whole.transfer_syntax,
    )


def _read(whole: _Whole, tags: Collection[int]) -> Dataset:
    """The elements of these tags by pydicom's reader, which knows where items end."""
    return read_dataset(
        whole.stream,
        is_implicit_VR=whole.encoding.implicit,
        is_little_endian=whole.encoding.little_endian,
        stop_when=lambda tag, _vr, _length: tag in _PIXEL_DATA,
        defer_size=MAX_VALUE_BYTES,
        specific_tags=list(tags),
    )


def read_data_set(stream: BinaryIO) -> tuple[Dataset, str]:
    """The data set with everything in it, and its transfer syntax.

    Where none is named, it is the one of these elements that is not compressed.

    Raises UnusableFile for a file that cannot be read whole.
    """
    whole = _checked(stream)
    return _read_all(whole), whole.transfer_syntax or _uncompressed(whole.encoding)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderAndPixels:
    """A data set up to its pixel data, its transfer syntax, and where in `stream` the pixels lie."""

    data_set: Dataset
    transfer_syntax: str
    stream: BinaryIO
    pixels: tuple[PixelElement, ...]


def read_header(stream: BinaryIO) -> HeaderAndPixels:
    """As `read_data_set`, but for pixel data, which stay where they are, as long as `stream` is open.

    Raises UnusableFile for a file that cannot be read whole.
    """
    whole = _checked(stream)
    data_set = _read_all(whole, lambda tag, _vr, _length: tag in _PIXEL_DATA)
    return HeaderAndPixels(
        data_set=data_set,
        transfer_syntax=whole.transfer_syntax or _uncompressed(whole.encoding),
        stream=whole.stream,
        pixels=whole.passed.pixels,
    )


def _read_all(
    whole: _Whole, stop_when: Callable[[BaseTag, str | None, int], bool] | None = None
) -> Dataset:
    return read_dataset(
        whole.stream,
        is_implicit_VR=whole.encoding.implicit,
        is_little_endian=whole.encoding.little_endian,
        stop_when=stop_when,
    )


def _uncompressed(encoding: Encoding) -> str:
    return ImplicitVRLittleEndian if encoding.implicit else ExplicitVRLittleEndian


@dataclass(frozen=True, slots=True, kw_only=True)
class _Whole:
    """A data set that was walked through to its end; its stream stands at its start."""

    stream: BinaryIO
    encoding: Encoding
    passed: Passed
    media_sop_class_uid: str
    transfer_syntax: str


def _checked(stream: BinaryIO, wanted: Collection[int] = frozenset()) -> _Whole:
    size = stream.seek(0, io.SEEK_END)
    sop_class_uid, syntax = read_meta(stream)
    extent = Extent(start=stream.tell(), end=size)
    if syntax in _DEFLATED:
        content = inflated(stream)
        stream, extent = io.BytesIO(content), Extent(start=0, end=len(content))
    if extent.start >= extent.end:
        raise UnusableFile(
            phrase("is truncated: there is no data set"), phrase("fetch the file again")
        )
    encoding = _encoding(stream, extent, syntax)
    passed = pass_through(stream, extent, encoding, wanted)
    stream.seek(extent.start)
    return _Whole(
        stream=stream,
        encoding=encoding,
        passed=passed,
        media_sop_class_uid=sop_class_uid,
        transfer_syntax=syntax,
    )


def _encoding(stream: BinaryIO, extent: Extent, syntax: str) -> Encoding:
    """How the elements are written: by the transfer syntax, and by what the first element shows."""
    stream.seek(extent.start + 4)
    code = stream.read(2)
    shows_vr = len(code) == 2 and code.isalpha() and code.isupper()
    return Encoding(
        implicit=not shows_vr if code else syntax == ImplicitVRLittleEndian,
        little_endian=syntax != ExplicitVRBigEndian,
    )


def _uid(meta: Dataset, tag: int) -> str:
    value = meta.get_item(tag)
    content = None if value is None else value.value
    return content.decode("ascii", "replace").strip(" \0") if isinstance(content, bytes) else ""


@contextmanager
def quiet_pydicom() -> Iterator[None]:
    """No warning is shown and nothing of pydicom is logged inside of this.

    Its warnings and log lines quote values of the header.
    """
    own_warnings = getattr(sys.flags, "context_aware_warnings", False)  # of each thread, from 3.14
    with (
        _shared(_silent_loggers),
        _without_warnings() if own_warnings else _shared(_without_warnings),
    ):
        yield


@contextmanager
def unvalidated_pydicom() -> Iterator[None]:
    """Values are read and written as they are inside of this, valid or not."""
    with _shared(disable_value_validation):
        yield


@contextmanager
def _without_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _silent_loggers() -> Iterator[None]:
    names = [name for name in logging.root.manager.loggerDict if name.startswith("pydicom.")]
    loggers = [logging.getLogger(name) for name in ("pydicom", *names)]
    were_disabled = [logger.disabled for logger in loggers]
    for logger in loggers:
        logger.disabled = True
    try:
        yield
    finally:
        for logger, was_disabled in zip(loggers, were_disabled, strict=True):
            logger.disabled = was_disabled


_Setting = Callable[[], AbstractContextManager[None]]
_SHARED = threading.Lock()
_HOLDERS: Counter[_Setting] = Counter()
_HELD: dict[_Setting, AbstractContextManager[None]] = {}


@contextmanager
def _shared(setting: _Setting) -> Iterator[None]:
    """A setting of the whole process: the first thread makes it, the last one puts it back.

    Threads that each put back what they found would end it too early for one another, or never.
    """
    with _SHARED:
        if not _HOLDERS[setting]:
            _HELD[setting] = setting()
            _HELD[setting].__enter__()
        _HOLDERS[setting] += 1
    try:
        yield
    finally:
        with _SHARED:
            _HOLDERS[setting] -= 1
            if not _HOLDERS[setting]:
                _HELD.pop(setting).__exit__(None, None, None)
