"""Question types, one file each; the registry that reads, writes, grades and shows them (see ``item``).

A type is a module with ``TYPE``, ``read``, ``write``, ``grade``, ``card``, ``answers``, ``solution`` and ``EXAMPLES``
(its self-tests). Adding one is writing its file and naming it in ``TYPES``. What is common to all items is in
``form``.
"""

from tutor.domain.items.form import as_item, grade_hint, hint_card, read_item, write_item
from tutor.domain.items.registry import TYPES, answers, card, grade, solution

__all__ = [
    "TYPES",
    "answers",
    "as_item",
    "card",
    "grade",
    "grade_hint",
    "hint_card",
    "read_item",
    "solution",
    "write_item",
]
