"""Tests of the languages of a report."""
