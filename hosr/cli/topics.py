"""The tables that `hosr describe` puts into its pages, each from the code that keeps to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence

from hosr import codes, kernel
from hosr.annotations.roles import ROLES, Role
from hosr.cli.terminal import EXIT_CODES
from hosr.codes import Code, Terminology
from hosr.cohort.columns import COLUMNS
from hosr.comparison import OBSTACLES
from hosr.errors import Reason
from hosr.intake.record import record_schema
from hosr.intake.record.schema import EXAMPLE
from hosr.outbox.states import MEANINGS, POLICIES, REASONS, TRANSITIONS, State
from hosr.outputs import OUTPUTS
from hosr.scales import SCALES
from hosr.scales.contradictions import CONTRADICTIONS
from hosr.sr.context import PROCEDURES
from hosr.sr.labels import REGION_CODES, line_labels
from hosr.sr.lengths import BASIS_CODES, PLANE_CODES
from hosr.sr.lookbacks import OBSTACLE_CODES, PASSING_CODES, VERDICT_CODES
from hosr.sr.receivers import PROFILES
from hosr.sr.signing import STEP_CODES
from hosr.templating.given import DATA, TEMPLATES, describe_blocks
from hosr.version import __version__
from hosr.vocabulary.flags import FLAG_CODES, FLAG_RULES
from hosr.vocabulary.surfaces import BASIS_OF_SURFACES_CODES, SET_ASIDE_CODES, STRUCTURE_CODES
from hosr.vocabulary.terms import (
    BRIDGING_BASIS_CODES,
    BRIDGING_CODES,
    CAUSE_CODES,
    CONTRAST_CODES,
    EVENT_CODES,
    FEATURES,
    GAP_CLASS_CODES,
    SITE_CODES,
    STAGE_CODES,
    SYMPTOM_CODES,
    VIEW_CODES,
)

Row = Sequence[str]


def _table(headings: Row, rows: Iterable[Row]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


_TABLES = (
    BASIS_CODES,
    BASIS_OF_SURFACES_CODES,
    BRIDGING_BASIS_CODES,
    BRIDGING_CODES,
    CAUSE_CODES,
    CONTRAST_CODES,
    EVENT_CODES,
    FLAG_CODES,
    GAP_CLASS_CODES,
    OBSTACLE_CODES,
    PASSING_CODES,
    PLANE_CODES,
    REGION_CODES,
    SET_ASIDE_CODES,
    STAGE_CODES,
    STEP_CODES,
    STRUCTURE_CODES,
    SITE_CODES,
    SYMPTOM_CODES,
    VERDICT_CODES,
    VIEW_CODES,
)


def private_codes() -> list[Code]:
    """Every concept of the private scheme, in the order of its value."""
    scale_codes = [
        code
        for scale in SCALES.values()
        for code in (
            scale.concept,
            scale.source_concept,
            scale.possible_concept,
            scale.rule_concept,
            scale.model_concept,
            *map(scale.code, scale.grades),
        )
    ]
    found = [value for value in vars(codes).values() if isinstance(value, Code)]
    found += [code for table in _TABLES for code in table.values()]
    found += [feature.code for feature in FEATURES.values()] + scale_codes
    private = {code for code in found if code.scheme == codes.PRIVATE_SCHEME}
    return sorted(private, key=lambda code: code.value)


def _codes() -> str:
    rows = [(code.value, code.meaning) for code in private_codes()]
    heading = (
        f"Private scheme {codes.PRIVATE_SCHEME}, UID {codes.PRIVATE_SCHEME_UID}, "
        f"version {codes.PRIVATE_SCHEME_VERSION}\n\n"
    )
    return heading + _table(("Code", "Meaning"), rows)


def _scales() -> str:
    parts = []
    for scale in SCALES.values():
        rows = [(criterion.grade, criterion.sentence) for criterion in reversed(scale.criteria)]
        parts.append(f"{scale.title} ({scale.citation})\n\n" + _table(("Grade", "Rule"), rows))
    return "\n".join(parts)


def _flags() -> str:
    rows = [
        (flag.value, FLAG_RULES[flag] or "-", code.meaning) for flag, code in FLAG_CODES.items()
    ]
    return _table(("Flag", "Rule", "Meaning"), rows)


def _refusals() -> str:
    rows = [(row.rule or "-", row.field, row.problem, row.remedy) for row in CONTRADICTIONS]
    return _table(("Rule", "Field", "Refused because", "Remedy"), rows)


def _vocabulary() -> str:
    features = [
        (key, feature.modality.value, feature.stage.value, feature.code.meaning)
        for key, feature in FEATURES.items()
    ]
    words = [
        (name, key.value, code.meaning)
        for name, table in (
            ("view", VIEW_CODES),
            ("cause", CAUSE_CODES),
            ("symptom", SYMPTOM_CODES),
            ("site", SITE_CODES),
            ("contrast", CONTRAST_CODES),
            ("index event", EVENT_CODES),
            ("stage", STAGE_CODES),
            ("structure", STRUCTURE_CODES),
            ("boundary basis", BASIS_OF_SURFACES_CODES),
            ("candidate why", SET_ASIDE_CODES),
        )
        for key, code in table.items()
    ]
    return (
        _table(("Field", "Word", "Meaning"), words)
        + "\n"
        + _table(("Feature", "Modality", "Stage", "Meaning"), features)
    )


def _cohort() -> str:
    rows = (
        (f"`{c.name}`", c.kind.value, c.meaning, "yes" if c.identifies else "") for c in COLUMNS
    )
    return _table(("Column", "Type", "Meaning", "Identifies"), rows)


def _labels() -> str:
    from hosr.annotations import labels

    return (labels.__doc__ or "").partition("\n\n")[2]


def _scoring() -> str:
    from hosr.annotations.scores import settings

    return (settings.__doc__ or "").partition("\n\n")[2]


def _scores_in_json() -> str:
    from hosr.annotations.scores import json_forms

    return (json_forms.__doc__ or "").partition("\n\n")[2]


def _scores_in_tables() -> str:
    from hosr.annotations.scores import tables

    return (tables.__doc__ or "").partition("\n\n")[2]


def _roles() -> str:
    rows = [(f"`{role.value}`", words) for role, words in ROLES.items()]
    return _table(("Role", "What it is"), rows)


def _presets() -> str:
    from hosr.annotations.presets import PRESETS

    rows = [
        (f"`{name}`", f"`{label}`", meaning.role.value, meaning.side or "")
        for name, labels in PRESETS.items()
        for label, meaning in labels.items()
        if meaning.role is not Role.IGNORE
    ]
    return _table(("Preset", "Label", "Role", "Side"), rows)


def _formats() -> str:
    from hosr.annotations.formats import FORMATS

    read = [(found.words, "yes") for found in FORMATS if found.module]
    refused = [(f.words, f"no: {f.reason}; {f.remedy}") for f in FORMATS if f.reason]
    return _table(("Source", "Read"), [*read, *refused])


def _comparison() -> str:
    rows = [
        (f"`{obstacle.value}`", rule.words, rule.source) for obstacle, rule in OBSTACLES.items()
    ]
    return _table(("Not comparable", "Because", "Rule"), rows)


def _configuration() -> str:
    from hosr.archive.configuration_keys import describe_configuration

    return describe_configuration()


def _templates() -> str:
    blocks = describe_blocks()
    templates = [
        (f"`{name}`", words, ", ".join(blocks[name]) or "-") for name, words in TEMPLATES.items()
    ]
    data = [
        (f"`{name}`", given.kind.value, given.meaning, ", ".join(given.only) or "all reports")
        for name, given in DATA.items()
    ]
    return (
        _table(("Template", "Prints", "Blocks"), templates)
        + "\n"
        + _table(("Name", "Is", "Meaning", "Given to"), data)
    )


def _outputs() -> str:
    rows = [
        (f"`{name}`", output.files, output.words + ("" if output.by_default else " (only by name)"))
        for name, output in OUTPUTS.items()
    ]
    rows.append(("always", "`manifest.json`", _MANIFEST))
    return _table(("`--make`", "File", "What it is"), rows)


def _delivery() -> str:
    states = [(f"`{state.value}`", words) for state, words in MEANINGS.items()]
    reasons = [
        (reason.value, words, str(POLICIES[reason].tries), f"`{_after(reason).value}`")
        for reason, words in REASONS.items()
    ]
    return (
        _table(("State", "Meaning"), states)
        + "\n"
        + _table(("Not done", "Because", "Tries", "Then"), reasons)
    )


def _watch_events() -> str:
    from hosr.watch.events import MEANINGS as EVENTS

    return _table(("Event", "Meaning"), [(f"`{kind}`", words) for kind, words in EVENTS.items()])


def _after(reason: Reason) -> State:
    return TRANSITIONS[State.SENDING][POLICIES[reason].then]


def _schema() -> str:
    return json.dumps(record_schema(), indent=2, ensure_ascii=False) + "\n"


def _example() -> str:
    return json.dumps(EXAMPLE, indent=2) + "\n"


def _kernel() -> str:
    version = kernel.landlock_version()
    rows = (
        ("Landlock", f"yes, version {version}" if version else "no", _KEPT_BY_LANDLOCK),
        (
            "Filter of system calls (seccomp)",
            "yes" if kernel.has_filters() else "no",
            _KEPT_BY_FILTER,
        ),
    )
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _label_words() -> str:
    from hosr.annotations.viewers.grammar import MEANINGS, WORDS

    rows = (f"| {words} | {WORDS[word]} |\n" for word, words in MEANINGS.items())
    return "".join(("| meaning | words |\n| --- | --- |\n", *rows))


def _ohif_labels() -> str:
    # The viewer keeps the value as the words of the line, and shows them.
    items = [{"value": label, "label": label} for label in line_labels()]
    # With labelOnMeasure OHIF 3.13 asks at once for each new line, and shows an error page.
    labels = {"labelOnMeasure": False, "exclusive": True, "items": items}
    return json.dumps([{"measurementLabels": {"$set": labels}}], indent=2) + "\n"


def _exit_codes() -> str:
    rows = {0: "done", 1: "internal error"}
    for code, words in EXIT_CODES.values():
        rows[code] = f"{rows[code]}, {words}" if code in rows else words
    return _table(("Code", "Meaning"), ((str(code), rows[code]) for code in sorted(rows)))


def _profiles() -> str:
    rows = [
        (f"`{name.value}`", profile.sop_class, profile.sop_class_uid, profile.purpose)
        for name, profile in PROFILES.items()
    ]
    return _table(("Profile", "Measurement report", "SOP Class UID", "For"), rows)


def _procedures() -> str:
    rows = [
        (view.value, " and ".join(sides), f"{code.value} {code.meaning}")
        for (view, sides), code in PROCEDURES.items()
    ]
    return _table(("View", "Hips", "LOINC"), rows)


_MANIFEST = "each file with its UID and SHA-256, the grades, and what was tolerated"

_KEPT_BY_LANDLOCK = "files, TCP from version 4 on, signals to others from version 6 on"
_KEPT_BY_FILTER = "files, every network, programs, other processes, limits"

VALUES = {
    "version": __version__,
    "finding": codes.HETEROTOPIC_OSSIFICATION[Terminology.OPEN].value,
    "finding-snomed": codes.HETEROTOPIC_OSSIFICATION[Terminology.SNOMED].value,
    "scheme": codes.PRIVATE_SCHEME,
    "scheme-uid": codes.PRIVATE_SCHEME_UID,
}

TABLES: dict[str, Callable[[], str]] = {
    "codes": _codes,
    "cohort": _cohort,
    "comparison": _comparison,
    "configuration": _configuration,
    "delivery": _delivery,
    "example": _example,
    "exit-codes": _exit_codes,
    "flags": _flags,
    "kernel": _kernel,
    "labels": _labels,
    "label-words": _label_words,
    "roles": _roles,
    "presets": _presets,
    "formats": _formats,
    "ohif-labels": _ohif_labels,
    "outputs": _outputs,
    "procedures": _procedures,
    "profiles": _profiles,
    "refusals": _refusals,
    "scales": _scales,
    "schema": _schema,
    "scores-in-json": _scores_in_json,
    "scores-in-tables": _scores_in_tables,
    "scoring": _scoring,
    "templates": _templates,
    "vocabulary": _vocabulary,
    "watch-events": _watch_events,
}
