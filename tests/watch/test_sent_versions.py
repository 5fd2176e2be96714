"""Before real receivers: drafts that were sent, and what is signed of them, are one report there."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from hosr.drafts import Draft, Drafts, NewDraft, judge
from hosr.drafts.imagery import images_of
from hosr.drafts.signing import Amends, sign_draft
from tests.command import hosr
from tests.drafts.signatures import FORM, LATER, seen
from tests.images import STUDY_UID
from tests.peers.archiving import archiving_orthanc
from tests.peers.fhir_server import running_fhir_server
from tests.peers.receiver import held, receiving
from tests.watch.test_sending import LATER_UID, sign_changed, with_another_line
from tests.watch.watching import Place, put_record, write_film

pytestmark = [pytest.mark.peer, pytest.mark.slow]

KNOWN = {
    "PatientID": "HO-0088",
    "IssuerOfPatientID": "http://hospital.example/patients",
    "PatientName": "Invented^Ida",
    "PatientBirthDate": "19560504",
    "AccessionNumber": "SYN-88",
}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A place with one image and one result."""
    place = Place(root=tmp_path / "place")
    write_film(place.images / "film.dcm", **KNOWN)
    put_record(place)
    return place


def _configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: str) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'{lines}\n[outbox]\npath = "{tmp_path}/outbox.sqlite"\n')
    monkeypatch.setenv("HOSR_CONFIG", str(config))


def _sent_through_its_life(place: Place, to: str) -> tuple[Draft, Draft]:
    """Two preliminary reports, the signed one, and the amendment that a redraw of it became; all were sent."""
    for _ in range(2):
        ran = place.once("--send", to)
        assert "alert" not in ran.out, ran.out
        write_film(place.images / "later.dcm", SOPInstanceUID=LATER_UID, **KNOWN)
    (newest,) = [each for each in place.listed() if not each.followed_by]
    done = sign_changed(place, place.draft(newest.draft_id))
    record = with_another_line(done, by_mm=-2)
    with Drafts(place.drafts, clock=time.time) as drafts:
        new = NewDraft(record=record, images=done.images, follows=done.draft_id)
        redrawn = drafts.add(new, judge(record, images_of(done)))
        amends = Amends(document_uid=done.document_uid, reason="Read again.")
        amended = sign_draft(drafts, redrawn.draft_id, seen(redrawn), LATER, FORM, amends)
    for each in (done, amended):
        ran = hosr("send", each.versions[-1], "--to", to)
        assert ran.code == 0, ran.err
    return done, amended


def test_an_archive_shows_one_chain(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Orthanc has both preliminary reports, the signed one and its amendment, which alone prevails."""
    (tmp_path / "orthanc").mkdir()
    with archiving_orthanc(tmp_path / "orthanc") as orthanc:
        monkeypatch.setenv("HOSR_CONFIG", str(orthanc.configure(tmp_path / "config.toml")))
        done, amended = _sent_through_its_life(place, "pacs")
        ran = hosr("history", "archive:pacs", "--study", STUDY_UID, "--json")
    assert (ran.code, ran.err) == (0, "")
    entries = json.loads(ran.out)
    told = [(each["status"], each["prevails"], each["fork"]) for each in entries]
    draft = ("draft", False, False)
    assert told == [draft, draft, ("signed", False, False), ("amended", True, False)]
    first, second, third, last = entries
    assert first["sop_instance_uid"] in second["predecessors"]
    assert {each["sop_instance_uid"] for each in (first, second)} <= {*third["predecessors"]}
    assert third["sop_instance_uid"] == done.document_uid == last["predecessors"][0]
    assert last["sop_instance_uid"] == amended.document_uid


def test_a_fhir_server_has_one_report(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Preliminary twice, then final, then amended, with its observations; none stays open."""
    with running_fhir_server(tmp_path) as server:
        url = f'[archives.ehr]\nurl = "fhir+{server.url}"\ncreate_patient = true'
        _configured(tmp_path, monkeypatch, url)
        _sent_through_its_life(place, "ehr")
        (report,) = server.search("DiagnosticReport")
        versions = server.history("DiagnosticReport", report["id"])
        observations = server.search("Observation")
    statuses = [each["status"] for each in reversed(versions)]
    assert statuses == ["preliminary", "preliminary", "final", "amended"]
    assert {each["status"] for each in observations} == {"amended"}


def test_a_receiver_of_hl7_has_one_report(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each message is of the same filler number: two preliminary ones, the final one, the corrected one."""
    with receiving(tmp_path / "bundles") as port:
        _configured(tmp_path, monkeypatch, f'[archives.ris]\nurl = "mllp://127.0.0.1:{port}"')
        _sent_through_its_life(place, "ris")
        time.sleep(0.2)
        reports = held(tmp_path / "bundles", "DiagnosticReport")
    statuses = [each["status"] for each in reports]
    assert statuses == ["preliminary", "preliminary", "final", "corrected"]
    assert len({json.dumps(each["identifier"], sort_keys=True) for each in reports}) == 1


def test_a_server_that_was_away_ends_with_what_was_signed_meanwhile(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The preliminary report waited for it: what was signed since is queued behind, and stands last."""
    lines = '[archives.ehr]\nurl = "fhir+http://127.0.0.1:1/fhir"\ncreate_patient = true'
    _configured(tmp_path, monkeypatch, lines)
    place.once("--send", "ehr")
    (listed,) = place.listed()
    done = sign_changed(place, place.draft(listed.draft_id))
    with running_fhir_server(tmp_path) as server:
        url = f'[archives.ehr]\nurl = "fhir+{server.url}"\ncreate_patient = true'
        _configured(tmp_path, monkeypatch, url)
        assert hosr("send", done.versions[-1], "--to", "ehr", "--later").code == 0
        assert hosr("outbox", "retry", "--all").code == 0
        assert hosr("outbox", "run").code == 0
        (report,) = server.search("DiagnosticReport")
    assert report["status"] == "final"
