"""Archives that are reached over DICOMweb (PS3.18).

archive         the archive as it is used; STOW-RS, and what works by asking
connection      one HTTP/1.1 connection: a request out, a whole answer back
service         requests with credentials, and what a status of HTTP means
messages        paths, messages of parts, DICOM JSON, Store responses
query_retrieve  QIDO-RS, level by level; WADO-RS: an instance, or the headers of a study
"""

from __future__ import annotations

from hosr.archive.dicomweb.archive import WebArchive

__all__ = ["WebArchive"]
