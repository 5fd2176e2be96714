"""The configuration: archives by name, and every fault of the file in plain words."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from hosr.archive.addresses import (
    Credentials,
    Destination,
    DimseAddress,
    FolderAddress,
    Listener,
    Proof,
    Tls,
    WebAddress,
)
from hosr.archive.configuration import Configuration, load
from hosr.archive.configuration_keys import Hl7Table
from hosr.errors import UsageError

PACS = 'url = "dimse://PACS@h:104"'
WEB = 'url = "https://h/dicom-web"'


def loaded(folder: Path, text: str) -> Configuration:
    """The configuration that this text is, as a file of the folder."""
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load({"HOSR_CONFIG": str(path)}, folder)


def faults(folder: Path, text: str) -> list[str]:
    """What is said to be wrong with this text, without the name of the file."""
    with pytest.raises(UsageError) as caught:
        loaded(folder, text)
    return [str(fault).removeprefix("config.toml, ") for fault in caught.value.faults]


def test_without_a_file_there_is_nothing_but_an_outbox(tmp_path: Path) -> None:
    """No file is no fault; everything has its default place in the home folder."""
    assert load({}, tmp_path) == Configuration(
        path=tmp_path / ".config/hosr/config.toml",
        outbox=tmp_path / ".local/state/hosr/outbox.sqlite",
        archives={},
        hl7=Hl7Table(),
    )


@pytest.mark.parametrize("base", ["XDG_CONFIG_HOME", "HOSR_CONFIG"])
def test_a_file_is_found_where_the_environment_says(base: str, tmp_path: Path) -> None:
    """The variable of hosr names the file, that of the desktop its folder."""
    path = tmp_path / "hosr" / "config.toml"
    path.parent.mkdir()
    path.write_text(f"[archives.pacs]\n{PACS}")
    value = str(tmp_path if base == "XDG_CONFIG_HOME" else path)
    assert list(load({base: value}, tmp_path / "home").archives) == ["pacs"]


def test_the_outbox_lies_where_it_is_put(tmp_path: Path) -> None:
    """The file goes before the environment, and that before the default."""
    state = {"XDG_STATE_HOME": str(tmp_path / "state")}
    assert load(state, tmp_path).outbox == tmp_path / "state/hosr/outbox.sqlite"
    assert loaded(tmp_path, '[outbox]\npath = "box.sqlite"').outbox == tmp_path / "box.sqlite"


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    """A named file that is missing is a fault, for it was meant."""
    path = tmp_path / "none.toml"
    with pytest.raises(UsageError, match=r"none\.toml: there is no such file; check HOSR_CONFIG"):
        load({"HOSR_CONFIG": str(path)}, tmp_path)


def test_every_key_has_its_effect(tmp_path: Path) -> None:
    """What can be written about an archive arrives in its destination."""
    text = """
        [archives.pacs]
        url = "dimses://PACS@h:2762?calling=READER"
        proof = ["commitment", "read-back"]
        connections = 8
        connect_s = 1
        answer_s = 2.5
        commitment_s = 300
        listen = "127.0.0.1:11113"
        [archives.pacs.tls]
        authorities = "ca.pem"
        certificate = "/etc/own.pem"
        key = "own.key"
    """
    tls = Tls(
        authorities=tmp_path / "ca.pem",
        certificate=Path("/etc/own.pem"),
        key=tmp_path / "own.key",
    )
    assert loaded(tmp_path, text).archives["pacs"] == Destination(
        name="pacs",
        address=DimseAddress(
            called_aet="PACS", host="h", port=2762, calling_aet="READER", secure=True
        ),
        tls=tls,
        proofs=(Proof.COMMITMENT, Proof.READ_BACK),
        listener=Listener(host="127.0.0.1", port=11113, tls=tls),
        connections=8,
        connect_s=1.0,
        answer_s=2.5,
        commitment_s=300.0,
    )


@pytest.mark.parametrize(
    ("text", "credentials"),
    [
        ("", None),
        ('token_env = "TOKEN"', Credentials(variable="TOKEN")),
        ('token_file = "/run/token"', Credentials(file=Path("/run/token"))),
        (
            'user = "reader"\npassword_env = "WORD"',
            Credentials(user="reader", variable="WORD"),
        ),
        (
            'user = "reader"\npassword_file = "/run/word"',
            Credentials(user="reader", file=Path("/run/word")),
        ),
    ],
)
def test_credentials_are_places(text: str, credentials: Credentials | None, tmp_path: Path) -> None:
    """The file says where a secret is kept, and never what it is."""
    archive = loaded(tmp_path, f"[archives.web]\n{WEB}\n{text}").archives["web"]
    assert archive.credentials == credentials


@pytest.mark.parametrize(
    ("proof", "proofs"),
    [('"auto"', ()), ('"response"', (Proof.RESPONSE,)), ('["read-back"]', (Proof.READ_BACK,))],
)
def test_a_proof_is_a_word_or_a_list(proof: str, proofs: tuple[Proof, ...], tmp_path: Path) -> None:
    """One word, a list of them, or what is best."""
    text = f"[archives.pacs]\n{PACS}\nproof = {proof}"
    assert loaded(tmp_path, text).archives["pacs"].proofs == proofs


ARCHIVE_KEYS = (
    "answer_s, commitment_s, connect_s, connections, create_patient, headers, listen, may_change, password_env, password_file, "
    "peers, proof, proxy, proxy_password_env, proxy_password_file, proxy_user, release, tls, token_env, "
    "token_file, url, user"
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[archive.pacs]", ["archive: there is no such key; did you mean archives?"]),
        (
            f"[archives.pacs]\n{PACS}\nconnection = 3",
            ["archives.pacs.connection: there is no such key; did you mean connections?"],
        ),
        (
            f"[archives.pacs]\n{PACS}\nxyz = 3",
            [f"archives.pacs.xyz: there is no such key; the keys here are {ARCHIVE_KEYS}"],
        ),
        (
            f'[archives.web]\n{WEB}\ntls = {{ca = "x"}}',
            [
                (
                    "archives.web.tls.ca: there is no such key; "
                    "the keys here are authorities, certificate, key"
                )
            ],
        ),
        (
            '[hl7]\nlines = "lf"\npdf = "no"\nline = 1',
            [
                (
                    "hl7.lines: is none of the words for this; "
                    "write one of 'repeat', 'br' or 'obx-per-line'"
                ),
                "hl7.pdf: is neither true nor false; write true or false without quotes",
                "hl7.line: there is no such key; did you mean lines?",
            ],
        ),
        (
            '[hl7.oids]\nHOSP = "1.2.x"',
            ["hl7.oids.HOSP: is no OID; write digits and dots, such as 1.2.276.0.76"],
        ),
        ("[archives.pacs]", ["archives.pacs.url: is missing; write it"]),
        ("[archives.pacs]\nurl = 3", ["archives.pacs.url: is not text; write it in quotes"]),
        ("archives = 3", ["archives: is no table; write it as a [table]"]),
        (
            f"[archives.pacs]\n{PACS}\nconnections = 0",
            ["archives.pacs.connections: is too small; write 1 or more"],
        ),
        (
            f"[archives.pacs]\n{PACS}\nconnections = true",
            ["archives.pacs.connections: is not a whole number; write a number without quotes"],
        ),
        (
            f"[archives.pacs]\n{PACS}\nanswer_s = 0",
            ["archives.pacs.answer_s: is too small; write more than 0"],
        ),
        (
            f'[archives.pacs]\n{PACS}\nproof = "some"',
            [
                (
                    "archives.pacs.proof: is none of the words for this; "
                    "write one of 'auto', 'commitment', 'read-back' or 'response'"
                )
            ],
        ),
        (
            '[archives.pacs]\nurl = "dimse://PACS@h"',
            ["archives.pacs.url: names no port; write it behind the host: host:104"],
        ),
        (
            f'[archives."a b"]\n{PACS}',
            [
                (
                    "archives.a b: is no name of an archive; "
                    "use letters, digits, dot, hyphen and underscore"
                )
            ],
        ),
        (
            f'[archives.web]\n{WEB}\nlisten = "127.0.0.1:1"\nproof = "commitment"',
            [
                (
                    "archives.web.listen: is for dimse:// alone; "
                    "leave it out, or write the address as dimse://"
                ),
                (
                    "archives.web.proof: is for dimse:// alone; "
                    "leave it out, or write the address as dimse://"
                ),
            ],
        ),
        (
            f'[archives.pacs]\n{PACS}\ntls = {{key = "x"}}\ntoken_env = "X"',
            [
                (
                    "archives.pacs.tls: is for encrypted connections alone; "
                    "leave it out, or write such an address"
                ),
                "archives.pacs.tls.key: has no certificate beside it; write tls.certificate",
                (
                    "archives.pacs.token_file: is for https:// alone; "
                    "leave it out, or write the address as https://"
                ),
            ],
        ),
        (
            (
                '[archives.ris]\nurl = "mllp://h:2575"\nproof = "read-back"\nmay_change = ["name"]\n'
                'create_patient = true\ntoken_env = "X"\ntls = {}'
            ),
            [
                (
                    "archives.ris.proof: is not to be had of a message; "
                    "leave it out: the answer is its proof"
                ),
                "archives.ris.may_change: is for archives of DICOM objects alone; leave it out",
                (
                    "archives.ris.create_patient: is for fhir+https:// alone; "
                    "leave it out, or write such an address"
                ),
                (
                    "archives.ris.tls: is for encrypted connections alone; "
                    "leave it out, or write such an address"
                ),
                (
                    "archives.ris.token_file: is for https:// alone; "
                    "leave it out, or write the address as https://"
                ),
            ],
        ),
        (
            f'[archives.web]\n{WEB}\ntoken_env = "A"\ntoken_file = "b"',
            ["archives.web: names several places for its secret; name one of them"],
        ),
        (
            f'[archives.web]\n{WEB}\nuser = "reader"',
            [
                (
                    "archives.web: has a user without a password, or a password without a user; "
                    "write user with password_file or password_env, or token_file alone"
                )
            ],
        ),
    ],
)
def test_faults_are_in_plain_words(text: str, said: list[str], tmp_path: Path) -> None:
    """Each fault names its key and what to write instead."""
    assert faults(tmp_path, text) == said


def test_every_archive_is_looked_at(tmp_path: Path) -> None:
    """A fault of one archive does not hide that of another."""
    text = '[archives.a]\nurl = "x"\n[archives.b]\nurl = "dimse://A@h"'
    said = faults(tmp_path, text)
    assert [each.split(":")[0] for each in said] == ["archives.a.url", "archives.b.url"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (
            b"[archives\nx",
            r"is not TOML \(expected .* \(at line 1, column 10\)\); correct it there",
        ),
        (b"\xff", "is not UTF-8 text; save it as UTF-8"),
        (b"#" * (1 << 20) + b"#", "is larger than 1 MiB; it holds archives alone"),
    ],
)
def test_what_is_no_toml_is_refused(content: bytes, problem: str, tmp_path: Path) -> None:
    """A file that cannot be read as TOML is refused with the place; its values are never quoted."""
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=problem):
        load({"HOSR_CONFIG": str(path)}, tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        f'[archives.web]\n{WEB}\ntoken = "hunter2"',
        f'[archives.web]\n{WEB}\nconnections = "hunter2"',
        '[archives.web]\nurl = "https://u:hunter2@h/x"',
        '[archives.web]\nproof = ["hunter2"]\nurl = "https://h"',
        '[archives.web]\ntoken = "hunter2',
    ],
)
def test_no_fault_repeats_a_value(text: str, tmp_path: Path) -> None:
    """A secret that stands in the wrong place does not get into an error."""
    with pytest.raises(UsageError) as caught:
        loaded(tmp_path, text)
    assert "hunter2" not in repr(caught.value)


@pytest.mark.parametrize(
    ("url", "is_allowed"),
    [
        ("http://127.0.0.1:8042/x", True),
        ("http://localhost/x", True),
        ("http://[::1]/x", True),
        ("https://h/x", True),
        ("http://h/x", False),
        ("http://127.0.0.1.example.org/x", False),
    ],
)
def test_a_secret_goes_over_plain_http_only_within_the_machine(
    url: str, is_allowed: bool, tmp_path: Path
) -> None:
    """Credentials need https, unless the archive is on this machine."""
    text = f'[archives.web]\nurl = "{url}"\ntoken_env = "TOKEN"'
    if is_allowed:
        assert list(loaded(tmp_path, text).archives) == ["web"]
    else:
        assert faults(tmp_path, text) == [
            (
                "archives.web.token_file: is for https:// alone; "
                "leave it out, or write the address as https://"
            )
        ]


class TestDestination:
    """What `--to` names."""

    def test_a_name_is_one_of_the_file(self, tmp_path: Path) -> None:
        """An archive is found by its name."""
        configuration = loaded(tmp_path, f"[archives.pacs]\n{PACS}")
        assert configuration.destination("pacs") is configuration.archives["pacs"]

    @pytest.mark.parametrize(
        ("text", "address"),
        [
            ("https://h/x/", WebAddress(url="https://h/x", secure=True)),
            ("/var/x", FolderAddress(path=Path("/var/x"))),
        ],
    )
    def test_an_address_needs_no_file(
        self, text: str, address: WebAddress | FolderAddress, tmp_path: Path
    ) -> None:
        """An address is an archive by itself, and goes by how it is written."""
        found = load({}, tmp_path).destination(text)
        assert found == Destination(name=str(address), address=address)
        assert load({}, tmp_path).destination(found.name) == found

    def test_an_unknown_name_is_refused_with_those_there_are(self, tmp_path: Path) -> None:
        """The archives that are configured are named, and the one that may be meant."""
        configuration = loaded(tmp_path, f"[archives.pacs]\n{PACS}\n[archives.web]\n{WEB}")
        with pytest.raises(
            UsageError,
            match=r"pac: there is no archive of this name; did you mean pacs\? configured in "
            r".*config\.toml: pacs, web; or give an address: dimse://",
        ):
            configuration.destination("pac")


def test_two_archives_never_listen_at_one_port(tmp_path: Path) -> None:
    """A report for one would be refused there under the AE title of the other."""
    listen = 'listen = "127.0.0.1:11113"'
    text = f"[archives.a]\n{PACS}\n{listen}\n[archives.b]\n{PACS}\n{listen}"
    assert faults(tmp_path, text) == [
        "archives.b.listen: is also that of a; give each archive a port of its own"
    ]


def test_peers_are_those_of_a_listener(tmp_path: Path) -> None:
    """Hosts that may report are named where it is said where they report to."""
    assert faults(tmp_path, f'[archives.a]\n{PACS}\npeers = ["h"]') == [
        "archives.a.peers: has no `listen` beside it; leave it out, or write where to listen"
    ]


DATA = Path(__file__).parents[1] / "data_0_1_0"


def plain(value: Any) -> Any:
    """A value of the configuration as JSON has it."""
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [plain(each) for each in value]
    return str(value) if isinstance(value, Path) else value


def kept(told: Any, found: Any) -> Any:
    """Of what is found, what was told then: keys that came later are passed over."""
    if isinstance(told, dict) and isinstance(found, dict):
        return {key: kept(told[key], found.get(key)) for key in told}
    return found


def test_a_file_of_0_1_0_is_read_as_it_was() -> None:
    """Every key that hosr 0.1.0 knew means what it meant."""
    text = (DATA / "configuration.json").read_text(encoding="utf-8")
    told = json.loads(text.replace("FOLDER", str(DATA)))
    found = load({"HOSR_CONFIG": str(DATA / "config.toml")}, Path("/home"))
    archives = {name: plain(archive) for name, archive in found.archives.items()}
    assert kept(told, {"outbox": str(found.outbox), "archives": archives}) == told
