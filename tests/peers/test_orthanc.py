"""The reports in a real archive."""

import pytest
from pydicom import dcmread

from tests.peers.conftest import Report
from tests.peers.orthanc import Orthanc, OrthancError
from tests.peers.samples import SAMPLES, Reported

SOP, SERIES, PATIENT = "00080018", "0020000E", "00100020"


def stored(orthanc: Orthanc, sample: Reported) -> list[dict[str, str]]:
    """Upload a sample's images and reports; UIDs and patient of all instances of its study."""
    for path in (*sample.images, *sample.documents):
        orthanc.upload(path.read_bytes())
    study = str(dcmread(sample.measurement).StudyInstanceUID)
    return [
        {tag: instance.get(tag, {}).get("Value", [""])[0] for tag in (SOP, SERIES, PATIENT)}
        for instance in orthanc.instances(study)
    ]


@pytest.mark.parametrize("name", SAMPLES)
def test_an_archive_gives_back_the_bytes_that_it_was_given(
    orthanc: Orthanc, reported: Report, name: str
) -> None:
    """A report that was stored comes back as the same file."""
    for path in reported(name).documents:
        content = path.read_bytes()
        orthanc.upload(content)
        assert orthanc.download(str(dcmread(path).SOPInstanceUID)) == content


@pytest.mark.parametrize("name", SAMPLES)
def test_an_archive_files_the_reports_with_the_images(
    orthanc: Orthanc, reported: Report, name: str
) -> None:
    """Reports lie in the study and under the patient of their images, each in its own series."""
    sample = reported(name)
    expected = {str(dcmread(path).SOPInstanceUID) for path in (*sample.images, *sample.documents)}
    found = [instance for instance in stored(orthanc, sample) if instance[SOP] in expected]
    series = {str(dcmread(path).SeriesInstanceUID) for path in sample.images}
    documents = {str(dcmread(path).SeriesInstanceUID) for path in sample.documents}
    assert {instance[SOP] for instance in found} == expected
    assert {instance[SERIES] for instance in found} == series | documents
    assert len(documents) == 2
    assert not documents & series
    assert len({str(instance[PATIENT]) for instance in found}) == 1


def test_an_archive_that_refuses_is_heard(orthanc: Orthanc) -> None:
    """What is no DICOM file is refused with the archive's own words."""
    with pytest.raises(OrthancError, match="/instances: 400"):
        orthanc.upload(b"not a DICOM file")
