r"""The table of a registry, with its own columns and language, as grading records.

A mapping file (TOML, UTF-8) says what each column is; nothing is guessed, and what the file
leaves open is a fault. Its names are the dotted names of a record (`hosr describe schema`), as in
a table of hosr's own. Texts of the table are compared exactly, apart from blanks around them and
how accents are composed. What is not needed is left out:

    [table]
    encoding = "cp1252"         # of a CSV, always named: "utf-8", "cp1252", "latin-1", ...
    delimiter = ";"             # of a CSV, always named: one character; a tab is "\t"
    skip = 0                    # lines above the header, such as a title; a first line "sep=;",
                                # as Excel writes it, is none of them and must name the delimiter
    skip_below = 0              # rows below the header that are no data, such as units or labels
    sheet = "Hips"              # of an XLSX workbook; default: the first
    decimal = ","               # "." (default) or ","; digits are never grouped
    dates = "%d.%m.%Y"          # one form or a list, of %d %m %Y %H %M %S %f %z; default ISO 8601
    timezone = "Europe/Berlin"  # for moments without an offset from UTC
    time = "12:00"              # for moments without a time of day; reported as an assumption, and
                                # before that time of today no grading of today is taken
    layout = "row per hip"      # default; or "row per study", with columns for each side
    images = "."                # the folder that image paths start from, seen from the table
    missing = ["-", "k.A."]     # texts that mean an empty cell, in every column
    ignored = ["Bemerkung"]     # columns that are left out knowingly; others are reported

    [columns]                   # a name of the record = the column that it is read from
    id = "Aufnahme"             # which rows are one record (else the study UID says it);
    side = "Seite"              # they stand together
    graded_at = "Datum"
    "gap.mm" = "Abstand"
    "grades.brooker" = "Brooker"
    "context.symptoms" = "Klagen"

    # [columns.right]           # what belongs to a hip, by side, with layout = "row per study";
    # "gap.mm" = "Abstand re"   # a side without a filled cell is left out
    # [columns.left]
    # "gap.mm" = "Abstand li"

    [composed]                  # a name = columns in braces; empty where one of them is
    images = "{PatNr}/{Aufnahme}"

    [checkboxes]                # a list of which each word has a column of its own, checked by 1,
    "context.causes" = { "Ursache___1" = "postoperative", "Ursache___2" = "burn" }    # Checked,
                                # true, yes or x, and not by 0, Unchecked, false or no

    [readings.AR.columns]       # several readings in one row, by other readers, at other times or
    "grades.brooker" = "AR"     # again: each is a record of its own, where one of its columns is
    [readings.AR.constants]     # filled, with the id "17-AR" in a row 17. It may have composed and
    "observer.name" = "Rossi^Anna"    # checkboxes, too; what else the mapping says holds for all

    [only]                      # rows that are read, by the texts of a column of the table; others
    "Ereignis" = ["Kontrolle"]  # are left out, and counted

    [values]                    # what words mean; one that is neither here nor a word of the
    side = { "re" = "right", "li" = "left", "bds" = "both" }    # record is a fault. A row of "both"
                                # is two hips that are alike
    "context.symptoms" = { "Schmerz" = "pain" }

    [units]                     # of lengths: "mm" (default), "cm", "m" or "in"; a cell that
    "gap.mm" = "cm"             # names another unit is a fault, as is a column such as "gap_cm" without
                                # a word here

    [dates]                     # other forms of dates under one name
    graded_at = "%d.%m.%Y %H:%M"

    [lists]                     # what parts the words of a list; default "|"
    "context.symptoms" = ","

    [missing]                   # texts that mean an empty cell under one name, beside the above
    "grades.brooker" = ["9"]

    [constants]                 # what is the same for all rows and stands in no column
    "observer.type" = "person"
    "observer.name" = "Rossi^Maria"

    [assumed]                   # what the table does not say; where a column is mapped too, for
    bridging = "none"           # its empty cells. Every use is counted and reported
"""

from hosr.intake.registry.entries import Imported, read_entries
from hosr.intake.registry.import_report import (
    ColumnReport,
    ImportReport,
    Refusal,
    Survey,
    ValueReport,
)
from hosr.intake.registry.mapping import Mapping
from hosr.intake.registry.mapping_file import parse_mapping, read_mapping

__all__ = [
    "ColumnReport",
    "ImportReport",
    "Imported",
    "Mapping",
    "Refusal",
    "Survey",
    "ValueReport",
    "parse_mapping",
    "read_entries",
    "read_mapping",
]
