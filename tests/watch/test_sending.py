"""Drafts that were sent as preliminary reports, and what is signed of them: one report wherever it went."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from random import SystemRandom
from typing import Any

import pydicom
import pytest

from hosr.drafts import Changed, Draft, Drafts, Status, judge
from hosr.drafts.imagery import images_of
from hosr.lifecycle.versions import read_version
from hosr.outbox import Outbox
from hosr.sr import decode
from hosr.watch import sending
from tests.annotations.viewers.files import redrawn_in_ohif
from tests.children import in_a_child
from tests.command import hosr
from tests.drafts.drafting import READER
from tests.drafts.signatures import signed
from tests.images import STUDY_UID
from tests.watch.watching import Place, events_of, put_record, sample, write_film

LATER_UID = "1.2.826.0.1.1.1.2"
DRAGGED = [152.5, 389.0, 120.0, 430.0]


@pytest.fixture(autouse=True)
def _own_outbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'[outbox]\npath = "{tmp_path}/outbox.sqlite"\n')
    monkeypatch.setenv("HOSR_CONFIG", str(config))
    # Pages and pictures, which take their time, are no part of it.
    monkeypatch.setattr(sending, "DEFAULT_OUTPUTS", ("measurement", "narrative"))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A place with one image and one result."""
    place = Place(root=tmp_path / "place")
    write_film(place.images / "film.dcm")
    put_record(place)
    return place


def _shelf(place: Place) -> str:
    return f"file://{place.root / 'shelf'}"


def _entries(place: Place) -> list[dict[str, Any]]:
    """What the archive shows of the study."""
    ran = hosr("history", _shelf(place), "--study", STUDY_UID, "--json")
    assert (ran.code, ran.err) == (0, "")
    found: list[dict[str, Any]] = json.loads(ran.out)
    return found


def _chain(place: Place) -> list[tuple[str, bool]]:
    """The status of each version there, and which one prevails."""
    return [(each["status"], each["prevails"]) for each in _entries(place)]


def _newest(place: Place) -> Draft:
    """The draft that nothing follows."""
    (listed,) = [each for each in place.listed() if not each.followed_by]
    return place.draft(listed.draft_id)


def with_another_line(draft: Draft, by_mm: float) -> dict[str, Any]:
    """The record of a draft with the end of its line moved."""
    record: dict[str, Any] = json.loads(json.dumps(draft.record))
    record["hips"][0]["gap"]["points"][1][0] += by_mm
    return record


def sign_changed(place: Place, draft: Draft) -> Draft:
    """The draft as a reader corrected and signed it."""
    record = with_another_line(draft, by_mm=1)
    change = Changed(record=record, judged=judge(record, images_of(draft)))
    with Drafts(place.drafts, clock=time.time) as drafts:
        draft = drafts.change(draft.draft_id, draft.etag, change, by=READER)
        return signed(drafts, draft)


def _send_signed(place: Place, draft: Draft) -> None:
    ran = hosr("send", draft.versions[-1], "--to", _shelf(place))
    assert ran.code == 0, ran.err


def test_what_is_signed_takes_the_place_of_the_draft_that_was_sent(place: Place) -> None:
    """Changed at the desk it is another document, and names both; the archive shows one chain."""
    assert place.once("--send", _shelf(place)).code == 0
    assert _chain(place) == [("draft", False)]
    (sent,) = _newest(place).sent
    done = sign_changed(place, _newest(place))
    report = read_version(Path(done.versions[0])).report
    local = read_version(Path(done.versions[0]).with_name("draft"))
    assert report.signing is not None
    assert report.signing.predecessors == (*sent.documents, *local.documents)
    assert (len(sent.documents), report.signing.tracked_as) == (2, sent.tracked_as)
    _send_signed(place, done)
    assert _chain(place) == [("draft", False), ("signed", True)]


def test_what_is_signed_as_it_was_sent_names_it_once(place: Place) -> None:
    """The draft that was signed is the document that was sent."""
    place.once("--send", _shelf(place))
    (sent,) = _newest(place).sent
    with Drafts(place.drafts, clock=time.time) as drafts:
        done = signed(drafts, _newest(place))
    report = read_version(Path(done.versions[0])).report
    assert report.predecessors == sent.documents


def test_a_report_is_withdrawn_with_its_draft_though_that_was_changed(place: Place) -> None:
    """They are versions of one report; which of what was sent an archive goes on to show is told."""
    place.once("--send", _shelf(place))
    (sent,) = _newest(place).sent
    version = Path(sign_changed(place, _newest(place)).versions[0])
    who = ("--as", READER, "--organization", "Example Hospital", "--reason", "wrong-patient")
    ran = hosr("withdraw", version.with_name("draft"), version, *who, "--out", place.root / "gone")
    assert ran.code == 0, ran.err
    told = (place.root / "gone" / "manifest.json").read_text()
    assert json.loads(told)["withdrawal"]["not_given"] == [sent.documents[0].sop_instance_uid]


def _more_images(place: Place) -> Draft:
    """The draft of the same result with one image more, which was sent too."""
    write_film(place.images / "later.dcm", SOPInstanceUID=LATER_UID)
    (event,) = events_of(place.once("--send", _shelf(place)))
    assert event.startswith("newer ")
    return _newest(place)


def test_drafts_of_newer_images_are_versions_of_the_one_that_was_sent(place: Place) -> None:
    """The second preliminary replaces the first, and what is signed both: one chain, under one name."""
    place.once("--send", _shelf(place))
    first = _newest(place)
    second = _more_images(place)
    assert _chain(place) == [("draft", False), ("draft", False)]
    (one,), (two,) = first.sent, second.sent
    assert (two.follows, two.tracked_as) == (one.documents, one.tracked_as)
    done = sign_changed(place, second)
    _send_signed(place, done)
    assert _chain(place) == [("draft", False), ("draft", False), ("signed", True)]
    replaced = _entries(place)[-1]["predecessors"]
    uids = [each.sop_instance_uid for each in (*two.documents, *one.documents)]
    assert replaced[: len(uids)] == uids
    assert place.draft(first.draft_id).status is Status.HELD


def test_the_older_of_two_drafts_is_signed_and_prevails(place: Place) -> None:
    """Nobody signs the newer one: what nobody signed takes the place of nothing that somebody did."""
    place.once("--send", _shelf(place))
    first = _newest(place)
    second = _more_images(place)
    with Drafts(place.drafts, clock=time.time) as drafts:
        held = drafts.get(first.draft_id)
        released = drafts.release(held.draft_id, held.etag, by=READER)
    done = sign_changed(place, released)
    _send_signed(place, done)
    assert _chain(place) == [("draft", False), ("draft", False), ("signed", True)]
    with Drafts(place.drafts, clock=time.time) as drafts:
        preliminaries = drafts.preliminaries(second.draft_id)
    assert preliminaries is not None
    assert (
        preliminaries.documents == second.sent[0].documents
    )  # the first is that of a signed report
    assert preliminaries.tracked_as == ""


@pytest.mark.parametrize("form", [("--hydrate", "--terminology", "snomed"), ()])
def test_a_redraw_of_what_was_sent_is_a_version_of_it(
    tmp_path: Path, form: tuple[str, ...]
) -> None:
    """In whatever form it went; the redraw names it, and one over that names both."""
    place = Place(root=tmp_path / "place")
    sample(place, "brooker-3")
    options = ("--send", _shelf(place), *form, "--as", "Neri^Ada", "--timezone", "Europe/Rome")
    assert place.once(*options).code == 0
    former = _newest(place)
    (sent,) = former.sent
    over = sent.documents[0].sop_instance_uid
    for number in (1, 2):
        drawn = redrawn_in_ohif(pydicom.dcmread(place.root / "shelf" / f"{over}.dcm"), DRAGGED)
        drawn.save_as(place.inbox / "redrawn.dcm")
        (event,) = events_of(place.once(*options))
        assert event.endswith(f"follows {former.draft_id}")
        former = _newest(place)
        (redrawn,) = former.sent
        assert redrawn.tracked_as == sent.tracked_as
        assert len(redrawn.follows) == 2 * number
        over = redrawn.documents[0].sop_instance_uid
        report = decode((place.root / "shelf" / f"{over}.dcm").read_bytes())
        assert report.preliminaries == redrawn.preliminaries


def test_a_redraw_of_what_was_signed_replaces_nothing_by_itself(place: Place) -> None:
    """It is sent as a draft of its own: the signed report prevails until somebody signs another one."""
    place.once("--send", _shelf(place))
    _send_signed(place, sign_changed(place, _newest(place)))
    _more_images(place)
    (sent,) = _newest(place).sent
    assert sent.follows == ()
    assert sorted(_chain(place)) == [("draft", False), ("draft", False), ("signed", True)]


def test_no_message_tells_of_a_draft_that_follows_a_signed_one(place: Place) -> None:
    """Who receives messages keeps one report; why nothing goes is told."""
    place.once("--send", "mllp://127.0.0.1:1")
    sign_changed(place, _newest(place))
    write_film(place.images / "later.dcm", SOPInstanceUID=LATER_UID)
    told = events_of(place.once("--send", "mllp://127.0.0.1:1"))
    unsent = "alert mllp://127.0.0.1:1: a draft is not sent: a draft before it is signed"
    assert unsent in told, told
    assert [each.kind for each in _outbox(place).values()] == ["hl7"]
    assert _newest(place).sent == ()


def _outbox(place: Place) -> dict[str, Any]:
    path = place.root.parent / "outbox.sqlite"
    with Outbox(path, clock=time.time, random=SystemRandom()) as outbox:
        return {each.key: each for each in outbox.entries()}


def _killed(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("is_signed", [False, True])
def test_what_was_noted_and_not_put_is_put_once_the_watch_is_back(
    place: Place, monkeypatch: pytest.MonkeyPatch, is_signed: bool
) -> None:
    """Killed in between; but where it was signed meanwhile, which names it, its draft does not follow."""
    with monkeypatch.context() as patch:
        patch.setattr(Outbox, "enqueue", _killed)
        assert in_a_child(lambda: place.once("--send", _shelf(place))) == -signal.SIGKILL
    draft = _newest(place)
    (sent,) = draft.sent
    if is_signed:
        assert (
            sent.documents[0]
            in read_version(Path(sign_changed(place, draft).versions[0])).report.predecessors
        )
    assert place.once("--send", _shelf(place)).code == 0
    put = {each.sop_instance_uid for each in sent.documents} & _outbox(place).keys()
    assert len(put) == (0 if is_signed else 2)
    assert _newest(place).sent == (sent,)


def test_a_draft_that_was_there_before_it_was_sent_is_noted(place: Place) -> None:
    """A watch that sent nothing was killed before it had told of the draft; the next one sends it."""
    with Drafts(place.drafts, clock=time.time):
        pass
    place.once()
    draft = _newest(place)
    assert draft.sent == ()
    (place.drafts / "watch.sqlite").unlink()
    put_record(place)
    place.once("--send", _shelf(place))
    (sent,) = _newest(place).sent
    assert {each.sop_instance_uid for each in sent.documents} <= _outbox(place).keys()


def test_the_form_of_what_is_sent_is_for_what_is_sent(place: Place) -> None:
    """Options of reports without an archive to send them to are refused."""
    ran = place.once("--hydrate", "--language", "de")
    assert ran.code == 2
    assert "--profile, --hydrate, --terminology: is for --send" in ran.err
    assert "--language, --templates: is for --send" in ran.err
