"""``MemoryStore``: the shipped fake, every store port in this process's memory.

It keeps the contract of the SQL store to the letter (one suite runs on both), checks events through the same codec,
and is safe to use from several threads.
"""

from tutor.store.memory.store import MemoryStore

__all__ = ["MemoryStore"]
