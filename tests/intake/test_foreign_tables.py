"""Tables of other programs: told as what they are at every door, by what they hold."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hosr.batch.manifest import Manifest
from hosr.cohort import cohort
from hosr.cohort.covariates import read_covariates
from hosr.errors import HosrError
from hosr.intake.record import parse_record
from hosr.intake.record_selection import read_records
from hosr.intake.tables.reader import read_rows

if TYPE_CHECKING:
    from collections.abc import Callable

SHEETS = "open it in a spreadsheet program and save it as XLSX or CSV"


def ole(stream: str) -> bytes:
    """An OLE file with one stream of this name in its directory, in the second sector."""
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    header[30:32] = (9).to_bytes(2, "little")
    header[48:52] = (1).to_bytes(4, "little")
    entry = f"{stream}\0".encode("utf-16-le").ljust(128, b"\0")
    return bytes(header) + bytes(512) + entry


def open_document() -> bytes:
    """A ZIP file that begins as OpenDocument wants it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<x/>")
    return file.getvalue()


FILES = {
    "registry.xls": (ole("Workbook"), f"is a workbook of old Excel (.xls); {SHEETS}"),
    "registry.xlsx": (
        ole("EncryptedPackage"),
        "is an office file under a password; save it without the password, as XLSX or CSV",
    ),
    "registry.doc": (
        ole("WordDocument"),
        f"is a file of old office programs, as .xls is; {SHEETS}",
    ),
    "registry.ods": (open_document(), f"is an OpenDocument spreadsheet (.ods); {SHEETS}"),
    "registry.sav": (
        b"$FL2@(#) SPSS DATA FILE",
        (
            "is a data file of SPSS (.sav); save it in SPSS as CSV or XLSX, or by pandas.read_spss as "
            "Parquet"
        ),
    ),
    "registry.dta": (
        b"<stata_dta><header><release>118",
        (
            "is a data file of Stata (.dta); save it in Stata by `export delimited` as CSV, or by "
            "pandas.read_stata as Parquet"
        ),
    ),
    "old.dta": (
        b"\x72\x02\x01\x00" + bytes(100),
        (
            "is a data file of Stata (.dta); save it in Stata by `export delimited` as CSV, or by "
            "pandas.read_stata as Parquet"
        ),
    ),
    "registry.sas7bdat": (
        bytes(12) + b"\xc2\xea\x81\x60" + bytes(100),
        (
            "is a data file of SAS (.sas7bdat or .xpt); save it in SAS by PROC EXPORT as CSV, or by "
            "pandas.read_sas as Parquet"
        ),
    ),
    "registry.rds": (
        b"\x1f\x8b\x08\x00",
        (
            "is compressed by gzip, as files of R are (.rds, .RData), or one of R; unpack it; from R, "
            "save it by write.csv"
        ),
    ),
    "registry.arrow": (
        b"ARROW1\0\0",
        "is an Arrow or Feather file; save it as Parquet: pandas.read_feather and to_parquet",
    ),
    "registry.db": (
        b"SQLite format 3\0",
        "is a database (SQLite or Access); export the one table from it as CSV",
    ),
}
DOORS: dict[str, Callable[[Path], object]] = {
    "grade, check and report": read_records,
    "python": parse_record,
    "bytes": lambda path: parse_record(path.read_bytes()),
    "batch": lambda path: list(Manifest(path).entries()),
    "cohort": lambda path: list(cohort.read_path(path)),
    "covariates": read_covariates,
    "any table": read_rows,
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", FILES)
def test_it_is_told_what_it_is_and_how_it_is_saved(tmp_path: Path, name: str, door: str) -> None:
    """The name says less than the content: SPSS stays SPSS when it is called CSV."""
    content, words = FILES[name]
    for called in (name, "registry.csv"):
        path = tmp_path / called
        path.write_bytes(content)
        with pytest.raises(HosrError) as refused:
            DOORS[door](path)
        (fault,) = refused.value.faults
        assert fault.path in (called, "record")
        assert f"{fault.problem}; {fault.remedy}" == words


def test_a_text_that_begins_like_one_is_read(tmp_path: Path) -> None:
    """A letter is no magic number."""
    for start in ("Book", "RD", "s1", "FEA", "$FL"):
        path = tmp_path / "table.csv"
        path.write_text(f"{start}\n1\n", encoding="utf-8")
        assert read_rows(path).header == (start,)
