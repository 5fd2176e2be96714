"""Sources of other makers, read."""
