"""labels.toml says what labels stand for, and everything that is wrong with it is told at once."""

from __future__ import annotations

import pytest

from hosr.annotations.labels import Labels, Maker, parse_labels
from hosr.annotations.roles import Meaning, Role
from hosr.annotations.sources import Label
from hosr.errors import UsageError
from hosr.vocabulary.terms import Side

_WHOLE = """
schema_version = "1.0"
preset = "totalsegmentator-2"
[observer]
name = "HipSeg"
version = "2.1"
boundary_sd_mm = 0.5
parameters = { threshold = 0.5 }
[labels]
HO = "ossification"
7 = { role = "island", side = "left" }
head = { role = "calibration", side = "right", true_mm = 32 }
hip_left = "ignore"
[record]
view = "ct"
"""


def test_a_file_gives_the_meanings_the_maker_and_what_no_source_says() -> None:
    """Nothing else is taken from it."""
    assert parse_labels(_WHOLE) == Labels(
        meanings={
            "HO": Meaning(role=Role.OSSIFICATION),
            "7": Meaning(role=Role.ISLAND, side=Side.LEFT),
            "head": Meaning(role=Role.CALIBRATION, side=Side.RIGHT, true_mm=32.0),
            "hip_left": Meaning(role=Role.IGNORE),
        },
        preset="totalsegmentator-2",
        maker=Maker(
            name="HipSeg", version="2.1", boundary_sd_mm=0.5, parameters=(("threshold", "0.5"),)
        ),
        record={"view": "ct"},
    )


@pytest.mark.parametrize(
    ("label", "meaning"),
    [
        (Label(name="HO", number=3), Meaning(role=Role.OSSIFICATION)),
        (Label(name=" HO "), Meaning(role=Role.OSSIFICATION)),
        (Label(name="ho"), None),
        (Label(name="", number=7), Meaning(role=Role.ISLAND, side=Side.LEFT)),
        (Label(name="other", number=7), Meaning(role=Role.ISLAND, side=Side.LEFT)),
        (Label(name="hip_left"), Meaning(role=Role.IGNORE)),  # the file stands above the preset
        (Label(name="hip_right"), Meaning(role=Role.PELVIS, side=Side.RIGHT)),
        (Label(name="", number=78), None),  # never a bare number of a preset
    ],
)
def test_a_label_means_what_the_file_says_of_its_name_else_of_its_number(
    label: Label, meaning: Meaning | None
) -> None:
    """The file stands above its preset, and a preset knows names alone."""
    assert parse_labels(_WHOLE).meaning_of(label) == meaning


def test_keys_that_no_source_has_are_known() -> None:
    """Those of a preset are no claim that a source has them."""
    seen = [Label(name="HO", number=1), Label(name="x", number=7), Label(name="hip_right")]
    assert parse_labels(_WHOLE).unmatched(seen) == ("head", "hip_left")


_KNOWN_ROLES = (
    '"pelvis", "femur", "implant", "ossification", "island", "pelvic_spur", "femoral_spur", '
    '"spur", "gap", "gap_start", "gap_end", "calibration" or "ignore"'
)
_REFUSED = {
    "": 'schema_version: is missing; write schema_version = "1.0"',
    'schema_version = "1.0"\npreset = "totalsegmentator"\n[label]\nHO = "island"': (
        'label: is an unknown key; write "labels", "observer" or "schema_version"\n'
        'preset: is unknown; write "totalsegmentator-1" or "totalsegmentator-2"'
    ),
    'schema_version = "1.0"\n[labels]\nHO = "ossificaton"\nA = 3\n'
    'B = { side = "both", role = "gap" }\nC = { role = "calibration" }\n'
    'D = { role = "gap", true_mm = 3 }\nE = { side = "left" }': (
        '[labels] "HO" role: is "ossificaton"; write "ossification", "calibration" or "island"\n'
        '[labels] "A": is no role; write "ossification", or { role = ..., side = ... }\n'
        '[labels] "B" side: is "both"; write "left" or "right"\n'
        '[labels] "C": is a calibration object of no known size; '
        "give the true size of the object in mm: true_mm = 32\n"
        '[labels] "D" true_mm: belongs to a calibration object; leave it out\n'
        f'[labels] "E" role: is missing; write {_KNOWN_ROLES}'
    ),
    'schema_version = "1.0"\n[observer]\nname = ""\nboundary_sd_mm = -1\nparameters = 3\n'
    "[record]\nhips = []": (
        "[observer] name: is no text of one line; write it in quotes\n"
        "[observer] boundary_sd_mm: is no such number; write one from 0 to 10\n"
        '[observer] parameters: is no table; write { threshold = "0.5" }\n'
        '[record] hips: is an unknown key; write "view" or "context"'
    ),
}


@pytest.mark.parametrize(("text", "faults"), _REFUSED.items())
def test_everything_that_is_wrong_is_told_at_once(text: str, faults: str) -> None:
    """Each fault has its place in the file."""
    with pytest.raises(UsageError) as refused:
        parse_labels(text)
    assert [str(fault) for fault in refused.value.faults] == [
        f"labels.toml, {line}" for line in faults.split("\n")
    ]


def test_what_is_no_toml_is_told_with_its_line() -> None:
    """A name with a blank stands in quotes."""
    with pytest.raises(UsageError, match=r"is not TOML .*at line 2, column 5.*in quotes"):
        parse_labels('schema_version = "1.0"\nhip right = 1')
