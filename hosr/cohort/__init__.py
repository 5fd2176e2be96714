"""Many reports as a table: rows, agreement, incidence, progression.

sources       a folder, an archive or a table of records, as documents
  readings    what one reader said of one hip in one study
    rows      one row a reading: who is one subject, and where in the course it stands
      covariates, pseudonyms   what a registry adds, and what must not be told
        disclosure   which columns of it name a person
      cohort     all of that in one call; for Python as an Arrow table
      tables     CSV, Parquet, Arrow
      analysis   every statistic of the rows, as one value and as JSON
        statistics/   what is counted and estimated
        page/         the same as one HTML page, with its drawings
columns names the columns of a row and the time points.
"""

from hosr.cohort.columns import COLUMNS, Column, Kind, Row
from hosr.cohort.pseudonyms import Pseudonyms, make_pseudonyms, pseudonymise
from hosr.cohort.readings import HipReading, read_report
from hosr.cohort.rows import CohortRows, make_rows
from hosr.cohort.tables import arrow_bytes, csv_bytes, parquet_bytes

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
    "read_report",
]
