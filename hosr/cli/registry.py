"""`hosr import`: the table of a registry, through a mapping, to a manifest for `hosr batch`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.cli.arguments import now
from hosr.cli.terminal import EXIT_CODES, counted, print_json, printable, progress
from hosr.errors import Fault, RecordRefused, UsageError

if TYPE_CHECKING:
    from hosr.batch.manifest import Images
    from hosr.intake.registry import ColumnReport, Imported, ImportReport, Mapping, Survey


def run(arguments: argparse.Namespace) -> int:
    """Write the records of a table as a manifest, and print what was read, refused and assumed."""
    from hosr.intake.registry import Survey, read_mapping

    if arguments.out is None and not arguments.dry_run:
        raise UsageError(Fault("--out", "is missing", "name a file, or ask for a --dry-run"))
    mapping = read_mapping(arguments.mapping)
    survey = Survey(mapping)
    _import(arguments, mapping, survey)
    report = survey.report()
    if arguments.json:
        made = None if arguments.dry_run or not report.records else str(arguments.out)
        print_json({"manifest": made, **asdict(report)})
    else:
        _show(report, arguments)
    return EXIT_CODES[RecordRefused][0] if report.refused_records else 0


def _import(arguments: argparse.Namespace, mapping: Mapping, survey: Survey) -> None:
    from hosr.batch.manifest import Images, id_problem, manifest_line, written_whole
    from hosr.intake.registry import Imported, read_entries
    from hosr.pipeline import grade_record

    folder = Path() if arguments.out is None else arguments.out.parent
    images = Images(arguments.table.parent / mapping.table.images, folder)
    with ExitStack() as stack:
        keep: Callable[[str], None] = _drop
        refuse: Callable[[str], None] = _drop
        if not arguments.dry_run:
            keep = stack.enter_context(written_whole(arguments.out))
        if arguments.refused is not None:
            refuse = stack.enter_context(written_whole(arguments.refused))
        advance = stack.enter_context(progress("rows"))
        shown = 0
        judge = partial(grade_record, now=now())
        for entry in read_entries(
            arguments.table, mapping, survey, judge=judge, name_problem=id_problem
        ):
            if isinstance(entry, Imported):
                _look_for_images(entry, images, survey)
                keep(manifest_line(entry, images))
            else:
                refuse(json.dumps(asdict(entry), ensure_ascii=False) + "\n")
            advance(survey.rows - shown)
            shown = survey.rows


def _drop(_: str) -> None:
    pass


def _look_for_images(entry: Imported, images: Images, survey: Survey) -> None:
    survey.without_images += not entry.images
    survey.images_not_found += not all(map(images.are_there, entry.images))


def _show(report: ImportReport, arguments: argparse.Namespace) -> None:
    for line in _lines(report, arguments):
        print(printable(line))


def _lines(report: ImportReport, arguments: argparse.Namespace) -> Iterator[str]:
    yield (
        f"{arguments.table.name}: {counted(report.rows, 'row')} read; "
        f"{counted(report.records, 'record')} of {counted(report.hips, 'hip')}; "
        f"{counted(report.refused_rows, 'row')} refused"
    )
    if arguments.dry_run:
        yield "Dry run: no manifest was written."
    elif report.records:
        yield f"{arguments.out}: {counted(report.records, 'record')} for hosr batch"
    else:
        yield "No record is left: no manifest was written."
    if arguments.dry_run:
        yield ""
        yield "Columns:"
        for column in report.columns:
            yield from _column_lines(column)
    for title, lines in (
        ("The same for all rows:", _constant_lines(report)),
        ("Assumed:", _assumed_lines(report)),
        ("Not used:", _unused_lines(report)),
        ("Images:", _image_lines(report)),
        ("Identity:", _identity_lines(report)),
        ("Lengths:", _length_lines(report)),
        ("Refused:", _refused_lines(report, arguments.refused)),
    ):
        found = [f"  {line}" for line in lines]
        if found:
            yield from ("", title, *found)


def _column_lines(column: ColumnReport) -> Iterator[str]:
    side = f"{column.side} " if column.side else ""
    yield (
        f"  {column.column} -> {side}{column.becomes}: "
        f"{column.filled:,} filled, {column.empty:,} empty"
    )
    done = [f"{what} ({times:,})" for what, times in column.conversions.items()]
    if done:
        yield f"    converted: {'; '.join(done)}"
    if column.values:
        words = [f"{v.value} = {v.becomes} ({v.count:,})" for v in column.values]
        yield f"    words: {'; '.join((*words, *_more(column.more_values)))}"
    if column.unknown or column.more_unknown:
        words = [f"{v.value} ({v.count:,})" for v in column.unknown]
        yield f"    not understood: {'; '.join((*words, *_more(column.more_unknown)))}"


def _more(number: int) -> tuple[str, ...]:
    return (f"{number:,} not shown",) if number else ()


def _constant_lines(report: ImportReport) -> Iterator[str]:
    for name, value in report.constants.items():
        yield f"{name} = {value}" if value else name


def _assumed_lines(report: ImportReport) -> Iterator[str]:
    for name, assumed in report.assumed.items():
        value = f" = {assumed['value']}" if assumed["value"] else ""
        yield f"{name}{value} ({assumed['times']:,})"
    for column in report.columns:
        for what, times in column.assumptions.items():
            yield f"{column.becomes}: {what} ({times:,})"
    yield from report.defaults


def _unused_lines(report: ImportReport) -> Iterator[str]:
    if report.left_out:
        yield f"{counted(report.left_out, 'row')} that [only] does not name"
    if report.not_used:
        yield f"columns that the mapping does not name: {', '.join(report.not_used)}"
    if report.ignored:
        yield f"columns to be ignored: {', '.join(report.ignored)}"


def _image_lines(report: ImportReport) -> Iterator[str]:
    if report.without_images:
        yield f"{counted(report.without_images, 'record')} without images"
    if report.images_not_found:
        yield f"{counted(report.images_not_found, 'record')} whose images are not there"


def _identity_lines(report: ImportReport) -> Iterator[str]:
    """What is missing to tell images of another patient from those that were graded."""
    if report.without_identity:
        names = "names" if report.without_identity == 1 else "name"
        found = counted(report.without_identity, "record")
        yield f"{found} {names} neither study, patient, accession number nor image;"
        yield "  hosr batch refuses such a record, unless --no-require-identity is given"


def _length_lines(report: ImportReport) -> Iterator[str]:
    if report.missing_codes:
        found = counted(report.missing_codes, "record")
        yield f"{found} with a gap of 77, 88 or 99 mm, which tables write for a missing value;"
        yield "  list it in [missing], if it is one"


def _refused_lines(report: ImportReport, listed: Path | None) -> Iterator[str]:
    for refusal in report.refusals:
        yield from (str(fault) for fault in refusal.faults)
    more = report.refused_records - len(report.refusals)
    if more:
        where = f"all are in {listed}" if listed else "--refused FILE lists all"
        yield f"and {counted(more, 'more record')}; {where}"
