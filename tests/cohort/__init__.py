"""Many reports as a table."""
