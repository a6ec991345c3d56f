"""What is taught: a course, its units and its knowledge components (KCs)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    id: str
    title: str


@dataclass(frozen=True)
class KnowledgeComponent:
    """The smallest thing a learner can master. ``prerequisites`` are ids of other components of the course.

    ``derived``: nobody named it; it stands for a document of a course that has no components of its own.
    """

    id: str
    title: str
    unit: str
    objective: str = ""
    prerequisites: tuple[str, ...] = ()
    derived: bool = False


@dataclass(frozen=True)
class Course:
    """``id`` is a slug; ``language`` a BCP 47 tag of the material."""

    id: str
    title: str
    language: str = "en"
    description: str = ""
    licence: str = ""
    units: tuple[Unit, ...] = ()
    components: tuple[KnowledgeComponent, ...] = ()
