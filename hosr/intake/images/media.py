"""The files that a DICOMDIR refers to (PS3.3 Annex F), by whatever name its medium has them now.

A directory names files in capitals and without an extension (PS3.10 section 8.2). A copy of the
medium may have them in small letters, with the version of ISO 9660 behind a semicolon, or with an
extension that a program gave them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.dicom.elements import read_elements
from hosr.dicom.structure import UnusableFile
from hosr.intake.images.header import Header
from hosr.intake.images.values import label
from hosr.phrases import phrase

if TYPE_CHECKING:
    from typing import BinaryIO

    from hosr.intake.images.values import Ledger

_DIRECTORY_RECORDS = (0x00041220,)
_INACTIVE = 0

# What a file system adds to a name of ISO 9660 level 1, and what programs add.
_VERSION = re.compile(r"\.?(;\d+)?$", re.ASCII)
_EXTENSION = re.compile(r"\.(dcm|dicom|dic|ima)$")


def referenced_files(path: Path, stream: BinaryIO, name: str, ledger: Ledger) -> Iterator[Path]:
    """The files that the directory `stream`, which lies at `path`, refers to.

    None of them is outside of its folder. Read here and not as a pydicom FileSet, which opens
    every file without a cap. What is not there is noted. Raises UnusableFile for a directory that
    leads out of its folder.
    """
    elements = read_elements(stream, _DIRECTORY_RECORDS).elements
    medium = _Medium(path.parent.resolve())
    is_empty = True
    for record in Header(elements, note=lambda _: None).items("DirectoryRecordSequence"):
        if not record.has("ReferencedFileID") or record.whole("RecordInUseFlag") == _INACTIVE:
            continue
        is_empty = False
        found = medium.find(record.values("ReferencedFileID"))
        if not found:
            ledger.note(name, phrase("refers to a file that is not there"))
        for file, is_renamed in found.items():
            if is_renamed:
                problem = phrase("has another name in the DICOMDIR; it is used")
                ledger.note(label(file.name), problem)
            yield file
    if is_empty:
        ledger.note(name, phrase("refers to no file"))


class _Medium:
    """The folder of a directory; what each folder in it holds is listed once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._listed: dict[Path, Mapping[str, list[str]]] = {}

    def find(self, components: list[str]) -> dict[Path, bool]:
        """The files of this name; whether the name differs by more than a file system makes of it."""
        if any(part in {"", ".", ".."} or set(part) & set("/\\:\0") for part in components):
            raise UnusableFile(*_OUTSIDE)
        folders = [self._root]
        for part in components[:-1]:
            folders = [folder / name for folder in folders for name in self._named(folder, part)]
        last = components[-1]
        for add_extension in (False, True):
            files = [
                (folder / name).resolve()
                for folder in folders
                for name in self._named(folder, last, add_extension=add_extension)
            ]
            if not all(file.is_relative_to(self._root) for file in files):
                raise UnusableFile(*_OUTSIDE)
            found = [file for file in files if file.is_file()]
            if found:
                return dict.fromkeys(found, add_extension)
        return {}

    def _named(self, folder: Path, part: str, *, add_extension: bool = False) -> list[str]:
        """What in a folder goes by a name: exactly, else by what is left of it."""
        names = self._names(folder)
        key = _key(part)
        if not add_extension:
            alike = names.get(key, [])
            return [part] if part in alike else alike
        stem = _EXTENSION.sub("", key)
        return [
            name for k, those in names.items() if _EXTENSION.sub("", k) == stem for name in those
        ]

    def _names(self, folder: Path) -> Mapping[str, list[str]]:
        if folder not in self._listed:
            if not folder.resolve().is_relative_to(self._root):
                raise UnusableFile(*_OUTSIDE)
            names: dict[str, list[str]] = {}
            for file in sorted(folder.iterdir()) if folder.is_dir() else ():
                names.setdefault(_key(file.name), []).append(file.name)
            self._listed[folder] = names
        return self._listed[folder]


_OUTSIDE = (
    phrase("refers to a file outside of its folder"),
    phrase("do not trust this medium"),
)


def _key(name: str) -> str:
    return _VERSION.sub("", name.strip()).casefold()
