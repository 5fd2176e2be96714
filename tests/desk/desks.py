"""A desk that serves, and whoever asks it: a page of its own, another site's, a program, a hostile peer."""

from __future__ import annotations

import copy
import http.client
import json
import queue
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hosr.desk.delivery import Delivery
from hosr.desk.readers import Reader
from hosr.desk.server import Callbacks, Options, serve
from hosr.drafts import Draft, Drafts, NewDraft, judge
from hosr.errors import Fault
from hosr.intake.images import read_images
from hosr.language import language_of
from hosr.templating.sources import Wording
from tests.command import marked
from tests.images import write_film

ROSSI = Reader(name="Rossi^Maria", organization="Example Hospital")
BIANCHI = Reader(name="Bianchi^Luca", organization="Example Hospital")
MODEL = {"type": "algorithm", "name": "Grader", "version": "1", "manufacturer": "Synthetic"}
_WAIT_S = 60.0

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(slots=True, kw_only=True)
class Running:
    """A desk that serves: its links by reader, what it told, and how it is ended."""

    port: int
    links: dict[str, str]
    told: list[Fault]
    new_links: queue.Queue[tuple[str, str]]

    @property
    def host(self) -> str:
        """As a browser names it."""
        return f"127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """One request as it is given, with nothing added but Host where it is missing."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_WAIT_S)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            skip = {"skip_host": True} if "Host" in named else {}
            connection.putrequest(method, path, skip_accept_encoding=True, **skip)
            for name, value in named.items():
                connection.putheader(name, value)
            if body is not None and "Content-Length" not in named:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(status=answer.status, headers=found, body=answer.read())
        finally:
            connection.close()

    def enter(self, reader: Reader = ROSSI) -> Page:
        """The page of a reader who followed their link."""
        place = urlsplit(self.links[reader.key])
        answer = self.ask("GET", f"{place.path}?{place.query}")
        assert answer.status == 303
        return Page(
            desk=self, cookie=answer.headers["set-cookie"].partition(";")[0], key=reader.key
        )


@dataclass(slots=True, kw_only=True)
class Page:
    """The page of a reader: what its programs ask, as a browser sends it."""

    desk: Running
    cookie: str
    key: str
    more: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, values: Any = None, **headers: str) -> Answer:
        """A request of the page, JSON where it has a body."""
        given = {
            "Cookie": self.cookie,
            "Sec-Fetch-Site": "same-origin",
            "Sec-Fetch-Mode": "cors",
            "Hosr-Reader": self.key,
            **self.more,
        }
        body = None
        if method not in ("GET", "HEAD"):
            given |= {"Origin": f"http://{self.desk.host}", "Content-Type": "application/json"}
            body = json.dumps({} if values is None else values).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        merged = {name: value for name, value in (given | named).items() if value != "LEAVE OUT"}
        return self.desk.ask(method, path, body, **merged)

    def get(self, path: str) -> Any:
        """What lies at a path."""
        answer = self.ask("GET", path)
        assert answer.status == 200, answer.body
        return answer.json

    def open(self, draft_id: str) -> Json:
        """The view of a draft."""
        view: Json = self.get(f"/drafts/{draft_id}")
        return view

    def save(self, view: Json, record: Json, decisions: list[str] | None = None) -> Answer:
        """Have a record kept as what was seen in a view became it."""
        values = {
            "record": record,
            "decisions": view["decisions"] if decisions is None else decisions,
        }
        return self.ask("PUT", path_of(view), values, If_Match=view["draft"]["etag"])

    def grade(self, view: Json, record: Json, decisions: list[str] | None = None) -> Json:
        """The report of a record that is not kept."""
        values = {"record": record, "decisions": decisions or []}
        answer = self.ask("POST", f"{path_of(view)}/grade", values)
        assert answer.status == 200, answer.body
        report: Json = answer.json["report"]
        return report

    def act(self, view: Json, step: str, **values: Any) -> Answer:
        """A step of the draft's life."""
        return self.ask("POST", f"{path_of(view)}/{step}", values, If_Match=view["draft"]["etag"])

    def sign(self, view: Json) -> Answer:
        """Sign what a view shows."""
        return self.act(view, "sign", document=view["report"]["document"])


def path_of(view: Json) -> str:
    """The address of the draft of a view."""
    return f"/drafts/{view['draft']['id']}"


def moved(record: Json, by: float, hip: int = 0) -> Json:
    """A record with the end of its gap line moved along its row."""
    changed = copy.deepcopy(record)
    changed["hips"][hip]["gap"]["points"][1][0] += by
    return changed


def model_record() -> Json:
    """What a model found: a gap of 8 mm between spurs, and its grade."""
    found = marked(grades={"brooker": "III"}, comment="Found by the model.")
    return {**found, "observer": MODEL}


def write_own_film(folder: Path, **changes: Any) -> Path:
    """The film of that record, on which a pixel is a millimetre wide in the patient."""
    return write_film(folder / "films" / "film.dcm", **{"PixelSpacing": ["1", "1"], **changes})


@contextmanager
def running(
    folder: Path,
    *readers: Reader,
    delivery: Delivery | None = None,
    language: str = "en",
    **options: Any,
) -> Iterator[Running]:
    """A desk that serves a folder of drafts, on a port of its own."""
    links: queue.Queue[tuple[str, str]] = queue.Queue()
    ready: queue.Queue[Any] = queue.Queue()
    failures: list[BaseException] = []
    desk = Running(port=0, links={}, told=[], new_links=links)
    callbacks = Callbacks(
        link=lambda reader, address: links.put((reader.key, address)),
        told=desk.told.append,
        ready=ready.put,
    )
    started = Options(
        folder=folder, readers=readers, wording=Wording(language_of(language)), **options
    )

    def work() -> None:
        try:
            serve(started, callbacks, delivery)
        except BaseException as error:  # noqa: BLE001 (raised again below)
            failures.append(error)
            ready.put(None)

    thread = threading.Thread(target=work)
    thread.start()
    stop = ready.get(timeout=_WAIT_S)
    try:
        if stop is not None:
            for _ in readers or (None,):
                key, address = links.get(timeout=_WAIT_S)
                desk.links[key] = address
                desk.port = urlsplit(address).port or 0
            yield desk
    finally:
        if stop is not None:
            stop()
        thread.join(_WAIT_S)
    if failures:
        raise failures[0]


def add_draft(folder: Path, record: Json | Path, images: Path, **new: Any) -> Draft:
    """A draft of a record on images, as `hosr watch` makes it."""
    values = json.loads(record.read_bytes()) if isinstance(record, Path) else record
    with Drafts(folder, clock=time.time) as drafts:
        judged = judge(values, read_images(images))
        return drafts.add(NewDraft(record=values, images=(str(images),), **new), judged)


def talk(port: int, data: bytes, seconds: float = 20.0) -> bytes:
    """What a peer gets that sends these bytes and nothing more, until the desk ends the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        connection.sendall(data)
        received = b""
        while part := connection.recv(65536):
            received += part
        return received
