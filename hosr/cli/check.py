"""`hosr check`: every fault of a record and its images, at once; nothing is written."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from functools import partial

from hosr.cli.archives import given_images
from hosr.cli.arguments import add_inputs, add_json
from hosr.cli.terminal import EXIT_CODES, print_json, printable
from hosr.errors import HosrError, ImagesRefused, RecordRefused


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `hosr check`."""
    add_inputs(parser, images_required=False)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print every fault."""
    from hosr.intake.images import read_images
    from hosr.pipeline import find_refusals

    errors: list[HosrError]
    try:
        with given_images(arguments) as images:
            read = partial(read_images, images.paths, arguments.assume_charset, images.fetch)
            errors = find_refusals(arguments.record, read if images.paths else None)
    except (RecordRefused, ImagesRefused) as error:  # so that no image could be asked for
        errors = [error]
    faults = list(dict.fromkeys(fault for error in errors for fault in error.faults))
    if arguments.json:
        print_json({"faults": [asdict(fault) for fault in faults]})
    else:
        print("\n".join(printable(str(fault)) for fault in faults) or "no faults")
    return min((EXIT_CODES[type(error)][0] for error in errors), default=0)
