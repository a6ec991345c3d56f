"""Where the text of paged and timed documents stands in their files."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "anchors",
        sa.Column("course", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("places", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("course", "document", name="pk_anchors"),
        sa.ForeignKeyConstraint(
            ["course", "document"],
            ["documents.course", "documents.path"],
            name="fk_anchors_documents",
            ondelete="CASCADE",
        ),
    )
