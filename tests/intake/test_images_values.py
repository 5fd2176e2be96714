"""The files of images, read once more after their headers were."""

from __future__ import annotations

import io
import os
import warnings
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest

from hosr.errors import ImagesRefused
from hosr.intake.images import read_images, values
from tests.intake.dicom_files import ct, encoded, medium, radiograph, write

if TYPE_CHECKING:
    from collections.abc import Callable

FILM = radiograph()
UID = FILM.SOPInstanceUID
AGAIN = "make the report again from files that stay as they are$"


def _file(tmp_path: Path) -> tuple[Path, Path]:
    path = write(tmp_path / "film.dcm", FILM)
    return path, path


def _folder(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "study").mkdir()
    return tmp_path / "study", write(tmp_path / "study" / "film.dcm", FILM)


def _medium(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "study").mkdir()
    file = write(tmp_path / "study" / "film.dcm", FILM)
    return medium(tmp_path / "DICOMDIR", ["study", "film.dcm"]), file


def _archive(tmp_path: Path) -> tuple[Path, Path]:
    path = _zipped(tmp_path / "study.zip", encoded(FILM))
    return path, path


def _zipped(path: Path, film: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.mkdir("study")
        archive.writestr("study/notes.txt", "for the surgeon")
        archive.writestr("study/film.dcm", film)
    return path


KINDS = pytest.mark.parametrize("kind", [_file, _folder, _medium, _archive])
Kind: TypeAlias = "Callable[[Path], tuple[Path, Path]]"


@KINDS
def test_a_file_is_read_as_it_is(kind: Kind, tmp_path: Path) -> None:
    """Wherever an image lies, its file is read byte for byte."""
    path, _ = kind(tmp_path)
    assert read_images([path]).read_file(UID) == encoded(FILM)


@KINDS
def test_a_file_that_vanished(kind: Kind, tmp_path: Path) -> None:
    """A file that is gone when its pixels are asked for is refused by its name."""
    path, file = kind(tmp_path)
    source = read_images([path])
    file.unlink()
    with pytest.raises(ImagesRefused, match=rf"^film\.dcm: is no longer there; {AGAIN}"):
        source.read_file(UID)


@KINDS
def test_a_file_that_was_changed(kind: Kind, tmp_path: Path) -> None:
    """A file that was written to meanwhile is refused: its pixels may be others."""
    path, file = kind(tmp_path)
    source = read_images([path])
    status = file.stat()
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns + 1_000_000))
    problem = "was changed after its header was read"
    with pytest.raises(ImagesRefused, match=rf"^film\.dcm: {problem}; {AGAIN}"):
        source.read_file(UID)


@KINDS
def test_a_file_that_became_another(kind: Kind, tmp_path: Path) -> None:
    """Another image in the place of the first is refused, even if size and time are the same."""
    path, file = kind(tmp_path)
    source = read_images([path])
    status = file.stat()
    content = encoded(FILM).replace(UID.encode(), UID[:-1].encode() + b"7")
    if file.suffix == ".zip":
        _zipped(file, content)
    else:
        file.write_bytes(content)
    assert file.stat().st_size == status.st_size
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    problem = "holds another image than when its header was read"
    with pytest.raises(ImagesRefused, match=rf"^film\.dcm: {problem}; {AGAIN}"):
        source.read_file(UID)


@pytest.mark.parametrize("size", [10, -1])
def test_a_file_that_fails_while_it_is_read(size: int) -> None:
    """What a disk refuses later is told as what it refuses at once; it says nothing of the pixels."""
    memory = values.StoredFile(label="film.dcm", path=Path("/proc/self/mem"), size_and_time=(0, 0))
    problem = "can no longer be read; check the file and the right to read it"
    with (
        io.BufferedReader(values._ImageFile(memory)) as file,
        pytest.raises(ImagesRefused, match=problem),
    ):
        file.read(size)


def test_members_of_one_name(tmp_path: Path) -> None:
    """Two members of an archive may have one name; each image is read from its own."""
    path, slices = tmp_path / "study.zip", [ct(1), ct(2)]
    with zipfile.ZipFile(path, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile warns of the name that is there already
        for image in slices:
            archive.writestr("IM", encoded(image))
    source = read_images([path])
    files = [source.read_file(image.SOPInstanceUID) for image in slices]
    assert files == [encoded(image) for image in slices]


@pytest.mark.parametrize(
    ("cap", "problem"),
    [
        ("MAX_MEMBER_BYTES", "holds a file larger than 512 MiB; give the images themselves"),
        ("MAX_ARCHIVE_BYTES", "holds more than 4 GiB; give the images themselves"),
    ],
)
def test_caps_hold_for_the_second_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cap: str, problem: str
) -> None:
    """An archive is opened the second time with the caps of the first."""
    source = read_images([_archive(tmp_path)[0]])
    monkeypatch.setattr(values, cap, 2)
    with pytest.raises(ImagesRefused, match=rf"^film\.dcm: {problem}$"):
        source.read_file(UID)


def test_an_image_that_is_none_of_those_given(tmp_path: Path) -> None:
    """A UID that no image has is refused."""
    source = read_images([_file(tmp_path)[0]])
    problem = r"image 1\.2\.3 is not among the images given"
    with pytest.raises(ImagesRefused, match=rf"^images: {problem}; give that image$"):
        source.read_file("1.2.3")


def test_a_place_is_no_part_of_what_an_image_is(tmp_path: Path) -> None:
    """Where a file lies shows neither in comparisons nor in what is printed of an image."""
    (tmp_path / "copy").mkdir()
    first = read_images([_file(tmp_path)[0]])
    second = read_images([_file(tmp_path / "copy")[0]])
    assert first == second
    assert str(tmp_path) not in repr(first)


def test_an_archive_that_was_damaged(tmp_path: Path) -> None:
    """A member that does not inflate to what the archive promised is refused."""
    path, _ = _archive(tmp_path)
    source, status = read_images([path]), path.stat()
    path.write_bytes(path.read_bytes().replace(b"PELVIS", b"PELVES"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    problem = "can no longer be read; check the file and the right to read it"
    with pytest.raises(ImagesRefused, match=rf"^film\.dcm: {problem}$"):
        source.read_file(UID)
