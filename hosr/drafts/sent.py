"""Preliminary reports of drafts that were given to an outbox: receivers have them, or will.

Each is noted with its draft, in one transaction, before it is put into the outbox: what was sent is known,
whatever is killed meanwhile, and that one may be noted which never went costs nothing.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from hosr.status import Preliminaries
from hosr.study import Instance

_OF_DRAFT = """
    SELECT documents, tracked_as, follows FROM sent
    WHERE draft = (SELECT number FROM draft WHERE id = ?) ORDER BY number
    """
# Those of a draft and of all that it follows, the newest first, back to what was signed: that has
# taken the place of what was sent before it.
_OF_CHAIN = """
    WITH RECURSIVE chain (number, follows, status, depth, is_after) AS (
        SELECT number, follows, status, 0, status <> 'signed' FROM draft WHERE id = ?
        UNION ALL
        SELECT draft.number, draft.follows, draft.status, depth + 1,
            is_after AND draft.status <> 'signed'
        FROM draft JOIN chain ON draft.id = chain.follows
    )
    SELECT documents, tracked_as, is_after FROM chain JOIN sent ON sent.draft = chain.number
    ORDER BY depth, sent.number DESC
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A preliminary report as it was sent.

    `documents` are its structured reports, the measurement report first, and `follows` those that were
    sent before and that it takes the place of; `tracked_as` is what all of them have in common.
    """

    documents: tuple[Instance, ...]
    tracked_as: str
    follows: tuple[Instance, ...] = ()

    @property
    def preliminaries(self) -> Preliminaries | None:
        """What it says itself that it takes the place of."""
        if not self.follows:
            return None
        return Preliminaries(documents=self.follows, tracked_as=self.tracked_as)


def note_sent(connection: sqlite3.Connection, draft_id: str, sent: Sent) -> None:
    """Put down what is about to be sent of a draft, once."""
    if sent in read_sent(connection, draft_id):
        return
    connection.execute(
        "INSERT INTO sent SELECT number, (SELECT count(*) FROM sent WHERE draft = draft.number), ?, ?, ?"
        " FROM draft WHERE id = ?",
        (_kept(sent.documents), sent.tracked_as, _kept(sent.follows), draft_id),
    )


def read_sent(connection: sqlite3.Connection, draft_id: str) -> tuple[Sent, ...]:
    """What was sent of a draft, oldest first."""
    return tuple(
        Sent(
            documents=_found(row["documents"]),
            tracked_as=row["tracked_as"],
            follows=_found(row["follows"]),
        )
        for row in connection.execute(_OF_DRAFT, (draft_id,))
    )


def read_preliminaries(connection: sqlite3.Connection, draft_id: str) -> Preliminaries | None:
    """What a report of a draft takes the place of: all that was sent of it, and of those it follows.

    Its name is none that a signed report has.
    """
    rows = connection.execute(_OF_CHAIN, (draft_id,)).fetchall()
    own = [row for row in rows if row["is_after"]]
    if not own:
        return None
    signed = {row["tracked_as"] for row in rows if not row["is_after"]}
    names = [row["tracked_as"] for row in own if row["tracked_as"] not in signed]
    return Preliminaries(
        documents=tuple(each for row in own for each in _found(row["documents"])),
        tracked_as=names[-1] if names else "",
    )


def _kept(documents: Sequence[Instance]) -> str:
    return json.dumps([asdict(each) for each in documents])


def _found(kept: str) -> tuple[Instance, ...]:
    return tuple(Instance(**each) for each in json.loads(kept))
