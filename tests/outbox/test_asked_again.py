"""What was archived once and may be no more: asked for again, sent again, or moved out of the way."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from pydicom import dcmread

from hosr.archive.addresses import Destination, DimseAddress, Proof
from hosr.errors import Reason
from hosr.outbox import Entry, Limits, Outbox, State
from tests.outbox.scripted import (
    HERE,
    LISTENER,
    Clock,
    Script,
    destination,
    dicom_file,
    failure,
    item,
    items,
    open_outbox,
    reference,
    report,
    run,
    states,
)

SENT = item(patient="Muster^Anna")
MOVED = replace(destination(), address=DimseAddress(called_aet="PACS", host="192.0.2.1", port=104))


def send(outbox: Outbox, script: Script, where: Destination | None = None) -> Entry:
    """Send the same report, as a person does, to where the archive is."""
    where = where or destination()
    outbox.enqueue([SENT], where.name, "report", address=str(where.address))
    (entry,) = run(outbox, script, where)
    return entry


def verify(outbox: Outbox, script: Script, where: Destination | None = None) -> Entry:
    """Have the archive asked for all that it proved to have."""
    where = where or destination()
    outbox.recheck(where.name, str(where.address))
    (entry,) = run(outbox, script, where)
    return entry


def stood(entry: Entry) -> tuple[State, Reason | None]:
    """How an entry stands, and why."""
    return entry.state, entry.reason


def altered(data: bytes, **changes: str) -> bytes:
    """The object as an archive keeps it that set something right."""
    data_set = dcmread(io.BytesIO(data))
    for keyword, value in changes.items():
        setattr(data_set, keyword, value)
    stream = io.BytesIO()
    data_set.save_as(stream)
    return stream.getvalue()


def test_what_is_still_there_is_not_sent_twice(tmp_path: Path) -> None:
    """The archive is asked, and has it."""
    script = Script()
    with open_outbox(tmp_path) as outbox:
        assert send(outbox, script).state is State.VERIFIED
        entry = send(outbox, script)
        assert (entry.state, entry.address, outbox.read(entry)) == (State.VERIFIED, HERE, None)
    assert (script.stores, script.fetches) == (["2.25.1"], ["2.25.1"] * 2)


def test_what_an_archive_lost_is_sent_again(tmp_path: Path) -> None:
    """An archive that was put back from an older copy gets the same bytes once more."""
    script = Script()
    with open_outbox(tmp_path) as outbox:
        send(outbox, script)
        script.kept.clear()
        assert send(outbox, script).state is State.VERIFIED
    assert (script.stores, script.kept) == (["2.25.1"] * 2, {"2.25.1": SENT.data})


@pytest.mark.parametrize("proof", [Proof.READ_BACK, Proof.RESPONSE])
def test_what_was_proven_elsewhere_is_not_proven_here(proof: Proof, tmp_path: Path) -> None:
    """Under the same name at another address it is sent anew."""
    old, new = Script(), Script()
    with open_outbox(tmp_path) as outbox:
        send(outbox, old, replace(destination(proof)))
        entry = send(outbox, new, replace(MOVED, proofs=(proof,)))
        assert (entry.state in {State.VERIFIED, State.ACCEPTED}, entry.address) == (
            True,
            str(MOVED.address),
        )
    assert (old.stores, new.stores) == (["2.25.1"], ["2.25.1"])


def test_where_nothing_can_be_asked_for_it_is_sent_anew(tmp_path: Path) -> None:
    """The word of an archive is from then, and says nothing of now."""
    script = Script()
    with open_outbox(tmp_path) as outbox:
        for _ in range(2):
            assert send(outbox, script, destination(Proof.RESPONSE)).state is State.ACCEPTED
    assert script.stores == ["2.25.1"] * 2


def test_a_commitment_is_asked_for_anew(tmp_path: Path) -> None:
    """What was promised before is what is doubted: no old report counts."""
    script = Script(reports=report)
    best = destination(listener=LISTENER)
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        run(outbox, script, best, committing=True)
        limits = Limits()

        def stop(uid: str, _: object) -> None:  # noqa: ARG001 (no report comes)
            limits.stop.set()

        script.reports = stop
        outbox.recheck("pacs", HERE)
        (entry,) = run(outbox, script, best, committing=True, limits=limits)
        assert entry.state is State.PROVING
        assert not outbox.take_report(report("2.25.9", [reference()]), best)
        assert outbox.take_report(report(script.requests[0][0], [reference()]), best)
        assert states(outbox.entries()) == [State.PROVING]
        outbox.take_report(report(script.requests[1][0], [reference()]), best)
        assert states(outbox.entries()) == [State.COMMITTED]


def test_verifying_finds_what_is_there(tmp_path: Path) -> None:
    """Though the bytes are gone here, and the archive keeps them in another file."""
    script = Script(alters=lambda data: altered(data, AccessionNumber="A1", StudyID="7"))
    with open_outbox(tmp_path) as outbox:
        send(outbox, script)
        script.kept["2.25.1"] = altered(SENT.data, AccessionNumber="A2")
        entry = verify(outbox, script)
        assert stood(entry) == (State.VERIFIED, None)
        assert entry.warning.startswith("it filled in AccessionNumber")


@pytest.mark.parametrize(
    "there",
    [
        pytest.param(
            dicom_file("something else", "2.25.1", patient="Muster^Anna"), id="something else"
        ),
        pytest.param(dicom_file("as sent", "2.25.1", patient="Other^One"), id="another patient"),
        pytest.param(b"no DICOM", id="nothing that can be read"),
    ],
)
def test_verifying_finds_what_is_not_the_same(there: bytes, tmp_path: Path) -> None:
    """It is held until the report is sent again, which compares it whole."""
    script = Script()
    with open_outbox(tmp_path) as outbox:
        send(outbox, script)
        script.kept["2.25.1"] = there
        entry = verify(outbox, script)
        assert stood(entry) == (State.HOLD, Reason.DUPLICATE)
        assert "`hosr send` the report again" in entry.words
        again = send(outbox, script)
        assert again.state in (State.CONFLICT, State.HOLD)
        assert outbox.read(again) == SENT.data
    assert script.stores == ["2.25.1"]


def test_verifying_finds_what_is_gone(tmp_path: Path) -> None:
    """Its bytes are gone here too: it is held until the report is sent again."""
    script = Script()
    with open_outbox(tmp_path) as outbox:
        send(outbox, script)
        kept = script.kept.pop("2.25.1")
        entry = verify(outbox, script)
        assert stood(entry) == (State.HOLD, Reason.ABSENT)
        assert entry.words.endswith("; `hosr send` the report again")
        script.kept["2.25.1"] = kept  # or the archive finds it
        outbox.retry()
        assert states(run(outbox, script)) == [State.VERIFIED]
        script.kept.clear()
        verify(outbox, script)
        assert send(outbox, script).state is State.VERIFIED
    assert script.stores == ["2.25.1"] * 2


def test_verifying_waits_for_an_archive_that_is_away(tmp_path: Path) -> None:
    """It stays open, and is asked for later; nothing is said to be archived meanwhile."""
    clock, script = Clock(), Script()
    with open_outbox(tmp_path, clock) as outbox:
        send(outbox, script)
        script.on_fetch = [failure(Reason.UNREACHABLE)]
        assert stood(verify(outbox, script)) == (State.STORED, Reason.UNREACHABLE)
        clock.go(1000)
        assert states(run(outbox, script)) == [State.VERIFIED]


@pytest.mark.parametrize("where", [destination(), MOVED])
def test_what_is_being_asked_for_is_sent_again(tmp_path: Path, where: Destination) -> None:
    """`verify` was ended before the archive answered; then the report is sent, perhaps elsewhere."""
    script = Script()
    with open_outbox(tmp_path) as outbox:
        send(outbox, script)
        outbox.recheck("pacs", HERE)
        entry = send(outbox, script, where)
    assert (entry.state, entry.address) == (State.VERIFIED, str(where.address))
    assert len(script.stores) == (1 if where == destination() else 2)


def test_a_warning_stays_to_the_end(tmp_path: Path) -> None:
    """Whatever happens between the answer and the proof, and where there is no proof at all."""
    words = "it changed elements"
    for number, (proof, on_fetch) in enumerate(
        [
            (Proof.RESPONSE, None),
            (Proof.READ_BACK, None),
            (Proof.READ_BACK, failure(Reason.UNREACHABLE)),
        ]
    ):
        clock, script = Clock(), Script(warning=words, on_fetch=[on_fetch])
        with open_outbox(tmp_path / str(number), clock) as outbox:
            outbox.enqueue([item()], "pacs", "report", address=HERE)
            run(outbox, script, destination(proof))
            clock.go(1000)
            (entry,) = run(outbox, script, destination(proof))
        assert (entry.state in {State.ACCEPTED, State.VERIFIED}, entry.is_warned) == (True, True)
        assert entry.warning == f"{words} [0000]"
    with open_outbox(tmp_path / "without") as outbox:
        assert not send(outbox, Script()).is_warned


def test_what_ended_long_ago_is_moved_to_a_file(tmp_path: Path) -> None:
    """With its history; what is open, held or new stays, and the same report is sent anew."""
    clock, script, kept = Clock(), Script(), list[str]()
    with open_outbox(tmp_path, clock) as outbox:
        outbox.enqueue(items(2), "pacs", "report", address=HERE)
        run(outbox, script)
        outbox.enqueue([item(3)], "pacs", "report", address=HERE)
        script.on_store = [failure(Reason.CONFIGURATION)]
        run(outbox, script)
        clock.go(100)
        outbox.enqueue([item(4)], "pacs", "report", address=HERE)
        run(outbox, script)
        assert outbox.prune(clock.now - 50, kept.append) == 2
        assert outbox.prune(clock.now - 50, kept.append) == 0
        assert [entry.name for entry in outbox.entries()] == ["3.dcm", "4.dcm"]
        lines = [json.loads(line) for line in "".join(kept).splitlines()]
        assert [(one["name"], one["state"]) for one in lines] == [
            ("1.dcm", "verified"),
            ("2.dcm", "verified"),
        ]
        assert [change["event"] for change in lines[0]["history"]] == [
            *("claim", "store", "prove", "verify")
        ]
        outbox.enqueue([item(1)], "pacs", "report", address=HERE)
        assert states(run(outbox, script))[-1] is State.VERIFIED


def test_what_cannot_be_kept_stays(tmp_path: Path) -> None:
    """Where the file cannot be written nothing goes."""

    def keep(_: str) -> None:
        raise OSError("full")

    clock = Clock()
    with open_outbox(tmp_path, clock) as outbox:
        outbox.enqueue(items(2), "pacs", "report", address=HERE)
        run(outbox, Script())
        before = outbox.entries()
        with pytest.raises(OSError, match="full"):
            outbox.prune(clock.now + 1, keep)
        assert outbox.entries() == before


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM entry WHERE key IN (SELECT value FROM json_each('[]')) ORDER BY id",
        "SELECT * FROM entry WHERE state IN (SELECT value FROM json_each('[]')) ORDER BY id",
        "SELECT * FROM entry WHERE worker <> '' AND state IN ('sending', 'proving')",
        "SELECT * FROM entry WHERE destination = 'pacs' AND state IN ('queued', 'x') LIMIT 8",
    ],
)
def test_what_is_archived_is_not_gone_through(query: str, tmp_path: Path) -> None:
    """Each question is answered from an index, however much was archived before."""
    with open_outbox(tmp_path) as outbox:
        plan = outbox.database.connection.execute(f"EXPLAIN QUERY PLAN {query}").fetchall()
    assert not [row["detail"] for row in plan if row["detail"].startswith("SCAN entry")]
