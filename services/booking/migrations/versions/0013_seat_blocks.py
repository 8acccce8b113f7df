"""Seats that staff keep out of sale, with the reason."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# A seat's claim says that it is blocked; a row here says by whom and why, also when it no longer is.
_SEAT_BLOCK = """
CREATE TABLE seat_block (
    screening_id uuid NOT NULL,
    id uuid NOT NULL,
    seat_id text NOT NULL,
    seat_index integer NOT NULL CHECK (seat_index >= 0),
    reason text NOT NULL CHECK (reason <> ''),
    blocked_by text NOT NULL,
    blocked_at timestamptz NOT NULL,
    request_id text NOT NULL,
    unblocked_by text,
    unblocked_at timestamptz,
    CONSTRAINT seat_block_pkey PRIMARY KEY (screening_id, id),
    CONSTRAINT seat_block_end CHECK ((unblocked_by IS NULL) = (unblocked_at IS NULL))
)"""


def upgrade() -> None:
    op.execute(_SEAT_BLOCK)
    op.execute(
        "CREATE UNIQUE INDEX seat_block_seat ON seat_block (screening_id, seat_id)"
        " WHERE unblocked_at IS NULL"
    )


def downgrade() -> None:
    op.execute("DROP TABLE seat_block")
