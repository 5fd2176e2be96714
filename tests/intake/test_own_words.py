"""Words that a reader wrote, held against the hips and grades of the report that prints them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import hosr
from tests.command import marked
from tests.images import write_film

if TYPE_CHECKING:
    from pathlib import Path

SIDE = "names the other side: left; compare the words"
BROOKER = "names Brooker {}, and the report gives {}; compare the words"
WORDS = [
    ("Brooker III of the right hip", []),
    ("Brooker II.", [BROOKER.format("II", "III")]),
    ("brooker grade 2, Della Valle: c", [BROOKER.format("II", "III")]),
    ("Brooker II-III", []),
    ("Della Valle A", ["names Della Valle A, and the report gives C; compare the words"]),
    ("The left hip is unremarkable.", [SIDE]),
    ("Hüfte links; linkes Hüftgelenk; hanche gauche; cadera izquierda; anca sinistra", [SIDE]),
    ("Linke Hüfte: Brooker IV", [SIDE, BROOKER.format("IV", "III")]),
    ("Nothing is left of the space; all right", []),
    ("Hanche droite, rechte Hüfte, anca destra, cadera derecha", []),
    ("", []),
]


def _notes(tmp_path: Path, record: dict[str, Any]) -> list[tuple[str, str]]:
    outcome = hosr.make_report(record, write_film(tmp_path / "film.dcm"))
    return [
        (note.path, str(note.problem)) for note in outcome.notes if "compare the" in note.problem
    ]


@pytest.mark.parametrize(("words", "problems"), WORDS)
def test_words_that_contradict_the_report_are_told(
    words: str, problems: list[str], tmp_path: Path
) -> None:
    """A line was moved, or the words were copied: the impression would say two things."""
    gap = {"mm": 8, "plane": "patient"}
    of_hip = marked(gap=gap, comment=words)
    assert _notes(tmp_path, of_hip) == [("$.hips[0].comment", each) for each in problems]
    of_all = marked(gap=gap) | {"schema_version": "1.1", "conclusion": words}
    assert _notes(tmp_path, of_all) == [("$.conclusion", each) for each in problems]


def test_a_conclusion_speaks_of_both_hips_and_a_comment_of_its_own(tmp_path: Path) -> None:
    """Each grade of either hip may be named in the conclusion; an open grade leaves both."""
    record = marked(gap={"mm": 8, "plane": "patient"})
    left = marked(side="left", gap={"mm": 12, "plane": "detector"}, comment="Left hip: Brooker III")
    words = "Right hip Brooker III, left hip Brooker II"
    record |= {"schema_version": "1.1", "conclusion": words, "hips": record["hips"] + left["hips"]}
    del record["hips"][1]["islands"]
    film = write_film(tmp_path / "film.dcm", ImageLaterality="B")
    outcome = hosr.make_report(record, film)
    assert [note for note in outcome.notes if "compare the words" in note.problem] == []
