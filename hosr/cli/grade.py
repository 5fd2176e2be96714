"""`hosr grade`: the grades of a record, or of each record of a table."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from hosr.cli.archives import given_images
from hosr.cli.arguments import add_inputs, add_json, now
from hosr.cli.report import make_outcome
from hosr.cli.terminal import print_json, show_grades, show_notes

if TYPE_CHECKING:
    from hosr.intake.images import Note
    from hosr.report import GradedHip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `hosr grade`."""
    add_inputs(parser, images_required=False)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the grades."""
    from hosr.pipeline import is_unmeasured
    from hosr.report import grading_json

    graded, notes = _graded(arguments)
    if arguments.json and len(graded) == 1:
        print_json(grading_json(graded[0][1]))
    elif arguments.json:
        print_json([{"id": name, **grading_json(hips)} for name, hips in graded])
    else:
        for name, hips in graded:
            show_grades(hips, name if len(graded) > 1 else "")
        show_notes(notes)
    if not arguments.images and any(is_unmeasured(i.hip) for _, hips in graded for i in hips):
        hint = "lengths marked by points are not measured; name the images with --images"
        print(f"hosr: {hint}", file=sys.stderr)
    return 0


def _graded(
    arguments: argparse.Namespace,
) -> tuple[list[tuple[str, tuple[GradedHip, ...]]], list[Note]]:
    """The grades of every record, by its name in a table; and what may be no length in it."""
    from hosr.intake.matching import note_missing_codes
    from hosr.intake.record_selection import read_records
    from hosr.pipeline import grade_record

    if arguments.images:
        with given_images(arguments) as images:
            return [("", make_outcome(arguments, images).report.hips)], []
    graded: list[tuple[str, tuple[GradedHip, ...]]] = []
    notes: list[Note] = []
    at = now()
    for recorded in read_records(arguments.record):
        with recorded.located():
            graded.append((recorded.name, grade_record(recorded.record, now=at)))
        notes += note_missing_codes(recorded.record, recorded.path)
    return graded, notes
