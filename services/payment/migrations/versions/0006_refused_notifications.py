"""Who sent notifications that were refused, by the minute."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE refused_notification (
            minute timestamptz NOT NULL,
            peer text NOT NULL,
            outcome text NOT NULL CHECK (outcome IN ('FORGED', 'TOO_LARGE')),
            count bigint NOT NULL CHECK (count > 0),
            CONSTRAINT refused_notification_pkey PRIMARY KEY (minute, peer, outcome)
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE refused_notification")
