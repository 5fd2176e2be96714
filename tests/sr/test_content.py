"""A content tree is read as pydicom reads it, however its concepts are written."""

from __future__ import annotations

from io import BytesIO

import pytest
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_dataset
from pydicom.filewriter import write_dataset

from hosr.codes import Code
from hosr.sr.content import read_item

MEANINGS = {
    "ISO_IR 100": "Hüftgelenk",
    "ISO_IR 126": "ισχίο",
    "ISO_IR 144": "сустав",
    "ISO_IR 192": "Hüfte ισχίο 股関節",
    "\\ISO 2022 IR 87": "股関節",  # in letters of seven bits, behind an escape
    "\\ISO 2022 IR 149": "고관절",
    "GB18030": "髋关节",
}


def _coded(code: Code) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = (
        code.value,
        code.scheme,
        code.meaning,
    )
    return item


def _tree(code: Code, character_set: str) -> Dataset:
    root = Dataset()
    root.SpecificCharacterSet = character_set
    root.ValueType = "CODE"
    root.RelationshipType = "CONTAINS"
    root.ConceptNameCodeSequence = [_coded(Code("T-1", "99TEST", "Joint"))]
    root.ConceptCodeSequence = [_coded(code)]
    return root


def _as_read(tree: Dataset, *, implicit: bool, little_endian: bool = True) -> Dataset:
    """The tree as a file of it holds it: nothing is converted yet."""
    written = DicomBytesIO()
    written.is_implicit_VR, written.is_little_endian = implicit, little_endian
    write_dataset(written, tree)
    return read_dataset(BytesIO(written.getvalue()), implicit, little_endian)


@pytest.mark.parametrize("character_set", MEANINGS)
@pytest.mark.parametrize(
    ("implicit", "little_endian"), [(False, True), (True, True), (False, False)]
)
def test_a_concept_has_its_meaning_in_every_encoding_and_character_set(
    character_set: str, implicit: bool, little_endian: bool
) -> None:
    """What is written alike in all sets is read once; anything else as its set says."""
    code = Code("T-2", "99TEST", MEANINGS[character_set])
    tree = _as_read(_tree(code, character_set), implicit=implicit, little_endian=little_endian)
    item = read_item(tree)
    assert (item.name, item.value) == (Code("T-1", "99TEST", "Joint"), code)


def test_the_same_bytes_are_another_concept_in_another_character_set() -> None:
    """What was read once is not taken for what it would be in another set."""
    code = Code("T-2", "99TEST", "сустав")
    cyrillic = _as_read(_tree(code, "ISO_IR 144"), implicit=False)
    assert read_item(cyrillic).value == code
    latin = _as_read(_tree(code, "ISO_IR 144"), implicit=False)
    latin.SpecificCharacterSet = "ISO_IR 101"
    assert read_item(_as_read(latin, implicit=False)).value == Code("T-2", "99TEST", "áăáâĐŇ")


def test_an_empty_or_absent_sequence_is_no_concept() -> None:
    """PS3.5 section 7.5: a sequence of Type 2 may hold no item."""
    tree = _tree(Code("T-2", "99TEST", "Joint"), "ISO_IR 100")
    tree.ConceptNameCodeSequence = []
    tree.ConceptCodeSequence = []
    item = read_item(_as_read(tree, implicit=False))
    assert (item.name, item.value) == (None, None)
