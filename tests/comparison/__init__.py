"""Comparisons with earlier reports."""
