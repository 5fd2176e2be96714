"""The DIMSE archive against real and misbehaving peers."""
