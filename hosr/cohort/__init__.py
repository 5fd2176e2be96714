"""Many reports as a table: rows, agreement, incidence, progression.

reports | archive | table -> documents -> readings -> rows -> CSV, Parquet, Arrow
-> statistics -> JSON, page
"""

from hosr.cohort.columns import COLUMNS, Column, Kind, Row
from hosr.cohort.pseudonyms import Pseudonyms, make_pseudonyms, pseudonymise
from hosr.cohort.readings import HipReading, read_report
from hosr.cohort.rows import CohortRows, make_rows
from hosr.cohort.tables import arrow_bytes, csv_bytes, parquet_bytes, read_csv

__all__ = [
    "COLUMNS",
    "CohortRows",
    "Column",
    "HipReading",
    "Kind",
    "Pseudonyms",
    "Row",
    "arrow_bytes",
    "csv_bytes",
    "make_pseudonyms",
    "make_rows",
    "parquet_bytes",
    "pseudonymise",
    "read_csv",
    "read_report",
]
