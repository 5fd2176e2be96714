"""What is configured of DICOMweb archives alone: proxies, and headers that go with every request."""

from __future__ import annotations

from pathlib import Path

import pytest

from hosr.archive.addresses import Credentials, Proxy
from tests.archive.test_configuration import PACS, WEB, faults, loaded


class TestProxy:
    """A proxy before a DICOMweb archive."""

    @pytest.mark.parametrize("url", ["http://proxy.hospital:3128", "http://[::1]:3128/"])
    def test_a_proxy_is_a_host_and_a_port(self, url: str, tmp_path: Path) -> None:
        """It is written as an address, and stands beside that of the archive."""
        text = f'[archives.web]\n{WEB}\nproxy = "{url}"'
        proxy = loaded(tmp_path, text).archives["web"].proxy
        assert proxy == Proxy(host="::1" if "::1" in url else "proxy.hospital", port=3128)

    @pytest.mark.parametrize(
        ("place", "kept"),
        [
            ('proxy_password_file = "word"', {"file": "word"}),
            ('proxy_password_env = "WORD"', {"variable": "WORD"}),
        ],
    )
    def test_its_password_is_kept_elsewhere(
        self, place: str, kept: dict[str, str], tmp_path: Path
    ) -> None:
        """In a file or a variable, as every other secret."""
        text = f'[archives.web]\n{WEB}\nproxy = "http://p:1"\nproxy_user = "reader"\n{place}'
        file = tmp_path / kept["file"] if "file" in kept else None
        credentials = Credentials(user="reader", file=file, variable=kept.get("variable"))
        proxy = loaded(tmp_path, text).archives["web"].proxy
        assert proxy == Proxy(host="p", port=1, credentials=credentials)

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            (
                'proxy = "https://p:1"',
                "archives.web.proxy: is no address of a proxy; write http://host:port",
            ),
            (
                'proxy = "p:3128"',
                "archives.web.proxy: is no address of a proxy; write http://host:port",
            ),
            (
                'proxy = "http://p"',
                "archives.web.proxy: names no port; write it behind the host: host:104",
            ),
            (
                'proxy = "http://p:1/x"',
                "archives.web.proxy: is more than a host and a port; write http://host:port",
            ),
            (
                'proxy = "http://u:hunter2@p:1"',
                (
                    "archives.web.proxy: holds a user, a password or a token, which addresses must "
                    "not: they stand in logs and lists; write proxy_user, and proxy_password_file or "
                    "proxy_password_env"
                ),
            ),
            (
                'proxy = "http://p:1"\nproxy_user = "reader"',
                (
                    "archives.web: has a proxy_user without a password, or the password without the "
                    "user; write proxy_user with proxy_password_file or proxy_password_env"
                ),
            ),
            (
                'proxy = "http://p:1"\nproxy_password_env = "WORD"',
                (
                    "archives.web: has a proxy_user without a password, or the password without the "
                    "user; write proxy_user with proxy_password_file or proxy_password_env"
                ),
            ),
            (
                'proxy_user = "reader"\nproxy_password_env = "A"\nproxy_password_file = "b"',
                "archives.web: names several places for its secret; name one of them",
            ),
            (
                'proxy_user = "reader"\nproxy_password_env = "A"',
                "archives.web.proxy_user: has no `proxy` beside it; leave it out, or write the proxy",
            ),
        ],
    )
    def test_its_faults_are_in_plain_words(self, text: str, said: str, tmp_path: Path) -> None:
        """What is no proxy, and what of it is missing."""
        assert faults(tmp_path, f"[archives.web]\n{WEB}\n{text}") == [said]

    def test_dimse_and_folders_have_none(self, tmp_path: Path) -> None:
        """Only HTTP knows proxies."""
        assert faults(tmp_path, f'[archives.pacs]\n{PACS}\nproxy = "http://p:1"') == [
            (
                "archives.pacs.proxy: is for https:// and http:// alone; "
                "leave it out, or write such an address"
            )
        ]

    def test_no_secret_goes_to_a_proxy_in_plain_http(self, tmp_path: Path) -> None:
        """An archive of this machine is not one any more behind a proxy."""
        text = '[archives.web]\nurl = "http://127.0.0.1/x"\ntoken_env = "T"\nproxy = "http://p:1"'
        assert [each.split(":")[0] for each in faults(tmp_path, text)] == [
            "archives.web.token_file"
        ]


class TestHeaders:
    """Headers that go with every request."""

    def test_a_value_is_text_or_a_place(self, tmp_path: Path) -> None:
        """Where it is a secret it is kept elsewhere, and nothing shows the value."""
        text = f"""
            [archives.web]
            {WEB}
            [archives.web.headers]
            X-Tenant = "ward 7"
            X-Key = {{ file = "key" }}
            X-Other = {{ env = "OTHER" }}
        """
        headers = loaded(tmp_path, text).archives["web"].headers
        assert {each.name: each.value for each in headers} == {
            "X-Tenant": "ward 7",
            "X-Key": Credentials(file=tmp_path / "key"),
            "X-Other": Credentials(variable="OTHER"),
        }
        assert "ward 7" not in repr(headers)

    @pytest.mark.parametrize(
        ("line", "words"),
        [
            ('Authorization = "hunter2"', "is a header that hosr sets itself"),
            ('host = "hunter2"', "is a header that hosr sets itself"),
            ('Content-Length = "hunter2"', "is a header that hosr sets itself"),
            ('Transfer-Encoding = "hunter2"', "is a header that hosr sets itself"),
            ('Proxy-Authorization = "hunter2"', "is a header that hosr sets itself"),
            ('"X Y" = "hunter2"', "is no name of a header"),
            ('"X:" = "hunter2"', "is no name of a header"),
            ('"" = "hunter2"', "is no name of a header"),
            ('X = "hunter2\\r\\nY: z"', "is not printable ASCII without spaces around it"),
            ('X = " hunter2"', "is not printable ASCII without spaces around it"),
            ('X = ""', "is not printable ASCII without spaces around it"),
            ("X = 2", "is neither text nor the place of a secret"),
            ('X = { text = "hunter2" }', "is neither text nor the place of a secret"),
            ('X = { file = "a", env = "hunter2" }', "is neither text nor the place of a secret"),
            ('x-a = "1"\nX-A = "hunter2"', "is there already in other letters"),
        ],
    )
    def test_what_is_no_header_is_refused(self, line: str, words: str, tmp_path: Path) -> None:
        """In one sentence, which does not repeat the value."""
        text = f"[archives.web]\n{WEB}\n[archives.web.headers]\n{line}"
        (said,) = faults(tmp_path, text)
        assert said.startswith("archives.web.headers.")
        assert words in said
        assert "; " in said
        assert "hunter2" not in said

    def test_they_are_for_the_web(self, tmp_path: Path) -> None:
        """DIMSE has no headers."""
        text = f'[archives.pacs]\n{PACS}\nheaders = {{ X-A = "1" }}'
        assert faults(tmp_path, text) == [
            (
                "archives.pacs.headers: is for https:// and http:// alone; "
                "leave it out, or write such an address"
            )
        ]

    def test_a_secret_needs_https(self, tmp_path: Path) -> None:
        """What is kept elsewhere is a secret, and does not travel in the open."""
        text = '[archives.web]\nurl = "http://h/x"\nheaders = { X-A = { env = "A" } }'
        assert faults(tmp_path, text) == [
            "archives.web.headers: is for https:// alone; leave it out, or write the address as https://"
        ]
