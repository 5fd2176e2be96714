"""The page as HTML and as PDF: what each is to those who do not see it, and PDF/A and PDF/UA."""

import html
import io
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import page as pdf_validator
import pikepdf

from tests.peers.processes import program, run
from tests.peers.validators import ValidatorError

PDF_STANDARDS = ("2a", "ua1")
LENGTH_RULE = "PDFA2A-STREAM-LENGTH-001"
SECONDS = 120.0

_STREAM = b">>\nstream\n"
_LENGTH = re.compile(rb"/Length (\d+)")
_UNREAD = ("title", "style", "svg")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What a page is to those who do not see it: its language, headings, and words for drawings."""

    language: str
    headings: tuple[tuple[int, str], ...]
    alternatives: tuple[str, ...]


def html_outline(text: str) -> Outline:
    """The outline of an HTML page."""
    reader = _OutlineReader()
    reader.feed(text)
    return Outline(
        language=reader.language,
        headings=tuple((level, _joined(words)) for level, words in reader.headings),
        alternatives=tuple(map(_joined, reader.alternatives)),
    )


def html_words(text: str) -> set[str]:
    """Every word that an HTML page prints, those within its drawings aside."""
    reader = _OutlineReader()
    reader.feed(text)
    return set(reader.words)


class _OutlineReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.language = ""
        self.headings: list[tuple[int, str]] = []
        self.alternatives: list[str] = []
        self.words: list[str] = []
        self._level = 0
        self._unread = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self._unread += tag in _UNREAD
        if tag == "html":
            self.language = found.get("lang") or ""
        if tag == "svg":
            self.alternatives.append(found.get("aria-label") or "")
        if re.fullmatch("h[1-6]", tag):
            self._level = int(tag[1])
            self.headings.append((self._level, ""))

    def handle_endtag(self, tag: str) -> None:
        self._unread -= tag in _UNREAD
        if re.fullmatch("h[1-6]", tag):
            self._level = 0

    def handle_data(self, data: str) -> None:
        if self._level:
            level, words = self.headings[-1]
            self.headings[-1] = (level, words + data)
        if not self._unread:
            self.words += data.split()


def pdf_outline(data: bytes) -> Outline:
    """The same of a PDF, from its bookmarks and its structure (ISO 32000-1 section 14.7)."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        figures = (node for node in _nodes(pdf.Root.StructTreeRoot) if node.S == "/Figure")
        with pdf.open_outline() as bookmarks:
            headings = tuple(_bookmarks(bookmarks.root, 1))
        return Outline(
            language=str(pdf.Root.Lang),
            headings=headings,
            alternatives=tuple(_joined(str(figure.get("/Alt", ""))) for figure in figures),
        )


def _nodes(parent: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """The elements of a structure tree in reading order."""
    kids: Any = parent.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from _nodes(kid)


def _bookmarks(items: Sequence[pikepdf.OutlineItem], level: int) -> Iterator[tuple[int, str]]:
    for item in items:
        yield level, _joined(item.title)
        yield from _bookmarks(item.children, level + 1)


def pdf_faults(data: bytes) -> list[str]:
    """What the PDF breaks of PDF/A-2a (ISO 19005-2) and PDF/UA-1 (ISO 14289-1)."""
    reports = [pdf_validator.validate_pdf_bytes(data, profile=name) for name in PDF_STANDARDS]
    if any(report.rules.total < 100 for report in reports):
        raise ValidatorError("the PDF validator has lost its rules")
    failures = [failure for report in reports for failure in report.failures]
    found = [f"{each.rule_id}: {each.message}" for each in failures if each.rule_id != LENGTH_RULE]
    return found + [f"{LENGTH_RULE}: object data of {size} bytes" for size in _wrong_lengths(data)]


def _wrong_lengths(data: bytes) -> Iterator[int]:
    """The lengths of streams after which no line ends and the word endstream does not follow.

    The validator's own rule is of no use: where the last byte of compressed data happens to be a
    carriage return, it takes that one for a part of the end of the line.
    """
    end = 0
    while (begin := data.find(_STREAM, end)) >= 0:
        length = int(_LENGTH.findall(data, end, begin)[-1])
        end = begin + len(_STREAM) + length
        if not data.startswith((b"\nendstream", b"endstream"), end):
            yield length


def pdf_text(data: bytes) -> str:
    """The text of a PDF as a reader copies it, without marks of direction."""
    return re.sub("[\u200e\u202a-\u202e\u2066-\u2069]", "", _read(data))


def pdf_words(data: bytes) -> list[tuple[str, float, float]]:
    """Each word of a PDF, and from where to where it reaches across its page, in points."""
    found = re.findall(r'<word xMin="(.+?)" .*?xMax="(.+?)" .*?>(.*?)</word>', _read(data, "-bbox"))
    return [(html.unescape(word), float(left), float(right)) for left, right, word in found]


def _read(data: bytes, *options: str) -> str:
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(data)
        file.flush()
        reader = program("pdftotext", "Debian package poppler-utils")
        done = run([reader, *options, "-enc", "UTF-8", file.name, "-"], timeout=SECONDS)
    if done.code:
        raise ValidatorError(f"pdftotext did not read the PDF: {done.err}")
    return done.out


def pdf_pages(path: Path) -> int:
    """How many pages a PDF has."""
    with pikepdf.open(path) as pdf:
        return len(pdf.pages)


def _joined(text: str) -> str:
    return " ".join(text.split())
