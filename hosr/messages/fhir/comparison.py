"""The comparison with an earlier report: an observation of each hip, and what the report rests on.

What was seen then are components of it and has concepts of its own, so that no search for the grade or
the distance of today finds it. The earlier report and its study are named by their DICOM UIDs: whether a
server has them is not known here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from hosr import codes
from hosr.comparison import compare_hip, compare_hips
from hosr.identity import derive_uid
from hosr.messages.comparison import Fact, day_of, tell_facts
from hosr.messages.fhir.elements import (
    IMAGING,
    Json,
    Release,
    concept,
    given,
    quantity,
    referred,
    uid_identifier,
)
from hosr.messages.fhir.groups import Group
from hosr.messages.fhir.shared import Shared
from hosr.sr.items import Quantity
from hosr.study import read_date

if TYPE_CHECKING:
    from hosr.comparison import Comparison

# In both releases, and in R5 beside `supportingInfo`, which takes no study.
_SUPPORTING = "http://hl7.org/fhir/StructureDefinition/workflow-supportingInfo"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedGroup:
    """The observation of a comparison: what it is known by, and all that it says."""

    identifier: Json
    said: Json


def compare_group(group: Group) -> ComparedGroup | None:
    """The comparison of the hip that a group is of; None where there is none, or it is of an island."""
    finding = group.item.first(codes.FINDING)
    if finding is not None and finding.value == codes.ISLAND_OF_BONE:
        return None
    compared = compare_hip(group.shared.report, group.side)
    if compared is None:
        return None
    # Not of the tracking UID: the lesion has that in the earlier report too.
    uid = derive_uid("comparison", group.shared.tracked_as, group.side)
    said = given(
        category=[IMAGING],
        code=concept(codes.COMPARED, f"{codes.COMPARED.meaning}{day_of(compared)}"),
        derivedFrom=[_study(compared)],
        component=[*_dated(compared), *map(_component, tell_facts(compared))],
    )
    return ComparedGroup(identifier=uid_identifier(uid), said=said)


def study_links(shared: Shared) -> Iterator[Json]:
    """The studies that this one is compared with; in R4 the reports on them too."""
    for compared in _priors(shared):
        if shared.release is Release.R4:
            yield {"url": _SUPPORTING, "valueReference": _report(compared)}
        yield {"url": _SUPPORTING, "valueReference": _study(compared)}


def supporting_reports(shared: Shared) -> list[Json]:
    """The earlier reports, as R5 names them; nothing in R4."""
    if shared.release is Release.R4:
        return []
    kind = concept(codes.PRIOR_REPORT)
    return [{"type": kind, "reference": _report(compared)} for compared in _priors(shared)]


def _priors(shared: Shared) -> tuple[Comparison, ...]:
    """One comparison with each earlier report; of a withdrawn report there is none any more."""
    if shared.report.withdrawal is not None:
        return ()
    found = compare_hips(shared.report)
    return tuple({each.prior.report.documents[0]: each for each in found}.values())


def _report(compared: Comparison) -> Json:
    document = compared.prior.report.documents[0].sop_instance_uid
    return referred("DiagnosticReport", document, f"Earlier report{day_of(compared)}")


def _study(compared: Comparison) -> Json:
    study = compared.prior.report.study_instance_uid
    return referred("ImagingStudy", study, f"Study of the earlier report{day_of(compared)}")


def _dated(compared: Comparison) -> Iterator[Json]:
    day = read_date(compared.prior.report.study_date)
    if day is not None:
        yield {"code": concept(codes.PRIOR_DATE), "valueDateTime": day.isoformat()}


def _component(fact: Fact) -> Json:
    asked = concept(fact.concept, fact.words)
    if isinstance(fact.value, Decimal):
        measured = Quantity(float(fact.value), codes.MILLIMETER)
        return {"code": asked, "valueQuantity": quantity(measured)}
    return {"code": asked, "valueCodeableConcept": concept(fact.value)}
