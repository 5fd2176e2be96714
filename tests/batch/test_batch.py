"""A batch that is run again: nothing is done twice, lost, or written over."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.batch.calls import batch
from tests.batch.manifests import (
    LEDGER,
    faults_of,
    left_behind,
    lines_of,
    results_of,
    table_rows,
    write_csv,
    write_lines,
)
from tests.command import Ran, marked, write_record
from tests.images import write_film

COUNT = 4
FILES = ("measurement.dcm", "narrative.dcm", "manifest.json")


def counts(done: int, already: int, refused: int) -> str:
    """What is printed of these counts."""
    before = f" ({already} of them before)" if already else ""
    return f"{done} done{before}, {refused} refused\nresults: out: results.jsonl, results.parquet\n"


@pytest.fixture
def manifest(films: Path) -> Path:  # noqa: ARG001 (the films are what it is of)
    """A manifest of every film and a row that is refused."""
    return write_lines(Path("m.jsonl"), [*lines_of(COUNT), {"id": "bad"}])


def times(out: str = "out") -> dict[str, int]:
    """When each file was written."""
    paths = (path for path in Path(out).rglob("*.*") if LEDGER not in path.name)
    return {str(path): path.stat().st_ino for path in paths if path.parent != Path(out)}


class TestAgain:
    """The same call once more."""

    def test_nothing_is_done_twice(self, manifest: Path) -> None:
        """A second run leaves every file as it was and says that it was there."""
        assert batch(manifest) == Ran(code=3, out=counts(4, 0, 1))
        made, written = left_behind(Path("out")), times()
        assert len(made) == COUNT * len(FILES) + 2
        assert batch(manifest) == Ran(code=3, out=counts(4, 4, 1))
        assert left_behind(Path("out")) == made
        assert times() == written

    @pytest.mark.parametrize("name", [None, *FILES])
    def test_what_is_gone_is_made_again(self, manifest: Path, name: str | None) -> None:
        """A folder or file that was removed comes back with the same bytes."""
        batch(manifest)
        made = left_behind(Path("out"))
        if name is None:
            shutil.rmtree("out/study-2")
        else:
            Path("out/study-2", name).unlink()
        assert batch(manifest) == Ran(code=3, out=counts(4, 3, 1))
        assert left_behind(Path("out")) == made

    @pytest.mark.parametrize("keep", [shutil.copystat, lambda *_: None])
    def test_an_image_that_was_corrected_is_read_again(self, manifest: Path, keep: Any) -> None:
        """Though it is as large as before, and its time of change was kept."""
        batch(manifest)
        film = Path("films/1.dcm")
        before = Path("before")
        shutil.copy2(film, before)
        film.write_bytes(film.read_bytes().replace(b"P-4711", b"P-4712"))
        keep(before, film)
        ran = batch(manifest)
        assert ran.out.startswith("3 done (3 of them before), 2 refused\n")
        (refused,) = [row for row in results_of(Path("out")) if row["rows"] == [1]]
        assert "holds another report" in refused["faults"][0]["problem"]

    def test_verify_makes_all_of_it_again(self, manifest: Path) -> None:
        """A report that was altered behind the back of hosr is found, and left as it is."""
        batch(manifest)
        assert batch(manifest, "--verify") == Ran(code=3, out=counts(4, 0, 1))
        report = Path("out/study-2/measurement.dcm")
        data = bytearray(report.read_bytes())
        data[-3] ^= 1
        report.write_bytes(data)
        assert batch(manifest).out.startswith("4 done (4 of them before), 1 refused\n")
        assert batch(manifest, "--verify").out.startswith("3 done, 2 refused\n")
        assert report.read_bytes() == data

    def test_a_lost_ledger_costs_time_alone(self, manifest: Path) -> None:
        """Without its ledger, and without its results, a batch ends with the same bytes."""
        batch(manifest)
        made = left_behind(Path("out"))
        for path in Path("out").iterdir():
            if path.is_file():
                path.unlink()
        assert batch(manifest) == Ran(code=3, out=counts(4, 0, 1))
        assert left_behind(Path("out")) == made

    def test_results_without_a_ledger_stay(self, manifest: Path) -> None:
        """Results that no ledger knows are not written over."""
        Path("out").mkdir()
        Path("out/results.jsonl").write_text("of somebody else")
        ran = batch(manifest)
        fault = "holds the results of another batch; name another folder, or remove results.jsonl"
        assert ran == Ran(code=2, err=f"hosr: cannot be done as asked\n  --out: {fault}\n")
        assert left_behind(Path("out")) == {"results.jsonl": b"of somebody else"}

    def test_more_workers_leave_the_same(self, manifest: Path) -> None:
        """However many processes do it, the bytes are the same."""
        batch(manifest)
        batch(manifest, out="two", jobs=2)
        assert left_behind(Path("two")) == left_behind(Path("out"))


class TestChanged:
    """The call once more with another input."""

    def test_rows_may_be_added_and_moved(self, manifest: Path) -> None:
        """Only what is new is done, wherever it stands; results are in the new order."""
        write_lines(manifest, lines_of(COUNT)[1:3])
        batch(manifest)
        write_lines(manifest, reversed(lines_of(COUNT)))
        assert batch(manifest) == Ran(code=0, out=counts(4, 2, 0))
        assert [row["id"] for row in results_of(Path("out"))] == [
            f"study-{number}" for number in range(COUNT, 0, -1)
        ]

    def test_rows_of_a_table_may_move(self, films: Path) -> None:  # noqa: ARG002
        """A row of a table that stands elsewhere than before is not done again."""
        rows = table_rows(3)
        batch(write_csv(Path("m.csv"), rows[2:]))
        assert batch(write_csv(Path("m.csv"), rows)) == Ran(code=0, out=counts(3, 2, 0))

    def test_another_record_is_not_written_over(self, manifest: Path) -> None:
        """A row that says something else than the report in its folder is refused."""
        batch(manifest)
        made = Path("out/study-1/manifest.json").read_bytes()
        write_lines(manifest, [{**lines_of(1)[0], "record": marked(end=(19, 10))}])
        assert batch(manifest).code == 3
        others = "measurement.dcm, narrative.dcm, manifest.json differ"
        remedy = "use another id or another --out; nothing was written"
        assert faults_of(Path("out")) == [[f"study-1: holds another report ({others}); {remedy}"]]
        assert Path("out/study-1/manifest.json").read_bytes() == made

    def test_a_refused_row_keeps_what_stands(self, manifest: Path) -> None:
        """Beside the faults stands what is said of the report of an earlier run, in any number of runs."""
        batch(manifest)
        (before,) = [row for row in results_of(Path("out")) if row["id"] == "study-1"]
        write_lines(manifest, [{**lines_of(1)[0], "record": marked(end=(19, 10))}])
        for _ in range(2):
            assert batch(manifest).code == 3
            (after,) = results_of(Path("out"))
            assert after.pop("faults")
            assert {**after, "state": "done", "faults": []} == before

    @pytest.mark.parametrize("option", ["--hydrate", "--language=de", "--make=narrative"])
    def test_other_options_are_another_batch(self, manifest: Path, option: str) -> None:
        """Options that change the files are not taken for done."""
        write_lines(manifest, lines_of(1))
        batch(manifest)
        ran = batch(manifest, option)
        assert ran == Ran(code=3, out=counts(0, 0, 1))

    def test_another_form_of_message_is_another_batch(self, manifest: Path) -> None:
        """How its lines end is of the batch only where a message is made."""
        write_lines(manifest, lines_of(1))
        batch(manifest, "--make=hl7")
        assert batch(manifest, "--make=hl7").code == 0
        assert batch(manifest, "--make=hl7", "--hl7-lines=br") == Ran(code=3, out=counts(0, 0, 1))

    def test_a_refused_row_waits_for_another_input(self, manifest: Path) -> None:
        """A row refused for its image is tried again once there is one, and then is done."""
        line = {**lines_of(1)[0], "images": "late.dcm"}
        write_lines(manifest, [line])
        assert batch(manifest) == Ran(code=3, out=counts(0, 0, 1))
        write_film(Path("late.dcm"))
        assert batch(manifest) == Ran(code=0, out=counts(1, 0, 0))

    @pytest.mark.parametrize("part", ["record", "image", "folder"])
    def test_files_are_looked_at(self, manifest: Path, part: str) -> None:
        """A record or image that was changed is not taken for the one that was done."""
        line = {"id": "one", "images": "one", "record": "one.json"}
        write_record(Path("one.json"))
        write_film(Path("one/film.dcm"))
        if part == "image":
            line["images"] = "one/film.dcm"
        write_lines(manifest, [line])
        assert batch(manifest).code == 0
        if part == "record":
            write_record(Path("one.json"), marked(end=(19, 10)))
        else:
            write_film(Path("one/film.dcm"), PatientID="P-4711-2")
        assert batch(manifest) == Ran(code=3, out=counts(0, 0, 1))

    def test_refused_rows_are_tried_again_on_request(self, manifest: Path) -> None:
        """What stands in the way may be gone although the input is the same."""
        write_lines(manifest, lines_of(1))
        Path("out").mkdir()
        Path("out/study-1").write_text("a file")
        assert batch(manifest) == Ran(code=3, out=counts(0, 0, 1))
        assert faults_of(Path("out")) == [
            ["study-1: is not a folder; use another id or another --out; nothing was written"]
        ]
        Path("out/study-1").unlink()
        assert batch(manifest) == Ran(code=3, out=counts(0, 0, 1))
        assert batch(manifest, "--retry") == Ran(code=0, out=counts(1, 0, 0))


class TestLedger:
    """The file of the ledger."""

    def test_another_file_is_left_alone(self, manifest: Path) -> None:
        """A file that is no ledger is refused, and stays as it is."""
        Path("out").mkdir()
        Path("out", LEDGER).write_bytes(b"x" * 4096)
        ran = batch(manifest)
        fault = f"{LEDGER}: is not a ledger of hosr; name another folder"
        assert ran == Ran(code=2, err=f"hosr: cannot be done as asked\n  {fault}\n")
        assert Path("out", LEDGER).read_bytes() == b"x" * 4096

    def test_another_database_is_left_alone(self, manifest: Path) -> None:
        """A database of something else is refused."""
        Path("out").mkdir()
        connection = sqlite3.connect(Path("out", LEDGER))
        connection.execute("CREATE TABLE other (id)")
        connection.close()
        fault = f"{LEDGER}: is not a ledger of this version of hosr; name another folder"
        assert batch(manifest).err == f"hosr: cannot be done as asked\n  {fault}\n"

    def test_it_holds_no_record(self, manifest: Path) -> None:
        """The ledger and the results tell nothing of who was imaged or what was written."""
        line = {**lines_of(1)[0], "record": marked(comment="Seen by Müller")}
        write_lines(manifest, [line])
        assert batch(manifest).code == 0
        for path in Path("out").iterdir():
            if path.is_file():
                assert "Müller".encode() not in path.read_bytes()
                assert b"P-4711" not in path.read_bytes()

    def test_it_may_lie_elsewhere(self, manifest: Path) -> None:
        """With --ledger nothing hidden is left beside the reports."""
        assert batch(manifest, "--ledger", "here.sqlite").code == 3
        assert not [path for path in Path("out").iterdir() if path.name.startswith(".")]
        assert batch(manifest, "--ledger", "here.sqlite").out == counts(4, 4, 1)


def test_the_folder_may_be_a_link(manifest: Path) -> None:
    """A link to a folder is a folder to write to."""
    Path("real").mkdir()
    Path("out").symlink_to("real")
    assert batch(manifest).code == 3
    assert Path("real/results.jsonl").is_file()


def unnamed(count: int) -> list[dict[str, Any]]:
    """Lines of records that name nothing of their images, but for the first."""
    first, *others = lines_of(count)
    return [first, *({**each, "record": {**each["record"], "study": {}}} for each in others)]


@pytest.mark.usefixtures("films")
class TestIdentity:
    """A table that has slipped by a row would make clean reports on other patients."""

    def test_a_record_that_names_nothing_is_refused_and_counted(self) -> None:
        """By default; whoever knows better says so, and is told in each report and in all."""
        manifest = write_lines(Path("m.jsonl"), unnamed(COUNT))
        without = COUNT - 1
        told = f"{'1 names' if without == 1 else f'{without} name'} neither study, patient, "
        ran = batch(manifest)
        assert (ran.code, ran.out.splitlines()[0]) == (3, f"1 done, {without} refused")
        assert ran.out.splitlines()[1].startswith(told)
        assert faults_of(Path("out"))[1][0].startswith("$.record.study: names neither study, ")
        ran = batch(manifest, "--no-require-identity")
        assert (ran.code, ran.out.splitlines()[0]) == (
            0,
            f"{COUNT} done (1 of them before), 0 refused",
        )
        assert ran.out.splitlines()[1].startswith(told)
        paths = [note["path"] for note in results_of(Path("out"))[1]["tolerated"]]
        assert "$.study" in paths
        assert batch(manifest).code == 0
