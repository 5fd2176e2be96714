"""`hosr report`: the files of one graded study."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.cli.archives import given_images
from hosr.cli.arguments import (
    add_inputs,
    add_json,
    add_message,
    add_options,
    add_out,
    add_prior_images,
    add_priors,
    add_require_identity,
    add_wording,
    merged_ids_of,
    message_form_of,
    options_of,
    outputs_of,
    wording_of,
)
from hosr.cli.terminal import printable, show_comparisons, show_grades, show_notes, tell_status

if TYPE_CHECKING:
    from hosr.cli.archives import GivenImages
    from hosr.intake.images import Note
    from hosr.pipeline import Outcome


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `hosr report`."""
    add_inputs(parser, images_required=True)
    add_out(parser)
    parser.add_argument(
        "--make",
        metavar="LIST",
        help=(
            "outputs, separated by commas: measurement, narrative, text, html, pdf, encapsulated, "
            "overlay, keyobjects, pictures, captures, hl7, fhir, fhir-r5 "
            "(default: all but captures, hl7, fhir and fhir-r5)"
        ),
    )
    add_require_identity(parser, default=False)
    add_priors(parser)
    add_prior_images(parser)
    add_wording(parser)
    add_options(parser)
    add_message(parser)
    add_json(parser, "print the manifest")


def run(arguments: argparse.Namespace) -> int:
    """Make the files of a report and print their paths, or the manifest."""
    from hosr.folder import write_folder
    from hosr.intake.images import Note
    from hosr.library import compare_report
    from hosr.outputs import make_files

    outputs, options = outputs_of(arguments.make), options_of(arguments)
    form, merged = message_form_of(arguments, outputs), merged_ids_of(arguments)
    with given_images(arguments) as images:
        outcome = make_outcome(arguments, images, require_identity=arguments.require_identity)
        if arguments.prior or merged or arguments.prior_images:
            outcome = compare_report(outcome, arguments.prior, merged, arguments.prior_images)
        files = make_files(outcome, outputs, options, wording_of(arguments), form)
    paths = write_folder({made.name: made.data for made in files}, arguments.out)
    if arguments.json:
        sys.stdout.write(files[-1].data.decode())
    else:
        tolerated = json.loads(files[-1].data)["tolerated"]
        _show(outcome, paths, [Note(**note) for note in tolerated])
    return 0


def make_outcome(
    arguments: argparse.Namespace, given: GivenImages, *, require_identity: bool = False
) -> Outcome:
    """The report of the record that belongs to these images."""
    from hosr.library import make_report

    outcome = make_report(
        arguments.record,
        given.paths,
        assume_charset=arguments.assume_charset,
        override_charset=arguments.override_charset,
        fetch=given.fetch,
        require_identity=require_identity,
    )
    return replace(outcome, notes=(*outcome.notes, *given.beside))


def _show(outcome: Outcome, paths: Sequence[Path], tolerated: Sequence[Note]) -> None:
    """What was made, the grades in it, what it lacks, and what was tolerated in the input."""
    for path in paths:
        print(printable(str(path)))
    print()
    show_grades(outcome.report.hips)
    show_comparisons(outcome.report)
    if tolerated:
        print()
    show_notes(tolerated)
    print(f"\n{tell_status(outcome.report)}")
