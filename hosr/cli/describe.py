"""`hosr describe`: what hosr reads, writes and means, by topic."""

from __future__ import annotations

import argparse

TOPICS = {
    "schema": "the JSON Schema of a record",
    "vocabulary": "the words for views, causes, symptoms, events, stages and features",
    "scales": "the rules of each grading system",
    "flags": "what qualifies a grade",
    "refusals": "findings that contradict one another",
    "outputs": "the files that can be made",
    "templates": "the templates, their blocks, and what each is given",
    "mapping": "the keys of a mapping file for `hosr import`",
    "cohort": "the columns of the table of a cohort",
    "delivery": "the states of the outbox, and when it tries again",
    "codes": "the private coding scheme",
    "conformance": "the DICOM conformance statement",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `hosr describe`."""
    parser.usage = "%(prog)s [TOPIC]"
    parser.add_argument(
        "topic",
        nargs="?",
        choices=TOPICS,
        metavar="TOPIC",
        help=f"{', '.join(TOPICS)} (default: list them)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print one topic, or the list of them."""
    if arguments.topic is None:
        width = max(map(len, TOPICS))
        for name, words in TOPICS.items():
            print(f"{name:{width}}  {words}")
        return 0
    from hosr.cli.topics import describe

    print(describe(arguments.topic), end="")
    return 0
