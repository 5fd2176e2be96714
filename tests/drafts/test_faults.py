"""Whatever ends, fills up or damages the store: what was acknowledged is there, and nothing torn."""

from __future__ import annotations

import os
import random
import select
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from hosr.drafts import Changed, Draft, Drafts, NewDraft, Status, judge
from hosr.drafts.database import FORM, STORE
from hosr.errors import ImagesRefused, RecordRefused, StaleDraft, UsageError
from hosr.outbox.database import FORM as OUTBOX
from tests.children import in_a_child, in_children, killed_at_statement
from tests.drafts.drafting import OTHER, READER, add, changed, opened, record_of
from tests.privileges import unprivileged

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="has no fork and no kill -9")

CHANGES, KILLS = 200, 50


def _counted(number: int) -> Changed:
    """A change that says which it is; judged as a record without images, which costs less."""
    record = record_of(comment=f"{number}")
    return Changed(record=record, judged=judge(record, None))


def _count_of(record: dict[str, Any]) -> int:
    return int(record["hips"][0].get("comment", "0"))


def _change_many(folder: Path, draft_id: str, by: str) -> None:
    """Add one to the count of a draft so many times, whoever else does meanwhile."""
    with opened(folder) as drafts:
        done = 0
        draft = drafts.get(draft_id)
        while done < CHANGES:
            try:
                change = _counted(_count_of(draft.record) + 1)
                draft = drafts.change(draft_id, draft.etag, change, by=by)
                done += 1
            except StaleDraft as stale:
                draft = stale.current


@pytest.mark.slow
def test_two_processes_lose_no_change(drafts: Drafts, film: Path) -> None:
    """Of two times two hundred changes of one draft every one is there, in one order."""
    draft = add(drafts, film)
    change = partial(_change_many, drafts.folder, draft.draft_id)
    assert in_children(partial(change, READER), partial(change, OTHER)) == [0, 0]
    history = drafts.history(draft.draft_id)
    assert [each.revision for each in history] == [*range(1, 2 * CHANGES + 2)]
    assert [_count_of(each.record) for each in history] == [*range(2 * CHANGES + 1)]
    assert [each.by for each in history].count(READER) == CHANGES
    assert drafts.get(draft.draft_id).etag == history[-1].etag


def _change_and_tell(folder: Path, draft_id: str, say: int) -> None:
    """Change a draft for ever, and say the number of each change when it was acknowledged."""
    with opened(folder) as drafts:
        draft = drafts.get(draft_id)
        while True:
            number = _count_of(draft.record) + 1
            draft = drafts.change(draft_id, draft.etag, _counted(number), by=READER)
            os.write(say, b"%d\n" % number)


def _killed_while_changing(folder: Path, draft_id: str, wait_s: float) -> int:
    """The last number that a process acknowledged which was killed some time after its first."""
    hear, say = os.pipe()
    child = os.fork()
    if not child:
        try:
            _change_and_tell(folder, draft_id, say)
        finally:
            os._exit(1)
    os.close(say)
    ready, _, _ = select.select([hear], [], [], 30)
    assert ready
    time.sleep(wait_s)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    with os.fdopen(hear, "rb") as pipe:
        return int(pipe.read().splitlines()[-1])


@pytest.mark.slow
def test_kills_lose_nothing_that_was_acknowledged(
    drafts: Drafts, film: Path, record_figures: Callable[[str], None]
) -> None:
    """After each of fifty kills in the middle of changes the last acknowledged one is there, whole."""
    draft, draw, told = add(drafts, film), random.Random(14), 0  # noqa: S311 (when to kill)
    drafts.close()
    for _ in range(KILLS):
        told = _killed_while_changing(drafts.folder, draft.draft_id, draw.uniform(0, 0.1))
        with opened(drafts.folder) as again:
            there = again.get(draft.draft_id)
            # One more may be on the disk that nobody was told of.
            assert _count_of(there.record) in (told, told + 1)
            assert again.history(draft.draft_id)[-1].etag == there.etag
    with opened(drafts.folder) as again:
        counts = [_count_of(each.record) for each in again.history(draft.draft_id)]
        assert counts == [*range(len(counts))]
    with closing(sqlite3.connect(drafts.folder / STORE)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    record_figures(f"drafts, kill -9: {KILLS} kills, {told} changes acknowledged, 0 lost")


@pytest.mark.slow
def test_a_kill_at_any_statement_leaves_a_draft_or_none(tmp_path: Path, film: Path) -> None:
    """A store that was begun half is begun anew; the same result then gives exactly one draft."""
    statement, code = 1, -signal.SIGKILL
    while code:
        folder = tmp_path / str(statement)

        def begin(folder: Path = folder) -> None:
            with opened(folder) as drafts:
                add(drafts, film)

        code = in_a_child(killed_at_statement(statement, begin))
        assert code in (0, -signal.SIGKILL)
        with opened(folder) as drafts:
            assert len(drafts.listed()) in (0, 1)
            draft = add(drafts, film)
            assert [each.draft_id for each in drafts.listed()] == [draft.draft_id]
            assert len(drafts.history(draft.draft_id)) == 1
        statement += 1
    assert statement > 20


def test_several_processes_may_begin_it_at_once(tmp_path: Path, film: Path) -> None:
    """One begins it, the others wait, and the same result gives one draft."""

    def begin() -> None:
        with opened(tmp_path / "drafts") as drafts:
            add(drafts, film)

    assert in_children(*[begin] * 6) == [0] * 6
    with opened(tmp_path / "drafts") as drafts:
        assert len(drafts.listed()) == 1


def _text_file(path: Path) -> None:
    path.write_bytes(b"not a store" * 1000)


def _marked_as(application_id: int, version: int) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(f"PRAGMA application_id = {application_id}")
            connection.execute(f"PRAGMA user_version = {version}")
            connection.execute("CREATE TABLE draft (id)")
            connection.commit()

    return make


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_text_file, "is not a store of drafts of hosr; name another folder"),
        (_marked_as(0, 0), "is not a store of drafts of hosr; name another folder"),
        (_marked_as(OUTBOX.application_id, 1), "is not a store of drafts of hosr"),
        (
            _marked_as(FORM.application_id, FORM.version + 1),
            f"was made by a newer hosr (version {FORM.version + 1} of the drafts); use that hosr",
        ),
        (Path.mkdir, "is not a file; name another place"),
    ],
)
def test_what_is_no_store_is_left_alone(
    make: Callable[[Path], object], words: str, tmp_path: Path
) -> None:
    """It is refused by name and stays as it is."""
    path = tmp_path / STORE
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(UsageError) as caught:
        opened(tmp_path)
    assert str(caught.value).startswith(f"{path}: {words}")
    assert str(caught.value).endswith("; nothing was added or changed")
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_damaged_store_is_said_to_be(drafts: Drafts, film: Path) -> None:
    """Nothing is listed from it as if nothing were, and nothing is changed."""
    names = [add(drafts, film, record_of(mm)).draft_id for mm in range(2, 9)]
    drafts.close()
    path = drafts.folder / STORE
    content = bytearray(path.read_bytes())
    content[8192:] = random.Random(4).randbytes(len(content) - 8192)  # noqa: S311
    path.write_bytes(content)

    def read() -> None:
        with opened(drafts.folder) as again:
            again.listed()
            again.get(names[0])

    with pytest.raises(UsageError, match="is damaged; keep the file, and put back a copy"):
        read()


def test_a_folder_one_may_not_write_to_is_refused(film: Path) -> None:
    """At once, in a sentence; a store that is there and cannot be written, too."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with unprivileged(folder):
            folder.chmod(0o500)
            with pytest.raises(UsageError, match=r"cannot be opened \(Permission denied\)"):
                opened(folder)
            folder.chmod(0o700)
            opened(folder).close()
            (folder / STORE).chmod(0o400)
            with pytest.raises(UsageError, match="cannot be written; give this user the right"):
                opened(folder)
            (folder / STORE).chmod(0o600)
            opened(folder).close()
    assert film.exists()


def _grown(draft: Draft, size: int) -> Changed:
    record = {**draft.record, "conclusion": "x" * size}
    return Changed(record=record, judged=judge(record_of(), None))


def test_a_full_disk_is_said_to_be(drafts: Drafts, film: Path) -> None:
    """The draft stays as it was, and is changed once there is room."""
    draft = add(drafts, film)
    connection = drafts._database.connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(UsageError, match="has no room: the disk is full; make room; nothing was"):
        drafts.change(draft.draft_id, draft.etag, _grown(draft, 100_000), by=READER)
    assert drafts.get(draft.draft_id) == draft
    connection.execute("PRAGMA max_page_count = 100000")
    grown = drafts.change(draft.draft_id, draft.etag, _grown(draft, 100_000), by=READER)
    assert grown.revision == 2


def test_another_program_that_keeps_the_store_is_told(tmp_path: Path, film: Path) -> None:
    """After a wait; then nothing was changed."""
    with Drafts(tmp_path / "drafts", clock=time.time, busy_s=0.05) as drafts:
        draft = add(drafts, film)
        with closing(sqlite3.connect(drafts.folder / STORE, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(UsageError, match="is in use by another program; try again when"):
                drafts.open(draft.draft_id, by=READER)
            assert drafts.get(draft.draft_id) == draft  # who only looks does not wait
            other.execute("ROLLBACK")
        assert drafts.open(draft.draft_id, by=READER).status is Status.OPENED


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE record SET text = '{}'",
        "DELETE FROM record",
        "UPDATE entry SET by = 'x'",
        "DELETE FROM entry",
        "DELETE FROM draft",
        "UPDATE draft SET original = 'x'",
        "UPDATE draft SET revision = 0",
        "UPDATE version SET folder = 'x'",
        "DELETE FROM version",
        "UPDATE draft SET status = 'opened', document_uid = ''",
        "UPDATE draft SET status = 'held'",
    ],
)
def test_what_must_never_happen_the_file_forbids(
    drafts: Drafts, film: Path, statement: str
) -> None:
    """Whatever a program asks: history, origin and what was signed stay."""
    draft = add(drafts, film)
    drafts.sign(draft.draft_id, draft.etag, "x", "1.2", by=READER)
    forbidden = pytest.raises(sqlite3.IntegrityError)
    with closing(sqlite3.connect(drafts.folder / STORE)) as connection, forbidden:
        connection.execute(statement)


def test_what_cannot_be_read_begins_no_draft(drafts: Drafts, film: Path) -> None:
    """An image that is gone, and a record that is larger than any."""
    judged = changed(film, record_of()).judged
    with pytest.raises(ImagesRefused, match=r"gone\.dcm: cannot be read"):
        drafts.add(NewDraft(record=record_of(), images=(str(film.with_name("gone.dcm")),)), judged)
    large = {**record_of(), "conclusion": "x" * (17 << 20)}
    with pytest.raises(RecordRefused, match="is larger than 16 MiB"):
        drafts.add(NewDraft(record=large, images=(str(film),)), judged)
    assert drafts.listed() == ()
