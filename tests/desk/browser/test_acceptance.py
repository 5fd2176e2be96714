"""From a model's result in the inbox to a signed report in the archive, by programs as people run them.

`hosr watch`, `hosr desk` and Orthanc are processes of their own; two readers sit in Chromium, once with
a pointer and once with keys alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pydicom import dcmread
from pydicom.filebase import DicomBytesIO

import hosr
from hosr.language import language_of
from hosr.language.numbers import millimetres
from hosr.status import GradeChange
from hosr.vocabulary.terms import Side
from tests.desk.browser.desks import SAMPLES, WEBER, by_model, record_of
from tests.desk.browser.hands import Hand, Keys, Move, Pointer
from tests.desk.browser.sittings import Sitting, sitting
from tests.desk.desks import ROSSI
from tests.desk.programs import desk_program
from tests.peers.archiving import ArchivingOrthanc, archiving_orthanc
from tests.peers.processes import SCREENSHOTS
from tests.watch.watching import Place
from tests.watch.watching import running as watching

pytestmark = [pytest.mark.peer, pytest.mark.slow]

PATIENT = "Dario"
# The model graded III / C, as its line of 6.2 mm is.
RESULT = by_model(record_of("brooker-3"))
# The second end moved so gives a line of more than 13 mm, which is II / B.
ACROSS_1_CM: Move = (-10, 20)
GAP = "right.gap"

TakeUp = Callable[[Sitting], Hand]

# What comes by itself comes after a while: the list is renewed now and then, the outbox waits for proof.
_BY_ITSELF_MS = 90_000


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ArchivingOrthanc]:
    """An Orthanc that holds the images of the study, and a configuration that names it."""
    (tmp_path / "orthanc").mkdir()
    with archiving_orthanc(tmp_path / "orthanc") as orthanc:
        config = orthanc.configure(tmp_path / "config.toml")
        monkeypatch.setenv("HOSR_CONFIG", str(config))
        for path in sorted((SAMPLES / "brooker-3" / "images").iterdir()):
            orthanc.running.upload(path.read_bytes())
        yield orthanc


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Two readers at one desk, a folder of drafts and its inbox."""

    place: Place
    rossi: Hand
    weber: Hand


@pytest.fixture
def enter(
    chromium: Browser, archive: ArchivingOrthanc, tmp_path: Path
) -> Iterator[Callable[[TakeUp], Room]]:
    """A function that starts watch and desk, and has both readers follow their links."""
    del archive
    with ExitStack() as stack:

        def begin(take_up: TakeUp) -> Room:
            place = Place(root=tmp_path / "place")
            stack.enter_context(watching(place, "--images", "archive:web"))
            readers = ("--reader", WEBER.name)
            program = stack.enter_context(desk_program(place.drafts, "--send", "web", *readers))
            program.read_link()
            hands = []
            for reader in (ROSSI, WEBER):
                at_desk = stack.enter_context(sitting(chromium))
                at_desk.enter(program.desk.links[reader.key])
                hands.append(take_up(at_desk))
            return Room(place=place, rossi=hands[0], weber=hands[1])

        yield begin


def drop_result(place: Place) -> None:
    """What a model's program does when it is done."""
    part = place.inbox / "result.json.part"
    part.write_text(json.dumps(RESULT), encoding="utf-8")
    part.rename(place.inbox / "result.json")


def expect_shown(at_desk: Sitting, grades: tuple[str, str], words: str, length: str) -> None:
    """That both grades, the impression and the scale say so; `length` is a pattern of millimetres."""
    page = at_desk.page
    for scale, grade in zip(("brooker", "della_valle"), grades, strict=True):
        expect(at_desk.grade(scale)).to_have_text(re.compile(rf"^{grade}\s"))
    impression = page.locator("#text section").first
    expect(impression).to_contain_text(words)
    expect(impression).to_have_text(re.compile(rf"\b{length}\smm, "))
    expect(page.locator(".scale-figure figcaption")).to_have_text(re.compile(rf"\b{length}\smm"))


def scale_position(page: Page) -> float:
    """How far right of the limit of 1 cm the length stands on the scale."""
    value = page.locator("circle.scale-value").get_attribute("cx")
    limit = page.locator(".scale-limit").get_attribute("x1")
    assert value is not None
    assert limit is not None
    return float(value) - float(limit)


def move_line(hand: Hand) -> None:
    """Grades, impression and scale follow the line; the model's grades contradict them then."""
    at_desk, page = hand.at_desk, hand.at_desk.page
    expect_shown(at_desk, ("III", "C"), "Brooker III; Della Valle C.", r"6\.2")
    assert scale_position(page) < 0
    expect(page.locator(".scale.conflict")).to_have_count(0)
    hand.move_end(GAP, ACROSS_1_CM)
    at_desk.wait_until_saved()
    expect_shown(at_desk, ("II", "B"), "Brooker II; Della Valle B.", r"1[345]\.\d")
    assert scale_position(page) > 0
    expect(page.locator(".scale.conflict")).to_have_count(2)
    expect(page.locator("#sign")).to_have_attribute("aria-disabled", "true")


def settle_conflict(hand: Hand) -> None:
    """What the model graded stands beside what the findings give now; a button of each settles it."""
    at_desk, page = hand.at_desk, hand.at_desk.page
    for scale, grade, models in (("brooker", "II", "III"), ("della_valle", "B", "C")):
        of_scale = page.locator(f'.scale[data-scale="{scale}"]')
        expect(of_scale.locator(".sources")).to_have_text(
            f"By the findings{grade}Graded by hip-grader 2.1.0{models}"
        )
        hand.press(of_scale.get_by_role("button", name=f"{grade}, by the findings"))
        at_desk.wait_until_saved()
    expect(page.locator(".scale.conflict")).to_have_count(0)
    expect_shown(at_desk, ("II", "B"), "Brooker II; Della Valle B.", r"1[345]\.\d")
    expect(page.locator("#sign")).not_to_have_attribute("aria-disabled", "true")


def save_stale(room: Room) -> None:
    """What the second reader writes on the draft as it was is not kept over the first one's."""
    hand, page = room.weber, room.weber.at_desk.page
    (listed,) = room.place.listed()
    drawn = room.place.draft(listed.draft_id).record["hips"][0]["gap"]["points"]
    with page.expect_response(lambda answer: answer.request.method == "PUT") as answered:
        hand.write(page.get_by_label("Conclusion"), "Seen by Weber.")
    assert answered.value.status == 412
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Somebody else changed this draft")
    for row, yours, theirs in (
        ("Conclusion", "Seen by Weber.", "not stated"),
        ("Comment", "not stated", "Seen by Rossi."),
        ("Space", "(141.0, 404.0)", "({:.1f}, {:.1f})".format(*drawn[1])),
    ):
        cells = dialog.get_by_role("row", name=row).get_by_role("cell")
        expect(cells.nth(0)).to_contain_text(yours, ignore_case=True)
        expect(cells.nth(1)).to_contain_text(theirs, ignore_case=True)
    assert "conclusion" not in room.place.draft(listed.draft_id).record
    hand.press(dialog.get_by_role("button", name="Take what was saved"))
    room.weber.at_desk.wait_until_saved()
    expect(page.get_by_label("Comment")).to_have_value("Seen by Rossi.")


def sign(hand: Hand) -> tuple[str, dict[str, Any]]:
    """Sign by the dialog: the document that was on the screen, and the signed draft."""
    page = hand.at_desk.page
    hand.press(page.locator("#sign"))
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Brooker II, Della Valle B")
    expect(dialog).to_contain_text("Graded by hip-grader 2.1.0: Brooker III")
    with page.expect_response("**/sign", timeout=_BY_ITSELF_MS) as answered:
        hand.press(dialog.get_by_role("button", name="Sign as Maria Rossi"))
    assert answered.value.status == 200
    expect(page.locator(".standing")).to_have_attribute("data-status", "signed")
    expect_shown(hand.at_desk, ("II", "B"), "Brooker II; Della Valle B.", r"1[345]\.\d")
    sent: Any = answered.value.request.post_data_json
    return sent["document"], answered.value.json()


def check_archived(archive: ArchivingOrthanc, room: Room, shown: str, view: Any) -> None:
    """The report in Orthanc is what was on the screen, and all that was signed is there."""
    page = room.rossi.at_desk.page
    expect(page.locator(".row .chip")).to_contain_text("in the archive", timeout=_BY_ITSELF_MS)
    draft = room.place.draft(view["draft"]["id"])
    document = view["report"]["document"]
    data = archive.running.download(document)
    assert dcmread(DicomBytesIO(data)).SOPInstanceUID == document == draft.document_uid
    report = hosr.decode(data)
    (hip,) = report.hips
    assert hip.hip.side == "right"
    assert [hip.grade(scale).grade for scale in ("brooker", "della_valle")] == ["II", "B"]  # type: ignore[union-attr]
    assert hip.hip.comment == "Seen by Rossi."
    assert not report.conclusion
    assert hip.facts.gap is not None
    length = hip.facts.gap.length
    assert length.line is not None
    assert length.mm is not None
    drawn = draft.record["hips"][0]["gap"]["points"]
    assert [length.line.start, length.line.end] == [pytest.approx(each, abs=1e-3) for each in drawn]
    told = millimetres(length.mm, language_of("en"))
    expect(page.locator(".scale-figure figcaption")).to_contain_text(told)
    expect(page.locator("#text section").first).to_contain_text(told)
    assert report.signing is not None
    assert report.signing.signature.name == ROSSI.name
    assert report.signing.predecessors[0].sop_instance_uid == shown
    assert report.signing.changes == tuple(
        GradeChange(
            side=Side.RIGHT,
            scale=scale,
            before=(models,),
            after=(grade,),
            by_signer=True,
            before_by="hip-grader 2.1.0",
        )
        for scale, models, grade in (("brooker", "III", "II"), ("della_valle", "C", "B"))
    )
    signed = [dcmread(path).SOPInstanceUID for path in Path(draft.versions[-1]).glob("*.dcm")]
    kept = archive.running.uids()
    assert document in signed
    assert [kept.count(uid) for uid in signed] == [1] * len(signed)


def work_off(room: Room) -> tuple[str, Any]:
    """All of it, from the result to the signature, by both readers."""
    rossi, weber = room.rossi, room.weber
    for hand in (rossi, weber):
        expect(hand.at_desk.page.locator(".row")).to_have_count(0)
    drop_result(room.place)
    for hand in (rossi, weber):
        row = hand.at_desk.page.locator(".row", has_text=PATIENT)
        expect(row).to_contain_text("III / C", timeout=_BY_ITSELF_MS)
        hand.choose(PATIENT)
    move_line(rossi)
    settle_conflict(rossi)
    rossi.write(rossi.at_desk.page.get_by_label("Comment"), "Seen by Rossi.")
    rossi.at_desk.wait_until_saved()
    save_stale(room)
    return sign(rossi)


def test_a_models_result_is_worked_off_by_the_pointer(
    enter: Callable[[TakeUp], Room], archive: ArchivingOrthanc
) -> None:
    """Dropped, corrected, decided, signed, and in the archive as it was seen."""
    room = enter(Pointer)
    shown, view = work_off(room)
    check_archived(archive, room, shown, view)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    room.rossi.at_desk.page.screenshot(path=SCREENSHOTS / "desk_acceptance.png")


def test_a_models_result_is_worked_off_by_keys_alone(
    enter: Callable[[TakeUp], Room], archive: ArchivingOrthanc
) -> None:
    """The same, with every row, end, button and field reached by the Tab key."""
    room = enter(Keys)
    shown, view = work_off(room)
    check_archived(archive, room, shown, view)
