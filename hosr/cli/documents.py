"""`hosr show` and `hosr read`: a report that hosr wrote, in words or as the record it was made of."""

from __future__ import annotations

import argparse
from pathlib import Path

from hosr.cli.arguments import add_wording, wording_of
from hosr.cli.terminal import print_json, printable
from hosr.errors import DocumentRefused, Fault

_UNCHECKED = (
    "Shown as it stands in the file, not checked against the findings: `hosr show` of the "
    "measurement report does that."
)

# More than any document of hosr holds; the rest of a larger file is not read.
_MAX_DOCUMENT_BYTES = 65 * 1024 * 1024


def add_show(parser: argparse.ArgumentParser) -> None:
    """The arguments of `hosr show`."""
    parser.add_argument(
        "document", type=Path, metavar="FILE", help="measurement.dcm or narrative.dcm"
    )
    add_wording(parser)


def add_read(parser: argparse.ArgumentParser) -> None:
    """The arguments of `hosr read`."""
    parser.add_argument("document", type=Path, metavar="FILE", help="measurement.dcm")


def show(arguments: argparse.Namespace) -> int:
    """Print a report in words."""
    from hosr.narrative import render_text
    from hosr.sr import decode, read_narrative

    data = _read(arguments.document)
    sections = read_narrative(data, arguments.document.name)
    if sections is None:
        report = decode(data, arguments.document.name)
        print(render_text(report, wording_of(arguments)), end="")
    else:
        for title, paragraphs in sections:
            lines = [line for each in paragraphs for line in each.splitlines()]
            print("\n".join(map(printable, (title.upper(), *lines, ""))))
        print(_UNCHECKED)
    return 0


def read(arguments: argparse.Namespace) -> int:
    """Print the record of a measurement report."""
    from hosr.pipeline import report_record
    from hosr.sr import decode

    print_json(report_record(decode(_read(arguments.document), arguments.document.name)))
    return 0


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MAX_DOCUMENT_BYTES)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is no name of a file"
        fault = Fault(path.name or str(path), f"cannot be read ({reason})", "check the path")
        raise DocumentRefused(fault) from error
