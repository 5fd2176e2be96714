"""`hosr send` of messages: to a receiver of HL7 that takes, refuses or says nothing, in their order."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from hosr.status import Step
from tests.archive.receiver import SILENT, ScriptedReceiver, receiving
from tests.command import Ran, hosr
from tests.messages.signed import signed
from tests.messages.versions import REPORT, oru

VERSIONS = {
    "draft": oru(REPORT),
    "signed": oru(signed(REPORT, Step.SIGN)),
    "amended": oru(signed(REPORT, Step.AMEND, minute=40)),
}


def key(name: str) -> str:
    """The control ID of a message."""
    return VERSIONS[name].split(b"|")[9].decode()


@pytest.fixture(name="ris")
def _ris(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedReceiver]:
    """A receiver that the configuration knows, and a folder for each version."""
    monkeypatch.chdir(tmp_path)
    for name, data in VERSIONS.items():
        Path(name).mkdir()
        (Path(name) / "report.hl7").write_bytes(data)
    with receiving() as receiver:
        Path("config.toml").write_text(
            f'[archives.ris]\nurl = "mllp://127.0.0.1:{receiver.port}"\n'
            '[outbox]\npath = "outbox.sqlite"\n'
        )
        monkeypatch.setenv("HOSR_CONFIG", str(tmp_path / "config.toml"))
        yield receiver


def test_versions_are_acknowledged_in_their_order(ris: ScriptedReceiver) -> None:
    """However the folders are named, and the same again is sent as the same."""
    assert hosr("send", "amended", "draft", "signed", "--to", "ris") == Ran(
        code=0,
        out=(
            "ris: 3 objects accepted; taken over, by the word of who was sent it; there is no other proof\n"
        ),
    )
    assert ris.orders == ["P", "F", "C"]
    assert ris.read == list(VERSIONS.values())
    assert hosr("send", "amended", "--to", "ris").code == 0
    assert ris.read[-1] == VERSIONS["amended"]
    assert hosr("send", "draft", "--to", "ris").out.startswith("ris: 1 object accepted; ")
    assert ris.orders == ["P", "F", "C", "C"]  # the draft is there, and would go behind the others
    assert hosr("outbox", "list").out == "everything is archived\n"
    assert hosr("outbox", "verify").out == "nothing to ask for: no archive proved to have any\n"


def test_a_late_version_is_not_sent_and_told(ris: ScriptedReceiver) -> None:
    """That is no failure: the receiver has what counts."""
    hosr("send", "amended", "--to", "ris")
    for _ in range(2):
        assert hosr("send", "draft", "--to", "ris") == Ran(
            code=0,
            out=(
                "ris: 1 object superseded; "
                "not sent: a newer version of the report went before it\n"
                f"  the amended version of the report went before it ({key('amended')})\n"
                f"    draft/report.hl7 ({key('draft')})\n"
            ),
        )
    assert ris.orders == ["C"]
    (told,) = json.loads(hosr("outbox", "show", key("draft"), "--json").out)["objects"]
    assert (told["kind"], told["state"], told["reason"]) == ("hl7", "superseded", "superseded")


@pytest.mark.parametrize(
    ("answer", "code", "state", "reason"),
    [
        (SILENT, 7, "queued", "lost"),
        ("AE", 6, "dead", "data"),
        ("AR", 6, "hold", "configuration"),
    ],
)
def test_what_waits_holds_what_comes_behind(
    ris: ScriptedReceiver, answer: str, code: int, state: str, reason: str
) -> None:
    """A correction is not sent before its report was acknowledged; after a retry both go."""
    ris.codes.append(answer)
    sent = hosr("send", "signed", "amended", "--to", "ris", "--json")
    objects = json.loads(sent.out)["objects"]
    assert (sent.code, [o["state"] for o in objects]) == (code, [state, "queued"])
    assert (objects[0]["reason"], objects[0]["path"]) == (reason, "signed/report.hl7")
    assert ris.orders == ["F"]
    waiting = (
        f"report.hl7 to ris ({key('amended')}): waits for {key('signed')}, which goes before it\n"
    )
    assert f"queued: {waiting}" in hosr("outbox", "list").out
    assert hosr("outbox", "retry", "--all").code == 0
    assert hosr("outbox", "run").code == 0
    assert ris.read == [VERSIONS["signed"], *map(VERSIONS.get, ("signed", "amended"))]


def test_over_tls_with_a_certificate_of_ours(ris: ScriptedReceiver) -> None:
    """The receiver is trusted by the authority that is configured, and asks for ours."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path("ca.pem")
    ours = authority.issue_cert("hosr.example")
    ours.private_key_and_cert_chain_pem.write_to_path("hosr.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    with receiving(context=context) as secure:
        tls = 'tls = {authorities = "ca.pem", certificate = "hosr.pem"}\n'
        with Path("config.toml").open("a") as file:
            file.writelines(
                f'[archives.{name}]\nurl = "mllps://127.0.0.1:{secure.port}"\n{kept}'
                for name, kept in (("secure", tls), ("unknown", ""))
            )
        assert hosr("send", "draft", "--to", "secure").code == 0
        assert secure.read == [VERSIONS["draft"]]
        refused = hosr("send", "draft", "--to", "unknown")
        assert refused.code == 7
        assert "shows a certificate of an authority that is not trusted" in refused.out
    assert ris.read == []


def test_what_can_be_tried_without_a_report(ris: ScriptedReceiver) -> None:
    """The connection; no message is sent, and nothing can be looked for or fetched there."""
    assert hosr("archive", "test", "ris") == Ran(
        code=0,
        out=(
            f"ris: mllp://127.0.0.1:{ris.port}\n"
            "  connection: works; somebody listens there\n"
            "  messages: not tried; a receiver would file even a test; the first report shows "
            "whether it takes them\n"
        ),
    )
    assert ris.read == []
    found = hosr("archive", "find", "ris", "--study", "1.2.3")
    assert (found.code, found.out) == (6, "")
    assert "ris: takes messages, and gives nothing back" in found.err
    assert hosr("archive", "test", "mllp://127.0.0.1:1").code == 6


def test_no_patient_gets_into_the_outbox_but_in_its_messages(ris: ScriptedReceiver) -> None:
    """What is known of a message without its bytes tells of nobody."""
    Path("draft").rename("Mustermann")
    Path("Mustermann/report.hl7").rename("Mustermann/Mustermann.hl7")
    ran = hosr("-v", "send", "Mustermann/Mustermann.hl7", "--to", "ris")
    assert ran.code == 0
    assert f"message to 127.0.0.1:{ris.port}, {len(VERSIONS['draft'])} bytes: AA after" in ran.err
    assert "HO-0042" not in ran.err
    kept = b"".join(path.read_bytes() for path in Path().glob("outbox.sqlite*"))
    assert len(ris.read) == 1
    assert all(word not in kept for word in (b"Mustermann", b"HO-0042", b"Sample"))
