"""Which study records are about, so that its images are found among those of others."""

from __future__ import annotations

from collections.abc import Sequence

from hosr.intake.images import NamedStudies
from hosr.intake.matching import Recorded
from hosr.intake.record import Record
from hosr.report import places
from hosr.study import is_no_id


def named_studies(records: Sequence[Recorded]) -> NamedStudies:
    """Each record by its study; where it names none by its accession number, else by its images."""
    uids: set[str] = set()
    accession_numbers: set[str] = set()
    images: set[str] = set()
    for record in (recorded.record for recorded in records):
        if record.study_instance_uid is not None:
            uids.add(record.study_instance_uid)
        elif not is_no_id(record.accession_number or ""):
            accession_numbers.add(record.accession_number or "")
        else:
            images |= _images_of(record)
    return NamedStudies(
        study_instance_uids=frozenset(uids),
        accession_numbers=frozenset(accession_numbers),
        sop_instance_uids=frozenset(images),
    )


def _images_of(record: Record) -> set[str]:
    return {place.sop_instance_uid for hip in record.hips for place in places(hip)} - {""}
