"""The columns of a cohort, one row for each hip, study, reader and reading; and its time points.

A time point is a window of days from the index event. The times of follow-up are those that studies
use: 6 weeks, 3 and 6 months, 1, 2, 3, 5 and 10 years (3 months, 1, 3, 5 and 10 years: doi
10.1186/s13018-022-02959-z; 6 months: PMC4182406). The windows are hosr's own: each begins and ends
half-way to the neighbouring time, and the first 30 days are the baseline.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any, TypeAlias

from hosr.errors import Fault, UsageError

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
    Column("gap_plane", _T, "where the gap holds: patient, detector, unknown or unstated"),
    Column("bridging", _T, "none, apparent or confirmed"),
    Column("bridging_basis", _T, "by what bridging was confirmed"),
    Column("stage", _T, "stage of the ossification"),
    Column("ho_site", _T, "where about the hip it lies, parted by |"),
    Column("mass_largest_mm", _N, "largest diameter of a soft-tissue mass, as given"),
    Column("mass_contrast", _T, "what contrast medium showed of the mass"),
    Column("hardware_nearby", _B, "orthopaedic hardware nearby"),
    Column("features", _T, "imaging features, parted by |"),
    Column("calibration_label", _T, "how the gap, or else the longest island, came to millimetres"),
    Column("brooker_source", _T, "Brooker as the reader gave it; II|III where a range"),
    Column("brooker_derived", _T, "Brooker by the findings alone, where they give one"),
    Column("brooker_possible", _T, "Brooker that is possible; II|III where it is open"),
    Column("brooker", _T, "Brooker that the report states, where it is one grade"),
    Column("della_valle_source", _T, "Della Valle as the reader gave it"),
    Column("della_valle_derived", _T, "Della Valle by the findings alone, where they give one"),
    Column("della_valle_possible", _T, "Della Valle that is possible; B|C where it is open"),
    Column("della_valle", _T, "Della Valle that the report states, where it is one grade"),
    Column(
        "della_valle_by_brooker",
        _T,
        "Della Valle that the Brooker grade alone leaves, by the definitions: not graded; A|B for I",
    ),
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


_PREOPERATIVE = "preoperative"
OUTSIDE = "outside the windows"

_OPTION = "--time-points"
_FORM = "write them as 3mo=60-120,1y=300-420, in days from the index event"
_ENTRY = re.compile(r"\s*([^=,]+?)\s*=\s*(-?\d{1,6})\s*-\s*(-?\d{1,6})\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Window:
    """A time point and the days from the index event that belong to it, both included."""

    name: str
    first_day: int
    last_day: int


DEFAULT_WINDOWS = (
    Window("postoperative", 0, 30),
    Window("6 weeks", 31, 66),
    Window("3 months", 67, 136),
    Window("6 months", 137, 273),
    Window("1 year", 274, 547),
    Window("2 years", 548, 912),
    Window("3 years", 913, 1460),
    Window("5 years", 1461, 2739),
    Window("10 years", 2740, 4565),
)


def time_point(days: int, windows: Sequence[Window]) -> str:
    """The name of the window that a day lies in; else that it is before the event, or outside."""
    for window in windows:
        if window.first_day <= days <= window.last_day:
            return window.name
    return _PREOPERATIVE if days < 0 else OUTSIDE


def parse_windows(text: str) -> tuple[Window, ...]:
    """The windows that an option names.

    Raises UsageError with every one that is malformed, is there twice, or overlaps another.
    """
    faults = []
    windows = []
    for entry in text.split(","):
        found = _ENTRY.fullmatch(entry)
        if found is None or not found[1].isprintable():
            faults.append(Fault(_OPTION, f"{entry.strip()!r} is no window", _FORM))
        elif int(found[2]) > int(found[3]):
            faults.append(Fault(_OPTION, f"{found[1]} ends before it begins", "swap the days"))
        else:
            windows.append(Window(found[1], int(found[2]), int(found[3])))
    times = Counter(window.name for window in windows)
    repeated = [name for name, count in times.items() if count > 1]
    faults += [Fault(_OPTION, f"{name} is there twice", "keep one of them") for name in repeated]
    in_order = sorted(windows, key=lambda window: (window.first_day, window.last_day))
    for before, after in pairwise(in_order):
        if after.first_day <= before.last_day:
            problem = f"{before.name} and {after.name} overlap"
            faults.append(Fault(_OPTION, problem, "let each day belong to one of them"))
    if faults:
        raise UsageError(faults)
    return tuple(in_order)
