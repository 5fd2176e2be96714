"""Where rows lie: their files in a local folder or in a store that fsspec reaches, and images of stores.

A store (S3 and its like) has no folder to lock and no rename. The manifest of a row is put last, as
the mark that all the others are there, and nothing is put over other content.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from hosr.errors import Fault, ImagesRefused, RecordRefused, UsageError
from hosr.folder import write_folder
from hosr.intake.images.values import label
from hosr.intake.record.json_text import MAX_BYTES
from hosr.scratch import private_folder

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_REMEDY = "use another id or another --out"

# What says that no row can be written, and not only this one.
_STOPPING = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the quota is used up",
    errno.EFBIG: "files may not be as large as this",
    errno.EROFS: "the disk can only be read",
    errno.EIO: "the disk does not work",
    errno.ESTALE: "the network drive is gone",
    errno.ENODEV: "the drive is gone",
    errno.ENOMEM: "there is no memory left",
    errno.EMFILE: "too many files are open",
    errno.ENFILE: "too many files are open",
}


class PlaceFailed(Exception):
    """Nothing can be put here any more; the batch stops, and can be taken up later."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


class Place(Protocol):
    """Where the files of rows are put."""

    def publish(self, name: str, files: Mapping[str, bytes]) -> None:
        """Put down the files of a row, the last of them last; those that are there stay.

        Raises UsageError where other content is there, and PlaceFailed.
        """

    def holds(self, name: str, sizes: Mapping[str, int]) -> bool:
        """Whether all these files of a row are there, each of its size in bytes."""


@dataclass(frozen=True, slots=True)
class LocalPlace:
    """A local folder: files as `hosr report` writes them."""

    folder: Path

    def publish(self, name: str, files: Mapping[str, bytes]) -> None:
        """Put down the files of a row, all or none."""
        try:
            write_folder(files, self.folder / name)
        except UsageError as error:
            cause = error.__cause__
            if isinstance(cause, OSError):
                fault = stop_fault(cause)
                if fault is not None:
                    raise PlaceFailed(fault) from error
            raise UsageError(
                [Fault(name, f.problem, f"{_REMEDY}; nothing was written") for f in error.faults]
            ) from error

    def holds(self, name: str, sizes: Mapping[str, int]) -> bool:
        """Whether all these files are there, each of its size."""
        folder = self.folder / name
        try:
            return all((folder / file).stat().st_size == size for file, size in sizes.items())
        except OSError:
            return False


def stop_fault(error: OSError) -> Fault | None:
    """The fault of a disk on which nothing more can be written; None for what is one file's."""
    words = _STOPPING.get(error.errno or 0)
    if words is None:
        return None
    remedy = "see to that and run the same command again; it goes on where it was"
    return Fault("--out", f"cannot be written: {words}", remedy)


def is_url(text: str) -> bool:
    """Whether this is the address of a store, and no local path."""
    return _URL.match(text) is not None and not text.lower().startswith("file://")


def as_local(text: str) -> Path:
    """The local path that a text without the address of a store stands for."""
    return Path(unquote(urlsplit(text).path)) if text.lower().startswith("file://") else Path(text)


class StoreFailed(Exception):
    """A store did not give what it was asked for; perhaps it does the next time."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


def open_place(out: str) -> Place:
    """The place that `--out` names. Raises UsageError for a store that cannot be reached."""
    if not is_url(out):
        return LocalPlace(as_local(out))
    system, path = _system(out)
    return StorePlace(system, path.rstrip("/"))


@dataclass(frozen=True, slots=True)
class StorePlace:
    """A folder of a store."""

    system: Any
    path: str

    def publish(self, name: str, files: Mapping[str, bytes]) -> None:
        """Put down the files of a row, the last of them last."""
        try:
            held = {file: self._content(name, file) for file in files}
            _refuse_other_content(name, files, held)
            for file, data in files.items():
                if held[file] is None:
                    self._put(name, file, data)
        except UsageError:
            raise
        except Exception as error:
            raise PlaceFailed(_out_fault(error)) from error

    def _content(self, name: str, file: str) -> bytes | None:
        try:
            content: bytes = self.system.cat_file(f"{self.path}/{name}/{file}")
        except FileNotFoundError:
            return None
        return content

    def _put(self, name: str, file: str, data: bytes) -> None:
        """Put one file where none is; a store that can tell is asked to see to that."""
        path = f"{self.path}/{name}/{file}"
        try:
            self.system.pipe_file(path, data, mode="create")
        except FileExistsError:
            if self._content(name, file) != data:
                problem = f"was given another {file} meanwhile"
                raise UsageError(Fault(name, problem, _REMEDY)) from None

    def holds(self, name: str, sizes: Mapping[str, int]) -> bool:
        """Whether all these files are there, each of its size."""
        try:
            found = self.system.ls(f"{self.path}/{name}", detail=True, refresh=True)
        except FileNotFoundError:
            return False
        except Exception as error:
            raise PlaceFailed(_out_fault(error)) from error
        there = {str(each["name"]).rsplit("/", 1)[-1]: each.get("size") for each in found}
        return all(there.get(file) == size for file, size in sizes.items())


def put_file(local: Path, out: str, name: str) -> None:
    """Put a local file into a store, over one that is there."""
    system, path = _system(out)
    try:
        system.put_file(str(local), f"{path.rstrip('/')}/{name}")
    except Exception as error:
        raise UsageError(_out_fault(error)) from error


def _refuse_other_content(
    name: str, files: Mapping[str, bytes], held: Mapping[str, bytes | None]
) -> None:
    other = [file for file in files if held[file] not in (None, files[file])]
    if other:
        verb = "differs" if len(other) == 1 else "differ"
        problem = f"holds another report ({', '.join(other)} {verb})"
        raise UsageError(Fault(name, problem, f"{_REMEDY}; nothing was written"))


def _out_fault(error: Exception) -> Fault:
    fault = stop_fault(error) if isinstance(error, OSError) else None
    problem = f"cannot be written ({type(error).__name__})"
    remedy = "check the address, the right to write there and the connection; then run it again"
    return fault or Fault("--out", problem, remedy)


def _system(url: str) -> tuple[Any, str]:
    """The file system of a URL and the path in it."""
    scheme = url.split("://", 1)[0]
    try:
        core = import_module("fsspec.core")
    except ImportError:
        remedy = "install hosr[dask], or name a local path"
        raise UsageError(Fault(f"{scheme}://", "needs fsspec", remedy)) from None
    try:
        system, path = core.url_to_fs(url)
    except ImportError as error:
        missing = error.name or "a package"
        remedy = f"install the package of fsspec for {scheme}://, such as s3fs for s3://"
        raise UsageError(Fault(f"{scheme}://", f"needs {missing}", remedy)) from None
    except ValueError:
        remedy = "name a local path or a scheme that fsspec knows, such as s3://"
        raise UsageError(Fault(f"{scheme}://", "is no store that is known", remedy)) from None
    return system, str(path)


def _name(url: str) -> str:
    """What to call a file of a store: its name, never the address, which may hold a password."""
    return label(url.split("?", 1)[0].rstrip("/").rsplit("/", 1)[-1])


@contextmanager
def _reaching(url: str) -> Iterator[tuple[Any, str]]:
    try:
        yield _system(url)
    except (FileNotFoundError, UsageError, ImagesRefused, RecordRefused, PlaceFailed):
        raise
    except Exception as error:
        problem = f"cannot be fetched ({type(error).__name__})"
        remedy = "check the address and the right to read it; then run the batch again"
        raise StoreFailed(Fault(_name(url), problem, remedy)) from error


def read_remote(url: str) -> bytes:
    """The record at a URL. Raises RecordRefused where there is none, and StoreFailed."""
    try:
        with _reaching(url) as (system, path):
            if (system.size(path) or 0) > MAX_BYTES:
                problem = f"is larger than {MAX_BYTES // 1024 // 1024} MiB"
                raise RecordRefused(Fault(_name(url), problem, "a record holds one study"))
            content: bytes = system.cat_file(path)
    except FileNotFoundError:
        raise RecordRefused(Fault(_name(url), "does not exist", "check the path")) from None
    return content


def remote_fingerprint(url: str) -> list[str]:
    """What changes when the files at a URL do: size and fingerprint of each."""
    try:
        with _reaching(url) as (system, path):
            system.invalidate_cache()
            return [f"{file} {system.ukey(file)}" for file in sorted(system.find(path))] or [""]
    except FileNotFoundError:
        return [""]


@contextmanager
def local_images(texts: Sequence[str], base: Path) -> Iterator[tuple[Path, ...]]:
    """The local paths of these images; those of stores lie in a private folder meanwhile.

    Raises ImagesRefused where there is nothing at a URL, and StoreFailed.
    """
    if not any(map(is_url, texts)):
        yield tuple(base / as_local(text) for text in texts)
        return
    with private_folder() as folder:
        yield tuple(
            _fetched(text, folder / str(number)) if is_url(text) else base / as_local(text)
            for number, text in enumerate(texts)
        )


def _fetched(url: str, folder: Path) -> Path:
    """What lies at a URL, in this folder: a file by its name, or a folder of files by theirs."""
    try:
        with _reaching(url) as (system, path):
            if not system.isdir(path):
                return _fetch(system, path, folder)
            # Each in a folder of its own: names of a store may be such as no file system takes.
            for number, file in enumerate(sorted(system.find(path))):
                _fetch(system, file, folder / _name(url) / str(number))
            return folder / _name(url)
    except FileNotFoundError:
        raise ImagesRefused(Fault(_name(url), "there is no such file or folder")) from None
    except OSError as error:
        fault = stop_fault(error)
        if fault is None:
            raise
        raise PlaceFailed(Fault("temporary folder", fault.problem, fault.remedy)) from error


def _fetch(system: Any, path: str, folder: Path) -> Path:
    data = system.cat_file(path)
    folder.mkdir(parents=True)
    name = path.rstrip("/").rsplit("/", 1)[-1].replace("\0", "?")
    file = folder / (name if name not in ("", ".", "..") else "image")
    file.write_bytes(data)
    return file
