"""The manifest of a report as whatever takes a folder for a report reads it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hosr.dicom.structure import UnusableFile
from hosr.manifest import MANIFEST, Listed, Manifest, read_manifest

_OLDEST = Path(__file__).parent / "data_0_1_0" / "batch" / "out" / "study-2"
_OTHER = "is no manifest of a report"
_OUTSIDE = "names a file outside of its folder"


def test_a_manifest_of_the_first_version_is_read() -> None:
    """What it says is what stands in it."""
    assert read_manifest(_OLDEST) == Manifest(
        files=(
            Listed(
                name="measurement.dcm",
                sha256="53e63474e5d5dcd115ce2c8ea20e7ff457cd650f3bcf38b4fb67890a48be4cdb",
                size_bytes=11622,
                sop_class_uid="1.2.840.10008.5.1.4.1.1.88.34",
                sop_instance_uid="2.25.3882634227967329618210752047357587377",
            ),
        ),
        language="en",
        has_site_templates=False,
        tolerated=(),
    )


_SOUND = json.loads((_OLDEST / MANIFEST).read_bytes())


def _without(key: str) -> str:
    return json.dumps({name: value for name, value in _SOUND.items() if name != key})


def _naming(name: str) -> str:
    return json.dumps({**_SOUND, "files": [{**_SOUND["files"][0], "name": name}]})


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", _OTHER),
        ("[]", _OTHER),
        ("{}", _OTHER),
        ("[" * 100_000, _OTHER),
        ('{"files": 1}', _OTHER),
        (_without("hosr_version"), _OTHER),
        (_without("language"), _OTHER),
        (json.dumps({**_SOUND, "files": [{"name": "measurement.dcm"}]}), _OTHER),
        (json.dumps({**_SOUND, "tolerated": ["x"]}), _OTHER),
        (_naming("../measurement.dcm"), _OUTSIDE),
        (_naming(".."), _OUTSIDE),
        (_naming("."), _OUTSIDE),
        (_naming(""), _OUTSIDE),
        (_naming("a\\b.dcm"), _OUTSIDE),
    ],
    ids=lambda value: value[:20],
)
def test_another_file_of_that_name_is_told(content: str, problem: str, tmp_path: Path) -> None:
    """What is no manifest of hosr, or names other files than those beside it, is not read."""
    (tmp_path / MANIFEST).write_text(content)
    with pytest.raises(UnusableFile) as refusal:
        read_manifest(tmp_path)
    assert refusal.value.problem == problem


def test_a_manifest_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A link to one is none, for it may be of another report."""
    with pytest.raises(UnusableFile, match="is missing"):
        read_manifest(tmp_path)
    (tmp_path / MANIFEST).symlink_to(_OLDEST / MANIFEST)
    with pytest.raises(UnusableFile, match="is no plain file"):
        read_manifest(tmp_path)
