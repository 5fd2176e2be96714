"""What was seen of files, by whom their images are filed under."""

from pathlib import Path

import pytest

from hosr.errors import UsageError
from hosr.image_index.index import ImageIndex
from hosr.image_index.seen import FiledStudy, Seen, SeenImages, find_changed_files
from tests.images import write_film


def _study(number: int, **changes: str) -> dict[str, str]:
    uid = f"1.2.826.0.1.{number}"
    own = {"StudyInstanceUID": uid, "SeriesInstanceUID": f"{uid}.1", "SOPInstanceUID": f"{uid}.2"}
    return {**own, "PatientID": "P-1", **changes}


def test_the_studies_of_a_patient_id_come_newest_first(tmp_path: Path) -> None:
    """Without the one that is asked for, other IDs and other parts of the body; each image once."""
    films = tmp_path / "films"
    new = write_film(films / "new.dcm", **_study(1, StudyDate="20250101"))
    old = write_film(
        films / "old.dcm", **_study(2, StudyDate="20240101", BodyPartExamined="PELVIS")
    )
    write_film(films / "the same.dcm", **_study(2, StudyDate="20240101"))
    write_film(films / "today.dcm", **_study(3, StudyDate="20260101"))
    below = write_film(
        films / "to the hips.dcm", **_study(7, StudyDate="20230101", BodyPartExamined="ABDOMEN")
    )
    write_film(films / "chest.dcm", **_study(4, BodyPartExamined="Chest"))
    write_film(films / "other.dcm", **_study(5, PatientID="P-2"))
    write_film(films / "nobody.dcm", **_study(6, PatientID=""))
    with SeenImages(tmp_path) as seen:
        ImageIndex(seen, [films], tmp_path / "received").renew()
        found = seen.studies_of("P-1", "1.2.826.0.1.3")
        assert seen.studies_of("", "") == ()
    assert found == tuple(
        FiledStudy(
            study_instance_uid=f"1.2.826.0.1.{number}",
            study_date=date,
            files=(Seen(path=path, size=path.stat().st_size, changed_ns=path.stat().st_mtime_ns),),
        )
        for number, date, path in (
            (1, "20250101", new),
            (2, "20240101", old),
            (7, "20230101", below),
        )
    )
    old.write_bytes(b"")
    changed = [fault.problem for study in found for fault in find_changed_files(study.files)]
    assert changed == ["was changed since hosr watch looked at it"]


@pytest.mark.parametrize(("sound", "problem"), [(0, "is no index of images"), (100, "is damaged")])
def test_an_index_that_is_damaged_is_moved_away_and_made_anew(
    tmp_path: Path, sound: int, problem: str
) -> None:
    """It is told so; what lies beside it, and the images, are not given up for it."""
    film = write_film(tmp_path / "films" / "film.dcm", **_study(1))
    index = tmp_path / "images.sqlite"

    def look() -> list[Path]:
        with SeenImages(tmp_path) as seen:
            ImageIndex(seen, [film.parent], tmp_path / "received").renew()
            return [path for path, _ in seen.images_of("1.2.826.0.1.1")]

    assert look() == [film]
    held = index.read_bytes()
    index.write_bytes(held[:sound] + b"x" * (len(held) - sound))
    with pytest.raises(UsageError) as refused:
        look()
    (fault,) = refused.value.faults
    assert problem in fault.problem
    assert fault.remedy.startswith("move it away: hosr watch makes it anew")
    index.rename(tmp_path / "away")
    assert look() == [film]
