"""Tables of other programs, known by how their files begin, and how they are saved for hosr.

Magic numbers: OLE compound files [MS-CFB] 2.2, Stata `help dta`, SPSS system files by the manual of
PSPP, SAS7BDAT by its reverse-engineered description, OpenDocument 1.3 part 2 section 3.3, Arrow's
IPC format, SQLite's file format.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import BinaryIO

from hosr.errors import Fault, RecordRefused

_SHEETS = "open it in a spreadsheet program and save it as XLSX or CSV"

_BEGINNINGS: tuple[tuple[re.Pattern[bytes], str, str], ...] = (
    (
        re.compile(rb"PK\x03\x04.{26}mimetypeapplication/vnd\.oasis\.opendocument\.sp", re.DOTALL),
        "an OpenDocument spreadsheet (.ods)",
        _SHEETS,
    ),
    (
        re.compile(rb"\$FL[23]"),
        "a data file of SPSS (.sav)",
        "save it in SPSS as CSV or XLSX, or by pandas.read_spss as Parquet",
    ),
    (
        # Releases 102 to 115: a number, the order of bytes, the type of file 1, and nothing.
        re.compile(rb"<stata_dta>|[\x66-\x73][\x01\x02]\x01\x00"),
        "a data file of Stata (.dta)",
        "save it in Stata by `export delimited` as CSV, or by pandas.read_stata as Parquet",
    ),
    (
        re.compile(rb"\x00{12}\xc2\xea\x81\x60|HEADER RECORD\*{7}LIB"),
        "a data file of SAS (.sas7bdat or .xpt)",
        "save it in SAS by PROC EXPORT as CSV, or by pandas.read_sas as Parquet",
    ),
    (
        re.compile(rb"\x1f\x8b|RD[AX][23]\n"),
        "compressed by gzip, as files of R are (.rds, .RData), or one of R",
        "unpack it; from R, save it by write.csv",
    ),
    (
        re.compile(rb"ARROW1|FEA1"),
        "an Arrow or Feather file",
        "save it as Parquet: pandas.read_feather and to_parquet",
    ),
    (
        re.compile(rb"SQLite format 3\x00|\x00\x01\x00\x00Standard (?:Jet|ACE) DB"),
        "a database (SQLite or Access)",
        "export the one table from it as CSV",
    ),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DIRECTORY_BYTES = 4096
_OLD_OFFICE = ("a file of old office programs, as .xls is", _SHEETS)
_OLE_KINDS = (
    (
        "EncryptedPackage",
        "an office file under a password",
        "save it without the password, as XLSX or CSV",
    ),
    ("Workbook", "a workbook of old Excel (.xls)", _SHEETS),
    ("Book", "a workbook of old Excel (.xls)", _SHEETS),
)
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|table|\?xml)", re.IGNORECASE)
_PAGE = ("a web page or XML, which some programs name .xls", _SHEETS)


def refuse_foreign(file: BinaryIO, name: str, *, of_tables: bool = True) -> None:
    """Refuse the table of another program, in words that say what it is and how to save it.

    Pages of the web are tables of others only where one of hosr's own is looked for (`of_tables`).
    The file can be searched, and stands at its begin before and after. Raises `RecordRefused`.
    """
    start = file.read(512)
    kind = _kind(start) or _ole_kind(file, start)
    if kind is None and of_tables and _MARKUP.match(start):
        kind = _PAGE
    file.seek(0)
    if kind is not None:
        what, remedy = kind
        raise RecordRefused(Fault(name, f"is {what}", remedy))


def refuse_foreign_path(path: Path) -> None:
    """The same for a path, of which nothing is said where it cannot be read."""
    try:
        with path.open("rb") as file:
            refuse_foreign(file, path.name, of_tables=False)
    except (OSError, ValueError):
        return


def _kind(start: bytes) -> tuple[str, str] | None:
    found = ((what, remedy) for begin, what, remedy in _BEGINNINGS if begin.match(start))
    return next(found, None)


def _ole_kind(file: BinaryIO, start: bytes) -> tuple[str, str] | None:
    """What an OLE file holds, by the names in the first sector of its directory."""
    if not start.startswith(_OLE):
        return None
    size = 1 << min(int.from_bytes(start[30:32], "little"), 12)
    file.seek(size * (int.from_bytes(start[48:52], "little") + 1))
    names = file.read(_DIRECTORY_BYTES)
    found = (
        (what, remedy)
        for name, what, remedy in _OLE_KINDS
        if f"{name}\0".encode("utf-16-le") in names
    )
    return next(found, _OLD_OFFICE)
