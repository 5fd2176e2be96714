"""Tests of hosr.outputs."""
