"""Archives: where finished files are kept and images are found, whatever protocol they speak.

    values              what every archive is given and answers: Archive, Locator, Query, Receipt, Check
    addresses           dimse://, https:// and file:// as people write them, and what belongs to one
    configuration       the file that names archives; no secret stands in it
    configuration_keys  what that file may hold, described and checked
    opening             from an address to the archive there
    statuses            what a status of DICOM means; the object in a file before it is sent
    tls                 who is trusted, and why a handshake failed, for both protocols
    dimse/              C-STORE, C-FIND, C-GET, C-MOVE and storage commitment, by pynetdicom
    dicomweb/           STOW-RS, QIDO-RS and WADO-RS
    folder              a folder of this machine

An archive is opened by `opening.open_archive`, and says whatever goes wrong as `ArchiveError`.
"""
