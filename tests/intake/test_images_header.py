"""Texts of headers: what is ASCII reads alike in every character set of the standard."""

from __future__ import annotations

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.charset import decode_bytes, python_encoding

from hosr.intake.images.charset import declared_charset

_TERMS = sorted(term for term in python_encoding if term)
_DELIMITERS = {ord(character) for character in "\\^=\t\n\f\r"}


@pytest.mark.parametrize("term", _TERMS)
@given(content=st.binary(max_size=40).map(lambda data: bytes(byte & 0x7F for byte in data)))
def test_seven_bits_read_as_pydicom_reads_them(term: str, content: bytes) -> None:
    """The short way for ASCII gives what the long one would, escape sequences included."""
    charset, _ = declared_charset([term], None)
    with warnings.catch_warnings(action="ignore"):
        text = decode_bytes(content, list(charset.encodings), _DELIMITERS)

        assert charset.decode(content) == (None if "\ufffd" in text else text)
