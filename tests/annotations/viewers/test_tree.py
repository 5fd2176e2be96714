"""The content tree of another maker's report: texts are those that the file's character set gives."""

from __future__ import annotations

from io import BytesIO

import pytest
from pydicom import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_dataset
from pydicom.filewriter import write_dataset

from hosr.annotations.viewers.tree import read_tree
from hosr.dicom.elements import quiet_pydicom, unvalidated_pydicom

_MARK = "the text is put here"
_TEXTS = {
    "": "",
    "Right HO gap": "Right HO gap",
    " padded \0": "padded",
    "island 2 (8.2 mm)": "island 2 (8.2 mm)",
    "a\\b": "a\\b",
    "line\r\nline": "line\r\nline",
    "~8 mm": "~8 mm",
}
_IN_CHARACTER_SETS = {
    ("ISO_IR 100", b"\xcelot \xe0 droite"): "Îlot à droite",
    ("ISO_IR 192", "Insel rechts äöü ≥5".encode()): "Insel rechts äöü ≥5",
    ("ISO_IR 13", b"\xb1\xb2 5"): "ｱｲ 5",
    ("GB18030", "右侧 5".encode("gb18030")): "右侧 5",
    ("\\ISO 2022 IR 87", b"\x1b$B1&\x1b(B 5"): "右 5",
}


@pytest.mark.parametrize("is_implicit", [True, False])
@pytest.mark.parametrize(
    ("charset", "written", "read"),
    [("ISO_IR 192", text.encode(), read) for text, read in _TEXTS.items()]
    + [(charset, written, read) for (charset, written), read in _IN_CHARACTER_SETS.items()],
)
def test_texts_are_those_of_their_character_set(
    charset: str, written: bytes, read: str, *, is_implicit: bool
) -> None:
    """Plain values are taken as they are written, all others are decoded."""
    item = Dataset()
    item.SpecificCharacterSet = charset.split("\\")
    item.ValueType = "TEXT"
    item.TextValue = _MARK
    content = _bytes_of(item, is_implicit=is_implicit)
    padded = written + b" " * (len(written) % 2)
    (head, _, tail) = content.partition(_MARK.encode())
    length = len(padded).to_bytes(4, "little")
    item = _read(head[:-4] + length + padded + tail, is_implicit=is_implicit)
    with quiet_pydicom(), unvalidated_pydicom():
        assert read_tree(item).text == read


def test_several_values_are_told_as_such() -> None:
    """An element that holds one value, and was given two, is no value of its own."""
    item = Dataset()
    item.ValueType = "UIDREF"
    item.UID = ["1.2.3", "1.2.4"]
    read = _read(_bytes_of(item, is_implicit=True), is_implicit=True)
    assert read_tree(read).text == "['1.2.3', '1.2.4']"


def test_a_code_is_read_in_the_character_set_of_its_item() -> None:
    """The same bytes say other words in another character set."""
    children = []
    for charset in ("ISO_IR 192", "ISO_IR 100", "ISO_IR 192"):
        child, code = Dataset(), Dataset()
        child.SpecificCharacterSet = charset
        child.ValueType = "CODE"
        code.CodeMeaning = b"\xc3\xaelot".decode({"ISO_IR 192": "utf-8"}.get(charset, "latin-1"))
        child.ConceptNameCodeSequence = [code]
        children.append(child)
    root = Dataset()
    root.ContentSequence = children
    read = _read(_bytes_of(root, is_implicit=True), is_implicit=True)
    names = [child.name.meaning for child in read_tree(read).children if child.name is not None]
    assert names == ["îlot", "Ã®lot", "îlot"]


def _bytes_of(item: Dataset, *, is_implicit: bool) -> bytes:
    file = DicomBytesIO()
    file.is_implicit_VR, file.is_little_endian = is_implicit, True
    write_dataset(file, item)
    return file.getvalue()


def _read(content: bytes, *, is_implicit: bool) -> Dataset:
    return read_dataset(BytesIO(content), is_implicit_VR=is_implicit, is_little_endian=True)
