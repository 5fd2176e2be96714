"""`hosr desk` as its user starts it: links, signals, refusals, TLS, and what a kill leaves."""

from __future__ import annotations

import json
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest
import trustme

from hosr.drafts import Draft, Drafts
from tests.command import hosr
from tests.desk.desks import Json, Page, moved, path_of
from tests.desk.forks import Forked, forked_desk, forks
from tests.desk.programs import Program, desk_command, desk_program
from tests.images import SECRETS

pytestmark = pytest.mark.slow

_KILLS = 20


class TestStart:
    """What is asked of whoever starts it."""

    def test_a_link_for_the_reader_is_printed(self, folder: Path, draft: Draft) -> None:
        """The link opens the page, and the process ends without a word too many."""
        with desk_program(folder) as program:
            page = program.enter()
            assert page.get("/drafts")["drafts"][0]["id"] == draft.draft_id
            assert program.end(signal.SIGINT) == (0, "", "hosr: the desk is closed\n")

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_a_signal_ends_it_after_what_is_being_done(
        self, folder: Path, draft: Draft, number: int
    ) -> None:
        """A report that is being signed is signed to the end."""
        with desk_program(folder) as program:
            page = program.enter()
            view = page.open(draft.draft_id)
            answers: list[Any] = []
            signing = threading.Thread(target=lambda: answers.append(page.sign(view)))
            signing.start()
            while page.open(draft.draft_id)["may_edit"] and not answers:
                time.sleep(0.02)
            code, _, err = program.end(number)
            signing.join()
        assert (code, err) == (0, "hosr: the desk is closed\n")
        assert [answer.status for answer in answers] == [200]

    def test_the_log_holds_no_names(self, folder: Path, draft: Draft) -> None:
        """With -vv what is done is told by ids alone."""
        with desk_program(folder, "-vv") as program:
            page = program.enter()
            view = page.open(draft.draft_id)
            page.save(view, moved(view["record"], 10))
            page.ask("GET", "/drafts/nothing")
            _, _, err = program.end(signal.SIGINT)
        assert f"draft {draft.draft_id}: change" in err
        for secret in (*SECRETS, "Rossi", "Maria", "token", "Traceback"):
            assert secret not in err

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["nowhere"], "there is no such folder"),
            ([".", "--host", "192.0.2.1"], "go over the network as it is"),
            ([".", "--host", "192.0.2.1", "--tls-cert", "x.pem"], "--tls-key: is missing"),
            ([".", "--reader", "^"], "names nobody"),
            ([".", "--reader", "A^B"], "--organization: names nobody"),
            ([".", "--reader", "A\\B", "--organization", "X"], "cannot stand in a DICOM document"),
            ([".", "--reader", "A^B", "--reader", "A^B", "--organization", "X"], "twice"),
            ([".", "--id", "7"], "is of one reader"),
            ([".", "--send", "nobody"], "there is no archive of this name"),
            ([".", "--templates", "nowhere"], "nowhere"),
            ([".", "--readings", "x.csv"], "is no JSON Lines"),
            ([".", "--port", "70000"], "is no port"),
            ([".", "--lock-after", "0"], "is no time between a second and a day"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_started_is_refused(
        self,
        arguments: list[str],
        words: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """In one sentence, before anything is served."""
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("HOSR_CONFIG", "")
        Drafts(tmp_path, clock=time.time).close()
        ran = hosr("desk", *arguments)
        assert ran.code == 2
        assert words in ran.err
        assert "Traceback" not in ran.err

    def test_a_port_that_is_taken_is_told(self, tmp_path: Path) -> None:
        """With what to do about it."""
        Drafts(tmp_path, clock=time.time).close()
        with socket.create_server(("127.0.0.1", 0)) as taken:
            ran = hosr("desk", tmp_path, "--port", taken.getsockname()[1])
        assert (ran.code, "name another port with --port" in ran.err) == (2, True)

    def test_a_missing_library_is_told_in_one_sentence(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where the extra was not installed."""
        monkeypatch.setattr(
            "hosr.cli.desk.find_spec", lambda name: None if name == "uvicorn" else 1
        )
        ran = hosr("desk", tmp_path)
        assert ran.code == 2
        assert "needs uvicorn" in ran.err
        assert "pip install 'hosr[desk]'" in ran.err

    def test_nothing_is_begun_in_a_folder_that_is_none_of_drafts(self, tmp_path: Path) -> None:
        """A store of another program stays as it is."""
        (tmp_path / "drafts.sqlite").write_bytes(
            b"something else, longer than a header of SQLite" * 9
        )
        before = (tmp_path / "drafts.sqlite").read_bytes()
        assert hosr("desk", tmp_path, "--port", 0).code == 2
        assert (tmp_path / "drafts.sqlite").read_bytes() == before


class TestAnotherHost:
    """Other machines reach it by TLS alone."""

    def test_it_is_served_by_tls(self, folder: Path, draft: Draft, tmp_path: Path) -> None:
        """The link is one of HTTPS, and the cookie is sent by nothing else."""
        authority = trustme.CA()
        certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
        issued = authority.issue_cert("localhost", "127.0.0.1")
        issued.private_key_and_cert_chain_pem.write_to_path(key)
        issued.cert_chain_pems[0].write_to_path(certificate)
        context = ssl.create_default_context()
        authority.configure_trust(context)
        tls = ("--tls-cert", str(certificate), "--tls-key", str(key))
        with desk_program(folder, *tls) as program:
            (address,) = program.desk.links.values()
            assert address.startswith("https://127.0.0.1:")
            path = address.partition(program.desk.host)[2]
            request = (
                f"GET {path} HTTP/1.1\r\nHost: {program.desk.host}\r\nConnection: close\r\n\r\n"
            )
            with (
                socket.create_connection(("127.0.0.1", program.desk.port), timeout=20) as plain,
                context.wrap_socket(plain, server_hostname="127.0.0.1") as secured,
            ):
                secured.sendall(request.encode())
                told = b""
                while part := secured.recv(65536):
                    told += part
        assert told.startswith(b"HTTP/1.1 303 ")
        assert b"; Secure" in told
        del draft


def _type(page: Page, view: Json, sent: list[float], kept: list[float]) -> None:
    """Save one record after another, and put down what was acknowledged, until nobody answers."""
    try:
        for step in range(1, 100_000):
            by = 2 + (step % 400) / 8
            sent.append(view["record"]["hips"][0]["gap"]["points"][1][0])
            record = json.loads(json.dumps(view["record"]))
            record["hips"][0]["gap"]["points"][1][0] = 10 + by
            sent.append(10 + by)
            answer = page.save(view, record)
            assert answer.status == 200
            view = answer.json
            kept.append(view["record"]["hips"][0]["gap"]["points"][1][0])
    except (OSError, ValueError, HTTPException):  # the last, where an answer was cut off
        return


def kill_while_typing(
    begin: Callable[[], AbstractContextManager[Program | Forked]],
    draft: Draft,
    seconds: float,
    least: int = 0,
) -> int:
    """Kill a desk (-9) while a reader types; how many saves were acknowledged, none of which is lost.

    It is killed after so many seconds, once so many saves at the least were acknowledged.
    """
    sent: list[float] = []
    kept: list[float] = []
    with begin() as program:
        page = program.enter()
        typing = threading.Thread(target=_type, args=(page, page.open(draft.draft_id), sent, kept))
        typing.start()
        time.sleep(seconds)
        while len(kept) < least and typing.is_alive():
            time.sleep(0.01)
        program.kill()
        typing.join()
    with begin() as program:
        page = program.enter()
        view = page.open(draft.draft_id)
        entries = page.get(f"{path_of(view)}/history")["entries"]
    now = view["record"]["hips"][0]["gap"]["points"][1][0]
    assert now in (kept[-1:] or sent[:1]) + sent[-1:]
    known = [entry["record"]["hips"][0]["gap"]["points"][1][0] for entry in entries]
    assert [x for x in kept if x not in known] == []
    return len(kept)


def test_a_kill_while_typing_loses_nothing(folder: Path, draft: Draft) -> None:
    """What was acknowledged is there when the desk is started again."""
    assert kill_while_typing(partial(desk_program, folder), draft, 0.2, least=5) >= 5


@pytest.mark.peer
def test_twenty_kills_while_typing_lose_nothing(folder: Path, draft: Draft) -> None:
    """At any moment, one after the other, on the same drafts."""
    moments = [0.05 + 1.45 * number / _KILLS for number in range(_KILLS)]
    with forks() as desks:
        begin = partial(forked_desk, desks, folder)
        assert sum(kill_while_typing(begin, draft, seconds) for seconds in moments) > 0


def test_a_kill_while_signing_leaves_a_draft_or_a_signed_report(folder: Path, draft: Draft) -> None:
    """What was begun is taken back when the desk starts again, and is signed then."""
    with desk_program(folder) as program:
        page = program.enter()
        view = page.open(draft.draft_id)
        signing = threading.Thread(target=_try_to_sign, args=(page, view))
        signing.start()
        while page.open(draft.draft_id)["may_edit"]:
            time.sleep(0.01)
        program.process.send_signal(signal.SIGKILL)
        signing.join()
    with desk_program(folder) as program:
        page = program.enter()
        again = page.open(draft.draft_id)
        assert (again["may_edit"], again["draft"]["status"]) == (True, "opened")
        assert page.sign(again).status == 200


def _try_to_sign(page: Page, view: Json) -> None:
    try:
        page.sign(view)
    except OSError:
        return


def test_a_stopped_desk_is_gone_on_with(folder: Path, draft: Draft) -> None:
    """A page that was left open finds its draft as it was, and saves to it."""
    with desk_program(folder) as program:
        view = program.enter().open(draft.draft_id)
        program.end(signal.SIGTERM)
    with desk_program(folder) as program:
        page = program.enter()
        assert page.save(view, moved(view["record"], 10)).status == 200


def test_two_desks_on_one_folder_lose_nothing(folder: Path, draft: Draft) -> None:
    """Each of two processes sees what the other one kept."""
    with desk_program(folder) as one, desk_program(folder) as other:
        first, second = one.enter(), other.enter()
        mine, theirs = first.open(draft.draft_id), second.open(draft.draft_id)
        assert first.save(mine, moved(mine["record"], 10)).status == 200
        assert second.save(theirs, moved(theirs["record"], -2)).status == 412


def test_the_command_is_one_that_people_can_type(folder: Path) -> None:
    """Its help names what it takes."""
    ran = subprocess.run(
        [*desk_command(folder)[:3], "desk", "--help"], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0
    for option in ("--reader", "--organization", "--blind", "--send", "--lock-after", "--tls-cert"):
        assert option in ran.stdout
