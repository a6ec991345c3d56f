"""What every frame of the wire protocol is made of."""

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

Id = Annotated[str, Field(min_length=1, max_length=128)]
Seq = Annotated[int, Field(ge=0)]


class Frame(BaseModel):
    """One JSON object. Fields named in ``OPTIONAL`` are left out when they are None; all others are always there."""

    # Building the validators of thirty classes costs more than the first page; they are built when first used.
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)
    OPTIONAL: ClassVar[frozenset[str]] = frozenset()

    def wire(self) -> str:
        left_out = {name for name in self.OPTIONAL if getattr(self, name) is None} if self.OPTIONAL else None
        return self.model_dump_json(exclude=left_out)


class Durable(Frame):
    """Has its place in the conversation. ``at`` is ISO 8601 with an offset."""

    seq: int
    at: str
