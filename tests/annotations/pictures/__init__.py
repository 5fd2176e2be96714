"""What was drawn on pictures."""
