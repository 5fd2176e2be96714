"""Points to millimetres."""
