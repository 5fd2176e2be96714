"""What persons do to a report, apart from the commands."""
