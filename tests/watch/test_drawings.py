"""Lines that a person drew in a viewer: whose they are, and over which report."""

from __future__ import annotations

import shutil
from pathlib import Path

import pydicom
import pytest

from hosr.desk.readers import Reader
from tests.desk.desks import BIANCHI, ROSSI, Json, running
from tests.watch.watching import SAMPLES, Place, events_of, sample

ROME = ("--timezone", "Europe/Rome")
ONLOOKER = Reader(name="", organization="")
_OBSERVER_NAME = "121008"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A place with the images that the sample was drawn on."""
    place = Place(root=tmp_path / "place")
    shutil.copytree(SAMPLES / "brooker-3" / "images", place.images / "brooker-3")
    return place


def draw(place: Place, name: str = "drawing.dcm", drawer: str = "") -> Path:
    """The sample that a viewer wrote, by nobody or by this person."""
    drawn = pydicom.dcmread(SAMPLES / "brooker-3" / "drawing.dcm")
    for item in drawn.ContentSequence:
        if item.ConceptNameCodeSequence[0].CodeValue == _OBSERVER_NAME and drawer:
            item.PersonName = drawer
    drawn.save_as(place.inbox / name)
    return place.inbox / name


def draft_of(place: Place) -> Json:
    """The record of the only draft."""
    (listed,) = place.listed()
    return place.draft(listed.draft_id).record


def test_who_draws_in_the_viewer_is_said_once_for_all(place: Place) -> None:
    """Lines that name nobody are by the person of `--as`, which the draft tells."""
    draw(place)
    ran = place.once(*ROME, "--as", "Rossi^Maria", "--organization", "Example Hospital")
    assert [line.split(" ")[0] for line in events_of(ran)] == ["draft"]
    (listed,) = place.listed()
    draft = place.draft(listed.draft_id)
    assert draft.record["observer"] == {
        "type": "person",
        "name": "Rossi^Maria",
        "organization": "Example Hospital",
    }
    said = "does not say who drew it: by the person whom --as names"
    assert said in [entry["words"] for entry in draft.account["assumed"]]


def test_who_a_viewer_names_drew_it(place: Place) -> None:
    """`--as` is for lines that name nobody: it puts nobody in the place of another person."""
    draw(place, drawer="Verdi^Anna")
    place.once(*ROME, "--as", "Rossi^Maria")
    assert draft_of(place)["observer"] == {"type": "person", "name": "Verdi^Anna"}


def test_as_is_no_author_of_what_a_model_made(tmp_path: Path) -> None:
    """A mask stays that of its program, and a record that of whoever it names."""
    place = Place(root=tmp_path)
    shutil.copytree(SAMPLES / "ct" / "images", place.images / "ct")
    folder = place.inbox / "result"
    folder.mkdir()
    for name in ("segmentation.dcm", "labels.toml"):
        shutil.copy(SAMPLES / "ct" / name, folder)
    sample(place, "brooker-0")
    place.once("--as", "Rossi^Maria", "--file-time")
    made_by = {place.draft(each.draft_id).record["observer"]["name"] for each in place.listed()}
    assert len(made_by) == 2
    assert "Rossi^Maria" not in made_by


def test_the_model_of_all_other_results_has_not_drawn_in_the_viewer(place: Place) -> None:
    """`--labels` says what model its labels are of; lines that a viewer saved are nobody's all the same."""
    labels = place.root / "labels.toml"
    labels.write_text(
        'schema_version = "1.0"\n[observer]\nname = "HipSeg"\nversion = "2.1"\n'
        '[labels]\nHO = "ossification"\n'
    )
    draw(place)
    place.once(*ROME, "--labels", labels)
    assert "observer" not in draft_of(place)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--as", "unknown^unknown"), "--as: names nobody"),
        (("--as", "^^"), "--as: names nobody"),
        (("--as", "Rossi\\Maria"), "--as: cannot stand in a DICOM document"),
        (("--organization", "Example Hospital"), "--organization: is that of a person"),
    ],
)
def test_a_drawer_who_is_nobody_is_refused_at_once(
    options: tuple[str, ...], words: str, place: Place
) -> None:
    """Before anything is begun."""
    ran = place.once(*options)
    assert ran.code == 2
    assert words in ran.err
    assert not place.drafts.exists()


def test_lines_of_nobody_are_a_draft_that_a_reader_claims(place: Place) -> None:
    """Nobody is made up for them: the draft has no observer, cannot be signed, and is the most urgent.

    At the desk a reader says that they drew them; then they are by that reader, as of when they were
    drawn, and can be signed. Saying so can be undone.
    """
    draw(place)
    place.once(*ROME)
    (listed,) = place.listed()
    assert (listed.made_by, listed.is_algorithm) == ("", False)
    with running(place.drafts, ROSSI, is_blind=True) as desk:
        page = desk.enter()
        view = page.open(listed.draft_id)
        original = view["record"]
        assert "observer" not in original
        (fault,) = view["report"]["faults"]
        assert (fault["path"], view["report"]["may_sign"]) == ("$.observer", False)
        (fix,) = fault["fixes"]
        assert fix["label"] == "I drew these lines"
        claimed = page.save(view, fix["record"]).json
        rossi = {"type": "person", "name": "Rossi^Maria", "organization": "Example Hospital"}
        assert claimed["record"] == {**original, "observer": rossi}
        assert claimed["report"]["may_sign"]
        undone = page.save(claimed, original).json
        assert undone["record"] == original
        again = page.save(undone, fix["record"]).json
        assert page.sign(again).status == 200
    (signed,) = place.listed()
    assert signed.status.value == "signed"


@pytest.mark.parametrize("options", [(), ("--as", "Rossi^Maria")])
def test_what_a_program_drew_is_nobodys_to_claim(options: tuple[str, ...], place: Place) -> None:
    """It names itself without a version, and no person: it is refused, and put in nobody's mouth."""
    drawn = Path(__file__).parents[1] / "annotations" / "viewer_srs" / "highdicom"
    shutil.copy(drawn / "tid1410-device.dcm", place.inbox / "program.dcm")
    (event,) = events_of(place.once("--file-time", *ROME, *options))
    assert event.startswith("refused program.dcm")
    assert "program.dcm: does not say who or what drew it" in place.reason("program.dcm")


def test_moving_a_line_of_nobody_claims_nothing(place: Place) -> None:
    """Who has moved one line has not said that they drew the others; and nobody claims for another one."""
    draw(place)
    place.once(*ROME)
    (listed,) = place.listed()
    with running(place.drafts, ROSSI, BIANCHI) as desk:
        page = desk.enter()
        view = page.open(listed.draft_id)
        record = view["record"]
        record["hips"][0]["gap"]["points"][0][0] += 1
        changed = page.save(view, record).json
        assert "observer" not in changed["record"]
        assert not changed["report"]["may_sign"]
        (fault,) = changed["report"]["faults"]
        forged = {**fault["fix"]["record"], "observer": {"type": "person", "name": "Verdi^Anna"}}
        claimed = page.save(changed, forged).json
        assert claimed["record"]["observer"]["name"] == "Rossi^Maria"
        assert claimed["record"]["hips"] == record["hips"]
        other = desk.enter(BIANCHI)
        taken = other.open(listed.draft_id)
        taken["record"]["hips"][0]["gap"]["points"][0][0] += 1
        kept = other.save(taken, taken["record"]).json
        assert kept["record"]["observer"]["name"] == "Bianchi^Luca"


def test_whoever_may_only_look_claims_nothing(place: Place) -> None:
    """There is no button for them."""
    draw(place)
    place.once(*ROME)
    (listed,) = place.listed()
    with running(place.drafts) as desk:
        (fault,) = desk.enter(ONLOOKER).open(listed.draft_id)["report"]["faults"]
    assert (fault["path"], fault["fixes"]) == ("$.observer", [])


def test_newer_images_of_lines_of_nobody_make_a_new_draft(place: Place) -> None:
    """As of all others: it is of the same lines, and waits for whoever drew them."""
    draw(place)
    place.once(*ROME)
    (former,) = place.listed()
    film = next((place.images / "brooker-3").iterdir())
    later = pydicom.dcmread(film)
    later.SOPInstanceUID = pydicom.uid.UID("1.2.826.0.1.1.1.2")
    later.file_meta.MediaStorageSOPInstanceUID = later.SOPInstanceUID
    later.save_as(place.images / "later.dcm")
    (event,) = events_of(place.once(*ROME))
    assert event.startswith("newer ")
    (newer,) = [each for each in place.listed() if each.draft_id != former.draft_id]
    assert place.draft(newer.draft_id).record == place.draft(former.draft_id).record
