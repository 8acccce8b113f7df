"""Remedies that wait for approval, and who asked for them."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_STATES = """
ALTER TABLE remedy
    DROP CONSTRAINT remedy_state_check,
    ADD CONSTRAINT remedy_state_check CHECK (state IN ({states}))"""
_COLUMNS = """
ALTER TABLE remedy
    ADD COLUMN cause text NOT NULL DEFAULT '',
    ADD COLUMN origin text NOT NULL DEFAULT 'BUYER'
        CHECK (origin IN ('BUYER', 'BOX_OFFICE', 'POLICY')),
    ADD COLUMN form_reference text NOT NULL DEFAULT ''"""
# What staff of a cinema have to decide on.
_AWAITING = """
CREATE INDEX remedy_awaiting ON remedy (screening_id, requested_at)
WHERE state = 'AWAITING_APPROVAL'"""


def upgrade() -> None:
    op.execute(_STATES.format(states="'AWAITING_APPROVAL', 'REQUESTED', 'GIVEN', 'DECLINED'"))
    op.execute(_COLUMNS)
    op.execute(_AWAITING)


def downgrade() -> None:
    op.execute("DROP INDEX remedy_awaiting")
    op.execute("DELETE FROM remedy WHERE state IN ('AWAITING_APPROVAL', 'DECLINED')")
    op.execute("ALTER TABLE remedy DROP COLUMN cause, DROP COLUMN origin,"
               " DROP COLUMN form_reference")  # fmt: skip
    op.execute(_STATES.format(states="'REQUESTED', 'GIVEN'"))
