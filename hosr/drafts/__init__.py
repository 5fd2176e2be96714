"""Drafts: what models and persons graded, kept until a person has worked it off.

A folder holds them, and what belongs to them (paths below it are kept relative to it, so that it can
be moved):

    drafts.sqlite          the store
    received/              images that were received for them
    reports/ID/draft, 1, 2 what was signed of a draft, and each signed version

The rooms, from what is known to what is done:

    states       tables: statuses, events and what they lead to; reasons and how urgent they are
    values       a draft, a row of the worklist, an entry of the history
    judgement    what hosr says of a record on its images: report, faults, obstacles, urgency
    former_grades  what a model had graded, once a reader changed its findings
    imagery      which files the images of a draft were, and whether they still are
    sent         preliminary reports of drafts that went to receivers
    database     the file: tables, and what must never happen to a draft
    rows         its rows as values; columns: what is put down of a draft
    store        Drafts: add, list, change by compare-and-swap, hold, release, history
    signed       what was signed, as it lies there now: the very report, and what became of it elsewhere
    pending      what was begun to be signed and did not end is taken back
    signing      sign and amend: what was seen is what is signed, whatever is killed meanwhile

Names of patients stand in the store alone, never in a log line or an error.
"""

from __future__ import annotations

from hosr.drafts.database import require_drafts
from hosr.drafts.judgement import Judged, comparing, judge, read_result
from hosr.drafts.sent import Sent
from hosr.drafts.states import Event, Reason, Status
from hosr.drafts.store import Drafts
from hosr.drafts.values import Changed, Draft, Entry, Listed, ListedHip, NewDraft

__all__ = [
    "Changed",
    "Draft",
    "Drafts",
    "Entry",
    "Event",
    "Judged",
    "Listed",
    "ListedHip",
    "NewDraft",
    "Reason",
    "Sent",
    "Status",
    "comparing",
    "judge",
    "read_result",
    "require_drafts",
]
