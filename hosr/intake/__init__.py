"""The only door in: a grading record and image headers, checked once, with every fault named."""
