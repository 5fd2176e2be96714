"""Grading, rule by rule."""
