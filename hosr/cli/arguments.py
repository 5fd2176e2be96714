"""The arguments of the command line, and the call that each command stands for."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from hosr.cli import report
from hosr.cli.archive_arguments import add_archive, add_outbox, add_send
from hosr.cli.batch import add_batch
from hosr.cli.cohort import add_cohort
from hosr.cli.registry import add_import
from hosr.cli.report_arguments import add_charset, add_options, add_wording
from hosr.version import __version__

TOPICS = (
    "schema",
    "vocabulary",
    "scales",
    "flags",
    "refusals",
    "codes",
    "conformance",
    "outputs",
    "mapping",
    "cohort",
    "templates",
    "delivery",
)
_DRAFT = (
    "Not a medical device: it grades by published rules what a reader or a model has recorded, "
    "and every report is a draft until a person has signed it."
)


def make_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="hosr",
        description=(
            "Turn a grading of heterotopic ossification of the hip into DICOM structured reports, "
            "pages and pictures, and read them back."
        ),
        epilog=_DRAFT,
    )
    parser.add_argument("--version", action="version", version=f"hosr {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, (words, add) in _COMMANDS.items():
        add(
            commands.add_parser(
                name, help=words, description=words.capitalize() + ".", epilog=_DRAFT
            )
        )
    return parser


def _add_inputs(parser: argparse.ArgumentParser, *, images_required: bool) -> None:
    images = (
        "--images PATH [PATH ...] --out DIR" if images_required else "[--images PATH [PATH ...]]"
    )
    parser.usage = f"%(prog)s RECORD {images} [options]"
    parser.add_argument("record", type=Path, metavar="RECORD", help="JSON, CSV or Parquet")
    parser.add_argument(
        "--images",
        nargs="+",
        required=images_required,
        default=[],
        metavar="PATH",
        help=(
            "the graded images: files, folders, DICOMDIR or ZIP; or an archive that has them: "
            "archive:NAME, dimse://CALLED@host:port or https://host/dicom-web"
        ),
    )
    parser.add_argument(
        "--study",
        metavar="UID",
        help="study to fetch from an archive (default: the record says it)",
    )
    add_charset(parser)


def _add_report(parser: argparse.ArgumentParser) -> None:
    _add_inputs(parser, images_required=True)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write")
    parser.add_argument(
        "--make",
        metavar="LIST",
        help=(
            "outputs, separated by commas: measurement, narrative, text, html, pdf, encapsulated, "
            "overlay, keyobjects, pictures, captures (default: all but captures)"
        ),
    )
    add_wording(parser)
    add_options(parser)
    parser.add_argument("--json", action="store_true", help="print the manifest")
    parser.set_defaults(command=report.report)


def _add_grade(parser: argparse.ArgumentParser) -> None:
    _add_inputs(parser, images_required=False)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(command=report.grade)


def _add_check(parser: argparse.ArgumentParser) -> None:
    _add_inputs(parser, images_required=False)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(command=report.check)


def _add_show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "document", type=Path, metavar="FILE", help="measurement.dcm or narrative.dcm"
    )
    add_wording(parser)
    parser.set_defaults(command=report.show)


def _add_read(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("document", type=Path, metavar="FILE", help="measurement.dcm")
    parser.set_defaults(command=report.read)


def _add_lint(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder of your own templates")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(command=report.lint)


def _add_describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("topic", choices=TOPICS, metavar="TOPIC", help=", ".join(TOPICS))
    parser.set_defaults(command=report.describe)


_COMMANDS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "report": ("make the reports of a graded study", _add_report),
    "grade": ("derive and check the grades of a record", _add_grade),
    "check": ("list all faults of a record and its images; write nothing", _add_check),
    "show": ("a report of hosr in words", _add_show),
    "read": ("a measurement report back to its record", _add_read),
    "import": ("the table of a registry as records, through a mapping", add_import),
    "batch": ("make the reports of many studies; go on where an earlier run ended", add_batch),
    "cohort": ("one table of many reports, and its statistics", add_cohort),
    "send": ("send reports to an archive, so that none is lost", add_send),
    "outbox": ("what is on its way to archives, and what needs you", add_outbox),
    "archive": ("try an archive, look into it, fetch from it", add_archive),
    "lint": ("try your own templates on every example; list their faults", _add_lint),
    "describe": ("what hosr reads, writes and means", _add_describe),
}
