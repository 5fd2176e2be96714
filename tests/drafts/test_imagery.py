"""Which files the images of a draft were, and whether they still are."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from hosr.drafts.imagery import digest_of, find_changed_images, take_images
from hosr.errors import ImagesRefused


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two files, one of them further down."""
    (tmp_path / "images" / "below").mkdir(parents=True)
    (tmp_path / "images" / "one.dcm").write_bytes(b"one")
    (tmp_path / "images" / "below" / "two.dcm").write_bytes(b"two")
    return tmp_path / "images"


def test_folders_are_taken_file_by_file(folder: Path) -> None:
    """Each once, in whatever order they are named; what stands for them is what is in them."""
    files = take_images([folder / "one.dcm", folder])
    assert [file.path for file in files] == [folder / "below" / "two.dcm", folder / "one.dcm"]
    moved = folder.rename(folder.with_name("moved"))
    assert digest_of(take_images([moved])) == digest_of(reversed(files))
    assert digest_of(take_images([moved / "one.dcm"])) != digest_of(files)


def test_a_file_that_was_only_touched_is_unchanged(folder: Path) -> None:
    """It is read, and holds what it did."""
    files = take_images([folder])
    os.utime(folder / "one.dcm", ns=(5, 5))
    assert find_changed_images(files) == ()


def test_every_change_is_told(folder: Path) -> None:
    """Another size, other bytes, gone."""
    (folder / "three.dcm").write_bytes(b"three")
    files = take_images([folder])
    (folder / "one.dcm").write_bytes(b"longer")
    (folder / "three.dcm").write_bytes(b"THREE")
    (folder / "below" / "two.dcm").unlink()
    assert [str(fault).partition(";")[0] for fault in find_changed_images(files)] == [
        "two.dcm: is no longer there",
        "one.dcm: was changed since the draft was made",
        "three.dcm: was changed since the draft was made",
    ]


def test_before_a_signature_every_file_is_read(folder: Path) -> None:
    """One whose time of change was put back is found out then."""
    files = take_images([folder])
    before = (folder / "one.dcm").stat()
    (folder / "one.dcm").write_bytes(b"ONE")
    os.utime(folder / "one.dcm", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert find_changed_images(files) == ()
    (fault,) = find_changed_images(files, by_content=True)
    assert fault.problem == "was changed since the draft was made"


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="has no such names")
def test_what_cannot_be_taken_is_told_at_once(folder: Path) -> None:
    """What is not there, what nobody could read to its end, and a name that cannot be kept."""
    os.mkfifo(folder / "pipe")
    strange = os.fsdecode(os.fsencode(folder) + b"/\xff.dcm")
    Path(strange).write_bytes(b"")
    given = [folder / "gone.dcm", folder / "pipe", Path(strange)]
    with pytest.raises(ImagesRefused) as caught:
        take_images(given)
    assert [str(fault).partition(";")[0] for fault in caught.value.faults] == [
        "gone.dcm: cannot be read (No such file or directory)",
        "pipe: is neither a file nor a folder",
        "?.dcm: has a name that is not UTF-8",
    ]


def test_a_file_that_became_something_else_is_told(folder: Path) -> None:
    """A pipe in its place is not waited for."""
    files = take_images([folder / "one.dcm"])
    (folder / "one.dcm").unlink()
    os.mkfifo(folder / "one.dcm")
    (fault,) = find_changed_images(files, by_content=True)
    assert fault.path == "one.dcm"
