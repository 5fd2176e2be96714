"""An entry of a transaction: a resource, how a server finds it again, and how others refer to it.

Each resource has an identity of its own, which does not change when the bundle is sent again: what
the server has already is found by it. What a signed version of the report may change is updated (PUT),
which keeps the former versions in the history of the server; the rest is created where it is not there.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from hosr.identity import derive_uid
from hosr.messages.fhir.elements import DICOM_UIDS, Json

# Signs with a meaning within the value of a search (FHIR, "Escaping Search Parameters").
_SEARCH_SIGNS = ("\\", "|", ",", "$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One resource of a transaction; `criteria` are the search that finds it, and it alone."""

    resource: Json
    criteria: str
    is_updated: bool = False

    @property
    def kind(self) -> str:
        """The type of the resource."""
        return str(self.resource["resourceType"])

    @property
    def full_url(self) -> str:
        """What stands for it within the bundle: the same in all versions of a report."""
        derived = derive_uid("fhir", self.kind, self.criteria).removeprefix("2.25.")
        return uuid.UUID(int=int(derived)).urn

    def reference(self, display: str = "") -> Json:
        """A reference from another resource of the bundle."""
        told = {"display": display} if display else {}
        return {"reference": self.full_url, **told}

    @property
    def json(self) -> Json:
        """The entry as it stands in the bundle."""
        if self.is_updated:
            request = {"method": "PUT", "url": f"{self.kind}?{self.criteria}"}
        else:
            request = {"method": "POST", "url": self.kind, "ifNoneExist": self.criteria}
        return {"fullUrl": self.full_url, "resource": self.resource, "request": request}


def transaction(entries: Iterable[Entry]) -> Json:
    """A bundle that a server takes as a whole or not at all; what stands twice is in it once."""
    once = {entry.full_url: entry for entry in entries}
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [entry.json for entry in once.values()],
    }


def by_identifier(identifier: Json) -> str:
    """The search for a resource with this identifier; one without a system is looked for in any."""
    return f"identifier={token(identifier['value'], identifier.get('system', ''))}"


def by_tag(tag: Json) -> str:
    """The search for a resource with this tag."""
    return f"_tag={token(tag['code'], tag['system'])}"


def uid_tag(uid: str) -> Json:
    """A UID as a tag: for what has no identifier, or none that servers look for."""
    return {"system": DICOM_UIDS, "code": f"urn:oid:{uid}"}


def token(value: str, system: str = "") -> str:
    """The value of a search for a token, in which no sign of the value means anything else."""
    for sign in _SEARCH_SIGNS:
        value = value.replace(sign, f"\\{sign}")
    escaped = quote(value, safe=":")
    return f"{quote(system, safe=':/')}|{escaped}" if system else escaped
