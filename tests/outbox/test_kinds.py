"""Messages of every kind are delivered with the same order, proof and history."""

from __future__ import annotations

import ast
import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import hosr.outbox
from hosr.archive.addresses import Destination, Proof
from hosr.archive.values import Receipt
from hosr.archive.versions import Shown, Stage, Version, digest_of, read_bundle, report_in
from hosr.errors import Reason, UsageError
from hosr.outbox import Entry, Item, Kind, Outbox, State, deliver
from hosr.outbox.states import RULES
from tests.outbox.scripted import (
    HERE,
    LISTENER,
    Clock,
    Script,
    ScriptedArchive,
    destination,
    failure,
    item,
    open_outbox,
    run,
    states,
)

RIS = destination(name="ris")
NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


def message(number: int, text: str = "", kind: Kind = Kind.HL7) -> Item:
    """A message that is known by its number."""
    data = f"MSH|^~\\&|HOSR|||||ORU^R01|{number}|P|2.5.1\r{text}".encode()
    return Item(kind=kind, key=f"M{number}", data=data, name=f"{number}.hl7")


def version(number: int, stage: Stage, minute: int) -> Item:
    """A message of one report, which came to its stage at this minute."""
    stated_at = NOON + dt.timedelta(minutes=minute)
    return replace(
        message(number), version=Version(report="report", stage=stage, stated_at=stated_at)
    )


DRAFT, SIGNED, AMENDED = (
    version(1, Stage.DRAFT, 0),
    version(2, Stage.SIGNED, 10),
    version(3, Stage.AMENDED, 20),
)


def put(outbox: Outbox, *messages: Item) -> None:
    """Put messages of the report in, one by one."""
    for each in messages:
        outbox.enqueue([each], "ris", "report", address=HERE)


def send(outbox: Outbox, script: Script, where: Destination = RIS) -> tuple[Entry, ...]:
    """Deliver once what is due at one destination; all entries after it."""
    deliver(outbox, lambda _: where, lambda _: ScriptedArchive(script))
    return outbox.entries()


def test_every_kind_has_its_rules() -> None:
    """Whatever is delivered has a proof, and the answer of who takes it is one."""
    assert set(RULES) == set(Kind)
    assert all(Proof.RESPONSE in rules.proofs for rules in RULES.values())
    assert RULES[Kind.DICOM].lacking == frozenset()


@pytest.mark.parametrize("kind", [Kind.HL7, Kind.FHIR])
def test_a_message_is_kept_as_it_is(kind: Kind, tmp_path: Path) -> None:
    """Its kind, key, bytes and place in its report are there after reopening; it has no UIDs."""
    with open_outbox(tmp_path) as outbox:
        added = outbox.enqueue(
            [message(1, kind=kind), message(2, kind=kind)], "ris", "report", address=HERE
        )
        (instance,) = outbox.enqueue([item()], "pacs", "report", address=HERE)
    with open_outbox(tmp_path) as outbox:
        assert outbox.entries() == (*added, instance)
        assert [(e.kind, e.key, e.locator, e.turn) for e in added] == [
            (kind, "M1", None, 1),
            (kind, "M2", None, 2),
        ]
        assert (instance.kind, instance.key, instance.turn) == (Kind.DICOM, "2.25.1", 0)
        assert outbox.read(added[1]) == message(2).data


def test_an_answer_is_all_the_proof_of_hl7(tmp_path: Path) -> None:
    """It is accepted by its acknowledgment; nothing is fetched, and commitment is not asked for."""
    script = Script()
    where = destination(name="ris", listener=LISTENER)
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([message(1)], "ris", "report", address=HERE)
        (entry,) = run(outbox, script, where, committing=True)
        assert (entry.state, *entry.proofs) == (State.ACCEPTED, Proof.RESPONSE)
        assert [change.event for change in outbox.history(entry)] == ["claim", "store", "accept"]
    assert (script.stores, script.fetches, script.requests) == (["M1"], [], [])


def test_a_proof_that_a_kind_has_not_is_not_made_up(tmp_path: Path) -> None:
    """Where it is required, the message is held and says so, also after it was retried."""
    where = destination(Proof.READ_BACK, name="ris")
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([message(1)], "ris", "report", address=HERE)
        for _ in range(2):
            (entry,) = send(outbox, Script(), where)
            assert (entry.state, entry.reason) == (State.HOLD, Reason.UNSUPPORTED)
            assert entry.words.startswith("read-back is required, and is not to be had")
            outbox.retry()


def test_messages_of_a_report_arrive_in_their_order(tmp_path: Path) -> None:
    """What was put in later waits for what was put in before, also over failures and clocks."""
    clock, script = Clock(), Script(on_store=[failure(Reason.PROCESSING)])
    with open_outbox(tmp_path, clock) as outbox:
        outbox.enqueue([message(1), message(2)], "ris", "report", address=HERE)
        outbox.enqueue([message(3)], "ris", "report", address=HERE)
        outbox.enqueue([message(4)], "ris", "another report", address=HERE)
        assert states(send(outbox, script)) == [State.QUEUED] * 3 + [State.ACCEPTED]
        assert script.stores == ["M1", "M4"]
        clock.go(10)
        assert states(send(outbox, script)) == [State.ACCEPTED] * 4
    assert script.stores == ["M1", "M4", "M1", "M2", "M3"]


@pytest.mark.parametrize("reason", [Reason.CONFIGURATION, Reason.DATA])
def test_what_needs_a_person_stops_what_comes_behind(reason: Reason, tmp_path: Path) -> None:
    """A correction is not sent before its report; once that is given up, it is."""
    script = Script(on_store=[failure(reason)])
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([message(1), message(2)], "ris", "report", address=HERE)
        stopped = send(outbox, script)
        assert [e.state in (State.HOLD, State.DEAD) for e in stopped] == [True, False]
        assert send(outbox, script) == stopped  # and the delivery ends, with nothing due
        outbox.drop(["M1"], "sent by hand")
        assert states(send(outbox, script)) == [State.DROPPED, State.ACCEPTED]
    assert script.stores == ["M1", "M2"]


def test_instances_need_no_order(tmp_path: Path) -> None:
    """One that is held keeps no other back."""
    script = Script(on_store=[failure(Reason.CONFIGURATION)])
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([item(1), item(2)], "pacs", "report", address=HERE)
        assert states(run(outbox, script)) == [State.HOLD, State.VERIFIED]


def test_a_message_keeps_its_turn(tmp_path: Path) -> None:
    """Put in again, even for another report, it stays where it was."""
    with open_outbox(tmp_path) as outbox:
        first, second = outbox.enqueue([message(1), message(2)], "ris", "report", address=HERE)
        outbox.drop(["M1"], "by mistake")
        (again,) = outbox.enqueue([message(1)], "ris", "another", address=HERE)
        assert (again.id, again.report, again.turn) == (first.id, "report", 1)
        assert outbox.entries()[1] == second


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        (Item(kind=Kind.HL7, key="", data=b"x", name="a"), "a: has no message control ID (MSH-10)"),
        (Item(kind=Kind.FHIR, key="", data=b"x", name="a"), "a: has no digest"),
        (Item(kind=Kind.HL7, key="M1", data=b"", name="a"), "a: is empty"),
        (
            Item(kind=Kind.DICOM, key="2.25.1", data=b"x", name="a"),
            "a: has a UID that is not valid",
        ),
    ],
)
def test_what_cannot_be_a_message_is_refused(broken: Item, problem: str, tmp_path: Path) -> None:
    """Nothing to be known by, or nothing to send."""
    with open_outbox(tmp_path) as outbox:
        with pytest.raises(UsageError) as caught:
            outbox.enqueue([broken], "ris", "report", address=HERE)
        assert str(caught.value) == problem
        assert outbox.entries() == ()


@pytest.mark.parametrize("other", [message(1, "other"), message(1, kind=Kind.FHIR)])
def test_another_message_under_a_known_key_is_refused(other: Item, tmp_path: Path) -> None:
    """Whether its bytes or its kind are others."""
    with open_outbox(tmp_path) as outbox:
        before = outbox.enqueue([message(1)], "ris", "report", address=HERE)
        with pytest.raises(UsageError, match=r"has the key of another object .*\(M1\)"):
            outbox.enqueue([other], "ris", "report", address=HERE)
        assert outbox.entries() == before


def test_a_duplicate_that_cannot_be_fetched_is_held(tmp_path: Path) -> None:
    """A person has to look; nothing is called accepted."""
    script = Script(on_store=[failure(Reason.DUPLICATE)])
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([message(1)], "ris", "report", address=HERE)
        (entry,) = send(outbox, script)
    assert (entry.state, entry.reason) == (State.HOLD, Reason.DUPLICATE)


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_of_archives_it_knows_a_protocol_and_addresses() -> None:
    """No client, no configuration: so other kinds of destination need no change here."""
    folder = Path(hosr.outbox.__file__).parent
    found = {name for path in folder.glob("*.py") for name in _imported(path)}
    assert {name for name in found if name.startswith("hosr.archive")} == {
        "hosr.archive.addresses",
        "hosr.archive.values",
        "hosr.archive.versions",
    }


def test_versions_go_in_the_order_of_their_status(tmp_path: Path) -> None:
    """However they were put in: as long as none was begun with, the oldest goes first."""
    script = Script()
    with open_outbox(tmp_path) as outbox:
        put(outbox, AMENDED, DRAFT, SIGNED)
        assert states(send(outbox, script)) == [State.ACCEPTED] * 3
    assert script.stores == ["M1", "M2", "M3"]


@pytest.mark.parametrize(
    ("first", "late"),
    [
        (SIGNED, DRAFT),
        (AMENDED, SIGNED),
        (AMENDED, DRAFT),
        (SIGNED, version(4, Stage.DRAFT, 30)),  # a later draft takes the place of no signed one
        (version(5, Stage.WITHDRAWN, 30), AMENDED),
    ],
)
def test_what_comes_behind_a_newer_version_is_not_sent(
    first: Item, late: Item, tmp_path: Path
) -> None:
    """It ends by that, and says so, how often it is put in; it is nothing that a person must do."""
    script = Script()
    with open_outbox(tmp_path) as outbox:
        put(outbox, first)
        send(outbox, script)
        for _ in range(2):
            put(outbox, late)
            _, entry = send(outbox, script)
            assert (entry.state, entry.reason) == (State.SUPERSEDED, Reason.SUPERSEDED)
            stage = first.version and first.version.stage.value
            assert entry.words == f"the {stage} version of the report went before it ({first.key})"
            assert outbox.read(entry) is None
        assert outbox.prune(outbox.database.clock() + 1, lambda _: None) == 2
    assert script.stores == [first.key]


def test_a_newer_version_that_may_have_arrived_counts_as_there(tmp_path: Path) -> None:
    """Where nobody knows what became of it, the older one is not sent behind it; refused is not there."""
    clock = Clock()
    for number, (reason, first) in enumerate(
        ((Reason.LOST, State.SUPERSEDED), (Reason.CONFIGURATION, State.ACCEPTED))
    ):
        script, folder = Script(on_store=[failure(reason)]), tmp_path / str(number)
        with open_outbox(folder, clock) as outbox:
            put(outbox, AMENDED)
            send(outbox, script)
            put(outbox, SIGNED)
            clock.go(10)
            send(outbox, script)
            outbox.retry()
            amended, signed = send(outbox, script)
            assert (amended.state, signed.state) == (State.ACCEPTED, first)


def test_another_message_of_the_same_version_is_the_remedy_of_one_that_is_held(
    tmp_path: Path,
) -> None:
    """It does not wait for the one that it was made in place of; nor does then what comes behind."""
    script = Script(on_store=[failure(Reason.DATA)])
    with open_outbox(tmp_path) as outbox:
        put(outbox, DRAFT)
        send(outbox, script)
        put(outbox, SIGNED)
        assert states(send(outbox, script)) == [State.DEAD, State.QUEUED]
        assert outbox.held_back() == {2: "M1"}
        put(outbox, version(6, Stage.DRAFT, 0))
        assert states(send(outbox, script)) == [State.DEAD, State.ACCEPTED, State.ACCEPTED]
        assert script.stores == ["M1", "M6", "M2"]
        outbox.retry()
        assert states(send(outbox, script))[0] is State.SUPERSEDED


@pytest.mark.parametrize("is_after", [False, True])
def test_killed_while_a_message_is_sent(is_after: bool, tmp_path: Path) -> None:
    """It is sent again, the same bytes under the same number, and what comes behind it only then."""
    script, sent = Script(), list[tuple[str, bytes]]()

    class Killed(BaseException):
        pass

    class Dying(ScriptedArchive):
        def store(self, data: bytes, sop_instance_uid: str) -> Receipt:
            if is_after:
                sent.append((sop_instance_uid, data))
            raise Killed

    class Living(ScriptedArchive):
        def store(self, data: bytes, sop_instance_uid: str) -> Receipt:
            sent.append((sop_instance_uid, data))
            return super().store(data, sop_instance_uid)

    with open_outbox(tmp_path) as outbox:
        put(outbox, SIGNED, AMENDED)
        with pytest.raises(Killed):
            deliver(outbox, lambda _: RIS, lambda _: Dying(script))
        deliver(outbox, lambda _: RIS, lambda _: Living(script))
        assert states(outbox.entries()) == [State.ACCEPTED] * 2
    first = [SIGNED] if is_after else []
    assert sent == [(each.key, each.data) for each in (*first, SIGNED, AMENDED)]


class _Server(ScriptedArchive):
    """A server that shows one version of the report, or none."""

    shown: Shown | None = None

    def show(self, report: str) -> Shown | None:
        """What it shows."""
        assert report == "report"
        return _Server.shown


def bundle(stage: str, minute: int) -> Item:
    """A bundle with a report alone, which came to its status at this minute."""
    report = {
        "resourceType": "DiagnosticReport",
        "identifier": [{"use": "official", "system": "s", "value": "report"}],
        "status": stage,
        "issued": (NOON + dt.timedelta(minutes=minute)).isoformat(),
    }
    data = json.dumps({"type": "transaction", "entry": [{"resource": report}]}).encode()
    key, read = read_bundle(data)
    return Item(kind=Kind.FHIR, key=key, version=read, data=data, name="fhir.r4.json")


def shown(item: Item) -> Shown:
    """What a server shows that has this bundle."""
    assert item.version is not None
    return Shown(version=item.version, digest=digest_of(report_in(item.data)))


def test_what_a_server_shows_is_the_proof_of_a_bundle(tmp_path: Path) -> None:
    """This version as it was sent, or a newer one; other words are told, an older version is not it."""
    signed, amended, older = bundle("final", 10), bundle("amended", 20), bundle("preliminary", 0)
    other = replace(shown(signed), digest="other")
    for number, (there, state, warning) in enumerate(
        (
            (shown(signed), State.VERIFIED, ""),
            (
                shown(amended),
                State.VERIFIED,
                "it shows a newer version (amended, 2026-03-02T12:20:00+00:00)",
            ),
            (other, State.VERIFIED, "it shows other words or files of this version than were sent"),
            (shown(older), State.STORED, ""),
            (None, State.STORED, ""),
        )
    ):
        _Server.shown = there
        with open_outbox(tmp_path / str(number)) as outbox:
            outbox.enqueue([signed], "ris", "report", address=HERE)
            deliver(outbox, lambda _: RIS, lambda _: _Server(Script()))
            (entry,) = outbox.entries()
            assert (entry.state, entry.warning) == (state, warning)


def test_a_server_is_asked_again_what_it_shows(tmp_path: Path) -> None:
    """What it lost is held, as its bytes are gone; put in once more, it is sent again."""
    clock, script, signed = Clock(), Script(), bundle("final", 10)
    with open_outbox(tmp_path, clock) as outbox:

        def verify() -> Entry:
            deliver(outbox, lambda _: RIS, lambda _: _Server(script))
            (entry,) = outbox.entries()
            return entry

        outbox.enqueue([signed], "ris", "report", address=HERE)
        _Server.shown = shown(signed)
        assert verify().state is State.VERIFIED
        outbox.recheck("ris", HERE)
        assert verify().state is State.VERIFIED
        outbox.recheck("ris", HERE)
        _Server.shown = None
        held = verify()
        assert (held.state, held.words) == (
            State.HOLD,
            "it has no such report; `hosr send` the report again",
        )
        outbox.enqueue([signed], "ris", "report", address=HERE)
        deliver(outbox, lambda _: RIS, lambda _: _Server(script))
        _Server.shown = shown(signed)
        clock.go(60)
        assert verify().state is State.VERIFIED
    assert script.stores == [signed.key] * 2
