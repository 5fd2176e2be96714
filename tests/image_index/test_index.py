"""Which files are images of which study, as folders change."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hosr.errors import UsageError
from hosr.image_index.index import ImageIndex, StudyImages
from hosr.image_index.seen import SeenImages
from tests.images import FILM_UID, STUDY_UID, dicom_bytes
from tests.watch.watching import film, write_film

LATER_UID = "1.2.826.0.1.1.1.2"


class Clock:
    """A clock that goes only when it is told to."""

    now_s = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now_s


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[SeenImages]:
    """An empty one."""
    with SeenImages(tmp_path) as memory:
        yield memory


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder of images."""
    (tmp_path / "images").mkdir()
    return tmp_path / "images"


def _index(memory: SeenImages, *roots: Path, received: Path | None = None) -> ImageIndex:
    index = ImageIndex(memory, roots, received or roots[0].parent / "received", monotonic=Clock())
    index.renew()
    return index


def _study(index: ImageIndex) -> StudyImages:
    index.hurry()
    index.renew()
    return index.study(STUDY_UID)


def test_files_come_change_and_go(memory: SeenImages, root: Path) -> None:
    """Each time the study is what lies there now."""
    index = _index(memory, root)
    assert index.study(STUDY_UID) == StudyImages()
    one = write_film(root / "one.dcm")
    assert _study(index).instances == (FILM_UID,)
    two = write_film(root / "below" / "two.dcm", SOPInstanceUID=LATER_UID)
    assert _study(index) == StudyImages(
        paths=(two, one), uids=frozenset({FILM_UID, LATER_UID}), instances=(FILM_UID, LATER_UID)
    )
    write_film(one, StudyInstanceUID="1.2.3")
    assert _study(index).paths == (two,)
    two.unlink()
    assert _study(index) == StudyImages()


def test_a_file_is_looked_into_once(memory: SeenImages, root: Path) -> None:
    """Also by the next process: what it finds is what stood there before, as long as it stays the same."""
    path = write_film(root / "one.dcm")
    os.utime(path, ns=(1, 10**18))
    size = path.stat().st_size
    assert _index(memory, root).study(STUDY_UID).paths == (path,)
    path.write_bytes(bytes(size))
    os.utime(path, ns=(1, 10**18))
    assert _index(memory, root).study(STUDY_UID).paths == (path,)
    os.utime(path, ns=(1, 10**18 + 1))
    assert _index(memory, root).study(STUDY_UID).paths == ()


def test_what_is_no_image_is_none(memory: SeenImages, root: Path) -> None:
    """Texts, half images, other objects and a study without a UID; a bare data set is an image."""
    whole = write_film(root / "whole.dcm").read_bytes()
    (root / "half.dcm").write_bytes(whole[: len(whole) // 2])
    (root / "note.txt").write_text("note")
    (root / "empty").touch()
    write_film(root / "unnamed.dcm", StudyInstanceUID="../x")
    (root / "bare.dcm").write_bytes(whole[132:])
    index = _index(memory, root)
    assert index.study(STUDY_UID).paths == (root / "bare.dcm", root / "whole.dcm")
    assert index.study("../x").paths == ()


def test_an_image_counts_where_it_lies_first(
    memory: SeenImages, root: Path, tmp_path: Path
) -> None:
    """In the folders as they are given, then among those received; two in one folder are both given."""
    other = tmp_path / "other"
    first = write_film(root / "a.dcm")
    write_film(other / "b.dcm")
    received = tmp_path / "received"
    write_film(received / STUDY_UID / f"{FILM_UID}.dcm")
    late = write_film(received / STUDY_UID / f"{LATER_UID}.dcm", SOPInstanceUID=LATER_UID)
    index = _index(memory, root, other, received=received)
    assert index.study(STUDY_UID).paths == (first, late)
    again = write_film(root / "c.dcm", PatientName="Other^Name")
    assert _study(index).paths == (first, again, late)


def test_what_was_replaced_is_another_image(memory: SeenImages, root: Path, tmp_path: Path) -> None:
    """The former lies beside it, and is not read; the set of instances is another one."""
    received = tmp_path / "received"
    path = write_film(received / STUDY_UID / f"{FILM_UID}.dcm")
    index = _index(memory, root, received=received)
    assert index.study(STUDY_UID).instances == (FILM_UID,)
    shutil.copy(path, path.with_name(f"{path.name}.1"))
    assert _study(index) == StudyImages(
        paths=(path,), uids=frozenset({FILM_UID}), instances=(f"{FILM_UID}#1",)
    )


def test_links_out_of_the_folder_are_not_followed(
    memory: SeenImages, root: Path, tmp_path: Path
) -> None:
    """Neither to a file nor to a folder; within the folder they are."""
    outside = write_film(tmp_path / "outside" / "film.dcm")
    (root / "file.dcm").symlink_to(outside)
    (root / "folder").symlink_to(outside.parent)
    assert _index(memory, root).study(STUDY_UID).paths == ()


def test_a_folder_that_is_away_keeps_its_images(memory: SeenImages, root: Path) -> None:
    """They are known, and not as they were seen: nothing is read of them, and nothing is refused."""
    write_film(root / "one.dcm")
    index = _index(memory, root)
    images = index.study(STUDY_UID)
    assert index.is_as_seen(images)
    root.rename(root.with_name("away"))
    assert _study(index) == images
    assert not index.is_as_seen(images)
    root.with_name("away").rename(root)
    assert index.is_as_seen(_study(index))


def test_a_study_is_quiet_when_nothing_comes(memory: SeenImages, root: Path) -> None:
    """By a clock that nobody sets; what was there before this process is quiet."""
    write_film(root / "one.dcm")
    _index(memory, root)
    clock = Clock()
    index = ImageIndex(memory, [root], root.parent / "received", monotonic=clock)
    index.renew()
    assert index.quiet_s(STUDY_UID) == float("inf")
    clock.now_s = 100
    write_film(root / "two.dcm", SOPInstanceUID=LATER_UID)
    index.renew()
    clock.now_s = 103
    assert index.quiet_s(STUDY_UID) == 0
    index.hurry()
    index.renew()
    assert index.quiet_s(STUDY_UID) == 3


def test_a_study_that_changed_is_to_be_compared_until_it_was(
    memory: SeenImages, root: Path
) -> None:
    """Also by another process."""
    write_film(root / "one.dcm")
    _index(memory, root)
    assert memory.changed_studies() == [STUDY_UID]
    memory.note_compared(STUDY_UID)
    _index(memory, root)
    assert memory.changed_studies() == []


def test_a_folder_that_is_not_there_is_told(memory: SeenImages, tmp_path: Path) -> None:
    """A slip of the finger, at the beginning."""
    with pytest.raises(UsageError, match="there is no such file or folder"):
        ImageIndex(memory, [tmp_path / "nowhere"], tmp_path)


def test_a_single_file_may_be_given(memory: SeenImages, root: Path) -> None:
    """As to every command."""
    path = write_film(root / "one.dcm")
    write_film(root / "two.dcm", SOPInstanceUID=LATER_UID)
    assert film().SOPInstanceUID == FILM_UID
    assert _index(memory, path, received=root.parent / "r").study(STUDY_UID).paths == (path,)


def _zip(path: Path, *members: tuple[str, bytes], password: bool = False) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    if password:  # the flag of every local and central header: encrypted
        marked = bytearray(path.read_bytes())
        for mark, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
            start = 0
            while (start := marked.find(mark, start)) >= 0:
                marked[start + place] |= 1
                start += 4
        path.write_bytes(marked)
    return path


def test_images_in_an_archive_are_those_of_their_studies(memory: SeenImages, root: Path) -> None:
    """Two studies and what is none in one archive, whatever its members are called; it may change and go."""
    later, other = film(SOPInstanceUID=LATER_UID), film(StudyInstanceUID="1.2.3")
    path = _zip(
        root / "a.zip",
        ("../../film.dcm", dicom_bytes(film())),
        ("/etc/passwd", dicom_bytes(other)),
        ("letter.txt", b"x"),
        ("half.dcm", dicom_bytes(later)[:-5000]),
    )
    index = _index(memory, root)
    assert index.study(STUDY_UID).uids == {FILM_UID}
    assert index.study("1.2.3").paths == index.study(STUDY_UID).paths == (path,)
    assert index.is_as_seen(index.study(STUDY_UID))
    assert memory.changed_studies() == sorted(["1.2.3", STUDY_UID])
    _zip(path, ("a.dcm", dicom_bytes(film())), ("b.dcm", dicom_bytes(later)))
    assert _study(index).uids == {FILM_UID, LATER_UID}
    assert index.study("1.2.3") == StudyImages()
    path.unlink()
    assert _study(index) == StudyImages()
    assert list(root.parent.rglob("*.dcm")) == []


def test_an_archive_beyond_what_is_bearable_is_told(
    memory: SeenImages, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything of it is inflated; one that is not whole is looked into again once it is."""
    monkeypatch.setattr("hosr.intake.images.values.MAX_MEMBER_BYTES", 1 << 20)
    _zip(root / "bomb.zip", ("a.dcm", bytes(2 << 20)))
    _zip(root / "locked.zip", ("a.dcm", dicom_bytes(film())), password=True)
    whole = _zip(root / "half.zip", ("a.dcm", dicom_bytes(film())))
    data = whole.read_bytes()
    whole.write_bytes(data[: len(data) // 2])
    index = _index(memory, root)
    assert sorted(index.refused) == [
        ("bomb.zip", "holds a file larger than 512 MiB"),
        ("locked.zip", "is encrypted"),
    ]
    assert index.study(STUDY_UID) == StudyImages()
    whole.write_bytes(data)
    assert _study(index).paths == (whole,)
