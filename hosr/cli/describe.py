"""`hosr describe`: what hosr reads, writes and means, by topic.

A topic is a page of `pages/`, with the tables of the code (`topics.py`) where it marks them, or such
a table alone.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

TOPICS = {
    "record": "the record of one study, with an example",
    "schema": "the JSON Schema of a record",
    "vocabulary": "the words for views, causes, symptoms, stages and features",
    "grading": "how grades are derived, what stays open, and what is flagged",
    "scales": "the rules of each grading system",
    "flags": "what qualifies a grade",
    "refusals": "findings that contradict one another",
    "outputs": "the files that can be made, their languages and forms",
    "priors": "comparing with an earlier report of the patient",
    "signing": "signing, amending, adding to a report, and taking it back",
    "desk": "drafts in the browser: links, blind reading, audit, limits",
    "messages": "the HL7 v2 message for a RIS or an EHR: fields, line ends, limits",
    "templates": "templates of your own: blocks, names, limits",
    "tables": "grading a table with one row for each hip",
    "import": "masks, scores and drawings of others, as records",
    "labels": "labels.toml: what the labels of a model stand for",
    "pictures": "what was drawn on pictures: COCO, YOLO, LabelMe, PNG",
    "volumes": "masks of a CT or MR: DICOM Segmentation, NIfTI, nnU-Net",
    "scores": "scores of a model: their forms, ensembles, logits, thresholds",
    "mapping": "importing a registry with columns and words of its own",
    "batch": "the reports of many studies, on one machine or many",
    "cohort": "one table of many reports, its statistics and its columns",
    "watch": "drafts of results as they arrive: inbox, DICOM, services",
    "archives": "sending to a PACS and fetching from it; Orthanc, dcm4chee",
    "configuration": "every key of the configuration file",
    "delivery": "the states of the outbox, and when it tries again",
    "viewers": "what viewers such as OHIF show, and taking what was drawn there",
    "ohif-labels": "labels for lines drawn in OHIF, for its configuration",
    "python": "hosr as a library",
    "fhir": "the bundle for a FHIR server, and how it is found again there",
    "conformance": "the DICOM conformance statement",
    "codes": "the private coding scheme",
    "exit-codes": "what the exit code of a command means",
    "sandbox": "what decoders and templates of others cannot do here",
    "speed": "how fast it is, and what ten million studies need",
    "proofs": "which programs of others every report was tried with",
    "stability": "what will not change between versions",
    "changes": "what is new",
}

PAGES = Path(__file__).with_name("pages")
_MARKER = re.compile(r"<!-- table: ([\w-]+) -->\n|<!-- value: ([\w-]+) -->")


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
    else:
        print(describe(arguments.topic), end="")
    return 0


def describe(topic: str) -> str:
    """The description of one topic, as Markdown that ends in a line feed."""
    page = PAGES / f"{topic}.md"
    text = page.read_text(encoding="utf-8") if page.is_file() else f"<!-- table: {topic} -->\n"
    return _MARKER.sub(_fill, text)


def _fill(marker: re.Match[str]) -> str:
    from hosr.cli.topics import TABLES, VALUES

    table, value = marker.groups()
    return TABLES[table]() if table else VALUES[value]
