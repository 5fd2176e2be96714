"""Links that work once, sessions, and the lock of a page that nobody uses."""

from __future__ import annotations

from pathlib import Path

from hosr.desk.readers import Reader, Sessions
from hosr.drafts import Draft
from tests.desk.desks import BIANCHI, ROSSI, running


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        """Seconds since it was begun."""
        return self.seconds


def sessions_of(clock: Clock) -> tuple[Sessions, list[tuple[Reader, str]]]:
    """Sessions that end after a minute, and the links that were made."""
    links: list[tuple[Reader, str]] = []
    sessions = Sessions(clock=clock, lock_s=60, on_link=lambda *link: links.append(link))
    return sessions, links


def test_a_page_that_nobody_uses_is_locked() -> None:
    """After a minute without a request that a person made, and no sooner."""
    clock = Clock()
    sessions, links = sessions_of(clock)
    sessions.admit(ROSSI)
    cookie, reader = sessions.begin(links[0][1]) or ("", BIANCHI)
    assert reader == ROSSI
    clock.seconds = 59
    assert sessions.find(cookie, by_person=True) == ROSSI
    clock.seconds = 118
    assert sessions.find(cookie, by_person=True) == ROSSI
    clock.seconds = 178
    assert sessions.find(cookie, by_person=True) is None
    assert [link[0] for link in links] == [ROSSI, ROSSI]


def test_what_a_page_asks_by_itself_does_not_keep_it_open() -> None:
    """A worklist that looks for news is no person."""
    clock = Clock()
    sessions, links = sessions_of(clock)
    sessions.admit(ROSSI)
    cookie, _ = sessions.begin(links[0][1]) or ("", ROSSI)
    for clock.seconds in (20, 40, 59):
        assert sessions.find(cookie, by_person=False) == ROSSI
    clock.seconds = 60
    assert sessions.find(cookie, by_person=False) is None


def test_each_token_and_each_cookie_is_another() -> None:
    """Of 256 bits, so that nobody guesses one; what is kept of them is their hash."""
    sessions, links = sessions_of(Clock())
    for _ in range(50):
        sessions.admit(ROSSI)
    tokens = {token for _, token in links}
    cookies = {(sessions.begin(token) or ("", ROSSI))[0] for token in tokens}
    assert (len(tokens), len(cookies), {len(token) for token in tokens}) == (50, 50, {43})
    assert not any(token in repr(vars(sessions)) for token in tokens | cookies)


def test_a_key_tells_readers_apart_and_names_nobody() -> None:
    """The same for the same person, and for nobody else."""
    assert ROSSI.key == Reader(name="Rossi^Maria", organization="Example Hospital").key
    assert len({ROSSI.key, BIANCHI.key, Reader().key, Reader(name="Rossi^Maria").key}) == 4
    assert "Rossi" not in repr(ROSSI)


def test_a_lock_ends_what_the_page_can_do(folder: Path, draft: Draft) -> None:
    """The session is dropped by the server, whatever the page does; the audit notes it."""
    with running(folder, ROSSI, lock_s=1.5) as desk:
        page = desk.enter()
        view = page.open(draft.draft_id)
        key, _ = desk.new_links.get(timeout=30)
        assert key == ROSSI.key
        assert page.save(view, view["record"]).status == 401
        assert page.ask("GET", f"/drafts/{draft.draft_id}").json["code"] == "locked"
    told = (folder / "audit.jsonl").read_text()
    assert '"event": "locked"' in told
