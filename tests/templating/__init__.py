"""Tests of hosr.templating."""
