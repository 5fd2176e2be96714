"""Many reports at once: a manifest in, a folder for each of its rows and a table of results out.

    Manifest -> Entry -> Task -> (a worker) Asked -> report -> files -> Finished -> Ledger -> results

    manifest  entries out of JSONL or a table; as an import writes it
    batch     its course, and results.jsonl, results.parquet
    ledger    what became of which input (SQLite)
    rows      the work on one row                     places   where files lie: folders and stores
    sources   a row whose record is imported          fingerprints   whether its inputs are the same
    workers   processes here; cluster: Dask           server   what they are begun from
    values    what passes between them

Each row goes the way of `hosr report`. The ledger remembers what was done of which input, so that
a batch that was stopped, however hard, is taken up where it was.
"""
