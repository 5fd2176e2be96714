"""Messages before a receiver of another maker: what it answers, and what it then holds."""

from __future__ import annotations

import base64
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hosr.archive.mllp import Receiver, deliver
from hosr.errors import ArchiveRefused, Reason
from hosr.messages import LineEnd, MessageForm, make_oru
from hosr.narrative import compose_sections
from hosr.report import Report
from hosr.status import Step
from hosr.templating.sources import Wording
from tests.command import hosr
from tests.messages.signed import signed
from tests.messages.versions import withdrawn
from tests.narrative.cases import CASES
from tests.peers.receiver import held, receiving, send, wait_until_idle
from tests.peers.sending import send_and_kill

REPORT, WORDING = CASES["names_in_several_scripts"], Wording()
VERSIONS = {
    "preliminary": REPORT,
    "final": signed(REPORT, Step.SIGN),
    "corrected": signed(REPORT, Step.AMEND, minute=40),
}


def _message(report: Report, form: MessageForm) -> tuple[bytes, str]:
    message = make_oru(report, WORDING, form, sr_uid="2.25.77", pdf=b"%PDF-1.7")
    return message.data, message.control_id


@pytest.fixture(name="bridge", scope="module")
def _bridge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """The port of a receiver, and where it keeps what it makes of messages."""
    bundles = tmp_path_factory.mktemp("bridge") / "bundles"
    with receiving(bundles) as port:
        yield port, bundles


@pytest.mark.peer
def test_a_receiver_takes_every_version(bridge: tuple[int, Path]) -> None:
    """Draft, final and corrected are accepted and held as such, a retry is known, the text is whole."""
    port, bundles = bridge
    for status, report in VERSIONS.items():
        for lines in (LineEnd.REPEAT, LineEnd.BREAK, LineEnd.SEGMENT):
            form = MessageForm(lines=lines, issuer="SYNTH_HOSP")
            data, control_id = _message(report, form)
            first, again = send(port, data), send(port, data)
            assert str(first["MSA"][0][1]) == str(again["MSA"][0][1]) == "AA", str(first)
            assert str(first["MSA"][0][2]) == control_id
            assert "duplicate" in str(again["ERR"][0])
            told = held(bundles, "DiagnosticReport")[-1]
            assert told["status"] == status
            assert told["effectiveDateTime"] == "2026-03-02"
            _look_at_the_text(told, report)
    _look_at_the_client(port)
    (patient, *_) = held(bundles, "Patient")
    assert [name["family"] for name in patient["name"]] == ["Yamada", "山田", "やまだ"]
    assert patient["birthDate"] == "1956-05-04"


@pytest.mark.peer
def test_a_receiver_is_sent_to_by_the_outbox(
    bridge: tuple[int, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In order, once each though the sender is killed (-9) meanwhile; a resend is known, none goes behind."""
    port, bundles = bridge
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOSR_CONFIG", str(tmp_path / "config.toml"))
    url, path = f"mllp://127.0.0.1:{port}", tmp_path / "outbox.sqlite"
    Path("config.toml").write_text(f'archives.ris.url = "{url}"\noutbox.path = "{path}"\n')
    study = replace(REPORT.subject.study, accession_number="SYN-ANOTHER")
    subject, before = replace(REPORT.subject, study=study), len(_statuses(bundles))
    last = {"cancelled": withdrawn(VERSIONS["corrected"])}
    for status, report in {**VERSIONS, **last}.items():
        Path(status).mkdir()
        data, _ = _message(replace(report, subject=subject), MessageForm(issuer="SYNTH_HOSP"))
        (Path(status) / "report.hl7").write_bytes(data)

    assert hosr("send", "preliminary", "--to", "ris").code == 0
    assert send_and_kill("final", "ris", path) == -signal.SIGKILL
    wait_until_idle(port)
    assert hosr("send", "corrected", "--to", "ris").code == 0
    assert _statuses(bundles)[before:] == ["preliminary", "final", "corrected"]
    again = hosr("send", "corrected", "--to", "ris")
    assert (again.code, "it took the message and remarked on it" in again.out) == (0, True)
    assert hosr("send", "cancelled", "--to", "ris").code == 0
    assert hosr("send", "preliminary", "--to", "ris").code == 0
    assert _statuses(bundles)[before:] == ["preliminary", "final", "corrected", "cancelled"]


def _statuses(bundles: Path) -> list[str]:
    return [str(report["status"]) for report in held(bundles, "DiagnosticReport")]


def _look_at_the_client(port: int) -> None:
    """The client of hosr is answered alike: a known message is remarked on, what is none refused."""
    receiver = Receiver(name="ris", host="127.0.0.1", port=port)
    form = MessageForm(issuer="SYNTH_HOSP")
    known = make_oru(REPORT, WORDING, form, sr_uid="2.25.77", pdf=b"%PDF-1.7")
    assert deliver(known.data, known.control_id, receiver).remarks == 1
    with pytest.raises(ArchiveRefused) as refused:
        deliver(b"no message", "1", receiver)
    assert refused.value.reason is Reason.CONFIGURATION


def _look_at_the_text(told: dict[str, Any], report: Report) -> None:
    text = base64.b64decode(told["presentedForm"][0]["data"]).decode()
    lines = text.splitlines()
    sections = compose_sections(report, WORDING)
    expected = [part for s in sections for part in (s.title, *s.paragraphs)]
    plain = [part.replace("\u00a0", " ").replace("\u202f", " ") for part in expected]
    assert lines[0] == plain[1]
    assert set(plain) <= set(lines)
    coded = {c["code"] for each in told["conclusionCode"] for c in each["coding"]}
    assert {"BROOKER-III", "DELLAV-C", "24028007"} <= coded
