"""What Linux keeps a process from that reads what strangers wrote; once given up, it is for good.

landlock      no file or folder but those that are named, no TCP, no signal to another process
seccomp       a filter of system calls: those of files, networks, programs and other processes
system_calls  which calls these are, and their numbers
interface     asking the kernel what Python has no function for

Each stands for itself: what a kernel lacks, or a container forbids, is left out, and `hosr describe
sandbox` tells.
"""

from hosr.kernel.landlock import landlock_version, restrict_files
from hosr.kernel.seccomp import filter_calls, has_filters

__all__ = ["filter_calls", "has_filters", "landlock_version", "restrict_files"]
