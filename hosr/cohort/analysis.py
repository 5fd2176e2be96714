"""All statistics of a cohort on one page: rows in, one frozen value out, and its JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Any

from hosr.cohort.statistics.accuracy import Accuracy, judge_models
from hosr.cohort.statistics.agreement import (
    Agreement,
    SeveralReaders,
    compare_pairs,
    compare_rereadings,
    compare_several,
)
from hosr.cohort.statistics.crosswalk import DellaValleByBrooker, derive_della_valle
from hosr.cohort.statistics.estimates import LEVEL, Sampling
from hosr.cohort.statistics.gradings import (
    Grading,
    Reader,
    Reference,
    choose_reference,
    first_readings,
    read_gradings,
    readers_of,
    time_points,
)
from hosr.cohort.statistics.incidence import Denominators, Incidence, count_all, count_incidence
from hosr.cohort.statistics.progression import (
    BaselineFailure,
    Transition,
    count_failures,
    count_transitions,
)
from hosr.errors import Fault, UsageError

_LIBRARIES = {
    "numpy": "numpy",
    "scipy": "scipy",
    "sklearn": "scikit-learn",
    "statsmodels": "statsmodels",
}

SEED = 1973
RESAMPLES = 2000

NOTES = (
    "These are statistics of gradings as they were given, drafts included; they verify none.",
    (
        "Two hips of one patient, and one hip at several times, depend on one another. Intervals "
        "called exact or large-sample take them as independent; those by subject do not."
    ),
    "By patient, a patient counts once, with the worse of the hips that were graded.",
    "Incidence is the share of those graded at a time point, not of new cases.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """What is needed to compute the same numbers again."""

    level: float
    seed: int
    resamples: int
    libraries: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """Everything a cohort tells: counts, agreement, incidence, progression, models.

    `della_valle_by_brooker` is derived where Della Valle was not graded, and stands in no other part.
    `reference` says in words what models are held against; `undecided` counts for each scale the
    hip examinations that persons graded without a majority.
    """

    denominators: Denominators
    time_points: tuple[str, ...]
    agreement: tuple[Agreement, ...]
    several_readers: tuple[SeveralReaders, ...]
    rereading: tuple[Agreement, ...]
    incidence: tuple[Incidence, ...]
    della_valle_by_brooker: tuple[DellaValleByBrooker, ...]
    transitions: tuple[Transition, ...]
    baseline_failures: tuple[BaselineFailure, ...]
    accuracy: tuple[Accuracy, ...]
    reference: str
    undecided: dict[str, int]
    method: Method
    notes: tuple[str, ...] = NOTES


def analyse(
    rows: Sequence[Mapping[str, Any]],
    *,
    reference: str | None = None,
    seed: int = SEED,
    resamples: int = RESAMPLES,
    notes: Sequence[str] = (),
) -> Analysis:
    """The statistics of rows, one for each hip, study, reader and reading; their order is no matter.

    `reference` names the reader that models are held against, else the majority of persons is;
    `notes` are told of the rows beside those of every analysis.
    Raises `RecordRefused` with every row that cannot be counted, and `UsageError` where no reader
    has the name or where hosr[cohort] is not installed.
    """
    libraries = name_versions()
    gradings = read_gradings(rows)
    sampling = Sampling(seed=seed, resamples=resamples)
    chosen = choose_reference(gradings, reference)
    followed = _follow(gradings, chosen)
    return Analysis(
        denominators=count_all(gradings),
        time_points=time_points(gradings),
        agreement=compare_pairs(gradings, sampling),
        several_readers=compare_several(gradings, sampling),
        rereading=compare_rereadings(gradings, sampling),
        incidence=count_incidence(followed, sampling),
        della_valle_by_brooker=derive_della_valle(followed, sampling),
        transitions=count_transitions(followed, sampling),
        baseline_failures=count_failures(followed, sampling),
        accuracy=judge_models(gradings, chosen, sampling),
        reference=chosen.words if chosen else "none: no person graded",
        undecided={key: len(hips) for key, hips in chosen.undecided.items()} if chosen else {},
        method=Method(level=LEVEL, seed=seed, resamples=resamples, libraries=libraries),
        notes=(*NOTES, *notes),
    )


def _follow(
    gradings: Sequence[Grading], reference: Reference | None
) -> dict[Reader, list[Grading]]:
    """The first readings of each reader, and those of the majority where there is one."""
    readings = first_readings(gradings)
    followed = {reader: [*readings[reader].values()] for reader in readers_of(gradings)}
    if reference is not None and reference.reader.is_majority:
        return {reference.reader: [*reference.readings.values()], **followed}
    return followed


def name_versions() -> dict[str, str]:
    """The version of each library by its name.

    Raises `UsageError` where one is not installed.
    """
    versions, missing = {}, []
    for module, name in _LIBRARIES.items():
        try:
            versions[name] = str(import_module(module).__version__)
        except ImportError:
            missing.append(name)
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        problem = f"needs {', '.join(missing)}, which {verb} not installed"
        raise UsageError(Fault("hosr cohort", problem, "install hosr[cohort]"))
    return versions


def analysis_json(analysis: Analysis) -> dict[str, Any]:
    """The analysis as JSON can hold it: tuples as lists, every number beside its method."""
    plain: dict[str, Any] = _plain(asdict(analysis))
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list | tuple) else value
