"""What the words of a label say: a side and a role, taken without asking only where nothing is in doubt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosr.annotations.roles import Role
from hosr.annotations.viewers.grammar import WORDS, Said, read_label
from hosr.sr.labels import line_labels
from hosr.vocabulary.terms import Side
from tests.drawn import drawn

# Each label, and what it says: side, role, number or true size.
TAKEN = {
    "Right HO gap": "right gap",
    "left ho GAP": "left gap",
    "R gap": "right gap",
    "gap, L": "left gap",
    "rt hip gap": "right gap",
    "HO gap": "- gap",
    "Right HO space": "right gap",
    "gap between pelvis and femur, left": "left gap",
    "re Spalt": "right gap",
    "Spalt li.": "left gap",
    "Lücke rechts": "right gap",
    "HO-Abstand der linken Hüfte": "left gap",
    "écart droit": "right gap",
    "ECART GAUCHE": "left gap",
    "Espace HO, hanche droite": "right gap",
    "gap dx": "right gap",
    "spazio HO anca sinistra": "left gap",
    "hueco derecho": "right gap",
    "espacio HO cadera izquierda": "left gap",
    "Left island 2": "left island 2",
    "right island": "right island",
    "island2 R": "right island 2",
    "Knocheninsel links 1": "left island 1",
    "Îlot gauche n° 3": "left island 3",
    "l\u2019îlot osseux, hanche gauche": "left island",
    "isola ossea dell'anca destra": "right island",
    "islote óseo izquierdo": "left island",
    "Right spur": "right spur",
    "spur femur R": "right femoral_spur",
    "right acetabular spur": "right pelvic_spur",
    "Beckensporn li": "left pelvic_spur",
    "éperon fémoral droit": "right femoral_spur",
    "sperone del bacino sinistro": "left pelvic_spur",
    "espolón del fémur derecho": "right femoral_spur",
    "Calibration 32 mm": "- calibration 32",
    "head 32mm": "- calibration 32",
    "calibration-32-mm": "- calibration 32",
    "right-ho-gap": "right gap",
    "left_island_3": "left island 3",
    "Right femoral head 28 mm": "right calibration 28",
    "Prothesenkopf 3,2 cm": "- calibration 32",
    "bille 25,4 mm": "- calibration 25.4",
    "testina 36 mm": "- calibration 36",
}
ASKED = {
    "right gap left": "names both sides",
    "gap bds": "names both sides",
    "no gap right": 'has words that may change what it says ("no")',
    "right gap?": "has a question mark",
    "¿hueco derecho?": "has a question mark",
    "right gap?? old film": 'has a question mark, has words that may change what it says ("old", "film")',
    "right space": "may mean the space of the joint",
    "right HO gap of the femoral spur": "names several things (gap and spur)",
    "spur femur pelvis right": "names both bones",
    "right gap 2": "has a number without a unit",
    "right island 2 3": "has a number without a unit",
    "Calibration": "does not give the one true size in mm",
    "head 32 or 36 mm": (
        'has words that may change what it says ("or"), has a number without a unit'
    ),
    "ball 25 mm 30 mm": "does not give the one true size in mm",
}
NOTHING = (
    "",
    "angle",
    "Gelenkspalt rechts",
    "right hip",
    "leg length 12 mm",
    "間隙",
    "Brooker III",
)


def _shown(said: Said) -> str:
    assert said.meaning is not None
    meaning = said.meaning
    more = said.number or (meaning.true_mm and f"{meaning.true_mm:g}") or ""
    return f"{meaning.side or '-'} {meaning.role} {more}".strip()


@pytest.mark.parametrize("label", TAKEN)
def test_what_is_taken_without_asking(label: str) -> None:
    """A side and a role in one of five languages, in any order, with and without accents."""
    said = read_label(label)
    assert (_shown(said), said.doubt) == (TAKEN[label], "")


@pytest.mark.parametrize("label", ASKED)
def test_what_is_asked_back(label: str) -> None:
    """A role, and a doubt, which is said."""
    assert read_label(label).doubt == ASKED[label]


@pytest.mark.parametrize("label", NOTHING)
def test_what_names_nothing(label: str) -> None:
    """No role; the space of the joint is none, and a grade is not one either."""
    said = read_label(label)
    assert (said.meaning, said.doubt) == (None, "")


def test_every_label_that_hosr_offers_is_taken() -> None:
    """The pick list of a viewer (`hosr describe ohif-labels`) leaves nothing in doubt."""
    said = [read_label(label) for label in line_labels()]
    assert {each.doubt for each in said} == {""}
    roles = {each.meaning.role for each in said if each.meaning is not None}
    assert len([each for each in said if each.meaning]) == len(line_labels())
    assert roles == {
        Role.GAP,
        Role.ISLAND,
        Role.PELVIC_SPUR,
        Role.FEMORAL_SPUR,
        Role.CALIBRATION,
    }


def test_no_word_has_two_meanings() -> None:
    """The letter L is a side, and in French an article: nothing would tell which was meant."""
    words = [word for row in WORDS.values() for word in row.split()]
    assert sorted(set(words)) == sorted(words)


FACTS = {
    "Right HO gap 6.2 mm": ((6.2,), ()),
    "R gap 0,62 cm": ((6.2,), ()),
    "right gap, Brooker III": ((), (("brooker", ("III",)),)),
    "right gap Brooker grade 2-3": ((), (("brooker", ("II", "III")),)),
    # As the lines of hosr 0.1.0 were called.
    "Right hip: Brooker III, Della Valle C; gap 6.2 mm (calibrated to a 32 mm object)": (
        (6.2,),
        (("brooker", ("III",)), ("della_valle", ("C",))),
    ),
}


@pytest.mark.parametrize("label", FACTS)
def test_lengths_and_grades_in_a_label_are_no_part_of_its_meaning(label: str) -> None:
    """They are kept to be compared with what is measured."""
    said = read_label(label)
    assert (said.lengths_mm, said.grades) == FACTS[label]
    assert (_shown(said), said.doubt) == ("right gap", "")


@drawn(examples=60)
@given(
    words=st.lists(st.sampled_from(["right", "gap", "L", "no", "island", "2", "32 mm", "x", "\n|"]))
)
def test_any_words_are_one_side_or_none(words: list[str]) -> None:
    """Whatever is written: a side is taken only where its word stands alone."""
    said = read_label(" ".join(words))
    sides = {word for word in ("right", "L") if word in words}
    if said.meaning is not None:
        alone = sides.pop() if len(sides) == 1 else ""
        assert said.meaning.side is {"right": Side.RIGHT, "L": Side.LEFT}.get(alone)
        assert ("no" in words or "x" in words or len(sides) > 1) <= bool(said.doubt)
