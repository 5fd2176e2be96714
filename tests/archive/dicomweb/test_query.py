"""Searching: exactly what was asked for, all of it, from archives that do it well or badly."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from hosr.archive.dicomweb import query_retrieve
from hosr.archive.values import Locator, Query
from hosr.errors import Reason
from tests.archive.dicomweb.peers import CLASS, LOCATOR, SERIES, STUDY, UID, archive_at, refused
from tests.archive.dicomweb.scripted import Step, answer, dicom_json, scripted_peer

QUERY = Query(study_instance_uid=STUDY)
NOTHING = answer(204)


def _match(**values: str) -> dict[str, Any]:
    return {_TAGS[name]: {"vr": "XX", "Value": [value]} for name, value in values.items()}


_TAGS = {
    "study": "0020000D",
    "series": "0020000E",
    "sop_class": "00080016",
    "instance": "00080018",
    "accession": "00080050",
    "modality": "00080060",
    "patient": "00100020",
}
FOUND = _match(study=STUDY, patient="P-1", accession="A-1")
INSTANCE = _match(study=STUDY, series=SERIES, sop_class=CLASS, instance=UID)


def _page(*matches: dict[str, Any]) -> Step:
    return dicom_json(200, list(matches))


def test_a_study_is_asked_for_level_by_level() -> None:
    """First the study, then its instances; each until nothing more comes."""
    steps = (_page(FOUND), _page(INSTANCE), _page(), NOTHING)
    with scripted_peer(*steps) as peer, archive_at(peer.url) as archive:
        assert archive.find(QUERY) == (LOCATOR,)
    studies, instances = "/dicom-web/studies", f"/dicom-web/studies/{STUDY}/instances"
    asked = [urlsplit(request.target).path for request in peer.received]
    assert asked == [studies, instances, instances, studies]
    first = parse_qs(urlsplit(peer.received[0].target).query)
    assert first == {"0020000D": [STUDY], "limit": ["200"], "offset": ["0"]}


def test_values_are_escaped() -> None:
    """What stands in an identifier changes nothing of the request."""
    patient = "A&B=C/../?#é %"
    with scripted_peer(NOTHING) as peer, archive_at(peer.url) as archive:
        assert archive.find(Query(patient_id=patient, accession_number="1+1")) == ()
    asked = urlsplit(peer.received[0].target)
    assert asked.path == "/dicom-web/studies"
    values = parse_qs(asked.query)
    assert (values["00100020"], values["00080050"]) == ([patient], ["1+1"])


@pytest.mark.parametrize(
    "step",
    [
        answer(200, b""),
        answer(200, b" \n"),
        answer(204),
        _page(),
        _page(_match(study="1.2.3", patient="P-1")),
        _page(_match(study=STUDY, patient="P-10")),
        _page(_match(study=STUDY, patient="p-1")),
        _page(_match(study=STUDY)),
    ],
)
def test_what_does_not_match_is_left_out(step: Step) -> None:
    """No content is no match, nor is what an archive gives beside what was asked for."""
    query = Query(study_instance_uid=STUDY, patient_id="P-1")
    with scripted_peer(step, _page(INSTANCE)) as peer, archive_at(peer.url) as archive:
        assert archive.find(query) == ()
    assert {urlsplit(request.target).path for request in peer.received} == {"/dicom-web/studies"}


def test_modalities_are_those_of_series() -> None:
    """Only the series of the modality are looked into."""
    reports = _match(study=STUDY, series="1.2.9", modality="SR")
    images = _match(study=STUDY, series=SERIES, modality="DX")
    report = _match(sop_class="1.2.4", instance="1.2.9.1")
    steps = (_page(FOUND), _page(images, reports), _page(report), NOTHING, NOTHING, NOTHING)
    with scripted_peer(*steps) as peer, archive_at(peer.url) as archive:
        found = archive.find(Query(study_instance_uid=STUDY, modalities=("SR", "KO")))
    expected = Locator(
        study_instance_uid=STUDY,
        series_instance_uid="1.2.9",
        sop_class_uid="1.2.4",
        sop_instance_uid="1.2.9.1",
    )
    assert found == (expected,)
    asked = {urlsplit(request.target).path for request in peer.received}
    assert f"/dicom-web/studies/{STUDY}/series/1.2.9/instances" in asked
    assert f"/dicom-web/studies/{STUDY}/series/{SERIES}/instances" not in asked


def _numbered(number: int) -> dict[str, Any]:
    return {**INSTANCE, **_match(instance=f"1.2.{number}")}


def test_all_pages_are_read() -> None:
    """However few an archive gives at a time, in whatever order, some of them twice."""
    pages = [[9, 1, 5], [5, 3], [2], []]
    steps = [_page(*map(_numbered, page)) for page in pages]
    with scripted_peer(_page(FOUND), *steps, NOTHING) as peer, archive_at(peer.url) as archive:
        found = archive.find(QUERY)
    assert [locator.sop_instance_uid for locator in found] == [f"1.2.{n}" for n in (1, 2, 3, 5, 9)]
    queries = [parse_qs(urlsplit(request.target).query) for request in peer.received]
    assert [query["offset"][0] for query in queries] == ["0", "0", "3", "5", "6", "1"]


def test_an_archive_that_ignores_paging_is_not_asked_for_ever() -> None:
    """The same page once more is the end."""
    with (
        scripted_peer(_page(FOUND), _page(INSTANCE), _page(INSTANCE), _page(FOUND)) as peer,
        archive_at(peer.url) as archive,
    ):
        assert archive.find(QUERY) == (LOCATOR,)
    assert len(peer.received) == 4


def test_more_than_can_be_meant_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit nothing is given, rather than a part."""
    monkeypatch.setattr(query_retrieve, "MAX_INSTANCES", 5)
    steps = [_page(*map(_numbered, range(n, n + 3))) for n in (1, 4, 7, 10)]
    with scripted_peer(_page(FOUND), *steps) as peer, archive_at(peer.url) as archive:
        refused(Reason.CAPACITY, archive.find, QUERY)
    assert len(peer.received) <= 3


def test_more_studies_than_can_be_meant_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit holds for what is looked into as well."""
    monkeypatch.setattr(query_retrieve, "MAX_INSTANCES", 5)
    studies = [_match(study=f"1.2.{number}", patient="P-1") for number in range(6)]
    steps = (_page(*studies), NOTHING)
    with scripted_peer(*steps) as peer, archive_at(peer.url) as archive:
        refused(Reason.CAPACITY, archive.find, Query(patient_id="P-1"))
    assert len(peer.received) == 7


@pytest.mark.parametrize(
    "match",
    [
        _match(study=STUDY, series=SERIES, sop_class=CLASS),
        _match(study=STUDY, series=SERIES, sop_class=CLASS, instance="../secret"),
        _match(study=STUDY, series=SERIES, sop_class="DX", instance=UID),
        _match(study=STUDY, sop_class=CLASS, instance=UID),
        {"00080018": UID},
        {},
    ],
)
def test_instances_without_uids_are_refused(match: dict[str, Any]) -> None:
    """What is found must be such that it can be fetched; a part is not passed off as all."""
    steps = (_page(FOUND), _page(match))
    with scripted_peer(*steps) as peer, archive_at(peer.url) as archive:
        refused(Reason.UNRECOGNISED, archive.find, QUERY)


def test_a_class_may_be_left_unsaid() -> None:
    """An archive that does not say what an instance is still says where it is."""
    match = _match(study=STUDY, series=SERIES, instance=UID)
    with (
        scripted_peer(_page(FOUND), _page(match), NOTHING) as peer,
        archive_at(peer.url) as archive,
    ):
        assert archive.find(QUERY) == (replace(LOCATOR, sop_class_uid=""),)


def test_instances_of_elsewhere_are_left_out() -> None:
    """What an archive gives of another study was not asked for."""
    other = {**INSTANCE, **_match(study="1.2.3")}
    steps = (_page(FOUND), _page(other), NOTHING)
    with scripted_peer(*steps) as peer, archive_at(peer.url) as archive:
        assert archive.find(QUERY) == ()


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (answer(200, b"<html>log in</html>", "text/html"), Reason.UNRECOGNISED),
        (answer(200, b"[]", "text/html"), Reason.UNRECOGNISED),
        (answer(200, b"[{}"), Reason.UNRECOGNISED),
        (answer(200, b"[NaN]"), Reason.UNRECOGNISED),
        (answer(200, b'[{"00100020": {}, "00100020": {}}]'), Reason.UNRECOGNISED),
        (answer(200, b"[1]"), Reason.UNRECOGNISED),
        (answer(200, b"7"), Reason.UNRECOGNISED),
        (answer(200, b"[" * 200_000), Reason.UNRECOGNISED),
        (answer(302, headers={"Location": "/login"}), Reason.CONFIGURATION),
        (answer(400), Reason.PROCESSING),
        (answer(401), Reason.CONFIGURATION),
        (answer(403), Reason.CONFIGURATION),
        (answer(404), Reason.CONFIGURATION),
        (answer(406), Reason.UNSUPPORTED),
        (answer(501), Reason.UNSUPPORTED),
        (answer(503), Reason.BUSY),
    ],
)
def test_what_is_no_list_of_matches_is_refused(step: Step, reason: Reason) -> None:
    """A search that did not work is not a search that found nothing."""
    with scripted_peer(step) as peer, archive_at(peer.url) as archive:
        refused(reason, archive.find, Query(patient_id="SECRET"))


def test_a_search_for_everything_is_refused() -> None:
    """Something must be named."""
    with scripted_peer(NOTHING) as peer, archive_at(peer.url) as archive:
        refused(Reason.CONFIGURATION, archive.find, Query(modalities=("SR",)))
    assert peer.received == []


def test_no_error_names_the_patient() -> None:
    """What was searched for is in no error, whatever goes wrong."""
    with scripted_peer(answer(500)) as peer, archive_at(peer.url) as archive:
        error = refused(Reason.LOST, archive.find, Query(patient_id="SECRET"))
    assert "SECRET" not in f"{error}{error!r}{error.__cause__}{error.__context__}"
