"""Report to messages: the ORU^R01 of HL7 v2 that a RIS or an EHR files as the result of an order.

Bundles for a FHIR server are made in the package `fhir`.

    message_form   a message, and how it is written for its receiver
    hl7_text       free text between delimiters, and the ways in which lines end
    hl7_values     names and times of DICOM in the order and form of HL7
    comparison     what became of a hip since an earlier report, coded
    observations   what is sent beside the text: sides, grades and lengths, coded
    results        the segments that hold results: text, what is coded, UIDs and pages
    oru            the message: its header, patient and order

hl7types, an extra, is imported when a message is made. Sentences are those of the narrative report.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from hosr.errors import Fault, UsageError
from hosr.messages.message_form import LineEnd, Message, MessageForm, Party

if TYPE_CHECKING:
    from hosr.report import Report
    from hosr.templating.sources import Wording

__all__ = ["LineEnd", "Message", "MessageForm", "Party", "make_oru", "require_library"]


def make_oru(
    report: Report,
    wording: Wording,
    form: MessageForm,
    *,
    sr_uid: str,
    pdf: bytes | None = None,
) -> Message:
    """The ORU^R01 of a report, of HL7 v2.5.1 in UTF-8.

    `sr_uid` is the SOP Instance UID of the measurement report, `pdf` the pages that go with it; pages
    that are too large for the receiver are left out, and noted. Raises `UsageError` where hl7types is
    not installed, and `Unencodable` for a value that has no valid form in HL7.
    """
    require_library()
    from hosr.messages.oru import compose

    return compose(report, wording, form, sr_uid, pdf)


def require_library() -> None:
    """Raise UsageError where hl7types, which messages are made with, is not installed."""
    if find_spec("hl7types") is None:
        problem = "needs hl7types, which is not installed"
        raise UsageError(Fault("report.hl7", problem, "install hosr[hl7]"))
