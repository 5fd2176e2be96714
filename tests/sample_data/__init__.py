"""Tests of the sample studies."""
