"""Tests of the door: records, tables and image headers."""
