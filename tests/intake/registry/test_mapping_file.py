"""Mapping files: every fault at once, with its section and what to write."""

from __future__ import annotations

import re
import textwrap
import tomllib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosr.cli.describe import describe
from hosr.errors import Fault, RecordRefused, UsageError
from hosr.intake.registry import parse_mapping, read_mapping
from hosr.intake.registry.mapping_file import SECTIONS
from hosr.intake.registry.table_form import KEYS
from tests.intake.registry.registries import GERMAN, mapped

if TYPE_CHECKING:
    from pathlib import Path


def _faults(text: str) -> list[tuple[str, str, str]]:
    with pytest.raises(UsageError, match=r"^mapping\.toml") as refusal:
        parse_mapping(text)
    found = refusal.value.faults
    return [(f.path.removeprefix("mapping.toml, "), f.problem, f.remedy) for f in found]


_WORDS = '"ap_pelvis", "ap_hip", "lateral", "oblique", "ct" or "mr"'

_NAMED = (
    '"table", "columns", "composed", "checkboxes", "readings", "only", "values", "units", "dates", "lists", "missing", "constants" '
    'or "assumed"'
)

_FAULTS = (
    ("[tabel]\n", "[tabel]", "is an unknown section",
     f"write {_NAMED}"),
    ('[units]\nside = "cm"', "[units] side", "holds no length", "remove it"),
    ('[units]\n"gap.mm" = "cm"', "[units] gap.mm", "is of no mapped column",
     "map the column, or remove it"),
    ('[columns.right]\n"gap.mm" = "A"', "[columns.right]", 'does not go with the layout "row per hip"',
     'write layout = "row per study" in [table], or move the names to [columns]'),
    ('[composed]\n"study.patient_id" = "A"', "[composed] study.patient_id",
     "names no column in braces", 'write it as "{First column}-{Second column}"'),
    ('[composed]\nside = "{A}"', "[composed] side", "is read from two places",
     "keep it in [columns] or in [composed]"),
    ('[assumed]\n"observer.type" = "person"', "[assumed] observer.type",
     "stands in [constants] too", "keep one of them"),
    ('[assumed]\nview = "pelvis"', "[assumed] view",
     'is "pelvis", which is no word of the record', f"write {_WORDS}"),
    ('[assumed]\nid = "1"', "[assumed] id", "is not the same for all rows",
     "map it in [columns] or [composed]"),
    ('[assumed]\n"gap.mm" = "8"', None, None, None),
    ('[missing]\nside = "9"', "[missing] side", "is no list of texts", 'write it as ["9", "-"]'),
    ('[missing]\nbridging = ["9"]', "[missing] bridging", "is of no mapped column",
     "map the column, or remove it"),
    ('[lists]\nside = ","', "[lists] side", "holds no list", "remove it"),
    ('[dates]\ngraded_at = "%d.%m.%y"', "[dates] graded_at", "has a year of two digits",
     "write %Y; a table must say the century"),
    ('[dates]\ngraded_at = "%d. %B %Y"', "[dates] graded_at",
     '"%d. %B %Y" is no form of a date',
     "write %d, %m and %Y once each, with %H, %M, %S and %z where there is a time"),
    ('[dates]\ngraded_at = "%Y"', "[dates] graded_at", '"%Y" is no form of a date',
     "write %d, %m and %Y once each, with %H, %M, %S and %z where there is a time"),
    ('[dates]\ngraded_at = 1', "[dates] graded_at", "is no form of a date",
     'write it as "%d.%m.%Y"'),
)  # fmt: skip


@pytest.mark.parametrize(("more", "path", "problem", "remedy"), _FAULTS)
def test_a_wrong_section_is_named(
    more: str, path: str | None, problem: str | None, remedy: str | None
) -> None:
    """A section that says what cannot be is a fault with its remedy."""
    if path is None:
        assert parse_mapping(mapped(more)).assumed == {"gap.mm": "8"}
    else:
        assert _faults(mapped(more)) == [(path, problem, remedy)]


_TABLE_FAULTS = (
    ('encoding = "utf8mb4"', "encoding", "is no character encoding",
     'write "utf-8", "cp1252" or "latin-1", for example'),
    ('encoding = "rot13"', "encoding", "is no character encoding",
     'write "utf-8", "cp1252" or "latin-1", for example'),
    ('delimiter = ";;"', "delimiter", "is not one character", r'write ";", "," or "\t", for example'),
    ('decimal = "·"', "decimal", 'is "·"', 'write "." or ","'),
    ("skip = -1", "skip", "is no number of lines", "write how many lines stand above the header"),
    ('timezone = "Berlin"', "timezone", "is no time zone that this computer knows",
     'write a name of the IANA list, such as "Europe/Berlin" or "UTC"'),
    ('time = "noon"', "time", "is no time of day", 'write it as "12:00"'),
    ('layout = "row per patient"', "layout", 'is "row per patient"',
     'write "row per hip" or "row per study"'),
    ("ignored = [1]", "ignored", "is no list of texts", 'write it as ["-", "k.A."]'),
    ("images = 3", "images", "is no text", "write it in quotes"),
    ('delimeter = ";"', "delimeter", "is an unknown key",
     'write "delimiter", "decimal" or "timezone"'),
)  # fmt: skip


@pytest.mark.parametrize(("line", "key", "problem", "remedy"), _TABLE_FAULTS)
def test_a_wrong_key_of_the_table_is_named(line: str, key: str, problem: str, remedy: str) -> None:
    """How the table is written is said in known keys and values."""
    text = re.sub(rf"(?m)^{key} = .*\n", "", GERMAN).replace("[table]\n", f"[table]\n{line}\n")
    assert _faults(text) == [(f"[table] {key}", problem, remedy)]


_VALUE_FAULTS = (
    ('view = { "B\u00dc" = "pelvis" }', '[values."view"] "B\u00dc"',
     'is "pelvis", which is no word of the record', f"write {_WORDS}"),
    ('view = { "-" = "" }', '[values."view"] "-"', "means nothing",
     "list it in [missing], if it means empty"),
    ('"spurs.pelvis" = { "ja" = "yes" }', '[values."spurs.pelvis"] "ja"',
     "is text, not true or false", "write true or false, without quotes"),
    ('"gap.mm" = { "1" = 3 }', '[values."gap.mm"]', "holds lengths, not words",
     "remove it; see [units]"),
    ('bridging = { "1" = "none" }', '[values."bridging"]', "is of no mapped column",
     "map the column, or remove it"),
)  # fmt: skip


@pytest.mark.parametrize(("line", "path", "problem", "remedy"), _VALUE_FAULTS)
def test_a_word_must_become_a_word_of_the_record(
    line: str, path: str, problem: str, remedy: str
) -> None:
    """What a word is mapped to passes the same door as any record, before a row is read."""
    columns = 'view = "A"\n"spurs.pelvis" = "B"\n"gap.mm" = "C"'
    values = GERMAN.replace("[values]\n", f"[values]\n{line}\n")
    text = values.replace("[columns]\n", f"[columns]\n{columns}\n")
    assert _faults(text) == [(path, problem, remedy)]


def test_all_faults_of_a_mapping_come_at_once() -> None:
    """Names that are none, and names that are lacking, are listed together."""
    text = '[table]\nlayout = "row per study"\n[columns]\ngap.mn = "A"\nside = "B"\n[columns.left]\nview = "C"\nside = "D"'
    assert _faults(text) == [
        ("[columns.left] view", "says nothing of a hip", "move it to [columns]"),
        ("[columns.left] side", "is known by the section", "remove it"),
        (
            "[columns] gap.mn",
            "is no name of the record",
            'write, for example, "gap.mm", or remove it',
        ),
        (
            "[columns] side",
            "says something of one hip",
            "move it to [columns.right] and [columns.left]",
        ),
        (
            "[columns] id",
            "is missing",
            "name the column that is alike in the rows of one study, here or as study.study_instance_uid",
        ),
        (
            "[columns] graded_at",
            "is missing",
            "name the column that says when the hip was graded",
        ),
        (
            "[columns] observer.type",
            "is missing",
            'write "observer.type" = "person" or "algorithm" in [constants]',
        ),
        (
            "[columns] observer.name",
            "is missing",
            "name the column that says who graded, or write it in [constants]",
        ),
    ]


def test_an_algorithm_needs_its_version() -> None:
    """A result of a program is worth nothing without the version of the program."""
    assert _faults(GERMAN.replace('"person"', '"algorithm"')) == [
        (
            "[columns] observer.version",
            "is missing",
            "name its column, or write it in [constants]",
        )
    ]


def test_names_may_do_without_quotes() -> None:
    """TOML takes a name with dots for tables in tables; it means the same."""
    quoted = mapped('[units]\n"gap.mm" = "cm"', columns='"gap.mm" = "A"')
    bare = mapped('[units]\ngap.mm = "cm"', columns='gap.mm = "A"')
    assert parse_mapping(quoted) == parse_mapping(bare)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"[table", Fault("m.toml", "is not TOML (expected ']' at the end of a table declaration "
                          "(at end of document))",
                          "correct it there; put names with dots, blanks or accents in quotes")),
        ('[columns]\nside = "S\u00fcd"'.encode("cp1252"),
         Fault("m.toml", "is not UTF-8 text", "save it as UTF-8")),
    ],
)  # fmt: skip
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, content: bytes, fault: Fault) -> None:
    """Broken TOML and another encoding are one fault."""
    path = tmp_path / "m.toml"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"^m\.toml") as refusal:
        read_mapping(path)
    assert refusal.value.faults == (fault,)


def test_a_mapping_that_is_not_there_is_one_fault(tmp_path: Path) -> None:
    """A wrong path is said as such."""
    with pytest.raises(RecordRefused, match=r"^m\.toml: does not exist; check the path$"):
        read_mapping(tmp_path / "m.toml")


def test_the_description_is_a_mapping() -> None:
    """What is shown of a mapping can be read, and names every section and key that there is."""
    page = describe("mapping")
    shown = textwrap.dedent(
        "".join(re.findall(r"(?m)^(?:    .*)?\n", page[page.index("[table]") - 4 :]))
    )
    assert parse_mapping(shown).table.ignored == ("Bemerkung",)
    found = tomllib.loads(shown)
    assert (sorted(found), sorted(found["table"])) == (sorted(SECTIONS), sorted(KEYS))


_TOML = st.recursive(
    st.sampled_from(['"x"', "1", "true", "2026-03-02", '["a"]', "1.5", "[]", "nan"]),
    lambda inner: st.builds(lambda value: f"{{ a = {value} }}", inner),
    max_leaves=3,
)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["table", "columns", "composed", "checkboxes", "readings", "only", "values", "units", "dates", "lists", "missing",
                 "constants", "assumed"]
            ),
            st.sampled_from(
                ["id", "side", "gap.mm", "graded_at", "images", "encoding", "skip", "missing",
                 "right", "islands.0.length.mm", "context.causes", "observer.parameters.a"]
            ),
            _TOML,
        ),
        max_size=5,
        unique_by=lambda entry: entry[0],
    )
)  # fmt: skip
def test_any_toml_is_a_mapping_or_is_refused(entries: list[tuple[str, str, str]]) -> None:
    """Values of any kind in any section give faults, never another error."""
    lines = (f"[{section}]\n{name} = {value}" for section, name, value in entries)
    try:
        parse_mapping("\n".join(lines))
    except UsageError as refusal:
        assert refusal.faults  # noqa: PT017 (either outcome is right)


@pytest.mark.parametrize(
    ("column", "unit", "named"),
    [
        ("Abstand_cm", "", "cm"),
        ("GapCM", "", "cm"),
        ("Spalt (Zoll)", "", "inches"),
        ("gap px", "", "pixels"),
        ("Abstand_cm", '[units]\n"gap.mm" = "cm"', None),
        ("Abstand_cm", '[units]\n"gap.mm" = "mm"', None),
        ("gap_mm", "", None),
        ("Gap, cm or mm", "", None),
        ("Macmillan", "", None),
        ("gap", "", None),
    ],
)
def test_a_column_that_names_another_unit_is_not_read_as_millimetres(
    column: str, unit: str, named: str | None
) -> None:
    """What [units] says holds, whatever the column is called; what it leaves open is asked."""
    columns = f'"gap.mm" = "{column}"'
    if named is None:
        assert parse_mapping(mapped(unit, columns=columns)).source("gap.mm") is not None
        return
    remedy = 'say "gap.mm" = "cm", "in" or, if the name is wrong, "mm" in [units]'
    problem = f'is read as mm from "{column}", whose name says {named}'
    assert _faults(mapped(unit, columns=columns)) == [("[columns] gap.mm", problem, remedy)]
