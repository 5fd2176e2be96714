"""What was drawn of a hip."""
