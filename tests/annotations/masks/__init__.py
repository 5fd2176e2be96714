"""From masks with roles to what is found of each hip."""
