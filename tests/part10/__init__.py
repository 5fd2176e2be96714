"""Tests of hosr.part10."""
