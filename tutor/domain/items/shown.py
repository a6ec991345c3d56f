"""How things of an item are shown so that neither their ids nor their order tell the answer.

Order and ids depend on the item alone and never on who looks or when: so "the second" typed into the chat means the
same to the page that shows and to the function that grades, and a card drawn again after a reload is the same card.
"""

import hashlib
from collections.abc import Sequence

from tutor.domain.items.item import Item


def shown_id(item: Item, what: str, name: str) -> str:
    """An id that says nothing of where the thing belongs; stable for the item. ``what`` is a kind, such as "step"."""
    return hashlib.sha256(f"{item.course}\0{item.id}\0{what}\0{name}".encode()).hexdigest()[:10]


def shuffled(item: Item, what: str, names: Sequence[str]) -> tuple[int, ...]:
    """Positions in the order in which to show the things called ``names``: never the order given, if there is another.

    ``shuffled(...)[0]`` is the position, in ``names``, of what is shown first.
    """
    order = sorted(range(len(names)), key=lambda at: shown_id(item, f"order of {what}", f"{at}\0{names[at]}"))
    if order == sorted(order) and len(order) > 1:
        order = order[1:] + order[:1]
    return tuple(order)
