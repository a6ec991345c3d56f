"""The tables. Alembic's migrations build exactly these; a test compares the two."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware UTC datetime to the microsecond: ``timestamptz`` on PostgreSQL, text in UTC on SQLite."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        stored: datetime = value
        return stored.replace(tzinfo=UTC) if stored.tzinfo is None else stored.astimezone(UTC)


metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

# -- the log ---------------------------------------------------------------------------------------------------------

events = sa.Table(
    "events",
    metadata,
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("key", sa.Text),
    sa.UniqueConstraint("stream", "key"),
)

# -- projections: deleted and folded anew by EventLog.refold ----------------------------------------------------------

conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("learner", sa.Text, nullable=False),
    sa.Column("course", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("last_seq", sa.Integer, nullable=False),
    sa.Column("turns", sa.Integer, nullable=False),
    sa.Column("open_turn", sa.Text),
    sa.Index(None, "learner", "updated_at"),
    sa.Index(None, "open_turn"),
)

#: One row for each message and reply (and the title, as seq 0), folded for search. Rows of their own, so that a long
#: conversation isn't rewritten with every message.
conversation_words = sa.Table(
    "conversation_words",
    metadata,
    sa.Column("conversation", sa.Text, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("words", sa.Text, nullable=False),
)

learners = sa.Table(
    "learners",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("last_seq", sa.Integer, nullable=False),
    sa.Column("profile", sa.Text, nullable=False),
)

# -- people ----------------------------------------------------------------------------------------------------------

accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("username", sa.Text, nullable=False),
    sa.Column("username_folded", sa.Text, nullable=False, unique=True),
    sa.Column("display_name", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("disabled", sa.Boolean, nullable=False),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_hash", sa.Text, primary_key=True),
    sa.Column("account", sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("csrf", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("expires_at", UtcDateTime, nullable=False, index=True),
)

# -- material --------------------------------------------------------------------------------------------------------

courses = sa.Table(
    "courses",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("licence", sa.Text, nullable=False),
    sa.Column("units", sa.Text, nullable=False),
    sa.Column("components", sa.Text, nullable=False),
)

#: Kept when a course is erased, so that a course of the same name never shows an index a revision it has seen.
revisions = sa.Table(
    "revisions",
    metadata,
    sa.Column("course", sa.Text, primary_key=True),
    sa.Column("revision", sa.Integer, nullable=False),
)

documents = sa.Table(
    "documents",
    metadata,
    sa.Column("course", sa.ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("path", sa.Text, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("course_order", sa.Integer, nullable=False),
    sa.Column("breadcrumb", sa.Text, nullable=False),
    sa.Column("language", sa.Text),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("components", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
)

#: A row for each document of a paged or timed medium: ``places`` is a JSON list of ``[start, page, second]``. A table
#: of its own, because a citation needs a document's places and not its text.
anchors = sa.Table(
    "anchors",
    metadata,
    sa.Column("course", sa.Text, primary_key=True),
    sa.Column("document", sa.Text, primary_key=True),
    sa.Column("places", sa.Text, nullable=False),
    sa.ForeignKeyConstraint(["course", "document"], ["documents.course", "documents.path"], ondelete="CASCADE"),
)

passages = sa.Table(
    "passages",
    metadata,
    sa.Column("course", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("heading_path", sa.Text, nullable=False),
    sa.Column("start_offset", sa.Integer, nullable=False),
    sa.Column("end_offset", sa.Integer, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("page", sa.Integer),
    sa.Column("second", sa.Double),
    sa.Column("embedder", sa.Text),
    sa.ForeignKeyConstraint(["course", "document"], ["documents.course", "documents.path"], ondelete="CASCADE"),
    sa.Index(None, "course", "position"),
    sa.Index(None, "course", "document"),
)

items = sa.Table(
    "items",
    metadata,
    sa.Column("course", sa.Text, primary_key=True),
    sa.Column("document", sa.Text, primary_key=True),
    sa.Column("ordinal", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("options", sa.Text, nullable=False),
    sa.Column("answer", sa.Text),
    sa.Column("start_offset", sa.Integer, nullable=False),
    sa.Column("end_offset", sa.Integer, nullable=False),
    sa.Column("question_group", sa.Text, nullable=False),
    sa.ForeignKeyConstraint(["course", "document"], ["documents.course", "documents.path"], ondelete="CASCADE"),
)

# -- the item bank ---------------------------------------------------------------------------------------------------

#: ``data`` is the item as it counts, ``given`` the fingerprint of what its source said when it was put there.
bank = sa.Table(
    "bank",
    metadata,
    sa.Column("course", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("components", sa.Text, nullable=False),
    sa.Column("difficulty", sa.Double, nullable=False),
    sa.Column("variant_of", sa.Text, nullable=False),
    sa.Column("transfer", sa.Boolean, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("data", sa.Text, nullable=False),
    sa.Column("given", sa.Text, nullable=False),
    sa.Column("edited", sa.Boolean, nullable=False),
    sa.Column("decided", sa.Boolean, nullable=False),
    sa.Index(None, "course", "source"),
)

#: Kept when a course is erased, as ``revisions`` is.
bank_revisions = sa.Table(
    "bank_revisions",
    metadata,
    sa.Column("course", sa.Text, primary_key=True),
    sa.Column("revision", sa.Integer, nullable=False),
)

# -- jobs ------------------------------------------------------------------------------------------------------------

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("arguments", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("done", sa.Integer, nullable=False),
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("messages", sa.Text, nullable=False),
    sa.Column("error", sa.Text),
    sa.Column("worker", sa.Text),
    sa.Column("lease_until", UtcDateTime),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("furthest", sa.Integer, nullable=False),
    sa.Index("ix_jobs_status_number", "status", "number"),
    sa.Index(None, "kind", "key"),
)

#: Everybody who has a share in a job, in the order of asking.
job_owners = sa.Table(
    "job_owners",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("job", sa.ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    sa.Column("owner", sa.Text, nullable=False, index=True),
    sa.UniqueConstraint("job", "owner"),
)

# -- films -----------------------------------------------------------------------------------------------------------

#: JSON objects: ``translations`` is the translation artefact by language tag, ``assets`` the SHA-256 by path.
scripts = sa.Table(
    "scripts",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False, index=True),
    sa.Column("course", sa.Text, nullable=False, index=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("format", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("translations", sa.Text, nullable=False),
    sa.Column("assets", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
)

# -- servers ---------------------------------------------------------------------------------------------------------

#: The servers that are running, by the count that each raises while it lives (``tutor.server_ports.Servers``).
servers = sa.Table(
    "servers",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("seat", sa.Text, nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
)
