"""The manifest: whole or not at all, never over another file, its paths seen from where it lies."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from hosr.batch.manifest import Images, written_whole
from hosr.errors import UsageError


def test_lines_are_written_whole(tmp_path: Path) -> None:
    """The file appears at the end, in folders that are made, and nothing lies beside it."""
    out = tmp_path / "a" / "records.jsonl"
    with written_whole(out) as write:
        write("one\n")
        assert not out.exists()
        write("two\n")
    assert out.read_text() == "one\ntwo\n"
    assert [path.name for path in out.parent.iterdir()] == ["records.jsonl"]


def test_the_same_lines_again_change_nothing(tmp_path: Path) -> None:
    """Running an import again is no fault, and leaves the file untouched."""
    out = tmp_path / "records.jsonl"
    for _ in range(2):
        with written_whole(out) as write:
            write("one\n")
        stamp = out.stat().st_ino
    assert out.stat().st_ino == stamp


@pytest.mark.parametrize("before", ["other\n", "one\nmore\n", ""])
def test_another_file_is_never_written_over(tmp_path: Path, before: str) -> None:
    """A file with anything else in it stays as it is."""
    out = tmp_path / "records.jsonl"
    out.write_text(before)
    with (
        pytest.raises(UsageError, match=r"records\.jsonl: holds something else; choose another"),
        written_whole(out) as write,
    ):
        write("one\n")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"records.jsonl": before}


def test_no_line_makes_no_file(tmp_path: Path) -> None:
    """An import without a record leaves nothing behind."""
    with written_whole(tmp_path / "records.jsonl"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    """What was written before the failure goes again."""

    def fail() -> None:
        with written_whole(tmp_path / "records.jsonl") as write:
            write("one\n")
            raise KeyError("later")

    with pytest.raises(KeyError, match="later"):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_import_left_is_written_anew(tmp_path: Path) -> None:
    """A partial file of an earlier import is no obstacle, and none of it is kept."""
    (tmp_path / ".records.jsonl.partial").write_text("half of a much longer line")
    with written_whole(tmp_path / "records.jsonl") as write:
        write("one\n")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "records.jsonl": "one\n"
    }


def test_two_imports_do_not_write_one_file(tmp_path: Path) -> None:
    """The second of two at the same time is told to wait, and the first is not disturbed."""
    out = tmp_path / "records.jsonl"
    with written_whole(out) as write:
        write("one\n")
        with (
            pytest.raises(UsageError, match="is being written by another import; wait for it"),
            written_whole(out),
        ):
            pass
        write("two\n")
    assert out.read_text() == "one\ntwo\n"


def test_a_full_disk_is_one_fault(tmp_path: Path) -> None:
    """Where no more can be written, that is said, and nothing is left."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        with (
            pytest.raises(
                UsageError, match=r"records\.jsonl: cannot be written \(File too large\)"
            ),
            written_whole(tmp_path / "records.jsonl") as write,
        ):
            write("x" * 20_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.iterdir()) == []


def test_a_link_in_the_way_is_not_followed(tmp_path: Path) -> None:
    """Neither the file nor what it is prepared in is written through a link."""
    other = tmp_path / "other"
    other.write_text("kept")
    for name in (".records.jsonl.partial", "records.jsonl"):
        (tmp_path / name).symlink_to(other)
        with (
            pytest.raises(UsageError, match=r"records\.jsonl: "),
            written_whole(tmp_path / "records.jsonl") as write,
        ):
            write("one\n")
        (tmp_path / name).unlink(missing_ok=True)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"other": "kept"}


_PATHS = (
    ("a.dcm", "../table/scans/a.dcm"),
    ("./b/../a.dcm", "../table/scans/a.dcm"),
    ("../a.dcm", "../table/a.dcm"),
    ("/data/a.dcm", "/data/a.dcm"),
    ("s3://bucket/a.dcm", "s3://bucket/a.dcm"),
    ("=a.dcm", "../table/scans/=a.dcm"),
)


@pytest.mark.parametrize(("path", "placed"), _PATHS)
def test_paths_of_images_are_seen_from_the_manifest(tmp_path: Path, path: str, placed: str) -> None:
    """A path starts where the mapping says; one that is complete stays."""
    images = Images(tmp_path / "table" / "scans", tmp_path / "out")
    assert images.placed(path) == placed


def test_whether_images_are_there_is_asked(tmp_path: Path) -> None:
    """A path that leads nowhere is told; an address is not asked."""
    (tmp_path / "a.dcm").touch()
    images = Images(tmp_path, tmp_path)
    found = [images.are_there(path) for path in ("a.dcm", "b.dcm", "s3://b/c", "x" * 300, "\0")]
    assert found == [True, False, True, False, False]
    assert [path.name for path in tmp_path.iterdir()] == ["a.dcm"]
