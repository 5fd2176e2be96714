"""Runs a command in a network of its own that holds nothing but 127.0.0.1.

Some peers listen on every address and have no setting against it; here nobody else can reach
them, nor can a test reach anybody. Run by tests/run inside `unshare --net`.
"""

import fcntl
import os
import socket
import struct
import sys

SET_FLAGS, UP = 0x8914, 0x1


def main(command: list[str]) -> None:
    """Switch the loopback interface on, and become the command."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SET_FLAGS, struct.pack("16sh", b"lo", UP))
    os.execvp(command[0], command)  # noqa: S606 - the command comes from tests/run


if __name__ == "__main__":
    main(sys.argv[1:])
