"""What a confined process takes away from itself before it opens the first file.

Its limits are the system's, so they hold for a parser in C that was taken over as well: no further descriptor, hence no
file and no socket; no file grows or goes; memory and processor time are bounded; no program is started or signalled.
"""

from __future__ import annotations

import contextlib
import resource
import sys
from pathlib import Path

from retrieval.confined.seccomp import give_up_calls

# What Python tells its audit hooks of that a reader of files has no business with.
_ODD = ("open", "socket.", "subprocess.", "os.exec", "os.fork", "os.spawn", "os.posix_spawn", "os.system", "shutil.")


class Confinement:
    """``filtered`` says whether the kernel refuses calls by their number, too (``seccomp``). ``reached`` names what was
    tried that is not allowed; a test of the loaders looks at it."""

    def __init__(self, memory: int, descriptors: int) -> None:
        """From now on. ``memory`` in bytes, on top of what the process has; ``descriptors`` that stay open."""
        self.reached: list[str] = []
        self._lower(resource.RLIMIT_CORE, 0)
        self._lower(resource.RLIMIT_FSIZE, 0)
        self._lower(resource.RLIMIT_NPROC, 0)
        with contextlib.suppress(OSError, IndexError, ValueError):  # only Linux says, and keeps the limit
            pages = int(Path("/proc/self/statm").read_text().split()[0])
            self._lower(resource.RLIMIT_AS, pages * resource.getpagesize() + memory)
        self.filtered = give_up_calls()
        self._lower(resource.RLIMIT_NOFILE, descriptors)
        sys.addaudithook(self._audit)

    def allow(self, seconds: int) -> None:
        """Processor time for one more file."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        soft = int(used.ru_utime + used.ru_stime) + seconds + 1
        resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))

    def _audit(self, event: str, arguments: tuple[object, ...]) -> None:
        if event.startswith(_ODD) and len(self.reached) < 20:
            self.reached.append(f"{event} {arguments[:1]!r}"[:200])

    @staticmethod
    def _lower(which: int, limit: int) -> None:
        hard = resource.getrlimit(which)[1]
        limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(which, (limit, limit))
