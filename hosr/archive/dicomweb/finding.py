"""Searching an archive (QIDO-RS, PS3.18 section 10.6): study, series, instance, level by level.

Every level is asked for by itself, since not every archive searches across levels, and what
comes back is held against the query once more: archives ignore what they cannot match, take
`*` and `?` in a value for wildcards, and ignore paging.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

from hosr.archive.dicomweb.messages import (
    DataSet,
    ask_for_data_sets,
    data_sets,
    is_uid,
    series_target,
    study_target,
    text_of,
)
from hosr.archive.dicomweb.service import Service
from hosr.archive.values import Locator, Query, cause
from hosr.errors import Reason

MAX_INSTANCES = 50_000

# What Azure takes at most; others take more, and some give fewer than they are asked for.
PAGE = 200

_STUDY_INSTANCE_UID = "0020000D"
_SERIES_INSTANCE_UID = "0020000E"
_SOP_CLASS_UID = "00080016"
_SOP_INSTANCE_UID = "00080018"
_ACCESSION_NUMBER = "00080050"
_MODALITY = "00080060"
_PATIENT_ID = "00100020"


def find(service: Service, query: Query) -> tuple[Locator, ...]:
    """The instances that match, in the order of their UIDs.

    Raises ArchiveError where the archive cannot be searched, and beyond 50,000 instances.
    """
    query.require_named(service.name)
    keys = {
        _STUDY_INSTANCE_UID: query.study_instance_uid,
        _ACCESSION_NUMBER: query.accession_number,
        _PATIENT_ID: query.patient_id,
    }
    keys = {tag: value for tag, value in keys.items() if value}
    found: set[Locator] = set()
    for study in _studies(service, keys):
        for locator in _instances(service, study, query.modalities):
            found.add(locator)
            if len(found) > MAX_INSTANCES:
                raise _TOO_MANY.refusal(service.name)
    return tuple(sorted(found))


def _studies(service: Service, keys: Mapping[str, str]) -> Iterator[str]:
    for study in _pages(service, "/studies", _STUDY_INSTANCE_UID, keys):
        if all(text_of(study, tag) == value for tag, value in keys.items()):
            yield text_of(study, _STUDY_INSTANCE_UID)


def _instances(service: Service, study: str, modalities: tuple[str, ...]) -> Iterator[Locator]:
    if not modalities:
        yield from _locators(service, study_target(study), study)
        return
    for series in _pages(service, f"{study_target(study)}/series", _SERIES_INSTANCE_UID, {}):
        if text_of(series, _MODALITY) in modalities:
            uid = text_of(series, _SERIES_INSTANCE_UID)
            yield from _locators(service, series_target(study, uid), study, uid)


def _locators(service: Service, target: str, study: str, series: str = "") -> Iterator[Locator]:
    """The instances below a study or a series."""
    for instance in _pages(service, f"{target}/instances", _SOP_INSTANCE_UID, {}):
        locator = Locator(
            study_instance_uid=text_of(instance, _STUDY_INSTANCE_UID) or study,
            series_instance_uid=text_of(instance, _SERIES_INSTANCE_UID) or series,
            sop_class_uid=text_of(instance, _SOP_CLASS_UID),
            sop_instance_uid=text_of(instance, _SOP_INSTANCE_UID),
        )
        # Some archives do not say the class; the file does.
        if not is_uid(locator.series_instance_uid) or not is_uid(locator.sop_class_uid or "0"):
            raise _INCOMPLETE.refusal(service.name)
        if locator.study_instance_uid == study and series in {"", locator.series_instance_uid}:
            yield locator


def _pages(service: Service, target: str, key: str, query: Mapping[str, str]) -> Iterator[DataSet]:
    """All matches, each once by the UID that is its key, until a page brings nothing new."""
    seen: set[str] = set()
    offset = 0
    while True:
        asked = urlencode({**query, "limit": PAGE, "offset": offset})
        page = data_sets(service, ask_for_data_sets(service, f"{target}?{asked}"))
        new = {text_of(match, key): match for match in page if text_of(match, key) not in seen}
        if not all(map(is_uid, new)):
            raise _INCOMPLETE.refusal(service.name)
        yield from new.values()
        seen |= set(new)
        if not new:
            return
        if len(seen) > MAX_INSTANCES:
            raise _TOO_MANY.refusal(service.name)
        offset += len(page)


_TOO_MANY = cause(Reason.CAPACITY, "has more than 50,000 instances that match", "name the study")
_INCOMPLETE = cause(
    Reason.UNRECOGNISED,
    "finds instances without saying their UIDs",
    "check that the address is the root of the DICOMweb services",
)
