"""Results that arrive by themselves become drafts: each exactly one, with the images that it was made on.

    inbox           what lies in the inbox, and whether it is still being written; taken, kept, refused
    results         what a result says by itself: record or sources, its study, the images it names
    archived_images images out of an archive, where those at hand do not do
    predecessors    the report of hosr that a viewer redrew
    drafting        a result and its images to a draft; newer images to a new one
    work            one result, from where it lies to its draft, and its place after
    watch           the round: what is quiet and whole is worked off, the rest waits
    memory          what was seen, in watch.sqlite: nothing is lost or made twice by a kill
    sending         reports of drafts, into the outbox
    events          what is told, a line each

Of the network it knows hosr.archive alone. Nothing is deleted: results are moved to done or refused.
"""
