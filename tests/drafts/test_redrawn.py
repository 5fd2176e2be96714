"""What was drawn over a signed report is signed as its amendment: one report of a hip and study holds."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hosr import versions
from hosr.drafts import Draft, Drafts, Event, Sent, Status
from hosr.drafts.pending import settle
from hosr.drafts.signed import BY_DRAFT, find_amending, find_endings, find_rivals
from hosr.drafts.signing import Amends, sign_draft
from hosr.errors import DraftRefused, StaleDraft, UsageError
from hosr.lifecycle.versions import read_version
from hosr.status import Signature, Step
from hosr.vocabulary.terms import Side
from tests.children import in_a_child, killed_at_statement
from tests.drafts.drafting import OTHER, add, another_study, opened, record_of
from tests.drafts.signatures import FORM, LATER, amended, seen, signed
from tests.drafts.test_sent import sent_as
from tests.drafts.test_signed import amended_elsewhere, withdrawn
from tests.drafts.test_signing import LATEST, killed_at_link, left_of
from tests.images import write_film


def over(former: Draft, reason: str = "Drawn again.") -> Amends:
    """That a draft amends the report of another one, as it is now."""
    return Amends(document_uid=former.document_uid, reason=reason)


def redrawn(drafts: Drafts, film: Path, former: Draft, mm: float = 6, **new: Sent) -> Draft:
    """A draft of lines over the report of another one."""
    return add(drafts, film, record_of(mm), follows=former.draft_id, **new)


def sign(
    drafts: Drafts, draft: Draft, amends: Amends | None, signature: Signature = LATER
) -> Draft:
    """Sign a draft as the amendment of a report."""
    return sign_draft(drafts, draft.draft_id, seen(draft), signature, FORM, amends)


def test_it_is_signed_as_the_amendment_of_what_it_was_drawn_over(
    drafts: Drafts, film: Path
) -> None:
    """It names the reason and the signed report, which tells that it was amended; one holds, in one chain."""
    former = signed(drafts, add(drafts, film))
    draft = redrawn(drafts, film, former)
    shown = seen(draft)
    done = sign_draft(drafts, draft.draft_id, shown, LATER, FORM, over(former))
    assert (done.status, done.signed_by, done.record) == (Status.SIGNED, OTHER, record_of(6))
    assert [each.event for each in drafts.history(draft.draft_id)] == [Event.ADD, Event.SIGN]
    assert [path.name for path in drafts.reports(draft.draft_id).iterdir()] == ["1"]
    report, before = (read_version(Path(each.versions[-1])) for each in (done, former))
    assert report.report.signing is not None
    assert before.report.signing is not None
    assert (report.report.signing.step, report.report.signing.reason) == (
        Step.AMEND,
        "Drawn again.",
    )
    assert report.report.predecessors == before.documents
    assert report.report.signing.tracked_as == before.report.signing.tracked_as
    assert report.report.status.result == "C"
    assert drafts.get(former.draft_id) == former
    assert find_endings(drafts) == {former.draft_id: BY_DRAFT}
    assert find_amending(drafts, Path(former.versions[-1])) == done
    told = [
        (each.read.uid, each.depth, each.prevails)  # type: ignore[union-attr]
        for each in versions.history(drafts.folder / "reports").entries
    ][1:]
    assert told == [(former.document_uid, 1, False), (done.document_uid, 2, True)]
    other = add(drafts, film, record_of(3))
    assert [each.draft_id for each in find_rivals(drafts, other, {Side.RIGHT})] == [done.draft_id]
    again = sign_draft(drafts, draft.draft_id, shown, LATER, FORM, over(former))
    assert again == done  # its answer may have been lost


def test_what_was_sent_of_it_is_replaced_too(drafts: Drafts, film: Path) -> None:
    """The signed report first; under its name all of them are one report."""
    former = signed(drafts, add(drafts, film))
    draft = redrawn(drafts, film, former, sent=sent_as(7, "another"))
    report = read_version(Path(sign(drafts, draft, over(former)).versions[0])).report
    before = read_version(Path(former.versions[0]))
    assert report.predecessors == (*before.documents, *sent_as(7).documents)
    assert before.report.signing is not None
    assert report.tracked_as("") == before.report.signing.tracked_as


def test_a_redraw_of_a_redraw_amends_that(drafts: Drafts, film: Path) -> None:
    """The chain goes on, by way of a draft that nobody signed as well; then it is amended at the desk."""
    former = signed(drafts, add(drafts, film))
    between = redrawn(drafts, film, former)
    last = redrawn(drafts, film, between, 5)
    done = sign(drafts, last, over(former))
    next_one = redrawn(drafts, film, done, 4)
    done = sign(drafts, next_one, over(done), LATEST)
    with pytest.raises(DraftRefused, match=f"draft {done.draft_id}: is signed, of the same hip"):
        sign(drafts, between, None, LATEST)
    chain = [each.depth for each in versions.history(drafts.folder / "reports").entries]
    assert chain == [0, 1, 2, 3]


def test_a_later_study_is_compared_with_the_amendment(drafts: Drafts, film: Path) -> None:
    """And not with the report that it took the place of."""
    dates = {"StudyDate": "20250101", "ContentDate": "20250101"}
    before = write_film(film.with_name("before.dcm"), **another_study(7, **dates))
    former = signed(drafts, add(drafts, before, {**record_of(15), "study": {}}))
    record = {**record_of(14), "study": {}}
    draft = add(drafts, before, record, follows=former.draft_id)
    done = sign(drafts, draft, over(former))
    later = signed(drafts, add(drafts, film))
    prior = read_version(Path(later.versions[0])).report.prior_of(Side.RIGHT)
    assert prior is not None
    assert prior.report.documents[0].sop_instance_uid == done.document_uid


def test_what_was_seen_of_both_is_signed(drafts: Drafts, film: Path) -> None:
    """Where the signed report was amended since, at its draft or by another, nothing is signed."""
    former = signed(drafts, add(drafts, film))
    one, two = redrawn(drafts, film, former, 5), redrawn(drafts, film, former, 4)
    newer = amended(drafts, former, 7)
    with pytest.raises(StaleDraft, match="amends a report that is not any more the one"):
        sign(drafts, one, over(former), LATEST)
    done = sign(drafts, one, over(newer), LATEST)
    with pytest.raises(StaleDraft):
        sign(drafts, two, over(newer), LATEST)
    with pytest.raises(StaleDraft, match=f"was amended by draft {done.draft_id}"):
        amended(drafts, newer, 3)
    assert [each.draft_id for each in find_rivals(drafts, two, {Side.RIGHT})] == [done.draft_id]


def test_nothing_is_signed_without_a_reason_or_beside_another_report(
    drafts: Drafts, film: Path, tmp_path: Path
) -> None:
    """Nor as its amendment where it was amended elsewhere, or withdrawn: then it is a report by itself."""
    former = signed(drafts, add(drafts, film))
    draft = redrawn(drafts, film, former)
    files = left_of(drafts)
    with pytest.raises(DraftRefused, match="is signed, of the same hip and study"):
        sign(drafts, draft, None)
    with pytest.raises(UsageError, match="has no words"):
        sign(drafts, draft, over(former, " "))
    assert (drafts.get(draft.draft_id), left_of(drafts)) == (draft, files)
    withdrawn(Path(former.versions[0]), tmp_path / "withdrawn")
    with pytest.raises(StaleDraft):
        sign(drafts, draft, over(former), LATEST)
    done = sign(drafts, draft, None, LATEST)
    assert read_version(Path(done.versions[0])).report.status.label == "signed"


def test_what_was_amended_elsewhere_is_not_amended_here(
    drafts: Drafts, film: Path, tmp_path: Path
) -> None:
    """Nobody knows here what holds; the draft waits."""
    former = signed(drafts, add(drafts, film))
    draft = redrawn(drafts, film, former)
    amended_elsewhere(former, tmp_path / "out")
    with pytest.raises(StaleDraft):
        sign(drafts, draft, over(former), LATEST)
    with pytest.raises(DraftRefused):
        sign(drafts, draft, None, LATEST)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no kill -9")
@pytest.mark.parametrize("killed", [killed_at_link, killed_at_statement])
def test_a_kill_at_any_file_or_statement_leaves_one_report_that_holds(
    tmp_path: Path,
    film: Path,
    killed: Callable[[int, Callable[[], object]], Callable[[], object]],
) -> None:
    """The signed one as it was, which may be amended then at its draft too; or the amendment, whole."""
    folder = tmp_path / "drafts"
    with opened(folder) as drafts:
        former = signed(drafts, add(drafts, film))
        draft = redrawn(drafts, film, former)
        before = left_of(drafts)

    def take_step() -> Draft:
        with opened(folder) as drafts:
            return sign(drafts, draft, over(former))

    kills = 0
    while in_a_child(killed(kills + 1, take_step)) == -signal.SIGKILL:
        kills += 1
        with opened(folder) as drafts:
            there = drafts.get(draft.draft_id)
            if there.etag == draft.etag:
                assert find_endings(drafts) == {}  # what a dead process began never was
                settle(drafts)
                assert (drafts.get(draft.draft_id), left_of(drafts)) == (draft, before)
                continue
            read_version(Path(there.versions[-1]))
            assert find_endings(drafts) == {former.draft_id: BY_DRAFT}
    done = take_step()
    with opened(folder) as drafts:
        assert drafts.get(draft.draft_id) == done
        assert drafts.signing() == ()
        assert find_endings(drafts) == {former.draft_id: BY_DRAFT}
    assert kills >= 7


def test_what_a_dead_process_began_keeps_nobody_from_amending(drafts: Drafts, film: Path) -> None:
    """At the draft of the signed report: the amendment that never was is taken back first."""
    former = signed(drafts, add(drafts, film))
    draft = redrawn(drafts, film, former)

    def die() -> None:
        with opened(drafts.folder) as own:
            own.sign = lambda *_, **__: signal.raise_signal(signal.SIGKILL)  # type: ignore[method-assign,assignment]
            sign(own, draft, over(former))

    assert in_a_child(die) == -signal.SIGKILL
    assert (Path(former.versions[0]) / "successor.json").exists()
    done = amended(drafts, former, 7)
    assert [Path(each).name for each in done.versions] == ["1", "2"]
    assert drafts.get(draft.draft_id).signing_by == ""


@pytest.mark.parametrize("by_draft", [True, False])
def test_what_a_dead_process_began_is_taken_back_where_the_drafts_lie_now(
    drafts: Drafts, film: Path, tmp_path: Path, *, by_draft: bool
) -> None:
    """The folder may have been moved, or come out of a backup; then it is signed as if nothing had been."""
    former = signed(drafts, add(drafts, film))
    draft = redrawn(drafts, film, former)

    def take_step(own: Drafts) -> Draft:
        return sign(own, draft, over(former)) if by_draft else amended(own, former, 7)

    def die() -> None:
        with opened(drafts.folder) as own:
            own.sign = lambda *_, **__: signal.raise_signal(signal.SIGKILL)  # type: ignore[method-assign,assignment]
            take_step(own)

    assert in_a_child(die) == -signal.SIGKILL
    with opened(drafts.folder.rename(tmp_path / "moved")) as moved:
        assert take_step(moved).status is Status.SIGNED
        assert find_endings(moved) == ({former.draft_id: BY_DRAFT} if by_draft else {})
