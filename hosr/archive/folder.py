"""A folder that takes the files of one report: all of them or none, and never over another report."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from hosr.errors import Fault, UsageError

__all__ = ["write_folder"]


def write_folder(files: Mapping[str, bytes], folder: Path) -> tuple[Path, ...]:
    """Write the files and return their paths; files that are there with the same bytes stay.

    Each file is written whole beside its place, flushed to the disk and then linked into it, in
    the order given; a failure takes back what this call put there.

    Raises
    ------
    UsageError
        Where the folder holds a file of the same name and other content, or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _refuse_other_content(files, folder)
        missing = {name: data for name, data in files.items() if not (folder / name).exists()}
        _write_missing(missing, folder)
    except OSError as error:
        problem = f"cannot be written: {error.strerror or type(error).__name__}"
        raise UsageError(Fault(str(folder), problem, "choose another folder")) from error
    return tuple(folder / name for name in files)


def _refuse_other_content(files: Mapping[str, bytes], folder: Path) -> None:
    other = [
        name
        for name, data in files.items()
        if (folder / name).is_symlink()
        or ((folder / name).exists() and (folder / name).read_bytes() != data)
    ]
    if other:
        problem = f"holds another report ({', '.join(other)} differ)"
        raise UsageError(Fault(str(folder), problem, "choose another folder; nothing was written"))


def _write_missing(files: Mapping[str, bytes], folder: Path) -> None:
    partial = {name: folder / f".{name}.{os.getpid()}.partial" for name in files}
    placed: list[Path] = []
    try:
        for name, data in files.items():
            _write_flushed(partial[name], data)
        for name in files:
            os.link(partial[name], folder / name)
            placed.append(folder / name)
        _flush_folder(folder)
    except OSError:
        for path in placed:
            path.unlink(missing_ok=True)
        raise
    finally:
        for path in partial.values():
            with suppress(OSError):
                path.unlink(missing_ok=True)


def _write_flushed(path: Path, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    with os.fdopen(os.open(path, flags, 0o640), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
