"""Archives that speak DIMSE (PS3.7).

archive         the archive as it is used: store, fetch, find, examine, request commitment
connection      a socket, encrypted or not, read within limits of size and time
association     what is agreed on it, and why there is none
storage         C-STORE of an object as it is encoded
query           C-FIND, level by level, and what queries and retrievals share
retrieval       C-GET, or C-MOVE to the listener
commitment      N-ACTION and the reports on it
server          who may connect here, within which limits
listener        where an archive connects to: reports, and objects of C-MOVE
receiver        where anybody may send images and results to (C-STORE), for hosr watch
verification    what works, found by asking
messages_log    which associations there were, and what was answered
"""

from hosr.archive.dimse.archive import DimseArchive

__all__ = ["DimseArchive"]
