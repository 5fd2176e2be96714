"""DicomSRValidator over many files in one Java machine: starting it costs more than a check.

Run as a program of its own: file names in, one JSON object {file: text} out.
"""

import json
import sys
from typing import Any

import jpype  # type: ignore[import-untyped]

OPTIONS = [
    # Java's limits on XPath are lower than the validator's own templates: without these it checks nothing.
    "-Djdk.xml.xpathTotalOpLimit=0",
    "-Djdk.xml.xpathExprOpLimit=0",
    "-Djdk.xml.xpathExprGrpLimit=0",
    # For some seconds on a processor that others want too.
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
]


def name_tables(validator: Any) -> None:
    """Have the validator's tables named as they are asked for: Java knows again one that has a name.

    Without it, the table of context groups is read anew for each code of a document.
    """
    for field in validator.getClass().getDeclaredFields():
        if field.getType().getName() == "javax.xml.transform.Transformer":
            field.setAccessible(True)
            transformer = field.get(validator)
            transformer.setURIResolver(_naming(transformer.getURIResolver()))


def _naming(resolver: Any) -> Any:
    """The resolver, whose sources have names."""

    @jpype.JImplements("javax.xml.transform.URIResolver")
    class Naming:
        @jpype.JOverride  # type: ignore[untyped-decorator]
        def resolve(self, href: Any, base: Any) -> Any:
            source = resolver.resolve(href, base)
            source.setSystemId(href)
            return source

    return Naming()


def main(jar: str, files: list[str]) -> None:
    """Check each file as the command does with -checkcontentitemorder and -checktemplateid."""
    jpype.startJVM(*OPTIONS, classpath=[jar])
    validator = jpype.JClass("com.pixelmed.validate.DicomSRValidator")()
    name_tables(validator)
    describe, match_case, ambiguous, order, template_id = False, True, False, True, True
    found = {
        file: str(validator.validate(file, describe, match_case, ambiguous, order, template_id))
        for file in files
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
