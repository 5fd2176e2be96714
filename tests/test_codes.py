"""Every coded concept is valid, spelled once, and means what its scheme says."""

from __future__ import annotations

from collections import Counter
from typing import cast

from pydicom.sr._concepts_dict import concepts as _concepts

from hosr import codes
from hosr.cli.topics import private_codes
from hosr.codes import Code
from hosr.sr.context import PROCEDURES

concepts = cast("dict[str, dict[str, dict[str, tuple[str, list[int]]]]]", _concepts)

# Meanings that PS3.16 prints otherwise than the SNOMED CT or UCUM description in pydicom's list.
_PRINTED_OTHERWISE = {codes.FINDING_CATEGORY, codes.SOURCE}
# Concepts that stand in no context group of DICOM: a template row, UCUM annotations, the finding.
_FROM_ELSEWHERE = {
    codes.QUALITATIVE_EVALUATIONS,
    codes.PIXELS,
    codes.FRAMES,
    *codes.HETEROTOPIC_OSSIFICATION.values(),
}


def _standard_codes() -> list[Code]:
    found = [value for value in vars(codes).values() if isinstance(value, Code)]
    found += [*codes.MODALITIES.values(), *codes.HETEROTOPIC_OSSIFICATION.values()]
    return [code for code in found if code.scheme != codes.PRIVATE_SCHEME]


def _meanings(code: Code) -> set[str]:
    """Every meaning under which the content mapping resource prints a concept."""
    keywords = concepts[code.scheme]
    return {entry[code.value][0] for entry in keywords.values() if code.value in entry}


def test_standard_codes_mean_what_the_standard_says() -> None:
    """Each standard concept has the meaning of the DICOM content mapping resource."""
    checked = [
        code
        for code in _standard_codes()
        if code not in _FROM_ELSEWHERE | _PRINTED_OTHERWISE and code.scheme in concepts
    ]

    assert len(checked) > 70
    assert [code for code in checked if code.meaning not in _meanings(code)] == []


def test_exceptions_are_needed() -> None:
    """A concept stands among the exceptions only while the list lacks it or words it otherwise."""
    assert [c for c in _FROM_ELSEWHERE if c.scheme in concepts and _meanings(c)] == []
    assert [c for c in _PRINTED_OTHERWISE if c.meaning in _meanings(c)] == []


def test_private_codes_are_spelled_once() -> None:
    """No two concepts of the private scheme share a value or a meaning."""
    values = Counter(code.value for code in private_codes())
    meanings = Counter(code.meaning for code in private_codes())

    assert [value for value, count in values.items() if count > 1] == []
    assert [meaning for meaning, count in meanings.items() if count > 1] == []


def test_loinc_codes_have_their_check_digit() -> None:
    """LOINC numbers end in a mod 10 check digit, so a mistyped one shows."""
    loinc = {c.value for c in _standard_codes() if c.scheme == "LN"}
    loinc |= {code.value for code in PROCEDURES.values()}

    assert [value for value in sorted(loinc) if not _has_check_digit(value)] == []


def _has_check_digit(value: str) -> bool:
    number, digit = value.split("-")
    doubled = str(int(number[::-1][::2][::-1]) * 2)
    total = sum(map(int, doubled + number[::-1][1::2]))
    return -total % 10 == int(digit)
