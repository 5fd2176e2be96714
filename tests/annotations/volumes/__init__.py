"""Labels of voxels, read."""
