"""Report to FHIR: the transaction bundle that a server takes whole, R4 or R5.

    elements             the data types of FHIR, and the two releases
    entries              resources of a transaction, and how a server finds each of them again
    actors               who graded, signed and made it
    study                the patient, the order and the imaging study
    shared               what all resources of a bundle have in common
    groups               the hips and islands of the measurement report, and where they lie
    comparison           what became of a hip since an earlier report, and which one that is
    observations         what was seen and measured there
    diagnostic_report    the report with its words, and where this version came from
    bundle               the whole, checked and written

fhir.resources, which the extra `hosr[fhir]` brings, is imported when a bundle is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from hosr.errors import Fault, Unencodable, UsageError
from hosr.messages.fhir.diagnostic_report import Told
from hosr.messages.fhir.elements import Release

if TYPE_CHECKING:
    from hosr.messages.message_form import MessageForm
    from hosr.report import Report
    from hosr.sr.receivers import Options
    from hosr.study import Instance

__all__ = [
    "Release",
    "Told",
    "find_obstacle",
    "make_bundle",
    "make_withdrawal_bundle",
    "require_library",
]

_FILE_NAMES = {Release.R4: "fhir.r4.json", Release.R5: "fhir.r5.json"}


def make_bundle(
    report: Report,
    options: Options,
    document: Instance,
    told: Told,
    release: Release,
    form: MessageForm,
) -> bytes:
    """The transaction bundle of a report as JSON; `document` is its measurement report.

    `form` says who issued patient IDs, and the OIDs of issuers. Raises `UsageError` where
    fhir.resources is not installed, and `Unencodable` for a report of nobody, or a value that FHIR has
    no form for.
    """
    require_library()
    from hosr.messages.fhir.bundle import compose_bundle, write_bundle

    bundle = compose_bundle(report, options, document, told, release, form)
    return write_bundle(bundle, release, _FILE_NAMES[release])


def make_withdrawal_bundle(
    report: Report,
    versions: Sequence[tuple[Report, Options]],
    document: Instance,
    told: Told,
    release: Release,
    form: MessageForm,
) -> bytes:
    """The bundle that takes a withdrawn report back, with all that was observed in its versions.

    `versions` are with the options of their documents, the last one last; `document` is the note that
    rejects them. Raises as `make_bundle`.
    """
    require_library()
    from hosr.messages.fhir.bundle import compose_withdrawal, write_bundle

    bundle = compose_withdrawal(report, versions, document, told, release, form)
    return write_bundle(bundle, release, _FILE_NAMES[release])


def find_obstacle(report: Report, form: MessageForm) -> Fault | None:
    """Why no bundle can be made of this report: no server could find its patient; None if one can."""
    from hosr.messages.fhir.study import patient_criteria

    try:
        patient_criteria(report.subject.patient, form)
    except Unencodable as error:
        return error.faults[0]
    return None


def require_library() -> None:
    """Raise UsageError where fhir.resources, which bundles are checked with, is not installed."""
    try:
        found = find_spec("fhir.resources")
    except ModuleNotFoundError:  # there is not even what it lies in
        found = None
    if found is None:
        problem = "needs fhir.resources, which is not installed"
        raise UsageError(Fault("a bundle for FHIR", problem, "install hosr[fhir]"))
