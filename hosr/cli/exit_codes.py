"""What each kind of refusal means to the program that called: its exit code, and the words for it."""

from __future__ import annotations

from hosr.errors import (
    ArchiveRefused,
    ArchiveUnreachable,
    DocumentRefused,
    HosrError,
    ImagesRefused,
    RecordRefused,
    TemplateRefused,
    Unencodable,
    UsageError,
)

EXIT_CODES: dict[type[HosrError], tuple[int, str]] = {
    UsageError: (2, "cannot be done as asked"),
    TemplateRefused: (2, "template refused"),
    RecordRefused: (3, "record refused"),
    DocumentRefused: (4, "document refused"),
    ImagesRefused: (4, "images refused"),
    Unencodable: (5, "cannot be encoded"),
    ArchiveRefused: (6, "archive refused"),
    ArchiveUnreachable: (7, "archive unreachable"),
}
