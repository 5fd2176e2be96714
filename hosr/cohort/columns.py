"""The columns of a cohort: one row for each hip, study, reader and reading."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

Cell: TypeAlias = str | int | float | bool | None
Row: TypeAlias = dict[str, Any]

# Columns that a table of covariates adds and that hosr gives no meaning to.
EXTRA_PREFIX = "x_"


class Kind(StrEnum):
    """What the cells of a column hold."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `identifies` where its cells can tell who was imaged or who graded."""

    name: str
    kind: Kind
    meaning: str
    identifies: bool = False


_T, _I, _N, _B = Kind.TEXT, Kind.INTEGER, Kind.NUMBER, Kind.BOOLEAN

COLUMNS: tuple[Column, ...] = (
    Column("subject_id", _T, "patient ID with its issuer", identifies=True),
    Column("hip_side", _T, "right or left"),
    Column("study_id", _T, "Study Instance UID, or the id in a table of records", identifies=True),
    Column("study_date", _T, "date of the study, ISO 8601", identifies=True),
    Column("study_day", _I, "days since the subject's first study in the cohort"),
    Column("time_point", _T, "follow-up label, else the window that the study lies in, else visit"),
    Column("modality", _T, "modalities of the images that the report speaks of"),
    Column("view", _T, "on what the hip was graded"),
    Column("n_views", _I, "images that the report speaks of"),
    Column("index_event", _T, "operation or injury of this hip from which time is counted"),
    Column("index_date", _T, "its date, ISO 8601", identifies=True),
    Column("days_since_index", _I, "days from the index event to the study"),
    Column("follow_up_label", _T, "time point as a covariate gives it"),
    Column("procedure", _T, "operation: a covariate, else the index event where it is one"),
    Column("approach", _T, "surgical approach (covariate)"),
    Column("implant_head_mm", _N, "diameter of the implant head in mm (covariate)"),
    Column("prophylaxis", _T, "prophylaxis of ossification (covariate)"),
    Column("prior_ho", _B, "ossification before the index event (covariate)"),
    Column(
        "baseline_postop_grade",
        _T,
        "Brooker by the same reader in the first study 0 to 30 days after the index event",
    ),
    Column("evaluable", _B, "whether the hip can be evaluated"),
    Column("reason", _T, "why it cannot, in the reader's words", identifies=True),
    Column("presence", _T, "present, absent or indeterminate"),
    Column("island_count", _I, "islands of bone"),
    Column("largest_island_mm", _N, "longest island that has a length, in mm"),
    Column("spur_pelvis", _B, "spur from the pelvis"),
    Column("spur_femur", _B, "spur from the femur"),
    Column("gap_mm", _N, "least gap between opposing bone surfaces, in mm"),
    Column("gap_u_mm", _N, "its uncertainty, half of a 95 % interval, in mm"),
    Column("gap_category", _T, "gap against 1 cm where that was stated"),
    Column("gap_plane", _T, "where the gap holds: patient, detector or unknown"),
    Column("bridging", _T, "none, apparent or confirmed"),
    Column("stage", _T, "stage of the ossification"),
    Column("features", _T, "imaging features, parted by |"),
    Column("calibration_label", _T, "how the gap, or else the longest island, came to millimetres"),
    Column("brooker_source", _T, "Brooker as the reader gave it; II|III where a range"),
    Column("brooker_derived", _T, "Brooker by the findings; II|III where they leave it open"),
    Column("brooker", _T, "Brooker that the report states, where it is one grade"),
    Column("della_valle_source", _T, "Della Valle as the reader gave it"),
    Column("della_valle_derived", _T, "Della Valle by the findings"),
    Column("della_valle", _T, "Della Valle that the report states, where it is one grade"),
    Column("p_brooker_0", _N, "the model's probability of Brooker 0"),
    Column("p_brooker_I", _N, "the model's probability of Brooker I"),
    Column("p_brooker_II", _N, "the model's probability of Brooker II"),
    Column("p_brooker_III", _N, "the model's probability of Brooker III"),
    Column("p_brooker_IV", _N, "the model's probability of Brooker IV"),
    Column("flags", _T, "what qualifies the grades, parted by |"),
    Column("reader_id", _T, "name of the person, or name and version of the model", True),
    Column("reader_type", _T, "person or algorithm"),
    Column("reader_version", _T, "version of the model"),
    Column("read_no", _I, "1, 2, ... where one reader graded the same hip of a study again"),
    Column("blinded", _B, "whether the reader was blinded (covariate)"),
    Column("graded_at", _T, "when it was graded, ISO 8601", identifies=True),
    Column("image_sop_uids", _T, "SOP Instance UIDs of those images, parted by |", True),
    Column("sr_sop_instance_uid", _T, "SOP Instance UID of the report", identifies=True),
)


def empty_row() -> Row:
    """A row with every column and nothing in it."""
    return dict.fromkeys(column.name for column in COLUMNS)


def all_columns(rows: Iterable[Row]) -> tuple[Column, ...]:
    """The columns of these rows: those of every cohort, then what covariates added, by name."""
    known = {column.name for column in COLUMNS}
    extra = sorted({name for row in rows for name in row if name not in known})
    return (*COLUMNS, *(Column(name, Kind.TEXT, "covariate of the user") for name in extra))
