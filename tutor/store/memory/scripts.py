"""Scripts of films in memory."""

import threading
from dataclasses import replace

from tutor.domain.errors import InvalidInput, NotFound, SequenceConflict
from tutor.domain.films import Script
from tutor.ports import Clock


class MemoryScripts:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._scripts: dict[str, Script] = {}

    def add(self, script: Script) -> None:
        with self._lock:
            if script.id in self._scripts:
                raise InvalidInput("this id is taken")
            self._scripts[script.id] = script

    def get(self, script: str) -> Script | None:
        with self._lock:
            return self._scripts.get(script)

    def listed(self, *, owner: str | None = None, course: str | None = None) -> tuple[Script, ...]:
        with self._lock:
            found = [
                one for one in self._scripts.values() if owner in (None, one.owner) and course in (None, one.course)
            ]
        return tuple(sorted(found, key=lambda one: (one.updated_at, one.id), reverse=True))

    def save(self, script: Script) -> Script:
        with self._lock:
            known = self._scripts.get(script.id)
            if known is None:
                raise NotFound("There is no such script.")
            if known.revision != script.revision:
                raise SequenceConflict("the script has changed meanwhile", revision=known.revision)
            saved = replace(
                script,
                owner=known.owner,
                created_at=known.created_at,
                updated_at=self._clock(),
                revision=script.revision + 1,
            )
            self._scripts[script.id] = saved
            return saved

    def remove(self, script: str) -> None:
        with self._lock:
            self._scripts.pop(script, None)

    def forget(self, owner: str) -> int:
        with self._lock:
            mine = [one for one in self._scripts.values() if one.owner == owner]
            for one in mine:
                if one.course:
                    self._scripts[one.id] = replace(one, owner="")
                else:
                    del self._scripts[one.id]
            return len(mine)
