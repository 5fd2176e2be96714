"""What a report must say is found wherever its lines are broken, and nowhere else."""

from __future__ import annotations

import time
from dataclasses import asdict, replace

import pytest

from hosr.language import ENGLISH, LANGUAGES, turns_letters
from hosr.narrative import render_text
from hosr.narrative.content import describe
from hosr.templating.sources import Wording
from hosr.templating.statements import (
    NamedGrades,
    StatedGrade,
    StatedHip,
    Statements,
    find_misnamed,
    find_unsaid,
    read_statements,
    see,
    statements_of,
)
from tests.narrative.cases import CASES

BROOKER = StatedGrade(system="Brooker", values=("III",))
DELLA_VALLE = StatedGrade(system="Della Valle", values=("B", "C"))
RIGHT = StatedHip(name="Right hip", grades=(BROOKER, DELLA_VALLE))
MUST = Statements(draft="DRAFT - not for use.", conclusion="", hips=(RIGHT,))
SAID = "DRAFT - not for use. Right hip: Brooker III, Della Valle B or C."
ALL_NAMED = replace(
    MUST,
    systems=(NamedGrades(system="Brooker", grades=("0", "I", "II", "III", "IV"), named=("III",)),),
)
NO_BROOKER = ["leaves out the grade of hip 1 by Brooker"]


@pytest.mark.parametrize(
    "text",
    [
        SAID,
        SAID.replace(" ", "\n"),
        SAID.replace(" ", "\u00a0"),
        SAID.replace("Right", "Ri\u200bg\u00adht"),
        SAID.replace("for", "\ufb00or").replace("\ufb00", "f"),
        SAID.replace("III", "III.").replace("B or C", "(C), (B)"),
        f"Right hip. Brooker's rules. {SAID}",
    ],
)
def test_what_is_said_is_found(text: str) -> None:
    """Wherever lines end, and whatever stands in between."""
    assert find_unsaid(MUST, see(text)) == []


@pytest.mark.parametrize(
    ("text", "unsaid"),
    [
        (SAID.replace("DRAFT", "SIGNED"), ["leaves out the status of the report"]),
        (SAID.replace("Right", "Left"), ["leaves out hip 1"]),
        (SAID.replace("III", "0"), NO_BROOKER),
        (SAID.replace("III", "IIII"), NO_BROOKER),
        (SAID.replace("III", "xIII"), NO_BROOKER),
        (SAID.replace("III", "I II"), NO_BROOKER),
        (SAID.replace("III", "III_"), NO_BROOKER),
        ("III " + SAID.replace("III", ""), NO_BROOKER),
        (SAID.replace("B or C", "B"), ["leaves out the grade of hip 1 by Della Valle"]),
        (SAID.replace("B or C", "B or Cc"), ["leaves out the grade of hip 1 by Della Valle"]),
        ("", ["leaves out the status of the report", "leaves out hip 1"]),
    ],
)
def test_what_is_not_said_is_told(text: str, unsaid: list[str]) -> None:
    """A grade stands by itself, in one piece, after hip and system."""
    assert find_unsaid(MUST, see(text)) == unsaid


def test_one_of_two_texts_is_enough_for_each_statement() -> None:
    """But hip and grade stand in the same one."""
    draft, rest = SAID[:20], SAID[20:]
    assert find_unsaid(MUST, see(draft), see(rest)) == []
    assert find_unsaid(MUST, see(draft + " Right hip"), see("Brooker III Della Valle B C")) == [
        *NO_BROOKER,
        "leaves out the grade of hip 1 by Della Valle",
    ]


@pytest.mark.parametrize(
    ("conclusion", "text", "said"),
    [
        ("See the CT.", "See\nthe CT.", True),
        ("See the CT.", "See the MR.", False),
        # Letters from the right, in the order in which a reader of PDF tells them.
        (
            "\u201c\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd, CT\u201d",
            "\u201c\u05e2\u05d5\u05dc\u05dd \u05e9\u05dc\u05d5\u05dd, CT\u201d",
            True,
        ),
        ("\u05e9\u05dc\u05d5\u05dd CT", "\u05dd\u05d5\u05dc\u05e9 CT", True),
        ("\u05e9\u05dc\u05d5\u05dd CT", "\u05e9\u05dc\u05d5\u05dd MR", False),
        ("\u05e9\u05dc\u05d5\u05dd CT", "CT", False),
    ],
)
def test_the_words_of_the_reader(conclusion: str, text: str, said: bool) -> None:
    """Whole, or word by word where letters run from the right."""
    unsaid = find_unsaid(replace(MUST, conclusion=conclusion), see(f"{SAID} {text}"))
    assert unsaid == ([] if said else ["leaves out the conclusion of the reader"])


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_shipped_text_says_it(tag: str, name: str) -> None:
    """Every case in every language."""
    language = LANGUAGES[tag]
    statements = statements_of(describe(CASES[name], language))
    seen = see(render_text(CASES[name], Wording(language)))
    assert (find_unsaid(statements, seen), find_misnamed(statements, seen)) == ([], [])


@pytest.mark.parametrize(
    ("said", "misnamed"),
    [
        ("Brooker 0", True),
        ("Brooker: III, 0", True),
        ("Simplified\nbiplanar = 2", True),
        ("Brooker III, Brooker\nIII", False),
        ("Brooker 0, I, II, III, IV. Brooker 1973;55", False),
        ("Della Valle A.G., Ruzo P.S. et al.", False),
        ("Brooker scale. 0 hips", False),
    ],
)
def test_no_other_grade_may_be_named(said: str, misnamed: bool) -> None:
    """Whoever wrote it: a grade behind its system that nothing given names, unless it is a legend."""
    statements = statements_of(describe(CASES["row_10_narrow_gap"], ENGLISH))
    assert bool(find_misnamed(statements, see(f"{said} and more"))) is misnamed


def test_statements_are_plain_data() -> None:
    """They come whole out of the request to another process."""
    statements = statements_of(describe(CASES["row_06_long_island"], ENGLISH))
    assert read_statements(asdict(statements)) == statements


def test_what_turns_letters_is_seen() -> None:
    """Overrides are; marks that only part directions are not."""
    assert turns_letters("\u202eIII")
    assert not turns_letters("\u2067a\u2069\u200e")


@pytest.mark.parametrize("piece", ["Right hip Brooker ", "Right hip ", "II", "I I ", "Brooker III"])
def test_the_time_grows_with_the_length_only(piece: str) -> None:
    """Thousands of repeats are looked through once: the search was cubic."""

    def seconds(count: int) -> float:
        begin = time.process_time()
        seen = see(piece * count)
        find_unsaid(MUST, seen)
        find_misnamed(ALL_NAMED, seen)
        return time.process_time() - begin

    seconds(1000)
    assert seconds(80_000) < 0.5 + 40 * seconds(8000)
