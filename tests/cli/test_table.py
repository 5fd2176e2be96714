"""A table of several records, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command import Ran, hosr
from tests.images import STUDY_UID


@pytest.mark.usefixtures("desk")
class TestTable:
    """A table of several records."""

    HEADER = (
        "id,study.study_instance_uid,graded_at,observer.type,observer.name,side,presence,gap.mm"
    )

    def _write(self, *rows: str) -> None:
        who = "2026-03-02T10:15:00+01:00,person,Rossi^Maria"
        lines = (row.replace("WHO", who) for row in rows)
        Path("table.csv").write_text("\n".join((self.HEADER, *lines)))

    def test_every_record_is_graded_under_its_name(self) -> None:
        """Where there are several records, each has its name above its grades."""
        self._write("one,2.25.8,WHO,right,absent,", "two,2.25.9,WHO,left,absent,")
        assert hosr("grade", "table.csv") == Ran(
            code=0,
            out=(
                "one:\n"
                "  right: Brooker 0 (findings: 0; source: -; remarks: -)\n"
                "  right: Della Valle A (findings: A; source: -; remarks: -)\n"
                "two:\n"
                "  left: Brooker 0 (findings: 0; source: -; remarks: -)\n"
                "  left: Della Valle A (findings: A; source: -; remarks: -)\n"
            ),
        )

    def test_json_names_every_record(self) -> None:
        """Where there are several records, JSON is a list of them, each with its id."""
        self._write("one,2.25.8,WHO,right,absent,", "two,2.25.9,WHO,left,absent,")
        found = json.loads(hosr("grade", "table.csv", "--json").out)
        assert [(each["id"], each["hips"][0]["side"]) for each in found] == [
            ("one", "right"),
            ("two", "left"),
        ]

    def test_the_record_of_the_images_is_reported(self) -> None:
        """Of several records that of the study of the images is taken."""
        self._write("one,2.25.8,WHO,right,absent,", f"two,{STUDY_UID},WHO,left,absent,")
        ran = hosr("report", "table.csv", "--images", "film.dcm", "--out", "out")
        assert ran.code == 0
        assert "left: Brooker 0" in ran.out

    @pytest.mark.parametrize(
        ("studies", "code", "fault"),
        [
            (
                ("2.25.8", "2.25.9"),
                4,
                (
                    "table.csv: holds 2 records, all of other studies than the images;"
                    " give the images that were graded"
                ),
            ),
            (
                ("2.25.8", ""),
                3,
                (
                    "table.csv: holds 2 records, and none is said to be of the study of the images;"
                    " fill in study.study_instance_uid"
                ),
            ),
            (
                (STUDY_UID, STUDY_UID),
                3,
                (
                    "table.csv: holds several records of the study of the images (row 2 and row 3);"
                    " keep one of them"
                ),
            ),
        ],
    )
    def test_no_record_is_taken_by_guess(
        self, studies: tuple[str, str], code: int, fault: str
    ) -> None:
        """A table that does not hold exactly one record of the study is refused."""
        self._write(*(f"{n},{uid},WHO,right,absent," for n, uid in enumerate(studies)))
        words = {3: "record refused", 4: "images refused"}[code]
        assert hosr("report", "table.csv", "--images", "film.dcm", "--out", "out") == Ran(
            code=code, err=f"hosr: {words}\n  {fault}\n"
        )

    def test_a_contradiction_names_its_rows(self) -> None:
        """What is wrong with a record of a table is found by its rows."""
        self._write("one,2.25.8,WHO,right,absent,", "two,2.25.9,WHO,left,absent,8")
        ran = hosr("check", "table.csv")
        assert ran.code == 3
        assert ran.out.startswith("row 3, $.hips[0].presence: ossification is absent, yet")
        assert len(ran.out.splitlines()) == 1
