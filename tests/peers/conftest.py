"""The peers as fixtures: started once, stopped at the end, never skipped."""

from collections.abc import Callable, Iterator

import pytest

from tests.peers.ohif import APPLICATION, Ohif, viewing
from tests.peers.ohif_server import serving_ohif
from tests.peers.orthanc import Orthanc, running_orthanc
from tests.peers.processes import installed
from tests.peers.samples import Reported, report

Report = Callable[..., Reported]


@pytest.fixture(scope="session")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """A function that reports a sample by name, with options of the command; once for each."""
    made: dict[tuple[str, ...], Reported] = {}

    def make(name: str, *options: str) -> Reported:
        key = (name, *options)
        if key not in made:
            made[key] = report(name, tmp_path_factory.mktemp(name) / "report", *options)
        return made[key]

    return make


@pytest.fixture(scope="session")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    """A running Orthanc with DICOMweb, empty at first."""
    with running_orthanc(tmp_path_factory.mktemp("orthanc")) as archive:
        yield archive


@pytest.fixture(scope="session")
def ohif(orthanc: Orthanc) -> Iterator[Ohif]:
    """The OHIF application over that archive."""
    application = installed(APPLICATION, "npm package @ohif/app")
    with serving_ohif(application, orthanc.url) as address, viewing(address) as viewer:
        yield viewer
