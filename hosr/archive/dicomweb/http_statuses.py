"""What the statuses of HTTP mean for an archive (RFC 9110 section 15; PS3.18 table 8.5-1)."""

from __future__ import annotations

from hosr.archive.refusals import Cause
from hosr.errors import Reason

# Not Found, Gone: of a resource it is absent, of a service there is none.
ABSENT = frozenset({404, 410})

_ADDRESS = "check that the address is the root of the DICOMweb services"
_RIGHTS = "check the credentials and their rights in the archive"

_CAUSES = {
    400: Cause(reason=Reason.PROCESSING, problem="called the request malformed", remedy=_ADDRESS),
    401: Cause(reason=Reason.CONFIGURATION, problem="wants other credentials", remedy=_RIGHTS),
    403: Cause(
        reason=Reason.CONFIGURATION,
        problem="does not permit this with these credentials",
        remedy=_RIGHTS,
    ),
    404: Cause(
        reason=Reason.CONFIGURATION,
        problem="has no such service at this address",
        remedy=_ADDRESS,
    ),
    405: Cause(reason=Reason.UNSUPPORTED, problem="does not offer this service", remedy=_ADDRESS),
    406: Cause(
        reason=Reason.UNSUPPORTED,
        problem="does not answer in a form that was asked for",
        remedy="it must offer application/dicom+json, and multipart/related for objects",
    ),
    407: Cause(
        reason=Reason.CONFIGURATION,
        problem="a proxy stands before it and wants credentials",
        remedy="give an address that is reached without the proxy",
    ),
    408: Cause(reason=Reason.LOST, problem="gave up waiting for the request"),
    409: Cause(
        reason=Reason.PROCESSING,
        problem="refused the object without saying why",
        remedy="look in the log of the archive",
    ),
    410: Cause(
        reason=Reason.CONFIGURATION,
        problem="has no such service at this address",
        remedy=_ADDRESS,
    ),
    413: Cause(
        reason=Reason.CONFIGURATION,
        problem="does not take a request of this size",
        remedy="raise the limit of the archive, or of the proxy before it",
    ),
    415: Cause(
        reason=Reason.UNSUPPORTED,
        problem="does not take objects in this form",
        remedy="it must take application/dicom in multipart/related",
    ),
    423: Cause(reason=Reason.BUSY, problem="is locked for now"),
    425: Cause(reason=Reason.BUSY, problem="does not take this so early"),
    429: Cause(reason=Reason.BUSY, problem="has been asked too much for now"),
    500: Cause(
        reason=Reason.LOST,  # what became of the request is not said
        problem="failed within itself",
        remedy="look in the log of the archive",
    ),
    501: Cause(reason=Reason.UNSUPPORTED, problem="does not offer this service", remedy=_ADDRESS),
    502: Cause(reason=Reason.LOST, problem="a gateway got no good answer from it"),
    503: Cause(reason=Reason.BUSY, problem="is not available for now"),
    504: Cause(reason=Reason.LOST, problem="a gateway got no answer from it in time"),
    505: Cause(reason=Reason.UNSUPPORTED, problem="does not speak HTTP/1.1"),
    507: Cause(
        reason=Reason.CAPACITY,
        problem="has no room left",
        remedy="make room in the archive",
    ),
    511: Cause(
        reason=Reason.CONFIGURATION,
        problem="the network wants a login before it lets anything through",
        remedy="log in to the network, or use another",
    ),
}

# By the first digit, for all others.
_CLASSES = {
    2: Cause(
        reason=Reason.UNRECOGNISED,
        problem="answered with a success that does not fit what was asked",
        remedy=_ADDRESS,
    ),
    3: Cause(
        reason=Reason.CONFIGURATION,
        problem="sends elsewhere, perhaps to a login page; hosr does not follow",
        remedy="give the address of the DICOMweb services themselves, and credentials",
    ),
    5: _CAUSES[500],
}
_OTHER = Cause(
    reason=Reason.UNRECOGNISED,
    problem="refused with a status that DICOMweb does not know",
    remedy=_ADDRESS,
)


def cause_of(status: int) -> Cause:
    """Why an archive that answers with this status did not do what was asked."""
    return _CAUSES.get(status) or _CLASSES.get(status // 100, _OTHER)
