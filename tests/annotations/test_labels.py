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
    assert parse_labels(_WHOLE).meaning_of(label) == meaning


def test_keys_that_no_source_has_are_known() -> None:
    seen = [Label(name="HO", number=1), Label(name="x", number=7), Label(name="hip_right")]
    assert parse_labels(_WHOLE).unmatched(seen) == ("head", "hip_left")


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", ['labels.toml, schema_version: is missing; write schema_version = "1.0"']),
        (
            'schema_version = "1.0"\npreset = "totalsegmentator"\n[label]\nHO = "island"\n',
            [
                'labels.toml, label: is an unknown key; write "labels", "observer" or "schema_version"',
                "labels.toml, preset: is unknown; write "
                '"totalsegmentator-2" or "totalsegmentator-1"',
            ],
        ),
        (
            'schema_version = "1.0"\n[labels]\nHO = "ossificaton"\nA = 3\n'
            'B = { side = "both", role = "gap" }\nC = { role = "calibration" }\n'
            'D = { role = "gap", true_mm = 3 }\nE = { side = "left" }\n',
            [
                'labels.toml, [labels] "HO" role: is "ossificaton"; write "ossification", '
                '"calibration" or "island"',
                'labels.toml, [labels] "A": is no role; '
                'write "ossification", or { role = ..., side = ... }',
                'labels.toml, [labels] "B" side: is "both"; write "right" or "left"',
                'labels.toml, [labels] "C": is a calibration object of no known size; '
                "give the true size of the object in mm: true_mm = 32",
                'labels.toml, [labels] "D" true_mm: belongs to a calibration object; leave it out',
                'labels.toml, [labels] "E" role: is missing; write "pelvis", "femur", "implant", '
                '"ossification", "island", "pelvic_spur", "femoral_spur", "spur", "gap", '
                '"gap_start", "gap_end", "calibration" or "ignore"',
            ],
        ),
        (
            'schema_version = "1.0"\n[observer]\nname = ""\nboundary_sd_mm = -1\nparameters = 3\n'
            "[record]\nhips = []\n",
            [
                "labels.toml, [observer] name: is no text of one line; write it in quotes",
                "labels.toml, [observer] boundary_sd_mm: is no such number; write one from 0 to 10",
                'labels.toml, [observer] parameters: is no table; write { threshold = "0.5" }',
                'labels.toml, [record] hips: is an unknown key; write "view" or "context"',
            ],
        ),
        (
            "schema_version = 1.0\nlabels = 3\nhip right = 1",
            [
                "labels.toml: is not TOML (expected '=' after a key in a key/value pair "
                "(at line 3, column 5)); put names with dots, blanks or accents in quotes"
            ],
        ),
    ],
)
def test_everything_that_is_wrong_is_told_at_once(text: str, faults: list[str]) -> None:
    with pytest.raises(UsageError) as refused:
        parse_labels(text)
    assert [str(fault) for fault in refused.value.faults] == faults
