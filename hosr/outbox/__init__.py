"""The outbox: what is to be archived, kept until there is proof that it was.

    outbox           what others use: put in, list, retry, give up
      report_folders   what is put in: the DICOM objects of reports as they lie in folders
      message_folders  or their messages, by the kind of the destination
    delivery         what is due is sent and proven: workers, listeners, until none is left
      worker           one worker: send, fetch back, ask for commitment; each answer an event
        comparison       whether what came back is what was sent
        outcomes         what came of it, put down while it is still this worker's
      commitments      requests for storage commitment, and the reports that come at any time
      claims           who has what, for how long, and whose turn it is
    ledger           entries, and the only writer of their states and history
    items            what is put in, one by one
    states           tables: what can be delivered, its order and proofs; states and events; what
                     is done about each failure
    database         the file: tables, triggers, migrations

Of archives it knows the protocol in archive/values.py, and the values in archive/addresses.py and
archive/versions.py.
"""

from __future__ import annotations

from hosr.outbox.delivery import Limits, deliver
from hosr.outbox.items import Item
from hosr.outbox.ledger import Change, Entry
from hosr.outbox.outbox import Outbox
from hosr.outbox.states import ARCHIVED, ENDED, NEEDS_A_PERSON, OPEN, Kind, State

__all__ = [
    "ARCHIVED",
    "ENDED",
    "NEEDS_A_PERSON",
    "OPEN",
    "Change",
    "Entry",
    "Item",
    "Kind",
    "Limits",
    "Outbox",
    "State",
    "deliver",
]
