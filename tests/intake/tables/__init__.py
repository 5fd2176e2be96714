"""Tests of hosr.intake.tables."""
