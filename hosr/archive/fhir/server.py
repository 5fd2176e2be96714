"""A FHIR server: the report that it has is read before another version of it is written.

Servers take an old version after a new one, and then show the old one; a report that is there as it
would be sent is not sent again, so that a resend leaves no second version in the history of the server.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping

from hosr.archive.addresses import Destination, FhirAddress, FhirRelease
from hosr.archive.dicomweb.connection import Answer, Request
from hosr.archive.dicomweb.service import Service
from hosr.archive.fhir.answers import (
    FHIR_JSON,
    Json,
    cause_of_answer,
    read_found,
    read_resource,
    require_taken,
)
from hosr.archive.fhir.bundles import SentBundle, read_sent
from hosr.archive.values import (
    Check,
    Entered,
    Locator,
    Outcome,
    Query,
    Receipt,
    cause,
    failed_check,
    refusal,
)
from hosr.archive.versions import Shown, Stage, Version, digest_of, version_of
from hosr.dicom.structure import UnusableFile
from hosr.errors import ArchiveError, Reason

THERE_ALREADY = "there already"
_KEPT_DRAFT = "it goes on showing the draft that it had: only what is signed takes its place"

# Some servers answer a search from what they found a minute ago, unless they are asked not to.
_ASKING = {"Accept": FHIR_JSON, "Cache-Control": "no-cache"}
_SENDING = {"Accept": FHIR_JSON, "Content-Type": FHIR_JSON, "Prefer": "return=minimal"}

_GIVES_NOTHING = cause(
    Reason.UNSUPPORTED,
    "is a FHIR server, which has no DICOM objects",
    "name an archive over DIMSE or DICOMweb, or a folder",
)
_UNKNOWN = cause(
    Reason.PATIENT,
    "knows no such patient",
    "have the patient entered there, or set `create_patient`; then `hosr outbox retry --all`",
)
_AMBIGUOUS = cause(
    Reason.PATIENT,
    "knows several such patients",
    "have them merged there; then `hosr outbox retry --all`",
)
_DOUBLED = cause(
    Reason.DUPLICATE,
    "has the report several times",
    "leave one of them there; then `hosr outbox retry --all`",
)


class FhirServer(Entered):
    """The server at a `FhirAddress`; one connection, which is kept while it is entered.

    `environ` is where a secret may be kept, `clock` gives the time in seconds since 1970.
    """

    def __init__(
        self,
        destination: Destination,
        *,
        environ: Mapping[str, str],
        clock: Callable[[], float],
    ) -> None:
        if not isinstance(destination.address, FhirAddress):
            raise TypeError("the destination is no FHIR server")
        web = destination.address.web
        self._service = Service(destination, web, environ=environ, clock=clock)
        self._may_create = destination.create_patient
        self._release = destination.release
        # A transaction is posted to the base itself, without a slash behind it.
        self._base = "" if web.url.count("/") > 2 else "/"

    def close(self) -> None:
        """End the connection, and forget the secrets."""
        self._service.close()

    def store(self, data: bytes, key: str) -> Receipt:
        """Send one bundle; a receipt where the server took all of it, or has just that already.

        Raises ArchiveError for everything else: SUPERSEDED where it has a newer version of the report,
        PATIENT where it knows no such patient or several.
        """
        name = self._service.name
        try:
            sent = read_sent(data)
        except UnusableFile as fault:
            raise refusal(name, Reason.DATA, fault.problem, fault.remedy) from None
        kept = self._search("DiagnosticReport", sent.report_search)
        if len(kept) > 1:
            raise _DOUBLED.refusal(name)
        if kept and digest_of(kept[0]) == digest_of(sent.report):
            return Receipt(sop_instance_uid=key, status=THERE_ALREADY)
        if kept:
            self._require_older(kept[0], sent)
        self._require_patient(sent)
        answer = self._post(self._base, data)
        require_taken(self._service, answer, sent.entries)
        warning = _KEPT_DRAFT if kept and sent.is_created else ""
        return Receipt(sop_instance_uid=key, status=answer.words, warning=warning)

    def fetch(self, locator: Locator) -> bytes:  # noqa: ARG002 (there are none)
        """Refused: a FHIR server has no DICOM objects."""
        raise _GIVES_NOTHING.refusal(self._service.name)

    def find(self, query: Query) -> tuple[Locator, ...]:  # noqa: ARG002 (as every archive)
        """Refused: a FHIR server has no DICOM objects."""
        raise _GIVES_NOTHING.refusal(self._service.name)

    def show(self, report: str) -> Shown | None:
        """The version of a report, known by its identifier, that the server shows; None where it has none."""
        found = self._search("DiagnosticReport", f"identifier={_URIS}%7C{report}")
        if len(found) > 1:
            raise _DOUBLED.refusal(self._service.name)
        if not found:
            return None
        return Shown(version=_version_of(found[0]), digest=digest_of(found[0]))

    def examine(self) -> tuple[Check, ...]:
        """What works, by asking: what the server says of itself, and searches that find nothing."""
        try:
            statement = self._get("/metadata", "CapabilityStatement")
        except ArchiveError as error:
            untried = "there is no connection"
            others = (_RELEASE, _TRANSACTIONS, _REPORTS, _PATIENTS)
            return (
                failed_check(_CONNECTION, error),
                *(Check(name=each, outcome=Outcome.UNTRIED, words=untried) for each in others),
            )
        return (
            Check(name=_CONNECTION, outcome=Outcome.WORKS, words="the server answers"),
            _check_release(statement, self._release),
            _check_transactions(statement),
            self._check_search(_REPORTS, "DiagnosticReport"),
            self._check_search(_PATIENTS, "Patient"),
        )

    def _require_older(self, kept: Json, sent: SentBundle) -> None:
        """Raises SUPERSEDED where what the server has goes before what would be sent."""
        there = version_of({"issued": _LONG_AGO, **kept}) or version_of(
            {**kept, "issued": _LONG_AGO}
        )
        if there is None:
            return
        # What was withdrawn stays so.
        is_over = there.stage is Stage.WITHDRAWN and sent.version.stage is not Stage.WITHDRAWN
        if is_over or there.goes_before(sent.version):
            problem = f"has a newer version of the report already ({there.words})"
            raise refusal(self._service.name, Reason.SUPERSEDED, problem)

    def _require_patient(self, sent: SentBundle) -> None:
        """Raises PATIENT where the server does not know exactly one; one is created where that is allowed."""
        found = self._search("Patient", sent.patient_search)
        if len(found) > 1:
            raise _AMBIGUOUS.refusal(self._service.name)
        if found:
            return
        if not self._may_create:
            raise _UNKNOWN.refusal(self._service.name)
        new = json.dumps(sent.new_patient).encode()
        answer = self._post("/Patient", new, {"If-None-Exist": sent.patient_search})
        if answer.status not in (200, 201):
            raise self._service.refusal(answer, cause_of_answer(answer.status))

    def _search(self, kind: str, criteria: str) -> list[Json]:
        target = f"/{kind}?{criteria}&_count=2"
        answer = self._service.ask(Request(method="GET", target=target, headers=_ASKING))
        return read_found(self._service, answer, kind)

    def _get(self, target: str, kind: str) -> Json:
        answer = self._service.ask(Request(method="GET", target=target, headers=_ASKING))
        return read_resource(self._service, answer, kind)

    def _post(self, target: str, body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
        said = {**_SENDING, **(headers or {})}
        return self._service.ask(Request(method="POST", target=target, headers=said, body=(body,)))

    def _check_search(self, name: str, kind: str) -> Check:
        try:
            self._search(kind, _NOBODY)
        except ArchiveError as error:
            return failed_check(name, error)
        return Check(name=name, outcome=Outcome.WORKS, words="can be looked for")


_LONG_AGO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
# The system of the identifier that all versions of a report have in common: it is a URI itself.
_URIS = "urn:ietf:rfc:3986"
_NOBODY = f"identifier={_URIS}%7Curn:oid:2.25.0"


def _version_of(kept: Json) -> Version:
    """The version that a server shows; one that does not say since when is older than any other."""
    dated = version_of(kept) or version_of({**kept, "issued": _LONG_AGO.isoformat()})
    return dated or Version(report="", stage=Stage.DRAFT, stated_at=_LONG_AGO)


_CONNECTION, _RELEASE, _TRANSACTIONS = "connection", "release", "transactions"
_REPORTS, _PATIENTS = "reports", "patients"


# HL7 FHIR, version history: what the releases call themselves.
_RELEASES = {FhirRelease.R4: "4.0", FhirRelease.R5: "5.0"}


def _check_release(statement: Json, sent: FhirRelease) -> Check:
    version = str(statement.get("fhirVersion", ""))
    shown = version if version and version.isprintable() and len(version) < 20 else "unknown"
    if version.startswith(_RELEASES[sent]):
        return Check(name=_RELEASE, outcome=Outcome.WORKS, words=f"{sent.name} ({shown})")
    words = f"it speaks FHIR {shown}; hosr sends it {sent.name}, by `release` of the configuration"
    return Check(name=_RELEASE, outcome=Outcome.FAILS, words=words)


def _check_transactions(statement: Json) -> Check:
    rest = statement.get("rest")
    parts = [each for each in rest if isinstance(each, dict)] if isinstance(rest, list) else []
    offered = [each for part in parts for each in part.get("interaction") or []]
    codes = {each.get("code") for each in offered if isinstance(each, dict)}
    if "transaction" in codes:
        words = "it says that it takes them; none was sent"
        return Check(name=_TRANSACTIONS, outcome=Outcome.WORKS, words=words)
    words = "it does not say that it takes them; the first report shows whether it does"
    return Check(name=_TRANSACTIONS, outcome=Outcome.UNTRIED, words=words)
