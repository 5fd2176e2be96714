"""Who a record is by, once somebody else changed it."""

from __future__ import annotations

import copy
import datetime as dt
from typing import Any

import pytest

from hosr.desk.authorship import Former, attribute, findings_of
from tests.desk.desks import BIANCHI, MODEL, ROSSI, Json, moved

_AT = dt.datetime(2026, 3, 2, 11, 20, 5, 123456, dt.UTC)

ORIGINAL: Json = {
    "schema_version": "1.1",
    "graded_at": "2026-03-02T10:15:00+01:00",
    "observer": MODEL,
    "conclusion": "",
    "hips": [
        {
            "side": "right",
            "presence": "present",
            "gap": {"points": [[10, 10], [18, 10]], "uncertainty_mm": 0.4},
            "islands": [{"length": {"points": [[1, 1], [5, 1]], "uncertainty_mm": 0.3}}],
            "boundary": {"basis": "mask"},
            "candidates": [],
            "outlines": [],
            "grades": {"brooker": "III"},
            "probabilities": {"brooker": {"III": 1.0}},
            "comment": "By the model.",
        }
    ],
}


def by(record: Json, stored: Json = ORIGINAL, original: Json = ORIGINAL, who: Any = ROSSI) -> Json:
    """The record as it is kept."""
    return attribute(record, Former(original=original, stored=stored), who, _AT)


def test_what_nobody_changed_is_the_models() -> None:
    """The same record, in whatever order its keys are, and whoever says to be its author."""
    record = {**dict(reversed(ORIGINAL.items())), "observer": {"type": "person", "name": "Me"}}
    assert by(record) == ORIGINAL


def test_a_moved_line_takes_the_readers_name_and_leaves_what_was_of_the_other() -> None:
    """Uncertainty, surfaces, grades, scores and words of the model are not the reader's."""
    kept = by(moved(ORIGINAL, 3))
    assert kept["observer"] == {
        "type": "person",
        "name": "Rossi^Maria",
        "organization": "Example Hospital",
    }
    assert kept["graded_at"] == "2026-03-02T11:20:05+00:00"
    assert kept["hips"] == [
        {
            "side": "right",
            "presence": "present",
            "gap": {"points": [[10, 10], [21, 10]]},
            "islands": ORIGINAL["hips"][0]["islands"],
        }
    ]


def test_what_the_reader_writes_stays() -> None:
    """Words and an uncertainty of their own."""
    record = moved(ORIGINAL, 3)
    record["hips"][0]["comment"] = "Moved to the cortex."
    record["hips"][0]["gap"]["uncertainty_mm"] = 0.8
    (hip,) = by(record)["hips"]
    assert (hip["comment"], hip["gap"]["uncertainty_mm"]) == ("Moved to the cortex.", 0.8)


def _unqualified() -> Json:
    """The model's record, which leaves to hosr how sure its lengths are."""
    record = copy.deepcopy(ORIGINAL)
    (hip,) = record["hips"]
    del hip["gap"]["uncertainty_mm"]
    hip["islands"] = [{"length": {"points": [[x, 1], [x + 4, 1]]}} for x in (1, 21)]
    return record


def _commented(record: Json) -> Json:
    return {**record, "hips": [{**record["hips"][0], "comment": "Seen."}]}


def test_words_alone_make_no_length_surer() -> None:
    """What a model marked and nobody moved is as unsure as that model, by whomever the record is now."""
    original = _unqualified()
    kept = by(_commented(original), original, original)
    assert kept["observer"]["name"] == "Rossi^Maria"
    (hip,) = kept["hips"]
    assert hip["gap"] == {**original["hips"][0]["gap"], "uncertainty_mm": 1.5}
    assert [each["length"]["uncertainty_mm"] for each in hip["islands"]] == [1.5, 1.5]


def test_a_line_that_is_moved_then_is_as_sure_as_its_reader() -> None:
    """The model's uncertainty goes with its line, and comes back with it."""
    original = _unqualified()
    first = by(_commented(original), original, original)
    (hip,) = by(moved(first, 3), first, original)["hips"]
    assert "uncertainty_mm" not in hip["gap"]
    assert hip["islands"] == first["hips"][0]["islands"]
    second = by(moved(first, 3), first, original)
    back = copy.deepcopy(second)
    back["hips"][0]["gap"] = copy.deepcopy(original["hips"][0]["gap"])
    (again,) = by(back, second, original)["hips"]
    assert again["gap"] == first["hips"][0]["gap"]


def test_an_island_that_is_taken_away_makes_no_other_surer() -> None:
    """They are told by their points, and not by their number."""
    original = _unqualified()
    record = copy.deepcopy(original)
    del record["hips"][0]["islands"][0]
    (island,) = by(record, original, original)["hips"][0]["islands"]
    assert island["length"] == {"points": [[21, 1], [25, 1]], "uncertainty_mm": 1.5}


def test_without_its_words_it_is_the_models_again() -> None:
    """Whatever uncertainty was stated meanwhile."""
    original = _unqualified()
    first = by(_commented(original), original, original)
    undone = {**first, "conclusion": original["conclusion"]}
    said = {key: original["hips"][0][key] for key in ("comment", "grades", "probabilities")}
    undone["hips"] = [{**first["hips"][0], **said}]
    assert by(undone, first, original) == original


def test_surfaces_stay_where_no_length_was_moved() -> None:
    """They still tell how the lengths were found."""
    record = copy.deepcopy(ORIGINAL)
    record["hips"][0]["bridging"] = "none"
    (hip,) = by(record)["hips"]
    assert (hip["boundary"], hip["gap"]) == ({"basis": "mask"}, ORIGINAL["hips"][0]["gap"])


def test_a_page_that_goes_on_sending_what_was_left_out_changes_nothing() -> None:
    """The record as the page still has it is the one that was kept."""
    stored = by(moved(ORIGINAL, 3))
    assert by(moved(ORIGINAL, 3), stored) == stored


def test_another_reader_who_changes_nothing_takes_over_nothing() -> None:
    """A decision of theirs is no finding."""
    stored = by(moved(ORIGINAL, 3))
    assert by(copy.deepcopy(stored), stored, who=BIANCHI) == stored


def test_another_reader_who_changes_it_takes_it_over() -> None:
    """What the first one wrote stays, for nobody may lose it without a word."""
    first = moved(ORIGINAL, 3)
    first["hips"][0]["comment"] = "By Rossi."
    stored = by(first)
    kept = by(moved(stored, 1), stored, who=BIANCHI)
    assert kept["observer"]["name"] == "Bianchi^Luca"
    assert kept["hips"][0]["comment"] == "By Rossi."


def test_going_back_to_what_the_model_said_is_saying_nothing() -> None:
    """Whatever was kept meanwhile."""
    assert by(copy.deepcopy(ORIGINAL), by(moved(ORIGINAL, 3))) == ORIGINAL


def test_readers_keep_their_own_grades() -> None:
    """A record of the same person, however their name is spelled, stays theirs with all it says."""
    own = {**ORIGINAL, "observer": {"type": "person", "name": "ROSSI^MARIA"}}
    kept = by(moved(own, 3), own, own)
    assert kept["observer"] == own["observer"]
    assert kept["hips"][0]["grades"] == {"brooker": "III"}
    assert kept["hips"][0]["comment"] == "By the model."


@pytest.mark.parametrize("spoilt", [{}, {"hips": 1}, {"hips": [1, {}]}, {"observer": "x"}])
def test_a_record_of_any_form_is_attributed(spoilt: Json) -> None:
    """Faults are told later, and by others."""
    kept = by(spoilt)
    assert findings_of(kept) == findings_of(spoilt)
    assert by(moved(ORIGINAL, 3), spoilt, spoilt)["observer"]["name"] == "Rossi^Maria"


def test_lines_of_nobody_are_by_who_says_to_have_drawn_them() -> None:
    """As of when they were drawn, or last moved; nobody is the author of them by moving one."""
    nobodys = {key: value for key, value in ORIGINAL.items() if key != "observer"}
    rossi = {"type": "person", "name": "Rossi^Maria", "organization": "Example Hospital"}
    claim = {**nobodys, "observer": {"type": "person", "name": "Whoever"}}
    claimed = {**nobodys, "observer": rossi}
    assert by(nobodys, nobodys, nobodys) == nobodys
    assert by(claim, nobodys, nobodys) == claimed
    assert by(claim, claimed, nobodys) == claimed
    assert by(nobodys, claimed, nobodys) == nobodys
    assert by(moved(nobodys, 3), nobodys, nobodys) == {
        **moved(nobodys, 3),
        "graded_at": "2026-03-02T11:20:05+00:00",
    }
    theirs = by(moved(claim, 3), claimed, nobodys, BIANCHI)
    assert theirs["observer"]["name"] == "Bianchi^Luca"
    assert theirs["hips"][0]["comment"] == "By the model."
