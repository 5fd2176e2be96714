"""Results that arrive by themselves: worked off at once, or by a service."""
