"""What hosr says of a record on its images, whatever is wrong with either."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hosr.drafts import Judged, Reason, judge, read_result
from hosr.drafts.judgement import standing_decisions
from hosr.drafts.states import URGENCIES
from hosr.errors import RecordRefused
from hosr.intake.images import read_images
from hosr.intake.record import parse_record
from hosr.pipeline import make_report
from hosr.sr import make_measurement
from hosr.sr.receivers import Options
from tests.drafts.drafting import record_of
from tests.images import write_film


def _judged(film: Path, record: dict[str, Any], *decisions: str) -> Judged:
    return judge(record, read_images(film), decisions=decisions)


def test_a_record_is_judged_as_the_report_grades_it(film: Path) -> None:
    """The same hips, the same report, and the UID that its measurement report has."""
    judged, made = (
        _judged(film, record_of()),
        make_report(parse_record(record_of()), read_images(film)),
    )
    assert judged.outcome is not None
    assert judged.outcome.report == made.report
    assert judged.hips == judged.decided == made.report.hips
    document = make_measurement(made.report, Options()).instance.sop_instance_uid
    assert judged.document_uid() == document
    assert (judged.faults, judged.obstacles, judged.may_be_signed) == ((), (), True)


@pytest.mark.parametrize(
    ("record", "reasons"),
    [
        (record_of(4), ()),
        (record_of(11), (Reason.EQUIVOCAL,)),
        (record_of(4, grades={"brooker": "I"}), (Reason.CONTRADICTION,)),
        (record_of(gap=None), (Reason.OPEN_GRADE,)),
        (
            record_of(probabilities={"brooker": {"II": 0.49, "III": 0.51}}),
            (Reason.MODEL_BORDERLINE,),
        ),
        (record_of(presence="absent"), (Reason.FAULTS,)),
        (record_of(gap={"mm": "4,5"}), (Reason.FAULTS,)),
    ],
)  # fmt: skip
def test_why_a_draft_is_urgent(film: Path, record: dict[str, Any], reasons: Any) -> None:
    """By what keeps it from being signed, and by what a reading could turn."""
    judged = _judged(film, record)
    assert judged.reasons == reasons
    assert judged.urgency == max((URGENCIES[each] for each in reasons), default=0)


def test_all_faults_of_record_and_images_are_told_at_once(film: Path) -> None:
    """With their paths: a mark outside the image beside findings that contradict one another."""
    record = record_of(100, presence="absent")
    record["study"] = {"accession_number": "other"}
    record["hips"][0]["gap"]["points"][1] = [500, 10]
    judged = _judged(film, record)
    paths = [fault.path for fault in judged.faults]
    assert "$.study.accession_number" in paths
    assert "$.hips[0].gap.points" in paths
    assert "$.hips[0].presence" in paths
    assert judged.outcome is None
    assert not judged.may_be_signed


def test_every_field_that_is_wrong_is_told(film: Path) -> None:
    """A record that cannot be read at all still says who was imaged."""
    judged = _judged(film, {"hips": [{"side": "links"}], "observer": {"type": "algorithm"}})
    assert {"$.graded_at", "$.hips[0].side", "$.observer.name"} <= {
        fault.path for fault in judged.faults
    }
    assert (judged.hips, judged.document_uid()) == ((), "")
    assert judged.summary.patient_name == "Müller^Änne"
    assert judged.summary.is_algorithm


def test_without_images_a_record_is_graded_and_not_signed() -> None:
    """Its findings are judged; what it asserts stands for who was imaged."""
    record = {**record_of(gap={"mm": 4.5}), "schema_version": "1.1"}
    record["study"] = {"patient_id": "P-1", "date": "2026-03-02"}
    judged = judge(record, None)
    assert [grade.grade for grade in judged.hips[0].grades][:2] == ["III", "C"]
    assert [str(each) for each in judged.obstacles] == [
        "images: are missing; a draft is signed with its images"
    ]
    assert (judged.summary.patient_id, judged.summary.study_date) == ("P-1", "20260302")


def test_a_conflict_is_decided_by_a_grade_of_the_person(film: Path) -> None:
    """Then nothing is in the way, and the hip has that grade; an impossible one is refused."""
    record = record_of(4, grades={"brooker": "I"})
    open_one = _judged(film, record)
    assert [fault.problem for fault in open_one.obstacles] == [
        "Brooker I is in conflict with the findings (III)"
    ]
    decided = _judged(film, record, "right:brooker=III")
    assert (decided.obstacles, decided.reasons, decided.may_be_signed) == ((), (), True)
    assert [hip.grade("brooker").grade for hip in (*decided.hips, *decided.decided)] == ["I", "III"]  # type: ignore[union-attr]
    assert decided.document_uid() == open_one.document_uid()
    unknown = _judged(film, record, "right:brooker=III", "left:brooker=II", "nothing")
    assert not unknown.may_be_signed


@pytest.mark.parametrize(
    ("gap_mm", "source", "decision", "stands"),
    [
        (4, "I", "right:brooker=III", True),
        (4, "I", "right:brooker=I", True),
        (4, "I", "right:brooker=II", False),  # neither the findings nor the source say so
        (4, "I", "right:della_valle=C", False),  # of that nothing is open
        (4, "III", "right:brooker=III", False),
        (14, "I", "right:brooker=III", False),
        (14, "I", "right:brooker=II", True),
        (4, "I", "left:brooker=III", True),  # no grade of a hip that is there: it is told
        (4, "I", "right:brooker=V", True),
        (4, "I", "nothing", True),
        (4, "I", "right:gap=accepted", True),
    ],
)
def test_a_decision_stands_while_its_grade_is_to_be_chosen(
    film: Path, gap_mm: float, source: str, decision: str, stands: bool
) -> None:
    """It is of the findings that it was made of, and of no others."""
    judged = _judged(film, record_of(gap_mm, grades={"brooker": source}))
    assert standing_decisions((decision,), judged) == ((decision,) if stands else ())


def test_no_grade_is_chosen_where_no_report_is_made() -> None:
    """Marks that were accepted stay."""
    judged = judge(record_of(4, grades={"brooker": "I"}), None)
    decisions = ("right:brooker=III", "right:gap=accepted")
    assert standing_decisions(decisions, judged) == ("right:gap=accepted",)


def test_the_order_of_keys_is_nothing(film: Path) -> None:
    """A record that a browser wrote in another order is the same document."""
    record = record_of(probabilities={"brooker": {"II": 0.4, "III": 0.6}})
    turned = json.loads(json.dumps(record), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    assert list(turned) != list(record)
    assert _judged(film, turned).document_uid() == _judged(film, record).document_uid()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"[]", "is no JSON object"),
        (b"{", "is not JSON"),
        (b"", "is empty"),
        (b'{"a": 1, "a": 2}', "is given more than once"),
        (b"\xff{}", "is not UTF-8 text"),
        (b"[" * 100_000, "is nested too deeply"),
    ],
)
def test_a_text_that_leaves_open_what_it_says_is_no_result(text: bytes, problem: str) -> None:
    """It is refused as a whole, since what would be kept of it says something else."""
    with pytest.raises(RecordRefused, match=problem):
        read_result(text, "result.json")
    with pytest.raises(RecordRefused, match=problem):
        judge(text, None)


def test_what_json_has_no_number_for_is_refused(film: Path) -> None:
    """A browser could not read it back."""
    with pytest.raises(RecordRefused, match="holds a number that is not finite"):
        _judged(film, record_of(gap={"mm": float("nan")}))


def test_images_of_another_patient_are_a_fault(film: Path) -> None:
    """And no report is made."""
    other = write_film(film.with_name("other.dcm"), AccessionNumber="B-1")
    judged = _judged(other, record_of())
    assert [str(fault).split(";")[0] for fault in judged.faults] == [
        "$.study.accession_number: is not that of the images"
    ]
