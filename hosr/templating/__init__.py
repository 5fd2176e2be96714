"""Templates: their engine and sandbox, lint, and typesetting."""
