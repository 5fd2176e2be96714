"""`hosr show` and `hosr read`: a report that hosr wrote, in words or as the record it was made of."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.cli.arguments import add_wording, wording_of
from hosr.cli.terminal import print_json, printable, tell_signed
from hosr.errors import DocumentRefused, Fault

if TYPE_CHECKING:
    from hosr.sr import Decoded, RejectionNote

_UNCHECKED = (
    "Shown as it stands in the file, not checked against the findings: with `--against` and the "
    "measurement report, `hosr show` does that."
)
_OTHER_NOTE = (
    "its UIDs do not follow from what it says: it was changed after hosr wrote it; compare it with "
    "the archive that it was sent to"
)
_CHECKED = "Checked: these are the words that hosr writes of {name}."

# More than any document of hosr holds; the rest of a larger file is not read.
_MAX_DOCUMENT_BYTES = 65 * 1024 * 1024


def add_show(parser: argparse.ArgumentParser) -> None:
    """The arguments of `hosr show`."""
    parser.add_argument(
        "document",
        type=Path,
        metavar="FILE",
        help="measurement.dcm, narrative.dcm or withdrawal.dcm",
    )
    parser.add_argument(
        "--against",
        type=Path,
        metavar="FILE",
        help="measurement.dcm that a narrative.dcm is checked against",
    )
    add_wording(parser)


def add_read(parser: argparse.ArgumentParser) -> None:
    """The arguments of `hosr read`."""
    parser.add_argument("document", type=Path, metavar="FILE", help="measurement.dcm")


def show(arguments: argparse.Namespace) -> int:
    """Print a report in words."""
    from hosr.narrative import render_text
    from hosr.sr import read_narrative, read_rejection

    data = _read(arguments.document)
    note = read_rejection(data, arguments.document.name)
    if note is not None:
        print("\n".join(map(printable, _tell_note(note, arguments.document.name))))
        return 0
    sections = read_narrative(data, arguments.document.name)
    if sections is None:
        report = _decode(data, arguments.document).report
        print(render_text(report, wording_of(arguments)), end="")
        return 0
    closing = _check(data, arguments) if arguments.against else _UNCHECKED
    for title, paragraphs in sections:
        lines = [line for each in paragraphs for line in each.splitlines()]
        print("\n".join(map(printable, (title.upper(), *lines, ""))))
    print(closing)
    return 0


def _tell_note(note: RejectionNote, name: str) -> Iterator[str]:
    """A withdrawal as its note says it."""
    withdrawal = note.withdrawal
    yield tell_signed(withdrawal.status.told, withdrawal.signature)
    yield from note.sentences
    yield f"Study: {note.study_instance_uid}"
    yield f"Withdrawn documents ({len(note.rejected)}):"
    yield from (f"  {each.sop_instance_uid}" for each in note.rejected)
    if note.is_altered:
        print(f"note: {printable(name)}: {_OTHER_NOTE}", file=sys.stderr)


def read(arguments: argparse.Namespace) -> int:
    """Print the record of a measurement report."""
    from hosr.pipeline import report_record

    print_json(report_record(_decode(_read(arguments.document), arguments.document).report))
    return 0


def _decode(data: bytes, path: Path) -> Decoded:
    """The report; what was changed about its file goes to stderr, a line each."""
    from hosr.sr import decode_whole

    decoded = decode_whole(data, path.name)
    for words in decoded.alterations:
        print(f"note: {printable(path.name)}: {words}", file=sys.stderr)
    return decoded


def _check(data: bytes, arguments: argparse.Namespace) -> str:
    """What can be said of a narrative that is the one of its measurement report."""
    from hosr.narrative import document_sections
    from hosr.sr import check_narrative, encode_narrative, read_language

    name = arguments.document.name
    decoded = _decode(_read(arguments.against), arguments.against)
    wording = replace(wording_of(arguments), language=read_language(data, name))
    sections = document_sections(decoded.report, wording)
    written = encode_narrative(decoded.report, sections, decoded.options, wording.language)
    check_narrative(data, written, name)
    return _CHECKED.format(name=printable(arguments.against.name))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MAX_DOCUMENT_BYTES)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is no name of a file"
        fault = Fault(path.name or str(path), f"cannot be read ({reason})", "check the path")
        raise DocumentRefused(fault) from error
