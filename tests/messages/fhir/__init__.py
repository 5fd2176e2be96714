"""Tests of hosr.messages.fhir."""
