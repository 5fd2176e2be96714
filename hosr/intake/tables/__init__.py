"""Tables: one reader of CSV and Parquet, and the records of its rows."""
