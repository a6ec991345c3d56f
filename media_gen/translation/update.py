"""Bringing a translation up to date with its lesson: only what is new or has changed is translated."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from media_gen.lesson import Lesson, Term
from media_gen.translation.artefact import Entry, State, Translation, text_hash
from media_gen.translation.drafting import Draft, Progress, draft
from media_gen.translation.port import Translator
from media_gen.translation.segments import SAY, Segment, segments


@dataclass(frozen=True)
class Plan:
    """What a lesson needs of its translation.

    ``unchanged`` and ``moved`` (the same text in another place) keep their translation; ``changed`` stood there with an
    earlier text, ``new`` did not. ``retired`` are entries whose place the lesson has no more. A sentence's ``say`` is
    in none of them: it is its author's, never a machine's.
    """

    unchanged: tuple[tuple[Segment, Entry], ...]
    moved: tuple[tuple[Segment, Entry], ...]
    changed: tuple[tuple[Segment, Entry], ...]
    new: tuple[Segment, ...]
    says: tuple[tuple[Segment, Entry | None], ...]
    retired: tuple[Entry, ...]

    @property
    def wanted(self) -> tuple[Segment, ...]:
        """What is to be translated, in the order of the lesson only within each kind."""
        return (*(segment for segment, _ in self.changed), *self.new)


def plan(lesson: Lesson, translation: Translation) -> Plan:
    """Compare by place and by the source's hash. Pure."""
    by_key = {entry.key: entry for entry in translation.entries}
    every = [s for s in segments(lesson) if not s.fixed or (s.key in by_key and by_key[s.key].hash == s.hash)]
    prose = [segment for segment in every if segment.kind != SAY]
    same = {s.key: by_key[s.key] for s in prose if s.key in by_key and by_key[s.key].hash == s.hash}
    unchanged = {key: entry for key, entry in same.items() if entry.translation}
    here = {segment.key for segment in every}
    # Of the same text, prefer an entry that has lost its place, then one of another place, then one of the past.
    lost = [entry for entry in translation.entries if entry.key not in unchanged]
    known: dict[str, Entry] = {}
    for entry in (*lost, *unchanged.values(), *translation.retired):
        if entry.translation:
            known.setdefault(entry.hash, entry)
    moved = {s.key: known[s.hash] for s in prose if s.key not in unchanged and s.hash in known}
    taken = {id(entry) for entry in moved.values()}
    changed = {
        s.key: by_key[s.key]
        for s in prose
        if s.key in by_key and s.key not in same and s.key not in moved and id(by_key[s.key]) not in taken
    }
    gone = [e for e in translation.entries if id(e) not in taken and e.key not in here]
    return Plan(
        unchanged=tuple((s, unchanged[s.key]) for s in prose if s.key in unchanged),
        moved=tuple((s, moved[s.key]) for s in prose if s.key in moved),
        changed=tuple((s, changed[s.key]) for s in prose if s.key in changed),
        new=tuple(s for s in prose if s.key not in unchanged and s.key not in moved and s.key not in changed),
        says=tuple((s, by_key.get(s.key)) for s in every if s.kind == SAY),
        retired=(
            *(e for e in gone if e.translation or e.was or e.note),
            *(e for e in translation.retired if id(e) not in taken),
        ),
    )


def update(
    lesson: Lesson,
    translation: Translation,
    translator: Translator | None = None,
    *,
    progress: Progress = lambda done, total: None,
) -> Translation:
    """The translation with an entry for every segment of the lesson, in its order.

    With a translator, what is new or has changed gets a draft; without one it waits as *missing*. Wording that a person
    wrote for a text that changed stays beside it as ``was``. Nobody's reviewed text is ever replaced.

    Raises ``CannotTranslate`` or ``TranslationFailed``; the translation that was given is untouched then.
    """
    due = plan(lesson, translation)
    drafts: Mapping[str, Draft] = {}
    if translator is not None and due.wanted:
        drafts = draft(
            translator,
            due.wanted,
            source=lesson.language,
            target=translation.language,
            terms=glossary(lesson, translation),
            title=lesson.title,
            progress=progress,
        )
    made: dict[str, Entry] = {s.key: replace(e, kind=s.kind, source=s.text) for s, e in due.unchanged}
    made |= {s.key: _moved(s, e, copied=e.key in made) for s, e in due.moved}
    carried = {id(entry) for _, entry in due.moved}
    earlier = {entry.key: entry for entry in translation.entries if id(entry) not in carried}
    made |= {s.key: _drafted(s, earlier.get(s.key), drafts.get(s.key), translator) for s in due.wanted}
    made |= {s.key: _say(s, entry) for s, entry in due.says}
    order = [segment.key for segment in segments(lesson) if segment.key in made]
    return replace(
        translation,
        source_language=lesson.language,
        title=lesson.title,
        entries=tuple(made[key] for key in order),
        retired=due.retired,
    )


def started(lesson: Lesson, language: str) -> Translation:
    """An empty translation of the lesson: every segment, none translated."""
    return update(lesson, Translation(lesson.language, language))


def glossary(lesson: Lesson, translation: Translation) -> tuple[Term, ...]:
    """The file's terms, then the lesson's own that the file doesn't settle."""
    settled = {term.term for term in translation.terms}
    return (*translation.terms, *(term for term in lesson.glossary if term.term not in settled))


def _moved(segment: Segment, entry: Entry, *, copied: bool) -> Entry:
    """Approval moves along with its text; a copy in a second place is a person's wording, not yet approved there."""
    state = State.EDITED if copied and entry.state is State.APPROVED else entry.state
    return replace(entry, key=segment.key, kind=segment.kind, source=segment.text, hash=segment.hash, state=state)


def _say(segment: Segment, entry: Entry | None) -> Entry:
    fresh = Entry(segment.key, segment.kind, segment.text, segment.hash)
    if entry is None or entry.hash == segment.hash:
        return entry or fresh
    return replace(
        fresh, was=entry.translation or entry.was, was_source=entry.source, note=entry.note, extra=entry.extra
    )


def _drafted(segment: Segment, earlier: Entry | None, made: Draft | None, translator: Translator | None) -> Entry:
    fresh = Entry(segment.key, segment.kind, segment.text, segment.hash)
    if earlier is not None:
        reviewed = earlier.reviewed and earlier.translation
        fresh = replace(
            fresh,
            was=earlier.translation if reviewed else earlier.was,
            was_source=earlier.source if reviewed else earlier.was_source,
            note=earlier.note,
            extra=earlier.extra,
        )
    if made is None or translator is None:
        return fresh
    fresh = replace(fresh, engine="" if translator.person else translator.name, problem=made.problem)
    if not made.text:
        return fresh
    return replace(
        fresh,
        translation=made.text,
        state=State.EDITED if translator.person else State.DRAFT,
        weak=translator.weak or made.pieced,
        drafted="" if translator.person else text_hash(made.text),
    )
