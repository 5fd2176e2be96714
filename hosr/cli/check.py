"""`hosr check`: every fault of a record and its images, at once; nothing is written."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from hosr.cli.archives import given_images
from hosr.cli.arguments import (
    add_inputs,
    add_json,
    add_priors,
    add_require_identity,
    merged_ids_of,
)
from hosr.cli.terminal import EXIT_CODES, print_json, printable, show_notes
from hosr.errors import ImagesRefused, RecordRefused

if TYPE_CHECKING:
    from hosr.intake.images import NamedStudies, Note, SourceImages


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `hosr check`."""
    add_inputs(parser, images_required=False)
    add_require_identity(parser, default=False)
    add_priors(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print every fault."""
    from hosr.intake.images import read_images
    from hosr.library import check_all
    from hosr.pipeline import Checked

    merged = merged_ids_of(arguments)
    beside: tuple[Note, ...] = ()
    try:
        with given_images(arguments) as images:
            beside = images.beside

            def read(named: NamedStudies) -> SourceImages:
                return read_images(
                    images.paths,
                    arguments.assume_charset,
                    images.fetch,
                    override_charset=arguments.override_charset,
                    named=named,
                )

            checked = check_all(
                arguments.record,
                read if images.paths else None,
                identified=arguments.require_identity,
                priors=arguments.prior,
                merged_ids=merged,
            )
    except (RecordRefused, ImagesRefused) as error:  # so that no image could be asked for
        checked = Checked(refusals=(error,), notes=())
    faults, notes = checked.faults, (*checked.notes, *beside)
    if arguments.json:
        told = {"faults": [asdict(fault) for fault in faults], "notes": [asdict(n) for n in notes]}
        print_json(told)
    else:
        print("\n".join(printable(str(fault)) for fault in faults) or "no faults")
        show_notes(notes)
    return min((EXIT_CODES[type(error)][0] for error in checked.refusals), default=0)
