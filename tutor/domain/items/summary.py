"""What choosing the next question needs to know of an item: light enough to hold a whole course of them."""

from dataclasses import dataclass

from tutor.domain.items.item import Item, Origin, State


@dataclass(frozen=True, slots=True)
class ItemSummary:
    """A row of the item bank without its text. ``difficulty`` is in logits, as in ``Item``."""

    id: str
    kcs: tuple[str, ...] = ()
    type: str = "short_answer"
    difficulty: float = 0.0
    variant_of: str = ""
    transfer: bool = False
    state: State = "approved"
    origin: Origin = "authored"


def summary(item: Item) -> ItemSummary:
    return ItemSummary(
        item.id, item.kcs, item.type, item.difficulty, item.variant_of, item.transfer, item.state, item.origin
    )
