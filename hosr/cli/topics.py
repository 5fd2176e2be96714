"""What `hosr describe` prints: every table from the code that keeps to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence

from hosr import codes
from hosr.codes import Code, Terminology
from hosr.cohort.columns import COLUMNS
from hosr.errors import Reason
from hosr.intake.record import record_schema
from hosr.outbox.states import MEANINGS, POLICIES, REASONS, TRANSITIONS, State
from hosr.outputs import OUTPUTS
from hosr.scales import SCALES
from hosr.scales.contradictions import CONTRADICTIONS
from hosr.sr.context import PROCEDURES
from hosr.sr.labels import REGION_CODES
from hosr.sr.lengths import BASIS_CODES, PLANE_CODES
from hosr.sr.receivers import PROFILES
from hosr.templating.given import DATA, TEMPLATES, describe_blocks
from hosr.version import __version__
from hosr.vocabulary.features import FEATURES, STAGE_CODES
from hosr.vocabulary.flags import FLAG_CODES, FLAG_RULES
from hosr.vocabulary.terms import (
    BRIDGING_CODES,
    CAUSE_CODES,
    EVENT_CODES,
    GAP_CLASS_CODES,
    SYMPTOM_CODES,
    VIEW_CODES,
)

Row = Sequence[str]


def describe(topic: str) -> str:
    """The description of one topic, as text that ends in a line feed."""
    return _TOPICS[topic]()


def _table(headings: Row, rows: Iterable[Row]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


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
    tables = (
        BASIS_CODES,
        BRIDGING_CODES,
        CAUSE_CODES,
        EVENT_CODES,
        FLAG_CODES,
        GAP_CLASS_CODES,
        PLANE_CODES,
        REGION_CODES,
        STAGE_CODES,
        SYMPTOM_CODES,
        VIEW_CODES,
    )
    found = [value for value in vars(codes).values() if isinstance(value, Code)]
    found += [code for table in tables for code in table.values()]
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
            ("index event", EVENT_CODES),
            ("stage", STAGE_CODES),
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


def _mapping() -> str:
    from hosr.intake import registry

    return registry.__doc__ or ""


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


def _after(reason: Reason) -> State:
    return TRANSITIONS[State.SENDING][POLICIES[reason].then]


def _schema() -> str:
    return json.dumps(record_schema(), indent=2, ensure_ascii=False) + "\n"


def _conformance() -> str:
    return f"{_WRITTEN}{_profiles()}{_READ}{_NETWORK}{_TEMPLATES}{_procedures()}{_CODING}{_RULES}"


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

_WRITTEN = f"""hosr {__version__}, as a creator of DICOM objects (2026 edition of the standard as its peers know it).

**Objects written.** Each in a series of its own in the study of the images, Explicit VR Little
Endian, preamble of zeros, character set ISO_IR 192. Instance and series UIDs are of the form 2.25 and
derive from the content, the options and the version of hosr. Objects refer to one another.

| Object | SOP Class UID | Template or purpose |
| --- | --- | --- |
| Measurement report | by profile, see below | TID 1500 |
| Narrative report, Basic Text SR | 1.2.840.10008.5.1.4.1.1.88.11 | TID 2000, in the language of `--language` (TID 1204) |
| Key Object Selection | 1.2.840.10008.5.1.4.1.1.88.59 | TID 2010: the graded images, each with its presentation state |
| Grayscale Softcopy Presentation State | 1.2.840.10008.5.1.4.1.1.11.1 | the images as their headers ask, with marks and grades in graphic layers |
| Encapsulated PDF | 1.2.840.10008.5.1.4.1.1.104.1 | PDF/A-2a and PDF/UA-1; refers to both reports |
| Secondary Capture | 1.2.840.10008.5.1.4.1.1.7 | key image with its marks, only by `--make captures` |

All but the words of the narrative report, the PDF and the captures is English in every language.

"""

_NETWORK = """
**Network.** AE title HOSR unless the address says otherwise; maximum PDU 131,072 bytes; Explicit and
Implicit VR Little Endian. TLS by the BCP 195 profile (PS3.15 section B.12), 1.2 or newer.

| Service | Role | Used by |
| --- | --- | --- |
| Verification (C-ECHO) | SCU; SCP while it listens | `hosr archive test` |
| Storage (C-STORE) of the objects above | SCU | `hosr send`, `hosr outbox run` |
| Storage Commitment Push Model | SCU: N-ACTION, N-EVENT-REPORT on either association | the same, where `listen` is set |
| Study Root Query/Retrieve FIND, GET, MOVE | SCU, and storage SCP for what was asked for | read-back, `hosr archive find`, `fetch`, `--images` |
| STOW-RS, QIDO-RS, WADO-RS with metadata (PS3.18) | user agent | the same over DICOMweb |

"""

_READ = """
**Objects read.** Headers of CR, DX, CT and MR images, enhanced CT and MR, X-ray angiographic and
fluoroscopic images and secondary captures, from files, folders, DICOMDIR, ZIP or an archive. Of reports, only
those that hosr wrote.

"""

_TEMPLATES = """**Templates.** Measurement report: TID 1500 with TID 1204, 1001 to 1004, 1600 to 1602, 1410,
1419 and 4019; the root's Qualitative Evaluations (C0034375, UMLS) hold what concerns the study.
Each hip has one measurement group with its grades; each further drawn island has one. Every group
has one Image Region. Where nothing was drawn, the region is the frame of the graded image (on an
AP pelvis of known orientation the half of that side), with geometric purpose "Bounded by" and
"not localised" in its tracking identifier. A length is a NUM with its derivation, method, plane
and uncertainty, inferred from the SCOORD that was measured. Narrative report: TID 2000 under
LOINC headings, with a reference to the measurement report.

**Procedure reported.**

"""

_CODING = f"""
**Codes.** The finding is {codes.HETEROTOPIC_OSSIFICATION[Terminology.OPEN].value} (UMLS), or with
`--terminology snomed` {codes.HETEROTOPIC_OSSIFICATION[Terminology.SNOMED].value} (SCT), which lies
outside the set that DICOM users may use free of charge. What no public scheme names is coded in
{codes.PRIVATE_SCHEME} ({codes.PRIVATE_SCHEME_UID}), declared in each document and listed by
`hosr describe codes`.

"""

_RULES = """**Identity and status.** Patient, study and order come from the image headers alone; images of two
patients or studies are refused, and so is a record that names another study, patient, accession
number or image, or contradicts the header's laterality. Type 2 attributes that the images lack
are written empty, and the manifest lists them. Completion Flag COMPLETE, Verification Flag
UNVERIFIED, Preliminary Flag PRELIMINARY. Current Requested Procedure Evidence lists every image
given, once; Referenced Request is written where the headers name an order. Timezone Offset From
UTC is that of the images or absent; the time of grading with its own offset is the root's
Observation DateTime. An algorithm stands as device observer, in TID 4019 and in Contributing
Equipment with a Device UID.
"""

_TOPICS: dict[str, Callable[[], str]] = {
    "schema": _schema,
    "conformance": _conformance,
    "codes": _codes,
    "scales": _scales,
    "flags": _flags,
    "refusals": _refusals,
    "vocabulary": _vocabulary,
    "outputs": _outputs,
    "mapping": _mapping,
    "cohort": _cohort,
    "templates": _templates,
    "delivery": _delivery,
}
