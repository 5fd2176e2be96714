"""Who gets what from the desk: each threat by its name, on a real socket."""

from __future__ import annotations

import re
import socket
import time
from pathlib import Path

import pytest

from hosr.desk import access, server
from hosr.desk.access import ANSWER_HEADERS, cookie_of
from hosr.desk.app import ROUTES
from hosr.drafts import Draft
from tests.desk.desks import (
    BIANCHI,
    ROSSI,
    Page,
    Running,
    add_draft,
    model_record,
    moved,
    running,
    talk,
    write_own_film,
)

_PLACES = {"draft:str": "x", "name:str": "desk.js", "uid:str": "1.2", "frame:int": "1"}
_ADDRESSES = [
    (method, re.sub(r"{(.*?)}", lambda found: _PLACES[found[1]], path))
    for path, _, method in ROUTES
]
_DATA = [(method, path) for method, path in _ADDRESSES if path.startswith("/drafts")]


class TestOtherUsersOfTheMachine:
    """Whoever has no link sees nothing."""

    @pytest.mark.parametrize(("method", "path"), _DATA)
    def test_without_a_session_there_is_nothing(
        self, standing: Page, method: str, path: str
    ) -> None:
        """No address gives or takes anything without a session."""
        visitor = Page(desk=standing.desk, cookie="", key="")
        answer = visitor.ask(method, path, {}, If_Match='"x"', Cookie="LEAVE OUT")
        assert (answer.status, answer.json["code"]) == (401, "locked")

    def test_the_page_without_a_session_says_what_to_do(self, standing: Page) -> None:
        """The first page without a link is one of words."""
        answer = standing.desk.ask("GET", "/")
        assert answer.status == 401
        assert b"Open the newest link that the desk printed for you." in answer.body

    def test_a_token_works_once(self, desk: Running) -> None:
        """The token becomes a cookie, leaves the address, and is worth nothing from then on."""
        path = desk.links[ROSSI.key].partition(desk.host)[2]
        first, second = desk.ask("GET", path), desk.ask("GET", path)
        assert (first.status, first.headers["location"]) == (303, "/")
        assert (second.status, "set-cookie" in second.headers) == (401, False)

    def test_a_cookie_is_read_by_no_program_and_sent_to_no_other_site(self, desk: Running) -> None:
        """The cookie is named by the port, which cookies do not tell apart."""
        path = desk.links[ROSSI.key].partition(desk.host)[2]
        name, _, rest = desk.ask("GET", path).headers["set-cookie"].partition("=")
        assert name == f"hosr-desk-{desk.port}"
        assert rest.partition("; ")[2] == "HttpOnly; Path=/; SameSite=lax"

    @pytest.mark.parametrize("cookie", ["hosr-desk-1=x", "hosr-desk-{port}=", "hosr-desk-{port}=é"])
    def test_another_cookie_is_no_session(self, standing: Page, cookie: str) -> None:
        """A cookie that the desk did not give opens nothing."""
        answer = standing.desk.ask("GET", "/drafts", Cookie=cookie.format(port=standing.desk.port))
        assert answer.status == 401

    def test_a_cookie_that_is_there_twice_is_none(self) -> None:
        """Which of two is ours nobody can say: another site of this host may have set one."""
        assert cookie_of("a=1; b=2", "a") == "1"
        assert cookie_of("a=1; a=2", "a") == ""

    def test_who_leaves_is_out(self, page: Page) -> None:
        """A session that was left is over, and its reader has a new link."""
        assert page.ask("POST", "/leave").status == 204
        assert page.ask("GET", "/drafts").status == 401
        key, address = page.desk.new_links.get(timeout=10)
        assert key == ROSSI.key
        page.desk.links[key] = address
        assert page.desk.enter().ask("GET", "/drafts").status == 200

    def test_an_onlooker_changes_nothing(self, folder: Path, draft: Draft) -> None:
        """A desk without readers shows everything and keeps nothing."""
        with running(folder) as desk:
            (desk.links["onlooker"],) = desk.links.values()
            place = desk.links["onlooker"].partition(desk.host)[2]
            cookie = desk.ask("GET", place).headers["set-cookie"].partition(";")[0]
            page = Page(desk=desk, cookie=cookie, key="onlooker")
            view = page.open(draft.draft_id)
            assert (view["draft"]["status"], view["may_edit"]) == ("waiting", False)
            assert page.save(view, moved(view["record"], 1)).json["code"] == "onlooker"
            assert page.sign(view).status == 403
            assert page.act(view, "hold", reason="no").status == 403

    def test_a_page_of_another_reader_does_not_sign_as_this_one(
        self, desk: Running, draft: Draft
    ) -> None:
        """Two links in one browser share its cookies: the older page is told, and does nothing."""
        first, second = desk.enter(ROSSI), desk.enter(BIANCHI)
        view = first.open(draft.draft_id)
        first.cookie = second.cookie
        assert (first.sign(view).status, first.sign(view).json["code"]) == (403, "reader")
        first.more = {"Hosr-Reader": "LEAVE OUT"}
        assert first.sign(view).status == 403


class TestDnsRebinding:
    """Another name for this machine is not the desk's."""

    @pytest.mark.parametrize(
        "host",
        [
            "evil.example",
            "evil.example:{port}",
            "127.0.0.1",
            "127.0.0.1:1",
            "localhost",
            "",
            "[::1]",
        ],
    )
    def test_another_host_is_refused(self, standing: Page, host: str) -> None:
        """Host has to be this machine with this port."""
        answer = standing.desk.ask("GET", "/", Host=host.format(port=standing.desk.port))
        assert (answer.status, answer.json["code"]) == (421, "host")

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "LOCALHOST"])
    def test_this_machine_is_answered(self, standing: Page, host: str) -> None:
        """Each name of this machine is one of the desk's."""
        answer = standing.ask("GET", "/drafts", Host=f"{host}:{standing.desk.port}")
        assert answer.status == 200

    def test_two_hosts_are_none(self, standing: Page) -> None:
        """A request with Host twice is refused by whichever looks at it first."""
        told = talk(
            standing.desk.port,
            f"GET / HTTP/1.1\r\nHost: {standing.desk.host}\r\nHost: a\r\n\r\n".encode(),
        )
        assert told.split(b" ")[1] in (b"400", b"421")


class TestCrossSiteRequests:
    """The page of another site cannot ask for anything."""

    @pytest.mark.parametrize("site", ["cross-site", "same-site", "nonsense"])
    @pytest.mark.parametrize(("method", "path"), [("GET", "/drafts"), ("POST", "/lock")])
    def test_another_site_is_refused(
        self, standing: Page, site: str, method: str, path: str
    ) -> None:
        """Where a browser says that another site asks, it gets nothing."""
        answer = standing.ask(method, path, Sec_Fetch_Site=site)
        assert (answer.status, answer.json["code"]) == (403, "site")

    def test_a_link_in_a_mail_can_be_followed(self, desk: Running) -> None:
        """Following a link from another site gives the first page, which holds nothing."""
        path = desk.links[ROSSI.key].partition(desk.host)[2]

        def follow(into: str) -> int:
            site = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}
            return desk.ask("GET", path, None, **site, Sec_Fetch_Dest=into).status

        assert (follow("iframe"), follow("document")) == (403, 303)

    def test_only_the_first_page_can_be_reached_by_a_link(self, standing: Page) -> None:
        """A link to data from another site gives nothing."""
        followed = {"Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
        assert standing.ask("GET", "/drafts", Sec_Fetch_Site="cross-site", **followed).status == 403

    @pytest.mark.parametrize(
        "origin",
        [
            "LEAVE OUT",
            "null",
            "http://evil.example",
            "https://127.0.0.1:{port}",
            "http://127.0.0.1",
        ],
    )
    def test_a_write_of_another_origin_is_refused(
        self, standing: Page, shown: str, origin: str
    ) -> None:
        """Origin has to be that of the desk, whatever else is right."""
        view = standing.open(shown)
        answer = standing.ask(
            "PUT",
            f"/drafts/{shown}",
            {"record": moved(view["record"], 1), "decisions": []},
            If_Match=view["draft"]["etag"],
            Origin=origin.format(port=standing.desk.port),
        )
        assert (answer.status, answer.json["code"]) == (403, "origin")
        assert standing.open(shown)["record"] == view["record"]

    def test_another_origin_reads_nothing(self, standing: Page) -> None:
        """A request that says where it comes from gets nothing from elsewhere."""
        assert standing.ask("GET", "/drafts", Origin="http://evil.example").status == 403

    @pytest.mark.parametrize(
        "kind",
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "",
         "application/json; charset=latin-1", "application/jsonp"],
    )  # fmt: skip
    def test_a_form_of_another_site_is_refused(self, standing: Page, kind: str) -> None:
        """What a form can send is not JSON."""
        answer = standing.ask("POST", "/lock", {}, Content_Type=kind)
        assert (answer.status, answer.json["code"]) == (415, "type")

    def test_what_is_compressed_is_refused(self, standing: Page) -> None:
        """A body of a few bytes cannot become one of gigabytes."""
        assert standing.ask("POST", "/lock", {}, Content_Encoding="gzip").status == 415


class TestWhatPagesMayDo:
    """An answer lets a page do what the desk's own page does, and no more."""

    @pytest.mark.parametrize(
        "path", ["/", "/drafts", "/static/desk.js", "/nowhere", "/drafts/none"]
    )
    def test_every_answer_carries_the_same_rules(self, standing: Page, path: str) -> None:
        """Pages, data, programs and refusals alike."""
        headers = standing.ask("GET", path).headers
        assert {name: headers.get(name) for name in ANSWER_HEADERS} == ANSWER_HEADERS

    def test_a_refusal_carries_them_too(self, standing: Page) -> None:
        """What is refused before anything is looked at is told by the same rules."""
        headers = standing.desk.ask("GET", "/", Host="evil.example").headers
        assert {name: headers.get(name) for name in ANSWER_HEADERS} == ANSWER_HEADERS

    def test_nothing_but_own_programs_runs(self) -> None:
        """The policy names no other source, no text that becomes a program, no frame."""
        rules = dict(
            rule.partition(" ")[::2]
            for rule in ANSWER_HEADERS["content-security-policy"].split("; ")
        )
        assert rules == {
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            "connect-src": "'self'",
            "img-src": "'self'",
            "base-uri": "'none'",
            "form-action": "'none'",
            "frame-ancestors": "'none'",
            "require-trusted-types-for": "'script'",
            "trusted-types": "'none'",
        }

    def test_a_name_with_markup_stays_a_name(
        self, folder: Path, record: dict[str, object], tmp_path: Path
    ) -> None:
        """Names out of headers reach the page as JSON, and stand in no markup."""
        from tests.images import write_film

        film = write_film(
            tmp_path / "x.dcm",
            PatientName="<img src=x onerror=alert(1)>^</script>",
            PixelSpacing=["1", "1"],
        )
        add_draft(folder, record, film)
        with running(folder, ROSSI) as desk:
            page = desk.enter()
            answer = page.ask("GET", "/drafts")
            assert answer.headers["content-type"] == "application/json"
            assert "onerror" in answer.json["drafts"][0]["patient_name"]
            assert b"onerror" not in page.ask("GET", "/").body


class TestOtherAddresses:
    """There is nothing of this machine beside what the page loads."""

    @pytest.mark.parametrize(
        "path",
        ["/static/../server.py", "/static/..%2fserver.py", "/static/%2e%2e/server.py", "/static/",
         "/static//etc/passwd", "/static/desk.js/..", "/static/words.py", "/../../etc/passwd",
         "/static/..\\server.py", "/static/%00", "/etc/passwd", "//evil.example/",
         "/drafts/../drafts.sqlite", "/drafts/%2e%2e%2fdrafts.sqlite", "/drafts.sqlite"],
    )  # fmt: skip
    def test_a_path_that_climbs_leads_nowhere(self, standing: Page, path: str) -> None:
        """However it is written, it is no address of the desk."""
        assert standing.ask("GET", path).status in (401, 404)

    @pytest.mark.parametrize(
        "method", ["HEAD", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "FOO"]
    )
    def test_another_method_does_nothing(self, standing: Page, shown: str, method: str) -> None:
        """Drafts are neither deleted nor anything else."""
        assert standing.ask(method, f"/drafts/{shown}").status == 405

    def test_a_known_method_at_another_address_does_nothing(self, standing: Page) -> None:
        """The worklist is not written to."""
        answer = standing.ask("PUT", "/drafts", {})
        assert (answer.status, answer.json["code"]) == (405, "method")

    @pytest.mark.parametrize("frame", ["0", "2", "-1", "1e3", "x", "99999999999999999999"])
    def test_a_frame_that_is_not_there_is_refused(
        self, standing: Page, shown: str, frame: str
    ) -> None:
        """Numbers beyond the frames give no pixels."""
        uid = standing.get(f"/drafts/{shown}/images")["images"][0]["uid"]
        answer = standing.ask("GET", f"/drafts/{shown}/pixels/{uid}/{frame}")
        assert answer.status in (404, 409)


class TestHostilePeers:
    """A peer that sends too much, or too slowly, is let go, and the desk serves the others."""

    def test_a_body_of_any_size_is_not_read(self, standing: Page) -> None:
        """What says that it is too large is refused before it is read."""
        answer = standing.ask("POST", "/lock", Content_Length=str(access.MAX_BODY_BYTES + 1))
        assert answer.status == 413

    def test_a_body_in_parts_is_counted(self, standing: Page) -> None:
        """What does not say how large it is, is read as far as a record goes."""
        head = (
            f"POST /lock HTTP/1.1\r\nHost: {standing.desk.host}\r\nOrigin: http://{standing.desk.host}\r\n"
            f"Content-Type: application/json\r\nCookie: {standing.cookie}\r\n"
            "Transfer-Encoding: chunked\r\n\r\n"
        ).encode()
        part = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
        try:
            told = talk(standing.desk.port, head + part * 5)
        except ConnectionError:  # the desk has ended it, and this peer goes on sending
            told = b"HTTP/1.1 413 "
        assert told.startswith(b"HTTP/1.1 413 ")
        assert standing.ask("GET", "/drafts").status == 200

    def test_a_body_that_does_not_end_is_not_waited_for(
        self, standing: Page, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A request that stops in its body is refused after a time."""
        monkeypatch.setattr(access, "BODY_S", 0.3)
        head = (
            f"POST /lock HTTP/1.1\r\nHost: {standing.desk.host}\r\nOrigin: http://{standing.desk.host}\r\n"
            f"Content-Type: application/json\r\nCookie: {standing.cookie}\r\nContent-Length: 9\r\n\r\n"
        )
        told = talk(standing.desk.port, head.encode() + b'{"a"')
        assert told.startswith(b"HTTP/1.1 408 ")
        assert standing.ask("GET", "/drafts").status == 200

    @pytest.mark.parametrize("data", [b"", b"GET / HTTP/1.1\r\nHost: a", b"\r\n"])
    def test_headers_that_do_not_come_are_not_waited_for(
        self, folder: Path, draft: Draft, monkeypatch: pytest.MonkeyPatch, data: bytes
    ) -> None:
        """A peer that connects and says nothing is let go."""
        del draft
        monkeypatch.setattr(server, "_HEADERS_S", 0.3)
        with running(folder, ROSSI) as desk:
            begun = time.monotonic()
            assert talk(desk.port, data)[:12] in (b"", b"HTTP/1.1 400")
            assert time.monotonic() - begun < 15

    @pytest.mark.slow
    @pytest.mark.parametrize(
        "data",
        [
            b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
            b"GET /\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            b"GET / HTTP/1.1\r\n" + b"A: " + b"b" * 200_000 + b"\r\n\r\n",
            b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
        ],
    )
    def test_what_is_no_request_is_refused(self, standing: Page, data: bytes) -> None:
        """Bytes of other protocols, two lengths, endless headers: the peer is let go."""
        try:
            told = talk(standing.desk.port, data)
        except ConnectionError:
            told = b""
        assert told[9:10] in (b"4", b"")
        assert standing.ask("GET", "/drafts").status == 200

    def test_a_peer_that_does_not_read_its_answer_is_let_go(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A large picture that nobody takes does not stay in memory."""
        monkeypatch.setattr(access, "SEND_S", 0.5)
        size = 3000
        film = write_own_film(tmp_path, Rows=size, Columns=size, PixelData=bytes(2 * size * size))
        draft = add_draft(tmp_path / "drafts", model_record(), film)
        with running(tmp_path / "drafts", ROSSI) as desk:
            page = desk.enter()
            uid = page.get(f"/drafts/{draft.draft_id}/images")["images"][0]["uid"]
            path = f"/drafts/{draft.draft_id}/pixels/{uid}/1"
            asked = f"GET {path} HTTP/1.1\r\nHost: {desk.host}\r\nCookie: {page.cookie}\r\n\r\n"
            with socket.create_connection(("127.0.0.1", desk.port), timeout=20) as connection:
                connection.sendall(asked.encode())
                time.sleep(3)
                received = 0
                try:
                    while part := connection.recv(1 << 20):
                        received += len(part)
                except ConnectionError:
                    pass
            assert received < 2 * size * size
            assert len(page.ask("GET", path).body) == 2 * size * size
