"""What each command does: arguments to calls, values to print. Returns the exit code."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.cli.archived_images import given_images
from hosr.cli.exit_codes import EXIT_CODES
from hosr.cli.report_arguments import options_of, outputs_of, wording_of
from hosr.errors import (
    DocumentRefused,
    Fault,
    HosrError,
    ImagesRefused,
    RecordRefused,
    TemplateRefused,
)

if TYPE_CHECKING:
    from hosr.cli.archived_images import GivenImages
    from hosr.pipeline import Outcome
    from hosr.report import GradedHip


# More than any document of hosr holds; the rest of a larger file is not read.
_MAX_DOCUMENT_BYTES = 65 * 1024 * 1024


def report(arguments: argparse.Namespace) -> int:
    """Make the files of a report and print their paths, or the manifest."""
    from hosr.cli.terminal import show_report
    from hosr.folder import write_folder
    from hosr.outputs import make_files

    outputs, options = outputs_of(arguments.make), options_of(arguments)
    with given_images(arguments) as images:
        outcome = _outcome(arguments, images)
        files = make_files(outcome, outputs, options, wording_of(arguments))
    paths = write_folder({made.name: made.data for made in files}, arguments.out)
    if arguments.json:
        sys.stdout.write(files[-1].data.decode())
    else:
        show_report(outcome, paths, json.loads(files[-1].data)["tolerated"])
    return 0


def _outcome(arguments: argparse.Namespace, given: GivenImages) -> Outcome:
    from hosr.intake.images import read_images
    from hosr.intake.record_selection import choose, read_records
    from hosr.pipeline import make_report

    records = read_records(arguments.record)
    images = read_images(given.paths, arguments.assume_charset, given.fetch)
    chosen = choose(records, images, arguments.record.name)
    with chosen.located():
        return make_report(chosen.record, images)


def grade(arguments: argparse.Namespace) -> int:
    """Print the grades of a record, or of each record of a table."""
    from hosr.cli.terminal import show_grades
    from hosr.pipeline import is_unmeasured
    from hosr.report import grading_json

    graded = _graded(arguments)
    if arguments.json and len(graded) == 1:
        print(json.dumps(grading_json(graded[0][1]), indent=2))
    elif arguments.json:
        found = [{"id": name, **grading_json(hips)} for name, hips in graded]
        print(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        for name, hips in graded:
            show_grades(hips, name if len(graded) > 1 else "")
    if not arguments.images and any(is_unmeasured(i.hip) for _, hips in graded for i in hips):
        hint = "lengths marked by points are not measured; name the images with --images"
        print(f"hosr: {hint}", file=sys.stderr)
    return 0


def _graded(arguments: argparse.Namespace) -> list[tuple[str, tuple[GradedHip, ...]]]:
    """The grades of every record, by its name in a table."""
    from hosr.intake.record_selection import read_records
    from hosr.pipeline import grade_record

    if arguments.images:
        with given_images(arguments) as images:
            return [("", _outcome(arguments, images).report.hips)]
    graded = []
    for recorded in read_records(arguments.record):
        with recorded.located():
            graded.append((recorded.name, grade_record(recorded.record)))
    return graded


def check(arguments: argparse.Namespace) -> int:
    """Print every fault of a record and its images."""
    from hosr.cli.terminal import printable
    from hosr.pipeline import find_refusals

    errors: list[HosrError]
    try:
        with given_images(arguments) as images:
            errors = find_refusals(
                arguments.record, images.paths, arguments.assume_charset, images.fetch
            )
    except (RecordRefused, ImagesRefused) as error:  # so that no image could be asked for
        errors = [error]
    faults = list(dict.fromkeys(fault for error in errors for fault in error.faults))
    if arguments.json:
        found = [
            {"path": f.path, "problem": f.problem, "remedy": f.remedy, "rule": f.rule}
            for f in faults
        ]
        print(json.dumps({"faults": found}, indent=2, ensure_ascii=False))
    else:
        print("\n".join(printable(str(fault)) for fault in faults) or "no faults")
    return min((EXIT_CODES[type(error)][0] for error in errors), default=0)


def lint(arguments: argparse.Namespace) -> int:
    """Try the templates of a folder and print their faults."""
    from hosr.cli.terminal import show_trial
    from hosr.outputs.template_trial import try_templates

    trial = try_templates(arguments.folder)
    show_trial(trial, as_json=arguments.json)
    return EXIT_CODES[TemplateRefused][0] if trial.faults else 0


def show(arguments: argparse.Namespace) -> int:
    """Print a report of hosr in words."""
    from hosr.narrative import render_text
    from hosr.sr import decode, read_narrative

    data = _read_document(arguments.document)
    sections = read_narrative(data, arguments.document.name)
    if sections is None:
        report = decode(data, arguments.document.name)
        print(render_text(report, wording_of(arguments)), end="")
    else:
        for title, paragraphs in sections:
            print("\n".join((title.upper(), *paragraphs, "")))
    return 0


def read(arguments: argparse.Namespace) -> int:
    """Print the record of a measurement report."""
    from hosr.pipeline import report_record
    from hosr.sr import decode

    report = decode(_read_document(arguments.document), arguments.document.name)
    print(json.dumps(report_record(report), indent=2, ensure_ascii=False))
    return 0


def _read_document(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MAX_DOCUMENT_BYTES)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is no name of a file"
        fault = Fault(path.name or str(path), f"cannot be read ({reason})", "check the path")
        raise DocumentRefused(fault) from error


def describe(arguments: argparse.Namespace) -> int:
    """Print one topic of the description."""
    from hosr.cli.describe import describe as description

    print(description(arguments.topic), end="")
    return 0
