"""What can be delivered: one table of kinds, with what each is known by, its order and its proofs.

The outbox keeps, sends, orders and proves all of them in the same way; what differs stands here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hosr.archive.addresses import Proof


class Kind(StrEnum):
    """What a message is. The words stand in outboxes, and stay."""

    DICOM = "dicom"  # an instance, as a DICOM file
    HL7 = "hl7"  # an HL7 v2 message
    FHIR = "fhir"  # a FHIR resource, which may be a bundle


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How messages of a kind are delivered.

    `known_by` is what their key is, which one destination has once; `proofs` are those that can be
    had at all. Where order counts, a message waits until those of its report that were put in
    before it are archived or given up.
    """

    known_by: str
    proofs: frozenset[Proof]
    is_ordered: bool

    @property
    def lacking(self) -> frozenset[Proof]:
        """The proofs that no destination gives for this kind."""
        return frozenset(Proof) - self.proofs


RULES: dict[Kind, Rules] = {
    Kind.DICOM: Rules(
        known_by="SOP Instance UID (0008,0018)", proofs=frozenset(Proof), is_ordered=False
    ),
    # Its acknowledgment is all that a receiver says (HL7 v2.5.1, section 2.9). What corrects a
    # report must not arrive before the report.
    Kind.HL7: Rules(
        known_by="message control ID (MSH-10)",
        proofs=frozenset({Proof.RESPONSE}),
        is_ordered=True,
    ),
    Kind.FHIR: Rules(
        known_by="identifier",
        proofs=frozenset({Proof.READ_BACK, Proof.RESPONSE}),
        is_ordered=True,
    ),
}
