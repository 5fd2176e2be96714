"""Mutated files of viewers: a record or a clean refusal, never anything else, and nobody is named."""

from __future__ import annotations

import io
from contextlib import suppress
from functools import cache

import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from pydicom import Dataset, dcmread

from hosr.annotations.authorship import Author
from hosr.annotations.context import Context
from hosr.annotations.records import import_read
from hosr.annotations.viewers.measurement_groups import read_report
from hosr.dicom.elements import unvalidated_pydicom
from hosr.errors import Fault, HosrError
from tests.annotations.viewers.files import FILES, OHIF, context_of
from tests.annotations.viewers.test_comparison import AUTHOR
from tests.drawn import drawn

pytestmark = pytest.mark.filterwarnings("ignore")

_NAMES = (
    OHIF,
    "adapters-5.6.8/many.dcm",
    "adapters-5.6.8/ct-mpr-3d.dcm",
    "adapters-2.19.16/old-many.dcm",
    "highdicom/tid1410-planar.dcm",
    "dcmqi/tid1500.dcm",
)
_TEXTS = (
    "",
    "x" * 300,
    "\x1b[31m",
    "a\\b",
    "Right HO gap",
    "gap both",
    "1e999",
    "-1",
    "2.25.1",
    "日本",
)
_IN_CHARACTER_SET = frozenset({"SH", "LO", "ST", "LT", "PN", "UC", "UT"})
_NUMBERS: tuple[list[float], ...] = (
    [],
    [0.0],
    [1.0, 2.0, 3.0],
    [float("nan")] * 4,
    [1e30] * 4,
    [-5.0, 0.0, 5.0, 1e9],
    [1.0] * 60,
)


@cache
def _content(name: str) -> bytes:
    return (FILES / name).read_bytes()


@st.composite
def _spoilt_bytes(draw: st.DrawFn) -> tuple[str, bytes]:
    """A file with a few of its bytes changed, added or removed, or its end cut off."""
    name = draw(st.sampled_from(_NAMES))
    content = bytearray(_content(name))
    for _ in range(draw(st.integers(1, 4))):
        if len(content) <= 128:
            break
        at = draw(st.integers(128, len(content) - 1))
        how = draw(st.sampled_from(("change", "change", "insert", "remove", "cut")))
        some = draw(st.binary(min_size=1, max_size=6))
        span = draw(st.integers(1, 40))
        if how == "change":
            content[at : at + len(some)] = some
        elif how == "insert":
            content[at:at] = some
        elif how == "remove":
            del content[at : at + span]
        else:
            del content[at + span :]
    return name, bytes(content)


@st.composite
def _odd_items(draw: st.DrawFn) -> tuple[str, bytes]:
    """A file that is well formed, with elements of its items left out or changed."""
    name = draw(st.sampled_from(_NAMES))
    document = dcmread(io.BytesIO(_content(name)))
    items = [document, *_items(document)]
    with unvalidated_pydicom():
        for _ in range(draw(st.integers(1, 4))):
            item = draw(st.sampled_from(items))
            element = draw(st.sampled_from([*item]))
            if not draw(st.integers(0, 2)):
                del item[element.tag]
            elif element.VR == "SQ":
                element.value = [] if draw(st.booleans()) else [*element.value, *element.value]
            elif element.VR in ("FL", "FD"):
                element.value = draw(st.sampled_from(_NUMBERS))
            elif element.VR not in ("US", "UL", "SS", "OB", "OW", "AT"):
                text = draw(st.sampled_from(_TEXTS))
                # Only these are written in the character set of the file (PS3.5 section 6.1.2.3).
                is_sayable = text.isascii() or element.VR in _IN_CHARACTER_SET
                with suppress(ValueError):  # pydicom takes no such number
                    element.value = text if is_sayable else "?"
            items = [each for each in items if len(each)]
        stream = io.BytesIO()
        document.save_as(stream)
    return name, stream.getvalue()


def _items(dataset: Dataset) -> list[Dataset]:
    found = []
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value:
                found += [item, *_items(item)]
    return found


def _import(name: str, data: bytes) -> str:
    """How it ends, and whether what is said names nobody."""
    context: Context = context_of(name)
    author: Author = AUTHOR
    faults: tuple[Fault, ...] | None = None
    try:
        import_read([read_report(data, "a.dcm", context)], context, author)
    except HosrError as refusal:
        faults = refusal.faults
    said = str([faults, context.account.as_json()])
    assert faults != ()
    assert "Phantom" not in said
    assert "HOSR-000" not in said
    return "taken" if faults is None else "refused"


@drawn(examples=60)
@given(_spoilt_bytes())
def test_spoilt_bytes_are_taken_or_refused(spoilt: tuple[str, bytes]) -> None:
    """Whatever bytes a file has."""
    event(_import(*spoilt))


@drawn(examples=60)
@given(_odd_items())
def test_odd_items_are_taken_or_refused(odd: tuple[str, bytes]) -> None:
    """Whatever its content items lack or hold."""
    event(_import(*odd))
