"""The command line: arguments to calls, errors to exit codes."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from hosr import __version__
from hosr.errors import (
    DocumentRefused,
    Fault,
    HosrError,
    ImagesRefused,
    RecordRefused,
    Unencodable,
    UsageError,
)

if TYPE_CHECKING:
    from hosr.intake.record import Record
    from hosr.pipeline import Outcome

__all__ = ["EXIT_CODES", "main", "run"]

EXIT_CODES: dict[type[HosrError], tuple[int, str]] = {
    UsageError: (2, "usage"),
    RecordRefused: (3, "record refused"),
    DocumentRefused: (4, "document refused"),
    ImagesRefused: (4, "images refused"),
    Unencodable: (5, "cannot be encoded"),
}
_INTERNAL_ERROR = 1

_TOPICS = ("schema", "conformance", "codes", "scales", "flags", "vocabulary")
_DRAFT = (
    "Not a medical device: it grades by published rules what a reader or a model has recorded, "
    "and every report is a draft until a person has signed it."
)


def run() -> NoReturn:
    """The entry point of the `hosr` command."""
    sys.exit(main())


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; no exception passes."""
    try:
        arguments = _parser().parse_args(argv)
        command: Callable[[argparse.Namespace], int] = arguments.command
        code = command(arguments)
        sys.stdout.flush()
    except HosrError as error:
        return _refuse(error)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except KeyboardInterrupt:
        print("hosr: interrupted; nothing was written", file=sys.stderr)
        return 130
    except Exception as error:  # noqa: BLE001 (no traceback reaches a user)
        print(f"hosr: internal error, {_where(error)}; please report it", file=sys.stderr)
        return _INTERNAL_ERROR
    return code


def _refuse(error: HosrError) -> int:
    code, words = EXIT_CODES[type(error)]
    print(f"hosr: {words}", file=sys.stderr)
    for fault in error.faults:
        print(f"  {fault}", file=sys.stderr)
    return code


def _where(error: Exception) -> str:
    """The kind of an error and the line it comes from: never its text, which may name a patient."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    place = "" if last is None else f" in {last.tb_frame.f_code.co_name}, line {last.tb_lineno}"
    return f"{type(error).__name__}{place}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hosr",
        description=(
            "Turn a grading of heterotopic ossification of the hip into DICOM structured reports "
            "and text, and read them back."
        ),
        epilog=_DRAFT,
    )
    parser.add_argument("--version", action="version", version=f"hosr {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_report(
        commands.add_parser("report", help="make the reports of a graded study", epilog=_DRAFT)
    )
    _add_grade(commands.add_parser("grade", help="derive and check the grades of a record"))
    _add_check(commands.add_parser("check", help="list all faults; write nothing"))
    _add_show(commands.add_parser("show", help="a report of hosr in words"))
    _add_read(commands.add_parser("read", help="a measurement report back to its record"))
    _add_describe(commands.add_parser("describe", help="what hosr reads, writes and means"))
    return parser


def _add_inputs(parser: argparse.ArgumentParser, *, images_required: bool) -> None:
    parser.add_argument("record", type=Path, metavar="RECORD", help="JSON, CSV or Parquet")
    parser.add_argument(
        "--images",
        type=Path,
        nargs="+",
        required=images_required,
        default=[],
        metavar="PATH",
        help="the graded images: files, folders, DICOMDIR or ZIP",
    )
    parser.add_argument(
        "--assume-charset",
        metavar="TERM",
        help="character set of headers that use one without naming it, such as ISO_IR 100",
    )


def _add_report(parser: argparse.ArgumentParser) -> None:
    _add_inputs(parser, images_required=True)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write")
    parser.add_argument(
        "--make",
        default="measurement,narrative,text",
        metavar="LIST",
        help="outputs, separated by commas: measurement, narrative, text (default: all)",
    )
    parser.add_argument(
        "--profile",
        choices=["air", "stone"],
        default="air",
        help="air: Comprehensive 3D SR (default); stone: Comprehensive SR",
    )
    parser.add_argument(
        "--hydrate", action="store_true", help="let OHIF turn drawn lines into measurements"
    )
    parser.add_argument(
        "--terminology",
        choices=["open", "snomed"],
        default="open",
        help="open: only codes free of licence (default); snomed: SNOMED CT where it has a code",
    )
    parser.add_argument("--json", action="store_true", help="print the manifest")
    parser.set_defaults(command=_report)


def _add_grade(parser: argparse.ArgumentParser) -> None:
    _add_inputs(parser, images_required=False)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(command=_grade)


def _add_check(parser: argparse.ArgumentParser) -> None:
    _add_inputs(parser, images_required=False)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(command=_check)


def _add_show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "document", type=Path, metavar="FILE", help="measurement.dcm or narrative.dcm"
    )
    parser.set_defaults(command=_show)


def _add_read(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("document", type=Path, metavar="FILE", help="measurement.dcm")
    parser.set_defaults(command=_read)


def _add_describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("topic", choices=_TOPICS, metavar="TOPIC", help=", ".join(_TOPICS))
    parser.set_defaults(command=_describe)


def _report(arguments: argparse.Namespace) -> int:
    from hosr.archive.folder import write_folder
    from hosr.codes import Terminology
    from hosr.console import show_report
    from hosr.pipeline import OUTPUTS, make_files
    from hosr.sr.profiles import Options, ProfileName

    outputs = [name.strip() for name in arguments.make.split(",") if name.strip()]
    unknown = [name for name in outputs if name not in OUTPUTS]
    if unknown or not outputs:
        problem = f"{', '.join(unknown) or 'nothing'} cannot be made"
        raise UsageError(Fault("--make", problem, f"name some of {', '.join(OUTPUTS)}"))
    outcome = _outcome(arguments)
    options = Options(
        profile=ProfileName(arguments.profile),
        hydrate=arguments.hydrate,
        terminology=Terminology(arguments.terminology),
    )
    files = make_files(outcome, outputs, options)
    paths = write_folder({made.name: made.data for made in files}, arguments.out)
    if arguments.json:
        sys.stdout.write(files[-1].data.decode())
    else:
        show_report(outcome, paths)
    return 0


def _outcome(arguments: argparse.Namespace) -> Outcome:
    from hosr.intake.images import read_images
    from hosr.pipeline import make_report

    records = _read_records(arguments.record)
    images = read_images(arguments.images, assume_charset=arguments.assume_charset)
    matching = [r for r in records if r.study_instance_uid == images.study.study_instance_uid]
    if len(records) > 1 and len(matching) != 1:
        problem = (
            f"holds {len(records)} studies, and {len(matching) or 'none'} is that of the images"
        )
        raise RecordRefused(Fault(arguments.record.name, problem, "give study.study_instance_uid"))
    return make_report((records if len(records) == 1 else matching)[0], images)


def _read_records(path: Path) -> tuple[Record, ...]:
    if path.suffix.lower() in (".csv", ".tsv", ".parquet"):
        from hosr.intake.record import Record
        from hosr.intake.table import read_table

        outcomes = (entry.outcome for entry in read_table(path))
        return tuple(outcome for outcome in outcomes if isinstance(outcome, Record))
    from hosr.intake.record import read_record

    return (read_record(path),)


def _grade(arguments: argparse.Namespace) -> int:
    from hosr.console import show_grades
    from hosr.pipeline import grade_record
    from hosr.report import grading_json

    if arguments.images:
        graded = [_outcome(arguments).report.hips]
    else:
        graded = [grade_record(record) for record in _read_records(arguments.record)]
    if arguments.json:
        found = [grading_json(hips) for hips in graded]
        print(json.dumps(found[0] if len(found) == 1 else found, indent=2))
    else:
        for hips in graded:
            show_grades(hips)
    return 0


def _check(arguments: argparse.Namespace) -> int:
    errors = _find_faults(arguments)
    faults = list(dict.fromkeys(fault for error in errors for fault in error.faults))
    if arguments.json:
        found = [
            {"path": f.path, "problem": f.problem, "remedy": f.remedy, "rule": f.rule}
            for f in faults
        ]
        print(json.dumps({"faults": found}, indent=2, ensure_ascii=False))
    elif not faults:
        print("no faults")
    for error in () if arguments.json else errors:
        _refuse(error)
    return min((EXIT_CODES[type(error)][0] for error in errors), default=0)


def _find_faults(arguments: argparse.Namespace) -> list[HosrError]:
    """Every refusal: of the record and the images on their own, then of both together."""
    from hosr.intake.images import read_images
    from hosr.pipeline import grade_record

    def read_all_images() -> object:
        return read_images(arguments.images, assume_charset=arguments.assume_charset)

    def grade_all() -> object:
        return [grade_record(record) for record in _read_records(arguments.record)]

    alone = [grade_all, *([read_all_images] if arguments.images else [])]
    errors = [error for step in alone if (error := _refusal(step)) is not None]
    if arguments.images and not errors:
        together = _refusal(lambda: _outcome(arguments))
        errors += [] if together is None else [together]
    return errors


def _refusal(step: Callable[[], object]) -> HosrError | None:
    try:
        step()
    except HosrError as error:
        return error
    return None


def _show(arguments: argparse.Namespace) -> int:
    from hosr.narrative import render_text
    from hosr.sr import decode, read_narrative

    data = _read_document(arguments.document)
    sections = read_narrative(data, arguments.document.name)
    if sections is None:
        print(render_text(decode(data, arguments.document.name)), end="")
    else:
        for title, paragraphs in sections:
            print("\n".join((title.upper(), *paragraphs, "")))
    return 0


def _read(arguments: argparse.Namespace) -> int:
    from hosr.pipeline import report_record
    from hosr.sr import decode

    report = decode(_read_document(arguments.document), arguments.document.name)
    print(json.dumps(report_record(report), indent=2, ensure_ascii=False))
    return 0


def _read_document(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DocumentRefused(Fault(path.name, f"cannot be read: {error.strerror}")) from error


def _describe(arguments: argparse.Namespace) -> int:
    from hosr.description import describe

    print(describe(arguments.topic), end="")
    return 0
