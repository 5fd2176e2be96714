"""Who is one person: one table of rules for the images of a study and the subjects of a cohort."""

from __future__ import annotations

import pytest

from hosr.persons import find_strangers, is_renamed, spellings
from hosr.study import Patient

JANE = Patient(name="Doe^Jane", birth_date="19500102", sex="F")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller^Änne", "MUELLER^AENNE"),
        ("Müller^Änne", "Muller^Anne"),
        ("Müller^Änne^^Dr.", "Müller, Änne"),
        ("Müller^Änne", "Änne Müller"),
        ("Doe^Jane^^^MD", "DOE^JANE^^"),
        ("A^B=甲^乙", "A^B"),
        ("A^B=甲^乙", "=甲^乙"),
        ("Mu\u0308ller", "Müller"),
    ],
)
def test_spellings_of_one_name(one: str, other: str) -> None:
    """Case, accents, order, prefix, suffix and script make no other name."""
    assert not spellings(one).isdisjoint(spellings(other))
    assert not is_renamed([Patient(name=one), Patient(name=other)])


@pytest.mark.parametrize(("one", "other"), [("A^B", "A^C"), ("A^B=甲", "C^D=乙"), ("A^B", "A")])
def test_other_names(one: str, other: str) -> None:
    """What shares only a part is another name."""
    assert spellings(one).isdisjoint(spellings(other))


@pytest.mark.parametrize("name", ["", "^^", "=", "ANONYMOUS", "Unknown^Patient", "NA^NA"])
def test_a_word_for_nobody_is_no_name(name: str) -> None:
    """Such a word tells nobody apart."""
    assert not spellings(name)


@pytest.mark.parametrize(
    ("other", "traits"),
    [
        (Patient(name="doe^jane"), []),
        (Patient(name="Roe^Jane", birth_date="19500102"), []),
        (Patient(name="Doe^Jane", sex="O"), []),
        (Patient(name="Roe^Jane"), ["name"]),
        (Patient(sex="M"), ["sex"]),
        (Patient(birth_date="19500103"), ["birth_date"]),
        (Patient(name="Roe^Jane", birth_date="1", sex="M"), ["birth_date", "sex", "name"]),
    ],
)
def test_what_tells_persons_apart(other: Patient, traits: list[str]) -> None:
    """Every row of the table of rules, in either order of the two."""
    for pair in ((JANE, other), (other, JANE)):
        found = list(find_strangers(pair))
        assert [strangers.trait for strangers in found] == traits
        assert {strangers.others for strangers in found} <= {(1,)}
        assert [each.trait for each in find_strangers(pair, one_id=True)] == [
            trait for trait in traits if trait != "name"
        ]


def test_a_date_of_birth_that_another_of_the_same_name_has_holds() -> None:
    """The order in which they come does not matter."""
    blank = Patient(name="Doe^Jane")
    renamed = Patient(name="Roe^Jane", birth_date="19500102")
    assert not list(find_strangers([blank, JANE, renamed]))
    assert not list(find_strangers([renamed, blank, JANE]))


def test_the_first_of_january_holds_nothing_together() -> None:
    """It is what is written for a date of birth that nobody knows."""
    pair = [Patient(name=name, birth_date="19500101") for name in ("Doe^Jane", "Roe^Jane")]
    assert [strangers.trait for strangers in find_strangers(pair)] == ["name"]
