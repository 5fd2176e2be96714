"""Which files the images of a draft were, and whether they still are.

A person signs what they saw, so what was seen must be what lies there: a file of the same size and
time of change is taken for the same, any other is read and held against its SHA-256.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.errors import Fault, ImagesRefused
from hosr.intake.images import NamedStudies, SourceImages, read_images
from hosr.intake.images.sources import MAX_FILES
from hosr.intake.images.values import label, size_and_time

if TYPE_CHECKING:
    from hosr.drafts.values import Draft

_RESTORE = "put the file back as it was, or have the draft made anew"
_READ = "check the path and the right to read it"


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
                    problem = f"hold more than {MAX_FILES} files"
                    raise ImagesRefused(Fault("images", problem, "give the files of one study"))
        except OSError as error:
            problem = f"cannot be read ({error.strerror or type(error).__name__})"
            faults.append(Fault(label(path.name), problem, _READ))
    if faults:
        raise ImagesRefused(faults)
    return tuple(sorted(dict.fromkeys(found), key=lambda file: str(file.path)))


def images_of(draft: Draft) -> SourceImages:
    """The images of a draft, read anew: those of its study. Raises ImagesRefused."""
    uids = frozenset({draft.study_instance_uid} - {""})
    return read_images(draft.images, named=NamedStudies(study_instance_uids=uids))


def digest_of(files: Iterable[ImageFile]) -> str:
    """What stands for the content of these files, wherever they lie and in whatever order."""
    lines = sorted(file.sha256 for file in files)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def find_changed_images(files: Sequence[ImageFile]) -> tuple[Fault, ...]:
    """Every file that is gone, cannot be read, or holds something else than it did."""
    return tuple(fault for file in files for fault in _find_change(file))


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    walked = os.walk(path, onerror=_raise)
    every = [Path(folder, name) for folder, _, names in walked for name in names]
    return [file for file in every if file.is_file()]


def _raise(error: OSError) -> None:
    raise error


def _take(path: Path) -> ImageFile:
    size_bytes, changed_ns = size_and_time(path.stat())
    return ImageFile(
        path=path, size_bytes=size_bytes, changed_ns=changed_ns, sha256=_sha256_of(path)
    )


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _find_change(file: ImageFile) -> Iterator[Fault]:
    name = label(file.path.name)
    try:
        size_bytes, changed_ns = size_and_time(file.path.stat())
        if size_bytes == file.size_bytes and changed_ns == file.changed_ns:
            return
        is_same = size_bytes == file.size_bytes and _sha256_of(file.path) == file.sha256
    except FileNotFoundError:
        yield Fault(name, "is no longer there", _RESTORE)
        return
    except OSError as error:
        yield Fault(name, f"cannot be read ({error.strerror or type(error).__name__})", _READ)
        return
    if not is_same:
        yield Fault(name, "was changed since the draft was made", _RESTORE)
