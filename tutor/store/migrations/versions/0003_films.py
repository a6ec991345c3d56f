"""Jobs with several owners, a priority, a version and parts; and scripts of films."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    # Made anew rather than altered: the same on SQLite, which can't alter, and on PostgreSQL, and exactly the tables.
    op.execute("CREATE TABLE jobs_before AS SELECT * FROM jobs")
    op.drop_table("jobs")
    op.create_table(
        "jobs",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("arguments", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("messages", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("furthest", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_jobs"),
        sa.UniqueConstraint("id", name="uq_jobs_id"),
    )
    op.create_index("ix_jobs_status_number", "jobs", ["status", "number"], unique=False)
    op.create_index("ix_jobs_kind_key", "jobs", ["kind", "key"], unique=False)
    op.create_table(
        "job_owners",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_job_owners"),
        sa.UniqueConstraint("job", "owner", name="uq_job_owners_job_owner"),
        sa.ForeignKeyConstraint(["job"], ["jobs.id"], name="fk_job_owners_jobs", ondelete="CASCADE"),
    )
    op.create_index("ix_job_owners_owner", "job_owners", ["owner"], unique=False)
    kept = (
        "number, id, kind, key, arguments, status, created_at, updated_at, done, total, stage, messages, error,"
        " worker, lease_until, attempts"
    )
    op.execute(
        f"INSERT INTO jobs ({kept}, priority, version, detail, furthest)"  # noqa: S608 -- our own column names
        f" SELECT {kept}, 0, '', '{{}}', 0 FROM jobs_before"
    )
    op.execute("INSERT INTO job_owners (job, owner) SELECT id, owner FROM jobs_before WHERE owner IS NOT NULL")
    op.execute("DROP TABLE jobs_before")
    if op.get_bind().dialect.name == "postgresql":
        # The new table's counter goes on where the old one was.
        op.execute("SELECT setval('jobs_number_seq', (SELECT max(number) FROM jobs)) WHERE EXISTS (SELECT 1 FROM jobs)")
    op.create_table(
        "scripts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("course", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("translations", sa.Text(), nullable=False),
        sa.Column("assets", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_scripts"),
    )
    op.create_index("ix_scripts_course", "scripts", ["course"], unique=False)
    op.create_index("ix_scripts_owner", "scripts", ["owner"], unique=False)
