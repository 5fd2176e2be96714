"""Where images are: files, folders, a DICOMDIR, or a ZIP archive.

Nothing is extracted, and nothing outside of what was named is opened: a DICOMDIR reaches only
the folder it lies in, and the members of an archive are read in memory, up to caps.
"""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from hosr.dicom.elements import (
    BARE_BYTES,
    MAX_FILE_BYTES,
    MEDIA_DIRECTORY,
    begins_bare,
    is_dicom,
    read_meta,
)
from hosr.dicom.structure import UnusableFile
from hosr.intake.images.media import referenced_files
from hosr.intake.images.values import (
    HeldFile,
    StoredFile,
    completed,
    label,
    open_file,
    require_bearable,
    size_and_time,
    with_preamble,
)
from hosr.manifest import MANIFEST, read_manifest
from hosr.phrases import phrase

if TYPE_CHECKING:
    from contextlib import ExitStack
    from typing import BinaryIO

    from hosr.intake.images.values import Ledger


MAX_FILES = 50_000

# The file meta information of any file is shorter.
_META_BYTES = 4096

_NOT_DICOM = phrase("is not a DICOM file")
_NO_DICOM_USED = phrase("is not a DICOM file; it is not used")


@dataclass(frozen=True, slots=True)
class Found:
    """A DICOM file: where it lies, and how to open it while the files are being read.

    One that `lacks_preamble` is opened as if it had one.
    """

    stored: StoredFile | HeldFile
    open: Callable[[], BinaryIO]
    lacks_preamble: bool = False

    @property
    def label(self) -> str:
        """What to call it."""
        return self.stored.label


def find_files(sources: Sequence[Path | bytes], stack: ExitStack, ledger: Ledger) -> list[Found]:
    """Every DICOM file of these paths and bytes; archives stay open as long as `stack` does."""
    found: list[Found] = []
    for number, source in enumerate(sources, start=1):
        name = name_source(source, number)
        try:
            if isinstance(source, bytes):
                found.append(_held(source, name))
            else:
                found.extend(_files(source, name, stack, ledger))
        except UnusableFile as refusal:
            ledger.refuse(name, refusal.problem, refusal.remedy)
        except FileNotFoundError:
            ledger.refuse(name, phrase("there is no such file or folder"))
        except Exception:  # noqa: BLE001 (whatever a damaged container makes its readers throw)
            ledger.refuse(
                name, phrase("cannot be read"), phrase("check the file and the right to read it")
            )
        if len(found) > MAX_FILES:
            ledger.refuse(
                name,
                phrase("holds more than {number} files", number=MAX_FILES),
                phrase("give the files of one study"),
            )
            return []
    return found


def name_source(source: Path | bytes, number: int) -> str:
    """What to call a source: by its file, or by its number among those given."""
    return f"image {number}" if isinstance(source, bytes) else label(source.name or str(source))


def _held(content: bytes, name: str) -> Found:
    """A file in memory; containers are read from disk alone, member by member."""
    if len(content) > MAX_FILE_BYTES:
        raise UnusableFile(phrase("is larger than 2 GiB"), phrase("give the images one by one"))
    whole = with_preamble(content)
    if _kind(io.BytesIO(whole)) != "image":
        raise UnusableFile(
            phrase("is a container and no image"), phrase("give the path of the file")
        )
    held = HeldFile(label=name, content=content)
    return Found(held, partial(io.BytesIO, whole), lacks_preamble=whole is not content)


def _files(path: Path, name: str, stack: ExitStack, ledger: Ledger) -> Iterator[Found]:
    if path.is_dir():
        yield from _folder(path, ledger)
        return
    with _open(path) as stream:
        kind = _kind(stream)
        if kind == "directory":
            for file in referenced_files(path, stream, name, ledger):
                yield _plain(file, label(file.name), is_bare=_is_bare(file))
    if kind == "archive":
        yield from _archive(path, stack, ledger)
    elif kind == "image":
        yield _plain(path, name, is_bare=_is_bare(path))


def _plain(path: Path, name: str, *, is_bare: bool) -> Found:
    """A file by itself."""
    stored = StoredFile(label=name, path=path.absolute(), size_and_time=size_and_time(path.stat()))
    return Found(stored, partial(_open if is_bare else open_file, path), lacks_preamble=is_bare)


def _is_marked(head: bytes) -> bool:
    return is_dicom(io.BytesIO(head))


def _is_bare(path: Path) -> bool:
    with open_file(path) as stream:
        return begins_bare(stream.read(BARE_BYTES))


def _open(path: Path) -> BinaryIO:
    """A file for reading, with the preamble that a DICOM file has."""
    return completed(open_file(path))


def _kind(stream: BinaryIO) -> str:
    if is_dicom(stream):
        return "directory" if _is_directory(stream) else "image"
    stream.seek(0)
    mark = stream.read(4)
    if not mark:
        raise UnusableFile(phrase("is empty"), phrase("fetch the file again"))
    if mark in {b"PK\3\4", b"PK\5\6"}:
        return "archive"
    raise UnusableFile(
        _NOT_DICOM, phrase("give DICOM files, a folder, a DICOMDIR or a ZIP archive of them")
    )


def _is_directory(stream: BinaryIO) -> bool:
    """Whether the file meta information says so; most files need not be read for that."""
    if MEDIA_DIRECTORY.encode() not in stream.read(_META_BYTES):
        return False
    sop_class_uid, _ = read_meta(stream)
    return sop_class_uid == MEDIA_DIRECTORY


def _folder(path: Path, ledger: Ledger) -> Iterator[Found]:
    root = path.resolve()
    for folder, _, names in os.walk(path, onerror=_raise):
        made = _made_before(Path(folder)) if MANIFEST in names else frozenset()
        for file in (Path(folder, name) for name in names if name not in made):
            if not file.is_file():
                continue
            name = label(file.name)
            if file.is_symlink() and not file.resolve().is_relative_to(root):
                ledger.note(name, phrase("is a link out of the folder; it is not used"))
                continue
            try:
                with open_file(file) as stream:
                    head = stream.read(BARE_BYTES)
            except UnusableFile as refusal:
                ledger.refuse(name, refusal.problem, refusal.remedy)
                continue
            is_bare = begins_bare(head)
            if is_bare or _is_marked(head):
                yield _plain(file, name, is_bare=is_bare)
            else:
                ledger.note(name, _NO_DICOM_USED)


def _made_before(folder: Path) -> frozenset[str]:
    """The files of a report that lies in a folder of images: none of them is one."""
    try:
        return frozenset({MANIFEST, *(file.name for file in read_manifest(folder).files)})
    except UnusableFile:  # it may be anybody's
        return frozenset()


def _raise(error: OSError) -> None:
    raise error


def _archive(path: Path, stack: ExitStack, ledger: Ledger) -> Iterator[Found]:
    seen = size_and_time(path.stat())
    archive = stack.enter_context(zipfile.ZipFile(path))
    members = archive.infolist()
    if len(members) > MAX_FILES:
        raise UnusableFile(
            phrase("holds more than {number} files", number=MAX_FILES),
            phrase("give the files of one study"),
        )
    require_bearable(members)
    for number, member in enumerate(members):
        if member.is_dir():
            continue
        name = label(PurePosixPath(member.filename.replace("\\", "/")).name)
        with archive.open(member) as stream:
            head = stream.read(BARE_BYTES)
        is_bare = begins_bare(head)
        if is_bare or _is_marked(head):
            # A name may stand for several members, so a member goes by its number.
            stored = StoredFile(label=name, path=path.absolute(), size_and_time=seen, member=number)
            yield Found(stored, partial(_member, archive, member), lacks_preamble=is_bare)
        else:
            ledger.note(name, _NO_DICOM_USED)


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> BinaryIO:
    return io.BytesIO(with_preamble(archive.read(member)))
