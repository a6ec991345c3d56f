"""Calls to the Linux kernel that a confined process gives up: those that reach beyond it without opening anything.

Limits on descriptors keep a parser that was taken over from files and sockets, but not from deleting a file by its name
or sending a signal to the server. A seccomp filter does. Elsewhere than on Linux, and on processors that aren't listed,
the limits alone must do.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import struct

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER = 38, 22, 2
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06  # of the kernel's filter language
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # where a call's parts stand
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050001, 0x80000000  # refused with "operation not permitted"

# By processor: the kernel's name for it, calls given up, and calls that may only mean this very process.
_CALLS: dict[str, tuple[int, tuple[int, ...], tuple[int, ...]]] = {
    "x86_64": (
        0xC000003E,
        (
            *(41, 42, 53, 49, 50, 43, 288),  # socket, connect, socketpair, bind, listen, accept, accept4
            *(56, 57, 58, 435, 59, 322),  # clone, fork, vfork, clone3, execve, execveat
            *(101, 310, 311, 434, 424, 438),  # ptrace, process_vm_*, pidfd_*
            *(87, 263, 84, 82, 264, 316),  # unlink, unlinkat, rmdir, rename, renameat, renameat2
            *(83, 258, 133, 259, 86, 265, 88, 266),  # mkdir, mknod, link, symlink and their kin
            *(90, 268, 452, 92, 94, 260, 76),  # chmod, chown, truncate and their kin
            *(132, 235, 261, 280, 188, 189, 197, 198),  # times and attributes of files
            *(165, 166, 155, 161, 272, 308),  # mount, umount2, pivot_root, chroot, unshare, setns
            *(425, 321, 323, 248, 249, 250, 298, 200),  # io_uring, bpf, userfaultfd, keys, perf_event_open, tkill
        ),
        (62, 234),  # kill, tgkill
    ),
    "aarch64": (
        0xC00000B7,
        (
            *(198, 203, 199, 200, 201, 202, 242),
            *(220, 435, 221, 281),
            *(117, 270, 271, 434, 424, 438),
            *(35, 38, 276),
            *(34, 33, 37, 36),
            *(53, 452, 54, 45),
            *(88, 5, 6, 14, 15),
            *(40, 39, 41, 51, 97, 268),
            *(425, 280, 282, 217, 218, 219, 241, 130),
        ),
        (129, 131),
    ),
}


def give_up_calls() -> bool:
    """From now on; whether it could be done."""
    known = _CALLS.get(platform.machine())
    if known is None or platform.system() != "Linux":
        return False
    program = _program(*known, os.getpid())
    steps = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog: a count of steps of 8 bytes, and where they are.
    whole = struct.pack("@HP", len(program) // 8, ctypes.addressof(steps))
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
        library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        place = ctypes.create_string_buffer(whole, len(whole))
        return bool(library.prctl(_PR_SET_SECCOMP, _FILTER, ctypes.addressof(place), 0, 0) == 0)
    return False


def _program(architecture: int, refused: tuple[int, ...], own: tuple[int, ...], process: int) -> bytes:
    """The filter: another processor's calls kill, ``refused`` are refused, ``own`` are for ``process`` alone."""
    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    for number in refused:
        steps += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _REFUSE)]
    for number in own:
        steps += [
            (_EQUAL, 0, 4, number),
            (_LOAD, 0, 0, _FIRST_ARGUMENT),
            (_EQUAL, 0, 1, process),
            (_RETURN, 0, 0, _ALLOW),
            (_RETURN, 0, 0, _REFUSE),
        ]
    return b"".join(struct.pack("<HBBI", *step) for step in (*steps, (_RETURN, 0, 0, _ALLOW)))
