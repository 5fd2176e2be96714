"""Tests of hosr.sr."""
