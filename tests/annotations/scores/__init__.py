"""Scores of a model, as they are read."""
