"""Rows to records: which rows go together, which sides, and where each fault lies in the table."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from hosr.errors import Fault, RecordRefused
from hosr.findings import Length, Plane
from hosr.intake.registry import Imported, Refusal, Survey, parse_mapping, read_entries
from hosr.intake.tables.records import examine_table
from hosr.pipeline import grade_record
from tests.drawn import drawn
from tests.intake.registry.registries import imported, mapped, write_table

if TYPE_CHECKING:
    from pathlib import Path

    from hosr.intake.record import Record

_HEADER = "Nr;Datum;Seite;Spalt"
_GAP = '"gap.mm" = "Spalt"'
_SORT = "sort the table so that the rows of one study stand together"


def _rows(folder: Path, *rows: str, header: str = _HEADER) -> Path:
    return write_table(folder, "\n".join((header, *rows)))


def test_neighbouring_rows_of_one_id_are_one_record(tmp_path: Path) -> None:
    """Two hips of a study are two rows; the second need not repeat what they share."""
    table = _rows(tmp_path, "1;02.03.2026;re;8", "1;;li;9,5", "2;02.03.2026;li;")
    first, second = imported(table, mapped(columns=_GAP)).records
    assert (first.id, first.rows) == ("1", (2, 3))
    assert [(hip.side.value, hip.gap) for hip in first.record.hips] == [
        ("right", Length(mm=8.0)),
        ("left", Length(mm=9.5)),
    ]
    assert (second.id, second.rows) == ("2", (4,))


_ROW_FAULTS = (
    (("1;02.03.2026;re;8", "1;02.03.2026;re;9"),
     [Fault("row 3, column Seite (side)", 'is "right", as in hips[0]', "give each side once", "E09")]),
    (("1;02.03.2026;re;8", "1;02.03.2026;li;8", "1;02.03.2026;li;9"),
     [Fault("row 4, column Seite (side)", "is one row too many for its record",
            "a record has one or two hips", "E09")]),
    (("1;02.03.2026;re;8", "1;03.03.2026;li;8"),
     [Fault("row 3, column Datum (graded_at)", "differs from another row of the same record",
            'make them alike, or give the rows different values of "id"')]),
    (("1;02.03.2026;re;8", "2;02.03.2026;li;8", "1;02.03.2026;li;8"),
     [Fault("row 2, column Nr (id)", "is used again for other rows", _SORT),
      Fault("row 4, column Nr (id)", "is used again for other rows", _SORT)]),
    (("a;02.03.2026;re;8", "A;02.03.2026;li;8"),
     [Fault("row 2, column Nr (id)", "is used again for other rows", _SORT),
      Fault("row 3, column Nr (id)", "is used again for other rows", _SORT)]),
    ((";02.03.2026;re;8", ";02.03.2026;li;8"),
     [Fault("row 2, column Nr (id)", "is empty", "fill it in, so that the rows of one study are known"),
      Fault("row 3, column Nr (id)", "is empty", "fill it in, so that the rows of one study are known")]),
    (("ANONYM;02.03.2026;re;8", "ANONYM;02.03.2026;li;8"),
     [Fault("row 2, column Nr (id)", "is a word that names no study", "give each study a name of its own"),
      Fault("row 3, column Nr (id)", "is a word that names no study", "give each study a name of its own")]),
    (("1;;re;8",),
     [Fault("row 2, column Datum (graded_at)", "is missing",
            'add "graded_at": "2026-03-02T10:15:00+01:00"')]),
    (("1;02.03.2026;;8",),
     [Fault("row 2, column Seite (side)", "is missing", 'add "side": "right" or "side": "left"', "E09")]),
    (("1;02.03.2026;bds;0,8 cm",),
     [Fault("row 2, column Spalt (gap.mm)", "is in cm, but its column is in mm",
            "write all its cells in one unit"),
      Fault("row 2, column Seite (side)", "is neither mapped nor a word of the record",
            'map it in [values."side"]; write "right" or "left", or "both"')]),
)  # fmt: skip


@pytest.mark.parametrize(("rows", "faults"), _ROW_FAULTS)
def test_rows_that_are_no_record_are_named(
    tmp_path: Path, rows: tuple[str, ...], faults: list[Fault]
) -> None:
    """A fault names the row, the column of the table and the name in the record."""
    assert imported(_rows(tmp_path, *rows), mapped(columns=_GAP)).faults == faults


def test_two_patients_under_one_id_are_refused(tmp_path: Path) -> None:
    """Rows of one id that name two patients are a fault, and nobody is named in it."""
    table = _rows(
        tmp_path, "1;02.03.2026;re;P1", "1;02.03.2026;li;P2", header="Nr;Datum;Seite;Patient"
    )
    outcome = imported(table, mapped(columns='"study.patient_id" = "Patient"'))
    assert outcome.faults == [
        Fault(
            "row 3, column Patient (study.patient_id)",
            "differs from another row of the same record",
            'make them alike, or give the rows different values of "id"',
        )
    ]


def test_a_crowd_of_rows_under_one_id_is_refused_in_parts(tmp_path: Path) -> None:
    """However many rows have one id, few of them are held at once, and none is let pass."""
    outcome = imported(_rows(tmp_path, *["1;02.03.2026;re;8"] * 25), mapped(columns=_GAP))
    refused = [entry.rows for entry in outcome.entries if isinstance(entry, Refusal)]
    assert outcome.records == []
    assert [len(rows) for rows in refused] == [10, 10, 5]


_SIDES = """
[columns.right]
"gap.mm" = "Spalt re"
presence = "HO re"
[columns.left]
"gap.mm" = "Spalt li"
presence = "HO li"
[assumed]
bridging = "none"
"""


def _per_study() -> str:
    text = mapped(_SIDES, table='layout = "row per study"').replace('side = "Seite"\n', "")
    words = 'presence = { "ja" = "present", "nein" = "absent" }'
    return text.replace('side = { "re" = "right", "li" = "left" }', words)


def test_a_row_of_a_study_has_the_hips_that_it_speaks_of(tmp_path: Path) -> None:
    """With columns for each side, a side without a filled cell is no hip."""
    header = "Nr;Datum;Spalt re;Spalt li;HO re;HO li"
    table = _rows(
        tmp_path, "1;02.03.2026;8;;ja;nein", "2;02.03.2026;;9,5;;ja", "3;02.03.2026;;;;",
        "4;02.03.2026;-1;;ja;je", header=header,
    )  # fmt: skip
    outcome = imported(table, _per_study())
    found = [
        [
            (hip.side.value, hip.gap and hip.gap.mm, hip.presence, hip.bridging)
            for hip in e.record.hips
        ]
        for e in outcome.records
    ]
    assert found == [
        [("right", 8.0, "present", "none"), ("left", None, "absent", "none")],
        [("left", 9.5, "present", "none")],
    ]
    assert [(fault.path, fault.problem) for fault in outcome.faults] == [
        ("row 4", "says nothing of either hip"),
        ("row 5, column Spalt re (right gap.mm)", "is less than 0"),
        ("row 5, column HO li (left presence)", '"je" is neither mapped nor a word of the record'),
    ]


def test_a_study_in_two_rows_is_refused(tmp_path: Path) -> None:
    """With one row a study, every row has an id of its own, even beside another."""
    header = "Nr;Datum;Spalt re;Spalt li;HO re;HO li"
    table = _rows(tmp_path, "1;02.03.2026;8;;;", "1;02.03.2026;;9;;", header=header)
    remedy = "give each study one row with a value of its own"
    assert (
        Fault("row 2, column Nr (id)", "is used again for other rows", remedy)
        in imported(table, _per_study()).faults
    )


def test_an_id_is_composed_of_several_columns(tmp_path: Path) -> None:
    """A table without a number for the study has one by patient and day; an empty part is none."""
    table = _rows(
        tmp_path, "7;02.03.2026;re;", "7;03.03.2026;re;", ";04.03.2026;re;", "-;04.03.2026;re;"
    )
    mapping = mapped('[composed]\nid = "{Nr}-{Datum}"', table='missing = ["-"]')
    mapping = mapping.replace('id = "Nr"\n', "")
    outcome = imported(table, mapping)
    assert [each.id for each in outcome.records] == ["7-02.03.2026", "7-03.03.2026"]
    assert [fault.path for fault in outcome.faults] == [
        "row 4, column Nr + Datum (id)",
        "row 5, column Nr + Datum (id)",
    ]


def test_without_an_id_the_study_says_which_rows_go_together(tmp_path: Path) -> None:
    """The Study Instance UID stands for an id that the table does not have."""
    table = _rows(tmp_path, "2.25.9;02.03.2026;re;", "2.25.9;02.03.2026;li;")
    outcome = imported(table, mapped().replace('id = "Nr"', '"study.study_instance_uid" = "Nr"'))
    assert [(each.id, each.record.study_instance_uid) for each in outcome.records] == [
        ("2.25.9", "2.25.9")
    ]


def test_what_belongs_to_a_length_waits_for_one(tmp_path: Path) -> None:
    """A plane or an uncertainty that is the same everywhere says nothing of a hip without a gap."""
    more = '[assumed]\n"gap.uncertainty_mm" = 1\n"gap.plane" = "detector"'
    table = _rows(tmp_path, "1;02.03.2026;re;8", "2;02.03.2026;re;")
    outcome = imported(table, mapped(more, columns=_GAP))
    assert [each.record.hips[0].gap for each in outcome.records] == [
        Length(mm=8.0, plane=Plane.DETECTOR, uncertainty_mm=1.0),
        None,
    ]
    assert {name: a["times"] for name, a in outcome.report.assumed.items()} == {
        "gap.uncertainty_mm": 1,
        "gap.plane": 1,
    }


def test_an_assumption_fills_empty_cells_only(tmp_path: Path) -> None:
    """Where a column is mapped too, the assumption stands for its empty cells, and is counted."""
    more = '[values.bridging]\n"nein" = "none"\n"ja" = "confirmed"\n[assumed]\nbridging = "none"'
    table = _rows(tmp_path, "1;02.03.2026;re;ja", "2;02.03.2026;re;", header="Nr;Datum;Seite;Br")
    outcome = imported(table, mapped(columns='bridging = "Br"') + more)
    assert [each.record.hips[0].bridging for each in outcome.records] == ["confirmed", "none"]
    assert outcome.report.assumed == {"bridging": {"value": "none", "times": 1}}


def test_a_shared_assumption_gives_way_to_any_row_of_the_record(tmp_path: Path) -> None:
    """What one row of a record says of the whole holds for the other, before any assumption."""
    table = _rows(
        tmp_path, "1;02.03.2026;re;A", "1;;li;", "2;02.03.2026;re;", header="Nr;Datum;Seite;Wer"
    )
    more = '[assumed]\n"observer.organization" = "B"'
    outcome = imported(table, mapped(more, columns='"observer.organization" = "Wer"'))
    assert [each.record.observer.organization for each in outcome.records] == ["A", "B"]  # type: ignore[union-attr]


def test_a_contradiction_is_found_by_the_columns_of_the_table(tmp_path: Path) -> None:
    """What no report could say is refused here, not only when the report is made."""
    text = mapped(columns=_GAP).replace("[constants]", '[constants]\npresence = "absent"')
    mapping = parse_mapping(text)
    table = _rows(tmp_path, "1;02.03.2026;re;8")
    (refusal,) = read_entries(table, mapping, Survey(mapping), judge=grade_record)
    assert isinstance(refusal, Refusal)
    assert [(fault.path, fault.rule) for fault in refusal.faults] == [
        ("row 2, [constants] presence", "E01")
    ]


def test_a_name_that_cannot_be_one_is_refused(tmp_path: Path) -> None:
    """Whoever makes folders of the records may say which names there cannot be."""
    mapping = parse_mapping(mapped())
    table = _rows(tmp_path, "a/b;02.03.2026;re;")
    entries = read_entries(
        table,
        mapping,
        Survey(mapping),
        name_problem=lambda name: "has a slash" if "/" in name else None,
    )
    (refusal,) = entries
    assert isinstance(refusal, Refusal)
    assert refusal.faults == (
        Fault("row 2, column Nr (id)", "has a slash", "map another column to id, or compose one"),
    )


_LANGUAGES = (
    ("Dossier;C\u00f4t\u00e9;Pr\u00e9sence;\u00c9cart (mm);Relev\u00e9", "gauche;pr\u00e9sente;9,5",
     {"side": ("C\u00f4t\u00e9", "gauche", "left"), "presence": ("Pr\u00e9sence", "pr\u00e9sente", "present")},
     "\u00c9cart (mm)", "Relev\u00e9"),
    ("Cartella;Lato;Ossificazione;Distanza \u00e8;Refert\u00f2", "sinistro;s\u00ec;9,5",
     {"side": ("Lato", "sinistro", "left"), "presence": ("Ossificazione", "s\u00ec", "present")},
     "Distanza \u00e8", "Refert\u00f2"),
    ("Fall;Seite;Verkn\u00f6cherung;Lichte H\u00f6he;R\u00f6-Datum", "lks.;j\u00e4;9,5",
     {"side": ("Seite", "lks.", "left"), "presence": ("Verkn\u00f6cherung", "j\u00e4", "present")},
     "Lichte H\u00f6he", "R\u00f6-Datum"),
)  # fmt: skip


@pytest.mark.parametrize(("header", "row", "words", "gap", "date"), _LANGUAGES)
def test_columns_and_words_are_of_any_language(
    tmp_path: Path,
    header: str,
    row: str,
    words: dict[str, tuple[str, str, str]],
    gap: str,
    date: str,
) -> None:
    """French, Italian and German headers with accents are read as they stand."""
    columns = "".join(f'{name} = "{column}"\n' for name, (column, _, _) in words.items())
    values = "".join(f'[values.{name}]\n"{w}" = "{m}"\n' for name, (_, w, m) in words.items())
    mapping = f"""
[table]
encoding = "cp1252"
delimiter = ";"
decimal = ","
dates = "%d.%m.%Y"
timezone = "Europe/Rome"
time = "12:00"
[columns]
id = "{header.partition(";")[0]}"
graded_at = "{date}"
"gap.mm" = "{gap}"
{columns}
{values}
[constants]
"observer.type" = "person"
"observer.name" = "Rossi^Maria"
"""
    table = write_table(tmp_path, f"{header}\n1;{row};02.03.2026\n", "cp1252")
    (entry,) = imported(table, mapping).records
    hip = entry.record.hips[0]
    assert (hip.side, hip.presence, hip.gap) == ("left", "present", Length(mm=9.5))


_CELLS = {
    "study.patient_id": st.sampled_from(["", "P1", "P 2"]),
    "side": st.sampled_from(["right", "left", "both", ""]),
    "presence": st.sampled_from(["", "present", "absent", "ja"]),
    "spurs.pelvis": st.sampled_from(["", "true", "FALSE", "1"]),
    "gap.mm": st.sampled_from(["", "8", "9.50", "-1", "1e1"]),
    "gap.category": st.sampled_from(["", "<10mm", ">1"]),
    "islands.0.length.mm": st.sampled_from(["", "4", "0"]),
    "grades.brooker": st.sampled_from(["", "III", "3", "3.0", "II-III", "V"]),
    "probabilities.brooker.I": st.sampled_from(["", "1", "0.5"]),
    "context.causes": st.sampled_from(["", "burn|unknown", "burn", "burn|burn"]),
    "context.index_event.procedure": st.sampled_from(["", "trauma"]),
    "context.index_event.date": st.sampled_from(["", "2025-09-01"]),
    "gap.points": st.sampled_from(["", "[[1, 2], [3, 4]]", "x"]),
    "frame": st.sampled_from(["", "2", "2.0"]),
    "comment": st.text(max_size=12),
    "images": st.sampled_from(["", "a.dcm", "a.dcm|b"]),
}
_FIXED = {
    "graded_at": "2026-03-02T10:15:00+01:00",
    "observer.type": "person",
    "observer.name": "Rossi^Maria",
}


def _identity(columns: list[str]) -> str:
    names = "".join(f"{name!r} = {name!r}\n".replace("'", '"') for name in columns)
    return f'[table]\nencoding = "utf-8"\ndelimiter = ","\n[columns]\n{names}'


def _shape(outcome: Record | RecordRefused) -> object:
    """A record, or the places of its faults."""
    if not isinstance(outcome, RecordRefused):
        return outcome
    return sorted(fault.path for fault in outcome.faults)


def _place(fault: Fault) -> str:
    """The place of a fault as a table of hosr's own calls it."""
    row, _, rest = fault.path.partition(", ")
    name = rest.partition(" (")[2].removesuffix(")") or rest
    return f"{row}, column {name.removeprefix('column ')}"


@drawn(unchecked=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.lists(st.fixed_dictionaries(_CELLS), min_size=1, max_size=2), min_size=1, max_size=2
    )
)
def test_the_identity_mapping_is_the_door_of_tables(
    tmp_path: Path, records: list[list[dict[str, str]]]
) -> None:
    """A table in hosr's own words gives the same records and faults by either way."""
    path = tmp_path / "table.csv"
    columns = ["id", *_FIXED, *_CELLS]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        for name, rows in enumerate(records):
            writer.writerows({"id": name, **_FIXED, **cells} for cells in rows)
    mapping = parse_mapping(_identity(columns))
    ours = [
        (e.id, e.rows, e.images, e.record) if isinstance(e, Imported)
        else (e.rows, sorted(map(_place, e.faults)))
        for e in read_entries(path, mapping, Survey(mapping))
    ]  # fmt: skip
    theirs = [
        (e.rows, _shape(e.outcome)) if isinstance(e.outcome, RecordRefused)
        else (e.id, e.rows, e.images, e.outcome)
        for e in examine_table(path)
    ]  # fmt: skip
    assert ours == theirs
