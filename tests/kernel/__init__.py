"""What the kernel keeps a process from."""
