"""Many reports at once: a manifest in, a folder for each of its rows and a table of results out.

    Manifest -> Entry -> Task -> (a worker) asked -> report -> files -> Finished -> Journal -> results

Each row goes the way of `hosr report`. The journal remembers what was done of which input, so that
a batch that was stopped, however hard, is taken up where it was.
"""
