"""Images and reports in stores that fsspec reaches: the same bytes as in folders."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.batch.calls import batch, begin, completed
from tests.batch.manifests import faults_of, left_behind, lines_of, write_films, write_lines
from tests.command import Ran, marked

if TYPE_CHECKING:
    from collections.abc import Iterator

COUNT = 4
REMEDY = "use another id or another --out; nothing was written"


@pytest.fixture
def memory() -> Iterator[Any]:
    """The store in the memory of this process, empty."""
    system = import_module("fsspec").filesystem("memory")
    system.store.clear()
    system.pseudo_dirs[:] = [""]
    yield system
    system.store.clear()


def remote_lines(count: int, root: str) -> list[dict[str, Any]]:
    """The lines of so many films that lie in a store."""
    return [{**line, "images": f"{root}/{line['images']}"} for line in lines_of(count)]


def fill(system: Any, root: str) -> None:
    """Put the films into a store."""
    for path in Path("films").iterdir():
        system.pipe_file(f"{root}/films/{path.name}", path.read_bytes())


def stored(system: Any, root: str) -> dict[str, bytes]:
    """Every file under a folder of a store, by its path there."""
    return {
        path.removeprefix(f"{root}/"): system.cat_file(path) for path in sorted(system.find(root))
    }


def batch_there(*options: str, out: str = "memory://out") -> Ran:
    """Run the manifest into a store."""
    return batch("m.jsonl", "--ledger", "ledger.sqlite", *options, out=out)


@pytest.mark.usefixtures("films")
class TestMemory:
    """The store in memory."""

    def test_the_bytes_are_those_of_folders(self, memory: Any) -> None:
        """Images out of a store and reports into one give what folders give."""
        fill(memory, "/study")
        write_lines(Path("m.jsonl"), lines_of(COUNT))
        assert batch("m.jsonl", out="local").code == 0
        lines = remote_lines(COUNT, "memory://study")
        lines[1]["images"] = ["memory://study/films/2.dcm"]
        memory.pipe_file("/records/3.json", json.dumps(lines[2]["record"]).encode())
        lines[2]["record"] = "memory://records/3.json"
        write_lines(Path("m.jsonl"), lines)
        assert batch_there() == Ran(
            code=0,
            out="4 done, 0 refused\nresults: memory://out: results.jsonl, results.parquet\n",
        )
        assert stored(memory, "/out") == left_behind(Path("local"))

    def test_a_folder_of_a_store_is_a_folder_of_images(self, memory: Any) -> None:
        """All files under an address are the images, and what else lies there is noted."""
        memory.pipe_file("/one/deep/film.dcm", Path("films/1.dcm").read_bytes())
        memory.pipe_file("/one/notes.txt", b"notes")
        Path("one/deep").mkdir(parents=True)
        Path("one/deep/film.dcm").write_bytes(Path("films/1.dcm").read_bytes())
        Path("one/notes.txt").write_bytes(b"notes")
        write_lines(Path("m.jsonl"), [{**lines_of(1)[0], "images": "one"}])
        assert batch("m.jsonl", out="local").code == 0
        write_lines(Path("m.jsonl"), [{**lines_of(1)[0], "images": "memory://one"}])
        assert batch_there().code == 0
        assert stored(memory, "/out") == left_behind(Path("local"))

    def test_nothing_is_done_twice(self, memory: Any) -> None:
        """A second run puts nothing; what is gone is put again."""
        fill(memory, "/study")
        write_lines(Path("m.jsonl"), remote_lines(COUNT, "memory://study"))
        batch_there()
        made = stored(memory, "/out")
        memory.rm("/out/study-2/manifest.json")
        assert batch_there().out.startswith("4 done (3 of them before), 0 refused\n")
        assert stored(memory, "/out") == made

    def test_other_content_stays(self, memory: Any) -> None:
        """A file of other content is never put over, nor is anything put beside it."""
        memory.pipe_file("/out/study-1/narrative.dcm", b"another")
        write_lines(Path("m.jsonl"), lines_of(1))
        assert batch_there().code == 3
        assert stored(memory, "/out/study-1") == {"narrative.dcm": b"another"}
        memory.get_file("/out/results.jsonl", "results.jsonl")
        problem = "study-1: holds another report (narrative.dcm differs)"
        assert faults_of(Path()) == [[f"{problem}; {REMEDY}"]]

    def test_an_image_that_changed_is_looked_at(self, memory: Any) -> None:
        """Another image under the same address is another input."""
        fill(memory, "/study")
        write_lines(Path("m.jsonl"), remote_lines(1, "memory://study"))
        batch_there()
        memory.pipe_file("/study/films/1.dcm", Path("films/2.dcm").read_bytes())
        assert batch_there().code == 3

    @pytest.mark.parametrize(
        ("change", "fault"),
        [
            ({"images": "memory://none/1.dcm"}, "1.dcm: there is no such file or folder"),
            ({"record": "memory://none/1.json"}, "1.json: does not exist; check the path"),
            (
                {"images": "nowhere://x:secret@y/1.dcm"},
                "nowhere://: is no store that is known; name a local path or a scheme that fsspec knows, such as s3://",
            ),
            (
                {"images": "sftp://x:secret@y/1.dcm"},
                "sftp://: needs a package; install the package of fsspec for sftp://, such as s3fs for s3://",
            ),
        ],
    )
    def test_what_is_not_there_is_a_fault_of_its_row(
        self, memory: Any, change: dict[str, Any], fault: str
    ) -> None:
        """Every address that gives nothing is told by its name, without its password."""
        del memory
        lines = [{**lines_of(1)[0], **change}, lines_of(2)[1]]
        assert batch(write_lines(Path("m.jsonl"), lines)).code == 3
        assert faults_of(Path("out")) == [[fault], []]

    def test_a_ledger_needs_a_file(self, memory: Any) -> None:
        """A store keeps no ledger, so a local file must be named."""
        del memory
        write_lines(Path("m.jsonl"), lines_of(1))
        fault = "--out: is a store, where no ledger can be kept; name a local file for it with"
        ran = batch("m.jsonl", out="memory://out")
        assert ran.err == f"hosr: cannot be done as asked\n  {fault} --ledger\n"

    def test_a_file_url_is_a_folder(self, films: Path) -> None:
        """A file:// address is the local path that it names."""
        write_lines(Path("m.jsonl"), remote_lines(2, f"file://{films}"))
        assert batch("m.jsonl", out=f"file://{films}/there").code == 0
        write_lines(Path("m.jsonl"), lines_of(2))
        assert batch("m.jsonl", out="here").code == 0
        assert left_behind(Path("there")) == left_behind(Path("here"))


PUT = """
import s3fs, sys
system = s3fs.S3FileSystem()
system.mkdir("bucket")
system.put(sys.argv[1], "bucket/study", recursive=True)
"""
GET = """
import s3fs, sys
s3fs.S3FileSystem().get("bucket/out", sys.argv[1], recursive=True)
"""


@pytest.fixture(scope="module")
def bucket() -> Iterator[subprocess.Popen[bytes]]:
    """An S3 server on this machine alone, to which the addresses of stores lead."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    environ = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_MAX_ATTEMPTS": "1",
    }
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.05)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environ.items():
            patch.setenv(name, value)
        yield server
    server.kill()
    server.wait()


def _noted(log: Path) -> bool:
    """Whether the ledger has been written to since the manifest was listed."""
    return log.exists() and log.stat().st_size > 24_000


@pytest.mark.slow
def test_a_real_store_takes_a_kill(tmp_path: Path, bucket: subprocess.Popen[bytes]) -> None:
    """Through an S3 server, killed on its way, a batch ends with the bytes of folders.

    A store that is gone ends the batch in one sentence.
    """
    rows = 12
    write_films(tmp_path, rows)
    assert (
        batch(write_lines(tmp_path / "m.jsonl", lines_of(rows)), out=f"{tmp_path}/local").code == 0
    )
    subprocess.run([sys.executable, "-c", PUT, f"{tmp_path}/films"], check=True)
    lines = remote_lines(rows, "s3://bucket")
    for line in lines:
        line["images"] = line["images"].replace("films", "study")
    manifest = write_lines(tmp_path / "m.jsonl", lines)
    options = ("--ledger", f"{tmp_path}/ledger.sqlite", "--jobs", "1")
    process = begin(manifest, "s3://bucket/out", *options)
    while not _noted(tmp_path / "ledger.sqlite-wal"):
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.communicate()
    ran = completed(begin(manifest, "s3://bucket/out", *options))
    assert (ran.code, ran.err) == (0, "")
    subprocess.run([sys.executable, "-c", GET, f"{tmp_path}/got"], check=True)
    assert left_behind(tmp_path / "got") == left_behind(tmp_path / "local")

    os.kill(bucket.pid, signal.SIGKILL)
    lines[0]["record"] = marked(end=(54, 10))
    write_lines(manifest, lines[:1])
    ran = completed(begin(manifest, "s3://bucket/out", *options))
    assert (ran.code, ran.err.count("\n")) == (2, 2)
    assert ran.err.startswith("hosr: cannot be done as asked\n  --out: cannot be written (")
    assert ran.is_safe_to_read
