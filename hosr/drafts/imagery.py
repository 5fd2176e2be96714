"""Which files the images of a draft were, and whether they still are.

A person signs what they saw, so what was seen must be what lies there. While a draft is looked at, a
file of the same size and time of change is taken for the same; before it is signed, and where they
differ, it is read and held against its SHA-256.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.dicom.structure import UnusableFile
from hosr.errors import Fault, ImagesRefused
from hosr.intake.images import NamedStudies, SourceImages, read_images
from hosr.intake.images.sources import MAX_FILES
from hosr.intake.images.values import label, open_file, size_and_time
from hosr.phrases import phrase

if TYPE_CHECKING:
    from hosr.drafts.values import Draft

_CHUNK_BYTES = 1 << 20
_RESTORE = phrase("put the file back as it was, or have the draft made anew")
_READ = phrase("check the path and the right to read it")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFile:
    """A file as it was when the draft was begun: where, how large, when it was changed (ns), its hash."""

    path: Path
    size_bytes: int
    changed_ns: int
    sha256: str


def take_images(paths: Iterable[str | os.PathLike[str]]) -> tuple[ImageFile, ...]:
    """The files at these paths and in these folders, as they are now, ordered by path.

    Raises ImagesRefused with every path that cannot be read, and for more files than a study has.
    """
    found: list[ImageFile] = []
    faults: list[Fault] = []
    for path in dict.fromkeys(Path(os.path.abspath(each)) for each in paths):  # noqa: PTH100 (links stay)
        try:
            for file in _files(path):
                found.append(_take(file))
                if len(found) > MAX_FILES:
                    problem = phrase("hold more than {number} files", number=MAX_FILES)
                    raise ImagesRefused(
                        Fault("images", problem, phrase("give the files of one study"))
                    )
        except (OSError, UnusableFile) as error:
            faults.append(_unreadable(path, error))
    if faults:
        raise ImagesRefused(faults)
    return tuple(sorted(dict.fromkeys(found), key=lambda file: str(file.path)))


def images_of(draft: Draft) -> SourceImages:
    """The images of a draft, read anew: those of its study. Raises ImagesRefused."""
    uids = frozenset({draft.study_instance_uid} - {""})
    return read_images(
        draft.images,
        draft.assume_charset or None,
        override_charset=draft.override_charset or None,
        named=NamedStudies(study_instance_uids=uids),
    )


def digest_of(files: Iterable[ImageFile]) -> str:
    """What stands for the content of these files, wherever they lie and in whatever order."""
    lines = sorted(file.sha256 for file in files)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def find_changed_images(
    files: Sequence[ImageFile], *, by_content: bool = False
) -> tuple[Fault, ...]:
    """Every file that is gone, cannot be read, or holds something else than it did.

    All of them are read where it is found out `by_content`.
    """
    return tuple(fault for file in files for fault in _find_change(file, by_content=by_content))


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    walked = os.walk(path, onerror=_raise)
    every = [Path(folder, name) for folder, _, names in walked for name in names]
    return [file for file in every if file.is_file()]


def _raise(error: OSError) -> None:
    raise error


def _take(path: Path) -> ImageFile:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise UnusableFile(phrase("has a name that is not UTF-8"), phrase("rename it")) from None
    size_bytes, changed_ns = size_and_time(path.stat())
    return ImageFile(
        path=path, size_bytes=size_bytes, changed_ns=changed_ns, sha256=_sha256_of(path)
    )


def _sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with open_file(path) as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _unreadable(path: Path, error: OSError | UnusableFile) -> Fault:
    name = label(path.name)
    if isinstance(error, UnusableFile):
        return Fault(name, error.problem, error.remedy)
    return Fault(
        name,
        phrase("cannot be read ({told})", told=error.strerror or type(error).__name__),
        _READ,
    )


def _find_change(file: ImageFile, *, by_content: bool) -> Iterator[Fault]:
    name = label(file.path.name)
    try:
        size_bytes, changed_ns = size_and_time(file.path.stat())
        is_same = size_bytes == file.size_bytes
        if is_same and (by_content or changed_ns != file.changed_ns):
            is_same = _sha256_of(file.path) == file.sha256
    except FileNotFoundError:
        yield Fault(name, phrase("is no longer there"), _RESTORE)
        return
    except (OSError, UnusableFile) as error:
        yield _unreadable(file.path, error)
        return
    if not is_same:
        yield Fault(name, phrase("was changed since the draft was made"), _RESTORE)
