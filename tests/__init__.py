"""The tests mirror hosr, module by module."""
