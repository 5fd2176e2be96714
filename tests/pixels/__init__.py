"""Tests of hosr.pixels."""
