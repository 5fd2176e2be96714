"""How far a report has come, as one value: what headers, labels, pages and sentences say of it.

Every output asks the status of its report and writes no word of it by hand, so that none of them
can say another thing than the rest. Today every report is a draft. One that a person has signed,
amended or withdrawn will be another value of this kind; a status only goes forward.
"""

from __future__ import annotations

from dataclasses import dataclass


def _message(text: str) -> str:
    """Marks words that are said later, in the language of a report."""
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One status, in the words of every output.

    `completion`, `verification` and `preliminary` are the flags of an SR document (PS3.3 section
    C.17.2); `verification` is that of an encapsulated document too (section C.24.2). `label`
    stands in labels, descriptions and titles, which are English in every language; `summary` ends
    a list of key objects, `told` what is printed for the user of the command line. The others are
    messages: the `notice` that no page may leave out, the one `word` for it in a picture, and how
    the report came about, its `origin`.
    """

    completion: str
    verification: str
    preliminary: str
    label: str
    summary: str
    told: str
    notice: str
    word: str
    origin: str


DRAFT = Status(
    completion="COMPLETE",
    verification="UNVERIFIED",
    preliminary="PRELIMINARY",
    label="draft",
    summary="Draft, not verified.",
    told="Draft: not reviewed.",
    notice=_message("DRAFT - not reviewed. Not a medical device."),
    word=_message("Draft"),
    origin=_message("Draft generated from structured input."),
)
