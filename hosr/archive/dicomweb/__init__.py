"""Archives that are reached over DICOMweb (PS3.18).

archive         the archive as it is used; STOW-RS, and what works by asking
connection      one HTTP/1.1 connection: a request out, a whole answer back
wire            its socket: a peer is believed up to a rate, a time and a size
service         requests with credentials, and what a status of HTTP means
messages        paths, messages of parts, DICOM JSON, Store responses
query_retrieve  QIDO-RS, level by level; WADO-RS: an instance, or the headers of a study
request_log     which service was asked, and how it answered
"""

from __future__ import annotations

from hosr.archive.dicomweb.archive import WebArchive

__all__ = ["WebArchive"]
