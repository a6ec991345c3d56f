"""Full-text search in a SQLite file (FTS5, BM25), one table a course.

The file belongs to one machine and can be deleted at any time: it is rebuilt from passages. It also holds the passages
themselves, so that a search reads nothing else. Text enters as index terms (``retrieval.terms``), a question
likewise, so nothing a user types ever reaches FTS5's query syntax.
"""

# ruff: noqa: S608 (the only names put into SQL are table numbers of our own; every value is a parameter)

from __future__ import annotations

import json
import math
import sqlite3
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from retrieval.terms import foreign_terms, query_terms, terms
from retrieval.text_file import TextFile
from retrieval.values import ItemMaterial, Passage

PREFIX_WEIGHT = 2.0  # of a word in the prefix against one in the text
RECENT = 10_000  # passages whose terms are kept in memory, about 15 MB
MOST_TERMS = 64  # of a question; the rarest are kept
COMMON = 1.6  # the inverse document frequency of a term that a fifth of the passages hold
ENOUGH_RARE = 2
SHARED = 3.5  # of a term that one passage in thirty holds


@dataclass(frozen=True, slots=True)
class LexicalMatch:
    """A passage's id and its BM25 score for a question; larger is better."""

    passage_id: str
    score: float


@dataclass(frozen=True, slots=True)
class LexicalMatches:
    """Matches, best first, and the inverse document frequency of every term of the question."""

    matches: tuple[LexicalMatch, ...]
    idf: Mapping[str, float]


class LexicalIndex:
    """Text search. Safe to share between threads: every thread has its own connection, writers take turns.

    ``path`` is a file, made where missing. Methods raise ``IndexUnavailable`` where SQLite fails.
    """

    def __init__(self, path: Path) -> None:
        self._file = TextFile(path)
        self._recent: dict[tuple[int, str], str] = {}
        self._recent_lock = threading.Lock()

    # -- writing

    def add(self, course: str, passages: Iterable[Passage], language: str = "en") -> int:
        """Add or replace passages; how many. ``language`` is the course's and counts when it is first seen."""
        rows = list(passages)
        with self._file.write() as db:
            number, language = self._course(db, course, language, create=True)
            self._delete(db, number, [row.id for row in rows])
            for row in rows:
                cursor = db.execute(
                    "INSERT INTO passages (course, id, document, ordinal, heading_path, start, stop, text, position,"
                    " page, second) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        number,
                        row.id,
                        row.document,
                        row.ordinal,
                        json.dumps(row.heading_path, ensure_ascii=False),
                        row.start,
                        row.end,
                        row.text,
                        row.position,
                        row.page,
                        row.second,
                    ),
                )
                db.execute(
                    f"INSERT INTO text_{number} (rowid, prefix, body, key) VALUES (?, ?, ?, ?)",
                    (
                        cursor.lastrowid,
                        " ".join(terms(row.prefix, language)),
                        " ".join(terms(row.text, language)),
                        row.id,
                    ),
                )
            self._recount(db, number)
        return len(rows)

    def set_exercises(self, course: str, items: Iterable[ItemMaterial], language: str = "en") -> None:
        """Replace what is known of a course's exercises: the terms of their questions and of their model answers.

        They are never searched; ``model_answers`` recognises a question that repeats one. Options of multiple choice
        are left out: their few words belong in the passage that teaches them.
        """
        with self._file.write() as db:
            number, language = self._course(db, course, language, create=True)
            db.execute("DELETE FROM model_answers WHERE course = ?", (number,))
            for item in items:
                if item.answer and not item.options:
                    answer = " ".join(query_terms(item.answer, language))
                    key = _question_key(item.question, language)
                    if key and answer:
                        db.execute("INSERT INTO model_answers VALUES (?, ?, ?)", (number, key, answer))

    def remove(self, course: str, ids: Iterable[str]) -> int:
        """Remove passages by id; how many were there."""
        with self._file.write() as db:
            number, _ = self._course(db, course)
            return self._delete(db, number, list(ids)) if number else 0

    def remove_document(self, course: str, document: str) -> tuple[str, ...]:
        """Remove every passage of a document; their ids."""
        with self._file.write() as db:
            number, _ = self._course(db, course)
            if not number:
                return ()
            found = db.execute("SELECT id FROM passages WHERE course = ? AND document = ?", (number, document))
            ids = tuple(row[0] for row in found.fetchall())
            self._delete(db, number, ids)
            return ids

    def remove_course(self, course: str) -> None:
        """Forget a course and its language."""
        with self._file.write() as db:
            number, _ = self._course(db, course)
            if number:
                db.execute(f"DROP TABLE IF EXISTS vocabulary_{number}")
                db.execute(f"DROP TABLE IF EXISTS text_{number}")
                db.execute("DELETE FROM passages WHERE course = ?", (number,))
                db.execute("DELETE FROM model_answers WHERE course = ?", (number,))
                db.execute("DELETE FROM courses WHERE number = ?", (number,))

    def reposition(self, course: str, positions: Mapping[str, int]) -> None:
        """Set the positions of passages that stayed the same while the course around them changed."""
        with self._file.write() as db:
            number, _ = self._course(db, course)
            db.executemany(
                "UPDATE passages SET position = ? WHERE course = ? AND id = ?",
                [(position, number, key) for key, position in positions.items()],
            )

    # -- reading

    def search(self, course: str, question: str, k: int = 50) -> LexicalMatches:
        """The ``k`` best passages by BM25; empty for an unknown course or a question without words."""
        with self._file.read() as db:
            number, language = self._course(db, course)
            if not number:
                return LexicalMatches((), {})
            idf = self._idf(db, number, query_terms(question, language))
            if not idf:
                return LexicalMatches((), {})
            return LexicalMatches(self._best(db, number, _telling(idf, self._count(db, number)), k), idf)

    def shared(self, course: str, question: str, spoken: str, k: int = 20) -> LexicalMatches:
        """As ``search``, for a question in another language: only words that both write alike count, names and numbers
        above all, and only rare ones, since a common one is likely to mean something else there."""
        with self._file.read() as db:
            number, language = self._course(db, course)
            total = self._count(db, number) if number else 0
            idf = self._idf(db, number, foreign_terms(question, spoken, language)) if total else {}
            nowhere = math.log(1 + (total + 0.5) / 0.5)
            idf = {term: weight for term, weight in idf.items() if SHARED < weight < nowhere}
            if not idf:
                return LexicalMatches((), {})
            return LexicalMatches(self._best(db, number, list(idf), k), idf)

    def passages(self, course: str, ids: Sequence[str]) -> dict[str, Passage]:
        """The passages of these ids that the course has."""
        with self._file.read() as db:
            number, _ = self._course(db, course)
            marks = ",".join("?" * len(ids))
            rows = db.execute(
                "SELECT id, document, ordinal, heading_path, start, stop, text, position, page, second FROM passages"
                f" WHERE course = ? AND id IN ({marks})",
                (number, *ids),
            )
            return {
                row[0]: Passage(
                    id=row[0],
                    course=course,
                    document=row[1],
                    ordinal=row[2],
                    heading_path=tuple(json.loads(row[3])),
                    start=row[4],
                    end=row[5],
                    text=row[6],
                    position=row[7],
                    page=row[8],
                    second=row[9],
                )
                for row in rows
            }

    def term_texts(self, course: str, ids: Sequence[str]) -> dict[str, str]:
        """The index terms of passages, prefix included, as one text: ``" cell membran "``, a blank at either end.

        Kept in memory for the passages asked for lately: a passage's id names its content, so they never change.
        """
        with self._file.read() as db:
            number, _ = self._course(db, course)
            with self._recent_lock:
                found = {key: self._recent[number, key] for key in ids if (number, key) in self._recent}
            missing = [key for key in ids if key not in found]
            if missing and number:
                marks = ",".join("?" * len(missing))
                rows = db.execute(
                    f"SELECT id, prefix, body FROM passages JOIN text_{number} ON text_{number}.rowid = passages.number"
                    f" WHERE course = ? AND id IN ({marks})",
                    (number, *missing),
                )
                new = {key: f" {prefix} {body} " for key, prefix, body in rows}
                found |= new
                with self._recent_lock:
                    if len(self._recent) + len(new) > RECENT:
                        self._recent.clear()
                    self._recent.update({(number, key): text for key, text in new.items()})
            return found

    def model_answers(self, course: str, question: str) -> tuple[frozenset[str], ...]:
        """The terms of the model answers of exercises that ``question`` repeats, word order and small words apart."""
        with self._file.read() as db:
            number, language = self._course(db, course)
            key = _question_key(question, language)
            rows = db.execute("SELECT answer FROM model_answers WHERE course = ? AND question = ?", (number, key))
            return tuple(frozenset(row[0].split()) for row in rows)

    def positions(self, course: str, ids: Sequence[str]) -> dict[str, int]:
        """Where in the course these passages stand."""
        with self._file.read() as db:
            number, _ = self._course(db, course)
            marks = ",".join("?" * len(ids))
            rows = db.execute(f"SELECT id, position FROM passages WHERE course = ? AND id IN ({marks})", (number, *ids))
            return dict(rows.fetchall())

    def count(self, course: str) -> int:
        """How many passages a course has."""
        with self._file.read() as db:
            number, _ = self._course(db, course)
            return self._count(db, number)

    def ids(self, course: str) -> frozenset[str]:
        """The ids of a course's passages."""
        with self._file.read() as db:
            number, _ = self._course(db, course)
            rows = db.execute("SELECT id FROM passages WHERE course = ?", (number,)).fetchall()
            return frozenset(row[0] for row in rows)

    def language(self, course: str) -> str | None:
        """The language a course was indexed in."""
        with self._file.read() as db:
            number, language = self._course(db, course)
            return language if number else None

    def revision(self, course: str) -> int:
        """What ``set_revision`` last noted; 0 for a course that is not here, so that it is rebuilt."""
        with self._file.read() as db:
            row = db.execute("SELECT revision FROM courses WHERE name = ?", (course,)).fetchone()
            return int(row[0]) if row else 0

    def set_revision(self, course: str, revision: int) -> None:
        """Note which state of the course's passages this file holds, and merge the index into one piece.

        Call it when a round of changes is complete: searching one piece takes two thirds of the time.
        """
        with self._file.write() as db:
            number, _ = self._course(db, course)
            if number:
                db.execute(f"INSERT INTO text_{number} (text_{number}) VALUES ('optimize')")
            db.execute("UPDATE courses SET revision = ? WHERE name = ?", (revision, course))

    def close(self) -> None:
        """Close every thread's connection."""
        self._file.close()

    # -- inside

    def _best(self, db: sqlite3.Connection, number: int, wanted: Sequence[str], k: int) -> tuple[LexicalMatch, ...]:
        query = " OR ".join(f'"{term}"' for term in wanted)
        rows = db.execute(
            f"SELECT key, -rank FROM text_{number} WHERE text_{number} MATCH ? ORDER BY rank LIMIT ?", (query, k)
        )
        return tuple(LexicalMatch(key, score) for key, score in rows)

    def _idf(self, db: sqlite3.Connection, number: int, wanted: Sequence[str]) -> dict[str, float]:
        if not wanted:
            return {}
        total = self._count(db, number)
        marks = ",".join("?" * len(wanted))
        rows = db.execute(
            f"SELECT term, doc FROM vocabulary_{number} WHERE term IN ({marks})", tuple(wanted)
        ).fetchall()
        used = dict(rows)
        idf = {term: math.log(1 + (total - used.get(term, 0) + 0.5) / (used.get(term, 0) + 0.5)) for term in wanted}
        if len(idf) > MOST_TERMS:
            rarest = sorted((term for term in idf if term in used), key=lambda term: -idf[term])[:MOST_TERMS]
            idf = {term: idf[term] for term in rarest}
        return idf

    def _count(self, db: sqlite3.Connection, number: int) -> int:
        row = db.execute("SELECT passages FROM courses WHERE number = ?", (number,)).fetchone()
        return int(row[0]) if row else 0

    def _recount(self, db: sqlite3.Connection, number: int) -> None:
        """Counting on every search would read the whole index of a large course."""
        db.execute(
            "UPDATE courses SET passages = (SELECT count(*) FROM passages WHERE course = ?1) WHERE number = ?1",
            (number,),
        )

    def _course(
        self, db: sqlite3.Connection, name: str, language: str = "", *, create: bool = False
    ) -> tuple[int, str]:
        row = db.execute("SELECT number, language FROM courses WHERE name = ?", (name,)).fetchone()
        if row:
            return int(row[0]), str(row[1])
        if not create:
            return 0, ""
        cursor = db.execute("INSERT INTO courses (name, language) VALUES (?, ?)", (name, language))
        number = cursor.lastrowid or 0
        db.execute(
            f"CREATE VIRTUAL TABLE text_{number} USING fts5(key UNINDEXED, prefix, body,"
            " tokenize = \"unicode61 remove_diacritics 0 categories 'L* N* Co Mn Mc Cf'\")"
        )
        db.execute(f"INSERT INTO text_{number} (text_{number}, rank) VALUES ('rank', 'bm25(0, {PREFIX_WEIGHT}, 1.0)')")
        db.execute(f"CREATE VIRTUAL TABLE vocabulary_{number} USING fts5vocab(text_{number}, 'row')")
        return number, language

    def _delete(self, db: sqlite3.Connection, number: int, ids: Sequence[str]) -> int:
        gone = 0
        for key in ids:
            row = db.execute("SELECT number FROM passages WHERE course = ? AND id = ?", (number, key)).fetchone()
            if row:
                db.execute(f"DELETE FROM text_{number} WHERE rowid = ?", row)
                db.execute("DELETE FROM passages WHERE number = ?", row)
                gone += 1
        if gone:
            self._recount(db, number)
        return gone


def _telling(idf: Mapping[str, float], total: int) -> list[str]:
    """The terms worth asking the index for. A term in a fifth of all passages hardly moves a score and costs most of
    the time, so it is left out where rarer ones remain; a term in no passage finds nothing and is no such one."""
    nowhere = math.log(1 + (total + 0.5) / 0.5)
    rare = [term for term, weight in idf.items() if COMMON < weight < nowhere]
    return rare if len(rare) >= ENOUGH_RARE else list(idf)


def _question_key(question: str, language: str) -> str:
    return " ".join(sorted(query_terms(question, language)))
