"""The names of the numbers of a label map: in the file itself, or in the file of nnU-Net beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from hosr.annotations.json_files import read_json
from hosr.annotations.sidecars import labels_of_nnunet
from hosr.errors import RecordRefused

if TYPE_CHECKING:
    from hosr.annotations.account import Account

MOST_LABELS = 1000

_ROOT = "CaretExtension"
_LABEL = "Label"
_MOST_DEPTH = 32
_BACKGROUND = 0


def names_in(extensions: Iterable[bytes]) -> dict[int, str]:
    """The label table in the extensions of a NIfTI file, as Connectome Workbench and TotalSegmentator write it.

    What is no such table is none of a label map's business, and passed over.
    """
    for content in extensions:
        if _ROOT.encode() in content[:2000]:
            names = _Table().read(content.rstrip(b"\0 \r\n\t"))
            if names:
                return names
    return {}


class _Table:
    """A label table in XML: `<Label Key="1">name</Label>`, without entities of its own."""

    def __init__(self) -> None:
        self._names: dict[int, str] = {}
        self._open: list[str] = []
        self._key: int | None = None
        self._text: list[str] = []

    def read(self, content: bytes) -> dict[int, str]:
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = _refuse
        parser.EntityDeclHandler = _refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text_handler
        try:
            parser.Parse(content, True)
        except (expat.ExpatError, LookupError, ValueError, _Foreign):
            return {}
        return self._names

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._open.append(name)
        if len(self._open) > _MOST_DEPTH or len(self._names) > MOST_LABELS:
            raise _Foreign
        key = attributes.get("Key", "")
        is_label = name == _LABEL and key.isascii() and key.isdigit() and len(key) < 10
        self._key, self._text = (int(key) if is_label else None), []

    def _text_handler(self, text: str) -> None:
        if self._key is not None:
            self._text.append(text)

    def _end(self, _: str) -> None:
        self._open.pop()
        name = "".join(self._text).strip()
        if self._key and name:
            self._names[self._key] = name
        self._key = None


class _Foreign(Exception):
    """XML of another kind."""


def _refuse(*_: object) -> None:
    raise _Foreign


def names_beside(path: Path, account: Account) -> dict[int, str]:
    """The labels of nnU-Net's `dataset.json` in the folder of a file; none where there is no such file.

    Version 2 writes name -> number, version 1 the other way.
    """
    beside = labels_of_nnunet(path)
    if beside is None:
        return {}
    try:
        dataset: Any = read_json(beside)
    except RecordRefused:
        return {}
    said = dataset.get("labels") if isinstance(dataset, Mapping) else None
    if not isinstance(said, Mapping) or len(said) > MOST_LABELS:
        return {}
    pairs = (_pair(key, value) for key, value in said.items())
    names = {number: name for number, name in filter(None, pairs) if number != _BACKGROUND}
    if names:
        account.take(path.name, f"names of its labels are those in {beside.name} beside it")
    return names


def _pair(key: str, value: Any) -> tuple[int, str] | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value, key
    if isinstance(value, str) and key.isascii() and key.isdigit() and len(key) < 10:
        return int(key), value
    return None
