"""Tests of the door for tables of registries."""
