"""Rows of one reading that say different things: one hip, reader, view and moment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.batch.calls import batch
from tests.batch.manifests import (
    lines_of,
    results_of,
    table_rows,
    write_csv,
    write_lines,
    write_parquet,
)
from tests.command import Ran

_RESULTS = "results: out: results.jsonl, results.parquet\n"
_TOLD = (
    "2 say otherwise than another one of the same hip, reader and moment: see what was tolerated\n"
)
_REASON = "for the same hip, reader and moment: sign neither before it is known which holds"


def _told(rows: list[dict[str, Any]]) -> dict[str, list[str]]:
    """What each row is told of another one, by its id: where it stands, and which that is."""
    return {
        row["id"]: [
            word
            for note in row["tolerated"]
            if note["problem"].endswith(_REASON)
            for word in (note["path"], note["problem"].removesuffix(f", {_REASON}"))
        ]
        for row in rows
    }


def _readings(**changes: Any) -> list[dict[str, Any]]:
    """A line of a film, and another one of the same film that says something else."""
    first, second = lines_of(1), lines_of(1)
    other = {**second[0], "id": "again", "record": {**second[0]["record"], **changes}}
    return [*first, other]


def _with_hip(**changes: Any) -> list[dict[str, Any]]:
    hip = {**lines_of(1)[0]["record"]["hips"][0], **changes}
    return _readings(hips=[hip])


OTHERWISE = {"gap": {"mm": 14}, "grades": {"brooker": "II"}}


@pytest.mark.usefixtures("films")
class TestRivals:
    """What becomes of rows that contradict one another."""

    def test_both_are_told(self) -> None:
        """Each names the other one, the counts say so, and the same call again says the same."""
        manifest = write_lines(Path("m.jsonl"), [lines_of(2)[1], *_with_hip(**OTHERWISE)])
        assert batch(manifest) == Ran(code=0, out=f"3 done, 0 refused\n{_TOLD}{_RESULTS}")
        results = results_of(Path("out"))
        assert _told(results) == {
            "study-2": [],
            "study-1": ["row 2", "says otherwise than row 3"],
            "again": ["row 3", "says otherwise than row 2"],
        }
        assert "said" not in results[0]
        before = Path("out/results.parquet").read_bytes()
        again = f"3 done (3 of them before), 0 refused\n{_TOLD}{_RESULTS}"
        assert batch(manifest, jobs=2) == Ran(code=0, out=again)
        assert (results_of(Path("out")), Path("out/results.parquet").read_bytes()) == (
            results,
            before,
        )

    @pytest.mark.parametrize(
        "lines",
        [
            _readings(),
            _with_hip(comment="Looked at twice."),
            [*_with_hip(**OTHERWISE)[:1], {**_with_hip(**OTHERWISE)[1], "id": "study-1"}],
            _readings(
                graded_at="2026-03-02T10:16:00+01:00",
                hips=_with_hip(**OTHERWISE)[1]["record"]["hips"],
            ),
            _readings(
                observer={"type": "person", "name": "Verdi^Anna"},
                hips=_with_hip(**OTHERWISE)[1]["record"]["hips"],
            ),
        ],
        ids=["the same", "another comment", "one id", "another moment", "another reader"],
    )
    def test_others_are_not(self, lines: list[dict[str, Any]]) -> None:
        """What is the same, of another moment or reader, or refused by its id, contradicts nothing."""
        batch(write_lines(Path("m.jsonl"), lines))
        assert [told for told in _told(results_of(Path("out"))).values() if told] == []

    @pytest.mark.parametrize("write", [write_csv, write_parquet])
    def test_one_hip_of_two(self, write: Any) -> None:
        """In a table it is the hip that counts; a spelling of the reader or of the moment does not."""
        rows = table_rows(1)
        again = [
            {
                **row,
                "id": "again",
                "observer.name": "ROSSI^Maria",
                "graded_at": "2026-03-02T09:15:00Z",
            }
            for row in rows
        ]
        again[1]["gap.mm"] = 7.0
        batch(write(Path(f"m.{write.__name__[6:]}"), [*rows, *again]))
        assert _told(results_of(Path("out"))) == {
            "study-1": ["row 2", "says otherwise than rows 4, 5"],
            "again": ["row 4", "says otherwise than rows 2, 3"],
        }
