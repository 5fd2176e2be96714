"""`hosr example`: a sample study out of the package, to try things on."""

from __future__ import annotations

import argparse
from pathlib import Path

from hosr.cli.terminal import printable

EXAMPLES = {
    "bilateral": "radiograph of both hips, graded by a model",
    "brooker-2": "radiograph, graded by a reader",
    "ct": "CT, with a gap across its slices",
    "mr-early": "MR of an early lesion, without bone to grade",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `hosr example`."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder to write")
    parser.add_argument(
        "name",
        nargs="?",
        choices=EXAMPLES,
        default=next(iter(EXAMPLES)),
        metavar="NAME",
        help="; ".join(f"{name}: {words}" for name, words in EXAMPLES.items()),
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the record and the images of a study, and print their paths."""
    from hosr.folder import write_folder
    from hosr.resources import study_dir

    study = study_dir() / arguments.name
    record = {"record.json": (study / "record.json").read_bytes()}
    images = {path.name: path.read_bytes() for path in sorted((study / "images").iterdir())}
    paths = write_folder(record, arguments.folder)
    for path in (*paths, *write_folder(images, arguments.folder / "images")):
        print(printable(str(path)))
    return 0
