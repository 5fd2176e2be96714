"""A FHIR server as the outbox delivers to it: one transaction for each version of a report.

server    what the server has is read before anything is written; who it does not know is not made up
answers   what a server answers: searches, transactions, and what its statuses mean
bundles   the bundle that is sent, as far as it must be known: the report, the patient, how many entries
"""

from __future__ import annotations

from hosr.archive.fhir.server import FhirServer

__all__ = ["FhirServer"]
