"""Bundles of reports, read as a receiver reads them; and what no validator of FHIR says of them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from hosr.messages import MessageForm
from hosr.messages.fhir import Release, Told
from hosr.messages.fhir.bundle import compose_bundle, compose_withdrawal
from hosr.report import Report
from hosr.sr import rejection_note
from hosr.sr.measurement import content_key, measurement_instance
from hosr.sr.receivers import Options
from hosr.status import Addendum, Signature, Signing, Step
from hosr.study import Instance

__all__ = [
    "ASSIGNER",
    "SIGNATURE",
    "Json",
    "bundle_of",
    "faults_of",
    "identified",
    "references",
    "resources",
    "signed",
    "told",
]

Json = dict[str, Any]

ASSIGNER = "http://hospital.example/patients"
SIGNATURE = Signature(
    name="Rossi^Maria",
    organization="Synthetic Hospital",
    identifier="SYN-17",
    signed_at=dt.datetime(2026, 3, 2, 11, 20, tzinfo=dt.timezone(dt.timedelta(hours=1))),
)
_OFFSET = re.compile(r"(Z|[+-]\d\d:\d\d)$")


def identified(report: Report, issuer: str = ASSIGNER) -> Report:
    """The report of a patient whose ID was given by this assigner."""
    patient = replace(report.subject.patient, issuer=issuer)
    return replace(report, subject=replace(report.subject, patient=patient))


def document_of(report: Report) -> Instance:
    """The measurement report of a report."""
    return measurement_instance(content_key(report, Options()), Options())


def signed(draft: Report, *steps: Step) -> Report:
    """What persons made of a draft, step by step, each an hour after the one before."""
    report = draft
    for number, step in enumerate(steps):
        moment = SIGNATURE.signed_at + dt.timedelta(hours=number)
        signature = replace(SIGNATURE, signed_at=moment)
        added = (Addendum(text="Compared <b> again.", signature=signature),)
        signing = Signing(
            step=step,
            signature=SIGNATURE if step is Step.ADDEND else signature,
            predecessors=(document_of(report),),
            tracked_as=content_key(draft, Options()),
            reason="Typed wrong" if Step.AMEND in steps[: number + 1] else "",
            addenda=added if step is Step.ADDEND else (),
        )
        report = replace(draft, signing=signing)
    return report


def told(*impression: str) -> Told:
    """Words of a report."""
    return Told(
        language="en",
        notice="DRAFT - not reviewed.",
        history=(),
        impression=impression or ("Right hip: heterotopic ossification.",),
        text="THE REPORT\n",
        page="<!DOCTYPE html><title>The report</title>",
    )


def bundle_of(
    report: Report,
    release: Release = Release.R4,
    words: Told | None = None,
    form: MessageForm = MessageForm(),  # noqa: B008 (frozen)
) -> Json:
    """The bundle of a report; of a withdrawn one that which takes it back."""
    words = words or told()
    if report.withdrawal is None:
        return compose_bundle(report, Options(), document_of(report), words, release, form)
    version = replace(report, withdrawal=None)
    note = rejection_note(report, [document_of(version)]).instance
    return compose_withdrawal(report, [(version, Options())], note, words, release, form)


def resources(bundle: Json, kind: str) -> list[Json]:
    """All resources of a type."""
    found = (entry["resource"] for entry in bundle["entry"])
    return [resource for resource in found if resource["resourceType"] == kind]


def references(value: Any) -> Iterator[str]:
    """Every literal reference within a value."""
    for key, each in _elements(value):
        if key == "reference" and isinstance(each, str):
            yield each


def _elements(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield key, each
            yield from _elements(each)
    elif isinstance(value, list):
        for each in value:
            yield from _elements(each)


# Statuses of a report that its observations do not have, and those that they have then.
_OBSERVED = {"appended": {"final", "amended"}, "partial": {"preliminary"}}


def faults_of(bundle: Json) -> set[str]:
    """What is wrong by the rules that hosr's own bundles keep to."""
    entries = bundle.get("entry", [])
    urls = [entry.get("fullUrl") for entry in entries]
    found = {entry["resource"].get("resourceType") for entry in entries}
    said: set[str] = set()
    if len(set(urls)) < len(urls):
        said.add("a fullUrl stands twice")
    if "Patient" in found:
        said.add("a patient is made")
    for entry in entries:
        said |= _faults_of_entry(entry, set(urls))
    statuses = {r["status"] for r in resources(bundle, "Observation") if "status" in r}
    reported = {r.get("status") for r in resources(bundle, "DiagnosticReport")}
    allowed = [_OBSERVED.get(str(status), {status}) for status in reported]
    if len(statuses) != 1 or len(allowed) != 1 or not statuses <= allowed[0]:
        said.add("statuses differ")
    return said


def _faults_of_entry(entry: Json, urls: set[Any]) -> set[str]:
    resource, request = entry["resource"], entry.get("request", {})
    said: set[str] = set()
    for reference in references(resource):
        if reference.startswith("urn:") and reference not in urls:
            said.add("a reference leads nowhere")
        elif not reference.startswith(("urn:uuid:", "Patient?identifier=")):
            said.add("a reference is to something else")
    for key, each in _elements(resource):
        if each in ("", [], {}, None):
            said.add("something is empty")
        if key in ("issued", "recorded") and not _OFFSET.search(str(each)):
            said.add("a moment has no offset")
        if key == "contained":
            said.add("a resource is contained")
    if not request.get("ifNoneExist") and "?" not in request.get("url", ""):
        said.add("sent twice it is there twice")
    return said
