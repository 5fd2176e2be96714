"""Who made a report: hosr, the model or person who graded, who signed, and for whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hosr.composite.instances import device_uid
from hosr.findings import Algorithm, Person
from hosr.identity import derive_uid
from hosr.messages.fhir.elements import (
    URIS,
    Json,
    Release,
    given,
    human_name,
    line,
    uid_identifier,
)
from hosr.messages.fhir.entries import Entry, by_identifier
from hosr.report import Report
from hosr.status import Signature


@dataclass(frozen=True, slots=True, kw_only=True)
class Someone:
    """A person, and the organization that they acted for where it is known."""

    practitioner: Entry
    organization: Entry | None

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Both."""
        found = (self.organization, self.practitioner)
        return tuple(entry for entry in found if entry is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actors:
    """Everybody who had a part in a report. `model` or `reader` graded it.

    `signers` are those of a signed one: who signed it, and who added to it; `withdrawer` is who took
    it back.
    """

    maker: Entry
    model: Entry | None
    reader: Someone | None
    signers: tuple[Someone, ...]
    withdrawer: Someone | None

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All of them."""
        found = (self.maker, self.model)
        people = [*self.signers, *(each for each in (self.reader, self.withdrawer) if each)]
        return (
            *(device for device in found if device is not None),
            *(entry for someone in people for entry in someone.entries),
        )

    @property
    def device(self) -> Entry:
        """What the observations came out of: the model, else the program that kept them."""
        return self.model or self.maker

    @property
    def responsible(self) -> tuple[Someone, ...]:
        """Who answers for the report: who signed it, else who graded; nobody for a model's draft."""
        if self.signers or self.reader is None:
            return self.signers
        return (self.reader,)


def find_actors(report: Report, release: Release) -> Actors:
    """Everybody who had a part in this report."""
    observer = report.observer
    signatures = () if report.signing is None else _unique(report.signing.signatures)
    reader = _reader(observer, signatures) if isinstance(observer, Person) else None
    return Actors(
        maker=_device(derive_uid("device", "hosr", report.form), "hosr", report.form, "", release),
        model=_model(observer, release) if isinstance(observer, Algorithm) else None,
        reader=reader,
        signers=tuple(map(_signer, signatures)),
        withdrawer=None if report.withdrawal is None else _signer(report.withdrawal.signature),
    )


def _unique(signatures: Iterable[Signature]) -> tuple[Signature, ...]:
    """One signature of each person, whenever they signed."""
    once = {(each.name, each.organization, each.identifier): each for each in signatures}
    return tuple(once.values())


def _signer(signature: Signature) -> Someone:
    return _someone(signature.name, signature.organization, signature.identifier)


def _reader(reader: Person, signatures: tuple[Signature, ...]) -> Someone:
    """Who graded; the same person as who signed, where name and organization are."""
    for each in signatures:
        if reader.name == each.name and reader.organization in ("", each.organization):
            return _signer(each)
    return _someone(reader.name, reader.organization)


def _model(model: Algorithm, release: Release) -> Entry:
    return _device(device_uid(model), model.name, model.version, model.manufacturer, release)


def _device(uid: str, name: str, version: str, manufacturer: str, release: Release) -> Entry:
    identifier, kind = uid_identifier(uid), "user-friendly-name"
    named = {"name": line(name), "type": kind}
    if release is Release.R5:
        named = {"value": line(name), "type": kind}
    resource = given(
        resourceType="Device",
        identifier=[identifier],
        manufacturer=line(manufacturer),
        **{"name" if release is Release.R5 else "deviceName": [named]},
        version=[{"value": line(version)}] if line(version) else [],
    )
    return Entry(resource=resource, criteria=by_identifier(identifier))


def _someone(name: str, organization: str, identifier: str = "") -> Someone:
    """A person, known by name, organization and the identifier there: nobody merges two of one name."""
    employer = _organization(organization) if line(organization) else None
    derived = uid_identifier(derive_uid("person", name, organization, identifier), URIS)
    identifiers: list[Json] = [derived]
    if line(identifier):
        assigner = {"display": line(organization)} if employer is not None else {}
        identifiers.append(given(value=line(identifier), assigner=assigner))
    resource = {
        "resourceType": "Practitioner",
        "identifier": identifiers,
        "name": [human_name(name)],
    }
    return Someone(
        practitioner=Entry(resource=resource, criteria=by_identifier(derived)),
        organization=employer,
    )


def _organization(name: str) -> Entry:
    identifier = uid_identifier(derive_uid("organization", name), URIS)
    resource = {"resourceType": "Organization", "identifier": [identifier], "name": line(name)}
    return Entry(resource=resource, criteria=by_identifier(identifier))
