"""Messages of the validators that hosr's reports are known to cause, each with its reason.

Anything else that a validator says fails the tests. An entry that nothing needs any more fails them where
the validator is pinned, and is told at the end of the run where it is whatever Debian has.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A message by its pattern (the whole of it), and why it stays."""

    pattern: str
    reason: str

    def matches(self, message: str) -> bool:
        """Whether this is the message."""
        return re.fullmatch(self.pattern, message) is not None


DCIODVFY = (
    Known(
        pattern=r"Warning: Unrecognized defined term <99HOSR> for value 1 of attribute "
        r"<Coding Scheme Designator>",
        reason="a private scheme is private; the document declares it",
    ),
    Known(
        pattern=r"Warning: Unrecognized defined term <2\.25\.\d+> for value 1 of attribute "
        r"<Coding Scheme UID>",
        reason="the UID of the private scheme, in that declaration",
    ),
)

# Of every object that a model graded.
DCIODVFY_OF_MODELS = (
    Known(
        pattern=r"Warning: Attribute is not present in standard DICOM IOD - "
        r"\(0x0018,0x1002\) UI Device UID ?",
        reason="an algorithm is Contributing Equipment with its Device UID, as IHE AIR asks; "
        "the tool's module does not have that attribute",
    ),
    Known(
        pattern=r"Warning: Dicom dataset contains attributes not present in standard DICOM IOD - "
        r"this is a Standard Extended SOP Class ?",
        reason="what the tool concludes from the Device UID",
    ),
)

DCIODVFY_OF_SIGNED = (
    Known(
        pattern=r"Warning: Unrecognized defined term <L> for value 1 of attribute "
        r"<Coding Scheme Designator>",
        reason="an identifier of a person is local, and L is the scheme for that (PS3.16 section 8)",
    ),
)

DCIODVFY_OF_ENCAPSULATED_PDF = tuple(
    Known(
        pattern=rf"Warning: Attribute is not present in standard DICOM IOD - {attribute} ?",
        reason="a referenced document has its purpose, as in the General Reference Module; the "
        "tool knows the reference of an Encapsulated PDF without it",
    )
    for attribute in (
        r"\(0x0040,0xa170\) SQ Purpose of Reference Code Sequence",
        r"\(0x0008,0x0100\) SH Code Value",
        r"\(0x0008,0x0102\) SH Coding Scheme Designator",
        r"\(0x0008,0x0104\) LO Code Meaning",
    )
)

DCIODVFY_OF_POOR_HEADERS = (
    Known(
        pattern=r"Warning: Missing attribute or value that would be needed to build DICOMDIR - "
        r"Study (Time|ID)",
        reason="the images lack them, and hosr invents nothing; type 2 attributes may be empty",
    ),
)

DCIODVFY_OF_ODD_UIDS = (
    Known(
        pattern=r"Error: Value invalid for this VR - \(0x(0020,0x000d|0020,0x000e|0008,0x1155)\) UI "
        r"(Study Instance|Series Instance|Referenced SOP Instance) UID  UI \[1\] = <1\.2\.826\.[\d.]+> "
        r"- Leading zeroes in embedded numeric component\(s\) ?",
        reason="the image has it so, and the archive knows the image by it; no UID of ours has any",
    ),
    Known(
        pattern=r"Error: Dicom dataset contains invalid data values for Value Representations ?",
        reason="what the tool concludes from such a UID",
    ),
)

DSRDUMP = (
    Known(
        pattern=r"Warning: The VR checker does not support this Specific Character Set: ISO_IR 192",
        reason="DCMTK reads UTF-8 but does not check lengths in it",
    ),
)

DSRDUMP_OF_ODD_UIDS = (
    Known(
        pattern=r"Warning: (StudyInstanceUID|SeriesInstanceUID|ReferencedSOPInstanceUID) "
        r"\([0-9a-f]{4},[0-9a-f]{4}\) violates VR definition in \w+",
        reason="the image has it so, and the archive knows the image by it",
    ),
    Known(
        pattern=r"(Warning: Reading invalid/incomplete|Error: Reading) content item "
        r'(IMAGE|CONTAINER|SCOORD|NUM) "[\d.]+"( \(Invalid Value\))?'
        r"|Error: dsrdump: error \(Invalid Value\) parsing file: .*",
        reason="DCMTK reads no content item with such a UID unless it is told to (-Ev); noted",
    ),
)

DSRDUMP_OF_KEY_OBJECTS = (
    Known(
        pattern=r"Warning: Check for template constraints not yet supported",
        reason="what DCMTK says of every key object selection; another validator checks them",
    ),
)

DCMPSCHK = (
    Known(
        pattern=r"Error: (Error: Attribute value does not conform to data type definition\."
        r"|Affected attribute: PatientName \(0010,0010\), Type PN"
        r"|Attribute value   : \[.*=.*\]"
        r"|Expected format for each value: .*)",
        reason="DCMTK knows person names of one component group; ideographic ones are valid",
    ),
)

DCMPSCHK_OF_ODD_UIDS = (
    Known(
        pattern=r"Error: (Error: Attribute value does not conform to data type definition\."
        r"|Affected attribute: \w+ \([0-9a-f]{4},[0-9a-f]{4}\), Type UI"
        r"|Attribute value   : \[1\.2\.826\.[\d.]+\]"
        r"|Expected format for each value: .*without any leading zeroes)",
        reason="the image has it so, and the archive knows the image by it",
    ),
)

# The validator names the way to an item: codes in brackets, one item after a slash.
_GROUP = r"Warning: .*/CONTAINER \(125007,DCM,\"Measurement Group\"\)"
_LIBRARY_IMAGE = r".*/CONTAINER \(126200,DCM,[^/]*\)/IMAGE \([^/]*\)"
_NARRATIVE = r"Warning: [\d.]+: /CONTAINER \(18748-4,LN,[^/]*\)"

DICOM_SR_VALIDATOR = (
    Known(
        pattern=r"Error: Template 1500 .*\[Row 4\] CODE \(121058,DCM,.*"
        r"\(\d+-\d,LN,.*\) not found in context group 100",
        reason="CID 100 is a baseline group: other codes for the procedure are allowed",
    ),
    Known(
        pattern=rf"Error: Template 1602 {_LIBRARY_IMAGE}/CODE \(123014,DCM,\"Target Region\"\): "
        r"Code \(24136001,SCT,\"Hip joint\"\) not found in context group 4031",
        reason="CID 4031 holds the hip joint by now (2024c); the validator's list is of 2022",
    ),
    Known(
        pattern=r"Warning: Template 1501 .*: template ID encoded in first row container 1410 does "
        r"not match expected template ID 1501 - may be ambiguous template invocation",
        reason="TID 1500 invokes 1410 and 1501 alike; the validator tries both on each group",
    ),
    Known(
        pattern=rf"{_GROUP}/CODE \(276214006,SCT,\"Finding category\"\): "
        r"Content Item not in template",
        reason="a row of TID 1410 that is newer than the validator's (CP-2176)",
    ),
    Known(
        pattern=rf"{_GROUP}/(CODE|TEXT) \([^/]*,99HOSR,[^/]*\): Content Item not in template",
        reason="qualitative evaluations are rows of TID 1410 that are newer than the validator's",
    ),
    Known(
        pattern=rf"{_GROUP}/CODE \([^/]*,99HOSR,[^/]*\)/NUM \((HO-PROBABILITY|HO-P-AT-LEAST),99HOSR,[^/]*\): "
        r"Content Item not in template",
        reason="the score of each grade stands under that grade; TID 1410 is extensible",
    ),
    Known(
        pattern=rf"{_GROUP}/TEXT \(121106,DCM,\"Comment\"\): Content Item not in template",
        reason="viewers name a measurement by its comment; TID 1410 is extensible",
    ),
    Known(
        pattern=rf"{_GROUP}/NUM \([^/]*\)/CODE \([^/]*\): Content Item not in template row order for "
        r"Template (300 Measurement/\[Row 1\] NUM \*/\[Row 2\]"
        r"|1419 ROIMeasurements/\[Row 5\] NUM \*/\[Row 6\]) CODE \*",
        reason="the row takes any modifier, so the validator takes each later one for it as well",
    ),
    Known(
        pattern=r"Error: Template (300|1419) .*\[Row \d+\] NUM \*: .*/NUM \([^/]*\)"
        r"/NUM \(37188(6008|5007),SCT,[^/]*\): "
        r"Incorrect relationship - expected INFERRED FROM - found HAS PROPERTIES",
        reason="TID 310 gives a number its uncertainty by HAS PROPERTIES, as highdicom does; the "
        "validator also takes it for a number that the length was computed from",
    ),
    Known(
        pattern=rf"{_GROUP}/NUM \([^/]*\)/NUM \(371885007,SCT,[^/]*\): Content Item not in template "
        r"row order for Template (300|1419) .* NUM \*",
        reason="the lower uncertainty follows the upper one, both taken as above",
    ),
    Known(
        pattern=rf"{_GROUP}/CODE \(130400,DCM,\"Geometric purpose of region\"\): "
        r"Content Item not in template",
        reason="a row of TID 1410 that the validator finds only where there is a single region",
    ),
    Known(
        pattern=rf"Warning: {_LIBRARY_IMAGE}/TEXT \(HO-VIEW-POS,99HOSR,[^/]*\): "
        r"Content Item not in template",
        reason="the header's own word for the view; TID 1602 is extensible",
    ),
    Known(
        pattern=r"Warning: .*/CODE \(HO-INDEX-EVENT,99HOSR,[^/]*\)/(CODE|DATE|NUM) \([^/]*\): "
        r"Content Item not in template",
        reason="side, date and time since the index event stand under it; TID 1500 is extensible",
    ),
    Known(
        pattern=rf"{_NARRATIVE}/CONTAINER \(\d+-\d,LN,[^/]*\)(/TEXT \([^/]*\))?: "
        r"Content Item not in template",
        reason="CID 7001 names sections by LOINC codes now; the validator knows the former ones",
    ),
    Known(
        pattern=rf"{_NARRATIVE}/COMPOSITE \(122073,DCM,\"Current procedure evidence\"\): "
        r"Content Item not in template",
        reason="the link to the measurement report; TID 2000 is extensible",
    ),
)

# Of a note that rejects a report for a reason of its own.
DICOM_SR_VALIDATOR_OF_NOTES = tuple(
    Known(
        pattern=rf"Error: Template 2010 .*/\[Row {row}\] CODE CID {cid}: .*: Conditional content item "
        r"present when condition not satisfied",
        reason=why,
    )
    for row, cid, why in (
        (
            3,
            7011,
            "the modifier that 113001 requires: the tool looks for the title beside the root",
        ),
        (
            4,
            7012,
            "the same item: the tool takes it for that of another title, by its concept name",
        ),
    )
)

DICOM_SR_VALIDATOR_OF_ADDITIONS = (
    Known(
        pattern=rf"{_GROUP}/NUM \([^/]*\)/(TEXT \(HO-SPACE-ENDS,99HOSR,[^/]*\)"
        r"|UIDREF \(112227,DCM,\"Frame of Reference UID\"\)): Content Item not in template",
        reason="where a class of documents has no shapes in space, the ends of a line stand as text",
    ),
    Known(
        pattern=rf"{_GROUP}/CONTAINER \(HO-FOUND,99HOSR,.*: Content Item not in template",
        reason="what a program found beside the findings stands in one container; TID 1410 is extensible",
    ),
)

DICOM_SR_VALIDATOR_OF_SIGNED = (
    Known(
        pattern=r"Warning: .*/CODE \(HO-STATUS,99HOSR,[^/]*\)/.*: Content Item not in template",
        reason="who signed, when, and what was changed stand under it; TID 1500 is extensible",
    ),
    Known(
        pattern=r"Warning: .*/TEXT \(HO-TRACKED-AS,99HOSR,[^/]*\).*: Content Item not in template",
        reason="drafts that were sent before stand under it; TID 1500 is extensible",
    ),
    Known(
        pattern=rf"{_NARRATIVE}/(CODE|PNAME) \(HO-(STATUS|SIGNER),99HOSR,[^/]*\)(/TEXT \([^/]*\))?: "
        r"Content Item not in template",
        reason="the same, of the narrative; TID 2000 is extensible",
    ),
)

DICOM_SR_VALIDATOR_OF_COMPARED = (
    Known(
        pattern=r"Warning: .*/CONTAINER \(18834-2,LN,\"Previous Findings\"\)(/.*)?: "
        r"Content Item not in template",
        reason="what earlier reports say stands under it; TID 1500 is extensible",
    ),
)


def unknown(messages: Iterable[str], known: Iterable[Known]) -> list[str]:
    """The messages that nothing on the list explains."""
    table = tuple(known)
    return [text for text in messages if not any(entry.matches(text) for entry in table)]


def unused(messages: Iterable[str], known: Iterable[Known]) -> list[str]:
    """The patterns on the list that explain nothing."""
    said = tuple(messages)
    return [entry.pattern for entry in known if not any(entry.matches(text) for text in said)]
