"""What was signed of a draft is known by what lies there, and by what was made of it elsewhere."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from hosr import versions
from hosr.drafts import Draft, Drafts, Status
from hosr.drafts.signed import UNKNOWN, find_ending, find_endings, find_rivals, read_signed
from hosr.errors import DocumentRefused, DraftRefused, UsageError
from hosr.folder import locked
from hosr.lifecycle.succession import SUCCESSOR
from hosr.status import Step, WithdrawalReason
from hosr.vocabulary.terms import Side
from tests.drafts.drafting import add, another_study, record_of
from tests.drafts.signatures import LATER, amended, signed
from tests.images import write_film


def film_of(film: Path, number: int) -> Path:
    """A film of another study."""
    return write_film(film.with_name(f"{number}.dcm"), **another_study(number))


def withdrawn(folder: Path, out: Path) -> None:
    """The version in a folder, withdrawn by the command line."""
    signature = replace(LATER, signed_at=LATER.signed_at + dt.timedelta(days=1))
    versions.withdraw(folder, out, signature, reason=WithdrawalReason.WRONG_PATIENT)


def amended_elsewhere(draft: Draft, out: Path) -> None:
    """The signed version of a draft, amended by the command line."""
    options = versions.StepOptions(images=draft.images)
    record = record_of(3)
    versions.amend(
        draft.versions[0], out, LATER, record=record, reason="Read again.", options=options
    )


def test_a_draft_is_signed_by_its_own_report_alone(drafts: Drafts, film: Path) -> None:
    """The sound report of another draft in its place is refused, and so is a file that was changed."""
    one, other = (signed(drafts, add(drafts, film_of(film, number))) for number in (1, 2))
    place = Path(one.versions[0])
    assert read_signed(one).documents[0].sop_instance_uid == one.document_uid
    shutil.rmtree(place)
    shutil.copytree(other.versions[0], place)
    with pytest.raises(DocumentRefused, match="another report than the one that was signed"):
        read_signed(one)
    (place / "report.txt").write_bytes(b"another")
    with pytest.raises(DocumentRefused, match=r"report\.txt: was changed"):
        read_signed(one)


def test_a_report_withdrawn_elsewhere_does_not_stand(
    drafts: Drafts, film: Path, tmp_path: Path
) -> None:
    """Nor does one that was amended elsewhere; one that was amended here does, in its newest version."""
    films = (film_of(film, number) for number in (1, 2, 3))
    kept, gone, other = (signed(drafts, add(drafts, each)) for each in films)
    kept = amended(drafts, kept, 7)
    withdrawn(Path(gone.versions[0]), tmp_path / "withdrawn")
    amended_elsewhere(other, tmp_path / "out")
    assert find_endings(drafts) == {gone.draft_id: "withdraw", other.draft_id: "amend"}
    ending = find_ending(drafts, Path(gone.versions[0]))
    assert ending is not None
    assert (ending.step, ending.name) == (Step.WITHDRAW, LATER.name)
    shutil.rmtree(tmp_path / "out")  # wherever it was moved since
    assert find_endings(drafts)[other.draft_id] == "amend"
    assert find_ending(drafts, Path(kept.versions[-1])) is None


def test_what_is_being_signed_here_is_no_ending(drafts: Drafts, film: Path) -> None:
    """The next version stands once it is noted; what a dead process began never was."""
    draft = signed(drafts, add(drafts, film))
    place = Path(draft.versions[0])
    drafts.signing_lock.touch()
    with locked(drafts.signing_lock):
        amended_elsewhere(draft, place.with_name("2"))
        assert find_endings(drafts) == {}
    assert find_endings(drafts) == {draft.draft_id: "amend"}  # nobody is at it any more
    place.with_name("2").joinpath("manifest.json").unlink()
    assert find_endings(drafts) == {}


def test_a_successor_that_cannot_be_read_leaves_it_unknown(drafts: Drafts, film: Path) -> None:
    """Nobody is told that a report stands of which nobody can know it."""
    draft = signed(drafts, add(drafts, film))
    (Path(draft.versions[0]) / SUCCESSOR).write_text("{}")
    assert find_endings(drafts) == {draft.draft_id: UNKNOWN}
    with pytest.raises(UsageError, match="does not name a successor"):
        find_ending(drafts, Path(draft.versions[0]))


class TestRivals:
    """Two reports of one hip and study never both hold."""

    def test_a_hip_is_signed_once(self, drafts: Drafts, film: Path, tmp_path: Path) -> None:
        """Another draft of it is refused until the signed one is withdrawn; amended, that stands too."""
        one, other = add(drafts, film), add(drafts, film, record_of(5))
        one = signed(drafts, one)
        assert [each.draft_id for each in find_rivals(drafts, other, {Side.RIGHT})] == [
            one.draft_id
        ]
        with pytest.raises(DraftRefused, match=f"draft {one.draft_id}: is signed, of the same hip"):
            signed(drafts, other)
        assert drafts.get(other.draft_id) == other
        one = amended(drafts, one, 6)
        with pytest.raises(DraftRefused):
            signed(drafts, other)
        withdrawn(Path(one.versions[-1]), tmp_path / "withdrawn")
        assert signed(drafts, other).status is Status.SIGNED

    def test_the_other_hip_is_signed_by_itself(self, drafts: Drafts, film: Path) -> None:
        """So is the same hip in another study."""
        right = signed(drafts, add(drafts, film))
        assert find_rivals(drafts, right, {Side.RIGHT, Side.LEFT}) == ()
        assert find_rivals(drafts, add(drafts, film, record_of(5)), {Side.LEFT}) == ()
        later = add(drafts, film_of(film, 3))
        assert find_rivals(drafts, later, {Side.RIGHT}) == ()
        assert signed(drafts, later).status is Status.SIGNED
