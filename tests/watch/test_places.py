"""Where a watch works: a call that names a wrong folder is refused before anything is made."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import hosr
from tests.watch.watching import Place, events_of, put_record, write_film


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A place with a film."""
    place = Place(root=tmp_path / "place")
    write_film(place.images / "film.dcm")
    return place


def _everything(place: Place) -> set[str]:
    return {str(path.relative_to(place.root)) for path in place.root.rglob("*")}


def _file(path: Path) -> Path:
    path.write_text("x")
    return path


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def _with_file(path: Path) -> Path:
    _file(_folder(path) / "letter.txt")
    return path


Call = Callable[[Place], tuple[object, object, object]]

# Drafts, inbox and images of a call.
WRONG: dict[str, tuple[Call, str]] = {
    "no inbox": (
        lambda at: (at.drafts, at.root / "inbx", at.images),
        "inbx: there is no such folder",
    ),
    "an inbox that is a file": (
        lambda at: (at.drafts, _file(at.root / "file"), at.images),
        "file: there is no such folder",
    ),
    "no images": (
        lambda at: (at.drafts, at.inbox, at.root / "imges"),
        "imges: there is no such file or folder",
    ),
    "drafts in a folder of other files": (
        lambda at: (_with_file(at.root / "letters"), at.inbox, at.images),
        "letters: holds other files, and no drafts",
    ),
    "drafts in no folder": (
        lambda at: (at.root / "typo" / "drafts", at.inbox, at.images),
        "drafts: lies in no folder that is there",
    ),
    "drafts that are a file": (
        lambda at: (_file(at.root / "file"), at.inbox, at.images),
        "file: is no folder that can be read",
    ),
    "drafts that are the inbox": (
        lambda at: (at.inbox, at.inbox, at.images),
        "lies in the inbox",
    ),
    "drafts in the inbox": (
        lambda at: (at.inbox / "drafts", at.inbox, at.images),
        "lies in the inbox",
    ),
    "images in the inbox": (
        lambda at: (at.drafts, at.inbox, _folder(at.inbox / "images")),
        "lies in the inbox",
    ),
}


@pytest.mark.parametrize(("call", "words"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_folder_is_refused_and_nothing_is_made(
    call: Call, words: str, place: Place
) -> None:
    """No folder of drafts, no store in a folder of others, nothing taken for a result."""
    drafts, inbox, images = call(place)
    before = _everything(place)
    ran = hosr("watch", drafts, "--inbox", inbox, "--images", images, "--once", "--quiet", "0")
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
    assert _everything(place) == before


def test_labels_in_the_inbox_are_refused(place: Place) -> None:
    """They would be moved away as a result, and the next start would not find them."""
    labels = place.inbox / "labels.toml"
    labels.write_text('schema_version = "1.0"\n')
    ran = place.once("--labels", labels)
    assert ran.code == 2
    assert "lies in the inbox" in ran.err
    assert labels.exists()


def test_a_port_that_is_taken_begins_no_drafts(place: Place) -> None:
    """Nor does an archive that nobody knows."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = place.once("--listen", f"HOSR@127.0.0.1:{port}")
    assert ran.code != 0
    assert f"cannot listen on 127.0.0.1:{port}" in ran.err
    assert place.once("--send", "nobody").code == 2
    assert not place.drafts.exists()


def test_a_folder_that_is_as_good_as_empty_is_begun(place: Place) -> None:
    """As a new file system is, and what was killed before its store was there."""
    place.drafts.mkdir()
    for name in ("lost+found", "drafts.sqlite.lock", "watch.lock", ".keep"):
        (place.drafts / name).touch()
    put_record(place)
    assert [line.split(" ")[0] for line in events_of(place.once())] == ["draft"]


def test_the_desk_begins_no_drafts(tmp_path: Path) -> None:
    """It is for drafts that are there: a folder without them is a wrong one."""
    for folder in (_folder(tmp_path / "empty"), _with_file(tmp_path / "letters")):
        before = set(folder.iterdir())
        for options in ((), ("--readings", tmp_path / "readings.jsonl")):
            ran = hosr("desk", folder, "--port", "0", *options)
            assert ran.code == 2
            assert f"{folder}: holds no drafts" in ran.err
        assert set(folder.iterdir()) == before
    ran = hosr("desk", tmp_path / "nowhere")
    assert (ran.code, "there is no such folder" in ran.err) == (2, True)
