"""Landlock: a process gives up all files and folders but those named, TCP, and signals to others.

https://docs.kernel.org/userspace-api/landlock.html, landlock(7); Linux 5.13 has version 1. The names
below are those of <linux/landlock.h>.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from hosr.kernel.interface import call, forgo_privileges

# The same numbers on every processor.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_CREATE_RULESET_VERSION = 1
_RULE_PATH_BENEATH = 1

_READ_FILE, _READ_DIR = 1 << 2, 1 << 3

# How many kinds of access to files each version knows: from executing to making links; moving between
# folders from the second on, truncating from the third, asking devices from the fifth.
_KINDS_OF_ACCESS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_NETWORK_SINCE, _SCOPES_SINCE = 4, 6
_BIND_AND_CONNECT_TCP = 0b11
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11


def landlock_version() -> int:
    """The version of Landlock that the kernel offers; 0 where it offers none."""
    try:
        return call(_CREATE_RULESET, None, 0, _CREATE_RULESET_VERSION)
    except OSError:
        return 0


def restrict_files(readable: Iterable[Path] = ()) -> bool:
    """Give up, for this thread and those it begins, every file but `readable` ones; whether it is so.

    Of a folder all that is in it stays readable. What is open stays so.
    """
    version = landlock_version()
    if not version:
        return False
    # struct landlock_ruleset_attr, as long as this version knows it
    given_up = [(1 << _KINDS_OF_ACCESS[min(version, 5)]) - 1]
    if version >= _NETWORK_SINCE:
        given_up.append(_BIND_AND_CONNECT_TCP)
    if version >= _SCOPES_SINCE:
        given_up.append(_ABSTRACT_SOCKETS_AND_SIGNALS)
    attributes = struct.pack(f"={len(given_up)}Q", *given_up)
    try:
        rules = call(_CREATE_RULESET, attributes, len(attributes), 0)
    except OSError:
        return False
    try:
        for path in readable:
            with suppress(OSError):  # what is not there needs no reading
                _allow_reading(rules, path)
        forgo_privileges()
        call(_RESTRICT_SELF, rules, 0)
    except OSError:
        return False
    finally:
        os.close(rules)
    return True


def _allow_reading(rules: int, path: Path) -> None:
    access = _READ_FILE | _READ_DIR if path.is_dir() else _READ_FILE
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        beneath = struct.pack("=Qi", access, place)  # struct landlock_path_beneath_attr
        call(_ADD_RULE, rules, _RULE_PATH_BENEATH, beneath, 0)
    finally:
        os.close(place)
