"""From a draft to a signature: what follows from what, and what stands in the way."""

import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from hosr.drafts import Drafts, Status
from hosr.lifecycle.versions import read_version
from tests.desk.browser.conftest import Start
from tests.desk.browser.desks import SAMPLES, by_model, record_of
from tests.desk.browser.sittings import Sitting, reading
from tests.desk.desks import add_draft, moved
from tests.peers.processes import SCREENSHOTS

pytestmark = [pytest.mark.peer, pytest.mark.slow]

# The model graded II, and its own findings give III.
CONFLICT = by_model(record_of("brooker-3", grades={"brooker": "II", "della_valle": "B"}))


def choose_by_findings(at_desk: Sitting, **scales: str) -> None:
    """Resolve what another one graded otherwise: the grade of the findings, and its scale."""
    for grade, scale in scales.items():
        of_scale = at_desk.page.locator(f'.scale[data-scale="{scale}"]')
        of_scale.get_by_role("button", name=f"{grade}, by the findings").click()


def test_grade_scale_and_text_follow_the_line_across_1_cm(chromium: Browser, start: Start) -> None:
    """14 mm are II / B; moved to some 8 mm the same line is III / C, everywhere on the page."""
    with reading(chromium, start("brooker-2")) as at_desk:
        page = at_desk.page
        expect(at_desk.grade()).to_contain_text("II")
        expect(page.locator(".scale-figure figcaption")).to_contain_text("14.0 mm")
        before = page.locator(".scale-value").get_attribute("cx")
        at_desk.handle("right.gap", 1).focus()
        for _ in range(2):
            page.keyboard.press("Shift+ArrowUp")
        page.keyboard.press("Shift+ArrowRight")
        at_desk.wait_until_saved()
        expect(at_desk.grade()).to_contain_text("III")
        expect(at_desk.grade("della_valle")).to_contain_text("C")
        expect(page.locator("#text")).to_contain_text("Brooker III")
        expect(page.locator("#text")).not_to_contain_text("Brooker II;")
        expect(page.locator("#spoken")).to_contain_text("Brooker III")
        after = page.locator(".scale-value").get_attribute("cx")
        limit = page.locator(".scale-limit").get_attribute("x1")
    assert before is not None
    assert after is not None
    assert limit is not None
    assert float(after) < float(limit) < float(before)


def test_by_keys_alone_from_the_worklist_to_the_signature(chromium: Browser, start: Start) -> None:
    """The next draft, an end of its line, the signature and its confirmation: no pointer."""
    desk = start("brooker-2", "follow-up-2")
    with reading(chromium, desk) as at_desk:
        page = at_desk.page
        first = page.locator("#patient-name").inner_text()
        at_desk.press("j")
        expect(page.locator("#patient-name")).not_to_have_text(first)
        at_desk.wait_for_image()
        at_desk.press("k")
        expect(page.locator("#patient-name")).to_have_text(first)
        at_desk.wait_for_image()
        at_desk.press("m")
        expect(page.locator(".handle:focus")).to_have_count(1)
        page.keyboard.press("ArrowLeft")
        at_desk.wait_until_saved()
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_contain_text("Maria Rossi signs the report")
        page.keyboard.press("Enter")
        expect(page.locator(".standing")).to_have_attribute("data-status", "signed")
    assert desk.statuses()[first] is Status.SIGNED


def test_what_was_signed_is_what_was_seen(chromium: Browser, start: Start) -> None:
    """The grades and the line of the version that was written are those of the screen."""
    desk = start("brooker-2")
    with reading(chromium, desk) as at_desk:
        at_desk.drag(at_desk.at(at_desk.place("right.gap", 1)), (6, -8))
        choose_by_findings(at_desk, III="brooker")  # II had been graded
        at_desk.wait_until_saved()
        seen = [
            at_desk.grade(scale).inner_text().split()[0] for scale in ("brooker", "della_valle")
        ]
        at_desk.page.locator("#sign").click()
        at_desk.page.get_by_role("dialog").get_by_role("button", name="Sign as").click()
        expect(at_desk.page.locator(".standing")).to_have_attribute("data-status", "signed")
        expect(at_desk.page.locator("#text")).to_contain_text("Maria Rossi")
    draft = desk.draft("Phantom")
    signed = read_version(desk.folder / draft.versions[-1]).report
    assert [grade.grade for grade in signed.hips[0].grades][:2] == seen
    line = signed.hips[0].hip.gap.line  # type: ignore[union-attr]
    kept = draft.record["hips"][0]["gap"]["points"]
    assert [line.start, line.end] == [pytest.approx(each, abs=1e-3) for each in kept]  # type: ignore[union-attr]


def test_a_conflict_is_settled_by_a_person_before_signing(chromium: Browser, start: Start) -> None:
    """Both grades stand side by side; the button of one settles it, and only then it is signed."""
    desk = start(("brooker-3", CONFLICT))
    with reading(chromium, desk) as at_desk:
        page = at_desk.page
        expect(page.locator(".row .why")).to_contain_text("contradiction")
        expect(page.locator(".scale.conflict")).to_have_count(2)
        expect(page.locator("#sign")).to_have_attribute("aria-disabled", "true")
        expect(page.locator("#why-not li")).not_to_have_count(0)
        at_desk.press("a")  # the model's line is taken over, which decides no grade
        for scale, grade in (("brooker", "III"), ("della_valle", "C")):
            page.locator(f'.scale[data-scale="{scale}"]').get_by_role(
                "button", name=f"{grade}, by the findings"
            ).click()
            at_desk.wait_until_saved()
        expect(page.locator(".scale.conflict")).to_have_count(0)
        expect(page.locator("#text")).to_contain_text("Brooker III")
        expect(page.locator("#sign")).not_to_have_attribute("aria-disabled", "true")
        page.locator("#sign").click()
        page.get_by_role("dialog").get_by_role("button", name="Sign as").click()
        expect(page.locator(".standing")).to_have_attribute("data-status", "signed")
    signed = read_version(desk.folder / desk.draft("Phantom").versions[-1]).report
    assert [grade.grade for grade in signed.hips[0].grades][:2] == ["III", "C"]


def test_a_fault_stands_beside_its_field_with_its_remedy(chromium: Browser, start: Start) -> None:
    """The field names its fault to a screen reader, the button sets it right, the grade is there again.

    The button that signs stays meanwhile, with its focus: a press on it is not lost.
    """
    desk = start("brooker-2")
    with reading(chromium, desk) as at_desk:
        page = at_desk.page
        signer = page.locator("#sign").element_handle()
        at_desk.field("Ossification", "absent").check()
        faulty = page.locator(".field.faulty")
        expect(faulty).to_have_count(1)
        control = at_desk.field("Ossification", "absent")
        expect(control).to_have_attribute("aria-invalid", "true")
        told = control.get_attribute("aria-describedby")
        expect(page.locator(f"#{told}")).to_contain_text("ossification is absent")
        expect(page.locator("#sign")).to_have_attribute("aria-disabled", "true")
        page.locator("#sign").click(force=True)  # leads to the fault
        expect(page.locator(".field.faulty input:focus")).to_have_count(1)
        faulty.get_by_role("button", name="Ossification is present").click()
        expect(faulty).to_have_count(0)
        expect(at_desk.grade()).to_contain_text("II")
        at_desk.wait_until_saved()
        expect(page.locator("#sign")).not_to_have_attribute("aria-disabled", "true")
        assert page.locator("#sign").evaluate("(found, signer) => found === signer", signer)
    assert desk.draft("Phantom").record["hips"][0]["presence"] == "present"


def test_a_draft_is_put_on_hold_and_taken_off(chromium: Browser, start: Start) -> None:
    """With a reason, which the draft shows; without one it is not."""
    desk = start("brooker-2")
    with reading(chromium, desk) as at_desk:
        page = at_desk.page
        page.get_by_role("button", name="Put on hold").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("button", name="Put on hold").click()
        expect(dialog).to_contain_text("Say why")
        dialog.get_by_label("Reason").fill("Lateral view to come")
        dialog.get_by_role("button", name="Put on hold").click()
        expect(page.locator(".standing")).to_contain_text("Lateral view to come")
        assert desk.draft("Phantom").status is Status.HELD
        page.get_by_role("button", name="Take off hold").click()
        expect(page.locator(".standing")).to_have_attribute("data-status", "opened")


def test_a_signed_report_is_amended_with_a_reason(chromium: Browser, start: Start) -> None:
    """Nothing of it is kept before that; the second version names the reason."""
    desk = start("brooker-3")
    with reading(chromium, desk) as at_desk:
        page = at_desk.page
        page.locator("#sign").click()
        page.get_by_role("dialog").get_by_role("button", name="Sign as").click()
        expect(page.locator(".standing")).to_have_attribute("data-status", "signed")
        expect(at_desk.field("Bridging", "apparent")).to_be_disabled()
        expect(page.get_by_role("button", name="Draw: Space")).to_have_count(0)
        expect(page.get_by_role("button", name="Remove: Space")).to_be_disabled()
        page.get_by_role("button", name="Find: Space").click()  # to look is no change
        expect(page.locator('.mark[data-key="right.gap"]')).to_be_visible()
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / "desk_signed.png")
        page.get_by_role("button", name="Amend", exact=True).click()
        at_desk.field("Bridging", "apparent").check()
        expect(page.locator("#saved")).to_have_attribute("data-state", "amending")
        expect(at_desk.grade()).to_contain_text("IV")
        assert desk.draft("Phantom").record["hips"][0]["bridging"] == "none"
        choose_by_findings(at_desk, IV="brooker")  # who graded first had graded III
        page.get_by_role("button", name="Sign the amendment").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("Brooker IV")  # whose report, and what is signed of it
        expect(dialog.locator(".subject")).to_contain_text("Phantom")
        dialog.get_by_label("Reason").fill("Bridging was overlooked")
        dialog.get_by_role("button", name="Sign the amendment").click()
        expect(page.locator(".standing")).to_contain_text("Version 2")
    draft = desk.draft("Phantom")
    assert len(draft.versions) == 2
    amended = read_version(desk.folder / draft.versions[-1]).report
    assert amended.hips[0].grades[0].grade == "IV"
    assert amended.signing is not None


def test_lines_drawn_over_a_signed_report_amend_it(chromium: Browser, start: Start) -> None:
    """Their draft says so, and is signed with a reason; the signed one tells which draft amended it."""
    desk = start("brooker-3")
    with reading(chromium, desk) as at_desk:
        page = at_desk.page
        page.locator("#sign").click()
        page.get_by_role("dialog").get_by_role("button", name="Sign as").click()
        expect(page.locator(".standing")).to_have_attribute("data-status", "signed")
        former = desk.draft("Phantom")
        record = moved(record_of("brooker-3"), 30)
        images = SAMPLES / "brooker-3" / "images"
        drawn = add_draft(desk.folder, record, images, follows=former.draft_id)
        page.reload()
        page.locator(".row").first.click()
        expect(page.locator(".standing")).to_contain_text(f"(draft {former.draft_id})")
        page.get_by_role("button", name="Sign the amendment").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("follows the report that Maria Rossi signed")
        dialog.get_by_role("button", name="Sign the amendment").click()
        expect(dialog).to_contain_text("Say why")
        dialog.get_by_label("Reason").fill("The line was drawn again")
        dialog.get_by_role("button", name="Sign the amendment").click()
        expect(page.locator(".standing")).to_have_attribute("data-status", "signed")
        expect(page.locator("#text")).to_contain_text("The line was drawn again")
        page.get_by_role("combobox", name="Status").select_option("signed")
        page.locator(".row", has_text="Amended by another draft").click()
        expect(page.locator(".standing")).to_contain_text(f"with draft {drawn.draft_id}")
        expect(page.get_by_role("button", name="Amend", exact=True)).to_have_count(0)
    with Drafts(desk.folder, clock=time.time) as drafts:
        done = drafts.get(drawn.draft_id)
    report = read_version(Path(done.versions[0])).report
    assert report.status.label == "amended"
    assert former.document_uid in {each.sop_instance_uid for each in report.predecessors}


def test_whoever_may_only_look_changes_nothing(chromium: Browser, start: Start) -> None:
    """Without a reader the form is closed, lines do not move, and nothing can be signed."""
    desk = start("brooker-2", readers=())
    before = desk.draft("Phantom")
    with reading(chromium, desk) as at_desk:
        expect(at_desk.page.locator("#signing")).to_contain_text("you may look")
        expect(at_desk.field("Bridging", "apparent")).to_be_disabled()
        expect(at_desk.page.locator("#sign")).to_have_count(0)
        at_desk.drag(at_desk.at(at_desk.place("right.gap", 1)), (30, 30))
        at_desk.press("Delete", "g", "z")
        at_desk.page.wait_for_timeout(600)
    assert desk.draft("Phantom").etag == before.etag


def test_every_sample_opens(chromium: Browser, start: Start) -> None:
    """Radiograph, CT and MR: a picture, a form, and no complaint of the console."""
    names = sorted(path.parent.name for path in SAMPLES.glob("*/truth.json"))
    desk = start(*names)
    with reading(chromium, desk) as at_desk:
        page = at_desk.page
        expect(page.locator(".row")).to_have_count(len(names))
        for index in range(len(names)):
            row = page.locator(".row").nth(index)
            row.click()
            expect(row).to_have_attribute("aria-current", "true")
            at_desk.wait_for_image()
            expect(page.locator(".pane.now .note")).to_be_hidden()
            expect(page.locator(".findings")).to_be_visible()
            expect(page.locator("#text")).not_to_be_empty()
