"""`hosr watch` as it is run: at once in this process, or as a service in one of its own."""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hosr.drafts import Draft, Drafts, Listed
from tests.command import Ran, hosr, marked
from tests.images import FILM_UID, STUDY_UID, film, write_film

__all__ = [
    "SAMPLES",
    "Place",
    "Service",
    "events_of",
    "film",
    "put_record",
    "record_of",
    "running",
    "sample",
    "write_film",
]

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"
WAIT_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A folder of drafts, an inbox, and a folder of images, each of its own."""

    root: Path

    def __post_init__(self) -> None:
        for folder in (self.inbox, self.images):
            folder.mkdir(parents=True, exist_ok=True)

    @property
    def drafts(self) -> Path:
        """The folder of drafts."""
        return self.root / "drafts"

    @property
    def inbox(self) -> Path:
        """What is watched."""
        return self.root / "inbox"

    @property
    def images(self) -> Path:
        """Where the images lie."""
        return self.root / "images"

    def arguments(self, *options: object) -> list[object]:
        """The call of `hosr watch` with these options too."""
        return ["watch", self.drafts, "--inbox", self.inbox, "--images", self.images, *options]

    def once(self, *options: object) -> Ran:
        """Work off what is there, in this process."""
        return hosr(*self.arguments("--once", "--quiet", "0", *options))

    def listed(self) -> tuple[Listed, ...]:
        """The drafts that there are."""
        with Drafts(self.drafts, clock=time.time) as drafts:
            return drafts.listed()

    def draft(self, draft_id: str) -> Draft:
        """One of them."""
        with Drafts(self.drafts, clock=time.time) as drafts:
            return drafts.get(draft_id)

    def lying(self) -> list[str]:
        """What lies in the inbox, in `done` and in `refused`, by its path there."""
        return sorted(
            str(path.relative_to(self.inbox))
            for path in self.inbox.rglob("*")
            if not path.name.startswith(".") and (path.is_file() or path.is_symlink())
        )

    def reason(self, name: str) -> str:
        """Why a result was refused."""
        return (self.inbox / "refused" / f"{name}.reason.txt").read_text(encoding="utf-8")


def record_of(**study: Any) -> dict[str, Any]:
    """A record of the film, with a gap marked on it; `study` is what it says of its study."""
    record = marked(gap={"points": [[10, 10], [18, 10]], "image": FILM_UID})
    record["study"] = {"study_instance_uid": STUDY_UID, **study}
    return record


def put_record(place: Place, name: str = "result.json", **study: Any) -> Path:
    """A record in the inbox."""
    path = place.inbox / name
    path.write_text(json.dumps(record_of(**study)), encoding="utf-8")
    return path


def sample(place: Place, name: str, *, with_images: bool = True) -> Path:
    """The record of a sample study in the inbox, and its images where they are looked for."""
    if with_images:
        shutil.copytree(SAMPLES / name / "images", place.images / name)
    return Path(shutil.copy(SAMPLES / name / "record.json", place.inbox / f"{name}.json"))


def events_of(ran: Ran | str) -> list[str]:
    """The events that were told, without their times, and without the first and the last."""
    out = ran if isinstance(ran, str) else ran.out
    lines = [line.split(" ", 1)[1] for line in out.splitlines()]
    return [line for line in lines if not line.startswith(("watching ", "stopped"))]


@dataclass(slots=True)
class Service:
    """A watch that runs, and what it has told so far."""

    process: subprocess.Popen[str]
    told: list[str] = field(default_factory=list)
    _lines: queue.SimpleQueue[str | None] = field(default_factory=queue.SimpleQueue)

    def read(self) -> None:
        """Read what it tells, until it ends."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.rstrip("\n").split(" ", 1)[1])
        self._lines.put(None)

    def until(self, begin: str) -> str:
        """The next event that begins so."""
        deadline = time.monotonic() + WAIT_S
        while True:
            line = self._lines.get(timeout=max(deadline - time.monotonic(), 0.1))
            assert line is not None, f"it ended before it told of: {begin}"
            self.told.append(line)
            if line.startswith(begin):
                return line

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Have it end; the code that it ended with."""
        self.process.send_signal(number)
        return self.process.wait(WAIT_S)


@contextmanager
def running(
    place: Place, *options: object, prelude: str = "", quiet: str = "0.2", **environment: str
) -> Iterator[Service]:
    """A service that watches, after a line of Python; it has ended when this is left."""
    program = f"{prelude}\nimport sys\nfrom hosr.cli import run\nsys.argv[0] = 'hosr'\nrun()"
    arguments = map(str, place.arguments("--quiet", quiet, *options))
    errors = place.root / "stderr.txt"
    with (
        errors.open("ab") as log,
        subprocess.Popen(
            [sys.executable, "-c", program, *arguments],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, **environment},
        ) as process,
    ):
        service = Service(process)
        thread = threading.Thread(target=service.read, daemon=True)
        thread.start()
        try:
            service.until("watching ")
            yield service
        finally:
            process.kill()
            process.wait()
            thread.join()
    assert "Traceback" not in errors.read_text()
