"""C-FIND at the levels of the Study Root model (PS3.4 section C.4.1): from a query to instances.

No answer is believed that does not match what was asked: archives are known to widen a query.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

from pydicom.dataset import Dataset
from pydicom.tag import Tag
from pydicom.uid import UID
from pynetdicom.presentation import build_context

from hosr.archive.addresses import Destination
from hosr.archive.dimse.association import ArchiveAssociation, close_association, open_association
from hosr.archive.dimse.storage import SYNTAXES
from hosr.archive.statuses import cause_of_status, hexadecimal
from hosr.archive.values import Locator, Query, refusal
from hosr.dicom.elements import quiet_pydicom
from hosr.errors import ArchiveError, Reason
from hosr.identity import is_usable_uid

# Study Root (PS3.4 table C.6.2.3-1).
FIND = "1.2.840.10008.5.1.4.1.2.2.1"
MOVE = "1.2.840.10008.5.1.4.1.2.2.2"
GET = "1.2.840.10008.5.1.4.1.2.2.3"

MAX_INSTANCES = 50_000
# All answers to one query come within that, and each is no larger; real ones have some hundred bytes.
MAX_S = 3600.0
_MAX_IDENTIFIER_BYTES = 1 << 20

# The status of an abort before any answer: mostly a no, but once it may be chance.
ABORTED = "A-ABORT"

_RIGHTS = "let its administrator allow query and retrieval to this AE title"


def unanswered(
    association: ArchiveAssociation, name: str, what: str, *, begun: bool = False
) -> ArchiveError:
    """No answer: the archive aborted, as many do where they do not allow it, or was lost.

    Where it had `begun` to answer, an abort is no refusal.
    """
    if association.peer_aborted and not begun:
        problem = f"ended the association when it was asked for {what}"
        return refusal(name, Reason.UNSUPPORTED, problem, _RIGHTS, status=ABORTED)
    problem = f"gave no answer, or none to the end, when it was asked for {what}"
    return refusal(name, Reason.LOST, problem, "try again")


def refused(status: int, name: str, what: str) -> ArchiveError:
    """A status of failure (PS3.4 tables C.4-1 to C.4-3)."""
    reason = cause_of_status(status).reason
    if reason in {Reason.CONFIGURATION, Reason.UNSUPPORTED}:
        reason = Reason.UNSUPPORTED
    elif reason is Reason.DATA:  # of the query, not of an object
        reason = Reason.PROCESSING
    problem = f"refused {what}"
    return refusal(name, reason, problem, _RIGHTS, status=hexadecimal(status))


def absent(name: str, missing: int = 1, wanted: int = 1) -> ArchiveError:
    """What was asked for was not given, and the archive did not say why."""
    objects = f"{missing} of {wanted} objects" if wanted > 1 else "the object"
    problem = f"does not have {objects} that it was asked for, or does not give them"
    return refusal(name, Reason.ABSENT, problem, "find out whether the archive still has them")


_CHARACTER_SET = Tag(0x00080005)
_PENDING = frozenset({0xFF00, 0xFF01})
_SUCCESS = 0x0000
_MESSAGE_ID = 1

# What C-FIND takes for a pattern (PS3.4 sections C.2.2.2.4 and C.2.2.2.2): never meant here.
_PATTERN = frozenset("*?\\")


def find_instances(destination: Destination, query: Query) -> tuple[Locator, ...]:
    """The instances that match, in the order of their UIDs.

    Raises
    ------
    ArchiveError
        UNSUPPORTED where the archive does not offer C-FIND, UNCONFIRMED where it answers something
        else than it was asked, CAPACITY above 50,000 instances, or what the connection does.
    """
    name = destination.name
    query.require_named(name)
    if _PATTERN & set(query.accession_number + query.patient_id + query.study_instance_uid):
        problem = "cannot be asked for a patient ID or accession number with *, ? or a backslash"
        raise refusal(name, Reason.UNSUPPORTED, problem, "name the study")
    association = open_association(destination, [build_context(FIND, SYNTAXES)])
    try:
        found = list(_Search(association, name).instances(query))
    finally:
        close_association(association)
    return tuple(sorted(found))


def has_instance(destination: Destination, locator: Locator) -> bool:
    """Whether the archive finds this instance where it should stand. Raises as `find_instances`."""
    association = open_association(destination, [build_context(FIND, SYNTAXES)])
    try:
        return _Search(association, destination.name).has(locator)
    finally:
        close_association(association)


class _Search:
    """The queries of one search, one after the other on one association."""

    def __init__(self, association: ArchiveAssociation, name: str) -> None:
        self._association = association
        self._name = name
        self._count = 0
        self._has_answered = False

    def instances(self, query: Query) -> Iterator[Locator]:
        for study in self._studies(query):
            for series in self._series(study, query.modalities):
                keys = {"StudyInstanceUID": study, "SeriesInstanceUID": series}
                for answer in self._ask("IMAGE", keys, ("SOPClassUID", "SOPInstanceUID")):
                    yield Locator(
                        study_instance_uid=study,
                        series_instance_uid=series,
                        sop_class_uid=self._uid(answer, "SOPClassUID"),
                        sop_instance_uid=self._uid(answer, "SOPInstanceUID"),
                    )

    def has(self, locator: Locator) -> bool:
        keys = {
            "StudyInstanceUID": locator.study_instance_uid,
            "SeriesInstanceUID": locator.series_instance_uid,
            "SOPInstanceUID": locator.sop_instance_uid,
        }
        return bool(self._ask("IMAGE", keys, ("SOPInstanceUID",)))

    def _studies(self, query: Query) -> list[str]:
        keys = {
            "StudyInstanceUID": query.study_instance_uid,
            "AccessionNumber": query.accession_number,
            "PatientID": query.patient_id,
        }
        named = {keyword: value for keyword, value in keys.items() if value}
        if set(named) == {"StudyInstanceUID"}:
            return [query.study_instance_uid]
        wanted = ("StudyInstanceUID", "AccessionNumber", "PatientID")
        answers = self._ask("STUDY", named, wanted)
        return list(dict.fromkeys(self._uid(answer, "StudyInstanceUID") for answer in answers))

    def _series(self, study: str, modalities: tuple[str, ...]) -> list[str]:
        wanted = ("SeriesInstanceUID", "Modality")
        answers = self._ask("SERIES", {"StudyInstanceUID": study}, wanted)
        kept = (a for a in answers if not modalities or _value(a, "Modality") in modalities)
        return list(dict.fromkeys(self._uid(answer, "SeriesInstanceUID") for answer in kept))

    def _ask(self, level: str, keys: Mapping[str, str], wanted: tuple[str, ...]) -> list[Dataset]:
        """The answers of one C-FIND, each of which matches the keys."""
        identifier = Dataset()
        identifier.QueryRetrieveLevel = level
        for keyword in wanted:
            setattr(identifier, keyword, "")
        for keyword, value in keys.items():
            setattr(identifier, keyword, value)
        if not identifier.get("SpecificCharacterSet") and not all(
            v.isascii() for v in keys.values()
        ):
            identifier.SpecificCharacterSet = "ISO_IR 192"
        answers = self._answers(identifier)
        for answer in answers:
            for keyword, value in keys.items():
                if keyword in answer and _value(answer, keyword) != value:
                    raise self._unasked()
                if keyword not in answer and keyword in wanted:
                    raise self._unasked()
        return answers

    def _answers(self, identifier: Dataset) -> list[Dataset]:
        found: list[Dataset] = []
        deadline = time.monotonic() + MAX_S
        self._association.limit_messages(_MAX_IDENTIFIER_BYTES)
        try:
            for status, answer in self._association.send_c_find(identifier, FIND, _MESSAGE_ID):
                if "Status" not in status:
                    break
                self._has_answered = True
                if status.Status == _SUCCESS:
                    return found
                if status.Status not in _PENDING:
                    raise refused(int(status.Status), self._name, "the query")
                if answer is None:
                    raise self._unasked()
                found.append(_kept(answer, identifier))
                self._count += 1
                if time.monotonic() > deadline:
                    self._association.send_c_cancel(_MESSAGE_ID, query_model=UID(FIND))
                    raise self._too_slow()
                if self._count > MAX_INSTANCES:
                    self._association.send_c_cancel(_MESSAGE_ID, query_model=UID(FIND))
                    raise self._too_many()
        except (RuntimeError, ValueError):  # ended meanwhile, or C-FIND was not accepted
            pass
        raise unanswered(self._association, self._name, "a query", begun=self._has_answered)

    def _uid(self, answer: Dataset, keyword: str) -> str:
        value = _value(answer, keyword)
        if not is_usable_uid(value):
            raise self._unasked()
        return value

    def _unasked(self) -> Exception:
        problem = "answered a query with something else than was asked for"
        return refusal(self._name, Reason.UNCONFIRMED, problem, "look at the log of the archive")

    def _too_slow(self) -> Exception:
        problem = f"has not answered a query to the end within {MAX_S / 60:g} minutes"
        return refusal(self._name, Reason.LOST, problem, "name one study, or ask again later")

    def _too_many(self) -> Exception:
        problem = f"has more than {MAX_INSTANCES} instances that match"
        return refusal(self._name, Reason.CAPACITY, problem, "name one study")


def _kept(answer: Dataset, identifier: Dataset) -> Dataset:
    """What was asked for of an answer; whatever else an archive adds is not held in memory."""
    kept = Dataset()
    for tag in {_CHARACTER_SET, *identifier.keys()} & answer.keys():
        kept[tag] = answer.get_item(tag)
    return kept


def _value(answer: Dataset, keyword: str) -> str:
    """The value as text; empty where it is absent or cannot be read."""
    try:
        with quiet_pydicom():  # whose warnings would quote the value
            value = answer.get(keyword)
    except Exception:  # noqa: BLE001 (the reader of elements throws what it likes)
        return ""
    return "" if value is None else str(value).strip(" \0")
