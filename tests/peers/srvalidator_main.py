"""DicomSRValidator over many files in one Java machine: starting it costs more than a check.

Run as a program of its own: file names in, one JSON object {file: text} out.
"""

import json
import sys

import jpype  # type: ignore[import-untyped]

# Java's limits on XPath are lower than the validator's own templates: without these it checks nothing.
LIMITS = [
    "-Djdk.xml.xpathTotalOpLimit=0",
    "-Djdk.xml.xpathExprOpLimit=0",
    "-Djdk.xml.xpathExprGrpLimit=0",
]


def main(jar: str, files: list[str]) -> None:
    """Check each file as the command does with -checkcontentitemorder and -checktemplateid."""
    jpype.startJVM(*LIMITS, classpath=[jar])
    validator = jpype.JClass("com.pixelmed.validate.DicomSRValidator")()
    describe, match_case, ambiguous, order, template_id = False, True, False, True, True
    found = {
        file: str(validator.validate(file, describe, match_case, ambiguous, order, template_id))
        for file in files
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
