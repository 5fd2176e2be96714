"""The bundle of a report: everything composed, checked by the models of the release, and written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hosr.errors import Fault, Unencodable
from hosr.messages.fhir.diagnostic_report import Told, provenance_entry, report_entry
from hosr.messages.fhir.elements import Json, Release
from hosr.messages.fhir.entries import Entry, transaction
from hosr.messages.fhir.groups import find_groups, structure_entry
from hosr.messages.fhir.observations import observation_entries
from hosr.messages.fhir.shared import share
from hosr.sr.measurement import content_key, measurement_tree

if TYPE_CHECKING:
    from pydantic import BaseModel

    from hosr.messages.message_form import MessageForm
    from hosr.report import Report
    from hosr.sr.receivers import Options
    from hosr.study import Instance


def compose_bundle(
    report: Report,
    options: Options,
    document: Instance,
    told: Told,
    release: Release,
    form: MessageForm,
) -> Json:
    """The transaction of a report, unchecked."""
    key = content_key(report, options)
    tracked_as = key if report.signing is None else report.signing.tracked_as
    shared = share(report, release, document, tracked_as, form)
    entries: list[Entry] = [*shared.entries]
    results: list[Entry] = []
    for group in find_groups(measurement_tree(report, options, key), shared):
        structure = structure_entry(group)
        found = observation_entries(group, structure)
        entries += (structure, *found)
        results.append(found[-1])
    told_report = report_entry(shared, results, told)
    return transaction([*entries, told_report, provenance_entry(shared, told_report)])


def write_bundle(bundle: Json, release: Release, name: str) -> bytes:
    """The bundle as JSON, as it was composed. `name` is the file that it is for.

    Raises `Unencodable` where the models of FHIR have no place for something in it.
    """
    from pydantic import ValidationError

    model = _model(release)
    try:
        model.model_validate(bundle)
    except ValidationError as error:
        places = {".".join(map(str, each["loc"])): each["type"] for each in error.errors()}
        raise Unencodable(
            Fault(name, f"{place} has no valid form in FHIR ({kind})", "shorten or correct it")
            for place, kind in places.items()
        ) from None
    return (json.dumps(bundle, indent=2, ensure_ascii=False) + "\n").encode()


def _model(release: Release) -> type[BaseModel]:
    """The model of a bundle. R4B is R4 for every resource that is written here."""
    if release is Release.R5:
        from fhir.resources.bundle import Bundle as BundleR5

        return BundleR5
    from fhir.resources.R4B.bundle import Bundle as BundleR4

    return BundleR4
