"""The bundle of a report: everything composed, checked by the models of the release, and written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from hosr.errors import Fault, Unencodable
from hosr.messages.fhir.diagnostic_report import Told, provenance_entry, report_entry
from hosr.messages.fhir.elements import Json, Release
from hosr.messages.fhir.entries import Entry, transaction
from hosr.messages.fhir.groups import find_groups, structure_entry
from hosr.messages.fhir.observations import observation_entries
from hosr.messages.fhir.shared import Shared, share
from hosr.sr.items import Item
from hosr.sr.measurement import content_key, measurement_instance, measurement_tree

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
    replaced = next((each.sop_instance_uid for each in report.predecessors), "")
    shared = share(report, release, document, replaced, report.tracked_as(key), form)
    observed = _observed(measurement_tree(report, options, key), shared)
    return _transaction(shared, observed, observed, told)


def compose_withdrawal(
    report: Report,
    versions: Sequence[tuple[Report, Options]],
    document: Instance,
    told: Told,
    release: Release,
    form: MessageForm,
) -> Json:
    """The transaction of a withdrawn report, unchecked.

    What was observed in any of its versions is taken back: it may stand in one of them alone.
    """
    last, options = versions[-1]
    key = content_key(last, options)
    replaced = measurement_instance(key, options).sop_instance_uid
    shared = share(report, release, document, replaced, last.tracked_as(key), form)
    observed: list[tuple[Entry, ...]] = []
    for version, its_options in versions:
        taken_back = replace(shared, report=replace(version, withdrawal=report.withdrawal))
        tree = measurement_tree(version, its_options, content_key(version, its_options))
        observed += (of_last := _observed(tree, taken_back))
    return _transaction(shared, observed, of_last, told)


def _transaction(
    shared: Shared,
    observed: Iterable[tuple[Entry, ...]],
    results: Iterable[tuple[Entry, ...]],
    told: Told,
) -> Json:
    report = report_entry(shared, [found[-1] for found in results], told)
    entries = (entry for found in observed for entry in found)
    return transaction([*shared.entries, *entries, report, provenance_entry(shared, report)])


def _observed(tree: Item, shared: Shared) -> list[tuple[Entry, ...]]:
    """The entries of each group: where it lies, what was observed there, and the group last."""
    found = []
    for group in find_groups(tree, shared):
        structure = structure_entry(group)
        found.append((structure, *observation_entries(group, structure)))
    return found


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
