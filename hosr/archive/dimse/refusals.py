"""How DIMSE says why an archive did not do what it was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hosr.archive import refusals
from hosr.archive.refusals import Cause

if TYPE_CHECKING:
    from hosr.errors import ArchiveError, Reason


def refusal(
    name: str, reason: Reason, problem: str, remedy: str = "", *, status: str = ""
) -> ArchiveError:
    """The error that says this of the archive of this name."""
    cause = Cause(reason=reason, problem=problem, remedy=remedy)
    return refusals.refusal(name, cause, status=status)
