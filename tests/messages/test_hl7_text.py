"""What is written as text is read as the same text, whatever stands in it."""

from __future__ import annotations

import hl7
from hl7apy.consts import VALIDATION_LEVEL
from hl7apy.parser import parse_message
from hl7types.codecs.er7.encoder import encode_er7_segment
from hl7types.hl7.v2_5_1.datatypes import CE, CWE

from hosr.messages.hl7_text import escape, in_one_line, text_fields
from hosr.messages.message_form import LineEnd
from hosr.messages.results import OBX

HOSTILE = (
    "a|b^c~d&e",
    "C:\\F\\x",
    "\\",
    "\\\\",
    "ends in \\",
    "\\E\\",
    "\\T\\ and \\.br\\",
    "\\X0D\\",
    "one\rtwo",
    "one\ntwo",
    "one\r\ntwo",
    "|" * 5,
    "^~\\&",
    "MSH|^~\\&|X",
    "\rPID|1||stolen",
    "\x0bframe\x1c\r",
    "nul \x00 del \x7f tab \t",
    '""',
    "",
    " blanks ",
    "山田^太郎",
    "\U0001f9b4 bone",
    "é\\S\\ü",
)
MSH = "MSH|^~\\&|A|B|C|D|20260302101500+0100||ORU^R01^ORU_R01|1|P|2.5.1||||||UNICODE UTF-8"


def _message(*segments: OBX) -> str:
    body = (encode_er7_segment(segment) for segment in segments)
    return "".join(f"{each}\r" for each in (MSH, "OBR|1|1|1|x", *body))


def test_hostile_texts_come_back() -> None:
    """As a whole field, as a repetition and as a component, each is one value for two parsers."""
    for hostile in HOSTILE:
        text = escape(hostile)
        coded = CWE(cwe_1="code", cwe_2=text, cwe_9=text)
        concept = CE(ce_1="x", ce_2=text)
        message = _message(
            OBX(obx_2="TX", obx_3=concept, obx_5=["first", text, "last"], obx_11="P"),
            OBX(obx_2="CWE", obx_3=concept, obx_5=[coded], obx_11="P"),
        )
        assert not set(message) & set("\n\x00\x0b\x1c")
        parsed = hl7.parse(message)
        texts, answers = parsed.segments("OBX")
        assert len(parsed) == 4
        assert [parsed.unescape(str(each)) for each in texts[5]] == ["first", hostile, "last"]
        seen = parse_message(message, validation_level=VALIDATION_LEVEL.TOLERANT, find_groups=False)
        assert [child.name for child in seen.children] == ["MSH", "OBR", "OBX", "OBX"]
        assert [len(obx.obx_5) for obx in seen.obx] == [3, 1]
        if not hostile:
            continue  # nothing is below an empty component
        components = [texts.extract_field(1, 3, 1, 2)]
        components += [answers.extract_field(2, 5, 1, at) for at in (2, 9)]
        assert {each or "" for each in components} == {hostile}


def test_a_text_of_one_line_keeps_to_it() -> None:
    """Fields without lines have blanks for them, and no controls."""
    assert in_one_line(" one\r\n\ttwo\x1c | three ") == "one two \\F\\ three"


def test_lines_end_in_three_ways() -> None:
    """By repetition, by a formatting command, or each in a segment of its own."""
    lines = ("a~b", "", "c")
    assert text_fields(lines, LineEnd.REPEAT) == (("a\\R\\b", "", "c"),)
    assert text_fields(lines, LineEnd.BREAK) == (("a\\R\\b\\.br\\\\.br\\c",),)
    assert text_fields(lines, LineEnd.SEGMENT) == (("a\\R\\b",), ("",), ("c",))
