"""The table of a registry, with its own columns and language, as grading records.

mapping        what each name of a record is read from, as `hosr describe mapping` shows it
mapping_file   such a file, or everything that is wrong with it; table_form: its section [table]
cells          one cell as the value that the record holds, with what was done to it
hips           the cells of a row, or of several, as hips
entries        the table as records, one after another
import_report  what was met on the way: counts, and the words of coded columns alone
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
