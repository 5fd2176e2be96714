"""What was drawn in viewers."""
