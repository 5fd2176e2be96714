"""Why an archive did not do what it was asked, as an error."""

from __future__ import annotations

from dataclasses import dataclass

from hosr.errors import ArchiveError, ArchiveRefused, ArchiveUnreachable, Fault, Reason

# Where there was no answer, or none to the end, or none for now; all others are answers.
_UNREACHABLE = frozenset({Reason.UNREACHABLE, Reason.INSECURE, Reason.BUSY, Reason.LOST})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why something was not done, and what to do about it, in our own words."""

    reason: Reason
    problem: str
    remedy: str = ""


def refusal(
    where: str, cause: Cause, *, status: str = "", retry_after_s: float | None = None
) -> ArchiveError:
    """The error that says this of the archive of this name."""
    kind = ArchiveUnreachable if cause.reason in _UNREACHABLE else ArchiveRefused
    return kind(
        Fault(where, cause.problem, cause.remedy),
        reason=cause.reason,
        status=status,
        retry_after_s=retry_after_s,
    )
