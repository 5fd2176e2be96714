"""Storage commitment, query and retrieval over DIMSE against real and misbehaving peers."""
