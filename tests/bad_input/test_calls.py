"""Calls that cannot be: a path that is not what it should be, an option that does not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.command import Ran, hosr, write_record
from tests.images import dicom_bytes, film, write_film
from tests.intake.dicom_files import item
from tests.privileges import unprivileged

if TYPE_CHECKING:
    from pathlib import Path

_GIB = 1 << 30
_WORDS = {2: "cannot be done as asked", 3: "record refused", 4: "images refused"}
_FOREIGN_REPORT: dict[str, Any] = {
    "SOPClassUID": "1.2.840.10008.5.1.4.1.1.88.33",
    "Modality": "SR",
    "Manufacturer": "Acme",
    "ConceptNameCodeSequence": [
        item(CodeValue="126000", CodingSchemeDesignator="DCM", CodeMeaning="Imaging Report")
    ],
}

# The call: the exit code, and the faults.
WRONG_CALLS: dict[str, tuple[int, list[str]]] = {
    "report none.json --images film.dcm --out out": (
        3,
        ["  none.json: does not exist; check the path"],
    ),
    "report . --images film.dcm --out out": (3, ["  .: is a folder; name the file in it"]),
    "report film.dcm --images film.dcm --out out": (
        3,
        ["  film.dcm: is a DICOM file, not a record; give a grading record as JSON"],
    ),
    "report paper.pdf --images film.dcm --out out": (
        3,
        ["  paper.pdf: is a PDF file, not a record; give a grading record as JSON"],
    ),
    "report empty.json --images film.dcm --out out": (
        3,
        ["  empty.json: is empty; give a grading record as JSON"],
    ),
    "report cut.json --images film.dcm --out out": (
        3,
        [
            "  cut.json: is not JSON (line 1, column 100: unterminated string starting at); give a grading record as JSON"
        ],
    ),
    "report latin.json --images film.dcm --out out": (
        3,
        ["  latin.json: is not UTF-8 text; save it as UTF-8"],
    ),
    "report deep.json --images film.dcm --out out": (
        3,
        ["  deep.json: is nested too deeply; give a grading record as the schema has it"],
    ),
    "report huge.json --images film.dcm --out out": (
        3,
        ["  huge.json: is larger than 16 MiB; a record holds one study; split it"],
    ),
    "report twice.json --images film.dcm --out out": (
        3,
        ["  $.hips[0].side: is given more than once; keep one of them"],
    ),
    "report table.csv --images film.dcm --out out": (
        3,
        [
            "  row 2, column gap.mm: is not a number with a decimal point; write 9.5",
            '  row 2, column graded_at: is missing; add "graded_at": "2026-03-02T10:15:00+01:00"',
            '  row 2, column observer: is missing; add "observer": {"type": "person", "name": "Rossi^Maria"}',
        ],
    ),
    "report record.json --images none --out out": (4, ["  none: there is no such file or folder"]),
    "report record.json --images record.json --out out": (
        4,
        [
            "  record.json: is not a DICOM file; give DICOM files, a folder, a DICOMDIR or a ZIP archive of them"
        ],
    ),
    "report record.json --images none record.json --out out": (
        4,
        [
            "  none: there is no such file or folder",
            "  record.json: is not a DICOM file; give DICOM files, a folder, a DICOMDIR or a ZIP archive of them",
        ],
    ),
    "report record.json --images film.dcm --out record.json": (
        2,
        ["  record.json: is not a folder; choose another folder; nothing was written"],
    ),
    "report record.json --images film.dcm --out record.json/out": (
        2,
        [
            "  record.json/out: cannot be written (Not a directory); choose another folder; nothing was written"
        ],
    ),
    "report record.json --images film.dcm --out out --make doc,measurement,x": (
        2,
        [
            "  --make: doc, x cannot be made; name some of measurement, narrative, text, html, pdf, encapsulated, overlay, keyobjects, pictures, captures, hl7, fhir, fhir-r5"
        ],
    ),
    "report record.json --images film.dcm --out out --make ,": (
        2,
        [
            "  --make: nothing cannot be made; name some of measurement, narrative, text, html, pdf, encapsulated, overlay, keyobjects, pictures, captures, hl7, fhir, fhir-r5"
        ],
    ),
    "report record.json --images film.dcm --out out --assume-charset EBCDIC": (
        2,
        [
            "  --assume-charset: this is not a character set of DICOM; name a defined term of PS3.3 section C.12.1.1.2, such as ISO_IR 100"
        ],
    ),
    "grade none.json": (3, ["  none.json: does not exist; check the path"]),
    "show none.dcm": (
        4,
        ["  none.dcm: cannot be read (No such file or directory); check the path"],
    ),
    "show .": (4, ["  .: cannot be read (Is a directory); check the path"]),
    "show record.json": (4, ["  record.json: is not a DICOM file"]),
    "show film.dcm": (
        4,
        [
            "  film.dcm: is not a structured report (modality DX); give measurement.dcm or narrative.dcm"
        ],
    ),
    "show foreign.dcm": (
        4,
        [
            "  foreign.dcm: is a structured report of another maker (Acme); hosr reads back only what it wrote"
        ],
    ),
    "show damaged.dcm": (
        4,
        [
            "  damaged.dcm: is not a structured report (modality unreadable); give measurement.dcm or narrative.dcm"
        ],
    ),
    "read foreign.dcm": (
        4,
        [
            "  foreign.dcm: is a structured report of another maker (Acme); hosr reads back only what it wrote"
        ],
    ),
    "read huge.json": (4, ["  huge.json: is larger than any report; give a report of hosr"]),
}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder one works in, with files that are right and files that are not."""
    write_film(tmp_path / "film.dcm")
    write_record(tmp_path / "record.json")
    text = (tmp_path / "record.json").read_text()
    (tmp_path / "paper.pdf").write_bytes(b"%PDF-1.7\n")
    (tmp_path / "empty.json").write_bytes(b"")
    (tmp_path / "cut.json").write_text(text[:100])
    (tmp_path / "latin.json").write_bytes(text.replace("Rossi", "Roßi").encode("latin-1"))
    (tmp_path / "deep.json").write_text("[" * 100_000)
    (tmp_path / "twice.json").write_text(text.replace('"side"', '"side": "left", "side"'))
    (tmp_path / "table.csv").write_text("id;side;gap.mm\n1;right;9,5\n")
    with (tmp_path / "huge.json").open("wb") as file:
        file.truncate(2 * _GIB)
    swallowed = {**_FOREIGN_REPORT, "Modality": "SR P-4711 19500102 A-17"}
    (tmp_path / "damaged.dcm").write_bytes(dicom_bytes(film(**swallowed)))
    (tmp_path / "foreign.dcm").write_bytes(dicom_bytes(film(**_FOREIGN_REPORT)))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("call", WRONG_CALLS)
def test_a_wrong_call_leaves_its_fault_and_nothing_else(call: str, desk: Path) -> None:
    """What is not what it should be is named in one line, and no file is made or changed."""
    code, faults = WRONG_CALLS[call]
    before = set(desk.iterdir())
    ran = hosr(*call.split())
    words = "document refused" if call.startswith(("show", "read")) else _WORDS[code]
    assert ran == Ran(code=code, err="".join(f"{line}\n" for line in (f"hosr: {words}", *faults)))
    assert ran.is_safe_to_read
    assert set(desk.iterdir()) == before


def test_what_one_may_not_read_is_refused(desk: Path) -> None:
    """Files without the right to read them are named, all at once, and nothing of them told."""
    call = ("check", "record.json", "--images", "film.dcm")
    assert hosr(*call).code == 0
    for path in desk.iterdir():
        path.chmod(0)
    with unprivileged(desk / "film.dcm"):
        ran, shown = hosr(*call), hosr("show", "foreign.dcm")
    assert ran == Ran(
        code=3,
        out=(
            "record.json: cannot be read; check the path and its permissions\n"
            "film.dcm: cannot be read; check the file and the right to read it\n"
        ),
    )
    assert shown == Ran(
        code=4,
        err=(
            "hosr: document refused\n"
            "  foreign.dcm: cannot be read (Permission denied); check the path\n"
        ),
    )
