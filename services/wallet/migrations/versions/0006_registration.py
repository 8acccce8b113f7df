"""Nominative cards, printed cards of partners, and places that get a later date."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_STATES = """
ALTER TABLE card
    DROP CONSTRAINT card_state_check,
    ADD CONSTRAINT card_state_check CHECK (state IN ({states})),
    DROP CONSTRAINT card_owner,
    ADD CONSTRAINT card_owner CHECK (
        (account_id IS NULL) = (register_time IS NULL)
        AND (state NOT IN ('ISSUED', 'PRINTED') OR account_id IS NULL)
        AND (state <> 'REGISTERED' OR account_id IS NOT NULL))"""
_KINDS = """
ALTER TABLE place_entry
    DROP CONSTRAINT place_entry_kind_check,
    ADD CONSTRAINT place_entry_kind_check CHECK (
        kind IN ('ISSUE', 'RESERVE', 'CAPTURE', 'RELEASE', 'RESTORE', 'GRACE'{kinds})),
    DROP CONSTRAINT place_entry_leg,
    ADD CONSTRAINT place_entry_leg CHECK (
        (kind IN ('ISSUE'{kinds})) = (order_id IS NULL) AND (order_id IS NULL) = (seat_id IS NULL)
        AND (order_id IS NULL) = (leg IS NULL) AND (order_id IS NULL) = (attempt IS NULL))"""


def upgrade() -> None:
    op.execute(
        "ALTER TABLE card ADD COLUMN surname_hash bytea CHECK (octet_length(surname_hash) = 32)"
    )
    op.execute("ALTER TABLE card_batch ADD COLUMN partner text NOT NULL DEFAULT ''")
    op.execute(_STATES.format(states="'ISSUED', 'REGISTERED', 'VOID', 'PRINTED'"))
    op.execute(_KINDS.format(kinds=", 'EXTEND'"))
    op.execute(
        "CREATE INDEX card_batch_partner ON card_batch (partner, issue_time DESC)"
        " WHERE partner <> ''"
    )
    op.execute("CREATE INDEX card_batch_id ON card (batch_id)")


def downgrade() -> None:
    op.execute("DELETE FROM place_entry WHERE kind = 'EXTEND'")
    op.execute("UPDATE card SET state = 'VOID' WHERE state = 'PRINTED'")
    op.execute(_KINDS.format(kinds=""))
    op.execute(_STATES.format(states="'ISSUED', 'REGISTERED', 'VOID'"))
    op.execute("DROP INDEX card_batch_partner, card_batch_id")
    op.execute("ALTER TABLE card_batch DROP COLUMN partner")
    op.execute("ALTER TABLE card DROP COLUMN surname_hash")
