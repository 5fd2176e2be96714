"""The desk as a reader has it: in Chromium, by pointer and by keys."""
