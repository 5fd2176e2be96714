"""The system calls that a process gives up when it reads what strangers wrote.

The numbers are those of <asm/unistd_64.h> for x86-64 and of <asm-generic/unistd.h> for aarch64, whose
names are those of section 2 of the Linux manual; aarch64 never had the older ones.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from dataclasses import dataclass

# From here on numbers are the same on every processor: what Linux 5.1 and later added (syscalls(2)), such as
# io_uring, pidfd, openat2, clone3 and Landlock itself. Libraries get on without any of it.
FIRST_NEW_CALL = 424


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """Calls that are given up together, with the error that each of them ends with.

    `numbers` are by name, on x86-64 and on aarch64.
    """

    error: int
    numbers: Mapping[str, tuple[int, int | None]]


# As where no file may be open (getrlimit(2), RLIMIT_NOFILE).
OPEN_FILES = Calls(
    error=errno.EMFILE,
    numbers={
        "open": (2, None),
        "creat": (85, None),
        "openat": (257, 56),
        "memfd_create": (319, 279),
    },
)

_HANDLES = Calls(
    error=errno.EPERM,
    numbers={"name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265)},
)

_CHANGE_FILES = Calls(
    error=errno.EPERM,
    numbers={
        "truncate": (76, 45),
        "rename": (82, None),
        "renameat": (264, 38),
        "renameat2": (316, 276),
        "mkdir": (83, None),
        "mkdirat": (258, 34),
        "rmdir": (84, None),
        "link": (86, None),
        "linkat": (265, 37),
        "unlink": (87, None),
        "unlinkat": (263, 35),
        "symlink": (88, None),
        "symlinkat": (266, 36),
        "mknod": (133, None),
        "mknodat": (259, 33),
        "chmod": (90, None),
        "fchmod": (91, 52),
        "fchmodat": (268, 53),
        "chown": (92, None),
        "fchown": (93, 55),
        "lchown": (94, None),
        "fchownat": (260, 54),
        "utime": (132, None),
        "utimes": (235, None),
        "futimesat": (261, None),
        "utimensat": (280, 88),
        "setxattr": (188, 5),
        "lsetxattr": (189, 6),
        "fsetxattr": (190, 7),
        "removexattr": (197, 14),
        "lremovexattr": (198, 15),
        "fremovexattr": (199, 16),
        "fanotify_init": (300, 262),
        "fanotify_mark": (301, 263),
        "inotify_init": (253, None),
        "inotify_init1": (294, 26),
    },
)

# As where there is no network of that kind (socket(2)).
_USE_NETWORK = Calls(
    error=errno.EAFNOSUPPORT,
    numbers={
        "socket": (41, 198),
        "socketpair": (53, 199),
        "connect": (42, 203),
        "bind": (49, 200),
        "listen": (50, 201),
        "accept": (43, 202),
        "accept4": (288, 242),
        "sendto": (44, 206),
        "sendmsg": (46, 211),
        "sendmmsg": (307, 269),
        "recvfrom": (45, 207),
        "recvmsg": (47, 212),
        "recvmmsg": (299, 243),
    },
)

_RUN_PROGRAMS = Calls(
    error=errno.EPERM,
    numbers={
        "execve": (59, 221),
        "execveat": (322, 281),
        "fork": (57, None),
        "vfork": (58, None),
        "setns": (308, 268),
        "unshare": (272, 97),
        "personality": (135, 92),
        "setpgid": (109, 154),
        "setsid": (112, 157),
    },
)

_REACH_PROCESSES = Calls(
    error=errno.EPERM,
    numbers={
        "ptrace": (101, 117),
        "process_vm_readv": (310, 270),
        "process_vm_writev": (311, 271),
        "kcmp": (312, 272),
        "rt_sigqueueinfo": (129, 138),
        "rt_tgsigqueueinfo": (297, 240),
        "setrlimit": (160, 164),
        "migrate_pages": (256, 238),
        "move_pages": (279, 239),
        "setpriority": (141, 140),
        "sched_setparam": (142, 118),
        "sched_setscheduler": (144, 119),
        "sched_setattr": (314, 274),
        "ioprio_set": (251, 30),
        "shmget": (29, 194),
        "shmat": (30, 196),
        "shmctl": (31, 195),
        "semget": (64, 190),
        "semop": (65, 193),
        "semctl": (66, 191),
        "msgget": (68, 186),
        "msgsnd": (69, 189),
        "msgrcv": (70, 188),
        "msgctl": (71, 187),
        "mq_open": (240, 180),
    },
)

# What a process of the administrator could do to the machine, and what has let others do it.
_RULE_MACHINE = Calls(
    error=errno.EPERM,
    numbers={
        "mount": (165, 40),
        "umount2": (166, 39),
        "chroot": (161, 51),
        "pivot_root": (155, 41),
        "swapon": (167, 224),
        "swapoff": (168, 225),
        "quotactl": (179, 60),
        "acct": (163, 89),
        "reboot": (169, 142),
        "kexec_load": (246, 104),
        "kexec_file_load": (320, 294),
        "init_module": (175, 105),
        "finit_module": (313, 273),
        "delete_module": (176, 106),
        "iopl": (172, None),
        "ioperm": (173, None),
        "modify_ldt": (154, None),
        "settimeofday": (164, 170),
        "clock_settime": (227, 112),
        "adjtimex": (159, 171),
        "clock_adjtime": (305, 266),
        "sethostname": (170, 161),
        "setdomainname": (171, 162),
        "syslog": (103, 116),
        "vhangup": (153, 58),
        "bpf": (321, 280),
        "perf_event_open": (298, 241),
        "userfaultfd": (323, 282),
        "add_key": (248, 217),
        "request_key": (249, 218),
        "keyctl": (250, 219),
        "io_setup": (206, 0),
        "io_submit": (209, 2),
    },
)

GIVEN_UP = (_HANDLES, _CHANGE_FILES, _USE_NETWORK, _RUN_PROGRAMS, _REACH_PROCESSES, _RULE_MACHINE)

# Allowed where nothing is set by it: threads ask how large a stack may be.
SET_LIMITS = Calls(error=errno.EPERM, numbers={"prlimit64": (302, 261)})

# Allowed to a process about itself: so a library ends it that finds itself broken (abort(3)).
SIGNAL_OTHERS = Calls(
    error=errno.EPERM,
    numbers={"kill": (62, 129), "tgkill": (234, 131), "tkill": (200, 130)},
)

# Allowed for threads, where there are to be some.
MAKE_THREAD = Calls(error=errno.EPERM, numbers={"clone": (56, 220)})
