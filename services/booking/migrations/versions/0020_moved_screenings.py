"""Screenings that go to another hall: where each order's seats are then, and what became of all."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# What was sold stays as it was sold; this says where it is. Without seats there were none for it.
_MOVED = "ALTER TABLE customer_order ADD COLUMN moved json"
_SALES_STATE = """
ALTER TABLE screening_board DROP CONSTRAINT screening_board_sales_state_check,
    ADD CONSTRAINT screening_board_sales_state_check
        CHECK (sales_state IN ('ON_SALE', 'STOPPED', 'MOVING'))"""
# One row for each time that seats were moved; `version` is the screening's.
_MOVE = """
CREATE TABLE screening_move (
    screening_id uuid NOT NULL,
    version bigint NOT NULL,
    old_seat_plan_id uuid NOT NULL,
    seat_plan_id uuid NOT NULL,
    hall_id text NOT NULL,
    hall_name text NOT NULL,
    moved_at timestamptz NOT NULL,
    same_orders integer NOT NULL CHECK (same_orders >= 0),
    other_orders integer NOT NULL CHECK (other_orders >= 0),
    unseated text[] NOT NULL,
    released_holds integer NOT NULL CHECK (released_holds >= 0),
    CONSTRAINT screening_move_pkey PRIMARY KEY (screening_id, version)
)"""


def upgrade() -> None:
    op.execute(_MOVED)
    op.execute(_SALES_STATE)
    op.execute(
        "CREATE INDEX screening_board_moving ON screening_board (screening_id)"
        " WHERE sales_state = 'MOVING'"
    )
    op.execute(_MOVE)


def downgrade() -> None:
    op.execute("DROP TABLE screening_move")
    op.execute("DROP INDEX screening_board_moving")
    op.execute("UPDATE screening_board SET sales_state = 'STOPPED' WHERE sales_state = 'MOVING'")
    op.execute(
        "ALTER TABLE screening_board DROP CONSTRAINT screening_board_sales_state_check,"
        " ADD CONSTRAINT screening_board_sales_state_check"
        " CHECK (sales_state IN ('ON_SALE', 'STOPPED'))"
    )
    op.execute("ALTER TABLE customer_order DROP COLUMN moved")
