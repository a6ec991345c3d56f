"""The server under test, as an operator runs it: ``diotima serve`` in a process of its own, on SQLite."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from bench._chat_child import PATIENCE, ROOT
from tutor.bootstrap import System, build
from tutor.config import Settings
from tutor.domain.accounts import Account, Role, Session
from tutor.domain.curriculum import Course, KnowledgeComponent, Unit
from tutor.domain.items import read_item
from tutor.services.accounts import token_hash
from tutor.services.indexing import Wanted

COURSE = "light"
MATERIAL = """# Light and leaves

## Why leaves are green

Chlorophyll absorbs red and blue light. It reflects green light, and so leaves look green to us.

## Where sugar comes from

A leaf joins carbon dioxide and water into sugar with the energy of light. Oxygen is left over.
"""
# Far from what the replies of the bench speak of: the guard reads every sentence of them and has nothing to object to.
ITEM: dict[str, Any] = {
    "id": "pores",
    "type": "short_answer",
    "kcs": ["pores"],
    "prompt": "What opens and closes the pores of a leaf, and why?",
    "model_answer": "Guard cells open and close them, to save water.",
    "expectation": [
        {"id": "cells", "text": "Guard cells open and close the pores.", "also": ["guard cells do it"]},
        {"id": "water", "text": "Closed pores keep the plant from losing water.", "also": ["to save water"]},
    ],
}
#: Nothing is limited that the bench wants to see: settings, as an operator has them.
SETTINGS = {
    "DIOTIMA_EMBEDDER": "none",
    "DIOTIMA_FILM_WORKERS": "0",
    "DIOTIMA_MESSAGES_PER_MINUTE": "100000",
    "DIOTIMA_CHAT_TURN_SECONDS": "600",
    "DIOTIMA_LOG_LEVEL": "info",
}


@dataclass(frozen=True)
class Learner:
    """Somebody signed in, with one conversation."""

    cookie: str
    conversation: str

    @property
    def page(self) -> dict[str, str]:
        return {"cookie": self.cookie, "conversation": self.conversation}


def furnish(folder: Path, learners: int, conversations: int = 1) -> list[Learner]:
    """A data folder with a small course and ``learners``, each with so many conversations."""
    values: dict[str, Any] = {"data_dir": folder, "embedder": "none", "film_workers": 0}
    system = build(Settings(_env_file=None, **values))  # type: ignore[call-arg]
    try:
        material = folder / "course"
        material.mkdir(parents=True)
        (material / "leaves.md").write_text(MATERIAL, encoding="utf-8")
        system.ingest.enqueue(Wanted(material, COURSE, "bench", "Light", "en"))
        system.ingest.run_pending()
        pores = KnowledgeComponent("pores", "The pores of a leaf", "leaves")
        course = Course(COURSE, "Light", "en", units=(Unit("leaves", "Leaves"),), components=(pores,))
        system.store.library.put_course(course)
        system.store.bank.put(COURSE, "bench", [read_item(ITEM, COURSE)])
        return asyncio.run(_learners(system, learners, conversations))
    finally:
        system.close()


async def _learners(system: System, count: int, conversations: int) -> list[Learner]:
    found: list[Learner] = []
    now = datetime.now(UTC)
    for place in range(count):
        name, token = f"learner{place}", f"token-of-learner-{place}"
        account = Account(name, name, name.title(), Role.STUDENT, "no password", "en", now)
        system.store.accounts.add(account)
        system.store.sessions.add(Session(token_hash(token), name, f"csrf-{place}", now, now + timedelta(hours=8)))
        for _ in range(conversations):
            conversation = await system.chat.start(account, COURSE, "en")
            found.append(Learner(f"diotima_session={token}", conversation))
    return found


class Served:
    """``diotima serve`` on a free port; ``address`` is its host and port."""

    def __init__(self, folder: Path, changes: Mapping[str, str]) -> None:
        environment = {**os.environ, **SETTINGS, "DIOTIMA_DATA_DIR": str(folder), **changes}
        command = [sys.executable, "-m", "tutor.cli", "serve", "--no-demo", "--offline", "--port", "0"]
        self._log = (folder / "server.log").open("ab")
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=self._log, text=True, cwd=ROOT, env=environment
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if "http://" not in line:
            raise RuntimeError(f"the server did not start: {(folder / 'server.log').read_text()[-2000:]}")
        self.address = line.rpartition("http://")[2].strip()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdout is not None
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self._log.close()


def cpu_seconds(pid: int) -> float:
    """User and system time of the process, all its threads and the children it has waited for, in seconds."""
    # Fields after the command's name, which may hold spaces; 14th to 17th of all.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def resident_kb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])
