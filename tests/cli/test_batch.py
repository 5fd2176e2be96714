"""`hosr batch`: what it makes, prints and answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.batch.manifests import (
    left_behind,
    lines_of,
    results_of,
    table_rows,
    write_csv,
    write_films,
    write_lines,
    write_parquet,
)
from tests.command import Ran, folder_bytes, hosr, write_record

if TYPE_CHECKING:
    from collections.abc import Callable

COUNT = 3


@pytest.fixture
def films(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder one works in, with some films."""
    write_films(tmp_path, COUNT)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def grades(column: str, derived: str | None = None) -> dict[str, object]:
    """The columns of one scale and side, where the findings gave the grade."""
    return {
        column: derived,
        f"{column}_derived": derived,
        f"{column}_possible": [derived] if derived else [],
        f"{column}_source_grade": None,
    }


def batch(manifest: str, *options: str, out: str = "out") -> Ran:
    """Run a manifest in this process."""
    return hosr("batch", manifest, "--out", out, "--jobs", "1", *options)


@pytest.mark.usefixtures("films")
class TestFormats:
    """The forms that a manifest may have."""

    def test_lines_are_what_report_makes(self) -> None:
        """The files of a line are byte for byte those that `hosr report` makes of it."""
        lines = lines_of(COUNT)
        write_record(Path("2.json"), lines[1]["record"])
        lines[1]["record"] = "2.json"
        lines[2]["images"] = ["films/3.dcm"]
        ran = batch(str(write_lines(Path("m.jsonl"), lines)))
        printed = "3 done, 0 refused\nresults: out: results.jsonl, results.parquet\n"
        assert ran == Ran(code=0, out=printed)
        for number, line in enumerate(lines_of(COUNT), start=1):
            self._report(write_record(Path("one.json"), line["record"]), number)
            assert folder_bytes(Path(f"out/study-{number}")) == folder_bytes(
                Path(f"report-{number}")
            )

    @pytest.mark.parametrize("write", [write_csv, write_parquet])
    def test_rows_of_one_id_are_one_report(self, write: Callable[..., Path]) -> None:
        """The files of a table's record are byte for byte those that `hosr report` makes of it."""
        name = f"m.{write.__name__.removeprefix('write_')}"
        assert batch(str(write(Path(name), table_rows(COUNT)))).code == 0
        for number in range(1, COUNT + 1):
            rows = table_rows(COUNT)[2 * number - 2 : 2 * number]
            self._report(write_csv(Path("one.csv"), rows), number)
            assert folder_bytes(Path(f"out/study-{number}")) == folder_bytes(
                Path(f"report-{number}")
            )
        assert [row["rows"] for row in results_of(Path("out"))] == [[2, 3], [4, 5], [6, 7]]

    def test_all_forms_give_the_same_files(self) -> None:
        """The same gradings give the same folders, whatever form the manifest has."""
        batch(str(write_csv(Path("m.csv"), table_rows(COUNT))), out="csv")
        batch(str(write_parquet(Path("m.parquet"), table_rows(COUNT))), out="parquet")
        assert left_behind(Path("csv")) == left_behind(Path("parquet"))

    def _report(self, record: Path, number: int) -> None:
        ran = hosr(
            *("report", record, "--images", f"films/{number}.dcm", "--out", f"report-{number}"),
            *("--make", "measurement,narrative"),
        )
        assert ran.code == 0


@pytest.mark.usefixtures("films")
class TestResults:
    """The table of results."""

    def test_a_row_says_what_was_made(self) -> None:
        """A result holds the grades that the report states, and every file with its UID."""
        batch(str(write_lines(Path("m.jsonl"), lines_of(1))))
        manifest = json.loads(Path("out/study-1/manifest.json").read_bytes())
        (row,) = results_of(Path("out"))
        files = row.pop("files")
        assert [file["name"] for file in files] == [
            *("measurement.dcm", "narrative.dcm", "manifest.json")
        ]
        made = [{k: v for k, v in file.items() if v is not None} for file in files[:-1]]
        assert made == manifest["files"]
        assert row == {
            "number": 1,
            "id": "study-1",
            "rows": [1],
            "state": "done",
            "study_instance_uid": manifest["study_instance_uid"],
            **grades("brooker_right", "III"),
            **grades("della_valle_right", "C"),
            **grades("simplified_biplanar_right"),
            **grades("brooker_left"),
            **grades("della_valle_left"),
            **grades("simplified_biplanar_left"),
            "flags_right": ["UNCALIBRATED"],
            "flags_left": [],
            "faults": [],
            "tolerated": manifest["tolerated"],
        }

    def test_parquet_holds_the_same(self) -> None:
        """Both files of results hold the same rows in the same order."""
        from pyarrow import parquet

        lines = [*lines_of(COUNT), {"id": "bad"}, "nothing"]
        batch(str(write_lines(Path("m.jsonl"), lines)))
        table = parquet.read_table("out/results.parquet")
        assert table.to_pylist() == results_of(Path("out"))

    def test_json_is_the_counts(self) -> None:
        """With --json the counts are printed as one object."""
        ran = batch(str(write_lines(Path("m.jsonl"), [*lines_of(2), "nothing"])), "--json")
        assert (ran.code, ran.err) == (3, "")
        names = ["results.jsonl", "results.parquet"]
        assert json.loads(ran.out) == {
            "done": 2,
            "already": 0,
            "refused": 1,
            "without_identity": 0,
            "contradicting": 0,
            "results": names,
        }
