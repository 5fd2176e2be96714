"""C-GET, and C-MOVE to the listener where there is no C-GET (PS3.4 sections C.4.2 and C.4.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from pydicom.dataset import Dataset
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)
from pynetdicom import build_role, evt
from pynetdicom.events import Event
from pynetdicom.presentation import PresentationContext, build_context

from hosr.archive.addresses import Destination, DimseAddress
from hosr.archive.dimse.association import ArchiveAssociation, close_association, open_association
from hosr.archive.dimse.listener import NOT_ASKED_FOR, receive
from hosr.archive.dimse.query import (
    GET,
    MOVE,
    absent,
    has_instance,
    refused,
    unanswered,
)
from hosr.archive.dimse.storage import SYNTAXES
from hosr.archive.values import Locator, refusal
from hosr.dicom.elements import MAX_FILE_BYTES, peek
from hosr.errors import ArchiveError, Reason

TakeObject = Callable[[Locator, bytes], None]


# As an object may lie in the archive; each in a context of its own, so that none is transcoded.
STORED_SYNTAXES = (
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    DeflatedExplicitVRLittleEndian,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    JPEG2000Lossless,
    JPEG2000,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    HTJ2K,
    RLELossless,
)
# An association has 128 contexts at most (PS3.8 section 9.3.2.2), one of them for the request.
_MAX_CLASSES = 127 // len(STORED_SYNTAXES)

_UNCLEAR = frozenset({Reason.PROCESSING, Reason.UNRECOGNISED})

_PENDING, _WARNING, _SUCCESS = 0xFF00, 0xB000, 0x0000
# PS3.4 table C.4-3: no sub-operation could be done, which is also said where hosr took none.
_NONE_TAKEN = 0xA702
# What the sender of an object is told (PS3.4 table B.2-1).
_TAKEN, _NO_ROOM, _DAMAGED = 0x0000, 0xA700, 0xC000
_IDENTITY = (0x00080016, 0x00080018, 0x0020000D, 0x0020000E)


class _TakerFailed(Exception):
    """What `take` raised, and `_Intake.failure` holds: told apart from what pynetdicom raises."""


@dataclass(slots=True)
class _Intake:
    """What was asked for, and what of it has come; used by the thread that serves the association."""

    wanted: dict[str, Locator]
    take: TakeObject
    failure: Exception | None = None
    come: set[str] = field(default_factory=set)
    damaged: set[str] = field(default_factory=set)
    has_refused: bool = False

    def store(self, event: Event) -> int:
        """Answer one C-STORE: only what was asked for is taken."""
        request = event.request
        uid = str(getattr(request, "AffectedSOPInstanceUID", ""))
        locator = self.wanted.get(uid)
        status = NOT_ASKED_FOR if locator is None else self._accept(event, locator)
        self.has_refused |= status in {NOT_ASKED_FOR, _DAMAGED}
        return status

    def _accept(self, event: Event, locator: Locator) -> int:
        uid = locator.sop_instance_uid
        try:
            data = event.encoded_dataset()
            is_meant = len(data) <= MAX_FILE_BYTES and _is_meant(data, locator)
        except Exception:  # noqa: BLE001 (the reader of elements throws what it likes)
            self.damaged.add(uid)
            return _DAMAGED
        if not is_meant:
            return NOT_ASKED_FOR
        try:
            if uid not in self.come:
                self.take(locator, data)
        except Exception as error:  # noqa: BLE001 (told to the caller, in its own thread)
            self.failure = self.failure or error
            return _NO_ROOM
        self.come.add(uid)
        return _TAKEN


def fetch_instance(destination: Destination, locator: Locator) -> bytes:
    """The file of one instance, in the transfer syntax in which the archive keeps it.

    Raises
    ------
    ArchiveError
        ABSENT where the archive has no such instance, UNSUPPORTED where it gives none away.
    """
    taken: list[bytes] = []
    try:
        fetch_series(destination, [locator], lambda _, data: taken.append(data))
    except ArchiveError as error:
        # Some archives fail where they should say that nothing matches.
        is_unclear = error.status and error.reason in _UNCLEAR
        if not is_unclear or has_instance(destination, locator):
            raise
        raise absent(destination.name) from None
    return taken[0]


def fetch_series(destination: Destination, locators: Iterable[Locator], take: TakeObject) -> None:
    """Give each of these instances to `take`, from another thread and in any order.

    A series of which several instances are wanted is asked for as a whole. Raises as
    `fetch_instance`, and whatever `take` raises.
    """
    ordered = sorted(set(locators))
    for classes, batch in _by_classes(ordered):
        intake = _Intake({locator.sop_instance_uid: locator for locator in batch}, take)
        try:
            _get_or_move(destination, classes, intake)
        except _TakerFailed:
            if intake.failure is None:
                raise
            raise intake.failure from None


def _get_or_move(destination: Destination, classes: Sequence[str], intake: _Intake) -> None:
    try:
        _get(destination, classes, intake)
    except ArchiveError as error:
        if error.reason is not Reason.UNSUPPORTED or destination.listener is None:
            raise
        _move(destination, classes, intake)


def _by_classes(
    locators: Sequence[Locator],
) -> list[tuple[tuple[str, ...], list[Locator]]]:
    """The instances with their SOP classes, no more of these than fit into one association."""
    classes = sorted({locator.sop_class_uid for locator in locators})
    groups = [tuple(classes[i : i + _MAX_CLASSES]) for i in range(0, len(classes), _MAX_CLASSES)]
    return [(g, [one for one in locators if one.sop_class_uid in g]) for g in groups]


def _storage_contexts(classes: Sequence[str]) -> list[PresentationContext]:
    return [build_context(uid, syntax) for uid in classes for syntax in STORED_SYNTAXES]


def _get(destination: Destination, classes: Sequence[str], intake: _Intake) -> None:
    association = open_association(
        destination,
        [build_context(GET, SYNTAXES), *_storage_contexts(classes)],
        handlers=[(evt.EVT_C_STORE, intake.store)],
        roles=[build_role(uid, scp_role=True) for uid in classes],
    )
    try:
        _require_service(association, GET, destination.name)
        for identifier in _identifiers(intake):
            responses = association.send_c_get(identifier, GET)
            _follow(association, responses, intake, destination.name)
    except (RuntimeError, ValueError):  # ended meanwhile
        raise unanswered(association, destination.name, "an object") from None
    finally:
        close_association(association)
    _require_all(intake, destination.name)


def _move(destination: Destination, classes: Sequence[str], intake: _Intake) -> None:
    address = destination.address
    if not isinstance(address, DimseAddress):
        raise TypeError("C-MOVE needs a DimseAddress")
    association = open_association(destination, [build_context(MOVE, SYNTAXES)])
    try:
        _require_service(association, MOVE, destination.name)
        taken = [build_context(uid, list(STORED_SYNTAXES)) for uid in classes]
        with receive(destination, taken, intake.store):
            for identifier in _identifiers(intake):
                responses = association.send_c_move(identifier, address.calling_aet, MOVE)
                _follow(association, responses, intake, destination.name)
    except (RuntimeError, ValueError):
        raise unanswered(association, destination.name, "an object") from None
    finally:
        close_association(association)
    _require_all(intake, destination.name)


def _require_service(association: ArchiveAssociation, model: str, name: str) -> None:
    if not any(context.abstract_syntax == model for context in association.accepted_contexts):
        problem = "does not offer to give its objects away"
        remedy = "let its administrator allow C-GET, or C-MOVE to this AE title with `listen`"
        raise refusal(name, Reason.UNSUPPORTED, problem, remedy)


def _identifiers(intake: _Intake) -> list[Dataset]:
    """What to ask for: an instance that is alone in its series, or the whole series."""
    found = []
    missing = sorted(one for uid, one in intake.wanted.items() if uid not in intake.come)
    series_of = groupby(missing, key=lambda one: (one.study_instance_uid, one.series_instance_uid))
    for (study, series), members in series_of:
        first, *others = members
        identifier = Dataset()
        identifier.QueryRetrieveLevel = "SERIES" if others else "IMAGE"
        identifier.StudyInstanceUID = study
        identifier.SeriesInstanceUID = series
        if not others:
            identifier.SOPInstanceUID = first.sop_instance_uid
        found.append(identifier)
    return found


def _follow(
    association: ArchiveAssociation,
    responses: Iterable[tuple[Dataset, Dataset | None]],
    intake: _Intake,
    name: str,
) -> None:
    """Wait until one request is done."""
    is_given = False
    for status, _ in responses:
        if intake.failure is not None:
            raise _TakerFailed
        if "Status" not in status:
            break
        if status.Status in {_SUCCESS, _WARNING}:
            return
        if status.Status == _NONE_TAKEN and intake.has_refused:
            return  # by hosr, and not by the archive
        if status.Status != _PENDING:
            raise refused(int(status.Status), name, "to give an object away")
        is_given = True
    raise unanswered(association, name, "an object", begun=is_given or bool(intake.come))


def _require_all(intake: _Intake, name: str) -> None:
    missing = len(intake.wanted) - len(intake.come)
    if intake.damaged - intake.come:
        problem = "gave an object that is damaged"
        raise refusal(name, Reason.PROCESSING, problem, "look at the object in the archive")
    if missing:
        raise absent(name, missing, len(intake.wanted))


def _is_meant(data: bytes, locator: Locator) -> bool:
    """Whether the data set is the instance that was asked for, where it should stand."""
    seen = peek(data, _IDENTITY)
    return tuple(map(seen.text, _IDENTITY)) == (
        locator.sop_class_uid,
        locator.sop_instance_uid,
        locator.study_instance_uid,
        locator.series_instance_uid,
    )
