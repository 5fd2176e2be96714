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

# A record, and what `hosr import` makes one of.
_FILES = ("record.json", "labels.toml", "outlines.json", "segmentation.dcm", "mask.nii.gz")


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
    """Write a study: record, images, and what a model hands over of it; print their paths."""
    from hosr.folder import write_folder
    from hosr.resources import study_dir

    study = study_dir() / arguments.name
    there = (study / name for name in _FILES)
    record = {path.name: path.read_bytes() for path in there if path.is_file()}
    images = {path.name: path.read_bytes() for path in sorted((study / "images").iterdir())}
    paths = write_folder(record, arguments.folder)
    for path in (*paths, *write_folder(images, arguments.folder / "images")):
        print(printable(str(path)))
    return 0
