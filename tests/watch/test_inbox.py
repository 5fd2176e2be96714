"""The inbox by itself: marks, what may be read, and where things go, with nothing ever overwritten."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hosr.dicom.elements import MAX_FILE_BYTES
from hosr.errors import Fault, UsageError
from hosr.watch import inbox as module
from hosr.watch.inbox import (
    Inbox,
    Lying,
    is_being_written,
    is_looked_at,
    mark_of,
    obstacle,
    reason_text,
)


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    """One that this process works off."""
    one = Inbox(tmp_path)
    with one.alone():
        yield one


def _lying(inbox: Inbox, name: str = "a.json", text: str = "text") -> Lying:
    (inbox.folder / name).write_text(text)
    (lying,) = [each for each in inbox.lying() if each.name == name]
    return lying


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("a.json", True),
        ("done.json", True),
        ("done", False),
        ("refused", False),
        (".a.json", False),
        ("a.json.part", False),
        ("a.JSON.TMP", False),
        ("a.partial", False),
        ("a.filepart", False),
        ("a.crdownload", False),
        ("a.part.json", True),
    ],
)
def test_a_name_tells_whether_it_is_one_of_a_result(name: str, is_one: bool) -> None:
    """Hidden, unfinished and hosr's own names are not looked at."""
    assert is_looked_at(name) == is_one


def _append(path: Path) -> None:
    with path.open("a") as file:
        file.write("more")


def _replace(path: Path) -> None:
    other = path.with_name("other")
    other.write_text("text")
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    other.rename(path)


def _touch(path: Path) -> None:
    os.utime(path, ns=(1, 1))


@pytest.mark.parametrize("change", [_append, _replace, _touch])
def test_a_mark_is_another_one_after_any_change(
    change: Callable[[Path], None], tmp_path: Path
) -> None:
    """Also where the size and the time are the same, of a file that took the place of another."""
    path = tmp_path / "folder" / "a.json"
    path.parent.mkdir()
    path.write_text("text")
    before = mark_of(path), mark_of(path.parent)
    assert (mark_of(path), mark_of(path.parent)) == before
    change(path)
    assert mark_of(path) != before[0]
    assert mark_of(path.parent) != before[1]


def test_what_was_taken_is_kept_refused_or_put_back(inbox: Inbox) -> None:
    """Nobody finds it in the inbox meanwhile."""
    lying = _lying(inbox)
    with inbox.taken(lying) as path:
        assert path is not None
        assert path.read_text() == "text"
        assert inbox.lying() == []
    assert inbox.lying() == [lying]
    with inbox.taken(lying):
        assert inbox.keep("a.json") == inbox.folder / "done" / "a.json"
    assert inbox.lying() == []


def test_what_is_not_what_was_seen_is_not_taken(inbox: Inbox) -> None:
    """It lies in the inbox again, whatever it is now; what is gone is gone."""
    lying = _lying(inbox)
    (inbox.folder / "a.json").write_text("other text")
    with inbox.taken(lying) as path:
        assert path is None
    assert (inbox.folder / "a.json").read_text() == "other text"
    (inbox.folder / "a.json").unlink()
    with inbox.taken(lying) as path:
        assert path is None


def test_what_comes_under_the_name_of_what_was_taken_is_not_overwritten(inbox: Inbox) -> None:
    """Put back, it lies beside the newer one; both are results."""
    with inbox.taken(_lying(inbox, text="older")):
        (inbox.folder / "a.json").write_text("newer")
    found = {path.name: path.read_text() for path in inbox.folder.iterdir() if path.is_file()}
    assert found["a.json"] == "newer"
    assert found["a.json.2"] == "older"


def test_what_a_killed_process_had_in_hand_is_put_back(tmp_path: Path) -> None:
    """The next one that works the inbox off finds it there."""
    with Inbox(tmp_path).alone():
        pass
    (tmp_path / ".taken" / "a.json").write_text("text")
    (tmp_path / ".taken" / "folder").mkdir()
    with Inbox(tmp_path).alone():
        assert [each.name for each in Inbox(tmp_path).lying()] == ["a.json", "folder"]


def test_nothing_is_overwritten_in_done_and_refused(inbox: Inbox) -> None:
    """A number is added, to files and folders, and to a result that is called as a reason."""
    for _ in range(3):
        with inbox.taken(_lying(inbox)):
            inbox.keep("a.json")
    assert sorted(os.listdir(inbox.folder / "done")) == ["a.json", "a.json.2", "a.json.3"]  # noqa: PTH208
    with inbox.taken(_lying(inbox, "a.reason.txt", "a result")):
        inbox.refuse("a.reason.txt", "why\n")
    with inbox.taken(_lying(inbox, "a")):
        inbox.refuse("a", "why not\n")
    texts = {path.name: path.read_text() for path in (inbox.folder / "refused").iterdir()}
    assert texts == {
        "a.reason.txt": "a result",
        "a.reason.txt.reason.txt": "why\n",
        "a.2": "text",
        "a.2.reason.txt": "why not\n",
    }


def test_folders_are_moved_whole(inbox: Inbox) -> None:
    """With all that is in them."""
    (inbox.folder / "b" / "below").mkdir(parents=True)
    (inbox.folder / "b" / "below" / "x").write_text("x")
    (lying,) = inbox.lying()
    with inbox.taken(lying):
        inbox.keep("b")
    assert (inbox.folder / "done" / "b" / "below" / "x").read_text() == "x"


def test_a_file_that_is_open_for_writing_is_being_written(tmp_path: Path) -> None:
    """So is a folder with one in it, or with a name of one that is not whole; reading is no writing."""
    path = tmp_path / "folder" / "a.json"
    path.parent.mkdir()
    with path.open("w"):
        assert is_being_written(path)
        assert is_being_written(path.parent)
    with path.open():
        assert not is_being_written(path)
    assert not is_being_written(path.parent)
    (path.parent / "b.json.part").touch()
    assert is_being_written(path.parent)


def test_what_is_beyond_measure_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is larger than any image, or a folder of too many files."""
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)  # takes no room
    assert obstacle(large) == "is larger than 2 GiB"
    monkeypatch.setattr(module, "_MOST_FILES", 3)
    folder = tmp_path / "folder"
    folder.mkdir()
    for number in range(4):
        (folder / str(number)).touch()
    assert obstacle(folder) == "holds more than 3 files"


def test_a_reason_is_a_line_for_each_fault() -> None:
    """Whatever stands in it."""
    faults = [Fault("a\nb", "is\r\nwrong", "do\tso"), Fault("c", "too")]
    assert reason_text(faults) == "a b: is wrong; do so\nc: too\n"


@pytest.mark.parametrize("make", [str, Path.touch])
def test_an_inbox_that_is_none_is_told(make: Callable[[Path], object], tmp_path: Path) -> None:
    """A folder that is not there is not made: it may be a share that is away."""
    make(tmp_path / "inbox")
    with (
        pytest.raises(UsageError, match="is no folder to write to"),
        Inbox(tmp_path / "inbox").alone(),
    ):
        pass
