"""The types of the page's programs, as the compiler of TypeScript judges them; nothing is built by it."""

import pytest

from hosr.desk.pages import STATIC
from tests.peers.processes import CHECKOUT, PEERS, installed, program, run

pytestmark = [pytest.mark.peer, pytest.mark.slow]

_COMPILER = PEERS / "node_modules" / "typescript" / "bin" / "tsc"
_WAIT_S = 120.0


def test_the_programs_of_the_page_are_well_typed() -> None:
    """Every value is used as what JSDoc says it is, in every module that the desk serves."""
    node = program("node", "Debian package nodejs")
    compiler = installed(_COMPILER, "npm package typescript")
    options = ["--project", CHECKOUT / "tests" / "desk" / "jsconfig.json", "--pretty", "false"]
    ran = run([node, compiler, *options, "--listFilesOnly"], timeout=_WAIT_S)
    listed = set(ran.out.splitlines())
    assert {str(path) for path in STATIC.glob("*.js")} <= listed
    ran = run([node, compiler, *options], timeout=_WAIT_S)
    assert (ran.code, ran.out, ran.err) == (0, "", "")
