"""Tests of hosr.messages."""
