"""Tests of the index of images, and of images that were received."""
