"""Tables: one reader of CSV, Parquet and XLSX for every door, and records out of their rows.

    reader    a file, told by its content -> Table: a header and rows, read one after another
    rows      Row, Table and the form of a file; what a typed cell means; rows of one name
    csv_rows  CSV: encodings, delimiters, `sep=;`, rows that cannot be read
    workbook  one sheet of XLSX, measured before it is opened
    parquet_rows   Parquet, a few rows at a time
    lines     JSON Lines, as an import writes them
    spreadsheet_dates   what spreadsheets make of what looks like a date
    columns   by the dotted names of a record, and what their cells say
    records   rows with these -> records, for grade, report, batch and cohort

A registry's own columns and language become the same names in `hosr.intake.registry`.
"""
