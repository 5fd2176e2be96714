"""The audit of the desk: what it says, what it never says, and how a change of it shows."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import pytest

from hosr.desk.audit import AUDIT, Audit, AuditEvent, Happened, changed_parts, verify
from hosr.desk.delivery import Delivery
from hosr.drafts import Draft, Drafts
from hosr.errors import UsageError
from tests.desk.desks import BIANCHI, ROSSI, Page, moved, running
from tests.images import SECRETS

_AT = dt.datetime(2026, 3, 2, 11, 20, 5, 123456, dt.UTC)


def audit_of(folder: Path) -> Audit:
    """An audit with a clock that stands."""
    return Audit(path=folder / AUDIT, clock=lambda: _AT)


def test_each_line_is_bound_to_the_one_before(tmp_path: Path) -> None:
    """A line holds the hash of the line before; the first one that of nothing."""
    audit = audit_of(tmp_path)
    audit.note(Happened(event=AuditEvent.STARTED))
    audit.note(Happened(event=AuditEvent.OPENED, reader="r", draft="d", before="a", after="b"))
    first, second = audit.path.read_bytes().splitlines()
    assert json.loads(second) == {
        "at": "2026-03-02T11:20:05.123456+00:00",
        "reader": "r",
        "event": "opened",
        "draft": "d",
        "before": "a",
        "after": "b",
        "previous": hashlib.sha256(first).hexdigest(),
    }
    assert json.loads(first)["previous"] == "0" * 64
    assert verify(audit.path) == ()


@pytest.mark.parametrize(
    ("spoil", "lines"),
    [
        (lambda lines: [lines[0], lines[1].replace(b"opened", b"signed"), *lines[2:]], [3]),
        (lambda lines: [lines[0], *lines[2:]], [2]),
        (lambda lines: [lines[0], lines[2], lines[1], lines[3]], [2, 3, 4]),
        (lambda lines: [*lines[:2], b"x", *lines[2:]], [3, 4]),
    ],
    ids=["altered", "taken out", "put in another order", "put in"],
)
def test_a_change_is_told_with_its_line(tmp_path: Path, spoil: object, lines: list[int]) -> None:
    """Where the chain is broken, it is told."""
    audit = audit_of(tmp_path)
    for _ in range(4):
        audit.note(Happened(event=AuditEvent.OPENED, draft="d"))
    whole = audit.path.read_bytes().splitlines()
    audit.path.write_bytes(b"".join(line + b"\n" for line in spoil(whole)))  # type: ignore[operator]
    assert [fault.path for fault in verify(audit.path)] == [f"{AUDIT}, line {n}" for n in lines]


def test_a_broken_chain_is_told_at_the_start_and_gone_on_with(folder: Path, draft: Draft) -> None:
    """The desk serves all the same; what it adds is bound to what is there."""
    del draft
    audit = audit_of(folder)
    for _ in range(3):
        audit.note(Happened(event=AuditEvent.OPENED, draft="d"))
    lines = audit.path.read_bytes().splitlines(keepends=True)
    audit.path.write_bytes(lines[0] + lines[2])
    with running(folder, ROSSI) as desk:
        assert [fault.path for fault in desk.told] == [f"{AUDIT}, line 2"]
    assert [fault.path for fault in verify(audit.path)] == [f"{AUDIT}, line 2"]


def test_a_line_that_lost_its_end_is_told_and_gone_on_from(tmp_path: Path) -> None:
    """Power was lost while a line was written: the next one stands on a line of its own."""
    audit = audit_of(tmp_path)
    audit.note(Happened(event=AuditEvent.STARTED))
    audit.path.write_bytes(audit.path.read_bytes() + b'{"at": "2026')
    audit.note(Happened(event=AuditEvent.OPENED, draft="d"))
    assert len(audit.path.read_bytes().splitlines()) == 3
    assert [fault.path for fault in verify(audit.path)] == [f"{AUDIT}, line 2"]


def test_two_desks_write_one_chain(tmp_path: Path) -> None:
    """Whoever writes takes the last line as it is then."""
    one, other = audit_of(tmp_path), audit_of(tmp_path)
    for audit in (one, other, other, one):
        audit.note(Happened(event=AuditEvent.OPENED, draft="d"))
    assert verify(one.path) == ()


def test_nothing_happens_while_it_cannot_be_noted(tmp_path: Path) -> None:
    """What could not be written is kept, and goes first; until then the desk changes nothing."""
    place = tmp_path / "gone"
    audit = audit_of(place)
    with pytest.raises(UsageError, match="cannot be written"):
        audit.note(Happened(event=AuditEvent.SIGNED, draft="d"))
    with pytest.raises(UsageError, match="cannot be written"):
        audit.require_writable()
    audit.note_done(Happened(event=AuditEvent.HELD, draft="d"))
    unwritten = audit.find_unwritten()
    assert unwritten is not None
    assert unwritten.path == AUDIT
    place.mkdir()
    assert audit.find_unwritten() is None
    audit.note(Happened(event=AuditEvent.OPENED, draft="e"))
    told = [json.loads(line)["event"] for line in audit.path.read_bytes().splitlines()]
    assert told == ["signed", "held", "opened"]


@dataclass(slots=True, kw_only=True)
class _Spoiling(Delivery):
    """A delivery that takes the audit away once something was signed, and puts a folder in its place."""

    audit: Path

    def wake(self) -> None:
        self.audit.rename(self.audit.with_suffix(".aside"))
        self.audit.mkdir()

    @contextmanager
    def running(self, drafts: Drafts) -> Iterator[None]:
        del drafts
        yield


def test_a_signature_that_could_not_be_noted_is_a_signature(folder: Path, draft: Draft) -> None:
    """It is told as signed; that the log lacks it is told to everybody, and nothing else happens before."""
    audit = folder / AUDIT
    spoiling = _Spoiling(
        audit=audit,
        destination=cast(Any, None),
        open_outbox=cast(Any, None),
        open_archive=cast(Any, None),
    )
    with running(folder, ROSSI, delivery=spoiling) as desk:
        page = desk.enter()
        view = page.open(draft.draft_id)
        record = moved(view["record"], -2)
        kept = page.save(view, record).json
        signed = page.sign(kept)
        assert (signed.status, signed.json["draft"]["status"]) == (200, "signed"), signed.json
        notice = page.get("/drafts")["notice"]
        assert notice.startswith(f"{AUDIT}: cannot be written (Is a directory). What was done and")
        refused = page.act(
            signed.json, "amend", reason="x", record=record, decisions=[], document="1.2"
        )
        assert (refused.status, refused.json["problem"]) == (
            422,
            "cannot be written (Is a directory)",
        )
        assert page.open(draft.draft_id)["draft"]["etag"] == signed.json["draft"]["etag"]
        audit.rmdir()
        audit.with_suffix(".aside").rename(audit)
        assert page.get("/drafts")["notice"] == ""
    events = [json.loads(line)["event"] for line in audit.read_bytes().splitlines()]
    assert events == ["started", "entered", "opened", "shown", "changed", "signed"]
    assert verify(audit) == ()


def test_nothing_is_signed_where_it_could_not_be_noted(
    page: Page, draft: Draft, folder: Path
) -> None:
    """A file that cannot be opened is found before anything is done; a link is not used up then."""
    view = page.open(draft.draft_id)
    audit = folder / AUDIT
    audit.rename(audit.with_suffix(".aside"))
    audit.mkdir()
    record = moved(view["record"], 10)
    answers = [page.save(view, record), page.act(view, "hold", reason="x"), page.sign(view)]
    assert [each.status for each in answers] == [422, 422, 422]
    assert page.open(draft.draft_id)["draft"]["etag"] == view["draft"]["etag"]
    place = urlsplit(page.desk.links[BIANCHI.key])
    assert page.desk.ask("GET", f"{place.path}?{place.query}").status == 422
    audit.rmdir()
    page.desk.enter(BIANCHI)


def test_what_readers_do_is_noted_without_names_and_words(
    page: Page, draft: Draft, folder: Path
) -> None:
    """Events with the parts that changed, by keys; no patient, no reader, no word of anybody."""
    view = page.open(draft.draft_id)
    record = moved(view["record"], 10)
    record["hips"][0]["comment"] = "Geheimnis"
    record["Müller"] = "Geheimnis"
    kept = page.save(view, record).json
    page.save(view, moved(view["record"], 12))
    page.act(kept, "hold", reason="Geheimnis")
    page.ask("POST", "/lock")
    told = (folder / AUDIT).read_text()
    lines = [json.loads(line) for line in told.splitlines()]
    assert [line["event"] for line in lines] == [
        "started",
        "entered",
        "opened",
        "shown",
        "changed",
        "refused: stale",
        "held",
        "locked",
    ]
    changed = lines[4]
    assert (changed["reader"], changed["draft"]) == (ROSSI.key, draft.draft_id)
    assert (changed["before"], changed["after"]) == (view["draft"]["etag"], kept["draft"]["etag"])
    assert {"hips[0].gap", "hips[0].grades", "hips[0].comment", "other"} <= set(changed["parts"])
    for secret in (*SECRETS, "Rossi", "Maria", "Geheimnis", "Example"):
        assert secret not in told
    assert verify(folder / AUDIT) == ()


def test_parts_are_named_by_words_of_the_record_alone() -> None:
    """A key that somebody made up may be a name."""
    before = {"hips": [{"side": "right", "gap": {"mm": 8}}], "observer": {"Müller": 1}}
    after = {
        "hips": [{"side": "right", "gap": {"mm": 9}, "Änne": 1}, {}],
        "observer": {"Müller": 2},
    }
    assert changed_parts(before, after) == (
        "hips[0].gap",
        "hips[0].other",
        "hips[1]",
        "observer.other",
    )
