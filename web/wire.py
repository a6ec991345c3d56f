"""From what is recorded and what is live to frames: the one encoder that the socket and SSE share."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from urllib.parse import quote

from tutor.domain import events as e
from tutor.domain.errors import DiotimaError
from tutor.locales import Locale
from tutor.ports import Recorded
from tutor.services.live import Delta, Lagged, LiveEvent
from web import cards
from web import messages as m
from web import question_frames as q
from web.film_frames import FilmFrame
from web.grade_words import Titles, shift_text, worded
from web.places import place_text
from web.reading import fingerprint
from web.views import words


def citation_href(course: str, span: e.CitedSpan) -> str:
    """The page that shows the quote in its place."""
    path = f"/courses/{quote(course, safe='')}/read/{quote(span.document)}"
    page = f"&page={span.page}" if span.page is not None else ""
    return f"{path}?from={span.start}&to={span.end}&is={fingerprint(span.quote)}{page}#quote"


@lru_cache(maxsize=512)
def reply_html(text: str, citations: tuple[e.CitedSpan, ...], course: str) -> str:
    """A reply as sanitised HTML, its markers linked. Cached: a replay renders each reply once."""
    from web.markdown import Marker, render

    return render(text, [Marker(c.number, citation_href(course, c), c.title) for c in citations])


def closing_words(locale: Locale, event: e.TurnFinished | e.TurnInterrupted) -> str | None:
    """Why a turn has no complete reply, in plain words; None when it has."""
    if isinstance(event, e.TurnInterrupted):
        return locale.t("tutor.interrupted")
    if event.outcome == "complete":
        return None
    if event.outcome == "stopped":
        return locale.t("tutor.stopped")
    return words(locale, event.error or "error")


def frame_of(recorded: Recorded, course: str, locale: Locale, titles: Titles = str) -> m.Durable | None:
    """The frame of a durable event; None for an event that the page doesn't need, or that a learner may not see.

    Renders Markdown, and ``titles`` may read the store: not in the loop.
    """
    seq, at = recorded.seq, recorded.at.isoformat()
    match recorded.event:
        case e.MessageSent(turn, client_id, text, parent, edit_of, retry_of, reply=reply):
            return m.MessageFrame(
                seq=seq,
                at=at,
                turn=turn,
                parent=parent,
                client_id=client_id,
                text=text,
                edit_of=edit_of,
                retry_of=retry_of,
                reply=_reply(reply) if reply is not None else None,
            )
        case e.MessageUnderstood() as event:
            return q.Understood(seq=seq, at=at, turn=event.turn, intent=event.intent)
        case e.AnswerGraded() as event:
            return _graded(seq, at, event, locale, titles)
        case e.MoveChosen(turn, closes=True):
            return q.Closed(seq=seq, at=at, turn=turn)
        case e.ItemPosed() as event:
            return q.ItemFrame(
                seq=seq,
                at=at,
                turn=event.turn,
                item=event.item,
                hint=event.hint,
                prompt_html=reply_html(event.prompt, (), course),
                card=cards.shown(event.card),
                reason=worded(locale, f"path.why.{event.reason}", event.facts) if event.reason else "",
                purpose=event.purpose,
            )
        case e.FilmRequested() as event:
            return FilmFrame(
                seq=seq,
                at=at,
                turn=event.turn,
                film=event.job,
                title=event.title,
                language=event.language,
                form=event.form,
                draft=event.draft,
            )
        case e.GradeContested() as event:
            return q.Contested(seq=seq, at=at, turn=event.turn, graded=event.graded)
        case e.GradeReviewed() as event:
            return q.Reviewed(seq=seq, at=at, turn=event.turn, verdict=event.verdict)
        case e.PassagesRetrieved() as event:
            return m.Retrieved(seq=seq, at=at, turn=event.turn, count=len(event.passages), covered=event.covered)
        case e.SentenceSpoken() as event:
            return m.Sentence(seq=seq, at=at, turn=event.turn, offset=event.offset, text=event.text)
        case e.TurnFinished() as event:
            return m.Finished(
                seq=seq,
                at=at,
                turn=event.turn,
                outcome=event.outcome,
                source=event.source,
                text=event.text,
                html=reply_html(event.text, event.citations, course),
                citations=tuple(_citation(c, course, locale) for c in event.citations),
                error=event.error,
                retryable=event.retryable,
                message=closing_words(locale, event),
                actions=event.actions,
            )
        case e.TurnInterrupted() as event:
            message = closing_words(locale, event) or ""
            return m.Interrupted(seq=seq, at=at, turn=event.turn, reason=event.reason, message=message)
        case e.FeedbackGiven() as event:
            return m.FeedbackFrame(seq=seq, at=at, turn=event.turn, rating=event.rating)
        case e.ConversationRenamed() as event:
            return m.Renamed(seq=seq, at=at, title=event.title)
        case e.ConversationDeleted():
            return m.Deleted(seq=seq, at=at)
    return None


def _reply(reply: e.ItemReply) -> m.ReplyFrame:
    return m.ReplyFrame(
        item=reply.item,
        hint=reply.hint,
        selected=reply.selected,
        confidence=reply.confidence,
        action=reply.action,
    )


def _graded(seq: int, at: str, event: e.AnswerGraded, locale: Locale, titles: Titles) -> q.Graded:
    """What the learner may know of a grade: neither which ideas are missing, nor which misconception it shows."""
    return q.Graded(
        seq=seq,
        at=at,
        turn=event.turn,
        item=event.item,
        hint=event.hint,
        verdict=event.verdict,
        note=worded(locale, f"grading.note.{event.note}") if event.note else "",
        reading=event.reading,
        covered=len({*event.covered}),
        total=len({*event.covered, *event.missing, *event.doubtful}),
        shifts=tuple(
            q.Shift(
                kc=shift.kc,
                title=titles(shift.kc),
                before=shift.before,
                after=shift.after,
                text=shift_text(locale, shift),
            )
            for shift in event.shifts
        ),
    )


def _citation(span: e.CitedSpan, course: str, locale: Locale) -> m.CitationFrame:
    return m.CitationFrame(
        number=span.number,
        passage=span.passage,
        document=span.document,
        title=span.title,
        heading_path=span.heading_path,
        quote=span.quote,
        href=citation_href(course, span),
        page=span.page,
        second=span.second,
        place=place_text(locale, span.document, span.page, span.second),
    )


def replay(recorded: Sequence[Recorded], course: str, locale: Locale, titles: Titles = str) -> list[m.Durable]:
    """Frames of a stretch of the log. Sentences of a turn that ends within it are left out: its end has the text."""
    ended = {r.event.turn for r in recorded if isinstance(r.event, e.TurnFinished | e.TurnInterrupted)}
    frames = (
        frame_of(r, course, locale, titles)
        for r in recorded
        if not (isinstance(r.event, e.SentenceSpoken) and r.event.turn in ended)
    )
    return [frame for frame in frames if frame is not None]


def joined(events: Iterable[LiveEvent]) -> list[LiveEvent]:
    """The same with neighbouring deltas of a turn joined into one: what a sender that lags behind has to send."""
    found: list[LiveEvent] = []
    for event in events:
        last = found[-1] if found else None
        if (
            isinstance(event, Delta)
            and isinstance(last, Delta)
            and last.turn == event.turn
            and last.offset <= event.offset <= last.offset + len(last.text)
        ):
            found[-1] = Delta(last.turn, last.offset, last.text[: event.offset - last.offset] + event.text)
        else:
            found.append(event)
        if isinstance(event, Lagged):
            break
    return found


def error_frame(error: DiotimaError, locale: Locale, client_id: str | None = None) -> m.ErrorFrame:
    retry_after = error.data.get("retry_after")
    return m.ErrorFrame(
        code=error.code,
        message=words(locale, error.code, **error.data),
        retryable=error.retryable,
        client_id=client_id,
        retry_after=retry_after if isinstance(retry_after, int) else None,
    )
