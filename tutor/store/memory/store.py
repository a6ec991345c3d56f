"""The store in memory."""

from tutor.ports import (
    Accounts,
    Clock,
    Conversations,
    EventLog,
    ItemBank,
    JobQueue,
    Learners,
    Library,
    NewId,
    Scripts,
    Servers,
    Sessions,
)
from tutor.store.codec import default_codec
from tutor.store.defaults import new_id as default_new_id
from tutor.store.defaults import utc_now
from tutor.store.memory.accounts import MemoryAccounts, MemorySessions
from tutor.store.memory.bank import MemoryItemBank
from tutor.store.memory.jobs import MemoryJobQueue
from tutor.store.memory.library import MemoryLibrary
from tutor.store.memory.log import MemoryEventLog
from tutor.store.memory.scripts import MemoryScripts
from tutor.store.memory.servers import MemoryServers


class MemoryStore:
    """Everything in memory; gone when the process ends."""

    def __init__(self, *, clock: Clock = utc_now, new_id: NewId = default_new_id, max_attempts: int = 3) -> None:
        log, sessions = MemoryEventLog(default_codec(), clock), MemorySessions()
        self.log: EventLog = log
        self.conversations: Conversations = log
        self.learners: Learners = log
        self.sessions: Sessions = sessions
        self.accounts: Accounts = MemoryAccounts(sessions)
        self.library: Library = MemoryLibrary()
        self.bank: ItemBank = MemoryItemBank()
        self.jobs: JobQueue = MemoryJobQueue(clock, new_id, max_attempts)
        self.scripts: Scripts = MemoryScripts(clock)
        self.servers: Servers = MemoryServers()

    def scrub(self) -> None:
        """Nothing to do: what was erased left no trace outside this process."""

    def close(self) -> None:
        """Nothing to close."""
